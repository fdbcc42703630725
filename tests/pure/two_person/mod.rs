//! The two-person rule under attack: each "must hold" line of its design, then whole lives at random.

pub mod desk;
mod late;
pub mod law;
mod lives;
mod moves;
pub mod voices;

use std::collections::BTreeMap;

use signalbox::change::{Anchor, ChangeText, Courier, Hands, NAMESPACE, Nonce, State, Statement, Withdrawal};
use signalbox::effect::EffectId;
use signalbox::estate::{ControlState, PersonName};
use signalbox::event::*;
use signalbox::journal::{Boot, Journal};
use signalbox::record::{Kept, Record, Signed};
use signalbox::time::Span;

use crate::hand as support;
use desk::*;

#[test]
fn two_people_move_traffic() {
    for n in [2, 3, 4, 7, 9, 11, 12, 14, 15, 19] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").expect("a proposal");
        desk.record_all();
        desk.wait(10);
        desk.look();
        desk.approve(&text, n);
        desk.wait(5);
        assert!(desk.try_to_run(&text), "key {n}");
        desk.answer(applied);
        assert!(matches!(desk.state(&text), State::Verified { .. }), "{:?}", desk.state(&text));
    }
}

#[test]
fn must_hold_the_requesters_key_never_counts_under_any_name() {
    for n in [1, 6, 10] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, n);
        assert!(!desk.try_to_run(&text), "key {n} of alice's");
        assert_eq!(desk.state(&text), State::Proposed);
    }
    // `alias` may approve what bob asks: it is alice.
    let mut desk = Desk::new(1);
    let text = desk.propose("bob").unwrap();
    desk.approve(&text, 6);
    assert!(desk.try_to_run(&text));
}

#[test]
fn must_hold_one_person_with_two_keys_or_two_names_is_one_person() {
    for (first, second) in [(2, 3), (2, 7), (3, 7), (7, 2)] {
        let mut desk = Desk::new(2);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, first);
        desk.approve(&text, second);
        assert!(!desk.try_to_run(&text), "keys {first} and {second} are both bob's");
        desk.approve(&text, 4);
        assert!(desk.try_to_run(&text), "bob and carol are two");
    }
}

#[test]
fn must_hold_without_the_approver_role_nobody_counts() {
    for n in [5, 8, 13, 17, 18, 20] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, n);
        assert!(!desk.try_to_run(&text));
    }
}

#[test]
fn must_hold_two_approvals_by_one_person_count_once() {
    let mut desk = Desk::new(2);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 4);
    desk.approve(&text, 4);
    assert!(!desk.try_to_run(&text));
    assert_eq!(desk.model.changes.get(&text.digest()).unwrap().approvals.len(), 1);
}

#[test]
fn must_hold_an_approval_is_for_exactly_one_change() {
    let twists: [fn(&mut ChangeText); 9] = [
        |t| t.reason.push('!'),
        |t| t.estate = "other".into(),
        |t| t.cluster = "arn:aws:route53-recovery-control::111122223333:cluster/other".into(),
        |t| support::flips(t).reverse(),
        |t| drop(support::flips(t).pop()),
        |t| support::flips(t)[0].to = support::flips(t)[0].to.flipped(),
        |t| t.until += Span::from_mins(1),
        |t| t.nonce = Nonce(999),
        |t| t.by = "bob".into(),
    ];
    for (i, twist) in twists.into_iter().enumerate() {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        let mut other = text.clone();
        twist(&mut other);
        desk.signature(sign(2, NAMESPACE, &other.canonical()));
        assert!(!desk.try_to_run(&text), "twist {i}");
    }
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.signature(sign(2, "file", &text.canonical()));
    assert!(!desk.try_to_run(&text), "signed for something else");
    // The same change proposed again is another change.
    desk.approve(&text, 2);
    let again = desk.propose("alice").unwrap();
    assert!(!desk.try_to_run(&again));
    assert!(desk.try_to_run(&text));
}

