//! What DRS's words mean: which server replicates, how far a job is, and whether it failed.
//!
//! A job's status is PENDING, STARTED or COMPLETED, and never FAILED. Its servers show whether it failed
//! (`launchStatus`), so a COMPLETED job with a failed server is a failure.

use std::collections::BTreeMap;

use super::lifecycle::Pending;
use super::{Fresh, Mark, Model};
use crate::change::gate::DrsNow;
use crate::change::{Change, Digest, Launch, LaunchServer, NotDone, State};
use crate::effect::{Effect, EffectId, LaunchOrder};
use crate::estate::Region;
use crate::event::{DrsJob, DrsServer, Failure, LaunchEnd, SourceId};
use crate::record::Record;
use crate::time::{Span, Stamp};

/// How long after a launch became uncertain a list of jobs must be begun that can show that it did not happen. Longer than
/// an attempt's deadline.
pub(crate) const SETTLE_AFTER: Span = Span::from_secs(30);
/// How often DRS is asked while a launch is under way.
const LOOK_EVERY: Span = Span::from_secs(10);
/// Names of failed servers that are kept.
const MOST_FAILED: usize = 50;

/// Whether a server's changes reach the other region continuously.
#[must_use]
pub fn replicates(server: &DrsServer) -> bool {
    server.state == "CONTINUOUS"
}

/// How a server stands by its own words (`dataReplicationState`), wherever its source is.
fn mark(server: &DrsServer) -> Mark {
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

/// Whether a line of a job's log reports a failure: DRS names such events `…_FAILED` (`JobLogEvent`).
#[must_use]
pub fn went_wrong(line: &str) -> bool {
    line.contains("FAIL")
}

/// What a job does to a server that it is done with.
#[must_use]
pub fn done_word(job: &DrsJob) -> &'static str {
    if job.kind == "TERMINATE" { "terminated" } else { "launched" }
}

/// What is known of a region's jobs. They are read apart from its servers, and can fail apart from them. What is shown
/// to people ([`Jobs::last`]) is not what anything may be decided by ([`Jobs::known`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jobs {
    /// As they were read last; `heard` is when that reading began, so that it holds all that was there by then.
    read: Option<Fresh<Vec<DrsJob>>>,
    /// Why the newest try failed.
    failure: Option<Failure>,
}

impl Jobs {
    /// Takes in a report that was begun at `began` and counts until `due`.
    pub(crate) fn hear(&mut self, told: Result<Vec<DrsJob>, Failure>, began: Stamp, due: Stamp) {
        match told {
            Ok(mut jobs) => {
                for failure in jobs.iter_mut().filter_map(|j| j.log_failure.as_mut()) {
                    *failure = seen(failure);
                }
                *self = Self { read: Some(Fresh { value: jobs, heard: began, due }), failure: None };
            }
            Err(failure) => self.failure = Some(seen(&failure)),
        }
    }

    /// As they were read last, newest first, however long ago that was; none where they never were.
    #[must_use]
    pub fn last(&self) -> Option<&[DrsJob]> {
        self.read.as_ref().map(|read| read.value.as_slice())
    }

    /// All that were there a moment ago, newest first.
    ///
    /// # Errors
    /// Why they are not known now, for people to read.
    pub fn known(&self, now: Stamp) -> Result<&[DrsJob], String> {
        match (&self.read, &self.failure) {
            (Some(read), _) if read.is_fresh(now) => Ok(&read.value),
            (_, failure) => Err(crate::words::unread_jobs(failure.as_ref())),
        }
    }

    /// Why the newest try to read them failed; none where it did not.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.failure.as_ref().map(|failure| failure.why.as_str())
    }

    /// When the reading of what is known began; none while they are not known.
    fn began(&self, now: Stamp) -> Option<Stamp> {
        self.read.as_ref().filter(|read| read.is_fresh(now)).map(|read| read.heard)
    }

    /// The same, each job and the trouble told in another way.
    pub(crate) fn map(&self, job: impl Fn(&DrsJob) -> DrsJob, why: impl Fn(&str) -> String) -> Self {
        let read = self.read.as_ref().map(|r| Fresh { value: r.value.iter().map(job).collect(), ..*r });
        let failure = self.failure.as_ref().map(|f| Failure { kind: f.kind, why: why(&f.why) });
        Self { read, failure }
    }
}

