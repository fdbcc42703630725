//! The journal as several programs, crashes and vandals meet it.

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
fn a_journal_that_is_replaced_under_us_takes_nothing_until_it_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append(seen("a"), at(1)).unwrap();
    let all = text(dir.path());
    fs::rename(dir.path().join(FILE), dir.path().join("elsewhere")).unwrap();
    assert!(matches!(journal.append(seen("c"), at(2)), Err(JournalError::Replaced { .. })));
    fs::write(dir.path().join(FILE), &all).unwrap();
    assert!(matches!(journal.append(seen("c"), at(2)), Err(JournalError::Replaced { .. })), "a copy is another file");
    fs::rename(dir.path().join("elsewhere"), dir.path().join(FILE)).unwrap();
    journal.append(seen("c"), at(2)).unwrap();
}

/// What is left is the beginning of what was read: the console goes on, says what is gone, and what ran is spent.
#[test]
fn a_journal_that_was_cut_goes_on_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append(proposed(1), at(1)).unwrap();
    journal.append(approved(1), at(1)).unwrap();
    let before = text(dir.path());
    journal.append(intent(1), at(2)).unwrap();
    journal.append(seen("b"), at(2)).unwrap();
    let all = text(dir.path());
    // In the middle of a line, at a line's end, and cut with another's lines after it.
    let mut other = before.clone();
    {
        let copy = tempfile::tempdir().unwrap();
        fs::write(copy.path().join(FILE), &before).unwrap();
        let (mut elsewhere, _) = open(copy.path());
        (0..9).for_each(|i| drop(elsewhere.append(seen(&format!("other {i}")), at(40 + i)).unwrap()));
        other.push_str(&text(copy.path())[before.len()..]);
    }
    assert!(other.len() > all.len());
    for (left, lines) in [(&all[..before.len() + 10], 2), (before.as_str(), 2), (other.as_str(), 11)] {
        fs::write(dir.path().join(FILE), left).unwrap();
        assert_eq!(refused(journal.append(intent(1), at(3))), IntentRefused::Used, "what ran is spent");
        let alarms = journal.alarms().join("\n");
        assert!(alarms.contains("2 lines that had been read are gone"), "{alarms}");
        let took = journal.append(seen("c"), at(3)).unwrap();
        assert_eq!(took.elsewhere.len(), lines - 2, "what others wrote instead is told");
        assert_eq!(verify(dir.path()).unwrap().lines as usize, lines + 1);
        // Back to four lines for the next.
        fs::write(dir.path().join(FILE), &all).unwrap();
        assert!(journal.catch_up().is_ok());
        journal.alarms();
    }
    // Another history altogether is another journal.
    let copy = tempfile::tempdir().unwrap();
    let (mut elsewhere, _) = open(copy.path());
    (0..9).for_each(|i| drop(elsewhere.append(seen(&format!("all other {i}")), at(i)).unwrap()));
    fs::write(dir.path().join(FILE), text(copy.path()).replace("all", "ALL")).unwrap();
    assert!(journal.append(seen("c"), at(4)).unwrap_err().is_damage());
}

/// A console that knows a drill can end it, and begin one where it knows none, whatever of the file somebody cut off.
#[test]
fn what_runs_can_end_and_what_ended_can_begin_when_the_file_was_cut() {
    let begins = |name: &str| Record::SessionStarted {
        pair: "east".into(),
        name: name.into(),
        session: SessionKind::Incident,
        participants: Vec::new(),
        since: None,
        by: alice(),
    };
    let ends = || Record::SessionEnded { pair: "east".into(), by: alice() };
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append(seen("a"), at(1)).unwrap();
    let cut = |left: &str| fs::write(dir.path().join(FILE), left).unwrap();
    let none = text(dir.path());
    journal.append(begins("one"), at(2)).unwrap();
    // Its beginning is gone.
    cut(&none);
    assert!(matches!(journal.append(begins("two"), at(3)), Err(JournalError::Session(_))), "one still runs");
    journal.append(ends(), at(3)).unwrap();
    journal.append(begins("two"), at(4)).unwrap();
    journal.append(ends(), at(5)).unwrap();
    // Its end is gone.
    let over = text(dir.path());
    assert_eq!(over.lines().count(), 4);
    cut(&(over.lines().take(3).collect::<Vec<_>>().join("\n") + "\n"));
    assert!(matches!(journal.append(ends(), at(6)), Err(JournalError::Session(_))), "it is over");
    journal.append(begins("three"), at(7)).unwrap();
    // What another program wrote behind the cut counts.
    cut(&none);
    let (mut other, _) = open(dir.path());
    other.append(begins("four"), at(8)).unwrap();
    other.append(ends(), at(9)).unwrap();
    journal.append(begins("five"), at(10)).unwrap();
    assert_eq!(verify(dir.path()).unwrap().fault, None);
}

