//! Regions that failed or whose sources stopped answering, and what says that all is well there although it cannot know.

use super::{Mark, Model, Subject};
use crate::estate::{HealthCheck, PairName, Region, Side, System};
use crate::event::{FailureKind, Place, SourceId};
use crate::time::Stamp;

/// What keeps a region's readings from being known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Since when: the first of the sources that are silent, or the failure.
    pub since: Stamp,
    /// Those that are silent; none where the region has failed and they were not read since.
    pub sources: Vec<SourceId>,
    /// Whether the region has failed, too: then it is not this console alone that hears nothing.
    pub failed: bool,
}

impl Silence {
    /// How bad it is.
    #[must_use]
    pub fn mark(&self) -> Mark {
        if self.failed { Mark::Fail } else { Mark::Unknown }
    }
}

impl Model {
    /// That a side's sources stopped answering: all of them, or any of them where the region has failed. A source that
    /// answers something else than was asked for is not silent. Else that the region failed and some of its readings are
    /// older than that.
    #[must_use]
    pub fn silence(&self, pair: &PairName, side: Side) -> Option<Silence> {
        let region = self.estate.pair(pair)?.region(side);
        let of_region = |id: &SourceId| match id {
            SourceId::Cloudwatch(r) | SourceId::Drs(r) | SourceId::Ec2(r) => r == region,
            _ => false,
        };
        let asked = self.sources.iter().filter(|(id, _)| of_region(id));
        let (mut sources, mut since, mut all) = (Vec::new(), None::<Stamp>, true);
        for (id, state) in asked {
            let silent = state.failure.as_ref().filter(|(f, _)| is_silent(f.kind));
            let Some((_, from)) = silent else {
                all = false;
                continue;
            };
            since = Some(since.filter(|s| s.mono <= from.mono).unwrap_or(*from));
            sources.push(id.clone());
        }
        let failure = self.impaired_since(pair, side);
        let failed = failure.is_some();
        if let Some(since) = since.filter(|_| all || failed) {
            return Some(Silence { since, sources, failed });
        }
        let silence = Silence { since: failure?, sources: Vec::new(), failed };
        self.estate.systems_of(pair).any(|s| self.is_last_heard(&silence, s, side)).then_some(silence)
    }

    /// Whether what a side of a system shows are last values, and nothing that is known now.
    #[must_use]
    pub fn is_last_heard(&self, silence: &Silence, system: &System, side: Side) -> bool {
        let place = Place::from(side);
        let silent = |r| self.source_of(system, r, place).is_some_and(|source| silence.sources.contains(&source));
        let known = |r| self.readings.get(&Self::key(system, r, place)).is_some_and(|state| state.value.is_some());
        self.standing(&Subject::System(system.id.clone(), side)).is_some_and(|s| s.mark == Mark::Unknown)
            && self.side_readings(system, side).any(|r| known(r) && (silence.failed || silent(r)))
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

    /// The worst that is known of a system, on both sides and between them.
    #[must_use]
    pub fn worst_of(&self, system: &System) -> Option<Mark> {
        let sides = Side::BOTH.map(|side| Subject::System(system.id.clone(), side));
        let subjects = sides.into_iter().chain([Subject::Link(system.id.clone())]);
        Self::worst(subjects.filter_map(|subject| self.standing(&subject).map(|s| s.mark)))
    }
}

/// Whether a failure of this kind is no answer at all.
fn is_silent(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Timeout | FailureKind::Connect)
}
