//! AWS SDK clients for this estate: one set of credentials, the estate's own endpoints, fixed deadlines and bounds, no
//! hidden retries, and no proxy for connections to this machine.
//!
//! The SDK's defaults suit programs that can wait (no deadline, three tries), and honour `HTTP_PROXY` even for
//! 127.0.0.1. A console in an incident, or on the embedded simulator, can afford neither.

mod acting;
mod bounded;
mod clock;
mod credentials;
mod here;
mod mend;
mod outage;
pub(crate) mod pages;
mod spent;
mod trial;
mod trouble;
mod trust;
pub(crate) mod turn;
mod web;
mod wires;

pub use acting::{Acting, Deed};
pub use credentials::{Anew, AskCode};
pub use outage::{Asked, Gone, NoSuch, Outage, Service, Target};
pub use trial::{Trial, TrialOf};
pub(crate) use trouble::never_left;
pub use trouble::{Kind, Trouble, clip};
pub(crate) use web::{Web, WebError};
pub use wires::is_loopback;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;

use self::bounded::Limit;
use self::credentials::{Held, Source, Sts, Taken, Wanted};
use self::spent::Ends;
use self::trust::Trust;
use self::wires::Wires;
use crate::estate::{AccountName, ClusterEndpoint, Endpoints, Entry, Estate, Region, RoleEntry, Site};
use crate::event::{SignIn, SignInFor};

/// Where Route 53's control plane and the signatures for it are, and IAM's.
pub(crate) const ROUTE53_REGION: &str = "us-east-1";
/// Where the routing controls' control plane is.
pub(crate) const CONTROL_CONFIG_REGION: &str = "us-west-2";

/// Where AWS credentials come from.
#[derive(Clone, Default)]
pub enum Credentials {
    /// This machine's: environment, profile, web identity, container, instance, in this order.
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

/// Room for what an operation does outside its attempt: it looks for credentials, and asks nobody for them.
const ASIDE: Duration = Duration::from_secs(1);

impl Deadlines {
    /// After this long at the latest, a call has ended.
    #[must_use]
    pub const fn whole(self) -> Duration {
        self.attempt.saturating_add(ASIDE)
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
    wires: Wires,
    /// Those of whoever signs in.
    held: Held,
    /// What looks into each account that has a way in of its own.
    looks: BTreeMap<AccountName, Held>,
    /// The roles that changes are carried out with.
    acts: BTreeMap<AccountName, RoleEntry>,
    sts: Arc<Sts>,
    /// Whether whoever signs in is found on this machine; else the credentials were given to this program.
    found_here: bool,
    /// Certificates as PEM that are trusted in place of the system's.
    trusted: Option<String>,
}

impl Sdk {
    /// Loads settings, and starts to get credentials. With [`Credentials::Static`] neither files nor environment are
    /// read, but for profiles that the estate's accounts name. Connections, and what renews the credentials, live on the
    /// tokio runtime that this is called in.
    pub async fn load(estate: &Estate, credentials: Credentials) -> Self {
        Self::start(estate, credentials, None).await
    }

    /// The same with this machine's credentials; where they take an MFA code, `ask` asks for it, and this waits for the
    /// answer.
    pub async fn load_asking(estate: &Estate, ask: AskCode) -> Self {
        Self::start(estate, Credentials::Default, Some(ask)).await
    }

    async fn start(estate: &Estate, credentials: Credentials, ask: Option<AskCode>) -> Self {
        // The clients each name their own: this one keeps the loader from asking the metadata service.
        let region = aws_config::Region::from_static(ROUTE53_REGION);
        let sts_of = |base: &SdkConfig, wires: &Wires, own: Vec<Region>| Sts {
            base: base.clone(),
            wires: wires.clone(),
            own,
            regions: credentials::regions_of(estate),
            endpoints: estate.endpoints.sts.clone(),
            answered: Mutex::default(),
        };
        let sdk = match credentials {
            Credentials::Default => {
                let ca_bundle = credentials::ca_bundle().await;
                let trust = Trust::of(|name| std::env::var(name).ok(), ca_bundle.as_deref());
                let trusted = trust.as_ref().ok().and_then(Trust::pem).map(str::to_owned);
                let wires = Wires::new(&trust);
                let base = aws_config::defaults(BehaviorVersion::latest())
                    .region(region)
                    .http_client(wires.to(Target::Open, None, Limit::FEW))
                    .identity_cache(IdentityCache::no_cache())
                    .no_credentials()
                    .load()
                    .await;
                let sts = Arc::new(sts_of(&base, &wires, credentials::own_regions().collect()));
                let mut source = Source::find(sts.clone(), None).await;
                source.ask_code(ask.clone()).await;
                let held = credentials::keep(source, SignInFor::Console);
                Self { found_here: true, ..Self::of_held((base, wires, sts), held, estate, trusted) }
            }
            Credentials::Static { key, secret, token } => {
                let credentials = aws_credential_types::Credentials::new(key, secret, token, None, "signalbox-static");
                let held = Held::fixed(credentials);
                let base = SdkConfig::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(region)
                    .identity_cache(IdentityCache::no_cache())
                    .build();
                let wires = Wires::new(&Ok(Trust::default()));
                let sts = Arc::new(sts_of(&base, &wires, Vec::new()));
                Self::of_held((base, wires, sts), held, estate, None)
            }
        };
        sdk.with_accounts(estate, ask).await
    }

