//! What people see: one person's screen of the one model.
//!
//! A screen is a pure function of what is known (`Model`) and of where this person is looking (`Screen`): no clock, no
//! environment, no network. Keys come in and wishes go out; the runtime fulfils them. Types decide what a person may
//! wish: the wishes that act carry tokens (`Operator`, `Approver`) that an observer's hands do not hold.

mod action;
mod ascii;
mod away;
mod chart;
mod controls;
mod dialog;
mod drs;
mod finding;
mod follow;
mod gather;
mod hand;
mod hidden;
mod keymap;
mod keys;
mod layout;
mod levers;
mod lists;
mod mode;
mod next;
mod overview;
mod owners;
mod palette;
mod panes;
mod past;
mod pen;
mod presenter;
mod readiness;
mod reading;
mod records;
mod regions;
mod scale;
mod screen;
mod scrollback;
mod seat;
mod selecting;
mod setup;
mod slim;
mod targets;
mod text;
mod theme;
mod themes;
mod timeline;
mod title;
mod which_key;
mod words;

pub use action::{Action, Danger};
pub use ascii::{ascii, ascii_text};
pub use hand::Input;
pub use keymap::{Bound, Context, Keymap};
pub(crate) use keys::copied_words;
pub use mode::Mode;
pub use panes::Layout;
pub use screen::{Screen, Tape};
pub use seat::Seat;
pub use setup::Written;
pub use theme::{Depth, Role, Theme};
pub use themes::ThemeOffer;

pub(crate) use scale::Scale;
pub(crate) use screen::SMALLEST;

use crate::change::{ApproveHint, Digest, Draft, Hands, Operator};
use crate::estate::{PairName, PersonName};
use crate::event::Ask;
use crate::time::Stamp;

/// What a screen is made with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Who sits here; none for somebody who only looks on, without a name.
    pub person: Option<PersonName>,
    /// What they may do.
    pub hands: Hands,
    /// The pair that is shown first.
    pub pair: PairName,
    /// The colours.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
    /// How a second person approves.
    pub approve: ApproveHint,
    /// What the screen is of, shown in the top line and by the frames.
    pub mode: Mode,
}

/// What a screen wants done. The runtime fulfils it.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Leave.
    Quit,
    /// Stop the program and give the terminal to the shell until it is continued.
    Suspend,
    /// Put this text on the clipboard (OSC 52). Free of control characters but for the ends of lines.
    Copy(String),
    /// Ask the model.
    Ask(Ask),
    /// Propose a draft; the runtime adds the nonce.
    Propose {
        /// Who asks.
        by: Operator,
        /// What for.
        draft: Draft,
    },
    /// Sign as the demo's second person. Only from a screen whose setup names one.
    ActAsSecond {
        /// Who sits at the demo's keyboard.
        by: Operator,
        /// The change.
        change: Digest,
    },
    /// Write the report of a pair's last incident or drill.
    Report {
        /// Who wants it.
        by: Option<PersonName>,
        /// Of which pair.
        pair: PairName,
        /// Whether it is masked, as the screen is that it was wished on.
        masked: bool,
    },
    /// Ask every source again now.
    Hurry,
    /// Listen to the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Keep the layout for the next time.
    Remember(Layout),
    /// Begin with the theme of this name the next time.
    RememberTheme(String),
    /// Show what was known at this moment. From here on the screen's hands are empty.
    Past(Stamp),
    /// Show what is known now.
    Live,
}
