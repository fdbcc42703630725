//! Elastic Disaster Recovery: the source servers of each region, its jobs, and what the newest job's log says.

use super::Action;
use super::dialog::heading;
use super::follow::Target;
use super::pen::{Part, Row, bad_first, parts, role_of};
use super::screen::Screen;
use super::theme::Role;
use super::{text, words};
use crate::estate::{Pair, Region};
use crate::event::{DrsJob, DrsServer, SourceId};
use crate::model::{Drs, Fresh, Model, drs, words as say};

/// From this width on, ids are next to names.
const WIDE: usize = 100;
/// Lines of a job's log that the view shows, the newest.
const LINES: usize = 12;
/// Seconds for which a snapshot counts as taken just now: DRS takes one every ten minutes at first, then every hour.
const YOUNG: i64 = 3_600;

/// Everything that is known of DRS in the pair's regions.
pub(super) fn rows(screen: &Screen, model: &Model, width: usize) -> Vec<Row> {
    let Some(pair) = screen.the_pair(model) else { return Vec::new() };
    let mut rows = Vec::new();
    let mut regions = [&pair.standby, &pair.active];
    regions.sort_by_key(|region| bad_first(model.replication_mark(region)));
    for region in regions {
        let source = SourceId::Drs(region.clone());
        if !model.sources.contains_key(&source) && !model.drs.contains_key(region) {
            continue;
        }
        if !rows.is_empty() {
            rows.push(Row::new());
        }
        let known = model.drs.get(region);
        let where_to = if width < WIDE { "" } else { ", where servers are launched" };
        rows.push(heading(format!("{region}{where_to}"), summary(model, region, known), width));
        if let Some(why) = model.source_trouble(&source) {
            rows.push(Row::of(Role::Unknown, format!(" ? {why}")));
        }
        let Some(known) = known else {
            rows.push(Row::of(Role::Unknown, " ? nothing heard yet"));
            continue;
        };
        let fresh = known.is_fresh(model.now);
        rows.extend(servers(screen, model, region, known, fresh, width));
        rows.extend(apart(&known.value, width));
        rows.push(Row::new());
        rows.extend(jobs(model, region, &known.value, width));
    }
    if rows.is_empty() {
        rows.push(Row::of(Role::Muted, "No system of this pair reads DRS: see `drs_…` sources in the estate file."));
    } else if screen.setup.hands.operator.is_some() {
        let key = |a| screen.key(a);
        let words = format!(
            "{} marks; {} launches a drill of the marked servers, or all; {} a recovery.",
            key(Action::Mark),
            key(Action::LaunchDrill),
            key(Action::Recover)
        );
        rows.push(Row::new());
        rows.extend(super::dialog::paragraph(Role::Muted, &words, width, 0));
    }
    rows
}

fn summary(model: &Model, region: &Region, known: Option<&Fresh<Drs>>) -> Row {
    let Some(known) = known.filter(|k| k.is_fresh(model.now)) else { return Row::of(Role::Unknown, "? not known now") };
    let all = &known.value.servers;
    let well = all.iter().filter(|s| drs::replicates(s)).count();
    let mark = model.replication_mark(region);
    let mut row = Row::new().mark(mark).add(role_of(mark), format!(" {well} of {} replicate", all.len()));
    let failed = known.value.jobs.last().unwrap_or_default().iter().filter(|j| !drs::progress(j).failed.is_empty());
    if let n @ 1.. = failed.count() {
        row.push(Role::Fail, format!(", ✖ {n} job{} failed", if n == 1 { "" } else { "s" }));
    }
    if let Some(lag) = all.iter().filter_map(|s| s.lag).max() {
        row.push(Role::Muted, format!(", lag {} at most", say::span(lag)));
    }
    let unknown = all.iter().filter(|s| s.lag.is_none()).count();
    if unknown > 0 {
        row.push(Role::Unknown, format!(", lag of {unknown} not known"));
    }
    let backlog: i64 = all.iter().filter_map(|s| s.backlog).fold(0, i64::saturating_add);
    row.add(Role::Muted, format!(", backlog {}", say::bytes(backlog as f64)))
}

