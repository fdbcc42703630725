//! What can still be asked: levers, figures, health checks, resolvers and probes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{BY_NAME, TODAY};
use crate::aws::{Gone, Outage, ROUTE53_REGION, Service, Target};
use crate::cli::doctor::account::Caller;
use crate::cli::doctor::round::Round;
use crate::cli::doctor::{Line, Verdict};
use crate::estate::{AccountName, Estate, Pair, Place, Reading, Region, ServiceName, System};
use crate::event::SourceId;

const LEVERS: &str = "levers";
const FIGURES: &str = "figures";
const CHECKS: &str = "health checks";
const TRAFFIC: &str = "where traffic goes";

/// Names of one line, at most.
const NAMED: usize = 5;

/// What came of asking every source.
pub(super) struct Seen<'a> {
    /// The estate that was asked.
    pub(super) estate: &'a Estate,
    /// What was heard.
    pub(super) round: &'a Round,
    /// What was kept away.
    pub(super) outage: &'a Outage,
}

/// How one source ended.
enum Fate {
    Answers,
    /// It is gone with this.
    Gone(Gone),
    /// It fails, and nobody kept it away.
    Fails(String),
}

impl Seen<'_> {
    fn fate(&self, source: &SourceId) -> Fate {
        let heard = self.round.heard.iter().find(|heard| heard.source == *source);
        if heard.is_some_and(|heard| heard.news.is_ok()) {
            return Fate::Answers;
        }
        match (self.outage.kept_from(&target(source)), heard) {
            (Some(gone), _) => Fate::Gone(gone),
            (None, Some(heard)) => Fate::Fails(heard.news.as_ref().err().map_or_else(String::new, |f| f.why.clone())),
            (None, None) => Fate::Fails("no answer".to_owned()),
        }
    }

    /// The sources of one kind that were asked, each with how it ended.
    fn each<'s, T>(&'s self, of: impl Fn(&'s SourceId) -> Option<T> + 's) -> Vec<(T, Fate)> {
        let asked = self.round.heard.iter().map(|heard| &heard.source).chain(&self.round.silent);
        asked.filter_map(|source| Some((of(source)?, self.fate(source)))).collect()
    }
}

/// What a source asks, as its client says it.
fn target(source: &SourceId) -> Target {
    let service = |service, region: &Region| Target::Service(service, region.clone());
    match source {
        SourceId::Arc(region) => service(Service::Cluster, region),
        SourceId::Cloudwatch(site) => service(Service::Cloudwatch, &site.region),
        SourceId::Drs(region) => service(Service::Drs, region),
        SourceId::Ec2(site) => service(Service::Ec2, &site.region),
        SourceId::Route53(_) => service(Service::Route53, &Region::new(ROUTE53_REGION)),
        SourceId::Dns(name) => Target::Resolver(name.clone()),
        SourceId::Probe(name, region) => Target::Page(name.clone(), region.clone()),
    }
}

/// The lines; without a caller, what takes credentials is said to be not tried.
pub(super) fn lines(seen: &Seen<'_>, estate: &Estate, gone: &[Gone], caller: &Caller) -> Vec<Line> {
    let mut lines = Vec::new();
    match caller {
        Ok(_) => {
            lines.extend(levers(seen));
            lines.extend(figures(seen));
            lines.extend(elsewhere(estate, gone));
            lines.extend(checks(seen));
        }
        Err(why) => {
            let skipped = |(group, what)| Line::skipped(group, what, why);
            let all = [(LEVERS, "cluster endpoints"), (FIGURES, "every region"), (CHECKS, "their state")];
            lines.extend(all.map(skipped));
        }
    }
    lines.extend(resolvers(seen));
    lines.extend(probes(seen));
    lines
}

fn levers(seen: &Seen<'_>) -> Vec<Line> {
    let endpoints = seen.each(|source| match source {
        SourceId::Arc(region) => Some(region),
        _ => None,
    });
    if seen.estate.cluster.is_none() {
        let remedy = "without routing controls nobody can move traffic by hand, with or without an outage";
        return vec![Line::other(Verdict::Unknown, LEVERS, "the cluster", crate::words::NO_CLUSTER, remedy)];
    }
    let gone = list(endpoints.iter().filter(|(_, fate)| matches!(fate, Fate::Gone(_))).map(|(region, _)| *region));
    let up = endpoints.iter().filter(|(_, fate)| matches!(fate, Fate::Answers)).count();
    let mut found = format!("{up} of {} answer a read", endpoints.len());
    if !gone.is_empty() {
        found.push_str(&format!("; gone: {gone}"));
    }
    let line = match up {
        0 => {
            let remedy =
                "no move is possible from here: have a second machine elsewhere, and `signalbox pack` on paper";
            Line::other(Verdict::Bad, LEVERS, "cluster endpoints", found, remedy)
        }
        1 => {
            let remedy = "one is enough to act, and nothing shows that it did: find out why the others do not answer";
            Line::other(Verdict::Warn, LEVERS, "cluster endpoints", found, remedy)
        }
        _ => Line::good(LEVERS, "cluster endpoints", format!("{found}. A move goes the same way; it was not tried")),
    };
    let mut lines = vec![line];
    for (region, fate) in &endpoints {
        if let Fate::Fails(why) = fate {
            lines.push(Line::other(Verdict::Warn, LEVERS, region.as_str(), why, TODAY));
        }
    }
    lines
}

