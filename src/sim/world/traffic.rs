//! Where traffic goes: what Route 53 answers, what each resolver still remembers, and so where requests arrive.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::World;
use super::balancers::six;
use super::causes::App;
use super::dice::key;
use crate::estate::{ControlArn, ControlState, Region, Resolver, Service, ServiceName};
use crate::sim::scenario::ResolverAnswer;
use crate::time::{Span, Timestamp};

/// The records' time to live.
pub const TTL_SECS: i64 = 60;
/// Addresses of a large load balancer.
const MANY: usize = 6;
/// Caches between the clients of a service and Route 53.
const CACHES: u64 = 97;
/// One in so many of them keeps answers three times as long as it should.
const STUBBORN: u64 = 24;

/// What a resolver answers for a name of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The service.
    pub service: ServiceName,
    /// The region it sends clients to.
    pub region: Region,
    /// The name in between: `portal.us-east-1.elb.guidingcare.com`.
    pub target: String,
    /// The region's address for the service.
    pub address: Ipv4Addr,
    /// Seconds that the resolver still keeps this.
    pub ttl: u32,
}

impl World {
    /// The service's name that always means one region: `<service>.<region>.elb.<domain>`.
    #[must_use]
    pub fn regional_host(&self, service: &ServiceName, region: &Region) -> String {
        let domain = self
            .estate
            .services
            .iter()
            .find(|s| &s.name == service)
            .and_then(|s| s.dns.first())
            .map_or_else(|| "example.com".to_owned(), |d| domain_of(d));
        format!("{service}.{region}.elb.{domain}")
    }

    /// The address of a service in a region. The network tells the region: the estate's regions have, in the
    /// file's order, 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, then 198.18.3.0/24 and on; a service has host
    /// number 10 and up in the order of the first service of that name.
    #[must_use]
    pub fn address(&self, service: &ServiceName, region: &Region) -> Ipv4Addr {
        let n = self.estate.regions.iter().position(|r| &r.name == region).unwrap_or(255);
        let host = self.estate.services.iter().position(|s| &s.name == service).unwrap_or(200) % 200;
        let host = 10 + u8::try_from(host).unwrap_or(0);
        match n {
            0 => Ipv4Addr::new(192, 0, 2, host),
            1 => Ipv4Addr::new(198, 51, 100, host),
            2 => Ipv4Addr::new(203, 0, 113, host),
            n => Ipv4Addr::new(198, 18, u8::try_from(n).unwrap_or(255), host),
        }
    }

    /// All addresses of a service in a region, where it has a large load balancer there: that one, then some of
    /// 198.19.0.0/16.
    #[must_use]
    pub fn addresses(&self, service: &ServiceName, region: &Region) -> Vec<Ipv4Addr> {
        let first = self.address(service, region);
        let n = self.estate.regions.iter().position(|r| &r.name == region).unwrap_or(31);
        let [.., host] = first.octets();
        let more = (1..MANY).map(|k| {
            let net = u8::try_from(n * MANY + k).unwrap_or(u8::MAX);
            Ipv4Addr::new(198, 19, net, host)
        });
        std::iter::once(first).chain(more).collect()
    }

    /// The IPv6 address of a service in a region: the IPv4 one behind 2001:db8::/96.
    #[must_use]
    pub fn address_six(&self, service: &ServiceName, region: &Region) -> Ipv6Addr {
        six(self.address(service, region))
    }

