//! A cluster that misbehaves on demand: five endpoints over one state, written by hand on raw sockets, so that
//! it can hang, break off, lag and lie in ways that no honest server can. It also watches the client: which endpoints
//! got a write, and how many writes were carried out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use signalbox::arc::{Cluster, Patience};
use signalbox::aws::{Acting, Credentials, Deed, Sdk};
use signalbox::change::{Digest, Flip};
use signalbox::effect::FlipOrder;
use signalbox::estate::{ClusterEndpoint, ControlArn, ControlState, Estate, Region};
use signalbox::event::FlipOutcome;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

pub const REGIONS: [&str; 5] = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"];
pub const RULE: &str = "arn:aws:route53-recovery-control::111122223333:controlpanel/cp1/safetyrule/r1";

/// ARC's errors that say nothing about the change.
const FAILURES: [(u16, &str); 4] = [
    (500, "InternalServerException"),
    (503, "EndpointTemporarilyUnavailableException"),
    (429, "ThrottlingException"),
    (409, "ConflictException"),
];

/// What an endpoint does with a request, after it was read whole.
#[derive(Clone, Debug)]
pub enum Do {
    /// Answers.
    Answer,
    /// Answers after a while.
    Slowly(Duration),
    /// Never answers; a write is carried out or not.
    Hang { apply: bool },
    /// Never answers, and carries the write out later.
    HangThenApply(Duration),
    /// Breaks the connection; a write is carried out or not.
    Reset { apply: bool },
    /// Sends half an answer and no more; a write is carried out or not.
    Half { apply: bool },
    /// Says this; a write is carried out or not.
    Say { apply: bool, status: u16, said: Value },
    /// Says this, and carries the write out later all the same: no endpoint should.
    SayThenApply { after: Duration, status: u16, said: Value },
    /// Says half of a coded error, and hangs or closes then; a write is carried out or not.
    HalfError { apply: bool, closes: bool },
    /// Says something that is no answer; a write is carried out or not.
    Babble { apply: bool },
    /// Answers until it has had a write, and never again.
    AnswerUntilWritten,
    /// Answers, but no list of all controls: that is refused so.
    PanelsOnly { status: u16, name: &'static str },
    /// Answers once, and listens no more.
    AnswerOnce,
    /// Silent until any endpoint had a write; then it shows the states of long ago, which are those that are asked for.
    LongAgo,
}

impl Do {
    /// Says no with a coded error.
    pub fn refuse(apply: bool, status: u16, name: &str, message: &str) -> Self {
        Do::Say { apply, status, said: json!({"__type": name, "message": message}) }
    }
    /// Every way in which an endpoint says, whole, that it cannot just now.
    pub fn fails(apply: bool) -> [Self; 4] {
        FAILURES.map(|(status, name)| Do::refuse(apply, status, name, "m"))
    }
    /// Whether it says so.
    pub fn is_failure(&self) -> bool {
        let (Do::Say { status, said, .. } | Do::SayThenApply { status, said, .. }) = self else { return false };
        let ruled = said.to_string().contains(RULE);
        !ruled && FAILURES.contains(&(*status, said["__type"].as_str().unwrap_or_default()))
    }
}

/// One endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub listens: bool,
    pub reads: Do,
    pub writes: Do,
    /// How late it hears of what another endpoint carried out.
    pub lag: Duration,
}

impl Endpoint {
    pub fn well() -> Self {
        Self { listens: true, reads: Do::Answer, writes: Do::Answer, lag: Duration::ZERO }
    }
    pub fn refusing() -> Self {
        Self { listens: false, ..Self::well() }
    }
    pub fn reading(reads: Do) -> Self {
        Self { reads, ..Self::well() }
    }
    pub fn writing(writes: Do) -> Self {
        Self { writes, ..Self::well() }
    }
    pub fn both(what: Do) -> Self {
        Self { reads: what.clone(), writes: what, ..Self::well() }
    }
    /// Its first answer comes late enough that another endpoint gets the write.
    pub fn second() -> Self {
        Self::reading(Do::Slowly(Duration::from_millis(100)))
    }
    pub fn lagging(self, lag: Duration) -> Self {
        Self { lag, ..self }
    }
}

