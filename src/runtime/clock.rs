//! The only place that looks at a clock. A rehearsal's clock runs faster than life, together with its world.

use std::time::{Duration, Instant};

use crate::time::{Span, Stamp, Timestamp};

/// A clock that gives both times of a moment.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Timestamp,
    mono: Span,
    origin: Instant,
    speed: f64,
}

impl Clock {
    /// The clock of this machine.
    #[must_use]
    pub fn real() -> Self {
        Self::running(Timestamp::now(), 1.0)
    }

    /// A clock that shows `wall` now and runs `speed` times as fast as life: a rehearsal's, set by its world.
    #[must_use]
    pub fn running(wall: Timestamp, speed: f64) -> Self {
        Self { wall, mono: since_boot(), origin: Instant::now(), speed: speed.max(0.001) }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Stamp {
        let gone = self.origin.elapsed().as_secs_f64() * self.speed;
        let gone = Span::try_from_secs_f64(gone).unwrap_or(Span::ZERO);
        Stamp { mono: self.mono, wall: self.wall }.plus(gone)
    }

    /// How many times faster than life.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// How long a span of this clock takes in life.
    #[must_use]
    pub fn real_duration(&self, span: Span) -> Duration {
        Duration::from_secs_f64((span.as_secs_f64() / self.speed).max(0.0))
    }
}

/// Time since this machine booted; the time since the epoch where the system does not tell, which then counts
/// from no boot that another process could know (see [`boot_id`]).
fn since_boot() -> Span {
    let uptime = std::fs::read_to_string("/proc/uptime").ok();
    let seconds = uptime.as_deref().and_then(|s| s.split(' ').next()).and_then(|s| s.parse::<f64>().ok());
    seconds.and_then(|s| Span::try_from_secs_f64(s).ok()).unwrap_or(Span::from_secs(1))
}

/// Names this boot of this machine. Where the system does not tell, it names this process: a proposal then
/// does not outlive it.
#[must_use]
pub fn boot_id() -> String {
    match std::fs::read_to_string("/proc/sys/kernel/random/boot_id") {
        Ok(id) => id.trim().to_owned(),
        Err(_) => format!("process-{}-{:032x}", std::process::id(), random_bits().unwrap_or_default()),
    }
}

/// 128 random bits from the operating system; none when it has none to give: then nothing can be proposed.
#[must_use]
pub fn random_bits() -> Option<u128> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(u128::from_le_bytes(bytes))
}
