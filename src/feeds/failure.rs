//! What a row says of a source that did not answer.

use crate::aws::{Kind, Trouble};
use crate::event::{Failure, FailureKind};

/// As a row shows it; `asked` is what was asked of whom.
pub(super) fn failure(trouble: &Trouble, asked: &str) -> Failure {
    let kind = match trouble.kind {
        Kind::Timeout => FailureKind::Timeout,
        Kind::Connect | Kind::Lost => FailureKind::Connect,
        Kind::Denied => FailureKind::Denied,
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
