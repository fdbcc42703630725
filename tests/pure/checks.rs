//! Health checks as what they are: what nobody looks at is no health, and what Route 53 turns round is not taken as it
//! stands.

use crate::{hand, support};

use hand::Hand;
use signalbox::estate::{HealthCheckId, PairName, Side};
use signalbox::event::*;
use signalbox::model::{Mark, Subject};
use signalbox::time::Timestamp;
use signalbox::ui::Screen;
use signalbox::words;
use support::eye::{self, lines, press};
use support::{Stage, setup};

fn status(watches: Watches, sense: Sense) -> CheckStatus {
    CheckStatus { id: HealthCheckId::new("check-portal-2"), watches, sense, settings: Settings::Known }
}

fn endpoint(healthy: u16) -> Watches {
    Watches::Endpoint(Checkers { healthy, of: 16, reason: None })
}

fn children(healthy: Option<u16>, needed: u16, called: Called) -> Watches {
    Watches::Children { healthy, of: 3, needed, called }
}

/// How the model stands a check, and what it says.
fn stands(status: &CheckStatus) -> (Mark, String) {
    let mut hand = Hand::new(hand::estate(&[]));
    hand.calm();
    hand.heard(SourceId::Route53(status.id.clone()), News::Check(status.clone()));
    let standing = hand.model.standing(&Subject::Check(status.id.clone())).expect("it stands").clone();
    (standing.mark, standing.text)
}

#[test]
fn must_hold_what_nobody_looks_at_is_no_health_and_what_is_turned_round_is_said() {
    use Called::{Healthy, Unhealthy};
    use Sense::{Inverted, Straight};
    let alarm = |called| Watches::Alarm { alarm: "portal-errors in us-east-1".into(), called };
    let table = [
        (endpoint(16), Straight, Healthy, Mark::Ok, "16/16 checkers healthy"),
        (endpoint(14), Straight, Healthy, Mark::Warn, "14/16 checkers healthy"),
        (endpoint(2), Straight, Unhealthy, Mark::Fail, "2/16 checkers healthy"),
        // The endpoint answers, and no name is answered with it.
        (
            endpoint(16),
            Inverted,
            Unhealthy,
            Mark::Warn,
            "16/16 checkers healthy, inverted: Route 53 calls it unhealthy",
        ),
        (endpoint(0), Inverted, Healthy, Mark::Fail, "0/16 checkers healthy, inverted: Route 53 calls it healthy"),
        (Watches::Nothing, Straight, Healthy, Mark::Unknown, "disabled: Route 53 calls it healthy and does not look"),
        (
            Watches::Nothing,
            Inverted,
            Unhealthy,
            Mark::Warn,
            "disabled and inverted: Route 53 calls it unhealthy and does not look",
        ),
        (children(Some(3), 2, Healthy), Straight, Healthy, Mark::Ok, "3 of 3 children healthy, 2 needed"),
        (children(Some(2), 2, Healthy), Straight, Healthy, Mark::Warn, "2 of 3 children healthy, 2 needed"),
        (children(Some(1), 2, Unhealthy), Straight, Unhealthy, Mark::Fail, "1 of 3 children healthy, 2 needed"),
        (
            children(None, 2, Called::Unknown),
            Straight,
            Called::Unknown,
            Mark::Unknown,
            "? of 3 children healthy, 2 needed",
        ),
        // Healthy whatever its children are: that says nothing of them.
        (
            children(Some(0), 0, Healthy),
            Straight,
            Healthy,
            Mark::Unknown,
            "0 of 3 children healthy, none needed: always healthy",
        ),
        (
            children(Some(3), 4, Unhealthy),
            Straight,
            Unhealthy,
            Mark::Fail,
            "3 of 3 children healthy, 4 needed: never healthy",
        ),
        (alarm(Healthy), Straight, Healthy, Mark::Ok, "by the alarm portal-errors in us-east-1: healthy"),
        (alarm(Unhealthy), Straight, Unhealthy, Mark::Fail, "by the alarm portal-errors in us-east-1: unhealthy"),
        (
            alarm(Called::Unknown),
            Straight,
            Called::Unknown,
            Mark::Unknown,
            "by the alarm portal-errors in us-east-1: nobody knows what",
        ),
        (Watches::Control { called: Unhealthy }, Straight, Unhealthy, Mark::Fail, "by a routing control: unhealthy"),
    ];
    for (watches, sense, called, mark, text) in table {
        let status = status(watches, sense);
        assert_eq!((status.called(), stands(&status)), (called, (mark, text.to_owned())), "{status:?}");
    }
}

/// Whether it is inverted is what one must know to take what checkers see for health.
#[test]
fn a_check_of_which_nobody_knows_how_it_is_set_up_is_not_called_well() {
    let why = "Route 53 ListHealthChecks: AccessDenied".to_owned();
    let unread =
        CheckStatus { settings: Settings::Unread { why: why.clone() }, ..status(endpoint(16), Sense::Straight) };
    let text = "16/16 checkers healthy, how it is set up is not known".to_owned();
    assert_eq!((unread.called(), stands(&unread)), (Called::Unknown, (Mark::Warn, text)));
    let read = Timestamp::from_second(1_800_000_000).unwrap();
    let old =
        CheckStatus { settings: Settings::Old { read, why: why.clone() }, ..status(endpoint(16), Sense::Straight) };
    let (mark, text) = stands(&old);
    assert_eq!(mark, Mark::Ok, "what was known before holds");
    assert!(text.ends_with("as it was set up when that was read last"), "{text}");
    let said = words::check_settings(&old.settings).unwrap();
    assert!(said.starts_with("read last at 2027-01-15T08:00:00Z, and not again") && said.contains(&why), "{said}");
}

