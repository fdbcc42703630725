//! Where things are: cluster, regions, pairs, services, controls, rules, checks, resolvers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    AccountName, ClusterArn, ControlArn, HealthCheckId, PairName, PanelArn, PerSide, Region, ResolverName, RuleArn,
    ServiceName,
};
use crate::time::Span;

/// An ARC cluster and its regional data-plane endpoints, known before the incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// The account whose role asks it and acts on it, where a cluster is shared (AWS RAM): one of `[[accounts]]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountName>,
    /// `arn:aws:route53-recovery-control::ACCOUNT:cluster/ID`.
    pub arn: ClusterArn,
    /// The endpoints; AWS gives five.
    pub endpoints: Vec<ClusterEndpoint>,
}

impl Cluster {
    /// That there is none.
    #[must_use]
    pub fn none() -> Self {
        Self { account: None, arn: ClusterArn::new(""), endpoints: Vec::new() }
    }

    /// Whether there is none: then no routing control moves anything here.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.arn.as_str().is_empty() && self.endpoints.is_empty()
    }
}

/// One regional endpoint of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClusterEndpoint {
    /// The endpoint's own region: requests to it are signed for this region.
    pub region: Region,
    /// The endpoint's URL, ending in `/v1`. That is added where a file leaves it out, and a slash behind it is dropped.
    #[serde(deserialize_with = "data_plane")]
    pub url: String,
}

/// A cluster endpoint's URL in the one form in which all of this program writes it. What has another path stays as it is.
fn data_plane<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    let url = String::deserialize(value)?;
    let bare = url.trim_end_matches('/');
    Ok(match bare.split_once("://") {
        Some((_, host)) if !host.is_empty() && !host.contains(['/', '?', '#']) => format!("{bare}/v1"),
        Some((_, rest)) if rest.ends_with("/v1") => bare.to_owned(),
        _ => url,
    })
}

/// Service endpoints that replace AWS's own, by region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Endpoints {
    /// CloudWatch, by region.
    pub cloudwatch: BTreeMap<Region, String>,
    /// EC2, by region.
    pub ec2: BTreeMap<Region, String>,
    /// DRS, by region.
    pub drs: BTreeMap<Region, String>,
    /// STS, by region.
    pub sts: BTreeMap<Region, String>,
    /// Route 53 (one global endpoint).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route53: Option<String>,
    /// IAM (one global endpoint); only `doctor` asks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam: Option<String>,
    /// Route 53 ARC control plane (us-west-2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_control_config: Option<String>,
}

/// A region and what people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionInfo {
    /// `us-east-1`.
    pub name: Region,
    /// `N. Virginia`.
    pub title: String,
}

/// A region pair: traffic is in `active` on a normal day and can be moved to `standby`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// `east`.
    pub name: PairName,
    /// Where traffic is on a normal day.
    pub active: Region,
    /// Where it can go.
    pub standby: Region,
    /// The control panel of the pair's routing controls; empty without a cluster.
    #[serde(default = "no_panel", skip_serializing_if = "is_no_panel")]
    pub control_panel: PanelArn,
    /// The control panel's name.
    #[serde(default)]
    pub panel_name: String,
    /// The account that its regions are used in: one of `[[accounts]]`, or one for each side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<PerSide>,
    /// Where people read what to do when the pair fails: a page of the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
}

fn no_panel() -> PanelArn {
    PanelArn::new("")
}

fn is_no_panel(panel: &PanelArn) -> bool {
    panel.as_str().is_empty()
}

impl Pair {
    /// The region of a side.
    #[must_use]
    pub fn region(&self, side: Side) -> &Region {
        match side {
            Side::Active => &self.active,
            Side::Standby => &self.standby,
        }
    }

    /// Which side of the pair a region is.
    #[must_use]
    pub fn side(&self, region: &Region) -> Option<Side> {
        if region == &self.active {
            Some(Side::Active)
        } else if region == &self.standby {
            Some(Side::Standby)
        } else {
            None
        }
    }
}

/// A side of a pair, by its part on a normal day; a failover does not swap the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The region that has the traffic on a normal day.
    Active,
    /// The other one.
    Standby,
}

impl Side {
    /// Both sides, active first.
    pub const BOTH: [Side; 2] = [Side::Active, Side::Standby];

    /// The other side.
    #[must_use]
    pub fn other(self) -> Side {
        match self {
            Side::Active => Side::Standby,
            Side::Standby => Side::Active,
        }
    }
}

/// How soon something must be back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// RTO below one hour in the reference estate.
    Critical,
    /// RTO below four hours.
    Important,
    /// RTO below eight hours.
    Standard,
}

impl Tier {
    /// The tiers, the one that must be back first coming first.
    pub const ALL: [Tier; 3] = [Tier::Critical, Tier::Important, Tier::Standard];

    /// Its name in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Critical => "critical",
            Tier::Important => "important",
            Tier::Standard => "standard",
        }
    }
}

/// A service whose traffic is steered by one routing control a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// `portal`.
    pub name: ServiceName,
    /// The pair it runs on.
    pub pair: PairName,
    /// Its tier class.
    pub tier: Tier,
    /// The account of its health checks, if not that of Route 53: one of `[[accounts]]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountName>,
    /// DNS names that its controls steer.
    #[serde(default)]
    pub dns: Vec<String>,
    /// Its routing controls, one a region; none without a cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Control>,
    /// Route 53's failover records of its name, one a region: what switches by itself where there is no routing control.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<FailoverRecord>,
    /// HTTP probes of the application, one a region.
    #[serde(default)]
    pub probes: Vec<Probe>,
}