fn servers(screen: &Screen, model: &Model, region: &Region, known: &Fresh<Drs>, fresh: bool, width: usize) -> Vec<Row> {
    let all = &known.value.servers;
    let name = all.iter().map(|s| text::width(&s.name)).max().unwrap_or(10).clamp(14, (width / 3).max(14));
    let (wide, slim) = (width >= WIDE, super::dialog::slim(width));
    let state = if wide { 16 } else { 13 };
    let mut head = Row::of(Role::Text, "     ").cell(Role::Muted, "source server", name + 1);
    if wide {
        head = head.cell(Role::Muted, "id", 22);
    }
    // A slim screen has room for the lag and the snapshot; of what does not replicate the state stands there instead.
    let head = if slim { head } else { head.cell(Role::Muted, "replication", state) };
    let head = head.cell_right(Role::Muted, "lag", 9);
    let head = if slim { head } else { head.cell_right(Role::Muted, "backlog", 10) };
    let head = head.cell_right(Role::Muted, "snapshot", 10);
    let head = if slim { head } else { head.add(Role::Muted, "  last launch") };
    let mut rows = vec![head];
    let mut sorted: Vec<_> = all.iter().map(|s| (model.server_mark(region, s), s)).collect();
    sorted.sort_by_key(|(mark, _)| bad_first(*mark));
    for (mark, s) in sorted {
        let marked = screen.servers.iter().any(|(r, id)| r == region && *id == s.id);
        let row = if marked { Row::of(Role::Key, " ■ ") } else { Row::of(Role::Text, "   ") };
        let row = if fresh { row.mark(mark) } else { row.add(Role::Unknown, "?") };
        let mut row = row.add(Role::Text, " ").cell(Role::Text, &s.name, name + 1);
        if wide {
            row = row.cell(Role::Muted, &s.id, 22);
        }
        let lag = s.lag.map_or_else(|| "–".to_owned(), say::span);
        let backlog = s.backlog.map_or_else(|| "–".to_owned(), |b| say::bytes(b as f64));
        // A snapshot that is due counts its age; a young one only shows its time, so that a calm view stays still.
        let snapshot = s.snapshot.map(|at| match crate::time::age(at, model.now.wall) {
            None => "? to come".to_owned(),
            Some(young) if drs::replicates(s) && young.as_secs() < YOUNG => words::moment(model, at),
            Some(age) => format!("{} old", words::short(age)),
        });
        let role = if drs::replicates(s) { Role::Text } else { role_of(mark) };
        let snapshot = snapshot.unwrap_or_else(|| "–".to_owned());
        if slim {
            let row = match drs::replicates(s) {
                true => row.cell_right(Role::Text, lag, 9).cell_right(Role::Text, snapshot, 10),
                false => row.add(role, format!(" {}", s.state.to_lowercase())),
            };
            let row = if fresh { row } else { row.faded() };
            rows.push(row.cut(width).to(Target::Server(region.clone(), s.id.clone())));
            continue;
        }
        let row = row
            .cell(role, s.state.to_lowercase(), state)
            .cell_right(Role::Text, lag, 9)
            .cell_right(Role::Text, backlog, 10)
            .cell_right(Role::Text, snapshot, 10);
        let launch = s.last_launch.as_deref().filter(|l| *l != "NOT_STARTED").unwrap_or("never");
        let bad = launch == "FAILED";
        let row = row.add(if bad { Role::Fail } else { Role::Muted }, format!("  {}", launch.to_lowercase()));
        let row = if fresh { row } else { row.faded() };
        rows.push(row.cut(width).to(Target::Server(region.clone(), s.id.clone())));
    }
    if all.is_empty() {
        rows.push(Row::of(Role::Warn, " ▲ DRS has no source server here"));
    }
    rows
}

/// What else DRS lists there, with the reason why it is neither counted nor launched.
fn apart(known: &Drs, width: usize) -> Vec<Row> {
    let each = known.apart.iter().map(|s| {
        let words = format!("   – {}: {}; not counted, not launched", s.name, s.why.words());
        Row::of(Role::Muted, words).cut(width)
    });
    each.collect()
}

