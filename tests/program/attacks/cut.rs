//! The journal's file cut under a running console: nobody is stuck.

use std::io::Write as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::attacks::chain;
use crate::attacks::desk::*;

const PATIENCE: Duration = Duration::from_secs(60);

/// A plain console in which somebody types a line at a time.
struct Console(Child);

impl Console {
    fn of(desk: &Desk) -> Self {
        let mut command = desk.program();
        command.args(["console", "--plain", "--as", "alice", "--key", "alice"]);
        Self(command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn types(&mut self, line: &str) {
        self.0.stdin.as_mut().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Waits until so many records of a kind are in the journal.
#[track_caller]
fn until(desk: &Desk, kind: &str, count: usize) {
    let end = Instant::now() + PATIENCE;
    let kinds = || if desk.journal().exists() { chain::kinds(&desk.journal()) } else { Vec::new() };
    while kinds().iter().filter(|k| *k == kind).count() < count {
        assert!(Instant::now() < end, "waited for {kind}: {:?}", kinds());
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

#[test]
fn an_incident_whose_beginning_was_cut_off_ends_and_the_next_begins() {
    let desk = Desk::still(|_| {});
    let mut console = Console::of(&desk);
    until(&desk, "opened", 1);
    console.types("begin incident INC-1");
    until(&desk, "session_started", 1);
    let text = desk.read("state/journal.jsonl");
    let begun = text.find("\"kind\":\"session_started\"").unwrap();
    let left = text[..begun].rfind('\n').unwrap() + 1;
    let file = std::fs::OpenOptions::new().write(true).open(desk.journal()).unwrap();
    file.set_len(left as u64).unwrap();
    console.types("end");
    until(&desk, "session_ended", 1);
    console.types("begin incident INC-2");
    until(&desk, "session_started", 1);
    console.types("end");
    until(&desk, "session_ended", 2);
}
