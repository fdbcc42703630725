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
use crate::model::{Enters, Mark, Model, Silence, Subject};
use crate::time::{Span, Stamp};
use crate::words::{Length, OLD, Untold, failing, silent};

/// A line of the table.
pub(crate) enum Line<'m> {
    /// A layer's name.
    Heading(Layer),
    /// A system.
    System(&'m System),
    /// Systems of a layer that are folded away.
    Folded(Vec<&'m System>),
    /// That a region failed, or that its sources stopped answering.
    Silence,
}

/// The lines of a pair. Within a layer what has failed comes first. Only systems that neither fail nor warn are folded
/// away, and never the one under the cursor.
pub(crate) fn lines<'m>(screen: &Screen, model: &'m Model, room: usize) -> Vec<Line<'m>> {
    let Some(words) = Words::of(screen, View::Overview) else { return folded(screen, model, room) };
    // What was looked for is shown, however little it matters.
    let mut lines = build(screen, model, true, false);
    lines.retain(|line| match line {
        Line::System(s) => words.are_in(&haystack(model, s)),
        Line::Heading(_) | Line::Folded(_) => true,
        Line::Silence => false,
    });
    let mut next = lines.iter().skip(1).map(|l| matches!(l, Line::System(_))).collect::<Vec<_>>().into_iter();
    lines.retain(|line| {
        let system_follows = next.next().unwrap_or(false);
        matches!(line, Line::System(_)) || system_follows
    });
    lines
}

fn folded<'m>(screen: &Screen, model: &'m Model, room: usize) -> Vec<Line<'m>> {
    let mut lines = fitted(screen, model, room);
    if lines.len() > room {
        lift(model, &mut lines);
    }
    lines
}

/// Where not all lines are on the screen, layers in which something has failed come before the others.
fn lift(model: &Model, lines: &mut Vec<Line<'_>>) {
    let layer = |line: &Line<'_>| match line {
        Line::Heading(layer) => Some(*layer),
        Line::System(s) => Some(s.layer),
        Line::Folded(all) => all.first().map(|s| s.layer),
        Line::Silence => None,
    };
    let bad: Vec<Layer> = lines
        .iter()
        .filter(|line| matches!(line, Line::System(s) if model.worst_of(s) == Some(Mark::Fail)))
        .filter_map(layer)
        .collect();
    lines.sort_by_key(|line| layer(line).map(|l| (!bad.contains(&l), l)));
}

