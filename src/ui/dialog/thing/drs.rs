//! One DRS source server, and one DRS job.

use super::super::{Sheet, heading, paragraph};
use super::{linked, named};
use crate::change::Change;
use crate::estate::Region;
use crate::event::{DrsJob, SourceId};
use crate::model::words as say;
use crate::model::{Drs, Fresh, Mark, Model, drs};
use crate::ui::pen::{Row, role_of};
use crate::ui::theme::Role;
use crate::words::link;

pub(super) fn server(model: &Model, region: &Region, id: &str, width: usize) -> Sheet {
    let known = model.drs.get(region);
    let found = known.and_then(|d| Some((d, d.value.servers.iter().find(|s| s.id == id)?)));
    let Some((known, s)) = found else { return Sheet::new("DRS does not list this server any more") };
    let mut sheet = Sheet::new(&s.name);
    sheet.right = Row::of(Role::Muted, format!("DRS source server, {region}"));
    let fresh = known.is_fresh(model.now);
    let mark = model.server_mark(region, s);
    let state = format!("{} {}", mark.sign(), s.state.to_lowercase());
    named(&mut sheet, "replication", if fresh { role_of(mark) } else { Role::Unknown }, &state, width);
    let lag = s.lag.map_or_else(|| "? not told".to_owned(), say::span);
    named(&mut sheet, "lag", Role::Text, &lag, width);
    let backlog = s.backlog.map_or_else(|| "? not told".to_owned(), |b| say::bytes(b as f64));
    named(&mut sheet, "backlog", Role::Text, &backlog, width);
    let snapshot = s.snapshot.map_or_else(
        || "? none is known".to_owned(),
        |at| {
            let ago = crate::time::age(at, model.now.wall);
            let ago = ago.map_or_else(|| "? still to come".to_owned(), |age| format!("{} ago", say::span(age)));
            format!("{}Z, {ago}", say::time_of_day(at))
        },
    );
    named(&mut sheet, "snapshot", Role::Text, &snapshot, width);
    let launch = s.last_launch.as_deref().unwrap_or("never").to_lowercase().replace('_', " ");
    named(&mut sheet, "last launch", Role::Text, &launch, width);
    linked(&mut sheet, "id", Role::Muted, (id, &link::source_server(region, id)), width);
    let asked = format!("DRS DescribeSourceServers, {region}, {} ago", say::span(model.now.since(known.heard)));
    named(&mut sheet, "source", if fresh { Role::Muted } else { Role::Unknown }, &asked, width);
    if let Err(why) = known.value.jobs.known(model.now) {
        let words = format!("? {}", crate::words::unknown_jobs(region, &why));
        sheet.body.extend(paragraph(Role::Unknown, &words, width, 1));
    }
    let jobs = known.value.jobs.last().unwrap_or_default().iter();
    for job in jobs.filter(|j| j.servers.iter().any(|(s, _)| s == id)) {
        let status = job.servers.iter().find(|(s, _)| s == id).map_or("", |(_, status)| status.as_str());
        let words = format!("{}: {}", drs::kind(job), status.to_lowercase().replace('_', " "));
        sheet.body.push(heading(&job.id, Row::of(Role::Muted, words), width));
        for (at, line) in job.log.iter().filter(|(_, line)| line.split(' ').any(|w| w == id)) {
            let role = if drs::went_wrong(line) { Role::Fail } else { Role::Text };
            sheet.body.push(Row::of(Role::Muted, format!("  {}  ", say::time_of_day(*at))).add(role, line).cut(width));
        }
    }
    sheet
}

