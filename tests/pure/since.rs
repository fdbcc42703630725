//! Since when something is so: what was so at its first reading has no known beginning, in any view.

use signalbox::change::Hands;
use signalbox::effect::Effect;
use signalbox::estate::{ControlState, PersonName};
use signalbox::event::{Ask, FlipEnd, FlipOutcome, Place, What};
use signalbox::model::{Mark, Step};
use signalbox::record::{Kept, Record};
use signalbox::words::{Context, Length};

use crate::hand::{Hand, estate};
use crate::support::east;

fn hand() -> Hand {
    Hand::new(estate(&[]))
}

/// us-east-1 fails already when it is read first; all else is well.
fn found(hand: &mut Hand) {
    hand.levers(&[]);
    hand.dns("us-east-1");
    hand.outage();
    for service in ["portal", "api"] {
        hand.probe(service, "us-east-2", 200);
    }
    for id in ["check-portal-2", "check-api-2"] {
        hand.check(id, 16);
    }
    hand.reading("portal-alb", "healthy", Place::Standby, Some(12.0));
    hand.reading("ag", "lag", Place::Link, Some(4.8));
}

fn records(hand: &Hand) -> Vec<Record> {
    let kept = |e: &Effect| if let Effect::Record(_, record) = e { Some(record.clone()) } else { None };
    hand.effects.iter().filter_map(kept).collect()
}

fn sentence(hand: &Hand) -> String {
    hand.model.sentence(&east()).text
}

fn update(hand: &Hand) -> String {
    hand.model.status(&east(), None, false).lines().join(" ")
}

#[test]
fn what_failed_at_its_first_reading_began_before_it() {
    let mut hand = hand();
    found(&mut hand);
    hand.wait(3);
    assert!(sentence(&hand).contains("us-east-1 is impaired since before 18:38:00Z"), "{}", sentence(&hand));
    let incident = hand.model.running_incident(&east()).expect("the clock runs");
    let (lasted, left) = (incident.lasted(hand.model.now).unwrap(), incident.rto_left(hand.model.now).unwrap());
    assert!(lasted.at_least && left.at_most, "{lasted:?} {left:?}");
    assert!(incident.took(Step::Detected, hand.model.now).unwrap().at_least);
    let said = update(&hand);
    assert!(
        said.contains("It began before 18:38:00Z, at least 00:00:03 ago. RTO: at most 00:59:57 of 1 h left."),
        "{said}"
    );
    // Every console that reads the journal says the same, though it read the region later.
    let records: Vec<Record> = records(&hand);
    assert!(records.iter().any(|r| matches!(r, Record::Impaired { found: true, .. })), "{records:?}");
    assert!(records.iter().any(|r| matches!(r, Record::Began { found: true, .. })), "{records:?}");
    let ctx = Context::of(&hand.model.estate, None);
    let told: Vec<_> = records.iter().map(|r| signalbox::words::told(r, &ctx, Length::Line).text).collect();
    assert!(told.iter().any(|t| t.contains("us-east-1 is impaired since before 2026")), "{told:?}");
    assert!(told.iter().any(|t| t.contains("the clock runs: a failure since before 18:38:00Z")), "{told:?}");
    // Somebody who knows when it began says so, and it is a time.
    let by = Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    let since = hand.at.wall.checked_sub(signalbox::time::Span::from_mins(12)).unwrap();
    let session = signalbox::event::NewSession {
        pair: east(),
        name: "INC-1".into(),
        kind: signalbox::record::SessionKind::Incident,
        participants: vec![],
        since: Some(since),
    };
    hand.tell(What::Asked(Ask::Begin { by, session }));
    assert!(!hand.model.incidents[&east()].started.is_found());
}

#[test]
fn what_is_seen_to_fail_begins_then() {
    let mut hand = hand();
    hand.calm().wait(5);
    hand.outage().wait(1);
    assert!(sentence(&hand).contains("us-east-1 is impaired since 18:38:05Z"), "{}", sentence(&hand));
    assert!(!hand.model.incidents[&east()].started.is_found());
    assert!(records(&hand).iter().any(|r| matches!(r, Record::Impaired { found: false, .. })));
}