    fn of_held(
        (base, wires, sts): (SdkConfig, Wires, Arc<Sts>),
        held: Held,
        estate: &Estate,
        trusted: Option<String>,
    ) -> Self {
        let endpoints = estate.endpoints.clone();
        Self {
            base,
            endpoints,
            wires,
            held,
            looks: BTreeMap::new(),
            acts: BTreeMap::new(),
            sts,
            found_here: false,
            trusted,
        }
    }

    /// Starts to get what looks into each account, those first that others are reached through.
    async fn with_accounts(mut self, estate: &Estate, ask: Option<AskCode>) -> Self {
        for account in &estate.accounts {
            self.look_into(estate, &account.name, &ask).await;
        }
        self.acts = estate.accounts.iter().filter_map(|a| Some((a.name.clone(), a.act.clone()?))).collect();
        self
    }

    async fn look_into(&mut self, estate: &Estate, name: &AccountName, ask: &Option<AskCode>) {
        // The accounts from this one back to the first, which needs no other: a checked estate has no circles.
        let mut way = Vec::new();
        let mut next = Some(name);
        while let Some(account) = next.and_then(|name| estate.account_of(name)) {
            if self.looks.contains_key(&account.name) || way.len() > estate.accounts.len() {
                break;
            }
            way.push(account);
            next = account.role_to_look().and_then(|role| role.from.as_ref());
        }
        for account in way.into_iter().rev() {
            let purpose = SignInFor::Look(account.name.clone());
            let held = match &account.look {
                None => continue,
                Some(Entry::Role(role)) => {
                    let what = format!("account {}, role {}", account.name, role.short());
                    credentials::keep(self.taken(role, role.session_name.clone(), None, what), purpose)
                }
                Some(Entry::Profile(profile)) => {
                    let mut source = Source::find(self.sts.clone(), Some(profile.profile.clone())).await;
                    source.ask_code(ask.clone()).await;
                    credentials::keep(source, purpose)
                }
            };
            self.looks.insert(account.name.clone(), held);
        }
    }

    /// A role, taken by the account that it is taken from.
    fn taken(&self, role: &RoleEntry, session: Option<String>, source_identity: Option<String>, what: String) -> Taken {
        let external_id = role.external_id.clone();
        let wanted = Wanted { arn: &role.role, external_id, session, source_identity, what };
        Taken::new(self.sts.clone(), self.held_of(role.from.as_ref()).clone(), wanted)
    }

    /// What looks into an account: its own way in, else whoever signs in.
    fn held_of(&self, account: Option<&AccountName>) -> &Held {
        account.and_then(|name| self.looks.get(name)).unwrap_or(&self.held)
    }

    /// The same clients, with the same credentials, kept away from what is gone.
    #[must_use]
    pub fn without(&self, outage: &Outage) -> Self {
        Self { wires: self.wires.without(outage), sts: Arc::new(self.sts.without(outage)), ..self.clone() }
    }

    /// What is taken to be gone for these clients; most often nothing.
    pub(crate) fn outage(&self) -> &Outage {
        self.wires.outage()
    }

    /// Waits until it is known whether there are credentials: at the very start, and never for long. What asks AWS
    /// waits here once, outside its own deadline.
    pub async fn signed_in(&self) {
        self.held.decided().await;
        for look in self.looks.values() {
            look.decided().await;
        }
    }

    /// How the credentials of whoever signs in stand.
    #[must_use]
    pub fn sign_in(&self) -> SignIn {
        self.held.sign_in()
    }

    /// How those stand that look into an account.
    #[must_use]
    pub fn look(&self, account: Option<&AccountName>) -> SignIn {
        self.held_of(account).sign_in()
    }

    /// How all of them stand from now on. Credentials that nothing renews tell nothing.
    #[must_use]
    pub fn follow_sign_in(&self) -> FollowSignIn {
        FollowSignIn(std::iter::once(&self.held).chain(self.looks.values()).map(Held::followed).collect())
    }

