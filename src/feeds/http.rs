//! Asking the applications themselves: one GET, and what it answered.

use std::time::{Duration, Instant};

use reqwest::redirect::Policy;

use crate::aws::{clip, is_loopback};
use crate::event::{Failure, FailureKind, News, ProbeAnswer};
use crate::time::Span;

/// Bytes of an answer that are read: enough to see that the page is really sent.
const ENOUGH: usize = 64 * 1024;

/// Two clients: one without proxies for this machine, one with the environment's for all others.
#[derive(Clone)]
pub(super) struct Prober {
    loopback: Option<reqwest::Client>,
    outside: Option<reqwest::Client>,
}

impl Prober {
    pub(super) fn new(deadline: Duration) -> Self {
        let client = || {
            reqwest::Client::builder()
                // A redirect is an answer; where it leads is not what was asked.
                .redirect(Policy::none())
                .connect_timeout(deadline / 2)
                .timeout(deadline - Duration::from_millis(100))
                .pool_max_idle_per_host(1)
                .user_agent(concat!("signalbox/", env!("CARGO_PKG_VERSION")))
        };
        let built = |builder: reqwest::ClientBuilder| {
            builder.build().inspect_err(|e| tracing::error!(%e, "no HTTP client for probes")).ok()
        };
        Self { loopback: built(client().no_proxy()), outside: built(client()) }
    }

    pub(super) async fn ask(self, url: String) -> Result<News, Failure> {
        let client = if is_loopback(&url) { self.loopback } else { self.outside };
        let Some(client) = client else {
            return Err(Failure { kind: FailureKind::Connect, why: format!("{url}: no HTTP client") });
        };
        let began = Instant::now();
        let mut answer = client.get(&url).send().await.map_err(|e| failed(&url, &e))?;
        let mut read = 0;
        while read < ENOUGH {
            match answer.chunk().await.map_err(|e| failed(&url, &e))? {
                Some(bytes) => read += bytes.len(),
                None => break,
            }
        }
        let took = Span::try_from(began.elapsed()).unwrap_or(Span::MAX);
        Ok(News::Probe(ProbeAnswer { status: answer.status().as_u16(), took }))
    }
}

fn failed(url: &str, error: &reqwest::Error) -> Failure {
    let kind = if error.is_timeout() {
        FailureKind::Timeout
    } else if error.is_connect() {
        FailureKind::Connect
    } else {
        FailureKind::Garbled
    };
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let why = if error.is_timeout() { "no answer in time".to_owned() } else { clip(&cause.to_string(), 300) };
    Failure { kind, why: format!("{url}: {why}") }
}
