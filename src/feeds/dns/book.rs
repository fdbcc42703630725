//! Which region an answer leads to: whose addresses it has, and whose names it goes through.
//!
//! Route 53 answers an alias record with the addresses of what it is an alias of: no name in the answer says whose they
//! are. So the regions' own entries are asked for, too, of the same resolvers in the same round.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Found, plain};
use crate::estate::{Estate, Region};
use crate::event::{Blind, Leads};

/// How long an address is taken for a region's own after its entry gave it: a large load balancer gives a few of many
/// at a time, and others the next time.
const KNOWN_FOR: Duration = Duration::from_secs(15 * 60);
/// Addresses of one region's entry that are remembered.
const MOST_ADDRESSES: usize = 1000;

/// The names to resolve, and how to tell the regions apart.
pub(in crate::feeds) struct Book {
    /// Names as the estate file has them.
    pub(super) names: Vec<Entry>,
    /// Names of the regions' own entries, each with the regions that it is of.
    pub(super) targets: BTreeMap<String, BTreeSet<Region>>,
    /// Addresses that any resolver gave for those entries, and when last.
    own: Mutex<BTreeMap<String, BTreeMap<IpAddr, Instant>>>,
}

pub(super) struct Entry {
    /// As the estate file has it.
    pub(super) name: String,
    /// The regions that it can lead to, each with the names of its own entries.
    regions: Vec<(Region, Vec<String>)>,
}

/// Addresses as the regions' own entries gave them lately.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By entry; without those that prove nothing.
    own: BTreeMap<String, BTreeSet<IpAddr>>,
    /// Given for entries of several regions, as a filter or a captive portal does for every name: nobody's.
    shared: BTreeSet<IpAddr>,
    /// Entries that the resolver has no answer for now.
    silent: BTreeSet<String>,
}

impl Book {
    pub(in crate::feeds) fn of(estate: &Estate) -> Self {
        let mut names: BTreeMap<&str, Vec<(Region, Vec<String>)>> = BTreeMap::new();
        for service in &estate.services {
            for name in &service.dns {
                let regions = names.entry(name).or_default();
                let own = service.controls.iter();
                let entries = |targets: &[String]| targets.iter().map(|t| plain(t)).collect();
                regions.extend(own.filter_map(|c| Some((c.region.clone()?, entries(&c.target)))));
            }
        }
        let names: Vec<_> = names.into_iter().map(|(name, regions)| Entry { name: name.to_owned(), regions }).collect();
        Self::with(names)
    }

    fn with(names: Vec<Entry>) -> Self {
        let mut targets: BTreeMap<String, BTreeSet<Region>> = BTreeMap::new();
        for (region, entries) in names.iter().flat_map(|e| &e.regions) {
            for target in entries {
                targets.entry(target.clone()).or_default().insert(region.clone());
            }
        }
        Self { names, targets, own: Mutex::default() }
    }

    pub(in crate::feeds) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Takes in what a resolver gave for the regions' own entries; gives all their addresses that are known.
    pub(super) fn learn(&self, found: &BTreeMap<String, Result<Found, String>>, now: Instant) -> Known {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        for target in self.targets.keys() {
            let Some(Ok(f)) = found.get(target) else { continue };
            let known = own.entry(target.clone()).or_default();
            known.extend(f.addresses.iter().filter(|a| !is_nowhere(a)).map(|a| (*a, now)));
        }
        for known in own.values_mut() {
            known.retain(|_, seen| now.duration_since(*seen) < KNOWN_FOR);
            while known.len() > MOST_ADDRESSES {
                let Some(oldest) = known.iter().min_by_key(|(_, seen)| **seen).map(|(a, _)| *a) else { break };
                known.remove(&oldest);
            }
        }
        let mut regions: BTreeMap<IpAddr, BTreeSet<&Region>> = BTreeMap::new();
        for (target, addresses) in own.iter() {
            for address in addresses.keys() {
                regions.entry(*address).or_default().extend(self.targets.get(target).into_iter().flatten());
            }
        }
        let shared: BTreeSet<IpAddr> = regions.into_iter().filter(|(_, of)| of.len() > 1).map(|(a, _)| a).collect();
        let single =
            |known: &BTreeMap<IpAddr, Instant>| known.keys().filter(|a| !shared.contains(a)).copied().collect();
        let answers = |target: &&String| matches!(found.get(*target), Some(Ok(_)));
        let silent = self.targets.keys().filter(|t| !answers(t)).cloned().collect();
        Known { own: own.iter().map(|(target, known)| (target.clone(), single(known))).collect(), shared, silent }
    }
}