/// What DRS said, with hidden characters as marks.
fn seen(failure: &Failure) -> Failure {
    Failure { kind: failure.kind, why: crate::hygiene::visible(&failure.why).into_owned() }
}

impl Model {
    /// How a source server that DRS has in a region stands. It cannot replicate out of a region that has failed: that is
    /// the failure of that one.
    #[must_use]
    pub fn server_mark(&self, region: &Region, server: &DrsServer) -> Mark {
        match mark(server) {
            Mark::Fail if self.receives_from_failed(region) => Mark::Warn,
            mark => mark,
        }
    }

    /// How replication into a region stands: by the estate's own limits where it has a reading of it.
    #[must_use]
    pub fn replication_mark(&self, region: &Region) -> Mark {
        let Some(known) = self.drs.get(region).and_then(|d| d.get(self.now)) else { return Mark::Unknown };
        let judged = self.estate.systems.iter().filter_map(|system| {
            let side = self.estate.pair(&system.pair)?.side(region)?;
            let counts = |r: &&crate::estate::Reading| r.source == crate::estate::Source::DrsReplicating;
            let reading = self.side_readings(system, side).find(counts)?;
            Some(self.judge(system, reading, side.into()).mark)
        });
        judged.max().unwrap_or_else(|| {
            let worst = known.servers.iter().map(|s| self.server_mark(region, s)).max();
            worst.map_or(Mark::Warn, |worst| worst.min(Mark::Warn))
        })
    }

