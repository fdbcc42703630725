//! Where traffic goes: what resolvers answer, and what the controls say.

use std::collections::BTreeMap;

use super::{Lever, Mark, Model, Subject};
use crate::change::Change;
use crate::estate::{ControlState, PairName, Region, Service, Side, Tier};
use crate::event::DnsAnswer;
use crate::time::Stamp;

/// What resolvers answer for some names: how many answers lead where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Answers by region.
    pub to: BTreeMap<Region, usize>,
    /// Answers that lead to no one region: errors, no address, addresses of both regions or of neither.
    pub elsewhere: usize,
    /// Answers that are old or were never given: their resolvers are silent.
    pub silent: usize,
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
        self.elsewhere + self.silent
    }

    /// Takes in what a resolver said last, if it is not old.
    pub(super) fn count(&mut self, answer: Option<&DnsAnswer>) {
        match answer.map(|a| &a.region) {
            Some(Some(region)) => *self.to.entry(region.clone()).or_default() += 1,
            Some(None) => self.elsewhere += 1,
            None => self.silent += 1,
        }
    }

    /// Whether every answer that was given leads to a region, and one at least was given. A resolver that is silent
    /// proves nothing either way.
    fn leads_to(&self, region: &Region) -> bool {
        let there = self.to.get(region).copied().unwrap_or(0);
        there > 0 && there + self.silent == self.total()
    }

    /// The region that most answers lead to.
    #[must_use]
    pub fn most(&self) -> Option<(&Region, usize)> {
        self.to.iter().map(|(r, n)| (r, *n)).max_by_key(|(_, n)| *n)
    }

    fn add(&mut self, other: Traffic) {
        for (region, n) in other.to {
            *self.to.entry(region).or_default() += n;
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
            let answer = self.dns.get(&(resolver.name.clone(), name.to_owned())).and_then(|a| a.get(self.now));
            traffic.count(answer);
        }
        traffic
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
        self.traffic_of(self.received(change))
    }

    fn traffic_of<'a>(&self, services: impl Iterator<Item = &'a Service>) -> Traffic {
        let mut traffic = Traffic::default();
        services.for_each(|service| traffic.add(self.service_traffic(service)));
        traffic
    }

    /// Whether every answer that is given for the names of a change leads to its receiving region; also where it steers
    /// services that have no names.
    #[must_use]
    pub fn dns_moved(&self, change: &Change) -> bool {
        self.lead_there(&self.change_traffic(change), change)
    }

    fn lead_there(&self, traffic: &Traffic, change: &Change) -> bool {
        traffic.leads_to(&change.text.receiving) || (traffic.total() == 0 && change.text.moves_traffic())
    }

    /// What shows that a change's traffic has moved, in words with the counts.
    pub(crate) fn arrival_words(&self, change: &Change) -> String {
        let traffic = self.change_traffic(change);
        let there = traffic.to.get(&change.text.receiving).copied().unwrap_or(0);
        match (traffic.total(), traffic.silent) {
            (0, _) => "no DNS name is steered by it; its applications answer there".to_owned(),
            (all, 0) => format!("all {all} DNS answers lead there and its applications answer"),
            (all, silent) => {
                format!("{there} of {all} DNS answers lead there, {silent} were not given, and its applications answer")
            }
        }
    }

    /// Whether the applications that a change moves answer in its receiving region.
    #[must_use]
    pub fn applications_answer(&self, change: &Change) -> bool {
        self.received(change).all(|s| self.answers_in(s, &change.text.receiving))
    }

    fn answers_in(&self, service: &Service, region: &Region) -> bool {
        service.probes.iter().filter(|p| &p.region == region).all(|p| {
            let subject = Subject::Probe(service.name.clone(), p.region.clone());
            self.standing(&subject).is_some_and(|s| s.mark == Mark::Ok)
        })
    }

    /// The tiers all of whose services that a change moves are back: DNS leads to the receiving region, and they answer.
    #[must_use]
    pub fn tiers_back(&self, change: &Change) -> Vec<Tier> {
        let to = &change.text.receiving;
        let of = |tier: Tier| self.received(change).filter(move |s| s.tier == tier);
        let back = |tier: &Tier| {
            of(*tier).next().is_some()
                && self.lead_there(&self.traffic_of(of(*tier)), change)
                && of(*tier).all(|s| self.answers_in(s, to))
        };
        Tier::ALL.into_iter().filter(back).collect()
    }
}
