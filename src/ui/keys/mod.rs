//! Keys, pastes and clicks: where this person looks next, and what they want done.

mod change;
mod copy;
mod dialog;
pub(super) mod draft;
mod find;
mod mouse;
mod paste;
mod sequence;
mod session;
mod theme;
mod typing;
mod unknown;
mod update;
mod view;

use crossterm::event::{Event, KeyEvent, KeyEventKind};

use self::sequence::Next;
use super::finding::history;
use super::hand::Hand;
use super::palette::availability;
use super::screen::{Dialog, Field, Screen};
use super::{Action, Wish};
use crate::model::Model;

/// The longest signature that is taken: RSA 16384 and some.
const LONGEST_PASTE: usize = 16 * 1024;

pub(crate) use self::copy::copied_words;
pub(crate) use self::sequence::context;
pub(crate) use self::typing::typing as takes_text;

/// Takes an input in.
pub(crate) fn input(screen: &mut Screen, model: &Model, input: Event) -> Vec<Wish> {
    if matches!(input, Event::Paste(_) | Event::Mouse(_)) {
        screen.pending.clear();
    }
    // Twice, because a change that was approved meanwhile may have opened its dialog by itself.
    history::note(screen);
    let wishes = match input {
        Event::Key(key) if key.kind != KeyEventKind::Release => self::key(screen, model, key),
        Event::Paste(text) => paste::paste(screen, model, &text),
        Event::Mouse(mouse) => mouse::mouse(screen, model, mouse),
        _ => Vec::new(),
    };
    history::note(screen);
    wishes
}

/// Whether an input means something else than the dialog that it comes to: reading there, or closing it.
pub(crate) fn passes_by(screen: &Screen, input: &Event) -> bool {
    sequence::passes_by(screen, input)
}

/// Takes an input in while the window is too small to show what it would do: leaving works, and nothing else.
pub(crate) fn unseen(screen: &mut Screen, model: &Model, input: &Event) -> Vec<Wish> {
    let Event::Key(key) = input else { return Vec::new() };
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    (screen.complaint, screen.said) = (None, None);
    match sequence::next(screen, *key) {
        Next::Act(Action::Quit) => view::quit(screen, model),
        Next::Act(Action::Back) if matches!(screen.dialog, Some(Dialog::Quit)) => {
            screen.dialog = None;
            Vec::new()
        }
        Next::Act(_) | Next::Waits | Next::Off | Next::Unknown => {
            screen.complaint = None;
            Vec::new()
        }
    }
}

/// Whether an input is the key that leaves.
pub(crate) fn leaves(screen: &Screen, input: &Event) -> bool {
    sequence::leaves(screen, input)
}

fn key(screen: &mut Screen, model: &Model, key: KeyEvent) -> Vec<Wish> {
    // What came at once does not take away why it was not done.
    if screen.hand == Hand::Own {
        (screen.complaint, screen.said) = (None, None);
    }
    let next = sequence::next(screen, key);
    let action = match next {
        Next::Act(action) => action,
        Next::Waits => return Vec::new(),
        Next::Unknown if typing::typing(screen) => return typing::typed(screen, model, key),
        Next::Unknown | Next::Off => {
            if matches!(screen.field, Field::Withdraw) {
                screen.field = Field::None;
            }
            if matches!(screen.dialog, Some(Dialog::Stays { .. })) {
                return stays(screen, model, Action::Look);
            }
            if matches!(next, Next::Unknown) {
                let why = unknown::why(screen, key);
                complain(screen, &why);
            }
            return Vec::new();
        }
    };
    if action != Action::Suspend
        && let Some(wishes) = find::on_field(screen, model, action)
    {
        return wishes;
    }
    act(screen, model, action)
}

/// Does what a key stands for, or says why it cannot be done now. The palette comes in here too.
fn act(screen: &mut Screen, model: &Model, action: Action) -> Vec<Wish> {
    if matches!(screen.dialog, Some(Dialog::Stays { .. })) {
        return stays(screen, model, action);
    }
    if let Err(why) = availability(screen, model, action) {
        // Any other key keeps the change, also one that does nothing here.
        if matches!(screen.field, Field::Withdraw) {
            screen.field = Field::None;
        }
        // A step that leads nowhere is no mistake; and what enter confirms in a dialog says by itself what is missing.
        let step = matches!(
            action,
            Action::Back | Action::LeftRegion | Action::RightRegion | Action::NextView | Action::PreviousView
        );
        if action != Action::Look {
            if !step {
                complain(screen, &why);
            }
            return Vec::new();
        }
    }
    if let Err(why) = screen.hand.may(screen, action) {
        complain(screen, &why);
        return Vec::new();
    }
    match screen.dialog.clone() {
        // Wherever one is: what was typed is there again afterwards.
        _ if action == Action::Suspend => vec![Wish::Suspend],
        None if action == Action::Back && !screen.notices.is_empty() => {
            screen.notices.clear();
            Vec::new()
        }
        None => view::on_view(screen, model, action),
        Some(dialog) => dialog::on_dialog(screen, model, &dialog, action),
    }
}

/// Keys while somebody may believe that a shell reads them: leaving works, and going on.
fn stays(screen: &mut Screen, model: &Model, action: Action) -> Vec<Wish> {
    match action {
        Action::Back => {
            let Some(Dialog::Stays { over, .. }) = screen.dialog.take() else { return Vec::new() };
            // What was proposed meanwhile has no draft any more.
            screen.dialog = over.map(|over| *over).filter(|d| !matches!(d, Dialog::Draft) || screen.draft.is_some());
            Vec::new()
        }
        Action::Quit if screen.hand == Hand::Own => view::quit(screen, model),
        _ => {
            let back = screen.key(Action::Back);
            complain(screen, &format!("this console was not suspended, and no shell reads your keys: {back} goes on"));
            Vec::new()
        }
    }
}

fn complain(screen: &mut Screen, why: &str) {
    screen.complaint = Some(why.to_owned());
}
