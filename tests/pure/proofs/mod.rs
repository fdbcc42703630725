//! What a signature proves and what a record proves: the pure rooms by their public doors.

use crate::hand as support;
use crate::two_person::law;
use crate::two_person::voices;

use std::collections::BTreeSet;

use proptest::prelude::*;
use signalbox::change::{
    Act, Anchor, Binding, ChangeText, Changes, Consent, Despite, Digest, Flip, Launch, LaunchServer, Nonce, Override,
    Presence, ProofError, Rejection, State, Statement, TextError, Turn, Untrue, Withdrawal, Work, prove,
};
use signalbox::estate::{ChangeKind, ControlState, Estate, Need, PersonName};
use signalbox::event::{Event, Via, What};
use signalbox::journal::{Boot, Disk, IntentRefused, Journal, JournalError, KEPT_CHANGES};
use signalbox::model::Model;
use signalbox::record::{Kept, Record, Signed, Tried};
use signalbox::time::{Span, Stamp, Timestamp};

use law::Law;
use voices::sign;

const ACTS: [Act; 6] = [Act::Propose, Act::Approve, Act::Reject, Act::Withdraw, Act::SecondKey, Act::Presence];
const NONCE: Nonce = Nonce(7);

fn now() -> Timestamp {
    support::start().wall
}

fn control(name: &str, from: ControlState) -> Flip {
    Flip { arn: support::arn(name), name: name.into(), from, to: from.flipped() }
}

fn towards_ohio() -> Vec<Flip> {
    use ControlState::{Off, On};
    [("portal-us-east-1", On), ("portal-us-east-2", Off), ("api-us-east-1", On), ("api-us-east-2", Off)]
        .map(|(name, from)| control(name, from))
        .to_vec()
}

fn change(estate: &Estate) -> ChangeText {
    ChangeText {
        estate: estate.name.clone(),
        binding: Binding::of(estate).digest(),
        cluster: estate.cluster.arn.clone(),
        pair: "east".into(),
        title: "fail over pair east to us-east-2".into(),
        receiving: "us-east-2".into(),
        work: Work::Controls { steers: true, flips: towards_ohio(), overrides: Vec::new() },
        despite: None,
        loss: "nothing".into(),
        reason: "portal targets gone".into(),
        by: "alice".into(),
        at: now(),
        until: now() + Span::from_mins(10),
        anchor: Anchor::default(),
        nonce: NONCE,
    }
}

fn signed_by<S: Statement>(n: u8, said: &S) -> String {
    sign(n, S::ACT.namespace(), &said.canonical())
}

fn rejection(by: &str) -> Rejection {
    Rejection { change: Digest::of("one"), by: by.into(), reason: "wrong region".into(), at: now(), nonce: NONCE }
}

fn withdrawal(by: &str) -> Withdrawal {
    Withdrawal { change: Digest::of("one"), by: by.into(), at: now(), nonce: NONCE }
}

fn turn(by: &str) -> Turn {
    Turn { change: Digest::of("one"), by: by.into(), region: "us-east-2".into(), at: now(), nonce: NONCE }
}

fn presence() -> Presence {
    Presence { estate: "test-care".into(), at: now(), nonce: NONCE }
}

fn consent(words: &str) -> Consent {
    Consent { change: change(&Law::new(1).estate(0)).canonical(), words: words.into() }
}

// ------------------------------------------------------------------------------------- what a signature proves

