//! What is heard of the sources, and what asking them costs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ApartServer, CheckStatus};
use crate::change::Digest;
use crate::estate::{
    ControlArn, ControlState, Estate, HealthCheckId, Pair, Place, Reading, ReadingId, Region, ResolverName,
    ServiceName, Site, Source, System, SystemId,
};
use crate::time::{Span, Timestamp};

/// What asking CloudWatch costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spending {
    /// Metrics that one round asks for, over all regions.
    pub metrics: u64,
    /// Time between two rounds now.
    pub interval: Span,
    /// Whether it is the pace of an incident.
    pub urgent: bool,
    /// US dollars an hour at this pace.
    pub per_hour: f64,
    /// US dollars of the last hour.
    pub last_hour: f64,
    /// US dollars that an hour may cost.
    pub budget: f64,
    /// Whether the budget makes the pace slower than the file asks for.
    pub stretched: bool,
}

/// A report of a feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// Which feed.
    pub source: SourceId,
    /// How long the asking took.
    pub took: Span,
    /// How long this report counts as fresh: the feed's interval, its deadline, and a little.
    pub fresh_for: Span,
    /// What it learnt, or why not.
    pub news: Result<News, Failure>,
}

/// A thing that is asked for readings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SourceId {
    /// One ARC cluster endpoint.
    Arc(Region),
    /// CloudWatch of a region, asked in an account.
    Cloudwatch(Site),
    /// DRS of a region.
    Drs(Region),
    /// EC2 of a region of an account.
    Ec2(Site),
    /// Route 53's status of one health check.
    Route53(HealthCheckId),
    /// One DNS resolver.
    Dns(ResolverName),
    /// The HTTP probe of a service in a region.
    Probe(ServiceName, Region),
}

impl SourceId {
    /// Whether asking it takes AWS credentials.
    #[must_use]
    pub fn is_aws(&self) -> bool {
        match self {
            SourceId::Arc(_) | SourceId::Cloudwatch(_) | SourceId::Drs(_) | SourceId::Ec2(_) | SourceId::Route53(_) => {
                true
            }
            SourceId::Dns(_) | SourceId::Probe(..) => false,
        }
    }

    /// The source that measures a reading of a system in a place of its pair.
    #[must_use]
    pub fn of(estate: &Estate, (system, reading): (&System, &Reading), place: Place, pair: &Pair) -> Self {
        let site = estate.asked(system, reading, place, pair);
        match &reading.source {
            Source::Cloudwatch { .. } | Source::CloudwatchAlarms { .. } => SourceId::Cloudwatch(site),
            Source::DrsReplicating | Source::DrsLag | Source::DrsSnapshotAge => SourceId::Drs(site.region),
            Source::Ec2Instances { .. }
            | Source::Ec2ImageAge { .. }
            | Source::Ec2SnapshotAge { .. }
            | Source::Ec2VpnTunnels
            | Source::Ec2TransitGatewayPeerings
            | Source::Ec2CapacityReservations => SourceId::Ec2(site),
        }
    }
}

/// Why a feed has nothing to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// In words, for the row: what was asked and what came back.
    pub why: String,
}

/// Kinds of failure that mean different things to an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// No answer before the deadline.
    Timeout,
    /// No connection.
    Connect,
    /// Credentials that are refused, or permissions that are missing.
    Denied,
    /// Not asked: there are no AWS credentials to ask with.
    NoCredentials,
    /// This machine's clock is wrong.
    Clock,
    /// Asked too often.
    Throttled,
    /// Not asked: what the estate file lets it cost is spent.
    Budget,
    /// The service said that something is wrong with itself.
    Service,
    /// The answer made no sense.
    Garbled,
}

/// What a failure says of the source that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// It does not answer: it is gone, or the way to it is.
    Silent,
    /// It answers, and refuses whoever asks; or would, for want of credentials.
    Refused,
    /// It is asked less often than it was meant to be, by its own limit or by ours. That says nothing of what it watches:
    /// what is known of that grows old, and no more.
    Held,
    /// It answers, but nothing that can be used.
    Useless,
}

impl FailureKind {
    /// What it says of its source.
    #[must_use]
    pub fn means(self) -> Means {
        match self {
            FailureKind::Timeout | FailureKind::Connect => Means::Silent,
            FailureKind::Denied | FailureKind::NoCredentials | FailureKind::Clock => Means::Refused,
            FailureKind::Throttled | FailureKind::Budget => Means::Held,
            FailureKind::Service | FailureKind::Garbled => Means::Useless,
        }
    }
}

impl Means {
    /// Whether the source tells nothing now, so that what it told before is no knowledge of how things are, however young.
    #[must_use]
    pub fn blinds(self) -> bool {
        match self {
            Means::Silent | Means::Refused | Means::Useless => true,
            Means::Held => false,
        }
    }
}

