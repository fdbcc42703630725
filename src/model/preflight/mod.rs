//! What is looked at before a flip, as far as readings exist, and the readiness score made of the same checks.

mod checks;
mod launch;
mod loss;

use super::Mark;
use crate::estate::{HealthCheckId, Region, RuleArn, ServiceName, Side, Weights};
use crate::event::ReadingKey;

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

    fn weight(self, weights: &Weights) -> f64 {
        match self {
            Group::Readiness => weights.readiness,
            Group::HealthChecks => weights.health_checks,
            Group::Capacity => weights.capacity,
            Group::Security => weights.security,
            Group::Data => weights.data,
        }
    }
}

/// Where a check's figure comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A reading of a system.
    Reading(ReadingKey),
    /// A Route 53 health check.
    HealthCheck(HealthCheckId),
    /// The HTTP probe of a service in a region.
    Probe(ServiceName, Region),
    /// The ARC cluster endpoints.
    Endpoints,
    /// A safety rule.
    Rule(RuleArn),
    /// The estate file, which measures no replication towards the region.
    Unmeasured,
    /// The estate file's list of regions that may hold the data.
    AllowedRegions,
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
    /// The figure that it is past, in words: `minimum 7 d`.
    pub limit: Option<String>,
    /// Where the figure comes from.
    pub origin: Origin,
}

impl Check {
    /// Whether a region where this fails cannot serve.
    #[must_use]
    pub fn hinders(&self) -> bool {
        matches!(self.group, Group::Readiness | Group::HealthChecks | Group::Capacity)
    }

    /// The check in words: `certificates left 5 d (minimum 7 d)`.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.limit {
            Some(limit) => format!("{} {} ({limit})", self.name, self.figure),
            None => format!("{} {}", self.name, self.figure),
        }
    }
}

/// What one group adds to the score, in points of 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The group.
    pub group: Group,
    /// Points that it can add.
    pub of: f64,
    /// Points that it adds: passed checks whole, warnings half.
    pub points: f64,
    /// Points that nobody knows about: checks without a fresh reading, or no check at all.
    pub unknown: f64,
}

/// All checks of a move towards a side.
#[derive(Clone, Debug, PartialEq)]
pub struct Preflight {
    /// The side that would receive the traffic.
    pub towards: Side,
    /// The checks, by group.
    pub checks: Vec<Check>,
    /// What each group counts.
    pub weights: Weights,
}

impl Preflight {
    /// The parts of the score. The checks of a group count equally. An unknown check adds nothing, and neither does a
    /// group without checks: if you mean that, give it the weight 0 in the estate file.
    #[must_use]
    pub fn parts(&self) -> [Part; 5] {
        let whole: f64 = Group::ALL.iter().map(|g| g.weight(&self.weights)).sum();
        Group::ALL.map(|group| {
            let of = if whole > 0.0 { group.weight(&self.weights) / whole * 100.0 } else { 0.0 };
            let checks: Vec<Mark> = self.checks.iter().filter(|c| c.group == group).map(|c| c.mark).collect();
            if checks.is_empty() {
                return Part { group, of, points: 0.0, unknown: of };
            }
            let each = of / checks.len() as f64;
            let count = |mark: Mark| checks.iter().filter(|m| **m == mark).count() as f64;
            let points = each * (count(Mark::Ok) + count(Mark::Warn) / 2.0);
            Part { group, of, points, unknown: each * count(Mark::Unknown) }
        })
    }

    /// The points of 100 that a check can add, as one of its group.
    #[must_use]
    pub fn share(&self, check: &Check) -> f64 {
        let of = self.parts().iter().find(|p| p.group == check.group).map_or(0.0, |p| p.of);
        of / self.checks.iter().filter(|c| c.group == check.group).count().max(1) as f64
    }

    /// 0 to 100, rounded down: never higher than what is known.
    #[must_use]
    pub fn score(&self) -> u8 {
        let points: f64 = self.parts().iter().map(|p| p.points).sum();
        // A sum of shares may fall short of a whole number by the width of a hair.
        (points + 1e-6).floor().clamp(0.0, 100.0) as u8
    }

    /// Points of 100 that nobody knows about, rounded.
    #[must_use]
    pub fn unknown(&self) -> u8 {
        self.parts().iter().map(|p| p.unknown).sum::<f64>().round().clamp(0.0, 100.0) as u8
    }

    /// Whether something that fails keeps the region from serving; else what fails only makes the move cost more than it
    /// should.
    #[must_use]
    pub fn hinders(&self) -> bool {
        self.with(Mark::Fail).any(Check::hinders)
    }

    /// Checks with this mark.
    #[must_use]
    pub fn count(&self, mark: Mark) -> usize {
        self.with(mark).count()
    }

    /// The checks with this mark, by group.
    pub fn with(&self, mark: Mark) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |c| c.mark == mark)
    }
}
