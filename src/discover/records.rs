//! Route 53's records that use health checks: the names that routing controls steer, and where they lead.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_route53::Client as Route53;
use aws_sdk_route53::types::{ResourceRecordSet, RrType};

use super::Notes;
use super::controls::{Asked, PAGES};
use super::names::shown;
use crate::aws::pages::{self, Page};
use crate::estate::{Control, Region};

/// What the records of a health check are.
#[derive(Debug, Default)]
pub(super) struct Steered {
    /// Their names.
    pub(super) names: BTreeSet<String>,
    /// The names that they lead to, by an alias or a CNAME.
    pub(super) targets: BTreeSet<String>,
}

impl Steered {
    /// The records of another account beside these.
    pub(super) fn and(&mut self, other: Steered) {
        self.names.extend(other.names);
        self.targets.extend(other.targets);
    }
}

/// The records by the health check that they use.
pub(super) async fn find(route53: &Asked<Route53>, notes: &mut Notes<'_>) -> BTreeMap<String, Steered> {
    let zones = pages::up_to(PAGES, |marker: Option<String>| async move {
        let call = || route53.client.list_hosted_zones().set_marker(marker.clone());
        let page = route53.patience.ask(|| async { Ok(call().send().await?) }).await?;
        let ids = page.hosted_zones().iter().map(|z| z.id().trim_start_matches("/hostedzone/").to_owned());
        Ok(Page::of(ids.collect(), page.next_marker().filter(|_| page.is_truncated()).map(str::to_owned)))
    });
    let zones = notes.listed("Route 53 zones (ListHostedZones)", zones.await);
    let mut steered: BTreeMap<String, Steered> = BTreeMap::new();
    for zone in &zones {
        let records = pages::up_to(PAGES, |next: Option<(String, Option<RrType>, Option<String>)>| async move {
            let call = || {
                let call = route53.client.list_resource_record_sets().hosted_zone_id(zone);
                match next.clone() {
                    None => call,
                    // Records of one name and type are told apart by their set identifier.
                    Some((name, kind, set)) => {
                        let call = call.start_record_name(name).set_start_record_type(kind);
                        call.set_start_record_identifier(set)
                    }
                }
            };
            let page = route53.patience.ask(|| async { Ok(call().send().await?) }).await?;
            let checked = page.resource_record_sets().iter().filter_map(|record| {
                Some((record.health_check_id()?.to_owned(), name_of(record.name()), target(record)))
            });
            let items = checked.collect();
            let next = page.next_record_name().filter(|_| page.is_truncated()).map(|name| {
                let set = page.next_record_identifier().map(str::to_owned);
                (name.to_owned(), page.next_record_type().cloned(), set)
            });
            Ok(Page { items, next })
        });
        let what = format!("Route 53 records of zone {} (ListResourceRecordSets)", shown(zone));
        for (check, name, target) in notes.listed(&what, records.await) {
            let of = steered.entry(check).or_default();
            of.names.insert(name);
            of.targets.extend(target);
        }
    }
    steered
}

/// Drops targets that are steered themselves: such a name is no region's own.
pub(super) fn keep_own(steered: &mut BTreeMap<String, Steered>) {
    let names: BTreeSet<String> = steered.values().flat_map(|s| s.names.clone()).collect();
    let covers = |name: &String, target: &String| match name.strip_prefix('*') {
        Some(rest) => target.ends_with(rest),
        None => name == target,
    };
    for of in steered.values_mut() {
        of.targets.retain(|target| !names.iter().any(|name| covers(name, target)));
    }
}

/// As a file has it: `\052` is how Route 53 spells the asterisk.
fn name_of(name: &str) -> String {
    name.trim_end_matches('.').replace("\\052", "*").to_ascii_lowercase()
}

/// The name that a record leads to; none for one of addresses, and for a name that no host can have.
fn target(record: &ResourceRecordSet) -> Option<String> {
    let alias = record.alias_target().map(|alias| alias.dns_name());
    let cname = || record.resource_records().first().filter(|_| *record.r#type() == RrType::Cname).map(|r| r.value());
    let name = name_of(alias.or_else(cname)?);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (name.contains('.') && name.chars().all(is_plain)).then_some(name)
}

/// What the answers for a service's names can be compared with, in words for the file's reader; none where nothing is
/// missing.
pub(super) fn missing_targets(controls: &[Control], regions: [&Region; 2]) -> Option<String> {
    let of = |region: &Region| controls.iter().find(|c| c.region.as_ref() == Some(region)).map(|c| c.target.as_slice());
    let without: Vec<String> =
        regions.iter().filter(|r| of(r).is_some_and(<[_]>::is_empty)).map(|r| r.as_str().to_owned()).collect();
    if !without.is_empty() {
        return Some(format!(
            "No record leads to a name in {}: add `target` to the control there, the load balancer's own name, or nothing \
             tells where DNS answers lead.",
            without.join(" and ")
        ));
    }
    let [one, other] = regions.map(|r| of(r).unwrap_or_default());
    let shared = one.iter().find(|t| other.contains(t))?;
    Some(format!("Records of both regions lead to {shared}: nothing tells where its DNS answers lead."))
}
