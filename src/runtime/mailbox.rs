//! What waits for the terminal: bytes in their order, from a sender that never waits, to a thread that writes them.
//!
//! A terminal that reads slowly, or not at all, holds up only that thread.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Bytes that may wait. Into an empty box goes a message of any length: a frame is one.
const MOST: usize = 512 * 1024;
/// Bytes that are written at once: what has been handed to a terminal that does not read cannot be taken back.
const CHUNK: usize = 1024;
/// How long the thread waits for a terminal that is set not to block and takes nothing now.
const PAUSE: Duration = Duration::from_millis(10);

/// A terminal's mailbox. Copies of it lead to the same terminal.
#[derive(Clone)]
pub(super) struct Mailbox(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    emptied: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<u8>,
    /// The thread has bytes in its hands.
    writing: bool,
    /// Writing failed: the terminal is gone.
    gone: bool,
    /// The last bytes are in: nothing goes behind them until the box is opened again.
    left: bool,
    /// Nothing more comes.
    closed: bool,
    /// Bytes that were dropped and not told yet.
    dropped: usize,
}

impl State {
    fn is_empty(&self) -> bool {
        self.gone || self.waiting.is_empty() && !self.writing
    }
}

impl Mailbox {
    /// A mailbox in front of a terminal, and the thread that empties it.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), emptied: Notify::new() });
        let mailbox = Self(shared.clone());
        std::thread::Builder::new().name("terminal".into()).spawn(move || shared.write(out))?;
        Ok(mailbox)
    }

    /// Puts bytes behind those that wait. Where too many do, they are dropped whole, and [`Mailbox::dropped`] tells.
    /// Behind the last bytes nothing is put, and nobody misses it.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn post(&self, bytes: &[u8]) -> io::Result<()> {
        self.put(bytes, |state| !state.left)
    }

    /// Opens the box, with these bytes first.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn enter(&self, first: &[u8]) -> io::Result<()> {
        self.put(first, |state| {
            state.left = false;
            true
        })
    }

    /// Puts the last bytes in, once: what is posted afterwards, by whichever thread, is not written.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn leave(&self, last: &[u8]) -> io::Result<()> {
        self.put(last, |state| !std::mem::replace(&mut state.left, true))
    }

    fn put(&self, bytes: &[u8], may: impl FnOnce(&mut State) -> bool) -> io::Result<()> {
        let mut state = self.0.lock();
        if state.gone {
            return Err(io::Error::new(ErrorKind::BrokenPipe, "the terminal is gone"));
        }
        if !may(&mut state) {
            return Ok(());
        }
        if state.waiting.is_empty() || state.waiting.len() + bytes.len() <= MOST {
            state.waiting.extend(bytes);
        } else {
            state.dropped += bytes.len();
        }
        drop(state);
        self.0.changed.notify_all();
        Ok(())
    }

    /// Forgets what waits, but not what is being written, and puts these bytes in its place.
    pub(super) fn only(&self, bytes: &[u8]) {
        let mut state = self.0.lock();
        state.waiting.clear();
        state.waiting.extend(bytes);
        drop(state);
        self.0.changed.notify_all();
    }

    /// Nothing more comes: the thread ends when it has written what waits.
    pub(super) fn close(&self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }

    /// Whether bytes wait or are being written.
    pub(super) fn is_busy(&self) -> bool {
        !self.0.lock().is_empty()
    }

    /// How many bytes were dropped since this was asked last.
    pub(super) fn dropped(&self) -> usize {
        std::mem::take(&mut self.0.lock().dropped)
    }

    /// Waits until the terminal has taken everything, or is gone.
    pub(super) async fn emptied(&self) {
        loop {
            let emptied = self.0.emptied.notified();
            if !self.is_busy() {
                return;
            }
            emptied.await;
        }
    }

    /// The same for a thread, which waits so long at most; whether it came so far.
    pub(super) fn emptied_within(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        let mut state = self.0.lock();
        while !state.is_empty() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.0.wait(state, left);
        }
        true
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>, most: Duration) -> MutexGuard<'s, State> {
        self.changed.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner).0
    }

    fn write(&self, mut out: impl Write) {
        let mut state = self.lock();
        loop {
            if state.waiting.is_empty() {
                if state.closed {
                    return;
                }
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let chunk = CHUNK.min(state.waiting.len());
            let chunk: Vec<u8> = state.waiting.drain(..chunk).collect();
            state.writing = true;
            drop(state);
            let written = self.write_chunk(&mut out, &chunk);
            state = self.lock();
            state.writing = false;
            state.gone = written.is_err();
            if state.is_empty() {
                self.changed.notify_all();
                self.emptied.notify_waiters();
            }
            if state.gone {
                return;
            }
        }
    }

    fn write_chunk(&self, out: &mut impl Write, mut chunk: &[u8]) -> io::Result<()> {
        while !chunk.is_empty() {
            match out.write(chunk) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => chunk = chunk.get(n..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // The terminal is shared, and somebody else has set it so.
                Err(error) if error.kind() == ErrorKind::WouldBlock => drop(self.wait(self.lock(), PAUSE)),
                Err(error) => return Err(error),
            }
        }
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    /// A terminal that takes a chunk whenever it is let.
    struct Slow(SyncSender<Vec<u8>>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(|_| io::Error::from(ErrorKind::BrokenPipe))?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Mailbox, Receiver<Vec<u8>>) {
        let (send, taken) = sync_channel(0);
        (Mailbox::start(Slow(send)).unwrap(), taken)
    }

    fn read(taken: &Receiver<Vec<u8>>, bytes: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while all.len() < bytes {
            all.extend(taken.recv_timeout(SOON).unwrap());
        }
        all
    }

    #[test]
    fn nobody_waits_for_a_terminal_that_does_not_read_and_the_order_is_kept() {
        let (mailbox, taken) = slow();
        let said: Vec<String> = (0..1000).map(|n| format!("{n};")).collect();
        said.iter().for_each(|text| mailbox.post(text.as_bytes()).unwrap());
        assert!(mailbox.is_busy() && !mailbox.emptied_within(Duration::ZERO));
        let all = said.concat();
        assert_eq!(String::from_utf8(read(&taken, all.len())).unwrap(), all);
        assert!(mailbox.emptied_within(SOON) && !mailbox.is_busy());
        assert_eq!(mailbox.dropped(), 0);
    }

    #[test]
    fn what_does_not_fit_is_dropped_whole_and_counted() {
        let (mailbox, taken) = slow();
        let frame = vec![b'f'; MOST + 2 * CHUNK];
        mailbox.post(&frame).unwrap();
        // One chunk is with the thread, and what waits is still too much.
        mailbox.post(b"lost").unwrap();
        assert_eq!((mailbox.dropped(), mailbox.dropped()), (4, 0));
        assert_eq!(read(&taken, frame.len()), frame);
        assert!(mailbox.emptied_within(SOON));
        mailbox.post(b"kept").unwrap();
        assert_eq!(read(&taken, 4), b"kept");
    }

    #[test]
    fn the_last_words_come_instead_of_what_waits() {
        let (mailbox, taken) = slow();
        mailbox.post(&vec![b'f'; 10 * CHUNK]).unwrap();
        mailbox.only(b"bye");
        mailbox.close();
        let mut all = Vec::new();
        while !all.ends_with(b"bye") {
            all.extend(taken.recv_timeout(SOON).unwrap());
        }
        assert!(all.len() <= CHUNK + 3, "{} bytes came", all.len());
    }

    #[test]
    fn nothing_goes_behind_the_last_bytes_until_the_box_is_opened_again() {
        let (mailbox, taken) = slow();
        mailbox.enter(b"hello;").unwrap();
        mailbox.post(b"frame;").unwrap();
        // Whoever draws does not know yet.
        let drawing = mailbox.clone();
        mailbox.leave(b"bye;").unwrap();
        std::thread::spawn(move || drawing.post(b"late;").unwrap()).join().unwrap();
        mailbox.leave(b"bye again;").unwrap();
        mailbox.enter(b"back;").unwrap();
        mailbox.post(b"frame;").unwrap();
        let all = b"hello;frame;bye;back;frame;";
        assert_eq!(read(&taken, all.len()), all);
        assert!(mailbox.emptied_within(SOON));
        assert_eq!(mailbox.dropped(), 0);
    }

    #[test]
    fn a_terminal_that_has_gone_is_told_and_nobody_waits_for_it() {
        let (mailbox, taken) = slow();
        drop(taken);
        mailbox.post(b"x").unwrap();
        assert!(mailbox.emptied_within(SOON));
        assert_eq!(mailbox.post(b"y").unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
