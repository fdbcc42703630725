//! The journal as several programs, crashes and vandals meet it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use proptest::prelude::*;
use signalbox::change::Digest;
use signalbox::estate::PersonName;
use signalbox::event::{FlipEnd, FlipOutcome, Via};
use signalbox::journal::{Appended, Boot, FILE, FaultKind, IntentRefused, Journal, JournalError, read, verify};
use signalbox::record::{Kept, Record};
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
    Record::Proposed { change: change(n), text: format!("change {n}") }
}

fn approved(n: u8) -> Record {
    Record::Approved {
        change: change(n),
        by: "bob".into(),
        key: "SHA256:x".into(),
        via: Via::Folder,
        signature: "s".into(),
    }
}

fn intent(n: u8) -> Record {
    Record::Intent { change: change(n), by: alice() }
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
        (Record::Rejected { change: change(1), by: "bob".into(), reason: "no".into() }, "rejected"),
        (Record::Withdrawn { change: change(2), by: alice() }, "withdrawn"),
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
    assert_eq!((report.lines, report.fault), (4 * 27 + 1, None));
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

#[test]
fn a_line_torn_anywhere_is_set_aside_and_said() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append(seen("whole"), at(1)).unwrap();
    let whole = text(dir.path()).len();
    journal.append(seen("torn by a crash"), at(2)).unwrap();
    drop(journal);
    let both = text(dir.path());
    for cut in whole + 1..both.len() - 1 {
        fs::write(dir.path().join(FILE), &both[..cut]).unwrap();
        let (mut journal, kept) = open(dir.path());
        assert_eq!(kept.len(), 1, "cut at {cut}");
        let torn = journal.torn();
        assert_eq!(torn.len(), 1);
        assert_eq!(fs::read_to_string(&torn[0]).unwrap(), both[whole..cut]);
        journal.append(seen("on"), at(3)).unwrap();
        assert_eq!(verify(dir.path()).unwrap().fault, None);
        fs::remove_file(&torn[0]).unwrap();
    }
    // Only the newline is missing: everything that the line says is there.
    fs::write(dir.path().join(FILE), &both[..both.len() - 1]).unwrap();
    let (mut journal, kept) = open(dir.path());
    assert_eq!((kept.len(), journal.torn().len()), (2, 0));
    assert_eq!(text(dir.path()), both);
}

#[test]
fn another_program_that_dies_while_writing_does_not_break_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append(seen("a"), at(1)).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(dir.path().join(FILE)).unwrap();
    file.write_all(b"{\"entry\":{\"seq\":2,\"pre").unwrap();
    journal.append(seen("b"), at(2)).unwrap();
    assert_eq!(journal.torn().len(), 1);
    assert_eq!(verify(dir.path()).unwrap().lines, 2);
}

#[test]
fn an_edited_removed_moved_or_doubled_line_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    for i in 0..5 {
        journal.append(seen(&format!("line {i}")), at(i)).unwrap();
    }
    drop(journal);
    let good = text(dir.path());
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    let cases = [
        ([lines[0], &lines[1].replace("line 1", "line X"), lines[2]].concat(), 2, FaultKind::Edited),
        ([lines[0], lines[2]].concat(), 2, FaultKind::NotNext),
        ([lines[0], lines[2], lines[1]].concat(), 2, FaultKind::NotNext),
        ([lines[0], lines[1], lines[1]].concat(), 3, FaultKind::NotNext),
        ([lines[1], lines[2]].concat(), 1, FaultKind::NotNext),
        ([lines[0], "\n", lines[1]].concat(), 2, FaultKind::NotALine),
        ([lines[0], &lines[1].replace("{\"entry\":", "{\"entry\": "), lines[2]].concat(), 2, FaultKind::NotALine),
    ];
    for (bad, line, what) in cases {
        fs::write(dir.path().join(FILE), &bad).unwrap();
        let Err(error) = Journal::open(dir.path(), boot()) else { panic!("opened: {bad}") };
        assert!(error.is_damage());
        let said = error.to_string();
        assert!(said.contains(&format!("line {line}")) && said.contains("signalbox journal verify"), "{said}");
        let JournalError::Broken { fault, .. } = error else { panic!("{said}") };
        assert_eq!((fault.line, fault.what), (line, what));
        assert_eq!(text(dir.path()), bad, "a damaged journal is left as it is");
        // A console that only looks still sees what is before the fault.
        let mut looked = 0;
        read(dir.path(), &mut |_, _| looked += 1).unwrap();
        assert_eq!(looked + 1, line);
    }
}

