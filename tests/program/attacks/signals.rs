//! Signals: what was not begun ends; what was sent is waited for, kept and told.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::attacks::chain;
use crate::attacks::desk::*;

const PATIENCE: Duration = Duration::from_secs(60);
const FLIP: &str = "flip --quick change.json --approval change.json.sig --as alice --key alice --to us-east-2";

/// A program that runs, and what it says on standard error, line by line.
pub struct Runs {
    child: Child,
    lines: Receiver<String>,
    said: String,
}

impl Runs {
    pub fn start(desk: &Desk, args: &str) -> Self {
        Self::with(desk, args, &[])
    }

    pub fn with(desk: &Desk, args: &str, env: &[(&str, &str)]) -> Self {
        let mut command = desk.program();
        command.envs(env.iter().copied());
        let mut child = command.args(args.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, lines) = channel();
        let err = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || err.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Self { child, lines, said: String::new() }
    }

    /// Until something is so, looked at while the program talks.
    pub fn until(&mut self, what: &str, seen: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !seen() {
            assert!(Instant::now() < end, "waited for {what}: {}", self.said);
            if let Ok(line) = self.lines.recv_timeout(Duration::from_millis(10)) {
                self.said += &(line + "\n");
            }
        }
    }

    pub fn signal(&self, name: &str) {
        let done = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    pub fn ended(mut self) -> (Option<i32>, String) {
        let end = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            if Instant::now() >= end {
                self.child.kill().unwrap();
                panic!("it never ends: {}", self.said);
            }
            if let Ok(line) = self.lines.recv_timeout(Duration::from_millis(10)) {
                self.said += &(line + "\n");
            }
        }
        let mut out = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.said.extend(self.lines.iter().map(|line| line + "\n"));
        (self.child.wait().unwrap().code(), out + &self.said)
    }
}

#[test]
fn a_signal_after_the_write_loses_no_outcome() {
    for name in ["INT", "TERM", "HUP"] {
        let desk = Desk::own(|_| {});
        desk.propose("change.json");
        desk.approve("change.json");
        desk.world.answer_writes_late();
        let mut flip = Runs::start(&desk, FLIP);
        flip.until("the write", || desk.world.writes() > 0);
        flip.signal(name);
        let (exit, said) = flip.ended();
        assert_eq!(exit, Some(DONE), "{name}: {said}");
        assert!(said.contains("the signal does not stop it") && said.contains("verified"), "{name}: {said}");
        assert!(desk.moved());
        let kinds = chain::kinds(&desk.journal());
        assert!(kinds.contains(&"outcome".to_owned()) && kinds.contains(&"settled".to_owned()), "{name}: {kinds:?}");
    }
}

#[test]
fn a_signal_before_the_write_sends_nothing_and_says_so() {
    for name in ["INT", "TERM", "HUP"] {
        let desk = Desk::still(|_| {});
        desk.propose("change.json");
        desk.approve("change.json");
        let before = chain::read(&desk.journal()).len();
        // The states are never known: it waits for them.
        let mut estate = desk.estate.clone();
        estate.cluster.endpoints.iter_mut().for_each(|e| e.url = "http://127.0.0.1:9/v1".into());
        desk.write_estate("dark.toml", &estate);
        let mut flip = Runs::start(&desk, &format!("{FLIP} --estate dark.toml"));
        flip.until("the approval", || chain::kinds(&desk.journal()).split_off(before).iter().any(|k| k == "approved"));
        flip.signal(name);
        let (exit, said) = flip.ended();
        assert_eq!(exit, Some(REFUSED), "{name}: {said}");
        assert!(said.contains("a signal ended this command before it had done anything"), "{name}: {said}");
        assert!(!chain::kinds(&desk.journal()).contains(&"intent".to_owned()), "{name}");
        desk.nothing_moved("a flip that was ended");
    }
}

#[test]
fn a_signal_ends_a_proposal_before_it_is_one() {
    let desk = Desk::still(|_| {});
    let mut estate = desk.estate.clone();
    estate.cluster.endpoints.iter_mut().for_each(|e| e.url = "http://127.0.0.1:9/v1".into());
    desk.write_estate("dark.toml", &estate);
    let args =
        "propose --quick --despite x --as alice --key alice --to us-east-2 --reason r -o c.json --estate dark.toml";
    let mut propose = Runs::start(&desk, args);
    propose.until("the journal", || desk.journal().exists() && !chain::kinds(&desk.journal()).is_empty());
    propose.signal("INT");
    let (exit, said) = propose.ended();
    assert_eq!(exit, Some(REFUSED), "{said}");
    assert!(said.contains("nothing was changed") && !desk.path("c.json").exists(), "{said}");
}
