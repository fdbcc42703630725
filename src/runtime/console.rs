//! The console: an engine with a screen in front of it.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Receiver;

use super::clipboard::Clipboard;
use super::engine::Engine;
use super::ground::{self, Ground};
use super::input::Input;
use super::terminal::FullScreen;
use super::themes::{self, ThemeFiles};
use crate::change::{Courier, Digest, Nonce, Operator};
use crate::event::{Ask, Via};
use crate::ui::{Screen, Seat, Tape, ThemeOffer, Wish};

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

    pub(super) fn sign(&self, engine: &Engine, by: &Operator, change: &Digest) -> Result<Ask, String> {
        let change = engine.model().changes.get(change).ok_or("there is no such change")?;
        let armored = self.key.approve(&change.text.canonical()).map_err(|e| e.to_string())?;
        let of = Some(change.digest);
        Ok(Ask::Signature { armored, by: Courier::operator(by, Via::DemoPerson), of })
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
pub async fn run(engine: &mut Engine, screen: Screen, second: Option<SecondPerson>, desk: Desk) -> io::Result<()> {
    engine.watch();
    let mut terminal = FullScreen::open()?;
    if screen.mouse() {
        terminal.mouse(true)?;
    }
    let mut input = Input::open()?;
    let shown = show(engine, screen, second, desk, &mut terminal, &mut input).await;
    // Of a terminal that has gone nobody can be told anything: its person has left.
    if input.is_over() { Ok(()) } else { shown }
}

async fn show(
    engine: &mut Engine,
    screen: Screen,
    second: Option<SecondPerson>,
    desk: Desk,
    terminal: &mut FullScreen,
    input: &mut Input,
) -> io::Result<()> {
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
    let recorder = engine.recorder().cloned();
    let mut seat = Seat::new(screen);
    if let Some(recorder) = &recorder {
        recorder.screen(seat.screen());
        seat.screen_mut().recorded(Tape::Runs);
    }
    loop {
        if let Some(why) = recorder.as_ref().and_then(|r| r.trouble()) {
            seat.screen_mut().recorded(Tape::Broken(why.to_owned()));
        }
        tokio::select! {
            biased;
            () = stop.wait() => return Ok(()),
            event = input.next() => {
                let Some(event) = event else { return Ok(()) };
                let (events, light) = ground.take(event?, Instant::now());
                if let Some(light) = light {
                    if let Some(recorder) = &recorder {
                        recorder.ground(light);
                    }
                    seat.screen_mut().ground_is(light);
                }
                let mut wishes = Vec::new();
                for event in events {
                    if let Some(recorder) = &recorder {
                        recorder.input(&event);
                    }
                    wishes.extend(seat.input(engine.model(), engine.past(), event));
                }
                for wish in wishes {
                    if fulfil(wish, engine, terminal, second.as_ref(), desk.clipboard)? {
                        return Ok(());
                    }
                }
                dirty = true;
            }
            Some(offers) = changed(&mut themes) => {
                if let Some(recorder) = &recorder {
                    recorder.themes(&offers);
                }
                seat.screen_mut().offer_themes(offers);
                dirty = true;
            }
            _ = frames.tick(), if dirty && !terminal.is_writing() => {
                if ground.waits(Instant::now()) {
                    continue;
                }
                dirty = !terminal.draw(|frame| {
                    if let Some(recorder) = &recorder {
                        recorder.drawn(frame.area());
                    }
                    seat.draw(engine.model(), engine.past(), frame);
                })?;
            }
            () = terminal.written(), if dirty && terminal.is_writing() => {}
            () = engine.next() => dirty = true,
        }
        if !terminal.is_writing() {
            let bytes = super::notify::sequence(&engine.alerts(), seat.screen().is_quiet());
            if !bytes.is_empty() {
                terminal.send(bytes)?;
            }
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
        Wish::Report { by, pair, masked } => engine.report(by, pair, masked),
        Wish::Hurry => engine.hurry_all(),
        Wish::Mouse(on) => terminal.mouse(on)?,
        Wish::Remember(layout) => super::layout::remember(engine.state(), &layout),
        Wish::RememberTheme(name) => super::layout::remember_theme(engine.state(), &name),
        // The screen's seat sees to these.
        Wish::Past(_) | Wish::Live => {}
    }
    Ok(false)
}

/// The signals that end the console.
pub(super) struct Signals {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 4],
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
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
    pub(super) async fn wait(&mut self) {
        let [term, hup, int, quit] = &mut self.signals;
        tokio::select! {
            _ = term.recv() => {}
            _ = hup.recv() => {}
            _ = int.recv() => {}
            _ = quit.recv() => {}
        }
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) async fn wait(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
