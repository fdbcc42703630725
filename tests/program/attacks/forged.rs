//! Lines that somebody wrote into the journal's file, chained as the program chains them.

use std::path::Path;

use serde_json::{Value, json};
use signalbox::change::{Act, Binding, ChangeText, Digest, Nonce, Presence, Rejection, Statement, Turn, Withdrawal};
use signalbox::estate::Estate;
use signalbox::journal::{Boot, Journal};
use signalbox::record::Signed;
use signalbox::time::{Span, Timestamp};

use crate::attacks::chain::{self, Line};
use crate::attacks::desk::*;

fn fingerprint(seed: u8) -> String {
    let key = ssh_key::PublicKey::from_openssh(&public(seed)).unwrap();
    key.fingerprint(ssh_key::HashAlg::Sha256).to_string()
}

/// A desk with a change of alice's, and the journal as it is then.
struct Forge {
    desk: Desk,
    base: Vec<Line>,
    text: ChangeText,
    digest: Digest,
}

impl Forge {
    fn new(change: impl FnOnce(&mut Estate)) -> Self {
        let desk = Desk::still(change);
        desk.propose("other.json");
        desk.propose("change.json");
        let (text, base) = (desk.text("change.json"), chain::read(&desk.journal()));
        Self { digest: text.digest(), desk, base, text }
    }

    fn last(&self) -> &Line {
        self.base.last().unwrap()
    }

    fn approved(&self, by: &str, seed: u8, signature: &str) -> Value {
        chain::approved(&self.digest, by, &fingerprint(seed), signature)
    }

    fn signed(&self, who: &str, said: &impl Statement) -> String {
        sign(&self.desk, who, said)
    }

    /// The journal with one line more.
    fn with(&self, record: Value) -> Vec<Line> {
        let mut lines = self.base.clone();
        lines.push(self.last().saying(record));
        lines
    }

    fn verify(&self, lines: &[Line]) -> (i32, String) {
        chain::write(&self.desk.journal(), lines);
        self.desk.run("journal verify state --estate estate.toml")
    }

    /// Verifying names the line, and a console tells that it counts for nothing.
    #[track_caller]
    fn is_named(&self, what: &str, lines: &[Line], bad: usize) {
        let (exit, said) = self.verify(lines);
        assert_eq!(exit, JOURNAL, "{what}: {said}");
        assert!(said.contains(&format!("signalbox: line {bad}:")), "{what}: {said}");
        assert!(!said.contains("lines proves what it says"), "{what}: {said}");
    }

    /// No key turns by it.
    #[track_caller]
    fn moves_nothing(&self, what: &str) {
        let (exit, said) = self.desk.flip("change.json");
        assert!(matches!(exit, REFUSED | NOT_APPROVED | JOURNAL), "{what} ends with {exit}: {said}");
        assert!(!said.contains("verified"), "{what}: {said}");
        self.desk.nothing_moved(what);
    }
}

fn sign<S: Statement>(desk: &Desk, who: &str, said: &S) -> String {
    desk.sign(who, S::ACT, &said.canonical())
}

fn now() -> Timestamp {
    Timestamp::now()
}

/// The signed part of a record, in JSON.
fn signed(at: Timestamp, nonce: Nonce, signature: String) -> Value {
    serde_json::to_value(Signed { at, nonce, signature }).unwrap()
}

