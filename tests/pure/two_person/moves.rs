//! What a change moves: gates move no traffic, and a control that goes Off moves it as one that goes On does.

use signalbox::change::{
    ChangeText, Consent, Despite, Launch, LaunchServer, Nonce, Override, ProofError, Rejection, State, Statement,
    TextError, Work, prove,
};
use signalbox::estate::{RuleKind, SafetyRule};
use signalbox::record::Record;

use crate::two_person::desk::*;
use crate::two_person::voices::sign;

fn runs(desk: &mut Desk, text: &ChangeText) {
    desk.approve(text, 4);
    assert!(desk.try_to_run(text));
    desk.answer(applied);
    desk.record_all();
    assert!(matches!(desk.state(text), State::Verified { moved: None }), "{:?}", desk.state(text));
}

fn moved(desk: &Desk) -> bool {
    desk.disk.iter().any(|kept| matches!(kept.record, Record::TrafficMoved { .. }))
}

#[test]
fn a_gate_alone_moves_no_traffic_and_starts_no_clock() {
    let mut desk = Desk::new(1);
    let text = desk.propose_marks("alice", &["failover-allowed"]).expect("a proposal");
    assert!(!text.moves_traffic());
    assert_eq!(text.loss, "none: no traffic moves");
    assert!(text.canonical().contains("\nno traffic moves in: us-east-"), "{}", text.canonical());
    assert!(desk.model.incidents.is_empty());
    runs(&mut desk, &text);
    assert!(desk.model.incidents.is_empty() && !moved(&desk));
    let said = desk.model.sentence(&text.pair).text;
    assert!(!said.contains("moving") && !said.contains("moved"), "{said}");
}

#[test]
fn traffic_that_a_control_sends_away_has_not_moved_before_it_is_seen_elsewhere() {
    let mut desk = Desk::new(1);
    let text = desk.propose_marks("alice", &["portal-us-east-1"]).expect("a proposal");
    assert!(text.moves_traffic() && text.receiving.as_str() == "us-east-2");
    runs(&mut desk, &text);
    assert!(!moved(&desk), "no resolver was asked yet");
}

/// What a text says of traffic is held against the estate, whoever wrote it.
#[test]
fn a_text_that_hides_what_moves_does_not_fit() {
    let mut desk = Desk::new(1);
    let moves = desk.propose("alice").expect("a proposal");
    let gate = desk.propose_marks("alice", &["failover-allowed"]).expect("a proposal");
    let swapped = |text: &ChangeText, from: &str, to: &str| {
        let text = ChangeText::parse(&text.canonical().replace(from, to)).expect("canonical");
        text.misfits(&estate(1)).join("; ")
    };
    let (traffic, none) = ("traffic goes to: ", "no traffic moves in: ");
    assert!(swapped(&moves, traffic, none).contains("says that no traffic moves"));
    assert!(swapped(&gate, none, traffic).contains("none of its controls steers any"));
}

/// Whoever reads the title alone is not misled, whoever wrote it.
#[test]
fn a_text_that_says_something_else_does_not_fit() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").expect("a proposal");
    assert!(text.misfits(&estate(1)).is_empty());
    for title in ["test of the signing keys, moves nothing", "fail over pair west to us-west-2", ""] {
        let other = ChangeText { title: title.into(), ..text.clone() };
        assert!(other.misfits(&estate(1)).join("; ").contains("but it does"), "{title}");
    }
    let other = ChangeText { loss: "none: no traffic moves".into(), ..text };
    assert!(other.misfits(&estate(1)).join("; ").contains("can lose data"));
}

#[test]
fn a_gate_of_another_pair_does_not_fit() {
    let mut desk = Desk::new(1);
    let text = desk.propose_marks("alice", &["failover-allowed"]).expect("a proposal");
    let mut estate = estate(1);
    assert!(text.misfits(&estate).is_empty(), "{:?}", text.misfits(&estate));
    let mut west = estate.pairs[0].clone();
    west.name = "west".into();
    // The gate's panel is the other pair's from now on.
    estate.pairs[0].control_panel = "arn:aws:route53-recovery-control::111122223333:controlpanel/another".into();
    estate.pairs.push(west);
    assert!(text.misfits(&estate).join("; ").contains("is of pair `west`"), "{:?}", text.misfits(&estate));
}

