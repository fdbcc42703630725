//! Stopping on ctrl-z, and coming back: the shell has the terminal in between, and every key typed there is the shell's.

use std::io;
use std::time::{Duration, Instant};

use rustix::process::{Signal, getpid, getsid, kill_current_process_group};
use tokio::signal::unix::{SignalKind, signal};

use super::terminal::FullScreen;

/// A process that nobody stops goes on at once, and nothing continues it.
const NOBODY: Duration = Duration::from_millis(500);
/// Said where ctrl-z leads nowhere.
const NO_SHELL: &str = "no shell holds this console's terminal, so ctrl-z has nothing to go back to";

/// How this process is stopped and continued.
pub(super) struct Stops {
    continued: tokio::signal::unix::Signal,
}

impl Stops {
    /// # Errors
    /// When the signal cannot be listened for.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { continued: signal(SignalKind::from_raw(Signal::CONT.as_raw()))? })
    }

    /// Waits until somebody continues a process that they stopped themselves.
    pub(super) async fn continued(&mut self) {
        self.continued.recv().await;
    }

    /// Gives the terminal to the shell and stops, together with everything that was started with this process. Returns
    /// when the shell continues it, with the terminal taken back; or gives, in words, why it did not stop.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) async fn stop(&mut self, screen: &mut FullScreen) -> io::Result<Result<(), &'static str>> {
        // Nobody could continue the first process of a terminal.
        if getsid(None).ok() == Some(getpid()) {
            return Ok(Err(NO_SHELL));
        }
        screen.give_back().await;
        let before = Instant::now();
        let sent = kill_current_process_group(Signal::TSTP).is_ok();
        // Another thread may take the signal: the next code may run briefly before all threads have stopped.
        let continued = tokio::time::timeout(NOBODY, self.continued()).await.is_ok();
        // The clock runs on while a process is stopped.
        let stopped = sent && (continued || before.elapsed() > 2 * NOBODY);
        screen.take_back()?;
        Ok(if stopped { Ok(()) } else { Err(NO_SHELL) })
    }
}
