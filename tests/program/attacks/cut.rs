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

    /// Types a line until so many records of a kind are in the journal: what is there the console may not have heard yet.
    #[track_caller]
    fn types(&mut self, line: &str, desk: &Desk, kind: &str, count: usize) {
        let end = Instant::now() + PATIENCE;
        let kinds = || if desk.journal().exists() { chain::kinds(&desk.journal()) } else { Vec::new() };
        let there = || kinds().iter().filter(|k| *k == kind).count() >= count;
        while !there() {
            assert!(Instant::now() < end, "waited for {kind}: {:?}", kinds());
            self.0.stdin.as_mut().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
            let again = Instant::now() + Duration::from_secs(1);
            while !there() && Instant::now() < again {
                std::thread::park_timeout(Duration::from_millis(20));
            }
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Cuts the file before the first line of a kind.
fn cut_before(desk: &Desk, kind: &str) {
    let file = std::fs::OpenOptions::new().write(true).open(desk.journal()).unwrap();
    // While nobody writes: a line that is written into the cut follows none.
    file.lock().unwrap();
    let text = desk.read("state/journal.jsonl");
    let begun = text.find(&format!("\"kind\":\"{kind}\"")).unwrap();
    let left = text[..begun].rfind('\n').unwrap() + 1;
    file.set_len(left as u64).unwrap();
    file.unlock().unwrap();
}

#[test]
fn an_incident_whose_beginning_was_cut_off_ends_and_the_next_begins() {
    let desk = Desk::still(|_| {});
    let mut console = Console::of(&desk);
    console.types("begin incident INC-1", &desk, "session_started", 1);
    cut_before(&desk, "session_started");
    console.types("end", &desk, "session_ended", 1);
    console.types("begin incident INC-2", &desk, "session_started", 1);
    console.types("end", &desk, "session_ended", 2);
}

/// What would count for nothing, and make everybody look for a forger, is not written, and not called done.
#[test]
fn a_change_whose_proposal_was_cut_off_is_not_taken_back() {
    let desk = Desk::still(|_| {});
    let mut console = Console::of(&desk);
    desk.propose("change.json");
    // It has heard of the change: it withdraws nothing of which it has not.
    let seen = chain::kinds(&desk.journal()).iter().filter(|kind| *kind == "seen").count();
    console.types("note heard", &desk, "seen", seen + 1);
    cut_before(&desk, "proposed");
    console.types("withdraw", &desk, "refused", 1);
    let lines = chain::read(&desk.journal());
    assert!(lines.iter().all(|line| line.kind() != "withdrawn"));
    let why = &lines[chain::place(&lines, "refused")].record["why"];
    assert!(why.as_str().unwrap().contains("its proposal is not in the journal"), "{why}");
    let said = desk.expect("journal verify state --estate estate.toml", DONE);
    assert!(said.contains("proves what it says"), "{said}");
}
