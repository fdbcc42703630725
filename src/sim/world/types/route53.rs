//! Route 53: health checks, hosted zones, records; and a routing control as it is seen.

use super::super::recovery::AcceleratedRecovery;
use crate::estate::{ControlArn, ControlState, Region};
use crate::time::Timestamp;
use std::net::Ipv4Addr;

/// A Route 53 health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its id, a UUID.
    pub id: String,
    /// The number of the account that owns it.
    pub owner: String,
    /// Its Name tag.
    pub name: String,
    /// What it looks at.
    pub kind: CheckKind,
    /// Whether Route 53 turns its status round.
    pub inverted: bool,
    /// Whether Route 53 has stopped looking. It calls such a check healthy, or unhealthy if it is inverted.
    pub disabled: bool,
}

/// How a health check is set up, where it is no plain check of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSetting {
    /// What it watches.
    pub watches: CheckWatches,
    /// `Inverted`
    pub inverted: bool,
    /// `Disabled`
    pub disabled: bool,
}

/// What a health check of the estate watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckWatches {
    /// The application.
    Endpoint,
    /// Other health checks (`CALCULATED`).
    Children {
        /// Their ids.
        children: Vec<String>,
        /// How many must be healthy (`HealthThreshold`): with none it is always healthy, with more than there are never.
        needed: i32,
    },
    /// An alarm of CloudWatch (`CLOUDWATCH_METRIC`).
    Alarm {
        /// Its name.
        name: String,
        /// Whether it is in state OK.
        ok: bool,
    },
}

/// What a health check looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// An application over HTTP, asked by 16 checkers.
    Endpoint {
        /// The fully qualified name asked.
        host: String,
        /// The port.
        port: u16,
        /// The path.
        path: String,
        /// Seconds between two requests of one checker.
        interval_secs: i32,
        /// Equal answers in a row before a checker turns.
        threshold: i32,
    },
    /// Follows a routing control (`RECOVERY_CONTROL`).
    RecoveryControl {
        /// The control.
        control: ControlArn,
    },
    /// Healthy while enough others are (`CALCULATED`).
    Calculated {
        /// The others.
        children: Vec<String>,
        /// How many must be healthy.
        threshold: i32,
    },
    /// Follows an alarm of CloudWatch in the region of Route 53's own metrics (`CLOUDWATCH_METRIC`).
    Alarm {
        /// Its name.
        name: String,
        /// Whether it is in state OK.
        ok: bool,
    },
}

/// What one of Route 53's checkers saw last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The checker's region.
    pub region: Region,
    /// The checker's address.
    pub ip: Ipv4Addr,
    /// What it holds: turned only after `threshold` equal answers.
    pub healthy: bool,
    /// Its words: `Success: HTTP Status Code 200, OK`.
    pub reason: String,
    /// When it asked last.
    pub checked_at: Timestamp,
}

/// A hosted zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedZone {
    /// `Z…`, without `/hostedzone/`.
    pub id: String,
    /// The number of the account that owns it.
    pub owner: String,
    /// `guidingcare.com.`, with the dot.
    pub name: String,
    /// How many record sets it has.
    pub records: i64,
    /// How its accelerated recovery stands; none where nobody ever switched it on.
    pub accelerated_recovery: Option<AcceleratedRecovery>,
}

/// A DNS record type of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "DNS's own names")]
pub enum RecordType {
    A,
    Aaaa,
    Cname,
    Ns,
    Soa,
}

impl RecordType {
    /// As Route 53 writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            RecordType::A => "A",
            RecordType::Aaaa => "AAAA",
            RecordType::Cname => "CNAME",
            RecordType::Ns => "NS",
            RecordType::Soa => "SOA",
        }
    }
}

/// The part of a failover record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failover {
    /// `PRIMARY`
    Primary,
    /// `SECONDARY`
    Secondary,
}

impl Failover {
    /// As Route 53 writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Failover::Primary => "PRIMARY",
            Failover::Secondary => "SECONDARY",
        }
    }
}

/// A record set of a hosted zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSet {
    /// The name, with the dot at the end; `*` is written `\052` as Route 53 does.
    pub name: String,
    /// The type.
    pub kind: RecordType,
    /// Tells records of one name and type apart: the region.
    pub set_identifier: Option<String>,
    /// The part, for a failover record.
    pub failover: Option<Failover>,
    /// The health check that lets it answer: the recovery control's.
    pub health_check: Option<String>,
    /// What it answers with.
    pub leads: Leads,
}

/// What a record set answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leads {
    /// Values of its own.
    To {
        /// The time to live in seconds.
        ttl: i64,
        /// The values.
        values: Vec<String>,
    },
    /// What another name has (`AliasTarget`), for as long as that one's records live.
    Alias {
        /// The hosted zone of the other name: an own one, or that of a service of AWS in a region.
        zone: String,
        /// The other name, with the dot at the end.
        name: String,
    },
}

/// A routing control as one of the cluster's endpoints sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlView {
    /// The control.
    pub arn: ControlArn,
    /// Its name.
    pub name: String,
    /// Its state as seen there.
    pub state: ControlState,
}
