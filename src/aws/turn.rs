//! Turns: calls of a service that keep their distance, because an account may make only so many a second.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// Hands out turns, one every so often.
#[derive(Debug)]
pub(crate) struct Turns {
    every: Duration,
    next: Mutex<Option<Instant>>,
}

impl Turns {
    /// One in so long.
    pub(crate) fn every(every: Duration) -> Self {
        Self { every, next: Mutex::new(None) }
    }

    /// Waits for a turn of one's own.
    pub(crate) async fn mine(&self) {
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let mine = next.map_or(now, |at| at.max(now));
        *next = Some(mine + self.every);
        drop(next);
        tokio::time::sleep_until(mine).await;
    }
}
