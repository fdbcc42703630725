//! The palette on screen: a line to type in, the matches, and all of what is under the cursor.

use ratatui::layout::Rect;

use super::{Candidate, Choice, Kind, availability, choices, things};
use crate::model::Model;
use crate::ui::dialog::{field, hints, paragraph};
use crate::ui::pen::{Pen, Row, role_of};
use crate::ui::screen::{Hit, Screen};
use crate::ui::theme::Role;
use crate::ui::{Action, text};

/// The widest that it gets.
const WIDEST: u16 = 112;
/// Rows that it shows at most.
const TALLEST: u16 = 24;
/// Lines at the foot: what is under the cursor, and the keys.
const FOOT: u16 = 3;

/// Draws the palette over everything, if it is open.
pub(crate) fn draw(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>) {
    let all = pen.area();
    let Some(kind) = screen.find.palette.as_ref().map(|p| p.kind) else { return };
    let found = choices(screen, model);
    let width = all.width.saturating_sub(if all.width < 100 { 0 } else { 8 }).min(WIDEST);
    // The sentence stays in sight above, the freshness below; and it does not shrink while one types.
    let top = 1 + crate::ui::layout::sentence(screen, model, all).len() as u16;
    let height = (all.height - top - 1).min(TALLEST + FOOT + 4);
    let area = Rect { x: all.x + (all.width - width) / 2, y: all.y + top, width, height };
    if screen.spares {
        pen.mark_cuts(area);
    } else {
        pen.clear_beside(area);
    }
    pen.clear(area);
    let title = match kind {
        Kind::Actions => "commands: every action, and whether you can use it now",
        Kind::Things => "go to: systems, services, health checks, DRS servers, changes of all pairs",
    };
    let count = Row::of(Role::Muted, format!("{} found", found.len()));
    let inner = pen.panel(area, &Row::of(Role::Title, title), &count, Role::Accent);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let columns = usize::from(inner.width);
    let list = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2 + FOOT), ..inner };
    let room = usize::from(list.height).max(1);
    let Some(palette) = &mut screen.find.palette else { return };
    let at = found.iter().position(|c| Some(&c.choice) == palette.picked.as_ref());
    if let Some(at) = at {
        palette.scroll = palette.scroll.min(at).max((at + 1).saturating_sub(room));
    }
    palette.scroll = palette.scroll.min(found.len().saturating_sub(room));
    palette.room = room;
    let (first, input) = (palette.scroll, palette.input.clone());
    let label = if kind == Kind::Actions { ":" } else { "go to" };
    let (row, caret) = field(label, &input, columns, true);
    pen.row(inner, &row);
    let caret = inner.x + (caret as u16).min(inner.width.saturating_sub(1));
    pen.wash(Rect { x: caret, width: 1, height: 1, ..inner }, Role::Key);
    let name = found.iter().map(|c| text::width(&c.name)).max().unwrap_or(0).clamp(14, 34);
    let keys = found.iter().map(|c| text::width(&keys_of(screen, c))).max().unwrap_or(0).min(24);
    for (y, (i, c)) in (list.top()..list.bottom()).zip(found.iter().enumerate().skip(first)) {
        let line = Rect { y, height: 1, ..list };
        let here = Some(i) == at;
        pen.row(line, &row_of(screen, model, c, (name, keys, columns), here).selected(here));
        screen.hits.push((line, Hit::Choice(c.choice.clone())));
    }
    if found.is_empty() {
        pen.row(list, &Row::of(Role::Muted, "  nothing is called so"));
    }
    let foot = Rect { y: list.bottom(), height: FOOT.min(inner.bottom().saturating_sub(list.bottom())), ..inner };
    pen.rows(foot, &foot_of(screen, model, at.and_then(|i| found.get(i)), columns));
}

/// All keys of an action.
fn keys_of(screen: &Screen, c: &Candidate) -> String {
    match &c.choice {
        Choice::Action(action) => screen.setup.keymap.keys(*action).join("  "),
        Choice::Thing(_) => String::new(),
    }
}

fn row_of(
    screen: &Screen,
    model: &Model,
    c: &Candidate,
    (name, keys, width): (usize, usize, usize),
    here: bool,
) -> Row {
    let row = Row::of(Role::Accent, if here { "▸ " } else { "  " });
    match &c.choice {
        Choice::Action(action) => {
            let sign = if action.dangerous() { "▲ " } else { "  " };
            let (role, words) = match availability(screen, model, *action) {
                Ok(()) => (Role::Text, c.words.clone()),
                Err(why) => (Role::Muted, format!("– {why}")),
            };
            let row = row.cell(if role == Role::Text { Role::Accent } else { Role::Muted }, &c.name, name);
            let room = width.saturating_sub(2 + name + 1 + 2 + 2 + keys);
            let key_role = if role == Role::Text { Role::Words } else { Role::Muted };
            let row = row.add(Role::Text, " ").add(Role::Warn, sign).cell(role, words, room);
            row.cell_right(key_role, keys_of(screen, c), keys + 2)
        }
        Choice::Thing(thing) => {
            let about = things::about(model, thing);
            let row = match about.mark {
                Some(mark) => row.mark(mark),
                None => row.add(Role::Muted, "·"),
            };
            let role =
                about.mark.map_or(Role::Text, |m| if m >= crate::model::Mark::Warn { role_of(m) } else { Role::Text });
            row.add(Role::Text, " ")
                .cell(role, &c.name, name)
                .add(Role::Text, "  ")
                .cell(Role::Accent, about.kind, 8)
                .add(Role::Muted, about.place)
                .cut(width)
        }
    }
}

/// What is under the cursor, whole, and the keys.
fn foot_of(screen: &Screen, model: &Model, picked: Option<&Candidate>, width: usize) -> Vec<Row> {
    let mut rows = match picked.map(|c| &c.choice) {
        Some(Choice::Action(action)) => match availability(screen, model, *action) {
            Ok(()) if action.dangerous() => {
                paragraph(Role::Warn, &format!("▲ {}; it opens a dialog first", action.words()), width, 0)
            }
            Ok(()) => paragraph(Role::Text, action.words(), width, 0),
            Err(why) => paragraph(Role::Warn, &format!("▲ not now: {why}"), width, 0),
        },
        Some(Choice::Thing(thing)) => {
            let about = things::about(model, thing);
            let mark = about.mark.map(|m| format!("{} {}, ", m.sign(), m.word())).unwrap_or_default();
            let role = about.mark.map_or(Role::Text, role_of);
            paragraph(role, &format!("{mark}{}: {}", about.kind, about.place), width, 0)
        }
        None => Vec::new(),
    };
    let most = usize::from(FOOT) - 1;
    rows.truncate(most);
    rows.resize(most, Row::new());
    let doing = if picked.is_some_and(|c| matches!(c.choice, Choice::Thing(_))) { "go there" } else { "do it" };
    rows.push(hints(screen, &[(Action::Look, doing), (Action::Down, "next"), (Action::Back, "close")], width));
    rows
}
