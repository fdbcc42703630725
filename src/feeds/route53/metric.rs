//! What Route 53 calls a check that has no checkers: only its metrics tell (`AWS/Route53`, us-east-1 alone).
//!
//! They are published once a minute and cost what every metric costs, so they are asked for once a minute at most, out of
//! the same budget.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy};

use super::super::Budget;
use super::super::failure::failure;
use crate::aws::Trouble;
use crate::estate::HealthCheckId;
use crate::event::{Called, Failure};
use crate::time::{Span, Timestamp};

const ASKED: &str = "CloudWatch AWS/Route53 in us-east-1";
/// What was published longer ago says nothing of now: metrics come some minutes late.
const OLD: Span = Span::from_mins(5);
/// A minute has one data point.
const PERIOD: Span = Span::from_mins(1);

/// The newest values by metric name.
type Values = BTreeMap<&'static str, f64>;

/// Route 53's metrics of one account.
pub(super) struct Metrics {
    client: Client,
    budget: Arc<Budget>,
    known: Mutex<BTreeMap<HealthCheckId, (Timestamp, Values)>>,
}

impl Metrics {
    pub(super) fn new(client: Client, budget: Arc<Budget>) -> Self {
        Self { client, budget, known: Mutex::default() }
    }

    /// What Route 53 calls a check.
    pub(super) async fn called(&self, id: &HealthCheckId, now: Timestamp) -> Result<Called, Failure> {
        Ok(called(&self.values(id, &["HealthCheckStatus"], now).await?))
    }

    /// What Route 53 calls a calculated check, and how many of its children are healthy.
    pub(super) async fn called_of_children(
        &self,
        id: &HealthCheckId,
        now: Timestamp,
    ) -> Result<(Called, Option<u16>), Failure> {
        let values = self.values(id, &["HealthCheckStatus", "ChildHealthCheckHealthyCount"], now).await?;
        let healthy = values.get("ChildHealthCheckHealthyCount").map(|n| n.round().clamp(0.0, 65_535.0) as u16);
        Ok((called(&values), healthy))
    }

    async fn values(&self, id: &HealthCheckId, names: &[&'static str], now: Timestamp) -> Result<Values, Failure> {
        let known = self.remember(|all| all.get(id).filter(|(at, _)| now.duration_since(*at) < PERIOD).cloned());
        if let Some((_, values)) = known {
            return Ok(values);
        }
        if !self.budget.spend(u64::try_from(names.len()).unwrap_or(u64::MAX), now) {
            return Err(self.budget.spent(ASKED));
        }
        let queries = names.iter().map(|name| {
            let dimension = Dimension::builder().name("HealthCheckId").value(id.as_str()).build();
            let metric = Metric::builder().namespace("AWS/Route53").metric_name(*name).dimensions(dimension).build();
            // The lowest of a minute is what would have stopped an answer.
            let stat = MetricStat::builder().metric(metric).period(60).stat("Minimum").build();
            MetricDataQuery::builder().id(name.to_lowercase()).metric_stat(stat).return_data(true).build()
        });
        let (from, to) = (now.as_second() - OLD.as_secs(), now.as_second());
        let call = self.client.get_metric_data().set_metric_data_queries(Some(queries.collect()));
        let call = call.start_time(DateTime::from_secs(from)).end_time(DateTime::from_secs(to));
        let answer = call.scan_by(ScanBy::TimestampDescending).send().await;
        let answer = answer.map_err(|e| failure(&Trouble::from(e), ASKED))?;
        let mut values = Values::new();
        for result in answer.metric_data_results() {
            let newest = result.timestamps().iter().map(DateTime::secs).zip(result.values()).max_by_key(|(at, _)| *at);
            let name = names.iter().find(|name| Some(name.to_lowercase().as_str()) == result.id());
            if let Some((name, (_, value))) = name.zip(newest) {
                values.insert(name, *value);
            }
        }
        self.remember(|all| all.insert(id.clone(), (now, values.clone())));
        Ok(values)
    }

    fn remember<T>(&self, f: impl FnOnce(&mut BTreeMap<HealthCheckId, (Timestamp, Values)>) -> T) -> T {
        f(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `HealthCheckStatus` is 1 where Route 53 calls a check healthy. No data is not health.
fn called(values: &Values) -> Called {
    match values.get("HealthCheckStatus") {
        None => Called::Unknown,
        Some(n) if *n >= 1.0 => Called::Healthy,
        Some(_) => Called::Unhealthy,
    }
}
