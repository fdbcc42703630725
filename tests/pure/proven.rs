//! Nothing false before thirty people: what is said of traffic, of a region and of its controls takes a proof, and what
//! is not proven is named.

use crate::hand as support;

use signalbox::change::{Hands, State};
use signalbox::effect::Effect;
use signalbox::estate::{ControlState, Estate, PairName, PersonName, Region, ResolverName, Side};
use signalbox::event::*;
use signalbox::model::{Mark, Step};
use signalbox::record::{Kept, Record, SessionKind};
use signalbox::time::Span;
use signalbox::words::{NextAct, Unproven, headline};
use support::{Hand, estate};

use ControlState::{Off, On};

const FLIPPED: [(&str, ControlState); 4] =
    [("portal-us-east-1", Off), ("portal-us-east-2", On), ("api-us-east-1", Off), ("api-us-east-2", On)];

fn east() -> PairName {
    PairName::from("east")
}

fn said(hand: &Hand) -> String {
    hand.model.sentence(&east()).text
}

/// ARC has taken a failover to us-east-2 and shows it; DNS and applications are as they were.
fn flipped_in(estate: Estate) -> Hand {
    let mut hand = Hand::new(estate);
    hand.calm().wait(1);
    hand.propose("alice", hand.draft(), 1);
    let digest = hand.model.changes.all().last().expect("a change").digest;
    hand.approve("bob", digest);
    let by = Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    let effects = hand.tell(What::Asked(Ask::SecondKey { by, change: digest, typed: "us-east-2".into() }));
    let id = effects.iter().find_map(|e| if let Effect::Flip(id, _) = e { Some(*id) } else { None });
    let end = FlipEnd::Applied { endpoint: "us-west-2".into() };
    hand.tell(What::Flipped(id.expect("it is sent"), FlipOutcome { end, attempts: vec![] }));
    hand.wait(1);
    hand.levers(&FLIPPED);
    hand.wait(1);
    assert!(matches!(state(&hand), State::Verified { moved: None }), "{:?}", state(&hand));
    hand
}

fn flipped() -> Hand {
    flipped_in(estate(&[]))
}

fn state(hand: &Hand) -> State {
    hand.model.changes.all().last().expect("a change").state.clone()
}

fn has_moved(hand: &Hand) -> bool {
    matches!(state(hand), State::Verified { moved: Some(_) })
}

/// How the change that moved traffic shows it.
fn how(hand: &Hand) -> String {
    let how = hand.effects.iter().find_map(|e| match e {
        Effect::Record(_, Record::TrafficMoved { how, .. }) => Some(how.clone()),
        _ => None,
    });
    how.expect("it has moved")
}

fn answers(hand: &mut Hand, resolver: &str, of: &[(&str, &str)], ttl: u32) {
    let answer = |(name, region): &(&str, &str)| DnsAnswer {
        name: (*name).into(),
        answers: if region.is_empty() { Err("no such name".into()) } else { Ok(vec!["192.0.2.1".into()]) },
        ttl,
        leads: if region.is_empty() { Leads::Nowhere } else { Leads::To(Region::from(*region)) },
    };
    hand.heard(SourceId::Dns(ResolverName::from(resolver)), News::Dns(of.iter().map(answer).collect()));
}

const WEST: [(&str, &str); 2] = [("portal.example.com", "us-east-2"), ("api.example.com", "us-east-2")];
const EAST: [(&str, &str); 2] = [("portal.example.com", "us-east-1"), ("api.example.com", "us-east-1")];

/// The applications and the controls stay as they are; resolvers are heard by hand.
fn goes_on(hand: &mut Hand, seconds: i64) {
    for _ in 0..seconds {
        hand.wait(1);
        for region in ["us-east-1", "us-east-2"] {
            hand.probe("portal", region, 200);
            hand.probe("api", region, 200);
        }
        hand.levers(&FLIPPED);
    }
}

// -------------------------------------------------------------------------------------------- traffic has moved

