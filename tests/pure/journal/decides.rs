//! What the file decides when several programs, or copies of it, write at once.

use super::*;

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
