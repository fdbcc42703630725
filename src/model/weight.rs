//! About how many bytes an event or a model takes: bounds on memory are bounds on these.
//!
//! It is an estimate from lengths and sizes, never from guesses about content. `tests/pure/past_memory.rs` compares it
//! with what the process really takes.

use std::mem::size_of;

use super::drs::Jobs;
use super::{Entry, Fresh, Model, ReadingState, SourceState, Standing, Subject};
use crate::event::{
    ApartServer, Ask, CheckStatus, DnsAnswer, DrsJob, DrsServer, Event, Heard, LogLine, News, ProbeAnswer, ReadingKey,
    Sample, Settings, Watches, What,
};
use crate::record::{Kept, Record, Tried};
use crate::time::Stamp;

/// The overhead of an allocation.
const ROOM: usize = 16;
/// An ARN with its state in a map.
const CONTROL: usize = 160;
/// A change with its canonical text, its flips and its outcome.
const CHANGE: usize = 8 * 1024;

fn text(text: &str) -> usize {
    text.len() + ROOM
}

fn key(key: &ReadingKey) -> usize {
    text(key.system.as_str()) + text(key.reading.as_str())
}

impl Event {
    /// About how many bytes it keeps.
    pub(crate) fn weight(&self) -> usize {
        let more = match &self.what {
            What::Tick
            | What::Spending(_)
            | What::Recorded(_)
            | What::Already(_)
            | What::Overtaken(_)
            | What::Leave => 0,
            What::Anchored(anchor) => text(&anchor.journal),
            What::Signed(_, signed) => signed.as_ref().map_or_else(|e| text(e), |s| text(s)),
            What::RecordFailed(_, why) | What::Lost(_, why) => text(why),
            What::SetAside(told) => told.iter().map(|t| text(t)).sum(),
            What::NotTold { whom, why } | What::ToldLater { whom, why } => text(whom) + text(why),
            What::ToldAtLast { whom } => text(whom),
            What::Logged(line) => text(&line.text),
            What::Reported { result, .. } => result.as_ref().map_or_else(|e| text(e), |place| text(place)),
            What::LaunchAnswered(..) => 256,
            What::Points(_, found) => found.as_ref().map_or_else(|f| text(&f.why), |all| all.len() * 160),
            What::SignIn(sign_in) => text(&sign_in.whose) + sign_in.failing.as_ref().map_or(0, |f| text(&f.why)),
            What::Heard(heard) => weigh_heard(heard),
            What::Asked(ask) => weigh_ask(ask),
            What::Resumed(kept) | What::Elsewhere(kept) => kept.iter().map(weigh_kept).sum(),
            What::Flipped(_, outcome) => outcome.attempts.iter().map(|a| 128 + text(&a.said)).sum::<usize>() + 512,
            What::ReadBack(_, read) => read.states.as_ref().map_or_else(|e| text(e), |s| s.len() * CONTROL) + 64,
        };
        size_of::<Self>() + ROOM + more
    }
}

fn weigh_heard(heard: &Heard) -> usize {
    let sample = |s: &Sample| size_of::<Sample>() + key(&s.key);
    let news = match &heard.news {
        Err(failure) => text(&failure.why),
        Ok(News::Readings(samples)) => samples.iter().map(sample).sum(),
        Ok(News::Controls(states)) => states.len() * CONTROL,
        Ok(News::Check(check)) => weigh_check(check),
        Ok(News::Dns(answers)) => answers.iter().map(weigh_dns).sum(),
        Ok(News::Probe(_)) => 0,
        Ok(News::Drs { servers, apart, jobs, samples }) => {
            let jobs = jobs.as_deref().map_or_else(|f| text(&f.why), weigh_jobs);
            weigh_servers(servers) + weigh_apart(apart) + jobs + samples.iter().map(sample).sum::<usize>()
        }
    };
    64 + news
}

fn weigh_check(check: &CheckStatus) -> usize {
    let watches = match &check.watches {
        Watches::Endpoint(checkers) => checkers.reason.as_deref().map_or(0, text),
        Watches::Alarm { alarm, .. } => text(alarm),
        Watches::Nothing | Watches::Children { .. } | Watches::Control { .. } => 0,
    };
    let settings = match &check.settings {
        Settings::Known => 0,
        Settings::Old { why, .. } | Settings::Unread { why } => text(why),
    };
    size_of::<CheckStatus>() + text(check.id.as_str()) + watches + settings
}

fn weigh_dns(answer: &DnsAnswer) -> usize {
    let said = match &answer.answers {
        Ok(all) => all.iter().map(|a| size_of::<String>() + text(a)).sum(),
        Err(why) => text(why),
    };
    size_of::<DnsAnswer>() + text(&answer.name) + answer.leads.region().map_or(0, |r| text(r.as_str())) + said
}

fn weigh_servers(servers: &[DrsServer]) -> usize {
    let server = |s: &DrsServer| {
        let texts = text(&s.id) + text(&s.name) + text(&s.state);
        size_of::<DrsServer>() + texts + s.last_launch.as_deref().map_or(0, text)
    };
    servers.iter().map(server).sum()
}

