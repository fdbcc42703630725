//! `signalbox flip`: run an approved change without a screen. Same gate, same journal.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::WrapErr as _;

use super::change_file::{ChangeFile, ChangeFileError};
use super::common::{EstateArgs, answered, close, left, open_to_write as open};
use super::exit::Exit;
use super::io::{complain, put, say};
use super::person::{PersonArgs, keep_refusal};
use super::states::{Unknown, unknown};
use crate::change::{Change, ChangeText, Courier, Digest, NotDone, State, TextError, covers};
use crate::estate::{Estate, PersonName, Role};
use crate::event::{Ask, FlipEnd, Via};
use crate::model::{Lever, Model};
use crate::record::Tried;
use crate::runtime::Engine;
use crate::words;

/// How long the controls' states are waited for before the second key.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long DRS is waited for: its first answer is of many calls.
const DRS_PATIENCE: Duration = Duration::from_secs(20);
/// How long the incident folder is looked into, where no approval is given.
const FOLDER: Duration = Duration::from_millis(1500);
/// How long the end is waited for: longer than a flip's own deadline, and then the time until reads settle it.
pub(super) const END: Duration = Duration::from_secs(45);
/// How long the end of a launch's attempt is waited for: its answer, the time after which a list of jobs can show that it
/// did not happen, and that list.
const LAUNCH_ANSWER: Duration =
    crate::launch::DEADLINE.saturating_add(crate::model::drs::SETTLE_AFTER.unsigned_abs()).saturating_add(DRS_PATIENCE);
/// How long what was known at this moment is waited for, once the traffic is on its way.
const FIGURES: Duration = Duration::from_millis(1200);
/// How long the end of a launch's job is waited for.
const LAUNCH_END: Duration = Duration::from_hours(6);

/// Runs an approved change: you are its requester, and giving this command is turning the second key.
#[derive(Debug, Args)]
pub struct FlipArgs {
    /// The change, as `propose` wrote it.
    #[arg(value_name = "CHANGE")]
    change: PathBuf,
    #[command(flatten)]
    estate: EstateArgs,
    /// The approver's signature, as `approve` or `ssh-keygen -Y sign` wrote it. May be repeated [default: those in the
    /// journal and the incident folder].
    #[arg(long, value_name = "FILE")]
    approval: Vec<PathBuf>,
    /// The second key: the name of the region that receives the traffic [default: ask at the terminal].
    #[arg(long, value_name = "REGION")]
    to: Option<String>,
    #[command(flatten)]
    person: PersonArgs,
    /// Ask only ARC: the report will then lack the lag and readiness of this moment.
    #[arg(long)]
    quick: bool,
    /// For a launch: wait until DRS is done, which takes minutes; the exit code tells if every server was launched.
    #[arg(long)]
    wait: bool,
}

