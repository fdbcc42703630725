//! What fails is on the screen, and what a dead region said last is never taken for how it is.

use crate::support;

use ratatui::buffer::Buffer;
use signalbox::estate::{ControlState, Region, Side, Sides};
use signalbox::event::{Failure, FailureKind, News, Place, ReadingKey, Said, Sample, SourceId};
use signalbox::model::{Mark, Subject};
use signalbox::time::Span;
use signalbox::ui::{Screen, Theme};
use signalbox::words::{Length, OLD, silent};
use support::eye::{self, lines, press};
use support::{EAST, OHIO, Stage, east, setup};

fn buffer(stage: &Stage, size: (u16, u16), keys: &str) -> Buffer {
    let mut screen = Screen::new(setup(stage, "alice", "dark"));
    eye::buffer(&mut screen, stage, size);
    press(&mut screen, stage, keys);
    eye::buffer(&mut screen, stage, size)
}

fn shown(stage: &Stage, size: (u16, u16)) -> Vec<String> {
    lines(&buffer(stage, size, ""))
}

/// The columns of the left region's panel at 150 columns.
fn left(line: &str) -> String {
    line.chars().skip(1).take(58).collect()
}

fn at(lines: &[String], text: &str) -> usize {
    lines.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("`{text}`: {}", lines.join("\n")))
}

/// A stage on which systems fail that are not of the critical tier.
fn failing(systems: &[(&str, &str, f64)]) -> Stage {
    let mut stage = Stage::calm();
    for (system, reading, value) in systems {
        stage.sample(system, reading, Place::Active, *value);
    }
    stage.pass(1);
    for (system, ..) in systems {
        let standing = stage.model.standing(&Subject::System((*system).into(), Side::Active)).unwrap();
        assert_eq!(standing.mark, Mark::Fail, "{system}: {standing:?}");
    }
    stage
}

#[test]
fn a_region_whose_sources_are_silent_says_so_once_and_shows_what_was_last_read() {
    let stage = Stage::outage();
    let silence = stage.model.silence(&east(), Side::Active).unwrap();
    assert!(silence.failed.is_some() && silence.sources == [SourceId::Cloudwatch(EAST.into())], "{silence:?}");
    assert_eq!(stage.model.silence(&east(), Side::Standby), None);
    for size in [(45, 80), (80, 24), (150, 44), (220, 60), (300, 80)] {
        let picture = buffer(&stage, size, "");
        let shown = lines(&picture);
        let told: Vec<_> = shown.iter().filter(|l| l.contains("18:36:07Z; ◌")).collect();
        assert_eq!(told.len(), 1, "{size:?}: one line tells: {}", shown.join("\n"));
        let row = at(&shown, "portal ALB");
        assert!(shown[row].contains("◌ portal ALB") && shown[row].contains("4m ago 12/12 healt"), "{}", shown[row]);
        assert!(!shown[row].contains('?'), "{}", shown[row]);
        // Old is never health: nothing of that row is green.
        let ok = Theme::builtin("dark").unwrap().style(signalbox::ui::Role::Ok).fg;
        let width = if size.0 >= 110 { (size.0 - 60) / 3 } else { size.0.min(50) };
        assert!((1..width).all(|x| Some(picture[(x, row as u16)].fg) != ok), "{size:?}");
    }
    let shown = shown(&stage, (150, 44));
    let questions = shown.iter().filter(|line| left(line).starts_with("  ? ")).count();
    assert_eq!(questions, 0, "{}", shown.join("\n"));
    assert!(shown[at(&shown, "Global Accelerator")].contains("◌ 3 more old: Global Accelerator, certificates, WAF"));
}

