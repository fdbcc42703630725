//! The ways to a server: to this machine itself and to its link never by a proxy; to everything else as the environment
//! says, trusting whom the environment names.
//!
//! The SDK honours `HTTP_PROXY` even for 127.0.0.1 and for the metadata service, which no proxy can reach, and knows
//! nothing of `AWS_CA_BUNDLE`.

use std::fmt;
use std::net::IpAddr;

use aws_smithy_http_client::ConnectorBuilder;
use aws_smithy_http_client::pool::{Client as PoolClient, ConnectionPool, DriverSpawner, Partition, PartitionId};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::bounded::{Bounded, Limit};
use super::outage::{Outage, Target};
use super::trust::{Trust, Untrusted};

/// The pools' one partition.
const PARTITION: PartitionId = PartitionId::from_index(0);

/// All ways. Cheap to clone; connections are shared.
#[derive(Clone, Debug)]
pub(super) struct Wires {
    /// Plain HTTP without a proxy, and without a trust store to load: to this machine, and to its link.
    near: SharedHttpClient,
    /// HTTPS to this machine.
    near_tls: SharedHttpClient,
    /// Everything else: proxies as the environment says.
    outside: SharedHttpClient,
    /// What no request reaches, whichever way it would go.
    outage: Outage,
}

impl Wires {
    /// Ways that trust whom `trust` names. Connections live on the tokio runtime that this is called in.
    pub(super) fn new(trust: &Result<Trust, Untrusted>) -> Self {
        let runtime = tokio::runtime::Handle::current();
        let pool = || {
            let runtime = runtime.clone();
            let spawner = DriverSpawner::from_fn(move |task| drop(runtime.spawn(task)));
            ConnectionPool::builder().partitions([Partition::new(PARTITION, spawner)])
        };
        let near = pooled(pool().build_http(), None);
        let context = match trust {
            Ok(trust) => trust.context(),
            Err(why) => {
                let closed = || SharedHttpClient::new(Closed(why.clone()));
                return Self { near, near_tls: closed(), outside: closed(), outage: Outage::default() };
            }
        };
        let tls = || Provider::Rustls(CryptoMode::AwsLc);
        let by_tls = |proxy| {
            let pool = pool().tls_provider(tls()).proxy_config(proxy);
            match context.clone() {
                Some(context) => pool.tls_context(context).build_https(),
                None => pool.build_https(),
            }
        };
        Self {
            near,
            near_tls: pooled(by_tls(ProxyConfig::disabled()), context.clone()),
            outside: pooled(by_tls(ProxyConfig::from_env()), context.clone()),
            outage: Outage::default(),
        }
    }

    /// The same ways, kept away from what is gone. Connections stay shared: the keeping comes before them.
    pub(super) fn without(&self, outage: &Outage) -> Self {
        Self { outage: outage.clone(), ..self.clone() }
    }

    /// What is taken to be gone.
    pub(super) fn outage(&self) -> &Outage {
        &self.outage
    }

    /// The way to what a client asks, at a URL; without one, each request finds its own.
    pub(super) fn to(&self, target: Target, url: Option<&str>, limit: Limit) -> SharedHttpClient {
        let inner = match url {
            Some(url) => self.of(url).clone(),
            None => SharedHttpClient::new(Any(self.clone())),
        };
        Bounded::of(self.outage.keep_away(inner, target), limit)
    }

    fn of(&self, url: &str) -> &SharedHttpClient {
        match nearness(url) {
            Near::Here if url.starts_with("http:") => &self.near,
            Near::Here => &self.near_tls,
            Near::Link if url.starts_with("http:") => &self.near,
            Near::Link | Near::Not => &self.outside,
        }
    }
}

