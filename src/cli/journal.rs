//! `signalbox journal`: whether the chain is whole, and what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::exit::Exit;
use super::io::{Io, json_for_terminals};
use crate::change::{Binding, ChangeText, Changes, Digest, Untrue};
use crate::estate::Estate;
use crate::event::{FlipEnd, FlipOutcome};
use crate::files;
use crate::hygiene::visible;
use crate::journal::{self, JournalError, Report};
use crate::record::{Kept, Record};
use crate::words::{Context, Length, told};

/// Look at the journal.
#[derive(Args, Clone, Debug)]
pub struct JournalArgs {
    /// What to do with it
    #[command(subcommand)]
    pub what: JournalCommand,
}

/// What to do with the journal.
#[derive(Subcommand, Clone, Debug)]
pub enum JournalCommand {
    /// Check the chain of hashes from the first line to the last; with the estate file, also check that every line
    /// proves what it says
    Verify {
        /// The journal's folder or file [default: of SIGNALBOX_STATE, or of the estate of SIGNALBOX_ESTATE]
        path: Option<PathBuf>,
        /// The estate file: also check digests, signatures, order, and the approvals before each intent; name the first
        /// line that proves nothing
        #[arg(long, value_name = "FILE", env = "SIGNALBOX_ESTATE")]
        estate: Option<PathBuf>,
    },
    /// Print its records, oldest first
    Show {
        /// The journal's folder or file [default: of SIGNALBOX_STATE, or of the estate of SIGNALBOX_ESTATE]
        path: Option<PathBuf>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
        /// Only this change: its word code, or the beginning of its digest
        #[arg(long, value_name = "WORDS|DIGEST")]
        change: Option<String>,
        /// The estate file: mark lines that its people did not sign
        #[arg(long, value_name = "FILE", env = "SIGNALBOX_ESTATE")]
        estate: Option<PathBuf>,
    },
}

/// Runs `signalbox journal`. `usual` is the folder that is meant when none is named.
pub fn run(args: &JournalArgs, usual: Option<&Path>, io: &mut Io<'_>) -> Exit {
    let (JournalCommand::Verify { path, .. } | JournalCommand::Show { path, .. }) = &args.what;
    let Some(path) = path.as_deref().or(usual) else {
        drop(writeln!(
            io.err,
            "signalbox: which journal? name its folder or file, or set SIGNALBOX_STATE or SIGNALBOX_ESTATE"
        ));
        return Exit::Usage;
    };
    let done = match &args.what {
        JournalCommand::Verify { estate: None, .. } => journal::verify(path),
        JournalCommand::Verify { estate: Some(file), .. } => return proven(path, file, io),
        JournalCommand::Show { json, change, estate, .. } => {
            let estate = match estate.as_deref().map(load).transpose() {
                Ok(estate) => estate,
                Err(why) => {
                    drop(writeln!(io.err, "signalbox: {}", visible(&why)));
                    return Exit::Usage;
                }
            };
            show(path, *json, change.as_deref(), estate.as_ref(), io)
        }
    };
    match done {
        Ok(report) => {
            // Without the estate nobody knows whose signatures these are.
            let run = format!("{} of them run if their lines are true", report.intents);
            tell(&report, matches!(args.what, JournalCommand::Verify { .. }).then_some(&run), io)
        }
        Err(e) => {
            drop(writeln!(io.err, "signalbox: {}", visible(&e.to_string())));
            Exit::Failed
        }
    }
}

fn load(estate: &Path) -> Result<Estate, String> {
    let shown = estate.display().to_string();
    let text =
        files::read_text(estate, files::ESTATE).map_err(|e| format!("failed to read the estate file {shown}: {e}"))?;
    Estate::parse(&text, &shown).map_err(|faults| faults.to_string())
}

