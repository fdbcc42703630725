//! Hosted zones and their record sets.

use std::cmp::Ordering;

use super::{Marked, Mine, invalid, max_items};
use crate::sim::wire::{Fault, Request, Tree};
use crate::sim::world::{HostedZone, Leads, RecordSet};

pub(super) fn list_hosted_zones(request: &Request, mine: Mine<'_>) -> Result<Tree, Fault> {
    let page = Marked::of(mine.hosted_zones(), request, |z| &z.id)?;
    let zones = Tree::list("HostedZone", page.items.iter().map(zone));
    Ok(page.close(Tree::map().with("HostedZones", zones)))
}

pub(super) fn get_hosted_zone(id: &str, mine: Mine<'_>) -> Result<Tree, Fault> {
    let found = mine.hosted_zones().into_iter().find(|z| z.id == id).ok_or_else(|| unknown(id))?;
    let servers = mine.record_sets(id).unwrap_or_default();
    let servers: Vec<String> = servers
        .iter()
        .filter(|r| r.kind.as_str() == "NS" && r.name == found.name)
        .flat_map(|r| match &r.leads {
            Leads::To { values, .. } => values.as_slice(),
            Leads::Alias { .. } => &[],
        })
        .map(|v| v.trim_end_matches('.').to_owned())
        .collect();
    let set = (!servers.is_empty()).then(|| Tree::map().with("NameServers", Tree::list("NameServer", servers)));
    Ok(Tree::map().with("HostedZone", zone(&found)).with_some("DelegationSet", set))
}

pub(super) fn list_resource_record_sets(id: &str, request: &Request, mine: Mine<'_>) -> Result<Tree, Fault> {
    let sets = mine.record_sets(id).ok_or_else(|| unknown(id))?;
    let size = max_items(request, 300)?;
    let (name, kind, set) = (request.query.get("name"), request.query.get("type"), request.query.get("identifier"));
    if kind.is_some() && name.is_none() || set.is_some() && kind.is_none() {
        return Err(invalid("a start type needs a start name, and a start identifier needs both"));
    }
    let from = match name {
        None => 0,
        Some(name) => {
            let start = sets.iter().position(|r| not_before(r, name, kind, set));
            start.unwrap_or(sets.len())
        }
    };
    let next = sets.get(from + size);
    let page = sets.iter().skip(from).take(size).map(record_set);
    let mut tree = Tree::map()
        .with("ResourceRecordSets", Tree::list("ResourceRecordSet", page))
        .with("IsTruncated", next.is_some());
    if let Some(next) = next {
        tree = tree
            .with("NextRecordName", &next.name)
            .with("NextRecordType", next.kind.as_str())
            .with_some("NextRecordIdentifier", next.set_identifier.as_ref());
    }
    Ok(tree.with("MaxItems", size.to_string()))
}

/// Whether a record set is at or behind the place that a page begins at. Names are ordered by their labels
/// from the right; within a name the world's own order is taken as it is.
fn not_before(record: &RecordSet, name: &str, kind: Option<&str>, set: Option<&str>) -> bool {
    match labels(&record.name).cmp(&labels(name)) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => {
            kind.is_none_or(|kind| record.kind.as_str() == kind)
                && set.is_none_or(|set| record.set_identifier.as_deref() == Some(set))
        }
    }
}

/// A name's labels from the right, as Route 53 sorts them.
fn labels(name: &str) -> Vec<String> {
    let name = name.trim_end_matches('.').to_ascii_lowercase().replace('*', "\\052");
    name.rsplit('.').map(str::to_owned).collect()
}

pub(super) fn unknown(id: &str) -> Fault {
    Fault::new(404, "NoSuchHostedZone", format!("No hosted zone found with ID: {id}"))
}

fn zone(z: &HostedZone) -> Tree {
    let features = z.accelerated_recovery.map(|r| Tree::map().with("AcceleratedRecoveryStatus", r.as_str()));
    Tree::map()
        .with("Id", format!("/hostedzone/{}", z.id))
        .with("Name", &z.name)
        .with("CallerReference", &z.id)
        .with("Config", Tree::map().with("PrivateZone", false))
        .with("ResourceRecordSetCount", z.records)
        .with_some("Features", features)
}

fn record_set(r: &RecordSet) -> Tree {
    let tree = Tree::map()
        .with("Name", &r.name)
        .with("Type", r.kind.as_str())
        .with_some("SetIdentifier", r.set_identifier.as_ref())
        .with_some("Failover", r.failover.map(|f| f.as_str()));
    let tree = match &r.leads {
        Leads::To { ttl, values } => {
            let values = values.iter().map(|v| Tree::map().with("Value", v));
            tree.with("TTL", *ttl).with("ResourceRecords", Tree::list("ResourceRecord", values))
        }
        Leads::Alias { zone, name } => {
            let alias = Tree::map().with("HostedZoneId", zone).with("DNSName", name);
            tree.with("AliasTarget", alias.with("EvaluateTargetHealth", false))
        }
    };
    tree.with_some("HealthCheckId", r.health_check.as_ref())
}