/// Nothing tells where an alias's addresses lead: that is no proof that traffic has moved, and none that it has not.
#[test]
fn answers_that_nothing_can_tell_prove_neither_way() {
    let mut hand = flipped();
    let blind = |name: &str| DnsAnswer {
        name: name.into(),
        answers: Ok(vec!["192.0.2.1".into()]),
        ttl: 60,
        leads: Leads::Untold { untold: Blind::NoTarget },
    };
    let all = WEST.map(|(name, _)| blind(name)).to_vec();
    for resolver in ["r1", "r2", "r3", "r4"] {
        hand.heard(SourceId::Dns(ResolverName::from(resolver)), News::Dns(all.clone()));
    }
    goes_on(&mut hand, 3);
    assert!(!has_moved(&hand));
    let change = hand.model.changes.all().last().unwrap();
    let unproven = hand.model.unproven(change);
    assert_eq!(unproven, [Unproven::Untold(8, Blind::NoTarget)]);
    assert!(!unproven[0].can_end(), "waiting does not end it: the estate file does");
    let said = hand.model.sentence(&east()).text;
    assert!(!said.contains("lead to us-east-2") && !said.contains("moving"), "{said}");
    assert!(
        said.contains("Where traffic enters is not known") && said.contains("the routing controls say us-east-2"),
        "{said}"
    );
    // With an answer that tells, that one is counted and the others are not counted against it.
    answers(&mut hand, "r1", &EAST, 60);
    assert_eq!(hand.model.answers(hand.model.changes.all().last().unwrap()).short(), "0/2, 6 ?");
}

#[test]
fn traffic_has_moved_where_every_name_leads_there_and_applications_answer() {
    let mut hand = flipped();
    for resolver in ["r1", "r2", "r3"] {
        answers(&mut hand, resolver, &WEST, 60);
    }
    assert!(!has_moved(&hand));
    answers(&mut hand, "r4", &WEST, 60);
    assert!(has_moved(&hand));
    assert_eq!(how(&hand), "all 8 DNS answers lead there and its applications answer");
}

/// Whoever asked the resolver before it fell silent goes where it led, for as long as it said.
#[test]
fn a_lost_round_of_dns_does_not_take_back_what_was_answered() {
    for (ttl, silent) in [(60, 45), (120, 100), (u32::MAX, 200)] {
        let mut hand = flipped();
        answers(&mut hand, "r4", &EAST, ttl);
        for _ in 0..silent / 5 {
            goes_on(&mut hand, 5);
            for resolver in ["r1", "r2", "r3"] {
                answers(&mut hand, resolver, &WEST, 60);
            }
            hand.failed(SourceId::Dns(ResolverName::from("r4")), "no answer in time");
            assert!(!has_moved(&hand), "ttl {ttl}: {}", said(&hand));
        }
        let text = said(&hand);
        assert!(text.contains("2 DNS answers that may lead elsewhere can still be used"), "{text}");
        assert!(!text.contains("raffic moved"), "{text}");
    }
    // When what it said has run out, it proves nothing either way.
    let mut hand = flipped();
    answers(&mut hand, "r4", &EAST, 60);
    for _ in 0..13 {
        goes_on(&mut hand, 5);
        for resolver in ["r1", "r2", "r3"] {
            answers(&mut hand, resolver, &WEST, 60);
        }
        hand.failed(SourceId::Dns(ResolverName::from("r4")), "no answer in time");
    }
    assert!(has_moved(&hand));
    let how = how(&hand);
    assert!(how.starts_with("all 6 DNS answers that were given lead there, 2 of 8 were not given"), "{how}");
}

#[test]
fn a_name_that_nobody_answers_for_has_not_moved_with_the_others() {
    let mut hand = flipped();
    for _ in 0..20 {
        goes_on(&mut hand, 5);
        for resolver in ["r1", "r2", "r3", "r4"] {
            answers(&mut hand, resolver, &WEST[..1], 60);
        }
    }
    assert!(!has_moved(&hand));
    let text = said(&hand);
    assert!(text.contains("no resolver answers for api.example.com"), "{text}");
}

