//! What of a long journal is held in memory: the newest changes whole, the newest remarks, and of every
//! change that ever was the little that keeps it from running twice.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::error::{IntentRefused, JournalError};
use crate::change::{ChangeText, Digest};
use crate::estate::{ControlArn, PairName, PersonName, Region};
use crate::event::{FlipEnd, FlipOutcome, LaunchEnd};
use crate::record::{Kept, Record, SessionKind, none_runs, still_runs};

/// Changes whose records are given to a console that opens.
pub const KEPT_CHANGES: usize = 1000;
/// Other records that are given to it.
pub const KEPT_OTHERS: usize = 2000;

/// What the journal says of one change: enough to take or refuse its intent.
#[derive(Clone, Debug, Default)]
struct Mark {
    proposed: bool,
    /// The identity of the journal that it was proposed in, where it says so.
    at: Option<Box<str>>,
    approved: bool,
    /// The last line that says that it was sent; 0 where that line is gone from the file. Whether it proves that, only who
    /// folds it knows.
    sent: Option<u64>,
    ended: bool,
    /// How it was closed, and the last line that says so; as of `sent`.
    closed: Option<(&'static str, u64)>,
}

impl Mark {
    /// Whether it was proposed in the journal of this identity: of any other change nothing that people do counts here.
    fn is_of(&self, identity: &str) -> Result<(), IntentRefused> {
        if !self.proposed {
            Err(IntentRefused::NotProposed)
        } else if self.at.as_ref().is_some_and(|at| **at != *identity) {
            Err(IntentRefused::OtherJournal)
        } else {
            Ok(())
        }
    }
}

/// Marks of all changes of the file; some 40 bytes a change.
#[derive(Debug, Default)]
pub(super) struct Marks {
    changes: BTreeMap<Digest, Mark>,
    /// The line of the newest intent of any of them; 0 if there is none.
    newest_intent: u64,
    /// The estates whose text is here: a proposal that is bound to another could be proven by nobody.
    estates: BTreeSet<Digest>,
    /// The named incident or drill of each pair that runs.
    sessions: BTreeMap<PairName, (SessionKind, String)>,
}

impl Marks {
    pub(super) fn see(&mut self, line: u64, record: &Record) {
        match record {
            Record::Estate { estate, text } if Digest::of(text) == *estate => drop(self.estates.insert(*estate)),
            Record::SessionStarted { pair, session, name, .. } => {
                self.sessions.insert(pair.clone(), (*session, name.clone()));
            }
            Record::SessionEnded { pair, .. } => drop(self.sessions.remove(pair)),
            _ => {}
        }
        let Some(digest) = record.change() else { return };
        if matches!(record, Record::Intent { .. }) {
            self.newest_intent = line;
        }
        let mark = self.changes.entry(digest).or_default();
        match record {
            // A line with another change's text says nothing about this change, least of all where it was proposed.
            Record::Proposed { change, text, .. } if Digest::of(text) == *change => {
                mark.proposed = true;
                // The first one counts: a line that says it again cannot bring it here.
                mark.at = mark.at.take().or_else(|| record.anchor().map(|a| a.journal.into_boxed_str()));
            }
            Record::Approved { .. } => mark.approved = true,
            Record::Intent { .. } => mark.sent = Some(line),
            // It was sent, and nobody knows yet what came of it.
            Record::Outcome {
                outcome: FlipOutcome { end: FlipEnd::Applied { .. } | FlipEnd::Denied(_) | FlipEnd::Uncertain, .. },
                ..
            }
            | Record::Called {
                outcome: FlipOutcome { end: FlipEnd::Applied { .. } | FlipEnd::Denied(_) | FlipEnd::Uncertain, .. },
                ..
            }
            | Record::LaunchAnswered { answer: LaunchEnd::Started { .. } | LaunchEnd::Uncertain { .. }, .. } => {
                mark.sent = Some(line)
            }
            Record::Outcome { .. }
            | Record::Called { .. }
            | Record::LaunchAnswered { .. }
            | Record::Launched { .. }
            | Record::Settled { .. }
            | Record::TrafficMoved { .. } => mark.ended = true,
            Record::Rejected { .. } => mark.closed = Some(("rejected", line)),
            Record::Withdrawn { .. } => mark.closed = Some(("withdrawn", line)),
            Record::Expired { .. } => mark.closed = Some(("expired", line)),
            Record::Voided { .. } => mark.closed = Some(("found void", line)),
            Record::EstateChanged { .. } => mark.closed = Some(("made void by an edit of the estate", line)),
            _ => {}
        }
    }

