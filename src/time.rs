//! When something happened, by both clocks.
//!
//! The wall clock is for people and for AWS's own timestamps; every window of the two-person rule is
//! measured by the monotonic one, so that a clock set wrong, or set right meanwhile, widens nothing.

/// Writes a span as an estate file does: `10m`, `1h 30m`.
pub(crate) use jiff::fmt::serde::duration::friendly::compact::required as as_written;
pub use jiff::{SignedDuration as Span, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// How a moment of the wall clock is written in JSON.
pub(crate) struct MomentText;

impl JsonSchema for MomentText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "A moment by the wall clock, UTC, RFC 3339."
        })
    }
}

/// A moment by the wall clock and by the console's monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// Monotonic time since this machine booted: survives a restart of the program, not of the machine.
    pub mono: Span,
    /// Wall clock time, UTC.
    pub wall: Timestamp,
}

impl Stamp {
    /// How long after `earlier` this is, by the monotonic clock.
    #[must_use]
    pub fn since(&self, earlier: Stamp) -> Span {
        self.mono - earlier.mono
    }

    /// This moment moved by `span` on both clocks.
    #[must_use]
    pub fn plus(&self, span: Span) -> Stamp {
        Stamp { mono: self.mono + span, wall: self.wall.checked_add(span).unwrap_or(self.wall) }
    }
}
