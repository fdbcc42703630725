//! What somebody, or a crash, did to the file.

use super::*;

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
