//! A cluster whose clock is not this machine's: what reads teach of it holds for the write.

use signalbox::arc::Cluster;
use signalbox::aws::{Credentials, Deed, Kind, Sdk};
use signalbox::change::{Digest, Flip};
use signalbox::effect::FlipOrder;
use signalbox::estate::ControlState;
use signalbox::event::FlipEnd;
use signalbox::sim::scenario::EndpointAnswer;
use signalbox::sim::wire::Skew;
use signalbox::sim::{Sim, SimOptions, What};

use super::{DEADLINE, patience};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_called_that_and_stops_no_flip() {
    for (skew, words) in [(Skew::Behind, "11 min behind AWS's"), (Skew::Ahead, "11 min ahead of AWS's")] {
        let sim = Sim::start(SimOptions::new(crate::one_account::one_account(), "calm").unwrap()).await.unwrap();
        let endpoints = sim.estate().cluster.endpoints.iter().map(|e| e.region.clone()).collect();
        sim.happen(What::Endpoints { endpoints, answer: EndpointAnswer::Clock(skew) }, None);
        let sdk = Sdk::load(sim.estate(), Credentials::dummy()).await;
        let cluster = Cluster::with(sim.estate(), &sdk, patience());
        let acting = sdk.act(&Deed::of_nobody());
        for (_, read) in cluster.read_all().await {
            let trouble = read.unwrap_err().trouble;
            assert!(trouble.kind == Kind::Clock && trouble.message.contains(words), "{trouble:?}");
            assert!(!trouble.maybe_done);
        }
        // A gating rule lets one of a standby's controls be turned on.
        let states = cluster.read_all().await.into_iter().map(|(_, read)| read.unwrap()).next().unwrap();
        let estate = sim.estate();
        let (arn, from) = states.into_iter().find(|(_, state)| *state == ControlState::Off).unwrap();
        let name = estate.control(&arn).unwrap().name.clone();
        let flips = vec![Flip { arn: arn.clone(), name, from, to: from.flipped() }];
        let overrides = estate.safety_rules.iter().map(|r| r.arn.clone()).collect();
        let order = FlipOrder { change: Digest::of("a change"), holds: Vec::new(), flips, overrides };
        let outcome = cluster.flip(&order, &acting, DEADLINE).await;
        assert!(matches!(outcome.end, FlipEnd::Applied { .. }), "{outcome:#?}");
        assert_eq!(sim.control_states().get(&arn), Some(&from.flipped()));
    }
}

/// A flip that is the first to meet the clock sends nothing, and says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_flip_that_meets_a_wrong_clock_first_is_refused_for_that() {
    let sim = Sim::start(SimOptions::new(crate::one_account::one_account(), "calm").unwrap()).await.unwrap();
    let before = sim.control_states();
    let endpoints = sim.estate().cluster.endpoints.iter().map(|e| e.region.clone()).collect();
    sim.happen(What::Endpoints { endpoints, answer: EndpointAnswer::Clock(Skew::Behind) }, None);
    let sdk = Sdk::load(sim.estate(), Credentials::dummy()).await;
    let cluster = Cluster::with(sim.estate(), &sdk, patience());
    let acting = sdk.act(&Deed::of_nobody());
    let (arn, from) = before.iter().next().map(|(arn, state)| (arn.clone(), *state)).unwrap();
    let flips = vec![Flip { name: "x".into(), arn, from, to: from.flipped() }];
    let order = FlipOrder { change: Digest::of("a change"), holds: Vec::new(), flips, overrides: Vec::new() };
    match cluster.flip(&order, &acting, DEADLINE).await.end {
        FlipEnd::Refused(refusal) => assert!(refusal.message.contains("clock is 11 min behind"), "{refusal:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(sim.control_states(), before);
}
