//! Health checks of every kind, as Route 53 and its metrics tell of them.

use std::collections::BTreeMap;

use signalbox::estate::{Estate, HealthCheckId, Region};
use signalbox::event::{Called, CheckStatus, FailureKind, Means, News, Sense, Settings, SourceId, Watches};
use signalbox::sim::world::{CheckSetting, CheckWatches, Permission};
use signalbox::sim::{Sim, SimOptions, What};
use signalbox::time::Span;

use super::{SOON, clock_of, listen};

const EAST: &str = "33333333-3333-4333-a333-333333333333";
const OHIO: &str = "44444444-4444-4444-a444-444444444444";

async fn simulated() -> Sim {
    let mut estate = Estate::parse(include_str!("../../support/estate.toml"), "estate.toml").unwrap();
    estate.poll.route53 = Span::from_secs(2);
    Sim::start(SimOptions::new(estate, "calm").unwrap().speed(10.0)).await.unwrap()
}

fn set(sim: &Sim, check: &str, watches: CheckWatches, inverted: bool, disabled: bool) {
    let set = CheckSetting { watches, inverted, disabled };
    sim.happen(What::HealthCheckSet { check: HealthCheckId::new(check), set }, None);
}

/// What is heard of each check, until it is as wanted.
async fn until(sim: &Sim, wanted: impl Fn(&BTreeMap<String, CheckStatus>) -> bool) -> BTreeMap<String, CheckStatus> {
    let (feeds, mut rx) = listen(sim.estate(), clock_of(sim), 10.0).await;
    let mut heard = BTreeMap::new();
    let ended = tokio::time::timeout(SOON, async {
        while !wanted(&heard) {
            let news = rx.recv().await.unwrap();
            if let (SourceId::Route53(id), Ok(News::Check(status))) = (news.source, news.news) {
                heard.insert(id.to_string(), status);
            }
        }
    });
    assert!(ended.await.is_ok(), "heard only: {heard:#?}");
    feeds.stop().await;
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn inverted_and_disabled_checks_are_told_as_that() {
    let sim = simulated().await;
    set(&sim, EAST, CheckWatches::Endpoint, true, false);
    set(&sim, OHIO, CheckWatches::Endpoint, false, true);
    let heard = until(&sim, |all| all.len() == 2).await;
    let inverted = &heard[EAST];
    assert_eq!((inverted.sense, inverted.called()), (Sense::Inverted, Called::Unhealthy), "{inverted:?}");
    assert_eq!(inverted.seen(), Called::Healthy, "its endpoint answers");
    assert!(inverted.checkers().is_some_and(|c| c.healthy == 16));
    let disabled = &heard[OHIO];
    assert_eq!((&disabled.watches, disabled.called()), (&Watches::Nothing, Called::Healthy), "{disabled:?}");
    assert_eq!(disabled.seen(), Called::Unknown, "nobody looks");
}

/// Route 53 has no observations of them: its metrics tell.
#[tokio::test(flavor = "multi_thread")]
async fn calculated_checks_and_those_of_alarms_are_told_by_route_53s_metrics() {
    let sim = simulated().await;
    // A routing control's that is On, and one that is not there.
    let control = sim.estate().controls().find_map(|c| c.health_check.clone()).expect("a control with a check");
    let children = vec![OHIO.to_owned(), control.to_string(), "nobody".to_owned()];
    set(&sim, EAST, CheckWatches::Children { children, needed: 2 }, false, false);
    set(&sim, OHIO, CheckWatches::Alarm { name: "portal-errors".into(), ok: true }, false, false);
    // A minute that was over before they were set up tells of what they were.
    let of = Watches::Children { healthy: Some(2), of: 3, needed: 2, called: Called::Healthy };
    let alarm = Watches::Alarm { alarm: "portal-errors in us-east-1".into(), called: Called::Healthy };
    let known = |all: &BTreeMap<String, CheckStatus>| {
        let is = |check: &str, watches: &Watches| all.get(check).is_some_and(|status| status.watches == *watches);
        is(EAST, &of) && is(OHIO, &alarm)
    };
    until(&sim, known).await;
}

/// What is known before holds, and is said to be old; what was never read is said to be not known.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_without_the_list_of_checks_is_no_wall() {
    let sim = simulated().await;
    let denied = || What::PermissionDenied { permission: Permission::ListHealthChecks };
    sim.happen(denied(), None);
    let heard = until(&sim, |all| all.len() == 2).await;
    for status in heard.values() {
        assert!(status.checkers().is_some_and(|c| c.healthy == 16), "{status:?}");
        assert!(matches!(&status.settings, Settings::Unread { why } if why.contains("AccessDenied")), "{status:?}");
        assert_eq!(status.called(), Called::Unknown, "it may be inverted");
    }

    let sim = simulated().await;
    set(&sim, EAST, CheckWatches::Endpoint, true, false);
    let world = sim.world().clone();
    let taken = std::sync::atomic::AtomicBool::new(false);
    let old = |all: &BTreeMap<String, CheckStatus>| {
        // Once it has been read, it cannot be read again.
        if all.len() == 2 && !taken.swap(true, std::sync::atomic::Ordering::SeqCst) {
            world.with(|w| w.happen(denied(), None, ""));
        }
        all.get(EAST).is_some_and(|s| matches!(s.settings, Settings::Old { .. }))
    };
    let heard = until(&sim, old).await;
    assert_eq!((heard[EAST].sense, heard[EAST].called()), (Sense::Inverted, Called::Unhealthy));
}

/// Its API is in us-east-1, wherever the endpoints are that it looks at.
#[tokio::test(flavor = "multi_thread")]
async fn route_53_falls_silent_with_us_east_1() {
    let sim = simulated().await;
    sim.happen(What::RegionDown { region: Region::from("us-east-1"), apis_after: Span::ZERO }, None);
    let (feeds, mut rx) = listen(sim.estate(), clock_of(&sim), 10.0).await;
    let mut silent = BTreeMap::new();
    let ended = tokio::time::timeout(SOON, async {
        while silent.len() < 2 {
            let heard = rx.recv().await.unwrap();
            if let SourceId::Route53(id) = heard.source {
                silent.insert(id, heard.news.map(drop).map_err(|f| f.kind));
            }
        }
    });
    assert!(ended.await.is_ok(), "{silent:?}");
    assert!(silent.values().all(|kind| *kind == Err(FailureKind::Timeout)), "{silent:?}");
    assert!(FailureKind::Timeout.means() == Means::Silent);
    feeds.stop().await;
}
