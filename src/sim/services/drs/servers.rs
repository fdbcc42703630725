//! Source servers, their snapshots, and the instances that stand in for them.

use super::{Desk, is_id, page};
use crate::estate::Region;
use crate::sim::wire::{Args, Fault, Tree, iso};
use crate::sim::world::{
    InstanceState, Launch, LaunchStatus, RecoveryInstance, RecoverySnapshot, ReplicationState, SourceServer,
};
use crate::time::Span;

pub(super) fn describe_source_servers(args: &Args<'_>, desk: Desk<'_>) -> Result<Tree, Fault> {
    let (mut servers, account) = (desk.source_servers(), &desk.caller.account);
    if let Some(filters) = args.args("filters")? {
        let ids = filters.texts("sourceServerIDs", 200)?;
        if ids.iter().any(|id| !is_id(id, "s-")) {
            return Err(filters.wrong("sourceServerIDs", "holds what is no source server id").into());
        }
        let accounts = filters.texts("stagingAccountIDs", 200)?;
        servers.retain(|s| {
            (ids.is_empty() || ids.contains(&s.id.as_str()))
                && (accounts.is_empty() || accounts.contains(&account.as_str()))
                && !filters.has("hardwareId")
        });
    }
    page(args, servers, "DescribeSourceServers", |s| source_server(s, desk.region))
}

fn source_server(s: &SourceServer, region: &Region) -> Tree {
    let disk = Tree::map()
        .with("deviceName", "/dev/sda1")
        .with("totalStorageBytes", s.total_bytes)
        .with("replicatedStorageBytes", s.replicated_bytes)
        .with("rescannedStorageBytes", 0)
        .with("backloggedStorageBytes", s.backlog_bytes)
        .with("volumeStatus", "REGULAR");
    let error = match s.replication {
        ReplicationState::Stalled => Some("NOT_CONVERGING"),
        ReplicationState::Disconnected => Some("AGENT_NOT_SEEN"),
        ReplicationState::Continuous | ReplicationState::Backlog | ReplicationState::Stopped => None,
    };
    let lag = Span::from_millis(s.lag.as_millis().try_into().unwrap_or(i64::MAX));
    let replication = Tree::map()
        .with("lagDuration", lag.to_string())
        .with("replicatedDisks", vec![disk])
        .with("dataReplicationState", s.replication.as_str())
        .with_some("dataReplicationError", error.map(|e| Tree::map().with("error", e)))
        .with("stagingAvailabilityZone", format!("{region}a"));
    let result = match s.last_launch.as_ref().map(|l| l.status) {
        None => "NOT_STARTED",
        Some(LaunchStatus::Pending | LaunchStatus::InProgress) => "PENDING",
        Some(LaunchStatus::Launched) => "SUCCEEDED",
        Some(LaunchStatus::Failed) => "FAILED",
    };
    let life = Tree::map()
        .with("lastSeenByServiceDateTime", iso(s.last_seen))
        .with_some("lastLaunch", s.last_launch.as_ref().map(launch));
    let hints = Tree::map().with("hostname", &s.hostname).with("awsInstanceID", &s.source_instance_id);
    let properties = Tree::map()
        .with("lastUpdatedDateTime", iso(s.last_seen))
        .with("identificationHints", hints)
        .with("disks", vec![Tree::map().with("deviceName", "/dev/sda1").with("bytes", s.total_bytes)]);
    let cloud = Tree::map().with("originAccountID", &s.source_owner).with("originRegion", s.source_region.as_str());
    Tree::map()
        .with("sourceServerID", &s.id)
        .with("arn", &s.arn)
        .with("tags", &s.tags)
        .with_some("recoveryInstanceId", s.recovery_instance_id.as_ref())
        .with("lastLaunchResult", result)
        .with("dataReplicationInfo", replication)
        .with("lifeCycle", life)
        .with("sourceProperties", properties)
        .with("stagingArea", Tree::map().with("status", "NOT_EXTENDED"))
        .with("sourceCloudProperties", cloud)
        .with("replicationDirection", if s.failback { "FAILBACK" } else { "FAILOVER" })
        .with_some("reversedDirectionSourceServerArn", s.reversed.as_ref())
}

