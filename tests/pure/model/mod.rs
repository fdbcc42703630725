//! What is known: old is not health, one sentence says it, steps are recognised, a restart knows the truth.

use crate::hand as support;

use signalbox::change::State;
use signalbox::effect::Effect;
use signalbox::estate::{ControlState, PairName, PersonName, Region, ResolverName, Side};
use signalbox::event::*;
use signalbox::model::{Lever, Mark, Step, Subject};
use signalbox::record::{Kept, Record};
use support::{Hand, arn, estate};

fn east() -> PairName {
    PairName::from("east")
}

fn hand() -> Hand {
    Hand::new(estate(&[]))
}

#[test]
fn nothing_known_is_said_to_be_nothing_known() {
    let hand = hand();
    let said = hand.model.sentence(&east());
    assert_eq!(said.mark, Mark::Unknown);
    assert!(said.text.starts_with("No readings yet"), "{}", said.text);
    assert!(hand.model.standings.values().all(|s| s.mark == Mark::Unknown));
}

#[test]
fn a_calm_day_is_said_in_one_sentence() {
    let mut hand = hand();
    hand.calm();
    insta::assert_snapshot!(hand.model.sentence(&east()).text, @"Traffic enters us-east-1, which is well. us-east-2 is ready (score 100 of 100).");
}

#[test]
fn an_outage_is_said_with_what_since_when_and_where_traffic_goes() {
    let mut hand = hand();
    hand.calm().wait(5);
    hand.outage();
    let said = hand.model.sentence(&east());
    assert_eq!(said.mark, Mark::Fail);
    insta::assert_snapshot!(said.text, @"us-east-1 is impaired since 18:38:05Z: 2 of 2 applications fail (answers 503); portal ALB 0/12 healthy (minimum 1); 2 of 2 health checks fail. us-east-2 is ready (score 100 of 100). Traffic still enters us-east-1.");
}

#[test]
fn old_readings_are_never_health() {
    let mut hand = hand();
    hand.calm().wait(600);
    assert!(
        hand.model.standings.iter().all(|(_, s)| s.mark != Mark::Ok),
        "still called ok: {:?}",
        hand.model.standings.iter().filter(|(_, s)| s.mark == Mark::Ok).collect::<Vec<_>>()
    );
    assert_eq!(hand.model.levers.get(&arn("portal-us-east-1"), hand.model.now), Lever::Unknown);
    assert_eq!(hand.model.preflight(&east(), Side::Standby).score(), 0);
    let said = hand.model.sentence(&east());
    assert_ne!(said.mark, Mark::Ok, "{}", said.text);
    assert!(!said.text.contains("well"), "{}", said.text);
}

#[test]
fn what_was_well_before_a_region_failed_is_not_called_well_after_it() {
    let mut hand = hand();
    hand.calm().wait(5);
    let mark = |hand: &Hand, side| hand.model.standing(&Subject::System("portal-alb".into(), side)).unwrap().mark;
    assert_eq!(mark(&hand, Side::Active), Mark::Ok);
    // Its probes and checks say that the region is gone; CloudWatch's last figure is young, and from before that.
    hand.probe("portal", "us-east-1", 503);
    hand.probe("api", "us-east-1", 503);
    hand.wait(1);
    assert_eq!(mark(&hand, Side::Active), Mark::Unknown);
    assert_eq!(mark(&hand, Side::Standby), Mark::Ok, "the other side has not failed");
    hand.reading("portal-alb", "healthy", Place::Active, Some(12.0));
    hand.wait(1);
    assert_eq!(mark(&hand, Side::Active), Mark::Ok, "it was read again");
}

#[test]
fn no_data_is_not_zero_and_does_not_refresh_the_last_value() {
    let mut hand = hand();
    hand.calm().wait(100);
    hand.reading("ag", "lag", Place::Link, None);
    hand.wait(30);
    let s = hand.model.standing(&Subject::Link("ag".into())).expect("a standing");
    assert_eq!(s.mark, Mark::Unknown, "{}", s.text);
}

#[test]
fn a_lost_source_is_named_and_its_readings_are_not_called_health() {
    let mut hand = hand();
    hand.calm().wait(5);
    hand.failed(SourceId::Cloudwatch(Region::from("us-east-2")), "no answer within 5 s");
    let system = hand.model.estate.systems[0].clone();
    let judged = hand.model.judge(&system, &system.readings[0], Place::Standby);
    assert_eq!(judged.mark, Mark::Unknown);
    assert_eq!(judged.value, Some(12.0), "the last value stays readable");
    assert_eq!(judged.why.as_deref(), Some("no answer within 5 s"));
}