#[test]
fn must_hold_no_approval_and_no_run_after_expiry() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.at = desk.at.plus(Span::from_secs(601));
    desk.approve(&text, 2);
    desk.look();
    assert!(!desk.try_to_run(&text));
    assert!(matches!(desk.state(&text), State::Expired(_)));
    // The second key has its minute, and further approvals after the ten do not open it again.
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.wait(590);
    desk.look();
    desk.approve(&text, 2);
    desk.wait(50);
    desk.look();
    desk.approve(&text, 4);
    desk.wait(20);
    desk.look();
    assert!(!desk.try_to_run(&text), "70 s after the last approval in time");
}

#[test]
fn must_hold_a_used_rejected_withdrawn_or_expired_change_never_runs() {
    type End = fn(&mut Desk, &ChangeText);
    let ends: [(&str, End); 5] = [
        ("used", |d, t| {
            assert!(d.try_to_run(t));
            d.answer(|| FlipEnd::Unreachable);
        }),
        ("refused by ARC", |d, t| {
            assert!(d.try_to_run(t));
            d.answer(|| FlipEnd::Refused(Refusal { kind: RefusalKind::SafetyRule, rule: None, message: "no".into() }));
        }),
        ("rejected", |d, t| {
            let by = d.hands("carol").approver.unwrap();
            d.ask(Ask::Reject { by, change: t.digest(), reason: "wrong region".into() });
        }),
        ("withdrawn", |d, t| {
            let by = d.hands("alice").operator.unwrap();
            d.ask(Ask::Withdraw { by, change: t.digest() });
        }),
        ("expired", |d, _| d.wait(700)),
    ];
    for (name, end) in ends {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, 2);
        end(&mut desk, &text);
        desk.look();
        let attack = |desk: &mut Desk, how: &str| {
            desk.approve(&text, 4);
            desk.approve(&text, 2);
            assert!(!desk.try_to_run(&text), "{name}, {how}");
        };
        attack(&mut desk, "live");
        let lines = desk.disk.clone();
        desk.tell(What::Elsewhere(lines.clone()));
        attack(&mut desk, "lines told again");
        for same_boot in [true, false] {
            desk.restart(same_boot, lines.clone());
            attack(&mut desk, "restarted");
            desk.restart(same_boot, lines.iter().chain(&lines).cloned().collect());
            attack(&mut desk, "doubled lines");
            desk.restart(same_boot, lines.iter().rev().cloned().collect());
            desk.tell(What::Elsewhere(lines.clone()));
            attack(&mut desk, "lines backwards, then forwards");
        }
    }
}

#[test]
fn must_hold_a_forgotten_change_stays_dead() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    let lines = desk.disk.clone();
    let by = desk.hands("alice").operator.unwrap();
    desk.ask(Ask::Withdraw { by: by.clone(), change: text.digest() });
    for _ in 0..120 {
        let next = desk.propose("alice").unwrap();
        desk.ask(Ask::Withdraw { by: by.clone(), change: next.digest() });
    }
    assert_eq!(desk.model.changes.get(&text.digest()), None, "memory is bounded");
    desk.tell(What::Elsewhere(lines));
    desk.approve(&text, 4);
    assert!(!desk.try_to_run(&text));
}

#[test]
fn must_hold_the_from_states_are_still_true() {
    let arn = support::arn("api-us-east-2");
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.states.insert(arn.clone(), ControlState::On);
    desk.look();
    assert!(!desk.try_to_run(&text));
    let State::Void(moved) = desk.state(&text) else { panic!("{:?}", desk.state(&text)) };
    assert_eq!(moved, BTreeMap::from([(arn.clone(), ControlState::On)]), "it says what moved");
    // Endpoints that disagree, or say nothing, are no ground to act on.
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.disputed.insert(arn);
    desk.look();
    assert!(!desk.try_to_run(&text), "endpoints disagree");
    desk.disputed.clear();
    desk.wait(40);
    assert!(!desk.try_to_run(&text), "nothing was heard for 40 s");
    desk.look();
    assert!(desk.try_to_run(&text));
}

