//! How changes are approved, how often feeds ask, and what must be met.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ApprovalRule, Region};
use crate::time::Span;

/// Neither approval nor second key may wait longer.
pub(super) const LONGEST_WINDOW: Span = Span::from_hours(1);

/// The two-person rule's own figures (`two-person.md`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Approvals a change needs.
    pub approvals: u32,
    /// Approvals a change needs that overrides a safety rule.
    pub approvals_for_overrides: u32,
    /// How long a proposal may wait for its approval.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub proposal_expires: Span,
    /// How long after the last approval the second key may be turned.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub second_key_within: Span,
    /// CAs whose OpenSSH certificates identify people, each in OpenSSH `authorized_keys` form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificate_authorities: Vec<String>,
    /// Revoked keys, each in OpenSSH `authorized_keys` form or as its fingerprint, `SHA256:…`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revoked_keys: Vec<String>,
    /// Whether a hardware (FIDO) key counts only when it was touched.
    pub touch_required: bool,
    /// Whether a hardware (FIDO) key counts only when it asked for its PIN or a finger.
    pub verify_required: bool,
    /// What changes of some kinds need; kinds without a rule need `approvals` (or `approvals_for_overrides`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ApprovalRule>,
}

impl Policy {
    /// Whether its windows are longer than zero and an hour at most, as those of a checked file are.
    pub(super) fn has_windows_of_a_file(&self) -> bool {
        let windows = [self.proposal_expires, self.second_key_within];
        windows.into_iter().all(|window| window.is_positive() && window <= LONGEST_WINDOW)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            approvals: 1,
            approvals_for_overrides: 1,
            proposal_expires: Span::from_mins(10),
            second_key_within: Span::from_secs(60),
            certificate_authorities: Vec::new(),
            revoked_keys: Vec::new(),
            touch_required: true,
            verify_required: false,
            rules: Vec::new(),
        }
    }
}

/// What the readiness score is made of, and what stops a proposal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Readiness {
    /// The weight of each group of checks.
    pub weights: Weights,
    /// Regions that data may be in; without it, any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_regions: Vec<Region>,
    /// Whether an unknown check stops a proposal, as a failing one does. An unknown check of the replication back always
    /// stops a failback.
    pub unknown_stops: bool,
}

/// What each group of checks counts in the readiness score; what matters is their ratio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// The receiving region's systems, the cluster's endpoints, the gates.
    pub readiness: f64,
    /// Health checks and probes there.
    pub health_checks: f64,
    /// Room for the full load.
    pub capacity: f64,
    /// Protection in place there.
    pub security: f64,
    /// Replication lag, audit trail, allowed regions.
    pub data: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { readiness: 30.0, health_checks: 20.0, capacity: 15.0, security: 10.0, data: 25.0 }
    }
}

/// How often each feed asks, and what that may cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Poll {
    /// ARC, each endpoint.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub arc: Span,
    /// CloudWatch, each region.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub cloudwatch: Span,
    /// Route 53 health checks, each check.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub route53: Span,
    /// DRS, each region.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub drs: Span,
    /// EC2, each region.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub ec2: Span,
    /// DNS, each resolver.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub dns: Span,
    /// HTTP probes.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub http: Span,
    /// How many times less often CloudWatch is asked while nothing is wrong.
    pub calm_slower: u32,
    /// US dollars that CloudWatch's metrics may cost in an hour; never exceeded.
    pub dollars_per_hour: f64,
    /// CloudWatch's price for a thousand metrics requested (`GetMetricData`), in US dollars.
    pub dollars_per_thousand_metrics: f64,
}

impl Default for Poll {
    fn default() -> Self {
        Self {
            arc: Span::from_secs(5),
            cloudwatch: Span::from_secs(30),
            route53: Span::from_secs(15),
            drs: Span::from_secs(20),
            ec2: Span::from_secs(60),
            dns: Span::from_secs(10),
            http: Span::from_secs(10),
            calm_slower: 2,
            dollars_per_hour: 1.0,
            dollars_per_thousand_metrics: 0.01,
        }
    }
}

/// What presenter mode masks besides what it always masks, and what not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Presenter {
    /// Texts to leave unmasked, such as a DNS name that everybody knows.
    pub keep: Vec<String>,
}

/// Recovery targets by tier class and data class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Targets {
    /// Recovery time objective by tier.
    pub rto: TierTargets,
    /// Recovery point objective by tier of data.
    pub rpo: TierTargets,
}

impl Default for Targets {
    fn default() -> Self {
        Self {
            rto: TierTargets {
                critical: Span::from_hours(1),
                important: Span::from_hours(4),
                standard: Span::from_hours(8),
            },
            rpo: TierTargets {
                critical: Span::from_mins(15),
                important: Span::from_hours(1),
                standard: Span::from_hours(24),
            },
        }
    }
}

/// One figure a tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierTargets {
    /// For critical things.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub critical: Span,
    /// For important things.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub important: Span,
    /// For the rest.
    #[serde(serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub standard: Span,
}

impl TierTargets {
    /// The figure of a tier.
    #[must_use]
    pub fn of(&self, tier: super::Tier) -> Span {
        match tier {
            super::Tier::Critical => self.critical,
            super::Tier::Important => self.important,
            super::Tier::Standard => self.standard,
        }
    }
}
