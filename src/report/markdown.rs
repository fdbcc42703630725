//! A report as Markdown.

use std::fmt::Write as _;

use super::{Achieved, Report, StepTime, format};
use crate::model::words;
use crate::record::Lasted;
use crate::time::{Span, Timestamp};

/// Text in a cell or line: nothing of it is taken for markup.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&') {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}

pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

pub(super) fn seconds(seconds: f64) -> String {
    words::span(Span::try_from_secs_f64(seconds).unwrap_or_default())
}

/// When a step was done, by the incident's clock, in the form that the console shows.
pub(super) fn t_plus(seconds: f64) -> String {
    let span = Span::try_from_secs_f64(seconds).unwrap_or_default();
    crate::words::t_plus(Lasted { span, at_least: false })
}

pub(super) fn known(value: Option<f64>) -> String {
    value.map_or_else(|| "unknown".to_owned(), seconds)
}

pub(super) fn met(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "✔ met",
        Some(false) => "✖ missed",
        None => "? unknown",
    }
}

/// How long a step took, and when it was done, in words.
pub(super) fn took_and_after(step: &StepTime) -> (String, String) {
    let Some(done) = step.done else { return ("–".to_owned(), "not done".to_owned()) };
    let unknown = || step.unknown.clone().unwrap_or_else(|| "unknown".to_owned());
    let after = step.after.map(t_plus);
    let took = step.took.map_or_else(unknown, seconds);
    (took, after.unwrap_or_else(|| format!("at {}, by a clock that was set", moment(done))))
}

/// How it went, in a word or two.
pub(super) fn verdict(report: &Report) -> &'static str {
    match report.success {
        Some(true) if report.changes.iter().all(|c| c.traffic_moved.is_none()) => "✔ every server was launched",
        Some(true) => "✔ traffic moved, every known target met",
        Some(false) if report.changes.iter().any(|c| c.traffic_moved.is_some()) => {
            "✖ traffic moved, a target was missed"
        }
        Some(false) if report.changes.iter().any(|c| c.second_key.is_some() && c.done == Some(false)) => {
            "✖ what was approved was not done, or not all of it"
        }
        Some(false) => "✖ traffic did not move",
        None if report.ended.is_none() => "… goes on",
        None if report.changes.iter().any(|c| c.done == Some(true)) => {
            "? done, but nobody watched whether traffic moved"
        }
        None => "? nothing was tried",
    }
}

/// Why there are no figures.
pub(super) fn unmeasured(report: &Report) -> &'static str {
    match report.changes.iter().any(|c| c.second_key.is_some()) {
        true => "no traffic was moved",
        false => "no second key was turned",
    }
}

/// What it began with.
pub(super) fn began(report: &Report) -> &'static str {
    match (report.clock_ran, report.planned) {
        (false, _) if !report.changes.is_empty() => "with a proposal, and no clock ran",
        (false, _) => "with nothing: no failure, no proposal",
        (true, true) => "with a proposal",
        (true, false) if report.begun_by.is_some() => "by hand",
        (true, false) => "with a failure",
    }
}

/// Before the time at which a failure was found.
pub(super) fn before(report: &Report) -> &'static str {
    if report.found { "before " } else { "" }
}

fn targets(out: &mut String, title: &str, rows: &[Achieved], none: &str) {
    let _ = writeln!(out, "| {title} | target | achieved | | of |\n|---|---|---|---|---|");
    for row in rows {
        let (tier, target, achieved) = (row.tier.as_str(), seconds(row.target), known(row.achieved));
        let _ = writeln!(out, "| {tier} | {target} | {achieved} | {} | {} |", met(row.met), plain(&row.of));
    }
    if rows.is_empty() {
        let _ = writeln!(out, "| – | unknown | unknown | ? unknown | {none} |");
    }
    out.push('\n');
}