#[test]
fn endpoints_that_disagree_are_shown_as_disagreeing() {
    let mut hand = hand();
    hand.calm();
    hand.lever_at(&Region::from("eu-west-1"), &[("portal-us-east-1", ControlState::Off)]);
    assert_eq!(hand.model.levers.get(&arn("portal-us-east-1"), hand.model.now), Lever::Disagreed { on: 4, off: 1 });
    hand.propose("alice", hand.draft(), 7);
    assert_eq!(hand.model.changes.all().len(), 0, "a state that is not agreed upon cannot be a *from* state");
    assert!(hand.model.refusals.back().expect("a refusal").why.contains("disagree"));
}

#[test]
fn the_source_of_a_probe_that_does_not_answer_is_a_failed_application() {
    let mut hand = hand();
    hand.calm();
    hand.failed(SourceId::Probe("portal".into(), "us-east-1".into()), "no answer within 3 s");
    let s = hand.model.standing(&Subject::Probe("portal".into(), "us-east-1".into())).expect("a standing");
    assert_eq!((s.mark, s.text.as_str()), (Mark::Fail, "no answer within 3 s"));
}

#[test]
fn an_incident_opens_by_itself_and_its_clock_runs_from_the_first_failure() {
    let mut hand = hand();
    hand.calm().wait(5);
    hand.outage();
    let incident = hand.model.incidents.get(&east()).expect("an incident").clone();
    assert!(!incident.planned);
    assert!(incident.step(Step::Detected).ended.is_some());
    assert!(incident.step(Step::Preflight).began.is_some() && incident.step(Step::Preflight).ended.is_none());
    hand.wait(20);
    assert_eq!(incident.lasted(hand.model.now).unwrap().span.as_secs(), 20);
    assert_eq!(incident.rto_left(hand.model.now).unwrap().span.as_secs(), 3600 - 20);
}

#[test]
fn the_intent_is_on_disk_before_anything_is_sent() {
    let mut hand = hand();
    hand.calm();
    hand.propose("alice", hand.draft(), 1);
    let change = hand.model.changes.all()[0].clone();
    hand.approve("bob", change.digest);
    hand.hold = true;
    assert_eq!(hand.model.changes.all()[0].state, State::Approved);
    hand.effects.clear();
    let by = signalbox::change::Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.expect("operator");
    let effects = hand.tell(What::Asked(Ask::SecondKey { by, change: change.digest, typed: "us-east-2".into() }));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Flip(..))), "sent before it was kept: {effects:?}");
    let Some(Effect::Record(id, Record::Intent { .. })) =
        effects.iter().find(|e| matches!(e, Effect::Record(_, Record::Intent { .. }))).cloned()
    else {
        panic!("no intent in {effects:?}")
    };
    let effects = hand.tell(What::Recorded(id));
    assert!(matches!(effects.as_slice(), [Effect::Flip(_, order), ..] if order.flips.len() == 4), "{effects:?}");
    // The journal's answer counts once.
    assert!(!hand.tell(What::Recorded(id)).iter().any(|e| matches!(e, Effect::Flip(..))));
}

#[test]
fn a_journal_that_cannot_keep_the_intent_stops_the_flip() {
    let mut hand = hand();
    hand.calm();
    hand.propose("alice", hand.draft(), 1);
    let digest = hand.model.changes.all()[0].digest;
    hand.approve("bob", digest);
    hand.hold = true;
    let by = signalbox::change::Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.expect("operator");
    let effects = hand.tell(What::Asked(Ask::SecondKey { by, change: digest, typed: "us-east-2".into() }));
    let id = effects.iter().find_map(|e| match e {
        Effect::Record(id, Record::Intent { .. }) => Some(*id),
        _ => None,
    });
    let effects = hand.tell(What::RecordFailed(id.expect("an intent"), "no space left".into()));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Flip(..))));
    assert_eq!(hand.model.changes.all()[0].state, State::Approved, "what the journal did not take has not happened");
    let said = hand.model.refusals.back().expect("it is said");
    assert!(said.why.contains("no space left") && said.why.contains("nothing was sent"), "{}", said.why);
}

#[test]
fn a_disk_that_hangs_past_the_second_keys_window_stops_the_flip() {
    let mut hand = hand();
    hand.calm();
    hand.propose("alice", hand.draft(), 1);
    let digest = hand.model.changes.all()[0].digest;
    hand.approve("bob", digest);
    hand.hold = true;
    let by = signalbox::change::Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.expect("operator");
    let effects = hand.tell(What::Asked(Ask::SecondKey { by, change: digest, typed: "us-east-2".into() }));
    let id = effects.iter().find_map(|e| match e {
        Effect::Record(id, Record::Intent { .. }) => Some(*id),
        _ => None,
    });
    hand.wait(61);
    hand.hold = false;
    let effects = hand.tell(What::Recorded(id.expect("an intent")));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Flip(..))), "{effects:?}");
    assert!(matches!(hand.model.changes.all()[0].state, State::NotApplied(_)));
}