/// The lines that somebody heard are counted, and some are gone: an intent behind them was not among those heard.
#[test]
fn an_intent_that_was_decided_before_a_cut_is_decided_again() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    for n in [1, 2] {
        journal.append(proposed(n), at(1)).unwrap();
        journal.append(approved(n), at(1)).unwrap();
    }
    let left = text(dir.path());
    (0..4).for_each(|n| drop(journal.append(seen(&format!("{n}")), at(2)).unwrap()));
    let heard = journal.head();
    fs::write(dir.path().join(FILE), left).unwrap();
    let (mut other, _) = open(dir.path());
    other.append(intent(1), at(3)).unwrap();
    assert_eq!(refused(journal.append_knowing(heard, intent(2), at(4))), IntentRefused::Overtaken);
    let heard = journal.head();
    assert!(journal.append_knowing(heard, intent(2), at(5)).is_ok(), "once it was decided again");
}

/// A disk on which the calls with these numbers fail; writes leave half of what they were given.
#[derive(Clone, Debug, Default)]
struct BadDisk(Arc<Mutex<Calls>>);

#[derive(Debug, Default)]
struct Calls {
    made: usize,
    fail: Vec<usize>,
    full: bool,
}

impl BadDisk {
    fn fails(&self) -> std::io::Result<()> {
        let mut calls = self.0.lock().unwrap();
        calls.made += 1;
        let failed = calls.full || calls.fail.contains(&calls.made);
        let kind = if calls.full { std::io::ErrorKind::StorageFull } else { std::io::ErrorKind::Other };
        if failed { Err(std::io::Error::new(kind, "the disk fails")) } else { Ok(()) }
    }

    /// From now on the calls with these numbers fail.
    fn fail(&self, calls: &[usize]) {
        *self.0.lock().unwrap() = Calls { made: 0, fail: calls.to_vec(), full: false };
    }
}

impl Disk for BadDisk {
    fn append(&self, mut file: &fs::File, bytes: &[u8]) -> std::io::Result<()> {
        if let Err(e) = self.fails() {
            file.write_all(&bytes[..bytes.len() / 2]).unwrap();
            return Err(e);
        }
        file.write_all(bytes)
    }

    fn sync(&self, file: &fs::File) -> std::io::Result<()> {
        self.fails().and_then(|()| file.sync_data())
    }

    fn cut(&self, file: &fs::File, length: u64) -> std::io::Result<()> {
        self.fails().and_then(|()| file.set_len(length))
    }

    fn rewrite(&self, path: &Path, bytes: &[u8], at: u64) -> std::io::Result<()> {
        use std::os::unix::fs::FileExt;
        self.fails()?;
        fs::OpenOptions::new().write(true).open(path)?.write_all_at(bytes, at)
    }
}

fn lines_with(dir: &Path, what: &str) -> usize {
    text(dir).matches(what).count()
}

/// Whatever fails, and however often: what was refused is not there, what was accepted is, the other console goes on,
/// and so does this one when the disk works again.
#[test]
fn no_failure_of_the_disk_lies_or_stops_a_console_for_ever() {
    for failures in
        [vec![1], vec![2], vec![1, 2], vec![2, 3], vec![2, 4], vec![1, 3], (1..9).collect(), (2..20).collect()]
    {
        let dir = tempfile::tempdir().unwrap();
        let disk = BadDisk::default();
        let (mut journal, _) = Journal::open_on(dir.path(), boot(), Box::new(disk.clone())).unwrap();
        let (mut other, _) = open(dir.path());
        journal.append(seen("before"), at(1)).unwrap();
        disk.fail(&failures);
        let failed = journal.append(seen("failed"), at(2)).unwrap_err();
        let unsettled = matches!(failed, JournalError::Unsettled { .. });
        assert!(unsettled || lines_with(dir.path(), "failed") == 0, "{failures:?}: {failed}");
        assert!(failed.to_string().contains("the disk fails"), "{failed}");
        // The other console neither stops nor sees half a line.
        let kept = other.append(seen("other"), at(3)).unwrap();
        assert!(kept.elsewhere.len() <= 2, "{failures:?}");
        disk.fail(&[]);
        let after = journal.append(seen("after"), at(4)).unwrap();
        assert!(after.elsewhere.iter().any(|k| k.record == seen("other")), "{failures:?}: {:?}", after.elsewhere);
        let found = after.elsewhere.iter().filter(|k| k.record == seen("failed")).count();
        assert_eq!(found, lines_with(dir.path(), "\"failed\""), "{failures:?}: what is there is told");
        assert!(unsettled || found == 0);
        assert!(other.catch_up().is_ok() && journal.catch_up().is_ok());
        let report = verify(dir.path()).unwrap();
        assert_eq!((report.fault, report.tail), (None, 0), "{failures:?}");
        assert_eq!(open(dir.path()).1.len() as u64, report.lines);
    }
}

