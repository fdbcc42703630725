//! The simulated world: cause and effect, in the right order, the same every time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use signalbox::estate::{
    ControlState, Direction, Estate, Missing, Reading, Region, Service, Side, Sides, Source, System,
};
use signalbox::sim::scenario::{Happening, SHIPPED, Scenario, What};
use signalbox::sim::world::{Api, Family, JobEvent, Leads};
use signalbox::sim::world::{App, InstanceState, JobStatus, LaunchStatus, Metric, Reach, ReplicationState};
use signalbox::sim::{Temper, World};
use signalbox::time::{Span, Timestamp};

fn estate() -> Estate {
    static ESTATE: OnceLock<Estate> = OnceLock::new();
    let read = crate::one_account::one_account;
    ESTATE.get_or_init(read).clone()
}

fn start() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

fn secs(n: i64) -> Span {
    Span::from_secs(n)
}

fn quiet() -> Scenario {
    Scenario { title: "t".into(), about: "a".into(), seed: 7, happenings: Vec::new() }
}

fn world_of(happenings: Vec<(i64, Option<i64>, What)>) -> World {
    let happenings = happenings
        .into_iter()
        .map(|(at, lasts, what)| Happening { at: secs(at), lasts: lasts.map(secs), say: String::new(), what })
        .collect();
    World::new(Arc::new(estate()), &Scenario { happenings, ..quiet() }, 7, start())
}

fn at(world: &mut World, seconds: i64) {
    world.advance(start() + secs(seconds));
}

fn east() -> Region {
    Region::new("us-east-1")
}

fn ohio() -> Region {
    Region::new("us-east-2")
}

fn outage(apis_after: i64) -> What {
    What::RegionDown { region: east(), apis_after: secs(apis_after) }
}

/// Each CloudWatch reading and side with the metric behind it and the region it is read in.
fn cloudwatch_readings(estate: &Estate) -> Vec<(System, Reading, Side, Region, Metric)> {
    let mut all = Vec::new();
    for system in &estate.systems {
        let pair = estate.pair(&system.pair).unwrap();
        for reading in &system.readings {
            let Source::Cloudwatch { namespace, metric, dimensions, region, .. } = &reading.source else { continue };
            let sides: &[Side] = match reading.sides {
                Sides::Each => &Side::BOTH,
                Sides::Active => &[Side::Active],
                Sides::Standby | Sides::Link => &[Side::Standby],
                // Nothing replicates back before traffic has moved.
                Sides::Back => &[],
            };
            for side in sides {
                let home = pair.region(*side);
                let word = if *side == Side::Active { "active" } else { "standby" };
                let fill = |t: &str| t.replace("{region}", home.as_str()).replace("{side}", word);
                let dimensions = dimensions.iter().map(|(k, v)| (k.clone(), fill(v.on(*side)))).collect();
                let metric = Metric { namespace: namespace.clone(), name: metric.clone(), dimensions };
                let read_in = region.clone().unwrap_or_else(|| home.clone());
                all.push((system.clone(), reading.clone(), *side, read_in, metric));
            }
        }
    }
    all
}

/// The newest value of a reading, as a feed would read it.
fn newest(world: &World, reading: &Reading, region: &Region, metric: &Metric) -> Option<f64> {
    let Source::Cloudwatch { statistic, period, percent_of, .. } = &reading.source else { return None };
    let ask = |metric: &Metric| {
        let from = world.now() - *period * 4;
        world.metric_data(region, metric, statistic.as_str(), period.as_secs(), from, world.now()).last().map(|p| p.1)
    };
    let value = ask(metric)?;
    match percent_of {
        None => Some(value),
        Some(whole) => {
            let whole = ask(&Metric { name: whole.clone(), ..metric.clone() })?;
            Some(if whole == 0.0 { 0.0 } else { value / whole * 100.0 })
        }
    }
}