#[test]
fn an_error_is_no_proof() {
    let mut hand = flipped();
    for resolver in ["r1", "r2", "r3"] {
        answers(&mut hand, resolver, &WEST, 60);
    }
    answers(&mut hand, "r4", &[("portal.example.com", ""), ("api.example.com", "us-east-2")], 60);
    assert!(!has_moved(&hand));
}

#[test]
fn applications_that_nothing_asks_are_not_said_to_answer() {
    let mut bare = estate(&[]);
    for service in &mut bare.services {
        service.probes.retain(|p| p.region.as_str() == "us-east-1");
    }
    // Health checks of Route 53 are proof, too.
    let mut checked = flipped_in(bare.clone());
    checked.dns("us-east-2");
    assert!(has_moved(&checked));
    checked = flipped_in(bare.clone());
    checked.check("check-api-2", 0);
    checked.dns("us-east-2");
    assert!(!has_moved(&checked) && said(&checked).contains("api does not answer in us-east-2"), "{}", said(&checked));

    bare.health_checks.retain(|c| c.region.as_str() == "us-east-1");
    let mut hand = flipped_in(bare);
    hand.dns("us-east-2");
    assert!(!has_moved(&hand));
    let text = said(&hand);
    assert!(text.contains("8 of 8 DNS answers lead there"), "{text}");
    assert!(
        text.contains("That it has arrived is not proven: nothing asks whether portal answers in us-east-2"),
        "{text}"
    );
    let incident = hand.model.running_incident(&east()).expect("a clock");
    assert!(incident.step(Step::Dns).ended.is_some() && incident.step(Step::Applications).ended.is_none());
    let next = hand.model.owners(&east()).expect("owners");
    assert!(matches!(next.next, NextAct::Prove(..)), "{:?}", next.next);
    assert!(next.next().contains("nothing asks whether portal answers in us-east-2"), "{}", next.next());
    // The lever was thrown and nothing comes of it, which is another matter.
    let next = flipped().model.owners(&east()).expect("owners").next;
    assert!(matches!(next, NextAct::Follow(..)), "{next:?}");
}

#[test]
fn without_a_name_that_is_watched_nothing_shows_that_traffic_moved() {
    let mut bare = estate(&[]);
    bare.services.iter_mut().for_each(|s| s.dns.clear());
    let mut hand = flipped_in(bare);
    goes_on(&mut hand, 5);
    assert!(!has_moved(&hand));
    let text = said(&hand);
    assert!(text.contains("not proven: no DNS name is watched that it moves"), "{text}");
}

// ------------------------------------------------------------------------------------------------- where it goes

#[test]
fn services_in_different_regions_are_said_to_be_there() {
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(1);
    for resolver in ["r1", "r2", "r3", "r4"] {
        answers(&mut hand, resolver, &[("portal.example.com", "us-east-1"), ("api.example.com", "us-east-2")], 60);
    }
    hand.levers(&[("api-us-east-1", Off), ("api-us-east-2", On)]);
    hand.wait(1);
    let text = said(&hand);
    assert!(text.contains("Traffic enters BOTH regions: that of portal us-east-1, that of api us-east-2."), "{text}");
    assert!(!text.contains("moving"), "{text}");
    let title = headline(&hand.model.headline(&east()).unwrap(), "east");
    assert!(title.contains("traffic in both regions"), "{title}");
}

#[test]
fn a_service_that_moves_alone_moves_in_its_own_direction() {
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(1);
    hand.levers(&[("api-us-east-1", Off), ("api-us-east-2", On)]);
    answers(&mut hand, "r1", &[("portal.example.com", "us-east-1"), ("api.example.com", "us-east-2")], 60);
    let text = said(&hand);
    assert!(text.contains("Traffic of api is moving to us-east-2: 1 of 4 DNS answers lead there."), "{text}");
}

