//! What reads say about a change that was sent.
//!
//! That it is in force can be seen. That it did not happen shows only as not being seen, and a lagging endpoint does
//! not see it either. So few endpoints confirm the one, and soon (ADR 0003); several confirm the other, later (ADR
//! 0006).

use super::Model;
use super::lifecycle::Pending;
use crate::change::{Change, Flip, State};
use crate::estate::{ControlState, Region};
use crate::event::{FlipEnd, STALE};
use crate::record::Record;
use crate::time::Span;

/// The same of a change that an endpoint confirmed: that it is not in force then means that somebody took it back.
const TAKEN_BACK_AFTER: Span = Span::from_secs(60);
/// A read is given up after this long: what is heard later than that was begun later.
const LONGEST_READ: Span = Span::from_secs(2);
/// How long other endpoints may take to show a change before the one that shows it is believed alone.
const ALONE_AFTER: Span = Span::from_millis(250);
/// How soon endpoints are read again that have not shown a change yet.
const READ_AGAIN_AFTER: Span = Span::from_millis(100);
/// The same if some have not answered at all: those that have do not wait for those that hang.
const READ_PAST_AFTER: Span = Span::from_millis(500);
/// Endpoints that must agree; of those that show a change, the one that took the write does not count.
const AGREE: usize = 2;

/// What the endpoints have shown since a change's end.
#[derive(Default)]
struct Shown {
    /// They show the new states.
    new: Vec<Region>,
    /// They show the old states.
    old: usize,
    /// They do, in a read that was begun late enough to say that it did not happen.
    old_late: usize,
    /// They show neither.
    other: usize,
}

impl Model {
    /// What the reads say about a change that is applied or uncertain: settled, or read again (inner none), or nothing
    /// yet.
    pub(super) fn settle(&self, change: &Change) -> Option<Option<Record>> {
        if change.state == State::Executing {
            return None;
        }
        let reading = self.pending.values().any(|p| matches!(p, Pending::ReadBack(_)));
        let shown = self.shown_since(change);
        let settled = |done, endpoints| Some(Some(Record::Settled { change: change.digest, done, endpoints }));
        let agreed = match change.outcome.as_ref().map(|o| &o.end) {
            Some(FlipEnd::Applied { endpoint }) => shown.new.iter().filter(|r| *r != endpoint).count() >= AGREE,
            // Nobody knows which endpoint took the write. With one more, at least two are others.
            _ => shown.new.len() > AGREE,
        };
        // One endpoint will do when no other speaks, for a moment or because all have failed: AWS promises three of
        // five, not five.
        let all_asked = !reading && self.read_back_at.mono >= change.surely.mono;
        let moment_over = self.now.since(change.surely) > ALONE_AFTER;
        let alone = !shown.new.is_empty() && shown.old + shown.other == 0 && (all_asked || moment_over);
        if agreed || alone {
            settled(true, shown.new)
        } else if shown.old_late >= AGREE && shown.new.is_empty() && shown.other == 0 {
            settled(false, Vec::new())
        } else if self.now.since(self.read_back_at) > if reading { READ_PAST_AFTER } else { READ_AGAIN_AFTER } {
            Some(None)
        } else {
            None
        }
    }

    fn shown_since(&self, change: &Change) -> Shown {
        let mut shown = Shown::default();
        let late = match change.outcome.as_ref().map(|o| &o.end) {
            Some(FlipEnd::Applied { .. }) => TAKEN_BACK_AFTER,
            _ => STALE,
        };
        let late = self.in_life(late + LONGEST_READ);
        for (region, view) in &self.levers.endpoints {
            if view.heard.mono <= change.surely.mono || !view.is_fresh(self.now) {
                continue;
            }
            let all = |want: fn(&Flip) -> ControlState| {
                change.text.flips().iter().all(|f| view.value.states.get(&f.arn) == Some(&want(f)))
            };
            if all(|f| f.to) {
                shown.new.push(region.clone());
            } else if all(|f| f.from) {
                shown.old += 1;
                shown.old_late += usize::from(view.heard.since(change.surely) > late);
            } else {
                shown.other += 1;
            }
        }
        shown
    }
}
