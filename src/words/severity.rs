//! How much a fact matters.

use serde::{Deserialize, Serialize};

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Something is well again.
    Good,
    /// Somebody did something.
    Deed,
    /// Something may go wrong.
    Warn,
    /// Something is wrong.
    Bad,
    /// A moment that somebody marked for everybody: shown whatever else is left out.
    Moment,
}

impl Severity {
    /// What an entry of it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Severity::Info => "worth knowing",
            Severity::Good => "something is well again",
            Severity::Deed => "somebody did something",
            Severity::Warn => "warning",
            Severity::Bad => "failure",
            Severity::Moment => "a moment that somebody marked",
        }
    }
}
