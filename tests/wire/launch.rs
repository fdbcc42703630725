//! A launch, and what is read of its job, against a DRS whose operations fail one by one.

use std::sync::Arc;
use std::time::Duration;

use signalbox::arc::Cluster;
use signalbox::aws::{Credentials, Deed, Sdk};
use signalbox::change::{Digest, Launch, LaunchServer};
use signalbox::effect::LaunchOrder;
use signalbox::estate::{Estate, Region};
use signalbox::event::{DrsJob, DrsServer, Failure, FailureKind, LaunchEnd, News, SourceId};
use signalbox::feeds::{self, Pace};
use signalbox::sim::world::{DrsAnswer, DrsCall, Permission};
use signalbox::sim::{Sim, SimOptions, What};

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
    let servers = vec![LaunchServer { id: first.id, name: first.hostname }];
    LaunchOrder { change: Digest::of("a change"), site: region.into(), launch: Launch { drill: true, servers } }
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
    let Ok(News::Drs { servers, jobs, .. }) = news else { panic!("{news:?}") };
    assert!(!servers.is_empty());
    (servers, jobs)
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