/// Somebody moves the controls back by hand while DNS still follows the change.
#[test]
fn what_was_moved_back_by_hand_is_not_said_to_be_on_its_way() {
    let mut hand = flipped();
    assert!(said(&hand).contains("moving to us-east-2"), "{}", said(&hand));
    // Longer than a read may be stale: what is seen sooner takes no verified change back.
    for _ in 0..20 {
        hand.wait(1);
        hand.levers(&[]);
    }
    let text = said(&hand);
    assert!(!text.contains("moving to us-east-2") && text.contains("MOVED BY SOMEBODY ELSE"), "{text}");
    let change = hand.model.changes.all().last().unwrap();
    let standing = signalbox::words::standing(change, &hand.model.estate, None, None);
    assert!(standing.contains("showed the new states") && !standing.contains("show the new states"), "{standing}");
}

// -------------------------------------------------------------------------------------------------------- well

#[test]
fn a_region_without_readings_is_not_well() {
    // The first seconds: DNS and ARC have answered, and nothing else.
    let mut hand = Hand::new(estate(&[]));
    hand.levers(&[]);
    hand.dns("us-east-1");
    let text = said(&hand);
    assert!(
        !text.contains("is well.") && text.contains("Whether us-east-1 is well is not known: 5 of 5 things"),
        "{text}"
    );
    assert_eq!(hand.model.sentence(&east()).mark, Mark::Unknown);
    assert_eq!(hand.model.side_state(&east(), Side::Active), (Mark::Unknown, "PARTLY SEEN".to_owned()));
    // Probes alone, and CloudWatch that answers without a value.
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(1);
    assert!(said(&hand).contains("us-east-1, which is well") || said(&hand).contains("Traffic enters us-east-1."));
    for _ in 0..30 {
        hand.wait(10).levers(&[]);
        hand.dns("us-east-1");
        hand.reading("portal-alb", "healthy", Place::Active, None);
        hand.reading("portal-alb", "healthy", Place::Standby, None);
    }
    let text = said(&hand);
    assert!(!text.contains("is well.") && text.contains("Whether us-east-1 is well is not known"), "{text}");
}

/// What the platform cannot do without is said before what it can, whichever side has it.
#[test]
fn what_the_platform_cannot_do_without_leads() {
    let airflow = signalbox::estate::SystemId::from("airflow");
    let mut with = estate(&[]);
    let mut minor = with.systems[0].clone();
    (minor.id, minor.name, minor.tier) = (airflow, "Airflow".into(), signalbox::estate::Tier::Standard);
    with.systems.push(minor);
    let mut hand = Hand::new(with);
    hand.calm();
    for place in [Place::Active, Place::Standby] {
        hand.reading("airflow", "healthy", place, Some(12.0));
    }
    hand.reading("ag", "lag", Place::Link, Some(400.0));
    hand.reading("airflow", "healthy", Place::Active, Some(0.0));
    let text = said(&hand);
    let (stall, minor) = (text.find("SQL Server AG lag"), text.find("Airflow"));
    assert!(stall.is_some() && stall < minor, "{text}");
}

// --------------------------------------------------------------------------------------------------- endpoints

#[test]
fn endpoints_that_were_not_heard_yet_are_not_said_to_be_silent() {
    let mut hand = Hand::new(estate(&[]));
    hand.dns("us-east-1");
    hand.lever_at(&"us-west-2".into(), &[]);
    assert!(!said(&hand).contains("of 5 ARC cluster endpoints"), "{}", said(&hand));
    for endpoint in ["us-east-1", "eu-west-1", "ap-northeast-1"] {
        hand.failed(SourceId::Arc(endpoint.into()), "no answer");
    }
    assert!(!said(&hand).contains("of 5 ARC cluster endpoints"), "{}", said(&hand));
    hand.failed(SourceId::Arc("ap-southeast-2".into()), "no answer");
    assert!(
        said(&hand).contains("Only 1 of 5 ARC cluster endpoints has answered since before 18:38:00Z (us-west-2)"),
        "{}",
        said(&hand)
    );
}

