//! What a resolver answers for the estate's names, and which region that leads to.
//!
//! Each resolver is asked directly, with no cache between: the point is to measure how long a resolver keeps giving the
//! old answer.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver};

use crate::aws::clip;
use crate::estate::{Estate, Region};
use crate::event::{DnsAnswer, Failure, FailureKind, News};

/// Names that are asked for at once: one dead zone must not use up the time of the others.
const AT_ONCE: usize = 8;
/// One try; there is a second.
const TRY: Duration = Duration::from_millis(900);
/// Records of an answer that are kept.
const RECORDS: usize = 20;
/// What a wildcard is asked with.
const LABEL: &str = "signalbox";

/// How long an address is taken for a region's own after its entry gave it: a large load balancer gives a few of many
/// at a time, and others the next time.
const KNOWN_FOR: Duration = Duration::from_secs(15 * 60);
/// Addresses of one region's entry that are remembered.
const MOST_ADDRESSES: usize = 500;

/// The names to resolve, and how to tell the regions apart.
pub(super) struct Book {
    /// Names as the estate file has them.
    names: Vec<Entry>,
    /// Names of the regions' own entries.
    targets: BTreeSet<String>,
    /// Addresses that any resolver gave for those entries, and when last.
    own: Mutex<BTreeMap<String, BTreeMap<String, Instant>>>,
}

struct Entry {
    /// As the estate file has it.
    name: String,
    /// The regions that it can lead to, each with its own entry's name.
    regions: Vec<(Region, Option<String>)>,
}

impl Book {
    pub(super) fn of(estate: &Estate) -> Self {
        let mut names: BTreeMap<&str, Vec<(Region, Option<String>)>> = BTreeMap::new();
        for service in &estate.services {
            for name in &service.dns {
                let regions = names.entry(name).or_default();
                let own = service.controls.iter();
                regions.extend(own.filter_map(|c| Some((c.region.clone()?, c.target.as_deref().map(plain)))));
            }
        }
        let names: Vec<_> = names.into_iter().map(|(name, regions)| Entry { name: name.to_owned(), regions }).collect();
        let targets = names.iter().flat_map(|e| e.regions.iter().filter_map(|(_, t)| t.clone())).collect();
        Self { names, targets, own: Mutex::default() }
    }

    /// Takes in what a resolver gave for the regions' own entries; gives all their addresses that are known.
    fn learn(
        &self,
        found: &BTreeMap<String, Result<Found, String>>,
        now: Instant,
    ) -> BTreeMap<String, BTreeSet<String>> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        for target in &self.targets {
            let Some(Ok(f)) = found.get(target) else { continue };
            let known = own.entry(target.clone()).or_default();
            known.extend(f.addresses.iter().map(|a| (a.clone(), now)));
            known.retain(|_, seen| now.duration_since(*seen) < KNOWN_FOR);
            while known.len() > MOST_ADDRESSES {
                let Some(oldest) = known.iter().min_by_key(|(_, seen)| **seen).map(|(a, _)| a.clone()) else { break };
                known.remove(&oldest);
            }
        }
        own.iter().map(|(target, known)| (target.clone(), known.keys().cloned().collect())).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// What came for one name.
#[derive(Clone, Debug, Default, PartialEq)]
struct Found {
    cnames: Vec<String>,
    addresses: BTreeSet<String>,
    in_order: Vec<String>,
    ttl: u32,
}

/// Why nothing came for one name, or for one family of addresses of it.
#[derive(Clone, Debug, PartialEq)]
enum Miss {
    /// The name has no such records, and that is all there is to say: no error, and no answer.
    NoRecords(String),
    /// There is no such name.
    NoName,
    /// The resolver answered something else.
    Said(String),
    /// It did not answer.
    Silent(FailureKind, String),
}

impl Miss {
    fn why(self) -> String {
        match self {
            Miss::NoName => "no such name".to_owned(),
            Miss::NoRecords(why) | Miss::Said(why) | Miss::Silent(_, why) => why,
        }
    }
}

/// One resolver.
pub(super) struct Feed {
    with_edns: TokioResolver,
    /// For a resolver that takes EDNS (RFC 6891) for an error, or drops it: the library does not fall back by itself.
    without_edns: TokioResolver,
    /// Whether it was last answered without EDNS, and is asked so first.
    plainly: AtomicBool,
    book: Arc<Book>,
    asked: String,
}

impl Feed {
    pub(super) fn new(address: SocketAddr, book: Arc<Book>, asked: String) -> Result<Self, Failure> {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut c| {
            c.port = address.port();
            c
        });
        let mut server = NameServerConfig::udp_and_tcp(address.ip());
        server.connections = connections.into();
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let mut options = ResolverOpts::default();
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.timeout = TRY;
        // The second try is the one with or without EDNS.
        options.attempts = 0;
        options.num_concurrent_reqs = 1;
        options.preserve_intermediates = true;
        options.max_active_requests = 64;
        let resolver = |edns: bool| {
            let mut options = options.clone();
            options.edns0 = edns;
            let built = Resolver::builder_with_config(config.clone(), TokioRuntimeProvider::default());
            let built = built.with_options(options).build();
            built.map_err(|e| Failure { kind: FailureKind::Connect, why: format!("{asked}: {e}") })
        };
        let (with_edns, without_edns) = (resolver(true)?, resolver(false)?);
        Ok(Self { with_edns, without_edns, plainly: AtomicBool::new(false), book, asked })
    }

