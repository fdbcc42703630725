//! A report as one page that needs nothing else: no script, no font, no picture from elsewhere.

use std::fmt::Write as _;

use super::markdown::{before, began, known, met, moment, seconds, unmeasured, verdict};
use super::{Achieved, Report, format, picture};
use crate::hygiene::escaped;
use crate::model::words;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#16202c;\
background:#fff}h1{margin-bottom:0}table{border-collapse:collapse;margin:1rem 0}td,th{border-bottom:1px solid #d5dbe3;\
padding:.25rem .8rem;text-align:left;vertical-align:top}.ok{color:#146c39}.bad{color:#a01622}.dim{color:#556}code{font-\
size:.85em;word-break:break-all}svg.clock{width:100%;height:auto}svg .grid{stroke:#d5dbe3}svg text{font:13px system-ui,\
sans-serif;fill:#16202c}svg .tick{fill:#556;text-anchor:middle}svg .machine{fill:#4a7db5}svg .person{fill:#c9862b}svg \
line.rto{stroke:#a01622;stroke-width:2;stroke-dasharray:6 4}svg text.rto{fill:#a01622;text-anchor:end}";

fn class(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "ok",
        Some(false) => "bad",
        None => "dim",
    }
}

fn targets(out: &mut String, title: &str, rows: &[Achieved], none: &str) {
    let _ = write!(out, "<table><tr><th>{title}</th><th>target</th><th>achieved</th><th></th><th>of</th></tr>");
    for row in rows {
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td class={}>{}</td><td class=dim>{}</td></tr>",
            row.tier.as_str(),
            seconds(row.target),
            known(row.achieved),
            class(row.met),
            met(row.met),
            escaped(&row.of)
        );
    }
    if rows.is_empty() {
        let _ = write!(out, "<tr><td colspan=5 class=dim>unknown: {none}</td></tr>");
    }
    out.push_str("</table>");
}

fn list(out: &mut String, sign: &str, items: &[String]) {
    for i in items {
        let _ = write!(out, "<li>{sign} {}</li>", escaped(i));
    }
}

/// The report as a page.
#[must_use]
pub fn html(report: &Report) -> String {
    let r = report;
    let mut out = String::from("<!doctype html><html lang=en><meta charset=utf-8>");
    let title = format!("{}: {}", r.kind.words(), r.name);
    let _ = write!(out, "<title>{}</title><style>{STYLE}</style><h1>{}</h1>", escaped(&title), escaped(&title));
    let _ = write!(out, "<p class={}><b>{}</b></p><ul>", class(r.success), verdict(r));
    let _ = write!(out, "<li>estate {}, pair {}</li>", escaped(&r.estate), escaped(&r.pair));
    let ended = r.ended.map_or_else(|| "goes on".to_owned(), moment);
    let _ = write!(out, "<li>from {}{} ({}) to {ended}</li>", before(r), moment(r.started), began(r));
    for note in &r.clocks {
        let _ = write!(out, "<li>{}</li>", escaped(note));
    }
    if !r.participants.is_empty() {
        let _ = write!(out, "<li>with {}</li>", escaped(&r.participants.join(", ")));
    }
    let share = r.automation_share.map_or_else(|| "unknown".to_owned(), |s| format!("{:.0} %", s * 100.0));
    let score = format::readiness(r);
    let _ = write!(out, "<li>steps done by machines: {share}</li><li>readiness at the second key: {score}</li></ul>");
    out.push_str(&picture::svg(r));
    out.push_str("<p class=dim>Blue bars are machines, orange ones people; each from the end of the one before.</p>");
    targets(&mut out, "RTO, tier", &r.rto, unmeasured(r));
    targets(&mut out, "RPO, data class", &r.rpo, unmeasured(r));
    out.push_str("<h2>Checks</h2><ul>");
    list(&mut out, "✖", &r.failed_checks);
    list(&mut out, "?", &r.unknown_checks);
    if r.failed_checks.is_empty() && r.unknown_checks.is_empty() {
        let nothing = if r.readiness.is_some() { "every check passed" } else { unmeasured(r) };
        let _ = write!(out, "<li>{nothing}</li>");
    }
    out.push_str("</ul><h2>Changes</h2>");
    for c in &r.changes {
        let _ = write!(out, "<h3>{}: {}</h3><ul>", escaped(&c.words), escaped(&c.title));
        let (by, reason) = (escaped(&c.proposed.by), escaped(&c.reason));
        let _ = write!(out, "<li>proposed by {by} at {}: {reason}</li>", moment(c.proposed.at));
        for a in &c.approvals {
            let key = escaped(a.key.as_deref().unwrap_or_default());
            let _ =
                write!(out, "<li>approved by {} at {} with key <code>{key}</code></li>", escaped(&a.by), moment(a.at));
        }
        if let Some(k) = &c.second_key {
            let _ = write!(out, "<li>second key turned by {} at {}</li>", escaped(&k.by), moment(k.at));
        }
        if !c.overrides.is_empty() {
            let _ = write!(out, "<li>safety rules overridden: {}</li>", escaped(&c.overrides.join(", ")));
        }
        if let Some(d) = &c.despite {
            let (checks, reason) = (escaped(&d.checks.join("; ")), escaped(&d.reason));
            let _ = write!(out, "<li>in spite of {checks}; because {reason}</li>");
        }
        let _ = write!(out, "<li>data loss as approved: {}</li>", escaped(&c.loss));
        let at = c.settled.map(|at| format!(" at {}", moment(at))).unwrap_or_default();
        let _ = write!(out, "<li>result: {}{at}</li>", escaped(&c.result));
        if let Some(at) = c.traffic_moved {
            let _ = write!(out, "<li>traffic had moved at {}</li>", moment(at));
        }
        let _ = write!(out, "<li>digest <code>{}</code></li></ul>", escaped(&c.digest));
    }
    if r.changes.is_empty() {
        out.push_str("<p>None was proposed.</p>");
    }
    out.push_str("<h2>Timeline</h2><table>");
    let mut day = String::new();
    for line in &r.timeline {
        let of = words::day(line.at);
        if of != day {
            let _ = write!(out, "<tr><th colspan=3>{of}</th></tr>");
            day = of;
        }
        let (at, who) = (words::time_of_day(line.at), escaped(&line.source));
        let _ = write!(out, "<tr><td>{at}</td><td>{who}</td><td>{}</td></tr>", escaped(&line.text));
    }
    let head = escaped(&r.journal.head);
    let _ = write!(
        out,
        "</table><p class=dim>From {} lines of the journal, last hash <code>{head}</code>.</p>",
        r.journal.lines
    );
    if let Some(fault) = &r.journal.fault {
        let _ = write!(
            out,
            "<p class=bad><b>The journal is damaged: {}. Nothing after that is told here.</b></p>",
            escaped(fault)
        );
    }
    out.push_str("</html>\n");
    out
}
