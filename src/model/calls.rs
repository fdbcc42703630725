//! A change that takes several calls: the next is sent once the journal has what came of the one before, the endpoints show
//! it, and no wait period of a safety rule runs.

use super::Model;
use super::lifecycle::Pending;
use crate::change::batches::{self, overrides_of, pause};
use crate::change::{Change, Digest, Flip, State};
use crate::effect::{Effect, FlipOrder};
use crate::event::{AGREE, FlipEnd, FlipOutcome};
use crate::record::Record;
use crate::time::{Span, Stamp};

/// How long endpoints may take to show a call before the next is given up.
const SHOWN_WITHIN: Span = Span::from_secs(20);
/// How long other endpoints may be silent before those that show a call are believed alone.
const ALONE_AFTER: Span = Span::from_secs(2);
/// How soon endpoints are read again.
const READ_AGAIN_AFTER: Span = Span::from_millis(500);

impl Model {
    /// Sends the next call of a change that is being carried out.
    pub(super) fn send_call(&mut self, digest: Digest) {
        let Some(change) = self.changes.get(&digest).filter(|c| c.state == State::Executing) else { return };
        let calls = batches::batches(change.text.flips());
        let Some(batch) = calls.get(change.calls) else { return };
        // What the journal says again, or what somebody else wrote into it, sends nothing a second time.
        if self.calls_sent.get(&digest).is_some_and(|sent| *sent > change.calls) {
            return;
        }
        let overrides: Vec<_> = change.text.overrides().iter().map(|o| o.arn.clone()).collect();
        let overrides = match calls.len() {
            1 => overrides,
            _ => overrides_of(&self.estate, batch, &overrides),
        };
        let holds = calls.iter().take(change.calls).flatten().cloned().collect();
        self.calls_sent.insert(digest, change.calls + 1);
        let order = FlipOrder { change: digest, flips: batch.clone(), holds, overrides };
        self.effect(Some(Pending::Flip(digest)), |id| Effect::Flip(id, order));
    }

    /// What is kept of a call that ended so.
    pub(super) fn called(&self, change: Digest, outcome: FlipOutcome) -> Record {
        match self.changes.get(&change).map(|c| (c.calls + 1, c.of_calls())) {
            Some((call, of)) if of > 1 => Record::Called { change, call, of, outcome },
            _ => Record::Outcome { change, outcome },
        }
    }

    /// The journal has what came of a call, which was asked for then.
    pub(super) fn call_kept(&mut self, digest: &Digest, asked: Stamp) {
        let goes_on = self.changes.get(digest).is_some_and(|c| c.state == State::Executing);
        if !goes_on {
            return self.outcome_kept(digest);
        }
        // A disk that hung for minutes must not move traffic minutes after somebody turned the key.
        if self.now.since(asked) > self.estate.policy.second_key_within {
            return self.stop_calls(*digest, FlipEnd::TooLate);
        }
        self.read_back_change(digest, None);
    }

    /// The journal did not take what came of a call: without it no next one is sent.
    pub(super) fn call_unkept(&mut self, digest: &Digest) {
        match self.changes.get(digest).map(|c| c.state == State::Executing) {
            Some(true) => self.stop_calls(*digest, FlipEnd::TooLate),
            _ => self.outcome_kept(digest),
        }
    }

    fn stop_calls(&mut self, digest: Digest, end: FlipEnd) {
        let record = self.called(digest, FlipOutcome { end, attempts: Vec::new() });
        self.keep(record);
    }

    /// Whether a program that sends a change may be silent for longer than a call takes: it waits for a rule.
    pub(super) fn longest_pause(&self, change: &Change) -> Span {
        let waits = self.estate.safety_rules.iter().map(|rule| rule.wait_period).max().unwrap_or_default();
        if change.of_calls() > 1 { waits + SHOWN_WITHIN } else { Span::ZERO }
    }

    /// Sends the next calls of what this program has begun, as soon as they may be sent.
    pub(super) fn follow_calls(&mut self) {
        let ours = |p: &Pending, digest: &Digest| match p {
            Pending::Flip(d) => d == digest,
            Pending::Kept(record, _) => record.change() == Some(*digest),
            _ => false,
        };
        let waits = |c: &&Change| {
            c.state == State::Executing
                && c.calls > 0
                && self.sent_here.contains(&c.digest)
                && !self.pending.values().any(|p| ours(p, &c.digest))
        };
        let waiting: Vec<Change> = self.changes.all().iter().filter(waits).cloned().collect();
        for change in waiting {
            let calls = batches::batches(change.text.flips());
            let Some(batch) = calls.get(change.calls) else { continue };
            let before: Vec<Flip> = calls.iter().take(change.calls).flatten().cloned().collect();
            let waited = self.now.since(change.surely);
            let pause = pause(&self.estate.safety_rules, &before, batch);
            if waited >= pause && self.shows_calls(&change, waited) {
                self.send_call(change.digest);
            } else if waited > pause + self.in_life(SHOWN_WITHIN) {
                let wanted = change.before_call();
                let now = self.levers.agreed(self.now);
                let moved = now.into_iter().filter(|(arn, state)| wanted.get(arn).is_some_and(|want| want != state));
                self.stop_calls(change.digest, FlipEnd::Moved(moved.collect()));
            } else if self.now.since(self.read_back_at) > self.in_life(READ_AGAIN_AFTER) {
                self.read_back_change(&change.digest, None);
            }
        }
    }

    /// Whether endpoints show the calls that were sent, and no more: two of them and the one that took the call, or all
    /// that answer once the others have had their time.
    fn shows_calls(&self, change: &Change, waited: Span) -> bool {
        let wanted = change.before_call();
        let heard =
            |v: &&super::Fresh<super::levers::EndpointView>| v.heard.mono > change.surely.mono && v.is_fresh(self.now);
        let all = |v: &super::Fresh<super::levers::EndpointView>| {
            wanted.iter().all(|(arn, state)| v.value.states.get(arn) == Some(state))
        };
        let views: Vec<bool> = self.levers.endpoints.values().filter(heard).map(all).collect();
        let shown = views.iter().filter(|shown| **shown).count();
        shown > AGREE || (shown > 0 && shown == views.len() && waited > self.in_life(ALONE_AFTER))
    }
}
