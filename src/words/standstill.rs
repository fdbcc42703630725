//! Replication that stands still between two regions.

/// How many systems' replication stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// Systems whose lag grows as fast as time does.
    pub still: usize,
    /// Systems whose lag is measured.
    pub of: usize,
}

/// `replication to it stands still (5 of 7 lags grow with the clock)`.
#[must_use]
pub fn standstill(fact: Standstill) -> String {
    format!("replication to it stands still ({} of {} lags grow with the clock)", fact.still, fact.of)
}
