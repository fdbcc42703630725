//! A reading's last quarter of an hour as a chart: its values, its thresholds, and what happened meanwhile.
//!
//! Where there is no value there is a gap: nothing is drawn between two readings that are too far apart for the one to
//! say anything about the other.

use super::pen::Row;
use super::theme::Role;
use super::{text, words};
use crate::estate::{Direction, PairName, Reading};
use crate::model::readings::HISTORY;
use crate::model::{Model, ReadingState, Severity, words as say};
use crate::time::Span;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Columns of the axis on the left.
const AXIS: usize = 11;

/// What is charted.
pub(crate) struct Chart<'a> {
    pub(crate) reading: &'a Reading,
    pub(crate) state: &'a ReadingState,
    pub(crate) pair: &'a PairName,
}

/// A cell: what stands there, and what it means.
type Cell = (char, Role);

impl Chart<'_> {
    /// The chart in `width` columns; `rows` for the values, one for what happened, one for the time.
    pub(crate) fn rows(&self, model: &Model, width: usize, rows: usize) -> Vec<Row> {
        let columns = width.saturating_sub(AXIS + 2).max(10);
        let values = self.columns(model, columns);
        let (low, high) = self.range(&values);
        let mut out = Vec::new();
        for row in 0..rows {
            let cells = self.line(&values, (low, high), row, rows);
            let label = match row {
                0 => say::value(high, self.reading.unit),
                r if r + 1 == rows => say::value(low, self.reading.unit),
                _ => String::new(),
            };
            out.push(joined(&label, &cells));
        }
        out.push(joined("", &self.happened(model, columns)));
        let whole = words::short(HISTORY);
        let gap = columns.saturating_sub(text::width(&whole) + 8);
        let axis = format!("{}{whole} ago{}now", " ".repeat(AXIS + 2), " ".repeat(gap));
        out.push(Row::of(Role::Muted, axis).cut(width));
        out
    }

    /// The value of each column; none where nothing is known.
    fn columns(&self, model: &Model, columns: usize) -> Vec<Option<f64>> {
        let whole = HISTORY.as_secs_f64();
        let holds = self.holds().as_secs_f64();
        let mut values: Vec<Option<f64>> = vec![None; columns];
        let points: Vec<(f64, f64)> = self
            .state
            .history
            .iter()
            .map(|(at, v)| (whole - model.now.since(*at).as_secs_f64(), *v))
            .filter(|(at, v)| *at <= whole && v.is_finite())
            .collect();
        for (i, slot) in values.iter_mut().enumerate() {
            let (from, to) = (whole * i as f64 / columns as f64, whole * (i + 1) as f64 / columns as f64);
            let here = points.iter().filter(|(at, _)| *at >= from && *at < to).map(|(_, v)| *v);
            // The worst of those that fall on one column.
            let worst = match self.reading.bad {
                Direction::Above => here.reduce(f64::max),
                Direction::Below => here.reduce(f64::min),
            };
            let before = points.iter().rev().find(|(at, _)| *at < to).filter(|(at, _)| to - at <= holds);
            *slot = worst.or(before.map(|(_, v)| *v));
        }
        values
    }

    /// For how long a value speaks for what comes after it.
    fn holds(&self) -> Span {
        match &self.reading.source {
            crate::estate::Source::Cloudwatch { period, .. } => {
                period.saturating_mul(2).saturating_add(Span::from_secs(90))
            }
            _ => Span::from_mins(3),
        }
    }

    /// From what to what the chart goes: its values, zero, and the thresholds that are not far away.
    fn range(&self, values: &[Option<f64>]) -> (f64, f64) {
        let known = values.iter().flatten().copied();
        let top = known.clone().fold(self.reading.of.unwrap_or(0.0), f64::max);
        let low = known.fold(0.0, f64::min);
        let near = |t: f64| t <= top * 3.0 || top <= 0.0;
        let limits = [self.reading.warn, self.reading.fail].into_iter().flatten().filter(|t| near(*t));
        let high = limits.fold(top, f64::max);
        (low, if high > low { high } else { low + 1.0 })
    }

    fn line(&self, values: &[Option<f64>], (low, high): (f64, f64), row: usize, rows: usize) -> Vec<Cell> {
        let step = (high - low) / rows as f64;
        let floor = high - step * (row + 1) as f64;
        let crossing = |t: Option<f64>| t.is_some_and(|t| t > floor && t <= floor + step);
        let limit = match (crossing(self.reading.fail), crossing(self.reading.warn)) {
            (true, _) => Some(Role::Fail),
            (false, true) => Some(Role::Warn),
            (false, false) => None,
        };
        let cell = |value: &Option<f64>| {
            let blank = limit.map_or((' ', Role::Text), |role| ('╌', role));
            let Some(value) = value else { return blank };
            let filled = (value - floor) / step;
            let role = match crate::model::readings::judge_value(self.reading, *value) {
                crate::model::Mark::Fail => Role::Fail,
                crate::model::Mark::Warn => Role::Warn,
                _ => Role::Chart,
            };
            if filled >= 1.0 {
                ('█', role)
            } else if filled > 0.0 {
                (BLOCKS.get((filled * 8.0) as usize).copied().unwrap_or('█'), role)
            } else if row + 1 == rows {
                // A value of nothing is a value.
                ('▁', role)
            } else {
                blank
            }
        };
        values.iter().map(cell).collect()
    }

    /// What people did and what failed, at its time.
    fn happened(&self, model: &Model, columns: usize) -> Vec<Cell> {
        let mut cells: Vec<Cell> = vec![(' ', Role::Text); columns];
        let whole = HISTORY.as_secs_f64();
        for entry in model.timeline.of(self.pair) {
            let role = match entry.severity {
                Severity::Bad => Role::Fail,
                Severity::Deed | Severity::Moment => Role::Deed,
                _ => continue,
            };
            let ago = model.now.since(entry.at).as_secs_f64();
            if !(0.0..=whole).contains(&ago) {
                continue;
            }
            let column = ((whole - ago) / whole * columns as f64) as usize;
            if let Some(cell) = cells.get_mut(column.min(columns - 1)).filter(|c| c.1 != Role::Fail) {
                *cell = ('▲', role);
            }
        }
        cells
    }
}

/// A label and cells as a row, cells of one meaning in one piece.
fn joined(label: &str, cells: &[Cell]) -> Row {
    let mut row = Row::new().cell_right(Role::Muted, label, AXIS).add(Role::Border, " │");
    let mut piece = String::new();
    let mut last = None;
    for (c, role) in cells {
        if last.is_some_and(|l| l != *role) {
            row.push(last.unwrap_or(Role::Text), std::mem::take(&mut piece));
        }
        last = Some(*role);
        piece.push(*c);
    }
    row.push(last.unwrap_or(Role::Text), piece);
    row
}
