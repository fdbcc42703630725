//! Since when, and how long, in words: a beginning that nobody saw is never told as one.

use super::{clock, moment, span};
use crate::record::{Lasted, Left, Since};
use crate::time::{Span, Timestamp};

/// `since 16:59:43Z`; `since before 16:59:43Z` of what was so already when it was read first.
#[must_use]
pub fn since(since: Since, now: Timestamp) -> String {
    format!("since {}", began(since, now))
}

/// `16:59:43Z`; `before 16:59:43Z`.
#[must_use]
pub fn began(since: Since, now: Timestamp) -> String {
    let before = if since.is_found() { "before " } else { "" };
    format!("{before}{}Z", moment(since.at().wall, now))
}

/// `00:10:49`; `at least 00:10:49`. `short` leaves out hours that are none.
#[must_use]
pub fn lasted(lasted: Lasted, short: bool) -> String {
    format!("{}{}", at_least(lasted.at_least), clock(lasted.span, short))
}

/// `00:10:49` as a column has room for it; `≥00:10:49`.
#[must_use]
pub fn lasted_in_short(lasted: Lasted, short: bool) -> String {
    format!("{}{}", if lasted.at_least { "≥" } else { "" }, clock(lasted.span, short))
}

/// How long an incident has lasted, in the one form that every view shows: `T+00:10:49`, `T+≥00:10:49`.
#[must_use]
pub fn t_plus(lasted: Lasted) -> String {
    format!("T+{}", lasted_in_short(lasted, false))
}

/// `12 min 5 s`; `at least 12 min 5 s`.
#[must_use]
pub fn lasted_aloud(lasted: Lasted) -> String {
    format!("{}{}", at_least(lasted.at_least), span(lasted.span))
}

/// What is left of an RTO that still counts: `RTO left 00:49:11`, `RTO left at most 00:49:11`, `RTO past by at least
/// 00:01:02`.
#[must_use]
pub fn rto_left(left: Left) -> String {
    match left.span.is_negative() {
        true => format!("RTO past by {}{}", at_least(left.at_most), clock(-left.span, false)),
        false => format!("RTO left {}{}", at_most(left), clock(left.span, false)),
    }
}

/// Before a span that may be longer.
#[must_use]
pub fn at_least(bound: bool) -> &'static str {
    if bound { "at least " } else { "" }
}

fn at_most(left: Left) -> &'static str {
    if left.at_most { "at most " } else { "" }
}

/// How much of an RTO was used, where that decides nothing: a beginning that nobody saw may have been long before.
#[must_use]
pub fn unjudged(used: Span) -> String {
    format!("not known whether it was met: at least {}", clock(used, false))
}