#[test]
fn with_no_endpoint_nobody_is_told_that_they_can_move() {
    let mut hand = Hand::new(estate(&[]));
    hand.calm();
    hand.reading("ag", "lag", Place::Link, Some(400.0));
    assert!(said(&hand).contains("You can still move"), "{}", said(&hand));
    for endpoint in ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"] {
        hand.failed(SourceId::Arc(endpoint.into()), "no answer");
    }
    let text = said(&hand);
    assert!(text.contains("no move is possible now") && !text.contains("can still move"), "{text}");
}

// ------------------------------------------------------------------------------- controls that somebody else moved

#[test]
fn one_endpoint_that_answers_alone_is_enough_for_an_alarm_after_a_while() {
    let mut hand = Hand::new(estate(&[]));
    hand.calm();
    let others = ["us-east-1", "eu-west-1", "ap-northeast-1", "ap-southeast-2"];
    let only = |hand: &mut Hand, states: &[(&str, ControlState)]| {
        for other in others {
            hand.failed(SourceId::Arc(other.into()), "no answer");
        }
        hand.lever_at(&"us-west-2".into(), states);
    };
    for _ in 0..40 {
        hand.wait(1);
        only(&mut hand, &[]);
    }
    for second in 0..45 {
        hand.wait(1);
        only(&mut hand, &[("portal-us-east-1", Off)]);
        let told = said(&hand).contains("MOVED BY SOMEBODY ELSE");
        assert!(!told || second >= 30, "it may be behind the others: {second}");
    }
    assert!(said(&hand).contains("MOVED BY SOMEBODY ELSE"), "{}", said(&hand));
}

#[test]
fn what_was_moved_while_no_console_was_open_is_found() {
    let mut first = Hand::new(estate(&[]));
    first.model.watching = true;
    first.calm().wait(10);
    let records: Vec<Kept> = first
        .effects
        .iter()
        .filter_map(|e| match e {
            Effect::Record(_, record) => Some(record.clone()),
            _ => None,
        })
        .map(|record| Kept { at: first.at, boot: "boot-1".into(), record })
        .collect();
    let kept = records.iter().filter(|k| matches!(k.record, Record::Controls { .. })).count();
    assert_eq!(kept, 1, "how they were found is kept once");
    let open = |states: &[(&str, ControlState)]| {
        let mut hand = Hand::new(estate(&[]));
        hand.at = first.at.plus(Span::from_hours(9));
        hand.model.watching = true;
        hand.tell(What::Resumed(records.clone()));
        for _ in 0..10 {
            hand.levers(states);
            hand.wait(1);
        }
        hand
    };
    let same = open(&[]);
    assert!(!said(&same).contains("SOMEBODY"), "{}", said(&same));
    assert!(!same.effects.iter().any(|e| matches!(e, Effect::Record(_, Record::Controls { .. }))), "it is known");
    let moved = open(&[("portal-us-east-1", Off), ("portal-us-east-2", On)]);
    let text = said(&moved);
    assert!(text.contains("routing control portal-us-east-1 On → Off found so at"), "{text}");
    let pair = east();
    let mut told = moved.model.timeline.of(&pair);
    assert!(
        told.any(|e| e.text.contains("portal-us-east-1 was moved On → Off") && e.text.contains("no console watched"))
    );
}

// -------------------------------------------------------------------------------------------------- incidents