fn weigh_apart(servers: &[ApartServer]) -> usize {
    servers.iter().map(|s| size_of::<ApartServer>() + text(&s.id) + text(&s.name) + 32).sum()
}

fn weigh_jobs(jobs: &[DrsJob]) -> usize {
    let job = |j: &DrsJob| {
        let texts = text(&j.id) + text(&j.kind) + text(&j.initiated_by) + text(&j.status);
        let servers: usize = j.servers.iter().map(|(a, b)| 48 + text(a) + text(b)).sum();
        let log: usize = j.log.iter().map(|(_, line)| 40 + text(line)).sum();
        size_of::<DrsJob>() + texts + servers + log + j.log_failure.as_ref().map_or(0, |f| text(&f.why))
    };
    jobs.iter().map(job).sum()
}

fn weigh_ask(ask: &Ask) -> usize {
    let more = match ask {
        Ask::Signature { armored, .. } => armored.len(),
        Ask::Propose { draft, .. } => {
            draft.to().len() * CONTROL + draft.overrides().len() * CONTROL + draft.reason.len() + draft.despite.len()
        }
        Ask::Note { text, .. } | Ask::Moment { text, .. } => text.len(),
        Ask::Reject { reason, .. } => reason.len(),
        Ask::Approve { typed, .. } => typed.len(),
        Ask::Begin { session, .. } => {
            session.name.len() + session.participants.iter().map(|p| 24 + text(p)).sum::<usize>()
        }
        _ => 0,
    };
    256 + more
}

fn weigh_kept(kept: &Kept) -> usize {
    let more = match &kept.record {
        Record::Proposed { text: canonical, signature, .. } => text(canonical) + text(signature),
        Record::Estate { text: bound, .. } => text(bound),
        Record::Refused { what: Tried::Said(what), why, .. } => text(what) + text(why),
        Record::Refused { why, .. } => text(why),
        Record::Approved { signature, key, .. } => text(signature) + text(key),
        Record::Seen { source, text: said, .. } => text(source) + text(said),
        Record::Figures { .. } | Record::Outcome { .. } | Record::Called { .. } => 2048,
        _ => 256,
    };
    size_of::<Kept>() + text(&kept.boot) + more
}

impl Model {
    /// About how many bytes a copy of it keeps; the estate is shared and counts nothing.
    pub(crate) fn weight(&self) -> usize {
        let readings: usize = self
            .readings
            .iter()
            .map(|(k, r)| {
                size_of::<(ReadingKey, ReadingState)>() + key(k) + r.history.len() * size_of::<(Stamp, f64)>()
            })
            .sum();
        let standings: usize =
            self.standings.values().map(|s| size_of::<(Subject, Standing)>() + 64 + text(&s.text)).sum();
        let timeline: usize =
            self.timeline.entries().iter().map(|e| size_of::<Entry>() + 32 + text(&e.source) + text(&e.text)).sum();
        let sources = self.sources.len() * (size_of::<SourceState>() + 160);
        let levers: usize = self.levers.endpoints.values().map(|e| 128 + e.controls().count() * CONTROL).sum();
        let checks: usize =
            self.checks.values().map(|c| size_of::<Fresh<CheckStatus>>() + 64 + weigh_check(&c.value)).sum();
        let dns: usize = self.dns.values().map(|d| size_of::<Fresh<DnsAnswer>>() + 128 + weigh_dns(&d.value)).sum();
        let given =
            self.dns_given.keys().map(|(resolver, name)| 160 + text(resolver.as_str()) + text(name)).sum::<usize>();
        let dns = dns + given;
        let jobs = |jobs: &Jobs| jobs.last().map_or(0, weigh_jobs) + jobs.trouble().map_or(0, text) + size_of::<Jobs>();
        let drs: usize = self
            .drs
            .values()
            .map(|d| {
                let servers = weigh_servers(&d.value.servers) + weigh_apart(&d.value.apart);
                128 + servers + jobs(&d.value.jobs)
            })
            .sum();
        let shares: usize = self.check_history.values().map(|h| 64 + h.len() * size_of::<(Stamp, f64)>()).sum();
        // Beside each probe's answer, whether the last ones were well.
        let answered = self.answered.len() * (10 * size_of::<(Stamp, bool)>() + 128);
        let probes = self.probes.len() * (size_of::<Fresh<ProbeAnswer>>() + 128) + answered;
        let log: usize = self.log.iter().map(|line| size_of::<LogLine>() + text(&line.text)).sum();
        let said = shares + probes + log + self.unproven.iter().map(|line| text(line)).sum::<usize>();
        let rest =
            said + self.changes.all().len() * CHANGE + self.refusals.len() * 512 + self.lever_told.len() * CONTROL;
        size_of::<Self>() + readings + standings + timeline + sources + levers + checks + dns + drs + rest
    }
}