#[test]
fn a_flip_of_another_program_that_never_ends_becomes_uncertain_and_is_read() {
    let mut hand = hand();
    hand.calm();
    hand.propose("alice", hand.draft(), 1);
    let digest = hand.model.changes.all()[0].digest;
    hand.approve("bob", digest);
    // The other program's intent, as it stands in the journal.
    hand.hold = true;
    let mut other = Hand { model: hand.model.clone(), at: hand.at, effects: Vec::new(), hold: true };
    let by = signalbox::change::Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.expect("operator");
    let turned = other.tell(What::Asked(Ask::SecondKey { by, change: digest, typed: "us-east-2".into() }));
    let intent = turned.into_iter().find_map(|e| match e {
        Effect::Record(_, record @ Record::Intent { .. }) => Some(record),
        _ => None,
    });
    let kept = Kept { at: hand.at, boot: "boot-1".into(), record: intent.expect("an intent") };
    hand.tell(What::Elsewhere(vec![kept]));
    hand.hold = false;
    assert_eq!(hand.model.changes.all()[0].state, State::Executing);
    hand.effects.clear();
    hand.wait(40);
    assert_eq!(hand.model.changes.all()[0].state, State::Uncertain);
    assert!(hand.effects.iter().any(|e| matches!(e, Effect::ReadBack(..))));
}

/// Rounded, a figure that is past its limit may read as if it stood at it: then it is told more exactly.
#[test]
fn a_figure_past_its_limit_never_reads_as_the_limit() {
    use signalbox::estate::{Direction, Unit};
    use signalbox::model::words;
    let estate = signalbox::estate::guiding_care().expect("the shipped estate is valid");
    let base = estate.systems.iter().flat_map(|s| &s.readings).next().expect("a reading").clone();
    for (unit, bad, limit, figure, wanted) in [
        (Unit::Seconds, Direction::Above, 1800.0, 1812.0, "x 30 min 12 s"),
        (Unit::Seconds, Direction::Above, 1800.0, 1800.02, "x 30 min 0.02 s"),
        (Unit::Seconds, Direction::Above, 1800.0, 1881.0, "x 31 min"),
        (Unit::Seconds, Direction::Above, 86_400.0, 86_450.0, "x 24 h 0 min 50 s"),
        (Unit::Seconds, Direction::Below, 86_400.0, 18_000.0, "x 5 h"),
        (Unit::Seconds, Direction::Below, 86_400.0, 0.0, "x 0 s"),
        (Unit::Seconds, Direction::Above, 60.0, 59.6, "x 1 min"),
        (Unit::Percent, Direction::Below, 80.0, 79.99, "x 79.99 %"),
        (Unit::Percent, Direction::Below, 80.0, 33.0, "x 33 %"),
        (Unit::Percent, Direction::Below, 80.0, 33.4, "x 33.4 %"),
        (Unit::Days, Direction::Below, 7.0, 6.8, "x 6.8 d"),
        (Unit::Milliseconds, Direction::Above, 200.0, 200.3, "x 200.3 ms"),
        (Unit::Count, Direction::Above, 25.0, 25.01, "25.01 x"),
        (Unit::Count, Direction::Above, 25.0, 25.0, "25 x"),
        (Unit::Kilobytes, Direction::Above, 12_000.0, 12_040.0, "x 12040 kB"),
    ] {
        let mut reading = base.clone();
        (reading.label, reading.of, reading.warn, reading.fail) = ("x".into(), None, None, Some(limit));
        (reading.unit, reading.bad) = (unit, bad);
        assert_eq!(words::reading(&reading, figure), wanted, "{unit:?} {figure} {bad:?} {limit}");
    }
}

// ------------------------------------------------------------------------------- one journal, one clock

use signalbox::journal::{Boot, Journal};
use signalbox::time::{Span, Stamp};

/// A console with a journal on disk.
struct Seat {
    hand: Hand,
    journal: Journal,
    /// What was sent to ARC.
    flips: Vec<signalbox::effect::EffectId>,
}

impl Seat {
    /// A console that opens on a folder at a moment of a boot.
    fn open(folder: &std::path::Path, boot: &str, at: Stamp) -> Self {
        let (journal, kept) = Journal::open(folder, Boot { id: boot.into() }).expect("the journal opens");
        let estate = std::sync::Arc::new(estate(&[]));
        let model = signalbox::model::Model::new(estate, boot, at);
        let mut seat = Self { hand: Hand { model, at, effects: Vec::new(), hold: true }, journal, flips: Vec::new() };
        seat.anchor();
        seat.hand.tell(What::Resumed(kept));
        seat.settle();
        seat
    }

