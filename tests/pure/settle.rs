//! What reading says of a change that was sent: in force of few and soon, not in force of several and late.

use crate::two_person::desk;

use proptest::prelude::*;
use signalbox::change::{ChangeText, Lapse, NotDone, State};
use signalbox::cli::exit::Exit;
use signalbox::cli::flip::exit_of;
use signalbox::effect::{Effect, EffectId};
use signalbox::estate::{ControlState, Region};
use signalbox::event::*;
use signalbox::record::Record;
use signalbox::time::{Span, Stamp};
use signalbox::words::{self, Length};

use desk::Desk;

/// What an endpoint shows of the change.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shows {
    New,
    Old,
    Neither,
    /// It has failed.
    Nothing,
    /// It has not answered yet.
    Silence,
}
use Shows::{Neither, New, Nothing, Old, Silence};

/// The endpoint that takes the write: the second.
const WRITER: usize = 1;

/// A change that was sent and has just ended; what it asks the endpoints for is answered by hand.
struct Sent {
    desk: Desk,
    text: ChangeText,
    endpoints: Vec<Region>,
    asked: Vec<EffectId>,
}

impl Sent {
    /// It was sent, or should have been.
    fn that_ran(end: FlipEnd) -> Self {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.record_all();
        desk.approve(&text, 2);
        assert!(desk.try_to_run(&text));
        let (id, _) = desk.flips.pop().unwrap();
        let endpoints = desk.model.estate.cluster.endpoints.iter().map(|e| e.region.clone()).collect();
        let mut sent = Self { desk, text, endpoints, asked: Vec::new() };
        sent.tell(What::Flipped(id, FlipOutcome { end, attempts: Vec::new() }));
        sent
    }

    fn that_ended(end: FlipEnd) -> Self {
        let sent = Self::that_ran(end);
        assert_eq!(sent.asked.len(), 1, "all are read back");
        sent
    }

    fn applied() -> Self {
        let writer = Desk::new(1).model.estate.cluster.endpoints[WRITER].region.clone();
        Self::that_ended(FlipEnd::Applied { endpoint: writer })
    }

    fn uncertain() -> Self {
        Self::that_ended(FlipEnd::Uncertain)
    }

    fn tell(&mut self, what: What) {
        for effect in self.desk.model.update(Event { at: self.desk.at, what }) {
            match effect {
                Effect::ReadBack(id, ..) => self.asked.push(id),
                Effect::Record(id, _) => self.tell(What::Recorded(id)),
                _ => {}
            }
        }
    }

    fn wait(&mut self, millis: i64) {
        self.desk.at = self.desk.at.plus(Span::from_millis(millis));
        self.tell(What::Tick);
    }

    /// The newest round of reading is answered.
    fn shown(&mut self, shows: [Shows; 5]) -> State {
        self.desk.at = self.desk.at.plus(Span::from_millis(1));
        let id = *self.asked.last().unwrap();
        for (endpoint, shows) in self.endpoints.clone().into_iter().zip(shows) {
            let flips = self.text.flips().iter();
            let states = match shows {
                New => Ok(flips.map(|f| (f.arn.clone(), f.to)).collect()),
                Old => Ok(flips.map(|f| (f.arn.clone(), f.from)).collect()),
                Neither => Ok(flips.map(|f| (f.arn.clone(), ControlState::On)).collect()),
                Nothing => Err("no answer".to_owned()),
                Silence => continue,
            };
            self.tell(What::ReadBack(id, ReadBack { endpoint, states }));
        }
        self.state()
    }

    fn state(&self) -> State {
        self.desk.state(&self.text)
    }

    fn is_open(&self) -> bool {
        self.state().is_running()
    }

    fn is_verified(&self) -> bool {
        matches!(self.state(), State::Verified { .. })
    }
}

