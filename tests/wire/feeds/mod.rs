//! The feeds against the simulator over the wire, and against servers that hang.

mod alias;
mod checks;
mod dns;
mod far;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use signalbox::arc::Cluster;
use signalbox::aws::{Credentials, Sdk};
use signalbox::estate::{Estate, Missing, Poll, Region, Resolver, ResolverName};
use signalbox::event::{Called, CheckStatus, Failure, FailureKind, Heard, News, Said, SourceId};
use signalbox::feeds::{self, Clock, Feeds, Pace};
use signalbox::sim::scenario::EndpointAnswer;
use signalbox::sim::wire::Skew;
use signalbox::sim::world::{Api, Reach};
use signalbox::sim::{Sim, SimOptions, What};
use signalbox::time::{Span, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;

use crate::alone::alone;

const SOON: Duration = Duration::from_secs(20);

fn small() -> Estate {
    let mut estate = Estate::parse(include_str!("../../support/estate.toml"), "estate.toml").unwrap();
    let address: SocketAddr = "127.0.0.1:5".parse().unwrap();
    estate.resolvers.push(Resolver { name: ResolverName::new("home"), address });
    estate
}

async fn simulated(estate: Estate) -> Sim {
    Sim::start(SimOptions::new(estate, "calm").unwrap().speed(10.0)).await.unwrap()
}

fn clock_of(sim: &Sim) -> Clock {
    let clock = sim.clock();
    Arc::new(move || clock.now())
}

async fn listen(estate: &Estate, clock: Clock, speed: f64) -> (Feeds, Receiver<Heard>) {
    let sdk = Sdk::load(estate, Credentials::dummy()).await;
    let cluster = Arc::new(Cluster::new(estate, &sdk));
    let (tx, rx) = tokio::sync::mpsc::channel(64);
    (feeds::spawn(Arc::new(estate.clone()), &sdk, cluster, Pace { speed }, clock, tx), rx)
}

/// Listens until every one of `wanted` has said something good.
async fn all_well(wanted: &BTreeSet<SourceId>, rx: &mut Receiver<Heard>) -> BTreeMap<SourceId, News> {
    let mut news = BTreeMap::new();
    let mut bad = BTreeMap::new();
    let ended = tokio::time::timeout(SOON, async {
        while wanted.iter().any(|s| !news.contains_key(s)) {
            let heard = rx.recv().await.unwrap();
            match heard.news {
                Ok(n) => drop(news.insert(heard.source, n)),
                Err(f) => drop(bad.insert(heard.source, f)),
            }
        }
    });
    assert!(ended.await.is_ok(), "not heard from: {bad:#?}");
    news
}

fn checkers(check: &CheckStatus) -> u16 {
    check.checkers().map_or(0, |c| c.of)
}

fn kind(source: &SourceId) -> &'static str {
    match source {
        SourceId::Arc(_) => "arc",
        SourceId::Cloudwatch(_) => "cloudwatch",
        SourceId::Drs(_) => "drs",
        SourceId::Ec2(_) => "ec2",
        SourceId::Route53(_) => "route53",
        SourceId::Dns(_) => "dns",
        SourceId::Probe(..) => "probe",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_estate_is_heard_in_full() {
    let estate = Estate::parse(include_str!("../../../assets/guiding-care.toml"), "guiding-care.toml").unwrap();
    let sim = simulated(estate).await;
    let (feeds, mut rx) = listen(sim.estate(), clock_of(&sim), 10.0).await;
    let wanted: BTreeSet<SourceId> = feeds.sources().cloned().collect();
    assert_eq!(wanted.iter().map(kind).collect::<BTreeSet<_>>().len(), 7, "{wanted:?}");
    let news = all_well(&wanted, &mut rx).await;
    let states = sim.control_states();
    let (mut values, mut without) = (0, Vec::new());
    for (source, news) in &news {
        let samples = match news {
            News::Readings(samples) | News::Drs { samples, .. } => samples.as_slice(),
            News::Controls(heard) => {
                assert_eq!(heard, &states, "{source:?}");
                &[]
            }
            News::Check(check) => {
                assert!(check.called() == Called::Healthy && checkers(check) > 10, "{check:?}");
                &[]
            }
            News::Dns(answers) => {
                let lost: Vec<_> = answers.iter().filter(|a| a.leads.region().is_none() || a.ttl == 0).collect();
                assert!(!answers.is_empty() && lost.is_empty(), "{source:?}: {lost:?}");
                &[]
            }
            News::Probe(answer) => {
                assert_eq!(answer.status, 200, "{source:?}");
                &[]
            }
        };
        for sample in samples {
            values += 1;
            // Nothing replicates back before traffic has moved.
            if sample.value == Said::Nothing && sample.key.place != signalbox::event::Place::Back {
                without.push((source.clone(), sample.key.clone()));
            }
        }
    }
    let all: usize = sim.estate().systems.iter().map(|s| s.readings.len()).sum();
    assert!(values >= all, "{values} values for {all} readings");
    assert!(without.is_empty(), "no data on a calm day: {without:#?}");
    feeds.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_the_worlds_own() {
    let sim = simulated(small()).await;
    let (feeds, mut rx) = listen(sim.estate(), clock_of(&sim), 10.0).await;
    let wanted: BTreeSet<SourceId> = feeds.sources().cloned().collect();
    let news = all_well(&wanted, &mut rx).await;
    let samples = news.values().flat_map(|n| match n {
        News::Readings(s) | News::Drs { samples: s, .. } => s.clone(),
        _ => Vec::new(),
    });
    let value: BTreeMap<(String, String, _), Option<f64>> = samples
        .map(|s| ((s.key.system.to_string(), s.key.reading.to_string(), s.key.place), s.value.figure()))
        .collect();
    use signalbox::event::Place::{Active, Link, Standby};
    let of = |system: &str, reading: &str, place| value[&(system.into(), reading.into(), place)].unwrap();
    assert!((19.0..=20.0).contains(&of("alb", "healthy", Active)));
    assert!(of("redis", "lag", Link) < 1.0);
    assert!((of("drs", "replicating", Standby) - 6.0).abs() < 0.1);
    assert!(of("drs", "lag", Link) >= 0.0 && of("drs", "snapshot", Link) > 0.0);
    assert!(of("ec2", "running", Active) >= 7.0);
    assert!(of("ec2", "image", Standby) > 0.0 && of("ec2", "snapshot", Standby) > 0.0);
}

/// Nobody calls the standby's load balancer: CloudWatch has neither its latency nor its errors, and both its targets. What
/// the estate says decides what that means; a metric that CloudWatch does not answer for is unknown.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_calls_is_idle_and_not_unknown() {
    use signalbox::event::Place::{Active, Standby};
    let mut estate = signalbox::estate::guiding_care().unwrap();
    estate.systems.retain(|s| s.id.as_str() == "portal-alb-east");
    let mut strict = estate.systems[0].clone();
    strict.id = "strict".into();
    strict.readings.iter_mut().for_each(|r| r.missing = Some(Missing::Unknown));
    estate.systems.push(strict);
    let sim = simulated(estate).await;
    let (feeds, mut rx) = listen(sim.estate(), clock_of(&sim), 10.0).await;
    let wanted: BTreeSet<SourceId> =
        feeds.sources().filter(|s| matches!(s, SourceId::Cloudwatch(_))).cloned().collect();
    let news = all_well(&wanted, &mut rx).await;
    let samples = news.values().flat_map(|n| match n {
        News::Readings(s) => s.clone(),
        _ => Vec::new(),
    });
    let said: BTreeMap<_, Said> =
        samples.map(|s| ((s.key.system.to_string(), s.key.reading.to_string(), s.key.place), s.value)).collect();
    let of = |system: &str, reading: &str, place| said[&(system.to_owned(), reading.to_owned(), place)];
    let alb = "portal-alb-east";
    assert!(of(alb, "requests", Active).figure().is_some_and(|n| n > 100.0));
    assert!(of(alb, "5xx", Active).figure().is_some() && of(alb, "latency", Active).figure().is_some());
    assert_eq!(of(alb, "healthy", Standby), Said::Is(12.0));
    assert_eq!((of(alb, "requests", Standby), of(alb, "5xx", Standby)), (Said::Is(0.0), Said::IDLE));
    assert_eq!(of(alb, "latency", Standby), Said::IDLE);
    let strict = [of("strict", "requests", Standby), of("strict", "5xx", Standby), of("strict", "latency", Standby)];
    assert_eq!(strict, [Said::Nothing; 3]);
    feeds.stop().await;
}

/// EC2's clock may be wrong, or ours: what was made in the future is not just made.
#[tokio::test(flavor = "multi_thread")]
async fn an_image_from_the_future_is_not_new() {
    let sim = simulated(small()).await;
    let reading = signalbox::sim::scenario::Pick {
        system: "ec2".into(),
        reading: Some("image".into()),
        side: Some(signalbox::estate::Side::Standby),
    };
    sim.happen(What::ReadingSet { reading, value: -7_200.0 }, None);
    let (feeds, mut rx) = listen(sim.estate(), clock_of(&sim), 10.0).await;
    let wanted: BTreeSet<SourceId> = feeds.sources().filter(|s| matches!(s, SourceId::Ec2(_))).cloned().collect();
    let news = all_well(&wanted, &mut rx).await;
    let ages: Vec<Option<f64>> = news
        .values()
        .flat_map(|n| match n {
            News::Readings(samples) => samples.clone(),
            _ => Vec::new(),
        })
        .filter(|s| s.key.reading.as_str() == "image")
        .map(|s| s.value.figure())
        .collect();
    assert!(!ages.is_empty() && ages.iter().all(|age| age.is_none_or(|age| age > 300.0)), "{ages:?}");
    feeds.stop().await;
}

/// A server that takes everything and says nothing.
struct Hole {
    url: String,
    dns: SocketAddr,
    _task: JoinSet<()>,
    _dns: UdpSocket,
}

impl Hole {
    async fn dig() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let dns = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut kept = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                kept.push(stream);
            }
        });
        Self { url, dns: dns.local_addr().unwrap(), _task: task, _dns: dns }
    }

    /// Leads everything but one kind of source into the hole.
    fn swallow(&self, estate: &mut Estate, but: &str) {
        if but != "arc" {
            estate.cluster.endpoints.iter_mut().for_each(|e| e.url = format!("{}/v1", self.url));
        }
        let places = &mut estate.endpoints;
        for (name, map) in [("cloudwatch", &mut places.cloudwatch), ("drs", &mut places.drs), ("ec2", &mut places.ec2)]
        {
            if but != name {
                map.values_mut().for_each(|url| url.clone_from(&self.url));
            }
        }
        if but != "route53" {
            places.route53 = Some(self.url.clone());
        }
        if but != "dns" {
            estate.resolvers.iter_mut().for_each(|r| r.address = self.dns);
        }
        if but != "probe" {
            estate.services.iter_mut().flat_map(|s| &mut s.probes).for_each(|p| p.url.clone_from(&self.url));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_source_is_heard_while_all_others_hang_and_these_say_so_in_time() {
    let sim = simulated(small()).await;
    let hole = Hole::dig().await;
    let kinds = ["arc", "cloudwatch", "drs", "ec2", "route53", "dns", "probe"];
    let one = |but: &'static str| {
        let (mut estate, clock, hole) = (sim.estate().clone(), clock_of(&sim), &hole);
        async move {
            hole.swallow(&mut estate, but);
            let (feeds, mut rx) = listen(&estate, clock, 10.0).await;
            let all: BTreeSet<SourceId> = feeds.sources().cloned().collect();
            let began = Instant::now();
            let (mut well, mut silent) = (BTreeMap::new(), BTreeMap::new());
            while well.len() + silent.len() < all.len() {
                let heard = tokio::time::timeout(SOON, rx.recv()).await.unwrap().unwrap();
                match heard.news {
                    Ok(_) => drop(well.entry(heard.source).or_insert(began.elapsed())),
                    Err(f) => {
                        assert_eq!(f.kind, FailureKind::Timeout, "{:?}: {}", heard.source, f.why);
                        assert!(heard.took <= Span::from_secs(7), "{:?} took {}", heard.source, heard.took);
                        silent.insert(heard.source, f);
                    }
                }
            }
            assert!(well.keys().all(|s| kind(s) == but), "only {but}: {well:?}");
            assert_eq!(well.len(), all.iter().filter(|s| kind(s) == but).count(), "{but}: {silent:?}");
        }
    };
    futures::future::join_all(kinds.map(one)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_has_one_request_under_way_however_it_is_hurried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (open, most, served) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut tasks = JoinSet::new();
    let counters = (Arc::clone(&open), Arc::clone(&most), Arc::clone(&served));
    tasks.spawn(async move {
        let mut each = JoinSet::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let (open, most, served) = counters.clone();
            each.spawn(async move {
                let mut bytes = [0; 4096];
                while matches!(stream.read(&mut bytes).await, Ok(n) if n > 0) {
                    most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(60)).await;
                    open.fetch_sub(1, Ordering::SeqCst);
                    served.fetch_add(1, Ordering::SeqCst);
                    // A redirect is an answer and not a way.
                    let said = b"HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\nok";
                    let _ = stream.write_all(said).await;
                }
            });
        }
    });
    let mut estate = small();
    let hole = Hole::dig().await;
    hole.swallow(&mut estate, "probe");
    estate.services[0].probes.truncate(1);
    estate.services[0].probes[0].url = url;
    estate.poll = Poll { http: Span::from_secs(30), ..Poll::default() };
    let (feeds, mut rx) = listen(&estate, Arc::new(Timestamp::now), 1.0).await;
    let source = SourceId::Probe(estate.services[0].name.clone(), Region::from("us-east-1"));
    let deadline = Instant::now() + SOON;
    while served.load(Ordering::SeqCst) < 5 {
        assert!(Instant::now() < deadline, "hurrying does not help");
        for _ in 0..20 {
            feeds.hurry(&source);
        }
        if let Ok(Some(Heard { source: s, news, .. })) =
            tokio::time::timeout(Duration::from_millis(20), rx.recv()).await
            && s == source
        {
            assert!(matches!(news, Ok(News::Probe(a)) if a.status == 307));
        }
    }
    assert_eq!(most.load(Ordering::SeqCst), 1);
    // Once stopped, nobody speaks.
    feeds.stop().await;
    while rx.recv().await.is_some() {}
}

