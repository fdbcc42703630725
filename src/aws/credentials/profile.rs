//! Where a profile takes its credentials from: a first source, and roles taken one after the other.
//!
//! The order of what counts is the SDK's own (`aws_config::profile::credentials::repr`). It is read here because the
//! SDK passes over what a console needs of a profile: `mfa_serial`, `duration_seconds`, and the region to ask STS in.

use std::fmt;

use aws_config::profile::{Profile, ProfileSet};

/// More roles in a row than anybody has.
const DEEPEST: usize = 16;

/// Where credentials come from.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// The first source.
    pub(super) base: Base,
    /// The profile that names it, if one does.
    pub(super) profile: Option<String>,
    /// Roles, in the order in which they are taken.
    pub(super) roles: Vec<Role>,
    /// Regions that profiles on the way name, the first one first.
    pub(super) regions: Vec<String>,
}

/// A first source.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Base {
    /// A key written in a profile.
    Key { id: String, secret: String, token: Option<String> },
    /// `AWS_ACCESS_KEY_ID` and its like.
    Environment,
    /// A program that prints them.
    Process(String),
    /// AWS IAM Identity Center.
    Sso { session: Option<String>, start_url: String, region: String, account: String, role: String },
    /// `aws login`.
    Login(String),
    /// A token in a file.
    WebIdentity { file: String, role: String, session: Option<String> },
    /// A container's role.
    Container,
    /// An instance's role.
    Instance,
}

/// A role to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Role {
    /// The profile that names it; none where the estate file does.
    pub(super) profile: Option<String>,
    /// Its ARN.
    pub(super) arn: String,
    /// What its trust policy may ask for.
    pub(super) external_id: Option<String>,
    /// What CloudTrail calls the session.
    pub(super) session: Option<String>,
    /// Who acts, and for what: CloudTrail has it with every call of the session, and of those taken with it.
    pub(super) source_identity: Option<String>,
    /// How long a session should last, in seconds.
    pub(super) seconds: Option<i32>,
    /// The MFA device whose code it takes.
    pub(super) mfa: Option<String>,
}

/// Keys and tokens are nobody's business.
impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

impl Way {
    /// A source that no profile names.
    pub(super) fn of(base: Base) -> Self {
        Self { base, profile: None, roles: Vec::new(), regions: Vec::new() }
    }

    /// Whose credentials these are, in words.
    pub(super) fn words(&self) -> String {
        let source = match &self.base {
            Base::Key { .. } => None,
            Base::Environment => Some("the environment (AWS_ACCESS_KEY_ID)"),
            Base::Process(_) => Some("its credential_process"),
            Base::Sso { .. } => Some("its SSO sign-in"),
            Base::Login(_) => Some("its `aws login` sign-in"),
            Base::WebIdentity { .. } => Some("a web identity token"),
            Base::Container => Some("this container's role"),
            Base::Instance => Some("this instance's role"),
        };
        let named = self.roles.last().and_then(|role| role.profile.as_ref()).or(self.profile.as_ref());
        let mut words = match (named, source) {
            (Some(profile), None) => format!("profile {profile}"),
            (Some(profile), Some(source)) => format!("profile {profile}, {source}"),
            (None, source) => source.unwrap_or("a key").to_owned(),
        };
        if self.base == Base::Environment && std::env::var_os("AWS_PROFILE").is_some() && named.is_none() {
            words.push_str(", before any profile");
        }
        if let Some(role) = self.roles.last() {
            words.push_str(&format!(", role {}", role.name()));
        }
        words
    }

    /// The profile that somebody would sign in with.
    pub(super) fn sign_in_profile(&self) -> &str {
        self.profile.as_deref().unwrap_or("default")
    }
}

impl Role {
    /// Its name without the rest of its ARN.
    pub(super) fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }
}

/// The way that a profile leads; none where it has nothing to do with credentials.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn way(files: &ProfileSet, name: &str) -> Result<Option<Way>, String> {
    let mut roles: Vec<Role> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut regions = Vec::new();
    let mut at = name;
    let (base, profile) = loop {
        let Some(profile) = files.get_profile(at) else {
            return match seen.last() {
                None => Ok(None),
                Some(from) => Err(format!("could not find source profile {at} referenced from {from}")),
            };
        };
        if seen.contains(&at) || seen.len() > DEEPEST {
            return Err(format!("profiles form an infinite loop: {} and then {at} again", seen.join(", ")));
        }
        let first = seen.is_empty();
        seen.push(at);
        regions.extend(text(profile, "region").map(str::to_owned));
        // Of a profile that others start from, a key counts before anything else.
        if !first && let Some(key) = key(profile)? {
            break (Some(key), profile);
        }
        let arn = text(profile, "role_arn").filter(|_| profile.get("web_identity_token_file").is_none());
        let Some(arn) = arn else { break (base(files, profile)?, profile) };
        roles.push(role(profile, arn)?);
        match (text(profile, "source_profile"), text(profile, "credential_source")) {
            (Some(_), Some(_)) => return Err("it has both source_profile and credential_source".to_owned()),
            (None, None) => {
                return Err("it has a role_arn, and neither source_profile nor credential_source".to_owned());
            }
            (Some(source), None) if source != at => at = source,
            _ => break (base(files, profile)?, profile),
        }
    };
    roles.reverse();
    match base {
        Some(base) => Ok(Some(Way { base, profile: Some(profile.name().to_owned()), roles, regions })),
        None if roles.is_empty() => Ok(None),
        None => Err(format!("source profile {} has no credentials", profile.name())),
    }
}

