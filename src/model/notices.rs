//! Notices for people away from the screen (`[[notify]]`), derived from what happens.
//!
//! The console that made a record sends its notice when the journal has it. So a record that is read back after a
//! restart is never sent, and if two consoles come to the same record, the one that was first on disk sends it. Notices
//! of other consoles only ring here. Readings are in no record: each console that watches reports them, and again after
//! a restart.

use super::Model;
use crate::change::{Change, NotDone, State};
use crate::effect::{Effect, Notice};
use crate::estate::{Occasion, PairName, Side};
use crate::event::{FlipEnd, LaunchEnd};
use crate::hygiene::visible;
use crate::record::{Kept, Record};
use crate::words::{Context, Length, notice, told};

/// How far a change has come, as far as notices report it.
type Progress = Option<(State, usize)>;

impl Model {
    pub(crate) fn wants(&self, on: Occasion) -> bool {
        self.estate.notify.iter().any(|n| n.on.contains(&on))
    }

    fn progress(&self, record: &Record) -> Progress {
        let change = self.changes.get(&record.change()?)?;
        Some((change.state.clone(), change.approvals.len()))
    }

    /// Takes in a record, and gives the notice to send.
    pub(crate) fn take_in_telling(&mut self, kept: &Kept) -> Option<Notice> {
        let before = self.progress(&kept.record);
        self.take_in(kept);
        self.notice(kept, before)
    }

    /// Takes in what other programs appended to the journal.
    pub(crate) fn elsewhere(&mut self, kept: &[Kept]) {
        for k in kept {
            let notice = self.take_in_telling(k);
            self.out.extend(notice.map(|notice| Effect::Notify(Notice { own: false, ..notice })));
        }
    }

    fn notice(&self, kept: &Kept, before: Progress) -> Option<Notice> {
        let record = &kept.record;
        let change = record.change().and_then(|d| self.changes.get(&d));
        let on = occasion(record, change).filter(|on| self.wants(*on))?;
        // A record that changed nothing is one too many: replayed, doubled, or second.
        let refusal = matches!(record, Record::ApprovalRefused { .. });
        if record.change().is_some() && !refusal && self.progress(record) == before {
            return None;
        }
        let (pair, text) = match record {
            Record::Step { pair, .. } => (Some(pair.clone()), self.sentence(pair).text),
            Record::SessionStarted { pair, .. } | Record::SessionEnded { pair, .. } => {
                (Some(pair.clone()), notice(record, &self.estate, change)?)
            }
            Record::MovedElsewhere { control, .. } => {
                (self.pair_of_control(control).cloned(), notice(record, &self.estate, change)?)
            }
            record => (change.map(|c| c.text.pair.clone()), notice(record, &self.estate, change)?),
        };
        let who = told(record, &Context::of(&self.estate, change), Length::Line).who;
        Some(Notice {
            on,
            at: kept.at,
            pair,
            change: record.change(),
            who: visible(&who).into_owned(),
            text: visible(&text).into_owned(),
            own: true,
        })
    }

    /// Tells of regions that become impaired, and of those that have been well again for a while.
    pub(crate) fn follow_impaired(&mut self) {
        if !self.watching || !(self.wants(Occasion::Impaired) || self.wants(Occasion::Recovered)) {
            return;
        }
        let estate = self.estate.clone();
        for pair in &estate.pairs {
            for side in Side::BOTH {
                let key = (pair.name.clone(), side);
                let impaired = self.impaired_since(&pair.name, side).is_some();
                if impaired && self.impaired_told.insert(key.clone()) {
                    self.tell_of_region(Occasion::Impaired, &pair.name, side);
                } else if !impaired && self.impaired_told.remove(&key) {
                    self.tell_of_region(Occasion::Recovered, &pair.name, side);
                }
            }
        }
    }

    fn tell_of_region(&mut self, on: Occasion, pair: &PairName, side: Side) {
        let Some(region) = self.estate.pair(pair).map(|p| p.region(side).to_string()) else { return };
        let text = match on {
            Occasion::Recovered => format!("{region} is no longer impaired. {}", self.sentence(pair).text),
            _ => self.sentence(pair).text,
        };
        let text = visible(&text).into_owned();
        if self.wants(on) {
            let pair = Some(pair.clone());
            let notice = Notice { on, at: self.now, pair, change: None, who: "signalbox".into(), text, own: true };
            self.out.push(Effect::Notify(notice));
        }
    }
}

/// The occasion that a record is reported as, of a change that it was folded into.
fn occasion(record: &Record, change: Option<&Change>) -> Option<Occasion> {
    // Stopped half-way: some of it is in force, and no occasion says less.
    let partly = change.is_some_and(|c| matches!(c.state, State::NotApplied(NotDone::Partly { .. })));
    if partly && record.is_an_end() {
        return Some(Occasion::Uncertain);
    }
    let refused = change.is_some_and(|c| matches!(c.state, State::Refused(_)));
    Some(match record {
        Record::Proposed { .. } => Occasion::Proposed,
        Record::Approved { .. } => Occasion::Approved,
        Record::ApprovalRefused { .. } => Occasion::SignatureRefused,
        Record::Rejected { .. } => Occasion::Rejected,
        Record::Withdrawn { .. } => Occasion::Withdrawn,
        Record::Expired { .. } => Occasion::Expired,
        Record::Voided { .. } | Record::EstateChanged { .. } => Occasion::Void,
        Record::Intent { .. } => Occasion::Executing,
        Record::Called { call, of, outcome, .. } if call < of && matches!(outcome.end, FlipEnd::Applied { .. }) => {
            return None;
        }
        Record::Outcome { outcome, .. } | Record::Called { outcome, .. } => match outcome.end {
            FlipEnd::Applied { .. } => Occasion::Executed,
            FlipEnd::Refused(_) => Occasion::Refused,
            FlipEnd::Moved(_) => Occasion::Void,
            FlipEnd::Denied(_) | FlipEnd::Uncertain => Occasion::Uncertain,
            FlipEnd::Unreachable | FlipEnd::TooLate => Occasion::NotApplied,
        },
        Record::LaunchAnswered { answer, .. } => match answer {
            LaunchEnd::Started { .. } => Occasion::Executed,
            LaunchEnd::Uncertain { .. } => Occasion::Uncertain,
            LaunchEnd::NotSent { .. } => Occasion::NotApplied,
        },
        Record::Launched { failed, .. } if failed.is_empty() => Occasion::Verified,
        Record::Launched { .. } => Occasion::NotApplied,
        Record::Settled { done: true, .. } => Occasion::Verified,
        // A refusal that reads have confirmed.
        Record::Settled { done: false, .. } if refused => Occasion::Refused,
        Record::Settled { done: false, .. } => Occasion::NotApplied,
        Record::TrafficMoved { .. } => Occasion::TrafficMoved,
        Record::MovedElsewhere { .. } => Occasion::ControlsMoved,
        Record::Step { step: 7, done: true, .. } => Occasion::Told,
        Record::SessionStarted { .. } => Occasion::Begun,
        Record::SessionEnded { .. } => Occasion::Ended,
        Record::Opened { .. }
        | Record::Estate { .. }
        | Record::Present { .. }
        | Record::Refused { .. }
        | Record::TierBack { .. }
        | Record::ProposalRefused { .. }
        | Record::SecondKeyRefused { .. }
        | Record::Step { .. }
        | Record::Began { .. }
        | Record::Impaired { .. }
        | Record::Recovered { .. }
        | Record::Over { .. }
        | Record::Controls { .. }
        | Record::Figures { .. }
        | Record::Moment { .. }
        | Record::Seen { .. } => return None,
    })
}