type States = BTreeMap<String, String>;

#[derive(Default)]
pub struct Seen {
    /// The cluster's true states.
    pub states: States,
    /// What they were before each write, who carried it out, and when.
    before: Vec<(Instant, usize, States)>,
    /// Writes carried out.
    pub applied: usize,
    /// Endpoints that got a write, in order.
    pub writes: Vec<usize>,
    /// Refuse a change this soon after another, as a safety rule's wait period does.
    pub wait_period: Option<Duration>,
    pub overrides: Vec<String>,
    /// The control panel of every list that was asked for; none for one of all.
    pub lists: Vec<Option<String>>,
    /// For so long every read shows the states before a write, also at the endpoint that carried it out.
    pub stale: Duration,
}

impl Seen {
    /// Who carried a write out.
    pub fn carried_out_by(&self) -> Option<usize> {
        self.before.last().map(|(_, by, _)| *by)
    }

    /// The states as an endpoint has them that hears of others' writes late.
    fn at(&self, endpoint: usize, lag: Duration) -> &States {
        let unheard = self
            .before
            .iter()
            .find(|(at, by, _)| at.elapsed() < if *by == endpoint { self.stale } else { lag.max(self.stale) });
        unheard.map_or(&self.states, |(_, _, states)| states)
    }
}

pub struct Fake {
    pub seen: Arc<Mutex<Seen>>,
    pub cluster: Cluster,
    acting: Acting,
    pub estate: Estate,
    _tasks: JoinSet<()>,
    _closed: Vec<TcpSocket>,
}

impl Fake {
    pub async fn start(endpoints: Vec<Endpoint>, patience: Patience) -> Self {
        let mut estate = Estate::parse(include_str!("../../support/estate.toml"), "estate.toml").unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        for (i, control) in estate.controls().enumerate() {
            let state = if i == 0 { "On" } else { "Off" };
            seen.lock().unwrap().states.insert(control.arn.to_string(), state.into());
        }
        let mut tasks = JoinSet::new();
        let mut closed = Vec::new();
        estate.cluster.endpoints.clear();
        for (i, endpoint) in endpoints.into_iter().enumerate() {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let url = format!("http://{}/v1", socket.local_addr().unwrap());
            estate.cluster.endpoints.push(ClusterEndpoint { region: Region::from(REGIONS[i]), url });
            if !endpoint.listens {
                // Kept bound, so that nobody else listens there.
                closed.push(socket);
            } else {
                let (seen, listener) = (Arc::clone(&seen), socket.listen(64).unwrap());
                let ear = Arc::new(OnceLock::new());
                let its = Arc::clone(&ear);
                let listening = tasks.spawn(async move {
                    while let Ok((stream, _)) = listener.accept().await {
                        let at = At { i, endpoint: endpoint.clone(), seen: Arc::clone(&seen), ear: Arc::clone(&its) };
                        tokio::spawn(at.serve(stream));
                    }
                });
                ear.set(listening).unwrap();
            }
        }
        let sdk = Sdk::load(&estate, Credentials::dummy()).await;
        let cluster = Cluster::with(&estate, &sdk, patience);
        let acting = sdk.act(&Deed::of_nobody());
        Self { seen, cluster, acting, estate, _tasks: tasks, _closed: closed }
    }

    /// Carries an order out.
    pub async fn flip(&self, order: &FlipOrder, deadline: Duration) -> FlipOutcome {
        self.cluster.flip(order, &self.acting, deadline).await
    }

    /// Portal from the first region to the second.
    pub fn order(&self) -> FlipOrder {
        let flips = self.estate.controls().enumerate().map(|(i, c)| {
            let from = if i == 0 { ControlState::On } else { ControlState::Off };
            Flip { arn: c.arn.clone(), name: c.name.clone(), from, to: from.flipped() }
        });
        FlipOrder { change: Digest::of("a change"), holds: Vec::new(), flips: flips.collect(), overrides: Vec::new() }
    }

    pub fn is_done(&self) -> bool {
        let seen = self.seen.lock().unwrap();
        self.order().flips.iter().all(|f| seen.states.get(f.arn.as_str()) == Some(&f.to.to_string()))
    }

