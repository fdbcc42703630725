//! Changes of more than ten controls: one approval and one intent, several calls, and none after one that was not
//! confirmed.

use crate::hand as support;

use signalbox::change::{ChangeText, Digest, Draft, Hands, Nonce, NotDone, State};
use signalbox::cli::exit::Exit;
use signalbox::cli::flip::exit_of;
use signalbox::effect::{Effect, EffectId, FlipOrder};
use signalbox::estate::{ControlArn, ControlState, Estate, PairName, Region, RuleKind, RuleTest};
use signalbox::event::*;
use signalbox::model::Model;
use signalbox::record::{Kept, Record};
use signalbox::time::Span;
use support::{Hand, start};

const WRITER: &str = "us-west-2";

/// The small estate with so many services in the pair.
fn estate(services: usize) -> Estate {
    let mut estate = support::estate(&[]);
    let like = estate.services[1].clone();
    for n in 2..services {
        let mut service = like.clone();
        service.name = format!("s{n}").as_str().into();
        service.dns = vec![format!("s{n}.example.com")];
        service.probes.clear();
        for control in &mut service.controls {
            let id = control.arn.as_str().replace("0000000000000b", &format!("000000000{n:04}b"));
            control.arn = ControlArn::new(id);
            control.name = control.name.replace("api", &format!("s{n}"));
        }
        estate.services.push(service);
    }
    estate
}

/// A move of the pair that has its second key.
struct Moving {
    hand: Hand,
    digest: Digest,
    text: ChangeText,
    /// What the endpoints show.
    states: std::collections::BTreeMap<ControlArn, ControlState>,
}

impl Moving {
    fn of(estate: Estate) -> Self {
        let mut moving = Self::proposed(estate).unwrap();
        moving.hand.approve("bob", moving.digest);
        let by = Hands::of(&moving.hand.model.estate, &"alice".into()).operator.unwrap();
        let change = moving.digest;
        moving.hand.tell(What::Asked(Ask::SecondKey { by, change, typed: "us-east-2".into() }));
        moving
    }

    fn proposed(estate: Estate) -> Result<Self, String> {
        let on = |c: &signalbox::estate::Control| c.region.as_ref().is_none_or(|r| r.as_str() == "us-east-1");
        let state = |on| if on { ControlState::On } else { ControlState::Off };
        let states = estate.controls().map(|c| (c.arn.clone(), state(on(c)))).collect();
        let mut hand = Hand::new(estate);
        hand.tell(What::Resumed(Vec::new()));
        hand.calm();
        let mut moving = Self { hand, digest: Digest::of(""), text: placeholder(), states };
        moving.look();
        let by = Hands::of(&moving.hand.model.estate, &"alice".into()).operator.unwrap();
        let mut draft =
            Draft::towards(&moving.hand.model.estate, &PairName::from("east"), &Region::from("us-east-2")).unwrap();
        draft.reason = "portal targets gone".into();
        draft.despite = "a test".into();
        moving.hand.tell(What::Asked(Ask::Propose { by, draft, nonce: Nonce(7) }));
        match moving.hand.model.changes.all().last() {
            Some(change) => {
                (moving.digest, moving.text) = (change.digest, change.text.clone());
                Ok(moving)
            }
            None => Err(moving.hand.model.refusals.back().map(|r| r.why.clone()).unwrap_or_default()),
        }
    }

    /// All endpoints are read.
    fn look(&mut self) {
        let endpoints: Vec<_> = self.hand.model.estate.cluster.endpoints.iter().map(|e| e.region.clone()).collect();
        for endpoint in endpoints {
            self.hand.heard(SourceId::Arc(endpoint), News::Controls(self.states.clone()));
        }
    }

    fn orders(&self) -> Vec<(EffectId, FlipOrder)> {
        let order = |e: &Effect| match e {
            Effect::Flip(id, order) => Some((*id, order.clone())),
            _ => None,
        };
        self.hand.effects.iter().filter_map(order).collect()
    }

    /// The call that was sent last ends so; where it is confirmed, it is in force.
    fn ends(&mut self, end: FlipEnd) {
        let (id, order) = self.orders().pop().unwrap();
        if let FlipEnd::Applied { .. } = end {
            self.in_force(&order);
        }
        self.hand.tell(What::Flipped(id, FlipOutcome { end, attempts: Vec::new() }));
    }

    fn in_force(&mut self, order: &FlipOrder) {
        self.states.extend(order.flips.iter().map(|f| (f.arn.clone(), f.to)));
    }

    /// So many seconds, in each of which all are read.
    fn pass(&mut self, seconds: usize) {
        for _ in 0..seconds {
            self.hand.wait(1);
            self.look();
        }
    }

    fn state(&self) -> State {
        self.hand.model.changes.get(&self.digest).unwrap().state.clone()
    }

