//! A line of the table on one side: a system with its figures, what was read last of it, what is folded away.

use super::folds::Line;
use super::is_here;
use super::lag::lag_reading;
use crate::estate::{PairName, Reading, Region, Side, System, Unit};
use crate::event::{Place, SourceId};
use crate::model::words as say;
use crate::model::{Mark, Model, Silence, Standing, Subject};
use crate::time::Span;
use crate::ui::pen::{Row, role_of};
use crate::ui::screen::Screen;
use crate::ui::theme::Role;
use crate::ui::{text, words};
use crate::words::{Length, OLD, applications as words_of, failing, silent};

/// A column of a table: one side.
pub(super) struct Column<'s> {
    pub(super) side: Side,
    /// Whether traffic has moved.
    pub(super) back: bool,
    /// What keeps its readings from being known.
    pub(super) silence: Option<&'s Silence>,
    pub(super) width: usize,
    /// Columns of a system's name.
    pub(super) name: usize,
}

pub(super) fn side_row(screen: &Screen, model: &Model, line: &Line<'_>, column: &Column<'_>) -> Row {
    let Column { side, back, silence, width, name } = *column;
    match line {
        Line::Silence => silence.map_or_else(Row::new, |s| silence_row(screen, model, (s, side), width)),
        Line::Applications => applications_row(screen, model, side, width),
        Line::Heading(layer) => Row::of(Role::Text, " ").add(Role::Heading, layer.title()),
        Line::Folded(systems) => folded_row(model, systems, column),
        Line::System(system) => {
            let here = is_here(screen, system);
            let Some(standing) = model.standing(&Subject::System(system.id.clone(), side)) else {
                let pointer = if here { "▸" } else { " " };
                let row = Row::of(Role::Accent, format!(" {pointer}"))
                    .add(Role::Muted, "· ")
                    .cell(Role::Muted, &system.name, name)
                    .add(Role::Muted, "  ");
                let room = width.saturating_sub(row.width());
                let row = match part(system, side, back).filter(|part| text::width(part) <= room) {
                    Some(part) => row.add(Role::Muted, format!("{part}  ")),
                    None => row,
                };
                // Where its lag is read, that stands beside it and says enough.
                let row = match lag_reading(system, false) {
                    Some(_) => row,
                    None => row.add(Role::Muted, "not read here").faded(),
                };
                return row.cut(width).pad_to(width).selected(here);
            };
            let new = Screen::is_new(model, standing.since.at());
            let name_role = match standing.mark {
                Mark::Fail => Role::Fail,
                Mark::Warn => Role::Warn,
                Mark::Ok | Mark::Unknown => Role::Text,
            };
            let pointer = if here { "▸" } else { " " };
            let row = Row::of(Role::Accent, format!(" {pointer}"));
            if silence.is_some_and(|s| model.is_last_heard(s, system, side)) {
                let row = row.add(Role::Muted, OLD).add(Role::Text, " ").cell(Role::Muted, &system.name, name);
                let row = row.add(Role::Text, "  ");
                let room = width.saturating_sub(row.width() + 1);
                let row = row.join(last_heard(model, system, (side, back), room));
                return row.cut(width.saturating_sub(1)).pad_to(width).selected(here);
            }
            let row = row
                .mark(standing.mark)
                .changed(new)
                .add(Role::Text, " ")
                .cell(name_role, &system.name, name)
                .changed(new)
                .add(Role::Text, "  ");
            let room = width.saturating_sub(row.width() + 1);
            let row = row.join(figures(model, system, (side, back), room));
            row.cut(width.saturating_sub(1)).pad_to(width).selected(here)
        }
    }
}