/// Of two estate files nobody knows which is the older: the requester's second key decides, under their own.
#[test]
fn an_older_estate_file_voids_nothing() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").expect("a proposal");
    desk.law.edit(0);
    let lines = desk.disk.clone();
    desk.restart(true, lines);
    desk.wait(5);
    desk.second_key("bob", &text, text.receiving.as_str());
    desk.record_all();
    assert_eq!(desk.state(&text), State::Proposed);
    assert!(!desk.try_to_run(&text));
    assert!(matches!(desk.state(&text), State::OtherEstate(_)));
}

/// Every limit of the console holds for what somebody wrote and signed with tools of their own.
#[test]
fn what_is_longer_than_any_console_writes_it_is_no_change_and_proves_nothing() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").expect("a proposal");
    let despite = |checks: Vec<String>, reason: &str| Some(Despite { checks, reason: reason.into() });
    let at = text.at;
    let mut twice = text.clone();
    if let Work::Controls { overrides, .. } = &mut twice.work {
        let rule = estate(1).safety_rules[0].clone();
        overrides.extend([1, 2].map(|_| Override { arn: rule.arn.clone(), name: rule.name.clone() }));
    }
    let server = |n: usize| LaunchServer { id: format!("s-{n}"), name: format!("app-{n}"), point: None };
    let launch = |servers| ChangeText { work: Work::Launch(Launch { drill: true, servers, at: None }), ..text.clone() };
    for text in [
        ChangeText { reason: "x".repeat(401), ..text.clone() },
        ChangeText { reason: String::new(), ..text.clone() },
        ChangeText { loss: "x".repeat(1001), ..text.clone() },
        ChangeText { despite: despite(vec!["c".into(); 2000], "r"), ..text.clone() },
        ChangeText { despite: despite(vec!["c".repeat(201)], "r"), ..text.clone() },
        ChangeText { despite: despite(vec!["c".into()], ""), ..text.clone() },
        twice,
        launch(Vec::new()),
        launch(vec![server(1), server(1)]),
        launch((0..201).map(server).collect()),
        launch(vec![LaunchServer { name: "x".repeat(301), ..server(1) }]),
    ] {
        let canonical = text.canonical();
        assert!(matches!(ChangeText::parse(&canonical), Err(TextError::Excess(_))), "{canonical}");
        let armored = sign(1, ChangeText::ACT.namespace(), &canonical);
        let proof = prove(&estate(1), text, &armored, at);
        assert!(matches!(proof, Err(ProofError::Excess(_))), "{proof:?}");
    }
    let no = Rejection { change: text.digest(), by: "carol".into(), reason: "x".repeat(401), at, nonce: Nonce(1) };
    let armored = sign(4, Rejection::ACT.namespace(), &no.canonical());
    assert!(matches!(prove(&estate(1), no, &armored, at), Err(ProofError::Excess(_))));
    let yes = Consent { change: text.canonical(), words: "x".repeat(401) };
    let armored = sign(4, Consent::ACT.namespace(), &yes.canonical());
    assert!(matches!(prove(&estate(1), yes, &armored, at), Err(ProofError::Excess(_))));
}

#[test]
fn an_override_of_a_rule_that_it_does_not_touch_does_not_fit() {
    let mut desk = Desk::new(1);
    let mut text = desk.propose_marks("alice", &["failover-allowed"]).expect("a proposal");
    let estate = estate(1);
    let arn = text.flips()[0].arn.clone();
    let touches = |rule: &&SafetyRule| match &rule.kind {
        RuleKind::Assertion { controls } => controls.contains(&arn),
        RuleKind::Gating { target, .. } => target.contains(&arn),
    };
    let gating = estate.safety_rules.iter().find(|rule| !touches(rule)).expect("a rule");
    if let Work::Controls { overrides, .. } = &mut text.work {
        overrides.push(Override { arn: gating.arn.clone(), name: gating.name.clone() });
    }
    assert!(text.misfits(&estate).join("; ").contains("would not refuse it"), "{:?}", text.misfits(&estate));
}

/// A failover is not called a failback, nor the other way round.
#[test]
fn a_move_the_other_way_does_not_fit() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").expect("a proposal");
    let other = ChangeText { title: text.title.replace("fail over", "fail back"), ..text.clone() };
    assert_ne!(other.title, text.title);
    assert!(other.misfits(&estate(1)).join("; ").contains("but it does"));
}
