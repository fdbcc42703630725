//! Keys while a dialog is open.

use super::change::on_change;
use super::copy::copy_selected;
use super::draft::{propose, refusing, rule_step};
use super::find::find;
use super::session::{on_session, said_moment, step_kind};
use super::update;
use super::view::quit;
use crate::change::Wanted;
use crate::event::Ask;
use crate::model::Model;
use crate::ui::screen::{Dialog, Field, Focus, Screen, View};
use crate::ui::{Action, Wish};

pub(super) fn on_dialog(screen: &mut Screen, model: &Model, dialog: &Dialog, action: Action) -> Vec<Wish> {
    let page = screen.page.max(1);
    let in_rules = matches!(dialog, Dialog::Draft) && screen.draft.as_ref().is_some_and(|d| d.focus == Focus::Rules);
    if matches!(screen.field, Field::Withdraw) && action != Action::Withdraw {
        screen.field = Field::None;
        return Vec::new();
    }
    if let Some(wishes) = super::theme::on_list(screen, dialog, action) {
        return wishes;
    }
    match action {
        Action::Presenter => screen.present(!screen.presents()),
        Action::Up | Action::Down if in_rules => {
            rule_step(screen, model, action == Action::Down);
            return Vec::new();
        }
        Action::Up | Action::Down if matches!(dialog, Dialog::Begin(_)) => {
            if let Some(Dialog::Begin(form)) = &mut screen.dialog {
                step_kind(form, action == Action::Down);
            }
        }
        Action::Up => screen.dialog_scroll = screen.dialog_scroll.saturating_sub(1),
        Action::Down => screen.dialog_scroll += 1,
        Action::PageUp => screen.dialog_scroll = screen.dialog_scroll.saturating_sub(page),
        Action::PageDown => screen.dialog_scroll += page,
        Action::First => screen.dialog_scroll = 0,
        Action::Last => screen.dialog_scroll = usize::MAX / 2,
        Action::Back => {
            let leave_field = matches!(screen.field, Field::Code(_) | Field::Signature(_) | Field::Reject(_));
            screen.field = Field::None;
            if !leave_field {
                screen.dialog = None;
            }
        }
        Action::Quit => return quit(screen, model),
        Action::Commands | Action::Jump | Action::GoBack | Action::GoForward | Action::Mouse => {
            return find(screen, model, action);
        }
        Action::Help if matches!(dialog, Dialog::Help) => screen.dialog = None,
        _ => return dialog_action(screen, model, dialog, action),
    }
    Vec::new()
}

fn dialog_action(screen: &mut Screen, model: &Model, dialog: &Dialog, action: Action) -> Vec<Wish> {
    match (dialog, action) {
        (Dialog::Draft, Action::Look) => propose(screen, model),
        (Dialog::Draft, Action::NextView | Action::PreviousView | Action::Override) => {
            let refusing = refusing(screen, model);
            let stopped = screen.draft.as_ref().is_some_and(|f| !model.stops(&f.draft).is_empty());
            if let Some(form) = &mut screen.draft {
                let launches = matches!(form.draft.wanted, Wanted::Launch(_));
                form.focus = match form.focus {
                    Focus::Reason if stopped => Focus::Despite,
                    Focus::Reason | Focus::Despite if launches => Focus::At,
                    Focus::Reason | Focus::Despite if !refusing.is_empty() => Focus::Rules,
                    Focus::Reason | Focus::Despite | Focus::At | Focus::Rules => Focus::Reason,
                };
                form.rule = form.rule.take().filter(|r| refusing.contains(r)).or(refusing.into_iter().next());
            }
            Vec::new()
        }
        (Dialog::Draft, Action::Mark) => {
            if let Some(form) = &mut screen.draft
                && let Some(rule) = form.rule.clone()
            {
                let Some(overrides) = form.draft.overrides_mut() else { return Vec::new() };
                match overrides.iter().position(|r| *r == rule) {
                    Some(i) => drop(overrides.remove(i)),
                    None => overrides.push(rule),
                }
            }
            Vec::new()
        }
        (Dialog::Note(input), Action::Look) => {
            let text = input.value().trim().to_owned();
            screen.dialog = None;
            match screen.setup.hands.operator.clone() {
                Some(by) if !text.is_empty() => {
                    vec![Wish::Ask(Ask::Note { by, pair: screen.pair.clone(), text })]
                }
                _ => Vec::new(),
            }
        }
        (Dialog::Begin(_) | Dialog::End, _) => on_session(screen, model, action),
        (Dialog::Moment(form), Action::Look) => {
            let text = form.what.value().trim().to_owned();
            let was = match said_moment(&form.was, model) {
                Ok(was) => was,
                Err(why) => {
                    super::complain(screen, &why);
                    return Vec::new();
                }
            };
            screen.dialog = None;
            match screen.setup.hands.operator.clone() {
                Some(by) if !text.is_empty() => {
                    vec![Wish::Ask(Ask::Moment { by, pair: screen.pair.clone(), text, was })]
                }
                _ => Vec::new(),
            }
        }
        (Dialog::Moment(_), Action::NextView | Action::PreviousView) => {
            if let Some(Dialog::Moment(form)) = &mut screen.dialog {
                form.at_was = !form.at_was;
            }
            Vec::new()
        }
        (Dialog::Away, Action::Look | Action::Away) => {
            screen.dialog = None;
            Vec::new()
        }
        (Dialog::Away, Action::Timeline) => {
            screen.dialog = None;
            screen.view = View::Timeline;
            Vec::new()
        }
        (Dialog::System(_) | Dialog::Thing(_), Action::Copy) => copy_selected(screen, model),
        (Dialog::Update, Action::Copy) => update::copy(screen, model),
        (Dialog::Update, Action::Look) => update::sent(screen, model),
        (Dialog::Quit, Action::Look) => vec![Wish::Quit],
        (Dialog::Change(digest), _) => on_change(screen, model, digest, action),
        _ => Vec::new(),
    }
}