impl Service {
    /// The service's control for `region`.
    #[must_use]
    pub fn control(&self, region: &Region) -> Option<&Control> {
        self.controls.iter().find(|c| c.region.as_ref() == Some(region))
    }
}

/// A record of a failover pair (`ResourceRecordSet` with `Failover`). Route 53 answers with the primary while its health
/// check is healthy, else with the secondary if that one's is, else with the primary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailoverRecord {
    /// The region that it leads to.
    pub region: Region,
    /// Which of the two it is.
    pub failover: Failover,
    /// The health check that it follows: one of `[[health_checks]]`. Left out, the record counts as healthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheckId>,
    /// The DNS name that it leads to, as for a control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// Which record of a failover pair it is, as Route 53 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failover {
    /// That which is answered on a normal day.
    Primary,
    /// The other one.
    Secondary,
}

/// An ARC routing control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its ARN.
    pub arn: ControlArn,
    /// Its name in ARC, such as `portal-us-east-1`; of a gate, such as `failover-allowed`.
    pub name: String,
    /// The region that gets traffic while it is On. Gates and arming controls steer no traffic, and have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The Route 53 health check that follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheckId>,
    /// The DNS name of the region's own entry: what the alias records of the service's names lead to there, such as an
    /// ALB's `dualstack.portal-1234567890.us-east-1.elb.amazonaws.com`. Where the names lead to several, a list of them.
    /// An alias is answered with addresses alone, so a resolver's answers for the service and for this name are
    /// compared, to tell which region the service leads to.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_more")]
    #[schemars(with = "one_or_more::OneOrMore")]
    pub target: Vec<String>,
}

/// One text, or a list of them: how a file writes what is one thing most often.
mod one_or_more {
    use schemars::JsonSchema;
    use serde::de::value::SeqAccessDeserializer;
    use serde::de::{Error, SeqAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// One text, or a list of them.
    #[derive(JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "the schema of what is written")]
    pub(super) enum OneOrMore {
        /// One.
        One(String),
        /// Several.
        More(Vec<String>),
    }

    pub(super) fn serialize<S: Serializer>(texts: &[String], to: S) -> Result<S::Ok, S::Error> {
        match texts {
            [one] => one.serialize(to),
            more => more.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Vec<String>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text, or a list of texts")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
                Ok(vec![text.to_owned()])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<String>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list))
            }
        }
        from.deserialize_any(Either)
    }
}

/// The state of a routing control, as ARC names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ControlState {
    /// Traffic flows.
    On,
    /// It does not.
    Off,
}

impl ControlState {
    /// The opposite state.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            ControlState::On => ControlState::Off,
            ControlState::Off => ControlState::On,
        }
    }
}

impl std::fmt::Display for ControlState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            ControlState::On => "On",
            ControlState::Off => "Off",
        })
    }
}

/// A health probe of an application over HTTP or HTTPS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The region probed.
    pub region: Region,
    /// What is fetched; a 2xx or 3xx answer is healthy.
    pub url: String,
}

/// An ARC safety rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SafetyRule {
    /// Its ARN.
    pub arn: RuleArn,
    /// Its name.
    pub name: String,
    /// The panel it guards.
    pub control_panel: PanelArn,
    /// What it asserts or gates.
    #[serde(flatten)]
    pub kind: RuleKind,
    /// How its controls are counted.
    pub test: RuleTest,
    /// How many must be On, for `ATLEAST`.
    #[serde(default)]
    pub threshold: u32,
    /// Whether the test's result is inverted.
    #[serde(default)]
    pub inverted: bool,
    /// How long after a change the next one is refused (`WaitPeriodMs`).
    #[serde(default = "five_seconds", serialize_with = "crate::time::as_written")]
    #[schemars(with = "super::schema::SpanText")]
    pub wait_period: Span,
}

fn five_seconds() -> Span {
    Span::from_secs(5)
}

/// What a safety rule looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum RuleKind {
    /// Must hold of the asserted controls after the transaction.
    Assertion {
        /// The asserted controls.
        controls: Vec<ControlArn>,
    },
    /// Locks the target controls unless it holds of the gating controls.
    Gating {
        /// The controls that gate.
        gating: Vec<ControlArn>,
        /// The controls that are locked.
        target: Vec<ControlArn>,
    },
}

/// How a safety rule counts its controls (`RuleConfig.Type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RuleTest {
    /// At least `threshold` are On.
    #[serde(rename = "ATLEAST")]
    AtLeast,
    /// All are On.
    #[serde(rename = "AND")]
    And,
    /// Any is On.
    #[serde(rename = "OR")]
    Or,
}

/// A Route 53 health check of an endpoint (recovery-control checks are read from ARC instead).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// Its id.
    pub id: HealthCheckId,
    /// What people call it.
    pub name: String,
    /// The service it looks at.
    pub service: ServiceName,
    /// The region it looks at.
    pub region: Region,
}

/// A DNS resolver whose answers are watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolver {
    /// What people call it.
    pub name: ResolverName,
    /// `address:port`.
    #[schemars(with = "String")]
    pub address: std::net::SocketAddr,
}
