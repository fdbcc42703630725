//! The loop: queue, clock, effects, terminal. Everything that touches a clock, a task or a terminal is here.

pub mod clipboard;
mod clock;
pub mod console;
mod engine;
mod failures;
pub mod ground;
pub mod input;
mod keeper;
pub mod layout;
pub mod lean;
mod links;
pub mod log;
mod mailbox;
pub mod notify;
mod owed;
pub mod plain;
pub mod playback;
mod recorder;
pub mod reports;
pub mod shelf;
mod signals;
mod signer;
mod sixteen;
mod stop;
pub mod terminal;
pub mod themes;
mod title;
mod warm;

pub use clock::{Clock, boot_id, random_bits};
pub use engine::{Closed, Engine, OpenError, Options};
pub use failures::watch_panics;
pub use recorder::Recorder;
pub use signals::{Signals, outlive_file_limits};
pub use signer::{Signer, owners};
