//! `signalbox report` and `signalbox drills`: what came of incidents and drills, from the journal alone.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::io::Io;
use crate::estate::Estate;
use crate::files;
use crate::hygiene::visible;
use crate::model::words;
use crate::report::{self, Format, Report};
use crate::runtime::reports::{Whole, proven, records};
use crate::time::{Span, Timestamp};

/// Write the report of an incident or a drill.
#[derive(Args, Clone, Debug)]
pub struct ReportArgs {
    /// The name of the incident or drill, or one of its changes: the word code, or the beginning of the digest
    /// [default: the last one]
    name: Option<String>,
    /// The journal's folder or file [default: of SIGNALBOX_STATE, or of the estate of SIGNALBOX_ESTATE]
    #[arg(long, value_name = "PATH")]
    journal: Option<PathBuf>,
    /// The format
    #[arg(long, value_enum, default_value_t = Format::Md)]
    format: Format,
    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// If the journal is damaged, report up to the fault
    #[arg(long)]
    damaged: bool,
    /// Mask accounts, ARNs, hosts, addresses, e-mails and keys, with the aliases of the console's presenter mode
    #[arg(id = "masked", long = "presenter")]
    presenter: bool,
    /// The estate file: leave out what its people did not sign. --presenter needs it to use the console's aliases
    #[arg(long, value_name = "FILE", env = "SIGNALBOX_ESTATE")]
    estate: Option<PathBuf>,
}

/// The estate whose aliases are wanted.
fn estate(file: &Path) -> Result<Estate, String> {
    let name = file.display().to_string();
    let text =
        files::read_text(file, files::ESTATE).map_err(|e| format!("failed to read the estate file {name}: {e}"))?;
    Estate::parse(&text, &name).map_err(|faults| format!("failed to understand the estate file: {faults}"))
}

/// Runs `signalbox report`. `usual` is the journal that is meant when none is named.
pub fn run(args: &ReportArgs, usual: Option<&Path>, io: &mut Io<'_>) -> Exit {
    let Some(path) = args.journal.as_deref().or(usual) else { return which(io) };
    let Whole { records, source, .. } = match open(path, io) {
        Ok(whole) => whole,
        Err(exit) => return exit,
    };
    if let Some(fault) = source.fault.as_ref().filter(|_| !args.damaged) {
        let next = "the report would end there; give --damaged to write it anyway";
        drop(writeln!(io.err, "signalbox: {}: {}\n{next}", shown(path), visible(fault)));
        return Exit::Journal;
    }
    let estate = match args.estate.as_deref().map(estate).transpose() {
        Ok(estate) => estate,
        Err(why) => return failed(io, &why),
    };
    let records = match &estate {
        None => records,
        Some(estate) => {
            let (records, bad) = proven(records, estate);
            if bad > 0 {
                let how = "left out; `signalbox journal verify` names the first";
                drop(writeln!(io.err, "signalbox: {bad} lines of the journal prove nothing and are {how}"));
            }
            records
        }
    };
    let Some(window) = report::find(&records, args.name.as_deref()) else {
        let names: Vec<String> = report::windows(&records).into_iter().rev().filter_map(|w| w.name).take(8).collect();
        let there =
            if names.is_empty() { "nobody named one".to_owned() } else { format!("there are {}", names.join(", ")) };
        let what = args.name.as_deref().unwrap_or("anything to tell");
        drop(writeln!(io.err, "signalbox: failed to find {} in the journal; {}", visible(what), visible(&there)));
        return Exit::Failed;
    };
    let mut report = Report::of(&records, &window, source);
    if args.presenter {
        report = report.masked(&report::mask(estate.as_ref(), &records));
    }
    let text = match args.format.write(&report) {
        Ok(text) => text,
        Err(e) => return failed(io, &e),
    };
    match &args.output {
        None => drop(write!(io.out, "{text}")),
        Some(file) => {
            if let Err(e) = std::fs::write(file, text) {
                drop(writeln!(io.err, "signalbox: failed to write {}: {e}", shown(file)));
                return Exit::Failed;
            }
            drop(writeln!(io.out, "written to {}", shown(file)));
        }
    }
    Exit::Ok
}

