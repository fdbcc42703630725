//! What is kept of proofs, and for how long.

use super::*;

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