/// A pool that cannot be built leaves the SDK's own client, which works but knows nothing of loopback.
fn pooled<E: fmt::Display>(pool: Result<ConnectionPool, E>, context: Option<TlsContext>) -> SharedHttpClient {
    let client = pool
        .map_err(|e| e.to_string())
        .and_then(|p| PoolClient::from_partition(&p, PARTITION).map_err(|e| e.to_string()));
    match client {
        Ok(client) => aws_smithy_runtime_api::shared::IntoShared::into_shared(client),
        Err(why) => {
            tracing::error!(why, "no HTTP client of our own: falling back to the SDK's");
            sdks_own(context)
        }
    }
}

/// The client that the SDK makes itself where it is given none.
fn sdks_own(context: Option<TlsContext>) -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        if let Some(context) = context.clone() {
            connector.set_tls_context(context);
        }
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}

/// Finds the way for each request by its own URL.
#[derive(Debug)]
struct Any(Wires);

impl HttpClient for Any {
    fn http_connector(&self, settings: &HttpConnectorSettings, with: &RuntimeComponents) -> SharedHttpConnector {
        let of = |client: &SharedHttpClient| client.http_connector(settings, with);
        let Wires { near, near_tls, outside, .. } = &self.0;
        SharedHttpConnector::new(AnyConnector { near: of(near), near_tls: of(near_tls), outside: of(outside) })
    }
}

#[derive(Debug)]
struct AnyConnector {
    near: SharedHttpConnector,
    near_tls: SharedHttpConnector,
    outside: SharedHttpConnector,
}

impl HttpConnector for AnyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let plain = request.uri().starts_with("http:");
        match nearness(request.uri()) {
            Near::Here | Near::Link if plain => self.near.call(request),
            Near::Here => self.near_tls.call(request),
            Near::Link | Near::Not => self.outside.call(request),
        }
    }
}

/// A way that nobody may go, and why.
#[derive(Debug)]
struct Closed(Untrusted);

impl HttpClient for Closed {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Closed(self.0.clone()))
    }
}

impl HttpConnector for Closed {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let why: BoxError = self.0.clone().into();
        HttpConnectorFuture::ready(Err(ConnectorError::other(why, None).never_connected()))
    }
}

/// How near a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Near {
    /// This machine.
    Here,
    /// What only this machine reaches: the metadata services of instances and containers.
    Link,
    /// Anywhere else.
    Not,
}

fn nearness(url: &str) -> Near {
    let Ok(url) = reqwest::Url::parse(url) else { return Near::Not };
    let Some(host) = url.host_str() else { return Near::Not };
    let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    match bare.parse::<IpAddr>() {
        Ok(address) => nearness_of(address),
        Err(_) if is_loopback_name(bare) => Near::Here,
        Err(_) => Near::Not,
    }
}

fn nearness_of(address: IpAddr) -> Near {
    match address {
        ip if ip.is_loopback() => Near::Here,
        IpAddr::V4(ip) if ip.is_link_local() => Near::Link,
        // EC2's and EKS's metadata services by IPv6: fd00:ec2::/32.
        IpAddr::V6(ip) if ip.segments().starts_with(&[0xfd00, 0x0ec2]) => Near::Link,
        _ => Near::Not,
    }
}

/// Whether an address is this machine's, or one that only this machine reaches.
pub(super) fn is_own(address: IpAddr) -> bool {
    nearness_of(address) != Near::Not
}

/// Whether a name is this machine's, which nobody is asked about.
pub(super) fn is_loopback_name(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether a URL leads to this machine itself. Proxies have no business there.
#[must_use]
pub fn is_loopback(url: &str) -> bool {
    nearness(url) == Near::Here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_this_machine_reaches_is_never_asked_by_a_proxy() {
        for (url, near) in [
            ("http://127.0.0.1:80/x", Near::Here),
            ("https://[::1]:1/", Near::Here),
            ("http://a.localhost/", Near::Here),
            ("http://169.254.169.254/latest", Near::Link),
            ("http://169.254.170.2/v2", Near::Link),
            ("http://[fd00:ec2::23]/v1/credentials", Near::Link),
            ("https://sts.us-east-1.amazonaws.com/", Near::Not),
            ("http://10.0.0.1/", Near::Not),
        ] {
            assert_eq!(nearness(url), near, "{url}");
        }
    }
}