#[test]
fn a_forged_approval_is_none_and_is_named() {
    let f = Forge::new(|_| {});
    let text = f.text.canonical();
    let other = f.desk.text("other.json").canonical();
    let by = |who: &str, act, text: &str| f.desk.sign(who, act, text);
    for (what, record) in [
        ("a word for a signature", f.approved("bob", 2, "x")),
        ("nothing for a signature", f.approved("bob", 2, "")),
        ("a true signature of another change", f.approved("bob", 2, &by("bob", Act::Approve, &other))),
        ("the requester's own", f.approved("alice", 1, &by("alice", Act::Approve, &text))),
        ("the requester's, called bob's", f.approved("bob", 1, &by("alice", Act::Approve, &text))),
        ("a stranger's, called bob's", f.approved("bob", 2, &by("mallory", Act::Approve, &text))),
        ("an observer's", f.approved("carol", 3, &by("carol", Act::Approve, &text))),
        ("an observer's, called bob's", f.approved("bob", 2, &by("carol", Act::Approve, &text))),
        ("bob's, called carol's", f.approved("carol", 2, &by("bob", Act::Approve, &text))),
        ("bob's for another deed", f.approved("bob", 2, &by("bob", Act::Propose, &text))),
        ("bob's for no deed", f.approved("bob", 2, &by("bob", Act::Presence, &text))),
    ] {
        let lines = f.with(record);
        f.is_named(what, &lines, lines.len());
        f.moves_nothing(what);
    }
    // A true one counts, or all of these fail for another reason.
    let (exit, said) = f.verify(&f.with(f.approved("bob", 2, &by("bob", Act::Approve, &text))));
    assert_eq!(exit, DONE, "{said}");
    let said = f.desk.expect("flip --quick change.json --as alice --key alice --to us-east-1", REFUSED);
    assert!(said.contains("not the receiving region's name"), "{said}");
}

/// Whoever opens a console on such a journal hears of it, also where nothing is drawn.
#[test]
fn a_console_tells_of_a_line_that_proves_nothing() {
    let f = Forge::new(|_| {});
    chain::write(&f.desk.journal(), &f.with(f.approved("bob", 2, "x")));
    for args in ["--read-only", "--as alice --key alice"] {
        let (_, said) = console(&f.desk, args);
        assert!(said.contains("counts for nothing"), "{args}: {said}");
    }
}

/// So does every command that opens it: what lies in the journal is no secret of who looks at screens.
#[test]
fn every_command_tells_of_a_line_that_proves_nothing() {
    let f = Forge::new(|_| {});
    let forged = f.with(f.approved("bob", 2, "x"));
    let me = "--as alice --key alice";
    for args in [
        format!("flip --quick change.json {me} --to us-east-2"),
        "reject other.json --reason no --as bob --key bob".to_owned(),
        format!("withdraw other.json {me}"),
        format!("propose --quick --despite x {me} --to us-east-2 --reason r -o new.json"),
        format!("incident start INC-1 {me}"),
        format!("drill start one --type monthly {me}"),
        "drill approvers --as bob --key bob".to_owned(),
        "status".to_owned(),
    ] {
        chain::write(&f.desk.journal(), &forged);
        let (_, said) = f.desk.run(&args);
        assert!(said.contains("proves nothing and counts for nothing"), "{args}: {said}");
    }
}

/// A true signature in a record that tells something else of it: words that nobody said.
#[test]
fn what_stands_beside_a_true_signature_is_held_against_it() {
    let f = Forge::new(|_| {});
    let armored = f.desk.sign("bob", Act::Approve, &f.text.canonical());
    let mut words = f.approved("bob", 2, &armored);
    words["words"] = json!("and I have called the hospital");
    let lines = f.with(words);
    f.is_named("words that nobody said", &lines, lines.len());
    f.moves_nothing("words that nobody said");
}

/// The key that a record names is the one that signed.
#[test]
fn the_key_that_is_named_is_held_against_the_signature() {
    let f = Forge::new(|_| {});
    let armored = f.desk.sign("bob", Act::Approve, &f.text.canonical());
    let lines = f.with(chain::approved(&f.digest, "bob", "SHA256:of-another-key", &armored));
    f.is_named("the name of another key", &lines, lines.len());
    let at = now();
    let presence = Presence { estate: f.desk.estate.name.clone(), at, nonce: Nonce(5) };
    let signed = signed(at, presence.nonce, f.signed("bob", &presence));
    let lines = f.with(json!({ "kind": "present", "by": "bob", "key": "SHA256:of-another-key", "signed": signed }));
    f.is_named("the name of another key of somebody who was there", &lines, lines.len());
}

