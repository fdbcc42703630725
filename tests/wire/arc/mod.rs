//! Flips against clusters that hang, break off, lie and refuse.

mod broken;
mod clock;
mod fake;
mod once_more;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::one_account::one_account;
use fake::{Do, Endpoint, Fake, REGIONS, RULE};
use serde_json::json;
use signalbox::arc::{Cluster, Patience, rule_in};
use signalbox::aws::{Credentials, Kind, Sdk};
use signalbox::effect::FlipOrder;
use signalbox::estate::{ControlState, Estate, Region};
use signalbox::event::{FailureKind, FlipEnd, RefusalKind, SourceId};
use signalbox::feeds::{self, Pace};
use signalbox::sim::{Sim, SimOptions};
use signalbox::time::{Span, Timestamp};

const DEADLINE: Duration = Duration::from_secs(8);

/// Patient enough for a machine that does other things as well.
fn patience() -> Patience {
    let read = Duration::from_millis(1500);
    Patience { read, write: Duration::from_millis(700), stale: STALE, look: STALE }
}

/// The longest that reads lag in these tests, and a little.
const STALE: Duration = Duration::from_secs(2);

fn is_denied(end: &FlipEnd) -> bool {
    matches!(end, FlipEnd::Denied(_))
}

async fn five(first: Endpoint, others: Endpoint) -> Fake {
    let mut all = vec![others; 4];
    all.insert(0, first);
    Fake::start(all, patience()).await
}

