//! What a resolver answers for the estate's names, and which region that leads to.
//!
//! Each resolver is asked directly, with no cache between: the point is to measure how long a resolver keeps giving the
//! old answer.

mod book;
mod strict;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

pub(super) use self::book::Book;
use self::book::{Entry, Known};
use self::strict::Client;
use crate::aws::{Outage, clip};
use crate::estate::Resolver;
use crate::event::{DnsAnswer, Failure, FailureKind, Leads, News};

/// Names that are asked for at once: one dead zone must not use up the time of the others.
const AT_ONCE: usize = 8;
/// One try; there is a second.
const TRY: Duration = Duration::from_millis(900);
/// Records of an answer that are shown; all of them are judged.
const SHOWN: usize = 20;
/// What a wildcard is asked with.
const LABEL: &str = "signalbox";

/// What came for one name.
#[derive(Clone, Debug, Default, PartialEq)]
struct Found {
    cnames: Vec<String>,
    addresses: BTreeSet<IpAddr>,
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
    with_edns: Client,
    /// For a resolver that takes EDNS (RFC 6891) for an error, or drops it: the library does not fall back by itself.
    without_edns: Client,
    /// Whether it was last answered without EDNS, and is asked so first.
    plainly: AtomicBool,
    book: Arc<Book>,
    asked: String,
}

impl Feed {
    pub(super) fn new(resolver: &Resolver, outage: &Outage, book: Arc<Book>, asked: String) -> Result<Self, Failure> {
        let client = |edns: bool| {
            let built = Client::new(resolver, outage, edns, TRY);
            built.map_err(|e| Failure { kind: FailureKind::Connect, why: format!("{asked}: {e}") })
        };
        let (with_edns, without_edns) = (client(true)?, client(false)?);
        Ok(Self { with_edns, without_edns, plainly: AtomicBool::new(false), book, asked })
    }

    pub(super) async fn ask(self: Arc<Self>) -> Result<News, Failure> {
        let names = self.book.names.iter().map(|e| e.name.clone()).chain(self.book.targets.keys().cloned());
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
        let known = self.book.learn(&found, Instant::now());
        Ok(News::Dns(self.book.names.iter().map(|e| answer(e, &found, &known)).collect()))
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
        let client = if plainly { &self.without_edns } else { &self.with_edns };
        match client.lookup(query.clone(), family).await {
            Ok(lookup) => found(lookup.answers().iter().map(|r| (&r.data, r.ttl))).with_addresses(),
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
        self.in_order.truncate(SHOWN);
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
                found.addresses.insert(address.0.into());
                address.to_string()
            }
            RData::AAAA(address) => {
                found.addresses.insert(address.0.into());
                address.to_string()
            }
            _ => continue,
        };
        found.ttl = found.ttl.min(ttl);
        if found.in_order.len() < SHOWN {
            found.in_order.push(clip(&text, 255));
        }
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

fn answer(entry: &Entry, found: &BTreeMap<String, Result<Found, String>>, known: &Known) -> DnsAnswer {
    let name = entry.name.clone();
    match found.get(&entry.name) {
        Some(Ok(f)) => DnsAnswer { name, answers: Ok(f.in_order.clone()), ttl: f.ttl, leads: entry.leads(f, known) },
        Some(Err(why)) => DnsAnswer { name, answers: Err(why.clone()), ttl: 0, leads: Leads::Nowhere },
        None => DnsAnswer { name, answers: Err("not asked".to_owned()), ttl: 0, leads: Leads::Nowhere },
    }
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
            addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
            ..Found::default()
        }
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
        assert_eq!(whole(both(found("10.0.0.1"), none())), Some(vec!["10.0.0.1".parse().unwrap()]));
        assert_eq!(whole(both(none(), found("2001:db8::1"))), Some(vec!["2001:db8::1".parse().unwrap()]));
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
}
