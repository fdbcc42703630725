//! What the routing controls say is said as that, and never as where traffic is.

use crate::hand as support;

use signalbox::change::Hands;
use signalbox::cli::status_json::Status;
use signalbox::estate::{Estate, PairName, PersonName, ResolverName, Side};
use signalbox::event::{Ask, Blind, DnsAnswer, Leads, NewSession, News, Place, SourceId, What};
use signalbox::model::Mark;
use signalbox::record::SessionKind;
use signalbox::words::headline;
use support::{Hand, estate};

const RESOLVERS: [&str; 4] = ["r1", "r2", "r3", "r4"];

fn east() -> PairName {
    PairName::from("east")
}

/// Everything but DNS is well, and the controls are On in us-east-1.
fn well(hand: &mut Hand) {
    hand.levers(&[]);
    for (service, region) in
        [("portal", "us-east-1"), ("portal", "us-east-2"), ("api", "us-east-1"), ("api", "us-east-2")]
    {
        hand.probe(service, region, 200);
    }
    for id in ["check-portal-1", "check-portal-2", "check-api-1", "check-api-2"] {
        hand.check(id, 16);
    }
    for place in [Place::Active, Place::Standby] {
        hand.reading("portal-alb", "healthy", place, Some(12.0));
    }
    hand.reading("ag", "lag", Place::Link, Some(4.8));
}

/// A named incident or drill is begun, so that somebody owns what comes next.
fn begun(hand: &mut Hand) {
    let by = Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    let session = NewSession {
        pair: east(),
        name: "INC-1".into(),
        kind: SessionKind::Incident,
        participants: Vec::new(),
        since: None,
    };
    hand.tell(What::Asked(Ask::Begin { by, session }));
}

/// All resolvers have been silent for longer than what they said counts.
fn dark() -> Hand {
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(5);
    begun(&mut hand);
    for _ in 0..5 {
        hand.wait(10);
        well(&mut hand);
        for resolver in RESOLVERS {
            hand.failed(SourceId::Dns(ResolverName::from(resolver)), "no answer in time");
        }
    }
    hand
}

#[test]
fn with_silent_resolvers_nobody_is_told_to_watch_a_region_as_if_traffic_were_there() {
    let hand = dark();
    let said = hand.model.sentence(&east()).text;
    assert!(said.contains("no DNS resolver answers; the routing controls say us-east-1"), "{said}");
    let next = hand.model.owners(&east()).unwrap().next();
    assert!(!next.contains("traffic is in") && next.starts_with("find out where traffic enters"), "{next}");
}

#[test]
fn with_silent_resolvers_no_side_is_called_well() {
    let hand = dark();
    let (mark, word) = hand.model.side_state(&east(), Side::Active);
    assert!(mark == Mark::Unknown && word != "WELL", "{mark:?} {word}");
    let title = headline(&hand.model.headline(&east()).unwrap(), "east");
    assert!(title.contains("traffic not known, controls say us-east-1"), "{title}");
    let json = serde_json::to_value(Status::of(&hand.model, &[east()])).unwrap();
    assert!(json["pairs"][0]["traffic_enters"].is_null(), "{json}");
}

/// A failure that people feel is one wherever DNS has gone: but what serves is not claimed.
#[test]
fn what_fails_with_silent_resolvers_is_not_said_to_serve() {
    let mut hand = dark();
    hand.check("check-portal-1", 12);
    let said = hand.model.sentence(&east()).text;
    assert!(!said.contains("us-east-1 serves") && !said.contains("enters us-east-1"), "{said}");
    hand.outage();
    let said = hand.model.sentence(&east());
    assert!(said.text.contains("us-east-1 is impaired") && said.mark == Mark::Fail, "{said:?}");
    assert!(said.text.contains("the routing controls say us-east-1"), "{}", said.text);
    let next = hand.model.owners(&east()).unwrap().next();
    assert_eq!(next, "draft the move to us-east-2", "a move away from what fails is right wherever traffic is");
}

