//! The world's one clock: wall time that can run faster than life.

use std::time::{Duration, Instant};

use crate::time::{Span, Timestamp};

/// Tells the simulated world's time. Copies tell the same time.
#[derive(Clone, Copy, Debug)]
pub struct SimClock {
    start: Timestamp,
    began: Instant,
    speed: f64,
}

impl SimClock {
    /// A clock that stands at `start` now and runs `speed` times as fast as life; a speed that is not a
    /// positive number counts as 1.
    #[must_use]
    pub fn new(start: Timestamp, speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        Self { start, began: Instant::now(), speed }
    }

    /// The world's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let passed = self.began.elapsed().as_secs_f64() * self.speed;
        Span::try_from_secs_f64(passed).ok().and_then(|s| self.start.checked_add(s).ok()).unwrap_or(self.start)
    }

    /// When the world began.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// How many times faster than life.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// How long a span of the world takes in life; zero for a span that is not positive.
    #[must_use]
    pub fn real_duration(&self, span: Span) -> Duration {
        Duration::try_from_secs_f64(span.as_secs_f64() / self.speed).unwrap_or(Duration::ZERO)
    }
}