    pub fn set(&self, arn: &ControlArn, state: ControlState) {
        self.seen.lock().unwrap().states.insert(arn.to_string(), state.to_string());
    }
}

/// One connection to one endpoint.
struct At {
    i: usize,
    endpoint: Endpoint,
    seen: Arc<Mutex<Seen>>,
    ear: Arc<OnceLock<AbortHandle>>,
}

impl At {
    async fn serve(self, mut stream: TcpStream) {
        let mut buffer = Vec::new();
        while let Some((head, body)) = request(&mut stream, &mut buffer).await {
            let scope = format!("/{}/route53-recovery-cluster/aws4_request", REGIONS[self.i]);
            assert!(head.contains(&scope), "signed for another region: {head}");
            assert!(head.starts_with("POST /v1"), "the /v1 of the endpoint is gone: {head}");
            let operation = head
                .lines()
                .find_map(|l| {
                    l.to_ascii_lowercase().strip_prefix("x-amz-target: togglecustomerapi.").map(str::to_owned)
                })
                .unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let what = if operation.starts_with("update") {
                self.seen.lock().unwrap().writes.push(self.i);
                &self.endpoint.writes
            } else {
                if operation == "listroutingcontrols" {
                    let panel = body["ControlPanelArn"].as_str().map(str::to_owned);
                    self.seen.lock().unwrap().lists.push(panel);
                }
                &self.endpoint.reads
            };
            if !self.act(what, &operation, &body, &mut stream).await {
                return;
            }
        }
    }

    fn carry_out_after(&self, after: Duration, operation: &str, body: &Value) {
        let (i, lag, seen) = (self.i, self.endpoint.lag, Arc::clone(&self.seen));
        let (operation, body) = (operation.to_owned(), body.clone());
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            answer(i, lag, &operation, &body, &seen);
        });
    }

    async fn act(&self, what: &Do, operation: &str, body: &Value, stream: &mut TcpStream) -> bool {
        let carry_out = |wanted: bool| {
            if wanted && operation.starts_with("update") {
                drop(answer(self.i, self.endpoint.lag, operation, body, &self.seen))
            }
        };
        match what {
            Do::Answer | Do::Slowly(_) => {
                if let Do::Slowly(after) = what {
                    tokio::select! {
                        () = tokio::time::sleep(*after) => {}
                        () = closed(stream) => return false,
                    }
                }
                let (status, said) = answer(self.i, self.endpoint.lag, operation, body, &self.seen);
                say(stream, status, &said.to_string()).await
            }
            Do::PanelsOnly { status, name } => {
                let whole = operation == "listroutingcontrols" && body["ControlPanelArn"].is_null();
                let no = Do::refuse(false, *status, name, "no list of all controls");
                Box::pin(self.act(if whole { &no } else { &Do::Answer }, operation, body, stream)).await
            }
            Do::AnswerUntilWritten => {
                let written = self.seen.lock().unwrap().writes.contains(&self.i);
                let then = if written { Do::Hang { apply: false } } else { Do::Answer };
                Box::pin(self.act(&then, operation, body, stream)).await
            }
            Do::LongAgo if self.seen.lock().unwrap().writes.is_empty() => {
                closed(stream).await;
                false
            }
            Do::LongAgo => {
                let (status, said) = answer(self.i, self.endpoint.lag, operation, body, &self.seen);
                let said = said.to_string().replace("\"On\"", "\"?\"").replace("\"Off\"", "\"On\"");
                say(stream, status, &said.replace("\"?\"", "\"Off\"")).await
            }
            Do::AnswerOnce => {
                let ear = self.ear.get().unwrap();
                ear.abort();
                while !ear.is_finished() {
                    tokio::task::yield_now().await;
                }
                let (_, said) = answer(self.i, self.endpoint.lag, operation, body, &self.seen);
                let said = said.to_string();
                let n = said.len();
                let text = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {n}\r\n\r\n{said}");
                let _ = stream.write_all(text.as_bytes()).await;
                false
            }
            Do::Hang { apply } => {
                carry_out(*apply);
                closed(stream).await;
                false
            }
            Do::HangThenApply(after) => {
                self.carry_out_after(*after, operation, body);
                closed(stream).await;
                false
            }
            Do::SayThenApply { after, status, said } => {
                self.carry_out_after(*after, operation, body);
                say(stream, *status, &said.to_string()).await
            }
            Do::HalfError { apply, closes } => {
                carry_out(*apply);
                let head = "HTTP/1.1 503 X\r\ncontent-type: application/x-amz-json-1.0\r\nx-amzn-requestid: 0\r\n\
                    x-amzn-errortype: EndpointTemporarilyUnavailableException\r\ncontent-length: 400\r\n\r\n{\"me";
                let _ = stream.write_all(head.as_bytes()).await;
                if !closes {
                    closed(stream).await;
                }
                false
            }
            Do::Reset { apply } => {
                carry_out(*apply);
                false
            }
            Do::Half { apply } => {
                carry_out(*apply);
                let head =
                    "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 400\r\n\r\n{\"Rou";
                let _ = stream.write_all(head.as_bytes()).await;
                closed(stream).await;
                false
            }
            Do::Say { apply, status, said } => {
                carry_out(*apply);
                say(stream, *status, &said.to_string()).await
            }
            Do::Babble { apply } => {
                carry_out(*apply);
                let page =
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 21\r\n\r\n<html>it works</html>";
                stream.write_all(page.as_bytes()).await.is_ok()
            }
        }
    }
}