/// Each deed has a namespace and a text of its own: what is signed for one is signed for nothing else.
#[test]
fn a_signature_for_one_deed_is_none_for_another() {
    fn only_its_own<S: Statement + Clone>(estate: &Estate, said: &S, others: &[String]) {
        for act in ACTS {
            let armored = sign(1, act.namespace(), &said.canonical());
            let proof = prove(estate, said.clone(), &armored, now());
            assert_eq!(proof.is_ok(), act == S::ACT, "{} for {}: {:?}", act.words(), S::ACT.words(), proof.err());
        }
        for other in others.iter().filter(|text| **text != said.canonical()) {
            let proof = prove(estate, said.clone(), &sign(1, S::ACT.namespace(), other), now());
            assert!(proof.is_err_and(|e| e.is_other_text()), "{} over another's text", S::ACT.words());
        }
    }
    let estate = Law::new(1).estate(0);
    let texts = [
        change(&estate).canonical(),
        consent("fine").canonical(),
        rejection("alice").canonical(),
        withdrawal("alice").canonical(),
        turn("alice").canonical(),
        presence().canonical(),
    ];
    assert_eq!(
        texts.iter().map(|t| t.lines().next()).collect::<BTreeSet<_>>().len(),
        5,
        "consent begins as its change"
    );
    only_its_own(&estate, &change(&estate), &texts);
    only_its_own(&estate, &consent("fine"), &texts);
    only_its_own(&estate, &rejection("alice"), &texts);
    only_its_own(&estate, &withdrawal("alice"), &texts);
    only_its_own(&estate, &turn("alice"), &texts);
    only_its_own(&estate, &presence(), &texts);
    assert_eq!(ACTS.map(Act::namespace).into_iter().collect::<BTreeSet<_>>().len(), 6);
}

