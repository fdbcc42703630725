//! `signalbox drill approvers`: whose key answers, before a night on which it must.

use clap::Args;
use color_eyre::Result;

use super::common::{EstateArgs, USUALLY, answered, left, open_to_write};
use super::exit::Exit;
use super::io::{complain, say};
use super::person::{Actor, PersonArgs, keep_refusal};
use crate::change::{Hands, Presence, Proven};
use crate::estate::{Estate, PersonName, Role};
use crate::event::Ask;
use crate::hygiene::visible;
use crate::model::Model;
use crate::record::Tried;
use crate::runtime::{Clock, Engine};

/// See that approvers can sign.
#[derive(Debug, Args)]
pub struct ApproversArgs {
    #[command(flatten)]
    estate: EstateArgs,
    #[command(flatten)]
    person: PersonArgs,
}

/// Asks each approver whose key is here to sign a harmless challenge, keeps the fact, and shows when each of the
/// estate's approvers last signed. Exit code 8 if one has not for 30 days.
///
/// # Errors
/// If the estate cannot be read, or no key can be used.
pub async fn run(args: ApproversArgs) -> Result<Exit> {
    let estate = args.estate.load()?;
    let state = args.estate.state(&estate)?;
    let refused = |why: &str| keep_refusal(&state, None, args.person.asker(&estate), Tried::ProveKey, why);
    let actor = args.person.actor(&estate, None).inspect_err(|why| refused(&why.to_string()))?;
    let here = actor.signer.people(Clock::real().now().wall);
    let mut engine = match open_to_write(estate.clone(), state.clone(), true, Some(actor.signer.clone())).await? {
        Ok(engine) => engine,
        Err(exit) => return Ok(exit),
    };
    let asked: Vec<PersonName> = match &args.person.who {
        Some(_) => vec![actor.name.clone()],
        None => here.into_iter().filter(|name| Hands::of(&estate, name).approver.is_some()).collect(),
    };
    let mut failed = false;
    for name in asked {
        say!("asking the key of {name} (touch it if it blinks) …");
        let of = Actor { name: name.clone(), signer: actor.signer.clone() };
        match proof_of(&mut engine, of).await {
            None => break,
            Some(Ok(proof)) => engine.ask(Ask::present(&name, &proof)),
            Some(Err(why)) => {
                failed = true;
                refused(&why.to_string());
                complain!("signalbox: {}", visible(&why.to_string()));
            }
        }
    }
    if let Err(exit) = answered(&mut engine).await {
        return Ok(exit);
    }
    if let Some(exit) = left(&engine) {
        engine.close().await;
        return Ok(exit);
    }
    let journal = engine.model().journal_failed.is_some();
    let mut due = false;
    for person in estate.people.iter().filter(|p| p.is(Role::Approver)) {
        let (line, late) = told(engine.model(), &estate, &person.name);
        due |= late;
        say!("{line}");
    }
    engine.close().await;
    Ok(match (journal, failed || due) {
        (true, _) => Exit::Journal,
        (_, true) => Exit::Impaired,
        _ => Exit::Ok,
    })
}

/// A person's key answers a challenge, in a thread of its own: it is touched by a hand. None where a signal ends the command
/// meanwhile.
async fn proof_of(engine: &mut Engine, of: Actor) -> Option<Result<Proven<Presence>>> {
    let asked = tokio::task::spawn_blocking(move || of.present());
    let left = async { while !engine.until(USUALLY, |m| m.leaving).await {} };
    tokio::select! {
        proof = asked => Some(proof.unwrap_or_else(|error| Err(error.into()))),
        () = left => None,
    }
}

/// When a person's key was last proven, and whether that is too long ago.
fn told(model: &Model, estate: &Estate, name: &PersonName) -> (String, bool) {
    if estate.person(name).is_none_or(|p| p.keys.is_empty() && estate.policy.certificate_authorities.is_empty()) {
        return (format!("✖ {name}: the estate file has no key of theirs"), true);
    }
    let late = model.proof_is_due(name);
    let sign = if late { "!" } else { "✔" };
    (format!("{sign} {name}: {}", model.proof_words(name)), late)
}
