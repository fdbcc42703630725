//! What must hold of a DRS launch: the servers are there, and nothing launches them already.

use std::collections::BTreeSet;

use super::{DrsNow, World};
use crate::change::limits::MOST_SERVERS;
use crate::change::{Launch, LaunchServer, Point};
use crate::estate::Region;
use crate::hygiene::one_line;
use crate::time::Timestamp;

/// The servers that a draft wants launched, by the names that DRS gives them now.
pub(super) fn wanted(w: &World<'_>, region: &Region, launch: &Launch) -> Result<Launch, String> {
    if launch.servers.is_empty() {
        return Err("no source server is marked: there is nothing to launch".into());
    }
    if launch.servers.len() > MOST_SERVERS {
        return Err(format!(
            "DRS takes {MOST_SERVERS} servers in one call, and a launch is one call; this has {}: mark fewer, and \
             propose the rest apart",
            launch.servers.len()
        ));
    }
    let now = now(w, region)?;
    let mut seen = BTreeSet::new();
    let mut servers = Vec::new();
    for wanted in &launch.servers {
        if !seen.insert(&wanted.id) {
            return Err(format!("{} stands in the change twice", wanted.id));
        }
        let server = now.servers.iter().find(|s| s.id == wanted.id);
        let server = server.ok_or_else(|| match now.apart.iter().find(|s| s.id == wanted.id) {
            Some(apart) => format!("{} is not launched in {region}: {}", apart.name, apart.why.words()),
            None => format!("DRS has no source server {} in {region}", wanted.id),
        })?;
        idle(now, region, server.id.as_str(), &server.name)?;
        let point = match launch.at {
            None => None,
            Some(at) => Some(of_point(wanted, at)?),
        };
        servers.push(LaunchServer { id: server.id.clone(), name: server.name.clone(), point });
    }
    Ok(Launch { drill: launch.drill, servers, at: launch.at })
}

/// What a server is launched from, which is not younger than was asked for.
fn of_point(wanted: &LaunchServer, at: Timestamp) -> Result<Point, String> {
    let point = wanted.point.clone().filter(|point| point.taken <= at);
    point.ok_or_else(|| format!("no recovery snapshot of {} is known that is not younger than {at}", wanted.name))
}

/// Whether the servers can still be launched.
pub(super) fn still(w: &World<'_>, region: &Region, launch: &Launch) -> Result<(), String> {
    // A call that may have begun a job must be over before another one may begin the same.
    if let Some(running) = w.changes.launching() {
        let (words, state) = (running.digest.words(), running.state.word());
        return Err(format!("{words} is {state}: its attempt must be over first"));
    }
    let now = now(w, region)?;
    for wanted in &launch.servers {
        if !now.servers.iter().any(|s| s.id == wanted.id) {
            return Err(format!("{} is no source server in {region} any more", wanted.name));
        }
        idle(now, region, &wanted.id, &wanted.name)?;
    }
    Ok(())
}

/// A server that DRS calls otherwise now, where DRS is known.
pub(super) fn misnamed(w: &World<'_>, region: &Region, launch: &Launch) -> Option<String> {
    let now = w.drs.get(region)?;
    launch.servers.iter().find_map(|wanted| {
        let server = now.servers.iter().find(|s| s.id == wanted.id).filter(|s| one_line(&s.name) != wanted.name)?;
        Some(format!("what it calls `{}` is `{}` in DRS now", wanted.name, crate::hygiene::visible(&server.name)))
    })
}

fn now<'w, 'a>(w: &'w World<'a>, region: &Region) -> Result<&'w DrsNow<'a>, String> {
    w.drs.get(region).ok_or_else(|| format!("DRS in {region} does not answer now: its servers are not known"))
}

/// Whether no job has this server. While the jobs are not known, nobody knows.
fn idle(now: &DrsNow<'_>, region: &Region, id: &str, name: &str) -> Result<(), String> {
    let jobs = now.jobs.as_ref().map_err(|why| {
        format!("the jobs of DRS in {region} are not known now, and {name} may be part of one that runs: {why}")
    })?;
    let busy = |j: &&crate::event::DrsJob| j.status != "COMPLETED" && j.servers.iter().any(|(s, _)| s == id);
    match jobs.iter().find(busy) {
        Some(job) => Err(format!("{name} is part of {}, which is still running", job.id)),
        None => Ok(()),
    }
}
