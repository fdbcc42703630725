//! The checks of a move: over readings by what they mean, health checks, probes, the cluster, the gates, the law.

use super::super::readings::judge_value;
use super::super::{Enters, Lever, Mark, Model, Subject, words};
use super::{Check, Group, Origin, Preflight};
use crate::estate::{ControlState, Meaning, Pair, PairName, RuleKind, Side, Source};
use crate::event::{FailureKind, Place};
use crate::words::Endpoint;

impl Model {
    /// The checks of a move of a pair's traffic towards a side.
    #[must_use]
    pub fn preflight(&self, pair: &PairName, towards: Side) -> Preflight {
        let mut checks = Vec::new();
        let weights = self.estate.readiness.weights.clone();
        let Some(p) = self.estate.pair(pair) else { return Preflight { towards, checks, weights } };
        let region = p.region(towards);
        // Replication towards where the traffic is, and is to stay, says nothing.
        let stays = self.levers_side(pair).is_none_or(|side| side == towards);
        // Replication follows what was done, not what resolvers remember: here the controls will do.
        let there = match self.enters(pair) {
            Enters::Seen(side) | Enters::ControlsSay(side, _) => side == towards,
            Enters::Unknown(_) => false,
        };
        let replicates = !there || !stays;
        let source_gone = self.impaired_since(pair, towards.other()).is_some();
        for system in self.estate.systems_of(pair) {
            // A figure without a limit is there to be read: it cannot fail, so it is no check.
            for reading in system.readings.iter().filter(|r| r.warn.is_some() || r.fail.is_some()) {
                let counts = |p: &&Place| p.side() == towards && (replicates || p.own().is_some());
                let Some(place) = reading.places().iter().copied().find(|p| counts(&p)) else { continue };
                let group = match reading.meaning {
                    Meaning::Health | Meaning::Ready => Group::Readiness,
                    Meaning::Capacity => Group::Capacity,
                    Meaning::Security => Group::Security,
                    Meaning::Lag | Meaning::Compliance => Group::Data,
                };
                let judged = self.judge(system, reading, place);
                let mut figure = match judged.value {
                    Some(v) => words::reading(reading, v),
                    None if judged.idle => words::idle(reading),
                    None => String::new(),
                };
                if let Some(why) = judged.why {
                    figure = if figure.is_empty() {
                        format!("{}: {why}", reading.label)
                    } else {
                        format!("{figure}, {why}")
                    };
                }
                // A move loses what the failed region had not sent yet: its last lag says how much that was.
                let of_the_lost = source_gone && place.own().is_none();
                let mark = if of_the_lost { judged.meant } else { judged.mark };
                // Servers of a failed region cannot replicate any more, and were judged as that: what counts then is how
                // far behind they were, and their snapshots.
                let failed = judged.value.is_some_and(|v| judge_value(reading, v) == Mark::Fail);
                let cut_off = reading.source == Source::DrsReplicating && mark == Mark::Warn && failed;
                let limit = match cut_off {
                    true => Some(format!("as {} has failed", p.region(towards.other()))),
                    false => words::past(reading, mark),
                };
                let origin = Origin::Reading(Self::key(system, reading, place));
                checks.push(Check { group, name: system.name.clone(), mark, figure, limit, origin });
            }
        }
        if replicates && self.replication_towards(pair, towards).next().is_none() {
            checks.push(Check {
                group: Group::Data,
                name: "replication".into(),
                mark: Mark::Unknown,
                figure: format!("nothing measures it from {} to {region}", p.region(towards.other())),
                limit: None,
                origin: Origin::Unmeasured,
            });
        }
        for check in self.estate.health_checks.iter().filter(|c| &c.region == region) {
            if self.estate.services_of(pair).any(|s| s.name == check.service)
                && let Some(s) = self.standing(&Subject::Check(check.id.clone()))
                && let Some(mark) = self.check_mark(check)
            {
                checks.push(Check {
                    group: Group::HealthChecks,
                    name: check.name.clone(),
                    mark,
                    figure: s.text.clone(),
                    limit: None,
                    origin: Origin::HealthCheck(check.id.clone()),
                });
            }
        }
        for service in self.estate.services_of(pair) {
            if let Some(s) = self.standing(&Subject::Probe(service.name.clone(), region.clone())) {
                let name = format!("{} application", service.name);
                let origin = Origin::Probe(service.name.clone(), region.clone());
                let (mark, figure) = (s.mark, s.text.clone());
                checks.push(Check { group: Group::HealthChecks, name, mark, figure, limit: None, origin });
            }
        }
        if !self.estate.cluster.is_none() {
            checks.push(self.endpoints_check());
        }
        checks.extend(self.gate_checks(p));
        let allowed = &self.estate.readiness.allowed_regions;
        if !allowed.is_empty() {
            let (mark, word) =
                if allowed.contains(region) { (Mark::Ok, "allowed") } else { (Mark::Fail, "NOT allowed") };
            checks.push(Check {
                group: Group::Data,
                name: "data stays in the allowed regions".into(),
                mark,
                figure: format!("{region} is {word}"),
                limit: None,
                origin: Origin::AllowedRegions,
            });
        }
        checks.sort_by_key(|c| c.group);
        Preflight { towards, checks, weights }
    }

    /// A gating rule refuses every move until its gates are On.
    fn gate_checks(&self, p: &Pair) -> Vec<Check> {
        let mut checks = Vec::new();
        for rule in self.estate.safety_rules.iter().filter(|r| r.control_panel == p.control_panel) {
            let RuleKind::Gating { gating, .. } = &rule.kind else { continue };
            let marks: Vec<_> = gating
                .iter()
                .map(|arn| match self.levers.get(arn, self.now) {
                    Lever::Agreed(ControlState::On) => Mark::Ok,
                    Lever::Agreed(ControlState::Off) => Mark::Fail,
                    Lever::Disagreed { .. } | Lever::Unknown => Mark::Unknown,
                })
                .collect();
            let on = marks.iter().filter(|m| **m == Mark::Ok).count();
            let mark = Self::worst(marks.iter().copied()).unwrap_or(Mark::Unknown);
            let figure = format!("{on}/{} gating controls On", gating.len());
            let origin = Origin::Rule(rule.arn.clone());
            let name = rule.name.clone();
            checks.push(Check { group: Group::Readiness, name, mark, figure, limit: None, origin });
        }
        checks
    }

    fn endpoints_check(&self) -> Check {
        let all = self.estate.cluster.endpoints.len();
        let up = self.endpoints_up();
        let unheard = self.endpoints().filter(|(_, endpoint)| *endpoint == Endpoint::Unheard).count();
        let unasked = |e: &Endpoint| matches!(e, Endpoint::Fails { kind: FailureKind::NoCredentials, .. });
        let unasked = self.endpoints().filter(|(_, endpoint)| unasked(endpoint)).count();
        // AWS promises three of five.
        let mark = match up {
            _ if unheard > 0 || (unasked == all && all > 0) => Mark::Unknown,
            _ if self.endpoints_there() == 0 => Mark::Fail,
            n if n == all => Mark::Ok,
            _ => Mark::Warn,
        };
        let said = self.endpoints_said();
        let figure = match unheard {
            _ if unasked == all && all > 0 => "not asked: there are no AWS credentials".to_owned(),
            0 => said,
            n => format!("{said}, {n} not heard yet"),
        };
        let (name, origin) = ("ARC cluster endpoints".into(), Origin::Endpoints);
        Check { group: Group::Readiness, name, mark, figure, limit: None, origin }
    }
}
