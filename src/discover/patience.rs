//! Asking at the size of a company: no faster than an account may, and again after what passes.

use std::time::Duration;

use crate::aws::turn::Turns;
use crate::aws::{Kind, Trouble};

/// Tries of one call.
const TRIES: u32 = 6;
/// How long a second try waits.
const FIRST: Duration = Duration::from_millis(400);

/// How a service is asked.
pub(super) struct Patience {
    turns: Turns,
    /// Before the second try; doubled before each later one.
    first: Duration,
}

impl Patience {
    /// At most so many calls a second. Route 53 allows five to an account, which all of its people share.
    pub(super) fn calls_a_second(calls: u32) -> Self {
        Self { turns: Turns::every(Duration::from_secs(1) / calls.max(1)), first: FIRST }
    }

    /// The answer to a call; what only passes (throttling, a busy service, a lost answer) is asked for again.
    ///
    /// # Errors
    /// The last try's, or the first that will not pass.
    pub(super) async fn ask<T, F>(&self, call: impl Fn() -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let mut tried = 1;
        loop {
            self.turns.mine().await;
            match call().await {
                Err(trouble) if passes(trouble.kind) && tried < TRIES => {
                    tokio::time::sleep(self.first * 2_u32.pow(tried - 1)).await;
                    tried += 1;
                }
                answer => return answer,
            }
        }
    }
}

/// Whether the same call may be answered a little later. All of them read: nothing is done twice.
fn passes(kind: Kind) -> bool {
    match kind {
        Kind::Throttled
        | Kind::Unavailable
        | Kind::Internal
        | Kind::Timeout
        | Kind::Lost
        | Kind::Connect
        | Kind::Conflict => true,
        Kind::NoCredentials
        | Kind::Denied
        | Kind::Clock
        | Kind::Validation
        | Kind::NotFound
        | Kind::LimitExceeded
        | Kind::Garbled => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::time::Instant;

    use super::*;

    #[tokio::test]
    async fn what_passes_is_asked_again_and_what_does_not_is_not() {
        let patience = Patience { first: Duration::from_millis(1), ..Patience::calls_a_second(1000) };
        for (kind, tries, well) in [(Kind::Throttled, 3, true), (Kind::Denied, 1, false), (Kind::Timeout, 6, false)] {
            let asked = AtomicU32::new(0);
            let answer = patience.ask(|| async {
                let nth = asked.fetch_add(1, Ordering::Relaxed) + 1;
                if nth == 3 && kind == Kind::Throttled { Ok(nth) } else { Err(Trouble::said(kind, "no")) }
            });
            assert_eq!(answer.await.is_ok(), well, "{kind:?}");
            assert_eq!(asked.into_inner(), tries, "{kind:?}");
        }
    }

    #[tokio::test]
    async fn calls_keep_their_distance() {
        let patience = Patience::calls_a_second(100);
        let began = Instant::now();
        for _ in 0..9 {
            patience.ask(|| async { Ok(()) }).await.unwrap();
        }
        assert!(began.elapsed() >= Duration::from_millis(80));
    }
}
