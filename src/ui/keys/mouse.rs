//! Clicks, the wheel, and drags. Nothing needs them: whatever they do, a key does.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{act, find};
use crate::model::Model;
use crate::ui::palette::{self, stand_on};
use crate::ui::panes::Pane;
use crate::ui::screen::{Drag, Hit, Screen, Scrolls};
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
        MouseEventKind::Down(MouseButton::Left) => return press(screen, model, at),
        MouseEventKind::Drag(MouseButton::Left) => drag(screen, at),
        MouseEventKind::Up(MouseButton::Left) => {
            if let Some((Drag::Split, _)) = screen.pointer.drag.take() {
                return vec![Wish::Remember(screen.panes.layout)];
            }
        }
        _ => {}
    }
    Vec::new()
}

/// What was drawn last under the pointer.
fn under(screen: &Screen, at: Position, wanted: impl Fn(&Hit) -> bool) -> Option<Hit> {
    screen.hits.iter().rev().find(|(area, hit)| area.contains(at) && wanted(hit)).map(|(_, hit)| hit.clone())
}

fn press(screen: &mut Screen, model: &Model, at: Position) -> Vec<Wish> {
    (screen.complaint, screen.said) = (None, None);
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
    let scrolls = under(screen, at, |hit| matches!(hit, Hit::Scroll(_)));
    if let (Some(Hit::Scroll(what)), false) = (scrolls, over_dialog) {
        screen.pointer.drag = Some((Drag::List(what), at.y));
    }
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
        Some(Hit::Split) => screen.pointer.drag = Some((Drag::Split, at.y)),
        Some(Hit::Scroll(_) | Hit::Choice(_)) | None => {}
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

/// What is dragged goes with the pointer.
fn drag(screen: &mut Screen, at: Position) {
    let Some((what, before)) = screen.pointer.drag else { return };
    let down = i16::try_from(i32::from(at.y) - i32::from(before)).unwrap_or(0);
    if down == 0 {
        return;
    }
    match what {
        Drag::List(what) => scroll(screen, what, -isize::from(down)),
        Drag::Split => drop(screen.panes.resize(Pane::Timeline, -down)),
    }
    screen.pointer.drag = Some((what, at.y));
}
