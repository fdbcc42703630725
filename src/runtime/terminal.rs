//! The terminal: taken over on the way in, given back on every way out.
//!
//! Frames are drawn into memory and posted whole. Nothing here waits for the terminal to read, but for a short time on
//! the way out. While it has not taken what was posted, whole draws are skipped, never bytes.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossterm::style::Print;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{event, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use rustix::termios::{Action, QueueSelector, tcflow, tcflush};

use super::links::Links;
use super::mailbox::Mailbox;
use super::title::{self, Title};
use crate::hygiene::print;

/// How long the way out waits for a terminal to take what was posted. What it has not taken by then is thrown away.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long it then waits for it to take the last few bytes.
const LAST_BYTES: Duration = Duration::from_millis(300);

/// What a frame is drawn into.
#[derive(Clone, Default)]
pub struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Sheet {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a terminal can show and do, as far as its environment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// It shows more than ASCII.
    pub unicode: bool,
    /// What it erases has the colour of the ground.
    pub erases: bool,
    /// It answers questions.
    pub answers: bool,
    /// It has a title and links, or at least prints nothing of the sequences that tell them (OSC 2 and 8).
    pub titles: bool,
}

impl Default for Abilities {
    fn default() -> Self {
        Self { unicode: true, erases: true, answers: false, titles: false }
    }
}

/// The terminal in full-screen mode. Dropping it gives the terminal back.
pub struct FullScreen {
    terminal: Terminal<CrosstermBackend<Sheet>>,
    sheet: Sheet,
    mailbox: Mailbox,
    can: Abilities,
    title: Title,
    links: Links,
    /// The size of the frame that was drawn last.
    area: Rect,
}

impl FullScreen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When standard output is no terminal, or does not obey.
    pub fn open(can: Abilities) -> io::Result<Self> {
        crossterm::terminal::enable_raw_mode()?;
        let guard = Restore;
        // The theme has decided about colours; crossterm would read NO_COLOR once more and leave out what was asked for.
        crossterm::style::force_color_output(true);
        TITLES.store(can.titles, Ordering::Release);
        // Not `Stdout` itself: a write that a terminal holds up would hold its lock, and with it all that is printed.
        let mailbox = Mailbox::start(File::from(io::stdout().as_fd().try_clone_to_owned()?))?;
        *open() = Some(mailbox.clone());
        mailbox.enter(&entering()?)?;
        let sheet = Sheet::default();
        // `Terminal::clear` would ask the terminal where its cursor is, and wait; the alternate screen is blank.
        let terminal = Terminal::new(CrosstermBackend::new(sheet.clone()))?;
        std::mem::forget(guard);
        Ok(Self {
            terminal,
            sheet,
            mailbox,
            can,
            title: Title::default(),
            links: Links::default(),
            area: Rect::default(),
        })
    }

    /// Draws a frame unless the terminal still writes the last one; says whether it did. The view gives the links of
    /// what it drew.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, view: impl FnOnce(&mut ratatui::Frame<'_>) -> Vec<(Rect, String)>) -> io::Result<bool> {
        if self.is_writing() {
            return Ok(false);
        }
        queue!(self.sheet, BeginSynchronizedUpdate)?;
        let before = self.sheet.take();
        let unicode = self.can.unicode;
        let mut links = Vec::new();
        let was = self.area;
        let drawn = self.terminal.draw(|frame| {
            links = view(frame);
            if !unicode {
                crate::ui::ascii(frame.buffer_mut());
            }
        })?;
        self.area = drawn.area;
        if was != self.area {
            self.links.forget();
        }
        // A terminal without titles prints these sequences, too.
        let links = if self.can.titles { self.links.bytes(drawn.buffer, &links)? } else { Vec::new() };
        let frame = self.sheet.take();
        // ratatui resets colours and hides the cursor with every frame; where nothing is moved to, nothing changed.
        if !frame.contains(&b'H') && links.is_empty() {
            return Ok(true);
        }
        let mut bytes = before;
        for part in [frame, links] {
            let part = super::sixteen::by_their_own_codes(&part);
            bytes.extend_from_slice(&super::lean::lean(&part, self.can.erases));
        }
        queue!(bytes, EndSynchronizedUpdate)?;
        self.send(bytes)?;
        Ok(true)
    }

    /// Posts control bytes of our own making, such as a clipboard sequence, and waits for nothing. Once the terminal
    /// has been left they go nowhere; and they are dropped where a terminal has not read far too much already; [`FullScreen::dropped`] tells.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.mailbox.post(&bytes)
    }

    /// How many bytes were dropped since this was asked last, because the terminal does not read.
    pub fn dropped(&mut self) -> usize {
        self.mailbox.dropped()
    }

    /// Asks the terminal for clicks, wheel and drags, or leaves them to it. Not for every movement: those are many, and
    /// mean nothing here.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        let switch = if on { 'h' } else { 'l' };
        // 1000 presses and wheel, 1002 drags, 1006 in the form that knows columns past 223.
        self.send([1000, 1002, 1006].map(|mode| format!("\x1b[?{mode}{switch}")).concat().into_bytes())
    }

    /// The bytes of the title, where it is time to look at it and it has changed.
    pub fn title(&mut self, now: Instant, words: impl FnOnce() -> String) -> Vec<u8> {
        if !self.can.titles || !self.title.is_due(now) {
            return Vec::new();
        }
        let words = words();
        let words = if self.can.unicode { words } else { crate::ui::ascii_text(&words) };
        self.title.bytes(&words, now)
    }

    /// Asks the terminal to tell when its ground becomes light or dark (mode 2031).
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn watch_ground(&mut self) -> io::Result<()> {
        WATCHES.store(true, Ordering::Release);
        self.send(b"\x1b[?2031h".to_vec())
    }

    /// Takes the terminal over again after the program was stopped: modes, alternate screen, and a whole frame next.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn take_back(&mut self) -> io::Result<()> {
        // The shell has put its own modes on meanwhile: what is thought to be raw is not.
        crossterm::terminal::disable_raw_mode()?;
        crossterm::terminal::enable_raw_mode()?;
        self.mailbox.enter(&entering()?)?;
        drop(self.sheet.take());
        self.terminal = Terminal::new(CrosstermBackend::new(self.sheet.clone()))?;
        self.title.forget();
        self.links.forget();
        if WATCHES.load(Ordering::Acquire) { self.watch_ground() } else { Ok(()) }
    }

    /// Gives the screen back and keeps the keys: what the terminal still answers is not written onto the shell.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn leave(&mut self) -> io::Result<()> {
        self.mailbox.leave(&leaving()?)
    }

    /// Gives the terminal back, without holding up the loop: [`FullScreen::take_back`] undoes it.
    pub async fn give_back(&mut self) {
        // It cannot be cancelled, and does not panic.
        let _ = tokio::task::spawn_blocking(restore).await;
    }

    /// Waits until the terminal has taken the frame that is being written.
    pub async fn written(&self) {
        self.mailbox.emptied().await;
    }

    /// Whether a frame is being written.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.mailbox.is_busy()
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        restore();
        self.mailbox.close();
    }
}