#[test]
fn a_forged_proposal_end_or_second_key_is_none_and_is_named() {
    let f = Forge::new(|_| {});
    let (change, by, at, nonce) = (f.digest, f.text.by.clone(), now(), Nonce(77));
    let mut twin = f.text.clone();
    twin.nonce = nonce;
    let propose = |text: &ChangeText, digest: Digest, who: &str| {
        let signature = f.signed(who, text);
        json!({ "kind": "proposed", "change": digest, "text": text.canonical(), "signature": signature })
    };
    let region = f.text.receiving.clone();
    let turn = Turn { change, by: by.clone(), region: region.clone(), at, nonce };
    let intent = |signature: String| json!({ "kind": "intent", "change": change, "by": "alice", "region": region, "signed": signed(at, nonce, signature) });
    let rejection = Rejection { change, by: "bob".into(), reason: "no".into(), at, nonce };
    let reject = |by: &str, signature: String| json!({ "kind": "rejected", "change": change, "by": by, "reason": "no", "signed": signed(at, nonce, signature) });
    let withdrawal = Withdrawal { change, by, at, nonce };
    let withdraw = |signature: String| json!({ "kind": "withdrawn", "change": change, "by": "alice", "signed": signed(at, nonce, signature) });
    let presence = Presence { estate: f.desk.estate.name.clone(), at, nonce };
    let present = |by: &str, who: &str, seed| json!({ "kind": "present", "by": by, "key": fingerprint(seed), "signed": signed(at, nonce, f.signed(who, &presence)) });
    for (what, record) in [
        (
            "a proposal without a signature",
            json!({ "kind": "proposed", "change": twin.digest(), "text": twin.canonical() }),
        ),
        ("a proposal as alice with bob's key", propose(&twin, twin.digest(), "bob")),
        ("a proposal under another digest", propose(&twin, change, "alice")),
        (
            "a proposal that is no text",
            json!({ "kind": "proposed", "change": Digest::of("x"), "text": "x", "signature": "x" }),
        ),
        ("a second key without a signature", intent("x".into())),
        ("a second key with bob's key", intent(f.signed("bob", &turn))),
        ("alice's true second key before any approval", intent(f.signed("alice", &turn))),
        ("a rejection without a signature", reject("bob", "x".into())),
        ("a rejection as bob with mallory's key", reject("bob", f.signed("mallory", &rejection))),
        ("a rejection by who may not", reject("carol", f.signed("carol", &rejection))),
        ("a withdrawal without a signature", withdraw("x".into())),
        ("a withdrawal as alice with bob's key", withdraw(f.signed("bob", &withdrawal))),
        ("somebody there who was not", present("bob", "mallory", 9)),
        ("somebody there by another's key", present("bob", "carol", 3)),
        (
            "an estate under another digest",
            json!({ "kind": "estate", "estate": Digest::of("x"), "text": Binding::of(&f.desk.estate).text() }),
        ),
        ("an estate that is none", json!({ "kind": "estate", "estate": Digest::of("x"), "text": "x" })),
    ] {
        let lines = f.with(record);
        f.is_named(what, &lines, lines.len());
    }
    // What proves nothing ends nothing: the change waits, whatever the last lines say.
    let mut lines = f.with(withdraw("x".into()));
    lines.push(f.last().saying(reject("bob", "x".into())));
    lines.push(f.last().saying(intent("x".into())));
    chain::write(&f.desk.journal(), &lines);
    let (exit, said) = f.desk.flip("change.json");
    assert_eq!(exit, NOT_APPROVED, "{said}");
    f.desk.nothing_moved("forged ends");
}

/// Bob alone writes a whole change: alice's proposal, his own approval, alice's second key.
#[test]
fn a_whole_change_that_one_person_wrote_is_none() {
    let f = Forge::new(|_| {});
    let (at, nonce) = (now(), Nonce(99));
    let text = ChangeText { nonce, ..f.text.clone() };
    let (change, region, by) = (text.digest(), text.receiving.clone(), text.by.clone());
    let turn = Turn { change, by, region, at, nonce };
    let mut lines = f.with(json!({
        "kind": "proposed", "change": change, "text": text.canonical(), "signature": f.signed("bob", &text)
    }));
    let first = lines.len();
    let armored = f.desk.sign("bob", Act::Approve, &text.canonical());
    lines.push(f.last().saying(chain::approved(&change, "bob", &fingerprint(2), &armored)));
    lines.push(f.last().saying(json!({
        "kind": "intent", "change": change, "by": "alice", "region": "us-east-2", "signed": signed(at, nonce, f.signed("bob", &turn))
    })));
    f.is_named("a change that bob wrote", &lines, first);
    let file = signalbox::cli::change_file::ChangeFile::of(&text).to_json().unwrap();
    f.desk.write("his.json", file);
    let said = f.desk.expect("flip --quick his.json --as bob --key bob --to us-east-2", REFUSED);
    assert!(said.contains("not proposed from this journal"), "{said}");
    f.desk.nothing_moved("a change that bob wrote");
}

