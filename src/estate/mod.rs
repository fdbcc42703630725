//! What to watch: the estate file, its meaning and its checks.
//!
//! An estate file (`assets/guiding-care.toml` is the worked example) names the ARC cluster with its five endpoints, the
//! region pairs, the services with their routing controls, the safety rules, the systems with their readings, the
//! resolvers, and the people. Everything the console needs in an incident is in it: nothing is looked up while a region
//! is down.

mod accounts;
mod approvals;
mod bound;
mod check;
mod discover;
mod fold;
mod identity;
pub mod metrics;
mod names;
mod notify;
mod people;
mod place;
mod point;
mod policy;
mod schema;
mod systems;
mod topology;

pub(crate) use crate::fault::Lines;
pub use crate::fault::{Fault, Faults};
pub use accounts::{Account, Entry, ProfileEntry, RoleEntry, Route53, Site};
pub use approvals::{ApprovalRule, ChangeKind, Electorate, Need};
pub use bound::{Bound, Difference, LONGEST_BOUND};
pub use discover::Discover;
pub use identity::KeyRefused;
pub use names::{
    AccountName, ClusterArn, ControlArn, HealthCheckId, PairName, PanelArn, PersonName, ReadingId, Region,
    ResolverName, RuleArn, ServiceName, SystemId,
};
pub use notify::{Field, Notify, Occasion, Osc, Secret, Template};
pub use people::{ListedKey, MayNot, Person, Role};
pub use place::{EachSide, PerSide, Place};
pub use point::Point;
pub use policy::{Policy, Poll, Presenter, Readiness, Targets, TierTargets, Weights};
pub use schema::schema;
pub use systems::{Direction, Layer, Meaning, Missing, Reading, Sides, Source, Statistic, System, Threshold, Unit};
pub use topology::{
    Cluster, ClusterEndpoint, Control, ControlState, Endpoints, Failover, FailoverRecord, HealthCheck, Pair, Probe,
    RegionInfo, Resolver, RuleKind, RuleTest, SafetyRule, Service, Side, Tier,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A whole estate, checked: every name in it that points somewhere points at something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Estate {
    /// The estate's name; part of every change's canonical text.
    pub name: String,
    /// The AWS account of whoever signs in, twelve digits: the account of everything that names no other.
    #[schemars(regex(pattern = r"^[0-9]{12}$"))]
    pub account: String,
    /// The other accounts, and how this console gets there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// The account that sees the CloudWatch metrics of all (cross-account observability). Left out: each account is
    /// asked for its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<AccountName>,
    /// Where hosted zones and health checks are.
    #[serde(default, skip_serializing_if = "Route53::is_default")]
    pub route53: Route53,
    /// How changes are approved.
    #[serde(default)]
    pub policy: Policy,
    /// How often each feed asks.
    #[serde(default)]
    pub poll: Poll,
    /// What counts towards readiness, and what stops a proposal.
    #[serde(default)]
    pub readiness: Readiness,
    /// RTO and RPO targets.
    #[serde(default)]
    pub targets: Targets,
    /// What presenter mode masks and leaves.
    #[serde(default)]
    pub presenter: Presenter,
    /// What `discover --refresh` leaves alone.
    #[serde(default, skip_serializing_if = "Discover::is_empty")]
    pub discover: Discover,
    /// Service endpoints other than AWS's own: a simulator's, or VPC endpoints.
    #[serde(default)]
    pub endpoints: Endpoints,
    /// The ARC cluster. Left out, there is none: everything is watched, and nothing can be moved from here.
    #[serde(default = "Cluster::none", skip_serializing_if = "Cluster::is_none")]
    pub cluster: Cluster,
    /// The regions by name.
    pub regions: Vec<RegionInfo>,
    /// The region pairs, active → standby.
    pub pairs: Vec<Pair>,
    /// The services that routing controls steer.
    pub services: Vec<Service>,
    /// Controls that steer no traffic themselves: gates and arming controls.
    #[serde(default)]
    pub gates: Vec<Control>,
    /// The safety rules, as discovered; ARC has the last word.
    #[serde(default)]
    pub safety_rules: Vec<SafetyRule>,
    /// Route 53 health checks.
    #[serde(default)]
    pub health_checks: Vec<HealthCheck>,
    /// DNS resolvers whose answers are watched.
    #[serde(default)]
    pub resolvers: Vec<Resolver>,
    /// The watched systems.
    #[serde(default)]
    pub systems: Vec<System>,
    /// Who may look, propose and approve.
    #[serde(default)]
    pub people: Vec<Person>,
    /// Notifications for people away from the screen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<Notify>,
}

/// The reference estate that ships with the program: the demo's, and the example that a user copies.
///
/// # Errors
/// Never, unless the file in the repository is broken, which a test would find.
pub fn guiding_care() -> Result<Estate, Faults> {
    Estate::parse(include_str!("../../assets/guiding-care.toml"), "assets/guiding-care.toml")
}

impl Estate {
    /// Reads an estate from TOML text. `file` is the name that faults are reported under.
    ///
    /// # Errors
    /// All faults found, each with file, line and column.
    pub fn parse(text: &str, file: &str) -> Result<Self, Faults> {
        check::parse(text, file)
    }

    /// The accounts of a TOML text, whatever else is in it.
    ///
    /// # Errors
    /// All faults of its accounts, each with file, line and column; that there are none.
    pub fn accounts(text: &str, file: &str) -> Result<Vec<Account>, Faults> {
        check::accounts(text, file)
    }

    /// The estate as TOML, as [`Estate::parse`] reads it.
    ///
    /// # Errors
    /// When a value cannot be written as TOML, which a parsed estate never holds.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// The pair called `name`.
    #[must_use]
    pub fn pair(&self, name: &PairName) -> Option<&Pair> {
        self.pairs.iter().find(|p| &p.name == name)
    }

    /// The services of a pair, in the file's order.
    pub fn services_of<'a>(&'a self, pair: &'a PairName) -> impl Iterator<Item = &'a Service> {
        self.services.iter().filter(move |s| &s.pair == pair)
    }

    /// The systems of a pair, in the file's order.
    pub fn systems_of<'a>(&'a self, pair: &'a PairName) -> impl Iterator<Item = &'a System> {
        self.systems.iter().filter(move |s| &s.pair == pair)
    }

    /// Every routing control of the estate: the services' own, then the gates.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.services.iter().flat_map(|s| s.controls.iter()).chain(self.gates.iter())
    }

    /// The control with this ARN.
    #[must_use]
    pub fn control(&self, arn: &ControlArn) -> Option<&Control> {
        self.controls().find(|c| &c.arn == arn)
    }

    /// The service a control steers; none for a gate.
    #[must_use]
    pub fn service_of_control(&self, arn: &ControlArn) -> Option<&Service> {
        self.services.iter().find(|s| s.controls.iter().any(|c| &c.arn == arn))
    }

    /// The region's title in words, such as `N. Virginia`; its name where the file gives none.
    #[must_use]
    pub fn region_title<'a>(&'a self, region: &'a Region) -> &'a str {
        self.regions.iter().find(|r| &r.name == region).map_or(region.as_str(), |r| r.title.as_str())
    }

    /// The safety rule with this ARN.
    #[must_use]
    pub fn rule(&self, arn: &RuleArn) -> Option<&SafetyRule> {
        self.safety_rules.iter().find(|r| &r.arn == arn)
    }

    /// The person called `name`.
    #[must_use]
    pub fn person(&self, name: &PersonName) -> Option<&Person> {
        self.people.iter().find(|p| &p.name == name)
    }
}
