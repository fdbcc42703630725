//! Whether the traffic that a change moves has arrived: the one place where that is decided. It takes a proof: what is
//! not known is no sign of it.

use super::{Lever, Mark, Model, Subject, Traffic};
use crate::change::{Change, Flip, State};
use crate::estate::{Region, Service, Tier};
use crate::event::STALE;
use crate::words::{Answers, Arrival, Unproven, arrived};

impl Model {
    /// What has become of the traffic of a change; none if it moves none, or is not verified.
    #[must_use]
    pub fn arrival(&self, change: &Change) -> Option<Arrival> {
        let State::Verified { moved } = change.state else { return None };
        if !change.text.moves_traffic() {
            return None;
        }
        let undone: Vec<String> = self.undone(change).map(|flip| flip.name.clone()).collect();
        Some(match moved {
            _ if !undone.is_empty() => Arrival::Undone(undone),
            None => Arrival::Awaited(self.unproven(change)),
            Some(_) => Arrival::Arrived,
        })
    }

    /// What of a verified change is not as it left it any more. A read that may be stale yet proves nothing, and one that
    /// is not known has not moved.
    pub(super) fn undone<'c>(&self, change: &'c Change) -> impl Iterator<Item = &'c Flip> {
        let moved = |flip: &&Flip| matches!(self.levers.after(&flip.arn, self.now, change.since.plus(STALE)), Lever::Agreed(now) if now != flip.to);
        change.text.flips().iter().filter(moved)
    }

    /// How many of the answers for the names that a change moves lead where it goes. Every view of a move counts these.
    #[must_use]
    pub fn answers(&self, change: &Change) -> Answers {
        self.change_traffic(change).answers(&change.text.receiving)
    }

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
        let answers = self.answers(change);
        arrived(answers.there, answers.given + answers.silent)
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
        let answers = all.answers(to);
        let remembered = all.remembered_elsewhere(to);
        if all.total() == 0 {
            missing.push(Unproven::Unwatched);
        } else if answers.there + answers.untold < answers.given {
            missing.insert(0, Unproven::Answers(answers));
        }
        missing.extend(all.untold.iter().map(|(why, n)| Unproven::Untold(*n, *why)));
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
