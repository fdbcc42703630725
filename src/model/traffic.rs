//! Where traffic goes: what resolvers answer, and what the controls say.

use std::collections::BTreeMap;

use super::{Lever, Mark, Model};
use crate::change::Change;
use crate::estate::{ControlState, PairName, Region, ResolverName, Service, Side};
use crate::event::{Blind, DnsAnswer, Leads};
use crate::time::{Span, Stamp};
use crate::words::Answers;

/// No answer is used for longer, whatever it says of itself.
const LONGEST_TTL: Span = Span::from_hours(24);

/// What resolvers answer for some names: how many answers lead where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Answers by region.
    pub to: BTreeMap<Region, usize>,
    /// Answers that lead to no one region: errors, no address, addresses of both regions or of neither.
    pub elsewhere: usize,
    /// Answers with addresses of which nothing tells whose they are, by the reason.
    pub untold: BTreeMap<Blind, usize>,
    /// Answers that are old or were never given: their resolvers are silent.
    pub silent: usize,
    /// Of the silent resolvers, the answers that they gave last and that whoever asked them may still use: how many lead
    /// where, none for those that lead to no one region.
    pub remembered: BTreeMap<Option<Region>, usize>,
}

/// The last answer with addresses that a resolver gave for a name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    /// Where it leads; none if to no one region.
    region: Option<Region>,
    /// Until when whoever asked for it may use it.
    until: Stamp,
}

impl Given {
    /// Of an answer that was heard then; none where it has no addresses.
    pub(super) fn of(answer: &DnsAnswer, heard: Stamp) -> Option<Self> {
        let lives = Span::from_secs(i64::from(answer.ttl)).min(LONGEST_TTL);
        let given = Self { region: answer.leads.region().cloned(), until: heard.plus(lives) };
        answer.answers.is_ok().then_some(given)
    }
}

impl Traffic {
    /// All answers that were asked for.
    #[must_use]
    pub fn total(&self) -> usize {
        self.to.values().sum::<usize>() + self.unknown()
    }

    /// Answers that lead nowhere that is known.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.elsewhere + self.blind() + self.silent
    }

    /// Answers of which nothing tells where they lead.
    #[must_use]
    pub fn blind(&self) -> usize {
        self.untold.values().sum()
    }

    /// Why nothing tells where answers lead, for the most of them; none where it can be told of as many.
    #[must_use]
    pub(super) fn mostly_blind(&self) -> Option<Blind> {
        let most = self.untold.iter().max_by_key(|(_, n)| **n).map(|(why, _)| *why);
        most.filter(|_| self.blind() >= self.elsewhere)
    }

    /// Answers that were given, wherever they lead.
    #[must_use]
    pub fn given(&self) -> usize {
        self.total() - self.silent
    }

    /// How many of the answers that are given lead to a region.
    #[must_use]
    pub fn answers(&self, to: &Region) -> Answers {
        let there = self.to.get(to).copied().unwrap_or(0);
        Answers { there, given: self.given(), untold: self.blind(), silent: self.silent }
    }

    /// Answers of resolvers that are silent now, which lead elsewhere than to a region and may still be used.
    #[must_use]
    pub fn remembered_elsewhere(&self, region: &Region) -> usize {
        self.remembered.iter().filter(|(to, _)| to.as_ref() != Some(region)).map(|(_, n)| n).sum()
    }

    /// The region that most answers lead to.
    #[must_use]
    pub fn most(&self) -> Option<(&Region, usize)> {
        self.to.iter().map(|(r, n)| (r, *n)).max_by_key(|(_, n)| *n)
    }

    pub(super) fn add(&mut self, other: Traffic) {
        for (region, n) in other.to {
            *self.to.entry(region).or_default() += n;
        }
        for (region, n) in other.remembered {
            *self.remembered.entry(region).or_default() += n;
        }
        for (why, n) in other.untold {
            *self.untold.entry(why).or_default() += n;
        }
        self.elsewhere += other.elsewhere;
        self.silent += other.silent;
    }
}

impl Model {
    /// What all resolvers answer for one name now.
    #[must_use]
    pub fn name_traffic(&self, name: &str) -> Traffic {
        let mut traffic = Traffic::default();
        for resolver in &self.estate.resolvers {
            self.count(&mut traffic, &resolver.name, name);
        }
        traffic
    }

