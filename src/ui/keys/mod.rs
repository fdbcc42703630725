//! Keys, pastes and clicks: where this person looks next, and what they want done.

mod change;
mod dialog;
mod draft;
mod mouse;
mod paste;
mod sequence;
mod session;
mod typing;
mod view;

use crossterm::event::{Event, KeyEvent, KeyEventKind};

use self::sequence::Next;
use super::screen::{Field, Screen};
use super::{Action, Wish};
use crate::model::Model;

/// The longest signature that is taken: RSA 16384 and some.
const LONGEST_PASTE: usize = 16 * 1024;

pub(crate) use self::sequence::context;

/// Takes an input in.
pub(crate) fn input(screen: &mut Screen, model: &Model, input: Event) -> Vec<Wish> {
    if matches!(input, Event::Paste(_) | Event::Mouse(_)) {
        screen.pending.clear();
    }
    match input {
        Event::Key(key) if key.kind != KeyEventKind::Release => self::key(screen, model, key),
        Event::Paste(text) => paste::paste(screen, model, &text),
        Event::Mouse(mouse) => mouse::mouse(screen, model, mouse),
        _ => Vec::new(),
    }
}

fn key(screen: &mut Screen, model: &Model, key: KeyEvent) -> Vec<Wish> {
    screen.complaint = None;
    let action = match sequence::next(screen, key) {
        Next::Act(action) => action,
        Next::Waits => return Vec::new(),
        Next::Unknown if typing::typing(screen) => return typing::typed(screen, model, key),
        Next::Unknown | Next::Off => {
            if matches!(screen.field, Field::Withdraw) {
                screen.field = Field::None;
            }
            return Vec::new();
        }
    };
    match screen.dialog.clone() {
        None if action == Action::Back && !screen.notices.is_empty() => {
            screen.notices.clear();
            Vec::new()
        }
        None => view::on_view(screen, model, action),
        Some(dialog) => dialog::on_dialog(screen, model, &dialog, action),
    }
}

fn complain(screen: &mut Screen, why: &str) {
    screen.complaint = Some(why.to_owned());
}

fn copy(text: &str) -> Wish {
    Wish::Copy(crate::hygiene::visible(text).into_owned())
}
