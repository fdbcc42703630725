//! How long things took, by clocks that people set and machines that restart.
//!
//! Within one boot the boot clock measures, whatever the wall clock was set to. Across two boots only the wall clock
//! can, and the report says so. If it is known to have been set meanwhile, the time is unknown. It is never zero.

use std::collections::BTreeMap;

use crate::record::Kept;
use crate::time::{Span, Timestamp};

/// Between two records of one boot, a wall clock that runs off by more than this was set.
const SET: Span = Span::from_secs(2);
/// Programs that stamp at the same time may write in the other order.
const OUT_OF_ORDER: Span = Span::from_secs(5);

/// A moment that a report measures from or to: a record's, or a known time before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    index: usize,
    /// How long before the record; none where its clocks contradict each other.
    before: Result<Span, &'static str>,
}

impl Place {
    pub(super) fn at(index: usize) -> Self {
        Self { index, before: Ok(Span::ZERO) }
    }

    /// Whether it was written before another.
    pub(super) fn is_before(&self, other: &Place) -> bool {
        self.index < other.index
    }
}

/// What lies between two places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Passed {
    /// Seconds by the boot clock.
    Boot(f64),
    /// Seconds by the wall clock alone: the places are of two boots.
    Wall(f64),
    /// The clocks contradict each other: why, in words.
    Unknown(&'static str),
}

impl Passed {
    pub(super) fn seconds(self) -> Option<f64> {
        match self {
            Passed::Boot(s) | Passed::Wall(s) => Some(s),
            Passed::Unknown(_) => None,
        }
    }

    /// Why it is not known.
    pub(super) fn unknown(self) -> Option<String> {
        match self {
            Passed::Unknown(why) => Some(format!("unknown: {why}")),
            Passed::Boot(_) | Passed::Wall(_) => None,
        }
    }
}

/// The clocks of a journal's records.
pub(super) struct Clocks<'a> {
    records: &'a [Kept],
    /// Records before which the wall clock was set since the record before them of the same boot, and by how much.
    set: Vec<(usize, Span)>,
}

fn set_words(by: Span) -> &'static str {
    if by.is_negative() { "the clock was set back" } else { "the clock was set forward" }
}

impl<'a> Clocks<'a> {
    pub(super) fn of(records: &'a [Kept]) -> Self {
        let mut last: BTreeMap<&str, &Kept> = BTreeMap::new();
        let mut set = Vec::new();
        for (i, kept) in records.iter().enumerate() {
            if let Some(before) = last.insert(&kept.boot, kept) {
                let by_wall = kept.at.wall.duration_since(before.at.wall);
                let by = by_wall.saturating_sub(kept.at.since(before.at));
                if by.unsigned_abs() > SET.unsigned_abs() {
                    set.push((i, by));
                }
            }
        }
        Self { records, set }
    }

    /// The place of a wall-clock time that a record names: that of a failure, before it was seen.
    pub(super) fn told(&self, index: usize, since: Timestamp) -> Place {
        let Some(kept) = self.records.get(index) else { return Place::at(index) };
        let before = kept.at.wall.duration_since(since);
        let set = self.set.iter().find(|(i, _)| *i == index).map(|(_, by)| set_words(*by));
        let before = match set {
            Some(why) if before > SET => Err(why),
            _ if before < -OUT_OF_ORDER => Err("the clock was set back"),
            _ => Ok(before.max(Span::ZERO)),
        };
        Place { index, before }
    }

    /// The wall clock's time of a record.
    pub(super) fn wall(&self, place: Place) -> Timestamp {
        let at = self.records.get(place.index).map_or(Timestamp::UNIX_EPOCH, |k| k.at.wall);
        place.before.ok().and_then(|before| at.checked_sub(before).ok()).unwrap_or(at)
    }

    /// How long after `from` the place `to` is.
    pub(super) fn between(&self, from: Place, to: Place) -> Passed {
        let (Some(a), Some(b)) = (self.records.get(from.index), self.records.get(to.index)) else {
            return Passed::Unknown("the record is not there");
        };
        let (before, after) = match (from.before, to.before) {
            (Ok(before), Ok(after)) => (before, after),
            (Err(why), _) | (_, Err(why)) => return Passed::Unknown(why),
        };
        let one_boot = a.boot == b.boot;
        let passed = if one_boot { b.at.since(a.at) } else { b.at.wall.duration_since(a.at.wall) };
        let passed = passed.saturating_add(before).saturating_sub(after);
        if !one_boot {
            let (first, last) = (from.index.min(to.index), from.index.max(to.index));
            if let Some((_, by)) = self.set.iter().find(|(i, _)| first < *i && *i <= last) {
                return Passed::Unknown(set_words(*by));
            }
        }
        if passed < -OUT_OF_ORDER && from.index < to.index {
            return Passed::Unknown("the clock was set back");
        }
        // What was done before the beginning took no time of it.
        let seconds = passed.as_secs_f64().max(0.0);
        if one_boot { Passed::Boot(seconds) } else { Passed::Wall(seconds) }
    }

    /// What a reader must know of the clocks of these records, a sentence each.
    pub(super) fn notes(&self, first: usize, end: usize) -> Vec<String> {
        let mut notes = Vec::new();
        for (_, by) in self.set.iter().filter(|(i, _)| first < *i && *i < end) {
            let by_words = crate::model::words::span(Span::try_from(by.unsigned_abs()).unwrap_or(Span::MAX));
            notes.push(format!("{} by {by_words}: durations are by the boot clock", set_words(*by)));
        }
        let mut boots: Vec<&str> = self.records.get(first..end).unwrap_or_default().iter().map(|k| &*k.boot).collect();
        boots.sort_unstable();
        boots.dedup();
        if boots.len() > 1 {
            let why = "durations over that are by the wall clock";
            notes.push(format!("the records are of {} boots of machines: {why}", boots.len()));
        }
        notes
    }
}
