//! A journal's records, each with what it proves and what it does not.

use super::*;

#[test]
fn a_whole_change_is_believed_in_its_order() {
    let mut book = Book::new();
    for (record, word) in [(book.proposed(), "proposed"), (book.approved(), "approved"), (book.intent(), "executing")] {
        assert_eq!(book.apply(&record), Ok(()));
        assert_eq!(book.state().map(State::word), Some(word));
    }
}

#[test]
fn a_proposal_that_proves_nothing_is_none() {
    let mut book = Book::new();
    let Record::Proposed { change, text, signature } = book.proposed() else { panic!() };
    let record = |change, text: &str, signature: &str| Record::Proposed {
        change,
        text: text.into(),
        signature: signature.into(),
    };
    let edited = text.replace("portal targets gone", "portal targets well");
    let with_flips = |edit: fn(&mut Vec<Flip>)| {
        let mut text = book.text.clone();
        edit(support::flips(&mut text));
        text
    };
    for (what, record) in [
        ("no signature", record(change, &text, "")),
        ("garbage", record(change, &text, "x")),
        ("an edited text", record(change, &edited, &signature)),
        ("an edited text with its digest", record(Digest::of(&edited), &edited, &signature)),
        ("another digest", record(Digest::of("x"), &text, &signature)),
        ("no canonical text", record(Digest::of("x"), "x", &signature)),
        ("bob's key", propose(&book.text, 2)),
        ("nobody's key", propose(&book.text, 8)),
        ("an approval's signature", record(change, &text, &sign(1, Act::Approve.namespace(), &text))),
        ("no operator", propose(&ChangeText { by: "carol".into(), ..book.text.clone() }, 4)),
        ("an observer", propose(&ChangeText { by: "dave".into(), ..book.text.clone() }, 5)),
        ("alice by another name", propose(&ChangeText { by: "alias".into(), ..book.text.clone() }, 1)),
        ("a control's name that lies", propose(&with_flips(|f| f[1].name = "failover-allowed".into()), 1)),
        ("an unknown control", propose(&with_flips(|f| f[0].arn = "arn:other".into()), 1)),
        ("a control of nobody's pair", propose(&ChangeText { pair: "west".into(), ..book.text.clone() }, 1)),
        ("the region that it leaves", propose(&ChangeText { receiving: "us-east-1".into(), ..book.text.clone() }, 1)),
        ("an unknown estate", propose(&ChangeText { binding: Digest::of("x"), ..book.text.clone() }, 1)),
    ] {
        book.proves_nothing(what, &record);
    }
    book.proves_nothing("a name of its own", &propose(&ChangeText { estate: "other".into(), ..book.text.clone() }, 1));
    let foreign = ChangeText { cluster: "arn:other".into(), ..book.text.clone() };
    assert_eq!(book.apply(&propose(&foreign, 1)), Err(Untrue::Foreign), "another's journal is no fault");
    assert!(book.changes.all().is_empty());
}

#[test]
fn an_approval_that_proves_nothing_is_none() {
    let mut book = Book::new();
    book.apply(&book.proposed()).unwrap();
    let text = book.text.clone();
    let with = |edit: &dyn Fn(&mut PersonName, &mut String, &mut String)| {
        let mut record = approve(&text, "bob", 2, "I looked");
        if let Record::Approved { by, words, signature, .. } = &mut record {
            edit(by, words, signature);
        }
        record
    };
    let other = ChangeText { nonce: Nonce(99), ..text.clone() };
    for (what, record) in [
        ("garbage", with(&|_, _, s| *s = "x".into())),
        ("words edited", with(&|_, w, _| w.push('!'))),
        ("words left out", with(&|_, w, _| w.clear())),
        ("by carol", with(&|by, _, _| *by = "carol".into())),
        ("by robert", with(&|by, _, _| *by = "robert".into())),
        ("by alice", with(&|by, _, _| *by = "alice".into())),
        (
            "of another change",
            with(&|_, w, s| {
                w.clear();
                *s = sign(2, Act::Approve.namespace(), &other.canonical());
            }),
        ),
        (
            "a proposal's signature",
            with(&|_, w, s| {
                w.clear();
                *s = sign(2, Act::Propose.namespace(), &text.canonical());
            }),
        ),
        ("who asked", approve(&text, "alice", 1, "")),
        ("who asked, by another name", approve(&text, "alias", 6, "")),
        ("who asked, as hardware", approve(&text, "mallory", 10, "")),
        ("an observer", approve(&text, "dave", 5, "")),
        ("nobody", approve(&text, "bob", 8, "")),
        ("not touched", approve(&text, "bob", 17, "")),
        ("another CA", approve(&text, "frank", 13, "")),
    ] {
        book.proves_nothing(what, &record);
    }
    assert_eq!(book.apply(&approve(&text, "bob", 2, "I looked")), Ok(()));
    assert_eq!(book.state(), Some(&State::Approved));
}

