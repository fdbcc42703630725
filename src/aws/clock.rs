//! Whether AWS turned a request away because of this machine's clock: what was signed more than five minutes away from
//! its own time it refuses, under several names, as if credentials were at fault.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use crate::time::{Span, Timestamp};

/// Clocks that are closer together are no reason to refuse anything.
const ALLOWED: Span = Span::from_mins(4);
/// A moment as signatures have it.
const FORM: &str = "%Y%m%dT%H%M%SZ";

/// That this machine's clock is the reason, in words; none where it is another, or cannot be told.
pub(super) fn fault(code: &str, message: Option<&str>, raw: &HttpResponse, now: Timestamp) -> Option<String> {
    let message = message.unwrap_or_default();
    let named = match code.strip_suffix("Exception").unwrap_or(code) {
        "RequestTimeTooSkewed" | "RequestInTheFuture" => true,
        "SignatureDoesNotMatch" | "InvalidSignature" => {
            message.starts_with("Signature expired") || message.starts_with("Signature not yet current")
        }
        // Of a key that is wrong EC2 says the same.
        "RequestExpired" | "AuthFailure" => false,
        _ => return None,
    };
    let theirs = raw.headers().get("date").and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
    let ahead = match theirs {
        Some(theirs) => Some(now.duration_since(theirs)),
        None => told(message),
    };
    match ahead {
        Some(ahead) if ahead.abs() > ALLOWED => {
            let way = if ahead.is_negative() { "behind" } else { "ahead of" };
            Some(format!("this machine's clock is {} {way} AWS's, which refuses it ({code})", about(ahead.abs())))
        }
        // It waited: the machine slept, or the network held it up.
        Some(_) => None,
        None => named.then(|| format!("this machine's clock is not AWS's, which refuses it ({code})")),
    }
}

/// A length of time, for who wants to know how wrong a clock is.
fn about(span: Span) -> String {
    match span.as_mins() {
        minutes @ ..120 => format!("{minutes} min"),
        minutes @ ..2880 => format!("{} h", minutes / 60),
        minutes => format!("{} d", minutes / 1440),
    }
}

/// How far a signature was ahead: `Signature expired: 20140325T143453Z is now earlier than 20140325T143751Z
/// (20140325T145251Z - 15 min.)`; the last of the three is AWS's time.
fn told(message: &str) -> Option<Span> {
    let mut moments = message.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(moment);
    let signed = moments.next()?;
    Some(signed.duration_since(moments.nth(1)?))
}

fn moment(word: &str) -> Option<Timestamp> {
    let at = strtime::parse(FORM, word).ok()?.to_datetime().ok()?;
    TimeZone::UTC.to_timestamp(at).ok()
}
