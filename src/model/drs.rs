//! What DRS's words mean: which server replicates, how far a job is, and whether it failed.
//!
//! A job's status is PENDING, STARTED or COMPLETED and never FAILED: whether it failed stands with its servers
//! (`launchStatus`), so a COMPLETED job with a failed server is a failure.

use super::Mark;
use crate::event::{DrsJob, DrsServer};

/// Whether a server's changes reach the other region continuously.
#[must_use]
pub fn replicates(server: &DrsServer) -> bool {
    server.state == "CONTINUOUS"
}

/// How a server stands (`dataReplicationState`).
#[must_use]
pub fn mark(server: &DrsServer) -> Mark {
    match server.state.as_str() {
        "CONTINUOUS" => Mark::Ok,
        "STALLED" | "DISCONNECTED" | "STOPPED" => Mark::Fail,
        "UNKNOWN" => Mark::Unknown,
        _ => Mark::Warn,
    }
}

/// A server's name, or its id where it has none or is gone.
#[must_use]
pub fn name<'a>(servers: &'a [DrsServer], id: &'a str) -> &'a str {
    servers.iter().find(|s| s.id == id).map_or(id, |s| s.name.as_str())
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Servers that it takes part in.
    pub of: usize,
    /// Servers that it is done with well.
    pub done: usize,
    /// Servers that failed, by id.
    pub failed: Vec<String>,
    /// Whether it is over.
    pub over: bool,
}

impl Progress {
    /// The share of servers that it is done with, well or not, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.of == 0 {
            f64::from(u8::from(self.over))
        } else {
            (self.done + self.failed.len()) as f64 / self.of as f64
        }
    }
}

/// How far a job is, from its servers' `launchStatus`.
#[must_use]
pub fn progress(job: &DrsJob) -> Progress {
    let over = job.status == "COMPLETED";
    let wanted = if job.kind == "TERMINATE" { "TERMINATED" } else { "LAUNCHED" };
    let done = job.servers.iter().filter(|(_, status)| status == wanted).count();
    // What a finished job has not done it will not do any more.
    let failed = job.servers.iter().filter(|(_, status)| status == "FAILED" || (over && status != wanted));
    Progress { of: job.servers.len(), done, failed: failed.map(|(id, _)| id.clone()).collect(), over }
}

/// What a job is, in words (`initiatedBy`, `type`).
#[must_use]
pub fn kind(job: &DrsJob) -> String {
    match job.initiated_by.as_str() {
        "START_DRILL" => "drill launch".into(),
        "START_RECOVERY" => "recovery".into(),
        "FAILBACK" => "failback".into(),
        _ => match job.kind.as_str() {
            "TERMINATE" => "termination".into(),
            other => other.to_lowercase().replace('_', " "),
        },
    }
}

/// What a job does to a server that it is done with.
#[must_use]
pub fn done_word(job: &DrsJob) -> &'static str {
    if job.kind == "TERMINATE" { "terminated" } else { "launched" }
}
