//! Why an endpoint gave no answer, and what a refusal means.

use crate::aws::{Kind, Trouble};
use crate::estate::{Region, RuleArn};
use crate::event::{Refusal, RefusalKind};

/// Why an endpoint gave no answer, or refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cluster endpoint {endpoint}: {trouble}")]
pub struct ArcError {
    /// The endpoint.
    pub endpoint: Region,
    /// What happened.
    pub trouble: Trouble,
}

impl ArcError {
    pub(super) fn new(endpoint: &Region, trouble: impl Into<Trouble>) -> Self {
        Self { endpoint: endpoint.clone(), trouble: trouble.into() }
    }

    pub(super) fn no_such_endpoint(endpoint: &Region) -> Self {
        Self::new(endpoint, Trouble::said(Kind::Connect, "the estate file has no such cluster endpoint"))
    }
}

/// The refusal that an error amounts to; none if it says nothing about the change itself.
pub(super) fn refusal(trouble: &Trouble) -> Option<Refusal> {
    refusal_under(trouble, rule_in(&trouble.message))
}

/// The same where the safety rule is known that says no, if one does.
pub(super) fn refusal_under(trouble: &Trouble, rule: Option<RuleArn>) -> Option<Refusal> {
    let kind = match trouble.kind {
        // AWS does not document the error type of a safety rule's refusal: the rule's ARN gives it away.
        _ if rule.is_some() => RefusalKind::SafetyRule,
        Kind::Conflict => RefusalKind::Conflict,
        Kind::Denied => RefusalKind::AccessDenied,
        Kind::NoCredentials => RefusalKind::NoCredentials,
        Kind::Clock => RefusalKind::Clock,
        Kind::Validation => RefusalKind::Validation,
        Kind::NotFound => RefusalKind::NotFound,
        Kind::LimitExceeded => RefusalKind::LimitExceeded,
        Kind::Throttled => RefusalKind::Throttled,
        Kind::Connect | Kind::Timeout | Kind::Lost | Kind::Unavailable | Kind::Internal | Kind::Garbled => return None,
    };
    Some(Refusal { kind, rule, message: trouble.to_string() })
}

/// The refusal that it amounts to that no endpoint would carry a write out, by what one said.
pub(super) fn failure(trouble: &Trouble) -> Refusal {
    let kind = match trouble.kind {
        Kind::Throttled => RefusalKind::Throttled,
        Kind::Conflict => RefusalKind::Conflict,
        _ => RefusalKind::Unavailable,
    };
    Refusal { kind, rule: None, message: trouble.to_string() }
}

/// The first safety rule's ARN in a text, known by its shape:
/// `arn:aws:route53-recovery-control::ACCOUNT:controlpanel/ID/safetyrule/ID`.
#[must_use]
pub fn rule_in(message: &str) -> Option<RuleArn> {
    message
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '-' | '_')))
        .map(|word| word.trim_end_matches([':', '/', '-']))
        .filter_map(|word| word.find("arn:aws").and_then(|at| word.get(at..)))
        .find(|word| {
            let mut parts = word.splitn(6, ':');
            let service = parts.nth(2);
            let id = parts.nth(2).and_then(|resource| resource.split_once("/safetyrule/"));
            service == Some("route53-recovery-control") && id.is_some_and(|(_, id)| !id.is_empty())
        })
        .map(RuleArn::new)
}