#[test]
fn a_clock_that_somebody_began_is_no_failure_that_was_seen() {
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(1);
    let by = Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    let (name, kind) = ("INC-7".into(), SessionKind::Incident);
    let session = NewSession { pair: east(), name, kind, participants: vec![], since: None };
    hand.tell(What::Asked(Ask::Begin { by, session }));
    hand.wait(1);
    let began = hand.effects.iter().find_map(|e| match e {
        Effect::Record(_, record @ Record::Began { .. }) => Some(record.clone()),
        _ => None,
    });
    let ctx = signalbox::words::Context::of(&hand.model.estate, None);
    let told = signalbox::words::told(&began.expect("a clock"), &ctx, signalbox::words::Length::Line);
    assert!(told.text.starts_with("the clock runs: begun by alice, since"), "{}", told.text);
    assert_eq!(hand.model.running_incident(&east()).unwrap().by, Some("alice".into()));
}

/// The second proposal is looked at, approved and sent by itself.
#[test]
fn steps_after_an_approval_that_expired_are_those_of_the_next_change() {
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(1);
    hand.outage().wait(60);
    let propose = |hand: &mut Hand, nonce: u128| {
        hand.levers(&[]);
        hand.propose(
            "alice",
            {
                let mut d = hand.draft();
                d.despite = "it is down".into();
                d
            },
            nonce,
        );
        hand.model.changes.all().last().unwrap().digest
    };
    let first = propose(&mut hand, 1);
    hand.wait(1);
    hand.approve("bob", first);
    hand.wait(1);
    let approved = hand.model.running_incident(&east()).unwrap().step(Step::Approval).ended.expect("approved");
    while hand.model.changes.get(&first).unwrap().state.is_open() {
        hand.at = hand.at.plus(Span::from_secs(30));
        hand.outage();
        hand.probe("portal", "us-east-2", 200);
        hand.dns("us-east-1");
        hand.wait(1);
    }
    let second = propose(&mut hand, 2);
    hand.wait(1);
    let step = |hand: &Hand| *hand.model.running_incident(&east()).unwrap().step(Step::Approval);
    assert_eq!(step(&hand).ended, None, "{:?}", step(&hand));
    assert!(step(&hand).began.unwrap().mono > approved.mono);
    hand.approve("bob", second);
    hand.wait(1);
    assert!(step(&hand).ended.expect("approved").mono > approved.mono);
}

#[test]
fn after_people_were_told_somebody_still_watches() {
    let mut hand = flipped();
    hand.dns("us-east-2");
    hand.wait(1);
    assert_eq!(hand.model.owners(&east()).unwrap().next, NextAct::Tell);
    let by = Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    hand.tell(What::Asked(Ask::Told { by, pair: east() }));
    hand.wait(1);
    let owners = hand.model.owners(&east()).expect("there is still something to watch");
    assert!(owners.commands().contains("alice") && owners.next().contains("us-east-2"), "{owners:?}");
}

/// A dead region that falls silent looks no better by that.
#[test]
fn what_had_failed_before_its_source_fell_silent_has_failed() {
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(1);
    hand.outage().wait(61);
    hand.outage();
    let before = hand.model.failures(&east(), Side::Active).len();
    for _ in 0..30 {
        hand.wait(10);
        hand.dns("us-east-1");
        hand.check("check-portal-1", 0);
        hand.check("check-api-1", 0);
        hand.probe("portal", "us-east-1", 503);
        hand.probe("api", "us-east-1", 503);
        hand.failed(SourceId::Cloudwatch("us-east-1".into()), "no answer");
        assert_eq!(hand.model.failures(&east(), Side::Active).len(), before, "{}", said(&hand));
    }
    let silence = hand.model.silence(&east(), Side::Active).expect("it is silent");
    assert!(silence.failed.is_some_and(|since| since.at().mono < silence.since.mono), "{silence:?}");
    // Applications answer again, and CloudWatch does not: the last values are old now.
    for _ in 0..6 {
        hand.wait(1);
        hand.check("check-portal-1", 16);
        hand.check("check-api-1", 16);
        hand.probe("portal", "us-east-1", 200);
        hand.probe("api", "us-east-1", 200);
        hand.failed(SourceId::Cloudwatch("us-east-1".into()), "no answer");
    }
    assert_eq!(hand.model.failures(&east(), Side::Active).len(), 0, "{}", said(&hand));
}