    /// Remembers, of lines that both have in common, what another reading of the file knew: what was over stays over, and
    /// an incident or a drill runs if it did, or else nobody who knew it could end it or begin the next. What follows
    /// those lines is seen after this.
    pub(super) fn know_as(&mut self, before: &Marks) {
        self.sessions.clone_from(&before.sessions);
        for (digest, was) in &before.changes {
            if was.sent.is_some() || was.ended || was.closed.is_some() {
                let mark = self.changes.entry(*digest).or_default();
                mark.sent = mark.sent.or(was.sent.map(|_| 0));
                mark.ended |= was.ended;
                mark.closed = mark.closed.or(was.closed.map(|(how, _)| (how, 0)));
            }
        }
    }

    /// Whether an intent for this change may be written into the journal of this identity.
    ///
    /// A change runs in the journal in which it was proposed. So a copied state folder with an approval in it runs
    /// nothing a second time: the copy is another journal. This cannot see the same file moved back and forth, an image
    /// of the whole disk, or a folder that two machines write without a common lock: one machine alone cannot know of
    /// the other's intent, though a log that both share could.
    ///
    /// The decider knew the lines up to `heard`; an intent after them was not considered. Of the change's own lines each
    /// one counts here, even one that proves nothing: a line that says that it ran keeps it from running for ever.
    pub(super) fn may_run(&self, digest: &Digest, identity: &str, heard: u64) -> Result<(), IntentRefused> {
        let mark = self.changes.get(digest).cloned().unwrap_or_default();
        if mark.sent.is_some() || mark.ended {
            return Err(IntentRefused::Used);
        } else if let Some((how, _)) = mark.closed {
            return Err(IntentRefused::Closed(how));
        }
        mark.is_of(identity)?;
        if !mark.approved {
            Err(IntentRefused::NotApproved)
        } else if self.newest_intent > heard {
            Err(IntentRefused::Overtaken)
        } else {
            Ok(())
        }
    }

    /// Whether an approval of this change counts in the journal of this identity.
    pub(super) fn may_approve(&self, digest: &Digest, identity: &str) -> Result<(), IntentRefused> {
        self.changes.get(digest).map_or(Err(IntentRefused::NotProposed), |mark| mark.is_of(identity))
    }

    /// Whether a change may be closed without its having run, and by people once. Only what the decider has not heard
    /// stands against it: what was heard was verified, and a line that proves nothing keeps nobody from ending a change.
    ///
    /// That it expired or is void is seen (`seen`), and is so whatever else closed it, and wherever it was proposed.
    pub(super) fn may_end(&self, digest: &Digest, identity: &str, heard: u64, seen: bool) -> Result<(), IntentRefused> {
        let mark = self.changes.get(digest).cloned().unwrap_or_default();
        if mark.sent.is_some_and(|line| line > heard) {
            return Err(IntentRefused::Used);
        } else if seen {
            return Ok(());
        }
        mark.is_of(identity)?;
        match mark.closed {
            Some((how, line)) if line > heard => Err(IntentRefused::Closed(how)),
            _ => Ok(()),
        }
    }

