//! `signalbox check`: everything that is wrong with an estate file, a theme or a keymap, and what is legal in an estate
//! yet unwise.

mod accounts;
mod kind;
mod metrics;
mod people;
mod traffic;

use std::path::{Path, PathBuf};

use clap::Args;

use self::kind::Kind;
use super::exit::Exit;
use super::io::Io;
use crate::estate::Estate;
use crate::fault;
use crate::feeds::Budget;
use crate::files;
use crate::hygiene::visible;
use crate::model::words;
use crate::runtime::shelf::{self, Shelved};
use crate::time::Timestamp;
use crate::ui::{Keymap, Theme};

/// Check estate files, themes and keymaps
///
/// Reports every fault with file:line:column and what would be right. Lines with ▲ are legal, but would hurt you in an
/// incident. A file's contents show what it is, else its folder does (themes, keymaps).
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// The files; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Also fail on what is legal but unwise
    #[arg(long)]
    pub strict: bool,
}

/// Runs `signalbox check`: 0 when all files are good, 2 when one has faults, 1 when one cannot be read.
pub fn run(args: &CheckArgs, io: &mut Io<'_>) -> Exit {
    let mut exit = Exit::Ok;
    for file in &args.files {
        let name = if file == Path::new("-") { "standard input".into() } else { file.to_string_lossy().into_owned() };
        let name = visible(&name).into_owned();
        let bytes = match read(file, io) {
            Ok(bytes) => bytes,
            Err(e) => {
                drop(writeln!(io.err, "signalbox: failed to read {name}: {e}"));
                exit = if exit == Exit::Ok { Exit::Failed } else { exit };
                continue;
            }
        };
        match checked(bytes, file, &name) {
            Err((kind, faults)) => {
                faults.iter().for_each(|fault| drop(writeln!(io.err, "{}", visible(fault))));
                let (n, kind) = (faults.len(), kind.map_or("", Kind::words));
                let read_as = if kind.is_empty() { String::new() } else { format!(", read as {kind}") };
                drop(writeln!(io.err, "✖ {name}{read_as}: {n} {}", if n == 1 { "fault" } else { "faults" }));
                exit = Exit::Usage;
            }
            Ok(Good { holds, advice }) => {
                for line in &advice {
                    drop(writeln!(io.out, "▲ {name}: {}", visible(line)));
                }
                drop(writeln!(io.out, "● {name}: {}", visible(&holds)));
                if args.strict && !advice.is_empty() {
                    exit = Exit::Usage;
                }
            }
        }
    }
    exit
}

fn read(file: &Path, io: &mut Io<'_>) -> std::io::Result<Vec<u8>> {
    if file == Path::new("-") {
        files::read_all(&mut io.stdin, files::ESTATE)
    } else {
        files::read_bounded(file, files::ESTATE)
    }
}

/// A file without a fault.
struct Good {
    /// What it holds, in a line.
    holds: String,
    /// What is unwise in it.
    advice: Vec<String>,
}

/// Reads a file as what it is. If it has faults, gives the kind that it was read as, and the faults.
fn checked(bytes: Vec<u8>, file: &Path, name: &str) -> Result<Good, (Option<Kind>, Vec<String>)> {
    let lines = |faults: fault::Faults| faults.0.iter().map(ToString::to_string).collect();
    let text = fault::text(bytes, name).map_err(|faults| (None, lines(faults)))?;
    let kind = Kind::of(&text, file);
    let good = match kind {
        Kind::Estate => Estate::parse(&text, name)
            .map(|estate| Good { holds: holds(&estate), advice: advice(&estate) })
            .map_err(lines),
        Kind::Theme => shelved::<Theme>(&text, file, name, Theme::name),
        Kind::Keymap => shelved::<Keymap>(&text, file, name, Keymap::name),
    };
    good.map_err(|faults| (Some(kind), faults))
}

/// A theme or a keymap, which may build on one that lies beside it.
fn shelved<T: Shelved>(text: &str, file: &Path, name: &str, called: fn(&T) -> &str) -> Result<Good, Vec<String>> {
    let read: Result<T, String> =
        if file == Path::new("-") { T::read(text, name, &|_| None) } else { shelf::understand(text, file) };
    let good = |it: T| Good { holds: format!("{} {}", T::WHAT, called(&it)), advice: Vec::new() };
    read.map(good).map_err(|faults| faults.lines().map(str::to_owned).collect())
}

/// One line of what an estate holds.
fn holds(estate: &Estate) -> String {
    let readings: usize = estate.systems.iter().map(|s| s.readings.len()).sum();
    let counts = [
        (estate.pairs.len(), "pairs"),
        (estate.services.len(), "services"),
        (estate.controls().count(), "routing controls"),
        (estate.safety_rules.len(), "safety rules"),
        (estate.systems.len(), "systems"),
        (readings, "readings"),
        (estate.people.len(), "people"),
    ];
    let accounts = Some((estate.accounts.len(), "accounts")).filter(|(n, _)| *n > 0);
    let counts: Vec<_> = accounts.iter().chain(&counts).map(|(n, what)| format!("{n} {what}")).collect();
    format!("estate {}: {}", estate.name, counts.join(", "))
}

/// What is legal, yet an incident would suffer from it.
#[must_use]
pub fn advice(estate: &Estate) -> Vec<String> {
    advice_at(estate, Timestamp::now())
}

/// The same at a time: keys end.
#[must_use]
pub fn advice_at(estate: &Estate, now: Timestamp) -> Vec<String> {
    let mut lines = people::advice(estate, now);
    match estate.resolvers.len() {
        0 => lines.push("no resolver is listed: nobody sees when DNS answers change".into()),
        1 => lines.push("one resolver only: a single cache is taken for the whole world".into()),
        _ => {}
    }
    let (paid, wanted) = (Budget::of(estate).interval(true), estate.poll.cloudwatch);
    if paid > wanted {
        let (paid, wanted) = (words::span(paid), words::span(wanted));
        let dollars = estate.poll.dollars_per_hour;
        lines.push(format!("${dollars} an hour pay for CloudWatch every {paid} in an incident, not every {wanted}"));
    }
    lines.extend(accounts::advice(estate));
    lines.extend(metrics::advice(estate));
    lines.extend(traffic::advice(estate));
    for service in &estate.services {
        if service.dns.is_empty() {
            lines.push(format!("service {} has no DNS name: its traffic is not seen to move", service.name));
        }
        for pair in estate.pairs.iter().filter(|p| p.name == service.pair) {
            for region in [&pair.active, &pair.standby] {
                if !service.probes.iter().any(|p| &p.region == region) {
                    lines.push(format!("service {} has no probe in {region}", service.name));
                }
            }
        }
    }
    for pair in &estate.pairs {
        if estate.systems_of(&pair.name).next().is_none() {
            lines.push(format!("pair {} has no systems: its lag and readiness are not known", pair.name));
        }
    }
    lines
}
