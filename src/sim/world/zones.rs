//! The account's hosted zones and their records: aliases, as AWS's own guides have people write them, or, for callers that
//! are to be treated kindly, CNAMEs.

use super::dice::key;
use super::traffic::domain_of;
use super::{Failover, HostedZone, Leads, RecordSet, RecordType, TTL_SECS, World};
use crate::estate::{Region, Service, Side};

impl World {
    /// The account's hosted zones, one a domain of the estate's names.
    #[must_use]
    pub fn hosted_zones(&self) -> Vec<HostedZone> {
        let mut domains: Vec<String> =
            self.estate.services.iter().flat_map(|s| s.dns.iter()).map(|d| domain_of(d)).collect();
        domains.sort();
        domains.dedup();
        let zone = |domain: String| {
            let records = i64::try_from(self.records_of(&domain).len()).unwrap_or(0);
            let (id, owner) = (self.zone_id(&domain), self.owner_of_zones().to_owned());
            let accelerated_recovery = self.recoveries.of(&id, self.now);
            HostedZone { id, owner, name: format!("{domain}."), records, accelerated_recovery }
        };
        domains.into_iter().map(zone).collect()
    }

    /// A zone's record sets in Route 53's order; none for an unknown zone. Each name that the estate steers has failover
    /// records tied to the health checks of the routing controls: two CNAMEs to the regional names, or aliases to the
    /// load balancers, two a family of addresses.
    #[must_use]
    pub fn record_sets(&self, zone: &str) -> Option<Vec<RecordSet>> {
        let zone = self.hosted_zones().into_iter().find(|z| z.id == zone)?;
        Some(self.records_of(zone.name.trim_end_matches('.')))
    }

    fn zone_id(&self, domain: &str) -> String {
        format!("Z{}", self.dice.hex(13, &[key("zone"), key(domain)]).to_ascii_uppercase())
    }

    fn records_of(&self, domain: &str) -> Vec<RecordSet> {
        let servers = vec!["ns-1.awsdns-01.org.".into(), "ns-2.awsdns-02.com.".into()];
        let authority = vec!["ns-1.awsdns-01.org. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400".into()];
        let apex = format!("{domain}.");
        let mut records = vec![
            plain(apex.clone(), RecordType::Ns, Leads::To { ttl: 172_800, values: servers }),
            plain(apex, RecordType::Soa, Leads::To { ttl: 900, values: authority }),
        ];
        for service in &self.estate.services {
            let Some(pair) = self.estate.pair(&service.pair) else { continue };
            for (side, failover) in [(Side::Active, Failover::Primary), (Side::Standby, Failover::Secondary)] {
                let region = pair.region(side);
                if domain_of(&self.regional_host(&service.name, region)) == domain {
                    records.extend(self.regional_records(service, region));
                }
                let check = service.control(region).and_then(|c| c.health_check.as_ref());
                for (place, name) in service.dns.iter().enumerate().filter(|(_, d)| domain_of(d) == domain) {
                    for (kind, leads) in self.leads(service, region, place) {
                        records.push(RecordSet {
                            name: format!("{}.", name.replace('*', "\\052")),
                            kind,
                            set_identifier: Some(region.to_string()),
                            failover: Some(failover),
                            health_check: check.map(ToString::to_string),
                            leads,
                        });
                    }
                }
            }
        }
        records.sort_by_cached_key(|r| {
            let labels: Vec<String> = r.name.trim_end_matches('.').split('.').rev().map(str::to_owned).collect();
            (labels, r.kind.as_str(), r.set_identifier.clone())
        });
        records.dedup();
        records
    }

    /// The records of a service's regional name: its address, or aliases to the load balancer that it is another name of.
    fn regional_records(&self, service: &Service, region: &Region) -> Vec<RecordSet> {
        let host = self.regional_host(&service.name, region);
        let name = format!("{host}.");
        let balancer = self.balancer(service, region, 0);
        if self.temper.aliases() && balancer != host {
            let alias = |(kind, leads)| plain(name.clone(), kind, leads);
            return self.leads(service, region, 0).into_iter().map(alias).collect();
        }
        let values = match self.temper.aliases() {
            true => self.addresses_of(&balancer, self.now).iter().map(ToString::to_string).collect(),
            false => vec![self.address(&service.name, region).to_string()],
        };
        vec![plain(name, RecordType::A, Leads::To { ttl: TTL_SECS, values })]
    }

    /// Where the records of one of a service's names lead in a region, by their type.
    fn leads(&self, service: &Service, region: &Region, place: usize) -> Vec<(RecordType, Leads)> {
        if !self.temper.aliases() {
            let host = format!("{}.", self.regional_host(&service.name, region));
            return vec![(RecordType::Cname, Leads::To { ttl: TTL_SECS, values: vec![host] })];
        }
        let balancer = self.balancer(service, region, place);
        let own_zone = || self.zone_id(&domain_of(&balancer));
        let zone = self.zone_of_balancer(&balancer).map_or_else(own_zone, str::to_owned);
        let alias = Leads::Alias { zone, name: format!("{balancer}.") };
        vec![(RecordType::A, alias.clone()), (RecordType::Aaaa, alias)]
    }
}

/// A record without a routing policy.
fn plain(name: String, kind: RecordType, leads: Leads) -> RecordSet {
    RecordSet { name, kind, set_identifier: None, failover: None, health_check: None, leads }
}
