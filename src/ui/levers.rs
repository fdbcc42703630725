//! Levers that look like levers: one track a service, its knob at the region whose control is On.

use ratatui::layout::Rect;

use super::finding::filter;
use super::layout::WIDE;
use super::pen::{Pen, Row, role_of};
use super::records;
use super::screen::{Cursor, Hit, SLIM, Screen};
use super::theme::Role;
use super::{text, words};
use crate::estate::{Control, ControlState, Side};
use crate::model::{Lever, Mark, Model, words as say};
use crate::words::{DISPUTED, Endpoint, Length, gate, lever};

/// The panel's title: the cluster's endpoints, one sign each.
pub(crate) fn title(model: &Model, width: u16) -> (Row, Row) {
    if model.estate.cluster.is_none() {
        return records::title();
    }
    let (narrow, slim) = (width < WIDE, width < SLIM);
    let title = Row::of(Role::Title, if slim { "controls" } else { "routing controls" });
    let mut cluster = Row::new();
    if !narrow {
        cluster.push(Role::Muted, "cluster ");
    }
    for endpoint in &model.estate.cluster.endpoints {
        let mark = model.endpoint_mark(&endpoint.region);
        cluster = cluster.mark(mark);
    }
    let all = model.estate.cluster.endpoints.len();
    let up = model.endpoints_up();
    let mut text = if slim { format!(" {up} of {all} answer") } else { format!(" {}", model.endpoints_said()) };
    // A slim screen has no room for it beside the title.
    if let Some(took) = slowest(model).filter(|_| !slim) {
        text.push_str(&format!(", {took}"));
    }
    let role = if up == all { Role::Muted } else { Role::Warn };
    (title, cluster.add(role, text))
}

/// How long those that answer took at most: it is said of all of them.
fn slowest(model: &Model) -> Option<String> {
    let took = |(_, endpoint)| match endpoint {
        Endpoint::Answers { took, .. } => Some(took),
        Endpoint::Unheard | Endpoint::Throttled { .. } | Endpoint::Fails { .. } | Endpoint::Old { .. } => None,
    };
    model.endpoints().filter_map(took).max().map(say::within)
}

/// Lines that all the levers take without a frame.
pub(crate) fn height(screen: &Screen, model: &Model) -> u16 {
    let gates = screen.the_pair(model).map_or(0, |p| model.gates_of(p).count());
    (model.estate.services_of(&screen.pair).count() + gates) as u16
}

