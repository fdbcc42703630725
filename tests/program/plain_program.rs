//! `--plain` as a whole program with pipes: no terminal anywhere, a second process approves, traffic moves.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::term::Term;

/// How long anything is waited for. Generous: two cores may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks at what no line tells.
const A_LITTLE: Duration = Duration::from_millis(20);

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
    command.args(args).env_clear().env("HOME", "/nonexistent").stdin(Stdio::null());
    // A proxy of the environment must not come between the console and loopback.
    command.env("HTTP_PROXY", "http://127.0.0.1:9").env("http_proxy", "http://127.0.0.1:9");
    command
}

fn demo(folder: &Path) -> Vec<&str> {
    let folder = folder.to_str().expect("a plain path");
    vec!["demo", "--kind", "--plain", "--speed", "10", "--scenario", "region-outage", "--folder", folder]
}

/// A program with pipes at all ends.
struct Piped {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Piped {
    fn start(args: &[&str]) -> Self {
        let mut child =
            program(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (send, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Self { stdin: child.stdin.take(), child, lines, heard: Vec::new() }
    }

    fn types(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for a line that holds a text.
    #[track_caller]
    fn hears(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.heard.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(_) => panic!("waited for `{text}`; heard:\n{}", self.heard.join("\n")),
            }
        }
    }

    fn end(&mut self) -> Option<i32> {
        let end = Instant::now() + PATIENCE;
        // Its output ends when it does.
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.heard.push(line),
                Err(RecvTimeoutError::Disconnected) => return self.child.wait().unwrap().code(),
                Err(RecvTimeoutError::Timeout) => panic!("it did not end; heard:\n{}", self.heard.join("\n")),
            }
        }
    }

    /// Waits for what no line tells; looks again with each line, and a little later where there is none.
    #[track_caller]
    fn until(&mut self, what: &str, seen: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !seen() {
            assert!(Instant::now() < end, "waited for {what}; heard:\n{}", self.heard.join("\n"));
            self.heard.extend(self.lines.recv_timeout(A_LITTLE));
        }
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn two_people_move_traffic_without_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut alice = Piped::start(&demo(folder.path()));
    alice.hears("You are alice and may propose, turn the second key");
    alice.hears("End of summary.");
    alice.hears("pair east, now, failure: us-east-1 is impaired since");
    alice.types("fail over portal targets gone, INC-4471");
    let waits = alice.hears("waits for 1 approval");
    let words = waits.split("change, action: change ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    alice.types("second key us-east-2");
    alice.hears("second key refused");

    let change = folder.path().join("incident").join(format!("{words}.change"));
    // The file follows the line by a few milliseconds: it waits for the journal.
    alice.until("the change file", || change.exists());
    let key = folder.path().join("bob");
    let approve = ["approve", change.to_str().unwrap(), "--key", key.to_str().unwrap(), "--code", words.as_str()];
    let approved = program(&approve).output().unwrap();
    assert!(approved.status.success(), "{approved:?}");

    alice.hears("is approved by bob; alice must turn the second key");
    alice.types("second key us-east-1");
    alice.hears("is not the receiving region");
    alice.types("second key us-east-2");
    alice.hears(&format!("change {words} is verified"));
    alice.hears("traffic has moved to us-east-2. When people have been told type: told");
    alice.types("told");
    alice.hears("step 7 of 7, told, is done");
    alice.types("quit");
    assert_eq!(alice.end(), Some(0));
    let all = alice.heard.join("\n");
    assert!(!all.contains('\x1b') && !all.contains('\x07') && !all.contains('\r'), "control characters:\n{all}");
}

/// At a keyboard, what comes together with more was pasted: it moves nothing. In a pipe, lines come together on purpose.
#[test]
fn a_pasted_line_moves_no_traffic_at_a_keyboard_and_a_piped_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut typed = Term::start(200, 200, &demo(folder.path()), &[]);
    typed.wait("End of summary.");
    typed.wait("us-east-1 is impaired since");
    typed.send("fail over INC-4471\r");
    typed.wait("fail over INC-4471");
    // What a busy machine has not read yet stops it.
    typed.send("despite unread checks\r");
    typed.wait("waits for 1 approval");
    typed.send("sign as the second person\r");
    typed.wait("must turn the second key");
    for pasted in ["second key us-east-2\rpair east\r", "pair east\rsecond key us-east-2\r"] {
        let before = typed.text().matches("by hand").count();
        typed.send(pasted);
        typed.wait_for("the refusal", |s| s.matches("by hand").count() > before);
    }
    assert!(!std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap().contains("\"kind\":\"intent\""));
    typed.send("second key us-east-2\r");
    typed.wait("is verified");

    let folder = tempfile::tempdir().unwrap();
    let mut piped = Piped::start(&demo(folder.path()));
    piped.hears("End of summary.");
    piped.hears("us-east-1 is impaired since");
    piped.types("fail over INC-4471\ndespite unread checks");
    piped.hears("waits for 1 approval");
    piped.types("sign as the second person");
    piped.hears("must turn the second key");
    piped.types("pair east\nsecond key us-east-2\npair east");
    piped.hears("is verified");
}

#[test]
fn a_screen_without_a_terminal_is_refused_with_what_to_do_instead() {
    let folder = tempfile::tempdir().unwrap();
    let estate = folder.path().join("estate.toml");
    std::fs::write(&estate, include_str!("../support/small.toml")).unwrap();
    let state = folder.path().join("state");
    let console = ["console", "--estate", estate.to_str().unwrap(), "--state", state.to_str().unwrap()];
    for args in [&console[..], &["demo"]] {
        let out = program(args).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(!out.status.success());
        assert!(said.contains("standard output is no terminal; give --plain"), "{said}");
        assert!(out.stdout.is_empty(), "nothing is drawn");
    }
    assert!(!state.exists(), "nothing was opened");
}

#[test]
fn the_end_of_a_pipe_ends_commands_and_a_reader_who_goes_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = Piped::start(&demo(folder.path()));
    lines.stdin = None;
    lines.hears("End of summary.");
    lines.hears("us-east-1 is impaired and has traffic");

    let folder = tempfile::tempdir().unwrap();
    let mut child = program(&demo(folder.path())).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut some = [0u8; 10];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    // Whoever read it is gone now.
    let (id, (send, ended)) = (child.id().to_string(), channel());
    std::thread::spawn(move || send.send(child.wait()));
    match ended.recv_timeout(PATIENCE) {
        Ok(status) => assert_eq!(status.unwrap().code(), Some(0)),
        Err(_) => {
            let _ = Command::new("kill").arg(id).status();
            panic!("it goes on talking to nobody");
        }
    }
}

#[test]
fn a_rehearsal_is_heard_while_it_plays() {
    let out = program(&["rehearse", "calm", "--speed", "40", "--plain"]).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{said}\n{}", String::from_utf8_lossy(&out.stderr));
    for text in ["You have no name here and may look on.", "End of summary.", "is verified: ", "traffic has moved to"] {
        assert!(said.contains(text), "{text}:\n{said}");
    }
    let json = program(&["rehearse", "calm", "--plain", "--json"]).output().unwrap();
    assert_eq!(json.status.code(), Some(2), "lines and JSON are two things");
}
