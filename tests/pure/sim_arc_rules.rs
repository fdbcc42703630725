//! Safety rules as a table, and as properties of any transaction.

use proptest::prelude::*;
use signalbox::estate::{ControlArn, ControlState, PanelArn, RuleArn, RuleKind, RuleTest, SafetyRule};
use signalbox::sim::arc::rules::{Bench, Entry, Refusal, judge};
use signalbox::time::{Span, Timestamp};

fn control(n: usize) -> ControlArn {
    ControlArn::new(format!("arn:c{n}"))
}

fn controls(of: &[usize]) -> Vec<ControlArn> {
    of.iter().map(|n| control(*n)).collect()
}

fn rule(kind: RuleKind, test: RuleTest, threshold: u32, inverted: bool) -> SafetyRule {
    SafetyRule {
        arn: RuleArn::new("arn:r"),
        name: "r".into(),
        control_panel: PanelArn::new("arn:p"),
        kind,
        test,
        threshold,
        inverted,
        wait_period: Span::from_secs(5),
    }
}

fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

/// `on` are On before; the entries as control and wanted state.
fn decide(
    rules: &[SafetyRule],
    on: &[usize],
    entries: &[(usize, bool)],
    overridden: &[RuleArn],
    last: Option<Span>,
) -> Result<(), Refusal> {
    let state =
        |c: &ControlArn| Some(if on.iter().any(|n| control(*n) == *c) { ControlState::On } else { ControlState::Off });
    let last_change = |_: &[ControlArn]| last.map(|ago| now() - ago);
    let entries: Vec<Entry> =
        entries.iter().map(|(n, on)| (control(*n), if *on { ControlState::On } else { ControlState::Off })).collect();
    judge(rules, &entries, overridden, &Bench { state: &state, last_change: &last_change, now: now() })
}

#[test]
fn the_table() {
    use RuleTest::{And, AtLeast, Or};
    // test, threshold, inverted, On before, entries, allowed
    type Row = (RuleTest, u32, bool, &'static [usize], &'static [(usize, bool)], bool);
    let table: &[Row] = &[
        (AtLeast, 1, false, &[1], &[(1, false)], false),
        (AtLeast, 1, false, &[1], &[(1, false), (2, true)], true),
        (AtLeast, 1, false, &[1], &[(2, true)], true),
        (AtLeast, 2, false, &[1, 2], &[(1, false)], false),
        (AtLeast, 2, false, &[1, 2], &[(1, false), (3, true)], true),
        (AtLeast, 2, true, &[1], &[(2, true)], false),
        (AtLeast, 2, true, &[], &[(2, true)], true),
        (And, 0, false, &[1, 2], &[(3, true)], true),
        (And, 0, false, &[1], &[(2, true)], false),
        (And, 0, true, &[1, 2], &[(3, true)], false),
        (Or, 0, false, &[1], &[(1, false)], false),
        (Or, 0, false, &[1, 2], &[(1, false)], true),
        (Or, 0, true, &[1], &[(1, false)], true),
        (Or, 0, true, &[], &[(1, true)], false),
        // A control that the rule does not name is none of its business, even while it is broken.
        (Or, 0, false, &[], &[(9, true)], true),
    ];
    for (test, threshold, inverted, on, entries, allowed) in table {
        let assertion = rule(RuleKind::Assertion { controls: controls(&[1, 2, 3]) }, *test, *threshold, *inverted);
        let done = decide(&[assertion], on, entries, &[], None);
        assert_eq!(done.is_ok(), *allowed, "{test:?} {threshold} {inverted} {on:?} {entries:?}: {done:?}");
    }
}

#[test]
fn a_gate_is_asked_before_the_transaction_and_locks_only_its_targets() {
    let kind = RuleKind::Gating { gating: controls(&[9]), target: controls(&[1, 2]) };
    let gate = [rule(kind, RuleTest::AtLeast, 1, false)];
    assert!(matches!(decide(&gate, &[], &[(1, true)], &[], None), Err(Refusal::Gate { .. })));
    assert!(decide(&gate, &[9], &[(1, true)], &[], None).is_ok());
    assert!(decide(&gate, &[], &[(3, true)], &[], None).is_ok());
    assert!(decide(&gate, &[], &[(9, true)], &[], None).is_ok(), "the gate itself may move");
    assert!(decide(&gate, &[], &[(9, true), (1, true)], &[], None).is_err(), "no transaction opens its own gate");
    assert!(decide(&gate, &[9], &[(9, false), (1, true)], &[], None).is_ok());
}