/// A system's figures on a side; what is old is faded and says how old and why.
fn figures(model: &Model, system: &System, (side, back): (Side, bool), room: usize) -> Row {
    let mut row = Row::new();
    let mut old: Option<(Option<Span>, String)> = None;
    let mut was = None;
    let mut shown = 0;
    let place = Place::from(side);
    let mut left_out = false;
    let mut judged: Vec<_> = model.side_readings(system, side).map(|r| (r, model.judge(system, r, place))).collect();
    // What is past its limit comes first: the others may not fit.
    judged.sort_by_key(|(_, j)| std::cmp::Reverse(j.mark.max(Mark::Unknown)));
    let count = judged.len();
    let worst = judged.first().filter(|(_, j)| j.mark >= Mark::Warn && j.why.is_none());
    let worst = worst.and_then(|(reading, j)| Some(text::width(&figure(reading, j.value?)) + 2));
    if let Some(part) = part(system, side, back) {
        // It says what the system is when all is well, and gives way to what is not.
        let more = if count > 1 || worst.is_none() { 2 } else { 0 };
        if text::width(part) + worst.unwrap_or(0) + more <= room {
            row.push(Role::Muted, part);
            shown += 1;
        } else {
            left_out = true;
        }
    }
    for (i, (reading, judged)) in judged.into_iter().enumerate() {
        // Where another may be left out, there must be room to say so.
        let reserve = if i + 1 < count || left_out { 2 } else { 0 };
        let gap = if shown == 0 { "" } else { "  " };
        let words = match judged.value {
            Some(v) => figure(reading, v),
            None => say::idle(reading),
        };
        match (judged.value, judged.why) {
            (value, None) if value.is_some() || judged.idle => {
                let role = match judged.mark {
                    Mark::Ok if judged.idle => Role::Muted,
                    Mark::Ok => Role::Text,
                    mark => role_of(mark),
                };
                // A figure that does not fit whole is left out, and said to be; enter shows them all.
                if shown == 0 || (row.width() + gap.len() + text::width(&words) + reserve <= room) {
                    row = row.add(Role::Text, gap).add(role, words);
                    shown += 1;
                } else {
                    left_out = true;
                }
            }
            (Some(v), why) => {
                let why = why.unwrap_or_default();
                if old.is_none() {
                    old = Some((judged.age, why));
                    was = Some(say::reading(reading, v));
                }
            }
            (None, why) => {
                if old.is_none() {
                    old = Some((None, why.unwrap_or_default()));
                }
            }
        }
    }
    if left_out {
        row.push(Role::Muted, " …");
    }
    // That there is no reading comes first, in words: what it was is no state.
    if let Some((age, why)) = old {
        row.push(Role::Text, if shown == 0 { "" } else { "  " });
        let Some(age) = age else { return row.add(Role::Unknown, why) };
        row.push(Role::Unknown, format!("no reading {}", words::short(age)));
        if let Some(was) = was {
            row = row.add(Role::Muted, format!(", was {was}")).faded();
        }
        let why = format!(": {why}");
        if !why.starts_with(": no reading for") && row.width() + text::width(&why) <= room {
            row.push(Role::Muted, why);
        }
    }
    row
}

/// That a region failed, or that its sources stopped answering.
fn silence_row(screen: &Screen, model: &Model, (silence, side): (&Silence, Side), width: usize) -> Row {
    let Some(pair) = screen.the_pair(model) else { return Row::new() };
    let since = format!("{}Z", say::moment(silence.since.wall, model.now.wall));
    let failed = silence.failed.map(|at| (format!("{}Z", say::moment(at.at().wall, model.now.wall)), at.is_found()));
    let failed = failed.as_ref().map(|(at, found)| (at.as_str(), *found));
    let sources: Vec<_> = silence.sources.iter().collect();
    let room = width.saturating_sub(5);
    let words = [Length::Whole, Length::Line, Length::Short]
        .map(|length| silent(pair.region(side), &sources, &since, failed, length))
        .into_iter()
        .find(|words| text::width(words) <= room)
        .unwrap_or_else(|| silent(pair.region(side), &sources, &since, failed, Length::Short));
    let role = role_of(silence.mark());
    let row = Row::of(Role::Text, "  ").mark(silence.mark()).add(role, format!(" {words}"));
    row.cut(width.saturating_sub(1)).pad_to(width)
}

/// The applications that are probed on a side, with how each stands.
fn applications<'m>(model: &'m Model, pair: &'m PairName, side: Side) -> impl Iterator<Item = (&'m str, &'m Standing)> {
    let region = model.estate.pair(pair).map(|p| p.region(side));
    model.estate.services_of(pair).filter_map(move |service| {
        let standing = model.standing(&Subject::Probe(service.name.clone(), region?.clone()))?;
        Some((service.name.as_str(), standing))
    })
}

/// The worst of the applications that are probed on a side; none where none is.
pub(super) fn applications_mark(model: &Model, pair: &PairName, side: Side) -> Option<Mark> {
    applications(model, pair, side).map(|(_, standing)| standing.mark).max()
}

/// What the applications of a side answer.
fn applications_row(screen: &Screen, model: &Model, side: Side, width: usize) -> Row {
    let Some(mark) = applications_mark(model, &screen.pair, side) else { return Row::new() };
    let with = |wanted: Mark| -> Vec<(&str, &str)> {
        let all = applications(model, &screen.pair, side).filter(|(_, s)| s.mark == wanted);
        all.map(|(name, s)| (name, s.text.as_str())).collect()
    };
    let of = applications(model, &screen.pair, side).count();
    let words = match mark {
        Mark::Unknown => "applications are not known now".to_owned(),
        _ => words_of(&with(Mark::Fail), &with(Mark::Warn), of),
    };
    let role = if mark == Mark::Ok { Role::Text } else { role_of(mark) };
    Row::of(Role::Text, "  ").mark(mark).add(role, format!(" {words}")).cut(width.saturating_sub(1)).pad_to(width)
}

/// Columns without which a figure that is cut says nothing.
const LETTERS: usize = 6;

