//! CloudWatch of one region, asked in one account: all readings that come from it, in as few `GetMetricData` calls as can be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{
    AlarmType, Dimension, Metric, MetricDataQuery, MetricStat, ScanBy, StateValue, StatusCode,
};
use aws_smithy_types::DateTime;

use super::failure::{failure, listed};
use super::plan::Wanted;
use super::{Budget, Clock};
use crate::aws::Trouble;
use crate::aws::pages::{self, Page};
use crate::estate::{Missing, Source, Statistic};
use crate::event::{Failure, News, ReadingKey, Said, Sample};
use crate::time::{Span, Timestamp};

/// Queries in one call, as AWS allows.
const QUERIES: usize = 500;
/// Pages of one call's answer.
const PAGES: usize = 20;
/// Points of one metric that are kept: a page holds no more in all.
const POINTS: usize = 2_000;
/// Periods that are looked back over: metrics come late, and some only now and then.
const BACK: i64 = 3;
/// On top of that.
const LATE: Span = Span::from_secs(180);
/// Queries with a period up to this share calls; a longer one would ask for far too many points of a short one.
const SHORT: Span = Span::from_mins(5);

/// One reading as CloudWatch is asked for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    key: ReadingKey,
    namespace: String,
    metric: String,
    /// The metric that it is a share of.
    of: Option<String>,
    statistic: Statistic,
    period: Span,
    dimensions: Vec<(String, String)>,
    missing: Missing,
    /// The account that has the metric, where a monitoring account is asked for it (`AccountId`).
    owner: Option<String>,
}

impl Query {
    /// The query of a reading. None for one from elsewhere.
    pub(super) fn of(want: &Wanted<'_>) -> Option<Self> {
        let Source::Cloudwatch { namespace, metric, statistic, period, dimensions, percent_of, .. } = want.source
        else {
            return None;
        };
        Some(Self {
            key: want.key.clone(),
            namespace: want.fill(namespace),
            metric: want.fill(metric),
            of: percent_of.as_ref().map(|m| want.fill(m)),
            statistic: *statistic,
            period: (*period).max(Span::from_secs(1)),
            dimensions: dimensions.iter().map(|(k, v)| (k.clone(), want.value(v))).collect(),
            missing: want.missing,
            owner: want.owner.clone(),
        })
    }

    /// Metrics that asking for it costs.
    pub(super) fn metrics(&self) -> u64 {
        if self.of.is_some() { 2 } else { 1 }
    }

    fn stat(&self, metric: &str, id: String) -> MetricDataQuery {
        let dimensions = self.dimensions.iter().map(|(k, v)| Dimension::builder().name(k).value(v).build());
        let metric = Metric::builder()
            .namespace(&self.namespace)
            .metric_name(metric)
            .set_dimensions(Some(dimensions.collect()))
            .build();
        let stat = MetricStat::builder()
            .metric(metric)
            .period(i32::try_from(self.period.as_secs()).unwrap_or(i32::MAX))
            .stat(self.statistic.as_str())
            .build();
        let query = MetricDataQuery::builder().id(id).metric_stat(stat).return_data(true);
        query.set_account_id(self.owner.clone()).build()
    }
}

/// What came for one query: values by the start of their period, and whether all of them came.
#[derive(Default)]
struct Series {
    points: BTreeMap<i64, f64>,
    broken: Option<String>,
}

/// A reading that counts alarms, and how their names begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alarms {
    key: ReadingKey,
    prefix: String,
}

impl Alarms {
    /// None for a reading from elsewhere.
    pub(super) fn of(want: &Wanted<'_>) -> Option<Self> {
        let Source::CloudwatchAlarms { prefix } = want.source else { return None };
        Some(Self { key: want.key.clone(), prefix: want.fill(prefix) })
    }
}

/// CloudWatch of a region.
pub(super) struct Feed {
    client: Client,
    alarms: Vec<Alarms>,
    /// In calls: each at most [`QUERIES`] metrics.
    calls: Vec<Vec<Query>>,
    /// What all regions together may spend.
    budget: Arc<Budget>,
    clock: Clock,
    /// How long a sample outlives the next poll.
    extra: Span,
    asked: String,
}

