//! Whole lives at random: whatever happens in whatever order, the clerk must agree.

use proptest::prelude::*;
use signalbox::change::{
    Binding, ChangeText, Consent, Digest, NAMESPACE, Nonce, Rejection, Statement, Turn, Withdrawal, prove,
};
use signalbox::event::*;
use signalbox::record::{Kept, Record, Signed};
use signalbox::time::Span;

use crate::hand as support;
use crate::two_person::desk::*;
use crate::two_person::law::{Law, Rules, names};
use crate::two_person::voices;

#[derive(Clone, Debug)]
enum Op {
    /// Alice or bob asks, for all, one or the gate.
    Propose {
        alice: bool,
        what: u8,
    },
    Sign {
        change: usize,
        voice: u8,
    },
    /// A signature over something else.
    Twisted {
        change: usize,
        voice: u8,
        twist: u8,
    },
    /// A true signature, handed in for another change.
    Misdirected {
        change: usize,
        named: usize,
        voice: u8,
    },
    SecondKey {
        change: usize,
        own: bool,
        right: bool,
    },
    Reject(usize),
    Withdraw(usize),
    /// What comes next is signed by another voice than the person's own.
    Borrow(u8),
    Move(usize),
    Dispute(usize),
    Agree,
    Wait(i64),
    Wall(i64),
    /// The boot clock goes on and the wall clock does not.
    Boot(i64),
    Hold(bool),
    KeysWait(bool),
    Keys,
    Record,
    DiskFull,
    Answer(u8),
    Look,
    Replay {
        from: usize,
        backwards: bool,
    },
    /// Another console, perhaps of another machine, took a true signature.
    Elsewhere {
        change: usize,
        voice: u8,
        machine: bool,
    },
    Forge {
        change: usize,
        voice: u8,
        how: u8,
    },
    Restart {
        same_boot: bool,
        twist: u8,
        kept: bool,
        edit: Option<u8>,
    },
}

fn voice() -> impl Strategy<Value = u8> {
    prop_oneof![4 => 1u8..9, 3 => 9u8..21]
}

fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![Just(1i64), Just(15), Just(45), Just(59), Just(61), Just(300), Just(590)]
}

fn op() -> impl Strategy<Value = Op> {
    let change = || 0usize..4;
    prop_oneof![
        4 => (any::<bool>(), prop_oneof![4 => Just(0u8), 1 => Just(1), 1 => Just(2)])
            .prop_map(|(alice, what)| Op::Propose { alice, what }),
        6 => (change(), voice()).prop_map(|(change, voice)| Op::Sign { change, voice }),
        2 => (change(), voice(), 0u8..6).prop_map(|(change, voice, twist)| Op::Twisted { change, voice, twist }),
        1 => (change(), change(), voice())
            .prop_map(|(change, named, voice)| Op::Misdirected { change, named, voice }),
        6 => (change(), prop::bool::weighted(0.8), prop::bool::weighted(0.8))
            .prop_map(|(change, own, right)| Op::SecondKey { change, own, right }),
        1 => change().prop_map(Op::Reject),
        1 => change().prop_map(Op::Withdraw),
        1 => voice().prop_map(Op::Borrow),
        1 => (0usize..5).prop_map(Op::Move),
        1 => (0usize..5).prop_map(Op::Dispute),
        1 => Just(Op::Agree),
        3 => seconds().prop_map(Op::Wait),
        1 => (-600i64..600).prop_map(Op::Wall),
        1 => seconds().prop_map(Op::Boot),
        1 => any::<bool>().prop_map(Op::Hold),
        1 => prop::bool::weighted(0.3).prop_map(Op::KeysWait),
        2 => Just(Op::Keys),
        4 => Just(Op::Record),
        1 => Just(Op::DiskFull),
        3 => (0u8..5).prop_map(Op::Answer),
        4 => Just(Op::Look),
        1 => (0usize..40, any::<bool>()).prop_map(|(from, backwards)| Op::Replay { from, backwards }),
        2 => (change(), voice(), any::<bool>())
            .prop_map(|(change, voice, machine)| Op::Elsewhere { change, voice, machine }),
        3 => (change(), voice(), 0u8..10).prop_map(|(change, voice, how)| Op::Forge { change, voice, how }),
        2 => (any::<bool>(), 0u8..6, any::<bool>(), prop::option::weighted(0.5, any::<u8>()))
            .prop_map(|(same_boot, twist, kept, edit)| Op::Restart { same_boot, twist, kept, edit }),
    ]
}