#[test]
fn must_hold_a_wrong_clock_widens_no_window() {
    for jump in [-3_600, -300, -100, 300, 3_600] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.at.wall += Span::from_secs(jump);
        desk.wait(1);
        desk.look();
        desk.approve(&text, 2);
        // The earlier of both clocks: one that runs ahead may end a window early, and none keeps one open. A change that
        // was asked for minutes from now waits until the clocks agree.
        match jump {
            ..-120 => assert_eq!(desk.state(&text), State::Proposed, "{jump}: one of the clocks is wrong"),
            -120..600 => assert_eq!(desk.state(&text), State::Approved, "{jump}: nor does it narrow one"),
            _ => assert!(matches!(desk.state(&text), State::Expired(_)), "{jump}: the signed time is over"),
        }
        desk.at.wall -= Span::from_secs(jump);
        desk.wait(61);
        desk.look();
        assert!(!desk.try_to_run(&text), "{jump}");
    }
    // Another boot's lines count from another beginning: of them the signed times hold alone, to either side.
    for (passed, runs) in [(2, true), (50, true), (70, false), (700, false), (-60, false), (-3_600, false)] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, 2);
        let lines = desk.disk.clone();
        desk.at.wall += Span::from_secs(passed);
        desk.restart(false, lines);
        assert_eq!(desk.try_to_run(&text), runs, "{passed} s later, after another boot");
    }
}

#[test]
fn must_hold_the_intent_is_on_disk_before_anything_is_sent() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.hold = true;
    desk.second_key("alice", &text, "us-east-2");
    assert_eq!(desk.flips, vec![], "nothing is sent while the disk works");
    desk.fail_all();
    assert_eq!(desk.flips, vec![], "nothing is sent when the disk is full");
    assert_eq!(desk.state(&text), State::Approved, "what the journal did not take has not happened");
    // A crash between intent and outcome is found at the next start.
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    assert!(desk.try_to_run(&text));
    let lines = desk.disk.clone();
    desk.restart(true, lines);
    let after = desk.state(&text);
    assert!(matches!(after, State::Uncertain), "{after:?}");
    assert!(!desk.try_to_run(&text));
}

#[test]
fn must_hold_refusals_are_kept() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.signature("garbage".into());
    desk.second_key("alice", &text, "us-east-2");
    desk.second_key("bob", &text, "us-east-2");
    let kept = |f: fn(&Record) -> bool| desk.disk.iter().filter(|k| f(&k.record)).count();
    assert_eq!(kept(|r| matches!(r, Record::ApprovalRefused { .. })), 1);
    assert_eq!(kept(|r| matches!(r, Record::SecondKeyRefused { .. })), 2);
}

#[test]
fn must_hold_only_the_requester_turns_the_second_key_by_the_right_word() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    for (by, typed) in [("bob", "us-east-2"), ("alice", "us-east-1"), ("alice", ""), ("alice", "us-east-2\u{200b}")] {
        desk.second_key(by, &text, typed);
        desk.record_all();
        assert_eq!(desk.flips, vec![], "{by} {typed:?}");
    }
    assert!(desk.try_to_run(&text));
}

#[test]
fn must_hold_observers_and_read_only_consoles_have_no_way_to_write() {
    let estate = estate(1);
    assert_eq!(Hands::of(&estate, &"dave".into()), Hands::empty());
    assert_eq!(Hands::of(&estate, &"nobody".into()), Hands::empty());
    assert_eq!(Hands::of(&estate, &"dave".into()).courier(Via::Pasted), None);
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.record_all();
    desk.model.read_only = Some("looking".into());
    assert!(!desk.try_to_run(&text));
    assert_eq!(desk.state(&text), State::Approved, "nor does it think that it has");
    assert_eq!(desk.propose("alice"), None);
    assert_eq!(desk.model.changes.all().len(), 1);
}