/// As the keys were when it was made.
#[test]
fn an_approval_by_a_key_that_had_ended_is_none() {
    let mut book = Book::new();
    book.apply(&book.proposed()).unwrap();
    let record = approve(&book.text, "carol", 15, "");
    let at = |after| kept_at(after, record.clone());
    let before = book.changes.clone();
    assert!(
        {
            let at = at(360);
            book.changes.apply(&book.estate, &book.binding, &at, at.as_written())
        }
        .is_err()
    );
    assert_eq!(book.changes, before);
    assert_eq!(
        {
            let at = at(359);
            book.changes.apply(&book.estate, &book.binding, &at, at.as_written())
        },
        Ok(())
    );
}

/// Whoever wrote it into the journal: what came after the signed time counts for nothing. Two programs' clocks may differ
/// a little.
#[test]
fn an_approval_that_came_after_its_time_is_none() {
    for (second, counts) in [(600, true), (605, true), (606, false), (86_400, false)] {
        let mut book = Book::new();
        book.apply(&book.proposed()).unwrap();
        let late = kept_at(second, book.approved());
        let judged = book.changes.apply(&book.estate, &book.binding, &late, late.as_written());
        assert_eq!(judged.is_ok(), counts, "after {second} s");
        assert_eq!(book.state() == Some(&State::Approved), counts, "after {second} s");
    }
}

/// The approvals come before the intent, all of them.
#[test]
fn an_intent_that_proves_nothing_is_none() {
    let mut book = Book::of(Law::new(2).estate(0));
    book.apply(&book.proposed()).unwrap();
    let intent = book.intent();
    book.proves_nothing("nobody approved", &intent);
    book.apply(&book.approved()).unwrap();
    book.proves_nothing("one of two approved", &intent);
    let robert = approve(&book.text, "robert", 7, "");
    book.apply(&robert).unwrap();
    book.proves_nothing("one person by two names", &intent);
    book.apply(&approve(&book.text, "carol", 4, "")).unwrap();
    let digest = book.text.digest();
    let signature = |said: &Turn, n| signed(signed_by(n, said));
    let right = Turn { change: digest, ..turn("alice") };
    let of = |by: &str, region: &str, signed| Record::Intent {
        change: digest,
        by: by.into(),
        region: region.into(),
        signed,
    };
    for (what, record) in [
        ("garbage", of("alice", "us-east-2", signed("x".into()))),
        ("another region", of("alice", "us-east-1", signature(&right, 1))),
        (
            "another region, signed",
            of("alice", "us-east-1", signature(&Turn { region: "us-east-1".into(), ..right.clone() }, 1)),
        ),
        ("bob turns it", of("bob", "us-east-2", signature(&Turn { by: "bob".into(), ..right.clone() }, 2))),
        ("bob's key", of("alice", "us-east-2", signature(&right, 2))),
        ("another change's", of("alice", "us-east-2", signature(&turn("alice"), 1))),
        ("another time", of("alice", "us-east-2", Signed { at: now() + Span::from_secs(1), ..signature(&right, 1) })),
        ("another nonce", of("alice", "us-east-2", Signed { nonce: Nonce(1), ..signature(&right, 1) })),
        ("an approval's", of("alice", "us-east-2", signed(sign(1, Act::Approve.namespace(), &right.canonical())))),
    ] {
        book.proves_nothing(what, &record);
    }
    assert_eq!(book.apply(&intent), Ok(()));
    assert_eq!(book.state(), Some(&State::Executing));
}

#[test]
fn an_end_that_proves_nothing_ends_nothing() {
    let mut book = Book::new();
    book.apply(&book.proposed()).unwrap();
    let digest = book.text.digest();
    let rejected = |by: &str, reason: &str, signed| Record::Rejected {
        change: digest,
        by: by.into(),
        reason: reason.into(),
        signed,
    };
    let true_no = Rejection { change: digest, ..rejection("carol") };
    for (what, record) in [
        ("a garbage no", rejected("carol", "no", signed("x".into()))),
        ("another reason", rejected("carol", "other", signed(signed_by(4, &true_no)))),
        ("another's no", rejected("bob", &true_no.reason, signed(signed_by(4, &true_no)))),
        ("a no of no approver", book.rejected("dave", 5)),
        ("a no to another change", rejected("carol", &true_no.reason, signed(signed_by(4, &rejection("carol"))))),
        ("bob takes alice's back", book.withdrawn("bob", 2)),
        ("alias takes alice's back", book.withdrawn("alias", 1)),
        ("bob's key takes it back", book.withdrawn("alice", 2)),
        ("garbage takes it back", Record::Withdrawn { change: digest, by: "alice".into(), signed: signed("x".into()) }),
    ] {
        book.proves_nothing(what, &record);
    }
    let mut other = Book::new();
    other.apply(&other.proposed()).unwrap();
    assert_eq!(other.apply(&other.rejected("carol", 4)), Ok(()));
    assert_eq!(other.state().map(State::word), Some("rejected"));
    assert_eq!(book.apply(&book.withdrawn("alice", 1)), Ok(()));
    assert_eq!(book.state(), Some(&State::Withdrawn));
}