/// Reads a journal, and tells what its records do not: everything that is made of a journal here comes through this.
fn open(path: &Path, io: &mut Io<'_>) -> Result<Whole, Exit> {
    let whole = records(path).map_err(|e| failed(io, &e))?;
    for alarm in &whole.alarms {
        drop(writeln!(io.err, "signalbox: {}", visible(alarm)));
    }
    Ok(whole)
}

fn which(io: &mut Io<'_>) -> Exit {
    let how = "name it with --journal, or set SIGNALBOX_STATE or SIGNALBOX_ESTATE";
    drop(writeln!(io.err, "signalbox: which journal? {how}"));
    Exit::Usage
}

fn shown(path: &Path) -> String {
    visible(&path.display().to_string()).into_owned()
}

fn failed(io: &mut Io<'_>, error: &dyn std::fmt::Display) -> Exit {
    drop(writeln!(io.err, "signalbox: {}", visible(&error.to_string())));
    Exit::Failed
}

/// List past drills, how they went, and which are due.
#[derive(Args, Clone, Debug)]
pub struct DrillsArgs {
    /// The journals' folders or files [default: of SIGNALBOX_STATE, or of the estate of SIGNALBOX_ESTATE]
    journals: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs `signalbox drills`; exit code 8 when one is overdue.
pub fn drills(args: &DrillsArgs, usual: Option<&Path>, io: &mut Io<'_>) -> Exit {
    let mut paths: Vec<&Path> = args.journals.iter().map(PathBuf::as_path).collect();
    if paths.is_empty() {
        let Some(usual) = usual else { return which(io) };
        paths.push(usual);
    }
    let mut journals = Vec::new();
    for path in paths {
        match open(path, io) {
            Ok(Whole { records, source, .. }) => {
                if let Some(fault) = source.fault {
                    drop(writeln!(io.err, "signalbox: {}: {}", shown(path), visible(&fault)));
                    return Exit::Journal;
                }
                journals.push(records);
            }
            Err(exit) => return exit,
        }
    }
    let now = (io.now)();
    let kept = report::drills(&journals, now);
    if args.json {
        drop(writeln!(io.out, "{:#}", serde_json::json!({ "version": report::VERSION, "now": now, "kept": kept })));
    } else {
        let lines = lines(&kept, now);
        drop(writeln!(io.out, "{}", lines.join("\n")));
    }
    if kept.due.iter().any(|d| d.overdue) { Exit::Impaired } else { Exit::Ok }
}

fn lines(kept: &report::Drills, now: Timestamp) -> Vec<String> {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let span = |seconds: f64| words::span(Span::try_from_secs_f64(seconds.abs()).unwrap_or_default());
    let mut lines = Vec::new();
    for d in &kept.drills {
        let sign = match d.success {
            Some(true) => "✔",
            Some(false) => "✖",
            None if d.ended.is_none() => "…",
            None => "?",
        };
        let back = match (d.recovered_after, &d.unknown) {
            (Some(s), _) => format!("recovered in {}", span(s)),
            (None, Some(why)) => format!("recovered, in a time that is {why}"),
            (None, None) => "not recovered".to_owned(),
        };
        let name = visible(&d.name);
        lines.push(format!("{sign} {}  {name:<24} {:<24} pair {:<8} {back}", day(d.started), d.kind.words(), d.pair));
    }
    if kept.drills.is_empty() {
        lines.push("No drill was kept: `signalbox drill start NAME --type quarterly` begins one.".into());
    }
    if let Some(rate) = kept.success_rate {
        let trend = match kept.trend {
            Some(by) if by < 0.0 => format!("; the last three recovered {} faster than the three before", span(by)),
            Some(by) => format!("; the last three recovered {} slower than the three before", span(by)),
            None => String::new(),
        };
        lines.push(format!("success rate {:.0} %{trend}", rate * 100.0));
    }
    for d in &kept.due {
        lines.push(match d.next {
            None => format!("✖ {}: none has succeeded yet, it is due now", d.kind.words()),
            Some(next) if d.overdue => {
                let days = now.duration_since(next).as_hours() / 24;
                format!("✖ {}: OVERDUE for {days} days, it was due on {}", d.kind.words(), day(next))
            }
            Some(next) => format!("✔ {}: next due on {}", d.kind.words(), day(next)),
        });
    }
    lines
}
