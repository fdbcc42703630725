//! What the world shows to the services in front of it: plain records, no wire format.

mod drs;
mod ec2;
mod route53;

use crate::sim::wire::{Answer, Skew};
use crate::time::Timestamp;
use std::collections::BTreeMap;

pub use drs::*;
pub use ec2::*;
pub use route53::*;

/// An AWS API that a scenario can take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "AWS's own names")]
pub enum Api {
    Cloudwatch,
    Ec2,
    Drs,
    Sts,
    Iam,
    Route53,
    ControlConfig,
    ArcEndpoint,
}

/// A permission that a scenario can take away from whoever calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "AWS's own names")]
pub enum Permission {
    DescribeJobs,
    StartRecovery,
    TagResource,
    UpdateRoutingControlStates,
    GetRole,
    SimulatePrincipalPolicy,
    ListHealthChecks,
}

impl Permission {
    /// All of them.
    pub const ALL: [Permission; 7] = [
        Permission::DescribeJobs,
        Permission::StartRecovery,
        Permission::TagResource,
        Permission::UpdateRoutingControlStates,
        Permission::GetRole,
        Permission::SimulatePrincipalPolicy,
        Permission::ListHealthChecks,
    ];

    /// As IAM writes it.
    #[must_use]
    pub fn action(self) -> &'static str {
        match self {
            Permission::DescribeJobs => "drs:DescribeJobs",
            Permission::StartRecovery => "drs:StartRecovery",
            Permission::TagResource => "drs:TagResource",
            Permission::UpdateRoutingControlStates => "route53-recovery-cluster:UpdateRoutingControlStates",
            Permission::GetRole => "iam:GetRole",
            Permission::SimulatePrincipalPolicy => "iam:SimulatePrincipalPolicy",
            Permission::ListHealthChecks => "route53:ListHealthChecks",
        }
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// It is answered.
    #[default]
    Ok,
    /// It is read and never answered.
    Hang,
    /// The connection is closed at once.
    Refuse,
    /// 503, in the service's own error shape.
    Unavailable,
    /// The service's own throttling error.
    Throttle,
    /// 200, and a page of somebody else: a proxy's, a captive portal's.
    Garbled,
    /// 200, and a body that never ends.
    Endless,
    /// It is answered, with nothing in any list.
    Empty,
    /// It is answered, every moment of it in a leap second: `23:59:60`.
    LeapSecond,
    /// It is answered by a service whose clock is not the caller's.
    Clock(Skew),
}

impl Reach {
    /// An answer with the service's time in its `Date`, where that is not the caller's.
    #[must_use]
    pub fn dated(self, answer: Answer) -> Answer {
        if let Reach::Clock(skew) = self { skew.dated(answer) } else { answer }
    }
}

/// A CloudWatch metric.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Metric {
    /// `AWS/ApplicationELB`.
    pub namespace: String,
    /// `HealthyHostCount`.
    pub name: String,
    /// Dimensions by name.
    pub dimensions: BTreeMap<String, String>,
}

/// The state of a CloudWatch alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmState {
    /// All is well.
    Ok,
    /// Past its threshold.
    Alarm,
    /// No data.
    InsufficientData,
}

impl AlarmState {
    /// As CloudWatch writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AlarmState::Ok => "OK",
            AlarmState::Alarm => "ALARM",
            AlarmState::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// A CloudWatch alarm over one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Its name, unique in the region.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its state.
    pub state: AlarmState,
    /// Why, in words.
    pub reason: String,
    /// Since when it is in this state.
    pub since: Timestamp,
    /// What it watches.
    pub metric: Metric,
    /// The statistic, as CloudWatch writes it.
    pub statistic: String,
    /// The period in seconds.
    pub period_secs: i64,
    /// The threshold in the metric's unit.
    pub threshold: f64,
    /// Whether it alarms below the threshold rather than above.
    pub below: bool,
}

/// Tags by key.
pub type Tags = BTreeMap<String, String>;