/// Lines that prove something, each by itself, in an order in which it cannot have happened.
#[test]
fn lines_in_another_order_prove_nothing() {
    let f = Forge::new(|_| {});
    f.desk.approve("change.json");
    f.desk.take_in("change.json");
    f.desk.expect("withdraw change.json --as alice --key alice", DONE);
    let lines = chain::read(&f.desk.journal());
    f.desk.expect("journal verify state --estate estate.toml", DONE);
    // The anchor of a proposal is a line before it: only what stands behind that can be moved at all.
    let proposed = lines.iter().rposition(|l| l.kind() == "proposed").unwrap();
    let approved = chain::place(&lines, "approved");
    let withdrawn = chain::place(&lines, "withdrawn");
    for (what, from) in [("an approval before its proposal", approved), ("an end before its beginning", withdrawn)] {
        let mut moved = lines.clone();
        let line = moved.remove(from);
        moved.insert(proposed, line);
        f.is_named(what, &moved, proposed + 1);
        f.moves_nothing(what);
    }
}

/// Of a change that nobody knows, whoever signed what.
#[test]
fn an_approval_of_nothing_proves_nothing() {
    let f = Forge::new(|_| {});
    let armored = f.desk.sign("bob", Act::Approve, "signalbox change, version 2\n");
    for signature in ["x", &armored] {
        let record = chain::approved(&Digest::of("nothing"), "bob", &fingerprint(2), signature);
        let lines = f.with(record);
        f.is_named("an approval of nothing", &lines, lines.len());
        let said = f.desk.run("drill approvers --as alice --key alice").1;
        assert!(said.contains("! bob: has not signed under this estate file"), "{said}");
    }
}

/// One approval written down twice is one approval.
#[test]
fn doubled_lines_count_once() {
    let f = Forge::new(|e| {
        (e.policy.approvals, e.policy.approvals_for_overrides) = (2, 2);
        e.people.push(person("dave", &[signalbox::estate::Role::Approver], &public(4)));
    });
    let approved = f.approved("bob", 2, &f.desk.sign("bob", Act::Approve, &f.text.canonical()));
    let mut lines = f.with(approved.clone());
    for _ in 0..3 {
        lines.push(f.last().saying(approved.clone()));
    }
    chain::write(&f.desk.journal(), &lines);
    let (exit, said) = f.desk.flip("change.json");
    assert_eq!(exit, NOT_APPROVED, "{said}");
    // The proposal again, as it stands: the same change, no new one.
    let proposed = f.base.iter().rfind(|l| l.kind() == "proposed").unwrap().clone();
    lines.push(proposed);
    chain::write(&f.desk.journal(), &lines);
    let (exit, said) = f.desk.flip("change.json");
    assert_eq!(exit, NOT_APPROVED, "{said}");
    f.desk.nothing_moved("doubled lines");
}

/// A journal from which lines were taken, before what somebody has signed.
#[test]
fn nothing_can_be_taken_away_before_a_proposal() {
    let f = Forge::new(|_| {});
    f.desk.approve("change.json");
    f.desk.take_in("change.json");
    let lines = chain::read(&f.desk.journal());
    let anchor = usize::try_from(f.text.anchor.line).unwrap();
    assert_eq!(f.text.anchor.head.to_string(), chain::head(&lines[..anchor]), "the proposal names the line before it");
    let (mut first, mut between, mut edited, mut more) = (lines.clone(), lines.clone(), lines.clone(), lines.clone());
    first.remove(0);
    between.remove(anchor - 1);
    edited[0].record["version"] = json!("9.9.9");
    more.insert(0, lines[0].clone());
    for (what, lines) in
        [("the first line", first), ("the line before it", between), ("an edit", edited), ("one more", more)]
    {
        chain::write(&f.desk.journal(), &lines);
        for args in ["journal verify state", "journal verify state --estate estate.toml"] {
            let said = f.desk.expect(args, JOURNAL);
            assert!(
                said.contains("the proposal was signed on another journal, or lines before it were taken away"),
                "{said}"
            );
        }
        let (exit, said) = f.desk.flip("change.json");
        assert_eq!(exit, JOURNAL, "{what}: {said}");
        f.desk.nothing_moved(what);
    }
}