    /// DRS by region, where its answer is fresh.
    pub(crate) fn drs_now(&self) -> BTreeMap<&Region, DrsNow<'_>> {
        self.drs
            .iter()
            .filter_map(|(region, drs)| {
                let drs = drs.get(self.now)?;
                let jobs = self.jobs_now(region, &drs.jobs);
                Some((region, DrsNow { servers: &drs.servers, apart: &drs.apart, jobs }))
            })
            .collect()
    }

    /// A region's jobs as far as a launch may be decided by them. A list that was begun before DRS took on the launch
    /// that it took on last need not have its job.
    fn jobs_now<'a>(&self, region: &Region, jobs: &'a Jobs) -> Result<&'a [DrsJob], String> {
        let known = jobs.known(self.now)?;
        let began = jobs.began(self.now);
        let unseen = |c: &&Change| {
            let State::Launching { job } = &c.state else { return false };
            let before = began.is_none_or(|began| began.mono <= c.surely.mono);
            before && c.text.receiving == *region && !known.iter().any(|j| j.id == *job)
        };
        match self.changes.all().iter().find(unseen) {
            Some(change) => Err(crate::words::jobs_before(&change.digest.words())),
            None => Ok(known),
        }
    }

    /// Whether DRS of a region is known well enough to judge a launch there.
    ///
    /// # Errors
    /// What is not known, for people to read.
    pub fn knows_drs(&self, region: &Region) -> Result<(), String> {
        let drs = self.drs.get(region).and_then(|d| d.get(self.now));
        let failure = self.sources.get(&SourceId::Drs(region.clone())).and_then(|s| s.failure.as_ref());
        let drs = drs.ok_or_else(|| crate::words::silent_drs(region, failure.map(|(failure, _)| failure)))?;
        drs.jobs.known(self.now).map(drop).map_err(|why| crate::words::unknown_jobs(region, &why))
    }

    /// A launch of these servers of a region, or of all that DRS has there, in DRS's order.
    #[must_use]
    pub fn launch_of(&self, region: &Region, ids: &[&str], drill: bool) -> Launch {
        let known = self.drs.get(region).map(|d| d.value.servers.as_slice()).unwrap_or_default();
        let wanted = known.iter().filter(|s| ids.is_empty() || ids.contains(&s.id.as_str()));
        let servers = wanted.map(|s| LaunchServer { id: s.id.clone(), name: s.name.clone(), point: None });
        Launch { drill, servers: servers.collect(), at: None }
    }

    /// The ids of source servers of a region by their names or ids.
    ///
    /// # Errors
    /// Which one DRS does not have, and which it has.
    pub fn servers_of<'m>(&'m self, region: &Region, wanted: &[&str]) -> Result<Vec<&'m str>, String> {
        let drs = self.drs.get(region).map(|d| &d.value);
        let known = drs.map(|d| d.servers.as_slice()).unwrap_or_default();
        let apart = drs.map(|d| d.apart.as_slice()).unwrap_or_default();
        let found = |wanted: &&str| match (
            known.iter().find(|s| s.id == **wanted || s.name == **wanted),
            apart.iter().find(|s| s.id == **wanted || s.name == **wanted),
        ) {
            (Some(server), _) => Ok(server.id.as_str()),
            (None, Some(other)) => Err(format!("{} is not launched in {region}: {}", other.name, other.why.words())),
            (None, None) => {
                let names: Vec<_> = known.iter().map(|s| s.name.as_str()).collect();
                Err(format!("no source server of {region} is called `{wanted}`; DRS has {}", names.join(", ")))
            }
        };
        wanted.iter().map(found).collect()
    }

    /// The job of a launch, while DRS still lists it.
    #[must_use]
    pub fn job_of(&self, change: &Change) -> Option<&DrsJob> {
        let drs = self.drs.get(&change.text.receiving)?;
        let is_job = |j: &&DrsJob| match &change.state {
            State::Launching { job } | State::Launched { job, .. } => j.id == *job,
            _ => j.change == Some(change.digest),
        };
        drs.value.jobs.last()?.iter().find(is_job)
    }

    /// The intent of a launch is on disk: now it may be sent.
    pub(crate) fn send_launch(&mut self, change: Digest, region: Region, launch: Launch) {
        let site = self.estate.drs_site(&region);
        let order = LaunchOrder { change, site, launch };
        self.effect(Some(Pending::Launch(change)), |id| Effect::Launch(id, order));
    }

    pub(crate) fn launch_answered(&mut self, id: EffectId, answer: LaunchEnd) {
        let Some(Pending::Launch(change)) = self.pending.remove(&id) else { return };
        let region = self.changes.get(&change).map(|c| c.text.receiving.clone());
        self.keep(Record::LaunchAnswered { change, answer });
        self.out.extend(region.map(|r| Effect::Hurry(SourceId::Drs(r))));
    }

    /// Finds the job of a launch that nobody confirmed, also of one that seemed not to have happened, and sees when a job
    /// is over.
    pub(crate) fn follow_launches(&mut self) {
        let mut records = Vec::new();
        let mut look = Vec::new();
        for c in self.changes.all() {
            let unfound = State::NotApplied(NotDone::NoJob);
            let open = matches!(c.state, State::Uncertain | State::Launching { .. }) || c.state == unfound;
            if !open || c.text.launch().is_none() {
                continue;
            }
            let region = &c.text.receiving;
            let fresh = self.drs.get(region).filter(|d| d.is_fresh(self.now) && d.heard.mono > c.surely.mono);
            // Only of a list that was read from beginning to end after that is it known what it does not have.
            let answered = fresh.and_then(|d| d.value.jobs.began(self.now));
            match (&c.state, self.job_of(c).filter(|_| fresh.is_some())) {
                (State::Uncertain | State::NotApplied(_), Some(job)) => {
                    let answer = LaunchEnd::Started { job: job.id.clone() };
                    records.push(Record::LaunchAnswered { change: c.digest, answer });
                }
                (State::Uncertain, None)
                    if answered.is_some_and(|at| at.since(c.surely) > self.in_life(SETTLE_AFTER)) =>
                {
                    records.push(Record::Settled { change: c.digest, done: false, endpoints: Vec::new() });
                }
                (State::Launching { .. }, Some(job)) if progress(job).over => {
                    records.push(self.launched(c, job));
                }
                (State::NotApplied(_), None) => {}
                _ if self.now.since(self.drs_asked_at) > LOOK_EVERY => look.push(region.clone()),
                _ => {}
            }
        }
        for record in records {
            self.keep(record);
        }
        if !look.is_empty() {
            self.drs_asked_at = self.now;
            self.out.extend(look.into_iter().map(|r| Effect::Hurry(SourceId::Drs(r))));
        }
    }

    fn launched(&self, change: &Change, job: &DrsJob) -> Record {
        let servers = change.text.launch().map(|l| l.servers.as_slice()).unwrap_or_default();
        // A server that the job does not tell of was not launched either.
        let well = |id: &str| job.servers.iter().any(|(s, status)| s == id && status == "LAUNCHED");
        let failed = servers.iter().filter(|s| !well(&s.id)).map(|s| s.name.clone()).take(MOST_FAILED).collect();
        let count = u32::try_from(servers.len()).unwrap_or(u32::MAX);
        Record::Launched { change: change.digest, job: job.id.clone(), servers: count, failed }
    }
}
