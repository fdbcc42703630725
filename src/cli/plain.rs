//! `--plain`: the console as lines, for screen readers, logs and pipes.

use std::io::IsTerminal as _;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::{WrapErr as _, eyre};

use super::io::complain;
use crate::change::{ApproveHint, Hands};
use crate::estate::{PairName, PersonName};
use crate::plain::{Plain, Setup};
use crate::runtime::Engine;
use crate::runtime::console::SecondPerson;
use crate::time::Span;

/// Lines instead of a screen.
#[derive(Clone, Debug, Args)]
pub struct PlainArgs {
    /// Print changes as lines instead of a screen, for screen readers, logs and pipes, and read commands in plain words
    /// from standard input.
    #[arg(long)]
    pub plain: bool,
    /// With --plain: repeat the state every so many minutes; 0 for never.
    #[arg(long, value_name = "MINUTES", default_value_t = 5, requires = "plain", value_parser = clap::value_parser!(u16).range(0..=1440))]
    heartbeat: u16,
}

impl PlainArgs {
    /// Whether to print lines: if asked to, and on a terminal that cannot place characters.
    ///
    /// # Errors
    /// If no terminal can show a screen, with what to do.
    pub fn lines(&self) -> Result<bool> {
        if self.plain {
            return Ok(true);
        }
        if !std::io::stdout().is_terminal() {
            return Err(eyre!(
                "failed to open the screen: standard output is no terminal; give --plain to have what changes printed as lines"
            ));
        }
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        if dumb {
            complain!("signalbox: the terminal cannot show a screen (TERM=dumb): what changes is printed as lines");
        }
        Ok(dumb)
    }

    /// How often the state is said again.
    pub fn heartbeat(&self) -> Option<Span> {
        (self.heartbeat > 0).then(|| Span::from_mins(i64::from(self.heartbeat)))
    }
}

/// A plain console's set-up from a screen's.
pub fn setup(
    person: Option<PersonName>,
    hands: Hands,
    pair: PairName,
    approve: ApproveHint,
    banner: Option<String>,
    presenter: bool,
    heartbeat: Option<Span>,
) -> Setup {
    Setup { person, hands, pair, approve, banner, presenter, heartbeat }
}

/// Runs the console as lines.
///
/// # Errors
/// When a thread cannot be started.
pub async fn run(engine: &mut Engine, setup: Setup, second: Option<SecondPerson>) -> Result<()> {
    crate::runtime::plain::run(engine, Plain::new(setup), second).await.wrap_err("failed to start a thread")
}