#[test]
fn on_a_full_disk_a_console_opens_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).0.append(seen("before"), at(1)).unwrap();
    let whole = text(dir.path());
    fs::write(dir.path().join(FILE), format!("{whole}{{\"entry\":{{\"seq\"")).unwrap();
    let disk = BadDisk::default();
    disk.0.lock().unwrap().full = true;
    let (mut journal, kept) = Journal::open_on(dir.path(), boot(), Box::new(disk.clone())).unwrap();
    assert_eq!(kept.len(), 1);
    let alarms = journal.alarms().join("\n");
    assert!(alarms.contains("no space is left") && alarms.contains("nothing can be kept"), "{alarms}");
    assert!(matches!(journal.append(seen("a"), at(2)), Err(JournalError::Full { .. })));
    disk.0.lock().unwrap().full = false;
    journal.append(seen("a"), at(2)).unwrap();
    assert_eq!(verify(dir.path()).unwrap().lines, 2);
}

/// What another program wrote is not lost because our own record was refused.
#[test]
fn a_refused_record_takes_nothing_of_others_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, _) = open(dir.path());
    let (mut two, _) = open(dir.path());
    two.append(seen("news"), at(1)).unwrap();
    assert_eq!(refused(one.append(intent(1), at(2))), IntentRefused::NotProposed);
    assert_eq!(one.catch_up().unwrap().len(), 1);
    two.append(seen("more"), at(1)).unwrap();
    assert_eq!(refused(one.append(intent(1), at(2))), IntentRefused::NotProposed);
    assert_eq!(one.append(seen("own"), at(3)).unwrap().elsewhere.len(), 1);
}

/// After a power cut: a line of zeros, a long run of them, zeros with a newline, several lines that were there.
#[test]
fn a_zeroed_end_is_set_aside_and_never_lost() {
    let long = vec![0; 2 * signalbox::journal::LONGEST_LINE + 7];
    let tails: Vec<Vec<u8>> = vec![
        vec![0; 10],
        vec![0, 0, b'\n'],
        vec![0, b'\n', 0, 0, b'\n', 0],
        b"{\"entry\":{\"seq\":3\0\0\0\0\"}\n".to_vec(),
        [long.as_slice(), b"\n"].concat(),
        long,
    ];
    for tail in tails {
        let dir = tempfile::tempdir().unwrap();
        let (mut running, _) = open(dir.path());
        running.append(seen("a"), at(1)).unwrap();
        running.append(seen("b"), at(2)).unwrap();
        fs::OpenOptions::new().append(true).open(dir.path().join(FILE)).unwrap().write_all(&tail).unwrap();
        assert_eq!(verify(dir.path()).unwrap().tail, tail.len() as u64);
        let (mut journal, kept) = open(dir.path());
        assert_eq!(kept.len(), 2);
        let torn = journal.torn();
        assert_eq!(fs::read(&torn[0]).unwrap(), tail);
        let alarms = journal.alarms().join("\n");
        assert!(alarms.contains("journal.torn-1") && alarms.contains(&format!("{} bytes", tail.len())), "{alarms}");
        running.append(seen("on"), at(3)).unwrap();
        let report = verify(dir.path()).unwrap();
        assert_eq!((report.lines, report.fault, report.tail), (3, None, 0));
        assert_eq!((report.set_aside.len(), report.set_aside[0].bytes), (1, tail.len() as u64));
    }
}

/// Zeros with lines after them are no end that a crash tore: nothing is moved, and a person looks.
#[test]
fn zeros_before_whole_lines_are_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    (0..4).for_each(|i| drop(journal.append(seen(&i.to_string()), at(i * 60)).unwrap()));
    let mut bytes = fs::read(dir.path().join(FILE)).unwrap();
    let second = text(dir.path()).find('\n').unwrap() + 1;
    bytes[second..second + 100].fill(0);
    fs::write(dir.path().join(FILE), &bytes).unwrap();
    let Err(error) = Journal::open(dir.path(), boot()) else { panic!("opened") };
    assert!(error.is_damage(), "{error}");
    assert_eq!(fs::read(dir.path().join(FILE)).unwrap(), bytes);
    // The end of what was torn can be read, and is counted where it lies.
    fs::write(dir.path().join("journal.torn-3"), &bytes).unwrap();
    fs::write(dir.path().join("journal.torn-x"), "no").unwrap();
    let found = signalbox::journal::set_aside(dir.path());
    assert_eq!(found.iter().map(|f| (f.records, f.bytes)).collect::<Vec<_>>(), [(Some(3), bytes.len() as u64)]);
}

// ------------------------------------------------------------------------------- anchors and copies