    pub(super) async fn ask(self: Arc<Self>) -> Result<News, Failure> {
        let names = self.book.names.iter().map(|e| e.name.clone()).chain(self.book.targets.iter().cloned());
        let names: BTreeSet<String> = names.collect();
        let count = names.len();
        let mut asked = futures::stream::iter(names).map(|n| self.lookup(n)).buffer_unordered(AT_ONCE);
        let mut found: BTreeMap<String, Result<Found, String>> = BTreeMap::new();
        let (mut silent, mut last) = (0, None);
        while let Some((name, answer)) = asked.next().await {
            let answer = match answer {
                Ok(f) => Ok(f),
                Err(Miss::Silent(kind, why)) => {
                    silent += 1;
                    last = Some((kind, why.clone()));
                    Err(why)
                }
                Err(miss) => Err(miss.why()),
            };
            found.insert(name, answer);
        }
        if let (true, Some((kind, why))) = (silent == count, last) {
            return Err(Failure { kind, why: format!("{}: {why}", self.asked) });
        }
        let own = self.book.learn(&found, Instant::now());
        Ok(News::Dns(self.book.names.iter().map(|e| answer(e, &found, &own)).collect()))
    }

    async fn lookup(&self, name: String) -> (String, Result<Found, Miss>) {
        let concrete = match name.strip_prefix("*.") {
            Some(rest) => format!("{LABEL}.{rest}."),
            None => format!("{}.", name.trim_end_matches('.')),
        };
        let Ok(query) = concrete.parse::<Name>() else {
            return (name, Err(Miss::Said("not a DNS name".to_owned())));
        };
        let (four, six) = tokio::join!(self.records(&query, RecordType::A), self.records(&query, RecordType::AAAA));
        (name, both(four, six))
    }

    /// Two tries, one with EDNS and one without; first the one that was answered last.
    async fn records(&self, query: &Name, family: RecordType) -> Result<Found, Miss> {
        let plainly = self.plainly.load(Ordering::Relaxed);
        let first = self.once(plainly, query, family).await;
        let Err(miss @ (Miss::Said(_) | Miss::Silent(..))) = first else { return first };
        match (self.once(!plainly, query, family).await, miss) {
            // What it said counts for more than that it said nothing to the other.
            (Err(Miss::Silent(..)), said @ Miss::Said(_)) => Err(said),
            (second @ Err(Miss::Said(_) | Miss::Silent(..)), _) => second,
            (second, _) => {
                self.plainly.store(!plainly, Ordering::Relaxed);
                second
            }
        }
    }

