//! How attempts to act ended: launches, flips, and what endpoints showed after them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::estate::{ControlArn, ControlState, Region, RuleArn};
use crate::time::Span;

/// How an attempt to launch DRS servers ended (`StartRecovery`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum LaunchEnd {
    /// DRS has taken it on.
    Started {
        /// `drsjob-…`.
        job: String,
    },
    /// It was sent, and DRS did not say that it has begun: no answer proves that it has not. The job is looked for by
    /// its tag.
    #[serde(alias = "refused")]
    Uncertain {
        /// What happened, or what DRS answered.
        why: String,
    },
    /// Nothing was sent.
    NotSent {
        /// Why.
        why: String,
    },
}

/// How an attempt to change routing controls ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlipOutcome {
    /// The verdict.
    pub end: FlipEnd,
    /// Every endpoint tried, in order.
    pub attempts: Vec<Attempt>,
}

/// How old the states may be that a read of the cluster shows: ARC documents that it propagates a change, and no time for
/// it, and what is in between may keep an answer. Old states that are read sooner after a write prove nothing.
pub const STALE: Span = Span::from_secs(15);

/// Endpoints that must agree on what the controls are: one alone may be behind the others, or ahead.
pub const AGREE: usize = 2;

/// The verdict on a flip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlipEnd {
    /// An endpoint confirmed it, or a read showed it done.
    Applied {
        /// The endpoint.
        endpoint: Region,
    },
    /// Nobody let it be sent; nothing was.
    Refused(Refusal),
    /// It was sent, and ARC said no or "try again" twice, or its endpoint failed ([`Refusal::is_failure`]). That proves nothing: what said so
    /// may have done it first. Reads settle it.
    Denied(Refusal),
    /// The controls were not in their *from* states any more; nothing was written.
    Moved(BTreeMap<ControlArn, ControlState>),
    /// A write may or may not have happened: no endpoint confirmed it.
    Uncertain,
    /// No endpoint could be reached; nothing was sent.
    Unreachable,
    /// The journal took so long to keep the intent that the second key's window was over; nothing was sent.
    TooLate,
}

/// One try at one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The endpoint.
    pub endpoint: Region,
    /// How long it took.
    pub took: Span,
    /// What came of it, in words.
    pub said: String,
}

/// Why ARC said no, or failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The kind.
    pub kind: RefusalKind,
    /// The safety rule that its message names.
    pub rule: Option<RuleArn>,
    /// ARC's own message.
    pub message: String,
}

impl Refusal {
    /// Whether it is none: an endpoint failed, and nobody at ARC said no.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.kind == RefusalKind::Unavailable
    }

    /// Whether every endpoint would say the same in a moment: what is asked for is wrong, or who asks may not.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self.kind {
            RefusalKind::Throttled | RefusalKind::Unavailable => false,
            RefusalKind::SafetyRule
            | RefusalKind::Conflict
            | RefusalKind::AccessDenied
            | RefusalKind::NoCredentials
            | RefusalKind::Clock
            | RefusalKind::Validation
            | RefusalKind::NotFound
            | RefusalKind::LimitExceeded => true,
        }
    }
}

/// Kinds of refusal (`route53-recovery-cluster` errors), told apart because each wants something else done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalKind {
    /// A safety rule would be broken, or its wait period runs.
    SafetyRule,
    /// `ConflictException` that names no rule: "try again". It was, and the next endpoint said the same, or there was none.
    Conflict,
    /// `ThrottlingException` at every endpoint.
    Throttled,
    /// No refusal: the endpoints that were written to failed (`EndpointTemporarilyUnavailableException`,
    /// `InternalServerException`).
    Unavailable,
    /// `AccessDeniedException`.
    AccessDenied,
    /// Nobody was asked: there was nothing to sign with.
    NoCredentials,
    /// AWS does not take what this machine's clock signs.
    Clock,
    /// `ValidationException`.
    Validation,
    /// `ResourceNotFoundException`.
    NotFound,
    /// `ServiceLimitExceededException`.
    LimitExceeded,
}

/// What one endpoint showed after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadBack {
    /// The endpoint.
    pub endpoint: Region,
    /// The states, or why there are none.
    pub states: Result<BTreeMap<ControlArn, ControlState>, String>,
}
