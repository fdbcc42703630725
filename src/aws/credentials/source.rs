//! Where credentials come from, and how they are got: environment, profile, web identity, container, instance, in this
//! order, as the SDK has it.

use std::env::var;
use std::sync::Arc;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::login::LoginCredentialsProvider;
use aws_config::profile::{self as files, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::sso::SsoCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::region::Region;

use super::profile::{self, Base, Role, Way};
use super::{Fetched, Gives, Refused, Sts, process, session};
use crate::aws::bounded::Limit;
use crate::aws::trouble::{of_credentials, reason};
use crate::aws::{Target, by_url, clip};
use crate::event::Renewal;
use crate::hygiene::shell::word;
use crate::time::Timestamp;

/// The profile that is read where none is named.
const USUAL: &str = "default";

/// How often a code that is not taken is asked for again.
const CODES: usize = 3;

/// Asks somebody for the code of an MFA device; the question is given.
pub type AskCode = Arc<dyn Fn(&str) -> std::io::Result<String> + Send + Sync>;

/// Where credentials come from on this machine.
pub(in crate::aws) struct Source {
    sts: Arc<Sts>,
    /// The profile that is read; none for what this machine's settings lead to.
    named: Option<String>,
    found: Result<Way, Refused>,
    /// What gets the first credentials, with the way that it is for.
    first: Option<(Way, SharedCredentialsProvider)>,
    /// What somebody's MFA code gave, and how far on the way it leads; or why there is none. None where none was asked
    /// for.
    by_code: Option<Result<ByCode, Refused>>,
}

/// A session that a code gave.
struct ByCode {
    way: Way,
    credentials: Credentials,
    /// Roles that need not be taken any more.
    taken: usize,
}

impl Source {
    /// Looks at this machine's settings; asks nobody.
    pub(in crate::aws) async fn find(sts: Arc<Sts>, named: Option<String>) -> Self {
        let found = find(named.as_deref()).await;
        Self { sts, named, found, first: None, by_code: None }
    }

    /// The way to them; none where there is none, or a faulty one.
    pub(super) fn way(&self) -> Option<&Way> {
        self.found.as_ref().ok()
    }

    /// Asks for an MFA code, where a role on the way wants one, and takes it to STS. What goes wrong is what getting
    /// credentials will say.
    pub(in crate::aws) async fn ask_code(&mut self, ask: Option<AskCode>) {
        let Ok(way) = &self.found else { return };
        let Some((at, device)) = way.roles.iter().enumerate().find_map(|(at, r)| Some((at, r.mfa.clone()?))) else {
            return;
        };
        let way = way.clone();
        let asked = match ask {
            None => Err(no_code("nobody can be asked here")),
            Some(ask) => self.by_code(&way, at, &device, ask).await,
        };
        self.by_code = Some(asked);
    }

    async fn by_code(&mut self, way: &Way, at: usize, device: &str, ask: AskCode) -> Result<ByCode, Refused> {
        let mut with = self.first(way).await?.credentials;
        for role in way.roles.iter().take(at) {
            with = self.sts.role(role, &with, &way.regions).await?;
        }
        let mut wrong = String::new();
        for _ in 0..CODES {
            let (ask, question) = (ask.clone(), format!("{wrong}MFA code of {device} for {}: ", way.words()));
            let code = match tokio::task::spawn_blocking(move || ask(&question)).await {
                Ok(Ok(code)) => code.trim().to_owned(),
                Ok(Err(e)) => return Err(no_code(&format!("no terminal gives one ({e})"))),
                Err(e) => return Err(no_code(&e.to_string())),
            };
            let code = (device, code.as_str());
            let answer = match (with.session_token(), way.roles.get(at)) {
                // A session of its own lets the roles behind it be renewed without another code.
                (None, _) | (_, None) => self.sts.code(&with, code, &way.regions).await.map(|c| (c, at)),
                (Some(_), Some(role)) => {
                    self.sts.role_by_code(role, &with, code, &way.regions).await.map(|c| (c, at + 1))
                }
            };
            match answer {
                Ok((credentials, taken)) => return Ok(ByCode { way: way.clone(), credentials, taken }),
                Err(refused) => wrong = format!("{}\n", refused.why),
            }
        }
        Err(Refused::new(wrong.trim_end()))
    }

    async fn role(&self, role: &Role, with: Fetched, way: &Way) -> Result<Fetched, Refused> {
        let credentials = self.sts.role(role, &with.credentials, &way.regions).await?;
        Ok(Fetched::new(credentials, Renewal::of_role(with.renewal)))
    }

    /// The first credentials on the way.
    async fn first(&mut self, way: &Way) -> Result<Fetched, Refused> {
        match &way.base {
            Base::Key { id, secret, token } => {
                let credentials = Credentials::new(id, secret, token.clone(), None, "profile");
                let renewal = if token.is_some() { Renewal::Until(None) } else { Renewal::Endless };
                Ok(Fetched { from_file: true, ..Fetched::new(credentials, renewal) })
            }
            Base::Environment => environment().await,
            Base::Process(command) => {
                let credentials = process::run(command).await.map_err(|r| Refused { rest: true, ..r })?;
                let renewal = match (credentials.expiry(), credentials.session_token()) {
                    (Some(_), _) => Renewal::Itself,
                    (None, Some(_)) => Renewal::Until(None),
                    (None, None) => Renewal::Endless,
                };
                Ok(Fetched::new(credentials, renewal))
            }
            Base::WebIdentity { file, role, session } => {
                let what = (file.as_str(), role.as_str(), session.as_deref());
                let credentials = self.sts.web_identity(what, &way.regions).await?;
                Ok(Fetched::new(credentials, Renewal::Itself))
            }
            Base::Sso { session, start_url, .. } => {
                let credentials = self.by_sdk(way).await.map_err(|why| {
                    let profile = way.sign_in_profile();
                    Refused::new(format!("{why}: `aws sso login --profile {}` signs in", word(profile)))
                })?;
                let renewal = session::renewal(session.as_deref(), start_url);
                Ok(Fetched::new(credentials, renewal))
            }
            Base::Login(_) => {
                let credentials = self.by_sdk(way).await.map_err(|why| {
                    let profile = way.sign_in_profile();
                    Refused::new(format!("{why}: `aws login --profile {}` signs in", word(profile)))
                })?;
                Ok(Fetched::new(credentials, Renewal::SignIn))
            }
            Base::Container | Base::Instance => {
                let credentials = self.by_sdk(way).await.map_err(Refused::new)?;
                Ok(Fetched::new(credentials, Renewal::Itself))
            }
        }
    }

    /// As the SDK gets them. What does that is kept for as long as the way is the same: it has caches of its own.
    async fn by_sdk(&mut self, way: &Way) -> Result<Credentials, String> {
        let provider = match self.first.take().filter(|(of, _)| of == way) {
            Some((_, provider)) => provider,
            None => self.provider(way),
        };
        let answer = provider.provide_credentials().await;
        self.first = Some((way.clone(), provider));
        answer.map_err(|e| clip(&of_credentials(&e), 600))
    }

    fn provider(&self, way: &Way) -> SharedCredentialsProvider {
        let settings = self.settings(way);
        match &way.base {
            Base::Sso { session, start_url, region, account, role } => {
                let mut sso = SsoCredentialsProvider::builder()
                    .configure(&settings)
                    .account_id(account)
                    .role_name(role)
                    .start_url(start_url)
                    .region(Region::new(region.clone()));
                sso.set_session_name(session.clone());
                SharedCredentialsProvider::new(sso.build())
            }
            Base::Login(login) => {
                SharedCredentialsProvider::new(LoginCredentialsProvider::builder(login).configure(&settings).build())
            }
            Base::Container => {
                SharedCredentialsProvider::new(EcsCredentialsProvider::builder().configure(&settings).build())
            }
            _ => SharedCredentialsProvider::new(ImdsCredentialsProvider::builder().configure(&settings).build()),
        }
    }

    /// For what the SDK does itself.
    fn settings(&self, way: &Way) -> ProviderConfig {
        let own = self.sts.own.iter().map(ToString::to_string);
        let region = own.chain(way.regions.iter().cloned()).chain(self.sts.regions.iter().map(ToString::to_string));
        let region = region.map(Region::new).next().unwrap_or(Region::from_static("us-east-1"));
        let target = match &way.base {
            Base::Sso { region, .. } => Target::IdentityCenter(region.as_str().into()),
            Base::Login(_) => Target::SignIn(region.as_ref().into()),
            _ => Target::Machine,
        };
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(5))
            .operation_timeout(Duration::from_secs(15))
            .build();
        let by_url = ["SSO", "SSO OIDC", "Signin"].iter().any(|service| by_url(&self.sts.base, service));
        ProviderConfig::without_region()
            .with_http_client(self.sts.wires.to(target, None, Limit::FEW))
            .with_region(Some(region))
            .with_timeout_config(timeouts)
            .with_retry_config(RetryConfig::standard().with_max_attempts(2))
            .with_use_fips(self.sts.base.use_fips().map(|wanted| wanted && !by_url))
            .with_use_dual_stack(self.sts.base.use_dual_stack().map(|wanted| wanted && !by_url))
    }
}

