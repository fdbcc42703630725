//! What Route 53's checkers say of an endpoint (`GetHealthCheckStatus`).

use std::collections::BTreeMap;

use aws_sdk_route53::Client;
use aws_sdk_route53::types::HealthCheckObservation;

use super::failure::failure;
use crate::aws::{Trouble, clip};
use crate::estate::HealthCheckId;
use crate::event::{CheckStatus, Failure, News};

/// Longest reason that is taken over, in bytes.
const REASON: usize = 300;

pub(super) async fn ask(client: Client, id: HealthCheckId) -> Result<News, Failure> {
    let answer = client.get_health_check_status().health_check_id(id.as_str()).send().await;
    let answer = answer.map_err(|e| failure(&Trouble::from(e), "Route 53 GetHealthCheckStatus"))?;
    Ok(News::Check(status(id, answer.health_check_observations())))
}

/// Counts the checkers. Their reports are sentences: `Success: HTTP Status Code 200, OK`, `Failure: Connection timed
/// out. …`. A report that says neither is not counted.
fn status(id: HealthCheckId, observations: &[HealthCheckObservation]) -> CheckStatus {
    let mut status = CheckStatus { id, healthy: 0, checkers: 0, reason: None };
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for said in observations.iter().filter_map(|o| o.status_report()?.status()) {
        let said = said.trim_start();
        if said.starts_with("Success") {
            status.healthy = status.healthy.saturating_add(1);
        } else if let Some(why) = said.strip_prefix("Failure") {
            *reasons.entry(why.trim_start_matches([':', ' '])).or_default() += 1;
        } else {
            continue;
        }
        status.checkers = status.checkers.saturating_add(1);
    }
    let commonest = reasons.into_iter().max_by_key(|(_, n)| *n);
    status.reason = commonest.map(|(why, _)| clip(why, REASON));
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_route53::types::StatusReport;

    fn observed(said: &[&str]) -> CheckStatus {
        let observations: Vec<_> = said
            .iter()
            .map(|s| {
                HealthCheckObservation::builder().status_report(StatusReport::builder().status(*s).build()).build()
            })
            .collect();
        status(HealthCheckId::new("hc"), &observations)
    }

    #[test]
    fn checkers_are_counted_and_the_commonest_reason_is_kept() {
        let s = observed(&[
            "Success: HTTP Status Code 200, OK",
            "Failure: Connection refused",
            "Failure: Connection timed out. The endpoint did not respond.",
            "Failure: Connection timed out. The endpoint did not respond.",
        ]);
        assert_eq!((s.healthy, s.checkers), (1, 4));
        assert_eq!(s.reason.as_deref(), Some("Connection timed out. The endpoint did not respond."));
    }

    #[test]
    fn nobody_having_looked_is_not_healthy() {
        let s = observed(&[]);
        assert_eq!((s.healthy, s.checkers, s.is_healthy()), (0, 0, false));
        let s = observed(&["Success: HTTP Status Code 200, OK", "", "\u{fffd}", "Failure: Connection refused"]);
        assert_eq!((s.healthy, s.checkers), (1, 2), "who says nothing calls nobody ill");
    }
}