fn launch(l: &Launch) -> Tree {
    let initiated = Tree::map()
        .with("apiCallDateTime", iso(l.at))
        .with("jobID", &l.job_id)
        .with("type", if l.is_drill { "DRILL" } else { "RECOVERY" });
    Tree::map().with("initiated", initiated).with("status", l.status.as_str())
}

pub(super) fn describe_recovery_instances(args: &Args<'_>, desk: Desk<'_>) -> Result<Tree, Fault> {
    let mut instances = desk.world.with(|w| w.recovery_instances(desk.region));
    instances.retain(|i| i.owner == desk.caller.account);
    if let Some(filters) = args.args("filters")? {
        let ids = filters.texts("recoveryInstanceIDs", 200)?;
        let servers = filters.texts("sourceServerIDs", 200)?;
        instances.retain(|i| {
            (ids.is_empty() || ids.contains(&i.id.as_str()))
                && (servers.is_empty() || servers.contains(&i.source_server_id.as_str()))
        });
    }
    page(args, instances, "DescribeRecoveryInstances", recovery_instance)
}

fn recovery_instance(i: &RecoveryInstance) -> Tree {
    let state = match i.state {
        InstanceState::Pending => "PENDING",
        InstanceState::Running => "RUNNING",
        InstanceState::Stopped => "STOPPED",
        InstanceState::Terminated => "TERMINATED",
    };
    let replication = Tree::map().with("lagDuration", iso(i.point_in_time)).with("dataReplicationState", "NOT_STARTED");
    Tree::map()
        .with("ec2InstanceID", &i.id)
        .with("ec2InstanceState", state)
        .with("jobID", &i.job_id)
        .with("recoveryInstanceID", &i.id)
        .with("sourceServerID", &i.source_server_id)
        .with("arn", &i.arn)
        .with("tags", &i.tags)
        .with("failback", Tree::map().with("state", "FAILBACK_NOT_STARTED"))
        .with("dataReplicationInfo", replication)
        .with("pointInTimeSnapshotDateTime", iso(i.point_in_time))
        .with("isDrill", i.is_drill)
        .with("originEnvironment", "AWS")
}

pub(super) fn describe_recovery_snapshots(args: &Args<'_>, desk: Desk<'_>) -> Result<Tree, Fault> {
    let server = args.need_text("sourceServerID", 19..=19)?;
    let known = desk.source_servers().iter().any(|s| s.id == server);
    if !known {
        return Err(args.wrong("sourceServerID", &format!("names no source server of this region: {server}")).into());
    }
    let mut snapshots = desk.world.with(|w| w.recovery_snapshots(desk.region, server));
    if let Some(filters) = args.args("filters")? {
        let (from, to) = (filters.time("fromDateTime")?, filters.time("toDateTime")?);
        snapshots.retain(|s| from.is_none_or(|t| s.taken >= t) && to.is_none_or(|t| s.taken <= t));
    }
    snapshots.sort_by_key(|s| s.taken);
    match args.text("order")? {
        Some("ASC") => {}
        None | Some("DESC") => snapshots.reverse(),
        Some(other) => return Err(args.wrong("order", &format!("is ASC or DESC, not {other}")).into()),
    }
    page(args, snapshots, "DescribeRecoverySnapshots", recovery_snapshot)
}

fn recovery_snapshot(s: &RecoverySnapshot) -> Tree {
    Tree::map()
        .with("snapshotID", &s.id)
        .with("sourceServerID", &s.source_server_id)
        .with("expectedTimestamp", iso(s.expected))
        .with("timestamp", iso(s.taken))
        .with("ebsSnapshots", Tree::list("member", &s.ebs_snapshots))
}