#[test]
fn the_wait_period_refuses_until_it_has_run_out() {
    let any = [rule(RuleKind::Assertion { controls: controls(&[1]) }, RuleTest::Or, 0, false)];
    let after = |ms: i64| decide(&any, &[1], &[(1, true)], &[], Some(Span::from_millis(ms)));
    assert!(matches!(after(0), Err(Refusal::Wait { left_ms: 5_000, .. })));
    assert!(matches!(after(4_999), Err(Refusal::Wait { left_ms: 1, .. })));
    assert!(after(5_000).is_ok());
    assert!(decide(&any, &[1], &[(2, true)], &[], Some(Span::ZERO)).is_ok(), "other controls do not wait");
}

fn any_rule() -> impl Strategy<Value = SafetyRule> {
    let some = || proptest::sample::subsequence((0..6).collect::<Vec<usize>>(), 1..4);
    let test = prop_oneof![Just(RuleTest::AtLeast), Just(RuleTest::And), Just(RuleTest::Or)];
    (some(), some(), any::<bool>(), test, 0u32..4, any::<bool>(), 0u8..4).prop_map(
        |(a, b, gating, test, n, inverted, id)| {
            let kind = if gating {
                RuleKind::Gating { gating: controls(&a), target: controls(&b) }
            } else {
                RuleKind::Assertion { controls: controls(&a) }
            };
            SafetyRule { arn: RuleArn::new(format!("arn:r{id}")), ..rule(kind, test, n, inverted) }
        },
    )
}

proptest! {
    #[test]
    fn what_is_allowed_leaves_every_touched_assertion_true(
        rules in proptest::collection::vec(any_rule(), 0..5),
        on in proptest::sample::subsequence((0..6).collect::<Vec<usize>>(), 0..6),
        entries in proptest::collection::btree_map(0usize..6, any::<bool>(), 1..6),
    ) {
        let entries: Vec<(usize, bool)> = entries.into_iter().collect();
        let allowed = decide(&rules, &on, &entries, &[], None);
        let after = |c: &ControlArn| entries.iter().find(|(n, _)| control(*n) == *c).map_or(
            on.iter().any(|n| control(*n) == *c), |(_, on)| *on);
        let mut objected = false;
        for rule in &rules {
            let (asked, guarded, later) = match &rule.kind {
                RuleKind::Assertion { controls } => (controls, controls, true),
                RuleKind::Gating { gating, target } => (gating, target, false),
            };
            if !entries.iter().any(|(n, _)| guarded.contains(&control(*n))) {
                continue;
            }
            let count = asked.iter().filter(|c| if later { after(c) } else { on.iter().any(|n| control(*n) == **c) }).count();
            let plain = match rule.test {
                RuleTest::AtLeast => count >= rule.threshold as usize,
                RuleTest::And => count == asked.len(),
                RuleTest::Or => count >= 1,
            };
            objected |= plain == rule.inverted;
        }
        prop_assert_eq!(allowed.is_err(), objected);
    }

    #[test]
    fn overriding_every_rule_allows_everything_and_overriding_one_silences_that_one(
        rules in proptest::collection::vec(any_rule(), 1..5),
        entries in proptest::collection::btree_map(0usize..6, any::<bool>(), 1..6),
    ) {
        let entries: Vec<(usize, bool)> = entries.into_iter().collect();
        let all: Vec<RuleArn> = rules.iter().map(|r| r.arn.clone()).collect();
        prop_assert!(decide(&rules, &[], &entries, &all, Some(Span::ZERO)).is_ok());
        if let Err(refusal) = decide(&rules, &[], &entries, &all[..1], None) {
            prop_assert_ne!(refusal.rule(), &all[0]);
        }
    }
}