struct Restore;

impl Drop for Restore {
    fn drop(&mut self) {
        restore();
    }
}

/// The way to the terminal, for whoever has to give it back.
static OPEN: Mutex<Option<Mailbox>> = Mutex::new(None);
/// Whether the console has the terminal's other screen.
static ENTERED: AtomicBool = AtomicBool::new(false);
/// Whether the terminal's own title is kept meanwhile.
static TITLES: AtomicBool = AtomicBool::new(false);
/// Whether the terminal tells when its ground changes.
static WATCHES: AtomicBool = AtomicBool::new(false);

fn open() -> std::sync::MutexGuard<'static, Option<Mailbox>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the terminal shows a console's screen.
#[must_use]
pub fn is_taken() -> bool {
    ENTERED.load(Ordering::Acquire)
}

fn entering() -> io::Result<Vec<u8>> {
    let again = ENTERED.swap(true, Ordering::AcqRel);
    // Who comes back to a screen that was never left would keep its own title.
    let title = if !again && TITLES.load(Ordering::Acquire) { title::PUSH } else { "" };
    let mut bytes = Vec::new();
    queue!(bytes, Print(title), EnterAlternateScreen, event::EnableBracketedPaste, crossterm::cursor::Hide)?;
    Ok(bytes)
}

/// What leaves it, once: a second time the terminal would put the cursor back over what the shell has written since.
fn leaving() -> io::Result<Vec<u8>> {
    if ENTERED.swap(false, Ordering::AcqRel) { farewell() } else { Ok(Vec::new()) }
}

fn farewell() -> io::Result<Vec<u8>> {
    let title = if TITLES.load(Ordering::Acquire) { title::POP } else { "" };
    let mut bytes = Vec::new();
    queue!(
        bytes,
        EndSynchronizedUpdate,
        Print(title),
        Print(if WATCHES.load(Ordering::Acquire) { "\x1b[?2031l" } else { "" }),
        event::DisableBracketedPaste,
        event::DisableMouseCapture,
        LeaveAlternateScreen,
        crossterm::cursor::Show
    )?;
    Ok(bytes)
}

/// Gives the terminal back: safe to call at any time, and more than once. One that does not read is waited for a little
/// over a second; then it gets no more than it takes.
pub fn restore() {
    let mailbox = open().clone();
    if let (Some(mailbox), Ok(last)) = (mailbox, leaving()) {
        let _ = mailbox.leave(&last);
        if !mailbox.emptied_within(PATIENCE) && !give_up(&mailbox) {
            print::nobody_reads();
        }
    }
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Throws away what a terminal has not read, so that it takes the way out instead; whether it did.
fn give_up(mailbox: &Mailbox) -> bool {
    mailbox.only(&farewell().unwrap_or_default());
    let out = io::stdout();
    let _ = tcflush(&out, QueueSelector::OFlush);
    // Room alone does not wake up who waits for it; this does.
    let _ = tcflow(&out, Action::OOff);
    let _ = tcflow(&out, Action::OOn);
    mailbox.emptied_within(LAST_BYTES)
}
