//! What the endpoints have shown since a write ended, and what that proves.
//!
//! An endpoint that shows the new states has seen the write. One that shows the old states has not seen it *yet*: ARC
//! documents that it propagates a change to a quorum of five regions, but not how fast; what is in between may keep an
//! answer, also of the endpoint that took the write. So two endpoints confirm the new states; the old ones need two
//! endpoints other than that one, and time. The new states may be old ones as well: controls that were in them a moment
//! ago. So they count from an endpoint that has shown the old ones, or late. See ADR 0006.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::scene::{Attempts, Finding, Look, Scene};
use super::write::{Failed, First, Gone};
use crate::estate::Region;
use crate::event::{AGREE, Refusal};

/// What the endpoints have shown since one write's end.
pub(super) struct Sights<'a> {
    writer: Region,
    ended: Instant,
    stale: Duration,
    /// Endpoints that have shown the old states, before the write or since.
    old: BTreeSet<Region>,
    of: BTreeMap<&'a Region, Sight>,
}

/// The proof that the first write did nothing and will do nothing. Only [`Sights::undone`] makes it.
pub(super) struct Undone(Failed<First>);

impl Undone {
    pub(super) fn into_failed(self) -> Failed<First> {
        self.0
    }

    /// How the change ends if this was all.
    pub(super) fn refusal(&self) -> Refusal {
        self.0.refusal()
    }
}

/// What one endpoint has shown since the write's end.
struct Sight {
    /// Whether it has shown the new states at any time.
    new: bool,
    /// Whether it has in a read that cannot be older than the write.
    news: bool,
    /// Whether it has shown anything but the old or the new states at any time.
    mixed: bool,
    /// How long after the write's end its last read of the old states was begun.
    old: Option<Duration>,
    took: Duration,
    /// Its last answer, in words.
    said: String,
}

impl<'a> Sights<'a> {
    pub(super) fn since<W>(gone: &Gone<W>, old: &BTreeSet<Region>, stale: Duration) -> Self {
        Self { writer: gone.to.clone(), ended: gone.ended, stale, old: old.clone(), of: BTreeMap::new() }
    }

    /// Takes a read in. One that was begun before the write's end says nothing of it.
    pub(super) fn take(&mut self, scene: &Scene<'_>, look: Look<'a>) {
        let Some(after) = look.began.checked_duration_since(self.ended) else { return };
        let sight = self.of.entry(&look.endpoint.region).or_insert_with(Sight::none);
        sight.took = look.took;
        match look.answer.map(|states| scene.judge(&states)) {
            Ok(finding) => {
                let region = &look.endpoint.region;
                if finding == Finding::Old {
                    self.old.insert(region.clone());
                }
                let news = self.old.contains(region) || after >= self.stale;
                sight.see(&finding, after, news);
            }
            Err(e) => sight.said = format!("read: {}", e.trouble),
        }
    }

    /// Whether the write is in force.
    pub(super) fn shown_new(&self) -> bool {
        self.of.values().filter(|s| s.news).count() >= AGREE
    }

    /// The proof that nothing has happened, if it is one: endpoints other than the one that failed must show it.
    ///
    /// # Errors
    /// What failed, where it is not settled.
    pub(super) fn undone(&self, failed: Failed<First>) -> Result<Undone, Failed<First>> {
        if self.old_late() { Ok(Undone(failed)) } else { Err(failed) }
    }

    /// Whether enough other endpoints have shown the old states late enough, and no endpoint anything else.
    fn old_late(&self) -> bool {
        let late = |s: &Sight| s.old.is_some_and(|old| old >= self.stale);
        let agreed = self.of.iter().filter(|(region, s)| **region != &self.writer && late(s)).count();
        agreed >= AGREE && !self.of.values().any(|s| s.new || s.mixed)
    }

    /// Writes down what each endpoint said last.
    pub(super) fn note(self, attempts: &mut Attempts) {
        for (region, sight) in self.of {
            attempts.note(region, sight.took, sight.said);
        }
    }
}

impl Sight {
    fn none() -> Self {
        Self { new: false, news: false, mixed: false, old: None, took: Duration::ZERO, said: String::new() }
    }

    /// Takes a read in that was begun so long after the write's end; whether new states in it are news.
    fn see(&mut self, finding: &Finding, after: Duration, news: bool) {
        let states = match finding {
            Finding::New => {
                self.new = true;
                self.news |= news;
                if news { "the new states are in force" } else { "the new states, which may be from before" }
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