#[test]
fn what_was_read_before_the_failure_is_old_at_once_and_never_green() {
    let mut stage = Stage::calm();
    for service in stage.model.estate.clone().services_of(&east()) {
        let failure = Failure { kind: FailureKind::Timeout, why: "no answer within 5 s".into() };
        stage.heard(SourceId::Probe(service.name.clone(), EAST.into()), 5000, 75, Err(failure));
    }
    let silence = stage.model.silence(&east(), Side::Active).unwrap();
    assert!(silence.failed.is_some() && silence.sources.is_empty(), "{silence:?}");
    for size in [(45, 80), (80, 24), (150, 44)] {
        let shown = shown(&stage, size);
        let row = &shown[at(&shown, "portal ALB")];
        assert!(row.contains("◌ portal ALB") && row.contains("ago 12/12 healt"), "{row}");
        let told = shown.iter().filter(|l| l.contains("failed at 18:36:07Z; ◌ =")).count();
        assert_eq!(told, 1, "{}", shown.join("\n"));
    }
}

#[test]
fn a_source_that_refuses_is_not_silent_and_one_of_many_is_no_region() {
    let mut stage = Stage::calm();
    let failed = |kind| Failure { kind, why: "no".into() };
    stage.heard(SourceId::Cloudwatch(EAST.into()), 10, 100, Err(failed(FailureKind::Denied)));
    stage.heard(SourceId::Drs(OHIO.into()), 10, 100, Err(failed(FailureKind::Timeout)));
    stage.pass(1);
    assert_eq!(stage.model.silence(&east(), Side::Active), None);
    assert_eq!(stage.model.silence(&east(), Side::Standby), None, "CloudWatch of it answers");
    stage.heard(SourceId::Cloudwatch(OHIO.into()), 10, 100, Err(failed(FailureKind::Connect)));
    stage.pass(1);
    let silence = stage.model.silence(&east(), Side::Standby).unwrap();
    assert_eq!(silence.mark(), Mark::Unknown, "nothing has failed there: it may be this console that hears nothing");
    assert_eq!(silence.sources.len(), 2);
}

#[test]
fn silence_is_said_in_three_lengths() {
    let region = Region::from(EAST);
    let sources = [SourceId::Cloudwatch(region.clone().into()), SourceId::Ec2(region.clone().into())];
    let sources: Vec<_> = sources.iter().collect();
    for length in Length::ALL {
        let words = silent(&region, &sources, "11:21:00Z", None, length);
        assert!(words.contains("11:21:00Z") && words.contains(OLD), "{words}");
    }
    for length in Length::ALL {
        let words = silent(&region, &sources, "11:21:00Z", Some(("11:20:00Z", false)), length);
        assert!(words.contains("failed") && words.contains("11:20:00Z") && words.contains("11:21:00Z"), "{words}");
        assert!(!words.ends_with(OLD), "a sign without its meaning: {words}");
    }
    let whole = silent(&region, &sources, "11:21:00Z", None, Length::Whole);
    assert!(whole.starts_with("CloudWatch and EC2 in us-east-1 stopped answering at 11:21:00Z"), "{whole}");
}

#[test]
fn what_fails_comes_first_in_its_layer_and_is_never_folded_away() {
    let stage = failing(&[("waf-east", "rules", 0.0)]);
    let shown = shown(&stage, (150, 44));
    let (failed, well) = (at(&shown, "✖ WAF"), at(&shown, "● portal ALB"));
    assert!(failed < well, "{}", shown.join("\n"));
    assert!(shown[at(&shown, "Global Accelerator")].contains("● 2 more ok: Global Accelerator, certificates"));
}

#[test]
fn what_fails_is_on_the_smallest_screens_whatever_its_layer() {
    let stage = failing(&[("direct-connect-east", "up", 0.0)]);
    for size in [(80, 24), (120, 30), (45, 30), (45, 80)] {
        let shown = shown(&stage, size);
        let row = &shown[at(&shown, "✖ Direct Connect")];
        assert!(row.contains("up no"), "its figure stands beside it: {row}");
    }
}

