//! How a health check is set up (`ListHealthChecks`).

use aws_sdk_route53::types::{HealthCheckConfig, HealthCheckType};

use crate::aws::clip;

/// Longest name of an alarm that is taken over, in bytes.
const NAME: usize = 200;

/// How a health check is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setup {
    pub(super) watched: Watched,
    /// Route 53 has stopped looking.
    pub(super) disabled: bool,
    /// Route 53 turns what is seen round.
    pub(super) inverted: bool,
}

/// What a health check watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Watched {
    /// An endpoint.
    Endpoint,
    /// So many other checks, of which so many must be healthy.
    Children { of: u16, needed: u16 },
    /// An alarm, by name and region.
    Alarm(String),
    /// A routing control.
    Control,
}

impl Setup {
    /// A plain check of an endpoint.
    pub(super) fn plain() -> Self {
        Self { watched: Watched::Endpoint, disabled: false, inverted: false }
    }

    /// What Route 53 says of it.
    pub(super) fn of(config: &HealthCheckConfig) -> Self {
        let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let watched = match &config.r#type {
            HealthCheckType::Calculated => Watched::Children {
                of: count(config.child_health_checks().len()),
                needed: u16::try_from(config.health_threshold.unwrap_or(0).max(0)).unwrap_or(u16::MAX),
            },
            HealthCheckType::CloudwatchMetric => {
                let alarm = config.alarm_identifier.as_ref();
                let words = alarm.map(|a| format!("{} in {}", a.name(), a.region().as_str()));
                Watched::Alarm(clip(&words.unwrap_or_else(|| "without a name".to_owned()), NAME))
            }
            HealthCheckType::RecoveryControl => Watched::Control,
            _ => Watched::Endpoint,
        };
        let (disabled, inverted) = (config.disabled.unwrap_or(false), config.inverted.unwrap_or(false));
        Self { watched, disabled, inverted }
    }
}
