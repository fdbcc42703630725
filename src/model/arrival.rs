//! Whether the traffic that a change moves has arrived: the one place where that is decided. It takes a proof: what is
//! not known is no sign of it.

use super::{Mark, Model, Subject, Traffic};
use crate::change::Change;
use crate::estate::{Region, Service, Tier};
use crate::words::{Unproven, arrived};

impl Model {
    /// What is missing to the proof that the traffic of a change is where it leads to; empty where it is proven.
    #[must_use]
    pub fn unproven(&self, change: &Change) -> Vec<Unproven> {
        self.missing(self.received(change).collect(), &change.text.receiving)
    }

    /// Whether DNS leads to where a change sends its traffic: each of its names has answers, and nothing that was
    /// answered and may still be used leads elsewhere.
    #[must_use]
    pub fn dns_moved(&self, change: &Change) -> bool {
        !self.unproven(change).iter().any(Unproven::is_of_dns)
    }

    /// Whether the applications that a change moves answer in its receiving region.
    #[must_use]
    pub fn applications_answer(&self, change: &Change) -> bool {
        self.unproven(change).iter().all(Unproven::is_of_dns)
    }

    /// What shows that a change's traffic has arrived, in words with the counts.
    pub(crate) fn arrival_words(&self, change: &Change) -> String {
        let traffic = self.change_traffic(change);
        let there = traffic.to.get(&change.text.receiving).copied().unwrap_or(0);
        arrived(there, traffic.total())
    }

    /// The tiers all of whose services that a change moves are back: DNS leads to the receiving region, and they answer.
    #[must_use]
    pub fn tiers_back(&self, change: &Change) -> Vec<Tier> {
        let of = |tier: &Tier| self.received(change).filter(|s| s.tier == *tier).collect::<Vec<_>>();
        let back = |tier: &Tier| {
            let services = of(tier);
            !services.is_empty() && self.missing(services, &change.text.receiving).is_empty()
        };
        Tier::ALL.into_iter().filter(back).collect()
    }

    fn missing(&self, services: Vec<&Service>, to: &Region) -> Vec<Unproven> {
        let mut missing = Vec::new();
        let mut all = Traffic::default();
        for name in services.iter().flat_map(|s| &s.dns) {
            let traffic = self.name_traffic(name);
            // One name that nobody answers for is not moved by the answers for others.
            if traffic.total() > 0 && traffic.given() == 0 {
                missing.push(Unproven::Unanswered(name.clone()));
            }
            all.add(traffic);
        }
        let there = all.to.get(to).copied().unwrap_or(0);
        let remembered = all.remembered_elsewhere(to);
        if all.total() == 0 {
            missing.push(Unproven::Unwatched);
        } else if there < all.given() {
            missing.insert(0, Unproven::Answers { there, given: all.given() });
        }
        if remembered > 0 {
            missing.push(Unproven::Remembered(remembered));
        }
        missing.extend(services.iter().filter_map(|s| self.unanswered(s, to)));
        missing
    }

    /// What is missing to the proof that a service answers in a region: its probes there say it, or, where it has none,
    /// Route 53's health checks.
    fn unanswered(&self, service: &Service, region: &Region) -> Option<Unproven> {
        let name = || service.name.clone();
        let probes = service.probes.iter().filter(|p| &p.region == region);
        let mut asks: Vec<_> = probes.map(|p| Subject::Probe(name(), p.region.clone())).collect();
        if asks.is_empty() {
            let checks = self.estate.health_checks.iter();
            let checks = checks.filter(|c| c.service == service.name && &c.region == region);
            asks = checks.map(|c| Subject::Check(c.id.clone())).collect();
        }
        let marks = asks.iter().map(|ask| self.standing(ask).map_or(Mark::Unknown, |s| s.mark));
        match Self::worst(marks) {
            None => Some(Unproven::Unprobed(name())),
            Some(Mark::Ok | Mark::Warn) => None,
            Some(Mark::Unknown) => Some(Unproven::Unread(name())),
            Some(Mark::Fail) => Some(Unproven::Fails(name())),
        }
    }
}
