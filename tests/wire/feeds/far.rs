//! A long way between the console and AWS, and calls that are never answered.

use std::time::Duration;

use signalbox::estate::Region;
use signalbox::event::{News, SourceId};
use signalbox::sim::{Sim, SimOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{clock_of, listen};

/// Stands before a server: each request arrives `late`, and one to `hung` never.
async fn far(server: &str, late: Duration, hung: &'static str) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = server.trim_start_matches("http://").to_owned();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut ways = JoinSet::new();
        while let Ok((near, _)) = listener.accept().await {
            let there = TcpStream::connect(&server).await.unwrap();
            let (mut near_in, mut near_out) = near.into_split();
            let (mut there_in, mut there_out) = there.into_split();
            ways.spawn(async move { drop(tokio::io::copy(&mut there_in, &mut near_out).await) });
            ways.spawn(async move {
                let mut bytes = vec![0; 64 * 1024];
                while let Ok(n @ 1..) = near_in.read(&mut bytes).await {
                    if !hung.is_empty() && String::from_utf8_lossy(&bytes[..n]).contains(hung) {
                        return std::future::pending().await;
                    }
                    tokio::time::sleep(late).await;
                    if there_out.write_all(&bytes[..n]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, tasks)
}

/// What DRS of the standby region is heard to say, from afar.
async fn heard(late: u64, hung: &'static str) -> News {
    let mut estate = signalbox::estate::guiding_care().unwrap();
    estate.systems.retain(|s| s.id.as_str() == "drs-east");
    let sim = Sim::start(SimOptions::new(estate, "calm").unwrap()).await.unwrap();
    let mut estate = sim.estate().clone();
    let ohio = Region::new("us-east-2");
    let (url, _far) = far(&estate.endpoints.drs[&ohio], Duration::from_millis(late), hung).await;
    estate.endpoints.drs.insert(ohio.clone(), url);
    let (feeds, mut rx) = listen(&estate, clock_of(&sim), 1.0).await;
    let news = loop {
        let heard = rx.recv().await.unwrap();
        if heard.source == SourceId::Drs(ohio.clone()) {
            break heard.news.unwrap_or_else(|f| panic!("{}", f.why));
        }
    };
    feeds.stop().await;
    news
}

/// In one line after the other, these calls took longer than all of DRS is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_servers_at_280_ms_a_call_have_their_snapshots_and_jobs() {
    let News::Drs { servers, jobs, samples, .. } = heard(280, "").await else { panic!() };
    assert_eq!(servers.len(), 20);
    assert!(servers.iter().all(|s| s.snapshot.is_some()), "{servers:?}");
    assert!(jobs.is_ok(), "{jobs:?}");
    assert!(samples.iter().all(|s| s.value.figure().is_some() || s.key.place == signalbox::event::Place::Back));
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_are_there_while_jobs_or_snapshots_are_not() {
    let News::Drs { servers, jobs, .. } = heard(5, "/DescribeJobs").await else { panic!() };
    assert_eq!(servers.len(), 20);
    assert!(servers.iter().all(|s| s.snapshot.is_some()));
    let why = jobs.unwrap_err().why;
    assert!(why.contains("no answer within 3.5 s"), "{why}");
    let News::Drs { servers, jobs, .. } = heard(5, "/DescribeRecoverySnapshots").await else { panic!() };
    assert_eq!(servers.len(), 20);
    assert!(jobs.is_ok() && servers.iter().all(|s| s.snapshot.is_none()));
}
