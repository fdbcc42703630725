//! Route 53: health checks and record sets. One endpoint for the whole world, signed for `us-east-1`.

mod features;
mod health;
mod zones;

use super::{Door, throttling, told, unavailable};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{Answer, Fault, Method, Protocol, Request, Tree};
use crate::sim::world::{Api, Check, HostedZone, RecordSet};

const XML: Protocol = Protocol::RestXml { namespace: "https://route53.amazonaws.com/doc/2013-04-01/" };

/// Answers a request to Route 53.
#[must_use]
pub fn answer(request: &Request, world: &SharedWorld, region: &Region) -> Answer {
    let door = Door { protocol: XML, api: Api::Route53, signing_name: "route53", throttled: throttling, unavailable };
    let caller = match door.enter(request, world, region) {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let mine = Mine { world, account: &caller.account };
    let segments = request.segments();
    let (operation, done) = match (request.method, segments.as_slice()) {
        (Method::Get, ["2013-04-01", "healthcheck"]) => ("ListHealthChecks", health::list_health_checks(request, mine)),
        (Method::Get, ["2013-04-01", "healthcheck", id]) => ("GetHealthCheck", health::get_health_check(id, mine)),
        (Method::Get, ["2013-04-01", "healthcheck", id, "status"]) => {
            ("GetHealthCheckStatus", health::get_health_check_status(id, mine))
        }
        (Method::Get, ["2013-04-01", "healthcheck", id, "lastfailurereason"]) => {
            ("GetHealthCheckLastFailureReason", health::get_health_check_last_failure_reason(id, mine))
        }
        (Method::Get, ["2013-04-01", "hostedzone"]) => ("ListHostedZones", zones::list_hosted_zones(request, mine)),
        (Method::Get, ["2013-04-01", "hostedzone", id]) => ("GetHostedZone", zones::get_hosted_zone(id, mine)),
        (Method::Post, ["2013-04-01", "hostedzone", id, "features"]) => {
            ("UpdateHostedZoneFeatures", features::update_hosted_zone_features(id, request, mine))
        }
        (Method::Get, ["2013-04-01", "hostedzone", id, "rrset"]) => {
            ("ListResourceRecordSets", zones::list_resource_record_sets(id, request, mine))
        }
        _ => return XML.unknown_operation(&request.id, &segments.join("/")).into(),
    };
    door.ended(&caller, world, region, operation, done.as_ref().err());
    match done {
        Ok(tree) => XML.success(&request.id, operation, &told(tree, world, region, Api::Route53)).into(),
        Err(fault) => XML.failure(&request.id, &fault).into(),
    }
}

/// What the caller's account has.
#[derive(Clone, Copy)]
struct Mine<'a> {
    world: &'a SharedWorld,
    account: &'a str,
}

impl Mine<'_> {
    fn health_checks(self) -> Vec<Check> {
        self.world.with(|w| w.health_checks()).into_iter().filter(|c| c.owner == self.account).collect()
    }

    fn hosted_zones(self) -> Vec<HostedZone> {
        self.world.with(|w| w.hosted_zones()).into_iter().filter(|z| z.owner == self.account).collect()
    }

    fn record_sets(self, zone: &str) -> Option<Vec<RecordSet>> {
        self.hosted_zones().iter().find(|z| z.id == zone)?;
        self.world.with(|w| w.record_sets(zone))
    }
}

fn invalid(why: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidInput", why)
}

/// How many items a page may hold: what the caller wants, `most` at most and where nothing is said.
fn max_items(request: &Request, most: usize) -> Result<usize, Fault> {
    match request.query.get("maxitems") {
        None => Ok(most),
        Some(text) => match text.parse::<usize>() {
            Ok(n) if n > 0 => Ok(n.min(most)),
            _ => Err(invalid(format!("MaxItems is a whole number above 0, not {text}"))),
        },
    }
}

/// A page that begins at a marker: the id of its first item.
struct Marked<T> {
    items: Vec<T>,
    marker: String,
    next: Option<String>,
    size: usize,
}

impl<T> Marked<T> {
    fn of(all: Vec<T>, request: &Request, id: impl Fn(&T) -> &str) -> Result<Self, Fault> {
        let size = max_items(request, 100)?;
        let marker = request.query.get("marker").unwrap_or_default();
        let from = if marker.is_empty() {
            0
        } else {
            all.iter()
                .position(|item| id(item) == marker)
                .ok_or_else(|| invalid(format!("no item is called {marker}")))?
        };
        let next = all.get(from + size).map(|item| id(item).to_owned());
        let items = all.into_iter().skip(from).take(size).collect();
        Ok(Self { items, marker: marker.to_owned(), next, size })
    }

    /// What follows the list in the answer.
    fn close(&self, tree: Tree) -> Tree {
        tree.with("Marker", &self.marker)
            .with("IsTruncated", self.next.is_some())
            .with_some("NextMarker", self.next.as_ref())
            .with("MaxItems", self.size.to_string())
    }
}
