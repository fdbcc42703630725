//! Whether a hand did something, or it came at once with more: pasted, or typed ahead over a slow line. What came at
//! once may look around and fill in fields. Everything else needs a hand.

use crossterm::event::Event;

use super::screen::{Dialog, Screen};
use super::{Action, Wish};
use crate::event::Ask;

/// An input, and how it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A hand did it: nothing else came with it.
    ByHand(Event),
    /// It came together with more.
    AtOnce(Event),
}

/// How the input came that is being taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hand {
    /// A hand did it.
    Own,
    /// No hand did.
    None,
}

impl Input {
    /// What was done, and whether a hand did it.
    pub(crate) fn taken(self) -> (Event, Hand) {
        match self {
            Input::ByHand(event) => (event, Hand::Own),
            Input::AtOnce(event) => (event, Hand::None),
        }
    }
}

impl From<Event> for Input {
    fn from(event: Event) -> Self {
        Input::ByHand(event)
    }
}

impl Hand {
    /// Whether an action may be done.
    ///
    /// # Errors
    /// Why not, in words.
    pub(crate) fn may(self, screen: &Screen, action: Action) -> Result<(), String> {
        if self == Hand::Own || only_looks(screen, action) {
            return Ok(());
        }
        let key = screen.key(action);
        Err(match action {
            Action::Look if screen.takes_text() => {
                format!("{key} came together with the text: read what stands there, and press {key} by hand")
            }
            _ => format!("{key} came together with other keys, as pasted text does: press it by hand, and by itself"),
        })
    }

    /// Whether a wish may leave the screen. What acts needs a hand, whatever led to it; [`Hand::may`] has said so
    /// before.
    pub(crate) fn grants(self, wish: &Wish) -> bool {
        self == Hand::Own
            || match wish {
                // A signature is proof by itself, and is pasted.
                Wish::Ask(Ask::Signature { .. } | Ask::Reading { .. }) => true,
                Wish::Quit
                | Wish::Suspend
                | Wish::Ask(_)
                | Wish::Propose { .. }
                | Wish::ActAsSecond { .. }
                | Wish::Report { .. }
                | Wish::RememberTheme(_) => false,
                Wish::Copy(_) | Wish::Hurry | Wish::Mouse(_) | Wish::Remember(_) | Wish::Past(_) | Wish::Live => true,
            }
    }
}

/// Whether an action only moves where this person looks, or brings up what is read or filled in there.
fn only_looks(screen: &Screen, action: Action) -> bool {
    match action {
        // It confirms in most dialogs, and begins a change of what is marked.
        Action::Look => match &screen.dialog {
            None => screen.marks.is_empty(),
            Some(Dialog::Away | Dialog::Help | Dialog::System(_) | Dialog::Thing(_)) => true,
            Some(_) => false,
        },
        Action::Overview
        | Action::Controls
        | Action::Checks
        | Action::Dns
        | Action::Drs
        | Action::Readiness
        | Action::Changes
        | Action::Timeline
        | Action::People
        | Action::Log
        | Action::NextView
        | Action::PreviousView
        | Action::NextPair
        | Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::First
        | Action::Last
        | Action::LeftRegion
        | Action::RightRegion
        | Action::Fold
        | Action::Back
        | Action::TimelineSource
        | Action::TimelineSourceBack
        | Action::TimelineSeverity
        | Action::Follow
        | Action::Past
        | Action::Forward
        | Action::PastFar
        | Action::ForwardFar
        | Action::Live
        | Action::Away
        | Action::Change
        | Action::Copy
        | Action::Told
        | Action::Note
        | Action::MarkMoment
        | Action::Commands
        | Action::Filter
        | Action::Jump
        | Action::GoBack
        | Action::GoForward
        | Action::Mouse
        | Action::PaneGrow
        | Action::PaneShrink
        | Action::LagWider
        | Action::LagNarrower
        | Action::PaneReset
        | Action::AskAgain
        | Action::Theme
        | Action::Help => true,
        Action::Mark
        | Action::MarkService
        | Action::ClearMarks
        | Action::FailOver
        | Action::FailBack
        | Action::LaunchDrill
        | Action::Recover
        | Action::Override
        | Action::Paste
        | Action::Approve
        | Action::ActAsSecond
        | Action::Withdraw
        | Action::Reject
        | Action::Begin
        | Action::Report
        // It shows what was masked.
        | Action::Presenter
        | Action::Suspend
        | Action::Quit => false,
    }
}
