//! Idle is not unknown, and neither is a figure that says that there is none.

use crate::support;

use signalbox::event::{Failure, FailureKind, News, Place, ReadingKey, Said, Sample, SourceId};
use signalbox::model::{Judged, Mark, Subject};
use signalbox::time::Span;
use signalbox::ui::Screen;
use support::eye::{self, lines};
use support::{EAST, OHIO, Stage, setup};

fn said(stage: &mut Stage, system: &str, reading: &str, place: Place, value: Said) {
    let key = ReadingKey { system: system.into(), reading: reading.into(), place };
    let sample = Sample { key, value, measured: stage.now.wall, fresh_for: Span::from_secs(180) };
    let region = if place == Place::Active { EAST } else { OHIO };
    stage.heard(SourceId::Cloudwatch(region.into()), 180, 100, Ok(News::Readings(vec![sample])));
    stage.pass(1);
}

fn judged(stage: &Stage, system: &str, reading: &str, place: Place) -> Judged {
    let system = stage.model.estate.systems.iter().find(|s| s.id.as_str() == system).unwrap();
    let reading = system.readings.iter().find(|r| r.id.as_str() == reading).unwrap();
    stage.model.judge(system, reading, place)
}

const ALB: &str = "portal-alb-east";

#[test]
fn a_load_balancer_that_nobody_calls_is_idle_and_says_so() {
    let mut stage = Stage::calm();
    said(&mut stage, ALB, "latency", Place::Standby, Said::IDLE);
    said(&mut stage, ALB, "5xx", Place::Standby, Said::IDLE);
    let latency = judged(&stage, ALB, "latency", Place::Standby);
    assert_eq!((latency.mark, latency.value, latency.idle, latency.why), (Mark::Ok, None, true, None));
    let standing = stage.model.standing(&Subject::System(ALB.into(), signalbox::estate::Side::Standby)).unwrap();
    assert_eq!(standing.mark, Mark::Ok, "{standing:?}");
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    let shown = lines(&eye::buffer(&mut screen, &stage, (220, 60)));
    let row = shown.iter().find(|l| l.contains("portal ALB")).unwrap();
    assert!(row.contains("latency idle"), "{row}");
}

#[test]
fn what_was_idle_is_unknown_once_its_source_fails_or_says_nothing_more() {
    let mut stage = Stage::calm();
    said(&mut stage, ALB, "latency", Place::Standby, Said::IDLE);
    let why = "CloudWatch in us-east-2: no answer within 5 s".to_owned();
    let failure = Failure { kind: FailureKind::Timeout, why };
    stage.heard(SourceId::Cloudwatch(OHIO.into()), 180, 100, Err(failure));
    stage.pass(1);
    let latency = judged(&stage, ALB, "latency", Place::Standby);
    assert_eq!((latency.mark, latency.idle), (Mark::Unknown, false));

    let mut stage = Stage::calm();
    said(&mut stage, ALB, "latency", Place::Standby, Said::IDLE);
    stage.now = stage.now.plus(Span::from_secs(200));
    said(&mut stage, ALB, "latency", Place::Standby, Said::Nothing);
    let latency = judged(&stage, ALB, "latency", Place::Standby);
    assert_eq!((latency.mark, latency.idle), (Mark::Unknown, false), "{latency:?}");
}

/// RDS says -1 where nothing replicates: no lag is below its limit by that.
#[test]
fn a_lag_below_zero_is_no_lag() {
    let mut stage = Stage::calm();
    said(&mut stage, "queue-db-east", "lag", Place::Link, Said::Is(-1.0));
    let lag = judged(&stage, "queue-db-east", "lag", Place::Link);
    assert_eq!((lag.mark, lag.value), (Mark::Unknown, None));
    assert_eq!(lag.why.as_deref(), Some("the source says that it measures no lag"));
}
