//! Flips against clusters that hang, break off, lie and refuse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod fake;

use std::time::{Duration, Instant};

use fake::{Do, Endpoint, Fake, REGIONS, RULE};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use signalbox::arc::{Patience, rule_in};
use signalbox::estate::{ControlState, Region};
use signalbox::event::{FlipEnd, RefusalKind};

const DEADLINE: Duration = Duration::from_secs(8);

/// Patient enough for a machine that does other things as well.
fn patience() -> Patience {
    Patience { read: Duration::from_millis(1500), write: Duration::from_millis(700) }
}

async fn five(first: Endpoint, others: Endpoint) -> Fake {
    let mut all = vec![others; 4];
    all.insert(0, first);
    Fake::start(all, patience()).await
}

fn refusal(end: &FlipEnd) -> (RefusalKind, Option<String>) {
    match end {
        FlipEnd::Refused(r) => (r.kind, r.rule.as_ref().map(ToString::to_string)),
        other => panic!("not refused but {other:?}"),
    }
}

fn applied_by(end: &FlipEnd) -> &str {
    match end {
        FlipEnd::Applied { endpoint } => endpoint.as_str(),
        other => panic!("not applied but {other:?}"),
    }
}

#[tokio::test]
async fn a_healthy_cluster_gets_one_write() {
    let fake = five(Endpoint::well(), Endpoint::well()).await;
    let mut order = fake.order();
    order.overrides = vec![RULE.into()];
    let outcome = fake.cluster.flip(&order, DEADLINE).await;
    applied_by(&outcome.end);
    assert!(fake.is_done());
    let seen = fake.seen.lock().unwrap();
    assert_eq!((seen.applied, seen.writes.len()), (1, 1));
    assert_eq!(seen.overrides, [RULE]);
}

#[tokio::test]
async fn four_endpoints_that_hang_cost_nothing() {
    let bad = [
        Endpoint::both(Do::Hang { apply: false }),
        Endpoint::refusing(),
        Endpoint::both(Do::Half { apply: false }),
        Endpoint::both(Do::Slowly(Duration::from_secs(20))),
    ];
    let mut all = bad.to_vec();
    all.push(Endpoint::well());
    let fake = Fake::start(all, Patience::default()).await;
    let began = Instant::now();
    let outcome = fake.cluster.flip(&fake.order(), DEADLINE).await;
    assert_eq!(applied_by(&outcome.end), REGIONS[4]);
    assert!(began.elapsed() < Duration::from_secs(1), "took {:?}: {outcome:?}", began.elapsed());
}