impl Feed {
    pub(super) fn new(
        client: Client,
        (queries, alarms): (Vec<Query>, Vec<Alarms>),
        budget: Arc<Budget>,
        (clock, extra): (Clock, Span),
        asked: String,
    ) -> Self {
        Self { client, alarms, calls: calls(queries), budget, clock, extra, asked }
    }

    /// Metrics that one round costs.
    pub(super) fn metrics(&self) -> u64 {
        self.calls.iter().flatten().map(Query::metrics).sum()
    }

    /// One call after the other: a source has one request under way.
    pub(super) async fn ask(self: Arc<Self>) -> Result<News, Failure> {
        let mut samples = Vec::new();
        for call in &self.calls {
            let now = (self.clock)();
            let series = self.get(call, now).await?;
            samples.extend(call.iter().enumerate().filter_map(|(i, q)| self.sample(q, i, &series, now)));
        }
        for alarms in &self.alarms {
            let now = (self.clock)();
            let count = self.in_alarm(&alarms.prefix).await.map_err(|t| failure(&t, &self.asked))?;
            let fresh_for = Span::from_secs(60).saturating_add(self.extra);
            samples.push(Sample { key: alarms.key.clone(), value: count, measured: now, fresh_for });
        }
        Ok(News::Readings(samples))
    }

    /// Alarms in state ALARM.
    async fn in_alarm(&self, prefix: &str) -> Result<Said, Trouble> {
        let counts = pages::up_to(PAGES, |token| async move {
            let call = self.client.describe_alarms().state_value(StateValue::Alarm).max_records(100);
            let call = call.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
            let prefix = Some(prefix.to_owned()).filter(|p| !p.is_empty());
            let page = call.set_alarm_name_prefix(prefix).set_next_token(token).send().await?;
            if page.metric_alarms.is_none() && page.composite_alarms.is_none() {
                listed::<()>(None, "MetricAlarms")?;
            }
            Ok(Page::of(vec![page.metric_alarms().len() + page.composite_alarms().len()], page.next_token))
        });
        let counts = counts.await?;
        let count: usize = counts.items.iter().sum();
        Ok(Said::counted(u32::try_from(count).map_or(f64::MAX, f64::from), counts.whole))
    }

    async fn get(&self, call: &[Query], now: Timestamp) -> Result<BTreeMap<String, Series>, Failure> {
        let mut queries = Vec::new();
        for (i, query) in call.iter().enumerate() {
            queries.push(query.stat(&query.metric, format!("m{i}")));
            if let Some(of) = &query.of {
                queries.push(query.stat(of, format!("d{i}")));
            }
        }
        let period = call.iter().map(|q| q.period).max().unwrap_or(SHORT).as_secs();
        let start = now.as_second() - period * BACK - LATE.as_secs();
        let start = start - start.rem_euclid(period);
        let mut all: BTreeMap<String, Series> = BTreeMap::new();
        let mut token = None;
        let asked: BTreeSet<String> = queries.iter().filter_map(|q| q.id.clone()).collect();
        let metrics = u64::try_from(queries.len()).unwrap_or(u64::MAX);
        for _ in 0..PAGES {
            // A further page asks for all of its metrics again.
            if !self.budget.spend(metrics, now) {
                return Err(self.budget.spent(&self.asked));
            }
            let page = self
                .client
                .get_metric_data()
                .set_metric_data_queries(Some(queries.clone()))
                .start_time(DateTime::from_secs(start))
                .end_time(DateTime::from_secs(now.as_second()))
                .scan_by(ScanBy::TimestampDescending)
                .set_next_token(token.take())
                .send()
                .await
                .map_err(|e| failure(&e.into(), &self.asked))?;
            for result in page.metric_data_results.unwrap_or_default() {
                let Some(id) = result.id.filter(|id| asked.contains(id)) else { continue };
                let series = all.entry(id).or_default();
                let times = result.timestamps.unwrap_or_default();
                let points = times.iter().map(DateTime::secs).zip(result.values.unwrap_or_default());
                series.points.extend(points.take(POINTS.saturating_sub(series.points.len())));
                // PartialData only says that more pages follow.
                if let Some(code @ (StatusCode::InternalError | StatusCode::Forbidden)) = result.status_code {
                    let why = result.messages.unwrap_or_default().into_iter().find_map(|m| m.value);
                    series.broken = Some(format!("{} {}", code.as_str(), why.unwrap_or_default()));
                }
            }
            match page.next_token.filter(|t| !t.is_empty()) {
                Some(next) => token = Some(next),
                None => return Ok(all),
            }
        }
        // The newest values come first: what has a value has its newest, and of what has none nothing is known.
        tracing::warn!(asked = self.asked, "more pages than are read");
        for id in asked {
            let series = all.entry(id).or_default();
            if series.points.is_empty() && series.broken.is_none() {
                series.broken = Some(format!("the answer does not end within {PAGES} pages"));
            }
        }
        Ok(all)
    }