/// What a system's silent sources said last, and how long ago: no health, and said to be none.
fn last_heard(model: &Model, system: &System, (side, back): (Side, bool), room: usize) -> Row {
    let place = Place::from(side);
    // A part that would be cut, or would push its age out, says nothing.
    let part = part(system, side, back).filter(|part| text::width(part) + 2 + 12 <= room);
    let mut row = part.map_or_else(Row::new, |part| Row::of(Role::Muted, format!("{part}  ")));
    let judged = model.side_readings(system, side).map(|r| (r, model.judge(system, r, place)));
    let known: Vec<_> = judged.filter_map(|(r, j)| Some((figure(r, j.value?), j.age?))).collect();
    let Some(age) = known.iter().map(|(_, age)| *age).max() else {
        return row.add(Role::Muted, "never read").faded();
    };
    // An age that is cut says less than one without its word.
    let age = words::short(age);
    let ago = format!("{age} ago");
    let words = if row.width() + text::width(&ago) <= room { ago } else { age };
    row.push(Role::Muted, words);
    for (i, (words, _)) in known.iter().enumerate() {
        let last = i + 1 == known.len();
        // A figure of one letter says nothing, and neither does the mark of what was left out.
        if row.width() + 2 > room || i == 0 && row.width() + LETTERS > room {
            break;
        }
        if i > 0 && row.width() + 2 + text::width(words) + if last { 0 } else { 2 } > room {
            return row.add(Role::Muted, " …");
        }
        let gap = if i == 0 { " " } else { "  " };
        row = row.add(Role::Muted, format!("{gap}{words}")).faded();
    }
    row
}

/// What a system is on a side when all is well: `primary`. Once traffic has moved nobody knows without a reading.
fn part(system: &System, side: Side, back: bool) -> Option<&str> {
    let [active, standby] = system.parts.as_ref().filter(|_| !back)?;
    let part = if side == Side::Active { active } else { standby };
    (!part.is_empty()).then_some(part.as_str())
}

/// A figure with its words; a latency needs none.
fn figure(reading: &Reading, value: f64) -> String {
    match (reading.label.as_str(), reading.unit) {
        ("latency", Unit::Seconds) if value < 1.0 => format!("{:.0} ms", value * 1000.0),
        ("latency", unit) => say::value(value, unit),
        _ => say::reading(reading, value),
    }
}

/// The sources of a region that fail, for the frame of its panel.
pub(super) fn blind(model: &Model, region: &Region) -> Row {
    let mut row = Row::new();
    for (id, state) in &model.sources {
        let own = match id {
            SourceId::Cloudwatch(site) | SourceId::Ec2(site) => site.region == *region,
            SourceId::Drs(r) => r == region,
            _ => false,
        };
        if own && let Some((failure, since)) = &state.failure {
            let age = words::short(model.now.since(*since));
            let name = model.source_name(id);
            // The frame names the region.
            let name = name.replacen(&format!(" {region}"), "", 1);
            let gap = if row.width() == 0 { "" } else { ", " };
            let (role, sign, word) = match failure.kind.means().blinds() {
                true => (Role::Unknown, "?", "fails"),
                false => (Role::Warn, "▲", failing(failure.kind, 1)),
            };
            row = row.add(role, format!("{gap}{sign} {name} {word} for {age}: {}", failure.why));
        }
    }
    row
}

/// Systems that are folded away, by name and with the worst of their marks.
fn folded_row(model: &Model, systems: &[&System], column: &Column<'_>) -> Row {
    let Column { side, silence, width, .. } = *column;
    let standings: Vec<_> = systems
        .iter()
        .filter_map(|s| model.standing(&Subject::System(s.id.clone(), side)).map(|st| (*s, st)))
        .collect();
    let Some(worst) = standings.iter().map(|(_, st)| st.mark).max() else {
        let words = format!("  · {} more, not read here", systems.len());
        return Row::of(Role::Muted, words).faded().cut(width).pad_to(width);
    };
    let last_heard = |s: &System| silence.is_some_and(|silence| model.is_last_heard(silence, s, side));
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (s, standing) in &standings {
        let word = if last_heard(s) { "old".to_owned() } else { standing.mark.word().to_owned() };
        match groups.iter_mut().find(|(known, _)| *known == word) {
            Some((_, names)) => names.push(&s.name),
            None if standing.mark == worst => groups.insert(0, (word, vec![&s.name])),
            None => groups.push((word, vec![&s.name])),
        }
    }
    let row = Row::of(Role::Text, "  ");
    let all_old = standings.iter().all(|(s, st)| st.mark != worst || last_heard(s));
    let row = if all_old { row.add(Role::Muted, OLD) } else { row.mark(worst) };
    let several = groups.len() > 1;
    let said: Vec<String> = groups
        .iter()
        .map(|(word, names)| match several {
            true => format!("{} {word} ({})", names.len(), names.join(", ")),
            false => format!("{word}: {}", names.join(", ")),
        })
        .collect();
    let gap = if several { ": " } else { " " };
    let words = format!(" {} more{gap}{}", standings.len(), said.join(", "));
    let row = row.add(Role::Muted, words);
    let row = if all_old { row.faded() } else { row };
    row.cut(width.saturating_sub(1)).pad_to(width)
}
