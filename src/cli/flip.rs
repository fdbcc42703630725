//! `signalbox flip`: run an approved change without a screen. Same gate, same journal.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::WrapErr as _;

use super::change_file::ChangeFile;
use super::common::{EstateArgs, open_to_write as open, operator};
use super::exit::Exit;
use super::io::{complain, put, say};
use crate::change::{Courier, State};
use crate::event::{Ask, Via};
use crate::model::{Lever, Model};

/// How long the controls' states are waited for before the second key.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long DRS is waited for: its first answer is of many calls.
const DRS_PATIENCE: Duration = Duration::from_secs(20);
/// How long the rest is waited for, which is asked meanwhile: the report wants to know what was lost, and traffic must
/// not wait for that.
const FIGURES: Duration = Duration::from_secs(1);
/// How long the end is waited for; a flip's own deadline is shorter.
const END: Duration = Duration::from_secs(30);

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
    /// The approver's signature, as `approve` or `ssh-keygen -Y sign` wrote it. May be given several times.
    #[arg(long, value_name = "FILE", required = true)]
    approval: Vec<PathBuf>,
    /// The second key: the name of the region that receives the traffic [default: asked for at the terminal].
    #[arg(long, value_name = "REGION")]
    to: Option<String>,
    /// Who you are: a name of the estate's people [default: your login name, where it is listed].
    #[arg(long = "as", value_name = "NAME")]
    who: Option<String>,
    /// Ask ARC only: up to a second quicker, but the report then knows neither the lags nor the readiness of this moment.
    #[arg(long)]
    quick: bool,
    /// Of a launch: wait until DRS is done with it, which takes minutes; the exit code tells whether every server was
    /// launched.
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
    let by = operator(&estate, args.who.as_deref())?;
    let text = ChangeFile::read(&args.change)?.text;
    let digest = text.digest();
    let mut signatures = Vec::new();
    for file in &args.approval {
        let armored = crate::files::read_text(file, super::change_file::LONGEST)
            .wrap_err_with(|| format!("failed to read the approval {}", file.display()))?;
        signatures.push(armored);
    }
    let typed = match args.to {
        Some(region) => region,
        None => ask_region(&text)?,
    };
    // A launch is judged by what DRS says; routing controls by ARC alone.
    let mut engine = match open(estate, state, args.quick && text.launch().is_none()).await? {
        Ok(engine) => engine,
        Err(exit) => return Ok(exit),
    };
    if engine.model().changes.get(&digest).is_none() {
        engine.close().await;
        complain!(
            "signalbox: this change was not proposed from this journal; propose it again with `signalbox propose`"
        );
        return Ok(Exit::Refused);
    }
    if let Some(change) = engine.model().changes.get(&digest).filter(|c| !c.state.is_open()) {
        complain!(
            "signalbox: {} is {} already and can never run again; propose a new change",
            digest.words(),
            change.state.word()
        );
        let exit = match change.state {
            State::Expired(_) => Exit::Expired,
            State::Uncertain | State::Executing | State::Applied { .. } => Exit::Uncertain,
            _ => Exit::Refused,
        };
        engine.close().await;
        return Ok(exit);
    }
    for armored in signatures {
        engine.ask(Ask::Signature { armored, by: Courier::operator(&by, Via::CommandLine) });
    }
    let approved = |m: &Model| m.changes.get(&digest).is_some_and(|c| c.state == State::Approved);
    if !approved(engine.model()) {
        return ended(engine, &digest).await;
    }
    let known = |m: &Model| match text.launch() {
        None => text.flips().iter().all(|f| matches!(m.levers.get(&f.arn, m.now), Lever::Agreed(_))),
        Some(_) => m.drs.get(&text.receiving).is_some_and(|d| d.is_fresh(m.now)),
    };
    let patience = if text.launch().is_some() { DRS_PATIENCE } else { PATIENCE };
    if !engine.until(patience, |m| known(m) || !approved(m)).await {
        if text.launch().is_some() {
            engine.close().await;
            complain!("signalbox: DRS in {} does not answer; nothing was sent", text.receiving);
            return Ok(Exit::Unreachable);
        }
        let down = super::status::endpoint_lines(engine.model());
        engine.close().await;
        complain!(
            "signalbox: no cluster endpoint shows the states of the controls; nothing was sent\n{}",
            down.join("\n")
        );
        return Ok(Exit::Unreachable);
    }
    if !args.quick && text.launch().is_none() {
        engine.until(FIGURES, super::status::all_heard).await;
    }
    engine.ask(Ask::SecondKey { by, change: digest, typed });
    let running = |m: &Model| m.changes.get(&digest).is_some_and(|c| c.state.is_running());
    engine.until(END, |m| !running(m)).await;
    if args.wait {
        let goes_on = |s: &State| matches!(s, State::Launching { .. }) || s.is_running();
        engine.until(LAUNCH_END, |m| m.changes.get(&digest).is_none_or(|c| !goes_on(&c.state))).await;
    }
    ended(engine, &digest).await
}