fn laws() -> impl Strategy<Value = Law> {
    (1u32..3, prop::collection::vec(any::<u8>(), 0..3)).prop_map(|(approvals, edits)| {
        let mut law = Law::new(approvals);
        edits.into_iter().for_each(|n| law.edit(n));
        law
    })
}

// The newest changes are the interesting ones.
fn nth(desk: &Desk, n: usize) -> Option<ChangeText> {
    desk.texts.iter().rev().nth(n).map(|noted| noted.text.clone())
}

fn play(desk: &mut Desk, op: Op) {
    match op {
        Op::Propose { alice, what } => {
            let by = if alice { "alice" } else { "bob" };
            match what {
                0 => drop(desk.propose(by)),
                1 => drop(desk.propose_marks(by, &["failover-allowed"])),
                _ => drop(desk.propose_marks(by, &["api-us-east-2", "failover-allowed"])),
            }
            desk.signs = None;
        }
        Op::Sign { change, voice } => {
            if let Some(text) = nth(desk, change) {
                desk.approve(&text, voice);
            }
        }
        Op::Twisted { change, voice, twist } => {
            if let Some(mut text) = nth(desk, change) {
                let namespace = match twist {
                    0 => "file",
                    1 => ACTS[usize::from(voice) % 6].namespace(),
                    _ => NAMESPACE,
                };
                match twist {
                    1 if namespace == NAMESPACE => return,
                    2 => text.reason.push('.'),
                    3 => support::flips(&mut text).reverse(),
                    4 => text.estate.push('x'),
                    5 => text.nonce = Nonce(u128::MAX),
                    _ => {}
                }
                if twist == 3 && text.flips().len() < 2 {
                    return;
                }
                desk.signature(sign(voice, namespace, &text.canonical()));
            }
        }
        Op::Misdirected { change, named, voice } => {
            if let (Some(text), Some(named)) = (nth(desk, change), nth(desk, named)) {
                if text == named {
                    desk.note(&text, voice, desk.at, desk.boot.clone());
                }
                desk.signature_for(sign(voice, NAMESPACE, &text.canonical()), Some(named.digest()));
            }
        }
        Op::SecondKey { change, own, right } => {
            if let Some(text) = nth(desk, change) {
                let other = if text.by.as_str() == "alice" { "bob" } else { "alice" };
                let by = if own { text.by.to_string() } else { other.to_owned() };
                desk.second_key(&by, &text, if right { text.receiving.as_str() } else { "eu-west-1" });
                desk.signs = None;
            }
        }
        Op::Reject(n) => {
            if let (Some(text), Some(by)) = (nth(desk, n), desk.hands("carol").approver) {
                desk.ask(Ask::Reject { by, change: text.digest(), reason: "no".into() });
                desk.signs = None;
            }
        }
        Op::Withdraw(n) => {
            if let Some(text) = nth(desk, n)
                && let Some(by) = desk.hands(text.by.as_str()).operator
            {
                desk.ask(Ask::Withdraw { by, change: text.digest() });
                desk.signs = None;
            }
        }
        Op::Borrow(voice) => desk.signs = Some(voice),
        Op::Move(n) => {
            let arn = desk.states.keys().nth(n).cloned();
            if let Some(state) = arn.and_then(|a| desk.states.get_mut(&a)) {
                *state = state.flipped();
            }
            desk.look();
        }
        Op::Dispute(n) => {
            desk.disputed.extend(desk.states.keys().nth(n).cloned());
            desk.look();
        }
        Op::Agree => {
            desk.disputed.clear();
            desk.look();
        }
        Op::Wait(seconds) => desk.wait(seconds),
        Op::Wall(seconds) => desk.at.wall += Span::from_secs(seconds),
        Op::Boot(seconds) => {
            desk.at.mono += Span::from_secs(seconds);
            desk.tell(What::Tick);
        }
        Op::Hold(hold) => desk.hold = hold,
        Op::KeysWait(wait) => desk.keys_wait = wait,
        Op::Keys => desk.answer_keys(),
        Op::Record => desk.record_all(),
        Op::DiskFull => desk.fail_all(),
        Op::Answer(n) => desk.answer(match n {
            0 | 1 => applied,
            2 => || FlipEnd::Refused(Refusal { kind: RefusalKind::Conflict, rule: None, message: "no".into() }),
            3 => || FlipEnd::Uncertain,
            _ => || FlipEnd::Unreachable,
        }),
        Op::Look => desk.look(),
        Op::Replay { from, backwards } => {
            let mut lines: Vec<_> = desk.disk.iter().skip(from).cloned().collect();
            if backwards {
                lines.reverse();
            }
            desk.tell(What::Elsewhere(lines));
        }
        Op::Elsewhere { change, voice, machine } => {
            if let Some(text) = nth(desk, change) {
                elsewhere(desk, &text, voice, machine);
            }
        }
        Op::Forge { change, voice, how } => {
            if let Some(text) = nth(desk, change) {
                forge(desk, &text, voice, how);
            }
        }
        Op::Restart { same_boot, twist, kept, edit } => {
            match edit {
                Some(n) if n < 64 => desk.spelling = n,
                Some(n) => desk.law.edit(n),
                None => {}
            }
            if kept {
                // Written, and not said to be.
                desk.record_all();
            }
            desk.restart(same_boot, twisted(desk.disk.clone(), twist));
        }
    }
}

