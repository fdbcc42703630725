//! Which sources an estate has, and how each is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, TryFutureExt};

use super::failure::NoNews;
use super::{Budget, Clock, Pace, cloudwatch, dns, drs, ec2, http, route53};
use crate::arc::Cluster;
use crate::aws::turn::Turns;
use crate::aws::{Deadlines, Sdk, Target};
use crate::estate::{AccountName, Estate, HealthCheck, Missing, Pair, PerSide, Region, Site, Source};
use crate::event::{News, ReadingKey, SourceId};
use crate::time::Span;

/// Asks a source once.
pub(super) type Ask = Box<dyn Fn() -> BoxFuture<'static, Result<News, NoNews>> + Send + Sync>;

/// One source and how it is asked.
pub(super) struct Plan {
    /// The source.
    pub(super) source: SourceId,
    /// World time between two requests.
    pub(super) interval: Span,
    /// Real time until it counts as not having answered.
    pub(super) deadline: Duration,
    /// Real time before the first request.
    pub(super) first_after: Duration,
    /// What is asked of whom, for the row of a source that does not answer.
    pub(super) asked: String,
    /// Metrics that one request asks for and that cost money.
    pub(super) metrics: u64,
    /// Asks.
    pub(super) ask: Ask,
}

/// A reading at one of its places.
#[derive(Clone)]
pub(super) struct Wanted<'a> {
    /// Which figure, where.
    pub(super) key: ReadingKey,
    /// Whose service is asked.
    pub(super) site: Site,
    /// The number of the account that has it, where another one is asked for it.
    pub(super) owner: Option<String>,
    /// The pair that the place is of.
    pair: &'a Pair,
    /// Where it comes from.
    pub(super) source: &'a Source,
    /// What it means that there is no data point.
    pub(super) missing: Missing,
}

impl Wanted<'_> {
    /// A text of the estate file with the side's own names in it.
    pub(super) fn fill(&self, text: &str) -> String {
        self.key.place.fill(text, self.pair)
    }

    /// A value of the estate file on this side.
    pub(super) fn value(&self, of: &PerSide) -> String {
        self.key.place.value(of, self.pair)
    }
}

/// Every reading of the estate at each of its places.
pub(super) fn wanted(estate: &Estate) -> Vec<Wanted<'_>> {
    let mut all = Vec::new();
    for system in &estate.systems {
        let Some(pair) = estate.pair(&system.pair) else { continue };
        for reading in &system.readings {
            for &place in reading.places() {
                let key = ReadingKey { system: system.id.clone(), reading: reading.id.clone(), place };
                let site = estate.asked(system, reading, place, pair);
                let has = system.account(pair, place.side());
                let owner = (has != site.account).then(|| estate.account_id(has.as_ref()).to_owned());
                let missing = reading.missing();
                all.push(Wanted { key, pair, site, owner, source: &reading.source, missing });
            }
        }
    }
    all
}

/// Metrics that a round over all regions asks CloudWatch for.
pub(super) fn metrics(estate: &Estate) -> u64 {
    let of = |want: &Wanted<'_>| cloudwatch::Query::of(want).map_or(0, |query| query.metrics());
    wanted(estate).iter().map(of).sum()
}

const CLOUDWATCH: Duration = Duration::from_secs(5);
const ROUTE53: Duration = Duration::from_secs(3);
/// The only region with metrics of Route 53.
const METRICS: &str = "us-east-1";
/// Between two calls of Route 53: an account has five a second, which everybody shares who uses it.
const ROUTE53_TURN: Span = Span::from_millis(300);
const DRS: Duration = Duration::from_secs(6);
const EC2: Duration = Duration::from_secs(6);
const DNS: Duration = Duration::from_millis(2500);
const HTTP: Duration = Duration::from_secs(3);

/// One call's deadlines where a source makes several.
fn call(attempt: Duration) -> Deadlines {
    Deadlines { connect: attempt.min(Duration::from_secs(2)) - Duration::from_millis(100), attempt }
}