    /// How what a resolver answers for a name of a pair stands; none before it was asked. That it leads somewhere is no
    /// good news where that region has failed.
    #[must_use]
    pub fn answer_mark(&self, pair: &PairName, resolver: &ResolverName, name: &str) -> Option<Mark> {
        let answer = self.dns.get(&(resolver.clone(), name.to_owned()))?;
        Some(match answer.get(self.now).map(|a| (&a.answers, &a.leads)) {
            None | Some((Err(_), _) | (Ok(_), Leads::Untold { .. })) => Mark::Unknown,
            Some((Ok(_), Leads::To(region))) if !self.leads_astray(pair, region) => Mark::Ok,
            Some((Ok(_), _)) => Mark::Warn,
        })
    }

    /// How a name of a pair stands: as the worst of its answers, and not well while they lead to both regions.
    #[must_use]
    pub fn name_mark(&self, pair: &PairName, name: &str) -> Mark {
        let moving = if self.name_traffic(name).to.len() > 1 { Mark::Warn } else { Mark::Ok };
        let marks = self.estate.resolvers.iter().map(|r| self.answer_mark(pair, &r.name, name));
        marks.map(|mark| mark.unwrap_or(Mark::Unknown)).max().unwrap_or(Mark::Unknown).max(moving)
    }

    /// Counts what a resolver says of a name now, or what it said last.
    pub(super) fn count(&self, traffic: &mut Traffic, resolver: &ResolverName, name: &str) {
        let key = (resolver.clone(), name.to_owned());
        match self.dns.get(&key).and_then(|a| a.get(self.now)).map(|a| &a.leads) {
            Some(Leads::To(region)) => *traffic.to.entry(region.clone()).or_default() += 1,
            Some(Leads::Untold { untold }) => *traffic.untold.entry(*untold).or_default() += 1,
            Some(Leads::Nowhere) => traffic.elsewhere += 1,
            None => {
                traffic.silent += 1;
                if let Some(given) = self.dns_given.get(&key).filter(|g| self.now.mono < g.until.mono) {
                    *traffic.remembered.entry(given.region.clone()).or_default() += 1;
                }
            }
        }
    }

    /// What all resolvers answer for the names of a service.
    #[must_use]
    pub fn service_traffic(&self, service: &Service) -> Traffic {
        let mut traffic = Traffic::default();
        for name in &service.dns {
            traffic.add(self.name_traffic(name));
        }
        traffic
    }

    /// What all resolvers answer for the names of a pair.
    #[must_use]
    pub fn pair_traffic(&self, pair: &PairName) -> Traffic {
        let mut traffic = Traffic::default();
        for service in self.estate.services_of(pair) {
            traffic.add(self.service_traffic(service));
        }
        traffic
    }

    /// When DNS last told where a pair's traffic enters; none where this console has never heard it.
    #[must_use]
    pub fn dns_last_led(&self, pair: &PairName) -> Option<Stamp> {
        self.dns_led.get(pair).copied()
    }

    /// The side whose controls are On, if it is one side.
    #[must_use]
    pub fn levers_side(&self, pair: &PairName) -> Option<Side> {
        let p = self.estate.pair(pair)?;
        let on = |side: Side| {
            self.estate
                .services_of(pair)
                .filter_map(|s| s.control(p.region(side)))
                .filter(|c| self.levers.get(&c.arn, self.now) == Lever::Agreed(ControlState::On))
                .count()
        };
        match on(Side::Active).cmp(&on(Side::Standby)) {
            std::cmp::Ordering::Greater => Some(Side::Active),
            std::cmp::Ordering::Less => Some(Side::Standby),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// Services that a change sends to its receiving region: by the control that it turns on there, or off elsewhere.
    pub fn received<'a>(&'a self, change: &'a Change) -> impl Iterator<Item = &'a Service> {
        let moved = |s: &Service| s.controls.iter().any(|c| change.text.flips().iter().any(|f| f.arn == c.arn));
        self.estate.services.iter().filter(move |s| moved(s))
    }

    /// What resolvers answer for the names that a change moves.
    #[must_use]
    pub fn change_traffic(&self, change: &Change) -> Traffic {
        let mut traffic = Traffic::default();
        self.received(change).for_each(|service| traffic.add(self.service_traffic(service)));
        traffic
    }
}
