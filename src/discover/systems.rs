//! What runs in the pairs: the metrics that exist, DRS servers, tagged instances, tunnels and peerings.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, Tag};

use super::controls::patient;
use super::metrics::Metrics;
use super::names::{shown, slug, unique};
use super::owned::Owned;
use super::totals::Totals;
use super::{Notes, things};
use crate::aws::pages::{self, Page};
use crate::aws::{Sdk, Trouble};
use crate::estate::{
    AccountName, Direction, Estate, Layer, Meaning, Pair, Reading, ReadingId, Sides, Site, Source, System, SystemId,
    Tier, Unit,
};
use crate::time::Timestamp;

/// Pages of one list.
const PAGES: usize = 40;
/// Tags that say what an instance is for, best first.
const ROLE_TAGS: [&str; 6] = ["Role", "role", "Tier", "tier", "System", "Application"];

pub(super) async fn find(sdk: &Sdk, estate: &Estate, now: Timestamp, notes: &mut Notes<'_>) -> Vec<Owned> {
    let metrics = Metrics::list(sdk, estate, notes).await;
    let totals = Totals::read(sdk, &metrics, now, notes).await;
    let mut taken = BTreeSet::new();
    let mut systems = Vec::new();
    for pair in &estate.pairs {
        let mut here = things::systems(pair, (&metrics, &totals), &mut taken, notes);
        here.extend(machines(sdk, (estate, pair), &mut taken, notes).await);
        for account in estate.walk() {
            let account = account.as_ref();
            let servers = servers(sdk, (pair, account), &mut taken, notes).await;
            here.extend(servers.map(|system| Owned::of(system, account)));
            network(sdk, (pair, account), &mut here, &mut taken, notes).await;
        }
        systems.extend(here);
    }
    metrics.tell_unknown(notes);
    systems
}

/// A reading that does not come from CloudWatch.
fn plain(id: &str, label: &str, meaning: Meaning, sides: Sides, unit: Unit, source: Source) -> Reading {
    let (id, label) = (ReadingId::new(id), label.to_owned());
    Reading {
        id,
        label,
        meaning,
        sides,
        unit,
        of: None,
        bad: Direction::Above,
        warn: None,
        fail: None,
        missing: None,
        source,
    }
}

/// A count with how many there should be. None of something cannot be missing: then it has no threshold.
pub(super) fn count(reading: Reading, of: Option<f64>) -> Reading {
    let Some(n) = of else { return reading };
    let of = of.filter(|n| *n > 0.0);
    Reading { of, warn: of, fail: of.map(|_| (n / 2.0).ceil()), bad: Direction::Below, ..reading }
}

/// A count on both sides: one reading where as many should be on each, else two.
pub(super) fn count_each(reading: &Reading, active: Option<f64>, standby: Option<f64>) -> Vec<Reading> {
    if active == standby {
        return vec![count(reading.clone(), active)];
    }
    let one = |(sides, side, of)| {
        let id = ReadingId::new(format!("{}_{side}", reading.id));
        count(Reading { id, sides, ..reading.clone() }, of)
    };
    [(Sides::Active, "active", active), (Sides::Standby, "standby", standby)].map(one).into()
}

fn system(id: String, name: String, pair: &Pair, layer: Layer, readings: Vec<Reading>) -> System {
    let (id, pair, tier) = (SystemId::new(id), pair.name.clone(), Tier::Critical);
    System { id, name, pair, layer, tier, account: None, parts: None, runbook: None, readings }
}

fn number(n: usize) -> Option<f64> {
    u32::try_from(n).ok().map(f64::from)
}

