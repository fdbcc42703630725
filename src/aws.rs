//! AWS SDK clients for this estate: one set of credentials, the estate's own endpoints, fixed deadlines and bounds, no
//! hidden retries, and no proxy for connections to this machine.
//!
//! The SDK's defaults suit programs that can wait (no deadline, three tries), and honour `HTTP_PROXY` even for
//! 127.0.0.1. A console in an incident, or on the embedded simulator, can afford neither.

mod bounded;
mod clock;
mod credentials;
mod mend;
pub(crate) mod pages;
mod trouble;

pub(crate) use trouble::never_left;
pub use trouble::{Kind, Trouble, clip};

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::ConnectorBuilder;
use aws_smithy_http_client::pool::{Client as PoolClient, ConnectionPool, DriverSpawner, Partition, PartitionId};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use self::bounded::{Bounded, Limit};
use self::credentials::Chain;
use crate::estate::{ClusterEndpoint, Endpoints, Estate, Region};

/// Where Route 53's control plane and the signatures for it are, and IAM's.
const ROUTE53_REGION: &str = "us-east-1";
/// Where the routing controls' control plane is.
const CONTROL_CONFIG_REGION: &str = "us-west-2";

/// The pools' one partition.
const PARTITION: PartitionId = PartitionId::from_index(0);

/// Where AWS credentials come from.
#[derive(Clone, Default)]
pub enum Credentials {
    /// The SDK's own chain: environment, profile, SSO, container, instance.
    #[default]
    Default,
    /// These, and nothing on this machine is read or asked. For a simulator and for tests.
    Static {
        /// Access key id.
        key: String,
        /// Secret access key.
        secret: String,
        /// Session token.
        token: Option<String>,
    },
}

impl Credentials {
    /// Made-up ones, for a server that does not check them.
    #[must_use]
    pub fn dummy() -> Self {
        Credentials::Static { key: "AKIAIOSFODNN7EXAMPLE".into(), secret: "simulated".into(), token: None }
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Credentials::Default => f.write_str("Default"),
            Credentials::Static { .. } => f.write_str("Static(…)"),
        }
    }
}

/// How long a client waits. All three are always set: the SDK's own defaults wait for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// Name lookup, TCP and TLS. Must be shorter than `attempt`, or a request that was never sent looks like one that
    /// was.
    pub connect: Duration,
    /// From the start of a request until its answer has been read to the end.
    pub attempt: Duration,
}

/// How long fetching credentials may take: inside the operation, but outside its attempt.
const CREDENTIALS: Duration = Duration::from_secs(2);

impl Deadlines {
    /// After this long at the latest, a call has ended.
    #[must_use]
    pub const fn whole(self) -> Duration {
        self.attempt.saturating_add(CREDENTIALS)
    }

    pub(crate) fn config(self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.whole())
            .build()
    }
}

/// Builds SDK clients for an estate. Cheap to clone; all clients share connections and credentials.
#[derive(Clone, Debug)]
pub struct Sdk {
    base: SdkConfig,
    endpoints: Endpoints,
    /// For plain HTTP to this machine: no proxy, and no trust store to load.
    loopback_http: SharedHttpClient,
    /// For HTTPS to this machine.
    loopback_https: SharedHttpClient,
    /// For everything else: proxies as the environment says.
    outside: SharedHttpClient,
}

impl Sdk {
    /// Loads credentials and settings once. With [`Credentials::Static`] neither files nor environment are read.
    /// Connections live on the tokio runtime that this is called in.
    pub async fn load(estate: &Estate, credentials: Credentials) -> Self {
        let region = estate.cluster.endpoints.first().map_or("us-east-1", |e| e.region.as_str()).to_owned();
        let region = aws_config::Region::new(region);
        let base = match credentials {
            // Naming a region here keeps the loader from asking the instance metadata service for one.
            Credentials::Default => {
                let http = Bounded::of(sdks_own(), Limit::FEW);
                let base = aws_config::defaults(BehaviorVersion::latest())
                    .region(region)
                    .http_client(http.clone())
                    .load()
                    .await;
                match base.credentials_provider() {
                    Some(chain) => base.to_builder().credentials_provider(Chain::of(chain, http).await).build(),
                    None => base,
                }
            }
            Credentials::Static { key, secret, token } => {
                let credentials = aws_credential_types::Credentials::new(key, secret, token, None, "signalbox-static");
                SdkConfig::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(region)
                    .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(credentials))
                    .build()
            }
        };
        let tls = || Provider::Rustls(CryptoMode::AwsLc);
        let runtime = tokio::runtime::Handle::current();
        let pool = || {
            let runtime = runtime.clone();
            let spawner = DriverSpawner::from_fn(move |task| drop(runtime.spawn(task)));
            ConnectionPool::builder().partitions([Partition::new(PARTITION, spawner)])
        };
        Self {
            base,
            endpoints: estate.endpoints.clone(),
            loopback_http: pooled(pool().build_http()),
            loopback_https: pooled(pool().tls_provider(tls()).build_https()),
            outside: pooled(pool().proxy_config(ProxyConfig::from_env()).tls_provider(tls()).build_https()),
        }
    }

    /// Fetches credentials as a call would, and says when they end; none for those that do not.
    ///
    /// # Errors
    /// If there are no credentials.
    pub async fn credentials_end(&self) -> Result<Option<crate::time::Timestamp>, Trouble> {
        use aws_credential_types::provider::ProvideCredentials as _;
        let none = || Trouble::said(Kind::Denied, "there are no AWS credentials");
        let provider = self.base.credentials_provider().ok_or_else(none)?;
        let fetched = tokio::time::timeout(Duration::from_secs(5), provider.provide_credentials()).await;
        let credentials = fetched.map_err(|_| Trouble::timeout(Duration::from_secs(5)))?;
        let credentials = credentials.map_err(|e| Trouble::from(&e))?;
        Ok(credentials.expiry().and_then(|at| crate::time::Timestamp::try_from(at).ok()))
    }

    fn http_for(&self, url: Option<&str>, limit: Limit) -> SharedHttpClient {
        let inner = match url {
            Some(url) if is_loopback(url) && url.starts_with("http:") => &self.loopback_http,
            Some(url) if is_loopback(url) => &self.loopback_https,
            _ => &self.outside,
        };
        Bounded::of(inner.clone(), limit)
    }

    fn of<'a>(map: &'a BTreeMap<Region, String>, region: &Region) -> Option<&'a str> {
        map.get(region).map(String::as_str)
    }
}

