//! What a row says of a source that did not answer.

use std::time::Duration;

use crate::aws::{Kind, Trouble};
use crate::event::{Failure, FailureKind};

/// That a source has nothing to say.
pub(super) struct NoNews {
    /// Why.
    pub(super) failure: Failure,
    /// After how long it wants to be asked again, if it says so.
    pub(super) again: Option<Duration>,
}

impl NoNews {
    /// What a call came to; `asked` is what was asked of whom.
    pub(super) fn of(trouble: &Trouble, asked: &str) -> Self {
        Self { failure: failure(trouble, asked), again: trouble.retry_after }
    }
}

impl From<Failure> for NoNews {
    fn from(failure: Failure) -> Self {
        Self { failure, again: None }
    }
}

/// As a row shows it; `asked` is what was asked of whom.
pub(super) fn failure(trouble: &Trouble, asked: &str) -> Failure {
    let kind = match trouble.kind {
        Kind::Timeout => FailureKind::Timeout,
        Kind::Connect | Kind::Lost => FailureKind::Connect,
        Kind::Denied => FailureKind::Denied,
        Kind::NoCredentials => FailureKind::NoCredentials,
        Kind::Clock => FailureKind::Clock,
        Kind::Throttled => FailureKind::Throttled,
        Kind::Unavailable
        | Kind::Internal
        | Kind::Conflict
        | Kind::Validation
        | Kind::NotFound
        | Kind::LimitExceeded => FailureKind::Service,
        Kind::Garbled => FailureKind::Garbled,
    };
    Failure { kind, why: format!("{asked}: {trouble}") }
}

/// A list in an answer. AWS sends an empty list if there is nothing. An answer without a list is broken, or not from
/// AWS, and says nothing about what there is.
///
/// # Errors
/// If there is no such list.
pub(super) fn listed<T>(list: Option<Vec<T>>, name: &str) -> Result<Vec<T>, Trouble> {
    list.ok_or_else(|| Trouble::said(Kind::Garbled, format!("the answer cannot be read: it has no {name}")))
}
