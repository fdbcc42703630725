//! How much of a side is read: the one decision behind every sentence, heading and title that says so.

use super::{Mark, Model, Unseen};
use crate::estate::{Pair, Side, System};
use crate::event::FailureKind;

/// How much of a side is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Enough to say how it is.
    Whole,
    /// Sources of it fail, in these ways, and what they would tell is not known.
    Partly(Vec<FailureKind>),
    /// Too few things there have a reading.
    Little(Unseen),
}

impl Model {
    /// How much of a side is read now.
    #[must_use]
    pub fn sight(&self, p: &Pair, side: Side) -> Sight {
        let region = p.region(side);
        let failing = self.failing_in(region);
        // What is asked less often is seen until its figures are old.
        let unknown = |s: &System| self.system_mark(s, side) == Some(Mark::Unknown);
        let hidden = || !failing.is_empty() && self.estate.systems_of(&p.name).any(unknown);
        if self.is_blind(region) || hidden() {
            return Sight::Partly(failing);
        }
        self.unseen(p, side).map_or(Sight::Whole, Sight::Little)
    }
}