    async fn once(&self, plainly: bool, query: &Name, family: RecordType) -> Result<Found, Miss> {
        let resolver = if plainly { &self.without_edns } else { &self.with_edns };
        match resolver.lookup(query.clone(), family).await {
            Ok(lookup) => found(lookup.answers().iter().take(RECORDS).map(|r| (&r.data, r.ttl))).with_addresses(),
            Err(e) => Err(miss(&e)),
        }
    }
}

/// The answers of both address families together: a user reached over either goes where it leads. That a family has no
/// records leads nobody anywhere. Anything else that is no answer may lead elsewhere, so that the other family alone
/// proves nothing.
fn both(four: Result<Found, Miss>, six: Result<Found, Miss>) -> Result<Found, Miss> {
    let half = |(whole, found): (&str, Found), (part, miss): (&str, Miss)| {
        let gave = found.in_order.last().map_or_else(String::new, |a| format!(" {a}"));
        Err(Miss::Said(format!("half an answer: {whole}{gave}, but {part}: {}", miss.why())))
    };
    match (four, six) {
        (Ok(four), Ok(six)) => Ok(four.and(six)),
        (Ok(one), Err(Miss::NoRecords(_))) | (Err(Miss::NoRecords(_)), Ok(one)) => Ok(one),
        (Ok(four), Err(six)) => half(("A", four), ("AAAA", six)),
        (Err(four), Ok(six)) => half(("AAAA", six), ("A", four)),
        // A resolver that says something is not silent, and an error says more than that there is nothing.
        (Err(Miss::Silent(..) | Miss::NoRecords(_)), Err(said @ (Miss::Said(_) | Miss::NoName)))
        | (Err(Miss::Silent(..)), Err(said @ Miss::NoRecords(_)))
        | (Err(said), Err(_)) => Err(said),
    }
}

impl Found {
    /// An answer that has no address leads nobody anywhere, whatever names it goes through.
    fn with_addresses(self) -> Result<Self, Miss> {
        match self.cnames.last() {
            _ if !self.addresses.is_empty() => Ok(self),
            Some(behind) => Err(Miss::NoRecords(format!("no address behind {}", clip(behind, 200)))),
            None => Err(Miss::NoRecords("no address".to_owned())),
        }
    }

    fn and(mut self, other: Found) -> Found {
        self.cnames.extend(other.cnames);
        self.addresses.extend(other.addresses);
        // The way there is the same for both, most often.
        let new: Vec<String> = other.in_order.into_iter().filter(|a| !self.in_order.contains(a)).collect();
        self.in_order.extend(new);
        self.ttl = self.ttl.min(other.ttl);
        self
    }
}

fn found<'a>(records: impl Iterator<Item = (&'a RData, u32)>) -> Found {
    let mut found = Found { ttl: u32::MAX, ..Found::default() };
    for (data, ttl) in records {
        let text = match data {
            RData::CNAME(name) => {
                let name = plain(&name.to_string());
                found.cnames.push(name.clone());
                name
            }
            RData::A(address) => {
                found.addresses.insert(address.to_string());
                address.to_string()
            }
            RData::AAAA(address) => {
                found.addresses.insert(address.to_string());
                address.to_string()
            }
            _ => continue,
        };
        found.ttl = found.ttl.min(ttl);
        found.in_order.push(clip(&text, 255));
    }
    if found.ttl == u32::MAX {
        found.ttl = 0;
    }
    found
}

fn miss(error: &NetError) -> Miss {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) if none.response_code == ResponseCode::NXDomain => Miss::NoName,
        NetError::Dns(DnsError::NoRecordsFound(none)) if none.response_code == ResponseCode::NoError => {
            Miss::NoRecords("no address".to_owned())
        }
        NetError::Dns(DnsError::NoRecordsFound(none)) => Miss::Said(none.response_code.to_string()),
        NetError::Dns(DnsError::ResponseCode(code)) => Miss::Said(code.to_string()),
        NetError::Dns(other) => Miss::Said(clip(&other.to_string(), 200)),
        NetError::Timeout => Miss::Silent(FailureKind::Timeout, "no answer in time".to_owned()),
        NetError::Proto(e) => Miss::Silent(FailureKind::Garbled, clip(&e.to_string(), 200)),
        other => Miss::Silent(FailureKind::Connect, clip(&other.to_string(), 200)),
    }
}