impl Known {
    /// Whether one of these entries gave an address, and no other region's did.
    fn owns(&self, entries: &[String], address: &IpAddr) -> bool {
        entries.iter().any(|e| self.own.get(e).is_some_and(|own| own.contains(address)))
    }

    /// Whether one of these entries gives nothing that could be compared.
    fn lacks(&self, entries: &[String]) -> bool {
        entries.iter().any(|e| self.silent.contains(e) || self.own.get(e).is_none_or(BTreeSet::is_empty))
    }
}

impl Entry {
    /// Where an answer leads: to a region if one is proven, else, as far as can be told, to none.
    pub(super) fn leads(&self, found: &Found, known: &Known) -> Leads {
        // An address that is no machine's leads nowhere, whatever else stands beside it.
        if found.addresses.is_empty() || found.addresses.iter().any(is_nowhere) {
            return Leads::Nowhere;
        }
        if found.addresses.iter().any(|a| known.shared.contains(a)) {
            return Leads::Untold { untold: Blind::Shared };
        }
        if let Some(region) = self.proven(found, known) {
            return Leads::To(region);
        }
        let owned = |a: &IpAddr| self.regions.iter().any(|(_, entries)| known.owns(entries, a));
        let strange = found.addresses.iter().any(|a| !owned(a));
        // What is not recognised is no region's only where all that could recognise it is known.
        if strange && self.regions.iter().any(|(_, entries)| entries.is_empty()) {
            Leads::Untold { untold: Blind::NoTarget }
        } else if strange && self.regions.iter().any(|(_, entries)| known.lacks(entries)) {
            Leads::Untold { untold: Blind::TargetSilent }
        } else if strange && self.owners(found, known) == 1 {
            Leads::Untold { untold: Blind::Unrecognised }
        } else {
            Leads::Nowhere
        }
    }

    /// How many regions own an address of an answer.
    fn owners(&self, found: &Found, known: &Known) -> usize {
        let of = |entries: &[String]| found.addresses.iter().any(|a| known.owns(entries, a));
        self.regions.iter().filter(|(_, entries)| of(entries)).map(|(region, _)| region).collect::<BTreeSet<_>>().len()
    }

    /// The one region that an answer leads to: each of its addresses is known to be that region's own; or it goes
    /// through that region's entry, or a name with the region's own in it (`….us-east-1.elb.amazonaws.com`), to an
    /// address of that region. Where the estate names no entry, any address will do that could be one. One address that
    /// is another region's cancels all that: an answer that leads to two regions leads to none.
    fn proven(&self, found: &Found, known: &Known) -> Option<Region> {
        let only = |is: &dyn Fn(&Region, &[String]) -> bool| {
            let hits: BTreeSet<&Region> = self.regions.iter().filter(|(r, e)| is(r, e)).map(|(r, _)| r).collect();
            if hits.len() == 1 { hits.first().map(|r| (*r).clone()) } else { None }
        };
        let arrives = |entries: &[String]| entries.is_empty() || found.addresses.iter().any(|a| known.owns(entries, a));
        let address = |_: &Region, entries: &[String]| found.addresses.iter().all(|a| known.owns(entries, a));
        let through = |_: &Region, entries: &[String]| found.cnames.iter().any(|c| entries.contains(c));
        let label =
            |region: &Region, _: &[String]| found.cnames.iter().any(|c| c.split('.').any(|l| l == region.as_str()));
        let to = only(&address).or_else(|| only(&through)).or_else(|| only(&label))?;
        let (mine, others): (Vec<_>, Vec<_>) = self.regions.iter().partition(|(r, _)| *r == to);
        let has = |side: &[&(Region, Vec<String>)], a: &IpAddr| side.iter().any(|(_, e)| known.owns(e, a));
        let stray = |a: &IpAddr| has(&others, a) && !has(&mine, a);
        let arrived = mine.iter().any(|(_, entries)| arrives(entries));
        (arrived && !found.addresses.iter().any(stray)).then_some(to)
    }
}

