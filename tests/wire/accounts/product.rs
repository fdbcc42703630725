//! The console itself in such an estate: it takes its roles, hears of everything, and acts under its own name.

use super::*;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use signalbox::arc::Cluster;
use signalbox::aws::{Credentials as Signed, Deed, Sdk};
use signalbox::change::{Digest, Launch, LaunchServer};
use signalbox::cli::doctor::{Line, Patient, Verdict, examine, shown};
use signalbox::effect::LaunchOrder;
use signalbox::estate::Site;
use signalbox::event::{LaunchEnd, SignInFor, SourceId};
use signalbox::feeds::{self, Pace};
use signalbox::sim::What;
use signalbox::sim::world::{Api, Call, Hand};
use signalbox::time::Timestamp;

const SOON: Duration = Duration::from_secs(20);

async fn signed(sim: &Sim) -> Sdk {
    let sdk = Sdk::load(sim.estate(), Signed::dummy()).await;
    sdk.signed_in().await;
    sdk
}

/// What alice asked for, in an account.
fn deed(change: Digest, account: &str) -> Deed {
    Deed::of(&"alice".into(), &change.words(), [(account.into(), SignInFor::Act(account.into(), change))])
}

#[tokio::test(flavor = "multi_thread")]
async fn it_looks_into_each_account_and_hears_of_everything() {
    let sim = simulated().await;
    let sdk = signed(&sim).await;
    for account in ["network", "prod", "prod-dr", "data", "watch"] {
        let look = sdk.look(Some(&account.into()));
        assert!(look.held.is_some() && look.failing.is_none(), "{account}: {look:?}");
    }
    let cluster = Arc::new(Cluster::new(sim.estate(), &sdk));
    let (tx, mut rx) = tokio::sync::mpsc::channel(64);
    let clock = sim.clock();
    let now = Arc::new(move || clock.now());
    let feeds = feeds::spawn(Arc::new(sim.estate().clone()), &sdk, cluster, Pace { speed: 1.0 }, now, tx);
    let mut missing: BTreeSet<SourceId> = feeds.sources().cloned().collect();
    let mut bad = BTreeMap::new();
    let ended = tokio::time::timeout(SOON, async {
        while !missing.is_empty() {
            let heard = rx.recv().await.unwrap();
            match heard.news {
                Ok(_) => drop(missing.remove(&heard.source)),
                Err(why) => drop(bad.insert(heard.source, why)),
            }
        }
    });
    assert!(ended.await.is_ok(), "not heard from {missing:?}: {bad:#?}");
    feeds.stop().await;
    // Each thing is asked by what looks into its account, and by nobody else.
    let asked: BTreeSet<(Api, String)> =
        sim.trail().into_iter().filter(|c| c.api != Api::Sts).map(|c| (c.api, c.caller.account)).collect();
    let network = [(Api::Route53, NETWORK), (Api::ArcEndpoint, NETWORK)];
    let prod = [(Api::Ec2, PROD), (Api::Ec2, PROD_DR), (Api::Drs, PROD_DR), (Api::Cloudwatch, WATCH)];
    let wanted: BTreeSet<_> = network.into_iter().chain(prod).map(|(api, id)| (api, id.to_owned())).collect();
    assert_eq!(asked, wanted);
    let names: BTreeSet<_> = sim.trail().into_iter().map(|c| (c.caller.account, c.caller.session)).collect();
    assert!(names.contains(&(NETWORK.to_owned(), Some("signalbox".to_owned()))), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_is_seen_under_the_name_of_who_asked_for_it() {
    let sim = simulated().await;
    let sdk = signed(&sim).await;
    let server = sim.world().with(|w| w.source_servers(&region(STANDBY))).remove(0);
    let servers = vec![LaunchServer { id: server.id, name: server.hostname, point: None }];
    let site = Site::new(&region(STANDBY), Some("prod-dr".into()));
    let order = LaunchOrder { change: Digest::of("a change"), site, launch: Launch { drill: true, servers, at: None } };
    let deed = deed(order.change, "prod-dr");
    // What only looks is not let.
    let nobody = sdk.act(&Deed::of_nobody());
    let end = signalbox::launch::launch(&nobody, &order).await;
    assert!(matches!(&end, LaunchEnd::Uncertain { why } if why.contains("AccessDenied")), "{end:?}");
    let end = signalbox::launch::launch(&sdk.act(&deed), &order).await;
    assert!(matches!(end, LaunchEnd::Started { .. }), "{end:?}");
    let calls: Vec<Call> = sim.trail().into_iter().filter(|c| c.operation == "StartRecovery").collect();
    let [refused, done] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((refused.caller.hand, refused.error.as_deref()), (Hand::Look, Some("AccessDeniedException")));
    assert_eq!((done.caller.hand, done.error.as_deref(), done.region.as_str()), (Hand::Act, None, STANDBY));
    let name = done.caller.session.clone().unwrap();
    assert!(name.starts_with("alice@") && name.matches('-').count() >= 2, "{name}");
    assert_eq!(done.caller.source_identity.as_ref(), Some(&name));
    let arn = format!("arn:aws:sts::{PROD_DR}:assumed-role/signalbox-act/{name}");
    assert_eq!(done.caller.arn, arn);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_takes_every_role_and_finds_each_as_it_is() {
    let sim = simulated().await;
    let folder = tempfile::tempdir().unwrap();
    let patient = Patient {
        sdk: signed(&sim).await,
        estate: Arc::new(sim.estate().clone()),
        state: folder.path().join("state"),
        person: Some("alice".into()),
        agent: None,
        now: Timestamp::now,
        variable: |_| None,
    };
    let well = examine(&patient).await;
    for who in
        ["network, to look", "network, to act", "prod, to look", "prod-dr, to act", "data, to look", "watch, to look"]
    {
        let line = well.iter().find(|l| l.what == who).unwrap_or_else(|| panic!("{who}:\n{}", shown(&well)));
        assert_eq!(line.verdict, Verdict::Good, "{line:?}");
    }
    let of_aws = |l: &&Line| ["credentials", "accounts", "calls that the console makes"].contains(&l.group);
    let judged = |l: &&Line| l.group.ends_with("as IAM judges them");
    let not_well: Vec<_> =
        well.iter().filter(|l| of_aws(l) || judged(l)).filter(|l| l.verdict != Verdict::Good).collect();
    assert!(not_well.is_empty(), "{not_well:#?}");
    assert!(well.iter().filter(judged).count() > 10, "{}", shown(&well));
    sim.happen(What::RoleRefused { account: "prod-dr".into(), act: true }, None);
    let ill = examine(&patient).await;
    let line = ill.iter().find(|l| l.what == "prod-dr, to act").unwrap();
    assert!(line.verdict == Verdict::Bad && line.found.contains("sts:AssumeRole on resource"), "{line:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_refused_is_told_in_the_words_of_sts() {
    let sim = simulated().await;
    sim.happen(What::RoleRefused { account: "prod-dr".into(), act: false }, None);
    sim.happen(What::RoleRefused { account: "prod".into(), act: true }, None);
    let sdk = signed(&sim).await;
    let why = sdk.look(Some(&"prod-dr".into())).failing.unwrap().why;
    assert!(
        why.contains("AccessDenied") && why.contains("sts:AssumeRole on resource: arn:aws:iam::444455556666"),
        "{why}"
    );
    assert!(sdk.look(Some(&"prod".into())).held.is_some(), "the other role is given");
    let deed = deed(Digest::of("a change"), "prod");
    let acting = sdk.act(&deed);
    acting.ready().await;
    let failing = acting.sign_ins().next().unwrap().failing.unwrap();
    assert!(failing.why.contains("arn:aws:iam::333344445555:role/signalbox-act"), "{}", failing.why);
}

/// A session that is revoked is got anew once AWS says so, and not when half of its hour is over.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_end_before_their_time_are_got_anew() {
    let sim = simulated().await;
    let sdk = signed(&sim).await;
    let site = Site::from("us-east-1 of prod");
    let wait = signalbox::aws::Deadlines { connect: SOON, attempt: SOON };
    let asked = || async { sdk.sts(&site, wait).get_caller_identity().send().await };
    let before = asked().await.unwrap();
    sim.happen(What::SessionsEnd, None);
    let refused = asked().await.unwrap_err();
    assert!(format!("{refused:?}").contains("ExpiredToken"), "{refused:?}");
    let again = tokio::time::timeout(SOON, async {
        loop {
            match asked().await {
                Ok(who) => return who,
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    });
    let again = again.await.expect("the role is taken again within seconds");
    assert_eq!(again.arn(), before.arn());
}