/// A journal put together in another way. No line that ends a change is taken out of it: whoever could do that would need
/// no more (`docs/security.md`).
fn twisted(lines: Vec<Kept>, twist: u8) -> Vec<Kept> {
    let twice = |k: &Kept| [k.clone(), k.clone()];
    let spare =
        |record: &Record| matches!(record, Record::Estate { .. } | Record::Proposed { .. } | Record::Approved { .. });
    match twist {
        1 => lines.iter().flat_map(twice).collect(),
        2 => lines.iter().chain(&lines).cloned().collect(),
        3 => lines.into_iter().rev().collect(),
        4 => lines.into_iter().enumerate().filter(|(i, k)| i % 3 != 0 || !spare(&k.record)).map(|(_, k)| k).collect(),
        _ => lines,
    }
}

fn approved(text: &ChangeText, by: &str, voice: u8, words: &str, signature: String) -> Record {
    Record::Approved {
        change: text.digest(),
        by: by.into(),
        key: voices::fingerprint(voice),
        via: Via::Folder,
        words: words.into(),
        signature,
    }
}

/// Another console has taken an approval, in time as its own clocks had it, and says so under each name that is theirs.
fn elsewhere(desk: &mut Desk, text: &ChangeText, voice: u8, machine: bool) {
    let (mut at, mut boot) = (desk.at, desk.boot.clone());
    if machine {
        at.mono = Span::from_secs(3);
        boot = "another machine".to_owned();
    }
    let proposed = desk.noted(text.digest()).clone();
    let by_boot = boot != proposed.boot || at.mono - proposed.at.mono <= Span::from_mins(10);
    if !by_boot || at.wall.duration_since(text.at) > Span::from_mins(10) {
        return;
    }
    desk.note(text, voice, at, boot.clone());
    let signature = sign(voice, NAMESPACE, &text.canonical());
    for name in names(voice) {
        desk.forge(at, &boot, approved(text, name, voice, "", signature.clone()));
    }
}

