//! DRS's side of the world: source servers that follow, and recovery jobs that go through their log.
//!
//! A job's whole course is fixed when it is asked for; what is seen of it is how far the clock has come.

use super::dice::key;
use super::metrics::sides_of;
use super::{
    CheckState, Instance, InstanceState, Job, JobEvent, JobLogItem, JobStatus, Launch, LaunchStatus, Reach,
    RecoveryInstance, RecoverySnapshot, ReplicationState, SourceServer, Spot, StartRecoveryError, Tags, World,
};
use crate::estate::{Region, Side, Source, SystemId};
use crate::time::{Span, Timestamp};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// Jobs remembered.
const MOST_JOBS: usize = 200;
/// Jobs that may run at once in a region.
const RUNNING_JOBS: usize = 20;
/// Servers in one job.
const MOST_SERVERS: usize = 200;
/// Seconds between two points in time that can be recovered.
const SNAPSHOT_EVERY: i64 = 600;
const GIB: i64 = 1 << 30;

/// A source server as it always is.
struct Stand {
    id: String,
    hostname: String,
    system: SystemId,
    owner: String,
    source_owner: String,
    reading: Option<(crate::estate::ReadingId, Side)>,
    source: Region,
    number: u32,
    all: u32,
    way: Way,
}

/// Which way a source server replicates.
enum Way {
    /// Into the region that lists it.
    Forth,
    /// Not any more: the one with this id brings it back, in the region that it came from.
    Turned(String),
    /// Into the region that lists it, where the one with this id came from.
    Back(String),
}

/// A job as it was asked for, with its whole course.
#[derive(Debug)]
pub(super) struct Course {
    id: String,
    region: Region,
    owner: String,
    is_drill: bool,
    created: Timestamp,
    tags: Tags,
    steps: Vec<JobLogItem>,
    servers: Vec<ServerCourse>,
}

#[derive(Debug)]
struct ServerCourse {
    id: String,
    begins: Timestamp,
    launches: Timestamp,
    ends: Timestamp,
    failed: bool,
    instance: String,
    point: Timestamp,
}

impl Course {
    fn ended(&self) -> Timestamp {
        self.steps.last().map_or(self.created, |s| s.at)
    }

    fn status(&self, server: &ServerCourse, now: Timestamp) -> LaunchStatus {
        match () {
            () if now < server.begins => LaunchStatus::Pending,
            () if now < server.ends => LaunchStatus::InProgress,
            () if server.failed => LaunchStatus::Failed,
            () => LaunchStatus::Launched,
        }
    }
}

impl World {
    fn stands(&self, region: &Region) -> Vec<Stand> {
        let mut stands = self.turned(region);
        // What comes back from the other region of a pair.
        let others = self.estate.pairs.iter().filter_map(|p| Some(p.region(p.side(region)?.other()).clone()));
        for other in others.collect::<BTreeSet<Region>>() {
            for stand in self.turned(&other).into_iter().filter(|s| s.source == *region) {
                if let Way::Turned(back) = stand.way {
                    let way = Way::Back(stand.id);
                    let (owner, source_owner) = (stand.source_owner, stand.owner);
                    let source = other.clone();
                    stands.push(Stand { id: back, source, owner, source_owner, reading: None, way, ..stand });
                }
            }
        }
        stands
    }

    /// Those that were set up to replicate into a region, as far as they still do.
    fn turned(&self, region: &Region) -> Vec<Stand> {
        let mut stands = self.set_up(region);
        let first = stands.len().saturating_sub(self.causes.reversed(region, self.now));
        for stand in stands.iter_mut().skip(first) {
            stand.way = Way::Turned(format!("s-{}", self.dice.hex(17, &[key("back"), key(&stand.id)])));
        }
        stands
    }

