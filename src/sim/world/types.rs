//! What the world shows to the services in front of it: plain records, no wire format.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::estate::{ControlArn, ControlState, Region};
use crate::time::{Span, Timestamp};

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
}

impl Permission {
    /// All of them.
    pub const ALL: [Permission; 6] = [
        Permission::DescribeJobs,
        Permission::StartRecovery,
        Permission::TagResource,
        Permission::UpdateRoutingControlStates,
        Permission::GetRole,
        Permission::SimulatePrincipalPolicy,
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

/// The life of an EC2 instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "EC2's own names")]
pub enum InstanceState {
    Pending,
    Running,
    Stopped,
    Terminated,
}

impl InstanceState {
    /// EC2's code and name.
    #[must_use]
    pub fn as_aws(self) -> (i32, &'static str) {
        match self {
            InstanceState::Pending => (0, "pending"),
            InstanceState::Running => (16, "running"),
            InstanceState::Terminated => (48, "terminated"),
            InstanceState::Stopped => (80, "stopped"),
        }
    }
}

/// What a status check of an instance says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// `ok`
    Ok,
    /// `impaired`
    Impaired,
    /// `initializing`
    Initializing,
}

impl CheckState {
    /// As EC2 writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            CheckState::Ok => "ok",
            CheckState::Impaired => "impaired",
            CheckState::Initializing => "initializing",
        }
    }
}

/// An EC2 instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// `i-` and 17 hex digits.
    pub id: String,
    /// Its Name tag (also in `tags`).
    pub name: String,
    /// Its tags.
    pub tags: Tags,
    /// Its state.
    pub state: InstanceState,
    /// The instance status check.
    pub instance_status: CheckState,
    /// The system status check.
    pub system_status: CheckState,
    /// `m6i.xlarge`.
    pub kind: String,
    /// `us-east-1a`.
    pub az: String,
    /// Its address in its VPC.
    pub private_ip: Ipv4Addr,
    /// When it was launched.
    pub launched: Timestamp,
}

/// A machine image owned by the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// `ami-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Timestamp,
    /// The snapshot behind it.
    pub snapshot_id: String,
}

/// An EBS snapshot owned by the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// `snap-…`.
    pub id: String,
    /// Its tags.
    pub tags: Tags,
    /// When it was begun.
    pub started: Timestamp,
    /// Whether it is whole (`completed`) or still `pending`.
    pub completed: bool,
    /// Per cent done, 0 to 100.
    pub progress: u8,
    /// `vol-…`.
    pub volume_id: String,
    /// Size in GiB.
    pub size_gib: i32,
    /// Words.
    pub description: String,
}

/// A tunnel of a VPN connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tunnel {
    /// Its outside address.
    pub outside_ip: Ipv4Addr,
    /// UP or DOWN.
    pub up: bool,
    /// Since when.
    pub since: Timestamp,
    /// EC2's status message.
    pub message: String,
    /// Routes accepted over it.
    pub routes: i32,
}

/// A Site-to-Site VPN connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpn {
    /// `vpn-…`.
    pub id: String,
    /// Its tags.
    pub tags: Tags,
    /// `cgw-…`.
    pub customer_gateway_id: String,
    /// `tgw-…`.
    pub transit_gateway_id: String,
    /// Its two tunnels.
    pub tunnels: Vec<Tunnel>,
}

/// A Transit Gateway peering attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peering {
    /// `tgw-attach-…`.
    pub id: String,
    /// Its tags.
    pub tags: Tags,
    /// This side's transit gateway.
    pub requester_gateway_id: String,
    /// This side's region.
    pub requester_region: Region,
    /// The other side's transit gateway.
    pub accepter_gateway_id: String,
    /// The other side's region.
    pub accepter_region: Region,
    /// `available`; otherwise `failed`.
    pub available: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// An EC2 capacity reservation, active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// `cr-…`.
    pub id: String,
    /// Its tags.
    pub tags: Tags,
    /// Instances reserved.
    pub total: i32,
    /// Instances not in use.
    pub available: i32,
    /// `m6i.xlarge`.
    pub kind: String,
    /// `us-east-2a`.
    pub az: String,
    /// When it was made.
    pub created: Timestamp,
}

/// DRS: how a source server's replication stands (`dataReplicationState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicationState {
    /// `CONTINUOUS`
    Continuous,
    /// `STALLED`
    Stalled,
    /// `DISCONNECTED`
    Disconnected,
    /// `BACKLOG`: catching up.
    Backlog,
}

impl ReplicationState {
    /// As DRS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ReplicationState::Continuous => "CONTINUOUS",
            ReplicationState::Stalled => "STALLED",
            ReplicationState::Disconnected => "DISCONNECTED",
            ReplicationState::Backlog => "BACKLOG",
        }
    }
}

/// A DRS source server, seen in the region it would be recovered in.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceServer {
    /// `s-` and 17 hex digits.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its host name.
    pub hostname: String,
    /// Its tags.
    pub tags: Tags,
    /// The region it runs in.
    pub source_region: Region,
    /// Its instance id there.
    pub source_instance_id: String,
    /// Replication.
    pub replication: ReplicationState,
    /// How far behind the copy is.
    pub lag: Span,
    /// Bytes still to send.
    pub backlog_bytes: i64,
    /// Bytes replicated of `total_bytes`.
    pub replicated_bytes: i64,
    /// Bytes of all its disks.
    pub total_bytes: i64,
    /// When replication was last seen alive by the service.
    pub last_seen: Timestamp,
    /// The last launch: its job, kind and outcome.
    pub last_launch: Option<Launch>,
    /// The recovery instance standing for it, when one was launched.
    pub recovery_instance_id: Option<String>,
}

