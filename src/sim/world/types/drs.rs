//! Elastic Disaster Recovery: source servers, recovery instances, jobs.

use super::{InstanceState, Tags};
use crate::estate::Region;
use crate::time::{Span, Timestamp};

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
    /// `STOPPED`
    Stopped,
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
            ReplicationState::Stopped => "STOPPED",
        }
    }
}

/// A DRS source server, seen in the region it would be recovered in.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceServer {
    /// `s-` and 17 hex digits.
    pub id: String,
    /// The number of the account that owns it.
    pub owner: String,
    /// Its ARN.
    pub arn: String,
    /// Its host name.
    pub hostname: String,
    /// Its tags.
    pub tags: Tags,
    /// The region it runs in.
    pub source_region: Region,
    /// The number of the account that it runs in.
    pub source_owner: String,
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
    /// Whether it brings back what was failed over (`replicationDirection` FAILBACK).
    pub failback: bool,
    /// The ARN of the source server of the other direction, where the replication was reversed.
    pub reversed: Option<String>,
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
    /// The number of the account that owns it.
    pub owner: String,
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
    /// The number of the account that it runs in.
    pub owner: String,
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

/// An operation of DRS that a scenario can make fail by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "AWS's own names")]
pub enum DrsCall {
    DescribeSourceServers,
    DescribeJobs,
    DescribeJobLogItems,
    DescribeRecoverySnapshots,
    StartRecovery,
}

impl DrsCall {
    /// All of them.
    pub const ALL: [DrsCall; 5] = [
        DrsCall::DescribeSourceServers,
        DrsCall::DescribeJobs,
        DrsCall::DescribeJobLogItems,
        DrsCall::DescribeRecoverySnapshots,
        DrsCall::StartRecovery,
    ];

    /// As DRS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DrsCall::DescribeSourceServers => "DescribeSourceServers",
            DrsCall::DescribeJobs => "DescribeJobs",
            DrsCall::DescribeJobLogItems => "DescribeJobLogItems",
            DrsCall::DescribeRecoverySnapshots => "DescribeRecoverySnapshots",
            DrsCall::StartRecovery => "StartRecovery",
        }
    }
}

/// What DRS answers to an operation that fails by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrsAnswer {
    /// Nothing, ever.
    Hang,
    /// Nothing: the connection is closed.
    Refuse,
    /// `InternalServerException`, 500.
    Internal,
    /// `ServiceUnavailable`, 503.
    Unavailable,
    /// `ThrottlingException`, 429.
    Throttle,
    /// `ConflictException`, 409.
    Conflict,
    /// `ServiceQuotaExceededException`, 402.
    Quota,
    /// 200, and a page of somebody else.
    Garbled,
    /// The truth, after a first page that is empty and has a token.
    EmptyPage,
    /// Half of the truth, again and again: every page is empty and has a token.
    NoEnd,
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
