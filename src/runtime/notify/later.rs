//! How long an answer asks to wait (`Retry-After`, RFC 9110): seconds, or a moment.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::time::Timestamp;

/// No wait is longer: what asks for more means never.
const MOST: f64 = 1e9;

/// The wait that is asked for. A moment is taken by the answer's own clock where it tells it.
pub(super) fn asked(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match text.parse::<f64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let theirs = headers.get(DATE).and_then(|date| moment(date.to_str().ok()?));
            moment(text)?.duration_since(theirs.unwrap_or(now)).as_secs_f64()
        }
    };
    seconds.is_finite().then(|| Duration::from_secs_f64(seconds.clamp(0.0, MOST)))
}

fn moment(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}
