//! Figures of systems: the newest value, its age, its last quarter of an hour, and what it means.

use std::collections::VecDeque;

use super::silence::Dark;
use super::{Mark, Model, words};
use crate::estate::{Direction, Meaning, PairName, Reading, Region, Side, Source, System};
use crate::event::{Means, Place, ReadingKey, Said, Sample, SourceId};
use crate::time::{Span, Stamp};

/// How much of the past is kept a reading.
pub const HISTORY: Span = Span::from_mins(15);
const MOST_POINTS: usize = 400;

/// The state of one reading.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadingState {
    /// The newest value; none when the source had no data, or nobody called.
    pub value: Option<f64>,
    /// Whether the source said that nobody called.
    pub idle: bool,
    /// Whether there is more than `value`, nobody knows how much: the list that was counted did not end.
    pub at_least: bool,
    /// When it was measured, on this console's clock.
    pub measured: Stamp,
    /// From then on it is old.
    pub due: Stamp,
    /// Values of the last quarter of an hour, oldest first.
    pub history: VecDeque<(Stamp, f64)>,
}

/// A reading, judged now.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What it means.
    pub mark: Mark,
    /// The last value, readable even when it is old.
    pub value: Option<f64>,
    /// Whether there is no value because nobody called, as far as its source knows now.
    pub idle: bool,
    /// How old it is.
    pub age: Option<Span>,
    /// Why it is unknown.
    pub why: Option<String>,
    /// Whether it is unknown because of what happened since it was measured: its source fell silent, or a region that it
    /// speaks of did or failed. Then the value is the last one, and good for no more.
    pub is_last: bool,
    /// What it meant when it was measured; unknown where its source tells nothing, or it is too old by itself.
    pub meant: Mark,
}

impl Judged {
    /// A reading without a value.
    fn nothing(why: String) -> Self {
        Self {
            mark: Mark::Unknown,
            value: None,
            idle: false,
            age: None,
            why: Some(why),
            is_last: false,
            meant: Mark::Unknown,
        }
    }
}

impl ReadingState {
    /// Takes a sample in, heard at `at`.
    pub(crate) fn hear(&mut self, sample: &Sample, at: Stamp) {
        // The source's clock may run ahead of ours; a reading is never younger than now.
        let age = at.wall.duration_since(sample.measured).max(Span::ZERO);
        let measured = Stamp { mono: at.mono - age, wall: at.wall.checked_sub(age).unwrap_or(at.wall) };
        match sample.value {
            Said::Is(value) | Said::AtLeast { at_least: value } => {
                remember(&mut self.history, measured, value);
                (self.value, self.idle) = (Some(value), false);
                self.at_least = matches!(sample.value, Said::AtLeast { .. });
                self.measured = measured;
                self.due = measured.plus(sample.fresh_for);
            }
            Said::Idle(_) => {
                (self.value, self.idle, self.at_least) = (None, true, false);
                self.measured = measured;
                self.due = measured.plus(sample.fresh_for);
            }
            // "No data" is not zero: what was said last stays, and grows old.
            Said::Nothing if self.value.is_none() && !self.idle => self.measured = measured,
            Said::Nothing => {}
        }
        forget(&mut self.history, at);
    }

    /// A reading that has not been heard of.
    pub(crate) fn unheard(at: Stamp) -> Self {
        Self { value: None, idle: false, at_least: false, measured: at, due: at, history: VecDeque::new() }
    }
}

/// Adds a value to a history, if it is newer than the last one.
pub(crate) fn remember(history: &mut VecDeque<(Stamp, f64)>, at: Stamp, value: f64) {
    if history.back().is_none_or(|(when, _)| when.mono < at.mono) {
        history.push_back((at, value));
    }
}

