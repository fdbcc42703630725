//! What a row of a list leads to: everything that is known of one health check, probe, name, server or source.

use super::{Sheet, heading, paragraph};
use crate::estate::{HealthCheckId, Region, ServiceName};
use crate::event::SourceId;
use crate::model::readings::HISTORY;
use crate::model::words as say;
use crate::model::{Model, Subject, drs};
use crate::ui::follow::Target;
use crate::ui::pen::{Row, role_of};
use crate::ui::screen::Screen;
use crate::ui::text;
use crate::ui::theme::Role;
use crate::ui::{regions, words};

/// Lines of the timeline that are shown with a thing.
const LINES: usize = 30;

pub(super) fn sheet(screen: &Screen, model: &Model, target: &Target, width: usize) -> Sheet {
    match target {
        Target::Check(id) => check(screen, model, id, width),
        Target::Probe(service, region) => probe(screen, model, service, region, width),
        Target::Name(name) => dns(screen, model, name, width),
        Target::Server(region, id) => server(model, region, id, width),
        Target::Source(id) => source(model, id, width),
        // These have dialogs of their own.
        Target::System(_)
        | Target::Change(_)
        | Target::Job(..)
        | Target::Preflight(_)
        | Target::Entry(_)
        | Target::Person(_) => Sheet::new("nothing more is known"),
    }
}

fn named(sheet: &mut Sheet, label: &str, role: Role, value: &str, width: usize) {
    for (i, line) in text::wrap(value, width.saturating_sub(18)).into_iter().enumerate() {
        let label = if i == 0 { label } else { "" };
        sheet.body.push(Row::of(Role::Text, "  ").cell(Role::Muted, label, 15).add(role, line));
    }
}

/// How it stands, since when.
fn standing(sheet: &mut Sheet, model: &Model, subject: &Subject, width: usize) {
    let Some(s) = model.standing(subject) else { return named(sheet, "stands", Role::Unknown, "? not known", width) };
    let since = format!("{} {}", s.mark.sign(), s.mark.word());
    named(sheet, "stands", role_of(s.mark), &since, width);
    let since = model.now.since(s.since);
    named(sheet, "for", Role::Text, &say::span(since), width);
    named(sheet, "says", Role::Text, &s.text, width);
}

/// What the timeline tells of it, newest first.
fn told(sheet: &mut Sheet, screen: &Screen, model: &Model, word: &str, width: usize) {
    let of_it = model.timeline.of(&screen.pair).filter(|e| e.text.contains(word)).take(LINES);
    let rows: Vec<Row> = of_it
        .map(|e| {
            Row::of(Role::Muted, format!("  {}  ", say::time_of_day(e.at.wall)))
                .cell(Role::Muted, &e.source, 10)
                .add(Role::Text, format!(" {}", e.text))
                .cut(width)
        })
        .collect();
    sheet.body.push(heading(
        "in the timeline",
        Row::of(Role::Muted, format!("{} line{}", rows.len(), if rows.len() == 1 { "" } else { "s" })),
        width,
    ));
    sheet.body.extend(rows);
}

fn check(screen: &Screen, model: &Model, id: &HealthCheckId, width: usize) -> Sheet {
    let Some(check) = model.estate.health_checks.iter().find(|c| &c.id == id) else {
        return Sheet::new("no such health check");
    };
    let mut sheet = Sheet::new(&check.name);
    sheet.right = Row::of(Role::Muted, "Route 53 health check");
    standing(&mut sheet, model, &Subject::Check(id.clone()), width);
    if let Some(known) = model.checks.get(id) {
        let old = if known.is_fresh(model.now) { "" } else { ", OLD" };
        let (healthy, all) = (known.value.healthy, known.value.checkers);
        let age = say::span(model.now.since(known.heard));
        let share = format!("{healthy} of {all} call it healthy (more than 18 % is healthy), {age} ago{old}");
        named(&mut sheet, "checkers", Role::Text, &share, width);
        named(&mut sheet, "commonest", Role::Text, known.value.reason.as_deref().unwrap_or("–"), width);
    }
    named(&mut sheet, "service", Role::Text, &format!("{}, {}", check.service, check.region), width);
    named(&mut sheet, "id", Role::Muted, id.as_str(), width);
    named(&mut sheet, "source", Role::Muted, "Route 53 GetHealthCheckStatus, us-east-1", width);
    if let Some(why) = model.source_trouble(&SourceId::Route53(id.clone())) {
        named(&mut sheet, "trouble", Role::Unknown, &why, width);
    }
    let columns = width.saturating_sub(4).min(110);
    if let Some(history) = model.check_history.get(id) {
        let aside = Row::of(Role::Muted, format!("last {}, 0 to 100 %", say::span(HISTORY)));
        sheet.body.push(heading("share of healthy checkers", aside, width));
        let spark = regions::spark(history, model.now, columns, 100.0);
        sheet.body.push(Row::of(Role::Text, "  ").add(Role::Chart, spark));
    }
    told(&mut sheet, screen, model, &check.name, width);
    sheet
}

