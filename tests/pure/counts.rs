//! What a sentence counts can be counted again in the rows below it; the line beneath says what holds; clocks add up.

use crate::support;

use signalbox::estate::{Region, Side};
use signalbox::event::{Failure, FailureKind, News, Place, ProbeAnswer, SourceId};
use signalbox::model::{Mark, Stands, Step, Subject};
use signalbox::record::Lasted;
use signalbox::time::Span;
use signalbox::ui::Screen;
use signalbox::words::NoClock;
use support::eye::{press, shown};
use support::{EAST, OHIO, Stage, east, setup};

fn screen(stage: &Stage) -> Screen {
    Screen::new(setup(stage, "alice", "dark"))
}

fn said(stage: &Stage) -> String {
    stage.model.sentence(&east()).text
}

/// An application of us-east-1 as it answers.
fn answer(stage: &mut Stage, service: &str, status: u16) {
    let source = SourceId::Probe(service.into(), EAST.into());
    let answer = ProbeAnswer { status, took: Span::from_millis(30) };
    stage.heard(source, 30, 75, Ok(News::Probe(answer)));
}

/// What is measured of replication towards us-east-2: system, reading and where.
fn links(stage: &Stage) -> Vec<(String, String, Place)> {
    let pair = east();
    let all = stage.model.replication_towards(&pair, Side::Standby);
    all.map(|(system, reading, place)| (system.id.to_string(), reading.id.to_string(), place)).collect()
}

#[test]
fn the_counts_of_the_sentence_are_those_of_the_rows() {
    let stage = Stage::outage();
    let words = said(&stage);
    assert!(words.contains("5 of 5 applications fail (no answer within 5 s); 4 of 4 health checks fail."), "{words}");
    let overview = shown(&mut screen(&stage), &stage, (150, 44));
    assert!(overview.contains("5 of 5 applications fail"), "{overview}");
    let mut checks = screen(&stage);
    press(&mut checks, &stage, "3");
    let checks = shown(&mut checks, &stage, (150, 44));
    let failing = |of: &str| {
        checks.lines().filter(|l| l.starts_with('│') && l.contains('✖') && l.contains(EAST) && l.contains(of)).count()
    };
    assert_eq!((failing("/16 "), failing("no answer within")), (4, 5), "{checks}");
}

#[test]
fn people_notice_applications_first_and_alarms_last() {
    let mut stage = Stage::calm();
    stage.sample("alarms-east", "critical", Place::Active, 9.0);
    stage.sample("canary-east", "success", Place::Active, 33.0);
    stage.pass(1);
    let words = said(&stage);
    assert!(words.contains("login canary success 33 % (minimum 80 %); CloudWatch alarms 9 critical"), "{words}");
    answer(&mut stage, "portal", 503);
    answer(&mut stage, "reporting", 503);
    stage.pass(1);
    let words = said(&stage);
    let first = "2 of 5 applications fail: portal and reporting; login canary success 33 % (minimum 80 %); 1 more system fails.";
    assert!(words.contains(first), "{words}");
}

#[test]
fn a_failure_that_is_no_incident_yet_says_when_it_will_be() {
    let mut stage = Stage::calm();
    let line = |stage: &Stage, size| {
        let all = shown(&mut screen(stage), stage, size);
        all.lines().find(|l| l.contains("timeline ─")).unwrap_or_else(|| panic!("{all}")).to_owned()
    };
    assert_eq!(stage.model.no_clock(&east()), NoClock::Calm);
    assert!(line(&stage, (150, 44)).contains("no incident: steps begin with a failure or a proposal"));
    answer(&mut stage, "portal", 503);
    stage.pass(1);
    let begins = "18:37:07".to_owned();
    assert_eq!(stage.model.no_clock(&east()), NoClock::Felt { region: EAST.into(), begins });
    assert!(line(&stage, (150, 44)).contains("no clock yet: if this lasts, us-east-1 is impaired at 18:37:07Z"));
    assert!(line(&stage, (80, 24)).contains("no clock yet: an incident at 18:37:07Z, if this lasts"));
    assert!(line(&stage, (45, 80)).contains("clock from 18:37:07Z"));
    // It says the truth: then the clock runs, and not before.
    for _ in 0..58 {
        stage.pass(1);
        assert!(stage.model.running_incident(&east()).is_none(), "{}", stage.now.wall);
    }
    answer(&mut stage, "portal", 503);
    stage.pass(2);
    assert!(stage.model.running_incident(&east()).is_some(), "{}", said(&stage));
    // What is only shown by lagging copies, or by the other side, begins nothing, and says so.
    let mut stage = Stage::calm();
    stage.sample("redis-east", "lag", Place::Link, 40.0);
    stage.pass(1);
    assert_eq!(stage.model.no_clock(&east()), NoClock::Replication, "{}", said(&stage));
}

#[test]
fn nothing_is_under_way_while_nobody_does_anything() {
    let stage = Stage::outage();
    let incident = stage.model.running_incident(&east()).unwrap();
    assert_eq!(incident.stands(Step::Preflight), Stands::Waits);
    let mut screen = screen(&stage);
    let overview = shown(&mut screen, &stage, (150, 44));
    assert!(overview.contains("2 preflight waits 04:01"), "{overview}");
    press(&mut screen, &stage, "8");
    let timeline = shown(&mut screen, &stage, (150, 44));
    assert!(timeline.contains("… waits for a proposal") && !timeline.contains("under way"), "{timeline}");
}