    fn anchor(&mut self) {
        let head = self.journal.head();
        let anchor = signalbox::change::Anchor { journal: self.journal.identity(), line: head.line, head: head.hash };
        self.hand.tell(What::Anchored(anchor));
    }

    /// The journal answers all that it is asked, and tells what others wrote.
    fn settle(&mut self) -> &mut Self {
        loop {
            let asked = std::mem::take(&mut self.hand.effects);
            let others = self.journal.catch_up().expect("readable");
            let mut quiet = others.is_empty();
            if !others.is_empty() {
                self.hand.tell(What::Elsewhere(others));
            }
            for effect in asked {
                if let Effect::Flip(id, _) = effect {
                    self.flips.push(id);
                }
                let Effect::Record(id, record) = effect else { continue };
                quiet = false;
                let appended = self.journal.append(record, self.hand.at).expect("the journal takes it");
                if !appended.elsewhere.is_empty() {
                    self.hand.tell(What::Elsewhere(appended.elsewhere));
                }
                self.hand.tell(if appended.already { What::Already(id) } else { What::Recorded(id) });
                self.anchor();
            }
            if quiet {
                return self;
            }
        }
    }

    /// Time goes on, with what is read every ten seconds.
    fn minutes(&mut self, minutes: i64, read: impl Fn(&mut Hand)) -> &mut Self {
        for _ in 0..minutes * 6 {
            self.hand.wait(10);
            read(&mut self.hand);
            self.settle();
        }
        self
    }

    fn incident(&self) -> &signalbox::model::Incident {
        self.hand.model.running_incident(&east()).expect("an incident runs")
    }

    fn sentence(&self) -> String {
        self.hand.model.sentence(&east()).text
    }

    fn lasted(&self) -> Option<i64> {
        self.incident().lasted(self.hand.model.now).map(|s| s.span.as_secs())
    }
}

fn down(hand: &mut Hand) {
    hand.calm().outage();
}

fn well(hand: &mut Hand) {
    hand.calm();
}

fn all_elsewhere(hand: &mut Hand) {
    hand.calm().levers(&[("portal-us-east-1", ControlState::Off)]);
}

#[test]
fn a_console_that_opens_later_on_the_same_journal_has_the_same_clock() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Seat::open(folder.path(), "boot-1", support::start());
    one.hand.calm().wait(5);
    one.hand.outage();
    one.settle();
    one.minutes(1, down);
    for boot in ["boot-1", "boot-2"] {
        // Another machine's boot clock counts from another moment.
        let ahead = if boot == "boot-1" { Span::ZERO } else { Span::from_hours(99) };
        let at = Stamp { mono: one.hand.at.mono + ahead, wall: one.hand.at.wall };
        let mut two = Seat::open(folder.path(), boot, at);
        down(&mut two.hand);
        two.settle();
        assert_eq!((two.lasted(), one.lasted()), (Some(60), Some(60)), "{boot}");
        assert!(!two.incident().planned && two.incident().step(Step::Detected).ended.is_some());
        let since = "us-east-1 is impaired since 18:38:05Z";
        assert!(one.sentence().contains(since) && two.sentence().contains(since), "{boot}: {}", two.sentence());
        one.settle();
        assert_eq!(one.incident().started.at().wall, two.incident().started.at().wall);
    }
}

#[test]
fn a_console_that_may_only_look_follows_the_journals_clock_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut looker = Hand::new(estate(&[]));
    looker.model.read_only = Some("--read-only".into());
    looker.calm().wait(10);
    looker.outage().wait(1);
    let mut one = Seat::open(folder.path(), "boot-1", support::start());
    one.hand.calm().wait(5);
    one.hand.outage();
    one.settle();
    assert_ne!(looker.model.incidents[&east()].started, one.incident().started);
    let kept = Journal::look(folder.path(), Boot { id: "boot-1".into() }).unwrap().1;
    looker.tell(What::Elsewhere(kept));
    assert_eq!(looker.model.incidents[&east()].started, one.incident().started);
    assert!(looker.model.sentence(&east()).text.contains("since 18:38:05Z"));
}