fn probe(screen: &Screen, model: &Model, service: &ServiceName, region: &Region, width: usize) -> Sheet {
    let mut sheet = Sheet::new(format!("{service} in {region}"));
    sheet.right = Row::of(Role::Muted, "application probe");
    standing(&mut sheet, model, &Subject::Probe(service.clone(), region.clone()), width);
    if let Some(known) = model.probes.get(&(service.clone(), region.clone())) {
        let took = words::millis(known.value.took);
        let age = say::span(model.now.since(known.heard));
        named(
            &mut sheet,
            "last answer",
            Role::Text,
            &format!("HTTP {} in {took}, {age} ago", known.value.status),
            width,
        );
    }
    let probes = model.estate.services.iter().filter(|s| &s.name == service).flat_map(|s| &s.probes);
    for probe in probes.filter(|p| &p.region == region) {
        named(&mut sheet, "source", Role::Muted, &format!("GET {}", probe.url), width);
    }
    if let Some(why) = model.source_trouble(&SourceId::Probe(service.clone(), region.clone())) {
        named(&mut sheet, "trouble", Role::Unknown, &why, width);
    }
    told(&mut sheet, screen, model, service.as_str(), width);
    sheet
}

fn dns(screen: &Screen, model: &Model, name: &str, width: usize) -> Sheet {
    let mut sheet = Sheet::new(name);
    let traffic = model.name_traffic(name);
    sheet.right = match traffic.most() {
        Some((region, n)) => Row::of(Role::Accent, format!("{n} of {} lead to {region}", traffic.total())),
        None => Row::of(Role::Unknown, "? not known"),
    };
    for r in &model.estate.resolvers {
        let aside = Row::of(Role::Muted, r.address.to_string());
        sheet.body.push(heading(r.name.as_str(), aside, width));
        let Some(known) = model.dns.get(&(r.name.clone(), name.to_owned())) else {
            sheet.body.push(Row::of(Role::Unknown, "  ? nothing heard yet"));
            continue;
        };
        let (fresh, age) = (known.is_fresh(model.now), model.now.since(known.heard));
        let left = (i64::from(known.value.ttl) - age.as_secs()).max(0);
        match &known.value.answers {
            Ok(answers) => {
                let to =
                    known.value.region.as_ref().map_or_else(|| "no region of the estate".into(), ToString::to_string);
                let role = if fresh { Role::Accent } else { Role::Unknown };
                named(&mut sheet, "leads to", role, &to, width);
                named(&mut sheet, "answers", Role::Text, &answers.join(" → "), width);
                named(&mut sheet, "kept for", Role::Text, &format!("{left} s more of {} s", known.value.ttl), width);
            }
            Err(why) => named(&mut sheet, "answers", Role::Fail, &format!("✖ {why}"), width),
        }
        let age = format!("{} ago{}", say::span(age), if fresh { "" } else { ", OLD" });
        named(&mut sheet, "asked", if fresh { Role::Muted } else { Role::Unknown }, &age, width);
        if let Some(why) = model.source_trouble(&SourceId::Dns(r.name.clone())) {
            named(&mut sheet, "trouble", Role::Unknown, &why, width);
        }
    }
    told(&mut sheet, screen, model, name, width);
    sheet
}