#[tokio::test]
async fn a_write_that_timed_out_but_happened_is_found_by_reading() {
    for writes in [Do::Hang { apply: true }, Do::Reset { apply: true }, Do::Half { apply: true }] {
        // Only the first answers reads at once, so that the write goes there.
        let late = Endpoint::reading(Do::Slowly(Duration::from_millis(100)));
        let fake = five(Endpoint::writing(writes.clone()), late).await;
        fake.seen.lock().unwrap().wait_period = Some(Duration::from_secs(5));
        let outcome = fake.cluster.flip(&fake.order(), DEADLINE).await;
        applied_by(&outcome.end);
        let seen = fake.seen.lock().unwrap();
        assert_eq!((seen.applied, seen.writes.as_slice()), (1, &[0][..]), "{writes:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn the_wait_period_refusing_a_repeat_means_that_the_first_write_happened() {
    // The first write arrives late: after the read that finds it missing, before the second write.
    let hung = Endpoint::writing(Do::HangThenApply(Duration::from_millis(850)));
    let late = Endpoint {
        writes: Do::Slowly(Duration::from_millis(350)),
        ..Endpoint::reading(Do::Slowly(Duration::from_millis(100)))
    };
    let fake = five(hung, late).await;
    fake.seen.lock().unwrap().wait_period = Some(Duration::from_secs(5));
    let outcome = fake.cluster.flip(&fake.order(), DEADLINE).await;
    applied_by(&outcome.end);
    assert!(outcome.attempts.iter().any(|a| a.said.contains("wait period")), "{outcome:?}");
    assert_eq!(fake.seen.lock().unwrap().applied, 1);
}

#[tokio::test]
async fn a_refusal_after_a_lost_write_that_never_happened_is_a_refusal() {
    let lost = Endpoint::writing(Do::Reset { apply: false });
    let no = json!({"__type": "ConflictException", "message": format!("cannot: {RULE}")});
    let late = Endpoint { writes: Do::Say(409, no), ..Endpoint::reading(Do::Slowly(Duration::from_millis(100))) };
    let fake = five(lost, late).await;
    let outcome = fake.cluster.flip(&fake.order(), DEADLINE).await;
    assert_eq!(refusal(&outcome.end), (RefusalKind::SafetyRule, Some(RULE.to_owned())));
    assert!(!fake.is_done());
}

#[tokio::test]
async fn an_endpoint_out_of_service_is_passed_by() {
    for (status, name) in [
        (503, "EndpointTemporarilyUnavailableException"),
        (500, "InternalServerException"),
        (429, "ThrottlingException"),
    ] {
        let out = Endpoint::writing(Do::Say(status, json!({"__type": name, "message": "not now"})));
        let fake = five(out, Endpoint::reading(Do::Slowly(Duration::from_millis(100)))).await;
        let outcome = fake.cluster.flip(&fake.order(), DEADLINE).await;
        assert_ne!(applied_by(&outcome.end), REGIONS[0]);
        let seen = fake.seen.lock().unwrap();
        assert_eq!((seen.applied, seen.writes.len()), (1, 2), "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_captive_portal_confirms_nothing() {
    let portal = Endpoint::writing(Do::Babble);
    let fake = five(portal, Endpoint::reading(Do::Slowly(Duration::from_millis(100)))).await;
    let outcome = fake.cluster.flip(&fake.order(), DEADLINE).await;
    assert_ne!(applied_by(&outcome.end), REGIONS[0]);
    assert!(fake.is_done());
}

#[tokio::test]
async fn every_refusal_is_told_apart_and_ends_the_attempts() {
    let say = |name: &str, message: &str| json!({"__type": name, "message": message});
    let ruled = format!("The request would break safety rule {RULE}.");
    let rule = Some(RULE.to_owned());
    let cases = [
        (409, say("ConflictException", &ruled), RefusalKind::SafetyRule, rule.clone()),
        (400, say("ValidationException", &ruled), RefusalKind::SafetyRule, rule.clone()),
        (403, say("AccessDeniedException", &ruled), RefusalKind::SafetyRule, rule),
        (409, say("ConflictException", "busy"), RefusalKind::Conflict, None),
        (403, say("AccessDeniedException", "no"), RefusalKind::AccessDenied, None),
        (400, say("UnrecognizedClientException", "who?"), RefusalKind::AccessDenied, None),
        (400, say("ValidationException", "what?"), RefusalKind::Validation, None),
        (404, say("ResourceNotFoundException", "where?"), RefusalKind::NotFound, None),
        (402, say("ServiceLimitExceededException", "eleven"), RefusalKind::LimitExceeded, None),
    ];
    for (status, said, kind, rule) in cases {
        let no = Endpoint::writing(Do::Say(status, said.clone()));
        let fake = five(no.clone(), no).await;
        let outcome = fake.cluster.flip(&fake.order(), DEADLINE).await;
        assert_eq!(refusal(&outcome.end), (kind, rule), "{said}");
        assert_eq!(fake.seen.lock().unwrap().writes.len(), 1, "{said}");
    }
}

#[tokio::test]
async fn throttled_everywhere_is_a_refusal() {
    let busy = Endpoint::writing(Do::Say(
        429,
        json!({"__type": "ThrottlingException", "message": "slow down", "retryAfterSeconds": 1}),
    ));
    let fake = five(busy.clone(), busy).await;
    let outcome = fake.cluster.flip(&fake.order(), DEADLINE).await;
    assert_eq!(refusal(&outcome.end), (RefusalKind::Throttled, None));
    assert_eq!(fake.seen.lock().unwrap().writes.len(), 5);
}

#[tokio::test]
async fn controls_that_moved_meanwhile_are_left_alone() {
    let fake = five(Endpoint::well(), Endpoint::well()).await;
    let order = fake.order();
    fake.set(&order.flips[1].arn, ControlState::On);
    match fake.cluster.flip(&order, DEADLINE).await.end {
        FlipEnd::Moved(moved) => assert_eq!(moved, [(order.flips[1].arn.clone(), ControlState::On)].into()),
        other => panic!("{other:?}"),
    }
    // Somebody else having made the whole change is a move as well: this change did not run.
    fake.set(&order.flips[0].arn, ControlState::Off);
    assert!(matches!(fake.cluster.flip(&order, DEADLINE).await.end, FlipEnd::Moved(moved) if moved.len() == 2));
    assert!(fake.seen.lock().unwrap().writes.is_empty());
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_nobody_confirming_is_uncertain() {
    let fake = five(Endpoint::refusing(), Endpoint::reading(Do::Hang { apply: false })).await;
    let outcome = fake.cluster.flip(&fake.order(), Duration::from_secs(3)).await;
    assert_eq!(outcome.end, FlipEnd::Unreachable);
    assert!(fake.seen.lock().unwrap().writes.is_empty());

    let dumb = Endpoint::writing(Do::Hang { apply: false });
    let fake = five(dumb.clone(), dumb).await;
    let began = Instant::now();
    let outcome = fake.cluster.flip(&fake.order(), Duration::from_secs(3)).await;
    assert_eq!(outcome.end, FlipEnd::Uncertain);
    assert!(began.elapsed() < Duration::from_millis(3500), "{:?}", began.elapsed());
    assert!(!fake.seen.lock().unwrap().overlap);
}

#[tokio::test]
async fn credentials_that_may_not_read_are_named_and_not_called_unreachable() {
    let no = Endpoint::both(Do::Say(403, json!({"__type": "AccessDeniedException", "message": "not you"})));
    let fake = five(no.clone(), no).await;
    let outcome = fake.cluster.flip(&fake.order(), DEADLINE).await;
    assert_eq!(refusal(&outcome.end).0, RefusalKind::AccessDenied);
}

#[tokio::test]
async fn one_endpoint_is_read_while_the_others_hang() {
    let fake = five(Endpoint::well(), Endpoint::both(Do::Hang { apply: false })).await;
    let states = fake.cluster.read(&Region::from(REGIONS[0])).await.unwrap();
    assert_eq!(states.len(), 2);
    let error = fake.cluster.read(&Region::from(REGIONS[1])).await.unwrap_err();
    assert!(error.to_string().contains(REGIONS[1]), "{error}");
}

#[tokio::test]
async fn reading_back_reports_each_endpoint_as_it_answers() {
    let all =
        vec![Endpoint::well(), Endpoint::refusing(), Endpoint::well(), Endpoint::both(Do::Babble), Endpoint::well()];
    let fake = Fake::start(all, patience()).await;
    let cluster = std::sync::Arc::new(fake.cluster);
    let controls = fake.estate.controls().map(|c| c.arn.clone()).collect();
    let mut answers = cluster.read_back(controls, Some(Region::from(REGIONS[0])));
    let mut got = std::collections::BTreeMap::new();
    while let Some(back) = answers.recv().await {
        got.insert(back.endpoint.to_string(), back.states.map(|s| s.len()));
    }
    assert_eq!(got.len(), 4);
    assert_eq!(got[REGIONS[2]], Ok(2));
    assert!(got[REGIONS[1]].is_err() && got[REGIONS[3]].is_err());
}

#[test]
fn a_rule_is_known_by_its_arn_wherever_it_stands() {
    for text in [RULE.to_owned(), format!("broke '{RULE}'."), format!("({RULE}), and more"), format!("a:b {RULE}:")] {
        assert_eq!(rule_in(&text).map(|r| r.to_string()).as_deref(), Some(RULE), "{text}");
    }
    for text in [
        "",
        "arn:aws:route53-recovery-control::1:controlpanel/a/routingcontrol/b",
        "safetyrule/r",
        "arn:aws:s3:::x/safetyrule/r",
    ] {
        assert_eq!(rule_in(text), None, "{text}");
    }
}

fn misbehaviour() -> impl Strategy<Value = Do> {
    let say = |status: u16, name: &'static str| Just(Do::Say(status, json!({"__type": name, "message": "m"})));
    prop_oneof![
        6 => Just(Do::Answer),
        1 => (0_u64..250).prop_map(|ms| Do::Slowly(Duration::from_millis(ms))),
        2 => any::<bool>().prop_map(|apply| Do::Hang { apply }),
        1 => (0_u64..400).prop_map(|ms| Do::HangThenApply(Duration::from_millis(ms))),
        2 => any::<bool>().prop_map(|apply| Do::Reset { apply }),
        2 => any::<bool>().prop_map(|apply| Do::Half { apply }),
        1 => say(503, "EndpointTemporarilyUnavailableException"),
        1 => say(500, "InternalServerException"),
        1 => say(429, "ThrottlingException"),
        1 => say(409, "ConflictException"),
        1 => Just(Do::Babble),
    ]
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    (prop::bool::weighted(0.9), misbehaviour(), misbehaviour()).prop_map(|(listens, mut reads, writes)| {
        if let Do::HangThenApply(_) = reads {
            reads = Do::Hang { apply: false };
        }
        Endpoint { listens, reads, writes }
    })
}

/// Whatever the endpoints do, in all cases: one write at a time, none after a confirmed one, an end within the
/// deadline, and a verdict that is true.
#[tokio::test]
async fn no_cluster_however_broken_makes_it_say_what_is_not_so() {
    let mut runner = TestRunner::default();
    let mut cases = tokio::task::JoinSet::new();
    for _ in 0..150 {
        while cases.len() >= 15 {
            cases.join_next().await.unwrap().unwrap();
        }
        let endpoints = prop::collection::vec(endpoint(), 5).new_tree(&mut runner).unwrap().current();
        let waits = any::<bool>().new_tree(&mut runner).unwrap().current();
        cases.spawn(hold(endpoints, waits));
    }
    while let Some(case) = cases.join_next().await {
        case.unwrap();
    }
}

async fn hold(endpoints: Vec<Endpoint>, waits: bool) {
    let said = format!("{endpoints:?}, wait period {waits}");
    let late = endpoints.iter().any(|e| matches!(e.writes, Do::HangThenApply(_)));
    let quick = Patience { read: Duration::from_millis(300), write: Duration::from_millis(200) };
    let fake = Fake::start(endpoints, quick).await;
    fake.seen.lock().unwrap().wait_period = waits.then_some(Duration::from_secs(60));
    let deadline = Duration::from_secs(3);
    let began = Instant::now();
    let outcome = fake.cluster.flip(&fake.order(), deadline).await;
    let said = format!("{said}\n{outcome:?}");
    assert!(began.elapsed() < deadline + Duration::from_millis(700), "late: {said}");
    let done = fake.is_done();
    let seen = fake.seen.lock().unwrap();
    assert!(!seen.overlap, "two writes at once: {said}");
    assert!(!seen.after_confirmed, "written again after it was confirmed: {said}");
    let mut once = seen.writes.clone();
    once.dedup();
    assert_eq!(once.len(), seen.writes.len(), "an endpoint was written twice: {said}");
    match outcome.end {
        FlipEnd::Applied { .. } => assert!(done, "not so: {said}"),
        FlipEnd::Refused(_) => assert!(!done || late, "refused, and done all the same: {said}"),
        FlipEnd::Moved(_) => panic!("nobody moved anything: {said}"),
        FlipEnd::TooLate => panic!("only the model says so"),
        FlipEnd::Unreachable => assert!(seen.applied == 0 && !done, "unreachable, and done: {said}"),
        FlipEnd::Uncertain => assert!(!seen.writes.is_empty(), "uncertain of nothing: {said}"),
    }
}
