//! How this console is signed in to AWS.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How this console's AWS credentials stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
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

/// Why there are no new credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInFailure {
    /// Since when.
    pub since: Timestamp,
    /// The innermost reason, and what to do.
    pub why: String,
}
