//! Clicks, the wheel, and drags. Nothing needs them: whatever they do, a key does.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::copy::copied_lines;
use super::{act, find};
use crate::model::Model;
use crate::ui::palette::{self, stand_on};
use crate::ui::panes::Pane;
use crate::ui::screen::{Drag, Hit, Screen, Scrolls};
use crate::ui::selecting::Selection;
use crate::ui::{Action, Wish, follow};

/// Lines that a notch of the wheel scrolls.
const NOTCH: isize = 3;

pub(super) fn mouse(screen: &mut Screen, model: &Model, mouse: MouseEvent) -> Vec<Wish> {
    if !screen.pointer.on {
        return Vec::new();
    }
    let at = Position { x: mouse.column, y: mouse.row };
    match mouse.kind {
        MouseEventKind::ScrollUp => wheel(screen, model, at, -NOTCH),
        MouseEventKind::ScrollDown => wheel(screen, model, at, NOTCH),
        MouseEventKind::Down(MouseButton::Left) => {
            (screen.complaint, screen.said) = (None, None);
            let split = matches!(under(screen, at, |hit| !matches!(hit, Hit::Scroll(_))), Some(Hit::Split));
            let split = split && screen.dialog.is_none() && screen.find.palette.is_none();
            screen.pointer.drag = Some(if split { Drag::Split(at.y) } else { Drag::Click(at) });
        }
        MouseEventKind::Drag(MouseButton::Left) => drag(screen, at),
        MouseEventKind::Up(MouseButton::Left) => match screen.pointer.drag.take() {
            Some(Drag::Split(_)) => return vec![Wish::Remember(screen.panes.layout)],
            // What is pressed in one place and let go in another was meant for neither.
            Some(Drag::Click(from)) if from == at => return click(screen, model, at),
            Some(Drag::Text(mut selection)) => {
                selection.reach(at);
                return selection.text().map(|text| copied_lines(screen, &text)).unwrap_or_default();
            }
            Some(Drag::Click(_)) | None => {}
        },
        _ => {}
    }
    Vec::new()
}

/// What was drawn last under the pointer.
fn under(screen: &Screen, at: Position, wanted: impl Fn(&Hit) -> bool) -> Option<Hit> {
    screen.hits.iter().rev().find(|(area, hit)| area.contains(at) && wanted(hit)).map(|(_, hit)| hit.clone())
}

fn click(screen: &mut Screen, model: &Model, at: Position) -> Vec<Wish> {
    screen.find.filtering = false;
    if let Some(palette) = &mut screen.find.palette {
        let picked = palette.picked.clone();
        match under(screen, at, |hit| matches!(hit, Hit::Choice(_))) {
            Some(Hit::Choice(choice)) if Some(&choice) == picked.as_ref() => {
                return find::choose(screen, model, choice);
            }
            Some(Hit::Choice(choice)) => {
                if let Some(palette) = &mut screen.find.palette {
                    palette.picked = Some(choice);
                }
            }
            _ => {}
        }
        return Vec::new();
    }
    let over_dialog = screen.dialog.is_some();
    let hit = under(screen, at, |hit| !matches!(hit, Hit::Scroll(_) | Hit::Choice(_)));
    match hit {
        Some(Hit::Act(action)) => return act(screen, model, action),
        _ if over_dialog => {}
        Some(Hit::View(view)) => screen.view = view,
        Some(Hit::Side(side)) => screen.side = side,
        Some(Hit::Cursor(cursor, side)) => {
            let side = side.unwrap_or(screen.side);
            // What is under the cursor already is looked at: so a double click looks, too.
            if screen.cursor.as_ref() == Some(&cursor) && screen.side == side {
                return act(screen, model, Action::Look);
            }
            (screen.cursor, screen.side) = (Some(cursor), side);
        }
        Some(Hit::Row(view, place)) => {
            let aim = screen.follow[view as usize].aim(place);
            if aim.is_some() && follow::kept(screen, view) == aim.as_ref() {
                return act(screen, model, Action::Look);
            }
            follow::pick(screen, view, aim);
        }
        Some(Hit::There(view, target)) => stand_on(screen, view, target),
        Some(Hit::Split | Hit::Scroll(_) | Hit::Choice(_)) | None => {}
    }
    Vec::new()
}

fn wheel(screen: &mut Screen, model: &Model, at: Position, by: isize) {
    if screen.find.palette.is_some() {
        return palette::travel(screen, model, by.signum());
    }
    if screen.dialog.is_some() {
        screen.dialog_scroll = screen.dialog_scroll.saturating_add_signed(by);
        return;
    }
    if let Some(Hit::Scroll(what)) = under(screen, at, |hit| matches!(hit, Hit::Scroll(_))) {
        scroll(screen, what, by);
    }
}

/// What is too far is brought back when it is drawn.
fn scroll(screen: &mut Screen, what: Scrolls, by: isize) {
    let at = match what {
        Scrolls::List(view) => return follow::scroll(screen, view, by),
        Scrolls::Events => &mut screen.panes.events,
        Scrolls::Rules => &mut screen.panes.rules,
        Scrolls::Endpoints => &mut screen.panes.endpoints,
    };
    *at = at.saturating_add_signed(by);
}

/// A frame goes with the pointer; anywhere else, text is selected.
fn drag(screen: &mut Screen, at: Position) {
    match &mut screen.pointer.drag {
        Some(Drag::Split(before)) => {
            let down = i16::try_from(i32::from(at.y) - i32::from(*before)).unwrap_or(0);
            *before = at.y;
            // How far it could go is seen.
            let _ = down != 0 && screen.panes.resize(Pane::Timeline, -down);
        }
        Some(Drag::Text(selection)) => selection.reach(at),
        &mut Some(Drag::Click(from)) if from != at => {
            let mut selection = Selection::new(screen, from);
            selection.reach(at);
            screen.pointer.drag = Some(Drag::Text(selection));
        }
        Some(Drag::Click(_)) | None => {}
    }
}
