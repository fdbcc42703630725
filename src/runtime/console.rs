//! The console: an engine with a screen in front of it.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crossterm::event::EventStream;
use futures::StreamExt as _;
use tokio::sync::mpsc::Receiver;

use super::clipboard::Clipboard;
use super::engine::Engine;
use super::ground::{self, Ground};
use super::terminal::FullScreen;
use super::themes::{self, ThemeFiles};
use crate::change::{Courier, Digest, Nonce, Operator};
use crate::event::{Ask, Via};
use crate::ui::{Screen, ThemeOffer, Wish};

/// Frames are at least this far apart.
const FRAME: Duration = Duration::from_millis(33);

/// The demo's second person: a throw-away key that a key press may sign with. Only the demo makes one.
pub struct SecondPerson {
    key: crate::signing::SecretKey,
}

impl SecondPerson {
    /// Reads the throw-away key.
    ///
    /// # Errors
    /// When the file is no private key.
    pub fn read(key: &Path) -> Result<Self, crate::signing::SignError> {
        Ok(Self { key: crate::signing::SecretKey::read(key)? })
    }

    fn sign(&self, engine: &Engine, by: &Operator, change: &Digest) -> Result<Ask, String> {
        let change = engine.model().changes.get(change).ok_or("there is no such change")?;
        let armored = self.key.approve(&change.text.canonical()).map_err(|e| e.to_string())?;
        Ok(Ask::Signature { armored, by: Courier::operator(by, Via::DemoPerson) })
    }
}

/// What is around a screen: the terminal that it is on, the files of the person in front of it.
#[derive(Debug, Default)]
pub struct Desk {
    /// How a text gets onto the clipboard.
    pub clipboard: Clipboard,
    /// Where themes are read, and read again.
    pub themes: Option<ThemeFiles>,
    /// Whether the terminal is asked for its ground, because nobody has chosen a theme.
    pub ask_ground: bool,
}

/// Runs the console until its person leaves or a signal ends it. The terminal is given back in every case.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(engine: &mut Engine, mut screen: Screen, second: Option<SecondPerson>, desk: Desk) -> io::Result<()> {
    let mut terminal = FullScreen::open()?;
    let mut input = EventStream::new();
    let mut stop = Signals::new()?;
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut ground = Ground::default();
    if desk.ask_ground {
        terminal.send(ground::QUESTION.to_vec())?;
        ground = Ground::asked(Instant::now());
    }
    let mut themes = desk.themes.map(themes::watch);
    let mut dirty = true;
    loop {
        tokio::select! {
            biased;
            () = stop.wait() => return Ok(()),
            event = input.next() => {
                let Some(event) = event else { return Ok(()) };
                let (events, light) = ground.take(event?, Instant::now());
                if let Some(light) = light {
                    screen.ground_is(light);
                }
                let wishes: Vec<Wish> = events.into_iter().flat_map(|e| screen.input(engine.model(), e)).collect();
                for wish in wishes {
                    if fulfil(wish, engine, &mut terminal, second.as_ref(), desk.clipboard)? {
                        return Ok(());
                    }
                }
                dirty = true;
            }
            Some(offers) = changed(&mut themes) => {
                screen.offer_themes(offers);
                dirty = true;
            }
            _ = frames.tick(), if dirty && !terminal.is_writing() => {
                if ground.waits(Instant::now()) {
                    continue;
                }
                dirty = !terminal.draw(|frame| screen.draw(engine.model(), frame))?;
            }
            () = terminal.written(), if dirty && terminal.is_writing() => {}
            () = engine.next() => dirty = true,
        }
    }
}

/// The themes, when one of their files has changed.
async fn changed(themes: &mut Option<Receiver<Vec<ThemeOffer>>>) -> Option<Vec<ThemeOffer>> {
    match themes {
        Some(themes) => themes.recv().await,
        None => std::future::pending().await,
    }
}

/// Does what a screen wishes; true when it wishes to end.
fn fulfil(
    wish: Wish,
    engine: &mut Engine,
    terminal: &mut FullScreen,
    second: Option<&SecondPerson>,
    clipboard: Clipboard,
) -> io::Result<bool> {
    match wish {
        Wish::Quit => return Ok(true),
        Wish::Ask(ask) => engine.ask(ask),
        Wish::Propose { by, draft } => match super::random_bits() {
            Some(bits) => engine.ask(Ask::Propose { by, draft, nonce: Nonce(bits) }),
            None => tracing::error!("the system has no random bits: nothing can be proposed"),
        },
        Wish::ActAsSecond { by, change } => {
            if let Some(second) = second {
                match second.sign(engine, &by, &change) {
                    Ok(ask) => engine.ask(ask),
                    Err(error) => tracing::error!(error, "sign as the demo's second person"),
                }
            }
        }
        Wish::Copy(text) => {
            if let Some(bytes) = clipboard.bytes(&text) {
                terminal.send(bytes)?;
            }
        }
        Wish::Hurry => engine.hurry_all(),
    }
    Ok(false)
}

/// The signals that end the console.
struct Signals {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 4],
}

impl Signals {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let on = |kind| signal(kind);
        Ok(Self {
            signals: [
                on(SignalKind::terminate())?,
                on(SignalKind::hangup())?,
                on(SignalKind::interrupt())?,
                on(SignalKind::quit())?,
            ],
        })
    }

    #[cfg(unix)]
    async fn wait(&mut self) {
        let [term, hup, int, quit] = &mut self.signals;
        tokio::select! {
            _ = term.recv() => {}
            _ = hup.recv() => {}
            _ = int.recv() => {}
            _ = quit.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn wait(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
