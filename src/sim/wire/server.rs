//! Listeners on loopback.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::{Answer, Reply, Request};

/// A service, as a listener carries it. It must not block for long.
pub type Handler = Arc<dyn Fn(&Request) -> Answer + Send + Sync>;

/// More than this no request of ours weighs.
const BODY_LIMIT: usize = 4 << 20;
/// Connections at once; those that hang count.
const CONNECTIONS: usize = 512;
/// How long a connection may stand idle between two requests.
const IDLE: Duration = Duration::from_secs(300);

/// A server on 127.0.0.1. Dropping it stops it and closes its connections.
#[derive(Debug)]
pub struct Listener {
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Listener {
    /// Begins to listen on this port, or on one that the system chooses (0). Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn start(port: u16, handler: Handler) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let addr = socket.local_addr()?;
        Ok(Self { addr, task: tokio::spawn(accept(socket, handler)) })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where it listens, as a URL without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(socket: TcpListener, handler: Handler) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = socket.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, handler.clone()));
                }
                // Out of file handles, most likely: others must close first.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}

async fn converse(stream: TcpStream, handler: Handler) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| respond(request, handler.clone()));
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_headers(100)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Makes hyper close the connection without a word.
#[derive(Debug, thiserror::Error)]
#[error("closed on purpose")]
struct Closed;

/// A body that has an end, or none.
type Sent = Either<Full<Bytes>, Endless>;

/// The same bytes again and again.
#[derive(Debug)]
struct Endless(Bytes);

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(self.0.clone()))))
    }
}

async fn respond(request: hyper::Request<Incoming>, handler: Handler) -> Result<hyper::Response<Sent>, Closed> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(e) if e.is::<LengthLimitError>() => {
            return Ok(response(Reply::new(413, "text/plain", "request too large")));
        }
        Err(_) => return Err(Closed),
    };
    match handler(&Request::new(&parts, body)) {
        Answer::Reply(reply) => Ok(response(reply)),
        Answer::Later(wait, reply) => {
            tokio::time::sleep(wait).await;
            Ok(response(reply))
        }
        Answer::Endless(mut reply) => {
            let body = Bytes::from(std::mem::take(&mut reply.body));
            Ok(response(reply).map(|_| Either::Right(Endless(body))))
        }
        Answer::Hang => match std::future::pending::<Infallible>().await {},
        Answer::Close => Err(Closed),
    }
}

fn response(reply: Reply) -> hyper::Response<Sent> {
    let mut response = hyper::Response::new(Either::Left(Full::new(Bytes::from(reply.body))));
    *response.status_mut() =
        hyper::StatusCode::from_u16(reply.status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        // Names in error texts may hold what a header cannot: such a header is left out.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_ref()), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
