//! Records on their way to the journal. A decision or observation counts once the journal has taken it, and not before.
//! So every console that reads the journal reaches the same state, and a full disk takes nothing with it.

use super::lifecycle::Pending;
use super::{Model, Severity};
use crate::change::{Change, Digest, State, Untrue, gate};
use crate::effect::{Effect, EffectId, Publication};
use crate::event::{FlipEnd, FlipOutcome, SourceId};
use crate::record::{Kept, Record, Tried};
use crate::time::Stamp;

impl Model {
    pub(crate) fn effect(&mut self, pending: Option<Pending>, make: impl FnOnce(EffectId) -> Effect) {
        let id = EffectId(self.next_effect);
        self.next_effect += 1;
        if let Some(pending) = pending {
            self.pending.insert(id, pending);
        }
        self.out.push(make(id));
    }

    /// Asks for a record to be kept, and takes it in once it is. A console that looks on keeps nothing, and takes it in
    /// at once.
    pub(crate) fn keep(&mut self, record: Record) {
        self.keep_first(record);
    }

    /// The same; whether it is on its way because of this: not where it was already, and not where the journal has just
    /// answered that it takes no such record, and has said nothing new since.
    pub(crate) fn keep_first(&mut self, record: Record) -> bool {
        if self.read_only.is_some() {
            let kept = Kept { at: self.now, boot: self.boot.clone(), record };
            drop(self.take_in_telling(&kept));
            self.unkept(&kept.record);
            return true;
        }
        // The same observation is on its way already.
        let once = record.once();
        if self.vain.iter().any(|(vain, line)| *line == self.anchor.line && *vain == record) {
            return false;
        }
        let same = |p: &Pending| matches!(p, Pending::Kept(other, _) if other.once() == once);
        if once.is_some() && self.pending.values().any(same) {
            return false;
        }
        self.effect(Some(Pending::Kept(Box::new(record.clone()), self.now)), |id| Effect::Record(id, record));
        true
    }