fn refusal(end: &FlipEnd) -> (RefusalKind, Option<String>) {
    match end {
        FlipEnd::Refused(r) | FlipEnd::Denied(r) => (r.kind, r.rule.as_ref().map(ToString::to_string)),
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
    let outcome = fake.flip(&order, DEADLINE).await;
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
    let outcome = fake.flip(&fake.order(), DEADLINE).await;
    assert_eq!(applied_by(&outcome.end), REGIONS[4]);
    assert!(began.elapsed() < Patience::default().read, "took {:?}: {outcome:?}", began.elapsed());
}

/// Every way in which an endpoint can carry a write out, or not, and not say so.
fn unsaid(apply: bool) -> Vec<Do> {
    let ruled = format!("The safety rule {RULE} is in its wait period.");
    let mut all = vec![
        Do::Hang { apply },
        Do::Reset { apply },
        Do::Half { apply },
        Do::Babble { apply },
        Do::HalfError { apply, closes: false },
        Do::HalfError { apply, closes: true },
        Do::Say { apply, status: 503, said: json!({}) },
        Do::Say { apply, status: 200, said: json!("{<<garbage") },
        Do::Say { apply, status: 200, said: json!([]) },
        Do::refuse(apply, 409, "ConflictException", "m"),
        Do::refuse(apply, 409, "ConflictException", &ruled),
        Do::refuse(apply, 403, "AccessDeniedException", "m"),
        Do::refuse(apply, 400, "ValidationException", "m"),
    ];
    all.extend(Do::fails(apply));
    all
}

/// Flips against each of these writers among four others, all at once. What is to be seen is looked for as long as a
/// machine with other work needs; what is not to be seen, for as long as it is said here.
async fn against(
    writers: Vec<Do>,
    lag: u64,
    look: Duration,
    mut check: impl FnMut(&Do, &FlipEnd, &Fake, Duration, String),
) {
    let mut flips = Vec::new();
    for writes in writers {
        flips.push(async move {
            let others = Endpoint::second().lagging(Duration::from_millis(lag));
            let mut all = vec![others; 4];
            all.insert(0, Endpoint::writing(writes.clone()));
            let fake = Fake::start(all, Patience { look, ..patience() }).await;
            fake.seen.lock().unwrap().wait_period = Some(Duration::from_secs(60));
            let began = Instant::now();
            let outcome = fake.flip(&fake.order(), DEADLINE).await;
            (writes, outcome, fake, began.elapsed())
        });
    }
    for (writes, outcome, fake, took) in futures::future::join_all(flips).await {
        let said = format!("{writes:?} took {took:?}: {outcome:#?}");
        let second = !fake.seen.lock().unwrap().writes.iter().eq(&[0]);
        assert!(!second || writes.is_failure(), "not one write: {said}");
        assert!(fake.seen.lock().unwrap().applied <= 1, "carried out twice: {said}");
        check(&writes, &outcome.end, &fake, took, said);
    }
}

#[tokio::test]
async fn what_was_carried_out_and_not_said_is_found_by_reading() {
    against(unsaid(true), 200, DEADLINE, |_, end, fake, _, said| {
        assert_eq!(applied_by(end), REGIONS[0], "{said}");
        assert_eq!(fake.seen.lock().unwrap().writes, [0], "{said}");
        assert!(fake.is_done(), "{said}");
    })
    .await;
}

#[tokio::test]
async fn endpoints_that_lag_are_not_believed_that_nothing_happened() {
    against(unsaid(true), 1600, STALE / 2, |_, end, fake, _, said| {
        assert_eq!(fake.seen.lock().unwrap().writes, [0], "{said}");
        assert!(!matches!(end, FlipEnd::Refused(_)), "{said}");
    })
    .await;
}

#[tokio::test]
async fn what_was_not_carried_out_is_denied_if_arc_refused_it_sent_once_more_if_the_endpoint_failed_and_else_uncertain()
{
    against(unsaid(false), 200, STALE / 4, |writes, end, fake, took, said| {
        match writes {
            // No read can be stale any more.
            _ if writes.is_failure() => {
                assert_ne!(applied_by(end), REGIONS[0], "{said}");
                assert!(fake.is_done() && took > STALE, "{said}");
            }
            // What was answered is told soon; that it did nothing, reads tell later.
            Do::Say { status: 400..=499, .. } => {
                assert!(is_denied(end) && !fake.is_done() && took < STALE, "{said}");
            }
            _ => assert!(*end == FlipEnd::Uncertain && !fake.is_done(), "{said}"),
        }
    })
    .await;
}

/// Reads that are all stale, also those of the endpoint that took the write, show that nothing happened. Nobody believes
/// them: no second write, and no refusal.
#[tokio::test]
async fn stale_reads_make_no_refusal_and_no_second_write() {
    let flips = unsaid(true).into_iter().map(|writes| async move {
        let mut all = vec![Endpoint::second(); 4];
        all.insert(0, Endpoint::writing(writes.clone()));
        let fake = Fake::start(all, Patience { stale: DEADLINE, ..patience() }).await;
        fake.seen.lock().unwrap().stale = Duration::from_secs(60);
        let outcome = fake.flip(&fake.order(), DEADLINE / 2).await;
        let said = format!("{writes:?}: {outcome:#?}");
        assert!(is_denied(&outcome.end) || outcome.end == FlipEnd::Uncertain, "{said}");
        assert_eq!(fake.seen.lock().unwrap().writes, [0], "{said}");
        assert!(fake.is_done(), "{said}");
    });
    futures::future::join_all(flips).await;
}

/// Where they are fresh again before old states would prove anything, the write is seen to be in force.
#[tokio::test]
async fn an_endpoint_that_did_it_and_said_it_failed_is_found_out_when_reads_are_fresh_again() {
    let flips = Do::fails(true).map(|writes| async move {
        let fake = five(Endpoint::writing(writes.clone()), Endpoint::second()).await;
        fake.seen.lock().unwrap().stale = STALE - Duration::from_millis(500);
        let outcome = fake.flip(&fake.order(), DEADLINE).await;
        assert_eq!(applied_by(&outcome.end), REGIONS[0], "{outcome:#?}");
        assert_eq!(fake.seen.lock().unwrap().writes, [0], "{outcome:#?}");
    });
    futures::future::join_all(flips).await;
}

#[tokio::test]
async fn one_endpoint_alone_settles_nothing() {
    let dark = Endpoint::both(Do::Hang { apply: false });
    for (apply, status) in [(true, 500), (true, 409), (false, 409)] {
        let fake = five(Endpoint::writing(Do::refuse(apply, status, "ConflictException", RULE)), dark.clone()).await;
        let outcome = fake.flip(&fake.order(), DEADLINE).await;
        assert!(is_denied(&outcome.end), "{apply} {status}: {outcome:?}");
    }
}

/// A change back, soon after a change: an endpoint that has not heard of the first shows the states that the second asks
/// for.
#[tokio::test]
async fn states_from_before_the_change_before_confirm_nothing() {
    for writes in [Do::refuse(false, 409, "ConflictException", "no"), Do::Reset { apply: false }] {
        let stale = || Endpoint::reading(Do::LongAgo);
        let endpoints = vec![Endpoint::writing(writes.clone()), Endpoint::well(), Endpoint::well(), stale(), stale()];
        let endpoints = endpoints.into_iter().map(|e| match e.reads {
            Do::Answer => Endpoint { writes: writes.clone(), ..e },
            _ => e,
        });
        let fake = Fake::start(endpoints.collect(), Patience::default()).await;
        let outcome = fake.flip(&fake.order(), DEADLINE).await;
        assert!(!matches!(outcome.end, FlipEnd::Applied { .. }), "{writes:?}: {outcome:?}");
        assert!(!fake.is_done());
    }
}

#[tokio::test]
async fn a_write_that_certainly_was_not_sent_goes_to_the_next_endpoint() {
    let fake = five(Endpoint::reading(Do::AnswerOnce), Endpoint::second()).await;
    let outcome = fake.flip(&fake.order(), DEADLINE).await;
    assert_ne!(applied_by(&outcome.end), REGIONS[0]);
    assert!(outcome.attempts.iter().any(|a| a.said.starts_with("write: not sent")), "{outcome:?}");
    let seen = fake.seen.lock().unwrap();
    assert_eq!((seen.applied, seen.writes.len()), (1, 1), "{outcome:?}");
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_read_is_not_written_to() {
    for (status, name) in [
        (503, "EndpointTemporarilyUnavailableException"),
        (500, "InternalServerException"),
        (429, "ThrottlingException"),
    ] {
        let out = Endpoint::both(Do::refuse(false, status, name, "not now"));
        let fake = five(out, Endpoint::second()).await;
        let outcome = fake.flip(&fake.order(), DEADLINE).await;
        assert_ne!(applied_by(&outcome.end), REGIONS[0]);
        let seen = fake.seen.lock().unwrap();
        assert_eq!((seen.applied, seen.writes.len()), (1, 1), "{name}: {outcome:?}");
    }
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
    let flips = cases.map(|(status, said, kind, rule)| async move {
        let no = Endpoint::writing(Do::Say { apply: false, status, said: said.clone() });
        let fake = five(no.clone(), no).await;
        let outcome = fake.flip(&fake.order(), DEADLINE).await;
        assert_eq!(refusal(&outcome.end), (kind, rule), "{said}");
        // "Try again" is tried again, once.
        let writes = if kind == RefusalKind::Conflict { 2 } else { 1 };
        assert_eq!(fake.seen.lock().unwrap().writes.len(), writes, "{said}");
    });
    futures::future::join_all(flips).await;
}

#[tokio::test]
async fn throttled_everywhere_is_a_refusal() {
    let busy = Endpoint::both(Do::refuse(false, 429, "ThrottlingException", "slow down"));
    let fake = five(busy.clone(), busy).await;
    let outcome = fake.flip(&fake.order(), DEADLINE).await;
    assert_eq!(refusal(&outcome.end), (RefusalKind::Throttled, None));
    assert!(fake.seen.lock().unwrap().writes.is_empty());
}

#[tokio::test]
async fn controls_that_moved_meanwhile_are_left_alone() {
    let fake = five(Endpoint::well(), Endpoint::well()).await;
    let order = fake.order();
    fake.set(&order.flips[1].arn, ControlState::On);
    match fake.flip(&order, DEADLINE).await.end {
        FlipEnd::Moved(moved) => assert_eq!(moved, [(order.flips[1].arn.clone(), ControlState::On)].into()),
        other => panic!("{other:?}"),
    }
    // Somebody else having made the whole change is a move as well: this change did not run.
    fake.set(&order.flips[0].arn, ControlState::Off);
    assert!(matches!(fake.flip(&order, DEADLINE).await.end, FlipEnd::Moved(moved) if moved.len() == 2));
    assert!(fake.seen.lock().unwrap().writes.is_empty());
}

/// One call of several: what the calls before it moved must still be so.
#[tokio::test]
async fn a_call_is_sent_only_where_what_was_sent_before_it_is_in_force() {
    let calls = |fake: &Fake| {
        let order = fake.order();
        let (off, on) = (order.flips[0].clone(), order.flips[1].clone());
        let first = FlipOrder { flips: vec![on.clone()], ..order.clone() };
        (first, FlipOrder { flips: vec![off], holds: vec![on], ..order })
    };
    // Somebody undid it, or it was never there.
    let fake = five(Endpoint::well(), Endpoint::well()).await;
    let (_, second) = calls(&fake);
    match fake.flip(&second, DEADLINE).await.end {
        FlipEnd::Moved(moved) => assert_eq!(moved, [(second.holds[0].arn.clone(), ControlState::Off)].into()),
        other => panic!("{other:?}"),
    }
    assert!(fake.seen.lock().unwrap().writes.is_empty());
    // The fastest endpoint has not heard of it; another has.
    let [_, fails, ..] = Do::fails(false);
    let deaf = Endpoint::writing(fails).lagging(Duration::from_secs(60));
    let fake = five(deaf, Endpoint::second()).await;
    let (first, second) = calls(&fake);
    applied_by(&fake.flip(&first, DEADLINE).await.end);
    let outcome = fake.flip(&second, DEADLINE).await;
    assert_ne!(applied_by(&outcome.end), REGIONS[0], "{outcome:#?}");
    assert!(fake.is_done());
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_nobody_confirming_is_uncertain() {
    let fake = five(Endpoint::refusing(), Endpoint::reading(Do::Hang { apply: false })).await;
    let outcome = fake.flip(&fake.order(), Duration::from_secs(3)).await;
    assert_eq!(outcome.end, FlipEnd::Unreachable);
    assert!(fake.seen.lock().unwrap().writes.is_empty());

    let dumb = Endpoint::writing(Do::Hang { apply: false });
    let fake = five(dumb.clone(), dumb).await;
    let began = Instant::now();
    let outcome = fake.flip(&fake.order(), Duration::from_secs(3)).await;
    assert_eq!(outcome.end, FlipEnd::Uncertain);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(fake.seen.lock().unwrap().writes.len(), 1);
}

#[tokio::test]
async fn credentials_that_may_not_read_are_named_and_not_called_unreachable() {
    let no = Endpoint::both(Do::refuse(false, 403, "AccessDeniedException", "not you"));
    let fake = five(no.clone(), no).await;
    let outcome = fake.flip(&fake.order(), DEADLINE).await;
    assert_eq!(refusal(&outcome.end).0, RefusalKind::AccessDenied);
}

#[tokio::test]
async fn all_controls_are_read_with_one_list_and_panel_by_panel_only_where_that_is_refused() {
    let fake = five(Endpoint::well(), Endpoint::well()).await;
    assert_eq!(fake.cluster.read(&Region::from(REGIONS[0])).await.unwrap().len(), 2);
    assert_eq!(fake.seen.lock().unwrap().lists, [None]);
    for (status, name) in [(403, "AccessDeniedException"), (400, "ValidationException")] {
        let reads = Do::PanelsOnly { status, name };
        let fake = five(Endpoint::reading(reads.clone()), Endpoint::reading(reads)).await;
        for _ in 0..2 {
            let states = fake.cluster.read(&Region::from(REGIONS[0])).await.unwrap();
            assert_eq!(states.len(), 2, "{name}");
        }
        let panel = fake.estate.pairs[0].control_panel.to_string();
        let lists = fake.seen.lock().unwrap().lists.clone();
        // What was refused once is not asked for again.
        assert_eq!(lists, [None, Some(panel.clone()), Some(panel)], "{name}");
    }
    // What is no answer to that question is none to the next.
    let fake = five(Endpoint::both(Do::refuse(false, 429, "ThrottlingException", "no")), Endpoint::well()).await;
    fake.cluster.read(&Region::from(REGIONS[0])).await.unwrap_err();
    assert_eq!(fake.seen.lock().unwrap().lists, [None]);
}

#[tokio::test]
async fn an_endpoint_that_throttles_says_when_to_come_again() {
    let slow_down = json!({"__type": "ThrottlingException", "message": "Rate exceeded", "retryAfterSeconds": 7});
    let fake = five(Endpoint::reading(Do::Say { apply: false, status: 429, said: slow_down }), Endpoint::well()).await;
    let trouble = fake.cluster.read(&Region::from(REGIONS[0])).await.unwrap_err().trouble;
    assert_eq!((trouble.kind, trouble.retry_after), (Kind::Throttled, Some(Duration::from_secs(7))), "{trouble:?}");
}

/// It is asked again when it wants to be, however short the interval is.
#[tokio::test]
async fn an_endpoint_that_asks_to_be_left_alone_is() {
    let slow_down = json!({"__type": "ThrottlingException", "message": "Rate exceeded", "retryAfterSeconds": 3});
    let mut fake =
        five(Endpoint::reading(Do::Say { apply: false, status: 429, said: slow_down }), Endpoint::well()).await;
    fake.estate.poll.arc = Span::from_millis(200);
    let estate = Arc::new(fake.estate.clone());
    let sdk = Sdk::load(&estate, Credentials::dummy()).await;
    let cluster = Arc::new(Cluster::with(&estate, &sdk, patience()));
    let (tx, mut rx) = tokio::sync::mpsc::channel(64);
    let _feeds = feeds::spawn(Arc::clone(&estate), &sdk, cluster, Pace::default(), Arc::new(Timestamp::now), tx);
    let (first, second) = (SourceId::Arc(REGIONS[0].into()), SourceId::Arc(REGIONS[1].into()));
    let (mut throttled, mut others) = (Vec::new(), 0);
    while throttled.len() < 2 {
        let heard = rx.recv().await.unwrap();
        others += usize::from(heard.source == second && throttled.len() == 1);
        if heard.source == first {
            assert_eq!(heard.news.unwrap_err().kind, FailureKind::Throttled);
            // What is not asked again before is not overdue before.
            assert!(heard.fresh_for > Span::from_secs(3), "{:?}", heard.fresh_for);
            throttled.push(Instant::now());
        }
    }
    assert!(throttled[1] - throttled[0] > Duration::from_millis(2900), "{throttled:?}");
    assert!(others > 3, "the others are asked as ever, {others} times");
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_are_asked_at_their_path_however_the_file_writes_it() {
    let sim = Sim::start(SimOptions::new(one_account(), "calm").unwrap()).await.unwrap();
    let text = one_account().to_toml().unwrap();
    for written in ["", "/", "/v1", "/v1/", "//"] {
        let mut text = text.clone();
        for (theirs, ours) in one_account().cluster.endpoints.iter().zip(&sim.estate().cluster.endpoints) {
            let bare = ours.url.strip_suffix("/v1").unwrap();
            text = text.replace(&theirs.url, &format!("{bare}{written}"));
        }
        let estate = Estate::parse(&text, "estate.toml").unwrap_or_else(|faults| panic!("{written}: {faults}"));
        assert_eq!(estate.cluster, sim.estate().cluster, "{written}");
        let sdk = Sdk::load(&estate, Credentials::dummy()).await;
        for (region, read) in Cluster::with(&estate, &sdk, patience()).read_all().await {
            assert!(read.is_ok_and(|states| !states.is_empty()), "{written}: {region}");
        }
    }
    // botocore and the Rust SDK differ in the last slash.
    let url = &sim.estate().cluster.endpoints[0].url;
    for (path, found) in [("", true), ("/", true), ("/../", false)] {
        let answer = reqwest::Client::builder().no_proxy().build().unwrap().post(format!("{url}{path}"));
        let said = answer.body("{}").send().await.unwrap().text().await.unwrap();
        assert_eq!(!said.contains("POST to /v1"), found, "{path}: {said}");
    }
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
    let all = vec![
        Endpoint::well(),
        Endpoint::refusing(),
        Endpoint::well(),
        Endpoint::both(Do::Babble { apply: false }),
        Endpoint::well(),
    ];
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
