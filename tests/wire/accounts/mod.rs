//! An estate of several accounts: who gets which role, what it sees, and what it may do, as real SDK clients see it.

mod product;
mod roles;

use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use aws_sdk_drs::types::StartRecoveryRequestSourceServer;
use aws_sdk_route53recoverycluster::types::RoutingControlState;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use signalbox::estate::{Entry, Estate, Region, RoleEntry};
use signalbox::sim::{Sim, SimOptions};

use crate::sim::{ACTIVE, STANDBY, client, credentials as signed_in};

const SIGN_IN: &str = "111122223333";
const NETWORK: &str = "222233334444";
const PROD: &str = "333344445555";
const PROD_DR: &str = "444455556666";
const DATA: &str = "555566667777";
const WATCH: &str = "666677778888";

fn estate() -> Estate {
    Estate::parse(include_str!("../../support/accounts.toml"), "accounts.toml").unwrap()
}

async fn simulated() -> Sim {
    Sim::start(SimOptions::new(estate(), "calm").unwrap()).await.unwrap()
}

fn region(name: &str) -> Region {
    Region::from(name)
}

/// The role to look into an account of the estate.
fn look_role(account: &str) -> RoleEntry {
    match estate().account_of(&account.into()).unwrap().look.clone() {
        Some(Entry::Role(role)) => role,
        other => panic!("{account}: {other:?}"),
    }
}

/// The role to act in it.
fn act_role(account: &str) -> RoleEntry {
    estate().account_of(&account.into()).unwrap().act.clone().unwrap()
}

fn sts(sim: &Sim, with: Credentials) -> aws_sdk_sts::Client {
    client!(aws_sdk_sts, sim.estate().endpoints.sts[&region(ACTIVE)].clone(), ACTIVE, with)
}

fn ec2(sim: &Sim, of: &str, with: &Credentials) -> aws_sdk_ec2::Client {
    client!(aws_sdk_ec2, sim.estate().endpoints.ec2[&region(of)].clone(), of.to_owned(), with.clone())
}

fn drs(sim: &Sim, of: &str, with: &Credentials) -> aws_sdk_drs::Client {
    client!(aws_sdk_drs, sim.estate().endpoints.drs[&region(of)].clone(), of.to_owned(), with.clone())
}

fn cloudwatch(sim: &Sim, of: &str, with: &Credentials) -> aws_sdk_cloudwatch::Client {
    client!(aws_sdk_cloudwatch, sim.estate().endpoints.cloudwatch[&region(of)].clone(), of.to_owned(), with.clone())
}

fn route53(sim: &Sim, with: &Credentials) -> aws_sdk_route53::Client {
    client!(aws_sdk_route53, sim.estate().endpoints.route53.clone().unwrap(), ACTIVE, with.clone())
}

fn arc(sim: &Sim, with: &Credentials) -> aws_sdk_route53recoverycluster::Client {
    let endpoint = &sim.estate().cluster.endpoints[0];
    client!(aws_sdk_route53recoverycluster, endpoint.url.clone(), endpoint.region.to_string(), with.clone())
}

fn control_config(sim: &Sim, with: &Credentials) -> aws_sdk_route53recoverycontrolconfig::Client {
    let url = sim.estate().endpoints.recovery_control_config.clone().unwrap();
    client!(aws_sdk_route53recoverycontrolconfig, url, "us-west-2", with.clone())
}

fn iam(sim: &Sim, with: &Credentials) -> aws_sdk_iam::Client {
    client!(aws_sdk_iam, sim.estate().endpoints.iam.clone().unwrap(), ACTIVE, with.clone())
}

/// Takes a role of the estate, and those that it is reached through; a role to act under somebody's name.
async fn take(sim: &Sim, role: RoleEntry, who: Option<&str>) -> Credentials {
    let with = match &role.from {
        Some(from) => Box::pin(look(sim, from.as_str())).await,
        None => signed_in(),
    };
    let call = sts(sim, with).assume_role().role_arn(&role.role).role_session_name("test");
    let call = call.set_external_id(role.external_id).set_source_identity(who.map(str::to_owned));
    held(&call.send().await.unwrap())
}