pub(super) fn job(model: &Model, region: &Region, id: &str, width: usize) -> Sheet {
    let known = model.drs.get(region);
    let found = known.and_then(|d| Some((d, d.value.jobs.last()?.iter().find(|j| j.id == id)?)));
    let Some((known, job)) = found else { return gone(model, region, id, width) };
    let unknown = known.value.jobs.known(model.now).err();
    let fresh = known.is_fresh(model.now) && unknown.is_none();
    let mut sheet = Sheet::new(id);
    sheet.right = Row::of(Role::Muted, format!("DRS job, {region}"));
    let progress = drs::progress(job);
    named(&mut sheet, "kind", Role::Title, &drs::kind(job), width);
    linked(&mut sheet, "id", Role::Muted, (id, &link::drs_job(region, id)), width);
    named(&mut sheet, "started by", Role::Text, &started_by(model, job), width);
    let (role, status) = ended(known, job);
    named(&mut sheet, "status", if fresh { role } else { Role::Unknown }, &status, width);
    let created = job.created.map_or_else(
        || "? DRS does not tell".to_owned(),
        |at| format!("{}, {} ago", at.strftime("%Y-%m-%d %H:%M:%SZ"), say::span(model.now.wall.duration_since(at))),
    );
    named(&mut sheet, "created", Role::Text, &created, width);
    change(&mut sheet, model, job, width);
    let asked = format!(
        "DRS DescribeJobs and DescribeJobLogItems, {region}, {} ago{}",
        say::span(model.now.since(known.heard)),
        if fresh { "" } else { ", OLD" }
    );
    named(&mut sheet, "source", if fresh { Role::Muted } else { Role::Unknown }, &asked, width);
    if let Some(why) = unknown {
        let words = format!("? {}", crate::words::unknown_jobs(region, &why));
        sheet.body.extend(paragraph(Role::Unknown, &words, width, 1));
    }
    if let Some(why) = model.source_trouble(&SourceId::Drs(region.clone())) {
        named(&mut sheet, "trouble", Role::Unknown, &why, width);
    }
    let done = format!("{} of {} {} ", progress.done, progress.of, drs::done_word(job));
    let aside = Row::of(Role::Muted, done).join(crate::ui::drs::how_far(&progress, 12));
    sheet.body.push(heading("servers", aside, width));
    servers(&mut sheet, known, job, width);
    sheet.body.push(heading("log", Row::of(Role::Muted, format!("{} lines, oldest first", job.log.len())), width));
    if let Some(failure) = &job.log_failure {
        let words = format!("? {}", crate::words::unread_log(failure));
        sheet.body.extend(paragraph(Role::Unknown, &words, width, 1));
    }
    for (at, line) in &job.log {
        let role = if drs::went_wrong(line) { Role::Fail } else { Role::Text };
        let words = crate::ui::drs::server_names(&known.value, line);
        for (i, part) in crate::ui::text::wrap(&words, width.saturating_sub(12)).into_iter().enumerate() {
            let time = if i == 0 { say::time_of_day(*at) } else { String::new() };
            sheet.body.push(Row::of(Role::Text, "  ").cell(Role::Muted, time, 10).add(role, part));
        }
    }
    if job.log.is_empty() {
        sheet.body.push(Row::of(Role::Muted, "  DRS has told nothing of it yet"));
    }
    sheet
}

/// A job that was listed and is not any more: DRS forgets old ones.
fn gone(model: &Model, region: &Region, id: &str, width: usize) -> Sheet {
    let mut sheet = Sheet::new(id);
    sheet.frame = Role::Unknown;
    sheet.right = Row::of(Role::Muted, format!("DRS job, {region}"));
    let words = match model.drs.get(region) {
        Some(known) if known.value.jobs.known(model.now).is_err() => {
            let why = known.value.jobs.known(model.now).err().unwrap_or_default();
            format!("? {}", crate::words::unknown_jobs(region, &why))
        }
        Some(known) => {
            let age = say::span(model.now.since(known.heard));
            format!("? DRS in {region} does not list this job any more (DescribeJobs, {age} ago).")
        }
        None => format!("? DRS in {region} has not answered yet: nothing is known of this job."),
    };
    sheet.body.extend(paragraph(Role::Unknown, &words, width, 1));
    let of_it = model.timeline.entries().iter().rev().filter(|e| e.text.contains(id));
    for e in of_it.take(super::LINES) {
        let row = Row::of(Role::Muted, format!("  {}  ", say::moment(e.at.wall, model.now.wall)));
        sheet.body.push(row.add(Role::Text, &e.text).cut(width));
    }
    sheet
}

