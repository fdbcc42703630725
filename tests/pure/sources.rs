//! What a failure of a source means is decided once, and so is whether an endpoint answers.

use crate::hand as support;

use signalbox::cli::status_json::Status;
use signalbox::estate::{PairName, Region, Side};
use signalbox::event::{Failure, FailureKind, Heard, SourceId, What};
use signalbox::model::{Lever, Mark, Subject};
use signalbox::time::Span;
use support::{Hand, arn, estate};

fn east() -> PairName {
    PairName::from("east")
}

fn calm() -> Hand {
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(2);
    hand
}

fn fails(hand: &mut Hand, source: SourceId, kind: FailureKind, why: &str) {
    let news = Err(Failure { kind, why: why.to_owned() });
    hand.tell(What::Heard(Heard { source, took: Span::from_millis(5), fresh_for: Span::from_secs(30), news }));
}

fn cloudwatch() -> SourceId {
    SourceId::Cloudwatch("us-east-1".into())
}

const HELD: [FailureKind; 2] = [FailureKind::Throttled, FailureKind::Budget];
const BLIND: [FailureKind; 6] = [
    FailureKind::Timeout,
    FailureKind::Connect,
    FailureKind::Denied,
    FailureKind::Clock,
    FailureKind::Service,
    FailureKind::Garbled,
];

#[test]
fn a_source_that_is_asked_less_often_hides_nothing_while_its_figures_are_young() {
    for kind in HELD {
        let mut hand = calm();
        fails(&mut hand, cloudwatch(), kind, "slower");
        let said = hand.model.sentence(&east());
        assert!(said.text.contains("Traffic enters us-east-1, which is well"), "{kind:?}: {}", said.text);
        assert_eq!(hand.model.sources_lost(), 0, "{kind:?}");
        let standing = hand.model.standing(&Subject::Source(cloudwatch())).unwrap();
        assert_eq!(standing.mark, Mark::Warn, "{kind:?}");
    }
}

#[test]
fn every_other_failure_hides_a_region_at_once_and_is_called_what_it_is() {
    for kind in BLIND {
        let mut hand = calm();
        fails(&mut hand, cloudwatch(), kind, "no");
        let said = hand.model.sentence(&east()).text;
        let verb = match kind {
            FailureKind::Timeout | FailureKind::Connect => "does not answer",
            FailureKind::Denied | FailureKind::Clock => "refuses this console",
            _ => "gives no usable answer",
        };
        assert!(said.contains(&format!("us-east-1 is only partly seen: 1 of its sources {verb}.")), "{kind:?}: {said}");
        assert_eq!(hand.model.sources_lost(), 1, "{kind:?}");
        let line = hand.model.timeline.entries().back().map(|e| e.text.clone()).unwrap_or_default();
        assert!(line.starts_with(&format!("CloudWatch us-east-1 {verb}: no")), "{kind:?}: {line}");
    }
}

/// Our own limit: once figures are old they are unknown, and it is said whose limit that is.
#[test]
fn a_spent_budget_is_called_our_own_once_it_hides_something() {
    let mut hand = calm();
    for _ in 0..14 {
        hand.wait(10);
        hand.levers(&[]);
        hand.dns("us-east-1");
        for (service, region) in
            [("portal", "us-east-1"), ("portal", "us-east-2"), ("api", "us-east-1"), ("api", "us-east-2")]
        {
            hand.probe(service, region, 200);
        }
        for id in ["check-portal-1", "check-portal-2", "check-api-1", "check-api-2"] {
            hand.check(id, 16);
        }
        fails(&mut hand, cloudwatch(), FailureKind::Budget, "CloudWatch in us-east-1: not asked");
    }
    let system = Subject::System("portal-alb".into(), Side::Active);
    assert_eq!(hand.model.standing(&system).unwrap().mark, Mark::Unknown, "its figures are old");
    let said = hand.model.sentence(&east()).text;
    assert!(said.contains("CloudWatch budget is spent; the estate file sets it ([poll] dollars_per_hour)"), "{said}");
    assert!(!said.contains("do not answer") && !said.contains("does not answer"), "{said}");
    let line = hand.model.timeline.entries().iter().map(|e| e.text.clone()).find(|l| l.contains("CloudWatch"));
    assert!(line.unwrap().starts_with("CloudWatch us-east-1 is not asked: "), "not silent: it was not asked");
}

