//! The report of an incident or a drill, made from the journal and nothing else.
//!
//! All times are the journal's wall-clock times, so that a report holds across restarts of the console and of its
//! machine. Durations are measured by the boot clock within one boot, and by the wall clock across two, and the report
//! says which. What nobody knew, and what the clocks contradict, is reported as unknown, never as zero.

mod clock;
mod drills;
mod format;
mod gather;
mod html;
mod markdown;
mod masked;
mod picture;

pub use drills::{Drill, Drills, Due, drills};
pub use format::Format;
pub use gather::{Window, find, windows};
pub use html::html;
pub use markdown::markdown;
pub use masked::mask;

use schemars::JsonSchema;
use serde::Serialize;

use crate::estate::Tier;
use crate::record::SessionKind;
use crate::time::Timestamp;

/// The JSON's version: counted up when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

/// A report. Its JSON form is what `signalbox report --format json` prints; spans are seconds, times RFC 3339.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// [`VERSION`].
    #[schemars(extend("const" = VERSION), description = "1; a field's meaning does not change within a version, fields may be added")]
    pub version: u32,
    /// The estate.
    pub estate: String,
    /// The pair.
    pub pair: String,
    /// Its name; if nobody gave one, the change's word code.
    pub name: String,
    /// What it was.
    pub kind: SessionKind,
    /// Who took part.
    pub participants: Vec<String>,
    /// When it began; if a failure began it, when that failure began.
    #[schemars(with = "crate::time::MomentText")]
    pub started: Timestamp,
    /// When it ended; null while it goes on.
    #[schemars(with = "Option<crate::time::MomentText>")]
    pub ended: Option<Timestamp>,
    /// Whether it began with a proposal and not with a failure.
    pub planned: bool,
    /// Who began it by hand; null where a failure or a proposal began it.
    pub begun_by: Option<String>,
    /// Whether a failure or a proposal began it, so that the clock ran.
    pub clock_ran: bool,
    /// Whether the failure was there already when it was read first, at `started`: then it began before, nobody knows
    /// when.
    pub found: bool,
    /// Whether traffic moved and every known target was met; for a drill that only launched servers, whether all were
    /// launched. Null while nothing has moved, if nothing was tried, or if nobody watched the result.
    pub success: Option<bool>,
    /// The seven steps.
    pub steps: Vec<StepTime>,
    /// The share of completed steps that machines did, 0 to 1; null before any was completed.
    pub automation_share: Option<f64>,
    /// Recovery time, by tier.
    pub rto: Vec<Achieved>,
    /// Data that may have been lost, by data class.
    pub rpo: Vec<Achieved>,
    /// Readiness score when the second key was turned.
    pub readiness: Option<u8>,
    /// Preflight checks that failed then.
    pub failed_checks: Vec<String>,
    /// Preflight checks that were unknown then.
    pub unknown_checks: Vec<String>,
    /// The changes, in order.
    pub changes: Vec<ChangeStory>,
    /// Everything that the journal has of it.
    pub timeline: Vec<Line>,
    /// What to know about the clocks, one sentence each: when the wall clock was set, when the machine restarted.
    pub clocks: Vec<String>,
    /// Where it was read.
    pub journal: Source,
}

/// The JSON Schema (draft 2020-12) of a report.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Report>()
}

/// One step of the sequence.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StepTime {
    /// 1 to 7.
    pub step: u8,
    /// Its word.
    pub name: &'static str,
    /// Whether machines do it.
    pub automatic: bool,
    /// When it was done; null if it was not.
    #[schemars(with = "Option<crate::time::MomentText>")]
    pub done: Option<Timestamp>,
    /// Seconds since the whole began.
    pub after: Option<f64>,
    /// Seconds that it took, from the end of the last step that was done before it.
    pub took: Option<f64>,
    /// Why the seconds of a completed step are unknown.
    pub unknown: Option<String>,
}

/// A target and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Achieved {
    /// The tier; for data, its class.
    pub tier: Tier,
    /// The target in seconds.
    pub target: f64,
    /// Seconds achieved; null if unknown.
    pub achieved: Option<f64>,
    /// Whether it was met; null if unknown.
    pub met: Option<bool>,
    /// What the figure measures, or why it is unknown.
    pub of: String,
}

/// One change, by who did what.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ChangeStory {
    /// The word code.
    pub words: String,
    /// SHA-256 of its text.
    pub digest: String,
    /// What it was.
    pub title: String,
    /// Why.
    pub reason: String,
    /// Where traffic was to go.
    pub receiving: String,
    /// What might be lost, as it was approved.
    pub loss: String,
    /// Safety rules overridden.
    pub overrides: Vec<String>,
    /// Failing preflight checks overridden, and why.
    pub despite: Option<crate::change::Despite>,
    /// Who asked, and when.
    pub proposed: Deed,
    /// Who approved, with which key.
    pub approvals: Vec<Deed>,
    /// Who turned the second key.
    pub second_key: Option<Deed>,
    /// The result, in words.
    pub result: String,
    /// When that was known.
    #[schemars(with = "Option<crate::time::MomentText>")]
    pub settled: Option<Timestamp>,
    /// Whether it was done: controls verified, or every server launched. Null while unknown.
    pub done: Option<bool>,
    /// When traffic was seen to have moved.
    #[schemars(with = "Option<crate::time::MomentText>")]
    pub traffic_moved: Option<Timestamp>,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Deed {
    /// Who.
    pub by: String,
    /// When.
    #[schemars(with = "crate::time::MomentText")]
    pub at: Timestamp,
    /// The fingerprint of the key that signed, for an approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// When.
    #[schemars(with = "crate::time::MomentText")]
    pub at: Timestamp,
    /// Who or what says so.
    pub source: String,
    /// What.
    pub text: String,
}

/// The journal that it was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Source {
    /// Valid lines.
    pub lines: u64,
    /// Hash of the last of them.
    pub head: String,
    /// Its fault, if there is one; nothing after it is in the report.
    pub fault: Option<String>,
}
