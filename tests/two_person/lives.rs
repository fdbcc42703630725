//! Whole lives at random: whatever happens in whatever order, the clerk must agree.

use proptest::prelude::*;
use signalbox::change::{ChangeText, Consent, NAMESPACE, Nonce, prove};
use signalbox::event::*;
use signalbox::time::Span;

use crate::desk::*;
use crate::support;

#[derive(Clone, Debug)]
enum Op {
    Propose(bool),
    Sign { change: usize, key: u8 },
    Twisted { change: usize, key: u8, twist: u8 },
    SecondKey { change: usize, own: bool, right: bool },
    Reject(usize),
    Withdraw(usize),
    Move(usize),
    Dispute(usize),
    Agree,
    Wait(i64),
    Wall(i64),
    Record,
    DiskFull,
    Answer(u8),
    Look,
    Replay { from: usize, backwards: bool },
    Restart { same_boot: bool, twist: u8 },
}

fn op() -> impl Strategy<Value = Op> {
    let change = 0usize..4;
    prop_oneof![
        4 => any::<bool>().prop_map(Op::Propose),
        6 => (change.clone(), 1u8..9).prop_map(|(change, key)| Op::Sign { change, key }),
        2 => (change.clone(), 1u8..9, 0u8..5).prop_map(|(change, key, twist)| Op::Twisted { change, key, twist }),
        6 => (change.clone(), prop::bool::weighted(0.8), prop::bool::weighted(0.8))
            .prop_map(|(change, own, right)| Op::SecondKey { change, own, right }),
        1 => change.clone().prop_map(Op::Reject),
        1 => change.prop_map(Op::Withdraw),
        1 => (0usize..5).prop_map(Op::Move),
        1 => (0usize..5).prop_map(Op::Dispute),
        1 => Just(Op::Agree),
        3 => prop_oneof![Just(1i64), Just(15), Just(45), Just(59), Just(61), Just(300), Just(590)].prop_map(Op::Wait),
        1 => (-600i64..600).prop_map(Op::Wall),
        5 => Just(Op::Record),
        1 => Just(Op::DiskFull),
        3 => (0u8..5).prop_map(Op::Answer),
        4 => Just(Op::Look),
        1 => (0usize..40, any::<bool>()).prop_map(|(from, backwards)| Op::Replay { from, backwards }),
        1 => (any::<bool>(), 0u8..3).prop_map(|(same_boot, twist)| Op::Restart { same_boot, twist }),
    ]
}

fn play(desk: &mut Desk, op: Op) {
    // The newest changes are the interesting ones.
    let nth = |desk: &Desk, n: usize| desk.texts.iter().rev().nth(n).map(|(t, ..)| t.clone());
    match op {
        Op::Propose(alice) => drop(desk.propose(if alice { "alice" } else { "bob" })),
        Op::Sign { change, key } => {
            if let Some(text) = nth(desk, change) {
                desk.approve(&text, key);
            }
        }
        Op::Twisted { change, key: n, twist } => {
            if let Some(mut text) = nth(desk, change) {
                let mut namespace = NAMESPACE;
                match twist {
                    0 => namespace = "file",
                    1 => text.reason.push('.'),
                    2 => support::flips(&mut text).reverse(),
                    3 => text.estate.push('x'),
                    _ => text.nonce = Nonce(u128::MAX),
                }
                desk.signature(sign(&key(n), namespace, &text.canonical()));
            }
        }
        Op::SecondKey { change, own, right } => {
            if let Some(text) = nth(desk, change) {
                let other = if text.by.as_str() == "alice" { "bob" } else { "alice" };
                let by = if own { text.by.to_string() } else { other.to_owned() };
                desk.second_key(&by, &text, if right { text.receiving.as_str() } else { "eu-west-1" });
            }
        }
        Op::Reject(n) => {
            if let Some(text) = nth(desk, n) {
                let by = desk.hands("carol").approver.unwrap();
                desk.ask(Ask::Reject { by, change: text.digest(), reason: "no".into() });
            }
        }
        Op::Withdraw(n) => {
            if let Some(text) = nth(desk, n) {
                let by = desk.hands(text.by.as_str()).operator.unwrap();
                desk.ask(Ask::Withdraw { by, change: text.digest() });
            }
        }
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
        Op::Restart { same_boot, twist } => {
            let mut lines = desk.disk.clone();
            match twist {
                1 => lines = lines.iter().flat_map(|k| [k.clone(), k.clone()]).collect(),
                2 => lines.extend(lines.clone()),
                _ => {}
            }
            desk.restart(same_boot, lines);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order, nothing is sent that the clerk would not have let through.
    #[test]
    fn must_hold_over_whole_lives(approvals in 1u32..3, ops in prop::collection::vec(op(), 1..60)) {
        let mut desk = Desk::new(approvals);
        for op in ops {
            play(&mut desk, op);
        }
    }

    /// Lives that come close: proposed, signed, turned, with one thing from outside between any two steps.
    #[test]
    fn must_hold_over_lives_that_come_close(
        approvals in 1u32..3,
        steps in prop::collection::vec((op(), 0u8..4), 1..12),
    ) {
        let mut desk = Desk::new(approvals);
        for (op, _) in steps {
            desk.look();
            let text = desk.propose("alice");
            desk.record_all();
            if let Some(text) = text {
                desk.approve(&text, 2);
                play(&mut desk, op);
                desk.approve(&text, 4);
                desk.look();
                desk.second_key("alice", &text, text.receiving.as_str());
                desk.record_all();
                desk.answer(applied);
            } else {
                play(&mut desk, op);
            }
        }
    }

    /// Any text: no panic; what is read is spelt the same again.
    #[test]
    fn any_text_is_refused_or_canonical(text in "(?s).{0,400}") {
        if let Ok(change) = ChangeText::parse(&text) {
            prop_assert_eq!(change.canonical(), text);
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
        let good = sign(&key(2), NAMESPACE, &text.canonical());
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
