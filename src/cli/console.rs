//! `signalbox console`: the screen.

use std::sync::Arc;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::WrapErr as _;

use super::common::{EstateArgs, close, log_to, pair, sdk, tell};
use super::config::Config;
use super::exit::Exit;
use super::io::complain;
use super::look::LookArgs;
use super::person::{Actor, PersonArgs, keep_refusal};
use super::plain::{self, PlainArgs};
use super::record::RecordArgs;
use crate::change::{ApproveHint, Hands, Presence, Proven};
use crate::estate::Estate;
use crate::event::Ask;
use crate::record::Tried;
use crate::runtime::{Clock, Engine, Options};
use crate::time::Span;
use crate::ui::{Mode, Screen, Setup};

/// Opens the console on an estate.
#[derive(Debug, Args)]
pub struct ConsoleArgs {
    #[command(flatten)]
    estate: EstateArgs,
    #[command(flatten)]
    person: PersonArgs,
    /// The region pair to open on.
    #[arg(long, value_name = "PAIR")]
    pair: Option<String>,
    /// Only look on: this console cannot write, whoever you are.
    #[arg(long)]
    read_only: bool,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    plain: PlainArgs,
    #[command(flatten)]
    record: RecordArgs,
}

/// Runs the console.
///
/// # Errors
/// When the estate cannot be read or the console cannot start.
pub async fn run(args: ConsoleArgs, settings: &Config) -> Result<Exit> {
    let plain = args.plain.lines()?;
    let estate = args.estate.load()?;
    let state = args.estate.state(&estate)?;
    let (_log, lines) = log_to(&state);
    let pair = pair(&estate, args.pair.as_deref())?;
    let refused = |why: &str| keep_refusal(&state, None, args.person.asker(&estate), Tried::OpenConsole, why);
    args.person.named(&estate).inspect_err(|why| refused(&why.to_string()))?;
    let seat =
        if args.read_only { Seat::Looks("it was opened with --read-only".into()) } else { sit_down(&args, &estate) };
    let looks = seat.looks(&estate);
    let (person, hands, signer, proof) = match seat {
        Seat::Looks(_) => (None, Hands::empty(), None, None),
        // Somebody who may neither propose nor approve looks on like a stranger, by their own name.
        Seat::Proven(actor, _) if looks.is_some() => (Some(actor.name), Hands::empty(), None, None),
        Seat::Proven(actor, proof) => {
            let hands = Hands::of(&estate, &actor.name);
            (Some(actor.name.clone()), hands, Some(actor.signer), Some((actor.name, proof)))
        }
    };
    let folder = state.clone();
    let approve = ApproveHint {
        program: "signalbox".into(),
        folder: state.join("incident").display().to_string(),
        estate: None,
        key: None,
        second_person: None,
    };
    let sdk = sdk(&estate).await;
    let options = Options {
        estate,
        sdk,
        clock: Clock::real(),
        state,
        only_arc: false,
        tick: Span::from_secs(1),
        look_on: looks.clone(),
        signer,
    };
    let recorder = args.record.begin()?;
    let mut engine = Engine::recorded(options, recorder.clone()).wrap_err("failed to start")?;
    engine.listen(lines);
    if let Some((name, proof)) = &proof {
        engine.ask(Ask::present(name, proof));
    }
    let used = if plain {
        let banner = looks.as_ref().map(|why| format!("READ-ONLY: {why}"));
        let heartbeat = args.plain.heartbeat();
        let setup = plain::setup(person, hands, pair, approve, banner, args.look.presenter(), heartbeat);
        let used = plain::run(&mut engine, setup, None).await;
        // However it ended, also when the terminal has gone: what was sent has an outcome.
        close(engine).await;
        used
    } else {
        // Lines have no colours: a theme with faults must not keep them away.
        let look = args.look.look();
        let (theme, keymap) = (look.theme, look.keymap);
        let mode = if looks.is_some() { Mode::ReadOnly } else { Mode::Production };
        let screen = Screen::new(Setup { person, hands, pair, theme, keymap, approve, mode });
        let (mut screen, desk) = args.look.dress(screen, &folder, settings);
        let notices = looks.filter(|_| !args.read_only).map(|why| format!("this console only looks on: {why}"));
        notices.into_iter().chain(settings.notice()).chain(look.notices).for_each(|notice| screen.notice(notice));
        let ended = crate::runtime::console::run(engine, screen, None, desk).await;
        tell(&ended.closed);
        ended.used.wrap_err("failed to use the terminal")
    };
    args.record.tell(recorder.as_ref());
    used.map(|()| Exit::Ok)
}

/// Who sits in front of a console.
enum Seat {
    /// Somebody whose key answered.
    Proven(Actor, Box<Proven<Presence>>),
    /// Nobody whose key did, and why: the console looks on.
    Looks(String),
}

impl Seat {
    fn looks(&self, estate: &Estate) -> Option<String> {
        match self {
            Seat::Proven(actor, _) if Hands::of(estate, &actor.name) == Hands::empty() => {
                Some(format!("{} may neither propose nor approve", actor.name))
            }
            Seat::Proven(..) => None,
            Seat::Looks(why) => Some(why.clone()),
        }
    }
}

/// Finds out who sits here, by asking their key. An incident must be seen, also by who has no key here.
fn sit_down(args: &ConsoleArgs, estate: &Arc<Estate>) -> Seat {
    let proven = args.person.actor(estate, None).and_then(|actor| {
        complain!("signalbox: asking the key of {} who sits here (touch it if it blinks) …", actor.name);
        let proof = actor.present()?;
        Ok((actor, proof))
    });
    match proven {
        Ok((actor, proof)) => Seat::Proven(actor, Box::new(proof)),
        Err(why) => Seat::Looks(format!("nobody's key says who sits here ({why})")),
    }
}