    /// The service that a DNS name belongs to; `*.customer.example.com` in the estate takes any one label or more.
    #[must_use]
    pub fn service_of_name(&self, name: &str) -> Option<&Service> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        self.estate.services.iter().find(|s| s.dns.iter().any(|d| takes(d, &name)))
    }

    /// The service and region of a regional name (see [`World::regional_host`]).
    #[must_use]
    pub fn service_of_regional_name(&self, name: &str) -> Option<(&Service, &Region)> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        self.estate.services.iter().find_map(|s| {
            let region = s.controls.iter().filter_map(|c| c.region.as_ref());
            region.into_iter().find(|r| self.regional_host(&s.name, r) == name).map(|r| (s, r))
        })
    }

    /// Where Route 53 itself sends a service's clients: to the pair's active region while its control is On, else
    /// to the standby while that one's is, else to the active one again, for when every record is unhealthy Route 53
    /// answers with the primary. A change reaches Route 53's servers some seconds after the control.
    #[must_use]
    pub fn authoritative(&self, service: &Service, at: Timestamp) -> Option<Region> {
        let pair = self.estate.pair(&service.pair)?;
        let on = |region: &Region| {
            let control = service.control(region).map(|c| &c.arn);
            control.is_some_and(|c| self.seen_by_dns(c, at) == Some(ControlState::On))
        };
        Some(if !on(&pair.active) && on(&pair.standby) { pair.standby.clone() } else { pair.active.clone() })
    }

    fn seen_by_dns(&self, control: &ControlArn, at: Timestamp) -> Option<ControlState> {
        self.levers.state_delayed(control, at, |c| {
            Span::from_millis(self.dice.between(900, 3_800, &[key("spread"), c.number]))
        })
    }

    /// What a resolver answers for a name now: what Route 53 said when the resolver's copy last ran out.
    #[must_use]
    pub fn resolve(&self, resolver: &Resolver, name: &str) -> Option<Answer> {
        let service = self.service_of_name(name)?;
        let (asked, ttl) =
            self.last_asked(key(resolver.name.as_str()), key(&name.to_ascii_lowercase()), TTL_SECS, self.now);
        let region = self.authoritative(service, asked)?;
        Some(Answer {
            target: self.regional_host(&service.name, &region),
            address: self.address(&service.name, &region),
            service: service.name.clone(),
            region,
            ttl: u32::try_from(ttl).unwrap_or(0),
        })
    }

    /// Whether a resolver gives no answer at all.
    #[must_use]
    pub fn resolver_silent(&self, resolver: &Resolver) -> bool {
        self.causes.resolver_silent(&resolver.name, self.now)
    }

    /// How a resolver answers, where that is otherwise than plainly.
    #[must_use]
    pub fn resolver_answer(&self, resolver: &Resolver) -> Option<ResolverAnswer> {
        self.causes.resolver(&resolver.name, self.now)
    }

    /// When a cache last asked Route 53, and how many whole seconds its copy still lives (1 to `ttl`).
    pub(super) fn last_asked(&self, who: u64, what: u64, ttl: i64, at: Timestamp) -> (Timestamp, i64) {
        let phase = self.dice.between(0, ttl * 1000, &[key("cache"), who, what]);
        let age = (at.as_millisecond() - phase).rem_euclid(ttl * 1000);
        let asked = Timestamp::from_millisecond(at.as_millisecond() - age).unwrap_or(at);
        (asked, (ttl - age / 1000).max(1))
    }

    /// The share of a service's requests that arrive in a region, 0.0 to 1.0.
    #[must_use]
    pub fn traffic_share(&self, service: &Service, region: &Region, at: Timestamp) -> f64 {
        let quiet = self.levers.changes().is_empty();
        if quiet {
            return if self.authoritative(service, at).as_ref() == Some(region) { 1.0 } else { 0.0 };
        }
        let here = (0..CACHES).filter(|n| {
            let ttl = if n % STUBBORN == STUBBORN - 1 { TTL_SECS * 3 } else { TTL_SECS };
            let (asked, _) = self.last_asked(*n, key(service.name.as_str()), ttl, at);
            self.authoritative(service, asked).as_ref() == Some(region)
        });
        here.count() as f64 / CACHES as f64
    }

    /// How a service's application answers in a region now.
    #[must_use]
    pub fn app(&self, service: &ServiceName, region: &Region) -> App {
        self.causes.app(service, region, self.now)
    }

    /// Whether this request, the `n`th, to a limping application fails.
    #[must_use]
    pub fn request_fails(&self, service: &ServiceName, region: &Region, n: u64) -> bool {
        match self.app(service, region) {
            App::Up => false,
            App::Down | App::Dark => true,
            App::Slow { errors, .. } => {
                self.dice.unit(&[key("request"), key(service.as_str()), key(region.as_str()), n]) < errors
            }
        }
    }
}

/// Whether a name of the estate is this one, in lower case, or is a wildcard that covers it.
pub(super) fn takes(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(rest) => name.strip_suffix(rest).is_some_and(|head| head.len() > 1 && head.ends_with('.')),
        None => pattern.eq_ignore_ascii_case(name),
    }
}

/// The last two labels of a name.
pub(super) fn domain_of(name: &str) -> String {
    let labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    let from = labels.len().saturating_sub(2);
    labels.get(from..).map(|l| l.join(".")).unwrap_or_default()
}
