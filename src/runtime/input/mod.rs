//! The keyboard: turns what a terminal sends into what a person did. It reads the bytes itself, because a terminal's
//! answer must never be a key, and a paste must never be a command.

mod burst;
mod csi;
mod light;
mod parse;
mod string;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;
use std::time::Instant;

use crossterm::event::Event;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};

use self::burst::Burst;
pub use self::burst::Came;
use self::parse::{Out, Parser};

/// Bytes that are read at once.
const READ: usize = 4096;
/// What a terminal sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// What somebody did.
    Came(Came),
    /// The terminal's ground is light, or dark.
    Light(bool),
    /// The terminal has come to the end of what it was asked.
    Fence,
}

/// A terminal's keys.
pub struct Keyboard {
    terminal: AsyncFd<File>,
    resized: Signal,
    parser: Parser,
    burst: Burst,
    waiting: VecDeque<Heard>,
}

impl Keyboard {
    /// Reads standard input where that is a terminal, else the terminal that the program was started on.
    ///
    /// # Errors
    /// When there is no terminal.
    pub fn open() -> io::Result<Self> {
        let stdin = io::stdin();
        let file =
            if stdin.is_terminal() { File::from(stdin.as_fd().try_clone_to_owned()?) } else { File::open("/dev/tty")? };
        #[expect(
            deprecated,
            reason = "it is unsound where a file is closed meanwhile, and this one is owned; no unsafe code here"
        )]
        let terminal = AsyncFd::with_interest(file, Interest::READABLE)?;
        Ok(Self {
            terminal,
            resized: signal(SignalKind::window_change())?,
            parser: Parser::default(),
            burst: Burst::default(),
            waiting: VecDeque::new(),
        })
    }

    /// The next input; none when the terminal is gone. Can be cancelled at any time without losing anything.
    pub async fn next(&mut self) -> Option<io::Result<Heard>> {
        loop {
            self.passed(Instant::now());
            if let Some(heard) = self.waiting.pop_front() {
                return Some(Ok(heard));
            }
            let until = [self.parser.until(), self.burst.until()].into_iter().flatten().min();
            let time = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until.into()).await,
                    None => std::future::pending().await,
                }
            };
            let mut bytes = [0; READ];
            tokio::select! {
                biased;
                read = read(&self.terminal, &mut bytes) => match read {
                    Ok(0) => return None,
                    Ok(n) => self.feed(bytes.get(..n).unwrap_or_default(), Instant::now()),
                    Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
                    // A terminal that was hung up.
                    Err(error) if rustix::io::Errno::from_io_error(&error) == Some(rustix::io::Errno::IO) => return None,
                    Err(error) => return Some(Err(error)),
                },
                _ = self.resized.recv() => {
                    // One that does not say how large it is has not changed.
                    if let Ok((columns, rows)) = crossterm::terminal::size() {
                        self.waiting.push_back(Heard::Came(Came::Event(Event::Resize(columns, rows))));
                    }
                }
                () = time => {}
            }
        }
    }

    /// Waits until the terminal has come to the end of a question, and swallows what else it sends; false when it is
    /// gone. What is typed meanwhile is lost.
    pub async fn answer(&mut self) -> bool {
        while let Some(Ok(heard)) = self.next().await {
            if heard == Heard::Fence {
                return true;
            }
        }
        false
    }

    fn feed(&mut self, bytes: &[u8], now: Instant) {
        let mut out = Vec::new();
        self.parser.feed(bytes, now, &mut out);
        self.sort(out, now);
    }

    fn passed(&mut self, now: Instant) {
        let mut out = Vec::new();
        self.parser.passed(now, &mut out);
        self.sort(out, now);
        let mut came = Vec::new();
        self.burst.passed(now, &mut came);
        self.waiting.extend(came.into_iter().map(Heard::Came));
    }

    fn sort(&mut self, out: Vec<Out>, now: Instant) {
        for out in out {
            match out {
                Out::Event(event) => {
                    let mut came = Vec::new();
                    self.burst.take(event, now, &mut came);
                    self.waiting.extend(came.into_iter().map(Heard::Came));
                }
                Out::Light(light) => self.waiting.push_back(Heard::Light(light)),
                Out::Fence => self.waiting.push_back(Heard::Fence),
            }
        }
    }
}

/// Reads once there is something to read.
async fn read(terminal: &AsyncFd<File>, bytes: &mut [u8]) -> io::Result<usize> {
    let mut ready = terminal.readable().await?;
    let read = rustix::io::read(terminal.get_ref(), &mut *bytes);
    // Asked again only once there is more: a read that waits would hold up everything.
    if read != Ok(bytes.len()) {
        ready.clear_ready();
    }
    Ok(read?)
}