/// A pool that cannot be built leaves the SDK's own client, which works but knows nothing of loopback.
fn pooled<E: std::fmt::Display>(pool: Result<ConnectionPool, E>) -> SharedHttpClient {
    let client = pool
        .map_err(|e| e.to_string())
        .and_then(|p| PoolClient::from_partition(&p, PARTITION).map_err(|e| e.to_string()));
    match client {
        Ok(client) => aws_smithy_runtime_api::shared::IntoShared::into_shared(client),
        Err(why) => {
            tracing::error!(why, "no HTTP client of our own: falling back to the SDK's");
            sdks_own()
        }
    }
}

/// The client that the SDK makes itself where it is given none.
fn sdks_own() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $krate:ident, $limit:ident, |$sdk:ident| $place:expr;)+) => {
        impl Sdk {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(&self, $($arg: $ty,)* deadlines: Deadlines) -> $krate::Client {
                let $sdk = self;
                let (region, url): (&str, Option<&str>) = $place;
                let mut config = $krate::config::Builder::from(&self.base)
                    .region($krate::config::Region::new(region.to_owned()))
                    .retry_config(RetryConfig::disabled())
                    .timeout_config(deadlines.config())
                    // The attempt deadline covers stalled bodies as well, and is shorter.
                    .stalled_stream_protection($krate::config::StalledStreamProtectionConfig::disabled());
                config.set_http_client(Some(self.http_for(url, Limit::$limit)));
                if let Some(url) = url {
                    config.set_endpoint_url(Some(url.to_owned()));
                }
                $krate::Client::from_conf(config.build())
            }
        )+}
    };
}

clients! {
    /// The routing controls' data plane at one cluster endpoint, signed for the endpoint's own region.
    arc(endpoint: &ClusterEndpoint) -> aws_sdk_route53recoverycluster, FEW,
        |_sdk| (endpoint.region.as_str(), Some(endpoint.url.as_str()));
    /// The routing controls' control plane. Only for discovery, never during a flip.
    control_config() -> aws_sdk_route53recoverycontrolconfig, FEW,
        |sdk| (CONTROL_CONFIG_REGION, sdk.endpoints.recovery_control_config.as_deref());
    /// CloudWatch of a region.
    cloudwatch(region: &Region) -> aws_sdk_cloudwatch, LISTS,
        |sdk| (region.as_str(), Sdk::of(&sdk.endpoints.cloudwatch, region));
    /// DRS of a region.
    drs(region: &Region) -> aws_sdk_drs, LISTS, |sdk| (region.as_str(), Sdk::of(&sdk.endpoints.drs, region));
    /// EC2 of a region.
    ec2(region: &Region) -> aws_sdk_ec2, LISTS, |sdk| (region.as_str(), Sdk::of(&sdk.endpoints.ec2, region));
    /// STS of a region.
    sts(region: &Region) -> aws_sdk_sts, FEW, |sdk| (region.as_str(), Sdk::of(&sdk.endpoints.sts, region));
    /// IAM. Only for `doctor`, never during an incident.
    iam() -> aws_sdk_iam, FEW, |sdk| (ROUTE53_REGION, sdk.endpoints.iam.as_deref());
    /// Route 53.
    route53() -> aws_sdk_route53, FEW, |sdk| (ROUTE53_REGION, sdk.endpoints.route53.as_deref());
}

/// Whether a URL leads to this machine itself. Proxies have no business there.
#[must_use]
pub fn is_loopback(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    match bare.parse::<std::net::IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => bare == "localhost" || bare.ends_with(".localhost"),
    }
}