/// The report as Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut out = String::new();
    let r = report;
    let _ = writeln!(out, "# {}: {}\n", r.kind.words(), plain(&r.name));
    let _ = writeln!(out, "**{}**\n", verdict(r));
    let ended = r.ended.map_or_else(|| ", and goes on".to_owned(), |ended| format!(" to {}", moment(ended)));
    let _ = writeln!(out, "- estate {}, pair {}", plain(&r.estate), plain(&r.pair));
    let _ = writeln!(out, "- from {}{} ({}){ended}", before(r), moment(r.started), began(r));
    for note in &r.clocks {
        let _ = writeln!(out, "- {}", plain(note));
    }
    if !r.participants.is_empty() {
        let _ = writeln!(out, "- with {}", plain(&r.participants.join(", ")));
    }
    let share = r.automation_share.map_or_else(|| "unknown".to_owned(), |s| format!("{:.0} %", s * 100.0));
    let _ = writeln!(out, "- steps done by machines: {share}");
    let score = format::readiness(r);
    let _ = writeln!(out, "- readiness when the second key was turned: {score}\n");
    out.push_str("## Targets\n\n");
    targets(&mut out, "RTO, tier", &r.rto, unmeasured(r));
    targets(&mut out, "RPO, data class", &r.rpo, unmeasured(r));
    out.push_str("## Steps\n\n| step | | by | took | done |\n|---|---|---|---|---|\n");
    for s in &r.steps {
        let by = if s.automatic { "machine" } else { "person" };
        let (took, after) = took_and_after(s);
        let _ = writeln!(out, "| {} | {} | {by} | {took} | {after} |", s.step, s.name);
    }
    out.push_str("\n## Checks\n\n");
    if r.failed_checks.is_empty() && r.unknown_checks.is_empty() {
        let nothing = if r.readiness.is_some() { "every check passed" } else { unmeasured(r) };
        let _ = writeln!(out, "None kept: {nothing}.");
    }
    for c in &r.failed_checks {
        let _ = writeln!(out, "- ✖ {}", plain(c));
    }
    for c in &r.unknown_checks {
        let _ = writeln!(out, "- ? {}", plain(c));
    }
    out.push_str("\n## Changes\n\n");
    if r.changes.is_empty() {
        out.push_str("None was proposed.\n\n");
    }
    for c in &r.changes {
        let _ = writeln!(out, "### {}: {}\n", plain(&c.words), plain(&c.title));
        let _ =
            writeln!(out, "- proposed by {} at {}: {}", plain(&c.proposed.by), moment(c.proposed.at), plain(&c.reason));
        for a in &c.approvals {
            let key = a.key.as_deref().unwrap_or_default();
            let _ = writeln!(out, "- approved by {} at {} with key {}", plain(&a.by), moment(a.at), plain(key));
        }
        if let Some(k) = &c.second_key {
            let _ = writeln!(out, "- second key turned by {} at {}", plain(&k.by), moment(k.at));
        }
        if !c.overrides.is_empty() {
            let _ = writeln!(out, "- safety rules overridden: {}", plain(&c.overrides.join(", ")));
        }
        if let Some(d) = &c.despite {
            let _ = writeln!(out, "- in spite of {}; because {}", plain(&d.checks.join("; ")), plain(&d.reason));
        }
        let _ = writeln!(out, "- data loss as approved: {}", plain(&c.loss));
        let at = c.settled.map(|at| format!(" at {}", moment(at))).unwrap_or_default();
        let _ = writeln!(out, "- result: {}{at}", plain(&c.result));
        if let Some(at) = c.traffic_moved {
            let _ = writeln!(out, "- traffic had moved at {}", moment(at));
        }
        let _ = writeln!(out, "- digest `{}`\n", c.digest);
    }
    out.push_str("## Timeline\n\n| time | who | what |\n|---|---|---|\n");
    let mut day = String::new();
    for line in &r.timeline {
        let of = words::day(line.at);
        if of != day {
            let _ = writeln!(out, "| **{of}** | | |");
            day = of;
        }
        let _ = writeln!(out, "| {} | {} | {} |", words::time_of_day(line.at), plain(&line.source), plain(&line.text));
    }
    let _ = writeln!(out, "\nFrom {} lines of the journal, last hash `{}`.", r.journal.lines, r.journal.head);
    if let Some(fault) = &r.journal.fault {
        let _ = writeln!(out, "\n**The journal is damaged: {}. Nothing after that is told here.**", plain(fault));
    }
    out
}