    fn set_up(&self, region: &Region) -> Vec<Stand> {
        let mut stands: Vec<Stand> = Vec::new();
        let mut done = BTreeSet::new();
        let drs = |s: &Source| matches!(s, Source::DrsReplicating | Source::DrsLag | Source::DrsSnapshotAge);
        for system in &self.estate.systems {
            let Some(pair) = self.estate.pair(&system.pair) else { continue };
            for reading in system.readings.iter().filter(|r| drs(&r.source)) {
                for side in sides_of(reading).iter().filter(|s| pair.region(**s) == region) {
                    if !done.insert((pair.name.clone(), *side)) {
                        continue;
                    }
                    let counted = self.estate.systems_of(&pair.name).find_map(|s| {
                        let r = s.readings.iter().find(|r| r.source == Source::DrsReplicating)?;
                        Some((s, r))
                    });
                    let all = counted.and_then(|(_, r)| r.of).unwrap_or(8.0).clamp(1.0, 300.0) as u32;
                    let names: Vec<&str> = self.estate.services_of(&pair.name).map(|s| s.name.as_str()).collect();
                    let owner = self.owner_of(system, pair, *side);
                    for n in 0..all {
                        let name = names.get(n as usize % names.len().max(1)).copied().unwrap_or("server");
                        let q = [
                            key("server") ^ self.salt(&owner),
                            key(pair.name.as_str()),
                            key(region.as_str()),
                            u64::from(n),
                        ];
                        stands.push(Stand {
                            id: format!("s-{}", self.dice.hex(17, &q)),
                            hostname: format!("{name}-{:02}", n as usize / names.len().max(1) + 1),
                            system: counted.map_or(&system.id, |(s, _)| &s.id).clone(),
                            owner: owner.clone(),
                            source_owner: self.owner_of(system, pair, side.other()),
                            reading: counted.map(|(_, r)| (r.id.clone(), *side)),
                            source: pair.region(side.other()).clone(),
                            number: n,
                            all,
                            way: Way::Forth,
                        });
                    }
                }
            }
        }
        stands
    }

    /// An account's source servers in a region.
    pub(super) fn server_ids(&self, spot: Spot<'_>) -> Vec<String> {
        self.stands(spot.region).into_iter().filter(|s| s.owner == spot.owner).map(|s| s.id).collect()
    }

    /// A server's lag and backlog in bytes at a moment; none for a server not known here.
    pub(super) fn server_lag(&self, spot: Spot<'_>, id: &str, at: Timestamp) -> Option<(Span, i64)> {
        let stand = self.stands(spot.region).into_iter().find(|s| s.id == id && s.owner == spot.owner)?;
        Some(self.lag_of(&stand, at))
    }

    fn lag_of(&self, stand: &Stand, at: Timestamp) -> (Span, i64) {
        let (behind, usual) = self.causes.behind(&stand.system, &stand.source, at);
        let usual = 1.4 + self.dice.wander(usual.as_millisecond(), 61_000, key(&stand.id));
        // A server that a scenario takes out of the count stopped replicating when it was taken out.
        let stopped = stand.reading.as_ref().filter(|_| self.counted_out(stand, at)).and_then(|(reading, side)| {
            let since = self.causes.set_since(&stand.system, reading, *side, at)?;
            Some(at.duration_since(since).as_secs_f64())
        });
        let seconds = usual + behind + stopped.unwrap_or(0.0);
        (Span::try_from_secs_f64(seconds).unwrap_or(Span::ZERO), (seconds * 180_000.0) as i64)
    }

    /// Whether fewer servers replicate than there are, and this is one of the others.
    fn counted_out(&self, stand: &Stand, at: Timestamp) -> bool {
        let Some((reading, side)) = &stand.reading else { return false };
        let good = self.causes.reading(&stand.system, reading, *side, at, f64::from(stand.all)).unwrap_or(0.0);
        f64::from(stand.number) >= good
    }

    fn replication(&self, stand: &Stand) -> ReplicationState {
        if let Way::Turned(_) = stand.way {
            return ReplicationState::Stopped;
        }
        let before = self.now.checked_sub(Span::from_mins(3)).unwrap_or(self.now);
        if self.causes.region_down(&stand.source, self.now) && self.causes.region_down(&stand.source, before) {
            return ReplicationState::Disconnected;
        }
        if self.counted_out(stand, self.now) {
            return ReplicationState::Stalled;
        }
        let (behind, _) = self.causes.behind(&stand.system, &stand.source, self.now);
        match self.causes.stalled(&stand.system, self.now) {
            true if behind > 60.0 => ReplicationState::Stalled,
            false if behind > 0.0 => ReplicationState::Backlog,
            _ => ReplicationState::Continuous,
        }
    }