/// What people use is seen to be well, and only CloudWatch is asked no more: the region has recovered.
#[test]
fn a_spent_budget_does_not_keep_an_outage_from_ending() {
    let mut hand = calm();
    hand.outage();
    hand.wait(2);
    assert!(hand.model.impaired_since(&east(), Side::Active).is_some());
    for _ in 0..200 {
        hand.wait(10);
        hand.calm();
        fails(&mut hand, cloudwatch(), FailureKind::Budget, "CloudWatch in us-east-1: not asked");
    }
    let ended =
        hand.effects.iter().any(|e| matches!(e, signalbox::effect::Effect::Record(_, r) if r.kind() == "recovered"));
    assert!(ended, "nobody ever said that the region has recovered");
}

/// What throttles this console is there: it counts among those that answer as one that is throttled, and never as one
/// that does not answer.
#[test]
fn an_endpoint_that_throttles_is_no_dead_one() {
    let mut hand = calm();
    let endpoints: Vec<Region> = hand.model.estate.cluster.endpoints.iter().map(|e| e.region.clone()).collect();
    let throttle = |hand: &mut Hand, region: &Region| {
        let why = "routing controls at x: ThrottlingException: Rate exceeded";
        fails(hand, SourceId::Arc(region.clone()), FailureKind::Throttled, why);
    };
    throttle(&mut hand, &endpoints[0]);
    let check = |hand: &Hand| {
        let checks = hand.model.preflight(&east(), Side::Standby).checks;
        let check = checks.into_iter().find(|c| c.name == "ARC cluster endpoints").unwrap();
        (check.mark, check.figure)
    };
    assert_eq!(check(&hand), (Mark::Warn, "4 of 5 answer, 1 is throttled".to_owned()));
    assert_eq!(hand.model.endpoint_mark(&endpoints[0]), Mark::Warn);
    let json = serde_json::to_value(Status::of(&hand.model, &[east()])).unwrap();
    let first = &json["pairs"][0]["endpoints"][0];
    assert_eq!((first["answers"].as_bool(), first["throttled"].as_bool()), (Some(false), Some(true)), "{json}");
    // One answers, and the others throttle: none of them is gone.
    for region in &endpoints[1..4] {
        throttle(&mut hand, region);
    }
    assert_eq!(check(&hand).1, "1 of 5 answer, 4 are throttled");
    assert!(!hand.model.sentence(&east()).text.contains("Only 1"), "{}", hand.model.sentence(&east()).text);
    // All throttle: a move waits, and is not impossible.
    throttle(&mut hand, &endpoints[4]);
    let said = hand.model.sentence(&east());
    assert!(said.text.contains("ARC throttles this console: 5 of 5 cluster endpoints are throttled"), "{}", said.text);
    assert!(!said.text.contains("NONE of 5") && !said.text.contains("no move is possible"), "{}", said.text);
    assert_eq!((said.mark, check(&hand)), (Mark::Warn, (Mark::Warn, "0 of 5 answer, 5 are throttled".to_owned())));
    // Four are gone, and one throttles.
    for region in &endpoints[1..] {
        fails(&mut hand, SourceId::Arc(region.clone()), FailureKind::Timeout, "no answer within 2 s");
    }
    let said = hand.model.sentence(&east()).text;
    assert!(said.contains("1 of 5 cluster endpoints is throttled, and 4 do not answer"), "{said}");
}

/// Sentence, checks, plain text and JSON say the same of an endpoint.
#[test]
fn an_endpoint_whose_last_answer_is_old_answers_nowhere() {
    let mut hand = calm();
    let endpoints: Vec<Region> = hand.model.estate.cluster.endpoints.iter().map(|e| e.region.clone()).collect();
    for _ in 0..4 {
        hand.wait(10);
        hand.dns("us-east-1");
        hand.lever_at(&endpoints[2], &[]);
    }
    let said = hand.model.sentence(&east()).text;
    assert!(said.contains("Only 1 of 5 ARC cluster endpoints answers (eu-west-1)"), "{said}");
    assert_eq!(hand.model.endpoints_up(), 1);
    let json = serde_json::to_value(Status::of(&hand.model, &[east()])).unwrap();
    let answers: Vec<bool> =
        json["pairs"][0]["endpoints"].as_array().unwrap().iter().map(|e| e["answers"].as_bool().unwrap()).collect();
    assert_eq!(answers, [false, false, true, false, false], "{json}");
    let why = json["pairs"][0]["endpoints"][0]["why"].as_str().unwrap_or_default();
    assert!(why.starts_with("no report for 4"), "{json}");
    assert!(json["pairs"][0]["endpoints"][2]["age_seconds"].as_f64().is_some_and(|age| age < 1.0), "{json}");
    for (region, endpoint) in hand.model.endpoints() {
        assert_eq!(endpoint.answers(), hand.model.endpoint_mark(region) == Mark::Ok, "{region}");
    }
}