/// It sees what others do and how the world goes, and asks nothing of the journal.
#[test]
fn a_console_that_looks_on_writes_nothing() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    let lines = desk.disk.clone();
    desk.restart(true, lines.clone());
    desk.model.read_only = Some("looking".into());
    desk.waiting.clear();
    desk.disk.clear();
    desk.tell(What::Elsewhere(lines));
    for _ in 0..3 {
        desk.wait(300);
        desk.look();
    }
    assert!(matches!(desk.state(&text), State::Expired(_)), "it sees that the change is over");
    assert_eq!(desk.disk, vec![]);
}

/// A token says what a screen may show; whoever makes one by hand has not the role for it.
#[test]
fn must_hold_the_gate_looks_roles_up_itself() {
    let mut desk = Desk::new(1);
    let draft = desk.draft("us-east-2");
    for (name, voice) in [("dave", 5), ("carol", 4)] {
        desk.signs = Some(voice);
        let by = serde_json::from_value(serde_json::json!(name)).unwrap();
        desk.ask(Ask::Propose { by, draft: draft.clone(), nonce: Nonce(70) });
        assert!(desk.texts.is_empty(), "{name} is no operator");
    }
    desk.signs = None;
    let text = desk.propose("alice").unwrap();
    let by = serde_json::from_value(serde_json::json!("dave")).unwrap();
    desk.ask(Ask::Reject { by, change: text.digest(), reason: "no".into() });
    assert_eq!(desk.state(&text), State::Proposed, "dave is no approver");
    assert!(!desk.disk.iter().any(|k| matches!(k.record, Record::Rejected { .. })));
}

#[test]
fn must_hold_only_the_requester_takes_it_back() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    for name in ["bob", "carol", "alias"] {
        let by = serde_json::from_value(serde_json::json!(name)).unwrap();
        desk.ask(Ask::Withdraw { by, change: text.digest() });
        assert_eq!(desk.state(&text), State::Proposed, "{name}");
    }
    let by = desk.hands("alice").operator.unwrap();
    desk.ask(Ask::Withdraw { by, change: text.digest() });
    assert_eq!(desk.state(&text), State::Withdrawn);
}

/// Who asked takes back; to say no is somebody else's, under any name.
#[test]
fn must_hold_who_asked_rejects_nothing() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    for name in ["alice", "alias"] {
        let by = serde_json::from_value(serde_json::json!(name)).unwrap();
        desk.ask(Ask::Reject { by, change: text.digest(), reason: "no".into() });
        assert_eq!(desk.state(&text), State::Proposed, "{name}");
    }
    let by = desk.hands("carol").approver.unwrap();
    desk.ask(Ask::Reject { by, change: text.digest(), reason: "no".into() });
    assert!(matches!(desk.state(&text), State::Rejected { .. }), "{:?}", desk.state(&text));
}

/// Nobody buries others' changes under their own.
#[test]
fn must_hold_one_person_has_eight_changes_open() {
    let mut desk = Desk::new(1);
    let texts: Vec<_> = (0..8).map(|_| desk.propose("alice").unwrap()).collect();
    assert!(desk.propose("alice").is_none(), "a ninth");
    let by = desk.hands("alice").operator.unwrap();
    desk.ask(Ask::Withdraw { by, change: texts[0].digest() });
    assert!(desk.propose("alice").is_some(), "one was taken back");
}