fn signed_at(journal: &Journal, n: u8) -> Record {
    let (head, journal) = (journal.head(), journal.identity());
    anchored(n, &Anchor { journal, line: head.line, head: head.hash })
}

fn anchored(n: u8, anchor: &Anchor) -> Record {
    let text = format!("change {n}\njournal: {anchor}\n");
    Record::Proposed { change: Digest::of(&text), text, signature: "s".into() }
}

#[test]
fn an_anchor_has_one_spelling() {
    let hex = Digest::of("x").to_string();
    let right = format!("0123456789abcdef line 42 {hex}");
    let anchor = Anchor::parse(&right).unwrap();
    assert_eq!((anchor.line, anchor.to_string()), (42, right.clone()));
    for wrong in [
        right.replace("42", "042"),
        right.replace("42", "+42"),
        right.replace(" line", "  line"),
        right.to_uppercase(),
        right.replace("0123", "0123\u{202e}"),
        right.replace("abcdef ", "abcde "),
        format!("{right} "),
        format!(" {right}"),
        right[..right.len() - 1].to_owned(),
    ] {
        assert_eq!(Anchor::parse(&wrong), None, "{wrong}");
    }
}

#[test]
fn a_proposal_stands_only_behind_the_lines_that_were_signed_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let first = signed_at(&journal, 1);
    let (state, identity) = (journal.append(seen("a"), at(1)).unwrap().head, journal.identity());
    assert_eq!((state.line, state), (1, journal.head()));
    journal.append(seen("b"), at(2)).unwrap();
    // Some lines later is as good: the head need not be the newest, the empty journal's either.
    journal.append(first, at(3)).unwrap();
    journal.append(anchored(2, &Anchor { journal: identity.clone(), line: 1, head: state.hash }), at(3)).unwrap();
    for (line, head, journal_of) in [
        (2, state.hash, identity.clone()),
        (1, Digest::of("x"), identity.clone()),
        (99, state.hash, identity.clone()),
        (1, state.hash, "0123456789abcdef".to_owned()),
    ] {
        let astray = anchored(3, &Anchor { journal: journal_of, line, head });
        assert!(matches!(journal.append(astray, at(4)), Err(JournalError::Astray { .. })));
    }
    assert_eq!(verify(dir.path()).unwrap().fault, None);
    // Written by something else than this program: the reader names it, and what follows is not believed.
    let copy = tempfile::tempdir().unwrap();
    fs::write(copy.path().join(FILE), text(dir.path())).unwrap();
    let (mut other, _) = open(copy.path());
    let there = signed_at(&other, 4);
    other.append(there, at(5)).unwrap();
    let chain = text(copy.path());
    let rechained = forged(&chain.lines().skip(1).collect::<Vec<_>>());
    fs::write(copy.path().join(FILE), rechained).unwrap();
    let fault = verify(copy.path()).unwrap().fault.unwrap();
    assert_eq!((fault.line, &fault.what), (3, &FaultKind::Astray), "{fault}");
    assert!(fault.to_string().contains("signed on another journal"), "{fault}");
}

/// The same records with a chain of their own, as somebody with the file and a script makes it.
fn forged(lines: &[&str]) -> String {
    let mut prev = Digest::of("");
    let mut all = String::new();
    for (i, line) in lines.iter().enumerate() {
        let whole: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut entry = whole["entry"].clone();
        entry["seq"] = (i + 1).into();
        entry["prev"] = prev.to_string().into();
        let entry = entry.to_string();
        prev = Digest::of(&entry);
        all.push_str(&format!("{{\"entry\":{entry},\"hash\":\"{prev}\"}}\n"));
    }
    all
}

/// A journal with a change that was proposed there and approved, and the intent to run it.
fn with_approval(dir: &Path) -> (Journal, Record) {
    let (mut journal, _) = open(dir);
    let proposal = signed_at(&journal, 1);
    let digest = proposal.change().unwrap();
    let of_it = |mut record: Record| {
        if let Record::Approved { change, .. } | Record::Intent { change, .. } = &mut record {
            *change = digest;
        }
        record
    };
    journal.append(proposal, at(1)).unwrap();
    journal.append(of_it(approved(1)), at(2)).unwrap();
    (journal, of_it(intent(1)))
}

/// Attack 7: a copy of the folder, taken when the change was approved, runs nothing.
#[test]
fn must_hold_a_copied_folder_runs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, intent) = with_approval(dir.path());
    let copy = tempfile::tempdir().unwrap();
    fs::copy(dir.path().join(FILE), copy.path().join(FILE)).unwrap();
    let (mut other, kept) = open(copy.path());
    assert_eq!(kept.len(), 2);
    assert_ne!(other.identity(), journal.identity());
    assert_eq!(refused(other.append(intent.clone(), at(3))), IntentRefused::OtherJournal);
    // A restart, and a moved folder, are the same journal.
    drop(journal);
    let moved = dir.path().join("moved");
    fs::create_dir(&moved).unwrap();
    fs::rename(dir.path().join(FILE), moved.join(FILE)).unwrap();
    open(&moved).0.append(intent.clone(), at(3)).unwrap();
}

