//! `signalbox console`: the screen.

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::WrapErr as _;

use super::common::{EstateArgs, log_to, pair, person, sdk};
use super::config::Config;
use super::exit::Exit;
use super::look::LookArgs;
use super::plain::{self, PlainArgs};
use super::record::RecordArgs;
use crate::change::{ApproveHint, Hands};
use crate::runtime::{Clock, Engine, Options};
use crate::time::Span;
use crate::ui::{Mode, Screen, Setup};

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
    let plain = args.plain.plain;
    if !plain {
        plain::room_for_a_screen()?;
    }
    let estate = args.estate.load()?;
    let state = args.estate.state(&estate)?;
    let (_log, lines) = log_to(&state)?;
    let person = person(&estate, args.who.as_deref())?;
    let pair = pair(&estate, args.pair.as_deref())?;
    let hands = match &person {
        Some(name) if !args.read_only => Hands::of(&estate, name),
        _ => Hands::empty(),
    };
    let folder = state.clone();
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
    let recorder = args.record.begin()?;
    let mut engine = Engine::recorded(options, recorder.clone()).wrap_err("failed to start")?;
    engine.listen(lines);
    if plain {
        let banner = args.read_only.then(|| "READ-ONLY".to_owned());
        let heartbeat = args.plain.heartbeat();
        let setup = plain::setup(person, hands, pair, approve, banner, args.look.presenter(), heartbeat);
        plain::run(&mut engine, setup, None).await?;
    } else {
        // Lines have no colours: a theme with faults must not keep them away.
        let look = args.look.look();
        let (theme, keymap) = (look.theme, look.keymap);
        let mode = if args.read_only { Mode::ReadOnly } else { Mode::Production };
        let screen = Screen::new(Setup { person, hands, pair, theme, keymap, approve, mode });
        let (mut screen, desk) = args.look.dress(screen, &folder, settings);
        settings.notice().into_iter().chain(look.notices).for_each(|notice| screen.notice(notice));
        crate::runtime::console::run(&mut engine, screen, None, desk).await.wrap_err("failed to use the terminal")?;
    }
    engine.close().await;
    args.record.tell(recorder.as_ref());
    Ok(Exit::Ok)
}
