//! A service whose clock is not the caller's: it refuses what was signed more than five minutes away from its own time.
//!
//! Messages and codes are AWS's: `SignatureDoesNotMatch` of the query protocols, `InvalidSignatureException` of JSON,
//! `RequestExpired` and `AuthFailure` of EC2.

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use super::{Answer, Denial, Reply, Request};
use crate::time::{Span, Timestamp};

/// How far off the clocks are.
const OFF: Span = Span::from_secs(11 * 60 + 30);
/// How far off a signature may be.
const ALLOWED: Span = Span::from_mins(5);
/// A moment as signatures have it.
const FORM: &str = "%Y%m%dT%H%M%SZ";

/// Which way the caller's clock is wrong, for the service that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skew {
    /// It is eleven minutes behind.
    Behind,
    /// It is eleven minutes ahead.
    Ahead,
}

impl Skew {
    /// The service's time.
    fn now(self) -> Timestamp {
        let now = Timestamp::now();
        match self {
            Skew::Behind => now.saturating_add(OFF),
            Skew::Ahead => now.saturating_sub(OFF),
        }
        .unwrap_or(now)
    }

    /// Refuses what was signed too long before, or after, the service's time.
    ///
    /// # Errors
    /// When it was.
    pub fn check(self, request: &Request) -> Result<(), Denial> {
        let now = self.now();
        let signed = request.header("x-amz-date").and_then(moment);
        let signed = signed.ok_or_else(|| Denial::Incomplete("X-Amz-Date is not there".into()))?;
        let off = signed.duration_since(now);
        if off.abs() <= ALLOWED {
            return Ok(());
        }
        let bound = if off.is_negative() { now.saturating_sub(ALLOWED) } else { now.saturating_add(ALLOWED) };
        let bound = bound.unwrap_or(now);
        let (signed, bound, now) = (spelt(signed), spelt(bound), spelt(now));
        Err(if off.is_negative() {
            Denial::Expired(format!("{signed} is now earlier than {bound} ({now} - 5 min.)"))
        } else {
            Denial::Early(format!("{signed} is still later than {bound} ({now} + 5 min.)"))
        })
    }

    /// The answer with the service's time in its `Date`.
    #[must_use]
    pub fn dated(self, answer: Answer) -> Answer {
        let Ok(date) = DateTimePrinter::new().timestamp_to_rfc9110_string(&self.now()) else { return answer };
        let with = |reply: Reply| reply.header("date", date.clone());
        match answer {
            Answer::Reply(reply) => Answer::Reply(with(reply)),
            Answer::Later(wait, reply) => Answer::Later(wait, with(reply)),
            other => other,
        }
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    let at = strtime::parse(FORM, text).ok()?.to_datetime().ok()?;
    TimeZone::UTC.to_timestamp(at).ok()
}

fn spelt(at: Timestamp) -> String {
    at.strftime(FORM).to_string()
}
