//! Panics: one of the main thread ends the process, so the terminal is given back. One of a task or of another thread
//! is caught, and the console goes on without that part: its screen stays, and says so.

use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};
use std::thread::ThreadId;

use tokio::sync::Notify;

use super::terminal;

/// Notices that wait for the screen. The first ones say it.
const MOST: usize = 3;

static NOTICES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static CAME: Notify = Notify::const_new();

/// What becomes of a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is told on standard error, and the terminal is given back first.
    Told,
    /// A screen goes on without what panicked. Anything printed would be written across it.
    Noticed,
}

fn fate(thread: ThreadId, main: ThreadId, screen: bool) -> Fate {
    if screen && thread != main { Fate::Noticed } else { Fate::Told }
}

/// Sets the hook for panics, on the main thread. `report` gives the whole report, and `tell` prints it.
pub fn watch_panics(
    report: impl Fn(&PanicHookInfo<'_>) -> String + Send + Sync + 'static,
    tell: impl Fn(&str) + Send + Sync + 'static,
) {
    let main = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| match fate(std::thread::current().id(), main, terminal::is_taken()) {
        Fate::Told => {
            terminal::restore();
            tell(&report(panic));
        }
        Fate::Noticed => {
            let at = panic.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
            notice(format!(
                "a part of this console failed{at}: some of what it shows may stay old. Leave and open it again; the \
                 log has the report"
            ));
            tracing::error!(report = report(panic), "a part of the console panicked");
        }
    }));
}

fn notice(text: String) {
    let mut notices = NOTICES.lock().unwrap_or_else(PoisonError::into_inner);
    if notices.len() < MOST {
        notices.push(text);
    }
    drop(notices);
    // Kept until somebody asks.
    CAME.notify_one();
}

/// Waits until a part of the console has failed; what the screen is to say of it.
pub(super) async fn noticed() -> Vec<String> {
    CAME.notified().await;
    std::mem::take(&mut *NOTICES.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_panic_that_ends_the_process_gives_the_terminal_back() {
        let main = std::thread::current().id();
        let other = std::thread::spawn(|| std::thread::current().id()).join().unwrap();
        assert_eq!(fate(other, main, true), Fate::Noticed);
        assert_eq!(fate(main, main, true), Fate::Told);
        // Without a screen there is nothing to spoil.
        assert_eq!(fate(other, main, false), Fate::Told);
    }
}
