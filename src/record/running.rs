//! Which records are of one incident: the rule that the journal keeps records by and that every console reads them by.

use crate::time::{Span, Timestamp};

/// An incident without a record for this long is over, whether or not anybody said so.
pub const FORGOTTEN: Span = Span::from_hours(24);

/// The clock of a pair's incident, as the journal's records have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// The newest record of it.
    last: Timestamp,
    /// When its applications were back: what begins after that is another incident.
    recovered: Option<Timestamp>,
}

impl Running {
    /// A clock that a record of this time began.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self { last: at, recovered: None }
    }

    /// Whether what began at `since`, seen at `at`, is part of it and begins no other.
    #[must_use]
    pub fn covers(&self, since: Timestamp, at: Timestamp) -> bool {
        let over = self.recovered.is_some_and(|recovered| since > recovered);
        !over && at.duration_since(self.last) <= FORGOTTEN
    }

    /// Takes note of a step of it; whether that ended it.
    pub fn step(&mut self, step: u8, done: bool, at: Timestamp) -> bool {
        self.last = at;
        if (step, done) == (6, true) {
            self.recovered.get_or_insert(at);
        }
        (step, done) == (7, true)
    }
}
