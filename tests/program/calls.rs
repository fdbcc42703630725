//! Changes of more than ten controls, by the program as people run it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use signalbox::estate::{ControlArn, ControlState, Estate, RuleKind, RuleTest, SafetyRule, guiding_care};

use crate::attacks::chain;
use crate::attacks::desk::*;

const FLIP: &str = "flip --quick change.json --approval change.json.sig --as alice --key alice --to us-east-2";

/// The shipped estate with twelve services in its first pair.
fn large() -> Estate {
    let mut estate = guiding_care().unwrap();
    let like = estate.services[0].clone();
    for n in 5..12 {
        let mut service = like.clone();
        service.name = format!("more{n}").as_str().into();
        service.dns = vec![format!("more{n}.guidingcare.com")];
        service.probes.clear();
        for (i, control) in service.controls.iter_mut().enumerate() {
            let panel = control.arn.as_str().split_once("/routingcontrol/").unwrap().0;
            control.arn = ControlArn::new(format!("{panel}/routingcontrol/aaaaaaaaaaa{n:02}b{i:02}"));
            control.name = control.name.replace("portal", &format!("more{n}"));
            control.health_check = None;
        }
        estate.services.insert(5, service);
    }
    estate
}

fn approved(desk: &Desk) {
    desk.propose("change.json");
    desk.approve("change.json");
}

/// Whether each control of the pair is On, by its region.
fn on(desk: &Desk, region: &str) -> (usize, usize) {
    let states = desk.world.states();
    let controls = desk.estate.services.iter().filter(|s| s.pair.as_str() == "east").flat_map(|s| &s.controls);
    let of: Vec<_> = controls.filter(|c| c.region.as_ref().is_some_and(|r| r.as_str() == region)).collect();
    (of.iter().filter(|c| states[&c.arn] == ControlState::On).count(), of.len())
}

#[test]
fn twelve_services_move_with_one_approval() {
    let desk = Desk::of(large(), |_| {});
    approved(&desk);
    let said = desk.expect(FLIP, DONE);
    assert_eq!((on(&desk, "us-east-1"), on(&desk, "us-east-2")), ((0, 12), (12, 12)), "{said}");
    assert_eq!(desk.world.writes(), 4);
    let kinds = chain::kinds(&desk.journal());
    let of = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
    assert_eq!((of("intent"), of("called"), of("outcome"), of("settled")), (1, 4, 0, 1), "{kinds:?}");
    // Once is all.
    desk.expect(FLIP, DONE);
    assert_eq!(desk.world.writes(), 4);
}

/// ARC knows a rule that the file does not, and refuses the last call.
#[test]
fn what_arc_refuses_half_way_is_told_control_by_control() {
    let mut estate = large();
    let all = estate.services.iter().filter(|s| s.pair.as_str() == "east").flat_map(|s| &s.controls);
    let controls: Vec<_> = all.map(|c| c.arn.clone()).collect();
    let like = estate.safety_rules[0].clone();
    let arn = like.arn.as_str().replace(like.arn.as_str().rsplit('/').next().unwrap(), "ffffffffffffffff");
    estate.safety_rules.push(SafetyRule {
        name: "unknown".into(),
        arn: arn.as_str().into(),
        kind: RuleKind::Assertion { controls },
        test: RuleTest::AtLeast,
        threshold: 13,
        inverted: false,
        wait_period: signalbox::time::Span::ZERO,
        ..like
    });
    let desk = Desk::of(estate, |e| drop(e.safety_rules.pop()));
    approved(&desk);
    let said = desk.expect(FLIP, PARTLY);
    assert_eq!((on(&desk, "us-east-1"), on(&desk, "us-east-2")), ((2, 12), (12, 12)), "{said}");
    assert!(said.contains("half done: stopped half-way"), "{said}");
    let (moved, left) = said.split_once("NOT MOVED: ").unwrap();
    assert!(moved.contains("portal-us-east-2 On") && moved.contains("portal-us-east-1 Off"), "{said}");
    assert_eq!(left.lines().next().unwrap().split(", ").count(), 2, "{said}");
    let writes = desk.world.writes();
    assert_eq!(desk.expect(FLIP, PARTLY).matches("half done").count(), 1);
    assert_eq!(desk.world.writes(), writes, "nothing is sent again");
    let shown = desk.expect("journal show state", DONE);
    assert!(shown.contains("call 3 of 4 applied") && shown.contains("half done"), "{shown}");
}

/// A program that is killed between two calls: the next one finds what is so by reading, and sends nothing.
#[test]
fn a_flip_that_is_killed_between_two_calls_is_found_half_done() {
    let desk = Desk::of(large(), |_| {});
    approved(&desk);
    let mut flip = desk.program();
    let mut flip = flip.args(FLIP.split(' ')).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Its last line may be half written.
    let called = || std::fs::read_to_string(desk.journal()).unwrap().matches("\"called\"").count();
    let until = Instant::now() + Duration::from_secs(60);
    // The third waits for the wait period of the rules.
    while called() < 2 {
        assert!(Instant::now() < until && flip.try_wait().unwrap().is_none(), "it never came so far");
        std::thread::yield_now();
    }
    flip.kill().unwrap();
    flip.wait().unwrap();
    let said = desk.expect(FLIP, PARTLY);
    assert!(said.contains("half done: stopped half-way. MOVED: portal-us-east-2 On"), "{said}");
    assert_eq!(desk.world.writes(), 2, "{said}");
    assert_eq!((on(&desk, "us-east-1"), on(&desk, "us-east-2")), ((12, 12), (12, 12)));
}