/// Checks the chain, and every line against the people whose keys must have signed it.
fn proven(path: &Path, estate: &Path, io: &mut Io<'_>) -> Exit {
    let estate = match load(estate) {
        Ok(estate) => estate,
        Err(why) => {
            drop(writeln!(io.err, "signalbox: {}", visible(&why)));
            return Exit::Usage;
        }
    };
    let binding = Binding::of(&estate);
    let mut changes = Changes::default();
    let mut unproven: Vec<(u64, String)> = Vec::new();
    let (mut others, mut foreign, mut older) = (BTreeSet::new(), 0_u64, 0_u64);
    let (mut signed, mut of_others) = (0_u64, 0_u64);
    let mut run = BTreeSet::new();
    let report = journal::read(path, &mut |line, kept| {
        if let Record::Estate { estate, .. } = &kept.record
            && *estate != binding.digest()
        {
            others.insert(*estate);
        }
        match changes.apply(&estate, &binding, &kept, kept.as_written()) {
            Ok(()) if kept.record.is_signed() => {
                let of = kept.record.change().and_then(|d| changes.get(&d));
                run.extend(of.filter(|_| matches!(kept.record, Record::Intent { .. })).map(|c| c.digest));
                *if of.is_none_or(|c| c.is_ours) { &mut signed } else { &mut of_others } += 1;
            }
            Ok(()) => {}
            Err(Untrue::Foreign) => foreign += 1,
            Err(Untrue::Older) => older += 1,
            Err(Untrue::Unproven(why)) => {
                let code = kept.record.change().map(|d| format!(" of {}", d.words())).unwrap_or_default();
                unproven.push((line, format!("line {line}: {}{code}: {why}", kept.record.kind())));
            }
        }
    });
    let report = match report {
        Ok(report) => report,
        Err(e) => {
            drop(writeln!(io.err, "signalbox: {}", visible(&e.to_string())));
            return Exit::Failed;
        }
    };
    let exit = tell(&report, Some(&format!("{} of them run", run.len())), io);
    for other in others {
        let what = "changes bound to another estate than this file were checked against it as the journal has it";
        drop(writeln!(io.out, "{what}: SHA-256 {other}"));
    }
    if foreign > 0 {
        drop(writeln!(io.out, "{foreign} lines are of another estate and were not checked"));
    }
    if older > 0 {
        drop(writeln!(io.out, "{older} changes are of a version that did not sign, and prove nothing"));
    }
    let Some((_, first)) = unproven.first() else {
        if exit == Exit::Ok {
            let rest = "observations are not signed, and move nothing";
            drop(match of_others {
                0 => writeln!(io.out, "every one of {signed} signed lines proves what it says; {rest}"),
                n => writeln!(
                    io.out,
                    "every one of this estate's {signed} signed lines holds; {n} are of changes bound to another estate, \
                     and prove nothing of this one's people; {rest}"
                ),
            });
        }
        return exit;
    };
    let more = match unproven.len() - 1 {
        0 => String::new(),
        n => format!("\n{n} more lines prove nothing"),
    };
    let next = "it counts for nothing in any console; somebody with write access wrote it: find out who";
    drop(writeln!(io.err, "signalbox: {}\n{next}{more}", visible(first)));
    Exit::Journal
}

/// Says what a look at the journal found; all of it where it is told in words how many changes were run.
fn tell(r: &Report, run: Option<&String>, io: &mut Io<'_>) -> Exit {
    if let Some(run) = run {
        let lines = r.lines;
        let changes = if r.changes == 1 { "1 change".to_owned() } else { format!("{} changes", r.changes) };
        let path = r.path.to_string_lossy();
        drop(writeln!(io.out, "{}: {lines} lines, {changes}, {run}", visible(&path)));
        if let (Some(first), Some(last)) = (r.first, r.last) {
            drop(writeln!(io.out, "from {} to {}", first.wall, last.wall));
        }
        drop(writeln!(io.out, "last hash {}", r.head));
    }
    for alarm in r.alarms() {
        drop(writeln!(io.err, "signalbox: {}", visible(&alarm)));
    }
    match &r.fault {
        None => {
            if run.is_some() {
                drop(writeln!(io.out, "the chain is whole"));
            }
            Exit::Ok
        }
        Some(fault) => {
            let next = "nothing from there on can be trusted: keep the file, and open consoles with another folder";
            drop(writeln!(io.err, "signalbox: {fault}\n{next}"));
            Exit::Journal
        }
    }
}

