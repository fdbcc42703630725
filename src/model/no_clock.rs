//! Why no incident's clock runs for a pair: the one fact behind the line that says so under a sentence that may be red.

use super::impaired::FELT_FOR;
use super::{Enters, Model};
use crate::estate::PairName;
use crate::words::{NoClock, Untold};

impl Model {
    /// Why no incident of a pair runs.
    #[must_use]
    pub fn no_clock(&self, pair: &PairName) -> NoClock {
        let Some(p) = self.estate.pair(pair) else { return NoClock::Calm };
        // What only the journal's answer is missing for is about to begin.
        if self.closed_since(pair).is_some() {
            return NoClock::Begins;
        }
        if !self.control_faults(pair).is_empty() {
            return NoClock::Controls;
        }
        let failing = self.failing_of(pair);
        let entry = match self.enters(pair) {
            Enters::Seen(side) | Enters::ControlsSay(side, _) => side,
            Enters::Unknown(Untold::Unheard) => return NoClock::Calm,
            Enters::Unknown(_) if failing.is_empty() => return NoClock::Calm,
            Enters::Unknown(_) => return NoClock::TrafficUnknown,
        };
        let region = p.region(entry).clone();
        if self.impaired_since(pair, entry).is_some() {
            return NoClock::Begins;
        }
        let critical = self.failures(pair, entry);
        if let Some((_, standing)) = critical.first().filter(|(subject, _)| self.hurts(subject)) {
            let at = standing.since.at();
            let passed = self.now.since(at);
            let at = self.now.wall.checked_add(FELT_FOR.saturating_sub(passed)).unwrap_or(self.now.wall);
            return NoClock::Felt { region, begins: super::words::moment(at, self.now.wall) };
        }
        if !critical.is_empty() {
            return NoClock::Unfelt { region };
        }
        if !self.troubles(pair, entry).is_empty() {
            return NoClock::Minor { region };
        }
        if !self.shaky(pair, entry).is_empty() {
            return NoClock::Shaky { region };
        }
        let there = entry.other();
        let fails_there = !self.troubles(pair, there).is_empty() || self.impaired_since(pair, there).is_some();
        match (failing.is_empty(), fails_there) {
            (true, _) if self.endpoints_there() == 0 && self.newest().is_some() && self.signed_out().is_none() => {
                NoClock::Endpoints
            }
            (true, false) => NoClock::Calm,
            (_, true) => NoClock::NoTraffic { region: p.region(there).clone() },
            (false, false) => NoClock::Replication,
        }
    }
}
