//! How this console is signed in to AWS.

use serde::{Deserialize, Serialize};

use crate::change::Digest;
use crate::estate::AccountName;
use crate::time::Timestamp;

/// What credentials are for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInFor {
    /// Everything that names no account; and what roles are taken with.
    #[default]
    Console,
    /// Looking into an account.
    Look(AccountName),
    /// Trying whether an account's role to act is given, without acting.
    Trial(AccountName),
    /// Carrying out a change in an account.
    Act(AccountName, Digest),
}

/// How AWS credentials of this console stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// What they are for.
    #[serde(default)]
    pub purpose: SignInFor,
    /// Where they come from, in words: `profile prod (role dr)`, `the environment`.
    pub whose: String,
    /// What calls are signed with now; none where there are no credentials.
    pub held: Option<HeldCredentials>,
    /// Why the last try to get or to renew them failed; none where it did not.
    pub failing: Option<SignInFailure>,
}

/// Credentials that calls are signed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldCredentials {
    /// When they end; none where they do not, or do not tell.
    pub until: Option<Timestamp>,
    /// What comes then.
    pub renewal: Renewal,
}

/// What comes when credentials end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// They do not end.
    Endless,
    /// The console renews them, for as long as whoever gives them does.
    Itself,
    /// The console renews them, for as long as somebody's sign-in lasts, which renews itself too; AWS alone knows until
    /// when.
    SignIn,
    /// Nothing renews them beyond this moment, where it is known: then somebody must sign in again.
    Until(Option<Timestamp>),
}

impl Renewal {
    /// What comes when the session of a role ends that was taken with such credentials.
    #[must_use]
    pub fn of_role(self) -> Self {
        match self {
            Renewal::Endless | Renewal::Itself => Renewal::Itself,
            other => other,
        }
    }
}

/// Why there are no new credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInFailure {
    /// Since when.
    pub since: Timestamp,
    /// The innermost reason, and what to do.
    pub why: String,
}
