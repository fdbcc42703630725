//! The simulator's services as the real SDK's clients see them: answers, pages, errors, outages.

use crate::sim as support;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy, StatusCode};
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use signalbox::estate::Region;
use signalbox::sim::SharedWorld;
use signalbox::sim::scenario::What;
use signalbox::sim::services::Service;
use signalbox::sim::world::{Api, Reach};
use support::{ACTIVE, STANDBY, client, serve, world};

const SOON: Duration = Duration::from_secs(20);

fn requests(id: impl Into<String>, region: &str) -> MetricDataQuery {
    let balancer = Dimension::builder().name("LoadBalancer").value(format!("app/portal-{region}/50dc")).build();
    let metric =
        Metric::builder().namespace("AWS/ApplicationELB").metric_name("RequestCount").dimensions(balancer).build();
    let stat = MetricStat::builder().metric(metric).period(60).stat("Sum").build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

/// The last hour of the world.
fn hour(world: &SharedWorld) -> (DateTime, DateTime) {
    let now = world.with(|w| w.now()).as_second();
    (DateTime::from_secs(now - 3600), DateTime::from_secs(now))
}

fn break_api(world: &SharedWorld, api: Api, region: &str, answer: Reach) {
    let what = What::ApiFails { api, region: Region::from(region), answer };
    world.with(|w| w.happen(what, None, "test"));
}

#[tokio::test]
async fn cloudwatch_lists_and_measures_what_the_estate_reads() {
    let world = world(1.0);
    let listener = serve(Service::Cloudwatch, &world, ACTIVE).await;
    let cloudwatch = client!(aws_sdk_cloudwatch, listener.url(), ACTIVE);
    let listed = cloudwatch.list_metrics().namespace("AWS/ApplicationELB").send().await.unwrap();
    let names: BTreeSet<_> = listed.metrics().iter().filter_map(|m| m.metric_name()).collect();
    assert_eq!(names, BTreeSet::from(["HealthyHostCount", "RequestCount"]));
    let (start, end) = hour(&world);
    let unknown = Metric::builder().namespace("No/Such").metric_name("X").build();
    let unknown = MetricStat::builder().metric(unknown).period(60).stat("Average").build();
    let unknown = MetricDataQuery::builder().id("none").metric_stat(unknown).build();
    let data = cloudwatch
        .get_metric_data()
        .metric_data_queries(requests("here", ACTIVE))
        .metric_data_queries(unknown)
        .metric_data_queries(requests("elsewhere", STANDBY))
        .start_time(start)
        .end_time(end)
        .send()
        .await
        .unwrap();
    let of = |id: &str| data.metric_data_results().iter().find(|r| r.id() == Some(id)).unwrap();
    let here = of("here");
    assert!(here.values().len() > 50, "an hour of minutes, not {}", here.values().len());
    assert_eq!(here.values().len(), here.timestamps().len());
    assert!(here.timestamps().is_sorted_by(|a, b| a > b), "newest first where nothing else is asked");
    assert!(here.timestamps().iter().all(|t| *t >= start && *t < end));
    // No data is an empty series, not zero and not an error; another region's metrics are not here.
    for id in ["none", "elsewhere"] {
        assert_eq!((of(id).values(), of(id).status_code()), (&[][..], Some(&StatusCode::Complete)), "{id}");
    }
}

#[tokio::test]
async fn pages_of_metric_data_hold_every_point_once_while_time_passes() {
    let world = world(2_000.0);
    let listener = serve(Service::Cloudwatch, &world, ACTIVE).await;
    let cloudwatch = client!(aws_sdk_cloudwatch, listener.url(), ACTIVE);
    let (start, end) = hour(&world);
    // To the future, so that new points keep coming while the pages are read, newest first.
    let end = DateTime::from_secs(end.secs() + 86_400);
    for scan in [ScanBy::TimestampDescending, ScanBy::TimestampAscending] {
        let (mut token, mut seen, mut partial) = (None, Vec::new(), 0);
        loop {
            let page = cloudwatch
                .get_metric_data()
                .set_metric_data_queries(Some(vec![requests("a", ACTIVE), requests("b", ACTIVE)]))
                .start_time(start)
                .end_time(end)
                .scan_by(scan.clone())
                .max_datapoints(7)
                .set_next_token(token.take())
                .send()
                .await
                .unwrap();
            let points: usize = page.metric_data_results().iter().map(|r| r.values().len()).sum();
            assert!(points <= 7, "{points} points on a page");
            for result in page.metric_data_results() {
                partial += usize::from(result.status_code() == Some(&StatusCode::PartialData));
                seen.extend(result.timestamps().iter().map(|t| (result.id().unwrap_or_default().to_owned(), t.secs())));
            }
            token = page.next_token().map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
        let distinct: BTreeSet<_> = seen.iter().cloned().collect();
        assert_eq!(seen.len(), distinct.len(), "a point came twice");
        let of = |id: &str| distinct.iter().filter(|(i, _)| i == id).count();
        assert!(of("a") > 55, "{}", of("a"));
        assert_eq!(of("a"), of("b"));
        assert!(partial > 0, "a series that goes on says PartialData");
    }
}

#[tokio::test]
async fn cloudwatch_takes_500_queries_and_no_more() {
    let world = world(1.0);
    let listener = serve(Service::Cloudwatch, &world, ACTIVE).await;
    let cloudwatch = client!(aws_sdk_cloudwatch, listener.url(), ACTIVE);
    let (start, end) = hour(&world);
    let ask = |queries: Vec<MetricDataQuery>| {
        cloudwatch.get_metric_data().set_metric_data_queries(Some(queries)).start_time(start).end_time(end)
    };
    let many = |n: usize| (0..n).map(|i| requests(format!("q{i}"), ACTIVE)).collect::<Vec<_>>();
    assert_eq!(ask(many(500)).send().await.unwrap().metric_data_results().len(), 500);
    for (what, queries) in [
        ("501 queries", many(501)),
        ("none", vec![]),
        ("an id twice", vec![requests("a", ACTIVE), requests("a", ACTIVE)]),
        ("an id in capitals", vec![requests("A", ACTIVE)]),
        ("an expression", vec![MetricDataQuery::builder().id("e").expression("a/b").build()]),
    ] {
        let error = ask(queries).send().await.unwrap_err();
        assert_eq!(error.code(), Some("ValidationError"), "{what}");
    }
    let error = ask(many(1)).next_token("nonsense").send().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_next_token(), "{error:?}");
}

#[tokio::test]
async fn alarms_are_found_by_state_and_in_pages() {
    let world = world(1.0);
    let listener = serve(Service::Cloudwatch, &world, STANDBY).await;
    let cloudwatch = client!(aws_sdk_cloudwatch, listener.url(), STANDBY);
    let all = cloudwatch.describe_alarms().send().await.unwrap();
    assert!(all.metric_alarms().len() > 1);
    let page = cloudwatch.describe_alarms().max_records(1).send().await.unwrap();
    assert_eq!((page.metric_alarms().len(), page.next_token().is_some()), (1, true));
    let alarms = cloudwatch.describe_alarms().state_value("ALARM".into()).send().await.unwrap();
    assert_eq!(alarms.metric_alarms(), [], "nothing fails on a calm day");
    let none = cloudwatch.describe_alarms().alarm_names("no such").send().await.unwrap();
    assert_eq!(none.metric_alarms(), []);
}

#[tokio::test]
async fn route_53_metrics_are_in_us_east_1_only() {
    let world = world(1.0);
    for (region, there) in [(ACTIVE, true), (STANDBY, false)] {
        let listener = serve(Service::Cloudwatch, &world, region).await;
        let cloudwatch = client!(aws_sdk_cloudwatch, listener.url(), region);
        let listed = cloudwatch.list_metrics().namespace("AWS/Route53").send().await.unwrap();
        assert_eq!(!listed.metrics().is_empty(), there, "{region}");
    }
}

#[tokio::test]
async fn what_a_scenario_does_to_an_api_reaches_the_client() {
    let world = world(1.0);
    let listener = serve(Service::Ec2, &world, ACTIVE).await;
    let ec2 = client!(aws_sdk_ec2, listener.url(), ACTIVE);
    for (answer, code) in [(Reach::Throttle, "RequestLimitExceeded"), (Reach::Unavailable, "ServiceUnavailable")] {
        break_api(&world, Api::Ec2, ACTIVE, answer);
        let error = ec2.describe_instances().send().await.unwrap_err();
        assert_eq!(error.code(), Some(code));
        assert_eq!(error.raw_response().map(|r| r.status().as_u16()), Some(503));
        world.with(|w| w.mend());
    }
    break_api(&world, Api::Ec2, ACTIVE, Reach::Refuse);
    let error = ec2.describe_instances().send().await.unwrap_err();
    assert!(error.raw_response().is_none(), "{error:?}");
    world.with(|w| w.mend());
    break_api(&world, Api::Ec2, ACTIVE, Reach::Hang);
    let hung = tokio::time::timeout(Duration::from_millis(200), ec2.describe_instances().send()).await;
    assert!(hung.is_err(), "a hanging API does not answer");
    world.with(|w| w.mend());
    ec2.describe_instances().send().await.unwrap();
}

fn filter(name: &str, value: &str) -> aws_sdk_ec2::types::Filter {
    aws_sdk_ec2::types::Filter::builder().name(name).values(value).build()
}

#[tokio::test]
async fn ec2_finds_instances_by_tag_state_and_id() {
    let world = world(1.0);
    let listener = serve(Service::Ec2, &world, ACTIVE).await;
    let ec2 = client!(aws_sdk_ec2, listener.url(), ACTIVE);
    let ids = |answer: &aws_sdk_ec2::operation::describe_instances::DescribeInstancesOutput| {
        let instances = answer.reservations().iter().flat_map(|r| r.instances().iter());
        instances.filter_map(|i| i.instance_id().map(str::to_owned)).collect::<Vec<_>>()
    };
    let web =
        ec2.describe_instances().filters(filter("tag:Role", "w?b*")).filters(filter("instance-state-name", "running"));
    let web = ids(&web.send().await.unwrap());
    assert_eq!(web.len(), 7);
    let nobody = ec2.describe_instances().filters(filter("tag:Role", "nobody")).send().await.unwrap();
    assert_eq!(ids(&nobody), Vec::<String>::new());
    let one = ec2.describe_instances().instance_ids(&web[3]).send().await.unwrap();
    assert_eq!(ids(&one), [web[3].clone()]);
    let page = ec2.describe_instances().max_results(5).send().await.unwrap();
    assert_eq!(ids(&page).len(), 5);
    let rest = ec2.describe_instances().max_results(5).next_token(page.next_token().unwrap()).send().await.unwrap();
    assert!(ids(&rest).iter().all(|id| !ids(&page).contains(id)));
    let statuses = ec2.describe_instance_status().instance_ids(&web[0]).send().await.unwrap();
    let status = statuses.instance_statuses()[0].instance_status().and_then(|s| s.status());
    assert_eq!(status.map(|s| s.as_str()), Some("ok"));

    let error = ec2.describe_instances().instance_ids("i-0123456789abcdef0").send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidInstanceID.NotFound"));
    let error = ec2.describe_instances().filters(filter("colour", "red")).send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"));
    let error = ec2.describe_instance_status().filters(filter("tag:Role", "web")).send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"), "DescribeInstanceStatus knows no tags");
    let error = ec2.describe_instances().dry_run(true).send().await.unwrap_err();
    assert_eq!(error.code(), Some("DryRunOperation"));
}

#[tokio::test]
async fn ec2_knows_images_snapshots_tunnels_peerings_and_reservations() {
    let world = world(1.0);
    let listener = serve(Service::Ec2, &world, STANDBY).await;
    let ec2 = client!(aws_sdk_ec2, listener.url(), STANDBY);
    let now = world.with(|w| w.now()).as_second();
    let images = ec2.describe_images().owners("self").filters(filter("tag:Role", "web")).send().await.unwrap();
    assert!(!images.images().is_empty());
    for image in images.images() {
        let made: jiff::Timestamp = image.creation_date().unwrap().parse().unwrap();
        assert!(made.as_second() <= now);
    }
    assert_eq!(ec2.describe_images().owners("amazon").send().await.unwrap().images(), []);
    let snapshots = ec2.describe_snapshots().owner_ids("self").filters(filter("tag:Role", "web")).send().await.unwrap();
    assert!(snapshots.snapshots().iter().any(|s| s.start_time().is_some_and(|t| t.secs() > now - 3 * 86_400)));
    let vpns = ec2.describe_vpn_connections().send().await.unwrap();
    let tunnels: Vec<_> = vpns.vpn_connections().iter().flat_map(|v| v.vgw_telemetry()).collect();
    assert_eq!(tunnels.len(), 2);
    assert!(tunnels.iter().all(|t| t.status().is_some_and(|s| s.as_str() == "UP")));
    let peerings = ec2.describe_transit_gateway_peering_attachments().send().await.unwrap();
    let peering = &peerings.transit_gateway_peering_attachments()[0];
    assert_eq!(peering.state().map(|s| s.as_str()), Some("available"));
    assert_ne!(
        peering.requester_tgw_info().and_then(|i| i.region()),
        peering.accepter_tgw_info().and_then(|i| i.region())
    );
    let reservations = ec2.describe_capacity_reservations().send().await.unwrap();
    let reservation = &reservations.capacity_reservations()[0];
    assert!(reservation.available_instance_count() <= reservation.total_instance_count());
    let regions = ec2.describe_regions().send().await.unwrap();
    assert_eq!(regions.regions().iter().filter_map(|r| r.region_name()).collect::<Vec<_>>(), [ACTIVE, STANDBY]);
}

#[tokio::test]
async fn a_drill_runs_through_its_log_to_a_recovery_instance() {
    let world = world(2_000.0);
    let listener = serve(Service::Drs, &world, STANDBY).await;
    let drs = client!(aws_sdk_drs, listener.url(), STANDBY);
    let servers = drs.describe_source_servers().send().await.unwrap();
    let server = &servers.items()[0];
    let replication = server.data_replication_info().unwrap();
    let lag: jiff::SignedDuration = replication.lag_duration().unwrap().parse().unwrap();
    assert!(lag.as_secs() < 3600, "{lag}");
    let id = server.source_server_id().unwrap();
    let snapshots = drs.describe_recovery_snapshots().source_server_id(id).send().await.unwrap();
    assert!(snapshots.items().is_sorted_by(|a, b| a.timestamp() >= b.timestamp()), "newest first");

    let source = aws_sdk_drs::types::StartRecoveryRequestSourceServer::builder().source_server_id(id).build().unwrap();
    let start = || drs.start_recovery().source_servers(source.clone()).is_drill(true).tags("why", "test <&>");
    let job = start().send().await.unwrap().job.unwrap();
    assert_eq!(job.initiated_by().map(|i| i.as_str()), Some("START_DRILL"));
    let deadline = Instant::now() + SOON;
    let done = loop {
        let jobs = drs
            .describe_jobs()
            .filters(aws_sdk_drs::types::DescribeJobsRequestFilters::builder().job_ids(&job.job_id).build())
            .send()
            .await
            .unwrap();
        let found = jobs.items()[0].clone();
        if found.status().is_some_and(|s| s.as_str() == "COMPLETED") {
            break found;
        }
        assert!(Instant::now() < deadline, "the job does not end: {found:?}");
    };
    assert_eq!(done.participating_servers()[0].launch_status().map(|s| s.as_str()), Some("LAUNCHED"));
    let log = drs.describe_job_log_items().job_id(&job.job_id).send().await.unwrap();
    let events: Vec<_> = log.items().iter().filter_map(|i| i.event()).map(|e| e.as_str()).collect();
    assert_eq!((events.first(), events.last()), (Some(&"JOB_START"), Some(&"JOB_END")), "{events:?}");
    let instances = drs.describe_recovery_instances().send().await.unwrap();
    let instance = instances.items().iter().find(|i| i.source_server_id() == Some(id)).unwrap();
    assert!(instance.is_drill() == Some(true));
    // The model says so: a moment here, a duration on source servers.
    let lag = instance.data_replication_info().and_then(|d| d.lag_duration()).unwrap();
    assert!(lag.parse::<jiff::Timestamp>().is_ok(), "{lag}");
}

#[tokio::test]
async fn drs_refuses_what_cannot_be_started() {
    let world = world(1.0);
    let listener = serve(Service::Drs, &world, STANDBY).await;
    let drs = client!(aws_sdk_drs, listener.url(), STANDBY);
    let servers = drs.describe_source_servers().max_results(1).send().await.unwrap();
    assert!(servers.next_token().is_some());
    let id = servers.items()[0].source_server_id().unwrap();
    let source = |id: &str| {
        aws_sdk_drs::types::StartRecoveryRequestSourceServer::builder().source_server_id(id).build().unwrap()
    };
    drs.start_recovery().source_servers(source(id)).send().await.unwrap();
    let error = drs.start_recovery().source_servers(source(id)).send().await.unwrap_err().into_service_error();
    assert!(error.is_conflict_exception(), "{error:?}");
    for bad in ["s-00000000000000000", "nonsense"] {
        let error = drs.start_recovery().source_servers(source(bad)).send().await.unwrap_err();
        assert_eq!(error.code(), Some("ValidationException"), "{bad}");
    }
    let error = drs.describe_job_log_items().job_id("drsjob-00000000000000000").send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));
    break_api(&world, Api::Drs, STANDBY, Reach::Throttle);
    let error = drs.describe_jobs().send().await.unwrap_err().into_service_error();
    let aws_sdk_drs::operation::describe_jobs::DescribeJobsError::ThrottlingException(throttling) = error else {
        panic!("{error:?}");
    };
    assert_eq!(throttling.retry_after_seconds.as_deref(), Some("1"));
}