/// Drops what is older than a quarter of an hour, or too much; what held when the quarter began stays.
pub(crate) fn forget(history: &mut VecDeque<(Stamp, f64)>, now: Stamp) {
    while history.get(1).is_some_and(|(when, _)| now.since(*when) > HISTORY) || history.len() > MOST_POINTS {
        history.pop_front();
    }
}

/// The mark of a value that is the least that there is. More of it is worse or better: what it may be besides is not known.
fn judge_at_least(reading: &Reading, value: f64) -> Mark {
    match (judge_value(reading, value), reading.bad) {
        (mark @ (Mark::Warn | Mark::Fail), Direction::Above) | (mark @ Mark::Ok, Direction::Below) => mark,
        // Nothing limits it.
        (Mark::Ok, Direction::Above) if reading.warn.is_none() && reading.fail.is_none() => Mark::Ok,
        _ => Mark::Unknown,
    }
}

/// The mark of a value by the reading's thresholds.
#[must_use]
pub fn judge_value(reading: &Reading, value: f64) -> Mark {
    let past = |threshold: Option<f64>| {
        threshold.is_some_and(|t| match reading.bad {
            Direction::Above => value > t,
            Direction::Below => value < t,
        })
    };
    if past(reading.fail) {
        Mark::Fail
    } else if past(reading.warn) {
        Mark::Warn
    } else {
        Mark::Ok
    }
}

impl Model {
    /// The key of a reading of a system in a place.
    #[must_use]
    pub fn key(system: &System, reading: &Reading, place: Place) -> ReadingKey {
        ReadingKey { system: system.id.clone(), reading: reading.id.clone(), place }
    }

    /// A reading as it is to be understood now.
    #[must_use]
    pub fn judge(&self, system: &System, reading: &Reading, place: Place) -> Judged {
        let state = self.readings.get(&Self::key(system, reading, place));
        let source = self.source_of(system, reading, place);
        let trouble = source.as_ref().and_then(|s| self.source_trouble(s));
        let lost = source.as_ref().is_some_and(|s| self.is_lost(s));
        let silent = || source.as_ref().and_then(|s| self.failing(s)).is_some_and(|kind| kind.means() == Means::Silent);
        match state {
            Some(s) if s.value.is_some() || s.idle => {
                if reading.meaning == Meaning::Lag && s.value.is_some_and(|lag| lag < 0.0) {
                    return Judged::nothing("the source says that it measures no lag".into());
                }
                let age = self.now.since(s.measured);
                let fresh = self.now.mono <= s.due.mono && !lost;
                if let Some(least) = s.value.filter(|_| s.at_least && fresh) {
                    // It is no figure: nobody may take it for one.
                    let mark = judge_at_least(reading, least);
                    let why = words::no_less(reading, least);
                    return Judged { mark, age: Some(age), meant: mark, ..Judged::nothing(why) };
                }
                // Nobody called: nothing failed.
                let judged = s.value.map_or(Mark::Ok, |v| judge_value(reading, v));
                if judged == Mark::Fail && !fresh && silent() && self.is_dead(&system.pair, place) {
                    // What had failed before its region fell silent has not recovered by that.
                    let why = Some(format!("last read {} ago", words::span(age)));
                    return Judged {
                        mark: judged,
                        value: s.value,
                        idle: false,
                        age: Some(age),
                        why,
                        is_last: true,
                        meant: judged,
                    };
                }
                let mark = match judged {
                    _ if !fresh => Mark::Unknown,
                    // Servers of a failed region cannot replicate any more: that is its failure, and not the other's.
                    Mark::Fail if self.replicates_out_of_failed(system, reading, place) => Mark::Warn,
                    judged => judged,
                };
                let asks = matches!(mark, Mark::Ok | Mark::Unknown);
                let dark = if asks { self.dark_after(system, place, s.measured) } else { None };
                if let Some(dark) = dark.filter(|_| mark == Mark::Ok) {
                    let at = words::time_of_day(dark.since.wall);
                    let why = match dark.failed {
                        Some(failed) if failed.is_found() => format!("not read since the failure was found at {at}"),
                        Some(_) => format!("not read since the failure at {at}"),
                        None => format!("not read since a region fell silent at {at}"),
                    };
                    return Judged {
                        mark: Mark::Unknown,
                        value: s.value,
                        idle: false,
                        age: Some(age),
                        why: Some(why),
                        is_last: true,
                        meant: mark,
                    };
                }
                let why = (!fresh).then(|| trouble.unwrap_or_else(|| format!("no reading for {}", words::span(age))));
                let is_last = mark == Mark::Unknown && (dark.is_some() || silent());
                Judged { mark, value: s.value, idle: s.idle && fresh, age: Some(age), why, is_last, meant: mark }
            }
            Some(_) => Judged::nothing(trouble.unwrap_or_else(|| "the source has no data".into())),
            None => Judged::nothing(trouble.unwrap_or_else(|| "not read yet".into())),
        }
    }