    /// Certificates as PEM that are trusted in place of the system's, where the settings name some.
    #[must_use]
    pub fn trusted(&self) -> Option<&str> {
        self.trusted.as_deref()
    }

    fn of<'a>(map: &'a BTreeMap<Region, String>, region: &Region) -> Option<&'a str> {
        map.get(region).map(String::as_str)
    }
}

/// Follows how the credentials stand.
#[derive(Clone, Debug)]
pub struct FollowSignIn(Vec<Held>);

impl FollowSignIn {
    /// Waits until they stand otherwise than before.
    pub async fn changed(&mut self) -> SignIn {
        let changed = self.0.iter_mut().map(|held| Box::pin(held.changed()));
        futures::future::select_all(changed).await.0
    }
}

/// Whether the settings give a URL for a service. AWS's rules refuse one together with FIPS or dual-stack names.
fn by_url(base: &SdkConfig, service: &str) -> bool {
    let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let own = key.ok().and_then(|key| base.service_config()?.load_config(key));
    own.is_some() || base.endpoint_url().is_some()
}

/// A client's configuration with our own deadlines, and without hidden retries.
macro_rules! settled {
    ($config:expr, $deadlines:expr) => {
        $config
            .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
            .timeout_config($deadlines.config())
            // The attempt deadline covers stalled bodies as well, and is shorter.
            .stalled_stream_protection(aws_config::stalled_stream_protection::StalledStreamProtectionConfig::disabled())
    };
}
use settled;

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $krate:ident, $service:ident, $limit:ident, |$sdk:ident| $place:expr;)+) => {
        impl Sdk {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(&self, $($arg: $ty,)* deadlines: Deadlines) -> $krate::Client {
                let $sdk = self;
                let (account, region, url): (Option<&AccountName>, &str, Option<&str>) = $place;
                let mut config = $krate::config::Builder::from(&self.base)
                    .region($krate::config::Region::new(region.to_owned()))
                    .credentials_provider(self.held_of(account).provider())
                    .interceptor(Ends(self.held_of(account).clone()));
                let target = Target::Service(Service::$service, region.into());
                config.set_http_client(Some(self.wires.to(target, url, Limit::$limit)));
                if let Some(url) = url {
                    config.set_endpoint_url(Some(url.to_owned()));
                }
                if url.is_some() || by_url(&self.base, Service::$service.id()) {
                    config = config.use_fips(false).use_dual_stack(false);
                }
                let config = settled!(config, deadlines);
                $krate::Client::from_conf(config.build())
            }
        )+}
    };
}

clients! {
    /// The routing controls' data plane at one cluster endpoint, signed for the endpoint's own region.
    arc(account: Option<&AccountName>, endpoint: &ClusterEndpoint)
        -> aws_sdk_route53recoverycluster, Cluster, FEW,
        |_sdk| (account, endpoint.region.as_str(), Some(endpoint.url.as_str()));
    /// The routing controls' control plane. Only for discovery, never during a flip.
    control_config(account: Option<&AccountName>)
        -> aws_sdk_route53recoverycontrolconfig, ControlConfig, FEW,
        |sdk| (account, CONTROL_CONFIG_REGION, sdk.endpoints.recovery_control_config.as_deref());
    /// CloudWatch of a region of an account.
    cloudwatch(site: &Site) -> aws_sdk_cloudwatch, Cloudwatch, LISTS,
        |sdk| (site.account.as_ref(), site.region.as_str(), Sdk::of(&sdk.endpoints.cloudwatch, &site.region));
    /// DRS of a region of an account.
    drs(site: &Site) -> aws_sdk_drs, Drs, LISTS,
        |sdk| (site.account.as_ref(), site.region.as_str(), Sdk::of(&sdk.endpoints.drs, &site.region));
    /// EC2 of a region of an account.
    ec2(site: &Site) -> aws_sdk_ec2, Ec2, LISTS,
        |sdk| (site.account.as_ref(), site.region.as_str(), Sdk::of(&sdk.endpoints.ec2, &site.region));
    /// STS of a region, as who looks into an account.
    sts(site: &Site) -> aws_sdk_sts, Sts, FEW,
        |sdk| (site.account.as_ref(), site.region.as_str(), Sdk::of(&sdk.endpoints.sts, &site.region));
    /// IAM of an account. Only for `doctor`, never during an incident.
    iam(account: Option<&AccountName>) -> aws_sdk_iam, Iam, FEW,
        |sdk| (account, ROUTE53_REGION, sdk.endpoints.iam.as_deref());
    /// Route 53 of an account.
    route53(account: Option<&AccountName>) -> aws_sdk_route53, Route53, FEW,
        |sdk| (account, ROUTE53_REGION, sdk.endpoints.route53.as_deref());
}
