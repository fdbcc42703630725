//! What is taken to be gone (`doctor --without`), and the one place that keeps every call away from it.
//!
//! The maker of a client says what it asks, and where ([`Target`]). Each request's own name is judged besides, so that a
//! client that leads elsewhere than its maker thinks gets through no more. What is asked is remembered: a report tells
//! what was tried, not what should be so.

mod host;

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;

use super::wires::is_own;
use crate::estate::{Region, ResolverName, ServiceName};

/// How long what is gone is waited for, at most: a silent network ends a connection's deadline, and no sooner.
const SILENCE: Duration = Duration::from_secs(2);

/// What may be gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gone {
    /// A region, with everything of AWS's that is there alone: of us-east-1, what serves all regions.
    Region(Region),
    /// AWS IAM Identity Center, in whichever region it is.
    IdentityCenter,
    /// The internet's names: nothing is found by a name, and no resolver answers.
    InternetDns,
}

/// What is neither a region nor one of the other names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no region (such as us-east-1), nor `identity-center`, nor `internet-dns`")]
pub struct NoSuch(String);

impl FromStr for Gone {
    type Err = NoSuch;

    fn from_str(text: &str) -> Result<Self, NoSuch> {
        match text {
            "identity-center" => Ok(Gone::IdentityCenter),
            "internet-dns" => Ok(Gone::InternetDns),
            region if host::is_region(region) => Ok(Gone::Region(region.into())),
            other => Err(NoSuch(other.to_owned())),
        }
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gone::Region(region) => f.write_str(region.as_str()),
            Gone::IdentityCenter => f.write_str("identity-center"),
            Gone::InternetDns => f.write_str("internet-dns"),
        }
    }
}

/// A service of AWS that the console asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "AWS's own names")]
pub enum Service {
    Cluster,
    ControlConfig,
    Cloudwatch,
    Drs,
    Ec2,
    Sts,
    Iam,
    Route53,
}

impl Service {
    /// As the SDK's settings name it (`service_id`).
    pub(super) const fn id(self) -> &'static str {
        match self {
            Service::Cluster => "Route53 Recovery Cluster",
            Service::ControlConfig => "Route53 Recovery Control Config",
            Service::Cloudwatch => "CloudWatch",
            Service::Drs => "drs",
            Service::Ec2 => "EC2",
            Service::Sts => "STS",
            Service::Iam => "IAM",
            Service::Route53 => "Route 53",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Service::Cluster => "ARC cluster endpoint",
            Service::ControlConfig => "ARC configuration",
            Service::Drs => "DRS",
            other => other.id(),
        })
    }
}

/// What a client asks, and where, as its maker knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A service in a region.
    Service(Service, Region),
    /// AWS IAM Identity Center in a region.
    IdentityCenter(Region),
    /// `aws login`'s sign-in in a region.
    SignIn(Region),
    /// What gives credentials to this machine: the metadata services of instances and containers.
    Machine,
    /// An application's health page in a region.
    Page(ServiceName, Region),
    /// A DNS resolver.
    Resolver(ResolverName),
    /// Not known: only a request's own name tells.
    Open,
}

impl Target {
    fn region(&self) -> Option<&Region> {
        match self {
            Target::Service(_, region)
            | Target::IdentityCenter(region)
            | Target::SignIn(region)
            | Target::Page(_, region) => Some(region),
            Target::Machine | Target::Resolver(_) | Target::Open => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Service(service, region) => write!(f, "{service} {region}"),
            Target::IdentityCenter(region) => write!(f, "IAM Identity Center {region}"),
            Target::SignIn(region) => write!(f, "AWS sign-in {region}"),
            Target::Machine => f.write_str("this machine's metadata service"),
            Target::Page(service, region) => write!(f, "{service} in {region}"),
            Target::Resolver(name) => write!(f, "resolver {name}"),
            Target::Open => f.write_str("another server"),
        }
    }
}

/// A call that was kept away from what is gone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer: {0} is taken to be gone")]
pub(crate) struct Away(Gone);

/// What was asked for, and what kept it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What was asked.
    pub target: Target,
    /// What is gone of it; none: the request was sent.
    pub gone: Option<Gone>,
}

