//! Failover records of Route 53: what switches by itself where there is no routing control.

use super::{Mark, Model, Subject};
use crate::estate::{Failover, FailoverRecord, Service};

impl Model {
    /// How the health check of a record stands; a record without one counts as healthy.
    #[must_use]
    pub fn record_mark(&self, record: &FailoverRecord) -> Mark {
        match &record.health_check {
            None => Mark::Ok,
            Some(check) => {
                self.standing(&Subject::Check(check.clone())).map_or(Mark::Unknown, |standing| standing.mark)
            }
        }
    }

    /// The record that Route 53 answers with, as its health checks stand: the primary while it is healthy, else the
    /// secondary if that one is, else the primary. None where a check that decides is not known, or a record is missing.
    #[must_use]
    pub fn answers_with<'s>(&self, service: &'s Service) -> Option<&'s FailoverRecord> {
        let of = |kind| service.records.iter().find(|r| r.failover == kind);
        let healthy = |record| match self.record_mark(record) {
            Mark::Unknown => None,
            mark => Some(mark != Mark::Fail),
        };
        let primary = of(Failover::Primary)?;
        if healthy(primary)? {
            return Some(primary);
        }
        let secondary = of(Failover::Secondary)?;
        Some(if healthy(secondary)? { secondary } else { primary })
    }
}
