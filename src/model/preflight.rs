//! What is looked at before a flip, as far as readings exist, and the readiness score made of the same checks.

use super::{Lever, Mark, Model, Subject, words};
use crate::change::Draft;
use crate::estate::{ControlState, Meaning, PairName, Region, RuleKind, Side, Sides};
use crate::event::Place;
use crate::time::Span;

/// The groups of checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The receiving region's systems.
    Readiness,
    /// Health checks and probes there.
    HealthChecks,
    /// Room for the full load.
    Capacity,
    /// Protection in place there.
    Security,
    /// Replication lag, audit trail, data rules.
    Data,
}

impl Group {
    /// All groups in order.
    pub const ALL: [Group; 5] = [Group::Readiness, Group::HealthChecks, Group::Capacity, Group::Security, Group::Data];

    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Group::Readiness => "readiness",
            Group::HealthChecks => "health checks",
            Group::Capacity => "capacity",
            Group::Security => "security",
            Group::Data => "compliance and data",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Its group.
    pub group: Group,
    /// What is looked at.
    pub name: String,
    /// Pass, warning, fail or unknown.
    pub mark: Mark,
    /// The figure, or why there is none.
    pub figure: String,
}

/// All checks of a move towards a side.
#[derive(Clone, Debug, PartialEq)]
pub struct Preflight {
    /// The side that would receive the traffic.
    pub towards: Side,
    /// The checks, by group.
    pub checks: Vec<Check>,
}

impl Preflight {
    /// 0 to 100: passed checks count whole, warnings half, failed and unknown ones nothing. So the score
    /// is never higher than what is known.
    #[must_use]
    pub fn score(&self) -> u8 {
        if self.checks.is_empty() {
            return 0;
        }
        let points: f64 = self
            .checks
            .iter()
            .map(|c| match c.mark {
                Mark::Ok => 1.0,
                Mark::Warn => 0.5,
                Mark::Fail | Mark::Unknown => 0.0,
            })
            .sum();
        (points / self.checks.len() as f64 * 100.0).floor() as u8
    }

    /// Checks with this mark.
    #[must_use]
    pub fn count(&self, mark: Mark) -> usize {
        self.checks.iter().filter(|c| c.mark == mark).count()
    }
}

impl Model {
    /// The checks of a move of a pair's traffic towards a side.
    #[must_use]
    pub fn preflight(&self, pair: &PairName, towards: Side) -> Preflight {
        let mut checks = Vec::new();
        let Some(p) = self.estate.pair(pair) else { return Preflight { towards, checks } };
        let region = p.region(towards);
        for system in self.estate.systems_of(pair) {
            for reading in &system.readings {
                let place = match (reading.sides, towards) {
                    (Sides::Each, side) => Place::from(side),
                    (Sides::Active, Side::Active) => Place::Active,
                    (Sides::Standby, Side::Standby) => Place::Standby,
                    (Sides::Link, _) => Place::Link,
                    (Sides::Active | Sides::Standby, _) => continue,
                };
                let group = match reading.meaning {
                    Meaning::Health | Meaning::Ready => Group::Readiness,
                    Meaning::Capacity => Group::Capacity,
                    Meaning::Security => Group::Security,
                    Meaning::Lag | Meaning::Compliance => Group::Data,
                };
                let judged = self.judge(system, reading, place);
                let mut figure = judged.value.map_or_else(String::new, |v| words::reading(reading, v));
                if let Some(why) = judged.why {
                    figure = if figure.is_empty() { why } else { format!("{figure}, {why}") };
                }
                checks.push(Check { group, name: system.name.clone(), mark: judged.mark, figure });
            }
        }
        for check in self.estate.health_checks.iter().filter(|c| &c.region == region) {
            if self.estate.services_of(pair).any(|s| s.name == check.service)
                && let Some(s) = self.standing(&Subject::Check(check.id.clone()))
            {
                checks.push(Check {
                    group: Group::HealthChecks,
                    name: check.name.clone(),
                    mark: s.mark,
                    figure: s.text.clone(),
                });
            }
        }
        for service in self.estate.services_of(pair) {
            if let Some(s) = self.standing(&Subject::Probe(service.name.clone(), region.clone())) {
                let name = format!("{} application", service.name);
                checks.push(Check { group: Group::HealthChecks, name, mark: s.mark, figure: s.text.clone() });
            }
        }
        checks.push(self.endpoints_check());
        for rule in &self.estate.safety_rules {
            if let RuleKind::Gating { gating, .. } = &rule.kind
                && rule.control_panel == p.control_panel
            {
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
                checks.push(Check { group: Group::Readiness, name: rule.name.clone(), mark, figure });
            }
        }
        checks.sort_by_key(|c| c.group);
        Preflight { towards, checks }
    }

