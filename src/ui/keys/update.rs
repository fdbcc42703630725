//! Keys in the dialog of a status update.

use super::complain;
use super::copy::copied;
use crate::event::Ask;
use crate::model::Model;
use crate::ui::screen::{Dialog, Screen};
use crate::ui::{Mode, Wish, layout};
use crate::words::Update;

impl Screen {
    /// What this person can tell people who are elsewhere, now.
    pub(crate) fn update<'m>(&'m self, model: &'m Model) -> Update<'m> {
        model.status(&self.pair, self.setup.person.as_ref(), self.setup.mode == Mode::Demo)
    }
}

/// Shows it.
pub(super) fn open(screen: &mut Screen) {
    screen.dialog = Some(Dialog::Update);
    screen.dialog_scroll = 0;
}

/// Copies it, as one line: a shell that it is pasted into by mistake runs nothing.
pub(super) fn copy(screen: &mut Screen, model: &Model) -> Vec<Wish> {
    let text = screen.update(model).lines().join(" ");
    copied(screen, &text)
}

/// Has it kept that it was sent: as step 7 where that is due, else as a line of the timeline.
pub(super) fn sent(screen: &mut Screen, model: &Model) -> Vec<Wish> {
    let Some(by) = screen.setup.hands.operator.clone() else {
        complain(screen, "you only look on, and cannot send updates");
        return Vec::new();
    };
    let pair = screen.pair.clone();
    let ask = if layout::told_is_due(screen, model) {
        Ask::Told { by, pair }
    } else {
        Ask::Note { by, pair, text: screen.update(model).sent() }
    };
    screen.dialog = None;
    vec![Wish::Ask(ask)]
}
