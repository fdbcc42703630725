//! Jobs, their logs, and starting one. A job never fails: look at its servers' launch status.

use super::{Desk, is_id, page};
use crate::sim::wire::{Args, Fault, Tree, iso};
use crate::sim::world::{Job, JobLogItem, Permission, StartRecoveryError};

pub(super) fn describe_jobs(args: &Args<'_>, desk: Desk<'_>) -> Result<Tree, Fault> {
    desk.allowed(Permission::DescribeJobs)?;
    let mut jobs = desk.jobs();
    if let Some(filters) = args.args("filters")? {
        let ids = filters.texts("jobIDs", 1000)?;
        if ids.iter().any(|id| !is_id(id, "drsjob-")) {
            return Err(filters.wrong("jobIDs", "holds what is no job id").into());
        }
        let (from, to) = (filters.time("fromDate")?, filters.time("toDate")?);
        jobs.retain(|j| {
            (ids.is_empty() || ids.contains(&j.id.as_str()))
                && from.is_none_or(|t| j.created >= t)
                && to.is_none_or(|t| j.created <= t)
        });
    }
    page(args, jobs, "DescribeJobs", job)
}

pub(super) fn describe_job_log_items(args: &Args<'_>, desk: Desk<'_>) -> Result<Tree, Fault> {
    let id = args.need_text("jobID", 24..=24)?;
    let mine = desk.jobs().iter().any(|j| j.id == id);
    let log = mine.then(|| desk.world.with(|w| w.job_log(desk.region, id))).flatten();
    let log = log.ok_or_else(|| args.wrong("jobID", &format!("names no job of this region: {id}")))?;
    page(args, log, "DescribeJobLogItems", log_item)
}

pub(super) fn start_recovery(args: &Args<'_>, desk: Desk<'_>) -> Result<Tree, Fault> {
    let mut servers = Vec::new();
    for server in args.list("sourceServers", 200)? {
        let id = server.need_text("sourceServerID", 19..=19)?;
        if !is_id(id, "s-") {
            return Err(server.wrong("sourceServerID", "is no source server id").into());
        }
        let snapshot = server.text("recoverySnapshotID")?;
        if snapshot.is_some_and(|s| !is_id(s, "pit-")) {
            return Err(server.wrong("recoverySnapshotID", "is no recovery snapshot id").into());
        }
        servers.push((id.to_owned(), snapshot.map(str::to_owned)));
    }
    if servers.is_empty() {
        return Err(args.wrong("sourceServers", "must hold at least 1 item").into());
    }
    let is_drill = args.bool("isDrill")?.unwrap_or(false);
    let tags = args.text_map("tags")?;
    desk.allowed(Permission::StartRecovery)?;
    if !tags.is_empty() {
        desk.allowed(Permission::TagResource)?;
    }
    let mine = desk.source_servers();
    let others = servers.iter().find(|(id, _)| !mine.iter().any(|s| &s.id == id));
    let started = match others {
        Some((id, _)) => Err(StartRecoveryError::UnknownServer(id.clone())),
        None => desk.world.with(|w| w.start_recovery(desk.region, &servers, is_drill, tags)),
    };
    let started = started.map_err(|why| refused(&why, args))?;
    Ok(Tree::map().with("job", job(&started)))
}

/// The model declares neither `ResourceNotFoundException` nor `ValidationException` for `StartRecovery`;
/// the latter every service may send.
fn refused(why: &StartRecoveryError, args: &Args<'_>) -> Fault {
    let message = why.to_string();
    match why {
        StartRecoveryError::Busy(server) => Fault::new(409, "ConflictException", message)
            .with("resourceId", server)
            .with("resourceType", "sourceServer"),
        StartRecoveryError::TooManyJobs => Fault::new(402, "ServiceQuotaExceededException", message)
            .with("serviceCode", "drs")
            .with("quotaCode", "L-D88FAC3A"),
        StartRecoveryError::UnknownServer(_)
        | StartRecoveryError::UnknownSnapshot(_)
        | StartRecoveryError::BadRequest => args.wrong("sourceServers", &format!(": {message}")).into(),
    }
}

fn job(j: &Job) -> Tree {
    let servers = j.servers.iter().map(|(id, status, instance)| {
        Tree::map()
            .with("sourceServerID", id)
            .with_some("recoveryInstanceID", instance.as_ref())
            .with("launchStatus", status.as_str())
    });
    Tree::map()
        .with("jobID", &j.id)
        .with("arn", &j.arn)
        .with("type", "LAUNCH")
        .with("initiatedBy", if j.is_drill { "START_DRILL" } else { "START_RECOVERY" })
        .with("creationDateTime", iso(j.created))
        .with_some("endDateTime", j.ended.map(iso))
        .with("status", j.status.as_str())
        .with("participatingServers", servers.collect::<Vec<_>>())
        .with("tags", &j.tags)
}

fn log_item(item: &JobLogItem) -> Tree {
    let data = Tree::map()
        .with_some("sourceServerID", item.source_server_id.as_ref())
        .with_some("conversionServerID", item.conversion_server_id.as_ref())
        .with_some("targetInstanceID", item.target_instance_id.as_ref())
        .with_some("rawError", item.raw_error.as_ref());
    Tree::map().with("logDateTime", iso(item.at)).with("event", item.event.as_str()).with("eventData", data)
}
