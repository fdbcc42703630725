//! The metrics that exist: each region's own, and those that one region publishes for all.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::Client;
use futures::StreamExt as _;

use super::Notes;
use super::controls::{Asked, patient};
use super::known::{CENTRAL, Central, ELSEWHERE, KNOWN, is_known};
use super::names::{region_in, shown};
use super::patience::Patience;
use crate::aws::pages::{self, Listed, Page};
use crate::aws::{Kind, Sdk, Trouble};
use crate::estate::{AccountName, Estate, Region, Site};

/// Pages of one namespace's list: half a million metrics.
const PAGES: usize = 1000;
/// Pages of the list of all.
const FEW: usize = 40;
/// Regions of accounts that are read at once.
const AT_ONCE: usize = 8;
/// Calls a second, which is what `ListMetrics` allows an account, and some left for others.
const CALLS: u32 = 20;

/// A metric that exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Metric {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) dimensions: BTreeMap<String, String>,
    /// The account that has it.
    pub(super) account: Option<AccountName>,
}

/// All metrics, by the region whose CloudWatch has them.
pub(super) struct Metrics(BTreeMap<Region, BTreeSet<Metric>>);

impl Metrics {
    /// Lists them: all of the estate's regions, and of other regions what only they publish.
    pub(super) async fn list(sdk: &Sdk, estate: &Estate, notes: &mut Notes<'_>) -> Self {
        let mut all: BTreeMap<Region, BTreeSet<Metric>> = BTreeMap::new();
        // What is looked for, namespace by namespace, each to its end: one that has very many metrics hides no other.
        let wanted: BTreeSet<&str> = KNOWN.iter().map(|k| k.namespace).collect();
        let regions: Vec<&Region> = estate.regions.iter().map(|r| &r.name).collect();
        // Each region of each account has its own calls a second.
        let sites = estate.walk().into_iter().flat_map(|account| {
            regions.iter().map(move |region| Site::new(region, account.clone())).collect::<Vec<_>>()
        });
        let (wanted, begun) = (&wanted, notes.apart());
        let read = sites.map(|site| {
            let mut notes = begun.apart();
            async move { (of_region(sdk, &site, wanted, &mut notes).await, site.region, notes) }
        });
        let read: Vec<_> = futures::stream::iter(read).buffered(AT_ONCE).collect().await;
        for (here, region, told) in read {
            all.entry(region).or_default().extend(here);
            notes.add(told);
        }
        for Central { namespace, published_in, .. } in CENTRAL {
            let region = Region::new(*published_in);
            if regions.contains(&&region) {
                continue;
            }
            let own = &estate.endpoints.cloudwatch;
            if !own.is_empty() && !own.contains_key(&region) {
                // If an estate file names its own CloudWatch endpoints, such as a simulator's, a region without one is
                // not asked at AWS instead.
                notes.remarks.push(format!(
                    "{namespace} was not looked for: only {region} publishes it, and [endpoints] names no CloudWatch there."
                ));
                continue;
            }
            for account in estate.walk() {
                let site = Site::new(&region, account);
                let here = list(&asked(sdk, &site), (Some(namespace), &site), PAGES).await;
                let here = notes.listed(&format!("metrics of {namespace} in {site} (ListMetrics)"), here);
                all.entry(region.clone()).or_default().extend(here);
            }
        }
        Self(all)
    }

    /// Each region's CloudWatch, and what it has.
    pub(super) fn by_region(&self) -> impl Iterator<Item = (&Region, &BTreeSet<Metric>)> {
        self.0.iter()
    }

