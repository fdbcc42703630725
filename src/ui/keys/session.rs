//! Beginning a named incident or drill, ending it, and having its report written.

use tui_input::Input;

use super::complain;
use crate::change::Change;
use crate::estate::Side;
use crate::event::{Ask, NewSession};
use crate::model::Model;
use crate::record::SessionKind;
use crate::time::{Timestamp, moment_of};
use crate::ui::screen::{BeginField, BeginForm, Dialog, Screen};
use crate::ui::{Action, Wish};

/// Opens the dialog: to end what runs, or to begin.
pub(super) fn open(screen: &mut Screen, model: &Model) {
    if screen.setup.hands.operator.is_none() {
        return complain(screen, "you only look on, and cannot begin or end incidents");
    }
    screen.dialog_scroll = 0;
    screen.dialog = Some(if model.sessions.contains_key(&screen.pair) {
        Dialog::End
    } else {
        let kind = if is_serious(screen, model) { SessionKind::Incident } else { SessionKind::Quarterly };
        let with = screen.setup.person.as_ref().map(ToString::to_string).unwrap_or_default();
        let (name, since, at) = (Input::default(), Input::default(), BeginField::Name);
        Dialog::Begin(BeginForm { kind, name, with: Input::new(with), since, at })
    });
}

/// Whether what goes on looks like an incident: a side is impaired, the controls are wrong or were moved by
/// somebody else, a clock runs that began with a failure, or a change
/// waits or runs. Otherwise somebody practises.
fn is_serious(screen: &Screen, model: &Model) -> bool {
    let pair = &screen.pair;
    let change = |c: &Change| c.text.pair == *pair && (c.state.is_open() || c.state.is_running());
    Side::BOTH.into_iter().any(|side| model.impaired_since(pair, side).is_some())
        || model.controls_are_wrong(pair)
        || model.incidents.get(pair).is_some_and(|i| i.ended.is_none() && !i.planned)
        || model.changes.all().iter().any(change)
}

/// The moment that a field says; none where it is empty, which is now.
///
/// # Errors
/// Why it is none, in words.
pub(super) fn said_moment(field: &Input, model: &Model) -> Result<Option<Timestamp>, String> {
    match field.value().trim() {
        "" => Ok(None),
        said => moment_of(said, model.now.wall).map(Some),
    }
}

/// Keys in the two dialogs.
pub(super) fn on_session(screen: &mut Screen, model: &Model, action: Action) -> Vec<Wish> {
    let Some(by) = screen.setup.hands.operator.clone() else { return Vec::new() };
    let pair = screen.pair.clone();
    match (&mut screen.dialog, action) {
        (Some(Dialog::End), Action::Look) => {
            screen.dialog = None;
            vec![Wish::Ask(Ask::End { by, pair })]
        }
        (Some(Dialog::End), Action::Report) => vec![report(screen)],
        (Some(Dialog::Begin(form)), Action::NextView | Action::PreviousView) => {
            form.at = match (form.at, action) {
                (BeginField::Name, Action::NextView) | (BeginField::Since, Action::PreviousView) => BeginField::With,
                (BeginField::With, Action::NextView) | (BeginField::Name, _) => BeginField::Since,
                (BeginField::With | BeginField::Since, _) => BeginField::Name,
            };
            Vec::new()
        }
        (Some(Dialog::Begin(form)), Action::Look) => {
            let name = form.name.value().trim().to_owned();
            if name.is_empty() {
                form.at = BeginField::Name;
                complain(screen, "give it a name, such as INC-4471 or 2026-Q4");
                return Vec::new();
            }
            let since = match said_moment(&form.since, model) {
                Ok(since) => since,
                Err(why) => {
                    form.at = BeginField::Since;
                    complain(screen, &why);
                    return Vec::new();
                }
            };
            let participants = form.with.value().split(',').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty());
            let session = NewSession { pair, name, kind: form.kind, participants: participants.collect(), since };
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
