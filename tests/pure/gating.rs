//! Preflight, the readiness score, and what stops a proposal until somebody signs why not.

use crate::hand as support;

use proptest::prelude::*;
use signalbox::change::{ChangeText, Draft};
use signalbox::effect::Effect;
use signalbox::estate::{ControlState, Estate, PairName, Region, Side};
use signalbox::event::Place;
use signalbox::model::{Group, Mark, Preflight};
use signalbox::record::Record;
use support::{ESTATE, Hand};

fn east() -> PairName {
    PairName::from("east")
}

fn calm() -> Hand {
    let mut hand = Hand::new(support::estate(&[]));
    hand.calm();
    hand
}

/// The text that was let through, or why none was.
fn proposed(effects: &[Effect]) -> Result<ChangeText, String> {
    let said = effects.iter().find_map(|e| match e {
        Effect::Record(_, Record::Proposed { text, .. }) => Some(Ok(ChangeText::parse(text).expect("canonical"))),
        Effect::Record(_, Record::ProposalRefused { why, .. }) => Some(Err(why.clone())),
        _ => None,
    });
    said.expect("an answer")
}

fn failing() -> Hand {
    let mut hand = calm();
    // The replica is half an hour behind, and a page in Ohio does not answer.
    hand.reading("ag", "lag", Place::Link, Some(1_900.0));
    hand.probe("portal", "us-east-2", 503);
    hand
}

#[test]
fn must_hold_a_failing_check_stops_a_proposal() {
    let mut hand = failing();
    let draft = hand.draft();
    let why = proposed(&hand.propose("alice", draft, 1)).unwrap_err();
    assert!(why.starts_with("preflight fails: portal application answers 503 and 1 more;"), "{why}");
    assert!(hand.model.changes.all().is_empty());
}

#[test]
fn must_hold_what_is_overridden_and_why_is_part_of_what_is_signed() {
    let mut hand = failing();
    let with = |why: &str| Draft { despite: why.into(), ..failing().draft() };
    let text = proposed(&hand.propose("alice", with("patients cannot log in"), 7)).unwrap();
    let despite = text.despite.clone().expect("the checks");
    assert_eq!(despite.reason, "patients cannot log in");
    let canonical = text.canonical();
    for line in [
        "failing check: portal application answers 503\n",
        "failing check: SQL Server AG lag 31 min (limit 5 min)\n",
        "despite that because: patients cannot log in\n",
    ] {
        assert!(canonical.contains(line), "{line}{canonical}");
    }
    // Another reason, or the same change without it, is another change: a signature does not carry over.
    let mut other = text.clone();
    other.despite.as_mut().unwrap().reason.push('!');
    assert_ne!(other.digest(), text.digest());
    other.despite = None;
    assert_ne!(other.digest(), text.digest());
    // Nobody can leave the reason out of a text that has the checks.
    let cut = canonical.replace("despite that because: patients cannot log in\n", "");
    assert!(ChangeText::parse(&cut).is_err());
}

#[test]
fn an_override_of_nothing_leaves_no_trace() {
    let mut hand = calm();
    let draft = Draft { despite: "just in case".into(), ..hand.draft() };
    let text = proposed(&hand.propose("alice", draft, 1)).unwrap();
    assert_eq!(text.despite, None);
    assert!(!text.canonical().contains("just in case"));
}

#[test]
fn a_reason_cannot_smuggle_a_line_in() {
    let mut hand = failing();
    let draft = Draft { despite: "x\napprove until: 2099-01-01T00:00:00Z".into(), ..hand.draft() };
    let text = proposed(&hand.propose("alice", draft, 1)).unwrap();
    assert_eq!(text.canonical().lines().filter(|l| l.starts_with("approve until")).count(), 1);
    let reason = text.despite.unwrap().reason;
    assert!(reason.starts_with("x ") && !reason.contains('\n'), "{reason}");
}

#[test]
fn what_is_not_known_stops_only_where_the_file_says_so() {
    for (stops, toml) in
        [(false, ESTATE.to_owned()), (true, ESTATE.replace("[readiness]\n", "[readiness]\nunknown_stops = true\n"))]
    {
        let mut hand = Hand::new(Estate::parse(&toml, "small.toml").unwrap());
        hand.calm();
        hand.reading("portal-alb", "healthy", Place::Standby, None);
        hand.wait(200).levers(&[]);
        let draft = hand.draft();
        assert_eq!(proposed(&hand.propose("alice", draft, 1)).is_err(), stops);
    }
}

#[test]
fn who_has_read_nothing_has_passed_nothing() {
    let mut hand = Hand::new(support::estate(&[]));
    // ARC alone has answered, as with `propose --quick` or in the first second of a console.
    hand.levers(&[]);
    let draft = hand.draft();
    let why = proposed(&hand.propose("alice", draft.clone(), 1)).unwrap_err();
    assert!(why.contains("checks have not been read yet"), "{why}");
    let draft = Draft { despite: "CloudWatch is not to be reached from here".into(), ..draft };
    let despite = proposed(&hand.propose("alice", draft, 2)).unwrap().despite.expect("what nobody has looked at");
    assert!(despite.checks.iter().any(|c| c.ends_with("checks have not been read yet")), "{:?}", despite.checks);
}

#[test]
fn a_gate_can_be_turned_whatever_fails() {
    let mut hand = failing();
    hand.levers(&[("failover-allowed", ControlState::Off)]);
    let marks = [(support::arn("failover-allowed"), Some(ControlState::Off))];
    let mut draft = Draft::of_marks(&hand.model.estate, &east(), marks).unwrap();
    draft.reason = "allow the failover".into();
    assert!(proposed(&hand.propose("alice", draft, 1)).is_ok());
}

