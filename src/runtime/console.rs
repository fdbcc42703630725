//! The console: an engine with a screen in front of it.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tokio::sync::mpsc::{Receiver, UnboundedSender, unbounded_channel};

use super::clipboard::{Clipboard, Told};
use super::engine::{Closed, Engine};
use super::failures;
use super::ground::{self, Asked};
use super::input::{Came, Heard, Keyboard};
use super::layout::{Choice, Keeping};
use super::signals::Signals;
use super::stop::Stops;
use super::terminal::{Abilities, FullScreen};
use super::themes::{self, ThemeFiles};
use crate::change::{Courier, Digest, Nonce, Operator};
use crate::event::{Ask, Via};
use crate::ui::{Input, Screen, Seat, Tape, ThemeOffer, Wish};

/// Frames are at least this far apart.
const FRAME: Duration = Duration::from_millis(33);
/// How long the end waits for an answer that the terminal still owes: it must not end up on the shell.
const LAST_ANSWER: Duration = Duration::from_secs(2);

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
    /// What the terminal can do.
    pub can: Abilities,
}

/// How a console ended.
#[must_use]
pub struct Ended {
    /// Why the terminal could not be used; nothing where somebody left, or a signal came.
    pub used: io::Result<()>,
    /// What there is to say of the engine's end.
    pub closed: Closed,
}

/// Runs the console until its person leaves or a signal ends it, and closes its engine. In every case the journal is
/// closed first; then the terminal is given back, and a terminal that does not read is given up after a short time.
pub async fn run(mut engine: Engine, screen: Screen, second: Option<SecondPerson>, desk: Desk) -> Ended {
    let keeping = Keeping::start(engine.state());
    let (terminal, used) = match FullScreen::open(desk.can) {
        Ok(mut terminal) => {
            let used = sit(&mut engine, &mut terminal, &keeping, screen, second, desk).await;
            // A terminal that reads shows the shell's screen at once; one that has gone needs nothing.
            let _ = terminal.leave();
            (Some(terminal), used)
        }
        Err(error) => (None, Err(error)),
    };
    let closed = engine.close().await;
    keeping.finish().await;
    drop(terminal);
    Ended { used, closed }
}