    fn records(&self) -> Vec<Record> {
        let record = |e: &Effect| match e {
            Effect::Record(_, record) => Some(record.clone()),
            _ => None,
        };
        self.hand.effects.iter().filter_map(record).collect()
    }

    /// The journal answers what it was asked while it was held.
    fn keep_all(&mut self) {
        let id = |e: &Effect| if let Effect::Record(id, _) = e { Some(*id) } else { None };
        let ids: Vec<EffectId> = self.hand.effects.iter().filter_map(id).collect();
        for id in ids {
            self.hand.tell(What::Recorded(id));
        }
    }

    fn kept(&self, of: &str) -> usize {
        self.records().iter().filter(|r| r.kind() == of).count()
    }

    /// Another console opens on the journal as it is.
    fn restart(&mut self) {
        let at = start();
        let kept = self.records().into_iter().map(|record| Kept { at, boot: "boot-1".into(), record });
        let kept: Vec<_> = kept.filter(|k| k.record.change().is_some() || k.record.kind() == "estate").collect();
        let estate = self.hand.model.estate.clone();
        self.hand.at = self.hand.at.plus(Span::from_secs(1));
        self.hand.model = Model::new(estate, "boot-1", self.hand.at);
        self.hand.tell(What::Resumed(kept));
        self.hand.effects.clear();
    }
}

fn placeholder() -> ChangeText {
    let mut hand = Hand::new(support::estate(&[]));
    hand.calm();
    let by = Hands::of(&hand.model.estate, &"alice".into()).operator.unwrap();
    let mut draft = Draft::towards(&hand.model.estate, &PairName::from("east"), &Region::from("us-east-2")).unwrap();
    draft.reason = "x".into();
    draft.despite = "a test".into();
    hand.tell(What::Asked(Ask::Propose { by, draft, nonce: Nonce(1) }));
    hand.model.changes.all()[0].text.clone()
}

fn applied() -> FlipEnd {
    FlipEnd::Applied { endpoint: WRITER.into() }
}

fn refused() -> FlipEnd {
    let message = "ServiceQuotaExceededException: no".to_owned();
    FlipEnd::Refused(Refusal { kind: RefusalKind::Validation, rule: None, message })
}

