//! Elastic Disaster Recovery of one region: servers, jobs, the newest job's log, and figures made from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_drs::Client;
use aws_sdk_drs::types::{DataReplicationState, Job, JobLog, RecoverySnapshotsOrder, SourceServer};
use futures::StreamExt as _;

mod direction;
mod points;

pub use points::points;

use super::Clock;
use super::failure::{failure, listed};
use crate::aws::pages::{self, Page};
use crate::aws::{Kind, Trouble, clip};
use crate::estate::{Region, Source};
use crate::event::{ApartServer, DrsJob, DrsServer, Failure, News, ReadingKey, Sample};
use crate::time::{self, Span, Timestamp};

/// Pages of one list: an account has 4000 source servers in a region at most.
const PAGES: usize = 25;
/// Items on a page.
const PAGE: i32 = 200;
/// The most pages of jobs, and jobs on one page: each job lists all of its servers.
const JOB_PAGES: usize = 100;
const JOB_PAGE: i32 = 50;
/// No id is longer, in bytes.
const LONGEST_ID: usize = 100;
/// Jobs that are kept, of those that are over and carry no change.
const JOBS: usize = 10;
/// The most pages of a job's log: two hundred servers have some ten lines each.
const LOG_PAGES: usize = 50;
/// Lines of a job's log that are kept, the newest.
const LINES: usize = 200;
/// Servers whose snapshots are asked for in one poll; with more servers they take turns.
const SNAPSHOTS: usize = 25;
/// Servers whose snapshots are asked for at once.
const AT_ONCE: usize = 5;
/// Real time for the jobs, for the newest one's log, and, after the servers, for snapshots: whoever waits for the servers
/// waits for no more than that.
const FOR_JOBS: Duration = Duration::from_millis(3500);
const FOR_LOG: Duration = Duration::from_millis(1500);
const FOR_SNAPSHOTS: Duration = Duration::from_millis(1500);

/// What a reading wants of DRS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    Replicating,
    Lag,
    SnapshotAge,
}

impl Figure {
    pub(super) fn of(source: &Source) -> Option<Self> {
        match source {
            Source::DrsReplicating => Some(Figure::Replicating),
            Source::DrsLag => Some(Figure::Lag),
            Source::DrsSnapshotAge => Some(Figure::SnapshotAge),
            _ => None,
        }
    }
}

/// A line of a job's log.
type Line = (Timestamp, String);

/// What is remembered between two polls, for what was not asked or not answered this time. Of jobs, only lines of the
/// newest one's log: what is written there stays true, while a job's status, or that there is no job, does not.
#[derive(Default)]
struct Memory {
    snapshots: BTreeMap<String, Timestamp>,
    log: Option<(String, Vec<Line>)>,
    turn: usize,
}

/// DRS of a region.
pub(super) struct Feed {
    client: Client,
    figures: Vec<(ReadingKey, Figure)>,
    /// The regions that form a pair with this one.
    others: BTreeSet<Region>,
    clock: Clock,
    fresh_for: Span,
    asked: String,
    memory: Mutex<Memory>,
}

impl Feed {
    pub(super) fn new(
        client: Client,
        (figures, others): (Vec<(ReadingKey, Figure)>, BTreeSet<Region>),
        clock: Clock,
        fresh_for: Span,
        asked: String,
    ) -> Self {
        Self { client, figures, others, clock, fresh_for, asked, memory: Mutex::default() }
    }

    /// Servers are what counts: without them there is no answer. Jobs, their log and snapshots fail by themselves, each
    /// within a time of its own, and what could not be read is told as not known.
    pub(super) async fn ask(self: Arc<Self>) -> Result<News, Failure> {
        let (servers, jobs) = futures::join!(self.servers_with_snapshots(), self.jobs_with_log());
        let (servers, apart) = servers.map_err(|t| failure(&t, &self.asked))?;
        let jobs = jobs.map_err(|trouble| {
            tracing::warn!(asked = self.asked, %trouble, "no DRS jobs");
            failure(&trouble, &self.asked)
        });
        let now = (self.clock)();
        let samples = self.figures.iter().map(|(key, figure)| Sample {
            key: key.clone(),
            value: value(*figure, &servers, now).into(),
            measured: now,
            fresh_for: self.fresh_for,
        });
        Ok(News::Drs { samples: samples.collect(), servers, apart, jobs })
    }

    async fn servers_with_snapshots(&self) -> Result<(Vec<DrsServer>, Vec<ApartServer>), Trouble> {
        let (mut servers, apart) = self.servers().await?;
        if self.figures.iter().any(|(_, f)| *f == Figure::SnapshotAge)
            && let Err(trouble) = within(FOR_SNAPSHOTS, self.ask_snapshots(&servers)).await
        {
            tracing::warn!(asked = self.asked, %trouble, "no DRS snapshots");
        }
        self.remember(|m| {
            for server in &mut servers {
                server.snapshot = m.snapshots.get(&server.id).copied();
            }
        });
        Ok((servers, apart))
    }