async fn sit(
    engine: &mut Engine,
    terminal: &mut FullScreen,
    keeping: &Keeping,
    screen: Screen,
    second: Option<SecondPerson>,
    desk: Desk,
) -> io::Result<()> {
    engine.watch();
    if screen.mouse() {
        terminal.mouse(true)?;
    }
    let mut keyboard = Keyboard::open()?;
    let mut stops = Stops::new()?;
    let (tell, mut told) = unbounded_channel();
    let mut stop = Signals::new()?;
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut asked = Asked::default();
    if desk.ask_ground && desk.can.answers {
        terminal.send(ground::GROUND.to_vec())?;
        terminal.watch_ground()?;
        asked.ground(Instant::now());
    }
    let mut first = true;
    let mut themes = desk.themes.map(themes::watch);
    let mut dirty = true;
    let recorder = engine.recorder().cloned();
    let mut seat = Seat::new(screen);
    // Until it is known how fast the line is.
    seat.screen_mut().spare(true);
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
            heard = keyboard.next() => {
                let came = match heard {
                    None => return Ok(()),
                    Some(Err(error)) => return Err(error),
                    Some(Ok(Heard::Came(came))) => came,
                    Some(Ok(Heard::Fence)) => {
                        if let Some(fast) = asked.answered(Instant::now()) {
                            seat.screen_mut().spare(!fast);
                        }
                        continue;
                    }
                    Some(Ok(Heard::Light(light))) => {
                        asked.told();
                        if let Some(recorder) = &recorder {
                            recorder.ground(light);
                        }
                        seat.screen_mut().ground_is(light);
                        dirty = true;
                        continue;
                    }
                };
                let mut wishes = Vec::new();
                for input in inputs(came, seat.screen()) {
                    match (&recorder, &input) {
                        (Some(recorder), Input::ByHand(event)) => recorder.input(event),
                        (Some(recorder), Input::AtOnce(event)) => recorder.at_once(event),
                        (None, _) => {}
                    }
                    wishes.extend(seat.input(engine.model(), engine.past(), input));
                }
                let mut leaves = false;
                for wish in wishes {
                    let wish = match wish {
                        Wish::Suspend => {
                            drop(keyboard);
                            let stopped = stops.stop(terminal).await?;
                            keyboard = Keyboard::open()?;
                            terminal.mouse(seat.screen().mouse())?;
                            if let Err(why) = stopped {
                                seat.screen_mut().cannot_stop(why);
                            }
                            continue;
                        }
                        Wish::Remember(layout) => {
                            keeping.keep(Choice::Layout(layout));
                            continue;
                        }
                        Wish::RememberTheme(name) => {
                            keeping.keep(Choice::Theme(name));
                            continue;
                        }
                        wish => wish,
                    };
                    leaves = leaves || fulfil(wish, engine, terminal, second.as_ref(), (desk.clipboard, &tell))?;
                }
                if leaves {
                    break;
                }
                dirty = true;
            }
            // Somebody else stopped it, and the shell had the terminal meanwhile.
            () = stops.continued() => {
                terminal.take_back()?;
                terminal.mouse(seat.screen().mouse())?;
                dirty = true;
            }
            Some(told) = told.recv() => {
                seat.screen_mut().tell(told);
                dirty = true;
            }
            failed = failures::noticed() => {
                failed.into_iter().for_each(|notice| seat.screen_mut().notice(notice));
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
                if asked.holds_up(Instant::now()) {
                    continue;
                }
                dirty = !terminal.draw(|frame| {
                    if let Some(recorder) = &recorder {
                        recorder.drawn(frame.area());
                    }
                    seat.draw(engine.model(), engine.past(), frame);
                    seat.screen().links().to_vec()
                })?;
                // A slow line has first what decides; the rest as soon as it has taken that.
                dirty |= seat.screen().owes();
                // Behind the first whole frame: how long it took is how fast the line is.
                if first && desk.can.answers && !dirty {
                    first = false;
                    terminal.send(ground::SPEED.to_vec())?;
                    asked.speed(Instant::now());
                }
            }
            () = terminal.written(), if dirty && terminal.is_writing() => {}
            () = engine.next() => dirty = true,
        }
        let dropped = terminal.dropped();
        if dropped > 0 {
            let why =
                format!("the terminal reads too slowly: {dropped} bytes for it were dropped, such as what was copied");
            seat.screen_mut().tell(Err(why));
            dirty = true;
        }
        if !terminal.is_writing() {
            let mut bytes = super::notify::sequence(&engine.alerts(), seat.screen().is_quiet());
            if seat.screen_mut().rings(engine.model()) {
                bytes.push(super::notify::BELL);
            }
            bytes.extend(terminal.title(Instant::now(), || seat.screen_mut().title(engine.model())));
            if !bytes.is_empty() {
                terminal.send(bytes)?;
            }
        }
    }
    if asked.is_open(Instant::now()) {
        let answers = async {
            terminal.written().await;
            terminal.leave()?;
            while asked.is_open(Instant::now()) && keyboard.answer().await {
                asked.answered(Instant::now());
            }
            Ok(())
        };
        return tokio::time::timeout(LAST_ANSWER, answers).await.unwrap_or(Ok(()));
    }
    Ok(())
}

/// What came, as inputs for a screen. A line that came at once goes into the field that is open; its enter counts there,
/// but is no hand's. Without a field it is a paste, and no row of keys.
fn inputs(came: Came, screen: &Screen) -> Vec<Input> {
    match came {
        Came::Event(event) => vec![Input::ByHand(event)],
        Came::AtOnce(event) => vec![Input::AtOnce(event)],
        Came::Line { text, enter } => {
            let enter = enter && screen.takes_text();
            let key = enter.then(|| Event::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)));
            [Event::Paste(text)].into_iter().chain(key).map(Input::AtOnce).collect()
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
    (clipboard, told): (Clipboard, &UnboundedSender<Told>),
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
        Wish::Copy(text) => match clipboard.bytes(&text) {
            Ok(bytes) => {
                terminal.send(bytes)?;
                if clipboard != Clipboard::Tmux {
                    return Ok(false);
                }
                let told = told.clone();
                tokio::spawn(async move {
                    // A console that has ended needs no answer.
                    let _ = told.send(super::clipboard::through_tmux(&text).await);
                });
            }
            Err(why) => drop(told.send(Err(why))),
        },
        Wish::Report { by, pair, masked } => engine.report(by, pair, masked, told.clone()),
        Wish::Hurry => engine.hurry_all(),
        Wish::Mouse(on) => terminal.mouse(on)?,
        // The screen's seat and the loop see to these.
        Wish::Past(_) | Wish::Live | Wish::Suspend | Wish::Remember(_) | Wish::RememberTheme(_) => {}
    }
    Ok(false)
}