/// Draws a heading with the regions' names, where there is room, and one line a service.
pub(crate) fn draw(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect, heading: bool) {
    let Some(pair) = screen.the_pair(model).cloned() else { return };
    let width = usize::from(area.width);
    let longest = model.estate.services_of(&pair.name).map(|s| text::width(s.name.as_str())).max();
    let name = longest.unwrap_or(8).clamp(6, if width < 100 { 14 } else { 22 });
    let slim = pen.area().width < SLIM;
    // A slim screen has no room for the track: both states are side by side below their regions' names.
    let (cell, gap) = match width {
        90.. => (16, 2),
        _ if !slim => (13, 2),
        _ => (11, 0),
    };
    let name = if slim { name.min(width.saturating_sub(3 + 2 + 2 * cell)) } else { name };
    let track = if slim { 0 } else { width.saturating_sub(3 + name + 2 + 2 * cell + gap).min(46) };
    let mut area = area;
    if heading && area.height > 0 {
        let row = Row::new()
            .cell(Role::Text, "", 3 + name + 2)
            .cell(Role::Accent, pair.active.as_str(), cell)
            .cell(Role::Text, "", track + gap)
            .cell(Role::Accent, pair.standby.as_str(), cell);
        pen.row(area, &row);
        area = Rect { y: area.y + 1, height: area.height - 1, ..area };
    }
    let cursors = screen.lever_cursors(model);
    let chosen = screen.stands(model);
    if cursors.is_empty() && screen.find.is_filtered(screen.view) {
        pen.row(area, &Row::of(Role::Text, "   ").join(filter::nothing(screen, screen.view)));
    }
    // With too few lines for all of them, those around the cursor are shown.
    let at = cursors.iter().position(|c| Some(c) == chosen.as_ref()).unwrap_or(0);
    let first = at.saturating_sub(usize::from(area.height).saturating_sub(1));
    let (rows, last) = (cursors.len(), (first + usize::from(area.height)).saturating_sub(1));
    for (y, (i, cursor)) in (area.top()..area.bottom()).zip(cursors.into_iter().enumerate().skip(first)) {
        let line = Rect { y, height: 1, ..area };
        let here = Some(&cursor) == chosen.as_ref();
        let pointer = if here { "▸" } else { " " };
        // Levers that there is no room for are said to be there.
        let more = match i {
            i if i == first && first > 0 => "▴",
            i if i == last && i + 1 < rows => "▾",
            _ => " ",
        };
        let edge = Row::of(Role::Accent, format!("{more}{pointer} "));
        let left_cell = line.x + (3 + name + 2) as u16;
        let right_cell = left_cell + (cell + track + gap) as u16;
        match &cursor {
            Cursor::Service(service) => {
                let Some(service) = model.estate.services_of(&pair.name).find(|s| &s.name == service) else { continue };
                let named = edge
                    .cell(if here { Role::Title } else { Role::Text }, service.name.as_str(), name)
                    .add(Role::Text, "  ");
                if model.estate.cluster.is_none() {
                    let row = records::row(model, service, [&pair.active, &pair.standby], (cell, track, gap));
                    pen.row(line, &named.join(row).cut(width));
                    continue;
                }
                let (left, right) = (service.control(&pair.active), service.control(&pair.standby));
                let row = named
                    .join(state(screen, model, left, cell))
                    .join(track_of(model, left, right, track))
                    .cell(Role::Text, "", gap)
                    .join(state(screen, model, right, cell));
                pen.row(line, &row);
            }
            Cursor::Gate(arn) => {
                let Some(control) = model.estate.gates.iter().find(|g| &g.arn == arn) else { continue };
                // A gate has one state and belongs to no region: it is shown between them.
                let row = edge
                    .cell(if here { Role::Title } else { Role::Text }, &control.name, name + 2 + cell - 1)
                    .add(Role::Text, " ")
                    .join(state(screen, model, Some(control), cell))
                    .join(gate_words(model, control, slim, width.saturating_sub(3 + name + 2 + 2 * cell)));
                pen.row(line, &row.cut(width));
            }
            Cursor::System(_) | Cursor::There(_) => continue,
        }
        if here {
            let x = match (&cursor, screen.side) {
                (Cursor::Gate(_), _) => left_cell + cell as u16,
                (_, Side::Standby) => right_cell,
                (_, Side::Active) => left_cell,
            };
            pen.wash(Rect { x: x.saturating_sub(1), width: cell as u16, ..line }.intersection(line), Role::Selected);
        }
        let half = line.width / 2;
        screen.hits.push((Rect { width: half, ..line }, Hit::Cursor(cursor.clone(), Some(Side::Active))));
        let right = Rect { x: line.x + half, width: line.width - half, ..line };
        screen.hits.push((right, Hit::Cursor(cursor, Some(Side::Standby))));
    }
}

/// What a gate does now, where there is room for it.
fn gate_words(model: &Model, control: &Control, slim: bool, room: usize) -> Row {
    if slim {
        return Row::new();
    }
    let opens = model.gate_opens(&control.arn);
    let role = if opens == Some(true) { Role::Muted } else { Role::Warn };
    let whole = gate(opens, Length::Whole);
    Row::of(role, if text::width(whole) <= room { whole } else { gate(opens, Length::Short) })
}