    /// The newest complete period. No data is what the estate says it is ([`Missing`]), up to where metrics may still
    /// be on their way; a query that CloudWatch could not answer is not reported at all, and what was known of it grows
    /// old.
    fn sample(&self, q: &Query, i: usize, series: &BTreeMap<String, Series>, now: Timestamp) -> Option<Sample> {
        let empty = Series::default();
        let main = series.get(&format!("m{i}")).unwrap_or(&empty);
        let of = q.of.as_ref().map(|_| series.get(&format!("d{i}")).unwrap_or(&empty));
        if let Some(why) = main.broken.as_ref().or(of.and_then(|s| s.broken.as_ref())) {
            tracing::warn!(asked = self.asked, metric = q.metric, why, "CloudWatch could not answer");
            return None;
        }
        let newest = |s: &Series| {
            let complete = s.points.iter().rev().find(|(at, _)| **at + q.period.as_secs() <= now.as_second());
            complete.map(|(at, v)| (*at, *v))
        };
        let found = match of {
            None => newest(main),
            // Counts of failures are published only if there are some: a total without a count means zero.
            Some(of) => newest(of).map(|(at, total)| {
                let part = main.points.get(&at).copied().unwrap_or(0.0);
                (at, if total == 0.0 { f64::INFINITY } else { part / total * 100.0 })
            }),
        };
        let mut fresh_for = q.period.saturating_mul(3).saturating_add(Span::from_secs(60)).saturating_add(self.extra);
        // An answer has a result for every query; without one, nothing was said of it.
        let told = |id: String| series.contains_key(&id);
        let answered = told(format!("m{i}")) && (q.of.is_none() || told(format!("d{i}")));
        let missing = if answered { q.missing } else { Missing::Unknown };
        // Up to then every metric is there that there will be. What was found may be older: then nothing came since.
        let whole = now.as_second() - LATE.as_secs();
        let whole = whole - whole.rem_euclid(q.period.as_secs());
        let found = found.filter(|(at, _)| missing == Missing::Unknown || at + q.period.as_secs() >= whole);
        let at = |second: i64| Timestamp::from_second(second).unwrap_or(now);
        let (value, measured) = match (found, missing) {
            // Of nothing no share failed: nobody called.
            (Some((begin, v)), _) if v.is_infinite() => (Said::IDLE, at(begin + q.period.as_secs())),
            (Some((begin, v)), _) if v.is_finite() => (Said::Is(v), at(begin + q.period.as_secs())),
            (_, Missing::Zero) => (Said::Is(0.0), at(whole)),
            (_, Missing::Ok) => (Said::IDLE, at(whole)),
            (_, Missing::Unknown) => (Said::Nothing, now),
        };
        if measured == at(whole) {
            // It is old from its beginning, by as long as metrics may be late.
            fresh_for = fresh_for.saturating_add(LATE);
        }
        Some(Sample { key: q.key.clone(), value, measured, fresh_for })
    }
}

/// Queries in calls: those with short periods together, those with a longer one by their period.
fn calls(queries: Vec<Query>) -> Vec<Vec<Query>> {
    let mut by_period: BTreeMap<Span, Vec<Query>> = BTreeMap::new();
    for query in queries {
        by_period.entry(query.period.max(SHORT)).or_default().push(query);
    }
    let mut calls = Vec::new();
    for group in by_period.into_values() {
        let (mut call, mut room) = (Vec::new(), QUERIES);
        for query in group {
            let needs = if query.of.is_some() { 2 } else { 1 };
            if needs > room {
                calls.push(std::mem::take(&mut call));
                room = QUERIES;
            }
            room -= needs;
            call.push(query);
        }
        calls.push(call);
    }
    calls
}