    async fn jobs_with_log(&self) -> Result<Vec<DrsJob>, Trouble> {
        let mut jobs = within(FOR_JOBS, self.jobs()).await?;
        if let Some(newest) = jobs.first_mut() {
            self.add_log(newest).await;
        }
        Ok(jobs)
    }

    /// Those of this direction, and the others.
    async fn servers(&self) -> Result<(Vec<DrsServer>, Vec<ApartServer>), Trouble> {
        let all = pages::all(PAGES, "source servers", |token| async move {
            let page = self.client.describe_source_servers().max_results(PAGE).set_next_token(token).send().await?;
            let all = listed(page.items, "items")?.into_iter().take(PAGE as usize);
            let all = all.filter_map(|s| Some((direction::apart(&s, &self.others), server(s)?)));
            Ok(Page::of(all.collect(), page.next_token))
        });
        let (mut servers, mut others) = (Vec::new(), Vec::new());
        for (apart, server) in all.await? {
            match apart {
                None => servers.push(server),
                Some(why) => others.push(ApartServer { id: server.id, name: server.name, why }),
            }
        }
        Ok((servers, others))
    }

    async fn jobs(&self) -> Result<Vec<DrsJob>, Trouble> {
        let jobs = pages::all(JOB_PAGES, "jobs", |token| async move {
            let page = self.client.describe_jobs().max_results(JOB_PAGE).set_next_token(token).send().await?;
            let all = listed(page.items, "items")?.into_iter().take(JOB_PAGE as usize);
            Ok(Page::of(all.map(job).collect(), page.next_token))
        });
        Ok(kept(jobs.await?))
    }

    /// Adds its log to a job; if it cannot be read, what was read of it before, and why not.
    async fn add_log(&self, job: &mut DrsJob) {
        match within(FOR_LOG, self.log(&job.id)).await {
            Ok(log) => {
                self.remember(|m| m.log = Some((job.id.clone(), log.clone())));
                job.log = log;
            }
            Err(trouble) => {
                tracing::warn!(asked = self.asked, %trouble, "no log of a DRS job");
                job.log_failure = Some(failure(&trouble, &self.asked));
                let same = |(id, log): &(String, Vec<Line>)| (*id == job.id).then(|| log.clone());
                job.log = self.remember(|m| m.log.as_ref().and_then(same)).unwrap_or_default();
            }
        }
    }

    async fn log(&self, job: &str) -> Result<Vec<Line>, Trouble> {
        let lines = pages::all(LOG_PAGES, "a job's log", |token| async move {
            let call = self.client.describe_job_log_items().job_id(job).max_results(PAGE);
            let page = call.set_next_token(token).send().await?;
            let all = listed(page.items, "items")?;
            Ok(Page::of(all.iter().take(PAGE as usize).filter_map(line).collect(), page.next_token))
        });
        let mut lines = lines.await?;
        lines.sort();
        let older = lines.len().saturating_sub(LINES);
        lines.drain(..older);
        Ok(lines)
    }

    /// Asks for the newest snapshot of a share of the servers, and remembers what is said as soon as it is.
    async fn ask_snapshots(&self, servers: &[DrsServer]) -> Result<(), Trouble> {
        let turn = self.remember(|m| {
            m.snapshots.retain(|id, _| servers.iter().any(|s| &s.id == id));
            m.turn
        });
        let share = servers.iter().cycle().skip(turn % servers.len().max(1)).take(servers.len().min(SNAPSHOTS));
        let ids: Vec<String> = share.map(|s| s.id.clone()).collect();
        let asked = ids.into_iter().map(|id| self.named(id));
        let mut answers = futures::stream::iter(asked).buffered(AT_ONCE);
        let mut result = Ok(());
        while let Some((server, newest)) = answers.next().await {
            // Whoever was not asked, or did not answer in time, comes first at the next turn.
            self.remember(|m| m.turn = m.turn.wrapping_add(1));
            match newest {
                Ok(Some(at)) => drop(self.remember(|m| m.snapshots.insert(server, at))),
                Ok(None) => drop(self.remember(|m| m.snapshots.remove(&server))),
                // One server that cannot be read says nothing about the others.
                Err(trouble) if trouble.kind == Kind::Garbled => result = Err(trouble),
                Err(trouble) => return Err(trouble),
            }
        }
        result
    }

    /// A server's newest snapshot, with its id.
    async fn named(&self, server: String) -> (String, Result<Option<Timestamp>, Trouble>) {
        let newest = self.newest(&server).await;
        (server, newest)
    }