fn answer(
    entry: &Entry,
    found: &BTreeMap<String, Result<Found, String>>,
    own: &BTreeMap<String, BTreeSet<String>>,
) -> DnsAnswer {
    let name = entry.name.clone();
    match found.get(&entry.name) {
        Some(Ok(f)) => {
            DnsAnswer { name, answers: Ok(f.in_order.clone()), ttl: f.ttl, region: region(f, &entry.regions, own) }
        }
        Some(Err(why)) => DnsAnswer { name, answers: Err(why.clone()), ttl: 0, region: None },
        None => DnsAnswer { name, answers: Err("not asked".to_owned()), ttl: 0, region: None },
    }
}

/// The one region that an answer leads to: each of its addresses is known to be that region's own, or it goes through
/// that region's entry, or the region's name is in a CNAME (as in `….us-east-1.elb.amazonaws.com`). One address of
/// another region cancels that: an answer that leads to two regions leads to none.
fn region(
    found: &Found,
    regions: &[(Region, Option<String>)],
    own: &BTreeMap<String, BTreeSet<String>>,
) -> Option<Region> {
    let only = |is: &dyn Fn(&Region, Option<&str>) -> bool| {
        let hits: BTreeSet<&Region> = regions.iter().filter(|(r, t)| is(r, t.as_deref())).map(|(r, _)| r).collect();
        if hits.len() == 1 { hits.first().map(|r| (*r).clone()) } else { None }
    };
    let known = |target: Option<&str>| target.and_then(|t| own.get(t));
    let through = |_: &Region, target: Option<&str>| target.is_some_and(|t| found.cnames.iter().any(|c| c == t));
    let address = |_: &Region, target: Option<&str>| known(target).is_some_and(|own| found.addresses.is_subset(own));
    let label =
        |region: &Region, _: Option<&str>| found.cnames.iter().any(|c| c.split('.').any(|l| l == region.as_str()));
    let to = only(&address).or_else(|| only(&through)).or_else(|| only(&label))?;
    let (mine, others): (Vec<_>, Vec<_>) = regions.iter().partition(|(r, _)| *r == to);
    let has = |side: &[&(Region, Option<String>)], a: &String| {
        side.iter().any(|(_, target)| known(target.as_deref()).is_some_and(|own| own.contains(a)))
    };
    let stray = |a: &String| has(&others, a) && !has(&mine, a);
    (!found.addresses.iter().any(stray)).then_some(to)
}

