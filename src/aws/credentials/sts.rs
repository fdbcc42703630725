//! STS, asked in one region after the other: any of them gives the same credentials, and one of them may be what the
//! incident is about.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::Client;
use aws_sdk_sts::types::Credentials as Given;

use super::Refused;
use super::profile::Role;
use crate::aws::bounded::Limit;
use crate::aws::spent::ENDED;
use crate::aws::wires::Wires;
use crate::aws::{Deadlines, Kind, Outage, Service, Target, Trouble, by_url, settled};
use crate::estate::{Estate, Region};

/// For one region. A cold connection over an ocean takes a second.
const PATIENCE: Deadlines = Deadlines { connect: Duration::from_millis(2000), attempt: Duration::from_millis(3500) };
/// How long an MFA code counts for, in seconds: the longest session that every account allows.
const MFA_SESSION: i32 = 12 * 3600;

/// Longer than any token, in bytes.
const TOKEN: u64 = 1 << 20;

/// STS in all regions that may be asked.
#[derive(Debug)]
pub(in crate::aws) struct Sts {
    pub(in crate::aws) base: SdkConfig,
    pub(in crate::aws) wires: Wires,
    /// Those of the environment, which come first.
    pub(in crate::aws) own: Vec<Region>,
    /// Those of the estate, after those of whoever signs in.
    pub(in crate::aws) regions: Vec<Region>,
    /// By region, where the estate file gives URLs.
    pub(in crate::aws) endpoints: BTreeMap<Region, String>,
    /// The region that answered last, after others did not: it is asked first from then on.
    pub(in crate::aws) answered: Mutex<Option<Region>>,
}

impl Sts {
    /// Takes a role.
    pub(super) async fn role(&self, role: &Role, with: &Credentials, named: &[String]) -> Result<Credentials, Refused> {
        let session = session(role.session.as_deref());
        let answer = self.in_turn(named, Some(with), |sts| {
            let call = sts.assume_role().role_arn(&role.arn).role_session_name(&session);
            let call = call.set_external_id(role.external_id.clone()).set_duration_seconds(role.seconds);
            let call = call.set_source_identity(role.source_identity.clone());
            async move { Ok(call.send().await?.credentials) }
        });
        let answer = answer.await.map_err(|t| refused(&format!("role {} is not given", role.name()), &t))?;
        of(answer, "AssumeRole")
    }

    /// Takes a role with an MFA code; for credentials that are a session themselves.
    pub(super) async fn role_by_code(
        &self,
        role: &Role,
        with: &Credentials,
        (device, code): (&str, &str),
        named: &[String],
    ) -> Result<Credentials, Refused> {
        let session = session(role.session.as_deref());
        let answer = self.in_turn(named, Some(with), |sts| {
            let call = sts.assume_role().role_arn(&role.arn).role_session_name(&session);
            let call = call.set_external_id(role.external_id.clone()).set_duration_seconds(role.seconds);
            let call = call.serial_number(device).token_code(code);
            async move { Ok(call.send().await?.credentials) }
        });
        let answer = answer.await.map_err(|t| refused(&format!("role {} is not given", role.name()), &t))?;
        of(answer, "AssumeRole")
    }

    /// A session in which an MFA code counts, so that roles can be renewed without another.
    pub(super) async fn code(
        &self,
        with: &Credentials,
        (device, code): (&str, &str),
        named: &[String],
    ) -> Result<Credentials, Refused> {
        let answer = self.in_turn(named, Some(with), |sts| {
            let call = sts.get_session_token().serial_number(device).token_code(code).duration_seconds(MFA_SESSION);
            async move { Ok(call.send().await?.credentials) }
        });
        of(answer.await.map_err(|t| refused("the MFA code is not taken", &t))?, "GetSessionToken")
    }

    /// Takes a role for a token that somebody else signed.
    pub(super) async fn web_identity(
        &self,
        (file, role, session_name): (&str, &str, Option<&str>),
        named: &[String],
    ) -> Result<Credentials, Refused> {
        let token = crate::files::read_text(Path::new(file), TOKEN);
        let token = token.map_err(|e| Refused::new(format!("the web identity token {file} cannot be read: {e}")))?;
        let (session, token) = (session(session_name), token.trim().to_owned());
        let answer = self.in_turn(named, None, |sts| {
            let call = sts.assume_role_with_web_identity().role_arn(role).role_session_name(&session);
            let call = call.web_identity_token(&token);
            async move { Ok(call.send().await?.credentials) }
        });
        let name = role.rsplit('/').next().unwrap_or(role);
        let answer = answer.await.map_err(|t| refused(&format!("role {name} is not given"), &t))?;
        of(answer, "AssumeRoleWithWebIdentity")
    }