/// Says how the change stands, and why the last thing asked for was refused.
async fn ended(engine: crate::runtime::Engine, digest: &crate::change::Digest) -> Result<Exit> {
    let model = engine.model();
    let refusals: Vec<_> = model.refusals.iter().map(|r| r.why.clone()).collect();
    let change = model.changes.get(digest).cloned();
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
            State::Verified { .. } | State::Launching { .. } => Exit::Ok,
            State::Launched { failed, .. } if failed.is_empty() => Exit::Ok,
            State::Launched { .. } => Exit::Impaired,
            State::Expired(_) => Exit::Expired,
            State::Executing | State::Applied { .. } | State::Uncertain => Exit::Uncertain,
            State::NotApplied(_) => Exit::Unreachable,
            State::Proposed => Exit::NotApproved,
            _ => Exit::Refused,
        };
        say!("{}: {}", change.digest.words(), end_words(&change.state));
        if let State::Refused(refusal) = &change.state {
            if let Some(name) = rule_name(refusal) {
                complain!("signalbox: refused by safety rule {name}");
            }
            complain!(
                "signalbox: {}\nsignalbox: now: {}",
                crate::hygiene::visible(&refusal.message),
                refusal.kind.remedy()
            );
        }
    }
    for why in refusals {
        complain!("signalbox: {}", crate::hygiene::visible(&why));
    }
    engine.close().await;
    Ok(exit)
}

fn end_words(state: &State) -> String {
    match state {
        State::Verified { .. } => "verified: the routing controls are in the states asked for".into(),
        State::Launching { job } => format!("launching: DRS has taken it on as {job}; the console follows it"),
        State::Launched { failed, .. } if !failed.is_empty() => {
            format!("{} servers were NOT launched, whatever the job's status: {}", failed.len(), failed.join(", "))
        }
        State::Refused(_) => "refused by ARC; nothing changed".into(),
        State::NotApplied(why) | State::Expired(why) => format!("{}: {why}", state.word()),
        State::Uncertain | State::Executing | State::Applied { .. } => {
            "uncertain: not confirmed; look at the controls (`signalbox status`) before anything else".into()
        }
        State::Void(_) => "void: somebody moved a control meanwhile; propose again".into(),
        other => other.word().into(),
    }
}

/// Asks at the terminal for the receiving region's name.
fn ask_region(text: &crate::change::ChangeText) -> Result<String> {
    use std::io::Write as _;
    put!("{}", text.canonical());
    let what = if text.launch().is_some() { "where the servers are launched" } else { "that will receive the traffic" };
    put!("\ntype the name of the region {what}: ");
    crate::hygiene::print::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).wrap_err("failed to read the region's name; give it with --to REGION")?;
    Ok(line.trim().to_owned())
}
