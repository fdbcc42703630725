//! The only place that looks at a clock. A rehearsal's clock runs faster than life, together with its world.

mod boot;

use std::time::Duration;

use crate::time::{Span, Stamp, Timestamp};

pub use boot::{boot_id, boot_is_known};

/// A clock that gives both times of a moment.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Both clocks of this machine, read each time: a wall clock that is set is seen, a sleep has passed.
    Real,
    /// A world's clock. It starts at `start` when the boot clock shows `origin`.
    Running { start: Stamp, origin: Span, speed: f64 },
}

impl Clock {
    /// The clock of this machine.
    #[must_use]
    pub fn real() -> Self {
        Self(Kind::Real)
    }

    /// A clock that shows `wall` now and runs `speed` times as fast as real time, for a rehearsal. Its wall clock is
    /// never set; both clocks keep running while the machine sleeps.
    #[must_use]
    pub fn running(wall: Timestamp, speed: f64) -> Self {
        let origin = boot::time();
        Self(Kind::Running { start: Stamp { mono: origin, wall }, origin, speed: speed.max(0.001) })
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Stamp {
        match self.0 {
            Kind::Real => Stamp { mono: boot::time(), wall: Timestamp::now() },
            Kind::Running { start, origin, speed } => {
                let gone = boot::time().saturating_sub(origin).as_secs_f64() * speed;
                start.plus(Span::try_from_secs_f64(gone).unwrap_or(Span::ZERO))
            }
        }
    }

    /// How many times faster than life.
    #[must_use]
    pub fn speed(&self) -> f64 {
        match self.0 {
            Kind::Real => 1.0,
            Kind::Running { speed, .. } => speed,
        }
    }

    /// How long a span of this clock takes in life.
    #[must_use]
    pub fn real_duration(&self, span: Span) -> Duration {
        Duration::from_secs_f64((span.as_secs_f64() / self.speed()).max(0.0))
    }
}

/// 128 random bits from the operating system; none if it has none to give: then nothing can be proposed.
#[must_use]
pub fn random_bits() -> Option<u128> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(u128::from_le_bytes(bytes))
}
