//! A resolver of our own, for what the simulator's does not do: cut its answers off, refuse, tell a region by
//! a CNAME only.

use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME};
use hickory_proto::rr::{Name, RData, Record};
use signalbox::event::{Heard, News, SourceId};
use signalbox::time::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

use super::{Hole, SOON, listen, small};

/// Answers over TCP, and over UDP only that the answer is too long.
fn answer(query: &[u8], over_tcp: bool) -> Vec<u8> {
    let query = Message::from_vec(query).unwrap();
    let mut said = Message::response(query.metadata.id, query.metadata.op_code);
    said.metadata.recursion_available = true;
    said.metadata.recursion_desired = true;
    said.add_queries(query.queries.clone());
    let name = query.queries[0].name().clone();
    let text = name.to_string();
    if text.starts_with("signalbox.customer") {
        let elb: Name = "dualstack.portal.us-east-2.elb.amazonaws.com.".parse().unwrap();
        said.add_answer(Record::from_rdata(name, 60, RData::CNAME(CNAME(elb.clone()))));
        said.add_answer(Record::from_rdata(elb, 42, RData::A(A::new(10, 1, 0, 1))));
    } else if text.starts_with("portal") {
        said.metadata.truncation = !over_tcp;
        if over_tcp {
            for i in 0..60 {
                said.add_answer(Record::from_rdata(name.clone(), 30, RData::A(A::new(10, 0, 0, i))));
            }
        }
    } else {
        said.metadata.response_code = ResponseCode::ServFail;
    }
    said.to_vec().unwrap()
}

async fn serve() -> (std::net::SocketAddr, JoinSet<()>) {
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let udp = UdpSocket::bind(address).await.unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut bytes = [0; 4096];
        while let Ok((n, from)) = udp.recv_from(&mut bytes).await {
            let _ = udp.send_to(&answer(&bytes[..n], false), from).await;
        }
    });
    tasks.spawn(async move {
        let mut each = JoinSet::new();
        while let Ok((mut stream, _)) = tcp.accept().await {
            each.spawn(async move {
                while let Ok(n) = stream.read_u16().await {
                    let mut bytes = vec![0; n.into()];
                    stream.read_exact(&mut bytes).await.unwrap();
                    let said = answer(&bytes, true);
                    stream.write_u16(said.len().try_into().unwrap()).await.unwrap();
                    stream.write_all(&said).await.unwrap();
                }
            });
        }
    });
    (address, tasks)
}

#[tokio::test(flavor = "multi_thread")]
async fn long_answers_come_over_tcp_wildcards_are_asked_and_a_cname_tells_the_region() {
    let (address, _tasks) = serve().await;
    let hole = Hole::dig().await;
    let mut estate = small();
    hole.swallow(&mut estate, "dns");
    estate.resolvers[0].address = address;
    estate.services[0].dns.push("dead.example.com".into());
    let (_feeds, mut rx) = listen(&estate, Arc::new(Timestamp::now), 1.0).await;
    let answers = tokio::time::timeout(SOON, async {
        loop {
            if let Heard { source: SourceId::Dns(_), news, took, .. } = rx.recv().await.unwrap() {
                assert!(took.unsigned_abs() < Duration::from_secs(3));
                match news.unwrap() {
                    News::Dns(answers) => return answers,
                    other => panic!("{other:?}"),
                }
            }
        }
    });
    let answers = answers.await.unwrap();
    let of = |name: &str| answers.iter().find(|a| a.name == name).unwrap();
    let long = of("portal.example.com");
    assert!(long.answers.as_ref().is_ok_and(|a| a.len() >= 20), "{long:?}");
    assert_eq!((long.region.as_ref(), long.ttl), (None, 30));
    let wild = of("*.customer.example.com");
    assert_eq!(wild.region.as_ref().map(|r| r.as_str()), Some("us-east-2"), "{wild:?}");
    assert_eq!(wild.ttl, 42);
    assert!(of("dead.example.com").answers.is_err());
}