    /// The metrics about a region, wherever they are published; with that place, if it is not the region itself.
    pub(super) fn of<'a>(&'a self, region: &'a Region) -> impl Iterator<Item = (&'a Metric, Option<Region>)> {
        let own = self.0.get(region).into_iter().flatten().filter(|m| central(m).is_none()).map(|m| (m, None));
        let serves = |m: &Metric| {
            let served = central(m).and_then(|c| c.served).and_then(|d| m.dimensions.get(d));
            served.and_then(|value| region_in(value)).as_ref() == Some(region)
        };
        let others = self.0.iter().flat_map(move |(place, metrics)| {
            metrics.iter().filter(move |m| serves(m)).map(|m| (m, Some(place.clone())))
        });
        own.chain(others)
    }

    /// Namespaces that are unknown here, for somebody who knows them.
    pub(super) fn tell_unknown(&self, notes: &mut Notes<'_>) {
        let mut strange: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for metric in self.0.values().flatten() {
            let known = KNOWN.iter().any(|k| k.namespace == metric.namespace);
            if !known && !ELSEWHERE.contains(&metric.namespace.as_str()) {
                strange.entry(&metric.namespace).or_default().insert(&metric.name);
            }
        }
        for (namespace, names) in strange {
            let some: Vec<String> = names.iter().take(12).map(|n| shown(n)).collect();
            let more = names.len().saturating_sub(some.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let place = CENTRAL.iter().find(|c| c.namespace == namespace).map_or(String::new(), |c| {
                format!("; only {0} publishes it: add `region = \"{0}\"` to their source", c.published_in)
            });
            notes.remarks.push(format!(
                "Namespace {} is not one that this program knows; add systems for what matters of {}{more}{place}.",
                shown(namespace),
                some.join(", ")
            ));
        }
    }
}

fn asked(sdk: &Sdk, site: &Site) -> Asked<Client> {
    Asked { client: sdk.cloudwatch(site, patient()), patience: Patience::calls_a_second(CALLS) }
}

/// What a region of an account has, namespace by namespace.
async fn of_region(sdk: &Sdk, site: &Site, wanted: &BTreeSet<&str>, notes: &mut Notes<'_>) -> BTreeSet<Metric> {
    let mut here = BTreeSet::new();
    let asked = asked(sdk, site);
    for namespace in wanted {
        match list(&asked, (Some(namespace), site), PAGES).await {
            // It was asked often enough: the other namespaces are not there either.
            Err(gone) if matches!(gone.kind, Kind::Connect | Kind::Timeout | Kind::NoCredentials) => {
                notes.not_read(&format!("metrics in {site} (ListMetrics)"), &gone);
                return here;
            }
            of_one => {
                here.extend(notes.listed(&format!("metrics of {namespace} in {site} (ListMetrics)"), of_one));
            }
        }
    }
    // The rest is only told of: as much of it as a few pages have.
    match list(&asked, (None, site), FEW).await {
        Ok(some) => here.extend(some.items),
        Err(trouble) => notes.not_read(&format!("other metrics in {site} (ListMetrics)"), &trouble),
    }
    here
}

fn central(metric: &Metric) -> Option<&'static Central> {
    CENTRAL.iter().find(|c| c.namespace == metric.namespace)
}

/// The metrics of a namespace that something is known of; of all, every one.
async fn list(
    asked: &Asked<Client>,
    (namespace, site): (Option<&str>, &Site),
    most: usize,
) -> Result<Listed<Metric>, Trouble> {
    let Asked { client, patience } = asked;
    pages::up_to(most, |token: Option<String>| async move {
        let call = || {
            let call = client.list_metrics().set_namespace(namespace.map(str::to_owned));
            call.set_next_token(token.clone())
        };
        let page = patience.ask(|| async { Ok(call().send().await?) }).await?;
        let metrics = page.metrics.unwrap_or_default().into_iter().filter_map(|metric| {
            let dimensions = metric.dimensions.unwrap_or_default().into_iter();
            let dimensions = dimensions.filter_map(|d| Some((d.name?, d.value?))).collect();
            // A namespace may have half a million: those that nothing is known of are not kept.
            let name = metric.metric_name.as_deref().unwrap_or_default();
            if namespace.is_some_and(|n| !is_known(n, name)) {
                return None;
            }
            let account = site.account.clone();
            Some(Metric { namespace: metric.namespace?, name: metric.metric_name?, dimensions, account })
        });
        Ok(Page::of(metrics.collect(), page.next_token))
    })
    .await
}
