//! What the program says of itself, on its way to the screen. The file has all of it; the screen the newest.

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use crate::event::{LogLevel, LogLine};
use crate::time::Timestamp;

/// Lines that may wait for the loop; while it is full, further lines go only to the file.
const WAITING: usize = 256;
/// No line is longer, in bytes.
const LONGEST: usize = 4000;

/// Today's log file, `signalbox.log.2026-11-29`: a new one each day, by UTC. If the next cannot be created, the last
/// one continues: reports about a disk must not depend on it, and none of them may reach the terminal.
#[derive(Debug)]
pub struct DayFile {
    folder: PathBuf,
    day: String,
    file: File,
}

impl DayFile {
    /// Opens the file of today, and makes the folder where it is not there.
    ///
    /// # Errors
    /// When either cannot be had.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let day = today();
        let file = Self::of(folder, &day)?;
        Ok(Self { folder: folder.to_owned(), day, file })
    }

    fn of(folder: &Path, day: &str) -> io::Result<File> {
        crate::files::open_to_append(&folder.join(format!("signalbox.log.{day}")), 0o666)
    }
}

impl io::Write for DayFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let day = today();
        if day != self.day {
            if let Ok(file) = Self::of(&self.folder, &day) {
                self.file = file;
            }
            self.day = day;
        }
        // A full disk is not reported here: a program that waits for its log would wait for ever.
        let _ = io::Write::write_all(&mut self.file, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn today() -> String {
    Timestamp::now().strftime("%Y-%m-%d").to_string()
}

/// Lines of the log as they come.
pub type Lines = mpsc::Receiver<LogLine>;

/// A layer for the program's subscriber, and where its lines come out.
#[must_use]
pub fn layer() -> (ToScreen, Lines) {
    let (lines, out) = mpsc::channel(WAITING);
    (ToScreen { lines }, out)
}

/// Sends what is logged to a screen. Never waits.
#[derive(Debug)]
pub struct ToScreen {
    lines: mpsc::Sender<LogLine>,
}

impl<S: Subscriber> Layer<S> for ToScreen {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = match *event.metadata().level() {
            Level::ERROR => LogLevel::Error,
            Level::WARN => LogLevel::Warn,
            Level::INFO => LogLevel::Info,
            _ => return,
        };
        let mut text = Text(String::new());
        event.record(&mut text);
        let _ = self.lines.try_send(LogLine { at: Timestamp::now(), level, text: text.0 });
    }
}

/// A message and its fields in one line.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if self.0.len() > LONGEST {
            return;
        }
        let gap = if self.0.is_empty() { "" } else { ", " };
        // Writing into a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{gap}{value:?}"),
            name => write!(self.0, "{gap}{name} {value:?}"),
        };
    }
}
