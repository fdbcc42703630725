//! The signals that ask a program to end.

use std::io;

/// A write past the process's limit on file sizes fails from now on, as one on a full disk does, and kills nobody: what
/// was sent must still be told.
#[cfg(unix)]
pub fn outlive_file_limits() {
    let kind = tokio::signal::unix::SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    if let Err(error) = tokio::signal::unix::signal(kind) {
        tracing::warn!("a limit on file sizes can kill this program: {error}");
    }
}

/// A write past a limit on file sizes fails here.
#[cfg(not(unix))]
pub fn outlive_file_limits() {}

/// The signals that end a program: termination, a terminal that goes, Ctrl-C, Ctrl-\\.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 4],
}

impl Signals {
    /// Listens from now on: a signal no longer kills the program.
    ///
    /// # Errors
    /// When the system does not let us listen.
    #[cfg(unix)]
    pub fn new() -> io::Result<Self> {
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

    /// Waits for the next one.
    #[cfg(unix)]
    pub async fn wait(&mut self) {
        let [term, hup, int, quit] = &mut self.signals;
        tokio::select! {
            _ = term.recv() => {}
            _ = hup.recv() => {}
            _ = int.recv() => {}
            _ = quit.recv() => {}
        }
    }

    /// Listens from now on.
    ///
    /// # Errors
    /// None here.
    #[cfg(not(unix))]
    pub fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one.
    #[cfg(not(unix))]
    pub async fn wait(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
