//! The estate file's JSON Schema, made from the same types that read the file, for editors that complete and check.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::Estate;

/// The JSON Schema (draft 2020-12) of an estate file. It knows names, shapes and allowed words; what points at nothing,
/// and what contradicts, only [`Estate::parse`] tells.
#[must_use]
pub fn schema() -> Schema {
    schemars::schema_for!(Estate)
}

/// How a span of time is written.
pub(super) struct SpanText;

impl JsonSchema for SpanText {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A span of time: `30s`, `10m`, `1h 30m`, or in ISO 8601, `PT30S`.",
            "pattern": "^[-+]?(P[0-9DTHMS.,]+|[0-9].*[a-zµ].*)$",
            "examples": ["30s", "10m", "1h 30m"]
        })
    }
}
