//! What runs in the pairs: the metrics that exist, DRS servers, tagged instances, tunnels and peerings.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, Tag};

use super::Notes;
use super::controls::patient;
use super::known::{ELSEWHERE, KNOWN, Known, Natural};
use super::names::{shown, slug, unique};
use crate::aws::{Sdk, Trouble};
use crate::estate::{
    Direction, Estate, Layer, Meaning, Pair, Reading, ReadingId, Region, Sides, Source, System, SystemId, Tier, Unit,
};
use crate::time::Span;

/// Pages of one list.
const PAGES: usize = 40;
/// Tags that say what an instance is for, the better ones first.
const ROLE_TAGS: [&str; 6] = ["Role", "role", "Tier", "tier", "System", "Application"];
/// Systems that one kind may come to in a pair: an account with a thousand queues is not watched by naming them all.
const MOST_OF_A_KIND: usize = 25;

/// A metric that exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Metric {
    namespace: String,
    name: String,
    dimensions: BTreeMap<String, String>,
}

pub(super) async fn find(sdk: &Sdk, estate: &Estate, notes: &mut Notes) -> Vec<System> {
    let mut metrics: BTreeMap<Region, BTreeSet<Metric>> = BTreeMap::new();
    for region in &estate.regions {
        let here = list_metrics(sdk, &region.name).await;
        let here = notes.or_nothing(&format!("metrics in {} (ListMetrics)", region.name), here);
        metrics.insert(region.name.clone(), here);
    }
    let mut taken = BTreeSet::new();
    let mut systems = Vec::new();
    for pair in &estate.pairs {
        systems.extend(of_metrics(pair, &metrics, &mut taken, notes));
        systems.extend(servers(sdk, pair, &mut taken, notes).await);
        systems.extend(machines(sdk, pair, &mut taken, notes).await);
        systems.extend(network(sdk, pair, &mut taken, notes).await);
    }
    unknown(&metrics, notes);
    systems
}

async fn list_metrics(sdk: &Sdk, region: &Region) -> Result<BTreeSet<Metric>, Trouble> {
    let client = sdk.cloudwatch(region, patient());
    let mut all = BTreeSet::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = client.list_metrics().set_next_token(token.take()).send().await?;
        for metric in page.metrics.unwrap_or_default() {
            let (Some(namespace), Some(name)) = (metric.namespace, metric.metric_name) else { continue };
            let dimensions = metric.dimensions.unwrap_or_default().into_iter();
            let dimensions = dimensions.filter_map(|d| Some((d.name?, d.value?))).collect();
            all.insert(Metric { namespace, name, dimensions });
        }
        match page.next_token.filter(|t| !t.is_empty()) {
            Some(next) => token = Some(next),
            None => break,
        }
    }
    Ok(all)
}