#[test]
fn two_endpoints_other_than_the_writer_settle_it_at_once() {
    let mut sent = Sent::applied();
    sent.shown([New, Silence, New, Silence, Silence]);
    assert!(sent.is_verified(), "{:?}", sent.state());
    // The writer shows what it said before.
    let mut sent = Sent::applied();
    sent.shown([New, New, Silence, Old, Old]);
    assert!(sent.is_open());
    // Whose write an uncertain one was is not known: of three, two are others.
    let mut sent = Sent::uncertain();
    sent.shown([New, New, Silence, Old, Silence]);
    assert!(sent.is_open());
    sent.shown([Silence, Silence, New, Silence, Silence]);
    assert!(sent.is_verified());
}

#[test]
fn one_endpoint_is_believed_alone_after_a_moment_or_when_all_others_have_failed() {
    for sent in [Sent::applied, Sent::uncertain] {
        let mut quiet = sent();
        quiet.shown([Silence, New, Silence, Silence, Silence]);
        quiet.wait(200);
        assert!(quiet.is_open(), "the others may still speak");
        quiet.wait(100);
        assert!(quiet.is_verified());

        let mut alone = sent();
        alone.shown([Nothing, New, Nothing, Nothing, Nothing]);
        assert!(alone.is_verified(), "there is nobody to wait for");

        for other in [Old, Neither] {
            let mut contradicted = sent();
            contradicted.shown([other, New, Nothing, Nothing, Nothing]);
            contradicted.wait(60);
            contradicted.wait(400);
            assert!(contradicted.is_open(), "{other:?}");
        }
    }
}

#[test]
fn endpoints_that_lag_are_read_again_past_one_that_hangs() {
    let mut sent = Sent::applied();
    sent.shown([Old, New, Old, Silence, Silence]);
    sent.wait(300);
    assert_eq!(sent.asked.len(), 1, "most answer sooner");
    sent.wait(300);
    assert_eq!(sent.asked.len(), 2);
    sent.shown([New, New, New, Silence, Silence]);
    assert!(sent.is_verified());
}

#[test]
fn that_it_did_not_happen_takes_several_endpoints_late() {
    for confirmed in [true, false] {
        let mut sent = if confirmed { Sent::applied() } else { Sent::uncertain() };
        sent.shown([Old; 5]);
        assert!(sent.is_open());
        sent.wait(14_000);
        sent.shown([Old; 5]);
        assert!(sent.is_open(), "an attempt may still arrive");
        sent.wait(2_000);
        sent.shown([Old; 5]);
        assert!(sent.is_open(), "these reads may have been begun before that");
        sent.wait(1_500);
        sent.shown([Old, Nothing, Nothing, Nothing, Nothing]);
        sent.wait(15_000);
        assert!(sent.is_open(), "one is not several");
        sent.shown([Old, Nothing, Neither, Nothing, Nothing]);
        assert!(sent.is_open(), "one shows something else");
        sent.wait(300);
        sent.shown([Old, Nothing, Old, Nothing, Nothing]);
        // What AWS answered Yes to is never called undone: reads lag.
        match confirmed {
            true => assert!(matches!(sent.state(), State::Applied { .. }), "{:?}", sent.state()),
            false => assert!(matches!(sent.state(), State::NotApplied(_)), "{:?}", sent.state()),
        }
    }
}

/// What ARC said to a write proves nothing: only reads do, and old states only when they cannot be stale any more.
#[test]
fn a_no_of_arcs_is_settled_by_reads_alone() {
    let no = || Refusal { kind: RefusalKind::SafetyRule, rule: None, message: "no".into() };
    let denied = || Sent::that_ended(FlipEnd::Denied(no()));
    let mut done = denied();
    assert_eq!(done.state(), State::Uncertain);
    done.shown([Old; 5]);
    done.wait(9_000);
    done.shown([Old; 5]);
    assert_eq!(done.state(), State::Uncertain, "all five may be stale");
    done.wait(200);
    done.shown([New; 5]);
    assert!(done.is_verified(), "it was carried out after all");

    let mut undone = denied();
    undone.wait(18_000);
    undone.shown([Old; 5]);
    assert_eq!(undone.state(), State::Refused(no()));
}