#[test]
fn data_may_only_go_where_it_is_allowed() {
    let only_virginia = "[readiness]\nallowed_regions = [\"us-east-1\"]\n";
    let mut hand = Hand::new(Estate::parse(&ESTATE.replace("[readiness]\n", only_virginia), "small.toml").unwrap());
    hand.calm();
    let draft = hand.draft();
    let why = proposed(&hand.propose("alice", draft, 1)).unwrap_err();
    assert!(why.contains("data stays in the allowed regions us-east-2 is NOT allowed"), "{why}");
}

/// The way back is a change like any other, with a preflight of its own.
#[test]
fn a_failback_looks_at_replication_the_other_way_round() {
    let moved = [
        ("portal-us-east-1", ControlState::Off),
        ("portal-us-east-2", ControlState::On),
        ("api-us-east-1", ControlState::Off),
        ("api-us-east-2", ControlState::On),
    ];
    let mut hand = calm();
    hand.levers(&moved);
    let looked_at = hand.model.preflight(&east(), Side::Active).checks.iter().any(|c| c.name == "SQL Server AG");
    assert!(looked_at, "from the moment at which the controls lead away, whatever DNS still answers");
    hand.dns("us-east-2");
    let said = hand.model.sentence(&east()).text;
    assert!(said.contains("us-east-1 is ready is not known: nobody can tell how far behind its data is"), "{said}");
    assert_eq!(hand.model.side_state(&east(), Side::Active).0, Mark::Unknown);
    let back = Draft {
        reason: "back".into(),
        ..Draft::towards(&hand.model.estate, &east(), &Region::from("us-east-1")).unwrap()
    };
    let lag = |hand: &Hand| {
        let preflight = hand.model.preflight(&east(), Side::Active);
        let lag = preflight.checks.iter().find(|c| c.name == "SQL Server AG" && c.group == Group::Data).cloned();
        lag.expect("a check of the replication back")
    };
    assert_eq!(lag(&hand).mark, Mark::Unknown, "nothing was heard of it");
    let why = proposed(&hand.propose("alice", back.clone(), 3)).unwrap_err();
    assert!(why.contains("SQL Server AG"), "nothing forces a failback: what is not known stops it. {why}");
    hand.reading("ag", "back", Place::Back, Some(900.0));
    assert_eq!((lag(&hand).mark, lag(&hand).limit.as_deref()), (Mark::Fail, Some("limit 5 min")));
    let why = proposed(&hand.propose("alice", back.clone(), 1)).unwrap_err();
    assert!(why.contains("SQL Server AG lag back 15 min (limit 5 min)"), "{why}");
    hand.reading("ag", "back", Place::Back, Some(2.0));
    assert_eq!(lag(&hand).mark, Mark::Ok);
    let text = proposed(&hand.propose("alice", back, 2)).unwrap();
    assert_eq!(text.title, "fail back pair east to us-east-1");
    assert_eq!(text.loss, "up to 2.0 s of writes would be lost (SQL Server AG)");
}

fn any_mark() -> impl Strategy<Value = Mark> {
    prop_oneof![Just(Mark::Ok), Just(Mark::Warn), Just(Mark::Fail), Just(Mark::Unknown)]
}

proptest! {
    /// Whatever becomes unknown, the score does not rise; and it is never above what is known.
    #[test]
    fn the_score_is_never_higher_than_what_is_known(
        marks in proptest::collection::vec((0usize..5, any_mark()), 0..40),
        weights in proptest::collection::vec(0.0f64..50.0, 5),
        lost in 0usize..40,
    ) {
        let template = calm().model.preflight(&east(), Side::Standby);
        let one = template.checks[0].clone();
        let weights = signalbox::estate::Weights {
            readiness: weights[0], health_checks: weights[1], capacity: weights[2], security: weights[3], data: weights[4],
        };
        let checks = marks.iter().map(|(g, mark)| signalbox::model::Check { group: Group::ALL[*g], mark: *mark, ..one.clone() });
        let whole = Preflight { checks: checks.collect(), weights, ..template };
        prop_assert!(u16::from(whole.score()) + u16::from(whole.unknown()) <= 101, "{} and {}", whole.score(), whole.unknown());
        let mut less = whole.clone();
        if let Some(check) = less.checks.get_mut(lost) {
            check.mark = Mark::Unknown;
        }
        prop_assert!(less.score() <= whole.score());
        let points: f64 = whole.parts().iter().map(|p| p.of).sum();
        prop_assert!((points - 100.0).abs() < 1e-6 || points == 0.0);
    }
}

/// An override of a rule that lets the change through would only make it blind: the gate drops it, whoever asks.
#[test]
fn only_a_rule_that_would_refuse_is_overridden() {
    let mut hand = calm();
    let rule = hand.model.estate.safety_rules[0].arn.clone();
    let mut draft = hand.draft();
    draft.overrides_mut().unwrap().push(rule.clone());
    let text = proposed(&hand.propose("alice", draft, 1)).unwrap();
    assert_eq!(text.overrides(), []);
    let on = (support::arn("portal-us-east-1"), Some(ControlState::On));
    let mut dark = Draft::of_marks(&hand.model.estate, &east(), [on]).unwrap();
    dark.reason = "the portal must go dark".into();
    dark.overrides_mut().unwrap().extend([rule.clone(), rule.clone()]);
    let text = proposed(&hand.propose("alice", dark, 2)).unwrap();
    assert_eq!(text.overrides().iter().map(|o| &o.arn).collect::<Vec<_>>(), [&rule]);
}
