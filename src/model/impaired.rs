//! Regions that are impaired, and since when: what every console says, because the journal says it.

use super::incident::{QUIET, Step};
use super::{Enters, Mark, Model, Subject};
use crate::estate::{PairName, Region, Side, Tier};
use crate::record::{FORGOTTEN, Kept, Record, Since};
use crate::time::{Span, Stamp};

/// One failure alone impairs the region that has traffic when people feel it for so long.
pub(super) const FELT_FOR: Span = Span::from_mins(1);

/// A region that was impaired is well again when nothing critical has failed there for so long.
const STEADY: Span = Span::from_mins(1);

/// An impaired region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Impairment {
    /// Since when.
    pub(crate) since: Since,
    /// Since when it has been well again, as far as this console has seen.
    well: Option<Stamp>,
    /// The journal says so, and not this console alone.
    kept: bool,
    /// This program has seen something fail there itself.
    seen: bool,
}

impl Model {
    /// The things that have failed on a side and are of the critical tier, with since when; what people notice first
    /// comes first.
    #[must_use]
    pub fn failures(&self, pair: &PairName, side: Side) -> Vec<(&Subject, &super::Standing)> {
        self.failed(pair, side, |tier| tier == Tier::Critical)
    }

    /// All that has failed on a side; of the critical tier first.
    #[must_use]
    pub fn troubles(&self, pair: &PairName, side: Side) -> Vec<(&Subject, &super::Standing)> {
        let mut all = self.failures(pair, side);
        all.extend(self.failed(pair, side, |tier| tier != Tier::Critical));
        all
    }

    fn failed(&self, pair: &PairName, side: Side, counts: impl Fn(Tier) -> bool) -> Vec<(&Subject, &super::Standing)> {
        let failed = self.standings.iter().filter(|(_, standing)| standing.mark == Mark::Fail);
        let mut failed: Vec<_> = failed.filter(|(subject, _)| self.is_of(subject, pair, side, &counts)).collect();
        failed.sort_by_cached_key(|(subject, _)| self.notice_rank(subject));
        failed
    }

    /// Whether a thing belongs to a side of a pair and is of a tier that counts.
    pub(super) fn is_of(&self, subject: &Subject, pair: &PairName, side: Side, counts: impl Fn(Tier) -> bool) -> bool {
        let Some(region) = self.estate.pair(pair).map(|p| p.region(side)) else { return false };
        let service = |name: &crate::estate::ServiceName| {
            self.estate.services.iter().any(|s| &s.name == name && &s.pair == pair && counts(s.tier))
        };
        match subject {
            Subject::System(id, at) => {
                *at == side && self.estate.systems.iter().any(|s| &s.id == id && &s.pair == pair && counts(s.tier))
            }
            Subject::Check(id) => {
                self.estate.health_checks.iter().any(|c| &c.id == id && &c.region == region && service(&c.service))
            }
            Subject::Probe(name, at) => at == region && service(name),
            Subject::Link(_) | Subject::Source(_) => false,
        }
    }

    /// Whether a side is impaired, and since when: two critical things there have failed, or users of the platform have
    /// felt one for a minute; and it stays so until readings have proven for a while that nothing critical fails. While an
    /// incident runs that began with this, since that incident began.
    #[must_use]
    pub fn impaired_since(&self, pair: &PairName, side: Side) -> Option<Since> {
        self.counts_since(pair, side, self.fails_since(pair, side).or_else(|| self.lingers_since(pair, side)))
    }

    /// The same, judged only by what fails now: what only lingers begins nothing.
    pub(super) fn failing_now_since(&self, pair: &PairName, side: Side) -> Option<Since> {
        self.counts_since(pair, side, self.fails_since(pair, side))
    }

    /// Since when a side has been impaired that has no longer failed, but not for long enough.
    fn lingers_since(&self, pair: &PairName, side: Side) -> Option<Since> {
        // A record may be hours old, with nobody there to keep that it is well again: only what this program has seen fail
        // goes on.
        let known = self.impairment(pair, side).filter(|known| known.seen)?;
        let proven = known.well.is_some_and(|well| self.now.since(well) >= STEADY);
        (!proven).then_some(known.since)
    }

    /// How a side that is impaired has no failure now, in words; none while something fails.
    pub(super) fn lingers_words(&self, pair: &PairName, side: Side) -> Option<String> {
        let known = self.impairment(pair, side)?;
        let well = known.well.map(|well| self.time(well));
        self.fails_since(pair, side).is_none().then(|| crate::words::not_well_yet(well.as_deref(), STEADY))
    }

    /// The one thing that fails on a side, where all that people use there answers: a move may be more than it needs.
    #[must_use]
    pub fn lone_failure(&self, pair: &PairName, side: Side) -> Option<String> {
        let failures = self.failures(pair, side);
        let [(Subject::System(id, _), _)] = failures.as_slice() else { return None };
        let fronts = self.fronts(pair, side);
        let all_well = !fronts.is_empty() && fronts.iter().all(|s| s.mark == Mark::Ok);
        let system = self.estate.systems.iter().find(|s| &s.id == id).filter(|_| all_well)?;
        Some(system.name.clone())
    }

    fn counts_since(&self, pair: &PairName, side: Side, own: Option<Since>) -> Option<Since> {
        let own = own?;
        let since = self.impairment(pair, side).map_or(own, |i| i.since);
        // What somebody said of the beginning counts for the sentence as it does for the clock.
        let incident = self.running_incident(pair).filter(|i| !i.planned && i.step(Step::Routing).ended.is_none());
        let began = incident.map(|i| i.started).filter(|began| began.at().mono < since.at().mono);
        Some(began.filter(|_| self.may_serve(pair, side)).unwrap_or(since))
    }

