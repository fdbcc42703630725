//! How we learn: one task a source, so that none holds up another.

use std::sync::Arc;

use crate::arc::Cluster;
use crate::aws::Sdk;
use crate::estate::Estate;
use crate::event::{Heard, SourceId};
use crate::time::Timestamp;

/// What time it is in the world that is watched; a simulated one may run faster than life.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How fast the watched world runs.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// 1 in life; N when a simulated world runs N times faster. Divides poll intervals, never deadlines.
    pub speed: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { speed: 1.0 }
    }
}

/// The running feeds. They stop when this is dropped.
#[derive(Debug)]
pub struct Feeds {}

impl Feeds {
    /// Asks a source now, without waiting for its interval.
    pub fn hurry(&self, source: &SourceId) {
        let _ = source;
    }

    /// Stops all of them and waits until they have.
    pub async fn stop(self) {}
}

/// Starts one task for each source of the estate. Reports go to `tx`. Needs a tokio runtime.
#[must_use]
pub fn spawn(
    estate: Arc<Estate>,
    sdk: &Sdk,
    cluster: Arc<Cluster>,
    pace: Pace,
    clock: Clock,
    tx: tokio::sync::mpsc::Sender<Heard>,
) -> Feeds {
    let _ = (estate, sdk, cluster, pace, clock, tx);
    Feeds {}
}