/// Whatever of a statement is edited, the signature is of another one.
#[test]
fn an_edited_statement_is_another_one() {
    type Edit<S> = (&'static str, fn(&mut S));
    fn all_edits<S: Statement + Clone>(said: &S, edits: &[Edit<S>]) {
        let estate = Law::new(1).estate(0);
        let armored = signed_by(1, said);
        assert!(prove(&estate, said.clone(), &armored, now()).is_ok());
        for (what, edit) in edits {
            let mut edited = said.clone();
            edit(&mut edited);
            let proof = prove(&estate, edited, &armored, now());
            assert!(
                proof.as_ref().is_err_and(ProofError::is_other_text),
                "{} {what}: {proof:?}",
                S::ACT.words(),
                proof = proof.as_ref().err()
            );
        }
    }
    all_edits(
        &rejection("alice"),
        &[
            ("change", |s| s.change = Digest::of("two")),
            ("by", |s| s.by = "bob".into()),
            ("reason", |s| s.reason.push('.')),
            ("at", |s| s.at += Span::from_nanos(1)),
            ("nonce", |s| s.nonce = Nonce(8)),
        ],
    );
    all_edits(
        &withdrawal("alice"),
        &[
            ("change", |s| s.change = Digest::of("two")),
            ("by", |s| s.by = "alias".into()),
            ("at", |s| s.at -= Span::from_secs(1)),
            ("nonce", |s| s.nonce = Nonce(8)),
        ],
    );
    all_edits(
        &turn("alice"),
        &[
            ("change", |s| s.change = Digest::of("two")),
            ("by", |s| s.by = "alias".into()),
            ("region", |s| s.region = "us-east-1".into()),
            ("at", |s| s.at += Span::from_secs(1)),
            ("nonce", |s| s.nonce = Nonce(0)),
        ],
    );
    all_edits(
        &presence(),
        &[
            ("estate", |s| s.estate.push('2')),
            ("at", |s| s.at += Span::from_hours(1)),
            ("nonce", |s| s.nonce = Nonce(0)),
        ],
    );
    all_edits(
        &consent("fine by me"),
        &[
            ("change", |s| s.change = s.change.replace("portal targets", "Portal targets")),
            ("words", |s| s.words = "fine by us".into()),
            ("no words", |s| s.words.clear()),
            ("words in the change", |s| {
                s.change = format!("{}approver says: {}\n", s.change, "fine");
                s.words.clear();
            }),
        ],
    );
}

/// Who is named has signed: with a key that is listed under that very name.
#[test]
fn who_is_named_has_signed() {
    let estate = Law::new(1).estate(0);
    let owner = |by: &str, n: u8| {
        let said = rejection(by);
        let armored = signed_by(n, &said);
        prove(&estate, said, &armored, now()).map(|proof| proof.people().to_vec())
    };
    for (by, n) in
        [("alice", 1), ("alias", 1), ("alias", 6), ("bob", 2), ("bob", 3), ("robert", 3), ("carol", 4), ("carol", 11)]
    {
        assert_eq!(owner(by, n), Ok(vec![PersonName::from(by)]), "{by} {n}");
    }
    for (by, n) in
        [("alice", 2), ("alice", 6), ("bob", 7), ("carol", 1), ("Alice", 1), ("alice ", 1), ("", 1), ("nobody", 4)]
    {
        assert!(matches!(owner(by, n), Err(ProofError::NotTheirs { .. })), "{by} {n}");
    }
    assert!(matches!(owner("alice", 8), Err(ProofError::Key { .. })), "nobody's key");
    // A key without an author is everybody's whose it is.
    let proof = prove(&estate, presence(), &signed_by(3, &presence()), now()).unwrap();
    assert_eq!(proof.people(), ["bob", "robert"].map(PersonName::from));
}

/// What the policy wants of hardware keys.
#[test]
fn a_hardware_key_is_touched_and_knows_its_owner_where_the_policy_says_so() {
    for (touch, verify) in [(false, false), (true, false), (false, true), (true, true)] {
        let estate = Law { touch, verify, ..Law::new(1) }.estate(0);
        for (n, touched, verified) in [(17, false, false), (9, true, false), (19, true, true)] {
            let proof = prove(&estate, presence(), &signed_by(n, &presence()), now());
            let wanted = (touched || !touch) && (verified || !verify);
            assert_eq!(proof.is_ok(), wanted, "{n}, touch {touch}, verify {verify}: {:?}", proof.err());
        }
        assert!(prove(&estate, presence(), &signed_by(2, &presence()), now()).is_ok(), "a key that is no hardware");
    }
}

/// A certificate says who it is only by a CA of the policy, in its time, of a person, by exactly one name.
#[test]
fn a_certificate_counts_for_whom_and_when_it_says() {
    let law = Law::new(1);
    let whose = |law: &Law, n: u8, after: i64| {
        let proof = prove(&law.estate(0), presence(), &signed_by(n, &presence()), now() + Span::from_secs(after));
        proof.map(|p| p.people().iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(whose(&law, 12, 0), Ok(vec!["frank".into()]));
    assert_eq!(whose(&law, 14, 299), Ok(vec!["frank".into()]));
    for (n, after, why) in [
        (13, 0, "another CA"),
        (14, 300, "it ended"),
        (12, -4_000, "it has not begun"),
        (18, 0, "it names two"),
        (20, 0, "the key is bob's"),
    ] {
        assert!(whose(&law, n, after).is_err(), "{why}");
    }
    assert!(whose(&Law { ca: false, ..law.clone() }, 12, 0).is_err(), "no CA is named");
    assert!(whose(&Law { gone: BTreeSet::from(["frank"]), ..law.clone() }, 12, 0).is_err(), "frank is gone");
    assert!(whose(&Law { revoked: BTreeSet::from([12]), ..law }, 12, 0).is_err(), "the key is revoked");
}

/// A certificate of a host says which machine it is, not who sits there.
#[test]
fn must_hold_a_host_certificate_is_nobodys() {
    let proof = prove(&Law::new(1).estate(0), presence(), &signed_by(16, &presence()), now());
    assert!(proof.is_err(), "a host's certificate is {:?}", proof.unwrap().people());
}

#[test]
fn a_key_counts_until_it_ends_or_is_revoked_or_taken_out() {
    let whose = |law: &Law, n: u8, after: i64| {
        prove(&law.estate(0), presence(), &signed_by(n, &presence()), now() + Span::from_secs(after)).is_ok()
    };
    let law = Law::new(1);
    assert!(whose(&law, 15, 359) && !whose(&law, 15, 360), "valid_until");
    let revoked = Law { revoked: BTreeSet::from([1]), ..law.clone() };
    assert!(!whose(&revoked, 1, 0) && !whose(&revoked, 10, 0), "one secret, whatever it is listed as");
    let revoked = Law { revoked: BTreeSet::from([10]), ..law.clone() };
    assert!(!whose(&revoked, 1, 0) && !whose(&revoked, 10, 0), "the other way round");
    assert!(!whose(&Law { unlisted: BTreeSet::from([2]), ..law.clone() }, 2, 0));
    assert!(!whose(&Law { gone: BTreeSet::from(["carol"]), ..law }, 4, 0));
}

// ------------------------------------------------------------------------------------- what a record proves

/// A journal's records of one whole change, and what folds them.
struct Book {
    estate: Estate,
    binding: Binding,
    changes: Changes,
    text: ChangeText,
}

fn kept(record: Record) -> Kept {
    kept_at(0, record)
}

fn kept_at(after: i64, record: Record) -> Kept {
    Kept { at: support::start().plus(Span::from_secs(after)), boot: "boot-1".into(), record }
}

impl Book {
    fn new() -> Self {
        Self::of(Law::new(1).estate(0))
    }

    fn of(estate: Estate) -> Self {
        let (binding, text) = (Binding::of(&estate), change(&estate));
        Self { estate, binding, changes: Changes::default(), text }
    }

    fn apply(&mut self, record: &Record) -> Result<(), Untrue> {
        {
            let kept = kept(record.clone());
            self.changes.apply(&self.estate, &self.binding, &kept, kept.as_written())
        }
    }

    /// What the proposal is bound to: it stands before it.
    fn bound(&self) -> Record {
        Record::Estate { estate: self.binding.digest(), text: self.binding.text().into() }
    }

    fn proposed(&self) -> Record {
        propose(&self.text, 1)
    }

    fn approved(&self) -> Record {
        approve(&self.text, "bob", 2, "")
    }

    fn intent(&self) -> Record {
        let said = Turn { change: self.text.digest(), ..turn("alice") };
        let signature = signed_by(1, &said);
        Record::Intent { change: said.change, by: said.by, region: said.region, signed: signed(signature) }
    }

    fn rejected(&self, by: &str, n: u8) -> Record {
        let said = Rejection { change: self.text.digest(), ..rejection(by) };
        let signature = signed_by(n, &said);
        Record::Rejected { change: said.change, by: said.by, reason: said.reason, signed: signed(signature) }
    }

    fn withdrawn(&self, by: &str, n: u8) -> Record {
        let said = Withdrawal { change: self.text.digest(), ..withdrawal(by) };
        let signature = signed_by(n, &said);
        Record::Withdrawn { change: said.change, by: said.by, signed: signed(signature) }
    }

    fn state(&self) -> Option<&State> {
        self.changes.get(&self.text.digest()).map(|c| &c.state)
    }

    /// The record counts for nothing: it is told, and all is as it was.
    #[track_caller]
    fn proves_nothing(&mut self, what: &str, record: &Record) {
        let before = self.changes.clone();
        let result = self.apply(record);
        assert!(result.is_err(), "{what}: believed");
        assert_eq!(self.changes, before, "{what}: changed something");
    }
}

fn signed(signature: String) -> Signed {
    Signed { at: now(), nonce: NONCE, signature }
}

fn propose(text: &ChangeText, n: u8) -> Record {
    Record::Proposed { change: text.digest(), text: text.canonical(), signature: signed_by(n, text) }
}

fn approve(text: &ChangeText, by: &str, n: u8, words: &str) -> Record {
    let said = Consent { change: text.canonical(), words: words.into() };
    let key = voices::fingerprint(n);
    let (change, by, words, signature) = (text.digest(), by.into(), words.to_owned(), signed_by(n, &said));
    Record::Approved { change, by, key, via: Via::Folder, words, signature }
}

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

fn a_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        "\\PC{0,20}",
        "[a-z]{1,5}( {1,3}[a-z]{1,5}){0,3}",
        Just("x\nreason: y".to_owned()),
        Just("approve until: 2099-01-01T00:00:00Z".to_owned()),
        Just("\u{202e}gone\u{200b}".to_owned()),
    ]
}

fn a_state() -> impl Strategy<Value = ControlState> {
    prop_oneof![Just(ControlState::On), Just(ControlState::Off)]
}

fn some_work() -> impl Strategy<Value = Work> {
    let flip = ("[a-z:/]{1,12}", a_value(), a_state(), a_state()).prop_map(|(arn, name, from, to)| Flip {
        arn: arn.as_str().into(),
        name,
        from,
        to,
    });
    let over = ("[a-z:/]{1,12}", a_value()).prop_map(|(arn, name)| Override { arn: arn.as_str().into(), name });
    let server = ("s-[0-9]{1,4}", a_value()).prop_map(|(id, name)| LaunchServer { id, name });
    prop_oneof![
        (any::<bool>(), prop::collection::vec(flip, 0..4), prop::collection::vec(over, 0..3))
            .prop_map(|(steers, flips, overrides)| Work::Controls { steers, flips, overrides }),
        (any::<bool>(), prop::collection::vec(server, 1..4))
            .prop_map(|(drill, servers)| Work::Launch(Launch { drill, servers })),
    ]
}

fn a_change() -> impl Strategy<Value = ChangeText> {
    let despite = prop::option::of((prop::collection::vec(a_value(), 1..4), a_value()))
        .prop_map(|d| d.map(|(checks, reason)| Despite { checks, reason }));
    let anchor = ("[0-9a-f]{16}", any::<u64>(), any::<u64>()).prop_map(|(journal, line, n)| Anchor {
        journal,
        line,
        head: Digest::of(&n.to_string()),
    });
    let texts = (a_value(), a_value(), a_value(), a_value(), a_value(), a_value(), a_value());
    let times = (0i64..4_000_000_000, 0i64..100_000);
    (texts, some_work(), despite, anchor, times, any::<u128>())
        .prop_map(|(t, work, despite, anchor, (at, more), n)| {
            let at = Timestamp::from_second(at).unwrap();
            ChangeText {
                estate: t.0,
                binding: Digest::of(&n.to_string()),
                cluster: t.1.as_str().into(),
                pair: t.2.as_str().into(),
                title: t.3,
                receiving: t.4.as_str().into(),
                work,
                despite,
                loss: t.5.clone(),
                reason: t.6,
                by: t.5.as_str().into(),
                at,
                until: at + Span::from_secs(more),
                anchor,
                nonce: Nonce(n),
            }
        })
        .prop_filter("what no console would write is refused whole", |text| {
            !matches!(ChangeText::parse(&text.canonical()), Err(TextError::Excess(_)))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// What is frozen reads back as itself, once it was folded; a line is what it says, and nothing smuggles another in.
    #[test]
    fn a_canonical_text_reads_back_as_itself(text in a_change()) {
        let canonical = text.canonical();
        prop_assert!(canonical.lines().all(|l| !l.contains("  ") && !l.chars().any(signalbox::hygiene::is_hidden)));
        let reasons = canonical.lines().filter(|l| l.starts_with("approve until: ")).count();
        prop_assert_eq!(reasons, 1);
        let read = ChangeText::parse(&canonical).unwrap();
        prop_assert_eq!(read.digest(), text.digest());
        prop_assert_eq!(&read.canonical(), &canonical);
        prop_assert_eq!((read.binding, &read.anchor, read.nonce), (text.binding, &text.anchor, text.nonce));
        prop_assert_eq!(ChangeText::parse(&read.canonical()).unwrap(), read);
    }

    /// Any text: no panic; what is read is spelt the same again.
    #[test]
    fn any_text_is_refused_or_canonical(text in "(?s).{0,400}") {
        if let Ok(change) = ChangeText::parse(&text) {
            prop_assert_eq!(change.canonical(), text);
        }
    }

    /// Lines that are left out, said twice or put elsewhere make no change, or another one.
    #[test]
    fn lines_have_one_order(text in a_change(), at in any::<prop::sample::Index>(), how in 0u8..4) {
        let canonical = text.canonical();
        let mut lines: Vec<&str> = canonical.lines().collect();
        let at = at.index(lines.len() - 1);
        match how {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at]),
            2 => lines.swap(at, at + 1),
            _ => lines.insert(at, ""),
        }
        let edited = lines.join("\n") + "\n";
        if edited != canonical && let Ok(other) = ChangeText::parse(&edited) {
            prop_assert_eq!(other.canonical(), edited);
            prop_assert_ne!(other.digest(), text.digest());
        }
    }
}

/// One spelling each.
#[test]
fn another_spelling_of_a_line_is_no_change() {
    let text = change(&Law::new(1).estate(0));
    let canonical = text.canonical();
    let line = |name: &str| canonical.lines().find(|l| l.starts_with(name)).unwrap().to_owned();
    let (binding, anchor, nonce) = (line("estate sha256: "), line("journal: "), line("nonce: "));
    let swap = |old: &str, new: String| canonical.replace(old, &new);
    let hex = binding.trim_start_matches("estate sha256: ");
    for (what, edited) in [
        ("a capital in the digest", swap(&binding, format!("estate sha256: {}", hex.to_uppercase()))),
        ("a digest that is cut", swap(&binding, format!("estate sha256: {}", &hex[1..]))),
        ("no digest", canonical.replacen(&format!("{binding}\n"), "", 1)),
        ("a line number with a zero", swap(" line 0 ", " line 00 ".into())),
        ("a line number with a sign", swap(" line 0 ", " line +0 ".into())),
        ("a journal in capitals", swap(&anchor, anchor.replace("0000000000000000", "000000000000000A"))),
        ("no anchor", canonical.replacen(&format!("{anchor}\n"), "", 1)),
        ("a nonce without zeros", swap(&nonce, "nonce: 7".into())),
        ("a nonce with a sign", swap(&nonce, format!("nonce: +{}7", "0".repeat(30)))),
        ("a run of spaces", swap("portal targets gone", "portal  targets gone".into())),
        ("a blank at the end", swap("portal targets gone", "portal targets gone ".into())),
        ("a tab", swap("portal targets gone", "portal\ttargets gone".into())),
        ("a no-break space", swap("portal targets gone", "portal\u{a0}targets gone".into())),
        ("what nobody sees", swap("portal targets gone", "portal\u{200b} targets gone".into())),
        ("CRLF", canonical.replace('\n', "\r\n")),
        ("no last line end", canonical.trim_end().to_owned()),
        ("another version", swap("version 2", "version 3".into())),
        ("more behind it", format!("{canonical}x\n")),
        (
            "a moment in another zone",
            swap("asked at: 2026-11-24T18:38:00Z", "asked at: 2026-11-24T19:38:00+01:00".into()),
        ),
        ("an arrow of other states", swap("On->Off", "on->off".into())),
    ] {
        assert_ne!(edited, canonical, "{what}: the test edits nothing");
        assert!(ChangeText::parse(&edited).is_err(), "{what}");
    }
}

#[test]
fn an_anchor_is_spelt_in_one_way() {
    let of = |journal: &str, line: &str, head: &str| Anchor::parse(&format!("{journal} line {line} {head}"));
    let (journal, head) = ("0123456789abcdef", Digest::of("x").to_string());
    assert_eq!(of(journal, "42", &head).map(|a| a.line), Some(42));
    for line in ["042", "+42", "-1", "", " 42", "4e1", "18446744073709551616"] {
        assert_eq!(of(journal, line, &head), None, "{line}");
    }
    for journal in ["0123456789ABCDEF", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", ""] {
        assert_eq!(of(journal, "42", &head), None, "{journal}");
    }
    assert_eq!(of(journal, "42", &head.to_uppercase()), None);
    assert_eq!(of(journal, "42", &head[1..]), None);
}

/// Which kinds a change is of, for the policy's rules: by what its controls do, whatever the text calls it.
#[test]
fn a_change_is_of_the_kinds_that_it_does() {
    use ChangeKind::{Arming, Control, DrillLaunch, Failback, Failover, Launch as Recovery, Override as Over};
    let estate = Law::new(1).estate(0);
    let gate = || control("failover-allowed", ControlState::On);
    let over = || vec![Override { arn: estate.safety_rules[0].arn.clone(), name: "portal-somewhere".into() }];
    let kinds = |receiving: &str, flips: Vec<Flip>, overrides| {
        let text = ChangeText {
            receiving: receiving.into(),
            work: Work::Controls { steers: true, flips, overrides },
            ..change(&estate)
        };
        text.kinds(&estate).into_iter().collect::<BTreeSet<_>>()
    };
    let some = |n: usize| towards_ohio().into_iter().take(n).collect::<Vec<_>>();
    let back = |n: usize| some(n).into_iter().map(|f| Flip { from: f.to, to: f.from, ..f }).collect::<Vec<_>>();
    let with_gate = |mut flips: Vec<Flip>| {
        flips.push(gate());
        flips
    };
    for (got, wanted) in [
        (kinds("us-east-2", some(4), vec![]), &[Failover][..]),
        (kinds("us-east-1", back(4), vec![]), &[Failback]),
        (kinds("us-east-1", some(4), vec![]), &[Failover]),
        (kinds("us-east-2", back(4), vec![]), &[Failback]),
        (kinds("us-east-2", some(1), vec![]), &[Failover, Control]),
        (kinds("us-east-1", back(3), vec![]), &[Failback, Control]),
        (kinds("us-east-2", vec![gate()], vec![]), &[Arming]),
        (kinds("us-east-2", with_gate(some(4)), vec![]), &[Failover, Arming]),
        (kinds("us-east-2", with_gate(some(2)), over()), &[Failover, Control, Arming, Over]),
        (kinds("us-east-2", some(4), over()), &[Failover, Over]),
    ] {
        assert_eq!(got, wanted.iter().copied().collect());
    }
    for (drill, kind) in [(true, DrillLaunch), (false, Recovery)] {
        let work = Work::Launch(Launch { drill, servers: vec![LaunchServer { id: "s-1".into(), name: "app".into() }] });
        assert_eq!(ChangeText { work, ..change(&estate) }.kinds(&estate), BTreeSet::from([kind]));
    }
}

/// Needs are met by people, each once, who may approve: not by names.
#[test]
fn needs_are_met_by_people_and_not_by_names() {
    let estate = Law::new(2).estate(0);
    let met = |names: &[&str]| {
        let names: Vec<PersonName> = names.iter().map(|n| PersonName::from(*n)).collect();
        estate.met(&[Need { group: None, count: 2 }], &names.iter().collect::<Vec<_>>()).is_ok()
    };
    assert!(met(&["bob", "carol"]) && met(&["robert", "frank"]));
    for names in [
        &["bob", "robert"][..],
        &["alice", "alias", "mallory"],
        &["bob", "bob"],
        &["bob", "dave"],
        &["bob", "nobody"],
        &["bob"],
    ] {
        assert!(!met(names), "{names:?}");
    }
}

// ------------------------------------------------------------------------------------- faults that were found here

/// How long a proposal may wait is the policy's to say: whoever writes a program or a text of their own gets no longer.
#[test]
fn must_hold_no_text_gives_itself_a_longer_window_than_the_policy() {
    let mut book = Book::new();
    let text = ChangeText { until: now() + Span::from_hours(24 * 365), ..book.text.clone() };
    book.proves_nothing("a year to approve it", &propose(&text, 1));
}

/// The key that is told is the key that signed.
#[test]
fn must_hold_the_key_of_a_record_is_the_one_that_signed() {
    let mut book = Book::new();
    book.apply(&book.proposed()).unwrap();
    let mut record = book.approved();
    if let Record::Approved { key, .. } = &mut record {
        *key = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into();
    }
    book.proves_nothing("another key's fingerprint", &record);
    let signed = signed(signed_by(2, &presence()));
    book.proves_nothing(
        "another key's answer",
        &Record::Present { by: "bob".into(), key: voices::fingerprint(3), signed },
    );
}

/// A challenge that was answered in spring, told again today, does not prove that the key works today.
#[test]
fn must_hold_an_old_answer_to_a_challenge_is_an_old_proof() {
    let estate = Law::new(1).estate(0);
    let start = support::start();
    let then = Timestamp::from_second(start.wall.as_second() - 40 * 86_400).unwrap();
    let said = Presence { at: then, ..presence() };
    let signed = Signed { at: then, ..signed(signed_by(2, &said)) };
    let mut model = Model::new(std::sync::Arc::new(estate), "boot-1", start);
    let record = Record::Present { by: "bob".into(), key: voices::fingerprint(2), signed };
    let kept = Kept { at: start, boot: "boot-1".into(), record };
    model.update(Event { at: start, what: What::Elsewhere(vec![kept]) });
    assert!(model.proof_is_due(&"bob".into()), "{}", model.proof_words(&"bob".into()));
}

/// What another console found void because its estate changed runs nowhere: the journal takes no intent for it.
#[test]
fn must_hold_the_journal_takes_no_intent_for_what_an_edit_closed() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(dir.path(), Boot { id: "boot-1".into() }).unwrap();
    let mut book = Book::new();
    book.text.anchor = Anchor { journal: journal.identity(), line: 0, head: Digest::of("") };
    let at = Stamp { mono: Span::from_secs(1), wall: now() };
    let closed = Record::EstateChanged { change: book.text.digest(), differs: vec!["policy.approvals".into()] };
    for record in [book.bound(), book.proposed(), book.approved(), closed] {
        journal.append(record, at).unwrap();
    }
    let taken = journal.append(book.intent(), at);
    assert!(matches!(&taken, Err(JournalError::Intent { why: IntentRefused::Closed(_), .. })), "{taken:?}");
}