/// An endpoint of which an inverted check says "healthy" fails: the sentence says both.
#[test]
fn a_sentence_takes_an_inverted_check_as_what_is_seen() {
    let mut hand = Hand::new(hand::estate(&[]));
    hand.calm();
    let id = HealthCheckId::new("check-portal-1");
    let said = CheckStatus { id: id.clone(), ..status(endpoint(0), Sense::Inverted) };
    hand.heard(SourceId::Route53(id), News::Check(said));
    let sentence = hand.model.sentence(&PairName::from("east")).text;
    let words = "health check portal 0/16 checkers healthy, inverted: Route 53 calls it healthy";
    assert!(sentence.contains(words) || sentence.contains(&words.replace("health check portal ", "")), "{sentence}");
}

fn shown(stage: &Stage, size: (u16, u16), keys: &str) -> Vec<String> {
    let mut screen = Screen::new(setup(stage, "alice", "dark"));
    eye::buffer(&mut screen, stage, size);
    press(&mut screen, stage, keys);
    lines(&eye::buffer(&mut screen, stage, size))
}

fn id_of(stage: &Stage, name: &str) -> HealthCheckId {
    stage.model.estate.health_checks.iter().find(|c| c.name == name).expect("a check").id.clone()
}

fn hear(stage: &mut Stage, name: &str, watches: Watches, sense: Sense) {
    let id = id_of(stage, name);
    let said = CheckStatus { id: id.clone(), ..status(watches, sense) };
    stage.heard(SourceId::Route53(id), 90, 75, Ok(News::Check(said)));
}

#[test]
fn the_screen_and_the_list_say_what_a_check_is() {
    let mut stage = Stage::calm();
    hear(&mut stage, "portal us-east-2", Watches::Nothing, Sense::Straight);
    hear(&mut stage, "api us-east-2", endpoint(16), Sense::Inverted);
    hear(&mut stage, "sftp us-east-2", children(Some(2), 2, Called::Healthy), Sense::Straight);
    stage.pass(1);
    let row = |all: &[String], name: &str| {
        let row = all.iter().find(|l| l.contains(name) && !l.contains("Traffic enters"));
        row.unwrap_or_else(|| panic!("{name}: {}", all.join("\n"))).clone()
    };
    let all = shown(&stage, (220, 60), "");
    assert!(
        row(&all, "portal us-east-2").contains("? portal us-east-2        off unseen"),
        "{}",
        row(&all, "portal us-east-2")
    );
    assert!(row(&all, "api us-east-2").contains("16/16 invert"), "{}", row(&all, "api us-east-2"));
    assert!(row(&all, "sftp us-east-2").contains("2/3"), "{}", row(&all, "sftp us-east-2"));
    let list = shown(&stage, (220, 60), "3");
    assert!(row(&list, "portal us-east-2").contains("disabled: Route 53 calls it healthy and does not look"));
    assert!(row(&list, "api us-east-2").contains("inverted: Route 53 calls it unhealthy"), "{}", list.join("\n"));
}

#[test]
fn in_an_outage_of_us_east_1_route_53_is_out_of_reach_and_probes_and_dns_speak() {
    let mut stage = Stage::calm();
    assert_eq!(stage.model.checks_out_of_reach(), None);
    stage.without_route53 = true;
    stage.poll();
    assert!(stage.model.checks_out_of_reach().is_some());
    // What it said last grows old.
    for _ in 0..4 {
        stage.pass(40);
        stage.figures();
        stage.poll();
    }
    let unknown = |stage: &Stage, name: &str| {
        stage.model.standing(&Subject::Check(id_of(stage, name))).expect("it stands").mark == Mark::Unknown
    };
    assert!(unknown(&stage, "portal us-east-2") && unknown(&stage, "portal us-east-1"));
    let all = shown(&stage, (150, 44), "");
    assert!(all.iter().any(|l| l.contains("health checks") && l.contains("? out of reach")), "{}", all.join("\n"));
    let list = shown(&stage, (150, 44), "3").join(" ");
    let list = list.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(list.contains("Route 53's API is out of reach: it is in us-east-1 alone."), "{list}");
    // Probes tell of the same applications: nothing that users meet is unseen.
    let east = support::east();
    let pair = stage.model.estate.pair(&east).unwrap().clone();
    for side in Side::BOTH {
        assert_eq!(stage.model.unseen(&pair, side), None, "{side:?}");
        assert!(stage.model.is_well(&pair, side), "{side:?}");
    }
    let sentence = stage.model.sentence(&east).text;
    assert!(sentence.contains("raffic enters us-east-1") && sentence.contains("us-east-2 is ready"), "{sentence}");
    // Where the probes are old as well, nothing speaks for the applications.
    let seen = Subject::Check(id_of(&stage, "portal us-east-2"));
    assert!(stage.model.is_spoken_for(&seen));
    stage.pass(200);
    assert!(!stage.model.is_spoken_for(&seen));
    assert!(stage.model.unseen(&pair, Side::Standby).is_some());
}

#[test]
fn one_check_that_does_not_answer_is_not_all_of_route_53() {
    let mut stage = Stage::calm();
    stage.without_route53 = true;
    stage.poll();
    hear(&mut stage, "portal us-east-2", endpoint(16), Sense::Straight);
    assert_eq!(stage.model.checks_out_of_reach(), None);
    // Who refuses is there.
    let mut stage = Stage::calm();
    for check in &stage.model.estate.clone().health_checks {
        let failure = Failure { kind: FailureKind::Denied, why: "AccessDenied".into() };
        stage.heard(SourceId::Route53(check.id.clone()), 40, 75, Err(failure));
    }
    assert_eq!(stage.model.checks_out_of_reach(), None);
}