/// An end that comes second would tell people that nothing was sent.
#[test]
fn must_hold_what_is_being_sent_is_taken_back_by_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append(proposed(1), at(1)).unwrap();
    let (mut other, _) = open(dir.path());
    let heard = other.head();
    for record in [approved(1), intent(1)] {
        journal.append(record, at(2)).unwrap();
    }
    for end in ends(1) {
        assert_eq!(refused(other.append_knowing(heard, end, at(9))), IntentRefused::Used);
    }
    assert!(verify(dir.path()).unwrap().lines == 3);
}

/// Every end of a change: what people do, and what is seen.
fn ends(n: u8) -> [Record; 4] {
    [
        Record::Rejected { change: change(n), by: "bob".into(), reason: "no".into(), signed: Signed::default() },
        Record::Withdrawn { change: change(n), by: alice(), signed: Signed::default() },
        Record::Expired { change: change(n), why: "late".into() },
        Record::Voided { change: change(n), moved: BTreeMap::new() },
    ]
}

/// Who has heard a line has judged it: one that proves nothing keeps nobody from ending a change, and nobody waits for
/// it to go away. The change runs no more all the same.
#[test]
fn must_hold_a_line_that_was_heard_stands_against_no_end() {
    let dir = tempfile::tempdir().unwrap();
    for (n, end) in (1..).zip(ends(1)) {
        let state = dir.path().join(n.to_string());
        let (mut journal, _) = open(&state);
        for record in [proposed(1), approved(1), intent(1)] {
            journal.append(record, at(1)).unwrap();
        }
        drop(journal);
        let (mut journal, kept) = open(&state);
        assert_eq!(kept.len(), 3);
        journal.append(end, at(9)).unwrap();
        assert_eq!(refused(journal.append(intent(1), at(9))), IntentRefused::Used);
    }
}

/// What somebody has cut off was heard of another file: a decision by it is made again.
#[test]
fn an_end_that_was_decided_before_a_cut_is_decided_again() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append(proposed(1), at(1)).unwrap();
    journal.append(approved(1), at(1)).unwrap();
    let left = text(dir.path());
    (0..4).for_each(|n| drop(journal.append(seen(&format!("{n}")), at(2)).unwrap()));
    let heard = journal.head();
    fs::write(dir.path().join(FILE), left).unwrap();
    open(dir.path()).0.append(intent(1), at(3)).unwrap();
    for end in ends(1) {
        assert_eq!(refused(journal.append_knowing(heard, end, at(4))), IntentRefused::Used);
    }
    let heard = journal.head();
    journal.append_knowing(heard, Record::Expired { change: change(1), why: "late".into() }, at(5)).unwrap();
}

/// A console goes on after its file was cut: what people do there with a change whose proposal is gone would be called a
/// forgery by everybody who reads it later.
#[test]
fn must_hold_what_people_do_with_a_change_follows_its_proposal() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append(seen("before"), at(1)).unwrap();
    let left = text(dir.path());
    journal.append(proposed(1), at(1)).unwrap();
    fs::write(dir.path().join(FILE), left).unwrap();
    let [rejected, withdrawn, expired, _] = ends(1);
    for record in [approved(1), rejected, withdrawn] {
        assert_eq!(refused(journal.append(record, at(2))), IntentRefused::NotProposed);
    }
    journal.append(expired, at(3)).unwrap();
    // In a copy of its journal neither.
    let (journal, _) = with_approval(dir.path().join("own").as_path());
    let copy = tempfile::tempdir().unwrap();
    fs::copy(journal.path(), copy.path().join(FILE)).unwrap();
    let (mut other, kept) = open(copy.path());
    let change = kept[0].record.change().unwrap();
    let withdrawn = Record::Withdrawn { change, by: alice(), signed: Signed::default() };
    assert_eq!(refused(other.append(withdrawn, at(3))), IntentRefused::OtherJournal);
}