    /// DRS source servers that would be recovered in this region.
    #[must_use]
    pub fn source_servers(&self, region: &Region) -> Vec<SourceServer> {
        let servers = self.stands(region).into_iter().map(|stand| {
            let q = [key("disk"), key(&stand.id)];
            let (lag, backlog) = self.lag_of(&stand, self.now);
            let replication = self.replication(&stand);
            let total = self.dice.between(80, 600, &q) * GIB;
            let silent = replication == ReplicationState::Disconnected;
            let seen = if silent { self.causes.behind(&stand.system, &stand.source, self.now).1 } else { self.now };
            let launch = self.courses.iter().rev().filter(|c| &c.region == region).find_map(|c| {
                let server = c.servers.iter().find(|s| s.id == stand.id)?;
                let status = c.status(server, self.now);
                Some((Launch { job_id: c.id.clone(), is_drill: c.is_drill, at: c.created, status }, server))
            });
            let instance =
                launch.as_ref().filter(|(l, _)| l.status == LaunchStatus::Launched).map(|(_, s)| s.instance.clone());
            let arn =
                |region: &Region, owner: &str, id: &str| format!("arn:aws:drs:{region}:{owner}:source-server/{id}");
            let (failback, reversed) = match &stand.way {
                Way::Forth => (false, None),
                Way::Turned(other) => (false, Some(arn(&stand.source, &stand.source_owner, other))),
                Way::Back(other) => (true, Some(arn(&stand.source, &stand.source_owner, other))),
            };
            SourceServer {
                arn: arn(region, &stand.owner, &stand.id),
                owner: stand.owner,
                failback,
                reversed,
                tags: Tags::from([("Name".to_owned(), stand.hostname.clone())]),
                source_instance_id: format!("i-{}", self.dice.hex(17, &[key("source"), key(&stand.id)])),
                source_region: stand.source,
                source_owner: stand.source_owner,
                replication,
                lag,
                backlog_bytes: backlog,
                replicated_bytes: total - backlog.min(total),
                total_bytes: total,
                last_seen: seen,
                last_launch: launch.map(|(l, _)| l),
                recovery_instance_id: instance,
                hostname: stand.hostname,
                id: stand.id,
            }
        });
        servers.collect()
    }

    /// A source server's recovery snapshots, newest first; empty for a server not known here.
    #[must_use]
    pub fn recovery_snapshots(&self, region: &Region, server: &str) -> Vec<RecoverySnapshot> {
        let Some(stand) = self.stands(region).into_iter().find(|s| s.id == server) else { return Vec::new() };
        let phase = self.dice.between(0, SNAPSHOT_EVERY, &[key("pit"), key(server)]);
        let last = (self.now.as_second() - phase).div_euclid(SNAPSHOT_EVERY);
        let times = (last - 60..=last).rev().filter_map(|n| Timestamp::from_second(n * SNAPSHOT_EVERY + phase).ok());
        let whole = times
            .filter(|t| !self.causes.region_down(&stand.source, *t) && !self.causes.stalled(&stand.system, *t))
            .take(12);
        whole
            .map(|taken| {
                let q = [key("pit"), key(server), taken.as_second() as u64];
                RecoverySnapshot {
                    id: format!("pit-{}", self.dice.hex(17, &q)),
                    source_server_id: server.to_owned(),
                    expected: taken,
                    taken: taken
                        .checked_add(Span::from_secs(self.dice.between(2, 20, &q)))
                        .map_or(taken, |t| t.min(self.now)),
                    ebs_snapshots: (0..2)
                        .map(|n| format!("snap-{}", self.dice.hex(17, &[q[0], q[1], q[2], n])))
                        .collect(),
                }
            })
            .collect()
    }