/// What a feed learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum News {
    /// Figures of systems.
    Readings(Vec<Sample>),
    /// Routing control states as one endpoint has them.
    Controls(BTreeMap<ControlArn, ControlState>),
    /// A health check.
    Check(CheckStatus),
    /// What a resolver answers, a name each.
    Dns(Vec<DnsAnswer>),
    /// What the application answered.
    Probe(ProbeAnswer),
    /// DRS servers and jobs of a region, and figures made from them.
    Drs {
        /// Source servers that stand for one of the other region of a pair.
        servers: Vec<DrsServer>,
        /// The others that DRS lists there: neither counted nor launched.
        #[serde(default)]
        apart: Vec<ApartServer>,
        /// Every job that is not over or that carries a change, and the newest of the others, newest first. An error if
        /// the list could not be read to its end, while the servers could.
        jobs: Result<Vec<DrsJob>, Failure>,
        /// Readings that come from DRS.
        samples: Vec<Sample>,
    },
}

/// Which figure, where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReadingKey {
    /// The system.
    pub system: SystemId,
    /// The reading.
    pub reading: ReadingId,
    /// Where.
    pub place: Place,
}

/// What a source that answered said of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// This, in the reading's unit.
    Is(f64),
    /// Nobody called, so there is none; see [`crate::estate::Missing::Ok`].
    Idle(Idle),
    /// This at the least: the list that was counted did not end where it is no longer read.
    AtLeast {
        /// In the reading's unit.
        at_least: f64,
    },
    /// It has no data.
    Nothing,
}

/// How [`Said::Idle`] is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Idle {
    /// The only word.
    Idle,
}

impl Said {
    /// Nobody called.
    pub const IDLE: Self = Said::Idle(Idle::Idle);

    /// What was counted of a list, whole or not.
    #[must_use]
    pub fn counted(figure: f64, whole: bool) -> Self {
        if whole { Said::Is(figure) } else { Said::AtLeast { at_least: figure } }
    }

    /// The figure, if there is one; a count of a part is none.
    #[must_use]
    pub fn figure(self) -> Option<f64> {
        match self {
            Said::Is(figure) => Some(figure),
            Said::Idle(_) | Said::AtLeast { .. } | Said::Nothing => None,
        }
    }
}

impl From<Option<f64>> for Said {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Said::Nothing, Said::Is)
    }
}

/// One measured figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Which figure.
    pub key: ReadingKey,
    /// What the source said.
    pub value: Said,
    /// When it was measured, by the source's clock.
    pub measured: Timestamp,
    /// How long after `measured` it counts as fresh.
    pub fresh_for: Span,
}

/// A resolver's answer for one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsAnswer {
    /// The name asked.
    pub name: String,
    /// CNAMEs and addresses answered, in order; or why not.
    pub answers: Result<Vec<String>, String>,
    /// Seconds that the resolver will keep it.
    pub ttl: u32,
    /// Where the answer leads; nowhere where there is none.
    #[serde(rename = "region")]
    pub leads: Leads,
}

/// Where a resolver's answer leads, as far as anything tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Leads {
    /// To this region: its addresses are those of the region's own entry, or a name on the way there has the region in it.
    To(Region),
    /// Nothing tells.
    Untold {
        /// Why not.
        untold: Blind,
    },
    /// To no one region: to both, to an address that is neither's, or to none.
    Nowhere,
}

/// Why nothing tells where an answer leads that has addresses. An alias record is answered with addresses alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blind {
    /// The estate names no entry of a region to compare the addresses with.
    NoTarget,
    /// A region's entry has no answer of its own, and had none lately.
    TargetSilent,
    /// The entries of several regions have the same addresses.
    Shared,
    /// Some of the addresses are those of one region's entry, the others were never given for any.
    Unrecognised,
}

impl Leads {
    /// The region, where it is one that is known.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        match self {
            Leads::To(region) => Some(region),
            Leads::Untold { .. } | Leads::Nowhere => None,
        }
    }
}

/// What an HTTP probe got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeAnswer {
    /// The status code.
    pub status: u16,
    /// How long the answer took.
    pub took: Span,
}

impl ProbeAnswer {
    /// Whether it says that the application works.
    #[must_use]
    pub fn is_well(&self) -> bool {
        (200..400).contains(&self.status)
    }
}

/// A DRS source server (`DescribeSourceServers`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrsServer {
    /// `s-…`.
    pub id: String,
    /// Host name or Name tag.
    pub name: String,
    /// `dataReplicationState`: `CONTINUOUS` when well.
    pub state: String,
    /// Replication lag.
    pub lag: Option<Span>,
    /// Bytes still to replicate.
    pub backlog: Option<i64>,
    /// Its last launch's status, where it had one.
    pub last_launch: Option<String>,
    /// Newest recovery snapshot.
    pub snapshot: Option<Timestamp>,
}

/// A DRS job (`DescribeJobs`, `DescribeJobLogItems`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrsJob {
    /// `drsjob-…`.
    pub id: String,
    /// `LAUNCH`, `TERMINATE`, …
    pub kind: String,
    /// `START_RECOVERY`, `START_DRILL`, …
    pub initiated_by: String,
    /// PENDING, STARTED or COMPLETED; a COMPLETED job may still have failed servers.
    pub status: String,
    /// Servers and their `launchStatus`.
    pub servers: Vec<(String, String)>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// The change that asked for it, by the tag that this program puts on its jobs.
    #[serde(default)]
    pub change: Option<Digest>,
    /// Log lines, oldest first, as far as they have been read.
    pub log: Vec<(Timestamp, String)>,
    /// Why the log could not be read this time.
    #[serde(default)]
    pub log_failure: Option<Failure>,
}