fn fitted<'m>(screen: &Screen, model: &'m Model, room: usize) -> Vec<Line<'m>> {
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
    if Side::BOTH.into_iter().any(|side| model.silence(&screen.pair, side).is_some()) {
        lines.push(Line::Silence);
    }
    for layer in layers {
        let mut systems: Vec<&System> = of_pair().filter(|s| s.layer == layer).collect();
        systems.sort_by_cached_key(|s| model.worst_of(s) != Some(Mark::Fail));
        if headings {
            lines.push(Line::Heading(layer));
        }
        let (first, rest): (Vec<_>, Vec<_>) = systems.into_iter().partition(|s| !fold || is_kept(screen, model, s));
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

/// Whether a system keeps its line while others are folded away.
fn is_kept(screen: &Screen, model: &Model, system: &System) -> bool {
    system.tier == Tier::Critical || model.worst_of(system) >= Some(Mark::Warn) || is_here(screen, system)
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
            Line::Heading(_) | Line::Folded(_) | Line::Silence => None,
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
    let silences = Side::BOTH.map(|side| model.silence(&screen.pair, side));
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
        for ((side, silence), area) in Side::BOTH.into_iter().zip(&silences).zip(&inner) {
            let place = Rect { y, height: 1, ..*area };
            let column = Column { side, back, silence: silence.as_ref(), width: usize::from(area.width), name };
            pen.row(place, &side_row(screen, model, line, &column));
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
            Line::Heading(_) | Line::Folded(_) | Line::Silence => Row::new(),
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
    let mut lines = lines(screen, model, room);
    let silence = model.silence(&screen.pair, side);
    lines.retain(|line| silence.is_some() || !matches!(line, Line::Silence));
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
        let column = Column { side, back, silence: silence.as_ref(), width, name };
        let mut row = side_row(screen, model, line, &column).pad_to(width);
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
        match model.enters(&screen.pair) {
            Enters::Seen(s) if s == side => (Role::Accent, "ACTIVE".to_owned()),
            Enters::Seen(_) => (Role::Muted, "STANDBY".to_owned()),
            Enters::ControlsSay(s, Untold::Unwatched) if s == side => (Role::Accent, "CONTROLS ON".to_owned()),
            Enters::ControlsSay(_, Untold::Unwatched) => (Role::Muted, "STANDBY".to_owned()),
            Enters::ControlsSay(..) | Enters::Unknown(_) => (Role::Unknown, "TRAFFIC ?".to_owned()),
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

/// A column of a table: one side.
struct Column<'s> {
    side: Side,
    /// Whether traffic has moved.
    back: bool,
    /// What keeps its readings from being known.
    silence: Option<&'s Silence>,
    width: usize,
    /// Columns of a system's name.
    name: usize,
}

fn side_row(screen: &Screen, model: &Model, line: &Line<'_>, column: &Column<'_>) -> Row {
    let Column { side, back, silence, width, name } = *column;
    match line {
        Line::Silence => silence.map_or_else(Row::new, |s| silence_row(screen, model, (s, side), width)),
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
    if let Some(part) = part(system, side, back) {
        row.push(Role::Muted, part);
        shown += 1;
    }
    let mut left_out = false;
    let mut judged: Vec<_> = model.side_readings(system, side).map(|r| (r, model.judge(system, r, place))).collect();
    // What is past its limit comes first: the others may not fit.
    judged.sort_by_key(|(_, j)| std::cmp::Reverse(j.mark.max(Mark::Unknown)));
    let count = judged.len();
    for (i, (reading, judged)) in judged.into_iter().enumerate() {
        // Where another may be left out, there must be room to say so.
        let reserve = if i + 1 < count || left_out { 2 } else { 0 };
        let gap = if shown == 0 { "" } else { "  " };
        match (judged.value, judged.why) {
            (Some(v), None) => {
                let role = if judged.mark == Mark::Ok { Role::Text } else { role_of(judged.mark) };
                let words = figure(reading, v);
                // A figure that does not fit whole is left out, and said to be; enter shows them all.
                if shown == 0 || (row.width() + gap.len() + text::width(&words) + reserve <= room) {
                    row = row.add(Role::Text, gap).add(role, words);
                    shown += 1;
                } else {
                    left_out = true;
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
    let failed = silence.failed.map(|at| format!("{}Z", say::moment(at.wall, model.now.wall)));
    let failed = failed.as_deref();
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

/// What a system's silent sources said last, and how long ago: no health, and said to be none.
fn last_heard(model: &Model, system: &System, (side, back): (Side, bool), room: usize) -> Row {
    let place = Place::from(side);
    let mut row = part(system, side, back).map_or_else(Row::new, |part| Row::of(Role::Muted, format!("{part}  ")));
    let judged = model.side_readings(system, side).map(|r| (r, model.judge(system, r, place)));
    let known: Vec<_> = judged.filter_map(|(r, j)| Some((figure(r, j.value?), j.age?))).collect();
    let Some(age) = known.iter().map(|(_, age)| *age).max() else {
        return row.add(Role::Muted, "never read").faded();
    };
    row = row.add(Role::Muted, format!("{} ago", words::short(age)));
    for (i, (words, _)) in known.iter().enumerate() {
        let last = i + 1 == known.len();
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
        let words = format!("  · {} more, not read on this side", systems.len());
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
    let row = Row::of(Role::Text, " ");
    let row = if judged.is_last { row.add(Role::Muted, OLD) } else { row.mark(judged.mark) };
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