    /// Begins a recovery (`StartRecovery`) of source servers, each with the snapshot to use, or a new one.
    ///
    /// # Errors
    /// See [`StartRecoveryError`].
    pub fn start_recovery(
        &mut self,
        region: &Region,
        servers: &[(String, Option<String>)],
        is_drill: bool,
        tags: Tags,
    ) -> Result<Job, StartRecoveryError> {
        let different: BTreeSet<&String> = servers.iter().map(|(id, _)| id).collect();
        if servers.is_empty() || servers.len() > MOST_SERVERS || different.len() < servers.len() {
            return Err(StartRecoveryError::BadRequest);
        }
        let now = self.now;
        let stands = self.stands(region);
        let first = servers.first().and_then(|(id, _)| stands.iter().find(|s| &s.id == id));
        let owner = first.map_or_else(|| self.estate.account.clone(), |s| s.owner.clone());
        let here = |c: &&Course| &c.region == region && c.owner == owner && now < c.ended();
        let running: Vec<&Course> = self.courses.iter().filter(here).collect();
        if running.len() >= RUNNING_JOBS {
            return Err(StartRecoveryError::TooManyJobs);
        }
        let mut wanted = Vec::new();
        for (id, snapshot) in servers {
            let Some(stand) = stands.iter().find(|s| &s.id == id && s.owner == owner) else {
                return Err(StartRecoveryError::UnknownServer(id.clone()));
            };
            if running.iter().any(|c| c.servers.iter().any(|s| &s.id == id)) {
                return Err(StartRecoveryError::Busy(id.clone()));
            }
            let kept = self.recovery_snapshots(region, id);
            let point = match snapshot {
                Some(wanted) => match kept.iter().find(|k| &k.id == wanted) {
                    Some(found) => Some(found.expected),
                    None => return Err(StartRecoveryError::UnknownSnapshot(wanted.clone())),
                },
                // A silent source can give no new snapshot: the newest that was kept has to do.
                None if self.causes.region_down(&stand.source, now) => Some(kept.first().map_or(now, |k| k.expected)),
                None => None,
            };
            wanted.push((id.clone(), point));
        }
        let number = self.jobs_begun;
        self.jobs_begun += 1;
        let course = self.course((region, owner), number, wanted, is_drill, tags);
        let job = self.job(&course);
        if self.courses.len() >= MOST_JOBS {
            self.courses.remove(0);
        }
        self.courses.push(course);
        Ok(job)
    }

    fn course(
        &self,
        (region, owner): (&Region, String),
        number: u64,
        wanted: Vec<(String, Option<Timestamp>)>,
        is_drill: bool,
        tags: Tags,
    ) -> Course {
        let q = key("job") ^ key(region.as_str());
        let id = format!("drsjob-{}", self.dice.hex(17, &[q, number]));
        let begun = self.now.checked_add(Span::from_secs(2)).unwrap_or(self.now);
        let item = |at, event| JobLogItem {
            at,
            event,
            source_server_id: None,
            target_instance_id: None,
            conversion_server_id: None,
            raw_error: None,
        };
        let mut steps = vec![item(begun, JobEvent::JobStart)];
        let mut servers = Vec::new();
        for (server, given) in wanted {
            let ask = |n: u64, low: i64, high: i64| {
                Span::from_secs(self.dice.between(low, high, &[q, number, key(&server), n]))
            };
            let instance = format!("i-{}", self.dice.hex(17, &[q, number, key(&server)]));
            let converter = format!("i-{}", self.dice.hex(17, &[q, number, key("conversion"), key(&server)]));
            let mut at = begun;
            let mut step = |after: Span, event: JobEvent| {
                at = at.checked_add(after).unwrap_or(at);
                let converting = matches!(event, JobEvent::ConversionStart | JobEvent::ConversionEnd);
                let launching = matches!(event, JobEvent::LaunchStart | JobEvent::LaunchFailed);
                steps.push(JobLogItem {
                    source_server_id: Some(server.clone()),
                    conversion_server_id: converting.then(|| converter.clone()),
                    target_instance_id: launching.then(|| instance.clone()),
                    raw_error: (event == JobEvent::LaunchFailed)
                        .then(|| "InsufficientInstanceCapacity: EC2 did not launch the instance".to_owned()),
                    ..item(at, event)
                });
                at
            };
            let (begins, point) = match given {
                Some(point) => (step(ask(1, 1, 4), JobEvent::UsingPreviousSnapshot), point),
                None => {
                    let begins = step(ask(1, 1, 4), JobEvent::SnapshotStart);
                    (begins, step(ask(2, 40, 110), JobEvent::SnapshotEnd))
                }
            };
            step(ask(3, 1, 5), JobEvent::ConversionStart);
            step(ask(4, 100, 240), JobEvent::ConversionEnd);
            let launches = step(ask(5, 2, 8), JobEvent::LaunchStart);
            // What EC2's API does to a person it does to DRS as well.
            let failed = self.causes.reach(region, super::Api::Ec2, launches) != Reach::Ok;
            let mut ends = launches.checked_add(ask(6, 30, 90)).unwrap_or(launches);
            if failed {
                ends = step(ask(7, 5, 15), JobEvent::LaunchFailed);
            }
            servers.push(ServerCourse { id: server, begins, launches, ends, failed, instance, point });
        }
        let end = servers.iter().map(|s| s.ends).max().unwrap_or(begun);
        steps.sort_by_key(|s| s.at);
        steps.push(item(end.checked_add(Span::from_secs(3)).unwrap_or(end), JobEvent::JobEnd));
        Course { id, region: region.clone(), owner, is_drill, created: self.now, tags, steps, servers }
    }

