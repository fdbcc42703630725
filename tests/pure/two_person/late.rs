//! What comes too late, behind or beside something else counts for nothing.

use super::*;

/// Keys are asked again when it matters.
#[test]
fn must_hold_an_approval_counts_while_its_key_does() {
    for (voice, ends) in [(14, 300), (15, 360)] {
        for (late, runs) in [(-1, true), (0, false)] {
            let mut desk = Desk::new(1);
            let text = desk.propose("alice").unwrap();
            desk.wait(ends - 20);
            desk.approve(&text, voice);
            assert_eq!(desk.state(&text), State::Approved);
            desk.wait(20 + late);
            desk.look();
            assert_eq!(desk.try_to_run(&text), runs, "key {voice}, {late} s after its end");
        }
    }
}

/// An approval of another console that came too late leaves no time for the second key.
#[test]
fn must_hold_an_approval_that_came_too_late_opens_nothing() {
    for (after, then, runs) in [(590, 8, true), (604, 58, false), (655, 8, false)] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.hold = true;
        desk.at = desk.at.plus(Span::from_secs(after));
        desk.note(&text, 2, desk.at, desk.boot.clone());
        let record = Record::Approved {
            change: text.digest(),
            by: "bob".into(),
            key: voices::fingerprint(2),
            via: Via::Folder,
            words: String::new(),
            signature: sign(2, NAMESPACE, &text.canonical()),
        };
        let (at, boot) = (desk.at, desk.boot.clone());
        desk.forge(at, &boot, record);
        desk.hold = false;
        desk.wait(then);
        desk.look();
        assert_eq!(desk.try_to_run(&text), runs, "{after} s");
    }
}

/// Its requester can sign a withdrawal at any time. Written into the journal behind the intent, it takes nothing back,
/// and people are told of the line.
#[test]
fn must_hold_an_end_behind_the_intent_counts_for_nothing() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    assert!(desk.try_to_run(&text));
    let (change, by, at) = (text.digest(), PersonName::from("alice"), desk.at);
    let said = Withdrawal { change, by: by.clone(), at: at.wall, nonce: Nonce(9) };
    let signature = sign(1, Withdrawal::ACT.namespace(), &said.canonical());
    let signed = Signed { at: at.wall, nonce: Nonce(9), signature };
    let boot = desk.boot.clone();
    desk.forge(at, &boot, Record::Withdrawn { change, by, signed });
    assert_eq!(desk.state(&text), State::Executing);
    let told = desk.model.unproven.back().cloned().unwrap_or_default();
    assert!(told.contains("its change had begun"), "{told}");
}

/// The line of the second key may have been cut off: what came of it says that there was one. It runs no more, and only
/// reads tell what came of it.
#[test]
fn must_hold_what_came_of_a_missing_second_key_leaves_nothing_open() {
    for settled in [false, true] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, 2);
        let (change, at, boot) = (text.digest(), desk.at, desk.boot.clone());
        let outcome = FlipOutcome { end: FlipEnd::Unreachable, attempts: Vec::new() };
        desk.forge(
            at,
            &boot,
            match settled {
                true => Record::Settled { change, done: true, endpoints: Vec::new() },
                false => Record::Outcome { change, outcome },
            },
        );
        assert_eq!(desk.state(&text), State::Uncertain);
        let told = desk.model.unproven.back().cloned().unwrap_or_default();
        assert!(told.contains("no second key of its change"), "{told}");
        assert!(!desk.try_to_run(&text));
    }
}

/// Whatever the reason is: a program that asks again in every turn never ends.
#[test]
fn must_hold_what_the_journal_does_not_take_is_not_asked_without_end() {
    let mut desk = Desk::new(1);
    desk.propose("alice").unwrap();
    desk.hold = true;
    desk.wait(11 * 60);
    let asked = |desk: &Desk| {
        let expired = |(_, kept): &&(EffectId, Kept)| matches!(kept.record, Record::Expired { .. });
        desk.waiting.iter().filter(expired).map(|(id, _)| *id).collect::<Vec<_>>()
    };
    let [id] = asked(&desk)[..] else { panic!("it is asked once") };
    desk.waiting.clear();
    desk.tell(What::Lost(id, "for a reason that does not pass".into()));
    desk.wait(1);
    assert_eq!(asked(&desk), []);
    let mut anchor = desk.model.anchor.clone();
    anchor.line += 1;
    desk.tell(What::Anchored(anchor));
    assert_eq!(asked(&desk).len(), 1, "the journal has said something new");
}

#[test]
fn must_hold_one_change_at_a_time() {
    let mut desk = Desk::new(1);
    let (first, second) = (desk.propose("alice").unwrap(), desk.propose("alice").unwrap());
    desk.approve(&first, 2);
    desk.approve(&second, 4);
    assert!(desk.try_to_run(&first));
    assert!(!desk.try_to_run(&second), "the first is under way");
    desk.answer(|| FlipEnd::Uncertain);
    assert!(!desk.try_to_run(&second), "nobody knows what came of the first");
}

/// What was sent on this cluster stands in the way of everything else, whichever estate it was bound to; and whoever
/// watches settles it.
#[test]
fn must_hold_an_edited_estate_lets_nothing_run_beside_what_was_sent() {
    // Thresholds, rules, people, keys that are gone or revoked, touch, PIN, CAs.
    for edit in [0, 9, 2, 3, 4, 5, 6, 7] {
        nothing_runs_beside_what_was_sent(edit);
    }
}