/// Lower case, without the dot at the end.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer_of(cnames: &[&str], addresses: &[&str]) -> Found {
        Found {
            cnames: cnames.iter().map(|c| (*c).to_owned()).collect(),
            addresses: addresses.iter().map(|a| (*a).to_owned()).collect(),
            ..Found::default()
        }
    }

    fn lead(found: &Found, east: &[&str], west: &[&str]) -> Option<String> {
        let regions = [("us-east-1", "east.example"), ("us-east-2", "west.example")]
            .map(|(r, t)| (Region::new(r), Some(t.to_owned())));
        let all = |addresses: &[&str]| addresses.iter().map(|a| (*a).to_owned()).collect();
        let own = BTreeMap::from([("east.example".to_owned(), all(east)), ("west.example".to_owned(), all(west))]);
        region(found, &regions, &own).map(|r| r.to_string())
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
            assert_eq!(lead(&answer_of(&[], addresses), &east, &west).as_deref(), wanted, "{addresses:?}");
        }
    }

    #[test]
    fn where_both_regions_have_the_same_addresses_nothing_can_be_told() {
        let both = ["10.0.0.1"];
        assert_eq!(lead(&answer_of(&[], &both), &both, &both), None);
    }

    #[test]
    fn a_cname_tells_more_than_addresses_that_nobody_knows() {
        let both = ["10.0.0.1"];
        assert_eq!(lead(&answer_of(&["west.example"], &both), &both, &both).as_deref(), Some("us-east-2"));
        let elb = answer_of(&["dualstack.portal.us-east-1.elb.amazonaws.com"], &["10.9.9.9"]);
        assert_eq!(lead(&elb, &both, &both).as_deref(), Some("us-east-1"));
        let lookalike = answer_of(&["portal-us-east-1.example"], &["10.9.9.9"]);
        assert_eq!(lead(&lookalike, &both, &both), None);
        let other = answer_of(&["west.example"], &["10.0.0.9"]);
        assert_eq!(
            lead(&other, &["10.0.0.9"], &["10.1.0.1"]),
            Some("us-east-1".to_owned()),
            "its address is the other's"
        );
        let mixed = answer_of(&["west.example"], &["10.0.0.9", "10.1.0.1"]);
        assert_eq!(lead(&mixed, &["10.0.0.9"], &["10.1.0.1"]), None, "one of its addresses is the other's");
    }

    #[test]
    fn an_answer_without_an_address_leads_nowhere() {
        let dangling = answer_of(&["west.example"], &[]).with_addresses();
        assert!(matches!(dangling, Err(Miss::NoRecords(why)) if why == "no address behind west.example"));
    }

    /// Of one family only that it has no records is neutral: whatever else it is may lead elsewhere.
    #[test]
    fn an_answer_counts_only_where_both_families_are_known() {
        let found = |a: &str| Ok(answer_of(&[], &[a]));
        let none: fn() -> Result<Found, Miss> = || Err(Miss::NoRecords("no address".into()));
        let no_name: fn() -> Result<Found, Miss> = || Err(Miss::NoName);
        let servfail: fn() -> Result<Found, Miss> = || Err(Miss::Said("Server Failure".into()));
        let silent: fn() -> Result<Found, Miss> =
            || Err(Miss::Silent(FailureKind::Timeout, "no answer in time".into()));
        let whole = |answer: Result<Found, Miss>| answer.ok().map(|f| f.addresses.into_iter().collect::<Vec<_>>());
        assert_eq!(whole(both(found("10.0.0.1"), none())), Some(vec!["10.0.0.1".to_owned()]));
        assert_eq!(whole(both(none(), found("2001:db8::1"))), Some(vec!["2001:db8::1".to_owned()]));
        assert_eq!(whole(both(found("10.0.0.1"), found("2001:db8::1"))).map(|all| all.len()), Some(2));
        for other in [servfail, no_name, silent] {
            for (four, six) in [(found("10.0.0.1"), other()), (other(), found("2001:db8::1"))] {
                let answer = both(four, six);
                assert!(matches!(&answer, Err(Miss::Said(why)) if why.starts_with("half an answer: ")), "{answer:?}");
            }
        }
        assert_eq!(both(no_name(), no_name()), no_name());
        assert_eq!(both(none(), none()), none());
        assert_eq!(both(silent(), silent()), silent());
        for said in [servfail, none] {
            assert_eq!(both(said(), silent()), said(), "it answered something");
            assert_eq!(both(silent(), said()), said());
        }
    }

    /// A load balancer of many addresses gives eight at a time: what was given before is still its own.
    #[test]
    fn the_addresses_of_a_large_load_balancer_are_learnt() {
        let book = Book { names: vec![], targets: BTreeSet::from(["east.example".to_owned()]), own: Mutex::default() };
        let gives = |address: &str| BTreeMap::from([("east.example".to_owned(), Ok(answer_of(&[], &[address])))]);
        let start = Instant::now();
        book.learn(&gives("10.0.0.1"), start);
        let own = book.learn(&gives("10.0.0.2"), start + Duration::from_secs(60));
        assert_eq!(own["east.example"].len(), 2);
        let own = book.learn(&gives("10.0.0.2"), start + KNOWN_FOR);
        assert_eq!(own["east.example"].iter().collect::<Vec<_>>(), ["10.0.0.2"], "and not for ever");
    }
}
