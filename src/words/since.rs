//! Since when, and how long, in words: a beginning that nobody saw is never told as one.

use super::{clock, moment, span};
use crate::record::{Lasted, Left, Since};
use crate::time::{Span, Stamp};

/// By how much the wall clock and the boot clock may differ over a span before the wall clock counts as set.
const SET: Span = Span::from_secs(5);

/// `since 16:59:43Z`; `since before 16:59:43Z` of what was so already when it was read first.
#[must_use]
pub fn since(since: Since, now: Stamp) -> String {
    format!("since {}", began(since, now))
}

/// `16:59:43Z`; `before 16:59:43Z`. Where the wall clock was set since, that time of day is another clock's: how long ago
/// it was says the boot clock, where it can.
#[must_use]
pub fn began(since: Since, now: Stamp) -> String {
    let (at, before) = (since.at(), if since.is_found() { "before " } else { "" });
    let time = format!("{before}{}Z", moment(at.wall, now.wall));
    let Some(passed) = now.passed_since(at) else { return format!("{time} by a clock that was set since") };
    let by_wall = now.wall.duration_since(at.wall);
    if (by_wall - now.since(at)).abs() <= SET {
        return time;
    }
    format!("{time}, {}{} ago (the clock was set since)", at_least(since.is_found()), span(passed))
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
        true => format!("RTO past by {}{}", at_least(left.at_most), clock(-left.whole(), false)),
        false => format!("RTO left {}{}", at_most(left), clock(left.whole(), false)),
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