/// Whether this program did it, and with which call.
fn started_by(model: &Model, job: &DrsJob) -> String {
    let call = job.initiated_by.to_lowercase().replace('_', " ");
    match of_change(model, job) {
        Some(c) => format!("signalbox, as {} asked and others approved ({call})", c.text.by),
        None if job.change.is_some() => format!("signalbox, with another journal than this one ({call})"),
        None => format!("somebody outside signalbox ({call})"),
    }
}

/// The change that a job belongs to: by its tag, or because DRS answered the change with this job.
fn of_change<'m>(model: &'m Model, job: &DrsJob) -> Option<&'m Change> {
    use crate::change::State;
    let answered = |c: &&Change| match &c.state {
        State::Launching { job: id } | State::Launched { job: id, .. } => *id == job.id,
        _ => false,
    };
    let tagged = job.change.as_ref().and_then(|digest| model.changes.get(digest));
    tagged.or_else(|| model.changes.all().iter().find(answered))
}

fn change(sheet: &mut Sheet, model: &Model, job: &DrsJob, width: usize) {
    let words = match (of_change(model, job), &job.change) {
        (Some(c), _) => {
            format!("{}, {}: {}, “{}”", c.digest.words(), c.state.word(), c.text.title, c.text.reason)
        }
        (None, Some(digest)) => format!("? {}, of which this journal knows nothing", digest.words()),
        (None, None) => "none: it carries no tag of a change".to_owned(),
    };
    let known = of_change(model, job).is_some();
    named(sheet, "change", if known { Role::Words } else { Role::Muted }, &words, width);
}

/// How a job stands. Its own status is never FAILED: one server that was not launched makes it a failure.
fn ended(known: &Fresh<Drs>, job: &DrsJob) -> (Role, String) {
    let progress = drs::progress(job);
    let status = job.status.to_lowercase();
    let failed = progress.failed.len();
    if failed == 0 {
        return if progress.over {
            (Role::Ok, format!("● {status}"))
        } else {
            (Role::Words, format!("▸ {status}, under way"))
        };
    }
    let names: Vec<&str> = progress.failed.iter().map(|id| drs::name(&known.value.servers, id)).collect();
    let what = if progress.over { "a failure, although DRS calls it" } else { "it fails, while DRS calls it" };
    let word = drs::done_word(job);
    (Role::Fail, format!("✖ {what} {status}: {failed} of {} not {word} ({})", progress.of, names.join(", ")))
}

fn servers(sheet: &mut Sheet, known: &Fresh<Drs>, job: &DrsJob, width: usize) {
    let progress = drs::progress(job);
    let name = |id| drs::name(&known.value.servers, id);
    let longest = job.servers.iter().map(|(id, _)| crate::ui::text::width(name(id))).max().unwrap_or(0);
    for (id, status) in &job.servers {
        let failed = progress.failed.contains(id);
        let mark = match status.as_str() {
            _ if failed => Mark::Fail,
            "LAUNCHED" | "TERMINATED" => Mark::Ok,
            _ => Mark::Unknown,
        };
        let word = status.to_lowercase().replace('_', " ");
        // What a finished job has not done it will not do any more.
        let never = if failed && status != "FAILED" { ", and the job is over" } else { "" };
        let row = Row::of(Role::Text, "  ")
            .mark(mark)
            .add(Role::Text, " ")
            .cell(Role::Text, name(id), longest.clamp(10, width / 2) + 2)
            .cell(Role::Muted, id, 22)
            .add(if failed { Role::Fail } else { Role::Text }, format!("{word}{never}"));
        sheet.body.push(row.cut(width));
    }
    if job.servers.is_empty() {
        sheet.body.push(Row::of(Role::Unknown, "  ? DRS names no server of it"));
    }
}
