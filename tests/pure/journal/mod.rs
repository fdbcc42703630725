//! The journal as several programs, crashes and vandals meet it.

mod damage;
mod decides;
mod disk;
mod observed;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use signalbox::change::{Anchor, Digest};
use signalbox::estate::{PairName, PersonName, Region};
use signalbox::event::{FlipEnd, FlipOutcome, Via};
use signalbox::journal::{Appended, Boot, Disk, FILE, FaultKind, IntentRefused, Journal, JournalError, read, verify};
use signalbox::record::{Kept, Record, SessionKind, Signed, Tried};
use signalbox::time::{Span, Stamp};

fn boot() -> Boot {
    Boot { id: "boot-1".into() }
}

fn at(second: i64) -> Stamp {
    Stamp {
        mono: Span::from_secs(second),
        wall: "2026-11-24T18:00:00Z".parse::<jiff::Timestamp>().unwrap() + Span::from_secs(second),
    }
}

fn open(dir: &Path) -> (Journal, Vec<Kept>) {
    Journal::open(dir, boot()).expect("the journal opens")
}

fn seen(text: &str) -> Record {
    Record::Seen { pair: None, source: "test".into(), text: text.into() }
}

fn change(n: u8) -> Digest {
    Digest::of(&format!("change {n}"))
}

fn alice() -> PersonName {
    "alice".into()
}

fn proposed(n: u8) -> Record {
    Record::Proposed { change: change(n), text: format!("change {n}"), signature: "s".into() }
}

fn approved(n: u8) -> Record {
    Record::Approved {
        change: change(n),
        by: "bob".into(),
        key: "SHA256:x".into(),
        via: Via::Folder,
        words: String::new(),
        signature: "s".into(),
    }
}

fn intent(n: u8) -> Record {
    Record::Intent { change: change(n), by: alice(), region: "us-east-2".into(), signed: Signed::default() }
}

fn refused(result: Result<Appended, JournalError>) -> IntentRefused {
    match result {
        Err(JournalError::Intent { why, .. }) => why,
        other => panic!("expected a refused intent, got {other:?}"),
    }
}

fn text(dir: &Path) -> String {
    fs::read_to_string(dir.join(FILE)).unwrap()
}

fn began(second: i64, planned: bool) -> Record {
    Record::Began { pair: "east".into(), since: at(second).wall, planned, by: None, found: false }
}

fn step(step: u8) -> Record {
    Record::Step { pair: "east".into(), step, done: true }
}

fn already(journal: &mut Journal, record: Record, second: i64) -> bool {
    journal.append(record, at(second)).unwrap().already
}

#[test]
fn what_was_appended_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("a/b");
    let (mut journal, kept) = open(&state);
    assert_eq!(kept, []);
    let wanted: Vec<_> = (0..5).map(|i| journal.append(seen(&format!("line {i}")), at(i)).unwrap().kept).collect();
    drop(journal);
    assert_eq!(open(&state).1, wanted);
    let report = verify(&state).unwrap();
    assert_eq!((report.lines, report.fault, report.tail), (5, None, 0));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(state.join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn must_hold_a_change_is_run_once_over_all_programs() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, _) = open(dir.path());
    let (mut two, _) = open(dir.path());
    one.append(proposed(1), at(1)).unwrap();
    one.append(approved(1), at(2)).unwrap();
    let taken = two.append(intent(1), at(3)).unwrap();
    assert_eq!(taken.elsewhere.len(), 2, "what the other program wrote comes first");
    assert_eq!(refused(one.append(intent(1), at(4))), IntentRefused::Used);
    assert_eq!(refused(two.append(intent(1), at(4))), IntentRefused::Used);
    let (mut three, _) = open(dir.path());
    assert_eq!(refused(three.append(intent(1), at(5))), IntentRefused::Used);
    assert_eq!(text(dir.path()).matches("\"intent\"").count(), 1);
}

/// Two people, two changes, two programs: neither was there when the other decided.
#[test]
fn must_hold_two_changes_that_were_decided_side_by_side_are_not_both_sent() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, _) = open(dir.path());
    for n in [1, 2] {
        one.append(proposed(n), at(1)).unwrap();
        one.append(approved(n), at(2)).unwrap();
    }
    let (mut two, kept) = open(dir.path());
    let heard = two.head();
    assert_eq!(kept.len(), 4);
    one.append(intent(1), at(3)).unwrap();
    assert_eq!(refused(two.append(intent(2), at(3))), IntentRefused::Overtaken);
    assert_eq!(refused(two.append(intent(2), at(3))), IntentRefused::Overtaken, "nothing was given out meanwhile");
    assert!(matches!(two.catch_up().unwrap()[0].record, Record::Intent { .. }));
    let late = two.append_knowing(heard, intent(2), at(4));
    assert_eq!(refused(late), IntentRefused::Overtaken, "it was given out, and who decided had not heard it");
    // Who has heard of it decides again, and may.
    two.append(intent(2), at(5)).unwrap();
    assert_eq!(text(dir.path()).matches("\"intent\"").count(), 2);
}