async fn servers(
    sdk: &Sdk,
    (pair, account): (&Pair, Option<&AccountName>),
    taken: &mut BTreeSet<String>,
    notes: &mut Notes<'_>,
) -> Option<System> {
    let site = Site::new(&pair.standby, account.cloned());
    let client = &sdk.drs(&site, patient());
    let listed = pages::up_to(PAGES, |token| async move {
        let page = client.describe_source_servers().set_next_token(token).send().await?;
        Ok(Page::of(vec![(); page.items().len()], page.next_token))
    });
    let what = format!("DRS source servers in {site} (DescribeSourceServers)");
    let servers = notes.listed(&what, listed.await).len();
    if servers == 0 {
        return None;
    }
    let id = unique(format!("drs-{}", pair.name), taken);
    notes.note("systems", id.clone(), format!("DescribeSourceServers in {site} has {servers} servers."));
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
async fn instances(sdk: &Sdk, site: &Site) -> Result<Option<(String, BTreeMap<String, usize>)>, Trouble> {
    let client = &sdk.ec2(site, patient());
    // Half of them would be a number in the file that is too low: all are counted, or none.
    let tags: Vec<Vec<Tag>> = pages::all(PAGES, "instances", |token| async move {
        let running = Filter::builder().name("instance-state-name").values("running").build();
        let page = client.describe_instances().filters(running).set_next_token(token).send().await?;
        let all = page.reservations.unwrap_or_default().into_iter().flat_map(|r| r.instances.unwrap_or_default());
        Ok(Page::of(all.filter_map(|i| i.tags).collect(), page.next_token))
    })
    .await?;
    let with = |key: &str| tags.iter().flatten().any(|t| t.key() == Some(key));
    let Some(key) = ROLE_TAGS.into_iter().find(|k| with(k)) else { return Ok(None) };
    let mut values: BTreeMap<String, usize> = BTreeMap::new();
    for tag in tags.iter().flatten().filter(|t| t.key() == Some(key)) {
        *values.entry(tag.value().unwrap_or_default().to_owned()).or_default() += 1;
    }
    Ok(Some((key.to_owned(), values)))
}

async fn machines(
    sdk: &Sdk,
    (estate, pair): (&Estate, &Pair),
    taken: &mut BTreeSet<String>,
    notes: &mut Notes<'_>,
) -> Vec<Owned> {
    /// How many run, and the account that they are in.
    type Running = (usize, Option<AccountName>);
    let mut found: BTreeMap<(String, String), [Option<Running>; 2]> = BTreeMap::new();
    for account in estate.walk() {
        for (side, region) in [&pair.active, &pair.standby].into_iter().enumerate() {
            let site = Site::new(region, account.clone());
            let here = instances(sdk, &site).await;
            let here = notes.or_nothing(&format!("instances in {site} (DescribeInstances)"), here);
            let Some((key, values)) = here else { continue };
            for (value, n) in values.into_iter().filter(|(v, _)| !v.is_empty() && !v.contains('{')) {
                if let Some(slot @ None) = found.entry((key.clone(), value)).or_default().get_mut(side) {
                    *slot = Some((n, account.clone()));
                }
            }
        }
    }
    let mut systems = Vec::new();
    for ((tag, value), [on_active, on_standby]) in found {
        let count_of = |running: &Option<Running>| running.as_ref().map_or(0, |(n, _)| *n);
        let (active, standby) = (count_of(&on_active), count_of(&on_standby));
        let id = unique(slug(&format!("{value} servers {}", pair.name)), taken);
        let source = Source::Ec2Instances { tag: tag.clone(), value: value.clone() };
        let running = |sides| plain("running", "running", Meaning::Health, sides, Unit::Count, source.clone());
        let readings = match (active, standby) {
            (0, n) => vec![count(running(Sides::Standby), number(n))],
            (n, 0) => vec![count(running(Sides::Active), number(n))],
            (a, s) => count_each(&running(Sides::Each), number(a), number(s)),
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
        let owners = [on_active, on_standby].map(|running| running.map(|(_, account)| account));
        systems.push(Owned { system: system(id, name, pair, Layer::Compute, readings), owners });
    }
    systems
}

/// Adds tunnels and peerings to the systems of a pair.
async fn network(
    sdk: &Sdk,
    (pair, account): (&Pair, Option<&AccountName>),
    systems: &mut Vec<Owned>,
    taken: &mut BTreeSet<String>,
    notes: &mut Notes<'_>,
) {
    let site = Site::new(&pair.active, account.cloned());
    let client = sdk.ec2(&site, patient());
    let tunnels = client.describe_vpn_connections().send().await.map_err(Trouble::from);
    let tunnels = tunnels.map(|a| a.vpn_connections().iter().map(|c| c.vgw_telemetry().len()).sum::<usize>());
    let tunnels = notes.or_nothing(&format!("VPN connections in {site} (DescribeVpnConnections)"), tunnels);
    let ec2 = &client;
    let peerings = pages::all(PAGES, "peerings", |token| async move {
        let page = ec2.describe_transit_gateway_peering_attachments().set_next_token(token).send().await?;
        Ok(Page::of(vec![(); page.transit_gateway_peering_attachments().len()], page.next_token))
    });
    let what = format!("peerings in {site} (DescribeTransitGatewayPeeringAttachments)");
    let peerings = notes.or_nothing(&what, peerings.await.map(|all| all.len()));
    let up = |label, n, source| {
        let reading = plain("up", label, Meaning::Health, Sides::Each, Unit::Count, source);
        count(reading, number(n))
    };
    let as_many = format!("As many as {} has now.", pair.active);
    if tunnels > 0 {
        let id = unique(format!("vpn-{}", pair.name), taken);
        notes.note("systems", id.clone(), as_many.clone());
        let up = up("tunnels up", tunnels, Source::Ec2VpnTunnels);
        systems.push(Owned::of(system(id, "VPN".into(), pair, Layer::Network, vec![up]), account));
    }
    if peerings > 0 {
        let id = unique(format!("transit-{}", pair.name), taken);
        let mut readings = vec![up("peered", peerings, Source::Ec2TransitGatewayPeerings)];
        let (name, note) = match take_gateway(systems, account) {
            Some(drops) => {
                readings.extend(drops);
                ("Transit Gateway", format!("{as_many} Guessed: the thresholds for what is dropped."))
            }
            None => ("Transit Gateway peerings", as_many),
        };
        notes.note("systems", id.clone(), note);
        systems.push(Owned::of(system(id, name.to_owned(), pair, Layer::Network, readings), account));
    }
}

/// Removes the systems that are the pair's transit gateway by its metrics, and gives their readings, because peerings
/// belong to the same gateway. None if a region has several: which of them is peered is unknown.
fn take_gateway(systems: &mut Vec<Owned>, account: Option<&AccountName>) -> Option<Vec<Reading>> {
    let is_one =
        |r: &Reading| matches!(&r.source, Source::Cloudwatch { namespace, .. } if namespace == "AWS/TransitGateway");
    let here = |owned: &&Owned| owned.owners.iter().flatten().all(|owner| owner.as_ref() == account);
    let mut readings: Vec<Reading> =
        systems.iter().filter(here).flat_map(|o| &o.system.readings).filter(|r| is_one(r)).cloned().collect();
    readings.sort_by_key(|r| r.sides != Sides::Active);
    match readings.as_mut_slice() {
        [_] => {}
        [one, other] if matches!((one.sides, other.sides), (Sides::Active, Sides::Standby)) => {
            one.id = ReadingId::new(format!("{}_active", one.id));
            other.id = ReadingId::new(format!("{}_standby", other.id));
        }
        _ => return None,
    }
    systems.retain(|o| !(here(&o) && o.system.readings.iter().any(is_one)));
    Some(readings)
}
