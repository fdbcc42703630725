//! Kept drills: how they went, and which one is due.

use serde::Serialize;

use super::{Report, Source, windows};
use crate::record::{Kept, SessionKind};
use crate::time::{Span, Timestamp};

/// Newest drills that the trend looks at, against as many before them.
const TREND: usize = 3;

/// One kept drill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drill {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: SessionKind,
    /// The pair.
    pub pair: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended; none while it runs.
    pub ended: Option<Timestamp>,
    /// Whether traffic moved and every known target was met; none while it runs.
    pub success: Option<bool>,
    /// Seconds until the applications answered; none where they did not.
    pub recovered_after: Option<f64>,
    /// Why the seconds are not known, although they answered.
    pub unknown: Option<String>,
}

/// When a type of drill is to be made again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Due {
    /// The type.
    pub kind: SessionKind,
    /// When the last one of it succeeded.
    pub last_success: Option<Timestamp>,
    /// When the next one is due; none if none has ever succeeded: then it is due now.
    pub next: Option<Timestamp>,
    /// Whether that is past.
    pub overdue: bool,
}

/// All drills of some journals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drills {
    /// The drills, oldest first.
    pub drills: Vec<Drill>,
    /// The share of ended ones that succeeded, 0 to 1; none before any ended.
    pub success_rate: Option<f64>,
    /// Seconds by which the newest three that recovered were faster (below zero) or slower than the three before
    /// them, on average; none before there are that many.
    pub trend: Option<f64>,
    /// What is due.
    pub due: Vec<Due>,
}

/// How long after a success the next one is due. A month and a quarter as the calendar has them at their longest.
fn every(kind: SessionKind) -> Span {
    let days = match kind {
        SessionKind::Incident => return Span::MAX,
        SessionKind::Monthly => 31,
        SessionKind::Quarterly => 92,
        SessionKind::Yearly => 366,
    };
    Span::from_hours(24 * days)
}

/// The drills of some journals, by the state of things at `now`. A drill counts for the smaller types as well: who has
/// failed a region over has tested its components.
#[must_use]
pub fn drills(journals: &[Vec<Kept>], now: Timestamp) -> Drills {
    let mut all = Vec::new();
    for records in journals {
        for window in windows(records).iter().filter(|w| w.kind != SessionKind::Incident) {
            let report = Report::of(records, window, Source::default());
            let back = report.steps.iter().find(|s| s.step == 6);
            all.push(Drill {
                name: report.name,
                kind: report.kind,
                pair: report.pair,
                started: report.started,
                ended: report.ended,
                success: report.success.filter(|_| report.ended.is_some()),
                recovered_after: back.and_then(|s| s.after),
                unknown: back.filter(|s| s.after.is_none()).and_then(|s| s.unknown.clone()),
            });
        }
    }
    all.sort_by_key(|d| d.started);
    let ended: Vec<bool> = all.iter().filter_map(|d| d.success).collect();
    let rate = (!ended.is_empty()).then(|| ended.iter().filter(|s| **s).count() as f64 / ended.len() as f64);
    let times: Vec<f64> = all.iter().filter_map(|d| d.recovered_after).collect();
    let trend = (times.len() >= 2 * TREND).then(|| {
        let (before, newest) = times.split_at(times.len() - TREND);
        let mean = |t: &[f64]| t.iter().sum::<f64>() / t.len() as f64;
        mean(newest) - mean(before.get(before.len() - TREND..).unwrap_or_default())
    });
    let due = SessionKind::DRILLS.map(|kind| {
        let counts = |d: &&Drill| d.kind >= kind && d.success == Some(true);
        let last_success = all.iter().filter(counts).filter_map(|d| d.ended).max();
        let next = last_success.and_then(|at| at.checked_add(every(kind)).ok());
        Due { kind, last_success, next, overdue: next.is_none_or(|next| next < now) }
    });
    Drills { drills: all, success_rate: rate, trend, due: due.to_vec() }
}