/// Lines that prove nothing: nothing of what is known changes.
fn forge(desk: &mut Desk, text: &ChangeText, voice: u8, how: u8) {
    let (change, by) = (text.digest(), text.by.clone());
    let own = if by.as_str() == "alice" { 1 } else { 2 };
    let true_one = sign(voice, NAMESPACE, &text.canonical());
    let garbage = Signed { at: desk.at.wall, nonce: Nonce(9), signature: true_one.clone() };
    let heard = desk.approvals.get(&change).cloned().unwrap_or_default();
    let record = match how {
        0 => approved(text, "carol", 4, "", "x".into()),
        1 => {
            let other = ChangeText { nonce: Nonce(u128::MAX), ..text.clone() };
            approved(text, "bob", 2, "", sign(2, NAMESPACE, &other.canonical()))
        }
        2 => {
            let owner = names(voice).first().map_or('?', |name| desk.law.called(name));
            approved(text, if owner == 'B' { "carol" } else { "bob" }, voice, "", true_one)
        }
        3 => approved(text, names(voice).first().unwrap_or(&"carol"), voice, "I never said this", true_one),
        // The requester's own key turns it with too few behind it.
        4 => {
            let people = heard.iter().map(|yes| yes.who).collect();
            if desk.noted(change).law.is_enough(&people, text) {
                return;
            }
            let (region, at) = (text.receiving.clone(), desk.at.wall);
            let turn = Turn { change, by: by.clone(), region: region.clone(), at, nonce: Nonce(9) };
            let signature = sign(own, Turn::ACT.namespace(), &turn.canonical());
            Record::Intent { change, by, region, signed: Signed { signature, ..garbage } }
        }
        5 => Record::Intent { change, by, region: text.receiving.clone(), signed: garbage },
        6 => Record::Rejected { change, by: "carol".into(), reason: "no".into(), signed: garbage },
        // A true rejection of one change, told of another.
        7 => {
            let (reason, at) = ("no".to_owned(), desk.at.wall);
            let said = Rejection { change: Digest::of("another"), by: "carol".into(), reason, at, nonce: Nonce(9) };
            let signature = sign(4, Rejection::ACT.namespace(), &said.canonical());
            Record::Rejected { change, by: said.by, reason: said.reason, signed: Signed { signature, ..garbage } }
        }
        // Somebody else takes it back.
        8 => {
            let (other, key) = if own == 1 { ("bob", 2) } else { ("alice", 1) };
            let said = Withdrawal { change, by: other.into(), at: desk.at.wall, nonce: Nonce(9) };
            let signature = sign(key, Withdrawal::ACT.namespace(), &said.canonical());
            Record::Withdrawn { change, by: said.by, signed: Signed { signature, ..garbage } }
        }
        _ => return another_estate(desk, text),
    };
    desk.tell(What::Tick);
    let before = desk.model.changes.clone();
    let (at, boot) = (desk.at, desk.boot.clone());
    desk.forge(at, &boot, record.clone());
    // Of a change that is not known here, an end that is told makes it one that never runs: to that side it is believed.
    if before.get(&change).is_some() {
        assert!(desk.model.changes == before, "{record:?} proves nothing, and changed what is known");
    }
}

