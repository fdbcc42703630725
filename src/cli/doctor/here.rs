//! What this machine has: people's keys, the journal's folder, the terminal.

use std::io::IsTerminal as _;
use std::path::Path;

use super::{Line, Patient, Verdict};
use crate::cli::check::advice;
use crate::estate::{ListedKey, Role};
use crate::event::{Event, What};
use crate::journal::{Boot, Journal};
use crate::model::Model;
use crate::signing::Ring;
use crate::time::{Span, Stamp};
use crate::ui::Depth;

const PEOPLE: &str = "people and keys";
pub(super) const FOLDER: &str = "journal";
const TERMINAL: &str = "terminal";
const TOLD: &str = "people who are told";

/// Below this the journal of a long incident may not fit.
const LEAST_FREE: u64 = 200 * 1024 * 1024;

pub(super) fn people(patient: &Patient) -> Vec<Line> {
    let estate = &patient.estate;
    let mut lines = Vec::new();
    let advice = advice(estate);
    if advice.is_empty() {
        let with = |role| estate.people.iter().filter(|p| p.is(role) && !p.keys.is_empty()).count();
        let found = format!("{} operators, {} approvers with keys", with(Role::Operator), with(Role::Approver));
        lines.push(Line::good(PEOPLE, "the estate file", found));
    }
    for line in advice {
        lines.push(Line::other(
            Verdict::Warn,
            PEOPLE,
            "the estate file",
            line,
            "fix it in the file; `signalbox check` says the same",
        ));
    }
    let Some(name) = &patient.person else {
        let remedy = "`ssh-add` your key, or list it in the estate's people: without it, you only look on";
        lines.push(Line::other(Verdict::Warn, PEOPLE, "you", "not one of the estate's people", remedy));
        return lines;
    };
    let Some(person) = estate.person(name) else { return lines };
    if person.keys.is_empty() {
        let remedy = "put your `~/.ssh/id_ed25519.pub` into the estate file: without it, you cannot approve";
        lines.push(Line::other(Verdict::Bad, PEOPLE, format!("{name}'s key"), "the file has none", remedy));
        return lines;
    }
    lines.push(match Ring::open(None, patient.agent.as_deref()) {
        Err(e) => {
            let remedy = "start an ssh-agent and `ssh-add` your key, or sign with `signalbox approve --key FILE`";
            Line::other(Verdict::Warn, PEOPLE, format!("{name}'s key in the ssh-agent"), e.to_string(), remedy)
        }
        Ok(ring) => {
            let mine: Vec<_> = person.keys.iter().filter_map(ListedKey::public).collect();
            let held = ring.keys().iter().any(|k| mine.iter().any(|own| own.key_data() == *k));
            if held {
                Line::good(PEOPLE, format!("{name}'s key in the ssh-agent"), "it is there")
            } else {
                let found = format!(
                    "the agent holds {} keys, none of them {name}'s of the file",
                    ring.keys().len() + ring.others()
                );
                Line::other(
                    Verdict::Warn,
                    PEOPLE,
                    format!("{name}'s key in the ssh-agent"),
                    found,
                    "`ssh-add` it before an incident",
                )
            }
        }
    });
    lines
}

/// When each approver's key last signed here: a key that nobody has tried for a month fails on the night it is needed.
pub(super) fn proofs(patient: &Patient) -> Vec<Line> {
    let at = Stamp { mono: Span::ZERO, wall: (patient.now)() };
    let mut model = Model::new(patient.estate.clone(), "", at);
    model.read_only = Some("it only looks".into());
    // A folder without a journal has no proofs; one that is damaged has a line of its own.
    if let Ok((_, kept)) = Journal::look(&patient.state, Boot { id: String::new() }) {
        drop(model.update(Event { at, what: What::Resumed(kept) }));
    }
    let approvers = patient.estate.people.iter().filter(|p| p.is(Role::Approver) && !p.keys.is_empty());
    approvers
        .map(|person| {
            let (what, found) = (format!("{}'s key", person.name), model.proof_words(&person.name));
            if model.proof_is_due(&person.name) {
                let remedy = "have them run `signalbox drill approvers`: the key signs something harmless";
                Line::other(Verdict::Warn, PEOPLE, what, found, remedy)
            } else {
                Line::good(PEOPLE, what, found)
            }
        })
        .collect()
}

