//! Stopping on ctrl-z, and coming back: the shell has the terminal in between, and every key typed there is the shell's.

use std::io;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpgid, getpgrp, getpid, getppid, getsid, kill_current_process_group};
use rustix::termios::{QueueSelector, tcflush};
use tokio::signal::unix::{SignalKind, signal};

use super::terminal::FullScreen;

/// A process that nobody stops goes on at once, and nothing continues it.
const NOBODY: Duration = Duration::from_millis(500);
/// Said where ctrl-z leads nowhere.
const NO_SHELL: &str = "no shell with job control holds its terminal";

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
        if is_orphaned() {
            return Ok(Err(NO_SHELL));
        }
        screen.give_back().await;
        let before = Instant::now();
        let sent = kill_current_process_group(Signal::TSTP).is_ok();
        // Another thread may take the signal: the next code may run briefly before all threads have stopped.
        let continued = tokio::time::timeout(NOBODY, self.continued()).await.is_ok();
        // The clock runs on while a process is stopped.
        let stopped = sent && (continued || before.elapsed() > 2 * NOBODY);
        if !stopped {
            // Typed for a shell, and no key of ours.
            let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        }
        screen.take_back()?;
        Ok(if stopped { Ok(()) } else { Err(NO_SHELL) })
    }
}

/// Whether nobody in this session could continue a process that stops, as far as its parent shows; the system then
/// throws the signal away.
fn is_orphaned() -> bool {
    let session = getsid(None).ok();
    let of_session = |pid: Pid| session.is_some() && getsid(Some(pid)).ok() == session;
    if session == Some(getpid()) {
        return true;
    }
    match getppid() {
        // A shell that runs a command and nothing else, in its own group: whoever started it is in another session.
        Some(parent) if getpgid(Some(parent)).ok() == Some(getpgrp()) => session == Some(parent),
        Some(parent) => !of_session(parent),
        None => true,
    }
}
