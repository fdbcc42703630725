//! The checks of a DRS launch: whether its servers have something to launch from, and whether there is room for them.

use super::super::readings::judge_value;
use super::super::{Mark, Model, drs, words};
use super::{Check, Group, Origin};
use crate::change::{Draft, Launch};
use crate::estate::{Reading, Source, System};
use crate::event::{DrsServer, Place};
use crate::time;

impl Model {
    /// The checks of a launch in the draft's receiving region; none where it launches nothing.
    #[must_use]
    pub fn launch_checks(&self, draft: &Draft, launch: &Launch) -> Vec<Check> {
        let Some(pair) = self.estate.pair(&draft.pair) else { return Vec::new() };
        let Some(towards) = pair.side(&draft.receiving) else { return Vec::new() };
        let all = self.preflight(&draft.pair, towards).checks.into_iter();
        let mut checks: Vec<Check> = all.filter(|c| c.group == Group::Capacity).collect();
        let Some(known) = self.drs.get(&draft.receiving).and_then(|d| d.get(self.now)) else { return checks };
        let servers = || known.servers.iter().filter(|s| launch.servers.iter().any(|l| l.id == s.id));
        if let Some((system, reading)) = self.drs_reading(draft, &Source::DrsReplicating) {
            let origin = Origin::Reading(Self::key(system, reading, Place::from(towards)));
            let behind = servers().filter(|s| !drs::replicates(s));
            checks.extend(behind.map(|s| replication(s, self.server_mark(&draft.receiving, s), origin.clone())));
        }
        if let Some((system, reading)) = self.drs_reading(draft, &Source::DrsSnapshotAge) {
            let origin = Origin::Reading(Self::key(system, reading, Place::from(towards)));
            let old = servers().map(|s| self.snapshot(s, reading, origin.clone())).filter(|c| c.mark != Mark::Ok);
            checks.extend(old);
        }
        checks
    }

    fn drs_reading<'a>(&'a self, draft: &'a Draft, source: &Source) -> Option<(&'a System, &'a Reading)> {
        let mut systems = self.estate.systems_of(&draft.pair);
        systems.find_map(|system| Some((system, system.readings.iter().find(|r| r.source == *source)?)))
    }

    /// How old the newest snapshot of a server is, by the limits that the estate file sets for all of them.
    fn snapshot(&self, server: &DrsServer, reading: &Reading, origin: Origin) -> Check {
        let (group, name) = (Group::Data, server.name.clone());
        let Some(at) = server.snapshot else {
            let figure = "has no recovery snapshot".to_owned();
            return Check { group, name, mark: Mark::Fail, figure, limit: None, origin };
        };
        let Some(age) = time::age(at, self.now.wall) else {
            let figure = format!("newest snapshot is dated {}Z, which is in the future", words::time_of_day(at));
            return Check { group, name, mark: Mark::Unknown, figure, limit: None, origin };
        };
        let mark = judge_value(reading, age.as_secs_f64());
        let figure = format!("newest snapshot {} old", words::span(age));
        Check { group, name, mark, figure, limit: words::past(reading, mark), origin }
    }
}

/// Whether a server replicates, and how far behind it is.
fn replication(server: &DrsServer, mark: Mark, origin: Origin) -> Check {
    let behind = server.lag.map(|lag| format!(", {} behind", words::span(lag))).unwrap_or_default();
    let figure = format!("replication is {}{behind}", server.state.to_lowercase());
    Check { group: Group::Data, name: server.name.clone(), mark, figure, limit: None, origin }
}