/// The state of a control in words: `● ON`, `◆ ON → OFF` when it is marked, `? 3 ON 2 OFF`, `? was ON`.
pub(crate) fn state(screen: &Screen, model: &Model, control: Option<&Control>, columns: usize) -> Row {
    let Some(control) = control else { return Row::new().cell(Role::Muted, "–", columns) };
    let new = model.levers.changed.get(&control.arn).is_some_and(|at| Screen::is_new(model, *at));
    let marked = screen.is_marked(&control.arn);
    let row = match model.lever(&control.arn) {
        Lever::Agreed(state) => {
            let (sign, word, role) = look(state);
            let row = Row::new();
            if marked {
                let (_, to, _) = look(state.flipped());
                row.add(Role::Words, "◆ ").add(role, word).add(Role::Words, format!(" → {to}"))
            } else if model.moved_elsewhere(&control.arn).is_some() {
                // Somebody else did it: no change of this journal.
                row.add(Role::Warn, "▲ ").add(role, word).add(Role::Warn, " moved").changed(new)
            } else {
                row.add(role, format!("{sign} ")).add(role, word).changed(new)
            }
        }
        disputed @ Lever::Disagreed { .. } => {
            let words = lever(disputed, Length::Short);
            Row::of(Role::Warn, if marked { "◆ " } else { "▲ " }).add(Role::Warn, words)
        }
        Lever::Unknown => {
            let row = Row::of(Role::Unknown, if marked { "◆ " } else { "? " });
            if let Some((_, flip)) = model.sent(&control.arn) {
                let (from, to) = (look(flip.from).1, look(flip.to).1);
                return row.add(Role::Unknown, format!("{from} → {to}")).cut(columns.saturating_sub(1)).pad_to(columns);
            }
            match model.levers.last(&control.arn) {
                Some((state, at)) => {
                    let age = words::short(model.now.since(at));
                    row.add(Role::Muted, format!("({} {age})", look(state).1)).faded()
                }
                None => row.add(Role::Unknown, "unknown"),
            }
        }
    };
    row.cut(columns.saturating_sub(1)).pad_to(columns)
}

/// Sign, word and role of a state.
pub(crate) fn look(state: ControlState) -> (&'static str, &'static str, Role) {
    match state {
        ControlState::On => ("●", "ON", Role::On),
        ControlState::Off => ("○", "OFF", Role::Off),
    }
}

fn track_of(model: &Model, left: Option<&Control>, right: Option<&Control>, columns: usize) -> Row {
    let state = |c: Option<&Control>| c.map(|c| model.lever(&c.arn));
    let sent = [left, right].into_iter().flatten().find_map(|c| model.sent(&c.arn));
    if columns < 10 {
        return Row::new().cell(Role::Border, "", columns);
    }
    let line = |n: usize| "━".repeat(n);
    let (l, r) = (state(left), state(right));
    let on = Some(Lever::Agreed(ControlState::On));
    let off = Some(Lever::Agreed(ControlState::Off));
    let middle = columns - 10;
    let centred = |role: Role, word: &str| {
        let word = format!(" {word} ");
        let w = super::text::width(&word);
        if middle < w + 2 {
            return Row::of(Role::Border, line(middle));
        }
        let before = (middle - w) / 2;
        Row::of(Role::Border, line(before)).add(role, word).add(Role::Border, line(middle - w - before))
    };
    let knob = || Row::of(Role::On, "▆▆▆▆▆");
    if l == on && r == off {
        knob().add(Role::Border, line(middle + 4)).add(Role::Border, "┫")
    } else if l == off && r == on {
        Row::of(Role::Border, "┣").add(Role::Border, line(middle + 4)).join(knob())
    } else if l == on && r == on {
        knob().join(centred(Role::Warn, "both on")).join(knob())
    } else if l == off && r == off {
        Row::of(Role::Border, "┣━━━━").join(centred(Role::Fail, "both off")).add(Role::Border, "━━━━┫")
    } else {
        let sent = sent.map(|(change, _)| format!("sent {} ago", words::short(model.now.since(change.since))));
        let disputed = |l: Option<Lever>| matches!(l, Some(Lever::Disagreed { .. }));
        let (word, role, side) = match &sent {
            Some(sent) => (sent.as_str(), Role::Unknown, "┅┅??┅"),
            None if disputed(l) || disputed(r) => (DISPUTED, role_of(Mark::Warn), "━━??━"),
            None => ("not known", Role::Unknown, "┅┅??┅"),
        };
        Row::of(Role::Border, side).join(centred(role, word)).add(Role::Border, side)
    }
}
