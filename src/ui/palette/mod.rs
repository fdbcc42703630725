//! The palette: type a few letters and go there. For every action, it shows the keys, and why the action is not
//! available now. For every system, service, health check, DRS server and change of all pairs, it leads to where they
//! are shown.

mod available;
mod draw;
mod fuzzy;
mod things;

use tui_input::Input;

use super::action::Action;
use super::screen::Screen;
use crate::model::Model;

pub(crate) use available::{availability, stops_proposal};
pub(crate) use draw::draw;
pub(crate) use things::{Thing, go, stand_on};

/// What the palette lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Actions,
    Things,
}

/// A row of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Action(Action),
    Thing(Thing),
}

/// The open palette.
#[derive(Clone, Debug)]
pub(crate) struct Palette {
    pub(crate) kind: Kind,
    pub(crate) input: Input,
    /// The row under the cursor: a thing, not a line, so that nothing slips in under the hand.
    pub(crate) picked: Option<Choice>,
    scroll: usize,
    room: usize,
}

impl Palette {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, input: Input::default(), picked: None, scroll: 0, room: 10 }
    }
}

/// A choice with the words that it is found by: its name first.
struct Candidate {
    choice: Choice,
    name: String,
    words: String,
    /// Whether it is to be had now.
    usable: bool,
}

/// Opens the palette.
pub(crate) fn open(screen: &mut Screen, model: &Model, kind: Kind) {
    screen.find.palette = Some(Palette::new(kind));
    typed(screen, model);
}

/// What was typed has changed: the best match is under the cursor.
pub(crate) fn typed(screen: &mut Screen, model: &Model) {
    let first = choices(screen, model).into_iter().next().map(|c| c.choice);
    if let Some(palette) = &mut screen.find.palette {
        (palette.picked, palette.scroll) = (first, 0);
    }
}

/// What matches, the best first; everything in its own order while nothing is typed.
fn choices(screen: &Screen, model: &Model) -> Vec<Candidate> {
    let Some(palette) = &screen.find.palette else { return Vec::new() };
    let all = match palette.kind {
        Kind::Actions => Action::ALL
            .iter()
            .map(|a| {
                let (name, words) = (a.name().to_owned(), a.words().to_owned());
                Candidate { choice: Choice::Action(*a), name, words, usable: availability(screen, model, *a).is_ok() }
            })
            .collect(),
        Kind::Things => things::all(screen, model),
    };
    fuzzy::matching(palette.input.value(), all)
}

/// Moves the cursor by some rows.
pub(crate) fn travel(screen: &mut Screen, model: &Model, by: isize) {
    let all = choices(screen, model);
    let Some(palette) = &mut screen.find.palette else { return };
    let at = all.iter().position(|c| Some(&c.choice) == palette.picked.as_ref()).unwrap_or(0);
    let next = at.saturating_add_signed(by).min(all.len().saturating_sub(1));
    palette.picked = all.into_iter().nth(next).map(|c| c.choice);
}

/// Rows that a page has.
pub(crate) fn page(screen: &Screen) -> isize {
    screen.find.palette.as_ref().map_or(1, |p| isize::try_from(p.room).unwrap_or(1))
}
