//! What is known: old is not health, one sentence says it, steps are recognised, a restart knows the truth.

mod clock;
mod moved;

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
    hand.failed(SourceId::Cloudwatch("us-east-2".into()), "no answer within 5 s");
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
        let status = CheckStatus::of_endpoint(id.clone(), Checkers::default());
        hand.heard(SourceId::Route53(id.clone()), News::Check(status));
        assert_eq!(hand.model.standing(&Subject::Check(id)).expect("a standing").mark, Mark::Unknown);
    }
    hand.wait(300);
    assert!(!hand.model.sentence(&east()).text.contains("impaired"), "{}", hand.model.sentence(&east()).text);
}