/// What is taken to be gone, and what was asked for meanwhile. Copies share what was asked. The default: nothing is
/// gone, and nothing is remembered.
#[derive(Clone, Debug, Default)]
pub struct Outage(Option<Arc<Taken>>);

#[derive(Debug)]
struct Taken {
    gone: BTreeSet<Gone>,
    asked: Mutex<Vec<Asked>>,
}

impl Outage {
    /// An outage of all of these.
    #[must_use]
    pub fn of(gone: &[Gone]) -> Self {
        Self(Some(Arc::new(Taken { gone: gone.iter().cloned().collect(), asked: Mutex::default() })))
    }

    /// Every target that was asked for, once, in the order of the first time.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        let asked = self.0.as_ref().map(|taken| taken.asked.lock().unwrap_or_else(PoisonError::into_inner).clone());
        asked.unwrap_or_default()
    }

    /// What kept calls to a target away; none where none was kept away.
    #[must_use]
    pub fn kept_from(&self, target: &Target) -> Option<Gone> {
        self.asked().into_iter().find(|asked| asked.target == *target)?.gone
    }

    /// Lets a request pass, or makes it wait as a silent network does, for as long as a connection is waited for.
    pub(super) async fn pass(&self, target: &Target, url: &str, patience: Option<Duration>) -> Result<(), Away> {
        let Some(taken) = &self.0 else { return Ok(()) };
        let gone = taken.gone.iter().find(|gone| takes(gone, target, url)).cloned();
        self.end(target, gone, patience).await
    }

    /// The same for a resolver, which is asked at an address.
    pub(crate) async fn pass_resolver(&self, name: &ResolverName, at: SocketAddr) -> Result<(), Away> {
        let Some(taken) = &self.0 else { return Ok(()) };
        let gone = taken.gone.get(&Gone::InternetDns).filter(|_| !is_own(at.ip())).cloned();
        self.end(&Target::Resolver(name.clone()), gone, Some(Duration::ZERO)).await
    }

    async fn end(&self, target: &Target, gone: Option<Gone>, patience: Option<Duration>) -> Result<(), Away> {
        if let Some(taken) = &self.0 {
            let asked = Asked { target: target.clone(), gone: gone.clone() };
            let mut all = taken.asked.lock().unwrap_or_else(PoisonError::into_inner);
            if !all.contains(&asked) {
                all.push(asked);
            }
        }
        let Some(gone) = gone else { return Ok(()) };
        tokio::time::sleep(patience.unwrap_or(SILENCE).min(SILENCE)).await;
        Err(Away(gone))
    }

    /// That client, kept away from what is gone.
    pub(super) fn keep_away(&self, inner: SharedHttpClient, target: Target) -> SharedHttpClient {
        if self.0.is_none() {
            return inner;
        }
        SharedHttpClient::new(Kept { inner, outage: self.clone(), target })
    }
}

/// Whether what is gone takes a request with it.
fn takes(gone: &Gone, target: &Target, url: &str) -> bool {
    let host = host::of(url);
    match gone {
        Gone::Region(region) => target.region() == Some(region) || host.is_in(region),
        Gone::IdentityCenter => matches!(target, Target::IdentityCenter(_)) || host.is_identity_center(),
        Gone::InternetDns => host.is_found_by_name(),
    }
}

/// A client that what is gone is kept from.
#[derive(Debug)]
struct Kept {
    inner: SharedHttpClient,
    outage: Outage,
    target: Target,
}

impl HttpClient for Kept {
    fn http_connector(&self, settings: &HttpConnectorSettings, with: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, with);
        let (outage, target) = (self.outage.clone(), self.target.clone());
        SharedHttpConnector::new(Connector { inner, outage, target, patience: settings.connect_timeout() })
    }

    fn validate_base_client_config(&self, with: &RuntimeComponentsBuilder, bag: &ConfigBag) -> Result<(), BoxError> {
        HttpClient::validate_base_client_config(&self.inner, with, bag)
    }

    fn validate_final_config(&self, with: &RuntimeComponents, bag: &ConfigBag) -> Result<(), BoxError> {
        HttpClient::validate_final_config(&self.inner, with, bag)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Clone, Debug)]
