//! What came of the write, told by reads alone.
//!
//! An endpoint that shows the new states has seen the write. One that shows the old states has not seen it *yet*: ARC
//! says how it propagates a change (to a quorum of five regions) and not how fast. So the new states need two
//! endpoints, and the old ones two endpoints and time besides; see ADR 0006. Only reads that were begun after the
//! write's end count. Where neither comes together, it is uncertain, and the model goes on reading.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;

use super::error::refusal;
use super::scene::{Attempts, Finding, Looks, Scene};
use super::write::Gone;
use crate::estate::Region;
use crate::event::{FlipEnd, Refusal};

/// Endpoints that must agree.
const AGREE: usize = 2;
/// How long after the write's end the old states are believed where the endpoint that took the write shows them, too:
/// it cannot lag behind itself.
const OLD_AFTER: Duration = Duration::from_secs(1);
/// The same where that endpoint cannot be read: longer than any lag.
const OLD_AFTER_LAG: Duration = Duration::from_secs(3);
/// How long a write that was not refused is looked for here, before the model goes on looking.
const LOOK_FOR: Duration = Duration::from_secs(1);
/// How long one that was refused is.
const LOOK_FOR_REFUSED: Duration = Duration::from_secs(4);
/// Between two reads of one endpoint.
const PAUSE: Duration = Duration::from_millis(150);

/// How a flip ends that has sent its write. Not among them: that somebody else moved a control.
pub(super) enum Told {
    Applied(Region),
    Refused(Refusal),
    Uncertain,
}

impl From<Told> for FlipEnd {
    fn from(told: Told) -> Self {
        match told {
            Told::Applied(endpoint) => FlipEnd::Applied { endpoint },
            Told::Refused(refusal) => FlipEnd::Refused(refusal),
            Told::Uncertain => FlipEnd::Uncertain,
        }
    }
}

/// What one endpoint has shown since the write's end.
struct Sight {
    /// Whether it has shown the new states at any time.
    new: bool,
    /// Whether it has shown anything but the old or the new states at any time.
    mixed: bool,
    /// How long after the write's end its last read of the old states was begun.
    old: Option<Duration>,
    took: Duration,
    /// Its last answer, in words.
    said: String,
}

/// Reads until it is known what came of the write, or for a while.
pub(super) async fn settle(scene: &Scene<'_>, gone: Gone, attempts: &mut Attempts) -> Told {
    let Err(trouble) = gone.answer else { return Told::Applied(gone.to) };
    let refused = refusal(&trouble);
    let look_for = if refused.is_some() { LOOK_FOR_REFUSED } else { LOOK_FOR };
    let until = scene.until().min(gone.ended + look_for);
    let mut sights: BTreeMap<&Region, Sight> = BTreeMap::new();
    let mut looks: Looks<'_> = scene.cluster.endpoints.iter().map(|e| scene.look(e, Duration::ZERO)).collect();
    let mut told = Told::Uncertain;
    while let Ok(Some(look)) = tokio::time::timeout_at(until, looks.next()).await {
        let sight = sights.entry(&look.endpoint.region).or_insert_with(Sight::none);
        sight.took = look.took;
        match look.answer.map(|states| scene.judge(&states)) {
            Ok(finding) => sight.see(&finding, look.began.saturating_duration_since(gone.ended)),
            Err(e) => sight.said = format!("read: {}", e.trouble),
        }
        if shown_new(&sights) {
            told = Told::Applied(gone.to);
            break;
        }
        if let Some(refusal) = refused.as_ref().filter(|_| shown_old(&sights, &gone.to)) {
            told = Told::Refused(refusal.clone());
            break;
        }
        looks.push(scene.look(look.endpoint, PAUSE));
    }
    for (region, sight) in sights {
        attempts.note(region, sight.took, sight.said);
    }
    told
}

fn shown_new(sights: &BTreeMap<&Region, Sight>) -> bool {
    sights.values().filter(|s| s.new).count() >= AGREE
}

fn shown_old(sights: &BTreeMap<&Region, Sight>, writer: &Region) -> bool {
    let late = |after: Duration| sights.values().filter(move |s| s.old.is_some_and(|old| old >= after)).count();
    let by_writer = sights.get(writer).is_some_and(|s| s.old.is_some_and(|old| old >= OLD_AFTER));
    let agreed = if by_writer { late(OLD_AFTER) } else { late(OLD_AFTER_LAG) };
    agreed >= AGREE && !sights.values().any(|s| s.new || s.mixed)
}

impl Sight {
    fn none() -> Self {
        Self { new: false, mixed: false, old: None, took: Duration::ZERO, said: String::new() }
    }

    /// Takes a read in that was begun so long after the write's end.
    fn see(&mut self, finding: &Finding, after: Duration) {
        let states = match finding {
            Finding::New => {
                self.new = true;
                "the new states are in force"
            }
            Finding::Old => {
                self.old = Some(after);
                "still the old states"
            }
            Finding::Mixed => {
                self.mixed = true;
                "neither the old states nor the new"
            }
        };
        self.said = format!("read {:.1} s after the write: {states}", after.as_secs_f64());
    }
}