#[test]
fn a_fold_has_the_worst_mark_and_names_what_is_in_it() {
    let mut stage = Stage::calm();
    // One of the folded systems was read last, and is old a second later.
    let days = ReadingKey { system: "certificates-east".into(), reading: "days_active".into(), place: Place::Active };
    let measured = stage.now.wall;
    let sample = Sample { key: days, value: Said::Is(200.0), measured, fresh_for: Span::from_secs(1) };
    stage.heard(SourceId::Cloudwatch(EAST.into()), 180, 100, Ok(News::Readings(vec![sample])));
    stage.pass(5);
    let shown = shown(&stage, (220, 44));
    let fold = shown.iter().find(|l| l.contains("more") && l.contains("WAF") && l.contains("certificates"));
    let fold = fold.unwrap_or_else(|| panic!("{}", shown.join("\n")));
    let fold: String = fold.chars().take(90).collect();
    assert!(fold.contains("? 3 more: 1 unknown (certificates), 2 ok (Global"), "{fold}");
}

#[test]
fn what_is_past_its_limit_comes_before_the_other_figures_and_what_is_left_out_is_marked() {
    let mut stage = Stage::calm();
    let alb = stage.model.estate.systems.iter().find(|s| s.id.as_str() == "portal-alb-east").unwrap().clone();
    let last = alb.readings.iter().rev().find(|r| r.fail.is_some()).unwrap();
    stage.sample("portal-alb-east", last.id.as_str(), Place::Active, last.fail.unwrap() * 2.0);
    stage.pass(1);
    let row = |size| {
        let shown = shown(&stage, size);
        shown[at(&shown, "✖ portal ALB")].clone()
    };
    let figure = stage.model.standing(&Subject::System(alb.id.clone(), Side::Active)).unwrap().first.clone();
    let figure = figure.strip_prefix("latency ").unwrap_or(&figure).to_owned();
    let narrow = row((120, 40));
    assert!(narrow.contains(&figure), "`{figure}`: {narrow}");
    let cut: String = narrow.chars().take(48).collect();
    assert!(cut.contains('…') || cut.contains("12/12 healthy"), "{cut}");
}

#[test]
fn a_health_check_that_is_green_beside_a_dead_application_says_why() {
    let mut stage = Stage::calm();
    for service in stage.model.estate.clone().services_of(&east()) {
        let failure = Failure { kind: FailureKind::Timeout, why: "no answer within 5 s".into() };
        stage.heard(SourceId::Probe(service.name.clone(), EAST.into()), 5000, 75, Err(failure));
    }
    stage.pass(1);
    let all = shown(&stage, (150, 44));
    let row = &all[at(&all, "portal us-east-1")];
    assert!(row.contains("▲ portal us-east-1     16/16   lags"), "{row}");
    assert!(all[at(&all, "health checks")].contains("▲ Route 53 lags"), "{}", all.join("\n"));
    assert!(all[at(&all, "portal us-east-2")].contains("● portal us-east-2"));
    // Names that all lead to a dead region are no good news either.
    assert!(row.contains("▲ secure.guidingcare.com") || row.contains("▲ portal.guidingcare.com"), "{row}");
    let checks = lines(&buffer(&stage, (150, 44), "3"));
    assert!(checks.iter().any(|l| l.contains("checkers turn only after several failures")), "{}", checks.join("\n"));
}

#[test]
fn a_gate_says_what_it_does_now() {
    let mut stage = Stage::calm();
    let gate = stage.model.estate.gates[0].clone();
    assert_eq!(stage.model.gate_opens(&gate.arn), Some(true));
    let all = shown(&stage, (150, 44));
    assert!(all[at(&all, &gate.name)].contains("● ON         moves are allowed"), "{}", all.join("\n"));
    stage.states.insert(gate.arn.clone(), ControlState::Off);
    stage.poll();
    stage.pass(1);
    assert_eq!(stage.model.gate_opens(&gate.arn), Some(false));
    let all = shown(&stage, (80, 24));
    assert!(
        all[at(&all, &format!("   {} ", gate.name))].contains("gate: the routing controls are locked"),
        "{}",
        all.join("\n")
    );
}

#[test]
fn what_is_not_on_the_screen_is_counted_in_words() {
    let all = shown(&Stage::outage(), (80, 24));
    let title = &all[at(&all, "IMPAIRED")];
    assert!(title.contains(" below"), "{title}");
    assert!(!all.iter().any(|l| l.contains('↓')), "{}", all.join("\n"));
}