/// Runs the flip.
///
/// # Errors
/// When a file cannot be read or the journal cannot be used. How the change ended is the exit code.
pub async fn run(args: FlipArgs) -> Result<Exit> {
    let estate = args.estate.load()?;
    let state = args.estate.state(&estate)?;
    let refused = |change, why: &str| keep_refusal(&state, change, args.person.asker(&estate), Tried::SecondKey, why);
    let text = match ChangeFile::read(&args.change) {
        Ok(file) => file.text,
        Err(error) => {
            refused(None, &format!("{}: {error}", args.change.display()));
            return error.told();
        }
    };
    let digest = text.digest();
    let actor =
        args.person.actor(&estate, Some(Role::Operator)).inspect_err(|why| refused(Some(digest), &why.to_string()))?;
    let by = actor.operator(&estate)?;
    let mut signatures = Vec::new();
    let named: BTreeSet<&Path> = args.approval.iter().map(PathBuf::as_path).collect();
    for file in &named {
        // Nobody named those beside it: of another change, or no signatures, they are nobody's business here.
        let beside = crate::signing::beside(file).into_iter().filter(|other| !named.contains(other.as_path()));
        let beside: Vec<_> =
            beside.filter_map(|file| read_signature(&file).ok()).filter(|read| covers(&text, read)).collect();
        let read = read_signature(file).wrap_err_with(|| format!("failed to read the approval {}", file.display()));
        match read {
            Ok(read) => signatures.push(read),
            // Something else has the name, and the approvers took the next.
            Err(_) if !beside.is_empty() => {}
            Err(why) => {
                refused(Some(digest), &format!("{why:#}"));
                return Err(why);
            }
        }
        signatures.extend(beside);
    }
    let typed = match &args.to {
        Some(region) => region.clone(),
        None => ask_region(&text)?,
    };
    let turned = Turned { by: actor.name.clone(), typed: typed.clone(), waits: args.wait };
    // A launch is judged by what DRS says; routing controls by ARC alone.
    let only_arc = args.quick && text.launch().is_none();
    let mut engine = match open(estate.clone(), state.clone(), only_arc, Some(actor.signer)).await? {
        Ok(engine) => engine,
        Err(exit) => return Ok(exit),
    };
    match engine.model().changes.known(&digest).map(|c| c.state.clone()) {
        Err(why) => {
            engine.close().await;
            refused(Some(digest), &why.to_string());
            complain!("signalbox: {why}");
            return Ok(Exit::Refused);
        }
        Ok(state) if !state.is_open() => {
            let why = already(&mut engine, &text, &state).await;
            complain!("signalbox: {} {}", digest.words(), why.as_ref().unwrap_or_else(|why| why));
            let exit = match &why {
                Ok(_) => ended(engine, &digest, &turned).await,
                Err(_) => {
                    engine.close().await;
                    Ok(Exit::Refused)
                }
            };
            refused(Some(digest), why.as_ref().unwrap_or_else(|why| why));
            return exit;
        }
        Ok(_) => {}
    }
    let counted = |s: &String| {
        let armored = crate::change::paste::paste(s).map_or_else(|| s.clone(), |p| p.armored);
        let change = engine.model().changes.get(&digest);
        change.is_some_and(|c| c.approvals.iter().any(|a| a.signature == armored))
    };
    // One that the journal has for this change already is no second one.
    let new: Vec<String> = signatures.into_iter().filter(|s| !counted(s)).collect();
    for armored in new {
        let by = Courier::operator(&by, Via::CommandLine);
        engine.ask(Ask::Signature { armored, by, of: Some(digest) });
    }
    if let Err(exit) = answered(&mut engine).await {
        return Ok(exit);
    }
    let approved = |m: &Model| m.changes.get(&digest).is_some_and(|c| c.state == State::Approved);
    if args.approval.is_empty() {
        engine.until(FOLDER, |m| approved(m) && !m.is_busy()).await;
    }
    if !approved(engine.model()) {
        // The gate says why not, and the journal has it.
        engine.ask(Ask::SecondKey { by, change: digest, typed });
        if let Err(exit) = answered(&mut engine).await {
            return Ok(exit);
        }
        return ended(engine, &digest, &turned).await;
    }
    match not_known(&mut engine, &text, approved).await {
        None => {}
        Some(Err(exit)) => {
            engine.close().await;
            return Ok(exit);
        }
        Some(Ok(Unknown { why, endpoints, exit })) => {
            engine.close().await;
            refused(Some(digest), &why);
            complain!("signalbox: {}; nothing was sent", crate::hygiene::visible(&why));
            endpoints.iter().for_each(|line| complain!("{}", crate::hygiene::visible(line)));
            return Ok(exit);
        }
    }
    if let Some(why) = engine.model().may_not_act(&digest) {
        engine.close().await;
        refused(Some(digest), &why);
        complain!("signalbox: {}; nothing was sent", crate::hygiene::visible(why.trim_end_matches('.')));
        return Ok(Exit::Refused);
    }
    engine.ask(Ask::SecondKey { by, change: digest, typed });
    if let Err(exit) = answered(&mut engine).await {
        return Ok(exit);
    }
    if args.wait {
        let goes_on = |s: &State| matches!(s, State::Launching { .. }) || s.is_running();
        engine.until(LAUNCH_END, |m| m.changes.get(&digest).is_none_or(|c| !goes_on(&c.state))).await;
    }
    ended(engine, &digest, &turned).await
}