fn jobs(model: &Model, region: &Region, known: &Drs, width: usize) -> Vec<Row> {
    let all = known.jobs.last();
    let fresh = known.jobs.known(model.now).is_ok();
    let running = |all: &[DrsJob]| all.iter().filter(|j| j.status != "COMPLETED").count();
    let aside = match all {
        Some(all) if fresh => {
            Row::of(Role::Muted, format!("{} kept, {} running, newest first", all.len(), running(all)))
        }
        _ => Row::of(Role::Unknown, "? not known now"),
    };
    let mut rows = vec![heading("jobs", aside, width)];
    if let Some(why) = known.jobs.trouble() {
        rows.push(Row::of(Role::Unknown, format!(" ? {}", crate::words::unknown_jobs(region, why))).cut(width));
    }
    for job in all.unwrap_or_default() {
        rows.push(job_row(model, known, job, fresh, width).to(Target::Job(region.clone(), job.id.clone())));
        if let Some(failure) = &job.log_failure {
            let words = format!("     ? {}", crate::words::unread_log(failure));
            rows.push(Row::of(Role::Unknown, words).cut(width).part(Part::More));
        }
        if job.log.is_empty() {
            continue;
        }
        let hidden = job.log.len().saturating_sub(LINES);
        if hidden > 0 {
            rows.push(Row::of(Role::Muted, format!("     … {hidden} earlier lines")).part(Part::More));
        }
        rows.extend(job.log.iter().skip(hidden).map(|(at, line)| {
            let bad = drs::went_wrong(line);
            Row::of(Role::Muted, format!("     {}  ", say::time_of_day(*at)))
                .add(if bad { Role::Fail } else { Role::Text }, server_names(known, line))
                .cut(width)
                .part(Part::More)
        }));
    }
    if all.is_some_and(<[DrsJob]>::is_empty) {
        rows.push(Row::of(Role::Muted, " none"));
    }
    rows
}

/// The jobs of a pair's regions that run now, a row each: how far they are, for the timeline.
pub(super) fn running(model: &Model, pair: &Pair, width: usize) -> Vec<Row> {
    let regions = [&pair.standby, &pair.active].into_iter().filter_map(|r| model.drs.get(r));
    regions
        .flat_map(|known| {
            let fresh = known.is_fresh(model.now) && known.value.jobs.known(model.now).is_ok();
            let jobs = known.value.jobs.last().unwrap_or_default().iter().filter(|j| j.status != "COMPLETED");
            jobs.map(move |job| job_row(model, &known.value, job, fresh, width))
        })
        .collect()
}

/// `▸ drill launch  drsjob-…  ▕████░░▏ 12 of 20 launched, 1 failed: sql-3`
fn job_row(model: &Model, known: &Drs, job: &DrsJob, fresh: bool, width: usize) -> Row {
    let progress = drs::progress(job);
    let failed = progress.failed.len();
    let (sign, role) = match (job.status.as_str(), failed) {
        ("COMPLETED", 0) => ("●", Role::Ok),
        // The job itself never fails: its servers do.
        (_, 1..) => ("✖", Role::Fail),
        _ => ("▸", Role::Words),
    };
    let row = Row::of(Role::Text, " ");
    let row = if fresh { row.add(role, sign) } else { row.add(Role::Unknown, "?") };
    let over = job.status == "COMPLETED";
    let began = job.created.map_or_else(
        || "–".to_owned(),
        |at| {
            if over {
                words::moment(model, at)
            } else {
                format!("{} ago", words::short(model.now.wall.duration_since(at)))
            }
        },
    );
    let row = row.add(Role::Text, " ").cell(Role::Title, drs::kind(job), 16);
    // Where there is little room the id goes, so that what failed is read.
    let row = if width < WIDE { row } else { row.cell(Role::Muted, &job.id, 26) };
    let row = row
        .cell_right(Role::Muted, format!("{began} "), 9)
        .join(how_far(&progress, 12))
        .add(Role::Text, format!(" {} of {} {}", progress.done, progress.of, drs::done_word(job)));
    let row = if failed > 0 {
        let names: Vec<&str> = progress.failed.iter().map(|id| drs::name(&known.servers, id)).collect();
        row.add(Role::Fail, format!(", {failed} FAILED: {}", names.join(", ")))
    } else {
        row.add(Role::Muted, format!(", {}", job.status.to_lowercase()))
    };
    row.cut(width)
}

/// How far a job is: how much succeeded, how much failed, and how much is left.
pub(super) fn how_far(progress: &drs::Progress, columns: usize) -> Row {
    let share = |n: usize| if progress.of == 0 { 0.0 } else { n as f64 / progress.of as f64 };
    let failed = progress.failed.len();
    let done = if progress.over { Role::Ok } else { Role::Chart };
    parts(&[(share(progress.done), done), (share(failed), Role::Fail)], columns)
}

/// A line with the servers' names next to their ids.
pub(super) fn server_names(known: &Drs, line: &str) -> String {
    let server = |s: &&DrsServer| line.split(' ').any(|word| word == s.id) && s.name != s.id;
    match known.servers.iter().find(server) {
        Some(s) => line.replace(&s.id, &format!("{} ({})", s.name, s.id)),
        None => line.to_owned(),
    }
}
