//! AWS credentials from the usual chain (environment, profile, container, instance), and the reason if there are none.

use std::borrow::Cow;
use std::env::var;
use std::error::Error;

use aws_config::profile::{self, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};

use super::trouble::innermost;

/// The profile that is read where none is named.
const USUAL: &str = "default";

/// A chain of credentials whose failures name what a person must know: the innermost cause, the profile, what to do.
#[derive(Debug)]
pub(super) struct Chain {
    inner: SharedCredentialsProvider,
    profile: Profile,
    /// The profile that signs in with SSO, if one does.
    sso: Option<String>,
    http: SharedHttpClient,
}

/// The profile that the chain reads.
#[derive(Debug)]
enum Profile {
    /// None is named: it is `default`, or credentials come from elsewhere.
    Unnamed,
    /// In the files, or the files cannot be read, which the chain says itself.
    Named(String),
    /// In none of the files.
    Absent(String),
}

impl Chain {
    /// That chain, which reaches AWS by `http`.
    pub(super) async fn of(inner: SharedCredentialsProvider, http: SharedHttpClient) -> SharedCredentialsProvider {
        let asked = var("AWS_PROFILE").ok();
        let files = profile::load(&Fs::real(), &Env::real(), &Default::default(), None).await.ok();
        let sso = files.as_ref().and_then(|files| signs_in(files, asked.as_deref().unwrap_or(USUAL)));
        let profile = match (asked, files) {
            (None, _) => Profile::Unnamed,
            (Some(name), Some(files)) if files.get_profile(&name).is_none() => Profile::Absent(name),
            (Some(name), _) => Profile::Named(name),
        };
        SharedCredentialsProvider::new(Self { inner, profile, sso, http })
    }

    /// Why there are no credentials, and what to do.
    async fn why(&self, error: CredentialsError) -> String {
        let (config, shared) = files();
        match &self.profile {
            Profile::Absent(name) if name.is_empty() => {
                return "AWS_PROFILE is set to nothing: unset it, or name a profile in it".to_owned();
            }
            Profile::Absent(name) => {
                return format!("profile {name}, which AWS_PROFILE names, is neither in {config} nor in {shared}");
            }
            Profile::Named(_) | Profile::Unnamed => {}
        }
        if let Some(unfit) = self.unfit(&error).await {
            let name = match &self.profile {
                Profile::Named(name) | Profile::Absent(name) => name,
                Profile::Unnamed => USUAL,
            };
            return format!("{unfit}: mend profile {name} in {config} or {shared}");
        }
        let said = reason(&error);
        match (&self.sso, &self.profile) {
            (Some(sso), _) => format!("{said}: `aws sso login --profile {sso}` signs in"),
            (None, Profile::Named(name)) => format!("{said} (profile {name})"),
            (None, _) => said,
        }
    }

    /// What is wrong with the profile as it is written, if that is why there are none. The chain says it once, and from
    /// then on only that it has said it; or it hides it among all the places where it looked. A reader of its own is
    /// asked again.
    async fn unfit(&self, error: &CredentialsError) -> Option<String> {
        const BUILT: &str = "ProfileFile provider could not be built: ";
        let said = innermost(error);
        if let Some(unfit) = said.strip_prefix(BUILT) {
            return Some(unfit.to_owned());
        }
        let hidden = matches!(error, CredentialsError::CredentialsNotLoaded(_)) || said.ends_with("already taken");
        if !hidden {
            return None;
        }
        let settings = ProviderConfig::without_region().with_http_client(self.http.clone());
        let reader = ProfileFileCredentialsProvider::builder().configure(&settings).build();
        let unfit = reader.provide_credentials().await.err()?;
        unfit.source()?;
        let said = innermost(&unfit);
        Some(said.strip_prefix(BUILT).unwrap_or(&said).to_owned())
    }
}

/// Where profiles are written.
fn files() -> (Cow<'static, str>, Cow<'static, str>) {
    let file = |of: &str, usual: &'static str| var(of).map_or(Cow::Borrowed(usual), Cow::Owned);
    let config = file("AWS_CONFIG_FILE", "~/.aws/config");
    (config, file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))
}

/// The profile that signs in with SSO: this one, or one that it takes its credentials from.
fn signs_in(files: &ProfileSet, name: &str) -> Option<String> {
    const DEEPEST: usize = 16;
    let profiles = std::iter::successors(files.get_profile(name), |profile| {
        profile.get("source_profile").and_then(|source| files.get_profile(source))
    });
    let mut profiles = profiles.take(DEEPEST);
    profiles.find(|p| p.get("sso_start_url").or(p.get("sso_session")).is_some()).map(|p| p.name().to_owned())
}

/// The cause at the bottom; what the system says of a file, with the words of who wanted to read it.
fn reason(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        if next.is::<std::io::Error>() {
            return format!("{last}: {next}");
        }
        last = next;
    }
    last.to_string()
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            match self.inner.provide_credentials().await {
                Ok(credentials) => Ok(credentials),
                Err(error) => Err(CredentialsError::provider_error(self.why(error).await)),
            }
        })
    }
}
