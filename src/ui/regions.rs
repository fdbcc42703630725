//! Both regions side by side: the same system on the same line, its replication lag between.

use std::collections::VecDeque;

use ratatui::layout::Rect;

use super::finding::filter::{self, Words};
use super::hidden::{beside, beyond, count, haystack};
use super::panes::Pane;
use super::pen::{Pen, Row, role_of};
use super::screen::{Cursor, Hit, Screen, Scrolls, View};
use super::theme::Role;
use super::{text, words};
use crate::estate::{Layer, Meaning, PairName, Reading, Region, Side, Sides, System, Tier, Unit};
use crate::event::{Place, SourceId};
use crate::model::words as say;
use crate::model::{Mark, Model, Subject};
use crate::time::{Span, Stamp};

/// A line of the table.
pub(crate) enum Line<'m> {
    /// A layer's name.
    Heading(Layer),
    /// A system.
    System(&'m System),
    /// Systems of a layer that are folded away.
    Folded(Vec<&'m System>),
}

/// The lines of a pair. Which systems are folded depends on the estate file and on the person, never on the systems'
/// state, so that no line moves while somebody reads it. The one under the cursor is never folded.
pub(crate) fn lines<'m>(screen: &Screen, model: &'m Model, room: usize) -> Vec<Line<'m>> {
    let Some(words) = Words::of(screen, View::Overview) else { return folded(screen, model, room) };
    // What was looked for is shown, however little it matters.
    let mut lines = build(screen, model, true, false);
    lines.retain(|line| match line {
        Line::System(s) => words.are_in(&haystack(model, s)),
        Line::Heading(_) | Line::Folded(_) => true,
    });
    let mut next = lines.iter().skip(1).map(|l| matches!(l, Line::System(_))).collect::<Vec<_>>().into_iter();
    lines.retain(|line| {
        let system_follows = next.next().unwrap_or(false);
        matches!(line, Line::System(_)) || system_follows
    });
    lines
}

fn folded<'m>(screen: &Screen, model: &'m Model, room: usize) -> Vec<Line<'m>> {
    let all = build(screen, model, true, false);
    if all.len() <= room || screen.unfolded {
        return all;
    }
    let bare = build(screen, model, false, false);
    if bare.len() <= room {
        return bare;
    }
    let folded = build(screen, model, true, true);
    if folded.len() <= room {
        return folded;
    }
    build(screen, model, false, true)
}

fn build<'m>(screen: &Screen, model: &'m Model, headings: bool, fold: bool) -> Vec<Line<'m>> {
    let of_pair = || model.estate.systems.iter().filter(|s| s.pair == screen.pair);
    let mut layers: Vec<Layer> = of_pair().map(|s| s.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    let mut lines = Vec::new();
    for layer in layers {
        let systems: Vec<&System> = of_pair().filter(|s| s.layer == layer).collect();
        if headings {
            lines.push(Line::Heading(layer));
        }
        let (first, rest): (Vec<_>, Vec<_>) =
            systems.into_iter().partition(|s| !fold || s.tier == Tier::Critical || is_here(screen, s));
        lines.extend(first.into_iter().map(Line::System));
        match rest.as_slice() {
            [] => {}
            // A line that says that one is folded away takes as much room as the one.
            [one] => lines.push(Line::System(one)),
            _ => lines.push(Line::Folded(rest)),
        }
    }
    lines
}

/// Lines that the systems take of those that there are. A filter changes nothing: the levers stay where they are.
pub(crate) fn height(screen: &Screen, model: &Model, room: u16) -> u16 {
    folded(screen, model, usize::from(room)).len() as u16
}

/// The systems that the cursor can be on.
pub(crate) fn cursors(screen: &Screen, model: &Model, room: usize) -> Vec<Cursor> {
    lines(screen, model, room)
        .into_iter()
        .filter_map(|l| match l {
            Line::System(s) => Some(Cursor::System(s.id.clone())),
            Line::Heading(_) | Line::Folded(_) => None,
        })
        .collect()
}

