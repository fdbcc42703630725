//! AWS credentials as a layer of their own. One task gets them and renews them, long before they end; everything that
//! signs only looks at what it has.
//!
//! So no call waits for a program, a browser or STS inside its own deadline, and no call looks as if its service did not
//! answer where there is nothing to ask with. Old credentials that still hold go on being used while new ones cannot be
//! had. See ADR 12.

mod keeper;
mod process;
mod profile;
mod session;
mod source;
mod sts;
mod taken;
mod trial;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use tokio::sync::{Notify, watch};

pub(super) use self::keeper::keep;
pub use self::source::AskCode;
pub(super) use self::source::{Source, ca_bundle};
pub(super) use self::sts::{Sts, own_regions, regions_of};
pub(super) use self::taken::{Taken, Wanted};
pub use self::trial::Anew;
pub(super) use self::trial::anew;

use crate::event::{HeldCredentials, Renewal, SignIn, SignInFor};
use crate::time::Timestamp;

/// How long a call waits where nothing has been decided yet: outside its attempt, and inside its operation.
const MOMENT: Duration = Duration::from_millis(500);

/// Gets credentials, again and again.
pub(super) trait Gives: Send + 'static {
    /// Whose they are, in words.
    fn words(&self) -> String;

    /// What is waited for while they are got.
    fn waits_for(&self) -> String;

    /// Gets them, all the way.
    fn fetch(&mut self) -> impl Future<Output = Result<Fetched, Refused>> + Send;
}

/// Credentials, and what comes when they end.
pub(super) struct Fetched {
    credentials: Credentials,
    renewal: Renewal,
    /// Whether they are written in a profile, as they are.
    from_file: bool,
}

impl Fetched {
    fn new(credentials: Credentials, renewal: Renewal) -> Self {
        Self { credentials, renewal, from_file: false }
    }
}

/// Why there are no credentials, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    why: String,
    /// Whether asking soon again is not worth its price.
    rest: bool,
    /// Whether AWS says that what it was asked with has ended.
    spent: bool,
}

impl Refused {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), rest: false, spent: false }
    }
}

/// There is nothing to sign with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Nothing(String);

impl fmt::Display for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Nothing {}

/// What there is to sign with, and how it stands.
#[derive(Clone, Debug)]
pub(super) struct State {
    credentials: Option<Credentials>,
    sign_in: SignIn,
}

impl State {
    /// Whether it is known that there are credentials, or that there are none.
    fn is_decided(&self) -> bool {
        self.credentials.is_some() || self.sign_in.failing.is_some()
    }

    fn to_sign_with(&self) -> Result<Credentials, Nothing> {
        let none = |why: &str| Nothing(format!("{}: {why}", self.sign_in.whose));
        match &self.credentials {
            Some(credentials) if credentials.expiry().is_none_or(|end| end > SystemTime::now()) => {
                Ok(credentials.clone())
            }
            Some(_) => Err(none(&match &self.sign_in.failing {
                Some(failing) => format!("they have ended; {}", failing.why),
                None => "they have ended, and no new ones have come yet".to_owned(),
            })),
            None => Err(none(self.sign_in.failing.as_ref().map_or("none have come yet", |f| f.why.as_str()))),
        }
    }
}

/// What all clients sign with. Looks at what there is, and asks nobody.
#[derive(Clone, Debug)]
pub(super) struct Held {
    state: watch::Receiver<State>,
    /// Wakes whoever keeps them, where somebody does.
    spent: Arc<Notify>,
}

impl Held {
    /// Credentials that nothing renews and nobody asks about.
    pub(super) fn fixed(credentials: Credentials) -> Self {
        let until = credentials.expiry().and_then(|at| Timestamp::try_from(at).ok());
        let held = HeldCredentials { until, renewal: Renewal::Endless };
        let purpose = SignInFor::Console;
        let sign_in = SignIn { purpose, whose: "this program".to_owned(), held: Some(held), failing: None };
        Self::of(watch::channel(State { credentials: Some(credentials), sign_in }).1)
    }

    fn of(state: watch::Receiver<State>) -> Self {
        Self { state, spent: Arc::default() }
    }

    /// AWS says that they have ended, whatever their time: they are to be got anew.
    pub(super) fn spent(&self) {
        self.spent.notify_one();
    }

    /// As the SDK's clients take it.
    pub(super) fn provider(&self) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(self.clone())
    }

    /// Waits until it is known whether there are credentials. That is soon: what takes long counts as failing.
    pub(super) async fn decided(&self) {
        // An error means that nobody decides any more.
        let _ = self.state.clone().wait_for(State::is_decided).await;
    }

    /// What there is to sign with, and what comes when it ends.
    ///
    /// # Errors
    /// Whose credentials are missing, and why.
    fn to_sign_with(&self) -> Result<(Credentials, Renewal), Refused> {
        let state = self.state.borrow();
        let credentials = state.to_sign_with().map_err(|nothing| Refused::new(nothing.to_string()))?;
        let renewal = state.sign_in.held.as_ref().map_or(Renewal::Endless, |held| held.renewal);
        Ok((credentials, renewal))
    }

    /// How they stand now.
    pub(super) fn sign_in(&self) -> SignIn {
        self.state.borrow().sign_in.clone()
    }

    /// The same, for who has not been told yet how they stand.
    pub(super) fn followed(&self) -> Self {
        let mut told = self.clone();
        // An error means that nothing changes any more.
        if told.state.has_changed().is_ok() {
            told.state.mark_changed();
        }
        told
    }

    /// Waits until they stand otherwise; for ever where nothing changes them.
    pub(super) async fn changed(&mut self) -> SignIn {
        if self.state.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        self.state.borrow_and_update().sign_in.clone()
    }
}

impl ProvideCredentials for Held {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let _ = tokio::time::timeout(MOMENT, self.decided()).await;
            self.state.borrow().to_sign_with().map_err(CredentialsError::provider_error)
        })
    }
}
