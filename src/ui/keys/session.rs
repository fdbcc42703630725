//! Beginning a named incident or drill, ending it, and having its report written.

use tui_input::Input;

use super::complain;
use crate::event::{Ask, NewSession};
use crate::model::Model;
use crate::record::SessionKind;
use crate::ui::screen::{BeginForm, Dialog, Screen};
use crate::ui::{Action, Wish};

/// Opens the dialog: to end what runs, or to begin.
pub(super) fn open(screen: &mut Screen, model: &Model) {
    if screen.setup.hands.operator.is_none() {
        return complain(screen, "who only looks on begins and ends no incident");
    }
    screen.dialog_scroll = 0;
    screen.dialog = Some(if model.sessions.contains_key(&screen.pair) {
        Dialog::End
    } else {
        // While something has failed it is an incident; otherwise somebody practises.
        let impaired = model.incidents.get(&screen.pair).is_some_and(|i| i.ended.is_none() && !i.planned);
        let kind = if impaired { SessionKind::Incident } else { SessionKind::Quarterly };
        let with = screen.setup.person.as_ref().map(ToString::to_string).unwrap_or_default();
        Dialog::Begin(BeginForm { kind, name: Input::default(), with: Input::new(with), at_with: false })
    });
}

/// Keys in the two dialogs.
pub(super) fn on_session(screen: &mut Screen, action: Action) -> Vec<Wish> {
    let Some(by) = screen.setup.hands.operator.clone() else { return Vec::new() };
    let pair = screen.pair.clone();
    match (&mut screen.dialog, action) {
        (Some(Dialog::End), Action::Look) => {
            screen.dialog = None;
            vec![Wish::Ask(Ask::End { by, pair })]
        }
        (Some(Dialog::End), Action::Report) => vec![report(screen)],
        (Some(Dialog::Begin(form)), Action::NextView | Action::PreviousView) => {
            form.at_with = !form.at_with;
            Vec::new()
        }
        (Some(Dialog::Begin(form)), Action::Look) => {
            let name = form.name.value().trim().to_owned();
            if name.is_empty() {
                form.at_with = false;
                complain(screen, "give it a name, such as INC-4471 or 2026-Q4");
                return Vec::new();
            }
            let participants = form.with.value().split(',').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty());
            let session = NewSession { pair, name, kind: form.kind, participants: participants.collect() };
            screen.dialog = None;
            vec![Wish::Ask(Ask::Begin { by, session })]
        }
        _ => Vec::new(),
    }
}

/// The next type in the list, or the one before.
pub(super) fn step_kind(form: &mut BeginForm, down: bool) {
    let at = SessionKind::ALL.iter().position(|k| *k == form.kind).unwrap_or(0);
    let next = if down { at + 1 } else { at + SessionKind::ALL.len() - 1 };
    if let Some(kind) = SessionKind::ALL.get(next % SessionKind::ALL.len()) {
        form.kind = *kind;
    }
}

pub(super) fn report(screen: &Screen) -> Wish {
    Wish::Report { by: screen.setup.person.clone(), pair: screen.pair.clone(), masked: screen.presents() }
}
