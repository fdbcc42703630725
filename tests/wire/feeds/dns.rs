//! A resolver of our own, for what the simulator's does not do: cut its answers off, refuse, tell a region by
//! a CNAME only.

use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME};
use hickory_proto::rr::{Name, RData, Record};
use signalbox::event::{Heard, Leads, News, SourceId};
use signalbox::sim::What;
use signalbox::sim::scenario::ResolverAnswer;
use signalbox::time::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

use super::{Hole, SOON, clock_of, listen, simulated, small};

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
    } else if text.starts_with("dead") {
        said.metadata.response_code = ResponseCode::ServFail;
    } else if text.starts_with("dangling") || text.starts_with("blocked") {
        // The load balancer is gone, or a filter stands in for it; its own name is still known elsewhere.
        let elb: Name = "portal.us-east-2.elb.amazonaws.com.".parse().unwrap();
        said.add_answer(Record::from_rdata(name, 60, RData::CNAME(CNAME(elb.clone()))));
        match text.starts_with("blocked") {
            true => drop(said.add_answer(Record::from_rdata(elb, 60, RData::A(A::new(0, 0, 0, 0))))),
            false => said.metadata.response_code = ResponseCode::NXDomain,
        }
    } else if text.starts_with("east") || text.starts_with("mixed") {
        for i in 0..25 {
            said.add_answer(Record::from_rdata(name.clone(), 30, RData::A(A::new(10, 0, 0, i))));
        }
        if text.starts_with("mixed") {
            said.add_answer(Record::from_rdata(name, 30, RData::A(A::new(10, 1, 0, 1))));
        }
    } else if text.starts_with("west") || text.contains("us-east-2.elb") {
        said.add_answer(Record::from_rdata(name, 30, RData::A(A::new(10, 1, 0, 1))));
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
    assert_eq!((long.leads.region(), long.ttl), (None, 30));
    let wild = of("*.customer.example.com");
    assert_eq!(wild.leads.region().map(|r| r.as_str()), Some("us-east-2"), "{wild:?}");
    assert_eq!(wild.ttl, 42);
    assert!(of("dead.example.com").answers.is_err());
}

/// What our own resolver says of these names, of a service whose regions have entries.
async fn asked(names: &[&str]) -> Vec<signalbox::event::DnsAnswer> {
    let (address, _tasks) = serve().await;
    let hole = Hole::dig().await;
    let mut estate = small();
    hole.swallow(&mut estate, "dns");
    estate.resolvers[0].address = address;
    estate.services[0].dns = names.iter().map(|n| (*n).to_owned()).collect();
    for (control, target) in estate.services[0].controls.iter_mut().zip(["east.example.com", "west.example.com"]) {
        control.target = vec![target.to_owned()];
    }
    let (_feeds, mut rx) = listen(&estate, Arc::new(Timestamp::now), 1.0).await;
    let answers = tokio::time::timeout(SOON, async {
        loop {
            if let Heard { source: SourceId::Dns(_), news: Ok(News::Dns(answers)), .. } = rx.recv().await.unwrap() {
                return answers;
            }
        }
    });
    answers.await.unwrap()
}

/// An answer is what its code says, whatever the CNAME in it leads to; and all of its addresses count.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_judged_by_its_code_and_to_its_last_address() {
    let names = ["dangling.example.com", "blocked.example.com", "mixed.example.com", "east.example.com"];
    let answers = asked(&names).await;
    let of = |name: &str| answers.iter().find(|a| a.name == name).unwrap();
    let dangling = of("dangling.example.com");
    assert_eq!((&dangling.answers, &dangling.leads), (&Err("no such name".to_owned()), &Leads::Nowhere));
    let blocked = of("blocked.example.com");
    assert!(blocked.answers.as_ref().is_ok_and(|a| a.last().is_some_and(|a| a == "0.0.0.0")), "{blocked:?}");
    assert_eq!(blocked.leads, Leads::Nowhere, "it leads to no machine");
    assert_eq!(of("mixed.example.com").leads, Leads::Nowhere, "the last of 26 addresses is the other region's");
    assert_eq!(of("east.example.com").leads.region().map(|r| r.as_str()), Some("us-east-1"));
}

/// What the small estate's resolver says of the portal, in a world where it answers in these ways: the first that comes
/// with a region, or else the last of a few.
async fn portal(how: &[ResolverAnswer]) -> signalbox::event::DnsAnswer {
    let mut estate = small();
    for (control, region) in estate.services[0].controls.iter_mut().zip(["us-east-1", "us-east-2"]) {
        control.target = vec![format!("portal.{region}.elb.example.com")];
    }
    let resolver = estate.resolvers.last().unwrap().name.clone();
    estate.resolvers.retain(|r| r.name == resolver);
    let sim = simulated(estate).await;
    for answer in how {
        sim.happen(What::ResolverAnswers { resolver: resolver.clone(), answer: *answer }, None);
    }
    let (feeds, mut rx) = listen(sim.estate(), clock_of(&sim), 10.0).await;
    let source = SourceId::Dns(resolver);
    let heard = tokio::time::timeout(SOON, async {
        let (mut last, mut rounds) = (None, 0);
        while rounds < 8 {
            let heard = rx.recv().await.unwrap();
            if heard.source != source {
                continue;
            }
            rounds += 1;
            if let Ok(News::Dns(answers)) = heard.news {
                let answer = answers.into_iter().find(|a| a.name == "portal.example.com");
                if answer.as_ref().is_some_and(|a| a.leads.region().is_some()) {
                    return answer;
                }
                last = answer.or(last);
            }
            feeds.hurry(&source);
        }
        last
    });
    let heard = heard.await.unwrap().unwrap_or_else(|| panic!("{how:?}: it never said anything"));
    feeds.stop().await;
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_every_shape_lead_where_they_lead() {
    use ResolverAnswer::{IgnoresEdns, Ipv6Fails, OnlyIpv6, RefusesEdns, Rotates, Truncates};
    for (how, leads, says) in [
        (&[][..], true, ""),
        (&[OnlyIpv6], true, "2001:db8::"),
        (&[RefusesEdns], true, "192.0.2."),
        (&[IgnoresEdns], true, "192.0.2."),
        (&[Truncates], true, "192.0.2."),
        (&[Rotates], true, ""),
        (&[Ipv6Fails], false, "half an answer: A 192.0.2.10, but AAAA: Server Failure"),
    ] {
        let answer = portal(how).await;
        let said = match &answer.answers {
            Ok(all) => all.join(" "),
            Err(why) => why.clone(),
        };
        let region = answer.leads.region().map(|r| r.as_str());
        assert_eq!(region, leads.then_some("us-east-1"), "{how:?}: {answer:?}");
        assert!(said.contains(says) && answer.answers.is_ok() == leads, "{how:?}: {answer:?}");
    }
}