#[test]
fn a_wall_clock_that_is_set_makes_no_clock_zero() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Seat::open(folder.path(), "boot-1", support::start());
    one.hand.calm().wait(5);
    one.hand.outage();
    one.settle();
    one.hand.wait(20);
    // Set back by an hour: the boot clock goes on.
    one.hand.at.wall = one.hand.at.wall.checked_sub(Span::from_hours(1)).unwrap();
    one.minutes(1, down);
    assert_eq!(one.lasted(), Some(80));
    // The time of day is one of a clock that is no more: how long ago it was does not depend on it.
    assert!(
        one.sentence().contains("18:38:05Z, 80 s ago (the clock was set since)")
            || one.sentence().contains("18:38:05Z, 1 min 20 s ago (the clock was set since)"),
        "{}",
        one.sentence()
    );
    let two = Seat::open(folder.path(), "boot-1", one.hand.at);
    assert_eq!(two.lasted(), Some(80), "within one boot its clock tells");
    // Another boot has only wall clocks that contradict each other: nobody knows.
    let other = Seat::open(folder.path(), "boot-2", one.hand.at);
    assert_eq!(other.lasted(), None);
    assert_eq!(other.incident().rto_left(other.hand.model.now), None);
}

#[test]
fn a_failure_that_comes_and_goes_is_one_incident_until_it_has_been_well_for_a_while() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Seat::open(folder.path(), "boot-1", support::start());
    one.hand.calm().wait(5);
    one.hand.outage();
    one.settle();
    one.minutes(2, down).minutes(3, well);
    assert!(!one.sentence().contains("impaired"), "{}", one.sentence());
    one.minutes(2, down);
    // The sentence and the clock say the same.
    assert_eq!(one.lasted(), Some(7 * 60));
    assert!(one.sentence().contains("us-east-1 is impaired since 18:38:05Z"), "{}", one.sentence());
    one.minutes(13, well);
    assert!(
        one.hand.model.running_incident(&east()).is_none(),
        "nobody moved anything, and all is well again: {} {:?}",
        one.sentence(),
        one.incident()
    );
    one.minutes(5, well).minutes(1, down);
    assert_eq!(one.lasted(), Some(50), "a later failure has a clock of its own");
    assert!(!one.sentence().contains("18:38:05"), "{}", one.sentence());
    let two = Seat::open(folder.path(), "boot-1", one.hand.at);
    assert_eq!(two.lasted(), Some(50));
}

#[test]
fn one_thing_that_people_feel_for_a_minute_starts_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Seat::open(folder.path(), "boot-1", support::start());
    // Everything else is well.
    let nobody_logs_in = |hand: &mut Hand| {
        hand.levers(&[]);
        hand.dns("us-east-1");
        for id in ["check-portal-1", "check-portal-2", "check-api-1", "check-api-2"] {
            hand.check(id, 16);
        }
        hand.probe("portal", "us-east-1", 503);
    };
    well(&mut one.hand);
    nobody_logs_in(&mut one.hand);
    one.settle().hand.wait(20);
    nobody_logs_in(&mut one.hand);
    one.hand.wait(10);
    assert!(one.hand.model.running_incident(&east()).is_none());
    one.minutes(1, nobody_logs_in);
    assert_eq!(one.lasted(), Some(90));
    assert!(
        one.sentence().starts_with("us-east-1 is impaired since 18:38:00Z: portal answers 503"),
        "{}",
        one.sentence()
    );
    // On the side without traffic nobody feels it.
    let mut other = hand();
    other.calm().probe("portal", "us-east-2", 503);
    other.wait(20).calm().probe("portal", "us-east-2", 503);
    other.wait(29).calm().probe("portal", "us-east-2", 503);
    other.wait(20);
    assert!(other.model.running_incident(&east()).is_none());
}

#[test]
fn a_proposal_opens_the_incident_however_late_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut script = Seat::open(folder.path(), "boot-1", support::start());
    script.hand.calm();
    let mut open = hand();
    open.calm().wait(2);
    // A script proposes, approves and flips within a moment.
    script.hand.wait(5);
    script.hand.calm();
    script.hand.propose("alice", script.hand.draft(), 1);
    script.settle();
    let digest = script.hand.model.changes.all()[0].digest;
    script.hand.approve("bob", digest);
    script.settle();
    let by = signalbox::change::Hands::of(&script.hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    script.hand.tell(What::Asked(Ask::SecondKey { by, change: digest, typed: "us-east-2".into() }));
    script.settle();
    let flip = script.flips.first().copied();
    let end = FlipEnd::Applied { endpoint: "us-west-2".into() };
    script.hand.tell(What::Flipped(flip.expect("it is sent"), FlipOutcome { end, attempts: vec![] }));
    script.settle();
    let kept = Journal::look(folder.path(), Boot { id: "boot-1".into() }).unwrap().1;
    // What it says of clocks is lost; what it did is read at once.
    let mut deeds: Vec<Kept> = kept.into_iter().filter(|k| k.record.change().is_some()).collect();
    let endpoints = vec!["us-east-1".into(), "us-west-2".into(), "eu-west-1".into()];
    let settled = Record::Settled { change: digest, done: true, endpoints };
    deeds.push(Kept { at: script.hand.at, boot: "boot-1".into(), record: settled });
    open.at = script.hand.at.plus(Span::from_millis(500));
    open.tell(What::Elsewhere(deeds));
    let incident = open.model.running_incident(&east()).expect("an incident runs");
    assert!(incident.planned);
    assert_eq!(incident.started.at().wall, script.hand.at.wall);
    for step in [Step::Preflight, Step::Approval, Step::Routing] {
        assert!(incident.step(step).ended.is_some(), "{step:?}");
    }
    // Steps 5 and 6 are seen, and kept.
    open.effects.clear();
    open.dns("us-east-2");
    let steps = open.effects.iter().filter_map(|e| match e {
        Effect::Record(_, Record::Step { step, done: true, .. }) => Some(*step),
        _ => None,
    });
    assert_eq!(steps.collect::<Vec<_>>(), [5, 6]);
}