/// Whether an address leads to no other machine, as filters answer for names that they block.
fn is_nowhere(address: &IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(a) => {
            a.octets()[0] == 0 || a.is_loopback() || a.is_link_local() || a.is_multicast() || a.is_broadcast()
        }
        IpAddr::V6(a) => a.is_unspecified() || a.is_loopback() || a.is_unicast_link_local() || a.is_multicast(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(cnames: &[&str], addresses: &[&str]) -> Found {
        Found {
            cnames: cnames.iter().map(|c| (*c).to_owned()).collect(),
            addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
            ..Found::default()
        }
    }

    /// Where an answer leads when the regions' own entries gave these addresses.
    fn leads(answer: &Found, east: &[&str], west: &[&str]) -> Leads {
        let regions = [("us-east-1", "east.example"), ("us-east-2", "west.example")];
        let regions = regions.map(|(r, t)| (Region::new(r), vec![t.to_owned()])).into();
        let book = Book::with(vec![Entry { name: "portal.example".into(), regions }]);
        let gave = [("east.example", east), ("west.example", west)];
        let gave = gave.map(|(target, addresses)| {
            let answer = if addresses.is_empty() { Err("SERVFAIL".to_owned()) } else { Ok(found(&[], addresses)) };
            (target.to_owned(), answer)
        });
        let known = book.learn(&gave.into(), Instant::now());
        book.names[0].leads(answer, &known)
    }

    fn lead(answer: &Found, east: &[&str], west: &[&str]) -> Option<String> {
        leads(answer, east, west).region().map(ToString::to_string)
    }

    const fn untold(untold: Blind) -> Leads {
        Leads::Untold { untold }
    }

    #[test]
    fn an_answer_leads_to_the_region_whose_addresses_it_has() {
        let (east, west) = (["10.0.0.1", "10.0.0.2", "2001:db8::1"], ["10.1.0.1"]);
        for (addresses, wanted) in [
            (&["10.0.0.2"][..], Some("us-east-1")),
            (&["10.1.0.1"], Some("us-east-2")),
            (&["2001:db8::1"], Some("us-east-1")),
            (&["10.0.0.2", "2001:db8::1"], Some("us-east-1")),
            (&["10.0.0.2", "10.1.0.1"], None),
            (&["10.0.0.2", "192.0.2.1"], None),
            (&["192.0.2.1"], None),
        ] {
            assert_eq!(lead(&found(&[], addresses), &east, &west).as_deref(), wanted, "{addresses:?}");
        }
    }

    /// A filter and a captive portal give the same address for every name.
    #[test]
    fn what_entries_of_both_regions_give_is_nobodys_address() {
        let both = ["10.66.66.66"];
        for cnames in [&[][..], &["west.example"], &["portal.us-east-2.elb.amazonaws.com"]] {
            assert_eq!(leads(&found(cnames, &both), &both, &both), untold(Blind::Shared), "{cnames:?}");
        }
    }

    #[test]
    fn a_cname_leads_to_a_region_only_with_an_address_of_it() {
        let (east, west) = (["10.0.0.9"], ["10.1.0.1", "10.1.0.2"]);
        let lead = |cname: &str, addresses: &[&str]| lead(&found(&[cname], addresses), &east, &west);
        assert_eq!(lead("west.example", &["10.1.0.1"]).as_deref(), Some("us-east-2"));
        // A large load balancer gives addresses that were never seen before.
        assert_eq!(lead("west.example", &["10.1.0.1", "10.1.0.77"]).as_deref(), Some("us-east-2"));
        assert_eq!(lead("portal.us-east-2.elb.amazonaws.com", &["10.1.0.2"]).as_deref(), Some("us-east-2"));
        assert_eq!(lead("west.example", &["10.0.0.9"]).as_deref(), Some("us-east-1"), "its address is the other's");
        assert_eq!(lead("west.example", &["10.1.0.1", "10.0.0.9"]), None, "one of its addresses is the other's");
        for nowhere in ["0.0.0.0", "0.0.0.1", "127.0.0.1", "127.0.0.53", "169.254.1.1", "::", "::1", "::ffff:127.0.0.1"]
        {
            for cname in ["west.example", "portal.us-east-2.elb.amazonaws.com"] {
                assert_eq!(lead(cname, &[nowhere]), None, "{cname} {nowhere}");
                assert_eq!(lead(cname, &["10.1.0.1", nowhere]), None, "{cname} {nowhere}");
            }
        }
        assert_eq!(lead("portal.us-east-2.elb.amazonaws.com", &["10.66.66.66"]), None, "a filter's address");
        assert_eq!(lead("west.example", &["10.66.66.66"]), None, "a filter's address");
    }

    /// That nobody knows whose an address is, is not that it is nobody's.
    #[test]
    fn an_address_that_is_not_recognised_is_elsewhere_only_where_all_entries_are_known() {
        let (east, west) = (["10.0.0.1"], ["10.1.0.1"]);
        let other = found(&[], &["10.2.0.1"]);
        assert_eq!(leads(&other, &east, &west), Leads::Nowhere);
        // A load balancer that has just got a new address: it is probably its own, and that is not proven.
        assert_eq!(leads(&found(&[], &["10.0.0.1", "10.2.0.1"]), &east, &west), untold(Blind::Unrecognised));
        assert_eq!(leads(&found(&[], &["10.0.0.1", "10.1.0.1", "10.2.0.1"]), &east, &west), Leads::Nowhere);
        assert_eq!(leads(&other, &east, &[]), untold(Blind::TargetSilent), "the other's entry has no answer");
        assert_eq!(leads(&found(&[], &["10.0.0.1", "10.2.0.1"]), &east, &[]), untold(Blind::TargetSilent));
        assert_eq!(leads(&found(&["west.example"], &["10.1.0.1"]), &east, &[]), untold(Blind::TargetSilent));
        // What is recognised needs nothing else.
        assert_eq!(leads(&found(&[], &["10.0.0.1"]), &east, &[]), Leads::To(Region::new("us-east-1")));
        assert_eq!(leads(&found(&[], &["10.0.0.1", "10.1.0.1"]), &east, &west), Leads::Nowhere, "both are known");
        assert_eq!(leads(&found(&[], &["0.0.0.0"]), &east, &[]), Leads::Nowhere);
        let without = ["us-east-1", "us-east-2"].map(|r| (Region::new(r), Vec::new())).into();
        let entry = Entry { name: "portal.example".into(), regions: without };
        assert_eq!(entry.leads(&other, &Known::default()), untold(Blind::NoTarget));
    }

    /// What an entry gave before it fell silent still tells whose an address is, but not that another is nobody's.
    #[test]
    fn an_entry_that_falls_silent_is_remembered_and_no_longer_complete() {
        let regions = [("us-east-1", "east.example"), ("us-east-2", "west.example")];
        let regions = regions.map(|(r, t)| (Region::new(r), vec![t.to_owned()])).into();
        let book = Book::with(vec![Entry { name: "portal.example".into(), regions }]);
        let gives = |west: Result<Found, String>| {
            let east = ("east.example".to_owned(), Ok(found(&[], &["10.0.0.1"])));
            book.learn(&[east, ("west.example".to_owned(), west)].into(), Instant::now())
        };
        let leads = |known: &Known, address: &str| book.names[0].leads(&found(&[], &[address]), known);
        let known = gives(Ok(found(&[], &["10.1.0.1"])));
        assert_eq!(leads(&known, "10.1.0.2"), Leads::Nowhere);
        let known = gives(Err("SERVFAIL".to_owned()));
        assert_eq!(leads(&known, "10.1.0.1"), Leads::To(Region::new("us-east-2")));
        assert_eq!(leads(&known, "10.1.0.2"), untold(Blind::TargetSilent));
    }

    #[test]
    fn an_entry_that_a_filter_blocks_has_no_address() {
        assert_eq!(lead(&found(&["west.example"], &["0.0.0.0"]), &["10.0.0.9"], &["0.0.0.0"]), None);
        assert_eq!(lead(&found(&["west.example"], &["10.1.0.1"]), &["10.0.0.9"], &[]), None, "none is known");
    }

    #[test]
    fn without_entries_a_name_with_the_region_in_it_will_do() {
        let regions = ["us-east-1", "us-east-2"].map(|r| (Region::new(r), Vec::new())).into();
        let entry = Entry { name: "portal.example".into(), regions };
        let lead = |cname: &str, address: &str| {
            let leads = entry.leads(&found(&[cname], &[address]), &Known::default());
            leads.region().map(ToString::to_string)
        };
        let elb = "dualstack.portal.us-east-1.elb.amazonaws.com";
        assert_eq!(lead(elb, "10.9.9.9").as_deref(), Some("us-east-1"));
        assert_eq!(lead(elb, "0.0.0.0"), None);
        assert_eq!(lead("portal-us-east-1.example", "10.9.9.9"), None);
    }

    /// A load balancer of many addresses gives eight at a time: what was given before is still its own.
    #[test]
    fn the_addresses_of_a_large_load_balancer_are_learnt() {
        let regions = vec![(Region::new("us-east-1"), vec!["east.example".to_owned()])];
        let book = Book::with(vec![Entry { name: "portal.example".into(), regions }]);
        let gives = |address: &str| BTreeMap::from([("east.example".to_owned(), Ok(found(&[], &[address])))]);
        let start = Instant::now();
        book.learn(&gives("10.0.0.1"), start);
        let known = book.learn(&gives("10.0.0.2"), start + Duration::from_secs(60));
        assert_eq!(known.own["east.example"].len(), 2);
        let known = book.learn(&gives("10.0.0.2"), start + KNOWN_FOR);
        let left: Vec<_> = known.own["east.example"].iter().map(ToString::to_string).collect();
        assert_eq!(left, ["10.0.0.2"], "and not for ever");
    }
}