#[test]
fn an_intent_needs_its_proposal_and_approval_on_disk_and_no_end() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    assert_eq!(refused(journal.append(intent(1), at(1))), IntentRefused::NotProposed);
    journal.append(proposed(1), at(1)).unwrap();
    assert_eq!(refused(journal.append(intent(1), at(1))), IntentRefused::NotApproved);
    journal.append(approved(1), at(1)).unwrap();
    let (mut other, _) = open(dir.path());
    let ends = [
        (
            Record::Rejected { change: change(1), by: "bob".into(), reason: "no".into(), signed: Signed::default() },
            "rejected",
        ),
        (Record::Withdrawn { change: change(2), by: alice(), signed: Signed::default() }, "withdrawn"),
        (Record::Expired { change: change(3), why: "late".into() }, "expired"),
        (Record::Voided { change: change(4), moved: BTreeMap::new() }, "found void"),
    ];
    for (n, (end, word)) in (1..).zip(ends) {
        if n > 1 {
            journal.append(proposed(n), at(2)).unwrap();
            journal.append(approved(n), at(2)).unwrap();
        }
        other.append(end, at(3)).unwrap();
        assert_eq!(refused(journal.append(intent(n), at(4))), IntentRefused::Closed(word));
    }
}

#[test]
fn two_programs_at_once_keep_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let taken: Vec<bool> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|w| {
                let dir = dir.path();
                scope.spawn(move || {
                    let (mut journal, _) = open(dir);
                    journal.append(proposed(1), at(1)).unwrap();
                    journal.append(approved(1), at(1)).unwrap();
                    for i in 0..25 {
                        journal.append(seen(&format!("{w} {i}")), at(i)).unwrap();
                    }
                    journal.append(intent(1), at(30)).is_ok()
                })
            })
            .collect();
        writers.into_iter().map(|w| w.join().unwrap()).collect()
    });
    assert_eq!(taken.iter().filter(|t| **t).count(), 1, "one of four programs runs the change");
    let report = verify(dir.path()).unwrap();
    // One approval that all four found is one line.
    assert_eq!((report.lines, report.fault), (4 * 26 + 2, None));
}

/// What was refused is kept by its name. Versions before that kept it in words, and their journals are read.
#[test]
fn what_was_refused_has_a_name_and_older_journals_are_read() {
    use signalbox::words::{Context, Length, told};
    let line = |what: &str| format!(r#"{{"kind":"refused","change":null,"by":"bob","what":"{what}","why":"no"}}"#);
    for (what, is) in [
        ("propose", Tried::Propose),
        ("second_key", Tried::SecondKey),
        ("propose a change", Tried::Said("propose a change".into())),
        ("reject it", Tried::Said("reject it".into())),
    ] {
        let record: Record = serde_json::from_str(&line(what)).unwrap();
        assert_eq!(serde_json::to_string(&record).unwrap(), line(what));
        let Record::Refused { what: read, .. } = &record else { panic!("{record:?}") };
        assert_eq!(*read, is);
    }
    let words = |what| {
        let record: Record = serde_json::from_str(&line(what)).unwrap();
        told(&record, &Context::default(), Length::Line).text
    };
    assert_eq!(words("propose"), words("propose a change"));
    assert!(words("propose").starts_with("refused to propose a change"));
}

/// Anybody may write into the incident folder, and each console finds it; a script may ask in vain for ever.
#[test]
fn of_refusals_a_minute_takes_a_few_of_all_programs_together() {
    let refused_file = |n: u32| Record::ApprovalRefused {
        change: None,
        via: Via::Folder,
        why: "nobody's".into(),
        of: Some(Digest::of(&n.to_string())),
    };
    let refused = |why: &str| Record::Refused {
        change: None,
        by: Some("mallory".into()),
        what: Tried::Said("x".into()),
        why: why.into(),
    };
    let dir = tempfile::tempdir().unwrap();
    let mut all: Vec<_> = (0..4).map(|_| open(dir.path()).0).collect();
    let lines =
        |journal: &mut Journal, record: Record, second: i64| !journal.append(record, at(second)).unwrap().already;
    // One file is one record, whoever finds it, and for ever.
    let found: Vec<_> = all.iter_mut().map(|journal| lines(journal, refused_file(0), 1)).collect();
    assert_eq!(found.iter().filter(|new| **new).count(), 1);
    assert!(!lines(&mut all[2], refused_file(0), 500));
    // Many files: six a minute.
    let kept = |all: &mut [Journal], second: i64, from: u32| -> usize {
        let n = all.len();
        (from..from + 40).filter(|i| lines(&mut all[*i as usize % n], refused_file(*i), second)).count()
    };
    assert_eq!(kept(&mut all, 2, 1), 5);
    assert_eq!(kept(&mut all, 50, 100), 0);
    assert_eq!(kept(&mut all, 70, 200), 6);
    // What commands refuse: the same words again and again are kept a few times; others are others.
    let again = (0..40).filter(|i| lines(&mut all[i % 4], refused("no key"), 100)).count();
    assert_eq!(again, 6);
    assert!(lines(&mut all[0], refused("no role"), 100));
    assert!(lines(&mut all[0], refused("no key"), 200));
}

#[test]
fn catching_up_gives_each_line_of_others_once() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, _) = open(dir.path());
    let (mut two, _) = open(dir.path());
    one.append(seen("a"), at(1)).unwrap();
    one.append(seen("b"), at(2)).unwrap();
    assert_eq!(two.catch_up().unwrap().len(), 2);
    assert_eq!(two.catch_up().unwrap(), []);
    two.append(seen("c"), at(3)).unwrap();
    assert_eq!(two.catch_up().unwrap(), [], "one's own lines are not news");
    assert_eq!(one.catch_up().unwrap().len(), 1);
    // A line that is still being written is left alone.
    let mut file = fs::OpenOptions::new().append(true).open(dir.path().join(FILE)).unwrap();
    file.write_all(b"{\"entry\":{\"seq\":4").unwrap();
    assert_eq!(one.catch_up().unwrap(), []);
}