#[test]
fn a_clock_can_be_started_by_hand_and_an_incident_that_gets_its_name_keeps_its_clock() {
    let mut hand = hand();
    hand.calm().wait(5);
    hand.outage().wait(60);
    let begin = |hand: &mut Hand, since| {
        let by = signalbox::change::Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
        let (name, kind) = ("INC-1".into(), signalbox::record::SessionKind::Incident);
        let session = NewSession { pair: east(), name, kind, participants: vec![], since };
        hand.tell(What::Asked(Ask::Begin { by, session }));
    };
    let started = hand.model.incidents[&east()].started;
    hand.effects.clear();
    // A clock that runs is never set forward.
    let later = hand.at.wall.checked_sub(Span::from_secs(1)).unwrap();
    begin(&mut hand, Some(later));
    assert_eq!(hand.model.incidents[&east()].started, started);
    // It is one clock: its beginning and its steps are in the journal already.
    assert!(hand.model.running_incident(&east()).is_some_and(|i| i.step(Step::Detected).ended.is_some()));
    assert!(!hand.effects.iter().any(|e| matches!(e, Effect::Record(_, Record::Began { .. }))));
    // Where nothing was seen to fail, the clock runs from the moment that was said.
    let mut other = self::hand();
    other.calm().wait(5);
    let since = other.at.wall.checked_sub(Span::from_mins(12)).unwrap();
    begin(&mut other, Some(since));
    other.wait(1);
    let incident = other.model.running_incident(&east()).expect("the clock runs");
    assert_eq!(incident.lasted(other.model.now).unwrap().span.as_secs(), 12 * 60 + 1);
    assert_eq!(incident.started.at().wall, since);
    // One that runs is set back where somebody says that it began before it was seen.
    let mut earlier = self::hand();
    earlier.calm().wait(5);
    earlier.outage().wait(60);
    let seen = earlier.model.incidents[&east()].started;
    let since = seen.at().wall.checked_sub(Span::from_mins(12)).unwrap();
    begin(&mut earlier, Some(since));
    earlier.wait(1);
    let incident = earlier.model.running_incident(&east()).expect("the clock runs");
    assert_eq!(incident.started.at().wall, since);
}

/// After people were told, an incident gets its name: what failed has not recovered, and it is the same one.
#[test]
fn an_incident_that_is_named_after_people_were_told_is_the_one_that_was() {
    let mut hand = hand();
    hand.calm().wait(5);
    hand.outage().wait(60);
    let started = hand.model.incidents[&east()].started;
    hand.tell(What::Elsewhere(vec![Kept {
        at: hand.at,
        boot: hand.model.boot.clone(),
        record: Record::Step { pair: east(), step: 7, done: true },
    }]));
    assert!(hand.model.running_incident(&east()).is_none());
    hand.wait(30);
    let by = signalbox::change::Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    let (name, kind) = ("INC-1".into(), signalbox::record::SessionKind::Incident);
    let session = NewSession { pair: east(), name, kind, participants: vec![], since: None };
    hand.tell(What::Asked(Ask::Begin { by, session }));
    hand.wait(1);
    let incident = hand.model.running_incident(&east()).expect("it goes on");
    assert_eq!(incident.started, started);
    assert!(incident.step(Step::Detected).ended.is_some() && incident.step(Step::Told).ended.is_some());
}

// ------------------------------------------------------------------------------- controls that somebody else moved