fn partly(state: &State) -> (Vec<String>, Vec<String>) {
    match state {
        State::NotApplied(NotDone::Partly { moved, left, .. }) => (moved.clone(), left.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_change_of_any_size_is_one_intent_and_calls_of_ten_what_lets_traffic_in_first() {
    let mut moving = Moving::of(estate(12));
    assert_eq!(moving.text.flips().len(), 24);
    let mut sent = Vec::new();
    for call in 1..=4 {
        let orders = moving.orders();
        assert_eq!(orders.len(), call, "{:?}", moving.state());
        let order = orders.last().unwrap().1.clone();
        assert!(order.flips.len() <= 10 && !order.flips.is_empty());
        let to = if call <= 2 { ControlState::On } else { ControlState::Off };
        assert!(order.flips.iter().all(|f| f.to == to), "call {call}");
        assert_eq!(order.holds, sent, "all that was sent before must still be so");
        sent.extend(order.flips.clone());
        moving.ends(applied());
        moving.pass(8);
    }
    assert_eq!(sent, moving.text.flips(), "in the order of the text that was signed");
    assert!(matches!(moving.state(), State::Verified { .. }), "{:?}", moving.state());
    assert_eq!((moving.kept("intent"), moving.kept("called"), moving.kept("outcome")), (1, 4, 0));
    assert_eq!(moving.orders().len(), 4);
}

#[test]
fn ten_controls_are_one_call_and_kept_as_ever() {
    let mut moving = Moving::of(estate(5));
    moving.ends(applied());
    moving.pass(3);
    assert!(matches!(moving.state(), State::Verified { .. }));
    assert_eq!((moving.orders().len(), moving.kept("called"), moving.kept("outcome")), (1, 0, 1));
}

#[test]
fn no_call_is_sent_before_the_journal_has_the_one_before_and_the_endpoints_show_it() {
    let mut moving = Moving::of(estate(6));
    let (id, order) = moving.orders().pop().unwrap();
    moving.hand.hold = true;
    moving.hand.tell(What::Flipped(id, FlipOutcome { end: applied(), attempts: Vec::new() }));
    moving.in_force(&order);
    moving.hand.wait(8);
    assert_eq!(moving.orders().len(), 1, "the journal has not got it");
    moving.hand.hold = false;
    moving.keep_all();
    assert_eq!(moving.orders().len(), 1, "nobody has looked since");
    moving.states.extend(order.flips.iter().map(|f| (f.arn.clone(), f.from)));
    moving.pass(8);
    assert_eq!(moving.orders().len(), 1, "the endpoints do not show it");
    moving.in_force(&order);
    moving.pass(2);
    assert_eq!(moving.orders().len(), 2, "{:?}", moving.state());
}

#[test]
fn a_call_that_the_endpoints_never_show_stops_the_rest() {
    let mut moving = Moving::of(estate(6));
    let (_, order) = moving.orders().pop().unwrap();
    moving.ends(applied());
    moving.states.extend(order.flips.iter().take(1).map(|f| (f.arn.clone(), f.from)));
    moving.pass(40);
    assert_eq!(moving.orders().len(), 1);
    assert_eq!(partly(&moving.state()).0.len(), 6);
}

#[test]
fn a_wait_period_of_a_rule_that_both_calls_touch_is_waited_for() {
    let mut estate = estate(6);
    estate.safety_rules[0].wait_period = Span::from_secs(30);
    let mut moving = Moving::of(estate);
    moving.ends(applied());
    moving.pass(29);
    assert_eq!(moving.orders().len(), 1);
    moving.pass(5);
    assert_eq!(moving.orders().len(), 2, "{:?}", moving.state());
}

#[test]
fn what_stops_half_way_is_told_control_by_control_and_sends_nothing_more() {
    let mut moving = Moving::of(estate(6));
    moving.ends(applied());
    moving.pass(8);
    moving.ends(refused());
    moving.pass(60);
    assert_eq!(moving.orders().len(), 2);
    let (moved, left) = partly(&moving.state());
    assert_eq!((moved.len(), left.len()), (6, 6));
    assert!(moved.contains(&"portal-us-east-2 On".to_owned()) && left.contains(&"portal-us-east-1 Off".to_owned()));
    let change = moving.hand.model.changes.get(&moving.digest).unwrap();
    assert_eq!(exit_of(change), Exit::Partly);
    let said = signalbox::words::ended(change, &moving.hand.model.estate);
    assert!(said.starts_with("half done: ") && said.contains("MOVED: ") && said.contains("NOT MOVED: "), "{said}");
    assert!(said.contains("ServiceQuotaExceededException"), "{said}");
    // Nobody else is blamed for what this change moved.
    assert_eq!(moving.kept("moved_elsewhere"), 0);
}

#[test]
fn an_uncertain_call_is_settled_by_reads_and_is_the_last() {
    for (happened, moved) in [(true, 10), (false, 0)] {
        let mut moving = Moving::of(estate(12));
        let (_, order) = moving.orders().pop().unwrap();
        moving.ends(FlipEnd::Uncertain);
        if happened {
            moving.in_force(&order);
        }
        moving.pass(30);
        assert_eq!(moving.orders().len(), 1);
        match moved {
            0 => assert!(matches!(moving.state(), State::NotApplied(NotDone::OldStates)), "{:?}", moving.state()),
            moved => assert_eq!(partly(&moving.state()).0.len(), moved),
        }
    }
}

#[test]
fn a_restart_in_the_middle_finds_the_truth_by_reading_and_sends_nothing() {
    // How many of the four calls are in force when the console starts again, while the journal has one.
    for (in_force, moved) in [(1, 10), (2, 12)] {
        let mut moving = Moving::of(estate(12));
        let (_, first) = moving.orders().pop().unwrap();
        moving.ends(applied());
        moving.pass(8);
        if in_force == 2 {
            let (_, second) = moving.orders().pop().unwrap();
            moving.in_force(&second);
        }
        drop(first);
        moving.restart();
        moving.look();
        moving.pass(60);
        assert!(moving.orders().is_empty(), "sent by a console that has not begun it");
        assert_eq!(partly(&moving.state()).0.len(), moved, "{in_force}");
    }
}

#[test]
fn a_full_disk_stops_the_rest() {
    let mut moving = Moving::of(estate(6));
    moving.hand.hold = true;
    moving.ends(applied());
    let waits: Vec<EffectId> = moving
        .hand
        .effects
        .iter()
        .filter_map(|e| match e {
            Effect::Record(id, Record::Called { .. }) => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(waits.len(), 1);
    moving.hand.tell(What::RecordFailed(waits[0], "no space left".into()));
    moving.hand.hold = false;
    moving.keep_all();
    moving.pass(20);
    assert_eq!(moving.orders().len(), 1);
    assert_eq!(partly(&moving.state()).0.len(), 6);
}

#[test]
fn a_change_that_a_rule_would_stop_half_way_is_not_proposed() {
    let mut estate = estate(6);
    // Never both: while what lets traffic in is On already, and the rest is not Off yet, it refuses.
    let rule = &mut estate.safety_rules[0];
    (rule.test, rule.inverted) = (RuleTest::And, true);
    assert!(matches!(rule.kind, RuleKind::Assertion { .. }));
    let why = Moving::proposed(estate.clone()).err().unwrap();
    assert!(why.contains("portal-somewhere would refuse part of it") && why.contains("call 1 of 2"), "{why}");
    // In one call nothing is in between.
    estate.services.truncate(5);
    Moving::proposed(estate).unwrap();
}