    /// The same, judged only by what fails and what this console has seen.
    fn fails_since(&self, pair: &PairName, side: Side) -> Option<Since> {
        let failures = self.failures(pair, side);
        if failures.len() >= 2 {
            return failures.iter().map(|(_, s)| s.since).min_by_key(|since| since.at().mono);
        }
        let felt = failures.first().filter(|(subject, _)| self.hurts(subject) && self.may_serve(pair, side))?;
        Some(felt.1.since).filter(|since| self.now.since(since.at()) >= FELT_FOR)
    }

    /// Whether a side has the traffic as far as anything says so. While DNS tells nothing the routing controls must do:
    /// an outage does not begin later because resolvers went with it.
    fn may_serve(&self, pair: &PairName, side: Side) -> bool {
        match self.enters(pair) {
            Enters::Seen(there) | Enters::ControlsSay(there, _) => there == side,
            Enters::Unknown(_) => false,
        }
    }

    fn place_of(&self, pair: &PairName) -> Option<usize> {
        self.estate.pairs.iter().position(|p| &p.name == pair)
    }

    pub(super) fn impairment(&self, pair: &PairName, side: Side) -> Option<&Impairment> {
        self.impaired.get(&(self.place_of(pair)?, side))
    }

    /// Whether a side is impaired, or was until a moment ago.
    pub(crate) fn was_impaired(&self, pair: &PairName, side: Side) -> bool {
        self.impairment(pair, side).is_some() || self.fails_since(pair, side).is_some()
    }

    fn side_of(&self, pair: &PairName, region: &Region) -> Option<(usize, Side)> {
        Some((self.place_of(pair)?, self.estate.pair(pair)?.side(region)?))
    }

    pub(crate) fn impaired_unkept(&mut self, pair: &PairName, region: &Region) {
        let side = self.side_of(pair, region);
        if let Some(impairment) = side.and_then(|side| self.impaired.get_mut(&side)) {
            impairment.kept = false;
        }
    }

    /// Takes in what a record says of regions.
    pub(crate) fn follow_region_records(&mut self, kept: &Kept) {
        match &kept.record {
            Record::Impaired { pair, region, since, found } => {
                let Some(side) = self.side_of(pair, region) else { return };
                let since = Since::new(self.told_in(kept, *since), *found);
                let known = self.impaired.get(&side);
                let stands = known.is_some_and(|i| i.kept && since.at().since(i.since.at()) <= FORGOTTEN);
                if !stands {
                    let seen = known.is_some_and(|i| i.seen);
                    self.impaired.insert(side, Impairment { since, well: None, kept: true, seen });
                    // What was well before it failed is not known now.
                    if self.newest().is_some() {
                        self.restand();
                    }
                }
            }
            Record::Recovered { pair, region } => {
                if let Some(side) = self.side_of(pair, region) {
                    self.impaired.remove(&side);
                }
            }
            _ => {}
        }
    }

    /// Forgets records of regions that are too old to say anything about what fails now.
    pub(crate) fn forget_impaired(&mut self) {
        let now = self.now;
        self.impaired.retain(|_, i| now.since(i.since.at()) <= FORGOTTEN);
    }

    /// Says to the journal which regions have become impaired, and which have been well again for a while.
    pub(crate) fn follow_regions(&mut self) {
        let (estate, now) = (self.estate.clone(), self.now);
        for (at, p) in estate.pairs.iter().enumerate() {
            for side in Side::BOTH {
                let (pair, region) = (p.name.clone(), p.region(side).clone());
                let fails = self.fails_since(&pair, side);
                let known = self.impaired.get(&(at, side)).copied();
                match (fails, known) {
                    (Some(since), None) => {
                        let (since, found) = (self.as_told(since.at()), since.is_found());
                        self.keep(Record::Impaired { pair, region, since, found });
                    }
                    (None, Some(i)) => {
                        let is_seen = self.is_seen(&pair, side);
                        let well = if is_seen { i.well.or(Some(now)) } else { None };
                        if let Some(i) = self.impaired.get_mut(&(at, side)) {
                            i.well = well;
                        }
                        if well.is_some_and(|since| now.since(since) >= QUIET) {
                            self.keep(Record::Recovered { pair, region });
                        }
                    }
                    (Some(_), Some(_)) => {
                        if let Some(i) = self.impaired.get_mut(&(at, side)) {
                            (i.well, i.seen) = (None, true);
                        }
                    }
                    (None, None) => {}
                }
            }
        }
    }

    /// What people use on a side of the critical tier: its applications and their health checks.
    fn fronts(&self, pair: &PairName, side: Side) -> Vec<&super::Standing> {
        let front = |subject: &Subject| {
            !matches!(subject, Subject::System(..))
                && !self.is_spoken_for(subject)
                && self.is_of(subject, pair, side, |tier| tier == Tier::Critical)
        };
        self.standings.iter().filter(|(subject, _)| front(subject)).map(|(_, standing)| standing).collect()
    }

    /// Whether all that people use on a side answers.
    pub(super) fn answers_again(&self, pair: &PairName, side: Side) -> bool {
        let fronts = self.fronts(pair, side);
        !fronts.is_empty() && fronts.iter().all(|s| matches!(s.mark, Mark::Ok | Mark::Warn))
    }

    /// Whether there are readings of what people use on a side: a side that nobody sees has not recovered.
    pub(super) fn is_seen(&self, pair: &PairName, side: Side) -> bool {
        let fronts = self.fronts(pair, side);
        let region = self.estate.pair(pair).map(|p| p.region(side));
        !fronts.is_empty()
            && fronts.iter().all(|standing| standing.mark != Mark::Unknown)
            && region.is_some_and(|region| !self.is_blind(region))
    }
}
