//! What is not known of DRS. Its jobs can be unknown while its servers are known.

use super::failing;
use crate::estate::Region;
use crate::event::Failure;

/// Why no list of jobs counts now.
#[must_use]
pub fn unread_jobs(failure: Option<&Failure>) -> String {
    match failure {
        Some(failure) => failure.why.clone(),
        None => "they have not been read for too long".to_owned(),
    }
}

/// Why a list of jobs that was begun before DRS took on this change counts no more.
#[must_use]
pub fn jobs_before(change: &str) -> String {
    format!("they were not read since DRS took on {change}")
}

/// That nothing of a region's DRS is known, and why: DRS is not to blame where it refuses this console's credentials.
#[must_use]
pub fn silent_drs(region: &Region, failure: Option<&Failure>) -> String {
    match failure {
        Some(failure) => format!("DRS in {region} {}: {}", failing(failure.kind, 1), failure.why),
        None => format!("DRS in {region} has not answered yet"),
    }
}

/// That a region's jobs are not known, while its servers are.
#[must_use]
pub fn unknown_jobs(region: &Region, why: &str) -> String {
    format!("the jobs of DRS in {region} are not known now: {why}")
}

/// That a job's log could not be read this time, and what is shown is older.
#[must_use]
pub fn unread_log(failure: &Failure) -> String {
    format!("its log is not known now: {}", failure.why)
}

/// That a task was to send something, and ended without saying what came of it.
#[must_use]
pub fn unanswered() -> String {
    "the console lost the task that was to send it".to_owned()
}

/// The servers that have no recovery snapshot for a point in time, each with what it has.
#[must_use]
pub fn no_points(at: &str, without: &[(String, Option<String>)]) -> String {
    let each = |(name, oldest): &(String, Option<String>)| match oldest {
        Some(oldest) => format!("{name} (its oldest is of {oldest})"),
        None => format!("{name} (it has none)"),
    };
    let each: Vec<String> = without.iter().map(each).collect();
    format!("no recovery snapshot that is not younger than {at}: {}", super::list(&each))
}

/// That nobody knows what recovery snapshots there are.
#[must_use]
pub fn unread_points(region: &Region, why: &str) -> String {
    format!("the recovery snapshots in {region} are not known: {why}")
}