/// Who turned the second key, and how.
struct Turned {
    by: PersonName,
    typed: String,
    /// Until a launch is over.
    waits: bool,
}

/// Handles a change that cannot run any more: whoever asks again is told what happened. An error if its end does not
/// match the controls as they are now.
async fn already(engine: &mut Engine, text: &ChangeText, state: &State) -> std::result::Result<String, String> {
    if !matches!(state, State::Verified { .. }) {
        return Ok(words::past(state));
    }
    let known = |m: &Model| text.flips().iter().all(|f| matches!(m.levers.get(&f.arn, m.now), Lever::Agreed(_)));
    engine.until(PATIENCE, known).await;
    let model = engine.model();
    let elsewhere: Vec<String> = text
        .flips()
        .iter()
        .filter_map(|f| match model.levers.get(&f.arn, model.now) {
            Lever::Agreed(now) if now == f.to => None,
            Lever::Agreed(now) => Some(format!("{} is {now} now", f.name)),
            _ => Some(format!("the state of {} is not known now", f.name)),
        })
        .collect();
    match elsewhere.as_slice() {
        [] => Ok(words::past(state)),
        _ => Err(format!(
            "ran before, and nothing is sent now: a change runs once, and {}; propose again",
            elsewhere.join(", ")
        )),
    }
}

