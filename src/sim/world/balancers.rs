//! Load balancers as DNS has them: a name that AWS gives, and the addresses behind it, which come and go.
//!
//! A name that Route 53 answers with an alias record has the addresses of the record's target, and nothing in the answer
//! says whose they are. Application Load Balancers have two to eight at a time.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::World;
use super::dice::key;
use super::traffic::takes;
use crate::estate::{Region, Resolver, Service};
use crate::time::Timestamp;

/// Milliseconds that a load balancer keeps an address.
const KEEPS: i64 = 6 * 60 * 60 * 1000;
/// Addresses of a load balancer, by their number: two for each of eight places, in turn.
const POOL: u32 = 16;
/// 198.18.0.0/15 is for tests of networks (RFC 2544): no load balancer of it is anybody's.
const NET: u32 = 0xc612_0000;
/// How many addresses that net has.
const NET_SIZE: u32 = 0x2_0000;

/// The zone that an alias to an Application Load Balancer names, by region (AWS General Reference, Elastic Load Balancing
/// endpoints).
const ZONES: [(&str, &str); 4] = [
    ("us-east-1", "Z35SXDOTRQ7X7K"),
    ("us-east-2", "Z3AADJGX6KTTL2"),
    ("us-west-1", "Z368ELLRRE2KJ0"),
    ("us-west-2", "Z1H1FL5HABSF5"),
];

/// A family of addresses, as a question to DNS names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `A`
    Four,
    /// `AAAA`
    Six,
}

/// What a resolver gives for a name that leads to a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// Addresses, none perhaps, in no order.
    pub addresses: Vec<IpAddr>,
    /// Seconds that the resolver still keeps this.
    pub ttl: u32,
}

/// Whose name it is that a resolver is asked for.
enum Named<'a> {
    /// A load balancer's own.
    Balancer(String),
    /// That of a service, with its place among the service's names.
    Steered(&'a Service, usize),
}

impl World {
    /// Whether the zones' records are aliases, so that answers are addresses alone.
    #[must_use]
    pub fn has_aliases(&self) -> bool {
        self.temper.aliases()
    }

    /// The load balancer that one of a service's names (by its place among them) leads to in a region: a `target` of the
    /// estate, or the regional name, where the estate has none.
    #[must_use]
    pub fn balancer(&self, service: &Service, region: &Region, place: usize) -> String {
        let targets = service.control(region).map(|c| c.target.as_slice()).unwrap_or_default();
        let target = targets.get(place % targets.len().max(1)).map(|t| plain(t));
        target.unwrap_or_else(|| self.regional_host(&service.name, region))
    }

    /// The service and region that have a load balancer of this name, the first that do.
    #[must_use]
    pub fn service_of_balancer(&self, name: &str) -> Option<(&Service, &Region)> {
        let name = plain(name);
        self.estate.services.iter().find_map(|s| {
            let mine = s.controls.iter().find(|c| c.target.iter().any(|t| plain(t) == name));
            mine.and_then(|c| c.region.as_ref()).map(|region| (s, region))
        })
    }

    /// What a resolver gives now for a name of the estate where every record is an alias; none for a name that is no
    /// service's and no load balancer's. Each family has a copy of its own in the resolver's cache.
    #[must_use]
    pub fn behind(&self, resolver: &Resolver, name: &str, family: Family) -> Option<Behind> {
        let name = plain(name);
        let what = key(&name) ^ u64::from(family == Family::Six);
        let (asked, ttl) = self.last_asked(key(resolver.name.as_str()), what, super::TTL_SECS, self.now);
        let balancer = match self.named(&name)? {
            Named::Balancer(balancer) => balancer,
            Named::Steered(service, place) => self.balancer(service, &self.authoritative(service, asked)?, place),
        };
        let addresses = match family {
            Family::Four => self.addresses_of(&balancer, asked).into_iter().map(IpAddr::V4).collect(),
            Family::Six if self.is_dual_stack(&balancer) => {
                self.addresses_of(&balancer, asked).into_iter().map(|a| IpAddr::V6(six(a))).collect()
            }
            Family::Six => Vec::new(),
        };
        Some(Behind { addresses, ttl: u32::try_from(ttl).unwrap_or(0) })
    }

    /// Whether a name is a load balancer's own, or a record that always leads to one.
    #[must_use]
    pub fn is_of_balancer(&self, name: &str) -> bool {
        matches!(self.named(&plain(name)), Some(Named::Balancer(_)))
    }

    /// How many addresses a resolver passes on: every fourth gives one of them.
    #[must_use]
    pub fn passes_on(&self, resolver: &Resolver) -> usize {
        let place = self.estate.resolvers.iter().position(|r| r.name == resolver.name).unwrap_or(0);
        if place % 4 == 3 { 1 } else { usize::MAX }
    }

    /// The hosted zone that an alias to this load balancer names; none for a record of one's own zone.
    #[must_use]
    pub fn zone_of_balancer(&self, balancer: &str) -> Option<&'static str> {
        let (_, region) = self.service_of_balancer(balancer).filter(|_| balancer.ends_with(".amazonaws.com"))?;
        ZONES.iter().find(|(name, _)| *name == region.as_str()).map(|(_, zone)| *zone)
    }

    /// The addresses of a load balancer at a time.
    #[must_use]
    pub fn addresses_of(&self, balancer: &str, at: Timestamp) -> Vec<Ipv4Addr> {
        let number = u32::try_from(self.place_of(balancer)).unwrap_or(0);
        let many = self.dice.between(2, 9, &[key("balancer"), key(balancer)]);
        let address = |place: i64| {
            let began = self.dice.between(0, KEEPS, &[key("address"), key(balancer), place.unsigned_abs()]);
            let turn = (at.as_millisecond() + began).div_euclid(KEEPS).rem_euclid(2);
            let host = number * POOL + u32::try_from(place * 2 + turn).unwrap_or(0);
            Ipv4Addr::from_bits(NET + host % NET_SIZE)
        };
        (0..many).map(address).collect()
    }

    /// Every second load balancer has addresses of both families.
    fn is_dual_stack(&self, balancer: &str) -> bool {
        self.place_of(balancer).is_multiple_of(2)
    }

    fn named(&self, name: &str) -> Option<Named<'_>> {
        if self.service_of_balancer(name).is_some() {
            return Some(Named::Balancer(name.to_owned()));
        }
        if let Some((service, region)) = self.service_of_regional_name(name) {
            return Some(Named::Balancer(self.balancer(service, region, 0)));
        }
        let service = self.service_of_name(name)?;
        let place = service.dns.iter().position(|d| takes(d, name)).unwrap_or(0);
        Some(Named::Steered(service, place))
    }

    /// A load balancer's place among all of the estate.
    fn place_of(&self, balancer: &str) -> usize {
        let mut all = BTreeSet::new();
        for service in &self.estate.services {
            for control in &service.controls {
                let Some(region) = &control.region else { continue };
                all.extend((0..control.target.len().max(1)).map(|place| self.balancer(service, region, place)));
            }
        }
        all.iter().position(|name| name == balancer).unwrap_or(all.len())
    }
}

/// The IPv6 address beside an IPv4 one: that one behind 2001:db8::/96.
pub(super) fn six(four: Ipv4Addr) -> Ipv6Addr {
    let [a, b, c, d] = four.octets();
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
}

/// The IPv6 address beside an address.
#[must_use]
pub fn six_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(four) => six(four).into(),
        IpAddr::V6(_) => address,
    }
}

/// Lower case, without the dot at the end.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
