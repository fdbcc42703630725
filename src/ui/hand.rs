//! Whether a hand did something, or it came at once with more: pasted, or typed ahead. What moves traffic takes only a
//! hand's enter.

use crossterm::event::Event;

/// An input, and how it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A hand did it: nothing else came with it.
    ByHand(Event),
    /// It came together with more.
    AtOnce(Event),
}

/// Proof that the input being taken in is a hand's. Only [`Input::taken`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByHand(());

impl Input {
    /// What was done, and the proof where a hand did it.
    pub(crate) fn taken(self) -> (Event, Option<ByHand>) {
        match self {
            Input::ByHand(event) => (event, Some(ByHand(()))),
            Input::AtOnce(event) => (event, None),
        }
    }
}

impl From<Event> for Input {
    fn from(event: Event) -> Self {
        Input::ByHand(event)
    }
}
