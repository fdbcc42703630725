//! HTTP that is not AWS's: applications' health pages, and the clock of any answer. The only maker of such clients for
//! what looks, so that they too are kept away from what is gone.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};

use super::outage::{Away, Outage, Target};
use super::{Sdk, is_loopback};

/// Two clients: one without proxies for this machine, one with the environment's for all others.
#[derive(Clone)]
pub(crate) struct Web {
    here: Option<Client>,
    outside: Option<Client>,
    outage: Outage,
    connect: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    /// It is taken to be gone.
    #[error(transparent)]
    Away(#[from] Away),
    /// There is no client: the log says why.
    #[error("no HTTP client")]
    NoClient,
    /// The request failed.
    #[error(transparent)]
    Failed(#[from] reqwest::Error),
}

impl Web {
    /// Clients that wait `connect` for a connection and `whole` for all of an answer, and trust the system's
    /// certificates and these, as PEM. A redirect is an answer; where it leads is not what was asked.
    pub(crate) fn new(sdk: &Sdk, connect: Duration, whole: Duration, trusted: Option<&str>) -> Self {
        let trusted = trusted.and_then(|pem| reqwest::Certificate::from_pem_bundle(pem.as_bytes()).ok());
        let trusted = trusted.unwrap_or_default();
        let client = || {
            let client = Client::builder()
                .redirect(Policy::none())
                .connect_timeout(connect)
                .timeout(whole)
                .pool_max_idle_per_host(1)
                .user_agent(concat!("signalbox/", env!("CARGO_PKG_VERSION")));
            trusted.iter().cloned().fold(client, ClientBuilder::add_root_certificate)
        };
        let built =
            |builder: ClientBuilder| builder.build().inspect_err(|e| tracing::error!(%e, "no HTTP client")).ok();
        Self { here: built(client().no_proxy()), outside: built(client()), outage: sdk.outage().clone(), connect }
    }

    /// One GET.
    ///
    /// # Errors
    /// When there is no answer, of whatever status.
    pub(crate) async fn get(&self, target: &Target, url: &str) -> Result<Response, WebError> {
        self.outage.pass(target, url, Some(self.connect)).await?;
        let client = if is_loopback(url) { &self.here } else { &self.outside };
        let client = client.as_ref().ok_or(WebError::NoClient)?;
        Ok(client.get(url).send().await?)
    }
}