/// Scrolls so that the cursor is seen; gives the first line shown.
fn scrolled(screen: &mut Screen, lines: &[Line<'_>], room: usize) -> usize {
    let at = &mut screen.scroll[View::Overview as usize];
    screen.page = room.max(1);
    if let Some(Cursor::System(id)) = &screen.cursor
        && let Some(i) = lines.iter().position(|l| matches!(l, Line::System(s) if &s.id == id))
    {
        // The heading above stays with its first system.
        let top = i.saturating_sub(usize::from(
            i.checked_sub(1).and_then(|h| lines.get(h)).is_some_and(|l| matches!(l, Line::Heading(_))),
        ));
        if !screen.follow[View::Overview as usize].is_free() {
            *at = (*at).min(top).max((i + 1).saturating_sub(room));
        }
    }
    *at = (*at).min(lines.len().saturating_sub(room));
    *at
}

/// Draws three panels: a region, the lag, the other region.
pub(crate) fn draw(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let usual = match area.width {
        250.. => 60,
        190.. => 40,
        130.. => 27,
        _ => 24,
    };
    let lag_width = screen.panes.give(Pane::Lag, usual, 20, area.width.saturating_sub(2 * 44));
    let side_width = (area.width - lag_width) / 2;
    let left = Rect { width: side_width, ..area };
    let lag = Rect { x: left.right(), width: area.width - 2 * side_width, ..area };
    let right = Rect { x: lag.right(), width: side_width, ..area };
    let room = usize::from(area.height.saturating_sub(2));
    let lines = lines(screen, model, room);
    let found = count(screen, model, &lines);
    let first = scrolled(screen, &lines, room);
    screen.hits.push((area, Hit::Scroll(Scrolls::List(View::Overview))));
    let mut inner = Vec::new();
    for (side, panel) in [(Side::Active, left), (Side::Standby, right)] {
        let (title, frame) = title(screen, model, side, usize::from(panel.width));
        inner.push(pen.panel(panel, &title, &Row::new(), frame));
        if let Some(pair) = screen.the_pair(model) {
            pen.footnote(panel, &blind(model, pair.region(side)));
        }
    }
    let more = beside([found, beyond(model, &lines, first, room, &Side::BOTH)]);
    let wide = more.width() + 23 <= usize::from(lag.width);
    // Asked once: where traffic enters is a question to many answers.
    let back = lag_is_back(model, &screen.pair);
    let words = match (back, wide || more.width() + 18 <= usize::from(lag.width)) {
        (true, _) if wide => "lag back, 15 min",
        (true, _) => "lag back",
        (false, true) => "lag, 15 min",
        (false, false) => "lag",
    };
    let lag_inner = pen.panel(lag, &Row::of(Role::Title, words), &more, Role::Border);
    let name = name_width(model, screen, usize::from(side_width) - 2);
    for (y, line) in (lag_inner.top()..lag_inner.bottom()).zip(lines.iter().skip(first)) {
        for (side, area) in Side::BOTH.into_iter().zip(&inner) {
            let place = Rect { y, height: 1, ..*area };
            pen.row(place, &side_row(screen, model, line, (side, back), usize::from(area.width), name));
            if let Line::System(s) = line {
                screen.hits.push((place, Hit::Cursor(Cursor::System(s.id.clone()), Some(side))));
            }
        }
        let row = match line {
            Line::System(s) => {
                let here = is_here(screen, s);
                lag_row(model, s, back, usize::from(lag_inner.width).saturating_sub(1))
                    .unwrap_or_default()
                    .selected(here)
            }
            Line::Heading(_) | Line::Folded(_) => Row::new(),
        };
        let place = Rect { y, height: 1, ..lag_inner };
        pen.row(place, &row);
        if let Line::System(s) = line {
            screen.hits.push((place, Hit::Cursor(Cursor::System(s.id.clone()), None)));
        }
    }
    if lines.is_empty() {
        for area in inner {
            pen.row(area, &filter::nothing(screen, View::Overview));
        }
    }
}

/// Draws one region with the lag at the end of each line.
pub(crate) fn draw_one(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let Some(pair) = screen.the_pair(model).cloned() else { return };
    let side = screen.side;
    // How the other one is, too: after a move that is where the traffic is.
    let (there, state) = model.side_state(&screen.pair, side.other());
    let other = Row::of(Role::Muted, format!("← → {} ", pair.region(side.other())))
        .add(role_of(there), format!("{} {state}", there.sign()));
    let heading_room = other.width() + 6;
    let (heading, frame) = title(screen, model, side, usize::from(area.width).saturating_sub(heading_room));
    one(screen, model, pen, area, (&heading, frame), other);
}

/// Draws the systems of one region under their own heading, where how the regions are stands elsewhere.
pub(crate) fn draw_systems(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let Some(pair) = screen.the_pair(model).cloned() else { return };
    let heading = Row::of(Role::Title, "systems ").add(Role::Accent, pair.region(screen.side).as_str());
    one(screen, model, pen, area, (&heading, Role::Border), Row::of(Role::Muted, "← →"));
}

/// One line a region: its name, where traffic is, how it is. A click looks at it.
pub(crate) fn draw_states(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    for (y, side) in (area.top()..area.bottom()).zip(Side::BOTH) {
        let line = Rect { y, height: 1, ..area };
        let pointer = if side == screen.side { " ▸ " } else { "   " };
        let row = Row::of(Role::Accent, pointer).join(title(screen, model, side, 0).0);
        pen.row(line, &row.cut(usize::from(area.width)));
        screen.hits.push((line, Hit::Side(side)));
    }
}

/// The list of one region's systems under a rule with a heading and, on its right, another word.
fn one(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect, (heading, frame): (&Row, Role), other: Row) {
    let side = screen.side;
    let room = usize::from(area.height.saturating_sub(1));
    let lines = lines(screen, model, room);
    let found = count(screen, model, &lines);
    let first = scrolled(screen, &lines, room);
    let aside = beside([found.clone(), beyond(model, &lines, first, room, &[side]), Some(other.clone())]);
    // The region's state must not be cut to make room for what is next to it.
    let fits = heading.width() + aside.width() + 6 <= usize::from(area.width);
    let aside =
        if fits { aside } else { beside([found.or_else(|| beyond(model, &lines, first, room, &[side])), Some(other)]) };
    let inner = pen.rule(area, heading, &aside, frame);
    screen.hits.push((area, Hit::Scroll(Scrolls::List(View::Overview))));
    screen.hits.push((Rect { height: 1, ..area }, Hit::Side(side.other())));
    if lines.is_empty() {
        pen.row(inner, &filter::nothing(screen, View::Overview));
    }
    let lag = if inner.width >= 76 { 22 } else { 0 };
    let back = lag_is_back(model, &screen.pair);
    let name = name_width(model, screen, usize::from(inner.width) - lag);
    for (y, line) in (inner.top()..inner.bottom()).zip(lines.iter().skip(first)) {
        let width = usize::from(inner.width) - lag;
        let mut row = side_row(screen, model, line, (side, back), width, name).pad_to(width);
        if let Line::System(s) = line {
            if lag > 0
                && let Some(l) = lag_row(model, s, back, lag - 1)
            {
                row = row.join(l);
            }
            screen.hits.push((Rect { y, height: 1, ..inner }, Hit::Cursor(Cursor::System(s.id.clone()), None)));
        }
        pen.row(Rect { y, height: 1, ..inner }, &row);
    }
}

fn is_here(screen: &Screen, system: &System) -> bool {
    matches!(&screen.cursor, Some(Cursor::System(id)) if *id == system.id)
}

fn name_width(model: &Model, screen: &Screen, width: usize) -> usize {
    let longest = model.estate.systems_of(&screen.pair).map(|s| text::width(&s.name)).max().unwrap_or(12);
    longest.clamp(8, (width * 2 / 5).clamp(8, 34))
}

/// A region's title: name, where traffic is, how it is.
fn title(screen: &Screen, model: &Model, side: Side, width: usize) -> (Row, Role) {
    let Some(pair) = screen.the_pair(model) else { return (Row::new(), Role::Border) };
    let region = pair.region(side);
    let (mark, state) = model.side_state(&screen.pair, side);
    let traffic = model.pair_traffic(&screen.pair);
    let known: usize = traffic.to.values().sum();
    let here = traffic.to.get(region).copied().unwrap_or(0);
    let (role, place) = if known > 0 && here > 0 && here < known {
        (Role::Warn, format!("TRAFFIC {here} OF {known}"))
    } else {
        match model.entry_side(&screen.pair) {
            // By its controls alone: nobody knows.
            Some(_) if model.dns_is_dark(&screen.pair) => (Role::Unknown, "TRAFFIC ?".to_owned()),
            Some(s) if s == side => (Role::Accent, "ACTIVE".to_owned()),
            Some(_) => (Role::Muted, "STANDBY".to_owned()),
            None => (Role::Unknown, "TRAFFIC ?".to_owned()),
        }
    };
    let mut row = Row::of(Role::Title, region.as_str());
    let full = model.estate.region_title(region);
    if width >= 56 && full != region.as_str() {
        row.push(Role::Muted, format!("  {full}"));
    }
    row.push(Role::Border, " ─ ");
    row.push(role, place);
    row.push(Role::Border, " ─ ");
    row.push(role_of(mark), format!("{} {state}", mark.sign()));
    let frame = if mark == Mark::Fail { Role::Fail } else { Role::Border };
    (row, frame)
}

fn side_row(
    screen: &Screen,
    model: &Model,
    line: &Line<'_>,
    (side, back): (Side, bool),
    width: usize,
    name: usize,
) -> Row {
    match line {
        Line::Heading(layer) => Row::of(Role::Text, " ").add(Role::Heading, layer.title()),
        Line::Folded(systems) => folded_row(model, systems, side, width),
        Line::System(system) => {
            let here = is_here(screen, system);
            let Some(standing) = model.standing(&Subject::System(system.id.clone(), side)) else {
                let pointer = if here { "▸" } else { " " };
                let row = Row::of(Role::Accent, format!(" {pointer}"))
                    .add(Role::Muted, "· ")
                    .cell(Role::Muted, &system.name, name)
                    .add(Role::Muted, "  ");
                let row = match part(system, side, back) {
                    Some(part) => row.add(Role::Muted, format!("{part}  ")),
                    None => row,
                };
                let words =
                    if lag_reading(system, false).is_some() { "only its lag is read" } else { "not read on this side" };
                return row.add(Role::Muted, words).faded().cut(width).pad_to(width).selected(here);
            };
            let new = Screen::is_new(model, standing.since);
            let name_role = match standing.mark {
                Mark::Fail => Role::Fail,
                Mark::Warn => Role::Warn,
                Mark::Ok | Mark::Unknown => Role::Text,
            };
            let pointer = if here { "▸" } else { " " };
            let row = Row::of(Role::Accent, format!(" {pointer}"))
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
    if let Some(part) = part(system, side, back) {
        row.push(Role::Muted, part);
        shown += 1;
    }
    for reading in model.side_readings(system, side) {
        let judged = model.judge(system, reading, place);
        if shown >= 4 {
            break;
        }
        let gap = if shown == 0 { "" } else { "  " };
        match (judged.value, judged.why) {
            (Some(v), None) => {
                let role = if judged.mark == Mark::Ok { Role::Text } else { role_of(judged.mark) };
                let words = figure(reading, v);
                // A figure that does not fit whole is left out; enter shows them all.
                if shown == 0 || row.width() + gap.len() + text::width(&words) <= room {
                    row = row.add(Role::Text, gap).add(role, words);
                    shown += 1;
                }
            }
            (Some(v), Some(why)) => {
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
fn blind(model: &Model, region: &Region) -> Row {
    let mut row = Row::new();
    for (id, state) in &model.sources {
        let own = match id {
            SourceId::Cloudwatch(r) | SourceId::Drs(r) | SourceId::Ec2(r) => r == region,
            _ => false,
        };
        if own && let Some((failure, since)) = &state.failure {
            let age = words::short(model.now.since(*since));
            let name = model.source_name(id);
            let name = name.strip_suffix(region.as_str()).unwrap_or(&name).trim_end();
            let gap = if row.width() == 0 { "" } else { ", " };
            row = row.add(Role::Unknown, format!("{gap}? {name} fails for {age}: {}", failure.why));
        }
    }
    row
}

fn folded_row(model: &Model, systems: &[&System], side: Side, width: usize) -> Row {
    let standings: Vec<_> = systems
        .iter()
        .filter_map(|s| model.standing(&Subject::System(s.id.clone(), side)).map(|st| (*s, st)))
        .collect();
    let Some((worst, standing)) = standings.iter().max_by_key(|(_, st)| st.mark) else {
        let words = format!("  · {} more, not read on this side", systems.len());
        return Row::of(Role::Muted, words).faded().cut(width).pad_to(width);
    };
    let mut row = Row::of(Role::Text, "  ").mark(standing.mark).add(Role::Muted, " ");
    if standing.mark == Mark::Ok {
        let names: Vec<_> = standings.iter().map(|(s, _)| s.name.as_str()).collect();
        row.push(Role::Muted, format!("{} more ok: {}", standings.len(), names.join(", ")));
    } else {
        let bad = standings.iter().filter(|(_, st)| st.mark == standing.mark).count();
        let (all, word) = (standings.len(), standing.mark.word());
        let (before, words) = if bad == all {
            (format!("{all} more "), word.to_owned())
        } else {
            (format!("{all} more: "), format!("{bad} {word}"))
        };
        row.push(Role::Muted, before);
        row.push(role_of(standing.mark), words);
        if standing.mark == Mark::Unknown {
            let unknown = standings.iter().filter(|(_, st)| st.mark == Mark::Unknown);
            let names: Vec<_> = unknown.map(|(s, _)| s.name.as_str()).collect();
            row.push(Role::Muted, format!(": {}", names.join(", ")));
        } else {
            row.push(Role::Muted, format!(", {} ", worst.name));
            row.push(Role::Muted, &standing.first);
        }
    }
    row.cut(width.saturating_sub(1)).pad_to(width)
}

/// Whether a pair's traffic has moved, so that what counts now is replication the other way round.
pub(crate) fn lag_is_back(model: &Model, pair: &PairName) -> bool {
    model.entry_side(pair) == Some(Side::Standby)
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

/// `  2.1 s ▁▁▂▂▃▂▁▁  <15m`
pub(crate) fn lag_row(model: &Model, system: &System, back: bool, width: usize) -> Option<Row> {
    let (reading, place) = lag_reading(system, back)?;
    if back && place == Place::Link {
        let words = "? not measured back";
        return Some(Row::of(Role::Text, " ").add(Role::Unknown, text::cut(words, width.saturating_sub(1))));
    }
    let judged = model.judge(system, reading, place);
    let limit = words::limit(reading);
    let value = judged.value.map(|v| {
        let words = say::value(v, reading.unit);
        match reading.unit {
            Unit::Seconds if text::width(&words) > 7 => words::short(Span::try_from_secs_f64(v).unwrap_or_default()),
            _ => words,
        }
    });
    let chart_width = width.saturating_sub(2 + 9 + 1 + 6);
    let row = Row::of(Role::Text, " ").mark(judged.mark);
    let row = match (&value, judged.mark) {
        (Some(v), Mark::Unknown) => row.cell_right(Role::Muted, format!("({v})"), 9).faded(),
        (Some(v), mark) => row.cell_right(if mark == Mark::Ok { Role::Text } else { role_of(mark) }, v, 9),
        (None, _) => row.cell_right(Role::Unknown, "–", 9),
    };
    let history = model.readings.get(&Model::key(system, reading, place)).map(|s| &s.history);
    let chart = history
        .map(|h| spark(h, model.now, chart_width, top_of(reading), judged.mark != Mark::Unknown))
        .unwrap_or_default();
    let role = if judged.mark == Mark::Unknown { Role::Muted } else { Role::Chart };
    Some(row.add(Role::Text, " ").cell(role, chart, chart_width).cell_right(Role::Muted, limit, 6))
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
