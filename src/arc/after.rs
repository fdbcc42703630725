//! What the write did, judged by reads alone.
//!
//! Only reads that began after the write's end count; [`sights`](super::sights) says what they prove. If they prove
//! nothing, the result is uncertain, and the model goes on reading.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;

use super::scene::{Attempts, Looks, Scene};
use super::sights::Sights;
use super::write::{Answer, Gone, Write};
use crate::estate::Region;
use crate::event::{FlipEnd, Refusal};

/// Between two reads of one endpoint.
const PAUSE: Duration = Duration::from_millis(150);

/// How a flip ends that has sent its write. Not among them: that somebody else moved a control.
pub(super) enum Told {
    Applied(Region),
    /// ARC said no to what it was sent: no proof that it did nothing.
    Denied(Refusal),
    Uncertain,
}

impl From<Told> for FlipEnd {
    fn from(told: Told) -> Self {
        match told {
            Told::Applied(endpoint) => FlipEnd::Applied { endpoint },
            Told::Denied(refusal) => FlipEnd::Denied(refusal),
            Told::Uncertain => FlipEnd::Uncertain,
        }
    }
}

/// Reads until it is known what came of a write, or for a while. Only after an endpoint's failure of the first is it
/// waited for old states to prove that nothing happened: then another endpoint may have the second.
///
/// # Errors
/// The proof that it did nothing, after an endpoint's failure.
pub(super) async fn settle<W: Write>(
    scene: &Scene<'_>,
    gone: Gone<W>,
    old: &BTreeSet<Region>,
    attempts: &mut Attempts,
) -> Result<Told, W::Undone> {
    let patience = scene.cluster.patience;
    let mut sights = Sights::since(&gone, old, patience.stale);
    let Gone { to, ended, mut answer } = gone;
    let look_for = match &answer {
        Answer::Done => return Ok(Told::Applied(to)),
        // The last read begins when no other can be stale any more, and takes its time.
        Answer::Failed(_) if W::MAY_GO_AGAIN => patience.stale + PAUSE + patience.read,
        Answer::Refused(_) | Answer::Failed(_) | Answer::Unclear(_) => patience.look,
    };
    let until = scene.until().min(ended + look_for);
    let mut looks: Looks<'_> = scene.cluster.endpoints.iter().map(|e| scene.look(e, Duration::ZERO)).collect();
    let told = loop {
        let Ok(Some(look)) = tokio::time::timeout_at(until, looks.next()).await else {
            break Ok(match answer {
                Answer::Refused(refusal) => Told::Denied(refusal),
                Answer::Failed(failed) => Told::Denied(failed.refusal()),
                Answer::Done | Answer::Unclear(_) => Told::Uncertain,
            });
        };
        let endpoint = look.endpoint;
        sights.take(scene, look);
        if sights.shown_new() {
            break Ok(Told::Applied(to));
        }
        answer = match answer {
            Answer::Failed(failed) => match W::undone(failed, &sights) {
                Ok(undone) => break Err(undone),
                Err(failed) => Answer::Failed(failed),
            },
            other => other,
        };
        looks.push(scene.look(endpoint, PAUSE));
    };
    sights.note(attempts);
    told
}
