//! A reading's last quarter of an hour as a chart: its values, its thresholds, and what happened meanwhile.
//!
//! Missing values leave a gap: nothing is drawn between two readings that are too far apart to say anything about each
//! other. After the last reading there are dots and no bars: nobody knows yet, or nobody knows any more.

use std::collections::BTreeMap;

use super::pen::Row;
use super::theme::Role;
use super::{text, words};
use crate::estate::{Direction, PairName, Reading};
use crate::model::readings::HISTORY;
use crate::model::{Entry, Model, ReadingState, Severity, words as say};
use crate::time::Span;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Columns of the axis on the left.
const AXIS: usize = 16;

/// What is charted.
pub(crate) struct Chart<'a> {
    pub(crate) reading: &'a Reading,
    pub(crate) state: &'a ReadingState,
    pub(crate) pair: &'a PairName,
}

/// A limit that is at most so many times the highest value is in the picture.
const NEAR: f64 = 10.0;

/// A cell: its text and its meaning.
type Cell = (char, Role);

impl Chart<'_> {
    /// The chart in `width` columns; `rows` for the values, one for what happened, one for the time.
    pub(crate) fn rows(&self, model: &Model, width: usize, rows: usize) -> Vec<Row> {
        let columns = width.saturating_sub(AXIS + 2).max(10);
        let values = self.columns(model, columns);
        let (low, high) = self.range(&values);
        let rest = Rest { from: self.known_until(model, columns), old: model.now.mono > self.state.due.mono };
        let mut out = Vec::new();
        for row in 0..rows {
            let cells = self.line(&values, rest, (low, high), row, rows);
            // A threshold is named wherever it lies; else the first row and the last say what the chart goes to.
            let ends = match row {
                0 => say::value(high, self.reading.unit),
                r if r + 1 == rows => say::value(low, self.reading.unit),
                _ => String::new(),
            };
            let label = self.limit_label((low, high), row, rows).unwrap_or(ends);
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

    /// The first column of which nothing was read: after the newest value nothing is known.
    fn known_until(&self, model: &Model, columns: usize) -> usize {
        let whole = HISTORY.as_secs_f64();
        let Some((at, _)) = self.state.history.back() else { return 0 };
        let share = (whole - model.now.since(*at).as_secs_f64()) / whole;
        // A little later than the reading itself, so that one of just now ends at the right edge.
        (share.clamp(0.0, 1.0) * columns as f64).floor() as usize + 1
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

    /// The chart's range: its values, zero, and the thresholds that are not far away. So a wobble far below a limit
    /// looks as small as it is. A share is always shown against its limit.
    fn range(&self, values: &[Option<f64>]) -> (f64, f64) {
        let known = values.iter().flatten().copied();
        let top = known.clone().fold(self.reading.of.unwrap_or(0.0), f64::max);
        let low = known.fold(0.0, f64::min);
        let share = self.reading.unit == crate::estate::Unit::Percent;
        let near = |t: f64| t <= top * NEAR || top <= 0.0;
        let warns = self.reading.warn.or(self.reading.fail).filter(|t| share || near(*t));
        // A failure limit counts if it is near, even if the warning limit is nearer.
        let fails = self.reading.fail.filter(|t| *t <= warns.unwrap_or(top).max(top) * 3.0);
        let limits = [warns, fails].into_iter().flatten();
        let high = limits.fold(top, f64::max);
        (low, if high > low { high } else { low + 1.0 })
    }

    /// The threshold that lies in a row.
    fn limit(&self, (low, high): (f64, f64), row: usize, rows: usize) -> Option<(Role, f64)> {
        let step = (high - low) / rows as f64;
        let floor = high - step * (row + 1) as f64;
        let here = |t: &f64| *t > floor && *t <= floor + step;
        let fails = self.reading.fail.filter(here).map(|t| (Role::Fail, t));
        fails.or_else(|| self.reading.warn.filter(here).map(|t| (Role::Warn, t)))
    }

    /// `fails 6`
    fn limit_label(&self, range: (f64, f64), row: usize, rows: usize) -> Option<String> {
        let (role, limit) = self.limit(range, row, rows)?;
        let word = if role == Role::Fail { "fails" } else { "warns" };
        Some(format!("{word} {}", say::value(limit, self.reading.unit)))
    }

    fn line(&self, values: &[Option<f64>], rest: Rest, (low, high): (f64, f64), row: usize, rows: usize) -> Vec<Cell> {
        let step = (high - low) / rows as f64;
        let floor = high - step * (row + 1) as f64;
        let limit = self.limit((low, high), row, rows);
        let cell = |(column, value): (usize, &Option<f64>)| {
            let blank = limit.map_or((' ', Role::Text), |(role, _)| ('┄', role));
            if column >= rest.from {
                return if row + 1 == rows { rest.cell() } else { blank };
            }
            let Some(value) = value else { return blank };
            let filled = (value - floor) / step;
            let role = match crate::model::readings::judge_value(self.reading, *value) {
                crate::model::Mark::Fail => Role::Fail,
                crate::model::Mark::Warn => Role::Warn,
                _ => Role::Chart,
            };
            if filled >= 1.0 && limit.is_some() && column % 4 < 2 {
                // The line is seen over the bars, and they are seen to go on behind it.
                blank
            } else if filled >= 1.0 {
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
        values.iter().enumerate().map(cell).collect()
    }

    /// What people did and what failed, at its time: `▲ 18:36 health check portal failed, and 4 more`.
    fn happened(&self, model: &Model, columns: usize) -> Vec<Cell> {
        let whole = HISTORY.as_secs_f64();
        let mut marks: BTreeMap<usize, (Role, &Entry, usize)> = BTreeMap::new();
        // From the newest to the oldest: what came first names a column, and a failure before a deed.
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
            let column = (((whole - ago) / whole * columns as f64) as usize).min(columns - 1);
            let mark = marks.entry(column).or_insert((role, entry, 0));
            if mark.0 != Role::Fail || role == Role::Fail {
                (mark.0, mark.1) = (role, entry);
            }
            mark.2 += 1;
        }
        let mut cells: Vec<Cell> = vec![(' ', Role::Text); columns];
        let taken: Vec<usize> = marks.keys().copied().collect();
        let mut free = 0;
        for (i, (column, (role, entry, count))) in marks.into_iter().enumerate() {
            let next = taken.get(i + 1).copied().unwrap_or(columns);
            let (room, before) = (next.saturating_sub(column + 2), column.saturating_sub(free + 1));
            let forms = labels(entry, count);
            let fits = |room: usize| forms.iter().find(move |f| text::width(f) <= room);
            // Behind the mark, else before it; the time alone where there is no room for more.
            let (from, label) = match (fits(room), fits(before)) {
                (Some(behind), Some(ahead)) if text::width(ahead) > text::width(behind) => {
                    (column - 1 - text::width(ahead), ahead.clone())
                }
                (Some(behind), _) => (column + 2, behind.clone()),
                (None, Some(ahead)) => (column - 1 - text::width(ahead), ahead.clone()),
                (None, None) => (column, String::new()),
            };
            for (cell, c) in cells.iter_mut().skip(from).zip(label.chars()) {
                *cell = (c, Role::Muted);
            }
            free = (from + text::width(&label)).max(column) + 1;
            if let Some(cell) = cells.get_mut(column) {
                *cell = ('▲', role);
            }
        }
        cells
    }
}

/// What a mark is called, the longest form first. Its letters are a column each, or the label is left out.
fn labels(entry: &Entry, count: usize) -> Vec<String> {
    let time = say::time_of_day(entry.at.wall);
    let time = time.rsplit_once(':').map_or(time.as_str(), |(minutes, _)| minutes).to_owned();
    let what = text::clean(&entry.short).into_owned();
    let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
    let mut forms = vec![
        format!("{time} {what}{more}"),
        format!("{time} {what}"),
        format!("{time} {}", text::cut(&what, 24)),
        time,
    ];
    forms.retain(|f| f.chars().count() == text::width(f));
    forms
}

/// The columns after the newest value.
#[derive(Clone, Copy)]
struct Rest {
    from: usize,
    /// The next value is overdue.
    old: bool,
}

impl Rest {
    fn cell(self) -> Cell {
        if self.old { ('?', Role::Unknown) } else { ('·', Role::Muted) }
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