/// A read-back asks for the controls of one change. Of the others it says nothing, and does not make them younger.
#[test]
fn what_a_read_back_does_not_ask_for_grows_old() {
    use signalbox::effect::Effect;
    use signalbox::event::{FlipEnd, FlipOutcome, ReadBack};
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(2);
    hand.propose("alice", hand.draft(), 1);
    let change = hand.model.changes.all().last().unwrap_or_else(|| panic!("{:?}", hand.model.refusals)).digest;
    hand.approve("bob", change);
    hand.wait(20);
    let by = signalbox::change::Hands::of(&hand.model.estate, &"alice".into()).operator.unwrap();
    let region = hand.model.estate.pairs[0].standby.to_string();
    let effects = hand.tell(What::Asked(signalbox::event::Ask::SecondKey { by, change, typed: region }));
    let flip = effects.iter().find_map(|e| if let Effect::Flip(id, _) = e { Some(*id) } else { None });
    let end = FlipEnd::Applied { endpoint: Region::from("us-west-2") };
    let effects = hand.tell(What::Flipped(flip.unwrap(), FlipOutcome { end, attempts: Vec::new() }));
    let (id, controls) = effects
        .iter()
        .find_map(|e| if let Effect::ReadBack(id, controls, _) = e { Some((*id, controls.clone())) } else { None })
        .unwrap();
    let gate = arn("failover-allowed");
    assert!(!controls.contains(&gate), "{controls:?}");
    hand.wait(2);
    let text = hand.model.changes.get(&change).unwrap().text.clone();
    let states: std::collections::BTreeMap<_, _> = text.flips().iter().map(|f| (f.arn.clone(), f.to)).collect();
    for endpoint in ["us-east-1", "eu-west-1", "ap-northeast-1", "ap-southeast-2"] {
        let read = ReadBack { endpoint: Region::from(endpoint), states: Ok(states.clone()) };
        hand.tell(What::ReadBack(id, read));
    }
    assert_ne!(hand.model.levers.get(&gate, hand.model.now), Lever::Unknown, "it was polled 24 s ago");
    // A poll's answer counts for 30 s.
    hand.wait(10);
    assert_eq!(hand.model.levers.get(&gate, hand.model.now), Lever::Unknown, "nobody has read it for 34 s");
    let flipped = text.flips()[0].arn.clone();
    assert_ne!(hand.model.levers.get(&flipped, hand.model.now), Lever::Unknown, "it was read back 10 s ago");
}

/// Who is turned away by DRS for their credentials looks at these, and not at DRS.
#[test]
fn drs_is_not_blamed_for_credentials() {
    let mut stage = crate::support::Stage::new();
    let region = signalbox::estate::Region::from(crate::support::OHIO);
    let says = |stage: &crate::support::Stage| stage.model.knows_drs(&region).unwrap_err();
    assert_eq!(says(&stage), "DRS in us-east-2 has not answered yet");
    let why = "DescribeSourceServers: no credentials: profile `ops` has expired".to_owned();
    let denied = signalbox::event::Failure { kind: signalbox::event::FailureKind::Denied, why };
    stage.heard(signalbox::event::SourceId::Drs(region.clone()), 40, 100, Err(denied));
    let said = says(&stage);
    assert_eq!(
        said,
        "DRS in us-east-2 refuses this console: DescribeSourceServers: no credentials: profile `ops` has expired"
    );
    let gone =
        signalbox::event::Failure { kind: signalbox::event::FailureKind::Timeout, why: "no answer within 2 s".into() };
    stage.heard(signalbox::event::SourceId::Drs(region.clone()), 40, 100, Err(gone));
    assert_eq!(says(&stage), "DRS in us-east-2 does not answer: no answer within 2 s");
}