fn text<'a>(profile: &'a Profile, name: &str) -> Option<&'a str> {
    profile.get(name).map(str::trim).filter(|text| !text.is_empty())
}

fn role(profile: &Profile, arn: &str) -> Result<Role, String> {
    let seconds = text(profile, "duration_seconds").map(str::parse::<i32>).transpose();
    let seconds = seconds.map_err(|_| "its duration_seconds is no whole number".to_owned())?;
    let owned = |name| text(profile, name).map(str::to_owned);
    Ok(Role {
        profile: Some(profile.name().to_owned()),
        source_identity: None,
        arn: arn.to_owned(),
        external_id: owned("external_id"),
        session: owned("role_session_name"),
        seconds,
        mfa: owned("mfa_serial"),
    })
}

/// What a profile itself gives, in the SDK's order.
fn base(files: &ProfileSet, profile: &Profile) -> Result<Option<Base>, String> {
    if let Some(source) = text(profile, "credential_source") {
        return match source.to_ascii_lowercase().as_str() {
            "environment" => Ok(Some(Base::Environment)),
            "ec2instancemetadata" => Ok(Some(Base::Instance)),
            "ecscontainer" => Ok(Some(Base::Container)),
            _ => Err(format!(
                "its credential_source is `{source}`; there are Environment, Ec2InstanceMetadata and EcsContainer"
            )),
        };
    }
    if let Some(file) = text(profile, "web_identity_token_file") {
        let role = text(profile, "role_arn").ok_or("it has web_identity_token_file and no role_arn")?;
        let session = text(profile, "role_session_name").map(str::to_owned);
        return Ok(Some(Base::WebIdentity { file: file.to_owned(), role: role.to_owned(), session }));
    }
    if let Some(sso) = sso(files, profile)? {
        return Ok(Some(sso));
    }
    if let Some(session) = text(profile, "login_session") {
        return Ok(Some(Base::Login(session.to_owned())));
    }
    if let Some(command) = text(profile, "credential_process") {
        return Ok(Some(Base::Process(command.to_owned())));
    }
    key(profile)
}

fn key(profile: &Profile) -> Result<Option<Base>, String> {
    let token = text(profile, "aws_session_token").map(str::to_owned);
    match (text(profile, "aws_access_key_id"), text(profile, "aws_secret_access_key")) {
        (Some(id), Some(secret)) => Ok(Some(Base::Key { id: id.to_owned(), secret: secret.to_owned(), token })),
        (None, None) => Ok(None),
        (Some(_), None) => Err("it has aws_access_key_id and no aws_secret_access_key".to_owned()),
        (None, Some(_)) => Err("it has aws_secret_access_key and no aws_access_key_id".to_owned()),
    }
}

fn sso(files: &ProfileSet, profile: &Profile) -> Result<Option<Base>, String> {
    let own = |name| text(profile, name);
    let session = own("sso_session");
    let keys = ["sso_account_id", "sso_role_name", "sso_start_url", "sso_region"];
    if session.is_none() && keys.iter().all(|key| own(key).is_none()) {
        return Ok(None);
    }
    let missing = |name: &str, place: &str| format!("{place} has no {name}");
    let (start_url, region) = match session {
        Some(name) => {
            let Some(session) = files.sso_session(name) else {
                return Err(format!("there is no [sso-session {name}], which its sso_session names"));
            };
            let place = format!("[sso-session {name}]");
            let of = |key: &str| session.get(key).map(str::trim).filter(|t| !t.is_empty());
            (
                of("sso_start_url").ok_or_else(|| missing("sso_start_url", &place))?,
                of("sso_region").ok_or_else(|| missing("sso_region", &place))?,
            )
        }
        None => (
            own("sso_start_url").ok_or_else(|| missing("sso_start_url", "it"))?,
            own("sso_region").ok_or_else(|| missing("sso_region", "it"))?,
        ),
    };
    Ok(Some(Base::Sso {
        session: session.map(str::to_owned),
        start_url: start_url.to_owned(),
        region: region.to_owned(),
        account: own("sso_account_id").ok_or_else(|| missing("sso_account_id", "it"))?.to_owned(),
        role: own("sso_role_name").ok_or_else(|| missing("sso_role_name", "it"))?.to_owned(),
    }))
}
