//! How often a source is asked, and for how long its answer counts.

use std::time::Duration;

use rand::RngExt as _;

use crate::time::Span;

/// A source is never asked sooner than this after its last answer, however fast the world runs.
pub(super) const LEAST: Duration = Duration::from_millis(100);
/// However long a source that throttles wants to be left alone, it is asked once in this while: in an incident, what it
/// said a minute ago may not hold.
const LONGEST_ASKED: Duration = Duration::from_secs(60);
/// However often a source is throttled, it is asked once in so many intervals.
const LONGEST: u32 = 4;

/// How fast the watched world runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// 1 in life; N when a simulated world runs N times faster. Divides poll intervals, never deadlines: the
    /// network does not run faster.
    pub speed: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { speed: 1.0 }
    }
}

/// Until when a source is left alone.
pub(super) struct Wait {
    /// Real time until it is asked again.
    pub(super) real: Duration,
    /// World time for which this report counts.
    pub(super) fresh_for: Span,
}

impl Pace {
    /// A span of the world's time, on our clock.
    pub(super) fn real(self, world: Span) -> Duration {
        let seconds = world.as_secs_f64().max(0.0) / self.factor();
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// A span of ours, in the world's time.
    pub(super) fn world(self, real: Duration) -> Span {
        Span::try_from_secs_f64(real.as_secs_f64() * self.factor()).unwrap_or(Span::MAX)
    }

    fn factor(self) -> f64 {
        if self.speed.is_finite() && self.speed > 0.0 { self.speed } else { 1.0 }
    }

    /// For how long of our time a source is left alone that asked for so much of its own.
    pub(super) fn again(self, asked: Option<Duration>) -> Duration {
        let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
        self.real(Span::try_from(asked).unwrap_or_default())
    }

    /// What comes after a report: the interval, or longer, with some chance in it, after `throttled`
    /// throttlings in a row.
    pub(super) fn wait(self, interval: Span, throttled: u32, deadline: Duration) -> Wait {
        let plain = self.real(interval).max(LEAST);
        let real = if throttled == 0 {
            plain
        } else {
            let longer = plain.saturating_mul(1 << throttled.min(8)).mul_f64(rand::rng().random_range(0.75..1.25));
            longer.min(plain.saturating_mul(LONGEST))
        };
        let grace = Duration::from_millis(500);
        Wait { real, fresh_for: self.world(real + deadline + grace) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_world_is_asked_more_often_but_waited_for_as_long() {
        let wait = Pace { speed: 20.0 }.wait(Span::from_secs(30), 0, Duration::from_secs(4));
        assert_eq!(wait.real, Duration::from_millis(1500));
        assert_eq!(wait.fresh_for, Span::from_secs(120));
    }

    #[test]
    fn throttling_never_makes_it_wait_longer_than_four_intervals() {
        for n in 0..40 {
            let wait = Pace::default().wait(Span::from_secs(5), n, Duration::from_secs(1));
            assert!(wait.real <= Duration::from_secs(20) && wait.real >= Duration::from_secs(5));
        }
    }

    #[test]
    fn what_a_source_asks_for_is_given_and_for_no_longer_than_a_minute() {
        let asked = |speed, seconds| Pace { speed }.again(Some(Duration::from_secs(seconds)));
        assert_eq!((asked(1.0, 7), asked(7.0, 7)), (Duration::from_secs(7), Duration::from_secs(1)));
        assert_eq!(asked(1.0, u64::MAX), Duration::from_secs(60));
        assert_eq!(Pace::default().again(None), Duration::ZERO);
    }

    #[test]
    fn a_senseless_speed_is_taken_for_life() {
        for speed in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Pace { speed }.real(Span::from_secs(5)), Duration::from_secs(5));
        }
    }
}
