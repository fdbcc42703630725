//! A Route 53 health check: what it watches, what is seen of that, and what Route 53 makes of it.

use serde::{Deserialize, Serialize};

use crate::estate::HealthCheckId;
use crate::time::Timestamp;

/// A health check as it stands. What it watches decides how that is learnt: `GetHealthCheckStatus` has the words of an
/// endpoint's checkers; of all others only the metrics in us-east-1 tell (`AWS/Route53`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStatus {
    /// The check.
    pub id: HealthCheckId,
    /// What it watches, with what is seen of it.
    pub watches: Watches,
    /// Whether Route 53 turns that round.
    pub sense: Sense,
    /// How well it is known how the check is set up (`ListHealthChecks`).
    pub settings: Settings,
}

/// What a health check watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Watches {
    /// An endpoint, by checkers all over the world.
    Endpoint(Checkers),
    /// Nothing: it is disabled. Route 53 calls it healthy without a look.
    Nothing,
    /// Other health checks (`CALCULATED`).
    Children {
        /// Of these so many are healthy; none if that is not known.
        healthy: Option<u16>,
        /// How many there are.
        of: u16,
        /// How many must be healthy. With none it is always healthy; with more than there are, never.
        needed: u16,
        /// What Route 53 calls it.
        called: Called,
    },
    /// An alarm of CloudWatch (`CLOUDWATCH_METRIC`).
    Alarm {
        /// The alarm's name and region.
        alarm: String,
        /// What Route 53 calls it.
        called: Called,
    },
    /// A routing control of ARC (`RECOVERY_CONTROL`).
    Control {
        /// What Route 53 calls it.
        called: Called,
    },
}

/// What an endpoint's checkers say (`GetHealthCheckStatus`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkers {
    /// Checkers that the endpoint answers well.
    pub healthy: u16,
    /// Checkers that have looked lately.
    pub of: u16,
    /// The commonest reason of those that it does not answer well.
    pub reason: Option<String>,
}

impl Checkers {
    /// Whether the endpoint is well. Route 53 says so while more than 18 % of its checkers do.
    #[must_use]
    pub fn is_well(&self) -> bool {
        u32::from(self.healthy) * 100 > u32::from(self.of) * 18
    }
}

/// Which way round Route 53 takes what is seen (`Inverted`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sense {
    /// Healthy means that what is watched is well.
    Straight,
    /// Healthy means that it is not.
    Inverted,
}

/// What Route 53 calls a check, by which it answers with a record or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Called {
    /// Healthy.
    Healthy,
    /// Unhealthy.
    Unhealthy,
    /// Not known now.
    Unknown,
}

impl Called {
    fn of(healthy: bool) -> Self {
        if healthy { Called::Healthy } else { Called::Unhealthy }
    }

    /// The same, taken that way round.
    #[must_use]
    pub fn taken(self, sense: Sense) -> Self {
        match (self, sense) {
            (Called::Healthy, Sense::Inverted) => Called::Unhealthy,
            (Called::Unhealthy, Sense::Inverted) => Called::Healthy,
            (called, _) => called,
        }
    }
}

/// How well it is known how a check is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Settings {
    /// As it is.
    Known,
    /// As it was then: it could not be read again.
    Old {
        /// When it was read.
        read: Timestamp,
        /// Why it could not be read again.
        why: String,
    },
    /// Never read: what checkers see is known, but not which way round Route 53 takes it.
    Unread {
        /// Why.
        why: String,
    },
}

impl CheckStatus {
    /// A plain check of an endpoint.
    #[must_use]
    pub fn of_endpoint(id: HealthCheckId, checkers: Checkers) -> Self {
        Self { id, watches: Watches::Endpoint(checkers), sense: Sense::Straight, settings: Settings::Known }
    }

    /// What an endpoint's checkers say; none for a check of anything else.
    #[must_use]
    pub fn checkers(&self) -> Option<&Checkers> {
        match &self.watches {
            Watches::Endpoint(checkers) => Some(checkers),
            Watches::Nothing | Watches::Children { .. } | Watches::Alarm { .. } | Watches::Control { .. } => None,
        }
    }

    /// Whether what it watches is well, before Route 53 turns it round. Nobody looks at what a disabled check watched,
    /// and who needs no child to be healthy says nothing of them.
    #[must_use]
    pub fn seen(&self) -> Called {
        match &self.watches {
            Watches::Endpoint(checkers) if checkers.of == 0 => Called::Unknown,
            Watches::Endpoint(checkers) => Called::of(checkers.is_well()),
            Watches::Nothing | Watches::Children { needed: 0, .. } => Called::Unknown,
            Watches::Children { called, .. } | Watches::Alarm { called, .. } | Watches::Control { called } => {
                called.taken(self.sense)
            }
        }
    }

    /// What Route 53 calls it.
    #[must_use]
    pub fn called(&self) -> Called {
        match (&self.settings, &self.watches) {
            (Settings::Unread { .. }, _) => Called::Unknown,
            (_, Watches::Endpoint(_)) => self.seen().taken(self.sense),
            (_, Watches::Nothing) => Called::Healthy.taken(self.sense),
            (_, Watches::Children { called, .. } | Watches::Alarm { called, .. } | Watches::Control { called }) => {
                *called
            }
        }
    }

    /// The share of what it watches that is well, in per cent; none where there is none to count.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let (well, of) = match &self.watches {
            Watches::Endpoint(checkers) => (checkers.healthy, checkers.of),
            Watches::Children { healthy, of, .. } => ((*healthy)?, *of),
            Watches::Nothing | Watches::Alarm { .. } | Watches::Control { .. } => return None,
        };
        (of > 0).then(|| f64::from(well) / f64::from(of) * 100.0)
    }
}
