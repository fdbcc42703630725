//! ARC, its DNS and its applications over the wire: through the real SDK, and every refusal it knows.

use crate::sim as support;

use std::time::{Duration, Instant};

use aws_sdk_route53recoverycluster as cluster;
use aws_sdk_route53recoverycontrolconfig as config;
use cluster::operation::update_routing_control_states::UpdateRoutingControlStatesError as UpdateError;
use cluster::types::{RoutingControlState, UpdateRoutingControlStateEntry as Entry};
use signalbox::estate::{Estate, Region, RuleArn};
use signalbox::sim::scenario::{EndpointAnswer, Scenario, What};
use signalbox::sim::{Sim, SimOptions, Temper};
use signalbox::time::Span;
use support::client;

fn reference() -> Estate {
    crate::one_account::one_account()
}

async fn sim(speed: f64) -> Sim {
    let estate = reference();
    let calm = Scenario::shipped("calm", &estate).unwrap().unwrap();
    Sim::start(SimOptions::with(estate, calm).speed(speed)).await.unwrap()
}

/// A client of the cluster's endpoint number `n`.
fn endpoint(sim: &Sim, n: usize) -> cluster::Client {
    let endpoint = &sim.estate().cluster.endpoints[n];
    client!(cluster, endpoint.url.clone(), endpoint.region.to_string())
}

/// All ten controls of pair east, the other way round.
fn failover(sim: &Sim) -> Vec<Entry> {
    let east = sim.estate().services.iter().filter(|s| s.pair.as_str() == "east");
    let controls = east.flat_map(|s| s.controls.iter());
    let flip = |c: &signalbox::estate::Control| {
        let on = c.region.as_ref().is_some_and(|r| r.as_str() == "us-east-2");
        entry(c.arn.as_str(), on)
    };
    controls.map(flip).collect()
}

fn entry(arn: &str, on: bool) -> Entry {
    let state = if on { RoutingControlState::On } else { RoutingControlState::Off };
    Entry::builder().routing_control_arn(arn).routing_control_state(state).build().unwrap()
}

async fn update(client: &cluster::Client, entries: Vec<Entry>) -> Result<(), UpdateError> {
    let call = client.update_routing_control_states().set_update_routing_control_state_entries(Some(entries));
    call.send().await.map(|_| ()).map_err(|e| e.into_service_error())
}

fn portal_control(sim: &Sim, region: &str) -> String {
    let service = sim.estate().services.iter().find(|s| s.name.as_str() == "portal").unwrap();
    service.control(&Region::new(region)).unwrap().arn.to_string()
}

fn misbehave(sim: &Sim, n: usize, answer: EndpointAnswer) {
    let region = sim.estate().cluster.endpoints[n].region.clone();
    sim.world().with(|w| {
        w.mend();
        w.happen(What::Endpoints { endpoints: vec![region], answer }, None, "");
    });
}

#[tokio::test]
async fn ten_controls_move_at_once_and_every_endpoint_tells_so() {
    let sim = sim(1.0).await;
    update(&endpoint(&sim, 2), failover(&sim)).await.unwrap();
    let arn = portal_control(&sim, "us-east-2");
    for n in 0..5 {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let seen = endpoint(&sim, n).get_routing_control_state().routing_control_arn(&arn).send().await.unwrap();
            assert_eq!(seen.routing_control_arn(), arn);
            if *seen.routing_control_state() == RoutingControlState::On {
                break;
            }
            assert!(Instant::now() < deadline, "endpoint {n} never heard of it");
        }
    }
}

#[tokio::test]
async fn lists_are_paged_and_hold_every_control_once() {
    let sim = sim(1.0).await;
    let client = endpoint(&sim, 0);
    let mut pages = client.list_routing_controls().into_paginator().page_size(4).send();
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.routing_controls().len() <= 4);
        seen.extend(page.routing_controls().iter().map(|c| c.routing_control_arn().unwrap().to_owned()));
    }
    let wanted: Vec<String> = sim.estate().controls().map(|c| c.arn.to_string()).collect();
    assert_eq!(seen, wanted);
    let panel = sim.estate().pairs[1].control_panel.clone();
    let west = client.list_routing_controls().control_panel_arn(panel.as_str()).send().await.unwrap();
    assert!(!west.routing_controls().is_empty() && west.routing_controls().len() < wanted.len());
    assert!(west.routing_controls().iter().all(|c| c.control_panel_arn() == Some(panel.as_str())));
}