/// All sources of an estate.
pub(super) fn of(
    estate: &Arc<Estate>,
    sdk: &Sdk,
    cluster: &Arc<Cluster>,
    pace: Pace,
    clock: &Clock,
    budget: &Arc<Budget>,
) -> Vec<Plan> {
    let mut plans = Vec::new();
    let poll = &estate.poll;
    let deadline = cluster.patience().read + Duration::from_millis(200);
    for region in cluster.endpoints() {
        let cluster = Arc::clone(cluster);
        plans.push(Plan {
            source: SourceId::Arc(region.clone()),
            interval: poll.arc,
            deadline,
            first_after: Duration::ZERO,
            asked: format!("routing controls at {region}"),
            metrics: 0,
            ask: Box::new(move || {
                let (cluster, region) = (Arc::clone(&cluster), region.clone());
                async move { super::controls(&cluster, &region).await }.boxed()
            }),
        });
    }
    regional(estate, sdk, (pace, clock, budget), &mut plans);
    checks(estate, sdk, (pace, clock, budget), &mut plans);
    names(estate, sdk, &mut plans);
    probes(estate, sdk, &mut plans);
    plans
}

/// CloudWatch, DRS and EC2: one source for each region that some reading comes from.
fn regional(
    estate: &Arc<Estate>,
    sdk: &Sdk,
    (pace, clock, budget): (Pace, &Clock, &Arc<Budget>),
    plans: &mut Vec<Plan>,
) {
    let mut metrics: BTreeMap<Site, (Vec<cloudwatch::Query>, Vec<cloudwatch::Alarms>)> = BTreeMap::new();
    let mut servers: BTreeMap<Site, Vec<(ReadingKey, drs::Figure)>> = BTreeMap::new();
    let mut machines: BTreeMap<Site, Vec<(ReadingKey, ec2::Figure)>> = BTreeMap::new();
    for want in wanted(estate) {
        if let Some(query) = cloudwatch::Query::of(&want) {
            metrics.entry(want.site).or_default().0.push(query);
        } else if let Some(alarms) = cloudwatch::Alarms::of(&want) {
            metrics.entry(want.site).or_default().1.push(alarms);
        } else if let Some(figure) = drs::Figure::of(want.source) {
            servers.entry(want.site).or_default().push((want.key, figure));
        } else if let Some(figure) = ec2::Figure::of(&want) {
            machines.entry(want.site).or_default().push((want.key, figure));
        }
    }
    for (site, queries) in metrics {
        let client = sdk.cloudwatch(&site, call(CLOUDWATCH - Duration::from_millis(500)));
        let asked = format!("CloudWatch in {site}");
        let extra = pace.wait(budget.longest(), 0, CLOUDWATCH).fresh_for;
        let purse = Arc::clone(budget);
        let feed = cloudwatch::Feed::new(client, queries, purse, (Arc::clone(clock), extra), asked.clone());
        let (metrics, feed) = (feed.metrics(), Arc::new(feed));
        let ask: Ask = Box::new(move || Arc::clone(&feed).ask().err_into().boxed());
        let mut plan = plan(SourceId::Cloudwatch(site), estate.poll.cloudwatch, CLOUDWATCH, asked, ask);
        plan.metrics = metrics;
        plans.push(plan);
    }
    for (site, figures) in servers {
        let client = sdk.drs(&site, call(Duration::from_secs(4)));
        let asked = format!("DRS in {site}");
        let fresh_for = pace.wait(estate.poll.drs, 0, DRS).fresh_for;
        let side = |p: &Pair| p.side(&site.region).map(|side| p.region(side.other()).clone());
        let others: BTreeSet<Region> = estate.pairs.iter().filter_map(side).collect();
        let feed = Arc::new(drs::Feed::new(client, (figures, others), Arc::clone(clock), fresh_for, asked.clone()));
        let ask: Ask = Box::new(move || Arc::clone(&feed).ask().err_into().boxed());
        plans.push(plan(SourceId::Drs(site.region), estate.poll.drs, DRS, asked, ask));
    }
    for (site, figures) in machines {
        let client = sdk.ec2(&site, call(Duration::from_secs(4)));
        let asked = format!("EC2 in {site}");
        let fresh_for = pace.wait(estate.poll.ec2, 0, EC2).fresh_for;
        let feed = Arc::new(ec2::Feed::new(client, figures, Arc::clone(clock), fresh_for, asked.clone()));
        let ask: Ask = Box::new(move || Arc::clone(&feed).ask().err_into().boxed());
        plans.push(plan(SourceId::Ec2(site), estate.poll.ec2, EC2, asked, ask));
    }
}

