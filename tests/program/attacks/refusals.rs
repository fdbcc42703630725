//! Every no is in the journal, and nobody can fill the disk with them.

use signalbox::change::Act;

use crate::attacks::chain;
use crate::attacks::desk::*;

/// What a refused command leaves behind.
#[track_caller]
fn leaves(desk: &Desk, args: &str, exit: i32, by: Option<&str>, word: &str) {
    let before = chain::read(&desk.journal()).len();
    let said = desk.expect(args, exit);
    let after: Vec<_> = chain::read(&desk.journal()).split_off(before);
    let refused: Vec<_> =
        after.iter().map(|l| &l.record).filter(|r| r["kind"].as_str().unwrap().contains("refused")).collect();
    let [one] = refused.as_slice() else { panic!("{args}: one refusal, not {refused:?}\n{said}") };
    assert!(one["why"].as_str().unwrap().contains(word), "{args}: {one}");
    if let Some(by) = by {
        assert_eq!(one["by"], by, "{args}: {one}");
    }
    assert!(!after.iter().any(|l| l.kind() == "intent"), "{args}");
    desk.nothing_moved(args);
}

#[test]
fn a_refusal_is_kept_whatever_was_refused() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    desk.propose("elsewhere.json");
    let elsewhere = desk.text("elsewhere.json");
    // Of another journal: nobody knows it here.
    desk.expect(
        "propose --quick --despite x --as alice --key alice --to us-east-2 --reason r -o foreign.json --state other",
        DONE,
    );
    desk.write("tampered.json", desk.read("change.json").replace("reason: test", "reason: tess"));
    desk.write("garbage.json", "{");
    let me = "--as alice --key alice";
    for (args, exit, by, word) in [
        (format!("flip --quick tampered.json {me} --to us-east-2"), REFUSED, Some("alice"), "tampered.json"),
        (format!("flip --quick garbage.json {me} --to us-east-2"), USAGE, Some("alice"), "garbage.json"),
        (
            format!("flip --quick foreign.json {me} --to us-east-2"),
            REFUSED,
            Some("alice"),
            "not proposed from this journal",
        ),
        (
            "flip --quick change.json --as nobody --key alice --to us-east-2".into(),
            USAGE,
            Some("alice (as nobody)"),
            "failed to find `nobody`",
        ),
        (
            "flip --quick change.json --as alice --key bob --to us-east-2".into(),
            USAGE,
            Some("bob (as alice)"),
            "no key here is a key of alice",
        ),
        (
            "flip --quick change.json --as alice --to us-east-2".into(),
            USAGE,
            Some("somebody (as alice)"),
            "no ssh-agent",
        ),
        (
            "flip --quick change.json --as carol --key carol --to us-east-2".into(),
            USAGE,
            Some("carol"),
            "operator role",
        ),
        (format!("withdraw tampered.json {me}"), REFUSED, Some("alice"), "tampered.json"),
        (format!("withdraw foreign.json {me}"), REFUSED, Some("alice"), "not proposed from this journal"),
        ("withdraw change.json --as bob --key bob".into(), REFUSED, Some("bob"), "only alice"),
        (
            "withdraw change.json --as nobody --key alice".into(),
            USAGE,
            Some("alice (as nobody)"),
            "failed to find `nobody`",
        ),
        ("reject change.json --reason no --as carol --key carol".into(), USAGE, Some("carol"), "approver role"),
        (
            "reject change.json --reason no --as nobody --key bob".into(),
            USAGE,
            Some("bob (as nobody)"),
            "failed to find `nobody`",
        ),
        ("reject tampered.json --reason no --as bob --key bob".into(), REFUSED, Some("bob"), "tampered.json"),
        (
            "propose --quick --to us-east-2 --reason r --as nobody --key alice -o x.json".into(),
            USAGE,
            Some("alice (as nobody)"),
            "failed to find `nobody`",
        ),
        (
            "propose --quick --to us-east-2 --reason r --as alice --key bob -o x.json".into(),
            USAGE,
            Some("bob (as alice)"),
            "no key here",
        ),
        (
            format!("propose --quick --to us-east-2 --reason r {me} -o x.json"),
            REFUSED,
            Some("alice"),
            "preflight fails",
        ),
        (
            "drill start d --type monthly --as nobody --key alice".into(),
            USAGE,
            Some("alice (as nobody)"),
            "failed to find `nobody`",
        ),
        ("incident start i --as alice --key bob".into(), USAGE, Some("bob (as alice)"), "no key here"),
        ("console --plain --as nobody --key alice".into(), USAGE, Some("alice (as nobody)"), "failed to find `nobody`"),
        (
            "flip --quick change.json --as alice --key alice --to us-east-2 --approval nothing.sig".into(),
            FAILED,
            Some("alice"),
            "nothing.sig",
        ),
        ("incident end --as alice --key bob".into(), USAGE, Some("bob (as alice)"), "no key here"),
    ] {
        leaves(&desk, &args, exit, by, word);
    }
    assert_eq!(elsewhere.by.as_str(), "alice");
    // A second run: what is over is over, and that somebody tried is kept.
    desk.expect(&format!("withdraw elsewhere.json {me}"), DONE);
    leaves(
        &desk,
        &format!("flip --quick elsewhere.json {me} --to us-east-2"),
        REFUSED,
        Some("alice"),
        "withdrawn already",
    );
    leaves(&desk, &format!("withdraw elsewhere.json {me}"), REFUSED, Some("alice"), "withdrawn");
}

