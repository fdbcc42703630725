//! A region that does not answer any more: what is silent, since when, and what is shown in the place of readings.

use super::{Length, list};
use crate::estate::Region;
use crate::event::SourceId;

/// The sign of a last value that is too old to say how things are.
pub const OLD: &str = "◌";

/// What the sign means wherever it stands, for the legend: the region failed, or its sources fell silent, since.
pub const LAST_READ: &str = "last read before its region failed or its sources fell silent";

/// That a region failed, that sources of it stopped answering at `since`, or both; and what the values are that are still
/// shown. Times as they are shown: `11:21:07Z`; a failure's with whether it was there already when it was read first.
#[must_use]
pub fn silent(
    region: &Region,
    sources: &[&SourceId],
    since: &str,
    failed: Option<(&str, bool)>,
    length: Length,
) -> String {
    let at = at(failed);
    let failed = failed.map(|(failed, _)| failed);
    let mut names: Vec<&str> = sources.iter().filter_map(|s| service(s)).collect();
    names.dedup();
    let named = list(&names);
    if names.is_empty() {
        return match length {
            Length::Short => format!("failed {at} {since}; {OLD} = read before"),
            Length::Line => format!("failed {at} {since}; {OLD} = last read before that"),
            Length::Whole => {
                format!("{region} failed {at} {since}; {OLD} marks what was last read before that, with its age")
            }
        };
    }
    // That it fell silent does not end that it failed.
    match (length, failed) {
        (Length::Short, Some(failed)) if failed == since => format!("failed, silent at {since}; {OLD} = last"),
        // There is no room for both times and the sign's meaning, and a sign without its meaning says nothing.
        (Length::Short, Some(failed)) => format!("failed {at} {failed}, silent {since}"),
        (Length::Short, None) => format!("silent since {since}; {OLD} = last values"),
        (Length::Line, Some(failed)) if failed == since => {
            format!("failed, {named} silent at {since}; {OLD} = last values")
        }
        (Length::Line, Some(failed)) => {
            format!("failed {at} {failed}, {named} silent since {since}; {OLD} = last values")
        }
        (Length::Line, None) => format!("{named} silent since {since}; {OLD} = last values"),
        (Length::Whole, Some(failed)) => format!(
            "{region} failed {at} {failed}, and {named} stopped answering at {since}; {OLD} marks what they said last, with \
             its age"
        ),
        (Length::Whole, None) => {
            format!("{named} in {region} stopped answering at {since}; {OLD} marks what they said last, with its age")
        }
    }
}

/// Before the time of a failure.
fn at(failed: Option<(&str, bool)>) -> &'static str {
    if failed.is_some_and(|(_, found)| found) { "before" } else { "at" }
}

/// The AWS service behind a source that speaks for one region.
fn service(source: &SourceId) -> Option<&'static str> {
    match source {
        SourceId::Cloudwatch(_) => Some("CloudWatch"),
        SourceId::Drs(_) => Some("DRS"),
        SourceId::Ec2(_) => Some("EC2"),
        _ => None,
    }
}

/// The same, to be read aloud beside figures in brackets.
#[must_use]
pub fn silent_aloud(region: &Region, sources: &[&SourceId], since: &str, failed: Option<(&str, bool)>) -> String {
    let at = at(failed);
    let mut names: Vec<&str> = sources.iter().filter_map(|s| service(s)).collect();
    names.dedup();
    if names.is_empty() {
        return format!("{region} failed {at} {since}: figures in brackets were read before that.");
    }
    let named = list(&names);
    let failed = failed.map_or_else(String::new, |(failed, _)| format!("{region} failed {at} {failed}. "));
    format!("{failed}{named} in {region} stopped answering at {since}: figures in brackets are what was said last.")
}

/// What an amber DNS row is about whose resolvers all agree: they lead to a region that is impaired.
#[must_use]
pub fn dns_leads_astray() -> &'static str {
    "▲ leads to an impaired region"
}

/// How many health checks lag, where a line counts them: `4 lag`.
#[must_use]
pub fn checks_lag(n: usize) -> String {
    format!("{n} {}", if n == 1 { check_lags(Length::Short) } else { "lag" })
}

/// That a health check still calls well what does not answer: Route 53's checkers turn only after several failures.
#[must_use]
pub fn check_lags(length: Length) -> &'static str {
    match length {
        Length::Short => "lags",
        Length::Line => "▲ Route 53 lags",
        Length::Whole => "lags: Route 53's checkers turn only after several failures in a row",
    }
}