#[tokio::test]
async fn route_53_shows_checkers_for_endpoints_only() {
    let world = world(1.0);
    let listener = serve(Service::Route53, &world, ACTIVE).await;
    let route53 = client!(aws_sdk_route53, listener.url(), ACTIVE);
    let (mut checks, mut marker) = (Vec::new(), None);
    loop {
        let page = route53.list_health_checks().max_items(2).set_marker(marker).send().await.unwrap();
        assert!(page.health_checks().len() <= 2);
        checks.extend(page.health_checks().to_vec());
        marker = page.next_marker().map(str::to_owned);
        if !page.is_truncated() {
            break;
        }
    }
    let kinds = |kind: &str| {
        let of_kind =
            checks.iter().filter(move |c| c.health_check_config().is_some_and(|c| c.r#type().as_str() == kind));
        of_kind.map(|c| c.id().to_owned()).collect::<Vec<_>>()
    };
    let controls = kinds("RECOVERY_CONTROL");
    assert_eq!(controls.len(), 2);
    let endpoint = checks.iter().find(|c| !controls.contains(&c.id().to_owned())).unwrap().id();
    let status = route53.get_health_check_status().health_check_id(endpoint).send().await.unwrap();
    assert_eq!(status.health_check_observations().len(), 16);
    let words = status.health_check_observations()[0].status_report().and_then(|r| r.status()).unwrap();
    assert!(words.starts_with("Success"), "{words}");
    let failed = route53.get_health_check_last_failure_reason().health_check_id(endpoint).send().await.unwrap();
    assert_eq!(failed.health_check_observations(), []);
    let error = route53.get_health_check_status().health_check_id(&controls[0]).send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_input());
    let absent = "00000000-0000-0000-0000-000000000000";
    let error = route53.get_health_check().health_check_id(absent).send().await.unwrap_err();
    assert!(error.into_service_error().is_no_such_health_check());
}

#[tokio::test]
async fn route_53_lists_record_sets_in_pages() {
    let world = world(1.0);
    let listener = serve(Service::Route53, &world, ACTIVE).await;
    let route53 = client!(aws_sdk_route53, listener.url(), ACTIVE);
    let zones = route53.list_hosted_zones().send().await.unwrap();
    let zone = zones.hosted_zones()[0].id();
    let whole = route53.list_resource_record_sets().hosted_zone_id(zone).send().await.unwrap();
    let whole = whole.resource_record_sets().to_vec();
    let portal: Vec<_> = whole.iter().filter(|r| r.name() == "portal.example.com.").collect();
    let parts: BTreeSet<_> = portal.iter().filter_map(|r| r.failover()).map(|f| f.as_str()).collect();
    assert_eq!(parts, BTreeSet::from(["PRIMARY", "SECONDARY"]));
    assert!(portal.iter().all(|r| r.ttl() == Some(60) && r.health_check_id().is_some()));
    let (mut seen, mut next) = (Vec::new(), (None, None, None));
    loop {
        let (name, kind, id) = next;
        let page = route53
            .list_resource_record_sets()
            .hosted_zone_id(zone)
            .max_items(1)
            .set_start_record_name(name)
            .set_start_record_type(kind)
            .set_start_record_identifier(id)
            .send()
            .await
            .unwrap();
        seen.extend(page.resource_record_sets().to_vec());
        if !page.is_truncated() {
            break;
        }
        next = (
            page.next_record_name().map(str::to_owned),
            page.next_record_type().cloned(),
            page.next_record_identifier().map(str::to_owned),
        );
        assert!(seen.len() <= whole.len(), "pages without end");
    }
    assert_eq!(seen, whole);
    let error = route53.get_hosted_zone().id("Z000").send().await.unwrap_err();
    assert!(error.into_service_error().is_no_such_hosted_zone());
}

/// It is switched on beforehand, takes its time, and is not named for a zone that never had it.
#[tokio::test]
async fn route_53_switches_accelerated_recovery_on_for_a_zone() {
    // Slow enough to see it on its way, and fast enough to see it there.
    for (speed, ends) in
        [(1.0, [("ENABLING", false), ("ENABLING", false)]), (60_000.0, [("ENABLED", true), ("DISABLED", true)])]
    {
        let world = world(speed);
        let listener = serve(Service::Route53, &world, ACTIVE).await;
        let route53 = client!(aws_sdk_route53, listener.url(), ACTIVE);
        let zone = route53.list_hosted_zones().send().await.unwrap().hosted_zones()[0].id().to_owned();
        let status = || async {
            let found = route53.get_hosted_zone().id(&zone).send().await.unwrap().hosted_zone.unwrap();
            found.features.map(|f| f.accelerated_recovery_status.unwrap().as_str().to_owned())
        };
        assert_eq!(status().await, None);
        for (on, (end, taken)) in [true, false].into_iter().zip(ends) {
            let call = route53.update_hosted_zone_features().hosted_zone_id(&zone);
            let answer = call.enable_accelerated_recovery(on).send().await.map_err(|e| e.into_service_error());
            match answer {
                Ok(_) => assert!(on || taken, "the zone takes no second request before the first has ended"),
                Err(e) => assert!(!on && !taken && e.is_prior_request_not_complete(), "{e:?}"),
            }
            while status().await.as_deref() != Some(end) {}
        }
        let absent = route53.update_hosted_zone_features().hosted_zone_id("Z000").enable_accelerated_recovery(true);
        assert!(absent.send().await.unwrap_err().into_service_error().is_no_such_hosted_zone());
    }
}

#[tokio::test]
async fn sts_says_who_asks() {
    let world = world(1.0);
    let listener = serve(Service::Sts, &world, STANDBY).await;
    let sts = client!(aws_sdk_sts, listener.url(), STANDBY);
    let who = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(who.account(), Some("111122223333"));
    let elsewhere = client!(aws_sdk_sts, listener.url(), ACTIVE);
    let error = elsewhere.get_caller_identity().send().await.unwrap_err();
    assert_eq!(error.code(), Some("SignatureDoesNotMatch"));
}