/// The last launch of a source server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// `drsjob-…`.
    pub job_id: String,
    /// Drill or real.
    pub is_drill: bool,
    /// When it was asked for.
    pub at: Timestamp,
    /// How it stands.
    pub status: LaunchStatus,
}

/// DRS: how a server's launch within a job stands (`launchStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchStatus {
    /// `PENDING`
    Pending,
    /// `IN_PROGRESS`
    InProgress,
    /// `LAUNCHED`
    Launched,
    /// `FAILED`
    Failed,
}

impl LaunchStatus {
    /// As DRS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LaunchStatus::Pending => "PENDING",
            LaunchStatus::InProgress => "IN_PROGRESS",
            LaunchStatus::Launched => "LAUNCHED",
            LaunchStatus::Failed => "FAILED",
        }
    }
}

/// A DRS recovery instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryInstance {
    /// `i-…`: a recovery instance's id is its EC2 id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// The server it stands for.
    pub source_server_id: String,
    /// The job that launched it.
    pub job_id: String,
    /// Drill or real.
    pub is_drill: bool,
    /// Its EC2 state.
    pub state: InstanceState,
    /// The snapshot it was made from, taken then.
    pub point_in_time: Timestamp,
    /// Its tags.
    pub tags: Tags,
}

/// A DRS point-in-time snapshot of a source server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoverySnapshot {
    /// `pit-…`.
    pub id: String,
    /// Its server.
    pub source_server_id: String,
    /// The state of the server that it holds.
    pub expected: Timestamp,
    /// When it was taken.
    pub taken: Timestamp,
    /// The EBS snapshots it is made of.
    pub ebs_snapshots: Vec<String>,
}

/// DRS: a job's status; there is no failed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// `PENDING`
    Pending,
    /// `STARTED`
    Started,
    /// `COMPLETED`
    Completed,
}

impl JobStatus {
    /// As DRS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            JobStatus::Pending => "PENDING",
            JobStatus::Started => "STARTED",
            JobStatus::Completed => "COMPLETED",
        }
    }
}

/// A DRS job (`type` LAUNCH).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// `drsjob-` and 17 hex digits.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Drill (`START_DRILL`) or real (`START_RECOVERY`).
    pub is_drill: bool,
    /// Its status.
    pub status: JobStatus,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Its servers, each with its launch status and, once launched, its recovery instance's id.
    pub servers: Vec<(String, LaunchStatus, Option<String>)>,
    /// Its tags.
    pub tags: Tags,
}

/// What happened in a DRS job (`event` of a job log item).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "DRS's own names")]
pub enum JobEvent {
    JobStart,
    SnapshotStart,
    SnapshotEnd,
    UsingPreviousSnapshot,
    ConversionStart,
    ConversionEnd,
    LaunchStart,
    LaunchFailed,
    ServerSkipped,
    JobEnd,
}

impl JobEvent {
    /// As DRS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            JobEvent::JobStart => "JOB_START",
            JobEvent::SnapshotStart => "SNAPSHOT_START",
            JobEvent::SnapshotEnd => "SNAPSHOT_END",
            JobEvent::UsingPreviousSnapshot => "USING_PREVIOUS_SNAPSHOT",
            JobEvent::ConversionStart => "CONVERSION_START",
            JobEvent::ConversionEnd => "CONVERSION_END",
            JobEvent::LaunchStart => "LAUNCH_START",
            JobEvent::LaunchFailed => "LAUNCH_FAILED",
            JobEvent::ServerSkipped => "SERVER_SKIPPED",
            JobEvent::JobEnd => "JOB_END",
        }
    }
}

/// A line of a DRS job's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobLogItem {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: JobEvent,
    /// Which server; none for the job's own events.
    pub source_server_id: Option<String>,
    /// The instance launched for it, once there is one.
    pub target_instance_id: Option<String>,
    /// DRS's conversion server, in conversion events.
    pub conversion_server_id: Option<String>,
    /// What went wrong (`rawError`).
    pub raw_error: Option<String>,
}

/// Why `StartRecovery` was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartRecoveryError {
    /// No such server here (`ResourceNotFoundException`).
    #[error("source server {0} is not known in this region")]
    UnknownServer(String),
    /// A server is in a running job (`ConflictException`).
    #[error("source server {0} is part of a job that is still running")]
    Busy(String),
    /// None, too many, or the same twice (`ValidationException`).
    #[error("name between 1 and 200 different source servers")]
    BadRequest,
    /// Too many jobs (`ServiceQuotaExceededException`).
    #[error("20 jobs at most may run at once")]
    TooManyJobs,
    /// No such snapshot (`ResourceNotFoundException`).
    #[error("recovery snapshot {0} is not known for this server")]
    UnknownSnapshot(String),
}

/// A Route 53 health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its id, a UUID.
    pub id: String,
    /// Its Name tag.
    pub name: String,
    /// What it looks at.
    pub kind: CheckKind,
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
    /// `guidingcare.com.`, with the dot.
    pub name: String,
    /// How many record sets it has.
    pub records: i64,
}

/// A DNS record type of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "DNS's own names")]
pub enum RecordType {
    A,
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
    /// The time to live in seconds.
    pub ttl: i64,
    /// The health check that lets it answer: the recovery control's.
    pub health_check: Option<String>,
    /// The values.
    pub values: Vec<String>,
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
