//! AWS credentials from the usual chain (environment, profile, container, instance), and the reason if there are none.

use std::borrow::Cow;
use std::env::var;

use aws_config::profile;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_types::os_shim_internal::{Env, Fs};

use super::trouble::innermost;

/// A chain of credentials whose failures name what a person must know: the innermost cause, and the profile.
#[derive(Debug)]
pub(super) struct Chain {
    inner: SharedCredentialsProvider,
    profile: Profile,
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
    /// That chain.
    pub(super) async fn of(inner: SharedCredentialsProvider) -> SharedCredentialsProvider {
        let profile = Profile::asked().await;
        SharedCredentialsProvider::new(Self { inner, profile })
    }
}

impl Profile {
    async fn asked() -> Self {
        let Some(name) = var("AWS_PROFILE").ok().filter(|name| !name.is_empty()) else { return Profile::Unnamed };
        match profile::load(&Fs::real(), &Env::real(), &Default::default(), None).await {
            Ok(profiles) if profiles.get_profile(&name).is_none() => Profile::Absent(name),
            _ => Profile::Named(name),
        }
    }

    /// Why there are no credentials.
    fn why(&self, error: &CredentialsError) -> String {
        match self {
            Profile::Unnamed => innermost(error),
            Profile::Named(name) => format!("{} (profile {name})", innermost(error)),
            Profile::Absent(name) => {
                let file = |of: &str, usual: &'static str| var(of).map_or(Cow::Borrowed(usual), Cow::Owned);
                let config = file("AWS_CONFIG_FILE", "~/.aws/config");
                let shared = file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
                format!("profile {name}, which AWS_PROFILE names, is neither in {config} nor in {shared}")
            }
        }
    }
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let fetched = self.inner.provide_credentials().await;
            fetched.map_err(|error| CredentialsError::provider_error(self.profile.why(&error)))
        })
    }
}