fn show(
    path: &Path,
    json: bool,
    change: Option<&str>,
    estate: Option<&Estate>,
    io: &mut Io<'_>,
) -> Result<Report, JournalError> {
    let wanted = |kept: &Kept| {
        change.is_none_or(|c| {
            kept.record.change().is_some_and(|d| d.words() == c || (c.len() >= 6 && d.to_string().starts_with(c)))
        })
    };
    let law = estate.map(|estate| (estate, Binding::of(estate)));
    let mut changes = Changes::default();
    let mut known = Told::default();
    journal::read(path, &mut |seq, kept| {
        let untrue =
            law.as_ref().and_then(|(estate, binding)| match changes.apply(estate, binding, &kept, kept.as_written()) {
                Err(Untrue::Unproven(why)) => Some(why),
                _ => None,
            });
        known.take(&kept.record);
        if !wanted(&kept) {
            return;
        }
        let line =
            if json { json_line(seq, &kept, untrue.as_deref()) } else { words(&kept, &known.context(&kept, estate)) };
        drop(match untrue.filter(|_| !json) {
            Some(why) => writeln!(io.out, "{line}\n    PROVES NOTHING: {}", visible(&why)),
            None => writeln!(io.out, "{line}"),
        });
    })
}

/// A record as JSON; what a terminal would act upon is spelt as an escape, which means the same.
fn json_line(seq: u64, kept: &Kept, untrue: Option<&str>) -> String {
    let mut value = serde_json::json!({ "seq": seq, "at": kept.at, "boot": kept.boot, "record": kept.record });
    if let (Some(why), Some(line)) = (untrue, value.as_object_mut()) {
        line.insert("proves_nothing".into(), why.into());
    }
    json_for_terminals(&value.to_string())
}

/// A record in plain words, on one line, hidden characters as marks.
fn words(kept: &Kept, ctx: &Context<'_>) -> String {
    let said = told(&kept.record, ctx, Length::Whole).sentence();
    format!("{}  {}", kept.at.wall.strftime("%Y-%m-%d %H:%M:%S"), visible(&said))
}

/// What the journal's own lines say of its changes, so that later lines are said of the right service.
#[derive(Default)]
struct Told {
    texts: BTreeMap<Digest, ChangeText>,
    outcomes: BTreeMap<Digest, FlipOutcome>,
    calls: BTreeMap<Digest, usize>,
}

impl Told {
    fn take(&mut self, record: &Record) {
        match record {
            Record::Proposed { change, text, .. } => {
                self.texts.extend(ChangeText::parse(text).ok().map(|text| (*change, text)));
            }
            Record::Outcome { change, outcome } => drop(self.outcomes.insert(*change, outcome.clone())),
            Record::Called { change, call, of, outcome } => {
                let goes_on = call < of && matches!(outcome.end, FlipEnd::Applied { .. });
                match goes_on {
                    true => drop(self.calls.insert(*change, *call)),
                    false => drop(self.outcomes.insert(*change, outcome.clone())),
                }
            }
            _ => {}
        }
    }

    fn context<'a>(&'a self, kept: &Kept, estate: Option<&'a Estate>) -> Context<'a> {
        let digest = kept.record.change();
        let change = digest.and_then(|d| self.texts.get(&d));
        let calls = digest.and_then(|d| self.calls.get(&d)).copied().unwrap_or_default();
        let outcome = digest.and_then(|d| self.outcomes.get(&d));
        Context { estate, change, outcome, calls, kept: Some(kept.at.wall) }
    }
}