struct Connector {
    inner: SharedHttpConnector,
    outage: Outage,
    target: Target,
    patience: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let me = self.clone();
        HttpConnectorFuture::new(async move {
            match me.outage.pass(&me.target, request.uri(), me.patience).await {
                Ok(()) => me.inner.call(request).await,
                Err(away) => Err(ConnectorError::other(away.into(), None).never_connected()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone(text: &str) -> Gone {
        text.parse().unwrap()
    }

    #[test]
    fn a_region_and_the_other_names_are_read_and_nothing_else() {
        for text in ["us-east-1", "ap-southeast-2", "us-gov-west-1", "identity-center", "internet-dns"] {
            assert_eq!(gone(text).to_string(), text);
        }
        for text in ["", "us-east", "us-east-1a", "identity center", "dns", "US-EAST-1", "route53"] {
            let no = text.parse::<Gone>().unwrap_err().to_string();
            assert!(no.starts_with(&format!("`{text}` is no region")), "{no}");
        }
    }

    /// Its maker's word counts, and so does the request's own name, whichever of them leads to what is gone.
    #[test]
    fn a_call_is_kept_away_by_its_maker_or_by_its_own_name() {
        let sts = |region: &str| Target::Service(Service::Sts, region.into());
        for (gone_, target, url, away) in [
            ("us-east-1", sts("us-east-1"), "http://127.0.0.1:9/", true),
            ("us-east-1", sts("us-east-2"), "http://127.0.0.1:9/", false),
            ("us-east-1", sts("us-east-2"), "https://sts.us-east-1.amazonaws.com/", true),
            ("us-east-1", Target::Open, "https://sts.amazonaws.com/", true),
            ("us-east-2", Target::Open, "https://sts.amazonaws.com/", false),
            ("us-east-1", Target::Page("portal".into(), "us-east-2".into()), "https://portal.example.com/", false),
            ("us-east-1", Target::Machine, "http://169.254.169.254/latest", false),
            ("identity-center", Target::IdentityCenter("eu-west-1".into()), "http://127.0.0.1:9/token", true),
            ("identity-center", Target::Open, "https://oidc.eu-west-1.amazonaws.com/token", true),
            ("identity-center", sts("eu-west-1"), "https://sts.eu-west-1.amazonaws.com/", false),
            ("internet-dns", sts("eu-west-1"), "https://sts.eu-west-1.amazonaws.com/", true),
            ("internet-dns", sts("eu-west-1"), "http://127.0.0.1:9/", false),
            ("internet-dns", Target::Open, "http://10.0.0.7:8080/healthz", false),
            ("internet-dns", Target::Machine, "http://[fd00:ec2::23]/v1/credentials", false),
        ] {
            assert_eq!(takes(&gone(gone_), &target, url), away, "without {gone_}: {target}, {url}");
        }
    }

    #[tokio::test]
    async fn what_was_asked_and_what_was_kept_away_is_remembered_once() {
        let outage = Outage::of(&[gone("us-east-1"), gone("internet-dns")]);
        let sts = |region: &str| Target::Service(Service::Sts, region.into());
        for _ in 0..2 {
            assert_eq!(outage.pass(&sts("us-east-2"), "http://127.0.0.1:9/", None).await, Ok(()));
            let away = outage.pass(&sts("us-east-1"), "http://127.0.0.1:9/", Some(Duration::ZERO)).await.unwrap_err();
            assert_eq!(away.to_string(), "no answer: us-east-1 is taken to be gone");
        }
        let public = outage.pass_resolver(&"google".into(), "8.8.8.8:53".parse().unwrap()).await;
        assert_eq!(public, Err(Away(gone("internet-dns"))));
        assert_eq!(outage.pass_resolver(&"own".into(), "127.0.0.1:53".parse().unwrap()).await, Ok(()));
        assert_eq!(outage.kept_from(&sts("us-east-1")), Some(gone("us-east-1")));
        assert_eq!(outage.kept_from(&sts("us-east-2")), None);
        assert_eq!(outage.asked().len(), 4);
        let none = Outage::default();
        assert_eq!(none.pass(&sts("us-east-1"), "https://sts.us-east-1.amazonaws.com/", None).await, Ok(()));
        assert!(none.asked().is_empty());
    }
}
