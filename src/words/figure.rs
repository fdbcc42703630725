//! Spans and times of the day in words.

use crate::time::{Span, Timestamp};

/// A span: `41 ms`, `0.4 s`, `38 s`, `4 min 12 s`, `2 h 5 min`, `31 d`.
#[must_use]
pub fn span(span: Span) -> String {
    let seconds = span.as_secs_f64().max(0.0);
    let whole = seconds.round() as i64;
    match whole {
        _ if seconds == 0.0 => "0 s".to_owned(),
        _ if seconds < 0.095 => format!("{:.0} ms", seconds * 1000.0),
        _ if seconds < 9.95 => format!("{seconds:.1} s"),
        0..60 => format!("{whole} s"),
        60..3600 if whole % 60 == 0 || whole >= 600 => format!("{} min", whole / 60),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        3600..172_800 if whole % 3600 < 60 => format!("{} h", whole / 3600),
        3600..172_800 => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d", whole / 86_400),
    }
}

/// A clock that counts: `00:04:31`; hours are dropped under an hour where `short`.
#[must_use]
pub fn clock(span: Span, short: bool) -> String {
    let s = span.as_secs().max(0);
    if short && s < 3600 {
        format!("{:02}:{:02}", s / 60, s % 60)
    } else {
        format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    }
}

/// Hours and whole minutes, where seconds would be restless: `4 min`, `2 h 5 min`.
#[must_use]
pub fn minutes(span: Span) -> String {
    let minutes = span.as_secs().max(0) / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "less than 1 min".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// The time of day in UTC: `18:42:07`.
#[must_use]
pub fn time_of_day(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// The day in UTC: `2026-11-24`.
#[must_use]
pub fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// The time of day, with the day before it where that is not the day of `now`: `2026-11-23 18:42:07`.
#[must_use]
pub fn moment(at: Timestamp, now: Timestamp) -> String {
    if day(at) == day(now) { time_of_day(at) } else { format!("{} {}", day(at), time_of_day(at)) }
}
