//! What was kept already: of observations that several consoles make, one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::change::Digest;
use crate::estate::PairName;
use crate::record::{Kept, Record};
use crate::time::{Moment, Span, Timestamp};

/// The same line of a timeline within this time is the same line.
const SAME_LINE: Span = Span::from_secs(30);
/// An incident of which nothing was kept for so long is over, whether or not anybody said so.
const FORGOTTEN: Span = Span::from_hours(24);
/// Lines of timelines that are remembered.
const MOST_SEEN: usize = 1024;

/// The clock of a pair's incident as the journal has it.
#[derive(Debug)]
struct Running {
    /// The newest record of it.
    last: Timestamp,
    /// When its applications were back: what is asked for after that is another move.
    recovered: Option<Timestamp>,
}

/// What the journal holds that must not be kept again. A set of hashes; some 40 bytes an observation.
#[derive(Debug, Default)]
pub(super) struct Onces {
    of_changes: BTreeSet<Digest>,
    running: BTreeMap<PairName, Running>,
    steps: BTreeMap<PairName, BTreeSet<(u8, bool)>>,
    seen: VecDeque<(Digest, Moment)>,
}

impl Onces {
    /// Whether the journal has this observation already.
    pub(super) fn has(&self, kept: &Kept) -> bool {
        let Some(key) = kept.record.once() else { return false };
        match &kept.record {
            Record::Began { pair, since, .. } => self.running.get(pair).is_some_and(|r| {
                let over = r.recovered.is_some_and(|at| *since > at);
                !over && kept.at.wall.duration_since(r.last) <= FORGOTTEN
            }),
            Record::Step { pair, step, done } => {
                self.steps.get(pair).is_some_and(|steps| steps.contains(&(*step, *done)))
            }
            Record::Seen { .. } => {
                let (key, now) = (Digest::of(&key), kept.moment());
                self.seen.iter().rev().any(|(k, at)| *k == key && just_now(&now, at))
            }
            _ => self.of_changes.contains(&Digest::of(&key)),
        }
    }

    /// Takes note of a record that the journal has.
    pub(super) fn see(&mut self, kept: &Kept) {
        match &kept.record {
            Record::Began { pair, .. } => {
                self.running.insert(pair.clone(), Running { last: kept.at.wall, recovered: None });
                self.steps.remove(pair);
            }
            Record::Step { pair, step, done } => {
                self.steps.entry(pair.clone()).or_default().insert((*step, *done));
                if (*step, *done) == (7, true) {
                    self.running.remove(pair);
                } else if let Some(running) = self.running.get_mut(pair) {
                    running.last = kept.at.wall;
                    if (*step, *done) == (6, true) {
                        running.recovered.get_or_insert(kept.at.wall);
                    }
                }
            }
            // A drill has a clock of its own, whatever ran before it.
            Record::SessionStarted { pair, .. } | Record::SessionEnded { pair, .. } => {
                self.running.remove(pair);
                self.steps.remove(pair);
            }
            record => {
                let Some(key) = record.once() else { return };
                if matches!(record, Record::Seen { .. }) {
                    self.seen.push_back((Digest::of(&key), kept.moment()));
                    if self.seen.len() > MOST_SEEN {
                        self.seen.pop_front();
                    }
                } else {
                    self.of_changes.insert(Digest::of(&key));
                }
            }
        }
    }
}

/// Whether two moments are close, whichever came first: two consoles do not write in the order in which they see.
fn just_now(a: &Moment, b: &Moment) -> bool {
    a.within(b, SAME_LINE, SAME_LINE)
}