    /// Whether a place is in a region that failed and that people still cannot use, as far as anybody sees.
    fn is_dead(&self, pair: &PairName, place: Place) -> bool {
        place.own().is_some_and(|side| self.failed_at(pair, side).is_some() && !self.answers_again(pair, side))
    }

    /// Whether a reading counts, on one side, what replicates from the other, which has failed.
    fn replicates_out_of_failed(&self, system: &System, reading: &Reading, place: Place) -> bool {
        let Some(pair) = self.estate.pair(&system.pair) else { return false };
        reading.source == Source::DrsReplicating
            && place.own().is_some_and(|to| self.receives_from_failed(pair.region(to)))
    }

    /// Whether servers that replicate into a region do so out of one that has failed: of several that share it, all have.
    pub(super) fn receives_from_failed(&self, region: &Region) -> bool {
        let from = |p: &crate::estate::Pair| Some((p.name.clone(), p.side(region)?.other()));
        let mut from = self.estate.pairs.iter().filter_map(from).peekable();
        from.peek().is_some() && from.all(|(pair, side)| self.failed_at(&pair, side).is_some())
    }

    /// When a region that a reading speaks of failed or fell silent, if the reading was measured before: that all was
    /// well then says nothing about now. Replication speaks of both of its ends.
    fn dark_after(&self, system: &System, place: Place, measured: Stamp) -> Option<Dark> {
        let dark = match place.own() {
            // What is asked there fails by itself if it is silent.
            Some(side) => self.failed_at(&system.pair, side),
            None => {
                let both = Side::BOTH.into_iter().filter_map(|side| self.dark(&system.pair, side));
                both.max_by_key(|dark| dark.since.mono)
            }
        };
        dark.filter(|dark| measured.mono < dark.since.mono)
    }

    /// Whether a source tells nothing now. Then its earlier readings do not count as health, however young: otherwise a
    /// region that has gone dark would look well for minutes.
    fn is_lost(&self, source: &SourceId) -> bool {
        let failure = self.sources.get(source).and_then(|s| s.failure.as_ref());
        failure.is_some_and(|(f, _)| f.kind.means().blinds())
    }

    /// The source that a reading comes from.
    #[must_use]
    pub fn source_of(&self, system: &System, reading: &Reading, place: Place) -> Option<SourceId> {
        let pair = self.estate.pair(&system.pair)?;
        Some(SourceId::of(&self.estate, (system, reading), place, pair))
    }

    /// The readings of a system on a side, the file's order.
    pub fn side_readings<'a>(&self, system: &'a System, side: Side) -> impl Iterator<Item = &'a Reading> + use<'a> {
        let place = Place::from(side);
        system.readings.iter().filter(move |r| r.places().contains(&place))
    }

    /// The readings of a system between the sides.
    pub fn link_readings<'a>(&self, system: &'a System) -> impl Iterator<Item = &'a Reading> + use<'a> {
        system.readings.iter().filter(|r| r.places().contains(&Place::Link))
    }
}
