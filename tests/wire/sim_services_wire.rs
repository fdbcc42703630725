//! The simulator's HTTP, without a world behind it: connections, refusals, odd text.

use crate::sim as support;

use std::sync::Arc;
use std::time::Duration;

use signalbox::sim::services::Service;
use signalbox::sim::wire::{Answer, Fault, Handler, Listener, Protocol, Reply, Request, Tree};
use support::{ACTIVE, client, serve, world};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SOON: Duration = Duration::from_secs(10);

fn handler(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Handler {
    Arc::new(answer)
}

/// Reads until the text holds `needle`, or the connection ends.
async fn read_until(stream: &mut TcpStream, needle: &str) -> String {
    let mut got = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&got).into_owned();
        if text.contains(needle) {
            return text;
        }
        let n = tokio::time::timeout(SOON, stream.read(&mut buffer)).await.unwrap().unwrap_or(0);
        if n == 0 {
            return text;
        }
        got.extend_from_slice(&buffer[..n]);
    }
}

#[tokio::test]
async fn one_connection_carries_several_requests() {
    let listener =
        Listener::start(0, handler(|r| Reply::new(200, "text/plain", r.path.join("|")).into())).await.unwrap();
    let mut stream = TcpStream::connect(listener.addr()).await.unwrap();
    for (path, want) in [("/a/b%2Fc/", "a|b/c"), ("/", ""), ("/x%20y", "x y")] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let reply = read_until(&mut stream, &format!("\r\n\r\n{want}")).await;
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
        assert!(reply.ends_with(&format!("\r\n\r\n{want}")), "{reply}");
    }
}

