//! `GetMetricData`: 500 queries at most, pages of data points, and no data where there is none.
//!
//! A query may name the account whose metric it asks for. To whom that account is not linked, the query alone is
//! `Forbidden`, and the others are answered: AWS's documents say nothing of it, its model has the word, and programs that
//! ask other accounts handle it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Refusal, invalid, invalid_next_token};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{Args, Token, Tree};
use crate::sim::world::{Metric, Spot};
use crate::time::Timestamp;

const QUERIES: usize = 500;
const DATAPOINTS: i64 = 100_800;

/// One query of the request.
struct Query {
    id: String,
    label: String,
    /// The account that is asked, if not one's own.
    account: Option<String>,
    metric: Metric,
    statistic: String,
    period: i64,
    returned: bool,
}

pub(super) fn get_metric_data(
    args: &Args<'_>,
    world: &SharedWorld,
    region: &Region,
    caller: &str,
) -> Result<Tree, Refusal> {
    let start = args.time("StartTime")?.ok_or_else(|| args.wrong("StartTime", "is required"))?;
    let end = args.time("EndTime")?.ok_or_else(|| args.wrong("EndTime", "is required"))?;
    if start >= end {
        return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
    }
    let most = args.int("MaxDatapoints", 1..=DATAPOINTS)?.unwrap_or(DATAPOINTS);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let newest_first = match args.text("ScanBy")? {
        None | Some("TimestampDescending") => true,
        Some("TimestampAscending") => false,
        Some(other) => {
            return Err(invalid(format!("ScanBy is TimestampDescending or TimestampAscending, not {other}")));
        }
    };
    let queries = queries(args)?;
    let token = match args.text("NextToken")? {
        Some(text) => Some(Token::read(text, "GetMetricData").ok_or_else(invalid_next_token)?),
        None => None,
    };
    let (series, as_of) = world.with(|w| {
        // Later pages see the world as it was at the first one, or their points would shift.
        let as_of = token.map_or(w.now(), |t| Timestamp::from_millisecond(t.as_of).unwrap_or(end));
        let look = |q: &Query| {
            let owner = q.account.as_deref().unwrap_or(caller);
            if !w.sees_metrics(caller, owner) {
                return None;
            }
            let spot = Spot { owner, region };
            let mut points = w.metric_data_of(spot, &q.metric, &q.statistic, q.period, (start, end));
            points.retain(|(t, _)| t.as_second().saturating_add(q.period) <= as_of.as_second());
            if newest_first {
                points.reverse();
            }
            Some(points)
        };
        let series: Vec<_> = queries.iter().filter(|q| q.returned).map(|q| (q, look(q))).collect();
        (series, as_of)
    });
    let from = token.map_or(0, |t| t.offset);
    let till = from.saturating_add(most);
    let (mut results, mut at) = (Vec::new(), 0_usize);
    for (query, seen) in &series {
        let points = seen.as_deref().unwrap_or_default();
        let (first, last) = (at, at + points.len());
        at = last;
        // An empty series stands on the page where its points would.
        let here =
            if points.is_empty() { from <= first && (first < till || first == 0) } else { last > from && first < till };
        if !here {
            continue;
        }
        let page: Vec<_> =
            points.iter().skip(from.saturating_sub(first)).take(till.min(last) - from.max(first)).collect();
        let complete = last <= till;
        let result = Tree::map()
            .with("Id", &query.id)
            .with("Label", &query.label)
            .with("Timestamps", Tree::list("member", page.iter().map(|(t, _)| *t)))
            .with("Values", Tree::list("member", page.iter().map(|(_, v)| *v)))
            .with("StatusCode", status(seen.is_some(), complete));
        results.push(result);
    }
    let next = (at > till).then(|| Token { offset: till, as_of: as_of.as_millisecond() }.write("GetMetricData"));
    Ok(Tree::map().with("MetricDataResults", results).with_some("NextToken", next).with("Messages", Vec::<Tree>::new()))
}

fn status(seen: bool, complete: bool) -> &'static str {
    match (seen, complete) {
        (false, _) => "Forbidden",
        (true, true) => "Complete",
        (true, false) => "PartialData",
    }
}

fn queries(args: &Args<'_>) -> Result<Vec<Query>, Refusal> {
    let list = args.list("MetricDataQueries", usize::MAX)?;
    if list.is_empty() {
        return Err(args.wrong("MetricDataQueries", "is required").into());
    }
    if list.len() > QUERIES {
        return Err(invalid(format!(
            "The collection MetricDataQueries must not have a size greater than {QUERIES}, it has {}.",
            list.len()
        )));
    }
    let mut ids = BTreeSet::new();
    let mut queries = Vec::with_capacity(list.len());
    for query in &list {
        let query = read(query)?;
        if !ids.insert(query.id.clone()) {
            return Err(invalid(format!(
                "The values for parameter id in MetricDataQueries are not unique: {}",
                query.id
            )));
        }
        queries.push(query);
    }
    Ok(queries)
}

fn read(query: &Args<'_>) -> Result<Query, Refusal> {
    let id = query.need_text("Id", 1..=255)?;
    let lower_first = id.starts_with(|c: char| c.is_ascii_lowercase());
    if !lower_first || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(query.wrong("Id", "must match the expression ^[a-z][a-zA-Z0-9_]*$").into());
    }
    if query.has("Expression") {
        return Err(query.wrong("Expression", "is refused: this simulator answers MetricStat queries only").into());
    }
    let account = query.has("AccountId").then(|| query.need_text("AccountId", 1..=255)).transpose()?;
    let stat = query.args("MetricStat")?.ok_or_else(|| query.wrong("MetricStat", "is required"))?;
    let metric = stat.args("Metric")?.ok_or_else(|| stat.wrong("Metric", "is required"))?;
    let mut dimensions = BTreeMap::new();
    for dimension in metric.list("Dimensions", 30)? {
        let name = dimension.need_text("Name", 1..=255)?;
        let value = dimension.need_text("Value", 1..=1024)?;
        dimensions.insert(name.to_owned(), value.to_owned());
    }
    let period = stat.int("Period", 1..=86_400 * 365)?.ok_or_else(|| stat.wrong("Period", "is required"))?;
    if !matches!(period, 1 | 5 | 10 | 20 | 30) && period % 60 != 0 {
        return Err(stat.wrong("Period", "must be 1, 5, 10, 20, 30 or a multiple of 60").into());
    }
    let statistic = stat.need_text("Stat", 1..=255)?;
    if !known_statistic(statistic) {
        return Err(stat.wrong("Stat", &format!("is no statistic: {statistic}")).into());
    }
    let metric = Metric {
        namespace: metric.need_text("Namespace", 1..=255)?.to_owned(),
        name: metric.need_text("MetricName", 1..=255)?.to_owned(),
        dimensions,
    };
    Ok(Query {
        id: id.to_owned(),
        label: query.text("Label")?.unwrap_or(&metric.name).to_owned(),
        account: account.map(str::to_owned),
        metric,
        statistic: statistic.to_owned(),
        period,
        returned: query.bool("ReturnData")?.unwrap_or(true),
    })
}

/// The five statistics, or a percentile and its like (`p99.9`, `tm90`).
fn known_statistic(name: &str) -> bool {
    let extended = ["p", "tm", "wm", "tc", "ts", "IQM"].iter().any(|prefix| {
        name.strip_prefix(prefix).is_some_and(|n| n.parse::<f64>().is_ok_and(|n| (0.0..=100.0).contains(&n)))
    });
    extended || matches!(name, "Average" | "Minimum" | "Maximum" | "Sum" | "SampleCount" | "IQM")
}