    /// The first region's answer; a region that does not answer, or cannot, leaves the next.
    async fn in_turn<T, F>(
        &self,
        named: &[String],
        with: Option<&Credentials>,
        ask: impl Fn(Client) -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let mut silent: Vec<(Region, Trouble)> = Vec::new();
        for region in self.regions(named) {
            let client = self.client(&region, with);
            match tokio::time::timeout(PATIENCE.whole(), ask(client)).await {
                Ok(Ok(answer)) => {
                    if let Some((_, first)) = silent.first() {
                        tracing::info!(%region, why = %first, "another region's STS answered");
                        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some(region);
                    }
                    return Ok(answer);
                }
                Ok(Err(trouble)) if !is_the_regions(&trouble) => return Err(trouble),
                Ok(Err(trouble)) => silent.push((region, trouble)),
                Err(_) => silent.push((region, Trouble::timeout(PATIENCE.attempt))),
            }
        }
        // Regions that fail alike are said together.
        let mut alike: Vec<(String, Vec<String>)> = Vec::new();
        for (region, trouble) in &silent {
            let why = trouble.to_string();
            match alike.iter_mut().find(|(known, _)| *known == why) {
                Some((_, regions)) => regions.push(region.to_string()),
                None => alike.push((why, vec![region.to_string()])),
            }
        }
        let said: Vec<String> = alike.iter().map(|(why, regions)| format!("{}: {why}", regions.join(", "))).collect();
        Err(Trouble::said(Kind::Connect, format!("STS answers in no region ({})", said.join("; "))))
    }

    /// The same, kept away from what is gone; it has yet to learn who answers.
    pub(in crate::aws) fn without(&self, outage: &Outage) -> Self {
        Self {
            base: self.base.clone(),
            wires: self.wires.without(outage),
            own: self.own.clone(),
            regions: self.regions.clone(),
            endpoints: self.endpoints.clone(),
            answered: Mutex::default(),
        }
    }

    /// Those of the environment and of the profiles come first.
    fn regions(&self, named: &[String]) -> Vec<Region> {
        let mut all: Vec<Region> = Vec::new();
        let named = named.iter().map(Region::new);
        for region in self.own.iter().cloned().chain(named).chain(self.regions.iter().cloned()) {
            if !all.contains(&region) {
                all.push(region);
            }
        }
        if all.is_empty() {
            all.extend(["us-east-1", "us-west-2"].map(Region::new));
        }
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(at) = answered.and_then(|last| all.iter().position(|region| *region == last)) {
            let last = all.remove(at);
            all.insert(0, last);
        }
        all
    }

    fn client(&self, region: &Region, with: Option<&Credentials>) -> Client {
        let url = self.endpoints.get(region).map(String::as_str);
        let base = match with {
            Some(with) => {
                let with = SharedCredentialsProvider::new(with.clone());
                self.base.to_builder().credentials_provider(with).build()
            }
            None => self.base.clone(),
        };
        let mut config = aws_sdk_sts::config::Builder::from(&base)
            .region(aws_sdk_sts::config::Region::new(region.to_string()))
            .http_client(self.wires.to(Target::Service(Service::Sts, region.clone()), url, Limit::FEW));
        if let Some(url) = url {
            config.set_endpoint_url(Some(url.to_owned()));
        }
        if url.is_some() || by_url(&self.base, Service::Sts.id()) {
            config = config.use_fips(false).use_dual_stack(false);
        }
        Client::from_conf(settled!(config, PATIENCE).build())
    }
}

/// The regions of the environment.
pub(in crate::aws) fn own_regions() -> impl Iterator<Item = Region> {
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().filter_map(|name| std::env::var(name).ok());
    named.filter(|region| !region.is_empty()).map(Region::new)
}

/// The regions of an estate, in the order in which STS is asked: those of the pairs, then those of the cluster.
pub(in crate::aws) fn regions_of(estate: &Estate) -> Vec<Region> {
    let pairs = estate.pairs.iter().flat_map(|pair| [&pair.active, &pair.standby]);
    pairs.chain(estate.cluster.endpoints.iter().map(|e| &e.region)).cloned().collect()
}

/// Whether a failure says something about the region that was asked, and not about who asked.
fn is_the_regions(trouble: &Trouble) -> bool {
    match trouble.kind {
        Kind::Connect
        | Kind::Timeout
        | Kind::Lost
        | Kind::Throttled
        | Kind::Unavailable
        | Kind::Internal
        | Kind::Garbled => true,
        _ => trouble.code.as_deref().is_some_and(|code| code.starts_with("RegionDisabled")),
    }
}

fn refused(what: &str, trouble: &Trouble) -> Refused {
    let spent = trouble.code.as_deref().is_some_and(|code| code.starts_with(ENDED));
    Refused { spent, ..Refused::new(format!("{what}: {trouble}")) }
}

fn of(given: Option<Given>, how: &'static str) -> Result<Credentials, Refused> {
    let given = given.ok_or_else(|| Refused::new("STS answered without credentials"))?;
    let end = std::time::SystemTime::try_from(given.expiration);
    let end = end.map_err(|_| Refused::new("STS answered with an end that is no time"))?;
    let Given { access_key_id, secret_access_key, session_token, .. } = given;
    Ok(Credentials::new(access_key_id, secret_access_key, Some(session_token), Some(end), how))
}

/// What CloudTrail calls the session: as the profile says, or this program and its process.
fn session(named: Option<&str>) -> String {
    named.map_or_else(|| format!("signalbox-{}", std::process::id()), str::to_owned)
}