    /// Whether what stands in the journal lets a record follow. Two programs may have decided at once; here one is first.
    pub(super) fn may_follow(&self, record: &Record) -> Result<(), JournalError> {
        match record {
            Record::Proposed { .. } if record.binding().is_some_and(|estate| !self.estates.contains(&estate)) => {
                Err(JournalError::Unbound)
            }
            Record::SessionStarted { pair, .. } => match self.sessions.get(pair) {
                Some((kind, name)) => Err(JournalError::Session(still_runs(*kind, name, pair))),
                None => Ok(()),
            },
            Record::SessionEnded { pair, .. } if !self.sessions.contains_key(pair) => {
                Err(JournalError::Session(none_runs(pair)))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn counts(&self) -> (u64, u64) {
        let intents = self.changes.values().filter(|m| m.sent.is_some()).count();
        (self.changes.len() as u64, intents as u64)
    }

    /// Started, and no end of it is known.
    fn is_unfinished(&self, digest: &Digest) -> bool {
        self.changes.get(digest).is_some_and(|m| m.sent.is_some() && !m.ended)
    }
}

/// The records that a console gets when it opens.
#[derive(Debug, Default)]
pub(super) struct Newest {
    order: VecDeque<Digest>,
    changes: BTreeMap<Digest, Vec<(u64, Kept)>>,
    others: VecDeque<(u64, Kept)>,
    /// Every estate that proposals were bound to.
    estates: BTreeMap<Digest, (u64, Kept)>,
    /// Who last proved that their key works.
    present: BTreeMap<PersonName, (u64, Kept)>,
    /// The newest record of each thing that stands until another says otherwise.
    standing: BTreeMap<Stands, (u64, Kept)>,
    /// The change that last moved each routing control: without it, nobody knows who left them as they are.
    movers: BTreeMap<ControlArn, Digest>,
}

/// What stands until a later record of its kind: a console that opens late must know it, however much was said since.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stands {
    /// The clock of a pair's incident.
    Clock(PairName),
    /// A pair's named incident or drill.
    Session(PairName),
    /// Whether a region is impaired.
    Region(PairName, Region),
    /// Where somebody else moved a routing control.
    Control(ControlArn),
    /// How some routing controls were found.
    Found(Vec<ControlArn>),
}

impl Stands {
    fn of(record: &Record) -> Option<Self> {
        match record {
            Record::Began { pair, .. } | Record::Over { pair } => Some(Stands::Clock(pair.clone())),
            Record::SessionStarted { pair, .. } | Record::SessionEnded { pair, .. } => {
                Some(Stands::Session(pair.clone()))
            }
            Record::Impaired { pair, region, .. } | Record::Recovered { pair, region } => {
                Some(Stands::Region(pair.clone(), region.clone()))
            }
            Record::MovedElsewhere { control, .. } => Some(Stands::Control(control.clone())),
            Record::Controls { states } => Some(Stands::Found(states.keys().cloned().collect())),
            _ => None,
        }
    }
}

impl Newest {
    pub(super) fn take(&mut self, seq: u64, kept: Kept, marks: &Marks) {
        // Refusals carry a change's digest, but anybody can cause any number of them.
        let refusal = matches!(
            kept.record,
            Record::ApprovalRefused { .. } | Record::SecondKeyRefused { .. } | Record::Refused { .. }
        );
        // What later lines are held against must not be pushed out by remarks.
        match &kept.record {
            Record::Estate { estate, .. } => {
                self.estates.insert(*estate, (seq, kept));
                return;
            }
            Record::Present { by, .. } => {
                self.present.insert(by.clone(), (seq, kept));
                return;
            }
            _ => {}
        }
        match kept.record.change().filter(|_| !refusal) {
            Some(digest) => {
                let records = self.changes.entry(digest).or_insert_with(|| {
                    self.order.push_back(digest);
                    Vec::new()
                });
                if matches!(kept.record, Record::Settled { done: true, .. }) {
                    let text = records.iter().find_map(|(_, kept)| match &kept.record {
                        Record::Proposed { text, .. } => ChangeText::parse(text).ok(),
                        _ => None,
                    });
                    let moved = text.iter().flat_map(|text| text.flips()).map(|flip| (flip.arn.clone(), digest));
                    self.movers.extend(moved);
                }
                records.push((seq, kept));
                let moved_last = |digest: &Digest| self.movers.values().any(|mover| mover == digest);
                if self.order.len() > KEPT_CHANGES
                    && let Some(i) = self.order.iter().position(|d| !marks.is_unfinished(d) && !moved_last(d))
                    && let Some(oldest) = self.order.remove(i)
                {
                    self.changes.remove(&oldest);
                }
            }
            None => match Stands::of(&kept.record) {
                Some(thing) => {
                    let back = |older: &Kept| {
                        matches!((&older.record, &kept.record),
                        (Record::MovedElsewhere { from, .. }, Record::MovedElsewhere { to, .. }) if from == to)
                    };
                    // Moved, and moved back: neither stands.
                    if let Some(older) = self.standing.remove(&thing).filter(|(_, older)| back(older)) {
                        self.other(older);
                        return self.other((seq, kept));
                    }
                    let before = self.standing.insert(thing, (seq, kept));
                    before.into_iter().for_each(|older| self.other(older));
                }
                None => self.other((seq, kept)),
            },
        }
    }

    fn other(&mut self, record: (u64, Kept)) {
        self.others.push_back(record);
        if self.others.len() > KEPT_OTHERS {
            self.others.pop_front();
        }
    }

    /// The records in the journal's order.
    pub(super) fn into_records(self) -> Vec<Kept> {
        let held = self.estates.into_values().chain(self.present.into_values()).chain(self.standing.into_values());
        let mut all: Vec<_> = self.changes.into_values().flatten().chain(self.others).chain(held).collect();
        all.sort_by_key(|(seq, _)| *seq);
        all.into_iter().map(|(_, kept)| kept).collect()
    }
}
