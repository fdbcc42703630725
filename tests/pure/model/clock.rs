//! The incident's clock, over consoles, restarts and clocks that are set.

use super::*;

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
