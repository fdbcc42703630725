//! Estates without a cluster: what is there in place of routing controls, and what is not.

use crate::estate::{Failover, Region};

/// That nothing can be moved from here.
pub const NO_CLUSTER: &str = "this estate has no ARC cluster: Route 53 answers by its failover records and their health \
                              checks, and nothing can be moved from here";

/// The same, in the frame of a panel.
pub const NO_CLUSTER_SHORT: &str = "no ARC cluster";

/// What would be in place of a service's records.
pub const NO_RECORDS: &str = "no routing control, no failover record";

/// Which of two records it is.
#[must_use]
pub fn record(kind: Failover) -> &'static str {
    match kind {
        Failover::Primary => "primary",
        Failover::Secondary => "secondary",
    }
}

/// The region that Route 53 answers with, as the health checks stand; that it is not known.
#[must_use]
pub fn by_checks(region: Option<&Region>) -> String {
    region.map_or_else(|| "→ ?".to_owned(), |region| format!("→ {region}"))
}
