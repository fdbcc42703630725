//! Standard output and standard error: everything printed goes through here, and nowhere else
//! (`tests/program/door.rs`).
//!
//! Line breaks pass, and every other invisible character becomes a mark, whoever printed it. The first failed write to
//! standard output is remembered, so that the end of the program can report it and choose the exit code: a full disk is
//! a failure, a reader that has gone (`| head`) is not.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Cell;

/// Prints a line of results.
macro_rules! say {
    ($($text:tt)*) => { $crate::hygiene::print::results(format_args!("{}\n", format_args!($($text)*))) };
}

/// Prints results that end their own lines.
macro_rules! put {
    ($($text:tt)*) => { $crate::hygiene::print::results(format_args!($($text)*)) };
}

/// Prints a line about what is wrong, or other text that is not a result.
macro_rules! complain {
    ($($text:tt)*) => { $crate::hygiene::print::complaint(format_args!($($text)*)) };
}

pub(crate) use {complain, put, say};

/// Why results were lost, the first time.
static TROUBLE: OnceLock<String> = OnceLock::new();

/// Whether the terminal was given up.
static UNREAD: AtomicBool = AtomicBool::new(false);

/// The terminal does not read, and was given up: from now on nothing is printed to it, because that would wait for ever.
/// Files and pipes still get their lines.
pub fn nobody_reads() {
    UNREAD.store(true, Ordering::Release);
}

fn is_unread(out: &impl IsTerminal) -> bool {
    UNREAD.load(Ordering::Acquire) && out.is_terminal()
}

/// Prints results, whole lines or not.
pub fn results(text: fmt::Arguments<'_>) {
    if is_unread(&io::stdout()) {
        return;
    }
    // What fails is remembered by the door.
    let _ = stdout().write_all(text.to_string().as_bytes());
}

/// Prints a line to standard error. There is nobody to tell that it failed.
pub fn complaint(text: fmt::Arguments<'_>) {
    if is_unread(&io::stderr()) {
        return;
    }
    let _ = stderr().write_all(format!("{text}\n").as_bytes());
}

/// The terminal's bell.
///
/// # Errors
/// When standard output is gone.
pub fn bell() -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(b"\x07").and_then(|()| out.flush())
}

/// Whether results could not be printed: who must know then hears it on standard error.
#[must_use]
pub fn is_lost() -> bool {
    let _ = stdout().flush();
    TROUBLE.get().is_some()
}

/// Writes out what still waits; why results were lost, if any were.
#[must_use]
pub fn finish() -> Option<&'static str> {
    let _ = stdout().flush();
    TROUBLE.get().map(String::as_str)
}

/// Standard output behind its door.
#[must_use]
pub fn stdout() -> Door<io::Stdout> {
    Door { note, ..Door::new(io::stdout()) }
}

/// Standard error behind its door.
#[must_use]
pub fn stderr() -> Door<io::Stderr> {
    Door::new(io::stderr())
}

fn note(error: &io::Error) {
    if error.kind() != io::ErrorKind::BrokenPipe {
        let _ = TROUBLE.set(error.to_string());
    }
}

/// A writer that replaces hidden characters with marks. Line breaks pass.
#[derive(Debug)]
pub struct Door<W> {
    to: W,
    /// What to do when a write fails, besides telling the caller.
    note: fn(&io::Error),
    cell: Cell,
    /// The beginning of a character whose end is still to come.
    begun: Vec<u8>,
}

impl<W: Write> Door<W> {
    /// A door in front of a writer.
    pub fn new(to: W) -> Self {
        Self { to, note: |_| {}, cell: Cell::default(), begun: Vec::new() }
    }

    /// Sets a style of our own, or ends it: the one thing that reaches a terminal as it is.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn style(&mut self, style: anstyle::Style, on: bool) -> io::Result<()> {
        if on { write!(self.to, "{style}") } else { write!(self.to, "{style:#}") }
    }

    fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut out = String::with_capacity(all.len() + 16);
        let mut left = all.len();
        for chunk in all.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c == '\n' {
                    self.cell = Cell::default();
                    out.push(c);
                } else {
                    self.cell.show(c, &mut out);
                }
            }
            left -= chunk.valid().len() + chunk.invalid().len();
            if left == 0 && is_begun(chunk.invalid()) {
                self.begun = chunk.invalid().to_vec();
            } else {
                out.extend(chunk.invalid().iter().map(|b| format!("‹0x{b:02X}›")));
            }
        }
        self.to.write_all(out.as_bytes())
    }
}

/// Whether bytes are the beginning of a character, and only its end is missing.
fn is_begun(bytes: &[u8]) -> bool {
    !bytes.is_empty() && std::str::from_utf8(bytes).is_err_and(|e| e.error_len().is_none())
}

impl<W: Write> Write for Door<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pass(bytes).inspect_err(self.note)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush().inspect_err(self.note)
    }
}
