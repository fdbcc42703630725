//! From keys to actions: what a key does where it is pressed, and sequences that wait for their next key.

use crossterm::event::KeyEvent;

use super::{complain, typing};
use crate::ui::Action;
use crate::ui::keymap::{Context, Key, Step, pretty};
use crate::ui::screen::{Dialog, Screen, View};

/// What comes of a key.
pub(super) enum Next {
    /// An action.
    Act(Action),
    /// A sequence has begun or goes on.
    Waits,
    /// A sequence was broken off.
    Off,
    /// The keymap knows nothing of it.
    Unknown,
}

/// Takes a key in.
pub(super) fn next(screen: &mut Screen, event: KeyEvent) -> Next {
    let (key, context) = (Key::of(event), context(screen));
    let began = !screen.pending.is_empty();
    screen.pending.push(key);
    let keymap = &screen.setup.keymap;
    let step = keymap.step(context, &screen.pending);
    // No sequence holds esc, so it always ends up here.
    let leaves = key.is_esc() || keymap.step(context, &[key]) == Step::Act(Action::Back);
    match step {
        Step::Wait => Next::Waits,
        Step::Act(action) => {
            screen.pending.clear();
            Next::Act(action)
        }
        Step::Nothing => {
            let keys = std::mem::take(&mut screen.pending);
            if !began {
                return Next::Unknown;
            }
            // Nobody can know which was meant, so the last key does nothing by itself either.
            if !leaves {
                complain(screen, &format!("{} is no key here", pretty(&keys)));
            }
            Next::Off
        }
    }
}

/// Where a key that is pressed now is looked up.
pub(crate) fn context(screen: &Screen) -> Context {
    if typing::typing(screen) {
        return Context::Field;
    }
    match (&screen.dialog, screen.view) {
        (Some(Dialog::Draft), _) => Context::Draft,
        (Some(Dialog::Change(_)), _) => Context::Change,
        (Some(_), _) => Context::Dialog,
        (None, View::Overview) => Context::Overview,
        (None, View::Controls) => Context::Controls,
        (None, View::Checks) => Context::Checks,
        (None, View::Dns) => Context::Dns,
        (None, View::Drs) => Context::Drs,
        (None, View::Readiness) => Context::Readiness,
        (None, View::Changes) => Context::Changes,
        (None, View::Timeline) => Context::Timeline,
        (None, View::People) => Context::People,
        (None, View::Log) => Context::Log,
    }
}

/// Whether an input is the key, or the end of the keys, that leaves.
pub(super) fn leaves(screen: &Screen, input: &crossterm::event::Event) -> bool {
    let crossterm::event::Event::Key(key) = input else { return false };
    let keys = [screen.pending.as_slice(), &[Key::of(*key)]].concat();
    screen.setup.keymap.step(context(screen), &keys) == Step::Act(Action::Quit)
}

/// Whether a key does something else than to read in a dialog that only tells, or to close it.
pub(super) fn passes_by(screen: &Screen, input: &crossterm::event::Event) -> bool {
    let crossterm::event::Event::Key(key) = input else { return false };
    if key.kind == crossterm::event::KeyEventKind::Release {
        return false;
    }
    let keys = [screen.pending.as_slice(), &[Key::of(*key)]].concat();
    match screen.setup.keymap.step(context(screen), &keys) {
        Step::Act(action) => !matches!(
            action,
            Action::Up
                | Action::Down
                | Action::PageUp
                | Action::PageDown
                | Action::First
                | Action::Last
                | Action::Look
                | Action::Back
                | Action::Away
                | Action::Timeline
                | Action::Presenter
                | Action::Suspend
                | Action::Quit
        ),
        Step::Wait | Step::Nothing => false,
    }
}
