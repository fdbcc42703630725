//! The feeds against servers that Signalbox's authors did not write: `moto` for EC2 and Route 53, `ministack`
//! for CloudWatch, from PyPI. Opt-in, as it needs both (see `serve.py` for how to get them):
//!
//!     SIGNALBOX_PYTHON=venv/bin/python cargo test --test wire elsewhere -- --ignored

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use signalbox::arc::Cluster;
use signalbox::aws::{Credentials, Sdk};
use signalbox::estate::{Estate, HealthCheckId, Region};
use signalbox::event::{Called, Heard, News, SourceId};
use signalbox::feeds::{self, Pace};
use signalbox::time::Timestamp;
use tokio::sync::mpsc::Receiver;

const SOON: Duration = Duration::from_secs(60);

/// A running server, which ends when this goes.
struct Server {
    child: Child,
    about: Value,
}

impl Server {
    fn start(which: &str) -> Self {
        let python = std::env::var("SIGNALBOX_PYTHON").unwrap_or_else(|_| "python3".into());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/elsewhere/serve.py");
        let command = Command::new(&python).arg(script).arg(which).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = command.unwrap_or_else(|e| panic!("{python} does not start: {e}"));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let about = serde_json::from_str(&line)
            .unwrap_or_else(|e| panic!("{which} is not ready ({e}); tests/wire/elsewhere/serve.py says what it needs"));
        Self { child, about }
    }

    fn text(&self, field: &str) -> String {
        self.about[field].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

fn region() -> Region {
    Region::from("us-east-1")
}

async fn listen(estate: Estate) -> Receiver<Heard> {
    let sdk = Sdk::load(&estate, Credentials::dummy()).await;
    let cluster = Arc::new(Cluster::new(&estate, &sdk));
    let (tx, rx) = tokio::sync::mpsc::channel(64);
    let feeds =
        feeds::spawn(Arc::new(estate), &sdk, cluster, Pace { speed: 1.0 }, Arc::new(Timestamp::now), tx.clone());
    // The feeds live for as long as somebody listens.
    tokio::spawn(async move {
        tx.closed().await;
        feeds.stop().await;
    });
    rx
}

/// What one source says; its failure ends the test.
async fn said(rx: &mut Receiver<Heard>, source: &SourceId) -> News {
    let heard = tokio::time::timeout(SOON, async {
        loop {
            let heard = rx.recv().await.unwrap();
            if &heard.source == source {
                return heard;
            }
        }
    });
    heard.await.expect("an answer in time").news.unwrap_or_else(|f| panic!("{source:?}: {f:?}"))
}

fn values(news: News) -> BTreeMap<String, Option<f64>> {
    let News::Readings(samples) = news else { panic!("not readings: {news:?}") };
    samples.into_iter().map(|s| (s.key.reading.to_string(), s.value.figure())).collect()
}

fn estate() -> Estate {
    Estate::parse(include_str!("estate.toml"), "estate.toml").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto from PyPI"]
async fn ec2_and_route_53_as_moto_answers() {
    let moto = Server::start("moto");
    let mut estate = estate();
    estate.endpoints.ec2.insert(region(), moto.text("url"));
    estate.endpoints.route53 = Some(moto.text("url"));
    estate.health_checks[0].id = HealthCheckId::new(moto.text("check"));
    let check = estate.health_checks[0].id.clone();
    let mut rx = listen(estate).await;

    let ec2 = values(said(&mut rx, &SourceId::Ec2(region().into())).await);
    assert_eq!(ec2["running"], moto.about["running"].as_f64(), "stopped ones and other roles do not count");
    for young in ["image", "snapshot"] {
        let age = ec2[young].unwrap_or_else(|| panic!("no age of the {young}"));
        assert!((0.0..300.0).contains(&age), "{young}: {age} s");
    }
    let News::Check(status) = said(&mut rx, &SourceId::Route53(check.clone())).await else { panic!("not a check") };
    assert_eq!(status.id, check);
    assert!(status.checkers().is_some_and(|c| c.of > 0) && status.called() == Called::Healthy, "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs ministack from PyPI"]
async fn cloudwatch_as_ministack_answers() {
    let ministack = Server::start("ministack");
    let mut estate = estate();
    estate.endpoints.cloudwatch.insert(region(), ministack.text("url"));
    let mut rx = listen(estate).await;

    let metrics = values(said(&mut rx, &SourceId::Cloudwatch(region().into())).await);
    assert_eq!(metrics["lag"], Some(3.0), "the newest point, not an older one");
    assert_eq!(metrics["errors"], Some(2.0), "1 of 50, in percent");
    assert_eq!(metrics["nothing"], None, "what nobody publishes is not zero");
}