#[tokio::test]
async fn a_safety_rule_refuses_with_its_arn_and_nothing_changes_until_it_is_overridden() {
    let sim = sim(1.0).await;
    let client = endpoint(&sim, 0);
    let arn = portal_control(&sim, "us-east-1");
    let before = sim.control_states();
    let refused = update(&client, vec![entry(&arn, false)]).await.unwrap_err();
    let UpdateError::ConflictException(conflict) = &refused else { panic!("{refused:?}") };
    let rule = sim.estate().rule(&RuleArn::new(conflict.resource_id())).unwrap();
    assert!(conflict.message().contains(rule.arn.as_str()) && conflict.message().contains(&rule.name));
    assert_eq!(sim.control_states(), before);
    let call = client.update_routing_control_state().routing_control_arn(&arn);
    let call = call.routing_control_state(RoutingControlState::Off);
    call.safety_rules_to_override(rule.arn.as_str()).send().await.unwrap();
    assert_ne!(sim.control_states(), before);
}

#[tokio::test]
async fn a_change_right_after_a_change_is_refused_by_the_wait_period() {
    let sim = sim(1.0).await;
    update(&endpoint(&sim, 0), failover(&sim)).await.unwrap();
    let again = update(&endpoint(&sim, 1), failover(&sim)).await.unwrap_err();
    assert!(matches!(&again, UpdateError::ConflictException(c) if c.message().contains("wait period")), "{again:?}");
}