/// A change of another estate is history by that estate's people, if the journal has it; it is nothing here.
#[test]
fn a_change_is_held_against_the_estate_that_it_is_bound_to() {
    let then = Law { unlisted: BTreeSet::from([2]), ..Law::new(1) }.estate(0);
    let bound = Binding::of(&then);
    let mut book = Book::new();
    let text = ChangeText { binding: bound.digest(), ..book.text.clone() };
    book.proves_nothing("its estate is not in the journal", &propose(&text, 1));
    let record = |estate, text: &str| Record::Estate { estate, text: text.into() };
    book.proves_nothing("another digest", &record(book.binding.digest(), bound.text()));
    book.proves_nothing("an edited estate", &record(bound.digest(), &bound.text().replace("alice", "alicf")));
    book.proves_nothing("no estate", &record(Digest::of("x"), "x"));
    book.apply(&record(bound.digest(), bound.text())).unwrap();
    book.apply(&propose(&text, 1)).unwrap();
    let by_key_2 = approve(&text, "bob", 2, "");
    book.proves_nothing("the key was not his then", &by_key_2);
    assert_eq!(book.apply(&approve(&text, "bob", 3, "")), Ok(()));
}

/// A whole history that an attacker wrote, in an estate with people of their own: nothing of it runs here. It blocks until
/// it is settled, as what was sent before an edit of the estate file does.
#[test]
fn what_was_sent_for_another_estate_blocks_and_never_runs() {
    let mut theirs = Law::new(1).estate(0);
    theirs.people.iter_mut().find(|p| p.name.as_str() == "alice").unwrap().keys = vec![voices::line(8).into()];
    theirs.people.iter_mut().find(|p| p.name.as_str() == "bob").unwrap().keys = vec![voices::line(30).into()];
    let bound = Binding::of(&theirs);
    let mut book = Book::new();
    let text = ChangeText { binding: bound.digest(), ..book.text.clone() };
    let said = Turn { change: text.digest(), ..turn("alice") };
    let signed = signed(signed_by(8, &said));
    for record in [
        Record::Estate { estate: bound.digest(), text: bound.text().into() },
        propose(&text, 8),
        approve(&text, "bob", 30, ""),
        Record::Intent { change: said.change, by: said.by, region: said.region, signed },
    ] {
        assert_eq!(book.apply(&record), Ok(()));
    }
    assert_eq!(book.changes.running().map(|c| (c.digest, c.is_ours)), Some((text.digest(), false)));
    assert!(book.apply(&book.proposed()).is_ok() && book.state() == Some(&State::Proposed));
}

#[test]
fn who_was_present_has_signed() {
    let book = Book::new();
    let record = |by: &str, n: u8, estate: &str, nonce| {
        let said = Presence { estate: estate.into(), ..presence() };
        Record::Present {
            by: by.into(),
            key: voices::fingerprint(n),
            signed: Signed { nonce, ..signed(signed_by(n, &said)) },
        }
    };
    let believed = |record: &Record| {
        let mut changes = Changes::default();
        {
            let kept = kept(record.clone());
            changes.apply(&book.estate, &book.binding, &kept, kept.as_written())
        }
        .is_ok()
    };
    assert!(believed(&record("bob", 3, "test-care", NONCE)));
    assert!(believed(&record("robert", 3, "test-care", NONCE)));
    for wrong in [
        record("carol", 3, "test-care", NONCE),
        record("bob", 8, "test-care", NONCE),
        record("bob", 3, "other", NONCE),
        record("bob", 3, "test-care", Nonce(1)),
    ] {
        assert!(!believed(&wrong), "{wrong:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// In whatever order, however often: it executes when proposal, approval and intent came in this order and before any
    /// end, and never else. What comes before its change's beginning either counts for nothing or ends it for ever.
    #[test]
    fn no_order_of_true_records_makes_another_truth(
        first in prop_oneof![Just(vec![]), Just(vec![0]), Just(vec![0, 1]), Just(vec![0, 3]), Just(vec![0, 1, 5])],
        then in prop::collection::vec(0usize..6, 1..14),
    ) {
        let order: Vec<usize> = first.into_iter().chain(then).collect();
        let mut book = Book::new();
        let records =
            [book.proposed(), book.approved(), book.intent(), book.rejected("carol", 4), book.withdrawn("alice", 1), Record::Expired { change: book.text.digest(), why: "late".into() }];
        let (mut proposed, mut approved, mut over, mut ran) = (false, false, false, false);
        for i in order {
            drop(book.apply(&records[i]));
            match i {
                0 => proposed |= !over,
                1 => approved |= proposed && !over && !ran,
                2 if proposed && approved && !over => ran = true,
                // An intent without its approvals proves nothing; before its proposal it ends what comes.
                2 => over |= !proposed,
                _ => over |= !ran,
            }
            let word = book.state().map(State::word);
            prop_assert_eq!(word.is_some(), proposed);
            prop_assert_eq!(word == Some("executing"), ran, "{:?}", word);
            prop_assert_eq!(word == Some("approved"), proposed && approved && !over && !ran, "{:?}", word);
        }
    }
}

// ------------------------------------------------------------------------------------- what is signed, spelt
