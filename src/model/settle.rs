//! What reads say about a change that was sent.
//!
//! That it is in force can be seen, of an endpoint that has shown the old states, or late: controls that were moved a moment
//! ago may be shown where they were before. That it did not happen shows only as not being seen, and a lagging endpoint does
//! not see it either. So few endpoints confirm the one, and soon (ADR 0003); several confirm the other, later (ADR
//! 0006).

use std::collections::{BTreeMap, BTreeSet};

use super::Model;
use super::lifecycle::Pending;
use crate::change::{Change, State};
use crate::estate::{ControlArn, ControlState, Region};
use crate::event::{AGREE, FlipEnd, STALE};
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
    /// They do, in a read that was begun as late.
    other_late: Vec<Region>,
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
            // The one that took the write does not count.
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
        } else if shown.other_late.len() >= AGREE && shown.new.is_empty() && shown.old == 0 {
            // Nothing is under way any more, and no read will ever tell: it must not stand in the way of a failover.
            settled(false, shown.other_late)
        } else if self.now.since(self.read_back_at) > if reading { READ_PAST_AFTER } else { READ_AGAIN_AFTER } {
            Some(None)
        } else {
            None
        }
    }

    /// Remembers of which open changes, and of those under way, an endpoint shows the old states.
    pub(super) fn see_old(&mut self, endpoint: &Region) {
        let Some(view) = self.levers.endpoints.get(endpoint) else { return };
        let live = |c: &&Change| c.state.is_open() || c.state.is_running();
        let shows = |c: &&Change| {
            let flips = c.text.flips();
            let first = flips.iter().all(|f| view.value.states.get(&f.arn) == Some(&f.from));
            let before = || c.before_call().iter().all(|(arn, state)| view.value.states.get(arn) == Some(state));
            !flips.is_empty() && (first || before())
        };
        let changes = self.changes.all().iter().filter(live);
        let now: BTreeSet<_> = changes.clone().map(|c| c.digest).collect();
        let old: Vec<_> = changes.filter(shows).map(|c| c.digest).collect();
        self.old_shown.retain(|digest, _| now.contains(digest));
        for digest in old {
            self.old_shown.entry(digest).or_default().insert(endpoint.clone());
        }
    }

    fn shown_since(&self, change: &Change) -> Shown {
        let mut shown = Shown::default();
        let late = match change.outcome.as_ref().map(|o| &o.end) {
            Some(FlipEnd::Applied { .. }) => TAKEN_BACK_AFTER,
            _ => STALE,
        };
        let late = self.in_life(late + LONGEST_READ);
        // Of a change that takes several calls, those of the one that was sent last.
        let (old, new) = (change.before_call(), change.after_call());
        for (region, view) in &self.levers.endpoints {
            if view.heard.mono <= change.surely.mono || !view.is_fresh(self.now) {
                continue;
            }
            let all = |want: &BTreeMap<ControlArn, ControlState>| {
                want.iter().all(|(arn, state)| view.value.states.get(arn) == Some(state))
            };
            let is_late = view.heard.since(change.surely) > late;
            let was_old = self.old_shown.get(&change.digest).is_some_and(|shown| shown.contains(region));
            if all(&new) && !was_old && !is_late {
                // Controls that were so a moment ago may be shown so still: it says nothing yet.
            } else if all(&new) {
                shown.new.push(region.clone());
            } else if all(&old) {
                shown.old += 1;
                shown.old_late += usize::from(is_late);
            } else {
                shown.other += 1;
                shown.other_late.extend(is_late.then(|| region.clone()));
            }
        }
        shown
    }
}