/// Whoever can write into the incident folder cannot fill the journal.
#[test]
fn must_hold_a_flood_from_the_folder_is_kept_in_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Journal::open(folder.path(), Boot { id: "boot-0".into() }).unwrap().0;
    // Two consoles find the same files.
    let mut consoles = [(Desk::new(1), open()), (Desk::new(1), open())];
    let refused = |consoles: &mut [(Desk, Journal)], armored: String| {
        let mut kept = 0;
        for (desk, journal) in consoles {
            desk.hold = true;
            let by = Courier::incident_folder();
            desk.ask(Ask::Signature { armored: armored.clone(), by, of: None });
            for (id, Kept { at, record, .. }) in std::mem::take(&mut desk.waiting) {
                let is_refusal = matches!(record, Record::ApprovalRefused { .. });
                let already = journal.append(record, at).unwrap().already;
                kept += usize::from(is_refusal && !already);
                desk.tell(if already { What::Already(id) } else { What::Recorded(id) });
            }
        }
        kept
    };
    assert_eq!((0..40).map(|n| refused(&mut consoles, format!("garbage {n}"))).sum::<usize>(), 6);
    assert!(consoles.iter().all(|(desk, _)| desk.model.refusals.len() <= 16), "what is shown is bounded too");
    consoles.iter_mut().for_each(|(desk, _)| desk.wait(61));
    assert_eq!(refused(&mut consoles, "garbage".into()), 1);
}

/// What has not begun when a signal comes does not begin.
#[test]
fn must_hold_a_signal_ends_what_has_not_begun() {
    // The key answers behind the signal.
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.keys_wait = true;
    desk.second_key("alice", &text, "us-east-2");
    assert_eq!(desk.errands.len(), 1);
    desk.tell(What::Leave);
    desk.answer_keys();
    assert!(desk.sent.is_empty() && desk.state(&text) == State::Approved, "{:?}", desk.state(&text));
    // What was waited for came together with the signal: the command goes on to its next step.
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.tell(What::Leave);
    assert!(!desk.try_to_run(&text));
    let why = desk.model.refusals.back().map(|r| r.why.clone()).unwrap_or_default();
    assert!(why.contains("a signal ended this command"), "{why}");
}

/// A text that is dated ahead would be an approval for later, in the requester's pocket.
#[test]
fn must_hold_no_text_is_dated_ahead() {
    for (ahead, runs) in [(0, true), (60, true), (600, false), (30 * 86_400, false)] {
        let mut desk = Desk::new(1);
        let mut text = desk.propose("alice").unwrap();
        text.at += Span::from_secs(ahead);
        text.until += Span::from_secs(ahead);
        text.nonce = Nonce(99);
        let (change, canonical) = (text.digest(), text.canonical());
        let signature = sign(1, "proposal@signalbox", &canonical);
        let noted =
            Noted { digest: change, text: text.clone(), at: desk.at, boot: desk.boot.clone(), law: desk.law.clone() };
        desk.texts.push(noted);
        let (at, boot) = (desk.at, desk.boot.clone());
        desk.forge(at, &boot, Record::Proposed { change, text: canonical, signature });
        desk.approve(&text, 2);
        assert_eq!(desk.try_to_run(&text), runs, "{ahead} s ahead");
    }
}

#[test]
fn must_hold_another_estates_change_is_nothing_here() {
    let mut desk = Desk::new(1);
    let mut text = desk.propose("alice").unwrap();
    text.estate = "elsewhere".into();
    let record = Record::Proposed { change: text.digest(), text: text.canonical(), signature: String::new() };
    desk.tell(What::Elsewhere(vec![Kept { at: desk.at, boot: desk.boot.clone(), record }]));
    desk.approve(&text, 2);
    assert!(!desk.try_to_run(&text));
}

#[test]
fn must_hold_what_is_signed_holds_nothing_hidden() {
    let mut desk = Desk::new(1);
    let mut draft = desk.draft("us-east-2");
    draft.reason = "fine\nreason: another\u{202e}\u{200b}\x1b[31m\u{e0041}".into();
    let by = desk.hands("alice").operator.unwrap();
    desk.ask(Ask::Propose { by, draft, nonce: Nonce(77) });
    let text = &desk.texts.last().unwrap().text;
    let canonical = text.canonical();
    assert!(canonical.chars().all(|c| c == '\n' || !signalbox::hygiene::is_hidden(c)));
    assert_eq!(canonical.matches("\nreason: ").count(), 1);
    assert!(text.reason.contains("‹U+202E›"), "{}", text.reason);
}