#[tokio::test]
async fn a_closed_gate_locks_its_targets() {
    let sim = sim(1.0).await;
    let client = endpoint(&sim, 0);
    let gate = sim.estate().gates[0].arn.to_string();
    update(&client, vec![entry(&gate, false)]).await.unwrap();
    let refused = update(&client, failover(&sim)).await.unwrap_err();
    assert!(
        matches!(&refused, UpdateError::ConflictException(c) if c.message().contains("gating rule")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_is_refused_each_in_its_shape() {
    let sim = sim(1.0).await;
    let mut eleven = failover(&sim);
    eleven.push(entry(sim.estate().gates[0].arn.as_str(), true));
    let limit = update(&endpoint(&sim, 0), eleven).await.unwrap_err();
    let UpdateError::ServiceLimitExceededException(limit) = limit else { panic!("{limit:?}") };
    assert!(!limit.limit_code().is_empty() && limit.service_code() == "route53-recovery-cluster");

    let nobody = update(&endpoint(&sim, 1), vec![entry("arn:aws:nobody", true)]).await.unwrap_err();
    let UpdateError::ResourceNotFoundException(nobody) = nobody else { panic!("{nobody:?}") };
    assert_eq!((nobody.resource_id(), nobody.resource_type()), ("arn:aws:nobody", "RoutingControl"));

    let twice = failover(&sim)[0].clone();
    let twice = update(&endpoint(&sim, 2), vec![twice.clone(), twice]).await.unwrap_err();
    let UpdateError::ValidationException(twice) = twice else { panic!("{twice:?}") };
    assert_eq!(twice.fields()[0].name(), "UpdateRoutingControlStateEntries[1].RoutingControlArn");
    assert!(twice.reason().is_some());

    let foreign = &sim.estate().cluster.endpoints[3];
    let foreign = client!(cluster, foreign.url.clone(), "eu-north-1");
    let foreign = update(&foreign, failover(&sim)).await.unwrap_err();
    assert!(matches!(foreign, UpdateError::AccessDeniedException(_)), "{foreign:?}");
}

#[tokio::test]
async fn an_endpoint_takes_three_changing_calls_a_second_and_any_number_of_others() {
    // A world nearly at rest: all calls fall into one of its seconds.
    let sim = sim(0.001).await;
    let client = endpoint(&sim, 0);
    let gate = sim.estate().gates[0].arn.to_string();
    for _ in 0..3 {
        let _ = update(&client, vec![entry(&gate, true)]).await;
    }
    let fourth = update(&client, vec![entry(&gate, true)]).await.unwrap_err();
    let UpdateError::ThrottlingException(fourth) = fourth else { panic!("{fourth:?}") };
    assert_eq!(fourth.retry_after_seconds(), 1);
    for _ in 0..5 {
        client.get_routing_control_state().routing_control_arn(&gate).send().await.unwrap();
    }
    let other = update(&endpoint(&sim, 1), vec![entry(&gate, true)]).await;
    assert!(!matches!(other, Err(UpdateError::ThrottlingException(_))), "each endpoint counts for itself");
}

#[tokio::test]
async fn an_endpoint_misbehaves_as_the_scenario_says_and_the_others_do_not() {
    let sim = sim(1.0).await;
    let client = endpoint(&sim, 0);
    misbehave(&sim, 0, EndpointAnswer::Unavailable);
    let error = update(&client, failover(&sim)).await.unwrap_err();
    assert!(matches!(error, UpdateError::EndpointTemporarilyUnavailableException(_)), "{error:?}");
    misbehave(&sim, 0, EndpointAnswer::Internal);
    let error = update(&client, failover(&sim)).await.unwrap_err();
    assert!(matches!(error, UpdateError::InternalServerException(_)), "{error:?}");
    misbehave(&sim, 0, EndpointAnswer::Refuse);
    let refused = client.list_routing_controls().send().await.unwrap_err();
    assert!(refused.as_service_error().is_none(), "{refused:?}");
    misbehave(&sim, 0, EndpointAnswer::Hang);
    let hanging = tokio::time::timeout(Duration::from_millis(300), client.list_routing_controls().send()).await;
    assert!(hanging.is_err());
    misbehave(&sim, 0, EndpointAnswer::HangAfter);
    let before = sim.control_states();
    let hanging = tokio::time::timeout(Duration::from_millis(500), update(&client, failover(&sim))).await;
    assert!(hanging.is_err() && sim.control_states() != before, "carried out, and never said");
    endpoint(&sim, 1).list_routing_controls().send().await.unwrap();
}

fn try_again(error: &UpdateError) {
    let UpdateError::ConflictException(e) = error else { panic!("{error:?}") };
    assert_eq!(e.message(), "There was a conflict with this request. Try again.");
    assert_eq!(e.resource_type(), "RoutingControl", "no safety rule");
}

#[tokio::test]
async fn a_conflict_without_a_rule_takes_no_change_and_leaves_reads_alone() {
    let sim = sim(1.0).await;
    misbehave(&sim, 0, EndpointAnswer::Conflict);
    let before = sim.control_states();
    try_again(&update(&endpoint(&sim, 0), failover(&sim)).await.unwrap_err());
    endpoint(&sim, 0).list_routing_controls().send().await.unwrap();
    assert_eq!(sim.control_states(), before);
    update(&endpoint(&sim, 1), failover(&sim)).await.unwrap();
    assert_ne!(sim.control_states(), before);
}

#[tokio::test]
async fn an_unkind_cluster_says_try_again_to_every_seventh_change() {
    let estate = reference();
    let calm = Scenario::shipped("calm", &estate).unwrap().unwrap();
    let sim = Sim::start(SimOptions::with(estate, calm).temper(Temper::Unkind)).await.unwrap();
    let gate = sim.estate().gates[0].arn.to_string();
    for n in 1..=14 {
        let answer = update(&endpoint(&sim, n % 5), vec![entry(&gate, true)]).await;
        match n % 7 {
            0 => try_again(&answer.unwrap_err()),
            _ => answer.unwrap(),
        }
    }
}

#[tokio::test]
async fn a_dark_region_takes_its_cluster_endpoint_along() {
    let sim = sim(1.0).await;
    sim.happen(What::RegionDown { region: Region::new("us-east-1"), apis_after: Span::ZERO }, None);
    for (n, place) in sim.estate().cluster.endpoints.iter().enumerate() {
        let client = endpoint(&sim, n);
        let asked = tokio::time::timeout(Duration::from_secs(2), client.list_routing_controls().send()).await;
        assert_eq!(asked.is_err(), place.region.as_str() == "us-east-1", "{}", place.region);
    }
}

#[tokio::test]
async fn the_control_plane_tells_the_whole_estate() {
    let sim = sim(1.0).await;
    let url = sim.estate().endpoints.recovery_control_config.clone().unwrap();
    let client = client!(config, url.clone(), "us-west-2");
    let arn = sim.estate().cluster.arn.as_str();
    let told = client.describe_cluster().cluster_arn(arn).send().await.unwrap().cluster.unwrap();
    let told: Vec<(String, String)> = told
        .cluster_endpoints()
        .iter()
        .map(|e| (e.region().unwrap().to_owned(), e.endpoint().unwrap().to_owned()))
        .collect();
    let wanted: Vec<(String, String)> =
        sim.estate().cluster.endpoints.iter().map(|e| (e.region.to_string(), e.url.clone())).collect();
    assert_eq!(told, wanted);
    let mut rules = Vec::new();
    for panel in client.list_control_panels().send().await.unwrap().control_panels() {
        let panel = panel.control_panel_arn().unwrap();
        let mut pages = client.list_safety_rules().control_panel_arn(panel).max_results(2).into_paginator().send();
        while let Some(page) = pages.next().await {
            for rule in page.unwrap().safety_rules() {
                let assertion = rule.assertion().map(|a| a.safety_rule_arn().unwrap().to_owned());
                rules.push(assertion.unwrap_or_else(|| rule.gating().unwrap().safety_rule_arn().unwrap().to_owned()));
            }
        }
    }
    rules.sort();
    let mut wanted: Vec<String> = sim.estate().safety_rules.iter().map(|r| r.arn.to_string()).collect();
    wanted.sort();
    assert_eq!(rules, wanted);
    for rule in &wanted {
        let told = client.describe_safety_rule().safety_rule_arn(rule).send().await.unwrap();
        assert!(told.assertion_rule().is_some() != told.gating_rule().is_some());
    }
    let foreign = client!(config, url, "us-east-1").list_clusters().send().await.unwrap_err();
    assert!(foreign.into_service_error().is_access_denied_exception());
}

/// One DNS question, over UDP or TCP: the CNAME's target and the address.
async fn ask(address: std::net::SocketAddr, name: &str, tcp: bool) -> (Option<String>, Vec<std::net::Ipv4Addr>, u32) {
    use hickory_proto::op::{Message, MessageType, OpCode, Query};
    use hickory_proto::rr::{Name, RData, RecordType};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut message = Message::new(77, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), RecordType::A));
    let bytes = message.to_vec().unwrap();
    let mut answer = vec![0; 4_096];
    if tcp {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_u16(bytes.len() as u16).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        let length = stream.read_u16().await.unwrap();
        answer.truncate(length.into());
        stream.read_exact(&mut answer).await.unwrap();
    } else {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(&bytes, address).await.unwrap();
        let length = tokio::time::timeout(Duration::from_secs(5), socket.recv(&mut answer)).await.unwrap().unwrap();
        answer.truncate(length);
    }
    let message = Message::from_vec(&answer).unwrap();
    let (mut target, mut found, mut ttl) = (None, Vec::new(), 0);
    for record in &message.answers {
        ttl = record.ttl;
        match &record.data {
            RData::CNAME(name) => target = Some(name.0.to_ascii()),
            RData::A(a) => found.push(a.0),
            other => panic!("{other:?}"),
        }
    }
    (target, found, ttl)
}

#[tokio::test]
async fn a_resolver_answers_with_the_region_and_turns_after_a_flip() {
    let sim = sim(200.0).await;
    let resolver = sim.estate().resolvers[0].address;
    for tcp in [false, true] {
        let (target, found, ttl) = ask(resolver, "portal.guidingcare.com.", tcp).await;
        assert_eq!(target.as_deref(), Some("portal.us-east-1.elb.guidingcare.com."));
        assert!((1..=60).contains(&ttl));
        let (none, learned, _) = ask(resolver, "portal.us-east-1.elb.guidingcare.com.", tcp).await;
        assert!(none.is_none());
        assert_eq!(found, learned, "the regional name tells which address is which region");
    }
    assert_eq!(
        ask(resolver, "a.b.customer.guidingcare.com.", false).await.0,
        Some("portal.us-east-1.elb.guidingcare.com.".into())
    );
    assert!(ask(resolver, "no.such.name.", false).await.1.is_empty());
    update(&endpoint(&sim, 1), failover(&sim)).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while ask(resolver, "portal.guidingcare.com.", false).await.0.as_deref()
        != Some("portal.us-east-2.elb.guidingcare.com.")
    {
        assert!(Instant::now() < deadline, "the answer never turned");
    }
}

/// The status of a GET, by hand; none when nothing comes.
async fn get(url: &str) -> Option<u16> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_millis(700), stream.read_to_string(&mut answer)).await.ok()?.unwrap();
    answer.split(' ').nth(1)?.parse().ok()
}