fn read_signature(file: &std::path::Path) -> std::io::Result<String> {
    let bytes = crate::files::read_bounded(file, crate::files::SIGNATURE)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Waits until what the gate judges by is known. Where it stays unknown: what is not known, or how a command ends that was
/// told to leave.
async fn not_known(
    engine: &mut Engine,
    text: &ChangeText,
    approved: impl Fn(&Model) -> bool,
) -> Option<std::result::Result<Unknown, Exit>> {
    let known = |m: &Model| match text.launch() {
        _ if !m.knows_its_roles(&text.digest()) => false,
        None => text.flips().iter().all(|f| matches!(m.levers.get(&f.arn, m.now), Lever::Agreed(_))),
        Some(_) => m.knows_drs(&text.receiving).is_ok(),
    };
    let patience = if text.launch().is_some() { DRS_PATIENCE } else { PATIENCE };
    if engine.until(patience, |m| known(m) || !approved(m)).await {
        return None;
    }
    if let Some(exit) = left(engine) {
        return Some(Err(exit));
    }
    let model = engine.model();
    Some(Ok(match text.launch() {
        Some(_) => {
            let why = model.knows_drs(&text.receiving).err().unwrap_or_default();
            Unknown { why, endpoints: Vec::new(), exit: Exit::Unreachable }
        }
        None => unknown(model, text.flips().iter().map(|f| &f.arn)),
    }))
}

/// Waits until the change is no longer under way, here or in another program; gives its state, and why the last request
/// was refused.
async fn ended(mut engine: Engine, digest: &Digest, turned: &Turned) -> Result<Exit> {
    let running = |m: &Model| m.changes.get(digest).is_some_and(|c| c.state.is_running());
    let launch = |m: &Model| m.changes.get(digest).is_some_and(|c| c.text.launch().is_some());
    if launch(engine.model()) {
        // Whoever waits for its job to be found reads meanwhile why it must be.
        let sent = |m: &Model| m.changes.get(digest).is_none_or(|c| c.state != State::Executing);
        engine.until(LAUNCH_ANSWER, sent).await;
        if running(engine.model())
            && let Some(entry) = engine.model().timeline.entries().iter().rfind(|e| e.change == Some(*digest))
        {
            complain!("signalbox: {}", crate::hygiene::visible(&entry.text));
        }
        engine.until(LAUNCH_ANSWER, |m| !running(m)).await;
    } else {
        until_settled(&mut engine, digest).await;
    }
    let model = engine.model();
    let refusals: Vec<_> = model.refusals.iter().map(|r| r.why.clone()).collect();
    let change = model.changes.get(digest).cloned();
    let journal = model.journal_failed.is_some();
    let rule_name =
        |r: &crate::event::Refusal| r.rule.as_ref().and_then(|a| model.estate.rule(a)).map(|r| r.name.clone());
    let mut exit = Exit::Refused;
    if let Some(change) = &change {
        if let Some(outcome) = &change.outcome {
            for a in &outcome.attempts {
                say!("{:<16} {:>8.0} ms  {}", a.endpoint, a.took.as_millis_f64(), crate::hygiene::visible(&a.said));
            }
        }
        exit = match &change.state {
            // Why is among the refusals.
            State::Proposed | State::Approved if model.leaving => Exit::Refused,
            State::Proposed | State::Approved if model.lacks_approvals(&turned.by, digest, &turned.typed) => {
                Exit::NotApproved
            }
            // Whoever waits for the end was told to leave, or it never came.
            State::Launching { .. } if turned.waits => Exit::Uncertain,
            _ => exit_of(change),
        };
        // What the journal did not take has not happened; what ran has happened, whatever the journal took.
        if journal && (change.state.is_open() || matches!(change.state, State::Expired(_))) {
            exit = Exit::Journal;
        }
        let end = format!("{}: {}", change.digest.words(), crate::hygiene::visible(&end_words(change, &model.estate)));
        say!("{end}");
        if crate::hygiene::print::is_lost() {
            // Whether traffic moved must not be lost with the rest.
            complain!("signalbox: {end}");
        }
        if let State::Refused(refusal) = &change.state {
            if let Some(name) = rule_name(refusal) {
                complain!("signalbox: refused by safety rule {name}");
            }
            complain!(
                "signalbox: {}\nsignalbox: now: {}",
                crate::hygiene::visible(&refusal.message),
                words::remedy(refusal, &words::Context::of(&model.estate, Some(change)))
            );
        }
    }
    for why in refusals {
        complain!("signalbox: {}", crate::hygiene::visible(&why));
    }
    // Traffic is where it is by now: what else was known goes to the report.
    engine.until(FIGURES, |m| !m.gathers(digest) && !m.is_busy()).await;
    close(engine).await;
    Ok(exit)
}

/// Waits until it is known what came of a change, and tells meanwhile what ARC answered, and that a signal changes nothing.
async fn until_settled(engine: &mut Engine, digest: &Digest) {
    let running = |m: &Model| m.changes.get(digest).is_some_and(|c| c.state.is_running());
    let answer = |m: &Model| {
        let change = m.changes.get(digest).filter(|c| c.state == State::Uncertain)?;
        let denied = change.outcome.as_ref().filter(|o| matches!(o.end, FlipEnd::Denied(_)))?;
        Some(words::flip_end(&denied.end, &words::Context::of(&m.estate, Some(change)), words::Length::Line))
    };
    // Each call of a change that takes several ends within this time, and waits for a safety rule before.
    let calls = engine.model().changes.get(digest).map_or(1, crate::change::Change::of_calls);
    let until = tokio::time::Instant::now() + END * u32::try_from(calls).unwrap_or(1);
    let (mut said_answer, mut said_signal) = (false, false);
    loop {
        let left = until.saturating_duration_since(tokio::time::Instant::now());
        let news = |m: &Model| !running(m) || (!said_answer && answer(m).is_some()) || (!said_signal && m.leaving);
        if !engine.until(left, news).await || !running(engine.model()) {
            return;
        }
        if let Some(answer) = answer(engine.model()).filter(|_| !said_answer) {
            said_answer = true;
            complain!("signalbox: {}", crate::hygiene::visible(&answer));
        }
        if engine.model().leaving && !said_signal {
            said_signal = true;
            complain!(
                "signalbox: the change is being sent, or has been: its outcome is waited for; the signal does not stop it"
            );
        }
    }
}

/// How a command ends that found or left a change in this state: every caller learns what happened, even one that lost
/// a race.
#[must_use]
pub fn exit_of(change: &crate::change::Change) -> Exit {
    match &change.state {
        State::Verified { .. } | State::Launching { .. } => Exit::Ok,
        State::Launched { failed, .. } if failed.is_empty() => Exit::Ok,
        State::Launched { .. } => Exit::Impaired,
        State::Expired(_) => Exit::Expired,
        // It was in force, and somebody may have taken it back.
        State::NotApplied(NotDone::Partly { .. }) => Exit::Partly,
        State::NotApplied(NotDone::TakenBack(_) | NotDone::Neither) => Exit::Uncertain,
        // DRS may list it late.
        State::NotApplied(NotDone::NoJob) => Exit::Uncertain,
        State::Executing | State::Applied { .. } | State::Uncertain => Exit::Uncertain,
        State::NotApplied(NotDone::Unreachable | NotDone::NotSent(_)) => Exit::Unreachable,
        State::NotApplied(NotDone::TooLate) => Exit::Journal,
        State::Proposed
        | State::Approved
        | State::Refused(_)
        | State::NotApplied(NotDone::OldStates | NotDone::Failed(_))
        | State::Rejected { .. }
        | State::Withdrawn
        | State::Void(_)
        | State::OtherEstate(_) => Exit::Refused,
    }
}

/// How it ended in a phrase; what is under way still is uncertain for who must leave now.
fn end_words(change: &Change, estate: &Estate) -> String {
    if change.state.is_running() {
        let look = match change.text.launch() {
            Some(_) => "look for its job in DRS",
            None => "look at the controls (`signalbox status`)",
        };
        return format!("uncertain: not confirmed; {look} before anything else");
    }
    words::ended(change, estate)
}

/// Asks at the terminal for the receiving region's name.
fn ask_region(text: &ChangeText) -> Result<String> {
    use std::io::{BufRead as _, Read as _, Write as _};
    put!("{}", text.canonical());
    put!("\ntype the name of {}: ", text.work.second_key_names());
    crate::hygiene::print::stdout().flush()?;
    let mut line = String::new();
    let read = std::io::stdin().lock().take(LONGEST_NAME).read_line(&mut line);
    read.wrap_err("failed to read the region's name; give it with --to REGION")?;
    Ok(line.trim().to_owned())
}

/// Of a region's name as it is typed, in bytes.
const LONGEST_NAME: u64 = 200;

impl ChangeFileError {
    /// Ends a command that was given a file that is no change: one that cannot be read failed, another is no change file,
    /// and one that was edited is refused.
    pub(super) fn told(self) -> Result<Exit> {
        match self {
            ChangeFileError::Io { .. } => Err(self.into()),
            other => {
                complain!("signalbox: {}", crate::hygiene::visible(&other.to_string()));
                Ok(other.exit())
            }
        }
    }

    /// How a command ends that was given it.
    pub(super) fn exit(&self) -> Exit {
        match self {
            ChangeFileError::Io { .. } => Exit::Failed,
            ChangeFileError::Form(_) | ChangeFileError::Version(_) => Exit::Usage,
            // Its very first line is no change's.
            ChangeFileError::Text(TextError::Line { line: 1, .. }) => Exit::Usage,
            ChangeFileError::Mismatch | ChangeFileError::Text(_) => Exit::Refused,
        }
    }
}