/// An endpoint that failed has refused nothing: neither the facts nor any words of them say so.
#[test]
fn a_failure_is_no_refusal() {
    let message = "EndpointTemporarilyUnavailableException: not now".to_owned();
    let failed = || FlipEnd::Denied(Refusal { kind: RefusalKind::Unavailable, rule: None, message: message.clone() });
    let mut sent = Sent::that_ended(failed());
    let said = |sent: &Sent| {
        let model = &sent.desk.model;
        let change = model.changes.get(&sent.text.digest()).unwrap();
        let ctx = words::Context::of(&model.estate, Some(change));
        let mut all = vec![words::ended(change, &model.estate), words::past(&change.state)];
        all.extend(words::news(change, &model.estate, "18:42:07Z"));
        all.extend(
            words::verdict(change, &model.estate, None).map(|v| format!("{} {:?} {:?}", v.head, v.details, v.now)),
        );
        for length in [Length::Short, Length::Line, Length::Whole] {
            all.push(words::flip_end(&failed(), &ctx, length));
            let (change, endpoints) = (sent.text.digest(), Vec::new());
            let outcome = FlipOutcome { end: failed(), attempts: Vec::new() };
            for record in [Record::Outcome { change, outcome }, Record::Settled { change, done: false, endpoints }] {
                all.push(words::told(&record, &ctx, length).text);
                all.extend(words::result(&record, &ctx));
            }
        }
        all.join("\n")
    };
    assert_eq!(sent.state(), State::Uncertain);
    let uncertain = said(&sent);
    assert!(uncertain.contains("the endpoint failed to carry it out") && uncertain.contains(&message), "{uncertain}");
    sent.wait(18_000);
    sent.shown([Old; 5]);
    assert_eq!(sent.state(), State::NotApplied(NotDone::Failed(message.clone())));
    let over = said(&sent);
    assert!(over.contains(&format!("the endpoint failed ({message})")), "{over}");
    for words in [uncertain, over] {
        assert!(!words.to_lowercase().contains("refus"), "{words}");
    }
    let change = sent.desk.model.changes.get(&sent.text.digest()).unwrap().clone();
    assert_eq!(exit_of(&change), Exit::Refused);
}

/// How `flip` ends, by how the change did: what a script does next hangs on it.
#[test]
fn every_end_has_its_exit_code() {
    let no = |kind| FlipEnd::Refused(Refusal { kind, rule: None, message: "no".into() });
    let exit = |sent: &Sent| exit_of(&sent.desk.model.changes.get(&sent.text.digest()).unwrap().clone());
    for (end, code) in [
        (FlipEnd::Applied { endpoint: "us-west-2".into() }, Exit::Uncertain),
        (no(RefusalKind::SafetyRule), Exit::Refused),
        (no(RefusalKind::Throttled), Exit::Refused),
        (no(RefusalKind::Unavailable), Exit::Refused),
        (FlipEnd::Moved([].into()), Exit::Refused),
        (FlipEnd::Denied(Refusal { kind: RefusalKind::Conflict, rule: None, message: "no".into() }), Exit::Uncertain),
        (FlipEnd::Uncertain, Exit::Uncertain),
        (FlipEnd::Unreachable, Exit::Unreachable),
        (FlipEnd::TooLate, Exit::Journal),
    ] {
        assert_eq!(exit(&Sent::that_ran(end.clone())), code, "{end:?}");
    }
    // What reading settles later has been sent, so "no endpoint could be reached: nothing was sent" is never true of it.
    for sent in [Sent::applied, Sent::uncertain] {
        let mut done = sent();
        done.shown([New; 5]);
        assert_eq!(exit(&done), Exit::Ok);
    }
    let mut undone = Sent::uncertain();
    undone.wait(18_000);
    undone.shown([Old; 5]);
    assert!(matches!(undone.state(), State::NotApplied(_)), "{:?}", undone.state());
    assert_eq!(exit(&undone), Exit::Refused);
    let mut change = Sent::applied().desk.model.changes.all()[0].clone();
    for (state, code) in [
        (State::Proposed, Exit::Refused),
        (State::Approved, Exit::Refused),
        (State::Executing, Exit::Uncertain),
        (State::Rejected { by: "bob".into(), reason: "no".into() }, Exit::Refused),
        (State::Withdrawn, Exit::Refused),
        (State::Expired(Lapse::Approval(signalbox::time::Span::from_mins(10))), Exit::Expired),
        (State::OtherEstate(Vec::new()), Exit::Refused),
        (State::Launching { job: "drsjob-1".into() }, Exit::Ok),
        (State::Launched { job: "drsjob-1".into(), failed: Vec::new() }, Exit::Ok),
        (State::Launched { job: "drsjob-1".into(), failed: vec!["app-1".into()] }, Exit::Impaired),
    ] {
        change.state = state;
        assert_eq!(exit_of(&change), code, "{:?}", change.state);
    }
}