    async fn newest(&self, server: &str) -> Result<Option<Timestamp>, Trouble> {
        let call = self.client.describe_recovery_snapshots().source_server_id(server);
        let page = call.order(RecoverySnapshotsOrder::Desc).max_results(10).send().await?;
        let taken = listed(page.items, "items")?;
        let newest = taken.iter().filter_map(|s| s.timestamp.as_deref()?.parse().ok()).max();
        if newest.is_none() && !taken.is_empty() {
            return Err(Trouble::said(Kind::Garbled, "a recovery snapshot without its time"));
        }
        Ok(newest)
    }

    fn remember<T>(&self, f: impl FnOnce(&mut Memory) -> T) -> T {
        f(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An answer within that time, or none.
async fn within<T>(time: Duration, answer: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    tokio::time::timeout(time, answer).await.unwrap_or_else(|_| Err(Trouble::timeout(time)))
}

fn value(figure: Figure, servers: &[DrsServer], now: Timestamp) -> Option<f64> {
    match figure {
        // An empty list means that nothing is known, not that no server replicates.
        Figure::Replicating => {
            let well = servers.iter().filter(|s| s.state == "CONTINUOUS").count();
            u32::try_from(well).ok().filter(|_| !servers.is_empty()).map(f64::from)
        }
        // The largest of those that are known is not the largest while one is not known.
        Figure::Lag => {
            let known = servers.iter().all(|s| s.lag.is_some());
            servers.iter().filter_map(|s| s.lag).max().filter(|_| known).map(|lag| lag.as_secs_f64())
        }
        // A server without a snapshot has no age, and then neither has the oldest; nor one from the future.
        Figure::SnapshotAge => {
            let ages = servers.iter().map(|s| time::age(s.snapshot?, now));
            let known: Option<Vec<Span>> = ages.collect();
            known?.into_iter().max().map(|age| age.as_secs_f64())
        }
    }
}

fn server(s: SourceServer) -> Option<DrsServer> {
    let id = s.source_server_id.filter(|id| id.len() <= LONGEST_ID)?;
    let hints = s.source_properties.and_then(|p| p.identification_hints);
    let name = s.tags.and_then(|t| t.get("Name").cloned()).or_else(|| hints.and_then(|h| h.hostname));
    let info = s.data_replication_info;
    let disks = info.as_ref().and_then(|i| i.replicated_disks.as_ref());
    let state = info.as_ref().and_then(|i| i.data_replication_state.clone());
    // For a server that no longer replicates, DRS reports the lag that it had when it stopped.
    let told = !matches!(state, Some(DataReplicationState::Disconnected | DataReplicationState::Stopped));
    let lag = info.as_ref().and_then(|i| i.lag_duration.as_deref()).filter(|_| told).and_then(duration);
    Some(DrsServer {
        name: clip(name.as_deref().unwrap_or(&id), 200),
        state: state.map_or_else(|| "UNKNOWN".to_owned(), |s| clip(s.as_str(), 100)),
        lag,
        backlog: disks.map(|d| d.iter().fold(0_i64, |sum, d| sum.saturating_add(d.backlogged_storage_bytes))),
        last_launch: s.last_launch_result.map(|r| clip(r.as_str(), 100)),
        snapshot: None,
        id,
    })
}

/// What is kept of all jobs, newest first. What something is decided by is never left out: jobs that are not over keep
/// their servers busy, and by its tag a change finds its job.
fn kept(mut all: Vec<DrsJob>) -> Vec<DrsJob> {
    all.sort_by_key(|j| std::cmp::Reverse(j.created));
    let mut others = 0;
    all.retain(|j| {
        let decides = j.status != "COMPLETED" || j.change.is_some();
        others += usize::from(!decides);
        decides || others <= JOBS
    });
    all
}

fn job(j: Job) -> DrsJob {
    let text = |t: Option<&str>| clip(t.unwrap_or_default(), 100);
    let servers = j.participating_servers.unwrap_or_default();
    DrsJob {
        kind: text(j.r#type.as_ref().map(aws_sdk_drs::types::JobType::as_str)),
        initiated_by: text(j.initiated_by.as_ref().map(aws_sdk_drs::types::InitiatedBy::as_str)),
        status: text(j.status.as_ref().map(aws_sdk_drs::types::JobStatus::as_str)),
        servers: servers
            .into_iter()
            .take(300)
            .map(|s| {
                let status = text(s.launch_status.as_ref().map(aws_sdk_drs::types::LaunchStatus::as_str));
                (clip(s.source_server_id.as_deref().unwrap_or_default(), 100), status)
            })
            .collect(),
        created: j.creation_date_time.and_then(|t| t.parse().ok()),
        change: j
            .tags
            .as_ref()
            .and_then(|t| t.get(crate::launch::TAG))
            .and_then(|d| crate::change::Digest::from_hex(d)),
        log: Vec::new(),
        log_failure: None,
        id: clip(&j.job_id, 100),
    }
}

fn line(l: &JobLog) -> Option<Line> {
    let at = l.log_date_time.as_deref()?.parse().ok()?;
    let mut text = l.event.as_ref()?.as_str().to_owned();
    if let Some(data) = &l.event_data {
        for more in [&data.source_server_id, &data.target_instance_id, &data.raw_error].into_iter().flatten() {
            text.push(' ');
            text.push_str(more);
        }
    }
    Some((at, clip(&text, 400)))
}

/// An ISO 8601 duration, as `lagDuration` is: `PT4.8S`, `P1DT2H`.
fn duration(text: &str) -> Option<Span> {
    let span: jiff::Span = text.parse().ok()?;
    span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_is_an_iso_duration() {
        assert_eq!(duration("PT4.8S"), Some(Span::from_millis(4800)));
        assert_eq!(duration("P1DT2H"), Some(Span::from_hours(26)));
        assert_eq!(duration("2026-01-01T00:00:00Z"), None);
        assert_eq!(duration(""), None);
    }

    fn replicating(state: DataReplicationState, lag: &str) -> DrsServer {
        let info =
            aws_sdk_drs::types::DataReplicationInfo::builder().data_replication_state(state).lag_duration(lag).build();
        server(SourceServer::builder().source_server_id("s-1").data_replication_info(info).build()).unwrap()
    }

    #[test]
    fn the_lag_that_a_server_had_before_it_fell_silent_is_not_its_lag() {
        let [well, stalled, gone] = [
            replicating(DataReplicationState::Continuous, "PT2S"),
            replicating(DataReplicationState::Stalled, "PT16M"),
            replicating(DataReplicationState::Disconnected, "PT2S"),
        ];
        let lag = |servers: &[&DrsServer]| {
            let servers: Vec<DrsServer> = servers.iter().map(|s| (*s).clone()).collect();
            value(Figure::Lag, &servers, Timestamp::UNIX_EPOCH)
        };
        assert_eq!(lag(&[&well, &stalled]), Some(960.0));
        assert_eq!(lag(&[&well, &gone]), None);
        assert_eq!(lag(&[]), None);
    }

    #[test]
    fn no_job_that_something_is_decided_by_is_left_out() {
        let job = |n: i64, status: &str, ours: bool| DrsJob {
            id: format!("drsjob-{n}"),
            kind: "LAUNCH".into(),
            initiated_by: "START_DRILL".into(),
            status: status.into(),
            servers: Vec::new(),
            created: Timestamp::from_second(n).ok(),
            change: ours.then(|| crate::change::Digest::of("a change")),
            log: Vec::new(),
            log_failure: None,
        };
        let mut all = vec![job(1, "COMPLETED", true), job(2, "STARTED", false), job(3, "PENDING", false)];
        all.extend((4..40).map(|n| job(n, "COMPLETED", false)));
        let ids: Vec<String> = kept(all).into_iter().map(|j| j.id).collect();
        let newest = (30..40).rev();
        let wanted: Vec<String> = newest.chain([3, 2, 1]).map(|n| format!("drsjob-{n}")).collect();
        assert_eq!(ids, wanted);
    }

    fn with_snapshot(at: Option<i64>) -> DrsServer {
        DrsServer {
            id: "s-1".into(),
            name: "a".into(),
            state: "CONTINUOUS".into(),
            lag: None,
            backlog: None,
            last_launch: None,
            snapshot: at.and_then(|s| Timestamp::from_second(s).ok()),
        }
    }

    #[test]
    fn a_server_without_snapshot_is_no_data_and_not_a_young_one() {
        let now = Timestamp::from_second(1000).unwrap();
        let age = |servers: &[DrsServer]| value(Figure::SnapshotAge, servers, now);
        assert_eq!(age(&[with_snapshot(Some(900)), with_snapshot(Some(400))]), Some(600.0));
        assert_eq!(age(&[with_snapshot(Some(900)), with_snapshot(None)]), None);
        assert_eq!(age(&[]), None);
        assert_eq!(age(&[with_snapshot(Some(1060)), with_snapshot(Some(400))]), Some(600.0), "a clock runs ahead");
        assert_eq!(age(&[with_snapshot(Some(9000)), with_snapshot(Some(400))]), None, "what is to come has no age");
        assert_eq!(value(Figure::Replicating, &[], now), None, "of none nothing is known");
        assert_eq!(value(Figure::Replicating, &[with_snapshot(None)], now), Some(1.0));
    }
}