/// Refusals are cheap to cause, each of a change that nobody knows. They push no change out of what a console that opens
/// is given.
#[test]
fn must_hold_refusals_push_no_change_out() {
    let dir = tempfile::tempdir().unwrap();
    let open = || Journal::open_on(dir.path(), Boot { id: "boot-1".into() }, Box::new(Quick)).unwrap();
    let (mut journal, _) = open();
    let mut book = Book::new();
    book.text.anchor = Anchor { journal: journal.identity(), line: 0, head: Digest::of("") };
    let at = Stamp { mono: Span::from_secs(1), wall: now() };
    journal.append(book.bound(), at).unwrap();
    journal.append(book.proposed(), at).unwrap();
    for n in 0..=KEPT_CHANGES {
        let (change, by) = (Some(Digest::of(&n.to_string())), Some("mallory".into()));
        let refused = Record::Refused { change, by, what: Tried::Reject, why: "no such change".into() };
        journal.append(refused, at).unwrap();
    }
    let (_, kept) = open();
    assert!(kept.iter().any(|k| k.record.change() == Some(book.text.digest())), "the open change is not told");
}

/// A disk that flushes nothing: for long journals.
#[derive(Debug)]
struct Quick;

impl Disk for Quick {
    fn sync(&self, _: &std::fs::File) -> std::io::Result<()> {
        Ok(())
    }
}
