//! Characters that go into a field.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::paste::signature_done;
use super::{LONGEST_PASTE, complain};
use crate::model::Model;
use crate::ui::screen::{Dialog, Field, Focus, Screen};
use crate::ui::{Wish, palette};

/// The longest line that may be typed.
pub(super) const LONGEST_LINE: usize = 400;

/// Whether characters go into a field now.
pub(crate) fn typing(screen: &Screen) -> bool {
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

/// The line that takes the characters now; none where a signature does, or nothing.
pub(super) fn line(screen: &mut Screen) -> Option<&mut Input> {
    let view = screen.view;
    if screen.find.palette.is_some() {
        return screen.find.palette.as_mut().map(|palette| &mut palette.input);
    }
    if screen.find.filtering {
        return Some(screen.find.filter_mut(view));
    }
    match (&mut screen.dialog, &mut screen.field) {
        (Some(Dialog::Draft), _) => {
            let form = screen.draft.as_mut()?;
            Some(match form.focus {
                Focus::Despite => &mut form.despite,
                Focus::At => &mut form.at,
                Focus::Reason | Focus::Rules => &mut form.reason,
            })
        }
        (Some(Dialog::Begin(form)), _) => Some(form.input()),
        (Some(Dialog::Moment(form)), _) => Some(form.input()),
        (Some(Dialog::Note(input)), _) | (_, Field::Region(input) | Field::Code(input) | Field::Reject(input)) => {
            Some(input)
        }
        _ => None,
    }
}

/// Characters that a line has room for.
pub(super) fn room(line: &Input) -> usize {
    LONGEST_LINE.saturating_sub(line.value().chars().count())
}

pub(super) fn typed(screen: &mut Screen, model: &Model, key: KeyEvent) -> Vec<Wish> {
    if let Field::Signature(text) = &mut screen.field
        && screen.find.palette.is_none()
        && !screen.find.filtering
    {
        match key.code {
            KeyCode::Char(c) if text.len() < LONGEST_PASTE => text.push(c),
            KeyCode::Backspace => drop(text.pop()),
            _ => {}
        }
        return signature_done(screen, model, false);
    }
    let Some(line) = line(screen) else { return Vec::new() };
    let longer = matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL);
    if longer && room(line) == 0 {
        complain(screen, &format!("this field is full: it takes {LONGEST_LINE} characters"));
        return Vec::new();
    }
    line.handle_event(&Event::Key(key));
    taken(screen, model);
    Vec::new()
}

/// What follows from a line that has changed.
pub(super) fn taken(screen: &mut Screen, model: &Model) {
    if screen.find.palette.is_some() {
        palette::typed(screen, model);
        return;
    }
    if let Some(form) = &mut screen.draft {
        form.draft.despite = form.despite.value().to_owned();
        form.draft.reason = form.reason.value().to_owned();
    }
}
