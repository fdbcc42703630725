//! Lines that prove nothing, or are missing, hold nobody up: every command ends, by itself or by a signal.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use signalbox::change::{Digest, Nonce};
use signalbox::event::{FlipEnd, FlipOutcome};
use signalbox::record::Signed;
use signalbox::time::Timestamp;

use crate::attacks::chain;
use crate::attacks::desk::*;

/// Longer than any of these commands takes.
const PATIENCE: Duration = Duration::from_secs(90);

/// Runs the program; one that does not end fails the test, and is ended.
#[track_caller]
fn ends(desk: &Desk, args: &str) -> (i32, String) {
    let mut command = desk.program();
    let out = std::fs::File::create(desk.path("said")).unwrap();
    command.args(args.split(' ')).stdout(out.try_clone().unwrap()).stderr(out).stdin(Stdio::null());
    let mut child: Child = command.spawn().unwrap();
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code().unwrap_or(-1), desk.read("said"));
        }
        if Instant::now() > end {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("signalbox {args} never ended: {}", desk.read("said"));
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

#[track_caller]
fn expect(desk: &Desk, args: &str, code: i32) -> String {
    let (exit, said) = ends(desk, args);
    assert_eq!(exit, code, "signalbox {args}\n{said}");
    said
}

/// A second key that nobody turned.
fn intent(change: &Digest) -> Value {
    let signed = Signed { at: Timestamp::now(), nonce: Nonce(0), signature: "x".into() };
    json!({ "kind": "intent", "change": change, "by": "alice", "region": "us-east-2", "signed": signed })
}

fn add(desk: &Desk, record: Value) {
    let mut lines = chain::read(&desk.journal());
    lines.push(lines.last().unwrap().saying(record));
    chain::write(&desk.journal(), &lines);
}

fn kinds(desk: &Desk, kind: &str) -> usize {
    chain::kinds(&desk.journal()).iter().filter(|k| *k == kind).count()
}

const ALICE: &str = "--as alice --key alice";

#[test]
fn a_second_key_that_nobody_turned_keeps_nobody_from_taking_the_change_back() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    add(&desk, intent(&desk.digest("change.json")));
    let said = expect(&desk, "journal verify state --estate estate.toml", JOURNAL);
    assert!(said.contains("1 change, 0 of them run"), "{said}");
    let said = expect(&desk, &format!("withdraw change.json {ALICE}"), DONE);
    assert!(said.contains("withdrawn") && !said.contains("run already"), "{said}");
    assert_eq!(kinds(&desk, "withdrawn"), 1);
}

/// Another change moves the controls of the one that a forged line calls sent: that one is void, and nobody waits.
#[test]
fn a_second_key_that_nobody_turned_holds_up_no_other_change() {
    let desk = Desk::own(|_| {});
    desk.propose("forged.json");
    desk.propose("change.json");
    desk.approve("change.json");
    add(&desk, intent(&desk.digest("forged.json")));
    let to = "--to us-east-2";
    let said = expect(&desk, &format!("flip --quick change.json --approval change.json.sig {ALICE} {to}"), DONE);
    assert!(said.contains("verified"), "{said}");
    expect(&desk, &format!("incident start INC-1 {ALICE}"), DONE);
    assert_eq!(kinds(&desk, "voided"), 1);
    let said = expect(&desk, &format!("flip --quick forged.json {ALICE} {to}"), REFUSED);
    assert!(said.contains("void"), "{said}");
}

/// Only the line of the second key was taken out: what came of it is there.
#[test]
fn a_change_whose_second_key_was_cut_off_did_run() {
    let desk = Desk::own(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    let flip = format!("flip --quick change.json --approval change.json.sig {ALICE} --to us-east-2");
    expect(&desk, &flip, DONE);
    let writes = desk.world.writes();
    let mut lines = chain::read(&desk.journal());
    lines.remove(chain::place(&lines, "intent"));
    chain::write(&desk.journal(), &lines);
    let bad = chain::place(&lines, "outcome") + 1;
    for _ in 0..2 {
        let said = expect(&desk, &flip, DONE);
        assert!(said.contains("verified already; a change runs once"), "{said}");
    }
    let said = expect(&desk, "journal verify state --estate estate.toml", JOURNAL);
    assert!(said.contains(&format!("signalbox: line {bad}: outcome")), "{said}");
    expect(&desk, &format!("incident start INC-1 {ALICE}"), DONE);
    assert_eq!(desk.world.writes(), writes, "it ran twice");
}

/// Of a change that is open nobody has sent anything: it runs no more, and what came of it is read.
#[test]
fn an_outcome_that_nobody_saw_is_named_and_read_back() {
    let desk = Desk::own(|_| {});
    desk.propose("change.json");
    let end = FlipEnd::Applied { endpoint: "us-east-1".into() };
    let outcome = FlipOutcome { end, attempts: Vec::new() };
    let mut lines = chain::read(&desk.journal());
    lines.push(lines.last().unwrap().saying(json!({
        "kind": "outcome", "change": desk.digest("change.json"), "outcome": outcome
    })));
    chain::write(&desk.journal(), &lines);
    let said = expect(&desk, "journal verify state --estate estate.toml", JOURNAL);
    assert!(said.contains(&format!("signalbox: line {}: outcome", lines.len())), "{said}");
    let said = expect(&desk, &format!("flip --quick change.json {ALICE} --to us-east-2"), REFUSED);
    assert!(said.contains("not applied"), "{said}");
    desk.nothing_moved("an outcome that nobody saw");
}
