//! `signalbox journal`: is the chain whole, and what does it say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::exit::Exit;
use super::io::{Io, json_for_terminals};
use crate::change::{Binding, ChangeText, Changes, Untrue};
use crate::estate::Estate;
use crate::event::FlipEnd;
use crate::files;
use crate::hygiene::visible;
use crate::journal::{self, JournalError, Report};
use crate::record::{Kept, Record};

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
    /// Check the chain of hashes from the first line to the last; with the estate file also that every line proves what
    /// it says
    Verify {
        /// The journal's folder or file [default: of SIGNALBOX_STATE, or of the estate of SIGNALBOX_ESTATE]
        path: Option<PathBuf>,
        /// The estate file: digests, people's signatures, the order of things, and the approvals before an intent are
        /// checked, and the first line that proves nothing is named
        #[arg(long, value_name = "FILE", env = "SIGNALBOX_ESTATE")]
        estate: Option<PathBuf>,
    },
    /// Print what it holds, oldest first
    Show {
        /// The journal's folder or file [default: of SIGNALBOX_STATE, or of the estate of SIGNALBOX_ESTATE]
        path: Option<PathBuf>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
        /// Only this change: its word code, or the beginning of its digest
        #[arg(long, value_name = "WORDS|DIGEST")]
        change: Option<String>,
        /// The estate file: lines that its people did not sign are marked
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
        Ok(report) => tell(&report, matches!(args.what, JournalCommand::Verify { .. }), io),
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
    let report = journal::read(path, &mut |line, kept| {
        if let Record::Estate { estate, .. } = &kept.record
            && *estate != binding.digest()
        {
            others.insert(*estate);
        }
        match changes.apply(&estate, &binding, &kept) {
            Ok(()) if kept.record.is_signed() => {
                let of = kept.record.change().and_then(|d| changes.get(&d));
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
    let exit = tell(&report, true, io);
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
            let rest = "what was observed nobody signs, and it moves nothing";
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
    let next = "it counts for nothing in any console; whoever can write the file wrote it: see who that is";
    drop(writeln!(io.err, "signalbox: {}\n{next}{more}", visible(first)));
    Exit::Journal
}

fn tell(r: &Report, all: bool, io: &mut Io<'_>) -> Exit {
    if all {
        let (lines, changes, intents) = (r.lines, r.changes, r.intents);
        let path = r.path.to_string_lossy();
        drop(writeln!(io.out, "{}: {lines} lines, {changes} changes, {intents} of them run", visible(&path)));
        if let (Some(first), Some(last)) = (r.first, r.last) {
            drop(writeln!(io.out, "from {} to {}", first.wall, last.wall));
        }
        drop(writeln!(io.out, "last hash {}", r.head));
    }
    if r.tail > 0 {
        let why = "being written, or torn by a crash; the next console sets it aside";
        drop(writeln!(io.err, "signalbox: {} bytes follow the last whole line: {why}", r.tail));
    }
    for aside in r.set_aside.iter().filter(|_| all) {
        drop(writeln!(io.err, "signalbox: {}", visible(&aside.to_string())));
    }
    match &r.fault {
        None => {
            if all {
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
    journal::read(path, &mut |seq, kept| {
        let untrue = law.as_ref().and_then(|(estate, binding)| match changes.apply(estate, binding, &kept) {
            Err(Untrue::Unproven(why)) => Some(why),
            _ => None,
        });
        if !wanted(&kept) {
            return;
        }
        let line = if json { json_line(seq, &kept, untrue.as_deref()) } else { words(&kept) };
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
#[must_use]
pub fn words(kept: &Kept) -> String {
    let code = kept.record.change().map(|d| d.words()).unwrap_or_default();
    let said = match &kept.record {
        Record::Opened { version, estate, by } => {
            let by = by.as_ref().map(|b| format!(" by {b}")).unwrap_or_default();
            format!("opened{by}: signalbox {version}, estate {estate}")
        }
        Record::Proposed { text, .. } => match ChangeText::parse(text) {
            Ok(c) => format!("{} proposes {code}: {}; reason: {}", c.by, c.title, c.reason),
            Err(e) => format!("a proposal that cannot be read ({e})"),
        },
        Record::ProposalRefused { by, title, why } => format!("{by} may not propose `{title}`: {why}"),
        Record::Approved { by, key, via, words, .. } => {
            let said = if words.is_empty() { String::new() } else { format!(": {words}") };
            format!("{by} approves {code} with {key} ({via:?}){said}")
        }
        Record::Estate { estate, .. } => format!("proposals from here on are bound to the estate of SHA-256 {estate}"),
        Record::Present { by, key, .. } => format!("{by}'s key {key} answered a challenge"),
        Record::EstateChanged { differs, .. } => {
            format!("{code} is void, its estate is another: {}", differs.join("; "))
        }
        Record::Refused { by, what, why, .. } => {
            let by = by.as_ref().map_or_else(|| "somebody".to_owned(), ToString::to_string);
            format!("{by} may not {what} {code}: {why}")
        }
        Record::ApprovalRefused { via, why, .. } => format!("a signature does not count {code} ({via:?}): {why}"),
        Record::Rejected { by, reason, .. } => format!("{by} rejects {code}: {reason}"),
        Record::Withdrawn { by, .. } => format!("{by} withdraws {code}"),
        Record::Expired { why, .. } => format!("{code} expires: {why}"),
        Record::Voided { moved, .. } => {
            let moved: Vec<_> = moved.iter().map(|(arn, state)| format!("{arn} is {state}")).collect();
            format!("{code} is void: {}", moved.join(", "))
        }
        Record::SecondKeyRefused { by, why, .. } => format!("{by}'s second key for {code} does not count: {why}"),
        Record::Intent { by, .. } => format!("{by} turns the second key of {code}: it is about to be sent"),
        Record::Outcome { outcome, .. } => {
            let end = match &outcome.end {
                FlipEnd::Applied { endpoint } => format!("applied through {endpoint}"),
                FlipEnd::Refused(r) => format!("refused by ARC: {}", r.message),
                FlipEnd::Moved(_) => "not sent: controls were not in their expected states".to_owned(),
                FlipEnd::Uncertain => "uncertain: no endpoint confirmed it".to_owned(),
                FlipEnd::TooLate => "not sent: the journal took too long".to_owned(),
                FlipEnd::Unreachable => "not sent: no endpoint could be reached".to_owned(),
            };
            let tries: Vec<_> =
                outcome.attempts.iter().map(|a| format!("{} {:#}: {}", a.endpoint, a.took, a.said)).collect();
            format!("{code} {end} [{}]", tries.join("; "))
        }
        Record::LaunchAnswered { answer, .. } => format!("{code} {}", answer.words()),
        Record::Launched { job, servers, failed, .. } => {
            let missing =
                if failed.is_empty() { String::new() } else { format!("; not launched: {}", failed.join(", ")) };
            format!(
                "{code} {job} is over, {} of {servers} servers launched{missing}",
                crate::model::drs::launched(*servers, failed)
            )
        }
        Record::Settled { done, endpoints, .. } => {
            let seen: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
            let what = if *done { "is in force" } else { "did not happen" };
            format!("{code} {what} (read from {})", seen.join(", "))
        }
        Record::TierBack { tier, .. } => format!("the {} tier is back ({code})", tier.as_str()),
        Record::TrafficMoved { how, .. } => format!("traffic has moved ({code}): {how}"),
        Record::Step { pair, step, done } => {
            format!("pair {pair}: step {step} {}", if *done { "ends" } else { "begins" })
        }
        Record::Began { pair, since, planned } => {
            let what = if *planned { "a planned move" } else { "an incident" };
            format!("pair {pair}: the clock of {what} runs since {}", since.strftime("%H:%M:%S"))
        }
        Record::SessionStarted { pair, name, session, participants, by, since } => {
            let with =
                if participants.is_empty() { String::new() } else { format!(", with {}", participants.join(", ")) };
            let since = since.map(|at| format!(", since {}", at.strftime("%H:%M:%S"))).unwrap_or_default();
            format!("{by} begins {} `{name}` (pair {pair}){since}{with}", session.words())
        }
        Record::SessionEnded { pair, by } => format!("{by} ends it (pair {pair})"),
        Record::Figures { figures: f, .. } => {
            let lag = f.lags.iter().filter_map(|l| Some((l.seconds?, &l.system))).max_by(|a, b| a.0.total_cmp(&b.0));
            let lag =
                lag.map_or("no lag known".to_owned(), |(s, system)| format!("{s:.1} s behind at most ({system})"));
            format!("{code} begins with readiness {}, {} failed checks, {lag}", f.score, f.failed.len())
        }
        Record::Moment { pair, by, text, was } => {
            let was = was.map(|at| format!(", which was {}", at.strftime("%H:%M:%S"))).unwrap_or_default();
            format!("{by} marks the moment{was} (pair {pair}): {text}")
        }
        Record::Seen { pair, source, text } => {
            let pair = pair.as_ref().map(|p| format!(" ({p})")).unwrap_or_default();
            format!("{source}{pair}: {text}")
        }
    };
    format!("{}  {}", kept.at.wall.strftime("%Y-%m-%d %H:%M:%S"), visible(&said))
}
