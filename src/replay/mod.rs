//! Recordings: their form, how they are read, and how they are played.
//!
//! A recording holds everything that makes the screens: the estate, the events in the order in which they were taken
//! in, the person's inputs in their place among them, and when a frame was drawn. Playing it is the same fold again.
//! Nothing in this room can act: it knows no engine, no journal and no network (`tests/program/house.rs`), and what
//! models and screens ask for while they are played is dropped at the source ([`player`]).

mod cast;
mod deck;
mod form;
mod player;
mod shelf;
mod tape;
mod when;

pub use cast::{Size, cast};
pub use deck::{Deck, Next};
pub(crate) use form::KIND;
pub use form::{Header, Line, Step, VERSION};
pub use player::{Frame, Player};
pub use tape::{Ending, Tape, TapeError};
pub use when::{When, WhenError};