/// Whoever comes second is told, and nobody reads of two ends.
#[test]
fn must_hold_a_closed_change_takes_no_second_end() {
    let dir = tempfile::tempdir().unwrap();
    let rejected = |by: &str| Record::Rejected {
        change: change(1),
        by: by.into(),
        reason: "no".into(),
        signed: Signed::default(),
    };
    let withdrawn = Record::Withdrawn { change: change(1), by: alice(), signed: Signed::default() };
    let expired = Record::Expired { change: change(1), why: "late".into() };
    let (mut one, _) = open(dir.path());
    let (mut other, _) = open(dir.path());
    one.append(proposed(1), at(1)).unwrap();
    one.append(rejected("bob"), at(2)).unwrap();
    for end in [rejected("bob"), rejected("dave"), withdrawn] {
        assert_eq!(refused(other.append(end, at(3))), IntentRefused::Closed("rejected"));
    }
    // The line may prove nothing, and the change be open: its time is over all the same.
    assert!(!already(&mut other, expired, 3));
    // What several consoles see is one record for all of them.
    let expired = Record::Expired { change: change(2), why: "late".into() };
    one.append(proposed(2), at(4)).unwrap();
    assert!(!already(&mut one, expired.clone(), 5) && already(&mut other, expired, 6));
}

#[test]
fn must_hold_one_incident_or_drill_runs_in_a_pair() {
    let dir = tempfile::tempdir().unwrap();
    let begins = |pair: &str, name: &str| Record::SessionStarted {
        pair: pair.into(),
        name: name.into(),
        session: signalbox::record::SessionKind::Incident,
        participants: Vec::new(),
        since: None,
        by: alice(),
    };
    let ends = |pair: &str| Record::SessionEnded { pair: pair.into(), by: alice() };
    let second = |result: Result<Appended, JournalError>| match result {
        Err(error @ JournalError::Session(_)) => error.was_second().unwrap(),
        other => panic!("expected to be second, got {other:?}"),
    };
    let (mut one, _) = open(dir.path());
    let (mut other, _) = open(dir.path());
    one.append(begins("east", "INC-1"), at(1)).unwrap();
    let told = second(other.append(begins("east", "INC-2"), at(2)));
    assert_eq!(told, "incident INC-1 of pair east still runs: end it first");
    other.append(begins("west", "INC-2"), at(3)).unwrap();
    one.append(ends("east"), at(4)).unwrap();
    assert_eq!(second(other.append(ends("east"), at(5))), "no named incident or drill of pair east runs");
    // After opening again as well.
    let (mut again, _) = open(dir.path());
    second(again.append(begins("west", "INC-3"), at(6)));
    again.append(begins("east", "INC-4"), at(7)).unwrap();
}

/// A proposal that names an estate without a text can be proven by nobody who reads the journal later.
#[test]
fn must_hold_a_proposal_stands_behind_its_estate() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let estate = "what decides";
    let text = format!("signalbox change\nestate sha256: {}\n", Digest::of(estate));
    let proposal = Record::Proposed { change: Digest::of(&text), text, signature: "s".into() };
    let of = |text: &str| Record::Estate { estate: Digest::of(estate), text: text.into() };
    assert!(matches!(journal.append(proposal.clone(), at(1)), Err(JournalError::Unbound)));
    journal.append(of("something else"), at(2)).unwrap();
    assert!(matches!(journal.append(proposal.clone(), at(3)), Err(JournalError::Unbound)));
    journal.append(of(estate), at(4)).unwrap();
    journal.append(proposal, at(5)).unwrap();
}

/// An estate as long as a file may make it has a line, whatever is in it; nothing else is as long.
#[test]
fn a_line_has_room_for_the_longest_estate_and_for_nothing_else() {
    use signalbox::estate::LONGEST_BOUND;
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let estate = |text: String| Record::Estate { estate: Digest::of(&text), text };
    journal.append(estate("\"".repeat(LONGEST_BOUND)), at(1)).unwrap();
    let longer = journal.append(estate("\"".repeat(LONGEST_BOUND + signalbox::journal::LONGEST_OTHER)), at(2));
    assert!(matches!(longer, Err(JournalError::TooLong(_))), "{longer:?}");
    let remark = journal.append(seen(&"x".repeat(signalbox::journal::LONGEST_OTHER)), at(3));
    assert!(matches!(remark, Err(JournalError::TooLong(_))));
    drop(journal);
    let (_, kept) = open(dir.path());
    assert!(matches!(kept.as_slice(), [Kept { record: Record::Estate { .. }, .. }]));
}

#[test]
fn of_openings_a_minute_takes_one_of_each_machine() {
    let dir = tempfile::tempdir().unwrap();
    let opened = |estate: &str| Record::Opened { version: "1".into(), estate: estate.into(), by: None };
    let (mut here, _) = open(dir.path());
    let (mut there, _) = Journal::open(dir.path(), Boot { id: "another machine".into() }).unwrap();
    assert!(!already(&mut here, opened("one"), 0));
    assert!(already(&mut here, opened("one"), 59));
    assert!(!already(&mut here, opened("two"), 59), "another estate");
    assert!(!already(&mut there, opened("one"), 59), "another machine");
    assert!(!already(&mut here, opened("one"), 61), "a minute later");
}