/// Route 53's health checks, one source each, spread over the interval: the API is no high-rate one. Checks
/// that follow a routing control are read from ARC instead.
fn checks(estate: &Estate, sdk: &Sdk, (pace, clock, budget): (Pace, &Clock, &Arc<Budget>), plans: &mut Vec<Plan>) {
    let recovery: BTreeSet<_> = super::recovery_checks(estate).map(|(_, id)| id).collect();
    let mut accounts: BTreeMap<Option<AccountName>, Vec<&HealthCheck>> = BTreeMap::new();
    for check in estate.health_checks.iter().filter(|c| !recovery.contains(&c.id)) {
        accounts.entry(estate.account_of_check(check)).or_default().push(check);
    }
    for (account, checks) in accounts {
        checks_of(account.as_ref(), &checks, (estate, sdk), (pace, clock, budget), plans);
    }
}

/// Those of one account: its calls a second are its own.
fn checks_of(
    account: Option<&AccountName>,
    checks: &[&HealthCheck],
    (estate, sdk): (&Estate, &Sdk),
    (pace, clock, budget): (Pace, &Clock, &Arc<Budget>),
    plans: &mut Vec<Plan>,
) {
    let count = u32::try_from(checks.len()).unwrap_or(u32::MAX).max(1);
    let client = sdk.route53(account, call(ROUTE53 - Duration::from_millis(200)));
    let spread = pace.real(estate.poll.route53) / count;
    let turns = pace.real(ROUTE53_TURN);
    // Whoever waits for their turn, and for the list of all checks, has not been left without an answer.
    let deadline = ROUTE53 * 2 + turns * (count + 1);
    let metrics = Site::new(&Region::new(METRICS), account.cloned());
    let metrics = sdk.cloudwatch(&metrics, call(ROUTE53 - Duration::from_millis(200)));
    let ids = checks.iter().map(|check| check.id.clone()).collect();
    let shared = (Turns::every(turns), Arc::clone(clock), Arc::clone(budget));
    let feed = Arc::new(route53::Feed::new(client, metrics, ids, shared));
    let mut after = Duration::ZERO;
    for check in checks {
        let (feed, id) = (Arc::clone(&feed), check.id.clone());
        let ask: Ask = Box::new(move || Arc::clone(&feed).ask(id.clone()).err_into().boxed());
        let asked = format!("Route 53 health check {}", check.name);
        let mut plan = plan(SourceId::Route53(check.id.clone()), estate.poll.route53, deadline, asked, ask);
        plan.first_after = after;
        after += spread.min(FIRST_ROUND);
        plans.push(plan);
    }
}

/// The resolvers, each asked for all names of the estate.
fn names(estate: &Arc<Estate>, sdk: &Sdk, plans: &mut Vec<Plan>) {
    let book = Arc::new(dns::Book::of(estate));
    if book.is_empty() {
        return;
    }
    for resolver in &estate.resolvers {
        let asked = format!("resolver {} ({})", resolver.name, resolver.address);
        let ask: Ask = match dns::Feed::new(resolver, sdk.outage(), Arc::clone(&book), asked.clone()) {
            Ok(feed) => {
                let feed = Arc::new(feed);
                Box::new(move || Arc::clone(&feed).ask().err_into().boxed())
            }
            Err(failure) => Box::new(move || futures::future::ready(Err(failure.clone().into())).boxed()),
        };
        plans.push(plan(SourceId::Dns(resolver.name.clone()), estate.poll.dns, DNS, asked, ask));
    }
}

/// The applications' own health pages.
fn probes(estate: &Estate, sdk: &Sdk, plans: &mut Vec<Plan>) {
    let prober = http::Prober::new(sdk, HTTP);
    for service in &estate.services {
        for probe in &service.probes {
            let (prober, url) = (prober.clone(), probe.url.clone());
            let source = SourceId::Probe(service.name.clone(), probe.region.clone());
            let page = Target::Page(service.name.clone(), probe.region.clone());
            let ask: Ask = Box::new(move || prober.clone().ask(page.clone(), url.clone()).err_into().boxed());
            plans.push(plan(source, estate.poll.http, HTTP, probe.url.clone(), ask));
        }
    }
}

/// Health checks are asked for the first time this far apart: Route 53 takes five requests a second.
const FIRST_ROUND: Duration = Duration::from_millis(250);

fn plan(source: SourceId, interval: Span, deadline: Duration, asked: String, ask: Ask) -> Plan {
    Plan { source, interval, deadline, first_after: Duration::ZERO, asked, metrics: 0, ask }
}