    /// Whether something that was asked for here has no answer yet, from a person's key or from the journal.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.pending.values().any(|p| matches!(p, Pending::Kept(..) | Pending::Deed(..) | Pending::Points(_)))
    }

    /// Whether a record is on its way to the journal.
    #[must_use]
    pub fn waits_for_the_journal(&self) -> bool {
        self.pending.values().any(|p| matches!(p, Pending::Kept(..)))
    }

    /// Whether something that was sent has no outcome yet, or may be sent by what the journal is keeping.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        let between_calls = |c: &Change| c.state == State::Executing && c.calls > 0;
        self.sent_here.iter().any(|d| self.changes.get(d).is_some_and(between_calls))
            || self.pending.values().any(|p| match p {
                Pending::Flip(_) | Pending::Launch(_) => true,
                Pending::Kept(record, _) => matches!(**record, Record::Intent { .. }),
                Pending::Deed(..) | Pending::Points(_) | Pending::ReadBack(_) => false,
            })
    }

    /// Folds a record and reports it in the timeline, even if it proves nothing.
    pub(crate) fn take_in(&mut self, kept: &Kept) {
        match self.fold(kept) {
            Ok(news) => {
                self.follow_session(kept);
                self.follow_news(kept, news);
                self.tell(kept);
            }
            Err(Untrue::Foreign | Untrue::Older) => {}
            Err(Untrue::Unproven(why)) => self.tell_unproven(kept, &why),
        }
    }

    /// Takes in what a record says of clocks, regions and controls.
    pub(crate) fn follow_records(&mut self, kept: &Kept) {
        self.follow_clocks(kept);
        self.follow_region_records(kept);
        self.follow_control_records(kept);
    }

    /// The same, of a record that brought its change into another state.
    pub(crate) fn follow_news(&mut self, kept: &Kept, news: bool) {
        self.follow_records(kept);
        let ends = matches!(&kept.record, Record::Settled { .. } | Record::Outcome { .. } | Record::Called { .. });
        if let (true, Some(change)) = (news && ends, kept.record.change()) {
            self.left_by(&change);
        }
    }

    /// Folds a record into its change, and says whether that brought it into another state: one that is told again does
    /// nothing.
    pub(crate) fn fold(&mut self, kept: &Kept) -> Result<bool, Untrue> {
        let (estate, binding) = (self.estate.clone(), self.binding.clone());
        let state = |model: &Self| model.changes.get(&kept.record.change()?).map(|c| c.state.clone());
        let before = state(self);
        self.changes.apply(&estate, &binding, kept, kept.moment().here(&self.boot, self.now))?;
        self.proved(kept);
        Ok(state(self) != before)
    }

    /// The journal has a record of ours: it counts, and what waits for it goes on.
    pub(crate) fn recorded(&mut self, id: EffectId) {
        let Some(Pending::Kept(record, at)) = self.pending.remove(&id) else { return };
        let kept = Kept { at, boot: self.boot.clone(), record: *record };
        let notice = self.take_in_telling(&kept);
        self.out.extend(notice.map(Effect::Notify));
        match kept.record {
            Record::Proposed { change, text, signature } => {
                let estate = self.binding.text().to_owned();
                self.out.push(Effect::Publish(Publication { change, text, signature, estate }));
            }
            Record::Intent { change, .. } => self.intent_kept(change, at),
            Record::Outcome { change, .. } => self.outcome_kept(&change),
            Record::Called { change, .. } => self.call_kept(&change, at),
            _ => {}
        }
    }

    /// The journal had it from another program, and so have we: taken in once more it changes nothing.
    pub(crate) fn already(&mut self, id: EffectId) {
        let Some(Pending::Kept(record, at)) = self.pending.remove(&id) else { return };
        match *record {
            Record::MovedElsewhere { control, .. } => drop(self.strange.remove(&control)),
            record => {
                let kept = Kept { at, boot: self.boot.clone(), record };
                // It was seen here as well: that counts, whatever the other line came to.
                drop(self.fold(&kept));
                self.follow_records(&kept);
                self.was_in_vain(kept.record);
            }
        }
    }

    /// What was seen of a change is seen again in every turn, until it is folded. What the journal did not take is not
    /// asked of it again before it says something new: nobody waits for ever, and nothing is asked without end.
    fn was_in_vain(&mut self, record: Record) {
        let line = self.anchor.line;
        self.vain.retain(|(_, at)| *at == line);
        if record.is_observed() && record.change().is_some() {
            self.vain.push((record, line));
        }
    }

    /// Another change was sent since this intent was decided. It has been heard by now, so that the gate decides again.
    pub(crate) fn overtaken(&mut self, id: EffectId) {
        let Some(Pending::Kept(record, _)) = self.pending.get(&id) else { return };
        match self.gate(|w| gate::stands(w, record)) {
            Ok(()) => {
                let record = (**record).clone();
                self.pending.remove(&id);
                self.keep(record);
            }
            Err(why) => self.lost(id, &why),
        }
    }

    /// Somebody else was first: their outcome will come from the journal, and shows what happened.
    pub(crate) fn lost(&mut self, id: EffectId, why: &str) {
        let Some(Pending::Kept(record, _)) = self.pending.remove(&id) else { return };
        match *record {
            Record::Intent { change, by, .. } => {
                let why = crate::words::key_lost(why);
                self.refuse(Some(&by), why.clone());
                self.keep(Record::SecondKeyRefused { change, by, why });
            }
            Record::Rejected { change, by, .. } => self.refused(Some(change), &by, Tried::Reject, why.to_owned()),
            Record::Withdrawn { change, by, .. } => self.refused(Some(change), &by, Tried::Withdraw, why.to_owned()),
            Record::Approved { change, via, signature, .. } => {
                let (why, of) = (why.to_owned(), Some(Digest::of(signature.trim())));
                self.refuse(None, crate::words::signature_lost(&why));
                self.keep(Record::ApprovalRefused { change: Some(change), via, why, of });
            }
            Record::SessionStarted { by, .. } => self.refused(None, &by, Tried::Begin, why.to_owned()),
            Record::SessionEnded { by, .. } => self.refused(None, &by, Tried::End, why.to_owned()),
            // It was seen to be over, and had begun: what came of it is heard.
            record => self.was_in_vain(record),
        }
    }

    /// The journal did not take a record. What somebody wanted has not happened; what was observed has.
    pub(crate) fn record_failed(&mut self, id: EffectId, why: &str) {
        let Some(Pending::Kept(record, at)) = self.pending.remove(&id) else { return };
        let by = record.by().cloned();
        let kept = Kept { at, boot: self.boot.clone(), record: *record };
        if kept.record.is_observed() {
            let notice = self.take_in_telling(&kept);
            self.out.extend(notice.map(Effect::Notify));
            self.unkept(&kept.record);
            match &kept.record {
                Record::Outcome { change, .. } => self.outcome_kept(change),
                Record::Called { change, .. } => self.call_unkept(change),
                _ => {}
            }
        }
        let text = crate::words::unkept(&kept.record, why);
        self.journal_failed = Some(self.now);
        self.refuse(by.as_ref(), text.clone());
        self.note(None, "journal", Severity::Bad, text);
    }

    fn intent_kept(&mut self, digest: Digest, asked: Stamp) {
        let executing = |c: &&Change| c.state == State::Executing;
        let Some(change) = self.changes.get(&digest).filter(executing) else { return };
        // A disk that hung for minutes must not move traffic minutes after somebody turned the key.
        self.figures_due.insert(digest, asked);
        if self.now.since(asked) > self.estate.policy.second_key_within {
            let outcome = FlipOutcome { end: FlipEnd::TooLate, attempts: Vec::new() };
            return self.keep(Record::Outcome { change: digest, outcome });
        }
        if let Some(launch) = change.text.launch().cloned() {
            let region = change.text.receiving.clone();
            self.sent_here.insert(digest);
            return self.send_launch(digest, region, launch);
        }
        self.sent_here.insert(digest);
        for endpoint in self.levers.endpoints.keys().cloned().collect::<Vec<_>>() {
            if self.levers.endpoints.get(&endpoint).is_some_and(|view| view.is_fresh(self.now)) {
                self.see_old(&endpoint);
            }
        }
        self.send_call(digest);
    }

    pub(super) fn outcome_kept(&mut self, digest: &Digest) {
        if self.changes.get(digest).is_some_and(|c| c.state.is_running()) {
            self.read_back_change(digest, None);
            // Everybody waits for the result of a flip: ask now, not at the next poll.
            let resolvers = self.estate.resolvers.iter().map(|r| SourceId::Dns(r.name.clone()));
            let endpoints = self.estate.cluster.endpoints.iter().map(|e| SourceId::Arc(e.region.clone()));
            self.out.extend(endpoints.chain(resolvers).map(Effect::Hurry).collect::<Vec<_>>());
        }
    }
}