/// File systems give the place of a removed file to the next one.
#[test]
fn must_hold_a_copied_folder_in_the_old_place_runs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, intent) = with_approval(dir.path());
    drop(journal);
    let (file, backup) = (dir.path().join(FILE), dir.path().join("backup"));
    fs::copy(&file, &backup).unwrap();
    for _ in 0..20 {
        fs::remove_file(&file).unwrap();
        fs::copy(&backup, &file).unwrap();
        let mut again = open(dir.path()).0;
        assert_eq!(refused(again.append(intent.clone(), at(3))), IntentRefused::OtherJournal);
    }
}

// ------------------------------------------------------------------------------- one observation, one record

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
fn what_two_consoles_observe_is_kept_once() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, _) = open(dir.path());
    let (mut two, _) = open(dir.path());
    assert!(!already(&mut one, began(0, false), 5));
    let second = two.append(began(3, false), at(6)).unwrap();
    assert!(second.already && second.elsewhere.len() == 1 && second.head == one.head());
    assert!(!already(&mut two, step(1), 6));
    assert!(already(&mut one, step(1), 7));
    // A proposal while the clock runs begins nothing new.
    assert!(already(&mut two, began(8, true), 8));
    assert!(!already(&mut one, step(6), 20));
    assert!(already(&mut two, began(3, false), 21), "who restarts sees the same failure");
    // Back, and asked for again later: another move, with steps of its own.
    assert!(!already(&mut two, began(60, true), 60));
    assert!(!already(&mut one, step(1), 61));
    assert!(!already(&mut two, step(7), 70));
    assert!(already(&mut one, step(7), 71));
    assert!(!already(&mut one, began(80, false), 80), "people were told: it was over");
    // A drill has a clock of its own.
    let drill = Record::SessionStarted {
        pair: "east".into(),
        name: "d".into(),
        session: SessionKind::Monthly,
        participants: vec![],
        since: None,
        by: alice(),
    };
    assert!(!already(&mut two, drill, 90));
    assert!(!already(&mut one, began(81, false), 91));
    // A day later nobody means the same incident.
    assert!(already(&mut one, began(81, false), 92));
    assert!(!already(&mut one, began(90_000, false), 90_001));
    // Lines of the timeline: the same within half a minute.
    assert!(!already(&mut one, seen("x"), 100));
    assert!(already(&mut two, seen("x"), 129));
    assert!(!already(&mut two, seen("x"), 131));
    assert!(!already(&mut two, seen("y"), 131));
    let (mut three, _) = open(dir.path());
    assert!(already(&mut three, seen("y"), 132), "a restart forgets nothing");
}

#[test]
fn what_stands_of_regions_and_controls_is_kept_once_until_it_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, _) = open(dir.path());
    let (mut two, _) = open(dir.path());
    let (pair, region): (signalbox::estate::PairName, signalbox::estate::Region) = ("east".into(), "us-east-1".into());
    let impaired =
        |second| Record::Impaired { pair: pair.clone(), region: region.clone(), since: at(second).wall, found: false };
    let recovered = || Record::Recovered { pair: pair.clone(), region: region.clone() };
    let over = || Record::Over { pair: pair.clone() };
    assert!(already(&mut one, recovered(), 0) && already(&mut one, over(), 0), "there is nothing to end");
    assert!(!already(&mut one, impaired(1), 2));
    assert!(already(&mut two, impaired(5), 6), "one region, one beginning");
    assert!(!already(&mut two, began(1, false), 7));
    assert!(!already(&mut one, recovered(), 700) && already(&mut two, recovered(), 701));
    assert!(!already(&mut two, over(), 702) && already(&mut one, over(), 703));
    assert!(!already(&mut two, impaired(900), 901) && !already(&mut one, began(900, false), 902));
    // A control that somebody else moved: each way once.
    let control =
        signalbox::estate::ControlArn::new("arn:aws:route53-recovery-control::1:controlpanel/x/routingcontrol/y");
    let moved =
        |from, to| Record::MovedElsewhere { control: control.clone(), from, to, since: at(1).wall, found: false };
    use signalbox::estate::ControlState::{Off, On};
    assert!(!already(&mut one, moved(On, Off), 1000) && already(&mut two, moved(On, Off), 1010));
    assert!(!already(&mut two, moved(Off, On), 1020) && !already(&mut one, moved(On, Off), 1030));
}