/// A whole change under the attacker's own estate, in which alice and bob have the attacker's keys.
fn under_their_estate(f: &Forge) -> (ChangeText, Vec<Line>) {
    let mut theirs = f.desk.estate.clone();
    for person in theirs.people.iter_mut().filter(|p| ["alice", "bob"].contains(&p.name.as_str())) {
        person.keys = vec![public(if person.name.as_str() == "alice" { 9 } else { 4 }).into()];
    }
    let binding = Binding::of(&theirs);
    let text = ChangeText { binding: binding.digest(), nonce: Nonce(3), ..f.text.clone() };
    let change = text.digest();
    let mut lines = f.with(json!({ "kind": "estate", "estate": binding.digest(), "text": binding.text() }));
    for record in [
        json!({ "kind": "proposed", "change": change, "text": text.canonical(), "signature": f.signed("mallory", &text) }),
        chain::approved(&change, "bob", &fingerprint(4), &f.desk.sign("dave", Act::Approve, &text.canonical())),
    ] {
        lines.push(f.last().saying(record));
    }
    (text, lines)
}

/// The attacker's own estate in the journal, with the attacker's keys under honest names: what was signed under it was
/// signed by nobody whom this estate knows.
#[test]
fn an_estate_with_the_attackers_keys_makes_nobody_of_ours() {
    let f = Forge::new(|_| {});
    let (text, lines) = under_their_estate(&f);
    let (_, said) = f.verify(&lines);
    assert!(said.contains(&text.binding.to_string()), "the other estate is named: {said}");
    f.desk.write("theirs.json", signalbox::cli::change_file::ChangeFile::of(&text).to_json().unwrap());
    let said = f.desk.expect("flip --quick theirs.json --as alice --key alice --to us-east-2", REFUSED);
    assert!(said.contains("void"), "{said}");
    // And under the right one an approval by the attacker's key is none.
    let lines = f.with(f.approved("bob", 4, &f.desk.sign("dave", Act::Approve, &f.text.canonical())));
    f.is_named("the attacker's key under our estate", &lines, lines.len());
    f.moves_nothing("an estate with the attacker's keys");
}

/// And what they signed is not told as if ours had.
#[test]
fn what_was_signed_under_another_estate_is_no_proof_of_our_people() {
    let f = Forge::new(|_| {});
    let (_, lines) = under_their_estate(&f);
    let (_, said) = f.verify(&lines);
    assert!(!said.contains("lines proves what it says"), "these are nobody's lines of this estate: {said}");
    let said = f.desk.run("drill approvers --as alice --key alice").1;
    assert!(said.contains("! bob: has not signed under this estate file"), "{said}");
}

/// A proposal that its requester signed by hand, without the program: it cannot wait longer than the policy says.
#[test]
fn a_hand_made_proposal_has_no_longer_window_than_the_policy_gives() {
    let f = Forge::new(|_| {});
    let mut text = ChangeText { nonce: Nonce(21), ..f.text.clone() };
    text.until += Span::from_hours(24 * 365);
    let lines = f.with(json!({
        "kind": "proposed", "change": text.digest(), "text": text.canonical(), "signature": f.signed("alice", &text)
    }));
    f.is_named("a proposal that waits for a year", &lines, lines.len());
}

