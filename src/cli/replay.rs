//! `signalbox replay` and `signalbox export-cast`: what was recorded, on a screen and as an asciinema file.

use std::fs::OpenOptions;
use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::{WrapErr as _, eyre};

use super::exit::{Exit, asked};
use super::io::complain;
use super::look::{abilities, depth};
use crate::hygiene::print;
use crate::replay::{Deck, Ending, Player, Size, Tape, When, cast};
use crate::ui::Depth;

/// Plays a recording.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The recording, made with `--record` of console, demo or rehearse.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How many times faster than it happened.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    speed: f64,
    /// Where to begin: 18:42:07 as the screens show it, +4m30s after the start, a whole timestamp, or end.
    #[arg(long, value_name = "TIME")]
    at: Option<When>,
    /// Begin paused; the arrow keys step from frame to frame.
    #[arg(long)]
    step: bool,
    /// Mask accounts, ARNs, hosts, addresses, e-mails and keys, also where the recorded screen did not.
    #[arg(id = "masked", long = "presenter")]
    presenter: bool,
}

/// Plays a recording on this terminal. It reads the file and nothing else: no estate file, no AWS, no journal.
///
/// # Errors
/// If the file is not a recording that can be played, or there is no terminal.
pub async fn replay(args: ReplayArgs) -> Result<Exit> {
    if !(args.speed.is_finite() && args.speed > 0.0) {
        return Err(asked(format!("failed to play {} times as fast: give a number above 0", args.speed)));
    }
    let player = open(&args.file, depth(), args.presenter)?;
    if !std::io::stdout().is_terminal() {
        return Err(eyre!("failed to play it: standard output is no terminal; `signalbox export-cast` writes a file"));
    }
    let mut deck = Deck::new(player, args.speed, !args.step);
    if let Some(when) = args.at {
        deck.go(when);
    }
    crate::runtime::playback::run(&mut deck, abilities()).await.wrap_err("failed to use the terminal")?;
    tell(deck.player());
    Ok(Exit::Ok)
}

/// Writes a recording as an asciinema file.
#[derive(Debug, Args)]
pub struct CastArgs {
    /// The recording.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The file to write [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Draw for a screen of this size [default: the recorded sizes].
    #[arg(long, value_name = "WxH")]
    size: Option<Size>,
    /// How many times faster than it happened.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    speed: f64,
    /// Overwrite an existing output file.
    #[arg(long, requires = "output")]
    force: bool,
    /// Mask accounts, ARNs, hosts, addresses, e-mails and keys, also where the recorded screen did not.
    #[arg(id = "masked", long = "presenter")]
    presenter: bool,
}

/// Writes the cast.
///
/// # Errors
/// When the file is no recording that can be played, or the output cannot be written.
pub fn export(args: &CastArgs) -> Result<Exit> {
    if !(args.speed.is_finite() && args.speed > 0.0) {
        return Err(asked(format!("failed to play {} times as fast: give a number above 0", args.speed)));
    }
    let mut player = open(&args.file, Depth::True, args.presenter)?;
    // A file has colours, whatever this terminal has.
    crossterm::style::force_color_output(true);
    match &args.output {
        Some(path) => {
            let name = path.display();
            let mut options = OpenOptions::new();
            options.write(true).create_new(!args.force).create(true).truncate(args.force);
            let file = options.open(path).wrap_err_with(|| format!("failed to write {name}; --force overwrites it"))?;
            let frames = cast(&mut player, args.size, args.speed, &mut BufWriter::new(file))
                .wrap_err_with(|| format!("failed to write {name}"))?;
            complain!("{frames} frames in {}", crate::hygiene::visible(&name.to_string()));
        }
        None => {
            let mut out = BufWriter::new(print::stdout());
            // A reader that goes away is no failure, and what else fails the door remembers.
            let _ = cast(&mut player, args.size, args.speed, &mut out).and_then(|_| out.flush());
        }
    }
    tell(&player);
    Ok(Exit::Ok)
}

fn open(file: &std::path::Path, depth: Depth, presenter: bool) -> Result<Player> {
    let tape = Tape::open(file).wrap_err("failed to open the recording")?;
    Player::new(tape, depth, presenter).wrap_err("failed to play the recording")
}

/// Says what is missing of a recording that is not whole.
fn tell(player: &Player) {
    match player.ending() {
        Ending::Whole(_) => {}
        ending => complain!("signalbox: the recording is {ending}"),
    }
}