impl Gives for Source {
    fn words(&self) -> String {
        let named = self.named.clone().or_else(|| var("AWS_PROFILE").ok().filter(|p| !p.is_empty()));
        match &self.found {
            Ok(way) => way.words(),
            Err(_) => named.map_or("this machine".to_owned(), |p| format!("profile {p}")),
        }
    }

    fn waits_for(&self) -> String {
        match self.found.as_ref().map(|way| &way.base) {
            Ok(Base::Process(_)) => "its credential_process".to_owned(),
            Ok(Base::Sso { .. }) => "AWS IAM Identity Center".to_owned(),
            Ok(Base::Instance) => "the instance's metadata service".to_owned(),
            Ok(Base::Container) => "the container's credentials service".to_owned(),
            Ok(Base::Login(_)) => "AWS sign-in".to_owned(),
            _ => "STS".to_owned(),
        }
    }

    async fn fetch(&mut self) -> Result<Fetched, Refused> {
        // Somebody may have mended a profile meanwhile; a code that was typed belongs to the way that it was typed for.
        if self.by_code.is_none() {
            self.found = find(self.named.as_deref()).await;
        }
        let way = self.found.clone()?;
        let (mut fetched, taken) = match &self.by_code {
            Some(Ok(by)) if by.way == way => (by.fetched()?, by.taken),
            Some(Err(refused)) => return Err(refused.clone()),
            _ if way.roles.iter().any(|role| role.mfa.is_some()) => {
                return Err(Refused::new("it wants an MFA code (mfa_serial): start the console again, and type one"));
            }
            _ => (self.first(&way).await?, 0),
        };
        for role in way.roles.iter().skip(taken) {
            fetched = self.role(role, fetched, &way).await?;
        }
        Ok(fetched)
    }
}