    fn job(&self, course: &Course) -> Job {
        let ended = course.ended();
        let status = match course.steps.first() {
            Some(first) if self.now < first.at => JobStatus::Pending,
            _ if self.now < ended => JobStatus::Started,
            _ => JobStatus::Completed,
        };
        let server = |s: &ServerCourse| {
            let status = course.status(s, self.now);
            (s.id.clone(), status, (status == LaunchStatus::Launched).then(|| s.instance.clone()))
        };
        Job {
            id: course.id.clone(),
            arn: format!("arn:aws:drs:{}:{}:job/{}", course.region, course.owner, course.id),
            owner: course.owner.clone(),
            is_drill: course.is_drill,
            status,
            created: course.created,
            ended: (self.now >= ended).then_some(ended),
            servers: course.servers.iter().map(server).collect(),
            tags: course.tags.clone(),
        }
    }

    /// The region's DRS jobs, newest first.
    #[must_use]
    pub fn jobs(&self, region: &Region) -> Vec<Job> {
        self.courses.iter().rev().filter(|c| &c.region == region).map(|c| self.job(c)).collect()
    }

    /// A job's log so far, oldest first; none for a job not known here.
    #[must_use]
    pub fn job_log(&self, region: &Region, job: &str) -> Option<Vec<JobLogItem>> {
        let course = self.courses.iter().find(|c| &c.region == region && c.id == job)?;
        Some(course.steps.iter().filter(|s| s.at <= self.now).cloned().collect())
    }

    /// The newest launch of each server that got as far as an instance.
    fn standing(&self, region: &Region) -> Vec<(&Course, &ServerCourse)> {
        let mut seen = BTreeSet::new();
        let all = self
            .courses
            .iter()
            .rev()
            .filter(|c| &c.region == region)
            .flat_map(|c| c.servers.iter().map(move |s| (c, s)));
        all.filter(|(_, s)| s.launches <= self.now && !s.failed && seen.insert(&s.id)).collect()
    }

    /// DRS recovery instances of the region.
    #[must_use]
    pub fn recovery_instances(&self, region: &Region) -> Vec<RecoveryInstance> {
        let standing = self.standing(region).into_iter().map(|(course, server)| RecoveryInstance {
            id: server.instance.clone(),
            arn: format!("arn:aws:drs:{region}:{}:recovery-instance/{}", course.owner, server.instance),
            owner: course.owner.clone(),
            source_server_id: server.id.clone(),
            job_id: course.id.clone(),
            is_drill: course.is_drill,
            state: if self.now < server.ends { InstanceState::Pending } else { InstanceState::Running },
            point_in_time: server.point,
            tags: course.tags.clone(),
        });
        standing.collect()
    }

    /// The same as EC2 shows them.
    pub(super) fn recovered(&self, region: &Region) -> Vec<Instance> {
        let stands = self.stands(region);
        let standing = self.standing(region).into_iter().map(|(course, server)| {
            let launched = self.now >= server.ends;
            let check = if launched { CheckState::Ok } else { CheckState::Initializing };
            let name = stands.iter().find(|s| s.id == server.id).map_or("recovered", |s| s.hostname.as_str());
            let bits = self.dice.bits(&[key(&server.instance)]) as u32;
            let mut tags = course.tags.clone();
            tags.insert("Name".to_owned(), name.to_owned());
            tags.insert("AWSElasticDisasterRecoverySourceServerID".to_owned(), server.id.clone());
            Instance {
                id: server.instance.clone(),
                owner: course.owner.clone(),
                name: name.to_owned(),
                tags,
                state: if launched { InstanceState::Running } else { InstanceState::Pending },
                instance_status: check,
                system_status: check,
                kind: "m6i.xlarge".into(),
                az: format!("{region}a"),
                private_ip: Ipv4Addr::from(0x0a40_0000 | (bits & 0x003f_ffff)),
                launched: server.launches,
            }
        });
        standing.collect()
    }
}
