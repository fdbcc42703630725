//! Every source asked once, as a console asks it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::arc::Cluster;
use crate::aws::Sdk;
use crate::estate::Estate;
use crate::event::{Heard, SourceId};
use crate::feeds::{self, Pace};
use crate::time::Timestamp;

/// What came of it.
pub(super) struct Round {
    /// What was heard, by source.
    pub(super) heard: Vec<Heard>,
    /// Sources that said nothing in time.
    pub(super) silent: BTreeSet<SourceId>,
}

/// Asks every source of the estate; ends before `limit`.
pub(super) async fn ask(estate: &Arc<Estate>, sdk: &Sdk, now: fn() -> Timestamp, limit: Duration) -> Round {
    let cluster = Arc::new(Cluster::new(estate, sdk));
    let (tx, mut rx) = tokio::sync::mpsc::channel(64);
    let feeds = feeds::spawn(Arc::clone(estate), sdk, cluster, Pace { speed: 1.0 }, Arc::new(now), tx);
    let mut silent: BTreeSet<SourceId> = feeds.sources().cloned().collect();
    // Checks are spread over their interval to spare Route 53; once is not often.
    silent.iter().for_each(|s| feeds.hurry(s));
    let mut heard: Vec<Heard> = Vec::new();
    let all = tokio::time::timeout(limit.saturating_sub(Duration::from_secs(4)), async {
        while !silent.is_empty() {
            let Some(report) = rx.recv().await else { return };
            if silent.remove(&report.source) {
                heard.push(report);
            }
        }
    });
    let _ = all.await;
    feeds.stop().await;
    heard.sort_by(|a, b| a.source.cmp(&b.source));
    Round { heard, silent }
}

/// An estate of which nothing needs credentials: its resolvers and probes.
pub(super) fn without_aws(estate: &Estate) -> Estate {
    let mut left = estate.clone();
    left.cluster.endpoints.clear();
    left.health_checks.clear();
    left.systems.clear();
    left
}
