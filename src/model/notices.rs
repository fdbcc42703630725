//! What people who are not in front of a screen are told of (`[[notify]]`), derived from what happens.
//!
//! A record is told when the journal has it, by the console that made it: so one that is read back after a restart
//! is never told, and of two consoles that come to the same record the one that was first on disk tells it. What
//! another console tells only rings here. What the readings say stands in no record: each console that watches
//! tells it, and tells it again after a restart.

use super::{Model, words};
use crate::change::{Change, State};
use crate::effect::{Effect, Notice};
use crate::estate::{Occasion, PairName, Side};
use crate::event::{FlipEnd, LaunchEnd};
use crate::hygiene::visible;
use crate::record::{Kept, Record};
use crate::time::Span;

/// How long a region must be well before people are told so, and told again when it is not.
const WELL_FOR: Span = Span::from_secs(60);

/// How far a change has come, as far as it is told.
type Progress = Option<(State, usize)>;

impl Model {
    pub(crate) fn wants(&self, on: Occasion) -> bool {
        self.estate.notify.iter().any(|n| n.on.contains(&on))
    }

    fn progress(&self, record: &Record) -> Progress {
        let change = self.changes.get(&record.change()?)?;
        Some((change.state.clone(), change.approvals.len()))
    }

    /// Takes a record in, and says what people are to be told of it.
    pub(crate) fn take_in_telling(&mut self, kept: &Kept) -> Option<Notice> {
        if !occasion(&kept.record).is_some_and(|on| self.wants(on)) {
            self.take_in(kept);
            return None;
        }
        let before = self.progress(&kept.record);
        self.take_in(kept);
        self.notice(kept, before)
    }

    /// Takes in what other programs appended to the journal.
    pub(crate) fn elsewhere(&mut self, kept: &[Kept]) {
        for k in kept {
            self.folder_told(k);
            let notice = self.take_in_telling(k);
            self.out.extend(notice.map(|notice| Effect::Notify(Notice { own: false, ..notice })));
        }
    }

    fn notice(&self, kept: &Kept, before: Progress) -> Option<Notice> {
        let record = &kept.record;
        let change = record.change().and_then(|d| self.changes.get(&d));
        // A record that changed nothing is one too many: replayed, doubled, or second.
        let refusal = matches!(record, Record::ApprovalRefused { .. });
        if record.change().is_some() && !refusal && self.progress(record) == before {
            return None;
        }
        let mut pair = change.map(|c| c.text.pair.clone());
        let text = match (record, change) {
            (Record::Step { pair: of, .. }, _) => {
                pair = Some(of.clone());
                self.sentence(of).text
            }
            (Record::SessionStarted { pair: of, name, session, participants, .. }, _) => {
                pair = Some(of.clone());
                let with =
                    if participants.is_empty() { String::new() } else { format!(", {}", participants.join(", ")) };
                format!("{} {name}{with}", session.words())
            }
            (Record::SessionEnded { pair: of, .. }, _) => {
                pair = Some(of.clone());
                "it is over".to_owned()
            }
            (Record::ApprovalRefused { why, .. }, _) => why.clone(),
            (record, Some(change)) => self.change_notice(record, change)?,
            _ => return None,
        };
        Some(Notice {
            on: occasion(record)?,
            at: kept.at,
            pair,
            change: record.change(),
            who: visible(&who(record).or(change.map(|c| c.text.by.to_string())).unwrap_or_default()).into_owned(),
            text: visible(&text).into_owned(),
            own: true,
        })
    }

