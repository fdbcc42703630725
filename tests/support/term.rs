//! A program in a pseudo-terminal: type, and wait for text. Never sleeps for a fixed time.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything is waited for. Generous: two cores may be busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(90);

pub struct Term {
    parser: vt100::Parser,
    bytes: Receiver<Vec<u8>>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
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
        std::thread::spawn(move || {
            let mut buffer = [0u8; 65536];
            while let Ok(n) = reader.read(&mut buffer) {
                if n == 0 || send.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let writer = pty.master.take_writer().expect("a writer");
        let parser = vt100::Parser::new(size(rows), size(columns), 0);
        Self { parser, bytes, writer, child, master: pty.master, raw: Vec::new() }
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
                Ok(bytes) => {
                    self.parser.process(&bytes);
                    self.raw.extend(bytes);
                }
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
        let end = Instant::now() + PATIENCE;
        loop {
            while let Ok(bytes) = self.bytes.try_recv() {
                self.parser.process(&bytes);
                self.raw.extend(bytes);
            }
            if let Some(status) = self.child.try_wait().expect("a child") {
                while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(200)) {
                    self.parser.process(&bytes);
                    self.raw.extend(bytes);
                }
                return status.exit_code();
            }
            assert!(Instant::now() < end, "the program did not end; the screen shows:\n{}", self.text());
            if let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(50)) {
                self.parser.process(&bytes);
                self.raw.extend(bytes);
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
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(n: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(n).expect("a size above zero")
}