fn past(reading: &Reading, value: f64) -> bool {
    [reading.warn, reading.fail].into_iter().flatten().any(|limit| match reading.bad {
        Direction::Above => value > limit,
        Direction::Below => value < limit,
    })
}

#[test]
fn every_reading_of_the_reference_estate_is_there_and_calm_all_day() {
    let mut world = world_of(Vec::new());
    let readings = cloudwatch_readings(&estate());
    assert!(readings.len() > 50);
    let mut wrong = Vec::new();
    for hour in 0..24 {
        at(&mut world, hour * 3_600 + 61);
        for (system, reading, side, region, metric) in &readings {
            match newest(&world, reading, region, metric) {
                None if reading.missing() != Missing::Unknown => {}
                None => wrong.push(format!("{} {} {side:?}: no data", system.id, reading.id)),
                Some(v) if past(reading, v) => wrong.push(format!("{} {} {side:?}: {v}", system.id, reading.id)),
                Some(_) => assert!(world.metrics(region).contains(metric), "{metric:?} is not listed in {region}"),
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_other_source_answers_for_the_readings_that_want_it() {
    let mut world = world_of(Vec::new());
    at(&mut world, 30);
    for system in &estate().systems {
        let pair = world.estate().pair(&system.pair).unwrap().clone();
        for reading in &system.readings {
            let sides: &[Side] = match reading.sides {
                Sides::Each => &Side::BOTH,
                Sides::Active => &[Side::Active],
                Sides::Standby | Sides::Link => &[Side::Standby],
                // Nothing replicates back before traffic has moved.
                Sides::Back => &[],
            };
            for side in sides {
                let region = pair.region(*side);
                let age = |t: Option<Timestamp>| t.map(|t| world.now().duration_since(t).as_secs_f64());
                let fill = |t: &str| t.replace("{region}", region.as_str());
                let value = match &reading.source {
                    Source::Cloudwatch { .. } => continue,
                    Source::CloudwatchAlarms { prefix } => {
                        let sounding = |name: &str, state| {
                            name.starts_with(prefix) && state == signalbox::sim::world::AlarmState::Alarm
                        };
                        Some(world.alarms(region, sounding).len() as f64)
                    }
                    Source::DrsReplicating => {
                        let servers = world.source_servers(region);
                        Some(servers.iter().filter(|s| s.replication == ReplicationState::Continuous).count() as f64)
                    }
                    Source::DrsLag => world.source_servers(region).iter().map(|s| s.lag.as_secs_f64()).reduce(f64::max),
                    Source::DrsSnapshotAge => {
                        let servers = world.source_servers(region);
                        let ages = servers.iter().map(|s| {
                            age(world.recovery_snapshots(region, &s.id).first().map(|s| s.taken)).unwrap_or(f64::MAX)
                        });
                        ages.reduce(f64::max)
                    }
                    Source::Ec2Instances { tag, value } => {
                        let value = fill(value);
                        let mut all = world.instances(region);
                        all.retain(|i| i.tags.get(tag) == Some(&value) && i.state == InstanceState::Running);
                        Some(all.len() as f64)
                    }
                    Source::Ec2ImageAge { tag, value } => {
                        let value = fill(value);
                        age(world
                            .images(region)
                            .iter()
                            .filter(|i| i.tags.get(tag) == Some(&value))
                            .map(|i| i.created)
                            .max())
                    }
                    Source::Ec2SnapshotAge { tag, value } => {
                        let value = fill(value);
                        let mut all = world.snapshots(region);
                        all.retain(|i| i.tags.get(tag) == Some(&value));
                        age(all.iter().map(|i| i.started).max())
                    }
                    Source::Ec2VpnTunnels => {
                        Some(world.vpns(region).iter().flat_map(|v| &v.tunnels).filter(|t| t.up).count() as f64)
                    }
                    Source::Ec2TransitGatewayPeerings => {
                        Some(world.peerings(region).iter().filter(|p| p.available).count() as f64)
                    }
                    Source::Ec2CapacityReservations => {
                        Some(world.reservations(region).iter().map(|r| f64::from(r.available)).sum())
                    }
                };
                let value = value.unwrap_or_else(|| panic!("{} {} {side:?}: nothing", system.id, reading.id));
                assert!(!past(reading, value), "{} {} {side:?}: {value}", system.id, reading.id);
            }
        }
    }
}

fn portal() -> Service {
    estate().services.into_iter().find(|s| s.name.as_str() == "portal").unwrap()
}

/// The first reading of CloudWatch with this metric name in a region.
fn reading_of(name: &str, region: &Region) -> (Reading, Metric) {
    let found = cloudwatch_readings(&estate()).into_iter().find(|(_, _, _, r, m)| r == region && m.name == name);
    let (_, reading, _, _, metric) = found.unwrap();
    (reading, metric)
}

#[test]
fn an_outage_takes_targets_then_checks_then_apis() {
    let mut world = world_of(vec![(60, None, outage(240))]);
    let check =
        estate().health_checks.iter().find(|c| c.service == portal().name && c.region == east()).unwrap().clone();
    let (reading, hosts) = reading_of("HealthyHostCount", &east());
    let (mut app_down, mut targets_down, mut first_checker, mut unhealthy, mut apis_gone) =
        (None, None, None, None, None);
    let portal = portal();
    for second in 0..400 {
        at(&mut world, second);
        let note = |slot: &mut Option<i64>, happened: bool| {
            if happened && slot.is_none() {
                *slot = Some(second);
            }
        };
        note(&mut app_down, world.app(&portal.name, &east()) != App::Up);
        let seen = world.health_check_observations(check.id.as_str()).unwrap();
        note(&mut first_checker, seen.iter().any(|o| !o.healthy));
        note(&mut unhealthy, world.health_check_healthy(check.id.as_str(), world.now()) == Some(false));
        let value = newest(&world, &reading, &east(), &hosts);
        note(&mut targets_down, value == Some(0.0));
        note(&mut apis_gone, world.reach(&east(), Api::Cloudwatch) == Reach::Hang);
        if second < 60 {
            assert_eq!(seen.iter().filter(|o| o.healthy).count(), 16);
        }
    }
    let (app, targets, first, bad) =
        (app_down.unwrap(), targets_down.unwrap(), first_checker.unwrap(), unhealthy.unwrap());
    assert_eq!(app, 60);
    assert!(targets > app && targets <= app + 90, "targets at {targets}");
    // A checker asks every 30 s and turns at the second failure.
    assert!(first >= app + 30 && first <= app + 60, "first checker at {first}");
    assert!(bad > first && bad <= app + 60, "unhealthy at {bad}");
    assert_eq!(apis_gone, Some(300));
    assert!(world.metric_data(&east(), &hosts, "Minimum", 60, start() + secs(240), world.now()).is_empty());
    // Route 53's servers and checkers are everywhere; its API and its metrics are in us-east-1.
    assert_eq!(world.reach(&ohio(), Api::Route53), Reach::Hang);
    assert_eq!(world.app(&portal.name, &east()), App::Dark);
    assert_eq!(world.app(&portal.name, &ohio()), App::Up);
    let dimensions = [("HealthCheckId".to_owned(), check.id.to_string())].into();
    let metric = Metric { namespace: "AWS/Route53".into(), name: "HealthCheckStatus".into(), dimensions };
    assert!(world.metrics(&east()).contains(&metric));
    assert!(!world.metrics(&ohio()).contains(&metric));
    let points = world.metric_data(&east(), &metric, "Minimum", 60, start(), world.now());
    assert_eq!(points.first().map(|p| p.1), Some(1.0));
    assert!(points.last().unwrap().0 < start() + secs(300), "no data once the region is dark");
}

#[test]
fn a_flip_turns_its_check_at_once_then_dns_resolver_by_resolver_then_requests() {
    let mut world = world_of(Vec::new());
    let portal = portal();
    let (off, on) = (portal.control(&east()).unwrap().clone(), portal.control(&ohio()).unwrap().clone());
    at(&mut world, 600);
    let resolvers = estate().resolvers;
    let where_to = |w: &World| -> Vec<Region> {
        resolvers.iter().map(|r| w.resolve(r, "portal.guidingcare.com").unwrap().region).collect()
    };
    assert!(where_to(&world).iter().all(|r| *r == east()));
    let entries = [(off.arn.clone(), ControlState::Off), (on.arn.clone(), ControlState::On)];
    world.set_controls(&east(), &entries);
    // The recovery checks follow without a checker.
    assert_eq!(world.health_check_healthy(off.health_check.as_ref().unwrap().as_str(), world.now()), Some(false));
    assert_eq!(world.health_check_healthy(on.health_check.as_ref().unwrap().as_str(), world.now()), Some(true));
    assert!(where_to(&world).iter().all(|r| *r == east()), "no resolver can know yet");
    let (mut moved, mut share) = (Vec::new(), Vec::new());
    for second in 0..260 {
        at(&mut world, 600 + second);
        moved.push(where_to(&world).iter().filter(|r| **r == ohio()).count());
        share.push(world.traffic_share(&portal, &ohio(), world.now()));
        let ttl = world.resolve(&resolvers[0], "portal.guidingcare.com").unwrap().ttl;
        assert!((1..=60).contains(&ttl));
    }
    assert!(moved.is_sorted() && share.is_sorted(), "nothing moves back");
    assert!(moved.iter().any(|n| *n > 0 && *n < resolvers.len()), "they turn one by one: {moved:?}");
    assert_eq!(moved[64], resolvers.len(), "all within the TTL and a little");
    assert!(share[0] < 0.05 && share[30] > 0.2 && share[30] < 0.8, "{share:?}");
    assert!(share[66] > 0.9 && share[66] < 1.0, "a few caches are stubborn: {}", share[66]);
    assert_eq!(share.last(), Some(&1.0));
    let count = |world: &World, region: &Region| {
        let (reading, metric) = reading_of("RequestCount", region);
        let Source::Cloudwatch { .. } = reading.source else { panic!() };
        let points = world.metric_data(region, &metric, "Sum", 60, start(), world.now());
        let at = |when: Timestamp| points.iter().find(|(at, _)| *at <= when && when < *at + secs(60)).map(|(_, v)| *v);
        (at(start() + secs(150)), at(world.now() - secs(90)))
    };
    let (before, after) = count(&world, &east());
    assert!(before.is_some_and(|n| n > 500.0) && after.is_none(), "nobody calls any more: {before:?} {after:?}");
    let (before, after) = count(&world, &ohio());
    assert!(before.is_none() && after.is_some_and(|n| n > 500.0), "{before:?} {after:?}");
}

#[test]
fn the_other_endpoints_see_a_change_a_moment_later() {
    let mut world = world_of(Vec::new());
    let control = portal().control(&ohio()).unwrap().arn.clone();
    let endpoints: Vec<Region> = estate().cluster.endpoints.iter().map(|e| e.region.clone()).collect();
    at(&mut world, 10);
    world.set_controls(&endpoints[1], &[(control.clone(), ControlState::On)]);
    let on = |world: &World| {
        endpoints.iter().filter(|e| world.control_seen(&control, e).unwrap().state == ControlState::On).count()
    };
    assert_eq!(on(&world), 1);
    world.advance(start() + secs(10) + Span::from_millis(49));
    assert_eq!(on(&world), 1);
    world.advance(start() + secs(10) + Span::from_millis(301));
    assert_eq!(on(&world), 5);
}

fn lag_metric() -> (System, Region, Metric) {
    let all = cloudwatch_readings(&estate());
    let (system, _, _, region, metric) =
        all.into_iter().find(|(_, _, _, r, m)| m.name == "GlobalDatastoreReplicationLag" && *r == ohio()).unwrap();
    (system, region, metric)
}

fn lag_now(world: &World) -> f64 {
    let (_, region, metric) = lag_metric();
    world.metric_data(&region, &metric, "Maximum", 60, world.now() - secs(120), world.now()).last().unwrap().1
}

#[test]
fn a_stalled_replica_falls_behind_second_by_second_and_drains_after() {
    let stall = What::ReplicationStall { systems: vec![lag_metric().0.id] };
    let mut world = world_of(vec![(60, Some(600), stall)]);
    at(&mut world, 60);
    assert!(lag_now(&world) < 1.0);
    at(&mut world, 360);
    let mid = lag_now(&world);
    assert!((299.0..302.0).contains(&mid), "{mid}");
    at(&mut world, 660);
    assert!(lag_now(&world) > 590.0);
    at(&mut world, 720);
    assert!((200.0..300.0).contains(&lag_now(&world)), "it drains: {}", lag_now(&world));
    at(&mut world, 900);
    assert!(lag_now(&world) < 1.0);
}

#[test]
fn an_outage_of_the_source_freezes_the_last_lag() {
    let stall = What::ReplicationStall { systems: vec![lag_metric().0.id] };
    let mut world = world_of(vec![(60, None, stall), (180, None, outage(0))]);
    at(&mut world, 240);
    let first = lag_now(&world);
    assert!((119.0..122.0).contains(&first), "{first}");
    at(&mut world, 1_800);
    assert_eq!(lag_now(&world), first);
}

#[test]
fn a_failed_source_disconnects_its_servers_and_leaves_their_snapshots() {
    let mut world = world_of(vec![(60, None, outage(0))]);
    at(&mut world, 30);
    let before = world.source_servers(&ohio());
    assert!(!before.is_empty() && before.iter().all(|s| s.replication == ReplicationState::Continuous));
    at(&mut world, 1_260);
    let after = world.source_servers(&ohio());
    assert!(after.iter().all(|s| s.replication == ReplicationState::Disconnected));
    let snapshots = world.recovery_snapshots(&ohio(), &after[0].id);
    assert!(!snapshots.is_empty() && snapshots.iter().all(|s| s.taken < start() + secs(81)));
}

#[test]
fn a_recovery_goes_through_its_log() {
    let mut world = world_of(Vec::new());
    at(&mut world, 10);
    let servers: Vec<(String, Option<String>)> =
        world.source_servers(&ohio()).into_iter().take(2).map(|s| (s.id, None)).collect();
    let job = world.start_recovery(&ohio(), &servers, true, [("who".to_owned(), "alice".to_owned())].into()).unwrap();
    assert_eq!(job.status, JobStatus::Pending);
    assert!(
        world.start_recovery(&ohio(), &servers, true, Default::default()).is_err(),
        "a server is in one job at a time"
    );
    assert!(world.start_recovery(&east(), &servers, true, Default::default()).is_err(), "not known there");
    let mut statuses = vec![job.status];
    let mut launches = Vec::new();
    for second in 10..900 {
        at(&mut world, second);
        let now = world.jobs(&ohio()).into_iter().find(|j| j.id == job.id).unwrap();
        if statuses.last() != Some(&now.status) {
            statuses.push(now.status);
        }
        if launches.last() != Some(&now.servers[0].1) {
            launches.push(now.servers[0].1);
        }
    }
    assert_eq!(statuses, [JobStatus::Pending, JobStatus::Started, JobStatus::Completed]);
    assert_eq!(launches, [LaunchStatus::Pending, LaunchStatus::InProgress, LaunchStatus::Launched]);
    let log = world.job_log(&ohio(), &job.id).unwrap();
    assert!(log.is_sorted_by_key(|l| l.at));
    let of_first: Vec<JobEvent> = log
        .iter()
        .filter(|l| l.source_server_id.as_ref().is_none_or(|s| *s == servers[0].0))
        .map(|l| l.event)
        .collect();
    use JobEvent::{ConversionEnd, ConversionStart, JobEnd, JobStart, LaunchStart, SnapshotEnd, SnapshotStart};
    assert_eq!(of_first, [JobStart, SnapshotStart, SnapshotEnd, ConversionStart, ConversionEnd, LaunchStart, JobEnd]);
    let standing = world.recovery_instances(&ohio());
    assert_eq!(standing.len(), 2);
    let ec2 = world.instances(&ohio());
    assert!(standing.iter().all(|r| ec2.iter().any(|i| i.id == r.id && i.state == InstanceState::Running)));
    let server = world.source_servers(&ohio()).into_iter().find(|s| s.id == servers[0].0).unwrap();
    assert!(server.recovery_instance_id.is_some());
}

#[test]
fn a_launch_that_ec2_refuses_fails_and_the_job_still_completes() {
    let what = What::ApiFails { api: Api::Ec2, region: ohio(), answer: Reach::Unavailable };
    let mut world = world_of(vec![(0, None, what)]);
    let server = world.source_servers(&ohio())[0].id.clone();
    let job = world.start_recovery(&ohio(), &[(server, None)], false, Default::default()).unwrap();
    at(&mut world, 900);
    let job = world.jobs(&ohio()).into_iter().find(|j| j.id == job.id).unwrap();
    assert_eq!((job.status, job.servers[0].1), (JobStatus::Completed, LaunchStatus::Failed));
    assert!(world.job_log(&ohio(), &job.id).unwrap().iter().any(|l| l.event == JobEvent::LaunchFailed));
}

#[test]
fn a_brownout_shows_in_errors_and_time_while_everything_answers() {
    let what = What::ServiceSlow {
        services: vec![portal().name],
        region: east(),
        errors: 0.38,
        latency: Span::from_millis(1_900),
    };
    let mut world = world_of(vec![(60, None, what)]);
    at(&mut world, 361);
    let (reading, metric) = reading_of("HTTPCode_Target_5XX_Count", &east());
    let share = newest(&world, &reading, &east(), &metric).unwrap();
    assert!((30.0..45.0).contains(&share), "{share}");
    let (reading, metric) = reading_of("TargetResponseTime", &east());
    assert!(newest(&world, &reading, &east(), &metric).unwrap() > 1.5);
    assert_eq!(world.reach(&east(), Api::Cloudwatch), Reach::Ok);
    let portal = portal();
    let fails = (0..1_000).filter(|n| world.request_fails(&portal.name, &east(), *n)).count();
    assert!((330..430).contains(&fails), "{fails}");
    let (reading, metric) = reading_of("HTTPCode_Target_5XX_Count", &ohio());
    assert_eq!(newest(&world, &reading, &ohio(), &metric), None, "nobody calls there");
}

#[test]
fn what_is_mended_comes_back() {
    let mut world = world_of(vec![(60, None, outage(0))]);
    at(&mut world, 300);
    assert_eq!(world.reach(&east(), Api::Ec2), Reach::Hang);
    world.mend();
    assert_eq!(world.reach(&east(), Api::Ec2), Reach::Ok);
    assert_eq!(world.app(&portal().name, &east()), App::Up);
    let check = estate().health_checks.iter().find(|c| c.region == east()).unwrap().id.clone();
    assert_eq!(world.health_check_healthy(check.as_str(), world.now()), Some(false), "checkers take their time");
    at(&mut world, 365);
    assert_eq!(world.health_check_healthy(check.as_str(), world.now()), Some(true));
}

/// Everything that can be asked, as text.
fn everything(world: &World) -> String {
    let mut out = String::new();
    for region in [east(), ohio()] {
        for metric in world.metrics(&region) {
            let points = world.metric_data(&region, &metric, "Average", 60, start(), world.now());
            out.push_str(&format!("{metric:?} {points:?}\n"));
        }
        out.push_str(&format!("{:?}{:?}", world.instances(&region), world.source_servers(&region)));
        out.push_str(&format!("{:?}{:?}", world.alarms(&region, |_, _| true), world.images(&region)));
    }
    out
}

#[test]
fn the_same_seed_gives_the_same_world_however_often_it_is_looked_at() {
    let make = |seed| {
        let estate = estate();
        let scenario = Scenario::shipped("region-outage", &estate).unwrap().unwrap();
        World::new(Arc::new(estate), &scenario, seed, start())
    };
    let (mut one, mut two, mut other) = (make(7), make(7), make(8));
    at(&mut one, 200);
    for second in 0..=200 {
        at(&mut two, second);
        let _ = two.alarms(&ohio(), |_, _| true);
    }
    at(&mut other, 200);
    assert_eq!(everything(&one), everything(&two));
    assert_ne!(everything(&one), everything(&other));
}

#[test]
fn alarms_follow_their_metrics() {
    let mut world = world_of(vec![(60, None, outage(600))]);
    at(&mut world, 50);
    use signalbox::sim::world::AlarmState;
    let calm = world.alarms(&east(), |_, _| true);
    assert!(calm.iter().all(|a| a.state != AlarmState::Alarm), "{calm:#?}");
    // What is published only if something failed leaves its alarm without data.
    let of = |state| calm.iter().filter(|a| a.state == state).count();
    assert!(of(AlarmState::Ok) > 10 && of(AlarmState::InsufficientData) > 3, "{calm:#?}");
    at(&mut world, 300);
    let now = world.alarms(&east(), |_, _| true);
    let (bad, rest): (Vec<_>, Vec<_>) = now.into_iter().partition(|a| a.state == AlarmState::Alarm);
    assert!(!bad.is_empty() && bad.iter().all(|a| a.since > start() && a.since <= world.now()));
    assert!(!rest.is_empty());
}

#[test]
fn record_sets_tie_each_name_to_the_checks_of_its_controls() {
    let world = world_of(Vec::new());
    let zones = world.hosted_zones();
    assert_eq!(zones.len(), 1);
    let records = world.record_sets(&zones[0].id).unwrap();
    assert_eq!(zones[0].records, records.len() as i64);
    let portal_records: Vec<_> = records.iter().filter(|r| r.name == "portal.guidingcare.com.").collect();
    assert_eq!(portal_records.len(), 2);
    for control in &portal().controls {
        let check = control.health_check.as_ref().map(ToString::to_string);
        assert!(portal_records.iter().any(|r| r.health_check == check && matches!(r.leads, Leads::To { ttl: 60, .. })));
    }
    assert!(records.iter().any(|r| r.name.starts_with("\\052.")));
    assert!(world.record_sets("Znope").is_none());
}

/// As Route 53 has them: an alias has no time to live of its own and no value, and there is one for each family.
#[test]
fn an_unkind_world_has_aliases_and_answers_with_addresses_that_change() {
    let mut world = world_of(Vec::new()).tempered(Temper::Unkind);
    let zone = world.hosted_zones()[0].id.clone();
    let records = world.record_sets(&zone).unwrap();
    let of = |name: &str| records.iter().filter(|r| r.name == name).collect::<Vec<_>>();
    let found = of("portal.guidingcare.com.");
    let kinds: Vec<_> = found.iter().map(|r| (r.kind.as_str(), r.set_identifier.as_deref().unwrap())).collect();
    assert_eq!(kinds, [("A", "us-east-1"), ("A", "us-east-2"), ("AAAA", "us-east-1"), ("AAAA", "us-east-2")]);
    let target = portal().control(&ohio()).unwrap().target[0].clone();
    let alias = Leads::Alias { zone: "Z3AADJGX6KTTL2".into(), name: format!("{target}.") };
    assert_eq!(found[1].leads, alias);
    assert!(of("portal.us-east-1.elb.guidingcare.com.").iter().all(|r| r.health_check.is_none()));

    let resolver = world.estate().resolvers[0].clone();
    let four = |world: &World, name: &str| world.behind(&resolver, name, Family::Four).unwrap().addresses;
    let targets: Vec<String> =
        world.estate().services.iter().flat_map(|s| &s.controls).flat_map(|c| c.target.clone()).collect();
    let mut seen: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    for hour in 0..8 {
        at(&mut world, hour * 3600);
        for target in &targets {
            let now = four(&world, target);
            assert!((2..=8).contains(&now.len()), "{target}: {now:?}");
            seen.entry(target.clone()).or_default().extend(now);
        }
    }
    for (target, all) in &seen {
        assert!(all.len() > four(&world, target).len(), "{target}: they come and go");
        let others = seen.iter().filter(|(other, _)| *other != target);
        assert!(others.into_iter().all(|(_, other)| other.is_disjoint(all)), "{target} shares addresses with another");
    }
    // The alias has what its target has, and no name that is none of the estate's has anything.
    let name = four(&world, "portal.guidingcare.com");
    assert!(seen.iter().any(|(target, all)| target.contains("portal-1") && name.iter().all(|a| all.contains(a))));
    assert!(world.behind(&resolver, "portal-1.us-east-1.elb.amazonaws.com", Family::Four).is_none());
    let six = targets.iter().filter(|t| !world.behind(&resolver, t, Family::Six).unwrap().addresses.is_empty()).count();
    assert!(six > 0 && six < targets.len(), "{six} of {} have both families", targets.len());
}

#[test]
fn every_shipped_scenario_is_understood() {
    let estate = estate();
    for (name, _) in SHIPPED {
        let scenario = Scenario::shipped(name, &estate).unwrap().unwrap_or_else(|e| panic!("{e}"));
        assert!(!scenario.title.is_empty() && scenario.about.len() > 20);
    }
    assert!(Scenario::load("no-such", &estate).unwrap_err().to_string().contains("region-outage"));
}

#[test]
fn a_bad_scenario_says_everything_that_is_wrong_and_where() {
    let text = r#"title = "t"
about = "a"
[[happening]]
at = "soon"
what = "region-down"
region = "us-east-9"

[[happening]]
at = "1 min"
what = "region-dwon"

[[happening]]
at = "2 min"
what = "service-down"
region = "active"
latency = "1 s"

[[happening]]
at = "3 min"
what = "reading-set"
system = "x"
value = 3.0

[[happening]]
at = "4 min"
what = "endpoints"
endpoints = ["1", "us-east-9"]
answer = "hang"
"#;
    let faults = Scenario::parse(text, "mine.toml", &estate()).unwrap_err().to_string();
    let lines: Vec<&str> = faults.lines().collect();
    assert_eq!(
        lines,
        [
            "mine.toml:4:6: `soon` is not a span of time such as `20 s` or `1 min 30 s`",
            "mine.toml:6:10: no region is called `us-east-9`; did you mean `us-east-2`?",
            "mine.toml:10:8: no happening is called `region-dwon`; did you mean `region-down`?",
            "mine.toml:16:11: `latency` has no meaning in a `service-down`",
            "mine.toml:18:1: a `reading-set` needs `reading`",
            "mine.toml:27:19: no cluster endpoint is called `us-east-9`; did you mean `us-east-1`?",
        ]
    );
    let unknown = Scenario::parse("title = \"t\"\nabout = \"a\"\nsped = 3\n", "s.toml", &estate()).unwrap_err();
    assert!(unknown.to_string().starts_with("s.toml:3:1: "), "{unknown}");
}