/// An estate in which a proposal may wait for longer than there is time: no file may say so. A program that adds that
/// up before it looks at a signature must not die of it.
#[test]
fn an_estate_that_no_file_may_hold_crashes_nobody_and_is_named() {
    let f = Forge::new(|_| {});
    let mut theirs = f.desk.estate.clone();
    theirs.policy.proposal_expires = Span::MAX;
    let binding = Binding::of(&theirs);
    let text = ChangeText { binding: binding.digest(), nonce: Nonce(4), ..f.text.clone() };
    let mut lines = f.with(json!({ "kind": "estate", "estate": binding.digest(), "text": binding.text() }));
    let first = lines.len();
    lines.push(f.last().saying(json!({
        "kind": "proposed", "change": text.digest(), "text": text.canonical(), "signature": f.signed("mallory", &text)
    })));
    f.is_named("an estate without an end", &lines, first);
    let (exit, said) = f.desk.run("status");
    assert!(matches!(exit, DONE | IMPAIRED) && said.contains("counts for nothing"), "{exit}: {said}");
    for args in ["--read-only", "--as alice --key alice"] {
        let (exit, said) = console(&f.desk, args);
        assert!(exit == DONE && said.contains("counts for nothing"), "{args}: {exit}: {said}");
    }
}

/// A boot clock that jumps from one end of time to the other.
#[test]
fn a_boot_clock_without_bounds_crashes_nobody() {
    let f = Forge::new(|_| {});
    f.desk.expect("incident start INC-1 --as alice --key alice", DONE);
    f.desk.expect("incident end --as alice --key alice", DONE);
    let mut lines = chain::read(&f.desk.journal());
    let n = lines.len();
    let ends = [format!("-PT{}S", i64::MAX), format!("PT{}S", i64::MAX)];
    for (line, mono) in lines[n - 2..].iter_mut().zip(ends) {
        line.at["mono"] = json!(mono);
    }
    // And the wall clock goes back meanwhile.
    lines[n - 1].at["wall"] = json!(now() - Span::from_hours(1));
    chain::write(&f.desk.journal(), &lines);
    for args in ["status", "report INC-1", "report INC-1 --format json", "journal verify state --estate estate.toml"] {
        let (exit, said) = f.desk.run(args);
        assert!((0..10).contains(&exit) && !said.contains("panicked"), "{args}: {exit}: {said}");
    }
    let (exit, said) = console(&f.desk, "--as alice --key alice");
    assert!(exit == DONE && !said.contains("panicked"), "{exit}: {said}");
}

/// "approve until" is what is signed: another moment in the text is another text.
#[test]
fn an_edited_window_is_another_change() {
    let f = Forge::new(|_| {});
    let mut text = f.text.clone();
    text.until += Span::from_hours(1);
    let mut lines = f.base.clone();
    let at = lines.iter().rposition(|l| l.kind() == "proposed").unwrap();
    lines[at].record["text"] = json!(text.canonical());
    f.is_named("an edited window", &lines, at + 1);
    lines[at].record["change"] = json!(text.digest());
    f.is_named("an edited window with its own digest", &lines, at + 1);
    f.desk.write("longer.json", signalbox::cli::change_file::ChangeFile::of(&text).to_json().unwrap());
    f.desk.write("longer.sig", f.desk.sign("bob", Act::Approve, &text.canonical()));
    f.desk.expect("flip --quick longer.json --approval longer.sig --as alice --key alice --to us-east-2", REFUSED);
    f.desk.nothing_moved("an edited window");
}

/// Somebody's key answered last year; today's line is a copy of that one.
#[test]
fn an_old_answer_is_no_proof_of_today() {
    let f = Forge::new(|_| {});
    let at = now() - Span::from_hours(24 * 90);
    let presence = Presence { estate: f.desk.estate.name.clone(), at, nonce: Nonce(8) };
    let signed = signed(at, presence.nonce, f.signed("bob", &presence));
    chain::write(
        &f.desk.journal(),
        &f.with(json!({ "kind": "present", "by": "bob", "key": fingerprint(2), "signed": signed })),
    );
    let said = f.desk.run("drill approvers --as alice --key alice").1;
    assert!(!said.contains("bob: signed today"), "{said}");
}

/// The identity of a journal, as the attacker finds it out.
pub fn identity(state: &Path) -> String {
    Journal::look(state, Boot { id: "x".into() }).unwrap().0.identity()
}
