//! Whether a side is well: decided here for every sentence and title that says so. It takes readings: where nothing was
//! read, nothing is well.

use super::{Mark, Model, Sight, Subject};
use crate::estate::{Pair, Side, Tier};

/// That a side has too few readings to be called well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// Things that are watched there and have no reading that counts.
    pub unread: usize,
    /// All that are watched there.
    pub watched: usize,
}

impl Model {
    /// Whether nothing fails on a side, and enough of it is seen to know that.
    #[must_use]
    pub fn is_well(&self, p: &Pair, side: Side) -> bool {
        self.impaired_since(&p.name, side).is_none()
            && self.control_faults(&p.name).is_empty()
            && self.troubles(&p.name, side).is_empty()
            && self.shaky(&p.name, side).is_empty()
            && self.sight(p, side) == Sight::Whole
    }

    /// That too little of a side is read: more than one thing in five, or something that users of the platform meet.
    #[must_use]
    pub fn unseen(&self, p: &Pair, side: Side) -> Option<Unseen> {
        let (mut unread, mut watched, mut front) = (0, 0, false);
        let here = self.standings.iter().filter(|(s, _)| self.is_of(s, &p.name, side, |_| true));
        for (subject, standing) in here.filter(|(s, _)| !self.is_spoken_for(s)) {
            watched += 1;
            if standing.mark == Mark::Unknown {
                unread += 1;
                let is_system = matches!(subject, Subject::System(..));
                front |= !is_system && self.is_of(subject, &p.name, side, |tier| tier == Tier::Critical);
            }
        }
        (watched == 0 || front || unread * 5 > watched).then_some(Unseen { unread, watched })
    }
}
