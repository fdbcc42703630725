//! What the journal and a console say alike of named incidents and drills.

use super::SessionKind;
use crate::estate::PairName;

/// Why none begins while one runs.
#[must_use]
pub fn still_runs(kind: SessionKind, name: &str, pair: &PairName) -> String {
    format!("{} {name} of pair {pair} still runs: end it first", kind.words())
}

/// Why none ends where none runs.
#[must_use]
pub fn none_runs(pair: &PairName) -> String {
    format!("no named incident or drill of pair {pair} runs")
}
