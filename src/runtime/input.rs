//! What a person types, for as long as their terminal is there.
//!
//! A terminal that has gone (a closed window, a dropped connection) is read without end by crossterm, at full speed, and
//! where it has gone before the first read crossterm panics. So its end is watched beside it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures::StreamExt as _;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

/// How long the end may take once the terminal has gone: the journal is written to its end in it.
const GRACE: Duration = Duration::from_secs(10);

/// Keys, clicks and the rest of what a terminal tells.
pub(super) struct Input {
    events: EventStream,
    watch: Watch,
}

impl Input {
    /// Begins to listen. Call it inside a tokio runtime, with the terminal in raw mode.
    ///
    /// # Errors
    /// When there is no terminal to read from.
    pub(super) fn open() -> io::Result<Self> {
        let watch = Watch::begin();
        // Asking tells that there is no reader; the stream would panic.
        crossterm::event::poll(Duration::ZERO)?;
        Ok(Self { events: EventStream::new(), watch })
    }

    /// The next of it; none when the terminal has gone.
    pub(super) async fn next(&mut self) -> Option<io::Result<Event>> {
        if self.is_over() {
            return None;
        }
        tokio::select! {
            biased;
            () = self.watch.end.notified() => None,
            event = self.events.next() => event,
        }
    }

    /// Whether the terminal has gone.
    pub(super) fn is_over(&self) -> bool {
        self.watch.gone.load(Ordering::Acquire)
    }
}

/// Sees the terminal go.
struct Watch {
    gone: Arc<AtomicBool>,
    end: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Watch {
    fn begin() -> Self {
        let (gone, end) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let told = (gone.clone(), end.clone());
        let task = tokio::spawn(async move {
            // Where standard input is no terminal, or cannot be watched, signals are left.
            if hung_up().await.is_err() {
                return;
            }
            told.0.store(true, Ordering::Release);
            told.1.notify_one();
            tokio::time::sleep(GRACE).await;
            // The thread that would end is the one that reads without end.
            std::process::exit(1);
        });
        Self { gone, end, task }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Waits until the other end of standard input has gone. Takes nothing from it.
async fn hung_up() -> io::Result<()> {
    #[expect(deprecated, reason = "standard input stays open for as long as this program runs")]
    let stdin = AsyncFd::with_interest(io::stdin(), Interest::READABLE)?;
    loop {
        let mut ready = stdin.ready(Interest::READABLE).await?;
        if ready.ready().is_read_closed() {
            return Ok(());
        }
        ready.clear_ready();
    }
}
