//! Regions that failed or whose sources stopped answering, and what says that all is well there although it cannot know.

use super::{Mark, Model, SourceState, Subject};
use crate::estate::{HealthCheck, PairName, Region, Side, Site, System};
use crate::event::{FailureKind, Means, Place, SourceId};
use crate::record::Since;
use crate::time::Stamp;
use crate::words::Feeds;

/// What keeps a region's readings from being known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Since when: the first of the sources that are silent, or the failure.
    pub since: Stamp,
    /// Those that are silent; none where the region has failed and they were not read since.
    pub sources: Vec<SourceId>,
    /// Since when the region has failed, too: then it is not this console alone that hears nothing.
    pub failed: Option<Since>,
}

/// That what was measured in a region before says nothing about now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dark {
    /// Since when.
    pub(super) since: Stamp,
    /// Since when it has failed; none where it only fell silent.
    pub(super) failed: Option<Since>,
}

impl Silence {
    /// How bad it is.
    #[must_use]
    pub fn mark(&self) -> Mark {
        if self.failed.is_some() { Mark::Fail } else { Mark::Unknown }
    }
}

impl SourceState {
    /// Since when it has not answered at all.
    fn silent(&self) -> Option<Stamp> {
        self.failure.as_ref().filter(|(f, _)| f.kind.means() == Means::Silent).map(|(_, since)| *since)
    }
}

impl Model {
    /// That a side's sources stopped answering: all of them, or any of them where the region has failed. A source that
    /// answers something else than was asked for is not silent. Else that the region failed and some of its readings are
    /// older than that.
    #[must_use]
    pub fn silence(&self, pair: &PairName, side: Side) -> Option<Silence> {
        let region = self.estate.pair(pair)?.region(side);
        let failed = self.impaired_since(pair, side);
        let silent: Vec<_> = self.sources_of(region).filter_map(|(id, s)| Some((id, s.silent()?))).collect();
        let since = silent.iter().map(|(_, since)| *since).min_by_key(|since| since.mono);
        if let Some(since) = since.filter(|_| failed.is_some() || silent.len() == self.sources_of(region).count()) {
            let sources = silent.into_iter().map(|(id, _)| id.clone()).collect();
            return Some(Silence { since, sources, failed });
        }
        let silence = Silence { since: failed?.at(), sources: Vec::new(), failed };
        self.estate.systems_of(pair).any(|s| self.is_last_heard(&silence, s, side)).then_some(silence)
    }

    /// Whether what a side of a system shows are last values, and nothing that is known now.
    #[must_use]
    pub fn is_last_heard(&self, silence: &Silence, system: &System, side: Side) -> bool {
        let place = Place::from(side);
        let silent = |r| self.source_of(system, r, place).is_some_and(|source| silence.sources.contains(&source));
        let known = |r| self.readings.get(&Self::key(system, r, place)).is_some_and(|state| state.value.is_some());
        self.standing(&Subject::System(system.id.clone(), side)).is_some_and(|s| s.mark == Mark::Unknown)
            && self.side_readings(system, side).any(|r| known(r) && (silence.failed.is_some() || silent(r)))
    }

    /// That a side failed, as the journal has it.
    pub(super) fn failed_at(&self, pair: &PairName, side: Side) -> Option<Dark> {
        let at = self.estate.pairs.iter().position(|p| &p.name == pair)?;
        self.impaired.get(&(at, side)).map(|i| Dark { since: i.since.at(), failed: Some(i.since) })
    }

    /// That a side failed, or else that all of its sources fell silent, the last of them then.
    pub(super) fn dark(&self, pair: &PairName, side: Side) -> Option<Dark> {
        self.failed_at(pair, side).or_else(|| {
            let mut sources = self.sources_of(self.estate.pair(pair)?.region(side)).peekable();
            sources.peek()?;
            let last = sources.try_fold(None::<Stamp>, |last, (_, state)| {
                let since = state.silent()?;
                Some(Some(last.filter(|l| l.mono >= since.mono).unwrap_or(since)))
            });
            last.flatten().map(|since| Dark { since, failed: None })
        })
    }