fn server(model: &Model, region: &Region, id: &str, width: usize) -> Sheet {
    let known = model.drs.get(region);
    let found = known.and_then(|d| Some((d, d.value.servers.iter().find(|s| s.id == id)?)));
    let Some((known, s)) = found else { return Sheet::new("DRS does not list this server any more") };
    let mut sheet = Sheet::new(&s.name);
    sheet.right = Row::of(Role::Muted, format!("DRS source server, {region}"));
    let fresh = known.is_fresh(model.now);
    let mark = drs::mark(s);
    let state = format!("{} {}", mark.sign(), s.state.to_lowercase());
    named(&mut sheet, "replication", if fresh { role_of(mark) } else { Role::Unknown }, &state, width);
    let lag = s.lag.map_or_else(|| "? not told".to_owned(), say::span);
    named(&mut sheet, "lag", Role::Text, &lag, width);
    let backlog = s.backlog.map_or_else(|| "? not told".to_owned(), |b| say::bytes(b as f64));
    named(&mut sheet, "backlog", Role::Text, &backlog, width);
    let snapshot = s.snapshot.map_or_else(
        || "? none is known".to_owned(),
        |at| format!("{}Z, {} ago", say::time_of_day(at), say::span(model.now.wall.duration_since(at))),
    );
    named(&mut sheet, "snapshot", Role::Text, &snapshot, width);
    let launch = s.last_launch.as_deref().unwrap_or("never").to_lowercase().replace('_', " ");
    named(&mut sheet, "last launch", Role::Text, &launch, width);
    named(&mut sheet, "id", Role::Muted, id, width);
    let asked = format!("DRS DescribeSourceServers, {region}, {} ago", say::span(model.now.since(known.heard)));
    named(&mut sheet, "source", if fresh { Role::Muted } else { Role::Unknown }, &asked, width);
    let jobs = known.value.jobs.iter().filter(|j| j.servers.iter().any(|(s, _)| s == id));
    for job in jobs {
        let status = job.servers.iter().find(|(s, _)| s == id).map_or("", |(_, status)| status.as_str());
        let words = format!("{}: {}", drs::kind(job), status.to_lowercase().replace('_', " "));
        sheet.body.push(heading(&job.id, Row::of(Role::Muted, words), width));
        for (at, line) in job.log.iter().filter(|(_, line)| line.split(' ').any(|w| w == id)) {
            let role = if line.contains("FAIL") { Role::Fail } else { Role::Text };
            sheet.body.push(Row::of(Role::Muted, format!("  {}  ", say::time_of_day(*at))).add(role, line).cut(width));
        }
    }
    sheet
}

fn source(model: &Model, id: &SourceId, width: usize) -> Sheet {
    let mut sheet = Sheet::new(model.source_name(id));
    sheet.right = Row::of(Role::Muted, "a thing that is asked for readings");
    let Some(s) = model.sources.get(id) else {
        sheet.body.push(Row::of(Role::Unknown, "  ? it has not been asked yet"));
        return sheet;
    };
    let ago = |at| format!("{} ago", say::span(model.now.since(at)));
    named(&mut sheet, "asked", Role::Text, &ago(s.heard), width);
    named(&mut sheet, "took", Role::Text, &words::millis(s.took), width);
    named(&mut sheet, "last answer", Role::Text, &s.last_ok.map_or_else(|| "never".to_owned(), ago), width);
    match model.source_trouble(id) {
        Some(why) => named(&mut sheet, "trouble", Role::Unknown, &format!("? {why}"), width),
        None => named(&mut sheet, "trouble", Role::Ok, "● none", width),
    }
    let fed: Vec<&str> = model.fed_by(id).map(|s| s.name.as_str()).collect();
    if !fed.is_empty() {
        sheet.body.push(heading("systems that it has readings of", Row::of(Role::Muted, fed.len().to_string()), width));
        sheet.body.extend(paragraph(Role::Text, &fed.join(", "), width, 2));
    }
    sheet
}
