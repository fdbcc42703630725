//! The replication lag between the regions, and charts of a quarter of an hour.

use std::collections::VecDeque;

use crate::estate::{Meaning, PairName, Reading, Side, Sides, System, Unit};
use crate::event::Place;
use crate::model::words as say;
use crate::model::{Enters, Mark, Model};
use crate::time::Stamp;
use crate::ui::pen::{Row, role_of};
use crate::ui::theme::Role;
use crate::ui::{text, words};
use crate::words::{OLD, bad_lags, lag};

/// Whether a pair's traffic has moved, so that what counts now is replication the other way round.
pub(crate) fn lag_is_back(model: &Model, pair: &PairName) -> bool {
    match model.enters(pair) {
        Enters::Seen(side) | Enters::ControlsSay(side, _) => side == Side::Standby,
        Enters::Unknown(_) => false,
    }
}

/// The reading that a system's lag column shows, with where it is measured; `back` where traffic has moved.
pub(crate) fn lag_reading(system: &System, back: bool) -> Option<(&Reading, Place)> {
    let lag = |r: &&Reading| r.meaning == Meaning::Lag && r.sides != Sides::Back;
    let link = |r: &&Reading| r.sides == Sides::Link;
    let returns = |r: &&Reading| r.meaning == Meaning::Lag && r.sides == Sides::Back;
    // Of both sides it is the one that would lose.
    let place = |r: &Reading| r.places().last().copied().unwrap_or(Place::Standby);
    let readings = &system.readings;
    readings
        .iter()
        .find(|r| back && returns(r))
        .or_else(|| readings.iter().find(|r| lag(r) && link(r)))
        .or_else(|| readings.iter().find(link))
        .or_else(|| readings.iter().find(lag))
        .map(|r| (r, place(r)))
}

/// How a system's lag stands; none where the column shows none.
pub(crate) fn lag_mark(model: &Model, system: &System, back: bool) -> Option<Mark> {
    let (reading, place) = lag_reading(system, back).filter(|(_, place)| !(back && *place == Place::Link))?;
    Some(model.judge(system, reading, place).mark)
}

/// How many of a pair's lags are as bad as the worst of them, shown or not; none where none is bad.
pub(crate) fn bad(model: &Model, pair: &PairName, back: bool) -> Option<Row> {
    let marks: Vec<Mark> = model.estate.systems_of(pair).filter_map(|s| lag_mark(model, s, back)).collect();
    let worst = marks.iter().copied().max().filter(|mark| *mark >= Mark::Warn)?;
    let n = marks.iter().filter(|mark| **mark == worst).count();
    Some(Row::of(role_of(worst), format!("{} {}", worst.sign(), bad_lags(worst == Mark::Fail, n))))
}

/// `  2.1 s ▁▁▂▂▃▂▁▁  <15m`
pub(crate) fn lag_row(model: &Model, system: &System, back: bool, width: usize) -> Option<Row> {
    let (reading, place) = lag_reading(system, back)?;
    if back && place == Place::Link {
        let words = "? not measured back";
        return Some(Row::of(Role::Text, " ").add(Role::Unknown, text::cut(words, width.saturating_sub(1))));
    }
    let judged = model.judge(system, reading, place);
    let limit = words::limit(reading);
    let value = judged.value.map(|v| figure(v, reading.unit));
    let chart_width = width.saturating_sub(2 + 9 + 1 + 6);
    let row = Row::of(Role::Text, " ");
    let row = if judged.is_last { row.add(Role::Muted, OLD) } else { row.mark(judged.mark) };
    let row = match (&value, judged.mark) {
        (Some(v), Mark::Unknown) => row.cell_right(Role::Muted, format!("({v})"), 9).faded(),
        (Some(v), mark) => row.cell_right(if mark == Mark::Ok { Role::Text } else { role_of(mark) }, v, 9),
        (None, _) if judged.idle => row.cell_right(Role::Text, "idle", 9),
        (None, _) => row.cell_right(Role::Unknown, "–", 9),
    };
    let history = model.readings.get(&Model::key(system, reading, place)).map(|s| &s.history);
    let chart = history
        .map(|h| spark(h, model.now, chart_width, top_of(reading), judged.mark != Mark::Unknown))
        .unwrap_or_default();
    let role = if judged.mark == Mark::Unknown { Role::Muted } else { Role::Chart };
    Some(row.add(Role::Text, " ").cell(role, chart, chart_width).cell_right(Role::Muted, limit, 6))
}

/// A lag's figure: all of them in one unit, so that they can be compared.
fn figure(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds => lag(value),
        Unit::Milliseconds => lag(value / 1000.0),
        unit => say::value(value, unit),
    }
}

/// The lag of a system where it has no column of its own: `● lag 2.1 s`. What fails has its colour.
pub(super) fn lag_words(model: &Model, system: &System, back: bool) -> Option<Row> {
    let (reading, place) = lag_reading(system, back)?;
    if back && place == Place::Link {
        return Some(Row::of(Role::Unknown, "? lag – "));
    }
    let judged = model.judge(system, reading, place);
    let row = if judged.is_last { Row::of(Role::Muted, OLD) } else { Row::new().mark(judged.mark) };
    Some(match (judged.value.map(|v| figure(v, reading.unit)), judged.mark) {
        (Some(figure), Mark::Unknown) => row.add(Role::Muted, format!(" lag ({figure}) ")).faded(),
        (Some(figure), mark) => {
            row.add(if mark == Mark::Ok { Role::Text } else { role_of(mark) }, format!(" lag {figure} "))
        }
        (None, _) if judged.idle => row.add(Role::Text, " lag idle "),
        (None, _) => row.add(Role::Unknown, " lag – "),
    })
}

/// The figure at which a chart is full: half of the limit, so that calm looks calm and a breach tall.
pub(crate) fn top_of(reading: &Reading) -> f64 {
    reading.fail.or(reading.warn).map_or(0.0, |limit| limit.abs() * 0.5)
}

/// The last quarter of an hour in `columns` blocks, each the largest value of its time; `·` where nothing was read.
/// The newest value holds till now while it is `fresh`.
pub(crate) fn spark(
    history: &VecDeque<(Stamp, f64)>,
    now: Stamp,
    columns: usize,
    at_least: f64,
    fresh: bool,
) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let whole = crate::model::readings::HISTORY.as_secs_f64();
    let mut slots: Vec<Option<f64>> = vec![None; columns];
    let (mut last_slot, mut top) = (if fresh { columns } else { 0 }, at_least);
    // What held when the quarter of an hour began.
    let mut before = None;
    for (at, value) in history {
        let age = now.since(*at).as_secs_f64();
        if age < 0.0 || !value.is_finite() {
            continue;
        }
        if age > whole {
            before = Some(*value);
            continue;
        }
        let slot = (((whole - age) / whole * columns as f64) as usize).min(columns.saturating_sub(1));
        if let Some(s) = slots.get_mut(slot) {
            *s = Some(s.map_or(*value, |v| v.max(*value)));
        }
        last_slot = last_slot.max(slot);
        top = top.max(*value);
    }
    let mut out = String::new();
    for (i, slot) in slots.iter().enumerate() {
        // Between two readings the older one holds; after the newest nothing is known.
        let value = slot.or(if i < last_slot { before } else { None });
        before = value;
        out.push(match value {
            Some(v) if top > 0.0 => {
                let step = ((v.max(0.0) / top) * 7.0).round() as usize;
                *BLOCKS.get(step.min(7)).unwrap_or(&'█')
            }
            Some(_) => '▁',
            None => '·',
        });
    }
    out
}