#[tokio::test]
async fn applications_answer_fail_and_fall_silent_with_their_region() {
    let sim = sim(1.0).await;
    let portal = sim.estate().services.iter().find(|s| s.name.as_str() == "portal").unwrap();
    let probe = |region: &str| portal.probes.iter().find(|p| p.region.as_str() == region).unwrap().url.clone();
    let (here, there) = (probe("us-east-1"), probe("us-east-2"));
    assert!(here.starts_with("http://127.0.0.1:") && here.ends_with("/healthz"));
    assert_eq!((get(&here).await, get(&there).await), (Some(200), Some(200)));
    sim.happen(What::RegionDown { region: Region::new("us-east-1"), apis_after: Span::from_hours(1) }, None);
    assert_eq!((get(&here).await, get(&there).await), (Some(503), Some(200)));
    sim.happen(What::RegionDown { region: Region::new("us-east-1"), apis_after: Span::ZERO }, None);
    assert_eq!((get(&here).await, get(&there).await), (None, Some(200)));
}

#[tokio::test]
async fn the_estate_it_gives_out_is_whole_and_all_its_own() {
    let sim = sim(1.0).await;
    let text = sim.estate().to_toml().unwrap();
    let read = Estate::parse(&text, "written.toml").unwrap();
    assert_eq!(&read, sim.estate());
    assert!(!text.contains("amazonaws.com/v1") && !text.contains("8.8.8.8"));
    let exports = sim.exports();
    let find = |name: &str| exports.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    assert_eq!(find("AWS_EC2_METADATA_DISABLED"), Some("true"));
    assert!(find("AWS_ENDPOINT_URL_ROUTE_53").is_some_and(|u| u.starts_with("http://127.0.0.1:")));
    assert_eq!(find("SIGNALBOX_CLUSTER_5"), Some(sim.estate().cluster.endpoints[4].url.as_str()));
}