fn shows() -> impl Strategy<Value = Shows> {
    prop_oneof![1 => Just(New), 6 => Just(Old), 1 => Just(Neither), 1 => Just(Nothing), 1 => Just(Silence)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever the endpoints show, whenever: what is settled is settled by enough of them.
    #[test]
    fn nothing_is_settled_by_too_few(
        applied in any::<bool>(),
        answers in prop::collection::vec((0usize..5, shows(), 0i64..6_000), 1..24),
    ) {
        let mut sent = if applied { Sent::applied() } else { Sent::uncertain() };
        let (mut last, mut passed) = ([Silence; 5], 0);
        for (endpoint, shows, wait) in answers {
            let mut one = [Silence; 5];
            one[endpoint] = shows;
            if !matches!(shows, Nothing | Silence) {
                last[endpoint] = shows;
            }
            sent.shown(one);
            sent.wait(wait);
            passed += wait + 1;
            let count = |what| last.iter().filter(|s| **s == what).count();
            match sent.state() {
                State::Verified { .. } => {
                    let alone = count(Old) + count(Neither) == 0 || passed > 30_000;
                    prop_assert!(count(New) >= 2 || (count(New) == 1 && alone), "{last:?}");
                    break;
                }
                State::NotApplied(_) => {
                    prop_assert!(passed >= 17_000 && count(Old) >= 2, "{last:?} {passed}");
                    break;
                }
                _ => {}
            }
        }
    }
}

/// Commands come and go: what settles a change waits from when it was sent, and not from when each of them began.
#[test]
fn programs_that_come_and_go_settle_it_together() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    assert!(desk.try_to_run(&text));
    let endpoint = desk.model.estate.cluster.endpoints[WRITER].region.clone();
    for (id, _) in std::mem::take(&mut desk.flips) {
        let end = FlipEnd::Applied { endpoint: endpoint.clone() };
        desk.tell(What::Flipped(id, FlipOutcome { end, attempts: Vec::new() }));
    }
    for _ in 0..3 {
        assert!(desk.state(&text).is_running(), "{:?}", desk.state(&text));
        desk.wait(20);
        let lines = desk.disk.clone();
        desk.restart(true, lines);
    }
    desk.wait(1);
    assert!(matches!(desk.state(&text), State::NotApplied(_)), "{:?}", desk.state(&text));
}

