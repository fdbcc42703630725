//! Replication that stands still: lags that grow as fast as time does. One that grows alone is its system's; several that
//! do are the way between the regions.

use super::{Mark, Model};
use crate::estate::{PairName, Side, System};
use crate::words::Standstill;

/// Two measurements closer than this tell nothing of how a lag grows, in seconds.
const APART: f64 = 10.0;
/// A lag that grows by more than this share of the time stands still, as far as two measurements can tell.
const STILL: f64 = 0.5;

impl Model {
    /// Systems whose replication towards a side stands still, where that is most of them and more than one.
    #[must_use]
    pub fn standstill(&self, pair: &PairName, towards: Side) -> Option<Standstill> {
        // What a region that has failed cannot send any more is its own failure.
        if self.impaired_since(pair, towards.other()).is_some() {
            return None;
        }
        let (mut still, mut of): (Vec<&System>, Vec<&System>) = (Vec::new(), Vec::new());
        for (system, reading, place) in self.replication_towards(pair, towards) {
            let judged = self.judge(system, reading, place);
            if Self::lag_of(reading, 1.0).is_none() || judged.mark == Mark::Unknown || judged.why.is_some() {
                continue;
            }
            if !of.contains(&system) {
                of.push(system);
            }
            let history = self.readings.get(&Self::key(system, reading, place)).map(|state| &state.history);
            let mut newest = history.into_iter().flatten().rev();
            let (Some((now, value)), Some((then, was))) = (newest.next(), newest.next()) else { continue };
            let passed = now.since(*then).as_secs_f64();
            let grown = Self::lag_of(reading, value - was).map_or(0.0, |lag| lag.as_secs_f64());
            // Lags of what is copied now and then grow with the clock in calm, too, up to where they are usual.
            if judged.mark >= Mark::Warn && passed >= APART && grown >= passed * STILL && !still.contains(&system) {
                still.push(system);
            }
        }
        (still.len() > 1 && still.len() * 2 >= of.len()).then(|| Standstill { still: still.len(), of: of.len() })
    }
}
