//! Keys, pastes and clicks: where this person looks next, and what they want done.

mod change;
mod copy;
mod dialog;
mod draft;
mod mouse;
mod paste;
mod theme;
mod typing;
mod view;

use crossterm::event::{Event, KeyEvent, KeyEventKind};

use super::Wish;
use super::screen::{Field, Screen};
use crate::model::Model;

/// The longest signature that is taken: RSA 16384 and some.
const LONGEST_PASTE: usize = 16 * 1024;

/// Takes an input in.
pub(crate) fn input(screen: &mut Screen, model: &Model, input: Event) -> Vec<Wish> {
    match input {
        Event::Key(key) if key.kind != KeyEventKind::Release => self::key(screen, model, key),
        Event::Paste(text) => paste::paste(screen, model, &text),
        Event::Mouse(mouse) => mouse::mouse(screen, model, mouse),
        _ => Vec::new(),
    }
}

fn key(screen: &mut Screen, model: &Model, key: KeyEvent) -> Vec<Wish> {
    screen.complaint = None;
    screen.said = None;
    if typing::typing(screen) && !typing::leaves_field(key) {
        return typing::typed(screen, model, key);
    }
    let Some(action) = screen.setup.keymap.action(key) else {
        if matches!(screen.field, Field::Withdraw) {
            screen.field = Field::None;
        }
        return Vec::new();
    };
    match screen.dialog.clone() {
        None => view::on_view(screen, model, action),
        Some(dialog) => dialog::on_dialog(screen, model, &dialog, action),
    }
}

fn complain(screen: &mut Screen, why: &str) {
    screen.complaint = Some(why.to_owned());
}