#[test]
fn a_control_that_somebody_else_moved_is_an_alarm_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Seat::open(folder.path(), "boot-1", support::start());
    well(&mut one.hand);
    one.settle().hand.wait(10);
    assert!(!one.sentence().contains("SOMEBODY"));
    all_elsewhere(&mut one.hand);
    one.settle();
    // For a moment another program's change may not have been read yet.
    assert!(!one.sentence().contains("SOMEBODY"), "{}", one.sentence());
    one.hand.wait(6);
    one.settle();
    let said = one.hand.model.sentence(&east());
    let moved = "MOVED BY SOMEBODY ELSE, by no change of this journal: routing control portal-us-east-1 On → Off since \
                 18:38:10Z";
    assert!(said.text.contains(moved), "{}", said.text);
    // It is Off in both regions, which a rule forbids: nothing is called well.
    assert_eq!(said.mark, Mark::Fail);
    assert!(
        said.text.contains("The routing controls of portal are OFF IN EVERY REGION; DNS still answers us-east-1."),
        "{}",
        said.text
    );
    assert!(said.text.contains("Safety rule portal-somewhere is BROKEN as the controls are"), "{}", said.text);
    assert!(!said.text.contains("well"), "{}", said.text);
    let pair = east();
    let entry = one.hand.model.timeline.of(&pair).find(|e| e.text.contains("by no change of this journal")).unwrap();
    assert!(
        entry.text.contains("portal-us-east-1 was moved On → Off") && entry.text.contains("cloudtrailv2"),
        "{}",
        entry.text
    );
    // Who opens later is told too, with the same since.
    let mut two = Seat::open(folder.path(), "boot-2", one.hand.at);
    all_elsewhere(&mut two.hand);
    assert!(two.settle().sentence().contains(moved), "{}", two.sentence());
    // Moved back, it is over.
    for seat in [&mut one, &mut two] {
        well(&mut seat.hand);
        seat.hand.wait(6);
        assert!(!seat.settle().sentence().contains("SOMEBODY"), "{}", seat.sentence());
    }
    // And once more: it is told once more.
    all_elsewhere(&mut one.hand);
    one.hand.wait(6);
    assert!(one.settle().sentence().contains("SOMEBODY"), "{}", one.sentence());
}

fn moved_over(hand: &mut Hand) {
    use ControlState::{Off, On};
    hand.levers(&[("portal-us-east-1", Off), ("portal-us-east-2", On), ("api-us-east-1", Off), ("api-us-east-2", On)]);
}

/// What the journal knows of a control is what moved it last, also if ARC confirmed nothing, and however many changes
/// came after.
#[test]
fn a_control_is_as_the_last_change_left_it_and_a_move_by_hand_after_it_is_an_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Seat::open(folder.path(), "boot-1", support::start());
    one.hand.model.watching = true;
    well(&mut one.hand);
    one.settle();
    let by = || signalbox::change::Hands::of(&estate(&[]), &PersonName::from("alice")).operator.unwrap();
    // By hand, and back.
    for step in [all_elsewhere, well] {
        step(&mut one.hand);
        one.hand.wait(6);
        one.settle();
    }
    let draft = one.hand.draft();
    one.hand.propose("alice", draft.clone(), 1);
    one.settle();
    let digest = one.hand.model.changes.all()[0].digest;
    one.hand.approve("bob", digest);
    one.settle();
    one.hand.tell(What::Asked(Ask::SecondKey { by: by(), change: digest, typed: "us-east-2".into() }));
    one.settle();
    let flip = *one.flips.first().expect("it is sent");
    one.hand.tell(What::Flipped(flip, FlipOutcome { end: FlipEnd::Uncertain, attempts: vec![] }));
    for _ in 0..20 {
        one.hand.wait(1);
        moved_over(&mut one.hand);
        one.settle();
    }
    let state = one.hand.model.changes.get(&digest).unwrap().state.clone();
    assert!(matches!(state, State::Verified { .. }), "{state:?}");
    // More changes than are held in memory.
    for nonce in 2..110 {
        let back = signalbox::change::Draft::towards(&one.hand.model.estate, &east(), &"us-east-1".into());
        let mut back = back.expect("a draft");
        (back.reason, back.despite) = ("a drill".into(), "a drill".into());
        one.hand.propose("alice", back, nonce);
        one.settle();
        let open = one.hand.model.changes.open().next().expect("a change").digest;
        one.hand.tell(What::Asked(Ask::Withdraw { by: by(), change: open }));
        one.settle();
    }
    assert!(one.hand.model.changes.get(&digest).is_none(), "it is still in memory");
    // Who opens now finds nothing strange, and is told of what is moved by hand after that.
    let mut two = Seat::open(folder.path(), "boot-1", one.hand.at);
    two.hand.model.watching = true;
    for _ in 0..10 {
        two.hand.wait(1);
        moved_over(&mut two.hand);
        two.settle();
    }
    assert!(!two.sentence().contains("SOMEBODY"), "{}", two.sentence());
    for _ in 0..8 {
        use ControlState::{Off, On};
        two.hand.levers(&[("portal-us-east-2", On), ("api-us-east-1", Off), ("api-us-east-2", On)]);
        two.settle().hand.wait(1);
    }
    assert!(two.sentence().contains("MOVED BY SOMEBODY ELSE"), "{}", two.sentence());
}

