//! Both regions side by side: the same system on the same line, its replication lag between.

mod folds;
mod lag;
mod rows;

use ratatui::layout::Rect;

use self::rows::{Column, blind, side_row};
use super::finding::filter;
use super::hidden::{beside, beyond, count};
use super::panes::Pane;
use super::pen::{Pen, Row, role_of};
use super::screen::{Cursor, Hit, Screen, Scrolls, View};
use super::text;
use super::theme::Role;
use crate::estate::{Side, System};
use crate::model::{Enters, Flow, Mark, Model};
use crate::words::{Answers, Untold, services as services_words};

pub(crate) use self::folds::{Line, cursors, height, lines};
use self::lag::lag_words;
pub(crate) use self::lag::{lag_is_back, lag_mark, lag_row, spark};

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
    let back = lag_is_back(model, &screen.pair);
    let more = beside([found, lag::bad(model, &screen.pair, back)]);
    let wide = more.width() + 23 <= usize::from(lag.width);
    let words = match (back, wide || more.width() + 18 <= usize::from(lag.width)) {
        (true, _) if wide => "lag back, 15 min",
        (true, _) => "lag back",
        (false, true) => "lag, 15 min",
        (false, false) => "lag",
    };
    let lag_inner = pen.panel(lag, &Row::of(Role::Title, words), &more, Role::Border);
    // What lies beyond is of the whole table, and not of the lags alone.
    pen.footnote(lag, &beyond(model, &lines, first, room, &Side::BOTH).unwrap_or_default());
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
            Line::Heading(_) | Line::Folded(_) | Line::Silence | Line::Applications => Row::new(),
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
    let well = rows::applications_mark(model, &screen.pair, side) < Some(Mark::Warn);
    lines.retain(|line| match line {
        Line::Silence => silence.is_some(),
        Line::Applications => !well,
        _ => true,
    });
    let found = count(screen, model, &lines);
    let mut first = scrolled(screen, &lines, room);
    let aside = beside([found.clone(), beyond(model, &lines, first, room, &[side]), Some(other.clone())]);
    // The region's state must not be cut to make room for what is next to it.
    let fits = |aside: &Row| heading.width() + aside.width() + 6 <= usize::from(area.width);
    let one_of =
        || beside([found.clone().or_else(|| beyond(model, &lines, first, room, &[side])), Some(other.clone())]);
    let aside = if fits(&aside) { aside } else { one_of() };
    let (aside, crowded) = if fits(&aside) { (aside, false) } else { (other.clone(), found.is_none()) };
    let mut inner = pen.rule(area, heading, &aside, frame);
    // Where the rule has no room for it, what is out of sight has the last line.
    if crowded && beyond(model, &lines, first, room, &[side]).is_some() && room > 1 {
        first = scrolled(screen, &lines, room - 1);
        let last = Rect { y: inner.bottom() - 1, height: 1, ..inner };
        inner.height -= 1;
        pen.row(
            last,
            &Row::of(Role::Muted, " ").join(beyond(model, &lines, first, room - 1, &[side]).unwrap_or_default()),
        );
    }
    screen.hits.push((area, Hit::Scroll(Scrolls::List(View::Overview))));
    screen.hits.push((Rect { height: 1, ..area }, Hit::Side(side.other())));
    if lines.is_empty() {
        pen.row(inner, &filter::nothing(screen, View::Overview));
    }
    let lag = if inner.width >= 76 { 22 } else { 0 };
    let back = lag_is_back(model, &screen.pair);
    let name = name_width(model, screen, usize::from(inner.width) - lag);
    for (y, line) in (inner.top()..inner.bottom()).zip(lines.iter().skip(first)) {
        let words = match line {
            Line::System(s) if lag == 0 => lag_words(model, s, back),
            _ => None,
        };
        let width = usize::from(inner.width) - lag - words.as_ref().map_or(0, |words| words.width() + 1);
        let column = Column { side, back, silence: silence.as_ref(), width, name };
        let mut row = side_row(screen, model, line, &column).pad_to(width);
        if let Line::System(s) = line {
            row = words.map_or(row.clone(), |words| row.add(Role::Text, " ").join(words));
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
    let Answers { there: here, given, .. } = traffic.answers(region);
    let (role, place) = if here > 0 && here < known {
        // The counts of the sentence: where some services move, of their answers and not of all.
        let place = match model.flow(pair) {
            Flow::Moving { to, answers, services, .. } if !services.is_empty() => match pair.side(region) == Some(to) {
                true => format!("TRAFFIC OF {} {} OF {}", services_words(&services), answers.there, answers.given),
                false => "TRAFFIC PARTLY LEAVES".to_owned(),
            },
            _ => format!("TRAFFIC {here} OF {given}"),
        };
        (Role::Warn, place)
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