/// A service, as whoever looks into an account asks it.
struct Asked<'a>(Service, Option<&'a AccountName>);

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(account) => write!(f, "{} of {account}", self.0),
            None => self.0.fmt(f),
        }
    }
}

/// The figures of each region: its three services, in each account.
fn figures(seen: &Seen<'_>) -> Vec<Line> {
    let sources = seen.each(|source| match source {
        SourceId::Cloudwatch(site) => Some((&site.region, Asked(Service::Cloudwatch, site.account.as_ref()))),
        SourceId::Drs(region) => Some((region, Asked(Service::Drs, None))),
        SourceId::Ec2(site) => Some((&site.region, Asked(Service::Ec2, site.account.as_ref()))),
        _ => None,
    });
    let mut regions: BTreeMap<&Region, Vec<(Asked<'_>, Fate)>> = BTreeMap::new();
    for ((region, service), fate) in sources {
        regions.entry(region).or_default().push((service, fate));
    }
    regions.into_iter().flat_map(|(region, services)| of_region(seen.estate, region, &services)).collect()
}

fn of_region(estate: &Estate, region: &Region, services: &[(Asked<'_>, Fate)]) -> Vec<Line> {
    let mut lines = Vec::new();
    let of = |is: fn(&Fate) -> bool| list(services.iter().filter(|(_, fate)| is(fate)).map(|(service, _)| service));
    let (up, gone) = (of(|f| matches!(f, Fate::Answers)), of(|f| matches!(f, Fate::Gone(_))));
    if !gone.is_empty() {
        let figures = measured(estate).filter(|m| m.reading.read_in(m.place, m.pair) == region).count();
        let found = format!("{gone} would not answer: {figures} figures become unknown");
        let by_name = services.iter().any(|(_, fate)| matches!(fate, Fate::Gone(Gone::InternetDns)));
        let usual = "expect `?` there, and decide by the other region's figures, probes and resolvers";
        let mut remedy = if by_name { BY_NAME } else { usual }.to_owned();
        if estate.readiness.unknown_stops {
            remedy.push_str("; a proposal may need --despite then, as this estate's unknown checks stop one");
        }
        lines.push(Line::other(Verdict::Warn, FIGURES, region.as_str(), found, remedy));
    }
    if !up.is_empty() {
        lines.push(Line::good(FIGURES, region.as_str(), format!("{up} answer")));
    }
    for (service, fate) in services {
        if let Fate::Fails(why) = fate {
            lines.push(Line::other(Verdict::Bad, FIGURES, format!("{region}, {service}"), why, TODAY));
        }
    }
    lines
}

/// A figure at one of its places.
struct Measured<'a> {
    system: &'a System,
    reading: &'a Reading,
    place: Place,
    pair: &'a Pair,
}

fn measured(estate: &Estate) -> impl Iterator<Item = Measured<'_>> {
    let in_pairs = estate.systems.iter().filter_map(|system| Some((system, estate.pair(&system.pair)?)));
    in_pairs.flat_map(|(system, pair)| {
        let places = |reading: &'_ Reading| reading.places().iter().copied();
        let each = move |reading| places(reading).map(move |place| Measured { system, reading, place, pair });
        system.readings.iter().flat_map(each)
    })
}

/// Figures of a region that stays, which are read in one that is gone: nobody expects to miss them.
fn elsewhere(estate: &Estate, gone: &[Gone]) -> Vec<Line> {
    let mut lines = Vec::new();
    for gone in gone {
        let Gone::Region(region) = gone else { continue };
        let away = |m: &Measured<'_>| m.reading.read_in(m.place, m.pair) == region && m.place.region(m.pair) != region;
        let names: BTreeSet<String> =
            measured(estate).filter(away).map(|m| format!("{} ({})", m.system.name, m.place.region(m.pair))).collect();
        if names.is_empty() {
            continue;
        }
        let what = format!("other regions' figures in {region}");
        let found = format!("published there alone, and unknown then: {}", list(&names));
        let remedy = "do not wait for these: probes and resolvers tell of the same";
        lines.push(Line::other(Verdict::Warn, FIGURES, what, found, remedy));
    }
    lines
}

fn checks(seen: &Seen<'_>) -> Vec<Line> {
    let checks = seen.each(|source| match source {
        SourceId::Route53(id) => Some(id),
        _ => None,
    });
    let all = checks.len();
    let up = checks.iter().filter(|(_, fate)| matches!(fate, Fate::Answers)).count();
    let what = "what Route 53 says of them";
    if all == 0 {
        return Vec::new();
    }
    if up == all {
        return vec![Line::good(CHECKS, what, format!("the state of all {all} can be read"))];
    }
    let lost = all - up;
    let fails = checks.iter().find_map(|(_, fate)| match fate {
        Fate::Fails(why) => Some(why),
        _ => None,
    });
    let by_name = checks.iter().any(|(_, fate)| matches!(fate, Fate::Gone(Gone::InternetDns)));
    let (verdict, why, remedy) = match fails {
        Some(why) => (Verdict::Bad, why.clone(), TODAY),
        None if by_name => (Verdict::Warn, "Route 53's API is not found".to_owned(), BY_NAME),
        None => (
            Verdict::Warn,
            format!("Route 53's API is in {ROUTE53_REGION}; the checks themselves go on"),
            "probes and resolvers tell it instead; checks that follow a routing control are read as levers",
        ),
    };
    vec![Line::other(verdict, CHECKS, what, format!("the state of {lost} of {all} is unknown: {why}"), remedy)]
}

fn resolvers(seen: &Seen<'_>) -> Vec<Line> {
    let resolvers = seen.each(|source| match source {
        SourceId::Dns(name) => Some(name),
        _ => None,
    });
    let remedy =
        "with none, nobody sees when a move reaches people: add a resolver of your own network to [[resolvers]]";
    parts(&resolvers, |up| format!("{up} of {} answer", resolvers.len()), "DNS resolvers", |_, _| false, remedy)
}

/// A probe, as people call it.
struct Probe<'a>(&'a ServiceName, &'a Region);

impl fmt::Display for Probe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.0, self.1)
    }
}