fn nothing_runs_beside_what_was_sent(edit: u8) {
    let mut desk = Desk::new(1);
    let first = desk.propose("alice").unwrap();
    desk.approve(&first, 2);
    assert!(desk.try_to_run(&first));
    desk.answer(|| FlipEnd::Uncertain);
    desk.record_all();
    desk.law.edit(edit);
    let lines = desk.disk.clone();
    desk.restart(true, lines);
    let Some(second) = desk.propose("alice") else { return assert_eq!(edit, 4, "alice has a key") };
    [4, 12].iter().for_each(|voice| desk.approve(&second, *voice));
    assert!(!desk.try_to_run(&second), "edit {edit}: nobody knows what came of the first");
    // The endpoints show the old states when no read can be stale any more.
    for _ in 0..20 {
        desk.wait(1);
        desk.look();
        desk.record_all();
    }
    assert!(matches!(desk.state(&first), State::NotApplied(_)), "edit {edit}: {:?}", desk.state(&first));
}

/// Readings from before the last change's answer are not evidence: what it did cannot be in them.
#[test]
fn must_hold_states_from_before_the_last_answer_let_nothing_run() {
    let mut desk = Desk::new(1);
    let (first, second) = (desk.propose("alice").unwrap(), desk.propose("alice").unwrap());
    desk.approve(&first, 2);
    desk.approve(&second, 4);
    assert!(desk.try_to_run(&first));
    for (id, _) in std::mem::take(&mut desk.flips) {
        desk.tell(What::Flipped(id, FlipOutcome { end: FlipEnd::Unreachable, attempts: vec![] }));
    }
    desk.record_all();
    assert!(matches!(desk.state(&first), State::NotApplied(_)));
    assert!(!desk.try_to_run(&second), "nothing was read since");
    desk.wait(1);
    desk.look();
    assert!(desk.try_to_run(&second));
}

#[test]
fn must_hold_an_edited_estate_makes_a_change_void() {
    for edit in [0, 9, 2, 3, 4, 5, 6, 7] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, 4);
        desk.law.edit(edit);
        let lines = desk.disk.clone();
        desk.restart(true, lines);
        assert!(!desk.try_to_run(&text), "edit {edit}");
        let State::OtherEstate(differs) = desk.state(&text) else { panic!("{edit}: {:?}", desk.state(&text)) };
        assert!(!differs.is_empty(), "it says what differs");
    }
}

/// A copied folder is another journal: what was proposed in the one runs there and nowhere else.
#[test]
fn must_hold_a_change_runs_in_its_own_journal() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    let anchor = desk.model.anchor.clone();
    desk.tell(What::Anchored(Anchor { journal: "f".repeat(16), ..anchor.clone() }));
    assert!(!desk.try_to_run(&text));
    desk.tell(What::Anchored(Anchor { line: 70, ..anchor }));
    assert!(desk.try_to_run(&text));
}

/// Somebody who looks for their hardware key for minutes has not signed in time.
#[test]
fn must_hold_a_key_that_answers_too_late_has_not_signed() {
    let mut desk = Desk::new(1);
    desk.keys_wait = true;
    desk.propose("alice");
    desk.wait(601);
    desk.answer_keys();
    assert!(desk.texts.is_empty(), "proposed after its own window");
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.wait(5);
    desk.look();
    desk.keys_wait = true;
    assert!(!desk.try_to_run(&text));
    desk.wait(45);
    desk.approve(&text, 4);
    desk.wait(16);
    desk.look();
    desk.answer_keys();
    desk.record_all();
    assert_eq!(desk.flips, vec![], "61 s after it was turned, whoever approved meanwhile");
    desk.keys_wait = false;
    assert!(desk.try_to_run(&text), "turned anew");
}

/// The second key was turned in time, and the disk hung until nobody expects traffic to move.
#[test]
fn must_hold_a_disk_that_hung_moves_nothing() {
    for (seconds, runs) in [(59, true), (61, false)] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, 2);
        desk.hold = true;
        desk.second_key("alice", &text, "us-east-2");
        desk.at = desk.at.plus(Span::from_secs(seconds));
        desk.record_all();
        assert_eq!(!desk.flips.is_empty(), runs, "{seconds} s");
    }
}

#[test]
fn must_hold_a_signature_handed_in_for_another_change_approves_nothing() {
    let mut desk = Desk::new(1);
    let (one, two) = (desk.propose("alice").unwrap(), desk.propose("alice").unwrap());
    let over_one = sign(2, NAMESPACE, &one.canonical());
    desk.signature_for(over_one.clone(), Some(two.digest()));
    assert_eq!((desk.state(&one), desk.state(&two)), (State::Proposed, State::Proposed));
    desk.note(&one, 2, desk.at, desk.boot.clone());
    desk.signature_for(over_one, Some(one.digest()));
    assert_eq!((desk.state(&one), desk.state(&two)), (State::Approved, State::Proposed));
}

/// What is over takes no approval: it is refused, and that is kept.
#[test]
fn must_hold_a_closed_change_takes_no_approval() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    let by = desk.hands("alice").operator.unwrap();
    desk.ask(Ask::Withdraw { by, change: text.digest() });
    desk.approve(&text, 2);
    assert!(matches!(desk.disk.last().unwrap().record, Record::ApprovalRefused { .. }));
    assert_eq!(desk.state(&text), State::Withdrawn);
}
