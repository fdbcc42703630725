//! Names that are alias records, as on AWS: answers are addresses alone, and only the targets' own answers tell whose.

use std::collections::BTreeMap;
use std::net::IpAddr;

use signalbox::estate::{ControlState, Estate, Region};
use signalbox::event::{Blind, DnsAnswer, Leads, News, SourceId};
use signalbox::sim::scenario::ResolverAnswer;
use signalbox::sim::{Sim, SimOptions, Temper, What};

use super::{SOON, clock_of, listen};

/// An unkind world of the reference estate, 20 times as fast as life.
async fn unkind(estate: Estate) -> Sim {
    let options = SimOptions::new(estate, "calm").unwrap().speed(20.0).temper(Temper::Unkind);
    Sim::start(options).await.unwrap()
}

/// The first good answers of each resolver for which `enough` holds, of `seen`, the estate that a console has.
async fn answers(
    sim: &Sim,
    seen: &Estate,
    enough: impl Fn(&[DnsAnswer]) -> bool,
) -> BTreeMap<SourceId, Vec<DnsAnswer>> {
    let mut seen = seen.clone();
    // Nothing but DNS is asked.
    seen.systems.clear();
    seen.health_checks.clear();
    let (feeds, mut rx) = listen(&seen, clock_of(sim), 20.0).await;
    let mut all = BTreeMap::new();
    let mut last = BTreeMap::new();
    let ended = tokio::time::timeout(SOON, async {
        while all.len() < seen.resolvers.len() {
            let heard = rx.recv().await.unwrap();
            let (source @ SourceId::Dns(_), Ok(News::Dns(answers))) = (heard.source, heard.news) else { continue };
            if enough(&answers) {
                all.insert(source, answers);
            } else {
                last.insert(source, answers);
            }
        }
    });
    assert!(ended.await.is_ok(), "not enough: {last:#?}");
    feeds.stop().await;
    all
}

fn all_lead<'a>(leads: impl Fn(&DnsAnswer) -> Option<&'a Leads>) -> impl Fn(&[DnsAnswer]) -> bool {
    move |answers| answers.iter().all(|a| leads(a).is_none_or(|wanted| a.leads == *wanted))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_targets_tell_where_answers_of_addresses_lead() {
    let sim = unkind(signalbox::estate::guiding_care().unwrap()).await;
    let to = ["us-east-1", "us-west-2"].map(|r| Leads::To(Region::new(r)));
    let right = |a: &DnsAnswer| Some(&to[usize::from(a.name.contains("west."))]);
    let heard = answers(&sim, sim.estate(), all_lead(right)).await;
    let (mut six, mut counts) = (0, Vec::new());
    for answer in heard.values().flatten() {
        let addresses: Vec<IpAddr> = answer
            .answers
            .as_ref()
            .unwrap()
            .iter()
            .map(|a| a.parse().unwrap_or_else(|_| panic!("{answer:?}")))
            .collect();
        six += addresses.iter().filter(|a| a.is_ipv6()).count();
        counts.push(addresses.iter().filter(|a| a.is_ipv4()).count());
    }
    assert!(six > 0, "some of them have both families");
    counts.sort_unstable();
    assert!(counts[0] == 1 && *counts.last().unwrap() > 2, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_tell_that_is_what_is_heard() {
    let blind = |untold| Leads::Untold { untold };
    let everyone = |sim: &Sim, answer| {
        for resolver in &sim.estate().resolvers {
            sim.happen(What::ResolverAnswers { resolver: resolver.name.clone(), answer }, None);
        }
    };
    // The load balancers' own names have no answer, while those of the records have.
    let sim = unkind(signalbox::estate::guiding_care().unwrap()).await;
    everyone(&sim, ResolverAnswer::BalancersFail);
    let silent = blind(Blind::TargetSilent);
    for answer in answers(&sim, sim.estate(), all_lead(|_| Some(&silent))).await.values().flatten() {
        assert!(answer.answers.as_ref().is_ok_and(|a| !a.is_empty()), "{answer:?}");
    }
    // One address for all of them.
    let sim = unkind(signalbox::estate::guiding_care().unwrap()).await;
    everyone(&sim, ResolverAnswer::OneForAll);
    let shared = blind(Blind::Shared);
    answers(&sim, sim.estate(), all_lead(|_| Some(&shared))).await;
    // The same without a target for one region; what the other's tells is told.
    let sim = unkind(signalbox::estate::guiding_care().unwrap()).await;
    let mut without = sim.estate().clone();
    for control in without.services.iter_mut().flat_map(|s| &mut s.controls) {
        if control.region.as_ref().is_some_and(|r| ["us-east-1", "us-west-1"].contains(&r.as_str())) {
            control.target.clear();
        }
    }
    let (none, west) = (blind(Blind::NoTarget), Leads::To(Region::new("us-west-2")));
    let wanted = |a: &DnsAnswer| Some(if a.name.contains("west.") { &west } else { &none });
    answers(&sim, &without, all_lead(wanted)).await;
}

/// Two load balancers behind the names of one service, and one that stands before both regions.
#[tokio::test(flavor = "multi_thread")]
async fn a_control_may_have_several_targets_and_one_of_both_regions_tells_nothing() {
    let mut estate = signalbox::estate::guiding_care().unwrap();
    let accelerator = "a0123456789abcdef.awsglobalaccelerator.com".to_owned();
    for service in &mut estate.services {
        for control in &mut service.controls {
            let region = control.region.clone().unwrap();
            match service.name.as_str() {
                "portal" => control.target.push(format!("secure-1.{region}.elb.amazonaws.com")),
                "api" => control.target = vec![accelerator.clone()],
                _ => {}
            }
        }
    }
    let sim = unkind(estate).await;
    let (east, shared) = (Leads::To(Region::new("us-east-1")), Leads::Untold { untold: Blind::Shared });
    let wanted = |a: &DnsAnswer| match a.name.as_str() {
        "api.guidingcare.com" | "admin.guidingcare.com" => Some(&shared),
        "portal.guidingcare.com" | "secure.guidingcare.com" | "*.customer.guidingcare.com" => Some(&east),
        _ => None,
    };
    answers(&sim, sim.estate(), all_lead(wanted)).await;
}

/// A move is seen by the addresses alone, in both families, as the resolvers' copies run out.
#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_seen_in_the_addresses() {
    let sim = unkind(signalbox::estate::guiding_care().unwrap()).await;
    let east: Vec<_> = sim.estate().services.iter().filter(|s| s.pair.as_str() == "east").cloned().collect();
    for control in east.iter().flat_map(|s| &s.controls) {
        let there = control.region.as_ref().is_some_and(|r| r.as_str() == "us-east-2");
        let state = if there { ControlState::On } else { ControlState::Off };
        sim.happen(What::ControlSet { control: control.arn.clone(), state }, None);
    }
    let to = ["us-east-2", "us-west-2"].map(|r| Leads::To(Region::new(r)));
    answers(&sim, sim.estate(), all_lead(|a| Some(&to[usize::from(a.name.contains("west."))]))).await;
}
