//! Health checks of every kind, as the simulator's Route 53 and CloudWatch answer for them.

use signalbox::estate::{Estate, HealthCheckId, Region};
use signalbox::sim::world::{CheckSetting, CheckWatches, Metric};
use signalbox::sim::{Sim, SimOptions, What};
use signalbox::time::Span;

use crate::sim::client;

const EAST: &str = "33333333-3333-4333-a333-333333333333";
const OHIO: &str = "44444444-4444-4444-a444-444444444444";

async fn simulated() -> Sim {
    let estate = Estate::parse(include_str!("../support/estate.toml"), "estate.toml").unwrap();
    Sim::start(SimOptions::new(estate, "calm").unwrap()).await.unwrap()
}

fn set(sim: &Sim, check: &str, watches: CheckWatches, inverted: bool, disabled: bool) {
    let set = CheckSetting { watches, inverted, disabled };
    sim.happen(What::HealthCheckSet { check: HealthCheckId::new(check), set }, None);
}

fn called(sim: &Sim, check: &str) -> Option<bool> {
    sim.world().with(|w| w.health_check_healthy(check, w.now()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_check_is_healthy_an_inverted_one_the_contrary_and_both_are_unhealthy() {
    let sim = simulated().await;
    assert_eq!(called(&sim, EAST), Some(true));
    set(&sim, EAST, CheckWatches::Endpoint, true, false);
    assert_eq!(called(&sim, EAST), Some(false), "its endpoint answers");
    sim.happen(What::ServiceDown { services: vec!["portal".into()], region: Region::from("us-east-1") }, None);
    set(&sim, EAST, CheckWatches::Endpoint, false, true);
    let later = |minutes| {
        move |w: &mut signalbox::sim::world::World| {
            let later = w.now().checked_add(Span::from_mins(minutes)).unwrap();
            w.advance(later);
        }
    };
    sim.world().with(later(5));
    assert_eq!(called(&sim, EAST), Some(true), "nobody looks");
    set(&sim, EAST, CheckWatches::Endpoint, true, true);
    assert_eq!(called(&sim, EAST), Some(false));
    set(&sim, EAST, CheckWatches::Endpoint, false, false);
    assert_eq!(called(&sim, EAST), Some(false), "the portal is down");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculated_check_counts_its_children_and_has_no_observations() {
    let sim = simulated().await;
    let count = |needed| CheckWatches::Children { children: vec![OHIO.into(), "gone".into()], needed };
    for (needed, healthy) in [(0, true), (1, true), (2, false), (3, false)] {
        set(&sim, EAST, count(needed), false, false);
        assert_eq!(called(&sim, EAST), Some(healthy), "{needed} needed");
    }
    let metric = |name: &str| Metric {
        namespace: "AWS/Route53".into(),
        name: name.into(),
        dimensions: [("HealthCheckId".to_owned(), EAST.to_owned())].into(),
    };
    let east = Region::from("us-east-1");
    let listed = sim.world().with(|w| w.metrics(&east));
    assert!(listed.contains(&metric("ChildHealthCheckHealthyCount")) && listed.contains(&metric("HealthCheckStatus")));
    assert!(!listed.contains(&metric("HealthCheckPercentageHealthy")), "it has no checkers");
    assert_eq!(sim.world().with(|w| w.health_check_observations(EAST)), None);
    let client = client!(aws_sdk_route53, sim.estate().endpoints.route53.clone().unwrap(), "us-east-1");
    let refused = client.get_health_check_status().health_check_id(EAST).send().await.unwrap_err();
    assert!(refused.into_service_error().is_invalid_input());
    let answer = client.get_health_check().health_check_id(EAST).send().await.unwrap();
    let config = answer.health_check.and_then(|c| c.health_check_config).unwrap();
    assert_eq!((config.r#type().as_str(), config.health_threshold()), ("CALCULATED", Some(3)));
    assert_eq!(config.child_health_checks(), [OHIO, "gone"]);
}
