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

/// Systems for which there is no room; none where all are shown. `14 systems below`.
#[must_use]
pub fn out_of_sight(above: usize, below: usize) -> Option<String> {
    let systems = |n: usize| format!("{n} system{}", if n == 1 { "" } else { "s" });
    match (above, below) {
        (0, 0) => None,
        (0, n) => Some(format!("{} below", systems(n))),
        (n, 0) => Some(format!("{} above", systems(n))),
        (above, below) => Some(format!("{} above, {below} below", systems(above))),
    }
}

/// A span in a column, in one unit: seconds below two minutes, then minutes below two hours, hours below two days, days.
/// `38s`, `12m`, `2h`, `31d`.
#[must_use]
pub fn short(span: Span) -> String {
    let s = span.as_secs().max(0);
    match s {
        0..120 => format!("{s}s"),
        120..7200 => format!("{}m", s / 60),
        7200..172_800 => format!("{}h", s / 3600),
        _ => format!("{}d", s / 86_400),
    }
}

/// The figures of a column of lags, in seconds: by the same units, with tenths below ten seconds. `0.2 s`, `74 s`,
/// `12 min`.
#[must_use]
pub fn lag(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    match seconds {
        0.0 => "0.0 s".to_owned(),
        s if s < 0.05 => "< 0.1 s".to_owned(),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 119.5 => format!("{s:.0} s"),
        s if s < 120.0 => "2 min".to_owned(),
        s if s < 7200.0 => format!("{:.0} min", (s / 60.0).floor()),
        s if s < 172_800.0 => format!("{:.0} h", (s / 3600.0).floor()),
        s => format!("{:.0} d", (s / 86_400.0).floor()),
    }
}

/// How many lags are as bad as the worst of them: `2 fail`, `1 warns`.
#[must_use]
pub fn bad_lags(mark_fails: bool, n: usize) -> String {
    match (mark_fails, n) {
        (true, 1) => "1 fails".to_owned(),
        (true, n) => format!("{n} fail"),
        (false, 1) => "1 warns".to_owned(),
        (false, n) => format!("{n} warn"),
    }
}
