//! `signalbox withdraw` and `signalbox reject`: end a change without a screen. Same gate, same journal.

use std::path::PathBuf;

use clap::Args;
use color_eyre::Result;

use super::change_file::ChangeFile;
use super::common::{EstateArgs, answered, close, open_to_write};
use super::exit::{Exit, asked};
use super::flip::END;
use super::io::{complain, say};
use super::person::{PersonArgs, keep_refusal};
use crate::change::{Hands, NotDone, State};
use crate::estate::Role;
use crate::event::Ask;
use crate::hygiene::visible;
use crate::record::Tried;
use crate::words;

/// Takes a change back that you asked for.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The change, as `propose` wrote it.
    #[arg(value_name = "CHANGE")]
    change: PathBuf,
    #[command(flatten)]
    estate: EstateArgs,
    #[command(flatten)]
    person: PersonArgs,
}

/// Says no to a change that somebody else asked for.
#[derive(Debug, Args)]
pub struct RejectArgs {
    /// The change, as `propose` wrote it, or a .change file from the incident folder.
    #[arg(value_name = "CHANGE")]
    change: PathBuf,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    estate: EstateArgs,
    #[command(flatten)]
    person: PersonArgs,
}

/// Runs `signalbox withdraw`.
///
/// # Errors
/// When a file cannot be read, or nobody's key is here.
pub async fn withdraw(args: WithdrawArgs) -> Result<Exit> {
    end(args.change, args.estate, args.person, None).await
}

/// Runs `signalbox reject`.
///
/// # Errors
/// When a file cannot be read, or nobody's key is here.
pub async fn reject(args: RejectArgs) -> Result<Exit> {
    end(args.change, args.estate, args.person, Some(args.reason)).await
}

async fn end(change: PathBuf, at: EstateArgs, person: PersonArgs, reason: Option<String>) -> Result<Exit> {
    let estate = at.load()?;
    let state = at.state(&estate)?;
    let (role, what) = match reason {
        Some(_) => (Role::Approver, Tried::Reject),
        None => (Role::Operator, Tried::Withdraw),
    };
    let refused = |change, why: &str| keep_refusal(&state, change, person.asker(&estate), what.clone(), why);
    let text = match ChangeFile::read(&change) {
        Ok(file) => file.text,
        Err(error) => {
            refused(None, &format!("{}: {error}", change.display()));
            return error.told();
        }
    };
    let digest = text.digest();
    let actor = person.actor(&estate, Some(role)).inspect_err(|why| refused(Some(digest), &why.to_string()))?;
    let hands = Hands::of(&estate, &actor.name);
    let rejects = reason.is_some();
    let ask = match reason {
        Some(reason) => hands.approver.map(|by| Ask::Reject { by, change: digest, reason }),
        None => hands.operator.map(|by| Ask::Withdraw { by, change: digest }),
    };
    let ask = ask.ok_or_else(|| asked(format!("{} may not {}", actor.name, words::tried(&what))))?;
    let mut engine = match open_to_write(estate.clone(), state.clone(), true, Some(actor.signer)).await? {
        Ok(engine) => engine,
        Err(exit) => return Ok(exit),
    };
    // What was over before is not what this command did.
    let was_open = engine.model().changes.get(&digest).is_some_and(|c| c.state.is_open());
    engine.ask(ask);
    if let Err(exit) = answered(&mut engine).await {
        return Ok(exit);
    }
    // Who loses to a flip is told what it did.
    engine.until(END, |m| m.changes.get(&digest).is_none_or(|c| !c.state.is_running())).await;
    let model = engine.model();
    let refusals: Vec<_> = model.refusals.iter().map(|r| r.why.clone()).collect();
    // Whoever else ended it, by the same word or another, was first: this one was refused.
    let is_own = was_open && !model.refusals.iter().any(|r| r.by.as_ref() == Some(&actor.name));
    let now = model.changes.get(&digest).map(|c| (c.state.clone(), words::ended(c, &model.estate)));
    let journal = model.journal_failed.is_some();
    close(engine).await;
    refusals.iter().for_each(|why| complain!("signalbox: {}", visible(why)));
    let Some((now, ended)) = now else { return Ok(Exit::Refused) };
    say!("{}: {}", digest.words(), visible(&ended));
    // What came of it counts. Others are refused here, too: signatures that lie in the incident folder.
    Ok(match now {
        State::Withdrawn if is_own && !rejects => Exit::Ok,
        State::Rejected { .. } if is_own && rejects => Exit::Ok,
        _ if journal => Exit::Journal,
        State::Expired(_) => Exit::Expired,
        state if state.is_running() => Exit::Uncertain,
        State::Verified { .. }
        | State::Launching { .. }
        | State::Launched { .. }
        | State::NotApplied(NotDone::TakenBack(_) | NotDone::Neither | NotDone::NoJob | NotDone::Partly { .. }) => {
            Exit::Overtaken
        }
        State::Proposed
        | State::Approved
        | State::Refused(_)
        | State::NotApplied(_)
        | State::Rejected { .. }
        | State::Withdrawn
        | State::Void(_)
        | State::OtherEstate(_)
        | State::Executing
        | State::Applied { .. }
        | State::Uncertain => Exit::Refused,
    })
}