pub(super) fn folder(patient: &Patient) -> Vec<Line> {
    let state = &patient.state;
    let mut lines = Vec::new();
    let shown = state.display().to_string();
    let remedy = "give a folder that you may write with --state DIR or SIGNALBOX_STATE";
    // The folder itself is made when a console opens; trying must leave nothing behind.
    let there = state.ancestors().find(|p| p.exists()).unwrap_or(Path::new("."));
    match tempfile_in(there) {
        Ok(()) => lines.push(Line::good(FOLDER, shown, "can be written")),
        Err(e) => lines.push(Line::other(Verdict::Bad, FOLDER, shown, format!("cannot be written: {e}"), remedy)),
    }
    if let Ok(stat) = rustix::fs::statvfs(there) {
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        let found = format!("{} MB free", free / 1024 / 1024);
        lines.push(if free < LEAST_FREE {
            Line::other(Verdict::Bad, FOLDER, "disk", found, "make room: nothing is sent that the journal cannot keep")
        } else {
            Line::good(FOLDER, "disk", found)
        });
    }
    let file = state.join(crate::journal::FILE);
    if file.exists() {
        lines.push(match crate::journal::verify(&file) {
            Ok(report) => match report.fault {
                None => Line::good(FOLDER, "chain of hashes", format!("whole, {} lines", report.lines)),
                Some(fault) => {
                    let remedy = "keep the file, and use another folder: a console on this one only looks on";
                    Line::other(Verdict::Bad, FOLDER, "chain of hashes", fault.to_string(), remedy)
                }
            },
            Err(e) => Line::other(Verdict::Bad, FOLDER, "chain of hashes", e.to_string(), remedy),
        });
    }
    lines
}

/// Webhooks whose URL is to come from the environment, and whether it does.
pub(super) fn told(patient: &Patient) -> Vec<Line> {
    let with_variable = patient.estate.notify.iter().filter_map(|n| Some((n, n.webhook_env.as_deref()?)));
    let line = |(notify, name): (&crate::estate::Notify, &str)| {
        let what = format!("webhook ${name}");
        match crate::runtime::notify::fault(notify, patient.variable) {
            None => Line::good(TOLD, what, "the variable is set"),
            Some(why) => {
                let on: Vec<&str> = notify.on.iter().map(|o| o.words()).collect();
                let remedy = format!(
                    "set {name} to the webhook's URL where the console starts: without it, nobody there is notified of: {}",
                    on.join(", ")
                );
                Line::other(Verdict::Warn, TOLD, what, why, remedy)
            }
        }
    };
    with_variable.map(line).collect()
}

/// Writes a file and removes it again.
fn tempfile_in(folder: &Path) -> std::io::Result<()> {
    let file = folder.join(format!(".signalbox-doctor-{}", std::process::id()));
    std::fs::OpenOptions::new().write(true).create_new(true).open(&file)?;
    std::fs::remove_file(&file)
}

pub(super) fn terminal() -> Vec<Line> {
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let mut lines = Vec::new();
    if !std::io::stdout().is_terminal() {
        return vec![Line::other(
            Verdict::Unknown,
            TERMINAL,
            "terminal",
            "standard output is none",
            "run this in the terminal that the console will use",
        )];
    }
    let (columns, rows) = crossterm::terminal::size().unwrap_or((0, 0));
    let size = format!("{columns} × {rows}");
    let (narrow, low) = crate::ui::SMALLEST;
    lines.push(if columns < narrow || rows < low {
        Line::other(
            Verdict::Bad,
            TERMINAL,
            "size",
            size,
            format!("the console needs {narrow} × {low}; 150 × 44 shows both regions at once"),
        )
    } else if columns < 150 || rows < 44 {
        Line::other(Verdict::Warn, TERMINAL, "size", size, "150 × 44 shows both regions at once; below, they are tabs")
    } else {
        Line::good(TERMINAL, "size", size)
    });
    lines.push(match crate::cli::look::depth() {
        Depth::True => Line::good(TERMINAL, "colours", "24 bits"),
        Depth::Xterm => Line::good(TERMINAL, "colours", "256"),
        Depth::Sixteen => Line::good(TERMINAL, "colours", "16"),
        Depth::None => Line::good(TERMINAL, "colours", "none: signs and words say everything"),
    });
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|n| set(n)).unwrap_or_default();
    lines.push(if locale.to_uppercase().replace('-', "").contains("UTF8") {
        Line::good(TERMINAL, "characters", locale)
    } else {
        let found = if locale.is_empty() { "no locale is set".to_owned() } else { format!("{locale} is not UTF-8") };
        Line::other(
            Verdict::Warn,
            TERMINAL,
            "characters",
            found,
            "set LANG to a UTF-8 locale, or frames and charts may be garbled",
        )
    });
    lines
}
