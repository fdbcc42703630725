//! Keys in the dialog that follows a change.

use tui_input::Input;

use super::complain;
use super::copy::copied;
use super::draft::open_again;
use super::paste::signature_done;
use crate::change::State;
use crate::event::Ask;
use crate::model::Model;
use crate::ui::screen::{Field, Screen};
use crate::ui::{Action, Wish};

pub(super) fn on_change(
    screen: &mut Screen,
    model: &Model,
    digest: &crate::change::Digest,
    action: Action,
) -> Vec<Wish> {
    let Some(change) = model.changes.get(digest) else { return Vec::new() };
    let hands = screen.setup.hands.clone();
    let waits = change.state == State::Proposed;
    match (action, &screen.field) {
        (Action::Look, Field::Region(input)) => {
            let typed = input.value().trim().to_owned();
            let Some(by) = hands.operator else { return Vec::new() };
            if typed.is_empty() {
                complain(screen, &format!("type the name of {}", change.text.work.second_key_names()));
                return Vec::new();
            }
            screen.field = Field::Region(Input::default());
            vec![Wish::Ask(Ask::SecondKey { by, change: *digest, typed })]
        }
        (Action::Look, Field::Code(input)) => {
            let typed = input.value().trim().to_owned();
            let Some(by) = hands.approver else { return Vec::new() };
            if typed.is_empty() {
                complain(screen, "type the word code");
                return Vec::new();
            }
            screen.field = Field::Code(Input::default());
            vec![Wish::Ask(Ask::Approve { by, change: *digest, typed })]
        }
        (Action::Look, Field::Signature(_)) => {
            if let Field::Signature(text) = &mut screen.field {
                text.push('\n');
            }
            signature_done(screen, model, true)
        }
        (Action::Look, Field::Reject(input)) => {
            let reason = input.value().trim().to_owned();
            let Some(by) = hands.approver else { return Vec::new() };
            if reason.is_empty() {
                complain(screen, "a rejection needs a reason");
                return Vec::new();
            }
            screen.field = Field::None;
            vec![Wish::Ask(Ask::Reject { by, change: *digest, reason })]
        }
        (Action::NextView | Action::PreviousView, Field::Region(_)) => Vec::new(),
        (Action::Approve, Field::None) if waits && hands.approver.is_some() => {
            screen.field = Field::Code(Input::default());
            Vec::new()
        }
        (Action::Paste, Field::None) if waits && (hands.operator.is_some() || hands.approver.is_some()) => {
            screen.field = Field::Signature(String::new());
            Vec::new()
        }
        (Action::FailOver | Action::FailBack | Action::LaunchDrill | Action::Recover, Field::None) => {
            open_again(screen, model, change, action);
            Vec::new()
        }
        (Action::Copy, _) => {
            let command = screen.setup.approve.ours(change).join(" ");
            copied(screen, &command)
        }
        (Action::ActAsSecond, Field::None) if waits && screen.setup.approve.second_person.is_some() => {
            hands.operator.map(|by| Wish::ActAsSecond { by, change: *digest }).into_iter().collect()
        }
        (Action::Withdraw, Field::Withdraw) => {
            screen.field = Field::None;
            match hands.operator {
                Some(by) => vec![Wish::Ask(Ask::Withdraw { by, change: *digest })],
                None => Vec::new(),
            }
        }
        (Action::Withdraw, Field::None | Field::Region(_)) if change.state.is_open() && screen.is_mine(change) => {
            screen.field = Field::Withdraw;
            Vec::new()
        }
        (Action::Reject, Field::None) if change.state.is_open() && hands.approver.is_some() => {
            screen.field = Field::Reject(Input::default());
            Vec::new()
        }
        _ => Vec::new(),
    }
}