fn answer(i: usize, lag: Duration, operation: &str, body: &Value, seen: &Arc<Mutex<Seen>>) -> (u16, Value) {
    let mut seen = seen.lock().unwrap();
    match operation {
        "listroutingcontrols" => {
            let all = seen.at(i, lag).iter().map(|(arn, state)| {
                json!({"RoutingControlArn": arn, "RoutingControlName": "c", "RoutingControlState": state})
            });
            (200, json!({"RoutingControls": all.collect::<Vec<_>>()}))
        }
        "getroutingcontrolstate" => {
            let arn = body["RoutingControlArn"].as_str().unwrap();
            let state = seen.at(i, lag).get(arn).cloned().unwrap_or("Off".into());
            (200, json!({"RoutingControlArn": arn, "RoutingControlState": state}))
        }
        _ => {
            let overrides = body["SafetyRulesToOverride"].as_array().cloned().unwrap_or_default();
            seen.overrides = overrides.iter().map(|o| o.as_str().unwrap().to_owned()).collect();
            if seen.wait_period.zip(seen.before.last()).is_some_and(|(wait, (at, ..))| at.elapsed() < wait) {
                let message = format!("The safety rule {RULE} is in its wait period.");
                return (409, json!({"__type": "ConflictException", "message": message}));
            }
            let before = seen.states.clone();
            seen.before.push((Instant::now(), i, before));
            for entry in body["UpdateRoutingControlStateEntries"].as_array().unwrap() {
                let arn = entry["RoutingControlArn"].as_str().unwrap().to_owned();
                seen.states.insert(arn, entry["RoutingControlState"].as_str().unwrap().to_owned());
            }
            seen.applied += 1;
            (200, json!({}))
        }
    }
}

async fn say(stream: &mut TcpStream, status: u16, said: &str) -> bool {
    let n = said.len();
    let text = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\nx-amzn-requestid: 0\r\ncontent-length: {n}\r\n\r\n{said}"
    );
    stream.write_all(text.as_bytes()).await.is_ok()
}

async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    loop {
        if let Some(at) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..at]).into_owned();
            let length = head
                .lines()
                .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ").and_then(|n| n.parse().ok()))
                .unwrap_or(0);
            if buffer.len() >= at + 4 + length {
                let body = buffer[at + 4..at + 4 + length].to_vec();
                buffer.drain(..at + 4 + length);
                return Some((head, body));
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => buffer.extend_from_slice(&chunk[..n]),
            _ => return None,
        }
    }
}

/// Until the client has gone.
async fn closed(stream: &mut TcpStream) {
    let mut byte = [0];
    while matches!(stream.read(&mut byte).await, Ok(n) if n > 0) {}
}