#[test]
fn what_has_passed_and_what_is_left_make_up_the_rto() {
    let stage = Stage::outage();
    let hour = Span::from_hours(1);
    for millis in [0, 1, 400, 999, 1_000, 60_500, 3_599_999, 3_600_000, 3_600_001, 3_725_250] {
        let lasted = Lasted { span: Span::from_millis(millis), at_least: false };
        let passed = Span::from_secs(lasted.span.as_secs());
        assert_eq!(passed + lasted.left_of(hour).whole(), hour, "{millis}");
    }
    let mut screen = screen(&stage);
    for size in [(150, 44), (80, 24), (45, 80)] {
        let top = shown(&mut screen, &stage, size).lines().next().unwrap().to_owned();
        let left = if size.0 == 45 { "RTO left 55:59" } else { "RTO left 00:55:59" };
        assert!(top.contains("T+00:04:01") && top.contains(left), "{top}");
    }
}

#[test]
fn what_is_looked_for_first_is_what_fails() {
    let mut stage = Stage::calm();
    stage.sample("redis-east", "lag", Place::Link, 40.0);
    stage.pass(1);
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "'");
    let list = shown(&mut screen, &stage, (150, 44));
    let first = list.lines().find(|l| l.contains("│ ▸ ")).unwrap_or_else(|| panic!("{list}"));
    assert!(first.contains("Redis global") && first.contains('✖'), "{first}");
}

#[test]
fn a_lag_that_fails_below_the_fold_is_counted_there() {
    let mut stage = Stage::calm();
    // All fail: some of them have no line at 80 columns.
    for (system, reading, place) in links(&stage) {
        stage.sample(&system, &reading, place, 10_000_000.0);
    }
    stage.pass(1);
    let failing = stage.model.standing(&Subject::Link("redis-east".into())).unwrap();
    assert_eq!(failing.mark, Mark::Fail);
    let picture = shown(&mut screen(&stage), &stage, (80, 24));
    let seen = picture.lines().filter(|l| l.contains("✖ ") && l.contains(" <")).count();
    let all = stage.model.failing_of(&east()).len();
    assert!(seen < all, "all are in sight: {picture}");
    assert!(picture.contains(&format!("below, ✖ {}", all - seen)), "{picture}");
}

/// What two people sign leads with the greatest lag that is known, also where it was read before a region failed; a
/// system with two lags has one place.
#[test]
fn what_would_be_lost_leads_with_the_greatest_lag_that_is_known() {
    let mut stage = Stage::calm();
    stage.sample("files-east", "age", Place::Link, 1_200.0);
    stage.sample("dms-east", "source", Place::Link, 2.0);
    stage.sample("dms-east", "target", Place::Link, 5.0);
    stage.pass(1);
    let loss = |stage: &Stage| stage.model.data_loss(&east(), &Region::from(OHIO));
    assert_eq!(loss(&stage), "up to 20 min of writes would be lost (FSx file shares)");
    // All of them grow old but one.
    stage.now = stage.now.plus(Span::from_secs(200));
    stage.sample("drs-east", "lag", Place::Link, 2.2);
    stage.pass(1);
    let said = loss(&stage);
    let lead = "up to 20 min of writes would be lost (FSx file shares, last known); read now: up to 2.2 s (DRS servers); \
                not known: ";
    assert!(said.starts_with(lead), "{said}");
    assert_eq!(said.matches("DMS claims feed (last known 5.0 s)").count(), 1, "{said}");
    assert_eq!(said.matches("DMS").count(), 1, "{said}");
}

#[test]
fn copies_that_all_fall_behind_are_said_as_one_and_not_as_the_tightest() {
    let mut stage = Stage::calm();
    let links = links(&stage);
    assert!(links.len() > 3, "{links:?}");
    for lag in [1.0, 61.0] {
        for (system, reading, place) in &links {
            stage.sample(system, reading, *place, lag);
        }
        stage.pass(60);
    }
    let words = said(&stage);
    assert!(
        words.contains("replication to it stands still (") && words.contains("lags grow with the clock)"),
        "{words}"
    );
    // Once they stop growing it is not said any more.
    for (system, reading, place) in &links {
        stage.sample(system, reading, *place, 61.0);
    }
    stage.pass(1);
    assert!(!said(&stage).contains("stands still"), "{}", said(&stage));
}

#[test]
fn dark_endpoints_and_what_is_to_be_watched_say_since_when() {
    let mut stage = Stage::calm();
    stage.dark = vec!["us-west-2"];
    stage.poll();
    stage.pass(1);
    assert!(
        said(&stage).contains("To watch: ARC cluster endpoints 4 of 5 answer since 18:36:07Z."),
        "{}",
        said(&stage)
    );
    let endpoints: Vec<_> = stage.model.estate.cluster.endpoints.iter().map(|e| e.region.clone()).collect();
    for region in endpoints {
        let why = Failure { kind: FailureKind::Timeout, why: "no answer within 2 s".into() };
        stage.heard(SourceId::Arc(region), 2_000, 75, Err(why));
    }
    stage.pass(1);
    assert!(said(&stage).contains("NONE of 5 ARC cluster endpoints has answered since 18:36:08Z"), "{}", said(&stage));
}