async fn look(sim: &Sim, account: &str) -> Credentials {
    take(sim, look_role(account), None).await
}

async fn act(sim: &Sim, account: &str) -> Credentials {
    take(sim, act_role(account), Some("alice@amber-falcon")).await
}

/// What STS has given.
fn held(given: &aws_sdk_sts::operation::assume_role::AssumeRoleOutput) -> Credentials {
    let given = given.credentials().unwrap();
    let token = given.session_token().to_owned();
    Credentials::new(given.access_key_id(), given.secret_access_key(), Some(token), None, "test")
}

/// Code and message of a refusal.
fn refusal<T: std::fmt::Debug, E: ProvideErrorMetadata>(answer: Result<T, E>) -> (String, String) {
    let error = answer.expect_err("a refusal");
    (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
}

fn code<T: std::fmt::Debug, E: ProvideErrorMetadata>(answer: Result<T, E>) -> String {
    refusal(answer).0
}

#[tokio::test]
async fn an_account_has_its_own_instances_images_and_networks() {
    let sim = simulated().await;
    let (prod, prod_dr, watch) = (look(&sim, "prod").await, look(&sim, "prod-dr").await, look(&sim, "watch").await);
    for (who, at, owner, count) in [
        (&prod, ACTIVE, PROD, 7),
        (&prod, STANDBY, PROD, 0),
        (&prod_dr, STANDBY, PROD_DR, 7),
        (&prod_dr, ACTIVE, PROD_DR, 0),
        (&watch, ACTIVE, WATCH, 0),
        (&signed_in(), ACTIVE, SIGN_IN, 0),
    ] {
        let ec2 = ec2(&sim, at, who);
        let answer = ec2.describe_instances().send().await.unwrap();
        let owners: Vec<_> = answer.reservations().iter().map(|r| r.owner_id().unwrap()).collect();
        assert_eq!(owners, vec![owner; count], "{at}");
    }
    let here = ec2(&sim, STANDBY, &prod_dr);
    let images = here.describe_images().owners("self").send().await.unwrap();
    let owners: BTreeSet<_> = images.images().iter().filter_map(|i| i.owner_id()).collect();
    assert_eq!(owners, BTreeSet::from([PROD_DR]));
    let snapshots = here.describe_snapshots().owner_ids("self").send().await.unwrap();
    assert!(!snapshots.snapshots().is_empty());
    let reserved = here.describe_capacity_reservations().send().await.unwrap();
    assert_eq!(reserved.capacity_reservations()[0].owner_id(), Some(PROD_DR));
    let there = ec2(&sim, STANDBY, &prod);
    assert!(there.describe_images().owners("self").send().await.unwrap().images().is_empty());
    assert!(there.describe_vpn_connections().send().await.unwrap().vpn_connections().is_empty());
    let id = here.describe_instances().send().await.unwrap().reservations()[0].instances()[0].instance_id.clone();
    let other = there.describe_instances().instance_ids(id.unwrap()).send().await;
    assert_eq!(code(other), "InvalidInstanceID.NotFound");
    // An attachment between two accounts is one thing, and both have it.
    let ends = async |who: &Credentials, at: &str| {
        let answer = ec2(&sim, at, who).describe_transit_gateway_peering_attachments().send().await.unwrap();
        let found = &answer.transit_gateway_peering_attachments()[0];
        let [one, other] = [found.requester_tgw_info(), found.accepter_tgw_info()];
        let [one, other] = [one, other].map(|end| end.unwrap().owner_id().unwrap().to_owned());
        (found.transit_gateway_attachment_id().unwrap().to_owned(), one, other)
    };
    let (id, one, other) = ends(&prod, ACTIVE).await;
    assert_eq!((one.as_str(), other.as_str()), (PROD, PROD_DR));
    assert_eq!(ends(&prod_dr, STANDBY).await, (id, other, one));
}

#[tokio::test]
async fn zones_and_health_checks_are_of_one_account() {
    let sim = simulated().await;
    let (network, prod) = (look(&sim, "network").await, look(&sim, "prod").await);
    let there = route53(&sim, &network);
    let checks = there.list_health_checks().send().await.unwrap();
    let zones = there.list_hosted_zones().send().await.unwrap();
    assert_eq!((checks.health_checks().len(), zones.hosted_zones().len()), (5, 1));
    let (check, zone) = (checks.health_checks()[0].id(), zones.hosted_zones()[0].id());
    there.get_health_check_status().health_check_id(check).send().await.unwrap();
    there.list_resource_record_sets().hosted_zone_id(zone).send().await.unwrap();
    for who in [&prod, &signed_in()] {
        let here = route53(&sim, who);
        assert!(here.list_health_checks().send().await.unwrap().health_checks().is_empty());
        assert!(here.list_hosted_zones().send().await.unwrap().hosted_zones().is_empty());
        assert_eq!(code(here.get_health_check().health_check_id(check).send().await), "NoSuchHealthCheck");
        assert_eq!(code(here.get_health_check_status().health_check_id(check).send().await), "NoSuchHealthCheck");
        assert_eq!(code(here.get_hosted_zone().id(zone).send().await), "NoSuchHostedZone");
        assert_eq!(code(here.list_resource_record_sets().hosted_zone_id(zone).send().await), "NoSuchHostedZone");
    }
}

#[tokio::test]
async fn servers_are_launched_by_the_role_to_act_of_their_own_account() {
    let sim = simulated().await;
    let (looks, acts, other) = (look(&sim, "prod-dr").await, act(&sim, "prod-dr").await, act(&sim, "prod").await);
    let here = drs(&sim, STANDBY, &looks);
    let servers = here.describe_source_servers().send().await.unwrap();
    assert_eq!(servers.items().len(), 6);
    let first = &servers.items()[0];
    assert!(first.arn().unwrap().starts_with("arn:aws:drs:us-east-2:444455556666:source-server/s-"));
    let origin = first.source_cloud_properties().unwrap().origin_account_id();
    assert_eq!(origin, Some(PROD), "it runs in another account");
    let id = first.source_server_id().unwrap();
    let start = |with: &Credentials| {
        let server = StartRecoveryRequestSourceServer::builder().source_server_id(id).build().unwrap();
        drs(&sim, STANDBY, with).start_recovery().source_servers(server).is_drill(true).tags("why", "test")
    };
    let (code, said) = refusal(start(&looks).send().await);
    assert_eq!(code, "AccessDeniedException");
    let who = "arn:aws:sts::444455556666:assumed-role/signalbox-look/test";
    assert!(said.starts_with(&format!("User: {who} is not authorized to perform: drs:StartRecovery on resource: ")));
    // Another account's role to act sees no such server.
    let (code, said) = refusal(start(&other).send().await);
    assert!(code == "ValidationException" && said.contains(id), "{code}: {said}");
    let seen = drs(&sim, STANDBY, &other).describe_source_servers().send().await.unwrap();
    assert!(seen.items().is_empty());
    let job = start(&acts).send().await.unwrap().job.unwrap();
    assert!(job.arn().unwrap().starts_with("arn:aws:drs:us-east-2:444455556666:job/drsjob-"), "{job:?}");
    let log = |with| drs(&sim, STANDBY, with).describe_job_log_items().job_id(job.job_id()).send();
    assert_eq!(here.describe_jobs().send().await.unwrap().items().len(), 1);
    log(&looks).await.unwrap();
    assert!(drs(&sim, STANDBY, &other).describe_jobs().send().await.unwrap().items().is_empty());
    assert_eq!(self::code(log(&other).await), "ValidationException");
}

/// The cluster is shared with all accounts: each reads it, and one acts on it.
#[tokio::test]
async fn controls_are_moved_by_the_role_to_act_of_the_clusters_account() {
    let sim = simulated().await;
    let arn = sim.estate().controls().nth(1).unwrap().arn.to_string();
    let update = |with: &Credentials| {
        let call = arc(&sim, with).update_routing_control_state().routing_control_arn(&arn);
        call.routing_control_state(RoutingControlState::On).send()
    };
    let others = [signed_in(), look(&sim, "network").await, look(&sim, "prod").await, act(&sim, "prod").await];
    for (n, who) in others.iter().enumerate() {
        let seen = arc(&sim, who).list_routing_controls().send().await.unwrap();
        assert_eq!((seen.routing_controls().len(), seen.routing_controls()[0].owner()), (2, Some(NETWORK)));
        control_config(&sim, who).list_clusters().send().await.unwrap();
        // Asked in turn, so that the quota of three changes a second says nothing.
        if n < 2 {
            let (code, said) = refusal(update(who).await);
            assert_eq!(code, "AccessDeniedException");
            assert!(said.contains(&format!("UpdateRoutingControlStates on resource: {arn}")), "{said}");
        }
    }
    update(&act(&sim, "network").await).await.unwrap();
    let second = &sim.estate().cluster.endpoints[1];
    let there =
        client!(aws_sdk_route53recoverycluster, second.url.clone(), second.region.to_string(), act(&sim, "prod").await);
    let call = there.update_routing_control_state().routing_control_arn(&arn);
    assert_eq!(code(call.routing_control_state(RoutingControlState::Off).send().await), "AccessDeniedException");
    let on = sim.control_states().into_iter().find(|(a, _)| a.as_str() == arn).unwrap().1;
    assert_eq!(on, signalbox::estate::ControlState::On);
}

fn query(id: &str, namespace: &str, metric: &str, dimension: (&str, &str), account: Option<&str>) -> MetricDataQuery {
    let dimension = Dimension::builder().name(dimension.0).value(dimension.1).build();
    let metric = Metric::builder().namespace(namespace).metric_name(metric).dimensions(dimension).build();
    let stat = MetricStat::builder().metric(metric).period(60).stat("Maximum").build();
    MetricDataQuery::builder().id(id).metric_stat(stat).set_account_id(account.map(str::to_owned)).build()
}

/// How many values a query gets, and its status.
async fn asked(sim: &Sim, with: &Credentials, account: Option<&str>) -> (bool, String) {
    let now = sim.world().with(|w| w.now()).as_second();
    let redis = query(
        "redis",
        "AWS/ElastiCache",
        "GlobalDatastoreReplicationLag",
        ("ReplicationGroupId", "portal-standby"),
        account,
    );
    let nothing = query("nothing", "No/Such", "X", ("A", "b"), None);
    let call = cloudwatch(sim, STANDBY, with).get_metric_data().metric_data_queries(redis).metric_data_queries(nothing);
    let answer =
        call.start_time(DateTime::from_secs(now - 600)).end_time(DateTime::from_secs(now)).send().await.unwrap();
    let of = |id: &str| answer.metric_data_results().iter().find(|r| r.id() == Some(id)).unwrap();
    assert_eq!(of("nothing").status_code().map(|s| s.as_str()), Some("Complete"), "the others are answered");
    (!of("redis").values().is_empty(), of("redis").status_code().unwrap().as_str().to_owned())
}

#[tokio::test]
async fn metrics_are_of_the_account_that_measures_and_a_monitoring_account_sees_all() {
    let sim = simulated().await;
    let (data, watch, prod) = (look(&sim, "data").await, look(&sim, "watch").await, look(&sim, "prod").await);
    let complete = |values: bool| (values, "Complete".to_owned());
    let forbidden = (false, "Forbidden".to_owned());
    assert_eq!(asked(&sim, &data, None).await, complete(true));
    assert_eq!(asked(&sim, &data, Some(DATA)).await, complete(true), "one's own may be named");
    assert_eq!(asked(&sim, &watch, None).await, complete(false), "without a name, one's own are asked");
    assert_eq!(asked(&sim, &watch, Some(DATA)).await, complete(true));
    assert_eq!(asked(&sim, &watch, Some(PROD)).await, complete(false), "it is not measured there");
    assert_eq!(asked(&sim, &watch, Some("999999999999")).await, forbidden);
    assert_eq!(asked(&sim, &prod, Some(DATA)).await, forbidden);

    let listed = async |with: &Credentials, linked: bool, owner: Option<&str>| {
        let call = cloudwatch(&sim, STANDBY, with).list_metrics().include_linked_accounts(linked);
        let answer = call.set_owning_account(owner.map(str::to_owned)).send().await.unwrap();
        let owners = answer.owning_accounts().to_vec();
        assert!(!linked || owners.len() == answer.metrics().len());
        (answer.metrics().len(), owners.into_iter().collect::<BTreeSet<_>>())
    };
    assert_eq!(listed(&watch, false, None).await, (0, BTreeSet::new()));
    let (all, owners) = listed(&watch, true, None).await;
    assert_eq!(owners, BTreeSet::from([PROD_DR, DATA].map(str::to_owned)));
    let (own, owners) = listed(&watch, true, Some(DATA)).await;
    assert_eq!((own, owners), (1, BTreeSet::from([DATA.to_owned()])));
    assert!(all > own);
    assert_eq!(listed(&data, true, None).await.0, own, "who monitors nobody sees its own");
    let without = cloudwatch(&sim, STANDBY, &watch).list_metrics().owning_account(DATA).send().await;
    assert_eq!(code(without), "ValidationError");
}

#[tokio::test]
async fn alarms_never_cross_accounts() {
    let sim = simulated().await;
    for (who, at, arns) in [
        ("prod", ACTIVE, vec!["arn:aws:cloudwatch:us-east-1:333344445555:alarm:critical-alb-healthy-us-east-1"]),
        ("data", STANDBY, vec!["arn:aws:cloudwatch:us-east-2:555566667777:alarm:critical-redis-lag-us-east-2"]),
        ("prod", STANDBY, vec![]),
        ("watch", ACTIVE, vec![]),
    ] {
        let with = look(&sim, who).await;
        let answer = cloudwatch(&sim, at, &with).describe_alarms().send().await.unwrap();
        let found: Vec<_> = answer.metric_alarms().iter().filter_map(|a| a.alarm_arn()).collect();
        assert_eq!(found, arns, "{who} in {at}");
    }
}

#[tokio::test]
async fn iam_judges_each_role_in_its_own_account() {
    let sim = simulated().await;
    let (prod, network) = (look(&sim, "prod").await, look(&sim, "network").await);
    let judged = async |with: &Credentials, who: &str, action: &str| {
        let call = iam(&sim, with).simulate_principal_policy().policy_source_arn(who).action_names(action);
        let key = aws_sdk_iam::types::ContextEntry::builder()
            .context_key_name("route53-recovery-cluster:AllowSafetyRulesOverrides")
            .context_key_values("false")
            .context_key_type("boolean".into());
        let answer = call.context_entries(key.build()).send().await.map_err(|e| e.code().map(str::to_owned))?;
        Ok::<_, Option<String>>(answer.evaluation_results()[0].eval_decision().as_str().to_owned())
    };
    let moves = "route53-recovery-cluster:UpdateRoutingControlStates";
    for (with, who, action, decision) in [
        (&prod, look_role("prod"), "drs:StartRecovery", "implicitDeny"),
        (&prod, look_role("prod"), "drs:TagResource", "implicitDeny"),
        (&prod, look_role("prod"), "drs:DescribeJobs", "allowed"),
        (&prod, act_role("prod"), "drs:StartRecovery", "allowed"),
        (&prod, act_role("prod"), moves, "implicitDeny"),
        (&network, look_role("network"), moves, "implicitDeny"),
        (&network, act_role("network"), moves, "allowed"),
    ] {
        assert_eq!(judged(with, &who.role, action).await.as_deref(), Ok(decision), "{}: {action}", who.role);
    }
    let other = judged(&prod, &look_role("network").role, moves).await;
    assert_eq!(other, Err(Some("NoSuchEntity".to_owned())));
    let role = iam(&sim, &network).get_role().role_name("signalbox-look").send().await.unwrap().role.unwrap();
    assert_eq!((role.arn(), role.path()), (look_role("network").role.as_str(), "/ops/"));
}
