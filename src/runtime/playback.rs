//! A replay on a terminal. There is nothing here that could act: a deck, a terminal, and time.

use std::io;
use std::time::{Duration, Instant};

use super::console::Signals;
use super::input::Input;
use super::terminal::FullScreen;
use crate::replay::{Deck, Next};

/// Frames are at least this far apart.
const FRAME: Duration = Duration::from_millis(33);

/// Plays until its person leaves or a signal ends it. The terminal is given back in every case.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(deck: &mut Deck) -> io::Result<()> {
    let mut terminal = FullScreen::open()?;
    let mut input = Input::open()?;
    let mut stop = Signals::new()?;
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut played = Instant::now();
    let mut dirty = true;
    loop {
        tokio::select! {
            biased;
            () = stop.wait() => return Ok(()),
            event = input.next() => {
                let Some(event) = event else { return Ok(()) };
                if deck.input(&event?) == Next::Leave {
                    return Ok(());
                }
                dirty = true;
            }
            _ = frames.tick(), if (dirty || deck.is_playing()) && !terminal.is_writing() => {
                // Time that a slow terminal or a long way took is not made up for.
                dirty |= deck.passed(played.elapsed().min(FRAME * 4));
                if dirty {
                    dirty = !terminal.draw(|frame| deck.draw(frame))?;
                }
                played = Instant::now();
            }
            () = terminal.written(), if (dirty || deck.is_playing()) && terminal.is_writing() => {}
        }
    }
}
