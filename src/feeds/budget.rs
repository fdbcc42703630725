//! What asking costs, so that it never exceeds the estate file's budget.
//!
//! CloudWatch charges for each metric that `GetMetricData` asks for. In calm it is asked less often than in an
//! incident, and if even that would exceed the budget, less often still. Even under pressure, what is spent in any hour
//! stays within the budget: a request that would exceed it is left out, and its readings grow old on the screen.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::estate::{Estate, Poll};
use crate::event::{Failure, FailureKind, Spending};
use crate::time::{Span, Timestamp};

/// The time over which the budget is.
const HOUR: Span = Span::from_hours(1);
/// Spends are kept in slices of this length, so that an hour is at most so many of them.
const SLICE: Span = Span::from_secs(10);

/// What may be spent, and what was.
#[derive(Debug)]
pub struct Budget {
    /// Metrics that one hour's budget pays for.
    metrics: u64,
    /// Dollars a metric.
    price: f64,
    dollars: f64,
    calm_slower: u32,
    /// World time between two rounds when it is urgent.
    interval: Span,
    /// Metrics of one round over all regions.
    round: u64,
    spent: Mutex<VecDeque<(Timestamp, u64)>>,
}

impl Budget {
    /// The budget of an estate whose rounds ask for so many metrics.
    #[must_use]
    pub fn new(poll: &Poll, round: u64) -> Self {
        let price = poll.dollars_per_thousand_metrics.max(0.0) / 1000.0;
        let dollars = poll.dollars_per_hour.max(0.0);
        let metrics = if price > 0.0 { (dollars / price).floor() } else { f64::MAX };
        // More than can ever be asked for is as good as no limit.
        let metrics = if metrics >= 1e15 { u64::MAX } else { metrics as u64 };
        let spent = Mutex::new(VecDeque::new());
        Self { metrics, price, dollars, calm_slower: poll.calm_slower.max(1), interval: poll.cloudwatch, round, spent }
    }

    /// The budget of an estate with all that it asks CloudWatch for.
    #[must_use]
    pub fn of(estate: &Estate) -> Self {
        Self::new(&estate.poll, super::plan::metrics(estate))
    }

    /// World time between two rounds: as the file says when it is urgent, slower in calm, and never so often that an
    /// hour of it would cost more than the budget.
    #[must_use]
    pub fn interval(&self, urgent: bool) -> Span {
        let wanted = if urgent { self.interval } else { self.interval.saturating_mul(self.calm_slower.cast_signed()) };
        wanted.max(self.least())
    }

    /// The shortest interval that an hour's budget pays for.
    fn least(&self) -> Span {
        // One round more than fits an hour exactly, because an hour that begins with a round also ends with one.
        let rounds = match self.metrics.checked_div(self.round.max(1)) {
            Some(rounds) if rounds > 1 => rounds - 1,
            _ => return HOUR,
        };
        Span::try_from_secs_f64(HOUR.as_secs_f64() / rounds as f64).unwrap_or(HOUR)
    }

    /// The longest that two rounds are apart: what a reading must stay fresh for.
    #[must_use]
    pub fn longest(&self) -> Span {
        self.interval(false)
    }

    /// Whether so many metrics may be asked for now; if so, they are spent.
    pub fn spend(&self, metrics: u64, now: Timestamp) -> bool {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let total = sum(&mut spent, now);
        if total.saturating_add(metrics) > self.metrics {
            return false;
        }
        match spent.back_mut() {
            // A slice counts from its end: later than the truth, never sooner.
            Some((at, sum)) if now <= *at => *sum = sum.saturating_add(metrics),
            _ => spent.push_back((now.checked_add(SLICE).unwrap_or(now), metrics)),
        }
        true
    }

    /// That `asked` was not asked, and who set the limit.
    pub(super) fn spent(&self, asked: &str) -> Failure {
        let set = format!("the estate file sets it to ${:.2} ([poll] dollars_per_hour)", self.dollars);
        let why = format!("{asked}: not asked: this hour's budget is spent; {set}");
        Failure { kind: FailureKind::Budget, why }
    }

    /// What it costs at a pace, and has cost.
    #[must_use]
    pub fn spending(&self, urgent: bool, now: Timestamp) -> Spending {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let interval = self.interval(urgent);
        let wanted = if urgent { self.interval } else { self.interval.saturating_mul(self.calm_slower.cast_signed()) };
        let rounds = HOUR.as_secs_f64() / interval.as_secs_f64().max(0.001);
        Spending {
            metrics: self.round,
            interval,
            urgent,
            per_hour: rounds * self.round as f64 * self.price,
            last_hour: sum(&mut spent, now) as f64 * self.price,
            budget: self.dollars,
            stretched: interval > wanted,
        }
    }
}

/// What was spent in the last hour.
fn sum(spent: &mut VecDeque<(Timestamp, u64)>, now: Timestamp) -> u64 {
    while spent.front().is_some_and(|(at, _)| now.duration_since(*at) >= HOUR) {
        spent.pop_front();
    }
    spent.iter().fold(0, |sum, (_, n)| sum.saturating_add(*n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn poll(dollars: f64, seconds: i64, slower: u32) -> Poll {
        Poll { cloudwatch: Span::from_secs(seconds), dollars_per_hour: dollars, calm_slower: slower, ..Poll::default() }
    }

    proptest! {
        /// Whatever is asked for, in whatever order of calm and haste: no hour costs more than the budget.
        #[test]
        fn no_hour_costs_more_than_the_budget(
            dollars in 0.0f64..2.0,
            round in 1u64..5_000,
            asks in proptest::collection::vec((0i64..400, 1u64..600), 1..300),
        ) {
            let budget = Budget::new(&poll(dollars, 30, 2), round);
            let mut now: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
            let mut made: Vec<(Timestamp, u64)> = Vec::new();
            for (after, metrics) in asks {
                now += Span::from_secs(after);
                if budget.spend(metrics, now) {
                    made.push((now, metrics));
                }
                let hour: u64 = made.iter().filter(|(at, _)| now.duration_since(*at) < HOUR).map(|(_, n)| n).sum();
                prop_assert!(hour as f64 / 100_000.0 <= dollars + 1e-9, "{hour} metrics for {dollars}");
            }
            prop_assert!(budget.spent.lock().unwrap().len() <= 362, "an hour has so many slices");
        }

        /// At the pace that it gives itself, nothing has to be left out.
        #[test]
        fn its_own_pace_fits_its_budget(dollars in 0.01f64..5.0, round in 1u64..3_000, urgent: bool) {
            let budget = Budget::new(&poll(dollars, 30, 2), round);
            prop_assume!(budget.interval(urgent) < Span::from_mins(50));
            let mut now: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
            for n in 0..400 {
                prop_assert!(budget.spend(round, now), "round {n} of {round} metrics every {:#}", budget.interval(urgent));
                now += budget.interval(urgent) + Span::from_millis(1);
            }
        }
    }

    #[test]
    fn calm_is_slower_and_a_small_budget_slower_still() {
        let enough = Budget::new(&poll(10.0, 30, 2), 200);
        assert_eq!((enough.interval(true), enough.interval(false)), (Span::from_secs(30), Span::from_mins(1)));
        let now: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        assert!(!enough.spending(true, now).stretched && (enough.spending(true, now).per_hour - 0.24).abs() < 1e-9);
        let small = Budget::new(&poll(0.05, 30, 2), 200);
        assert!(small.interval(true) > Span::from_mins(2));
        assert!(small.spending(true, now).stretched && small.spending(true, now).per_hour <= 0.05);
    }
}