fn probes(seen: &Seen<'_>) -> Vec<Line> {
    let probes = seen.each(|source| match source {
        SourceId::Probe(service, region) => Some(Probe(service, region)),
        _ => None,
    });
    let remedy = "give probes an address that is found without it, or watch from a second machine elsewhere";
    let with_its_region = |probe: &Probe<'_>, gone: &Gone| matches!(gone, Gone::Region(region) if region == probe.1);
    parts(
        &probes,
        |up| format!("{up} of {} answer", probes.len()),
        "probes of the applications",
        with_its_region,
        remedy,
    )
}

/// One line for all of a kind. What goes with its own region tells the truth by it, and is no loss.
fn parts<T: fmt::Display>(
    all: &[(T, Fate)],
    found: impl Fn(usize) -> String,
    what: &'static str,
    is_no_loss: impl Fn(&T, &Gone) -> bool,
    remedy: &'static str,
) -> Vec<Line> {
    if all.is_empty() {
        return Vec::new();
    }
    let up = all.iter().filter(|(_, fate)| matches!(fate, Fate::Answers)).count();
    let mut found = found(up);
    let (mut lost, mut lines) = (false, Vec::new());
    let mut with: BTreeSet<String> = BTreeSet::new();
    for (name, fate) in all {
        match fate {
            Fate::Answers => {}
            Fate::Gone(gone) => {
                lost |= !is_no_loss(name, gone);
                with.insert(gone.to_string());
            }
            Fate::Fails(why) => lines.push(Line::other(Verdict::Bad, TRAFFIC, name.to_string(), why, TODAY)),
        }
    }
    if !with.is_empty() {
        found.push_str(&format!("; the others are gone with {}", list(&with)));
    }
    let line = if lost || up == 0 {
        Line::other(Verdict::Warn, TRAFFIC, what, found, remedy)
    } else {
        Line::good(TRAFFIC, what, found)
    };
    lines.insert(0, line);
    lines
}

/// Names with commas, the first few of them.
fn list<T: ToString>(names: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    let more = all.len().saturating_sub(NAMED);
    let shown = all.get(..NAMED).unwrap_or(&all).join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