#[test]
fn a_console_that_looks_writes_nothing_and_follows() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Journal::look(dir.path(), boot()).unwrap_err().is_missing());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    let (mut journal, _) = open(dir.path());
    journal.append(seen("a"), at(1)).unwrap();
    let whole = format!("{}{{\"entry\"", text(dir.path()));
    fs::write(dir.path().join(FILE), &whole).unwrap();
    let (mut looker, kept) = Journal::look(dir.path(), boot()).unwrap();
    assert_eq!(kept.len(), 1);
    assert!(looker.alarms().join("").contains("does not end with a whole line"));
    assert!(matches!(looker.append(seen("b"), at(2)), Err(JournalError::ReadOnly)));
    assert_eq!(text(dir.path()), whole);
    journal.append(seen("c"), at(2)).unwrap();
    assert_eq!(looker.catch_up().unwrap().len(), 1);
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
    let (pair, region) = (PairName::from("east"), Region::from("us-east-1"));
    let since = at(2).wall;
    let named = |name: &str| Record::SessionStarted {
        pair: pair.clone(),
        name: name.into(),
        session: SessionKind::Incident,
        participants: vec![],
        since: None,
        by: "alice".into(),
    };
    // What stands is known however much is said after it; what it took the place of is a remark.
    journal.append(named("INC-1"), at(2)).unwrap();
    journal.append(Record::SessionEnded { pair: pair.clone(), by: "alice".into() }, at(2)).unwrap();
    let stands = [
        named("INC-2"),
        Record::Impaired { pair: pair.clone(), region, since, found: false },
        Record::Began { pair: pair.clone(), since, planned: false, by: None, found: false },
    ];
    for record in stands.clone() {
        journal.append(record, at(2)).unwrap();
    }
    for i in 0..2100 {
        journal.append(seen(&i.to_string()), at(3)).unwrap();
    }
    drop(journal);
    let (mut journal, kept) = open(dir.path());
    assert_eq!(kept.len(), 4 + stands.len() + signalbox::journal::KEPT_OTHERS);
    assert!(stands.iter().all(|s| kept.iter().any(|k| k.record == *s)));
    assert!(kept.iter().all(|k| k.record != named("INC-1")));
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

    /// Whoever sees it first, in whatever order, and however often consoles start again: one record a thing.
    #[test]
    fn one_record_of_one_thing(turns in prop::collection::vec((0usize..3, 0usize..10, any::<bool>()), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let mut consoles: Vec<_> = (0..3).map(|_| open(dir.path()).0).collect();
        let uncertain = || FlipOutcome { end: FlipEnd::Uncertain, attempts: vec![] };
        let things = [
            Record::Expired { change: change(1), why: "late".into() },
            Record::Voided { change: change(2), moved: BTreeMap::new() },
            Record::Settled { change: change(3), done: true, endpoints: vec!["us-east-1".into()] },
            Record::TierBack { change: change(3), tier: signalbox::estate::Tier::Critical },
            Record::TrafficMoved { change: change(3), how: "all".into(), late: false },
            Record::Launched { change: change(4), job: "j".into(), servers: 1, failed: vec![] },
            Record::Outcome { change: change(5), outcome: uncertain() },
            began(0, false),
            step(4),
            seen("in trouble"),
        ];
        let mut said = std::collections::BTreeSet::new();
        for (turn, (who, what, restart)) in turns.into_iter().enumerate() {
            if restart {
                consoles[who] = open(dir.path()).0;
            }
            // Each says it in its own words.
            let mut record = things[what].clone();
            if let Record::Expired { why, .. } = &mut record {
                *why = format!("late, says {who}");
            }
            // A new incident has steps of its own: begin first, here.
            if what == 8 {
                said.insert(7);
                consoles[who].append(things[7].clone(), at(0)).unwrap();
            }
            let new = said.insert(what);
            let appended = consoles[who].append(record, at((turn % 25) as i64)).unwrap();
            prop_assert_eq!(appended.already, !new);
        }
        prop_assert_eq!(verify(dir.path()).unwrap().lines, said.len() as u64);
    }
}

/// A file system that knows no locks.
#[derive(Debug)]
struct NoLocks;

impl Disk for NoLocks {
    fn lock(&self, _: &fs::File) -> Result<(), fs::TryLockError> {
        Err(fs::TryLockError::Error(std::io::ErrorKind::Unsupported.into()))
    }

    fn lock_shared(&self, file: &fs::File) -> Result<(), fs::TryLockError> {
        self.lock(file)
    }
}

#[test]
fn who_only_looks_needs_no_lock_and_who_writes_does() {
    let dir = tempfile::tempdir().unwrap();
    let (mut writer, _) = open(dir.path());
    writer.append(seen("before"), at(1)).unwrap();
    let (mut looks, kept) = Journal::look_on(dir.path(), boot(), Box::new(NoLocks)).unwrap();
    assert_eq!(kept.len(), 1);
    writer.append(seen("after"), at(2)).unwrap();
    assert_eq!(looks.catch_up().unwrap().len(), 1);
    assert!(matches!(looks.append(seen("not"), at(3)), Err(JournalError::ReadOnly)));
    assert!(Journal::open_on(dir.path(), boot(), Box::new(NoLocks)).is_err(), "two could write at once");
}