    fn change_notice(&self, record: &Record, change: &Change) -> Option<String> {
        let policy = &self.estate.policy;
        let needs = change.needed(&self.estate);
        Some(match record {
            Record::Proposed { .. } => format!(
                "{}, {} controls, “{}”; {needs} {} within {}",
                change.text.title,
                change.text.flips().len(),
                change.text.reason,
                if needs == 1 { "approval is needed" } else { "approvals are needed" },
                words::span(policy.proposal_expires)
            ),
            Record::Approved { .. } if change.state == State::Approved => format!(
                "{}; {} turns the second key within {}",
                change.text.title,
                change.text.by,
                words::span(policy.second_key_within)
            ),
            Record::Approved { .. } => {
                format!("{}; {} of {needs} approvals", change.text.title, change.met(&self.estate))
            }
            Record::Rejected { reason, .. } => format!("{}, “{reason}”", change.text.title),
            Record::Withdrawn { .. } => change.text.title.clone(),
            Record::Expired { why, .. } => format!("{}: {why}", change.text.title),
            Record::Voided { moved, .. } => {
                let moved: Vec<_> = moved.iter().map(|(arn, state)| self.moved_words(arn, *state)).collect();
                format!("{}: somebody moved {}", change.text.title, moved.join(", "))
            }
            Record::EstateChanged { .. } => {
                format!("{}: the estate is not the one that it was proposed with", change.text.title)
            }
            Record::Intent { .. } => format!("{}: it is being sent to ARC", change.text.title),
            Record::Outcome { outcome, .. } => {
                format!("{}: {}", change.text.title, self.outcome_words(&outcome.end).1)
            }
            Record::Settled { done: true, endpoints, .. } => {
                let names: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
                format!("{}: read back from {}; traffic follows", change.text.title, names.join(", "))
            }
            Record::Settled { done: false, .. } => {
                format!("{}: the controls are not in the states asked for", change.text.title)
            }
            Record::TrafficMoved { how, .. } => format!("{}: {how}", change.text.title),
            _ => return None,
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
                let told = self.impaired_told.get(&key).copied();
                match (impaired, told) {
                    (true, None) => {
                        self.impaired_told.insert(key, None);
                        self.tell_of_region(Occasion::Impaired, &pair.name, side);
                    }
                    (true, Some(Some(_))) => drop(self.impaired_told.insert(key, None)),
                    (false, Some(None)) => drop(self.impaired_told.insert(key, Some(self.now))),
                    (false, Some(Some(since))) if self.now.since(since) >= WELL_FOR => {
                        self.impaired_told.remove(&key);
                        self.tell_of_region(Occasion::Recovered, &pair.name, side);
                    }
                    (true, Some(None)) | (false, None | Some(Some(_))) => {}
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

/// What a record is told as.
fn occasion(record: &Record) -> Option<Occasion> {
    Some(match record {
        Record::Proposed { .. } => Occasion::Proposed,
        Record::Approved { .. } => Occasion::Approved,
        Record::ApprovalRefused { .. } => Occasion::SignatureRefused,
        Record::Rejected { .. } => Occasion::Rejected,
        Record::Withdrawn { .. } => Occasion::Withdrawn,
        Record::Expired { .. } => Occasion::Expired,
        Record::Voided { .. } | Record::EstateChanged { .. } => Occasion::Void,
        Record::Intent { .. } => Occasion::Executing,
        Record::Outcome { outcome, .. } => match outcome.end {
            FlipEnd::Applied { .. } => Occasion::Executed,
            FlipEnd::Refused(_) => Occasion::Refused,
            FlipEnd::Moved(_) => Occasion::Void,
            FlipEnd::Uncertain => Occasion::Uncertain,
            FlipEnd::Unreachable | FlipEnd::TooLate => Occasion::NotApplied,
        },
        Record::LaunchAnswered { answer, .. } => match answer {
            LaunchEnd::Started { .. } => Occasion::Executed,
            LaunchEnd::Refused { .. } => Occasion::Refused,
            LaunchEnd::Uncertain { .. } => Occasion::Uncertain,
            LaunchEnd::NotSent { .. } => Occasion::NotApplied,
        },
        Record::Launched { failed, .. } if failed.is_empty() => Occasion::Verified,
        Record::Launched { .. } => Occasion::NotApplied,
        Record::Settled { done: true, .. } => Occasion::Verified,
        Record::Settled { done: false, .. } => Occasion::NotApplied,
        Record::TrafficMoved { .. } => Occasion::TrafficMoved,
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
        | Record::Figures { .. }
        | Record::Moment { .. }
        | Record::Seen { .. } => return None,
    })
}

/// Who made a record, or what says so; none where the change's requester did.
fn who(record: &Record) -> Option<String> {
    Some(match record {
        Record::Approved { by, .. }
        | Record::Rejected { by, .. }
        | Record::Withdrawn { by, .. }
        | Record::Intent { by, .. }
        | Record::SessionStarted { by, .. }
        | Record::SessionEnded { by, .. } => by.to_string(),
        Record::LaunchAnswered { .. } | Record::Launched { .. } => "drs".into(),
        Record::Outcome { .. } | Record::Settled { .. } => "arc".into(),
        Record::Proposed { .. } => return None,
        _ => "signalbox".into(),
    })
}