#[test]
fn an_outage_says_what_to_do_next() {
    for size in [(45, 80), (80, 24), (150, 44), (300, 80)] {
        let all = shown(&Stage::outage(), size).join(" ");
        let words = all.split_whitespace().collect::<Vec<_>>().join(" ");
        let next = if size.0 < 60 { "f drafts the move to us-east-2" } else { "draft the move to us-east-2: f" };
        assert!(words.contains(next), "{size:?}: {words}");
    }
    assert!(!shown(&Stage::calm(), (150, 44)).join(" ").contains("next:"), "calm needs no next step");
}

#[test]
fn a_banner_of_a_key_ends_by_itself() {
    let mut stage = Stage::calm();
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    screen.tell(Ok("the report is written".into()));
    let mut told =
        |stage: &Stage| lines(&eye::buffer(&mut screen, stage, (150, 44))).join(" ").contains("report is written");
    assert!(told(&stage));
    stage.pass(30);
    assert!(told(&stage));
    stage.pass(40);
    assert!(!told(&stage), "nobody pressed a key, and it hides the timeline's last line");
}

/// us-east-1 fails as its users see it, and nothing has been read since.
fn just_failed() -> Stage {
    let mut stage = Stage::calm();
    for service in stage.model.estate.clone().services_of(&east()) {
        let failure = Failure { kind: FailureKind::Timeout, why: "no answer within 5 s".into() };
        stage.heard(SourceId::Probe(service.name.clone(), EAST.into()), 5000, 75, Err(failure));
    }
    stage.pass(1);
    stage
}

#[test]
fn lag_that_was_measured_before_a_failure_is_a_last_value() {
    let mut stage = just_failed();
    let system = stage.model.estate.systems.iter().find(|s| s.readings.iter().any(|r| r.sides == Sides::Link)).unwrap();
    let (id, name) = (system.id.clone(), system.name.clone());
    let link = Subject::Link(id.clone());
    assert_eq!(stage.model.standing(&link).unwrap().mark, Mark::Unknown, "{:?}", stage.model.standing(&link));
    let all = shown(&stage, (150, 44));
    let row = &all[at(&all, &name)];
    let lag = row.split('│').find(|panel| panel.contains('(')).unwrap_or_else(|| panic!("{row}"));
    assert!(lag.contains(OLD) && !lag.contains('●'), "{lag}");
    // The next reading was measured after it, and counts.
    stage.pass(5);
    stage.figures();
    stage.pass(1);
    assert_eq!(stage.model.standing(&link).unwrap().mark, Mark::Ok, "{:?}", stage.model.standing(&link));
}

#[test]
fn lag_towards_a_region_that_fell_silent_is_a_last_value_too() {
    let mut stage = Stage::calm();
    let system = stage.model.estate.systems.iter().find(|s| s.readings.iter().any(|r| r.sides == Sides::Link)).unwrap();
    let link = Subject::Link(system.id.clone());
    assert_eq!(stage.model.standing(&link).unwrap().mark, Mark::Ok);
    for source in [SourceId::Cloudwatch(OHIO.into()), SourceId::Drs(OHIO.into())] {
        let failure = Failure { kind: FailureKind::Timeout, why: "no answer within 5 s".into() };
        stage.heard(source, 5000, 100, Err(failure));
    }
    stage.pass(1);
    assert_eq!(stage.model.standing(&link).unwrap().mark, Mark::Unknown);
    let judged = stage.model.estate.clone();
    let system = judged.systems.iter().find(|s| Subject::Link(s.id.clone()) == link).unwrap();
    let reading = system.readings.iter().find(|r| r.sides == Sides::Link).unwrap();
    assert!(stage.model.judge(system, reading, Place::Link).is_last);
}

#[test]
fn the_line_of_checks_counts_those_that_lag() {
    for size in [(45, 80), (80, 24)] {
        let all = shown(&just_failed(), size);
        let line = all[at(&all, " checks ")..].iter().take(2).cloned().collect::<Vec<_>>().join("  ");
        assert!(line.contains(" lag ") && !line.contains("warning") && line.contains("dns → us-east-1 "), "{line}");
    }
}
