//! `signalbox console`: the screen.

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::WrapErr as _;

use super::common::{EstateArgs, log_to, pair, person, sdk};
use super::exit::Exit;
use super::look::LookArgs;
use crate::change::Hands;
use crate::runtime::{Clock, Engine, Options};
use crate::time::Span;
use crate::ui::{ApproveHint, Keymap, Mode, Screen, Setup};

/// Opens the console on an estate.
#[derive(Debug, Args)]
pub struct ConsoleArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// Who you are: a name of the estate's people [default: your login name, where it is listed].
    #[arg(long = "as", value_name = "NAME")]
    who: Option<String>,
    /// The region pair to open on.
    #[arg(long, value_name = "PAIR")]
    pair: Option<String>,
    /// Look on only: this console cannot write, whoever you are.
    #[arg(long)]
    read_only: bool,
    #[command(flatten)]
    look: LookArgs,
}

/// Runs the console.
///
/// # Errors
/// When the estate cannot be read or the console cannot start.
pub async fn run(args: ConsoleArgs) -> Result<Exit> {
    let theme = args.look.theme();
    let estate = args.estate.load()?;
    let state = args.estate.state(&estate)?;
    let _log = log_to(&state)?;
    let person = person(&estate, args.who.as_deref())?;
    let pair = pair(&estate, args.pair.as_deref())?;
    let hands = match &person {
        Some(name) if !args.read_only => Hands::of(&estate, name),
        _ => Hands::empty(),
    };
    let approve = ApproveHint {
        program: "signalbox".into(),
        folder: state.join("incident").display().to_string(),
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
        read_only: args.read_only,
    };
    let mut engine = Engine::open(options).wrap_err("failed to start")?;
    let mode = if args.read_only { Mode::ReadOnly } else { Mode::Production };
    let mut screen = Screen::new(Setup { person, hands, pair, theme, keymap: Keymap::default(), approve, mode });
    let desk = args.look.dress(&mut screen);
    crate::runtime::console::run(&mut engine, screen, None, desk).await.wrap_err("failed to use the terminal")?;
    engine.close().await;
    Ok(Exit::Ok)
}