#[test]
fn people_are_told_that_somebody_else_moved_a_control() {
    let mut estate = estate(&[]);
    let notify = "[[notify]]\non = [\"controls-moved\"]\nbell = true\n";
    estate.notify = signalbox::estate::Estate::parse(&format!("{}\n{notify}", support::ESTATE), "t").unwrap().notify;
    let mut hand = Hand::new(estate);
    hand.calm().wait(2);
    all_elsewhere(&mut hand);
    hand.wait(6);
    let told = hand.effects.iter().filter_map(|e| match e {
        Effect::Notify(notice) => Some(notice.text.clone()),
        _ => None,
    });
    let told: Vec<_> = told.collect();
    assert!(matches!(told.as_slice(), [text] if text.contains("portal-us-east-1 was moved On → Off")), "{told:?}");
}

#[test]
fn what_a_change_of_this_journal_does_is_no_alarm() {
    let mut hand = hand();
    hand.calm();
    hand.propose("alice", hand.draft(), 1);
    let digest = hand.model.changes.all()[0].digest;
    hand.approve("bob", digest);
    let by = signalbox::change::Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    let effects = hand.tell(What::Asked(Ask::SecondKey { by, change: digest, typed: "us-east-2".into() }));
    let id = effects.iter().chain(&hand.effects).find_map(|e| match e {
        Effect::Flip(id, _) => Some(*id),
        _ => None,
    });
    let end = FlipEnd::Applied { endpoint: "us-west-2".into() };
    hand.tell(What::Flipped(id.expect("it is sent"), FlipOutcome { end, attempts: vec![] }));
    use ControlState::{Off, On};
    hand.wait(1);
    hand.levers(&[("portal-us-east-1", Off), ("portal-us-east-2", On), ("api-us-east-1", Off), ("api-us-east-2", On)]);
    hand.wait(20);
    assert!(
        matches!(hand.model.changes.all()[0].state, State::Verified { .. }),
        "{:?}",
        hand.model.changes.all()[0].state
    );
    assert!(!hand.model.sentence(&east()).text.contains("SOMEBODY"), "{}", hand.model.sentence(&east()).text);
    assert!(hand.model.moved_elsewhere(&arn("portal-us-east-1")).is_none());
}

#[test]
fn a_time_of_another_day_has_its_day() {
    let mut hand = hand();
    hand.calm().wait(5);
    for _ in 0..7 {
        hand.at = hand.at.plus(Span::from_hours(1));
        down(&mut hand);
    }
    assert!(
        hand.model.sentence(&east()).text.contains("since 2026-11-24 19:38:05Z"),
        "{}",
        hand.model.sentence(&east()).text
    );
}

#[test]
fn with_all_resolvers_silent_nobody_knows_where_traffic_enters() {
    let mut hand = hand();
    hand.calm().wait(5);
    let last = hand.model.dns_last_led(&east()).expect("DNS led somewhere");
    for _ in 0..20 {
        hand.wait(10).levers(&[]);
        for resolver in ["r1", "r2", "r3", "r4"] {
            hand.failed(SourceId::Dns(ResolverName::from(resolver)), "no answer in time");
        }
    }
    let said = hand.model.sentence(&east());
    let since = format!("since {}Z: no DNS resolver answers", last.wall.strftime("%H:%M:%S"));
    assert!(said.text.contains("Where traffic enters is not known") && said.text.contains(&since), "{}", said.text);
    assert!(said.text.contains("the routing controls say us-east-1"), "{}", said.text);
    assert!(!said.text.contains("enters us-east-1") && said.mark >= Mark::Unknown, "{}", said.text);
    hand.dns("us-east-1");
    let said = hand.model.sentence(&east()).text;
    assert!(said.contains("raffic enters us-east-1") && !said.contains("enters is not known"), "{said}");
}

#[test]
fn no_checker_having_looked_is_no_failure() {
    let mut hand = hand();
    hand.calm().wait(5);
    let ids: Vec<_> = hand.model.estate.health_checks.iter().map(|c| c.id.clone()).collect();
    for id in ids {
        let status = CheckStatus { id: id.clone(), healthy: 0, checkers: 0, reason: None };
        hand.heard(SourceId::Route53(id.clone()), News::Check(status));
        assert_eq!(hand.model.standing(&Subject::Check(id)).expect("a standing").mark, Mark::Unknown);
    }
    hand.wait(300);
    assert!(!hand.model.sentence(&east()).text.contains("impaired"), "{}", hand.model.sentence(&east()).text);
}