#[tokio::test]
async fn a_hanging_request_holds_up_nobody_else() {
    let answer = |r: &Request| {
        if r.path == ["hang"] { Answer::Hang } else { Reply::new(200, "text/plain", "here").into() }
    };
    let listener = Listener::start(0, handler(answer)).await.unwrap();
    let mut hanging = TcpStream::connect(listener.addr()).await.unwrap();
    hanging.write_all(b"GET /hang HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut other = TcpStream::connect(listener.addr()).await.unwrap();
    other.write_all(b"GET /x HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(read_until(&mut other, "here").await.contains("here"));
    // The other answer is there; the hanging one is not, and its connection stands.
    let mut byte = [0];
    assert!(tokio::time::timeout(Duration::from_millis(50), hanging.read(&mut byte)).await.is_err());
    drop(listener);
    let end = tokio::time::timeout(SOON, hanging.read(&mut byte)).await.unwrap();
    assert!(matches!(end, Ok(0) | Err(_)), "a stopped listener closes its connections");
}

#[tokio::test]
async fn a_refused_request_ends_the_connection_without_a_word() {
    let listener = Listener::start(0, handler(|_| Answer::Close)).await.unwrap();
    let mut stream = TcpStream::connect(listener.addr()).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
    assert_eq!(read_until(&mut stream, "\n").await, "");
}

#[tokio::test]
async fn a_body_without_end_is_refused() {
    let listener = Listener::start(0, handler(|_| Answer::Hang)).await.unwrap();
    let mut stream = TcpStream::connect(listener.addr()).await.unwrap();
    let head = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", 64 << 20);
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..6 {
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
    }
    let reply = read_until(&mut stream, "\n").await;
    assert!(reply.is_empty() || reply.starts_with("HTTP/1.1 413"), "{reply}");
}

#[tokio::test]
async fn a_stopped_listener_gives_its_port_back() {
    let listener = Listener::start(0, handler(|_| Answer::Hang)).await.unwrap();
    let addr = listener.addr();
    drop(listener);
    let deadline = std::time::Instant::now() + SOON;
    while TcpStream::connect(addr).await.is_ok() {
        assert!(std::time::Instant::now() < deadline, "still listening");
        tokio::task::yield_now().await;
    }
}

/// Sends a request by hand and gives back status line, headers and body.
async fn raw(url: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let mut text =
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    stream.write_all(text.as_bytes()).await.unwrap();
    read_until(&mut stream, "\u{0}").await
}

fn signed(region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKID/20260302/{region}/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=abc"
    )
}

#[tokio::test]
async fn nobody_is_let_in_unsigned_or_signed_for_elsewhere() {
    let world = world(1.0);
    let json =
        [("x-amz-target", "GraniteServiceVersion20100801.ListMetrics"), ("content-type", "application/x-amz-json-1.0")];
    let cases = [
        (
            Service::Cloudwatch,
            "monitoring",
            "POST",
            "/",
            &json[..],
            "{}",
            ["400", "MissingAuthenticationTokenException", "InvalidSignatureException"],
        ),
        (
            Service::Cloudwatch,
            "monitoring",
            "POST",
            "/",
            &[][..],
            "Action=ListMetrics",
            ["403", "<Code>MissingAuthenticationToken</Code>", "<Code>SignatureDoesNotMatch</Code>"],
        ),
        (
            Service::Ec2,
            "ec2",
            "POST",
            "/",
            &[][..],
            "Action=DescribeRegions&Version=2016-11-15",
            ["401", "<Code>AuthFailure</Code>", "<Code>AuthFailure</Code>"],
        ),
        (
            Service::Drs,
            "drs",
            "POST",
            "/DescribeJobs",
            &[][..],
            "{}",
            [
                "403",
                "x-amzn-errortype: MissingAuthenticationTokenException",
                "x-amzn-errortype: InvalidSignatureException",
            ],
        ),
        (
            Service::Route53,
            "route53",
            "GET",
            "/2013-04-01/healthcheck",
            &[][..],
            "",
            ["403", "<Code>MissingAuthenticationToken</Code>", "<Code>SignatureDoesNotMatch</Code>"],
        ),
        (
            Service::Sts,
            "sts",
            "POST",
            "/",
            &[][..],
            "Action=GetCallerIdentity&Version=2011-06-15",
            ["403", "<Code>MissingAuthenticationToken</Code>", "<Code>SignatureDoesNotMatch</Code>"],
        ),
    ];
    for (service, name, method, path, headers, body, [status, missing, elsewhere]) in cases {
        let listener = serve(service, &world, ACTIVE).await;
        let url = listener.url();
        let unsigned = raw(&url, method, path, headers, body).await;
        assert!(
            unsigned.starts_with(&format!("HTTP/1.1 {status}")) && unsigned.contains(missing),
            "{service:?}: {unsigned}"
        );
        assert!(unsigned.contains("x-amzn-requestid: "), "{service:?}: {unsigned}");
        for (region, name, what) in [("eu-west-1", name, "region"), (ACTIVE, "s3", "service")] {
            let authorization = signed(region, name);
            let headers = [headers, &[("authorization", authorization.as_str())]].concat();
            let reply = raw(&url, method, path, &headers, body).await;
            assert!(reply.contains(elsewhere), "{service:?} signed for another {what}: {reply}");
        }
        let authorization = signed(ACTIVE, name);
        let headers = [headers, &[("authorization", authorization.as_str())]].concat();
        let reply = raw(&url, method, path, &headers, body).await;
        assert!(reply.starts_with("HTTP/1.1 200"), "{service:?}: {reply}");
        let headers = [&headers[..headers.len() - 1], &[("authorization", "AWS4-HMAC-SHA256 Credential=x")]].concat();
        let reply = raw(&url, method, path, &headers, body).await;
        assert!(reply.contains("IncompleteSignature") || reply.contains("AuthFailure"), "{service:?}: {reply}");
    }
}

#[tokio::test]
async fn unknown_operations_are_refused_in_the_services_own_shape() {
    let world = world(1.0);
    let cbor = [("smithy-protocol", "rpc-v2-cbor")];
    let cases = [
        (
            Service::Cloudwatch,
            "monitoring",
            "POST",
            "/service/GraniteServiceVersion20100801/operation/Nope",
            &cbor[..],
            "",
            "UnknownOperationException",
        ),
        (Service::Ec2, "ec2", "POST", "/", &[][..], "Action=Nope&Version=2016-11-15", "<Code>InvalidAction</Code>"),
        (Service::Drs, "drs", "GET", "/DescribeJobs", &[][..], "", "UnknownOperationException"),
        (Service::Route53, "route53", "DELETE", "/2013-04-01/healthcheck/x", &[][..], "", "UnknownOperationException"),
        (Service::Sts, "sts", "GET", "/?Action=Nope", &[][..], "", "<Code>InvalidAction</Code>"),
    ];
    for (service, name, method, path, headers, body, want) in cases {
        let listener = serve(service, &world, ACTIVE).await;
        let authorization = signed(ACTIVE, name);
        let headers = [headers, &[("authorization", authorization.as_str())]].concat();
        let reply = raw(&listener.url(), method, path, &headers, body).await;
        assert!(reply.starts_with("HTTP/1.1 4") && reply.contains(want), "{service:?}: {reply}");
    }
}

#[tokio::test]
async fn odd_names_reach_the_sdk_whole() {
    let odd = "a <b> & \"c\" 'd' \u{202e}evil\u{200b} ü \n\t";
    let answer = move |r: &Request| {
        let tag = Tree::map().with("key", "Name").with("value", odd);
        let image = Tree::map().with("imageId", "ami-1").with("name", odd).with("tagSet", Tree::list("item", [tag]));
        let tree = Tree::map().with("imagesSet", Tree::list("item", [image]));
        Protocol::Ec2.success(&r.id, "DescribeImages", &tree).into()
    };
    let listener = Listener::start(0, handler(answer)).await.unwrap();
    let ec2 = client!(aws_sdk_ec2, listener.url(), ACTIVE);
    let images = ec2.describe_images().send().await.unwrap();
    assert_eq!(images.images()[0].name(), Some(odd));
    assert_eq!(images.images()[0].tags()[0].value(), Some(odd));
}

#[tokio::test]
async fn an_error_reaches_the_sdk_with_its_members() {
    let answer = |r: &Request| {
        let fault =
            Fault::new(409, "ConflictException", "a rule says no").with("resourceId", "x").with("resourceType", "y");
        Protocol::RestJson.failure(&r.id, &fault).into()
    };
    let listener = Listener::start(0, handler(answer)).await.unwrap();
    let drs = client!(aws_sdk_drs, listener.url(), ACTIVE);
    let server = aws_sdk_drs::types::StartRecoveryRequestSourceServer::builder()
        .source_server_id("s-12345678901234567")
        .build()
        .unwrap();
    let error = drs.start_recovery().source_servers(server).send().await.unwrap_err().into_service_error();
    let aws_sdk_drs::operation::start_recovery::StartRecoveryError::ConflictException(conflict) = error else {
        panic!("{error:?}");
    };
    assert_eq!((conflict.message.as_deref(), conflict.resource_id.as_deref()), (Some("a rule says no"), Some("x")));
}
