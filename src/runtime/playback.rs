//! A replay on a terminal. There is nothing here that could act: a deck, a terminal, and time.

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::input::{Came, Heard, Keyboard};
use super::signals::Signals;
use super::stop::Stops;
use super::terminal::{Abilities, FullScreen};
use crate::replay::{Deck, Next};

/// Frames are at least this far apart.
const FRAME: Duration = Duration::from_millis(33);

/// Stops the program, and the shell comes back.
const STOP: Event = Event::Key(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL));

/// Plays until its person leaves or a signal ends it. The terminal is given back in every case.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(deck: &mut Deck, can: Abilities) -> io::Result<()> {
    // What was is no news for a row of tabs.
    let mut terminal = FullScreen::open(Abilities { titles: false, ..can })?;
    let mut keyboard = Keyboard::open()?;
    let mut stops = Stops::new()?;
    let mut stop = Signals::new()?;
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut played = Instant::now();
    let mut dirty = true;
    loop {
        tokio::select! {
            biased;
            () = stop.wait() => return Ok(()),
            heard = keyboard.next() => {
                let came = match heard {
                    None => return Ok(()),
                    Some(Err(error)) => return Err(error),
                    Some(Ok(Heard::Came(came))) => came,
                    Some(Ok(Heard::Light(_) | Heard::Fence)) => continue,
                };
                for event in keys(came) {
                    if event == STOP {
                        drop(keyboard);
                        // Where there is no shell, nothing happens.
                        let _ = stops.stop(&mut terminal).await?;
                        keyboard = Keyboard::open()?;
                    } else if deck.input(&event) == Next::Leave {
                        return Ok(());
                    }
                }
                dirty = true;
            }
            () = stops.continued() => {
                terminal.take_back()?;
                dirty = true;
            }
            _ = frames.tick(), if (dirty || deck.is_playing()) && !terminal.is_writing() => {
                // Time that a slow terminal or a long way took is not made up for.
                dirty |= deck.passed(played.elapsed().min(FRAME * 4));
                if dirty {
                    dirty = !terminal.draw(|frame| {
                        deck.draw(frame);
                        Vec::new()
                    })?;
                }
                played = Instant::now();
            }
            () = terminal.written(), if (dirty || deck.is_playing()) && terminal.is_writing() => {}
        }
    }
}

/// A paste's keys: a paste can give no command in a replay.
fn keys(came: Came) -> Vec<Event> {
    let key = |code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    match came {
        Came::Event(event) | Came::AtOnce(event) => vec![event],
        Came::Line { text, enter } => {
            text.chars().map(|c| key(KeyCode::Char(c))).chain(enter.then(|| key(KeyCode::Enter))).collect()
        }
    }
}
