//! What a change moves: gates move no traffic, and a control that goes Off moves it as one that goes On does.

use signalbox::change::{ChangeText, State};
use signalbox::record::Record;

use crate::two_person::desk::*;

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
        assert!(other.misfits(&estate(1)).join("; ").contains("does something else"), "{title}");
    }
    let other = ChangeText { loss: "none: no traffic moves".into(), ..text };
    assert!(other.misfits(&estate(1)).join("; ").contains("and traffic moves"));
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
