//! What failed lately and answers now: how often, and that it does not count as well yet.

use super::{list, span};
use crate::estate::Region;
use crate::time::Span;

/// That an application fails, answers and fails again: `fails now and then (3 of the last 10)`.
#[must_use]
pub fn now_and_then(failed: usize, of: usize) -> String {
    format!("fails now and then ({failed} of the last {of})")
}

/// That an application answers now and failed a moment ago: `failed 1 of the last 10`.
#[must_use]
pub fn lately(failed: usize, of: usize) -> String {
    format!("failed {failed} of the last {of}")
}

/// What an impaired region is while nothing in it fails: since when (`18:36:07Z`), and how long that must last. Without
/// the time, nobody sees enough of it.
#[must_use]
pub fn not_well_yet(since: Option<&str>, needed: Span) -> String {
    let needed = span(needed);
    match since {
        Some(since) => {
            format!(
                "nothing critical has failed there since {since}; after {needed} without a failure it is called well"
            )
        }
        None => "no failure is read there now, but too little is read to call it well".to_owned(),
    }
}

/// That nothing fails now in a region that has the traffic, but that something did a moment ago: `shaky` says what.
#[must_use]
pub fn not_steady(region: &Region, shaky: &str, more: usize) -> String {
    let more = if more > 0 { format!("; {more} more") } else { String::new() };
    format!("{region} is not steady: {shaky}{more}.")
}

/// That one failure is the only one that counts in a region. What is not critical may fail beside it.
pub(super) const ALONE: &str = "nothing else critical fails";

/// That one failure is all that fails in a region: what answers all the same.
#[must_use]
pub fn nothing_else_fails() -> String {
    format!("{ALONE}; applications and health checks there are well")
}

/// Applications of a region of which not all are well: those that fail, those that failed lately, each with its answer,
/// and how many there are.
#[must_use]
pub fn applications(failing: &[(&str, &str)], shaky: &[(&str, &str)], of: usize) -> String {
    let names = |all: &[(&str, &str)]| list(&all.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    match (failing, shaky) {
        ([], []) => "applications answer".to_owned(),
        ([(name, said)], []) | ([], [(name, said)]) => format!("{name} {said}"),
        ([], shaky) => format!("{} of {of} applications failed lately: {}", shaky.len(), names(shaky)),
        (failing, []) => format!("{} of {of} applications fail: {}", failing.len(), names(failing)),
        (failing, shaky) => format!(
            "{} of {of} applications fail: {}; {} failed lately: {}",
            failing.len(),
            names(failing),
            shaky.len(),
            names(shaky)
        ),
    }
}
