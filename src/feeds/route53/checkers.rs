//! What Route 53's checkers say of an endpoint (`GetHealthCheckStatus`).

use std::collections::BTreeMap;

use aws_sdk_route53::types::HealthCheckObservation;

use crate::aws::clip;
use crate::event::Checkers;
use crate::time::{Span, Timestamp};

/// Longest reason that is taken over, in bytes.
const REASON: usize = 300;
/// A checker looks every ten or thirty seconds. What one saw so much longer ago than another, it does not see any more.
const BEHIND: Span = Span::from_mins(2);
/// The same against this machine's clock, which may not be AWS's.
const OLD: Span = Span::from_mins(5);

/// Counts the checkers. Their reports are sentences: `Success: HTTP Status Code 200, OK`, `Failure: Connection timed
/// out. …`. A report that says neither is not counted, and neither is one that is old
/// or does not say when it was made: nobody has looked since.
pub(super) fn counted(observations: &[HealthCheckObservation], now: Timestamp) -> Checkers {
    let made = |o: &HealthCheckObservation| {
        let at = o.status_report()?.checked_time()?;
        let at = Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()?;
        (now.duration_since(at).abs() <= OLD).then_some(at)
    };
    let newest = observations.iter().filter_map(made).max();
    let counts = |o: &&HealthCheckObservation| {
        made(o).zip(newest).is_some_and(|(at, newest)| newest.duration_since(at) <= BEHIND)
    };
    let mut checkers = Checkers::default();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for said in observations.iter().filter(counts).filter_map(|o| o.status_report()?.status()) {
        let said = said.trim_start();
        if said.starts_with("Success") {
            checkers.healthy = checkers.healthy.saturating_add(1);
        } else if let Some(why) = said.strip_prefix("Failure") {
            *reasons.entry(why.trim_start_matches([':', ' '])).or_default() += 1;
        } else {
            continue;
        }
        checkers.of = checkers.of.saturating_add(1);
    }
    let commonest = reasons.into_iter().max_by_key(|(_, n)| *n);
    checkers.reason = commonest.map(|(why, _)| clip(why, REASON));
    checkers
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_route53::primitives::DateTime;
    use aws_sdk_route53::types::StatusReport;

    const NOW: i64 = 1_800_000_000;

    /// What was said so many seconds ago; none does not say when.
    fn seen(said: &[(&str, Option<i64>)]) -> Checkers {
        let observation = |(said, ago): &(&str, Option<i64>)| {
            let at = ago.map(|ago| DateTime::from_secs(NOW - ago));
            let report = StatusReport::builder().status(*said).set_checked_time(at).build();
            HealthCheckObservation::builder().status_report(report).build()
        };
        let observations: Vec<_> = said.iter().map(observation).collect();
        counted(&observations, Timestamp::from_second(NOW).unwrap())
    }

    fn observed(said: &[&str]) -> Checkers {
        seen(&said.iter().map(|s| (*s, Some(10))).collect::<Vec<_>>())
    }

    /// A checker that stopped looking says `Success` for ever.
    #[test]
    fn what_a_checker_saw_long_ago_is_no_health() {
        let well = "Success: HTTP Status Code 200, OK";
        let gone = "Failure: Connection refused";
        for ago in [Some(301), Some(3600), Some(-600), None] {
            let s = seen(&[(well, ago), (well, ago)]);
            assert_eq!((s.healthy, s.of), (0, 0), "{ago:?}");
            let s = seen(&[(well, ago), (gone, Some(20))]);
            assert_eq!((s.healthy, s.of), (0, 1), "{ago:?}");
        }
        // The others look again and again; this one has not for three minutes.
        let s = seen(&[(gone, Some(5)), (gone, Some(30)), (well, Some(180))]);
        assert_eq!((s.healthy, s.of), (0, 2));
        // This machine's clock may be behind by a little.
        let s = seen(&[(well, Some(-60)), (well, Some(-45))]);
        assert_eq!((s.healthy, s.of), (2, 2));
    }

    #[test]
    fn checkers_are_counted_and_the_commonest_reason_is_kept() {
        let s = observed(&[
            "Success: HTTP Status Code 200, OK",
            "Failure: Connection refused",
            "Failure: Connection timed out. The endpoint did not respond.",
            "Failure: Connection timed out. The endpoint did not respond.",
        ]);
        assert_eq!((s.healthy, s.of), (1, 4));
        assert_eq!(s.reason.as_deref(), Some("Connection timed out. The endpoint did not respond."));
    }

    #[test]
    fn nobody_having_looked_is_not_healthy() {
        let s = observed(&[]);
        assert_eq!((s.healthy, s.of, s.is_well()), (0, 0, false));
        let s = observed(&["Success: HTTP Status Code 200, OK", "", "\u{fffd}", "Failure: Connection refused"]);
        assert_eq!((s.healthy, s.of), (1, 2), "who says nothing calls nobody ill");
    }
}
