//! What was kept already: of observations that several consoles make, one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::change::Digest;
use crate::estate::{ControlArn, ControlState, PairName, Region};
use crate::event::{FlipEnd, FlipOutcome, Via};
use crate::record::{FORGOTTEN, Kept, Record, Running, SessionKind};
use crate::time::{Moment, Span, Timestamp};

/// The same line of a timeline within this time is the same line.
const SAME_LINE: Span = Span::from_secs(30);
/// Refusals of one kind that are kept within [`A_MINUTE`], of all programs together.
const MOST_REFUSED: usize = 6;
const A_MINUTE: Span = Span::from_secs(60);
/// Lines of timelines that are remembered.
const MOST_SEEN: usize = 1024;

/// What the journal holds that must not be kept again. A set of hashes; some 40 bytes an observation.
#[derive(Debug, Default)]
pub(super) struct Onces {
    of_changes: BTreeSet<Digest>,
    running: BTreeMap<PairName, Running>,
    steps: BTreeMap<PairName, BTreeSet<(u8, bool)>>,
    /// Regions that are impaired, and when that was kept.
    impaired: BTreeMap<(PairName, Region), Timestamp>,
    /// Controls that somebody else moved, and where to, since the journal's own last change.
    elsewhere: BTreeMap<ControlArn, ControlState>,
    /// What counts as said for a while only.
    seen: VecDeque<(Digest, Moment)>,
    /// Refusals of lately.
    refused: VecDeque<(Asked, Moment)>,
}

/// Refusals that count together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Anybody may write into the incident folder, whatever they like.
    FromFolder,
    /// The same in every word.
    Same(Digest),
}

impl Asked {
    fn of(record: &Record) -> Option<Self> {
        if matches!(record, Record::ApprovalRefused { via: Via::Folder, .. }) {
            return Some(Asked::FromFolder);
        }
        let words = || serde_json::to_string(record).unwrap_or_default();
        record.is_refusal().then(|| Asked::Same(Digest::of(&words())))
    }
}

impl Onces {
    /// Whether the journal has this already, or as many refusals of its kind as a minute may have.
    pub(super) fn has(&self, kept: &Kept) -> bool {
        if let Some(asked) = Asked::of(&kept.record) {
            let now = kept.moment();
            let lately =
                self.refused.iter().filter(|(other, at)| *other == asked && now.within(at, A_MINUTE, A_MINUTE));
            if lately.count() >= MOST_REFUSED {
                return true;
            }
        }
        let Some(key) = kept.record.once() else { return false };
        match &kept.record {
            Record::Began { pair, since, .. } => {
                self.running.get(pair).is_some_and(|running| running.covers(*since, kept.at.wall))
            }
            Record::Over { pair } => !self.running.contains_key(pair),
            Record::Impaired { pair, region, .. } => self
                .impaired
                .get(&(pair.clone(), region.clone()))
                .is_some_and(|at| kept.at.wall.duration_since(*at) <= FORGOTTEN),
            Record::Recovered { pair, region } => !self.impaired.contains_key(&(pair.clone(), region.clone())),
            Record::MovedElsewhere { control, to, .. } => self.elsewhere.get(control) == Some(to),
            Record::Step { pair, step, done } => {
                self.steps.get(pair).is_some_and(|steps| steps.contains(&(*step, *done)))
            }
            Record::Seen { .. } => self.said(&Digest::of(&key), kept, SAME_LINE),
            Record::Opened { .. } => self.said(&of_machine(&key, kept), kept, A_MINUTE),
            _ => self.of_changes.contains(&Digest::of(&key)),
        }
    }

    /// Whether the same was said lately, whichever came first: two consoles do not write in the order in which they see.
    fn said(&self, key: &Digest, kept: &Kept, lately: Span) -> bool {
        let now = kept.moment();
        self.seen.iter().rev().any(|(k, at)| k == key && now.within(at, lately, lately))
    }

    /// Takes note of a record that the journal has.
    pub(super) fn see(&mut self, kept: &Kept) {
        if let Some(asked) = Asked::of(&kept.record) {
            self.refused.push_back((asked, kept.moment()));
            if self.refused.len() > MOST_SEEN {
                self.refused.pop_front();
            }
        }
        match &kept.record {
            Record::Began { pair, .. } => {
                self.running.insert(pair.clone(), Running::new(kept.at.wall));
                self.steps.remove(pair);
            }
            Record::Step { pair, step, done } => {
                self.steps.entry(pair.clone()).or_default().insert((*step, *done));
                let ended = self.running.get_mut(pair).is_some_and(|r| r.step(*step, *done, kept.at.wall));
                if ended {
                    self.running.remove(pair);
                }
            }
            Record::Over { pair } => drop(self.running.remove(pair)),
            Record::Impaired { pair, region, .. } => {
                self.impaired.insert((pair.clone(), region.clone()), kept.at.wall);
            }
            Record::Recovered { pair, region } => drop(self.impaired.remove(&(pair.clone(), region.clone()))),
            Record::MovedElsewhere { control, to, .. } => drop(self.elsewhere.insert(control.clone(), *to)),
            // An incident that gets its name keeps its clock.
            Record::SessionStarted { session: SessionKind::Incident, .. } => {}
            // A drill has a clock of its own, whatever ran before it.
            Record::SessionStarted { pair, .. } | Record::SessionEnded { pair, .. } => {
                self.running.remove(pair);
                self.steps.remove(pair);
            }
            Record::Called { outcome: FlipOutcome { end: FlipEnd::Applied { .. }, .. }, .. } => self.elsewhere.clear(),
            record => {
                // From here on, the controls are as a change of this journal left them, whatever ARC answered to it.
                let Some(key) = record.once() else { return };
                let new = !self.of_changes.contains(&Digest::of(&key));
                if new && matches!(record, Record::Settled { done: true, .. }) {
                    self.elsewhere.clear();
                }
                let said = match record {
                    Record::Seen { .. } => Digest::of(&key),
                    Record::Opened { .. } => of_machine(&key, kept),
                    _ => {
                        self.of_changes.insert(Digest::of(&key));
                        return;
                    }
                };
                self.seen.push_back((said, kept.moment()));
                if self.seen.len() > MOST_SEEN {
                    self.seen.pop_front();
                }
            }
        }
    }
}

/// A key of what each machine says for itself.
fn of_machine(key: &str, kept: &Kept) -> Digest {
    Digest::of(&format!("{} {key}", kept.boot))
}
