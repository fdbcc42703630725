//! The role that a change is carried out with: the second key waits for it, and nobody is blamed who was not asked.

use signalbox::change::{Digest, Hands, State};
use signalbox::effect::Effect;
use signalbox::estate::{ControlState::*, PersonName};
use signalbox::event::{
    Ask, Failure, FailureKind, Heard, HeldCredentials, Renewal, SignIn, SignInFailure, SignInFor, SourceId, What,
};
use signalbox::model::Mark;
use signalbox::time::Span;

use crate::hand::{Hand, estate};

/// A change that alice asked for and bob approved.
fn approved() -> (Hand, Digest) {
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(1);
    hand.propose("alice", hand.draft(), 1);
    let change = hand.model.changes.all().last().expect("a change").digest;
    hand.approve("bob", change);
    assert_eq!(hand.model.changes.get(&change).unwrap().state, State::Approved);
    (hand, change)
}

fn told(hand: &mut Hand, change: Digest, given: bool) {
    let failing = SignInFailure { since: hand.at.wall, why: "role signalbox-act is not given: AccessDenied".into() };
    let held = HeldCredentials { until: None, renewal: Renewal::Itself };
    hand.tell(What::SignIn(SignIn {
        purpose: SignInFor::Act("network".into(), change),
        whose: "account network, role signalbox-act".into(),
        held: given.then_some(held),
        failing: (!given).then_some(failing),
    }));
}

fn turned(hand: &mut Hand, change: Digest) -> Vec<Effect> {
    let by = Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    hand.tell(What::Asked(Ask::SecondKey { by, change, typed: "us-east-2".into() }))
}

fn sends(effects: &[Effect]) -> bool {
    effects.iter().any(|e| matches!(e, Effect::Flip(..)))
}

#[test]
fn the_second_key_is_not_spent_on_what_cannot_be_sent() {
    let (mut hand, change) = approved();
    told(&mut hand, change, false);
    let text = hand.model.sentence(&"east".into()).text;
    assert!(text.contains("cannot be sent from here") && text.contains("AccessDenied"), "{text}");
    let effects = turned(&mut hand, change);
    assert!(!sends(&effects) && !effects.iter().any(|e| matches!(e, Effect::Sign(..))), "{effects:?}");
    assert_eq!(hand.model.changes.get(&change).unwrap().state, State::Approved, "both signatures still count");
    assert!(hand.model.refusals.iter().any(|r| r.why.contains("cannot be sent from here")));
    // Once it is given, the same key moves the traffic.
    told(&mut hand, change, true);
    assert!(sends(&turned(&mut hand, change)));
}

#[test]
fn without_credentials_no_endpoint_has_failed() {
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(1);
    hand.levers(&[("portal-us-east-1", On)]);
    let regions: Vec<_> = hand.model.estate.cluster.endpoints.iter().map(|e| e.region.clone()).collect();
    for region in regions {
        let why = "no AWS credentials: profile ops: vault: sealed".to_owned();
        let failure = Failure { kind: FailureKind::NoCredentials, why };
        hand.tell(What::Heard(Heard {
            source: SourceId::Arc(region),
            took: Span::from_millis(40),
            fresh_for: Span::from_secs(30),
            news: Err(failure),
        }));
    }
    let checks = hand.model.preflight(&"east".into(), signalbox::estate::Side::Standby).checks;
    let endpoints = checks.iter().find(|c| c.name.contains("ARC cluster")).expect("the check");
    assert_eq!((endpoints.mark, endpoints.figure.as_str()), (Mark::Unknown, "not asked: there are no AWS credentials"));
    let text = hand.model.sentence(&"east".into()).text;
    assert!(!text.contains("NOT ready for the traffic: ARC"), "{text}");
}