/// Resolvers that have not been asked yet have told nothing.
#[test]
fn before_the_first_resolver_is_heard_nothing_is_claimed() {
    let mut hand = Hand::new(estate(&[]));
    well(&mut hand);
    let said = hand.model.sentence(&east());
    assert!(said.text.contains("no DNS resolver has been heard yet"), "{}", said.text);
    assert!(!said.text.contains("raffic enters us-east-1") && said.mark == Mark::Unknown, "{}", said.text);
}

/// Where no name is watched the controls are all that there is, and it is they who say it.
#[test]
fn an_estate_without_names_says_that_the_controls_say_so() {
    let mut bare: Estate = estate(&[]);
    bare.services.iter_mut().for_each(|s| s.dns.clear());
    let mut hand = Hand::new(bare);
    well(&mut hand);
    let said = hand.model.sentence(&east());
    let words = "Where traffic enters is not known: no DNS name is watched; the routing controls say us-east-1.";
    assert!(said.text.contains(words) && !said.text.contains("raffic enters us-east-1"), "{}", said.text);
    assert_eq!(said.mark, Mark::Unknown, "{}", said.text);
    begun(&mut hand);
    let next = hand.model.owners(&east()).unwrap().next();
    assert_eq!(next, "watch: the routing controls say us-east-1, which is not impaired");
    let json = serde_json::to_value(Status::of(&hand.model, &[east()])).unwrap();
    assert!(json["pairs"][0]["traffic_enters"].is_null(), "no resolver leads there: {json}");
}

/// Answers are addresses, and nothing tells whose: at those resolvers, from now on.
fn blind(hand: &mut Hand, resolvers: &[&str], untold: Blind) {
    let answer = |name: &str| DnsAnswer {
        name: name.into(),
        answers: Ok(vec!["192.0.2.1".into()]),
        ttl: 60,
        leads: Leads::Untold { untold },
    };
    for resolver in resolvers {
        let answers = ["portal.example.com", "api.example.com"].map(answer).to_vec();
        hand.heard(SourceId::Dns(ResolverName::from(*resolver)), News::Dns(answers));
    }
}

/// An alias is answered with addresses alone. Where nothing tells whose they are, only the controls say where traffic
/// should be, and what is missing is named.
#[test]
fn answers_that_nothing_can_tell_prove_nothing_and_what_is_missing_is_said() {
    for (why, words) in [
        (Blind::NoTarget, "the estate file has no target to compare their addresses with (of portal and api)"),
        (Blind::TargetSilent, "the targets have no DNS answer of their own"),
        (Blind::Shared, "the targets of both regions have the same addresses"),
    ] {
        let mut hand = Hand::new(estate(&[]));
        well(&mut hand);
        blind(&mut hand, &RESOLVERS, why);
        let said = hand.model.sentence(&east());
        assert!(said.text.starts_with("Where traffic enters is not known: "), "{}", said.text);
        assert!(
            said.text.contains(words) && said.text.contains("; the routing controls say us-east-1."),
            "{}",
            said.text
        );
        assert!(!said.text.contains("raffic enters us-east-1") && said.mark == Mark::Unknown, "{said:?}");
        let (mark, word) = hand.model.side_state(&east(), Side::Active);
        assert!(mark == Mark::Unknown && word != "WELL", "{mark:?} {word}");
        assert_eq!(hand.model.name_mark(&east(), "portal.example.com"), Mark::Unknown, "no warning: nothing is known");
        let title = headline(&hand.model.headline(&east()).unwrap(), "east");
        assert!(title.contains("traffic not known, controls say us-east-1"), "{title}");
    }
}

/// One resolver of which nothing tells does not hide what the others say, and is not counted as theirs.
#[test]
fn an_answer_that_nothing_can_tell_is_no_answer_that_leads_elsewhere() {
    let mut hand = Hand::new(estate(&[]));
    well(&mut hand);
    hand.dns("us-east-1");
    blind(&mut hand, &["r4"], Blind::TargetSilent);
    let said = hand.model.sentence(&east()).text;
    assert!(said.contains("By 6 of 8 DNS answers, traffic enters us-east-1"), "{said}");
    let traffic = hand.model.pair_traffic(&east());
    assert_eq!((traffic.elsewhere, traffic.blind(), traffic.given()), (0, 2, 8));
    assert_eq!(traffic.answers(&"us-east-1".into()).short(), "6/6, 2 ?");
}
