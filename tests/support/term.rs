//! A program in a pseudo-terminal: type, and wait for text. Never sleeps for a fixed time.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything is waited for. Generous: two cores may be busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// What comes so long behind other keys is a hand's: it is time itself that the program measures there.
const BY_ITSELF: Duration = Duration::from_millis(400);
/// How long the program's output is waited for between two looks at something else.
const LOOK: Duration = Duration::from_millis(20);

pub struct Term {
    parser: vt100::Parser,
    bytes: Receiver<Vec<u8>>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    /// Whether the terminal reads what the program writes.
    reads: Arc<(Mutex<bool>, Condvar)>,
    /// Everything the program wrote.
    pub raw: Vec<u8>,
}

impl Term {
    /// Starts `signalbox` with these arguments.
    pub fn start(columns: u16, rows: u16, args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::of(env!("CARGO_BIN_EXE_signalbox"), columns, rows, args, env)
    }

    /// Starts a program with these arguments.
    pub fn of(program: &str, columns: u16, rows: u16, args: &[&str], env: &[(&str, &str)]) -> Self {
        let pty = native_pty_system()
            .openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        // Nothing of this machine's own settings may be needed.
        command.env("HOME", "/nonexistent");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).expect("signalbox starts");
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().expect("a reader");
        let (send, bytes) = channel();
        let reads = Arc::new((Mutex::new(true), Condvar::new()));
        let gate = reads.clone();
        std::thread::spawn(move || {
            let mut buffer = [0u8; 65536];
            loop {
                drop(gate.1.wait_while(gate.0.lock().expect("a gate"), |open| !*open).expect("a gate"));
                let Ok(n) = reader.read(&mut buffer) else { return };
                if n == 0 || send.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let writer = pty.master.take_writer().expect("a writer");
        let parser = vt100::Parser::new(size(rows), size(columns), 0);
        Self { parser, bytes, writer, child, master: pty.master, reads, raw: Vec::new() }
    }

    /// Whether the terminal reads on: one that does not takes a few thousand bytes more, and then holds up who writes.
    pub fn reads(&mut self, on: bool) {
        *self.reads.0.lock().expect("a gate") = on;
        self.reads.1.notify_all();
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// Types.
    pub fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("the terminal takes keys");
        self.writer.flush().expect("the terminal takes keys");
    }

    /// Presses a key by hand: well behind whatever came before it.
    pub fn press(&mut self, key: &str) {
        let end = Instant::now() + BY_ITSELF;
        self.until("a hand's pace", |_| Instant::now() >= end);
        self.send(key);
    }

    /// Types into a field as a hand does: a key, and the next one when the field shows the first.
    pub fn by_hand(&mut self, label: &str, text: &str) {
        for (at, c) in text.char_indices() {
            let key = c.to_string();
            if at == 0 {
                self.press(&key)
            } else {
                self.send(&key)
            }
            self.wait(&format!("{label}  {}{c}", &text[..at]));
        }
    }

    /// Waits until something is so that the program does, on its screen or elsewhere.
    pub fn until(&mut self, what: &str, mut seen: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !seen(self) {
            assert!(Instant::now() < end, "waited for {what}; the screen shows:\n{}", self.text());
            match self.bytes.recv_timeout(LOOK) {
                Ok(bytes) => self.take(bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    assert!(seen(self), "the program ended; waited for {what}; the screen shows:\n{}", self.text());
                }
            }
        }
    }

    fn take(&mut self, bytes: Vec<u8>) {
        self.parser.process(&bytes);
        self.raw.extend(bytes);
    }

    /// Waits until the screen shows what is waited for.
    pub fn wait_for(&mut self, what: &str, mut shows: impl FnMut(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let text = self.text();
            if shows(&text) {
                return text;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited for {what}; the screen shows:\n{text}");
            match self.bytes.recv_timeout(left) {
                Ok(bytes) => self.take(bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let text = self.text();
                    assert!(shows(&text), "the program ended; waited for {what}; the screen shows:\n{text}");
                    return text;
                }
            }
        }
    }

    /// Waits until the screen holds a text.
    pub fn wait(&mut self, text: &str) -> String {
        self.wait_for(&format!("“{text}”"), |screen| screen.contains(text))
    }

    /// Waits until the program has ended; its exit code.
    pub fn end(&mut self) -> u32 {
        self.end_within(PATIENCE)
    }

    /// The same, where it must not take long.
    pub fn end_within(&mut self, patience: Duration) -> u32 {
        let end = Instant::now() + patience;
        loop {
            while let Ok(bytes) = self.bytes.try_recv() {
                self.take(bytes);
            }
            if let Some(status) = self.child.try_wait().expect("a child") {
                while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(200)) {
                    self.take(bytes);
                }
                return status.exit_code();
            }
            assert!(Instant::now() < end, "the program did not end; the screen shows:\n{}", self.text());
            if let Ok(bytes) = self.bytes.recv_timeout(LOOK) {
                self.take(bytes);
            }
        }
    }

    /// Changes the size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).expect("a resize");
        self.parser.screen_mut().set_size(size(rows), size(columns));
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a process id")
    }
}

impl Drop for Term {
    fn drop(&mut self) {
        self.reads(true);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(n: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(n).expect("a size above zero")
}
