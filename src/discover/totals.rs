//! How many there are to be of what is counted: only a number in the estate file makes `6` read as six of twelve.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, MetricDataQuery, MetricStat, ScanBy};
use aws_smithy_types::DateTime;

use super::Notes;
use super::controls::patient;
use super::known::{TOTALS, Total};
use super::metrics::{Metric, Metrics};
use crate::aws::pages::{self, Page};
use crate::aws::{Sdk, Trouble};
use crate::estate::{Region, Site};
use crate::time::Timestamp;

/// Queries in one call, as AWS allows.
const QUERIES: usize = 500;
/// Pages of one answer.
const PAGES: usize = 20;
/// What is averaged, and how far back, in seconds.
const PERIOD: i32 = 300;
const BACK: i64 = 1800;

/// What the metrics of totals, and the counts that go into them, said last.
pub(super) struct Totals(BTreeMap<Region, BTreeMap<Metric, f64>>);

impl Totals {
    /// Reads those that exist.
    pub(super) async fn read(sdk: &Sdk, metrics: &Metrics, now: Timestamp, notes: &mut Notes<'_>) -> Self {
        let mut all = BTreeMap::new();
        for (region, there) in metrics.by_region() {
            let mut asked: BTreeSet<&Metric> = BTreeSet::new();
            for count in there {
                let Some((total, with_it)) = total_of(count) else { continue };
                if let Some(total) = there.get(&total) {
                    asked.insert(total);
                    asked.extend(Some(count).filter(|_| with_it));
                }
            }
            let mut of_account: BTreeMap<_, Vec<&Metric>> = BTreeMap::new();
            for metric in asked {
                of_account.entry(&metric.account).or_default().push(metric);
            }
            let mut said = BTreeMap::new();
            for (account, asked) in of_account {
                let site = Site::new(region, account.clone());
                let client = sdk.cloudwatch(&site, patient());
                for call in asked.chunks(QUERIES) {
                    let what = format!("how many there are to be in {site} (GetMetricData)");
                    said.extend(notes.or_nothing(&what, last(&client, call, now).await));
                }
            }
            all.insert(region.clone(), said);
        }
        Self(all)
    }

    /// How many there should be of a count that a region publishes, where that is known.
    pub(super) fn of(&self, region: &Region, count: &Metric) -> Option<f64> {
        let said = self.0.get(region)?;
        let (total, with_it) = total_of(count)?;
        let own = if with_it { *said.get(count)? } else { 0.0 };
        Some((said.get(&total)? + own).round())
    }
}

/// The metric that tells a count's total, and whether the count itself is to be added.
fn total_of(count: &Metric) -> Option<(Metric, bool)> {
    let known = TOTALS.iter().find(|(namespace, name, _)| *namespace == count.namespace && *name == count.name);
    let (name, with_it) = match known?.2 {
        Total::Is(name) => (name, false),
        Total::With(name) => (name, true),
    };
    Some((Metric { name: name.to_owned(), ..count.clone() }, with_it))
}

/// The newest average of each metric.
async fn last(client: &Client, asked: &[&Metric], now: Timestamp) -> Result<BTreeMap<Metric, f64>, Trouble> {
    let queries: &Vec<MetricDataQuery> = &asked.iter().enumerate().map(|(i, metric)| query(metric, i)).collect();
    let listed = pages::all(PAGES, "values", |token| async move {
        let call = client.get_metric_data().set_metric_data_queries(Some(queries.clone()));
        let call = call.start_time(DateTime::from_secs(now.as_second() - BACK));
        let call = call.end_time(DateTime::from_secs(now.as_second())).scan_by(ScanBy::TimestampDescending);
        let page = call.set_next_token(token).send().await?;
        let results = page.metric_data_results.unwrap_or_default().into_iter().filter_map(|result| {
            let metric = asked.get(result.id()?.strip_prefix('m')?.parse::<usize>().ok()?)?;
            let value = result.values().first().filter(|v| v.is_finite())?;
            Some(((*metric).clone(), *value))
        });
        Ok(Page::of(results.collect(), page.next_token))
    });
    let mut said = BTreeMap::new();
    // The newest comes first, on the first page as within it.
    for (metric, value) in listed.await? {
        said.entry(metric).or_insert(value);
    }
    Ok(said)
}

fn query(metric: &Metric, i: usize) -> MetricDataQuery {
    let dimensions = metric.dimensions.iter().map(|(k, v)| Dimension::builder().name(k).value(v).build()).collect();
    let what = aws_sdk_cloudwatch::types::Metric::builder()
        .namespace(&metric.namespace)
        .metric_name(&metric.name)
        .set_dimensions(Some(dimensions))
        .build();
    let stat = MetricStat::builder().metric(what).period(PERIOD).stat("Average").build();
    MetricDataQuery::builder().id(format!("m{i}")).metric_stat(stat).build()
}
