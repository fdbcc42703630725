//! The terminal: taken over on the way in, given back on every way out.
//!
//! Frames are drawn into memory and handed whole to a thread that writes them. A terminal that reads slowly holds up
//! only that thread. While it writes, whole draws are skipped, never bytes.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crossterm::style::Print;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{event, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use tokio::sync::Notify;

use super::links::Links;
use super::title::{self, Title};

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
    frames: SyncSender<Vec<u8>>,
    writing: Arc<AtomicBool>,
    written: Arc<Notify>,
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
        enter()?;
        let sheet = Sheet::default();
        // `Terminal::clear` would ask the terminal where its cursor is, and wait; the alternate screen is blank.
        let terminal = Terminal::new(CrosstermBackend::new(sheet.clone()))?;
        let (frames, queue) = sync_channel(1);
        let writing = Arc::new(AtomicBool::new(false));
        let written = Arc::new(Notify::new());
        let (busy, done) = (writing.clone(), written.clone());
        std::thread::Builder::new().name("terminal".into()).spawn(move || write_frames(&queue, &busy, &done))?;
        std::mem::forget(guard);
        Ok(Self {
            terminal,
            sheet,
            frames,
            writing,
            written,
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
        if self.writing.load(Ordering::Acquire) {
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

    /// Writes control bytes of our own making, such as a clipboard sequence.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.writing.store(true, Ordering::Release);
        self.frames.send(bytes).map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the terminal is gone"))
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
        enter()?;
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
        leave()
    }

    /// Waits until the terminal has taken the frame that is being written.
    pub async fn written(&self) {
        loop {
            let notified = self.written.notified();
            if !self.writing.load(Ordering::Acquire) {
                return;
            }
            notified.await;
        }
    }

    /// Whether a frame is being written.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.writing.load(Ordering::Acquire)
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        restore();
    }
}

struct Restore;

impl Drop for Restore {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether the console has the terminal's other screen.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Whether the terminal's own title is kept meanwhile.
static TITLES: AtomicBool = AtomicBool::new(false);
/// Whether the terminal tells when its ground changes.
static WATCHES: AtomicBool = AtomicBool::new(false);

fn enter() -> io::Result<()> {
    let again = ENTERED.swap(true, Ordering::AcqRel);
    // Who comes back to a screen that was never left would keep its own title.
    if !again && TITLES.load(Ordering::Acquire) {
        io::stdout().write_all(title::PUSH.as_bytes())?;
    }
    execute!(io::stdout(), EnterAlternateScreen, event::EnableBracketedPaste, crossterm::cursor::Hide)
}

/// Leaves it, once: a second time the terminal would put the cursor back over what the shell has written since.
fn leave() -> io::Result<()> {
    if !ENTERED.swap(false, Ordering::AcqRel) {
        return Ok(());
    }
    let title = if TITLES.load(Ordering::Acquire) { title::POP } else { "" };
    execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        Print(title),
        Print(if WATCHES.load(Ordering::Acquire) { "\x1b[?2031l" } else { "" }),
        event::DisableBracketedPaste,
        event::DisableMouseCapture,
        LeaveAlternateScreen,
        crossterm::cursor::Show
    )
}

/// Gives the terminal back: safe to call at any time, and more than once.
pub fn restore() {
    let _ = leave();
    let _ = crossterm::terminal::disable_raw_mode();
}

fn write_frames(queue: &Receiver<Vec<u8>>, busy: &AtomicBool, done: &Notify) {
    let mut out = io::stdout();
    while let Ok(bytes) = queue.recv() {
        let gone = out.write_all(&bytes).and_then(|()| out.flush()).is_err();
        busy.store(false, Ordering::Release);
        done.notify_waiters();
        if gone {
            return;
        }
    }
}
