//! The seven steps of a failover: their names, and how one stands.

use crate::time::Stamp;

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It has not begun.
    NotYet,
    /// It is somebody's turn: nothing goes on by itself, and nobody is known to be at it.
    Waits,
    /// It goes on by itself.
    Runs,
    /// It was done then.
    Done(Stamp),
    /// It was not done when all was over, and does not go on.
    NotDone,
}

/// The name of one of the seven steps, counted from 1.
#[must_use]
pub fn step(number: u8) -> &'static str {
    const STEPS: [&str; 7] = ["detected", "preflight", "approval", "routing", "dns", "applications", "told"];
    usize::from(number).checked_sub(1).and_then(|i| STEPS.get(i)).copied().unwrap_or("unknown")
}

/// How a step stands, behind its bar: what is waited for is said, and is not called under way.
#[must_use]
pub fn step_stands(number: u8, stands: Stands) -> &'static str {
    match (stands, number) {
        (Stands::NotYet, _) => "not yet",
        (Stands::Waits, 2) => "waits for a proposal",
        (Stands::Waits, 3) => "waits for approval",
        (Stands::Waits, 7) => "waits for a message",
        (Stands::Waits, _) => "waits",
        (Stands::Runs, _) => "under way",
        (Stands::Done(_), _) => "done",
        (Stands::NotDone, _) => "not done",
    }
}