/// What the child process of the next test does.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test below, with an environment of its own"]
async fn child_behind_a_proxy() {
    let sim = simulated(small()).await;
    let (feeds, mut rx) = listen(sim.estate(), clock_of(&sim), 10.0).await;
    let wanted: BTreeSet<SourceId> = feeds.sources().cloned().collect();
    all_well(&wanted, &mut rx).await;
}

#[test]
fn a_proxy_in_the_environment_and_no_home_change_nothing_on_loopback() {
    let empty = tempfile::tempdir().unwrap();
    alone("feeds::child_behind_a_proxy", |child| {
        child.env_clear().env("HOME", empty.path());
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            child.env(name, "http://127.0.0.1:1");
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_hurry_past_the_budget() {
    let mut estate = small();
    // Two rounds of what this estate asks for, and a little.
    let metrics = 3.0;
    estate.poll.dollars_per_hour = metrics * 2.5 * estate.poll.dollars_per_thousand_metrics / 1000.0;
    let sim = simulated(estate).await;
    let (feeds, mut rx) = listen(sim.estate(), clock_of(&sim), 1.0).await;
    let cloudwatch: Vec<SourceId> = feeds.sources().filter(|s| kind(s) == "cloudwatch").cloned().collect();
    let (mut answered, mut refused) = (0, None);
    let hurried = tokio::time::timeout(SOON, async {
        while refused.is_none() {
            cloudwatch.iter().for_each(|s| feeds.hurry(s));
            let heard = rx.recv().await.unwrap();
            match heard.news {
                _ if kind(&heard.source) != "cloudwatch" => {}
                Ok(_) => answered += 1,
                Err(failure) => refused = Some(failure),
            }
        }
    });
    assert!(hurried.await.is_ok(), "{answered} answers, and never an end");
    let refused = refused.unwrap();
    assert!(
        refused.kind == FailureKind::Budget
            && refused.why.contains("the estate file sets it to $0.00 ([poll] dollars_per_hour)"),
        "{refused:?}"
    );
    let spent = feeds.spending();
    assert!(spent.last_hour <= spent.budget && spent.stretched, "{spent:?}");
    assert!(answered >= 1, "{spent:?}");
    feeds.stop().await;
}

/// The first that each source of an estate says of a world in which `what` has happened.
async fn first_words(estate: Estate, what: Vec<What>) -> BTreeMap<SourceId, Result<News, Failure>> {
    let sim = simulated(estate).await;
    what.into_iter().for_each(|what| sim.happen(what, None));
    let (feeds, mut rx) = listen(sim.estate(), clock_of(&sim), 1.0).await;
    let wanted: BTreeSet<SourceId> = feeds.sources().cloned().collect();
    let mut said = BTreeMap::new();
    let all = tokio::time::timeout(SOON, async {
        while wanted.iter().any(|s| !said.contains_key(s)) {
            let heard = rx.recv().await.unwrap();
            said.entry(heard.source).or_insert(heard.news);
        }
    });
    assert!(all.await.is_ok(), "not heard from all: {said:#?}");
    feeds.stop().await;
    said
}

/// Every API of every region, and every cluster endpoint, answers so.
fn everywhere(estate: &Estate, answer: Reach, endpoints: EndpointAnswer) -> Vec<What> {
    let apis = [Api::Cloudwatch, Api::Ec2, Api::Drs, Api::Route53];
    let regions = estate.regions.iter().map(|r| r.name.clone());
    let fails = regions.flat_map(|region| apis.map(|api| What::ApiFails { api, region: region.clone(), answer }));
    let all = estate.cluster.endpoints.iter().map(|e| e.region.clone()).collect();
    fails.chain([What::Endpoints { endpoints: all, answer: endpoints }]).collect()
}

fn of_aws(source: &SourceId) -> bool {
    !["dns", "probe"].contains(&kind(source))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_read_without_end() {
    let estate = small();
    let said = first_words(estate.clone(), everywhere(&estate, Reach::Endless, EndpointAnswer::Endless)).await;
    for (source, news) in said.iter().filter(|(s, _)| of_aws(s)) {
        let why = &news.as_ref().unwrap_err().why;
        assert!(why.contains("the answer is larger than") && why.contains("MiB"), "{source:?}: {why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_awss_is_told_by_what_it_is() {
    let estate = small();
    let said = first_words(estate.clone(), everywhere(&estate, Reach::Garbled, EndpointAnswer::Garbled)).await;
    for (source, news) in said.iter().filter(|(s, _)| of_aws(s)) {
        let failure = news.as_ref().unwrap_err();
        assert_eq!(failure.kind, FailureKind::Garbled, "{source:?}: {}", failure.why);
        assert!(failure.why.contains("cannot be read") && failure.why.contains("<!DOCTYPE html>"), "{}", failure.why);
    }
}

/// In each of AWS's dialects: expired and not yet current, as a signature's fault, a request's or a key's.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_called_that_and_not_denied() {
    let estate = small();
    for (skew, words) in
        [(Skew::Behind, "clock is 11 min behind AWS's"), (Skew::Ahead, "clock is 11 min ahead of AWS's")]
    {
        let said =
            first_words(estate.clone(), everywhere(&estate, Reach::Clock(skew), EndpointAnswer::Clock(skew))).await;
        let mut told = BTreeSet::new();
        for (source, news) in said.iter().filter(|(s, _)| of_aws(s)) {
            // The SDK learns AWS's time from any answer: who asks with the same client after that is let in.
            let Err(failure) = news else { continue };
            assert_eq!(failure.kind, FailureKind::Clock, "{source:?}: {}", failure.why);
            assert!(failure.why.contains(words), "{source:?}: {}", failure.why);
            told.insert(kind(source));
        }
        // EC2 and Route 53 are asked for several things, and go on without the first that is refused.
        let several = ["ec2", "route53"];
        told.retain(|kind| !several.contains(kind));
        let all: BTreeSet<_> =
            said.keys().filter(|s| of_aws(s)).map(kind).filter(|kind| !several.contains(kind)).collect();
        assert_eq!(told, all, "{said:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_empty_lists_nothing_is_known_and_nothing_failed() {
    let estate = small();
    let said = first_words(estate.clone(), everywhere(&estate, Reach::Empty, EndpointAnswer::Empty)).await;
    for (source, news) in said.iter().filter(|(s, _)| of_aws(s)) {
        match news.as_ref().unwrap() {
            News::Readings(samples) | News::Drs { samples, .. } => {
                let figures: Vec<_> = samples.iter().filter(|s| s.value != Said::Nothing).collect();
                assert!(figures.is_empty(), "{source:?} made figures of nothing: {figures:?}");
            }
            News::Check(check) => assert_eq!((check.called(), checkers(check)), (Called::Unknown, 0)),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leap_second_spoils_no_source() {
    let estate = small();
    let happens = everywhere(&estate, Reach::LeapSecond, EndpointAnswer::Slow(Span::ZERO));
    let said = first_words(estate, happens).await;
    for (source, news) in said.iter().filter(|(s, _)| of_aws(s)) {
        match news.as_ref().unwrap_or_else(|f| panic!("{source:?}: {}", f.why)) {
            News::Readings(samples) | News::Drs { samples, .. } => {
                let without: Vec<_> = samples.iter().filter(|s| s.value == Said::Nothing).collect();
                assert!(without.is_empty(), "{source:?}: {without:?}");
            }
            News::Check(check) => assert!(checkers(check) > 10, "{check:?}"),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_heard_of_controls_shares_the_estates_own_names() {
    let sim = simulated(small()).await;
    let estate = Arc::new(sim.estate().clone());
    let sdk = Sdk::load(&estate, Credentials::dummy()).await;
    let states = Cluster::new(&estate, &sdk).read(&estate.cluster.endpoints[0].region).await.unwrap();
    for heard in states.keys() {
        let own = &estate.control(heard).unwrap().arn;
        assert!(std::ptr::eq(heard.as_str(), own.as_str()), "{heard} is kept a second time");
    }
    assert!(!states.is_empty());
}