/// Namespaces that nothing here knows, for somebody who does.
fn unknown(metrics: &BTreeMap<Region, BTreeSet<Metric>>, notes: &mut Notes) {
    let mut strange: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for metric in metrics.values().flatten() {
        let known = KNOWN.iter().any(|k| k.namespace == metric.namespace);
        if !known && !ELSEWHERE.contains(&metric.namespace.as_str()) {
            strange.entry(&metric.namespace).or_default().insert(&metric.name);
        }
    }
    for (namespace, names) in strange {
        let some: Vec<String> = names.iter().take(12).map(|n| shown(n)).collect();
        let more = names.len().saturating_sub(some.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        notes.remarks.push(format!(
            "Namespace {} is not one that this program knows; add systems for what matters of {}{more}.",
            shown(namespace),
            some.join(", ")
        ));
    }
}

/// One thing that metrics are of, on the sides where they exist: dimensions with the region's name taken out.
type Things<'k> = BTreeMap<(usize, BTreeMap<String, String>), BTreeMap<&'static str, Vec<&'k Known>>>;

fn of_metrics(
    pair: &Pair,
    metrics: &BTreeMap<Region, BTreeSet<Metric>>,
    taken: &mut BTreeSet<String>,
    notes: &mut Notes,
) -> Vec<System> {
    let mut things: Things<'_> = BTreeMap::new();
    for (side, region) in [("active", &pair.active), ("standby", &pair.standby)] {
        for metric in metrics.get(region).into_iter().flatten() {
            let dims: BTreeSet<&str> = metric.dimensions.keys().map(String::as_str).collect();
            let fits = |k: &&Known| {
                k.namespace == metric.namespace
                    && k.metric == metric.name
                    && k.by.iter().copied().collect::<BTreeSet<_>>() == dims
            };
            let Some(known) = KNOWN.iter().find(fits) else { continue };
            let kind = KNOWN.iter().position(|k| k.system == known.system).unwrap_or_default();
            let plain = |v: &String| v.replace(region.as_str(), "{region}");
            let dimensions = metric.dimensions.iter().map(|(k, v)| (k.clone(), plain(v))).collect();
            things.entry((kind, dimensions)).or_default().entry(side).or_default().push(known);
        }
    }
    let mut systems = Vec::new();
    let mut of_kind: BTreeMap<usize, usize> = BTreeMap::new();
    for ((kind, dimensions), sides) in things {
        let count = of_kind.entry(kind).or_default();
        *count += 1;
        let Some(first) = KNOWN.get(kind).filter(|_| *count <= MOST_OF_A_KIND) else { continue };
        let thing = first.by.first().and_then(|d| dimensions.get(*d)).map(|v| thing_of(v)).unwrap_or_default();
        let id = unique(slug(&format!("{} {thing} {}", first.system, pair.name)), taken);
        let mut readings: Vec<Reading> = Vec::new();
        for known in KNOWN.iter().filter(|k| k.system == first.system) {
            let on = |side| sides.get(side).is_some_and(|k| k.iter().any(|x| x.metric == known.metric));
            let placed = match (known.natural, on("active"), on("standby")) {
                (Natural::Link, _, true) => Sides::Link,
                (_, true, true) => Sides::Each,
                (_, true, false) => Sides::Active,
                (_, false, true) => Sides::Standby,
                (_, false, false) => continue,
            };
            let reading = reading(known, placed, &dimensions);
            if readings.iter().all(|r| r.id != reading.id) {
                readings.push(reading);
            }
        }
        let name = shown(&format!("{} {thing}", first.system)).trim().to_owned();
        notes.note(
            "systems",
            id.clone(),
            "Guessed: the tier, and the thresholds of the metrics of this kind (ListMetrics).",
        );
        systems.push(System {
            id: SystemId::new(id),
            name,
            pair: pair.name.clone(),
            layer: first.layer,
            tier: Tier::Important,
            parts: None,
            readings,
        });
    }
    for (kind, count) in of_kind.into_iter().filter(|(_, n)| *n > MOST_OF_A_KIND) {
        let name = KNOWN.get(kind).map_or("", |k| k.system);
        let left = count - MOST_OF_A_KIND;
        notes.remarks.push(format!("Pair {}: {left} more of {name} were left out; add those that matter.", pair.name));
    }
    systems
}

/// The part of an ARN or name that people know a thing by.
fn thing_of(value: &str) -> String {
    let last = value.rsplit(':').next().unwrap_or(value);
    let parts: Vec<&str> = last.split('/').filter(|p| !p.is_empty()).collect();
    let part = match parts.as_slice() {
        ["app" | "net", name, ..] => *name,
        [.., name] => *name,
        [] => last,
    };
    shown(part.replace("{region}", "").trim_matches(['-', '_', ' ', '.']))
}

fn reading(known: &Known, sides: Sides, dimensions: &BTreeMap<String, String>) -> Reading {
    Reading {
        id: ReadingId::new(slug(known.label).replace('-', "_")),
        label: known.label.to_owned(),
        meaning: known.meaning,
        sides,
        unit: known.unit,
        of: None,
        bad: known.bad,
        warn: known.warn,
        fail: known.fail,
        source: Source::Cloudwatch {
            namespace: known.namespace.to_owned(),
            metric: known.metric.to_owned(),
            statistic: known.statistic,
            period: Span::from_mins(known.minutes),
            dimensions: dimensions.clone(),
            region: None,
            percent_of: known.percent_of.map(str::to_owned),
        },
    }
}

/// A reading that does not come from CloudWatch.
fn plain(id: &str, label: &str, meaning: Meaning, sides: Sides, unit: Unit, source: Source) -> Reading {
    let (id, label) = (ReadingId::new(id), label.to_owned());
    Reading { id, label, meaning, sides, unit, of: None, bad: Direction::Above, warn: None, fail: None, source }
}

fn count(mut reading: Reading, of: f64) -> Reading {
    reading.bad = Direction::Below;
    (reading.of, reading.warn, reading.fail) = (Some(of), Some(of), Some((of / 2.0).ceil()));
    reading
}

fn system(id: String, name: String, pair: &Pair, layer: Layer, readings: Vec<Reading>) -> System {
    let (id, pair, tier) = (SystemId::new(id), pair.name.clone(), Tier::Critical);
    System { id, name, pair, layer, tier, parts: None, readings }
}

fn number(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

async fn servers(sdk: &Sdk, pair: &Pair, taken: &mut BTreeSet<String>, notes: &mut Notes) -> Option<System> {
    let client = sdk.drs(&pair.standby, patient());
    let mut servers = 0;
    let mut token = None;
    for _ in 0..PAGES {
        let page = match client.describe_source_servers().set_next_token(token.take()).send().await {
            Ok(page) => page,
            Err(e) => {
                // A region in which DRS was never set up says so in its own way: that is no failure.
                let said =
                    format!("DRS source servers in {} (DescribeSourceServers): {}", pair.standby, Trouble::from(e));
                notes.unread.push(said);
                return None;
            }
        };
        servers += page.items().len();
        match page.next_token.filter(|t| !t.is_empty()) {
            Some(next) => token = Some(next),
            None => break,
        }
    }
    if servers == 0 {
        return None;
    }
    let id = unique(format!("drs-{}", pair.name), taken);
    notes.note("systems", id.clone(), format!("DescribeSourceServers in {} has {servers} servers.", pair.standby));
    let mut lag = plain("lag", "lag", Meaning::Lag, Sides::Link, Unit::Seconds, Source::DrsLag);
    (lag.warn, lag.fail) = (Some(60.0), Some(900.0));
    let mut age =
        plain("snapshot", "snapshot age", Meaning::Ready, Sides::Standby, Unit::Seconds, Source::DrsSnapshotAge);
    (age.warn, age.fail) = (Some(900.0), Some(3600.0));
    let replicating =
        plain("replicating", "replicating", Meaning::Ready, Sides::Standby, Unit::Count, Source::DrsReplicating);
    let readings = vec![count(replicating, number(servers)), lag, age];
    Some(system(id, "DRS servers".into(), pair, Layer::Compute, readings))
}

/// Running instances by the tag that says what they are for: value, and how many.
async fn instances(sdk: &Sdk, region: &Region) -> Result<Option<(String, BTreeMap<String, usize>)>, Trouble> {
    let client = sdk.ec2(region, patient());
    let mut tags: Vec<Vec<Tag>> = Vec::new();
    let mut token = None;
    for _ in 0..PAGES {
        let running = Filter::builder().name("instance-state-name").values("running").build();
        let page = client.describe_instances().filters(running).set_next_token(token.take()).send().await?;
        for reservation in page.reservations.unwrap_or_default() {
            tags.extend(reservation.instances.unwrap_or_default().into_iter().filter_map(|i| i.tags));
        }
        match page.next_token.filter(|t| !t.is_empty()) {
            Some(next) => token = Some(next),
            None => break,
        }
    }
    let with = |key: &str| tags.iter().flatten().any(|t| t.key() == Some(key));
    let Some(key) = ROLE_TAGS.into_iter().find(|k| with(k)) else { return Ok(None) };
    let mut values: BTreeMap<String, usize> = BTreeMap::new();
    for tag in tags.iter().flatten().filter(|t| t.key() == Some(key)) {
        *values.entry(tag.value().unwrap_or_default().to_owned()).or_default() += 1;
    }
    Ok(Some((key.to_owned(), values)))
}

async fn machines(sdk: &Sdk, pair: &Pair, taken: &mut BTreeSet<String>, notes: &mut Notes) -> Vec<System> {
    let mut found: BTreeMap<(String, String), [usize; 2]> = BTreeMap::new();
    for (side, region) in [&pair.active, &pair.standby].into_iter().enumerate() {
        let here = instances(sdk, region).await;
        let here = notes.or_nothing(&format!("instances in {region} (DescribeInstances)"), here);
        if let Some((key, values)) = here {
            for (value, n) in values.into_iter().filter(|(v, _)| !v.is_empty() && !v.contains('{')) {
                if let Some(slot) = found.entry((key.clone(), value)).or_default().get_mut(side) {
                    *slot = n;
                }
            }
        }
    }
    let mut systems = Vec::new();
    for ((tag, value), [active, standby]) in found {
        let id = unique(slug(&format!("{value} servers {}", pair.name)), taken);
        let (sides, n) = match (active, standby) {
            (0, n) => (Sides::Standby, n),
            (n, 0) => (Sides::Active, n),
            (a, s) => (Sides::Each, a.min(s)),
        };
        let note = format!(
            "Instances tagged {} = {}: {active} run in {}, {standby} in {}.",
            shown(&tag),
            shown(&value),
            pair.active,
            pair.standby
        );
        notes.note("systems", id.clone(), note);
        let name = format!("{} servers", shown(&value));
        let source = Source::Ec2Instances { tag, value };
        let running = plain("running", "running", Meaning::Health, sides, Unit::Count, source);
        systems.push(system(id, name, pair, Layer::Compute, vec![count(running, number(n))]));
    }
    systems
}

async fn network(sdk: &Sdk, pair: &Pair, taken: &mut BTreeSet<String>, notes: &mut Notes) -> Vec<System> {
    let client = sdk.ec2(&pair.active, patient());
    let tunnels = client.describe_vpn_connections().send().await.map_err(Trouble::from);
    let tunnels = tunnels.map(|a| a.vpn_connections().iter().map(|c| c.vgw_telemetry().len()).sum::<usize>());
    let tunnels = notes.or_nothing(&format!("VPN connections in {} (DescribeVpnConnections)", pair.active), tunnels);
    let peerings = client.describe_transit_gateway_peering_attachments().send().await.map_err(Trouble::from);
    let peerings = peerings.map(|a| a.transit_gateway_peering_attachments().len());
    let what = format!("peerings in {} (DescribeTransitGatewayPeeringAttachments)", pair.active);
    let peerings = notes.or_nothing(&what, peerings);
    let kinds = [
        ("vpn", "VPN", "tunnels up", tunnels, Source::Ec2VpnTunnels),
        ("transit", "Transit Gateway", "peered", peerings, Source::Ec2TransitGatewayPeerings),
    ];
    let mut systems = Vec::new();
    for (id, name, label, n, source) in kinds {
        if n > 0 {
            let id = unique(format!("{id}-{}", pair.name), taken);
            notes.note("systems", id.clone(), format!("As many as {} has now.", pair.active));
            let up = plain("up", label, Meaning::Health, Sides::Each, Unit::Count, source);
            systems.push(system(id, name.to_owned(), pair, Layer::Network, vec![count(up, number(n))]));
        }
    }
    systems
}
