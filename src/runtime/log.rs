//! What the program says of itself, on its way to the screen. The file has all of it; the screen the newest.

use std::fmt::Write as _;

use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use crate::event::{LogLevel, LogLine};
use crate::time::Timestamp;

/// Lines that may wait for the loop; what comes while it is full stands in the file only.
const WAITING: usize = 256;
/// No line is longer, in bytes.
const LONGEST: usize = 4000;

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