/// Whoever asks the approvers' keys in another's name is refused as everywhere.
#[test]
fn a_refusal_of_the_approvers_drill_is_kept() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    leaves(&desk, "drill approvers --as bob --key alice", USAGE, Some("alice (as bob)"), "no key here is a key of bob");
    leaves(
        &desk,
        "drill approvers --as nobody --key alice",
        USAGE,
        Some("alice (as nobody)"),
        "failed to find `nobody`",
    );
}

/// And so is what a drill that runs does not allow.
#[test]
fn a_refusal_of_a_session_is_kept() {
    let desk = Desk::still(|_| {});
    desk.expect("drill start first --type monthly --as alice --key alice", DONE);
    leaves(&desk, "drill start second --type monthly --as alice --key alice", REFUSED, Some("alice"), "still runs");
    leaves(&desk, "incident end --as alice --key alice", REFUSED, Some("alice"), "drill");
}

/// A desk with a change, and twenty true signatures of other texts in its incident folder.
fn flooded() -> (Desk, String) {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    let text = desk.text("change.json").canonical();
    for i in 0..20 {
        desk.write(&format!("state/incident/{i}.sig"), desk.sign("bob", Act::Approve, &format!("{text}{i}")));
    }
    (desk, text)
}

fn refused(desk: &Desk) -> usize {
    chain::kinds(&desk.journal()).iter().filter(|k| *k == "approval_refused").count()
}

/// Anybody may write into the incident folder.
#[test]
fn of_what_lies_in_the_incident_folder_a_few_refusals_are_kept() {
    let (desk, text) = flooded();
    desk.expect("flip --quick change.json --as alice --key alice --to us-east-2", NOT_APPROVED);
    assert!((1..=6).contains(&refused(&desk)), "{} refusals of 20 files", refused(&desk));
    // What floods does not hide what counts.
    desk.write("state/incident/true.sig", desk.sign("bob", Act::Approve, &text));
    let begun = std::time::Instant::now();
    while !chain::kinds(&desk.journal()).iter().any(|k| k == "approved") {
        desk.run("flip --quick change.json --as alice --key alice --to us-east-1");
        assert!(begun.elapsed().as_secs() < 60, "the true one is never taken in");
    }
    desk.nothing_moved("a flood of signatures");
}

/// The next program reads the same folder: it is the same minute, and they are the same files.
#[test]
fn several_programs_keep_no_more_refusals_than_one() {
    let (desk, _) = flooded();
    for _ in 0..4 {
        desk.expect("flip --quick change.json --as alice --key alice --to us-east-2", NOT_APPROVED);
    }
    assert!(refused(&desk) <= 6, "{} refusals from the incident folder in one minute", refused(&desk));
}