    fn endpoints_check(&self) -> Check {
        let all = self.estate.cluster.endpoints.len();
        let up = self.endpoints_up();
        // AWS promises three of five.
        let mark = match up {
            0 => Mark::Fail,
            n if n == all => Mark::Ok,
            _ => Mark::Warn,
        };
        let figure = format!("{up} of {all} answer");
        Check { group: Group::Readiness, name: "ARC cluster endpoints".into(), mark, figure }
    }

    /// Cluster endpoints that have answered lately and are not failing.
    #[must_use]
    pub fn endpoints_up(&self) -> usize {
        self.estate
            .cluster
            .endpoints
            .iter()
            .filter(|e| {
                self.levers.endpoints.get(&e.region).is_some_and(|v| v.is_fresh(self.now))
                    && self.source_trouble(&crate::event::SourceId::Arc(e.region.clone())).is_none()
            })
            .count()
    }

    /// What a move of traffic to `receiving` may lose, in words that an approver can weigh.
    #[must_use]
    pub fn data_loss(&self, pair: &PairName, receiving: &Region) -> String {
        let Some(p) = self.estate.pair(pair) else { return "not known".into() };
        if p.side(receiving) == Some(Side::Active) {
            return format!("not known: nothing measures replication from {} back to {receiving}", p.standby);
        }
        let mut worst: Option<(Span, &str)> = None;
        let mut unknown = Vec::new();
        for system in self.estate.systems_of(pair) {
            for reading in self.link_readings(system).filter(|r| r.meaning == Meaning::Lag) {
                let judged = self.judge(system, reading, Place::Link);
                let seconds = judged.value.and_then(|v| match reading.unit {
                    crate::estate::Unit::Seconds => Some(v),
                    crate::estate::Unit::Milliseconds => Some(v / 1000.0),
                    _ => None,
                });
                match (seconds.and_then(|s| Span::try_from_secs_f64(s).ok()), judged.mark) {
                    (Some(lag), mark) if mark != Mark::Unknown => {
                        if worst.is_none_or(|(w, _)| lag > w) {
                            worst = Some((lag, &system.name));
                        }
                    }
                    (None, mark) if mark != Mark::Unknown => {}
                    (Some(lag), _) => unknown.push(format!("{} (last known {})", system.name, words::span(lag))),
                    (None, _) => unknown.push(system.name.clone()),
                }
            }
        }
        let mut text = match worst {
            Some((lag, name)) => format!("up to {} of writes would be lost ({name})", words::span(lag)),
            None => "not known: no replication lag is being read".to_owned(),
        };
        if worst.is_some() && !unknown.is_empty() {
            text.push_str(&format!("; not known: {}", unknown.join(", ")));
        }
        text
    }

    /// What the safety rules are expected to say of a draft.
    #[must_use]
    pub fn predict(&self, draft: &Draft) -> Vec<crate::change::Verdict> {
        let now = self.levers.agreed(self.now);
        let flips: Vec<_> = draft
            .to
            .iter()
            .filter_map(|(arn, to)| {
                let from = now.get(arn).copied().unwrap_or(to.flipped());
                (from != *to).then(|| crate::change::Flip {
                    arn: arn.clone(),
                    name: self.estate.control(arn).map_or_else(|| arn.to_string(), |c| c.name.clone()),
                    from,
                    to: *to,
                })
            })
            .collect();
        crate::change::predict(&self.estate.safety_rules, &now, &flips, &draft.overrides)
    }
}