/// That there is no MFA code, and what to use instead.
fn no_code(why: &str) -> Refused {
    Refused::new(format!(
        "it wants an MFA code (mfa_serial), and {why}: use a terminal, or put what `aws sts get-session-token` gives into \
         the environment"
    ))
}

impl ByCode {
    fn fetched(&self) -> Result<Fetched, Refused> {
        let end = self.credentials.expiry().and_then(|at| Timestamp::try_from(at).ok());
        if end.is_some_and(|end| end <= Timestamp::now()) {
            return Err(Refused::new(
                "the session of its MFA code has ended: start the console again, and type another",
            ));
        }
        Ok(Fetched::new(self.credentials.clone(), Renewal::Until(end)))
    }
}

/// `AWS_ACCESS_KEY_ID` and its like; `AWS_CREDENTIAL_EXPIRATION` as the AWS CLI takes it.
async fn environment() -> Result<Fetched, Refused> {
    let provider = EnvironmentVariableCredentialsProvider::new();
    let mut credentials = provider.provide_credentials().await.map_err(|e| Refused::new(of_credentials(&e)))?;
    let end = var("AWS_CREDENTIAL_EXPIRATION").ok().and_then(|at| at.parse::<Timestamp>().ok());
    *credentials.expiry_mut() = end.and_then(|at| at.try_into().ok());
    let temporary = credentials.session_token().is_some() || end.is_some();
    let renewal = if temporary { Renewal::Until(end) } else { Renewal::Endless };
    Ok(Fetched::new(credentials, renewal))
}

