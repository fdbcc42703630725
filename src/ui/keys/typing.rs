//! Characters that go into a field.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::LONGEST_PASTE;
use super::paste::signature_done;
use crate::model::Model;
use crate::ui::screen::{Dialog, Field, Focus, Screen};
use crate::ui::{Wish, palette};

/// The longest line that may be typed.
const LONGEST_LINE: usize = 400;

/// Whether characters go into a field now.
pub(super) fn typing(screen: &Screen) -> bool {
    if screen.find.palette.is_some() || screen.find.filtering {
        return true;
    }
    match &screen.dialog {
        Some(Dialog::Draft) => screen.draft.as_ref().is_some_and(|d| d.focus != Focus::Rules && d.asked.is_none()),
        Some(Dialog::Change(_)) => {
            matches!(screen.field, Field::Region(_) | Field::Code(_) | Field::Signature(_) | Field::Reject(_))
        }
        Some(Dialog::Note(_) | Dialog::Moment(_) | Dialog::Begin(_)) => true,
        _ => false,
    }
}

pub(super) fn typed(screen: &mut Screen, model: &Model, key: KeyEvent) -> Vec<Wish> {
    let into = |input: &mut Input| {
        let longer = matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL);
        if !(longer && input.value().chars().count() >= LONGEST_LINE) {
            input.handle_event(&Event::Key(key));
        }
    };
    let view = screen.view;
    if let Some(palette) = &mut screen.find.palette {
        into(&mut palette.input);
        palette::typed(screen, model);
        return Vec::new();
    }
    if screen.find.filtering {
        into(screen.find.filter_mut(view));
        return Vec::new();
    }
    match (&mut screen.dialog, &mut screen.field) {
        (Some(Dialog::Draft), _) => {
            if let Some(form) = &mut screen.draft {
                if form.focus == Focus::Despite {
                    into(&mut form.despite);
                    form.draft.despite = form.despite.value().to_owned();
                } else {
                    into(&mut form.reason);
                    form.draft.reason = form.reason.value().to_owned();
                }
            }
        }
        (Some(Dialog::Begin(form)), _) => into(form.input()),
        (Some(Dialog::Moment(form)), _) => into(form.input()),
        (Some(Dialog::Note(input)), _) | (_, Field::Region(input) | Field::Code(input) | Field::Reject(input)) => {
            into(input)
        }
        (_, Field::Signature(text)) => {
            match key.code {
                KeyCode::Char(c) if text.len() < LONGEST_PASTE => text.push(c),
                KeyCode::Backspace => drop(text.pop()),
                _ => {}
            }
            return signature_done(screen, model, false);
        }
        _ => {}
    }
    Vec::new()
}
