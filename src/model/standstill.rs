//! Replication that stands still: lags that grow as fast as time does. One that grows alone is its system's; several that
//! do are the way between the regions.

use std::collections::VecDeque;

use super::{Mark, Model};
use crate::estate::{PairName, Side, System};
use crate::time::Stamp;
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
            let unusual = judged.mark >= Mark::Warn || history.is_some_and(beyond_the_usual);
            if unusual && passed >= APART && grown >= passed * STILL && !still.contains(&system) {
                still.push(system);
            }
        }
        (still.len() > 1 && still.len() * 2 >= of.len()).then_some(Standstill { still: still.len(), of: of.len() })
    }
}

/// Whether a lag has grown higher than it was before it began to grow. While it has done nothing else, nobody knows what is
/// usual.
fn beyond_the_usual(history: &VecDeque<(Stamp, f64)>) -> bool {
    let Some((_, newest)) = history.back() else { return false };
    let values: Vec<f64> = history.iter().map(|(_, value)| *value).collect();
    let began = values.windows(2).rposition(|pair| matches!(pair, [before, after] if after < before));
    began.is_some_and(|at| values.iter().take(at + 1).all(|before| before < newest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Span, Timestamp};

    fn history(lags: &[f64]) -> VecDeque<(Stamp, f64)> {
        let begin = Stamp { mono: Span::ZERO, wall: Timestamp::UNIX_EPOCH };
        let at = |minute: usize| begin.plus(Span::from_mins(minute as i64));
        lags.iter().enumerate().map(|(minute, lag)| (at(minute), *lag)).collect()
    }

    /// What is copied every few minutes is behind by the time since, in calm.
    #[test]
    fn what_grows_between_copies_is_usual_up_to_where_it_was_before() {
        assert!(!beyond_the_usual(&history(&[2.0, 62.0, 122.0, 3.0, 63.0, 120.0])));
        assert!(!beyond_the_usual(&history(&[2.0, 62.0, 122.0, 182.0])), "nothing else is known of it");
        assert!(beyond_the_usual(&history(&[2.0, 62.0, 122.0, 3.0, 63.0, 123.0, 183.0])));
        assert!(beyond_the_usual(&history(&[0.4, 0.3, 0.4, 0.3, 1.0, 61.0])));
        assert!(!beyond_the_usual(&history(&[])));
    }
}
