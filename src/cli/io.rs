//! What a command sees of the outside: streams, clock, agent. Injected, so that tests drive commands.

use std::io::{self, BufRead, IsTerminal as _, Write};
use std::path::PathBuf;

use super::exit::Exit;
use crate::hygiene::{is_hidden, print};
use crate::time::Timestamp;

pub(super) use crate::hygiene::print::{complain, put, say};

/// A command's outside.
pub struct Io<'a> {
    /// Where answers come from.
    pub stdin: &'a mut dyn BufRead,
    /// Whether a person sits at `stdin`.
    pub terminal: bool,
    /// Columns of the terminal that results go to.
    pub columns: usize,
    /// Where results go.
    pub out: &'a mut dyn Write,
    /// Where errors go.
    pub err: &'a mut dyn Write,
    /// Asks for a passphrase without showing it; the argument is the question.
    pub secret: &'a mut dyn FnMut(&str) -> io::Result<String>,
    /// The wall clock.
    pub now: &'a dyn Fn() -> Timestamp,
    /// The ssh-agent's socket (`SSH_AUTH_SOCK`).
    pub agent: Option<PathBuf>,
}

/// Runs a command on this process's own streams, clock and agent.
pub fn with_terminal<T>(run: impl FnOnce(&mut Io<'_>) -> T) -> T {
    let (mut stdin, mut out, mut err) = (io::stdin().lock(), print::stdout(), print::stderr());
    run(&mut Io {
        terminal: io::stdin().is_terminal(),
        columns: columns(),
        stdin: &mut stdin,
        out: &mut out,
        err: &mut err,
        secret: &mut ask_secret,
        now: &|| crate::runtime::Clock::real().now().wall,
        agent: std::env::var_os("SSH_AUTH_SOCK").filter(|s| !s.is_empty()).map(PathBuf::from),
    })
}

/// Columns of the terminal; 80 without one.
fn columns() -> usize {
    let wide = io::stdout().is_terminal().then(|| crossterm::terminal::size().ok()).flatten();
    wide.map_or(80, |(columns, _)| usize::from(columns))
}

/// How the program ends when everything has been printed. If results were lost, a success or a printed verdict becomes
/// a failure. A code that says that something was or was not done stays true.
#[must_use]
pub fn finish(exit: Exit) -> Exit {
    let Some(why) = print::finish() else { return exit };
    complain!("signalbox: failed to print: {why}");
    match exit {
        Exit::Ok | Exit::Impaired => Exit::Failed,
        told => told,
    }
}

/// Asks for a passphrase on the terminal without showing it.
///
/// # Errors
/// When there is no terminal, or the asking was broken off with Ctrl-C or Esc.
pub fn ask_secret(question: &str) -> io::Result<String> {
    use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, read};
    let mut err = print::stderr();
    write!(err, "{question}")?;
    err.flush()?;
    crossterm::terminal::enable_raw_mode()?;
    let mut secret = String::new();
    let answer = loop {
        let key = match read() {
            Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => key,
            Ok(_) => continue,
            Err(e) => break Err(e),
        };
        match key.code {
            KeyCode::Enter => break Ok(secret),
            KeyCode::Esc => break Err(io::ErrorKind::Interrupted.into()),
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                break Err(io::ErrorKind::Interrupted.into());
            }
            KeyCode::Backspace => drop(secret.pop()),
            KeyCode::Char(c) if secret.len() < 1024 => secret.push(c),
            _ => {}
        }
    };
    crossterm::terminal::disable_raw_mode()?;
    writeln!(err)?;
    answer
}

/// JSON in which what a terminal would act upon is spelt as an escape, which means the same.
#[must_use]
pub fn json_for_terminals(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        // Line breaks between values are no part of any text: inside of one they are escaped already.
        if is_hidden(c) && c != '\n' {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|u| format!("\\u{u:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}
