//! Clicks and the wheel.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::dialog::on_dialog;
use super::view::travel;
use crate::model::Model;
use crate::ui::screen::{Hit, Screen};
use crate::ui::{Action, Wish};

pub(super) fn mouse(screen: &mut Screen, model: &Model, mouse: MouseEvent) -> Vec<Wish> {
    let action = match mouse.kind {
        MouseEventKind::ScrollUp => Action::Up,
        MouseEventKind::ScrollDown => Action::Down,
        MouseEventKind::Down(MouseButton::Left) if screen.dialog.is_none() => {
            let at = ratatui::layout::Position { x: mouse.column, y: mouse.row };
            let hit = screen.hits.iter().rev().find(|(area, _)| area.contains(at)).map(|(_, hit)| hit.clone());
            match hit {
                Some(Hit::View(view)) => screen.view = view,
                Some(Hit::Side(side)) => screen.side = side,
                Some(Hit::Cursor(cursor, side)) => {
                    screen.cursor = Some(cursor);
                    screen.side = side.unwrap_or(screen.side);
                }
                None => {}
            }
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    match screen.dialog.clone() {
        None => travel(screen, model, action),
        Some(dialog) => drop(on_dialog(screen, model, &dialog, action)),
    }
    Vec::new()
}