/// Controls that a change before moved may be shown where that one found them: where this one would bring them. Who has not
/// seen an endpoint show the old states waits until it cannot be.
#[test]
fn states_from_before_the_change_before_are_believed_late() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    assert!(desk.try_to_run(&text));
    for flip in text.flips() {
        desk.states.insert(flip.arn.clone(), flip.to);
    }
    let lines = desk.disk.clone();
    desk.restart(true, lines);
    for second in 0..40 {
        if !desk.state(&text).is_running() {
            assert!(second > 10, "believed after {second} s");
            assert!(matches!(desk.state(&text), State::Verified { .. }), "{:?}", desk.state(&text));
            return;
        }
        desk.wait(1);
        desk.look();
        desk.record_all();
    }
    panic!("it is never believed: {:?}", desk.state(&text));
}

/// A poll that was begun before an endpoint was read back says nothing newer, though it ends later.
#[test]
fn a_poll_from_before_a_read_back_takes_nothing_back() {
    let mut sent = Sent::applied();
    assert!(matches!(sent.shown([New; 5]), State::Verified { .. }));
    let shown = sent.desk.model.levers.agreed(sent.desk.at);
    sent.desk.at = sent.desk.at.plus(Span::from_millis(5));
    // The desk's own states are still the old ones, and its polls take 30 ms.
    sent.desk.look();
    assert_eq!(sent.desk.model.levers.agreed(sent.desk.at), shown);
    sent.desk.at = sent.desk.at.plus(Span::from_secs(1));
    sent.desk.look();
    assert_ne!(sent.desk.model.levers.agreed(sent.desk.at), shown, "a poll that was begun later");
}

/// No read can show what came of a change of which somebody has moved one control since: it stops nothing.
#[test]
fn controls_that_are_in_neither_state_end_it_late() {
    let mut sent = Sent::uncertain();
    sent.shown([Neither; 5]);
    assert!(sent.is_open());
    for _ in 0..20 {
        sent.wait(1000);
        sent.shown([Neither; 5]);
    }
    assert_eq!(sent.state(), State::NotApplied(signalbox::change::NotDone::Neither));
    assert_eq!(exit_of(sent.desk.model.changes.get(&sent.text.digest()).unwrap()), Exit::Uncertain);
}

/// Another machine sent it. How long that machine has run means nothing here, and its clock may be two minutes off.
#[test]
fn another_machines_flip_is_settled_by_what_was_read_after_it() {
    for (uptime, off) in [(5, 0), (5, -100), (5, 100), (9_000_000, 0), (9_000_000, -100)] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, 2);
        let before = desk.disk.clone();
        assert!(desk.try_to_run(&text));
        let sent = desk.disk[before.len()..].iter().map(|kept| kept.record.clone());
        let intent = sent.into_iter().find(|record| matches!(record, Record::Intent { .. })).unwrap();
        desk.flips.clear();
        desk.restart(true, before);
        // The states before it, read by this machine just now.
        desk.look();
        desk.wait(1);
        let elsewhere =
            |desk: &Desk| Stamp { mono: Span::from_secs(uptime), wall: desk.at.wall + Span::from_secs(off) };
        let at = elsewhere(&desk);
        desk.forge(at, "another machine", intent);
        desk.tell(What::Tick);
        assert_eq!(desk.state(&text), State::Executing, "{uptime} {off}: it has just been sent");
        let endpoint = desk.model.estate.cluster.endpoints[WRITER].region.clone();
        let outcome = FlipOutcome { end: FlipEnd::Applied { endpoint }, attempts: Vec::new() };
        let at = elsewhere(&desk);
        desk.forge(at, "another machine", Record::Outcome { change: text.digest(), outcome });
        desk.tell(What::Tick);
        assert!(matches!(desk.state(&text), State::Applied { .. }), "{uptime} {off}: {:?}", desk.state(&text));
        // What is read from now on shows it.
        desk.wait(2);
        desk.states.extend(text.flips().iter().map(|f| (f.arn.clone(), f.to)));
        desk.look();
        desk.tell(What::Tick);
        assert!(matches!(desk.state(&text), State::Verified { .. }), "{uptime} {off}: {:?}", desk.state(&text));
    }
}