/// What a profile leads to, or this machine's settings.
async fn find(named: Option<&str>) -> Result<Way, Refused> {
    if let Some(name) = named {
        let profiles = files::load(&Fs::real(), &Env::real(), &Default::default(), None).await;
        let profiles = profiles.map_err(|e| Refused::new(reason(&e)))?;
        let none = || Refused::new(format!("profile {name} has nothing to sign in with"));
        return of_profile(Some((name, "the estate file")), &profiles)?.ok_or_else(none);
    }
    let given = |name: &str| var(name).ok().filter(|text| !text.is_empty());
    if given("AWS_ACCESS_KEY_ID").is_some() {
        return Ok(Way::of(Base::Environment));
    }
    let asked = var("AWS_PROFILE").ok();
    let profiles = files::load(&Fs::real(), &Env::real(), &Default::default(), None).await;
    match (asked.as_deref(), profiles) {
        (Some(""), _) => {
            return Err(Refused::new("AWS_PROFILE is set to nothing: unset it, or name a profile in it"));
        }
        (_, Err(e)) => return Err(Refused::new(reason(&e))),
        (asked, Ok(profiles)) => {
            if let Some(way) = of_profile(asked.map(|name| (name, "AWS_PROFILE")), &profiles)? {
                return Ok(way);
            }
        }
    }
    if let (Some(file), Some(role)) = (given("AWS_WEB_IDENTITY_TOKEN_FILE"), given("AWS_ROLE_ARN")) {
        return Ok(Way::of(Base::WebIdentity { file, role, session: given("AWS_ROLE_SESSION_NAME") }));
    }
    if given("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").or(given("AWS_CONTAINER_CREDENTIALS_FULL_URI")).is_some() {
        return Ok(Way::of(Base::Container));
    }
    if given("AWS_EC2_METADATA_DISABLED").is_some_and(|no| no.eq_ignore_ascii_case("true")) {
        let profile = asked.map_or_else(String::new, |name| format!("profile {name} names none, "));
        let why = format!(
            "{profile}the environment has none, no profile has any, and AWS_EC2_METADATA_DISABLED keeps this \
             instance's role away"
        );
        return Err(Refused::new(why));
    }
    Ok(Way::of(Base::Instance))
}

fn of_profile(asked: Option<(&str, &str)>, profiles: &ProfileSet) -> Result<Option<Way>, Refused> {
    let (config, shared) = paths();
    if let Some((name, by)) = asked.filter(|(name, _)| profiles.get_profile(name).is_none()) {
        let why = format!("profile {name}, which {by} names, is neither in {config} nor in {shared}");
        return Err(Refused::new(why));
    }
    let name = asked.map_or(USUAL, |(name, _)| name);
    profile::way(profiles, name)
        .map_err(|unfit| Refused::new(format!("{unfit}: mend profile {name} in {config} or {shared}")))
}

/// Where profiles are written.
fn paths() -> (String, String) {
    let file = |of: &str, usual: &str| var(of).unwrap_or_else(|_| usual.to_owned());
    (file("AWS_CONFIG_FILE", "~/.aws/config"), file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))
}

/// The `ca_bundle` of the profile that counts.
pub(in crate::aws) async fn ca_bundle() -> Option<String> {
    let profiles = files::load(&Fs::real(), &Env::real(), &Default::default(), None).await.ok()?;
    let name = var("AWS_PROFILE").ok();
    let profile = profiles.get_profile(name.as_deref().unwrap_or(USUAL))?;
    profile.get("ca_bundle").filter(|file| !file.is_empty()).map(str::to_owned)
}
