//! A launch, and what is read of its job, against a DRS whose operations fail one by one.

use std::sync::Arc;
use std::time::Duration;

use signalbox::arc::Cluster;
use signalbox::aws::{Credentials, Deed, Sdk};
use signalbox::change::{Digest, Launch, LaunchServer, Point};
use signalbox::effect::LaunchOrder;
use signalbox::estate::{Estate, Region};
use signalbox::event::{Apart, DrsJob, DrsServer, Failure, FailureKind, Has, LaunchEnd, News, SourceId};
use signalbox::feeds::{self, Pace};
use signalbox::sim::world::{DrsAnswer, DrsCall, Permission};
use signalbox::sim::{Sim, SimOptions, What};
use signalbox::time::Span;

const STANDBY: &str = "us-east-2";

async fn simulated() -> (Sim, Sdk) {
    let estate = Estate::parse(include_str!("../support/estate.toml"), "estate.toml").unwrap();
    let sim = Sim::start(SimOptions::new(estate, "calm").unwrap()).await.unwrap();
    let sdk = Sdk::load(sim.estate(), Credentials::dummy()).await;
    (sim, sdk)
}

fn spoil(sim: &Sim, call: DrsCall, answer: DrsAnswer, done: bool) {
    sim.happen(What::DrsCallFails { call, region: Region::from(STANDBY), answer, done }, None);
}

async fn launch(sdk: &Sdk, order: &LaunchOrder) -> LaunchEnd {
    signalbox::launch::launch(&sdk.act(&Deed::of_nobody()), order).await
}

fn order(sim: &Sim) -> LaunchOrder {
    let region = Region::from(STANDBY);
    let first = sim.world().with(|w| w.source_servers(&region)).remove(0);
    let servers = vec![LaunchServer { id: first.id, name: first.hostname, point: None }];
    LaunchOrder {
        change: Digest::of("a change"),
        site: region.into(),
        launch: Launch { drill: true, servers, at: None },
    }
}

fn jobs(sim: &Sim) -> usize {
    sim.world().with(|w| w.jobs(&Region::from(STANDBY)).len())
}

/// Whatever DRS answers after it was asked, it may have launched: only the job's tag tells. And it is asked once.
#[tokio::test(flavor = "multi_thread")]
async fn must_hold_no_answer_of_drs_proves_that_nothing_was_launched() {
    let answers = [
        DrsAnswer::Refuse,
        DrsAnswer::Internal,
        DrsAnswer::Unavailable,
        DrsAnswer::Throttle,
        DrsAnswer::Conflict,
        DrsAnswer::Quota,
        DrsAnswer::Garbled,
    ];
    for answer in answers {
        for done in [true, false] {
            let (sim, sdk) = simulated().await;
            spoil(&sim, DrsCall::StartRecovery, answer, done);
            let end = launch(&sdk, &order(&sim)).await;
            assert!(matches!(end, LaunchEnd::Uncertain { .. }), "{answer:?}, done: {done}: {end:?}");
            assert_eq!(jobs(&sim), usize::from(done), "{answer:?}: sent once");
        }
    }
}

/// A refusal in DRS's own words is one of its answers too: whoever stands between can say them after the launch.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_uncertain_with_its_reason_and_what_never_left_was_not_sent() {
    for permission in [Permission::StartRecovery, Permission::TagResource] {
        let (sim, sdk) = simulated().await;
        sim.happen(What::PermissionDenied { permission }, None);
        let end = launch(&sdk, &order(&sim)).await;
        assert!(matches!(&end, LaunchEnd::Uncertain { why } if why.contains(permission.action())), "{end:?}");
    }
    let (sim, sdk) = simulated().await;
    let mut wrong = order(&sim);
    wrong.launch.servers[0].id = "s-nobody".into();
    let end = launch(&sdk, &wrong).await;
    assert!(matches!(&end, LaunchEnd::Uncertain { why } if why.contains("ValidationException")), "{end:?}");
    let mut gone = sim.estate().clone();
    gone.endpoints.drs.insert(Region::from(STANDBY), "http://127.0.0.1:9".into());
    let end = launch(&Sdk::load(&gone, Credentials::dummy()).await, &order(&sim)).await;
    assert!(matches!(&end, LaunchEnd::NotSent { why } if why.contains("cannot be reached")), "{end:?}");
    assert_eq!(jobs(&sim), 0);
}

/// What DRS of the standby region tells first.
async fn told(sim: &Sim, sdk: &Sdk) -> (Vec<DrsServer>, Result<Vec<DrsJob>, Failure>) {
    let News::Drs { servers, jobs, .. } = told_all(sim, sdk).await else { panic!("not DRS") };
    assert!(!servers.is_empty());
    (servers, jobs)
}