#[test]
fn a_journal_that_is_replaced_or_cut_under_us_takes_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append(seen("a"), at(1)).unwrap();
    journal.append(seen("b"), at(1)).unwrap();
    let all = text(dir.path());
    fs::write(dir.path().join(FILE), &all[..10]).unwrap();
    assert!(matches!(journal.append(seen("c"), at(2)), Err(JournalError::Replaced { .. })));
    fs::write(dir.path().join(FILE), &all).unwrap();
    fs::rename(dir.path().join(FILE), dir.path().join("elsewhere")).unwrap();
    assert!(matches!(journal.append(seen("c"), at(2)), Err(JournalError::Replaced { .. })));
}

#[test]
fn a_full_disk_is_said_and_leaves_no_half_line() {
    // A device that is always full stands in for the disk.
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", dir.path().join(FILE)).unwrap();
    // What opens on a device is not our concern; what must not happen is a record that counts.
    if let Ok((mut journal, _)) = Journal::open(dir.path(), boot()) {
        assert!(journal.append(seen("a"), at(1)).is_err());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_said() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let Err(error) = Journal::open(&dir.path().join("file/state"), boot()) else { panic!("opened") };
    assert!(error.to_string().contains("file/state"), "{error}");
}

#[test]
fn of_a_long_journal_the_newest_is_held_and_nothing_runs_twice() {
    let dir = tempfile::tempdir().unwrap();
    // Lines spelt once and chained by the journal itself would be flushed one by one: too slow for thousands.
    let (mut journal, _) = open(dir.path());
    for record in [proposed(1), approved(1), intent(1)] {
        journal.append(record, at(1)).unwrap();
    }
    let outcome = FlipOutcome { end: FlipEnd::Applied { endpoint: "us-east-1".into() }, attempts: vec![] };
    journal.append(Record::Outcome { change: change(1), outcome }, at(2)).unwrap();
    for i in 0..2100 {
        journal.append(seen(&i.to_string()), at(3)).unwrap();
    }
    drop(journal);
    let (mut journal, kept) = open(dir.path());
    assert_eq!(kept.len(), 4 + signalbox::journal::KEPT_OTHERS);
    assert_eq!(refused(journal.append(intent(1), at(9))), IntentRefused::Used);
}

#[test]
#[ignore = "a measurement, for the closing note"]
fn how_long_an_append_takes() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (mut journal, _) = open(dir.path());
    let mut took: Vec<_> = (0..500)
        .map(|i| {
            let start = std::time::Instant::now();
            journal.append(seen("how long"), at(i)).unwrap();
            start.elapsed()
        })
        .collect();
    took.sort();
    println!("append with fdatasync: median {:?}, p99 {:?}, worst {:?}", took[250], took[495], took[499]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Garbage in the file is never a panic, never records from nothing.
    #[test]
    fn garbage_is_named_never_believed(garbage in "\\PC{0,60}(\n\\PC{0,60}){0,4}", whole in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let tail = if whole { "\n" } else { "" };
        fs::write(dir.path().join(FILE), format!("{garbage}{tail}")).unwrap();
        let report = verify(dir.path()).unwrap();
        prop_assert_eq!(report.lines, 0);
        if let Ok((_, kept)) = Journal::open(dir.path(), boot()) {
            prop_assert_eq!(kept, vec![]);
        }
    }

    /// Any flipped bit in a whole line is found.
    #[test]
    fn any_changed_byte_is_found(place in 0usize..10_000, bit in 0u8..8) {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = open(dir.path());
        for i in 0..3 {
            journal.append(seen(&format!("line {i}")), at(i)).unwrap();
        }
        drop(journal);
        let mut bytes = fs::read(dir.path().join(FILE)).unwrap();
        let place = place % (bytes.len() - 1);
        bytes[place] ^= 1 << bit;
        fs::write(dir.path().join(FILE), &bytes).unwrap();
        let report = verify(dir.path()).unwrap();
        prop_assert!(report.fault.is_some(), "byte {} bit {}: {:?}", place, bit, report);
    }
}