#[test]
fn what_failed_while_nobody_read_it_began_before_it_was_read_again() {
    let mut hand = hand();
    hand.calm().wait(600);
    hand.outage().wait(1);
    assert!(sentence(&hand).contains("us-east-1 is impaired since before 18:48:00Z"), "{}", sentence(&hand));
}

#[test]
fn a_journal_of_before_has_beginnings() {
    let old = r#"{"kind":"impaired","pair":"east","region":"us-east-1","since":"2026-11-26T18:38:05Z"}"#;
    let record: Record = serde_json::from_str(old).unwrap();
    assert!(matches!(record, Record::Impaired { found: false, .. }));
    assert_eq!(serde_json::to_string(&record).unwrap(), old);
}

#[test]
fn controls_that_are_off_everywhere_are_an_incident_and_no_more_is_said_than_is_read() {
    use ControlState::Off;
    let mut hand = hand();
    hand.calm().wait(5);
    let all = [("portal-us-east-1", Off), ("portal-us-east-2", Off), ("api-us-east-1", Off), ("api-us-east-2", Off)];
    hand.levers(&all);
    hand.wait(1);
    assert!(hand.model.running_incident(&east()).is_none(), "endpoints follow one another");
    hand.wait(6);
    let said = sentence(&hand);
    assert!(
        said.contains("The routing controls of portal and api are OFF IN EVERY REGION; DNS still answers us-east-1."),
        "{said}"
    );
    assert!(!said.contains("NOBODY"), "{said}");
    let incident = hand.model.running_incident(&east()).expect("the clock runs");
    assert!(!incident.planned && !incident.started.is_found());
    assert_eq!(incident.lasted(hand.model.now).unwrap().span.as_secs(), 7);
    assert_eq!(hand.model.sentence(&east()).mark, Mark::Fail);
    assert!(hand.model.controls_are_wrong(&east()));
    assert!(update(&hand).contains("Next update by"), "{}", update(&hand));
}

#[test]
fn an_alarm_says_when_a_control_moved() {
    let mut hand = hand();
    hand.calm().wait(5);
    hand.levers(&[("portal-us-east-1", ControlState::Off)]);
    hand.wait(10);
    let entry = hand.model.timeline.entries().iter().rev().find(|e| e.text.contains("by no change of this journal"));
    let text = &entry.expect("an alarm").text;
    assert!(text.contains("portal-us-east-1 was moved On → Off at 18:38:05Z"), "{text}");
}

#[test]
fn a_planned_move_that_was_withdrawn_has_no_clock() {
    let mut hand = hand();
    hand.calm().wait(5);
    hand.propose("alice", hand.draft(), 1);
    hand.wait(20);
    let digest = hand.model.changes.all()[0].digest;
    assert!(hand.model.running_incident(&east()).is_some_and(|i| i.planned));
    let by = Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    hand.tell(What::Asked(Ask::Withdraw { by, change: digest }));
    hand.calm().wait(1);
    assert!(hand.model.running_incident(&east()).is_none(), "nothing is left of it");
    let incident = hand.model.incidents[&east()].clone();
    let took = |hand: &Hand| incident.took(Step::Preflight, hand.model.now);
    let before = took(&hand);
    hand.wait(30);
    assert_eq!((took(&hand), before.is_some()), (before, true), "a step does not count on");
}

#[test]
fn verified_has_one_evidence_in_every_view() {
    let mut hand = hand();
    hand.calm();
    hand.propose("alice", hand.draft(), 1);
    let digest = hand.model.changes.all()[0].digest;
    let kept = |hand: &Hand, record| Kept { at: hand.at, boot: hand.model.boot.clone(), record };
    let outcome = FlipOutcome { end: FlipEnd::Applied { endpoint: "us-west-2".into() }, attempts: vec![] };
    let change = hand.model.changes.get(&digest).unwrap();
    let ctx = Context { outcome: Some(&outcome), ..Context::of(&hand.model.estate, Some(change)) };
    let endpoints = vec!["us-east-1".into(), "us-west-2".into()];
    let settled = kept(&hand, Record::Settled { change: digest, done: true, endpoints });
    let told = signalbox::words::told(&settled.record, &ctx, Length::Line).text;
    assert!(told.ends_with("verified: us-east-1 showed the new states"), "{told}");
}