    /// The sources that speak for one region, whatever accounts they are asked in. They are looked up and not sifted:
    /// every reading of replication asks.
    fn sources_of<'m>(&'m self, region: &'m Region) -> impl Iterator<Item = (&'m SourceId, &'m SourceState)> {
        let first = |of: fn(Site) -> SourceId| self.sources.range(of(Site::from(region.clone()))..);
        let here = |id: &SourceId| match id {
            SourceId::Cloudwatch(site) | SourceId::Ec2(site) => site.region == *region,
            _ => false,
        };
        let sited = [SourceId::Cloudwatch, SourceId::Ec2].map(|of| first(of).take_while(move |(id, _)| here(id)));
        sited.into_iter().flatten().chain(self.sources.get_key_value(&SourceId::Drs(region.clone())))
    }

    /// Since when Route 53 has answered for no health check: its API is in us-east-1 alone, and may be gone just when that
    /// is. None while it answers for one.
    #[must_use]
    pub fn checks_out_of_reach(&self) -> Option<Stamp> {
        let of_route53 = |(id, state)| matches!(id, &SourceId::Route53(_)).then_some(state);
        let since = self.sources.iter().filter_map(of_route53).map(SourceState::silent);
        let all = since.collect::<Option<Vec<Stamp>>>()?;
        all.into_iter().min_by_key(|since| since.mono)
    }

    /// Whether a thing is a health check of which nothing is known, as Route 53 is out of reach or does not look, while a
    /// probe tells of the same application in the same region. Then the probe speaks for both.
    #[must_use]
    pub fn is_spoken_for(&self, subject: &Subject) -> bool {
        let Subject::Check(id) = subject else { return false };
        let known = |subject: &Subject| self.standing(subject).is_some_and(|s| s.mark != Mark::Unknown);
        let check = self.estate.health_checks.iter().find(|c| &c.id == id).filter(|_| !known(subject));
        check.is_some_and(|c| known(&Subject::Probe(c.service.clone(), c.region.clone())))
    }

    /// Whether a health check calls well what does not answer: the application that it looks at, or its whole region.
    #[must_use]
    pub fn check_lags(&self, check: &HealthCheck) -> bool {
        let well = |subject| self.standing(&subject).is_some_and(|s| s.mark == Mark::Ok);
        let probe = self.standing(&Subject::Probe(check.service.clone(), check.region.clone()));
        well(Subject::Check(check.id.clone()))
            && match probe {
                Some(probe) => probe.mark == Mark::Fail,
                None => self.estate.services.iter().any(|s| {
                    s.name == check.service
                        && self
                            .side_of_region(&s.pair, &check.region)
                            .is_some_and(|side| self.has_failed(&s.pair, side))
                }),
            }
    }

    /// How a health check stands, as every view shows it: what still calls well what does not answer is not well.
    #[must_use]
    pub fn check_mark(&self, check: &HealthCheck) -> Option<Mark> {
        let standing = self.standing(&Subject::Check(check.id.clone()))?;
        Some(if self.check_lags(check) { Mark::Warn } else { standing.mark })
    }

    /// How a source stands, as every view shows it: a cluster endpoint and an application are things themselves.
    #[must_use]
    pub fn source_mark(&self, source: &SourceId) -> Mark {
        match source {
            SourceId::Arc(region) => self.endpoint_mark(region),
            SourceId::Probe(service, region) => {
                let standing = self.standing(&Subject::Probe(service.clone(), region.clone()));
                standing.map_or(Mark::Unknown, |s| s.mark)
            }
            source => match self.failing(source) {
                Some(kind) if kind.means().blinds() => Mark::Unknown,
                Some(_) => Mark::Warn,
                None => Mark::Ok,
            },
        }
    }

    /// Whether names that lead to a region of a pair lead to one that has failed.
    #[must_use]
    pub fn leads_astray(&self, pair: &PairName, region: &Region) -> bool {
        self.side_of_region(pair, region).is_some_and(|side| self.has_failed(pair, side))
    }

    fn has_failed(&self, pair: &PairName, side: Side) -> bool {
        self.impaired_since(pair, side).is_some()
    }

    fn side_of_region(&self, pair: &PairName, region: &Region) -> Option<Side> {
        self.estate.pair(pair)?.side(region)
    }

    /// How a source is failing now; one whose last report is old does not answer.
    #[must_use]
    pub fn failing(&self, source: &SourceId) -> Option<FailureKind> {
        let state = self.sources.get(source)?;
        match &state.failure {
            Some((failure, _)) => Some(failure.kind),
            None => (self.now.mono > state.due.mono).then_some(FailureKind::Timeout),
        }
    }

    /// How the sources that speak for one region fail, one kind for each that does.
    pub(super) fn failing_in(&self, region: &Region) -> Vec<FailureKind> {
        let failures = self.sources_of(region).filter_map(|(_, s)| s.failure.as_ref());
        failures.map(|(failure, _)| failure.kind).collect()
    }

    /// Whether a region has sources that tell nothing now.
    pub(super) fn is_blind(&self, region: &Region) -> bool {
        self.failing_in(region).iter().any(|kind| kind.means().blinds())
    }

    /// Sources whose last report is that they tell nothing.
    #[must_use]
    pub fn sources_lost(&self) -> usize {
        let failures = self.sources.values().filter_map(|s| s.failure.as_ref());
        failures.filter(|(failure, _)| failure.kind.means().blinds()).count()
    }

    /// How the sources stand, and the applications that some of them ask.
    #[must_use]
    pub fn feeds(&self) -> Feeds {
        let mut feeds = Feeds { sources: self.sources.len(), lost: self.sources_lost(), ..Feeds::default() };
        for (id, state) in &self.sources {
            match (&state.failure, self.failing(id)) {
                (None, Some(_)) => feeds.overdue += 1,
                (Some(_), Some(kind)) if !kind.means().blinds() => feeds.held += 1,
                _ => {}
            }
            if let SourceId::Probe(..) = id {
                match self.source_mark(id) {
                    Mark::Fail => feeds.fail += 1,
                    Mark::Warn => feeds.shaky += 1,
                    Mark::Ok | Mark::Unknown => {}
                }
            }
        }
        feeds
    }

    /// The worst that is known of a system, on both sides and between them.
    #[must_use]
    pub fn worst_of(&self, system: &System) -> Option<Mark> {
        let sides = Side::BOTH.map(|side| Subject::System(system.id.clone(), side));
        let subjects = sides.into_iter().chain([Subject::Link(system.id.clone())]);
        Self::worst(subjects.filter_map(|subject| self.standing(&subject).map(|s| s.mark)))
    }
}
