//! What a signature proves and what a record proves: the pure rooms by their public doors.

mod kept;
mod records;
mod texts;

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
