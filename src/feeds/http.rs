//! Asking the applications themselves: one GET, and what it answered.

use std::time::{Duration, Instant};

use crate::aws::{Sdk, Target, Web, WebError, clip};
use crate::event::{Failure, FailureKind, News, ProbeAnswer};
use crate::time::Span;

/// Bytes of an answer that are read: enough to see that the page is really sent.
const ENOUGH: usize = 64 * 1024;

/// Asks health pages.
#[derive(Clone)]
pub(super) struct Prober(Web);

impl Prober {
    pub(super) fn new(sdk: &Sdk, deadline: Duration) -> Self {
        Self(Web::new(sdk, deadline / 2, deadline - Duration::from_millis(100), None))
    }

    pub(super) async fn ask(self, page: Target, url: String) -> Result<News, Failure> {
        let began = Instant::now();
        let mut answer = self.0.get(&page, &url).await.map_err(|e| failed(&url, &e))?;
        let mut read = 0;
        while read < ENOUGH {
            match answer.chunk().await.map_err(|e| failed(&url, &WebError::Failed(e)))? {
                Some(bytes) => read += bytes.len(),
                None => break,
            }
        }
        let took = Span::try_from(began.elapsed()).unwrap_or(Span::MAX);
        Ok(News::Probe(ProbeAnswer { status: answer.status().as_u16(), took }))
    }
}

fn failed(url: &str, error: &WebError) -> Failure {
    let error = match error {
        WebError::Failed(error) => error,
        other => return Failure { kind: FailureKind::Connect, why: format!("{url}: {other}") },
    };
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
