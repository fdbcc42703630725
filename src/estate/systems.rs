//! The watched systems and where each of their readings comes from (`metrics.md`).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::metrics;
use super::{PairName, PerSide, ReadingId, Region, SystemId, Tier};
use crate::time::Span;

/// A system that the console watches in both regions of a pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Its id, unique in the estate.
    pub id: SystemId,
    /// What people call it: `portal ALB`.
    pub name: String,
    /// Its pair.
    pub pair: PairName,
    /// Its layer: the heading that it is listed under.
    pub layer: Layer,
    /// Its tier class.
    pub tier: Tier,
    /// The account that it is in, if not its pair's: one of `[[accounts]]`, or one for each side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<PerSide>,
    /// What each side is when all is well: `["primary", "secondary"]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<[String; 2]>,
    /// Where people read what to do when it fails: a page of the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    /// Its readings; the first one of a side is shown first.
    pub readings: Vec<Reading>,
}

/// The layer of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the table's own, in estate.md")]
pub enum Layer {
    LoadBalancing,
    Compute,
    Database,
    Storage,
    Network,
    Integration,
    Identity,
    Dns,
    Monitoring,
    Automation,
}

impl Layer {
    /// The heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Layer::LoadBalancing => "load balancing",
            Layer::Compute => "compute",
            Layer::Database => "database",
            Layer::Storage => "storage",
            Layer::Network => "network",
            Layer::Integration => "integration",
            Layer::Identity => "identity",
            Layer::Dns => "dns",
            Layer::Monitoring => "monitoring",
            Layer::Automation => "automation",
        }
    }
}

/// One figure of a system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Its id, unique in the system.
    pub id: ReadingId,
    /// Words behind the figure: `healthy`.
    pub label: String,
    /// What it says about the system.
    pub meaning: Meaning,
    /// Where it is measured.
    pub sides: Sides,
    /// Its unit.
    pub unit: Unit,
    /// How many there should be, for a count shown as `18/20`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<f64>,
    /// Which way is bad.
    #[serde(default)]
    pub bad: Direction,
    /// Past this it is a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn: Option<Threshold>,
    /// Past this it has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fail: Option<Threshold>,
    /// What it means that CloudWatch has no data point. Left out: what `docs/metrics.md` says of the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// Where it comes from.
    pub source: Source,
}

/// What it means that CloudWatch answers and has no data point of a metric. A source that does not answer is unknown,
/// whatever stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Nothing was counted: the figure is 0.
    Zero,
    /// Nobody called, so there is no figure. Nothing failed, and nothing is claimed beyond that.
    Ok,
    /// Nothing is known.
    Unknown,
}

impl Reading {
    /// What it means that its source has no data point: what the file says, else what is known of the metric.
    #[must_use]
    pub fn missing(&self) -> Missing {
        self.missing.unwrap_or_else(|| match &self.source {
            // A share of nothing is no share: the whole decides.
            Source::Cloudwatch { namespace, percent_of: Some(whole), .. } => match metrics::missing(namespace, whole) {
                Missing::Zero => Missing::Ok,
                other => other,
            },
            Source::Cloudwatch { namespace, metric, .. } => metrics::missing(namespace, metric),
            _ => Missing::Unknown,
        })
    }
}

/// A threshold, in the reading's unit.
pub type Threshold = f64;

/// What a reading says of its system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Replication lag: what would be lost.
    Lag,
    /// It works, or does not.
    Health,
    /// The standby could take over.
    Ready,
    /// There is room for the full load.
    Capacity,
    /// Protection is in place.
    Security,
    /// Data rules and audit trail hold.
    Compliance,
}

/// Where a reading is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// On each side for itself.
    Each,
    /// On the active side only.
    Active,
    /// On the standby side only.
    Standby,
    /// Between the two; read in the standby region.
    Link,
    /// Between the two, the other way round, once traffic has moved: what a failback would lose. Read in the active
    /// region.
    Back,
}

/// Which way is bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// High figures are bad.
    #[default]
    Above,
    /// Low figures are bad.
    Below,
}

/// The unit of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A count.
    Count,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Per cent, 0 to 100.
    Percent,
    /// Bytes.
    Bytes,
    /// Kilobytes, as SQL Server counts its queues.
    Kilobytes,
    /// Days.
    Days,
    /// 1 is yes, 0 is no.
    YesNo,
}

/// Where a reading comes from. `{region}` and `{side}` in texts stand for the side's own; for [`Sides::Link`], which is
/// read in the standby region, they stand for the standby's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// `GetMetricData`. The value of the newest complete period is the reading.
    Cloudwatch {
        /// `AWS/ApplicationELB`.
        namespace: String,
        /// `HealthyHostCount`.
        metric: String,
        /// The statistic.
        statistic: Statistic,
        /// The period.
        #[serde(serialize_with = "crate::time::as_written")]
        #[schemars(with = "super::schema::SpanText")]
        period: Span,
        /// Dimensions by name. A value that differs by side is `{ active = "…", standby = "…" }`.
        #[serde(default)]
        dimensions: BTreeMap<String, PerSide>,
        /// The region whose CloudWatch has it, if not the side's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<Region>,
        /// The value is this metric's share of another in the same namespace and dimensions, in per cent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        percent_of: Option<String>,
    },
    /// `DescribeAlarms`: metric and composite alarms in state ALARM whose names begin so. Costs nothing.
    CloudwatchAlarms {
        /// How their names begin.
        #[serde(default)]
        prefix: String,
    },
    /// `DescribeSourceServers` in the side's region: servers whose replication is `CONTINUOUS`.
    DrsReplicating,
    /// `DescribeSourceServers`: the largest `lagDuration`, seconds.
    DrsLag,
    /// `DescribeRecoverySnapshots`: age of the oldest server's newest snapshot, seconds.
    DrsSnapshotAge,
    /// `DescribeInstances`: running instances with this tag whose status checks pass (`DescribeInstanceStatus`).
    Ec2Instances {
        /// Tag key.
        tag: String,
        /// Tag value.
        value: String,
    },
    /// `DescribeImages`, owner self: age of the newest image with this tag, seconds.
    Ec2ImageAge {
        /// Tag key.
        tag: String,
        /// Tag value.
        value: String,
    },
    /// `DescribeSnapshots`, owner self: age of the newest snapshot with this tag, seconds.
    Ec2SnapshotAge {
        /// Tag key.
        tag: String,
        /// Tag value.
        value: String,
    },
    /// `DescribeVpnConnections`: tunnels whose telemetry is UP.
    Ec2VpnTunnels,
    /// `DescribeTransitGatewayPeeringAttachments`: attachments in state `available`.
    Ec2TransitGatewayPeerings,
    /// `DescribeCapacityReservations`: reserved instances still available.
    Ec2CapacityReservations,
}

/// A CloudWatch statistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "CloudWatch's own names")]
pub enum Statistic {
    Average,
    Minimum,
    Maximum,
    Sum,
    SampleCount,
}

impl Statistic {
    /// As CloudWatch writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Statistic::Average => "Average",
            Statistic::Minimum => "Minimum",
            Statistic::Maximum => "Maximum",
            Statistic::Sum => "Sum",
            Statistic::SampleCount => "SampleCount",
        }
    }
}
