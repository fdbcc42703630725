//! What Route 53's checkers say of an endpoint (`GetHealthCheckStatus`).

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_route53::Client;
use aws_sdk_route53::types::HealthCheckObservation;

use super::Clock;
use super::failure::failure;
use crate::aws::turn::Turns;
use crate::aws::{Trouble, clip};
use crate::estate::HealthCheckId;
use crate::event::{CheckStatus, Failure, News};
use crate::time::{Span, Timestamp};

/// Longest reason that is taken over, in bytes.
const REASON: usize = 300;
/// A checker looks every ten or thirty seconds. What one saw so much longer ago than another, it does not see any more.
const BEHIND: Span = Span::from_mins(2);
/// The same against this machine's clock, which may not be AWS's.
const OLD: Span = Span::from_mins(5);

/// Asks what the checkers saw, when it is its turn, by the clock of the world that is watched.
pub(super) async fn ask(client: Client, id: HealthCheckId, clock: Clock, turns: Arc<Turns>) -> Result<News, Failure> {
    turns.mine().await;
    let now = clock();
    let answer = client.get_health_check_status().health_check_id(id.as_str()).send().await;
    let answer = answer.map_err(|e| failure(&Trouble::from(e), "Route 53 GetHealthCheckStatus"))?;
    Ok(News::Check(status(id, answer.health_check_observations(), now)))
}

/// Counts the checkers. Their reports are sentences: `Success: HTTP Status Code 200, OK`, `Failure: Connection timed
/// out. …`. A report that says neither is not counted, and neither is one that is old
/// or does not say when it was made: nobody has looked since.
fn status(id: HealthCheckId, observations: &[HealthCheckObservation], now: Timestamp) -> CheckStatus {
    let made = |o: &HealthCheckObservation| {
        let at = o.status_report()?.checked_time()?;
        let at = Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()?;
        (now.duration_since(at).abs() <= OLD).then_some(at)
    };
    let newest = observations.iter().filter_map(made).max();
    let counts = |o: &&HealthCheckObservation| {
        made(o).zip(newest).is_some_and(|(at, newest)| newest.duration_since(at) <= BEHIND)
    };
    let mut status = CheckStatus { id, healthy: 0, checkers: 0, reason: None };
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for said in observations.iter().filter(counts).filter_map(|o| o.status_report()?.status()) {
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
    use aws_sdk_route53::primitives::DateTime;
    use aws_sdk_route53::types::StatusReport;

    const NOW: i64 = 1_800_000_000;

    /// What was said so many seconds ago; none does not say when.
    fn seen(said: &[(&str, Option<i64>)]) -> CheckStatus {
        let observation = |(said, ago): &(&str, Option<i64>)| {
            let at = ago.map(|ago| DateTime::from_secs(NOW - ago));
            let report = StatusReport::builder().status(*said).set_checked_time(at).build();
            HealthCheckObservation::builder().status_report(report).build()
        };
        let observations: Vec<_> = said.iter().map(observation).collect();
        status(HealthCheckId::new("hc"), &observations, Timestamp::from_second(NOW).unwrap())
    }

    fn observed(said: &[&str]) -> CheckStatus {
        seen(&said.iter().map(|s| (*s, Some(10))).collect::<Vec<_>>())
    }

    /// A checker that stopped looking says `Success` for ever.
    #[test]
    fn what_a_checker_saw_long_ago_is_no_health() {
        let well = "Success: HTTP Status Code 200, OK";
        let gone = "Failure: Connection refused";
        for ago in [Some(301), Some(3600), Some(-600), None] {
            let s = seen(&[(well, ago), (well, ago)]);
            assert_eq!((s.healthy, s.checkers), (0, 0), "{ago:?}");
            let s = seen(&[(well, ago), (gone, Some(20))]);
            assert_eq!((s.healthy, s.checkers), (0, 1), "{ago:?}");
        }
        // The others look again and again; this one has not for three minutes.
        let s = seen(&[(gone, Some(5)), (gone, Some(30)), (well, Some(180))]);
        assert_eq!((s.healthy, s.checkers), (0, 2));
        // This machine's clock may be behind by a little.
        let s = seen(&[(well, Some(-60)), (well, Some(-45))]);
        assert_eq!((s.healthy, s.checkers), (2, 2));
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