async fn told_all(sim: &Sim, sdk: &Sdk) -> News {
    let estate = sim.estate().clone();
    let (tx, mut rx) = tokio::sync::mpsc::channel(64);
    let clock = sim.clock();
    let cluster = Arc::new(Cluster::new(&estate, sdk));
    let feeds = feeds::spawn(Arc::new(estate), sdk, cluster, Pace { speed: 1.0 }, Arc::new(move || clock.now()), tx);
    let heard = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let heard = rx.recv().await.unwrap();
            if heard.source == SourceId::Drs(Region::from(STANDBY)) {
                return heard.news;
            }
        }
    });
    let news = heard.await.expect("DRS is heard");
    feeds.stop().await;
    news.unwrap_or_else(|f| panic!("{}", f.why))
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_cannot_be_read_are_not_no_jobs() {
    let unkind = [
        (DrsAnswer::Throttle, FailureKind::Throttled),
        (DrsAnswer::Internal, FailureKind::Service),
        (DrsAnswer::Refuse, FailureKind::Connect),
        (DrsAnswer::Garbled, FailureKind::Garbled),
        (DrsAnswer::NoEnd, FailureKind::Garbled),
    ];
    for (answer, kind) in unkind {
        let (sim, sdk) = simulated().await;
        assert!(matches!(launch(&sdk, &order(&sim)).await, LaunchEnd::Started { .. }));
        spoil(&sim, DrsCall::DescribeJobs, answer, false);
        let (_, jobs) = told(&sim, &sdk).await;
        assert_eq!(jobs.map_err(|f| f.kind), Err(kind), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_begins_with_an_empty_page_and_a_log_that_fails_lose_no_job() {
    let (sim, sdk) = simulated().await;
    let order = order(&sim);
    let LaunchEnd::Started { job } = launch(&sdk, &order).await else { panic!("not launched") };
    spoil(&sim, DrsCall::DescribeJobs, DrsAnswer::EmptyPage, false);
    spoil(&sim, DrsCall::DescribeJobLogItems, DrsAnswer::Throttle, false);
    let (_, jobs) = told(&sim, &sdk).await;
    let jobs = jobs.unwrap();
    assert_eq!((jobs.len(), &jobs[0].id, jobs[0].change), (1, &job, Some(order.change)));
    let failure = jobs[0].log_failure.as_ref().expect("its log's own failure");
    assert_eq!(failure.kind, FailureKind::Throttled);
}

/// What is sent is the snapshot that was found, and the instance holds no younger data.
#[tokio::test(flavor = "multi_thread")]
async fn a_launch_from_a_point_in_time_begins_from_the_snapshot_that_was_found() {
    let (sim, sdk) = simulated().await;
    let region = Region::from(STANDBY);
    let mut order = order(&sim);
    let server = order.launch.servers[0].id.clone();
    let taken: Vec<_> = sim.world().with(|w| w.recovery_snapshots(&region, &server));
    let (newest, older) = (&taken[0], &taken[2]);
    let at = older.taken.checked_add(Span::from_secs(60)).unwrap();
    let site = order.site.clone();
    let found = feeds::points(&sdk, &site, std::slice::from_ref(&server), at).await.unwrap();
    let Has::Point(point) = &found[0].has else { panic!("{found:?}") };
    assert_eq!((&point.id, point.taken <= at), (&older.id, true), "its newest that is not younger");
    assert_ne!(point.id, newest.id);
    let before = taken.last().unwrap().taken.checked_sub(Span::from_hours(1)).unwrap();
    let none = feeds::points(&sdk, &site, std::slice::from_ref(&server), before).await.unwrap();
    assert!(matches!(none[0].has, Has::Younger(oldest) if oldest >= before), "{none:?}");
    (order.launch.at, order.launch.servers[0].point) = (Some(at), Some(point.clone()));
    assert!(matches!(launch(&sdk, &order).await, LaunchEnd::Started { .. }));
    sim.world().with(|w| {
        let later = w.now().checked_add(Span::from_hours(2)).unwrap();
        w.advance(later);
        let instances = w.recovery_instances(&region);
        assert_eq!(instances.len(), 1);
        assert_eq!(instances[0].point_in_time, older.expected);
    });
}

/// A snapshot that is gone by then is refused by DRS, and nothing is launched in its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_drs_has_not_launches_nothing() {
    let (sim, sdk) = simulated().await;
    let mut order = order(&sim);
    order.launch.servers[0].point = Point::new("pit-00000000000000000", sim.clock().now());
    let end = launch(&sdk, &order).await;
    assert!(matches!(&end, LaunchEnd::Uncertain { why } if why.contains("ValidationException")), "{end:?}");
    assert_eq!(jobs(&sim), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_whose_replication_was_reversed_are_told_apart() {
    let (sim, sdk) = simulated().await;
    let all = sim.world().with(|w| w.source_servers(&Region::from(STANDBY)).len());
    sim.happen(What::DrsReversed { region: Region::from(STANDBY), servers: 2 }, None);
    let News::Drs { servers, apart, samples, .. } = told_all(&sim, &sdk).await else { panic!() };
    assert_eq!((servers.len(), apart.len()), (all - 2, 2));
    let east = Some(Region::from("us-east-1"));
    assert!(apart.iter().all(|s| s.why == Apart::Reversed(east.clone())), "{apart:?}");
    let counted = samples.iter().find(|s| s.key.reading.as_str() == "replicating").expect("it is counted");
    assert_eq!(counted.value.figure(), Some((all - 2) as f64));
}