/// An estate of the attacker's own, in which a stranger is alice and another bob, with a proposal that both signed.
fn another_estate(desk: &mut Desk, text: &ChangeText) {
    let mut estate = Law::new(1).estate(0);
    for (name, key) in [("alice", 8), ("bob", 30)] {
        let person = estate.people.iter_mut().find(|p| p.name.as_str() == name).unwrap();
        person.keys = vec![voices::line(key).into()];
    }
    let binding = Binding::of(&estate);
    desk.nonce += 1;
    let (by, nonce) = ("alice".into(), Nonce(desk.nonce));
    let theirs = ChangeText { binding: binding.digest(), by, nonce, ..text.clone() };
    let (at, boot) = (desk.at, desk.boot.clone());
    desk.forge(at, &boot, Record::Estate { estate: binding.digest(), text: binding.text().into() });
    let (change, canonical) = (theirs.digest(), theirs.canonical());
    let signature = sign(8, ChangeText::ACT.namespace(), &canonical);
    desk.forge(at, &boot, Record::Proposed { change, text: canonical.clone(), signature });
    desk.forge(at, &boot, approved(&theirs, "bob", 30, "", sign(30, NAMESPACE, &canonical)));
    // And what they approve is nothing here, their own change least of all.
    desk.signature(sign(30, NAMESPACE, &text.canonical()));
    desk.second_key("alice", &theirs, theirs.receiving.as_str());
    assert!(!desk.model.changes.get(&change).is_some_and(|c| c.state.is_running()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 300, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order, nothing is sent that the clerk would not have let through.
    #[test]
    fn must_hold_over_whole_lives(law in laws(), ops in prop::collection::vec(op(), 1..60)) {
        let mut desk = Desk::of(law);
        for op in ops {
            play(&mut desk, op);
        }
    }

    /// Lives that come close: proposed, signed, turned, with one thing from outside between any two steps.
    #[test]
    fn must_hold_over_lives_that_come_close(
        law in laws(),
        steps in prop::collection::vec((op(), op(), prop::sample::subsequence(vec![2u8, 3, 4, 7, 9, 11, 12, 14, 15, 17, 19, 1, 10], 2)), 1..6),
    ) {
        let mut desk = Desk::of(law);
        for (first, second, voices) in steps {
            desk.look();
            let text = desk.propose("alice");
            desk.record_all();
            if let Some(text) = text {
                desk.approve(&text, voices[0]);
                play(&mut desk, first);
                desk.approve(&text, voices[1]);
                play(&mut desk, second);
                desk.look();
                desk.second_key("alice", &text, text.receiving.as_str());
                desk.record_all();
                desk.answer(applied);
            } else {
                play(&mut desk, first);
            }
        }
    }

    /// One character changed in a canonical text: refused, or another change with its own spelling and digest.
    #[test]
    fn an_edited_text_is_refused_or_another_change(place in 0usize..4000, with in any::<char>(), how in 0u8..3) {
        let text = Desk::new(1).propose("alice").unwrap();
        let mut chars: Vec<char> = text.canonical().chars().collect();
        let place = place % chars.len();
        match how {
            0 => chars[place] = with,
            1 => chars.insert(place, with),
            _ => drop(chars.remove(place)),
        }
        let edited: String = chars.into_iter().collect();
        if let Ok(change) = ChangeText::parse(&edited) {
            prop_assert_eq!(&change.canonical(), &edited);
            prop_assert_eq!(change == text, edited == text.canonical());
        }
    }

    /// Garbage that claims to be a signature: no panic, never an approval.
    #[test]
    fn armored_garbage_never_counts(body in "[A-Za-z0-9+/=\n]{0,300}", cut in 0usize..400, flip in any::<u8>()) {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.signature(format!("-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n"));
        let good = sign(2, NAMESPACE, &text.canonical());
        let mut bytes = good.clone().into_bytes();
        let cut = cut % bytes.len();
        bytes[cut] ^= flip & 0x7f;
        let bad = String::from_utf8_lossy(&bytes).into_owned();
        let consent = Consent { change: text.canonical(), words: String::new() };
        if prove(&desk.model.estate, consent, &bad, desk.at.wall).is_err() {
            desk.signature(bad);
            prop_assert!(!desk.try_to_run(&text));
        } else {
            // Only what spells the same signature may pass.
            let same = |armored: &str| signalbox::change::paste::paste(armored).map(|p| p.armored);
            prop_assert_eq!(same(&bad), same(&good));
        }
    }
}

/// The lives above are of use only where many of them move traffic, and in more than one way.
#[test]
fn lives_that_come_close_do_move_traffic() {
    for (law, voices) in [
        (Law::new(1), &[2u8][..]),
        (Law::new(2), &[9, 11]),
        (Law { verify: true, ..Law::new(2) }, &[19, 12]),
        (Law { rules: Rules::OneOfEach, ..Law::new(1) }, &[4, 14]),
        (Law { rules: Rules::TwoOfDba, ..Law::new(1) }, &[3, 12]),
        (Law { touch: false, ..Law::new(1) }, &[17]),
    ] {
        let mut desk = Desk::of(law);
        let text = desk.propose("alice").unwrap();
        for voice in voices {
            assert!(!desk.try_to_run(&text));
            desk.approve(&text, *voice);
        }
        // A comment is no edit: the change goes on with the same estate spelt otherwise.
        desk.spelling = 3;
        let lines = desk.disk.clone();
        desk.restart(true, lines);
        assert!(desk.try_to_run(&text), "{:?}", desk.model.refusals.back());
    }
}
