//! The estate file's JSON Schema, made from the same types that read the file, for editors that complete and check.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::Estate;

/// The JSON Schema (draft 2020-12) of an estate file. It knows names, shapes and allowed words. Only [`Estate::parse`]
/// finds names that point at nothing, and contradictions.
#[must_use]
pub fn schema() -> Schema {
    let mut schema = schemars::schema_for!(Estate);
    // A change that does not fit gives a schema without templates, which the test of the shipped estate sees.
    let _ = as_written(schema.ensure_object());
    schema
}

/// From systems as they are to systems as they are written: with templates, pairs and common sources.
fn as_written(schema: &mut Map<String, Value>) -> Option<()> {
    let parts = schema.get_mut("$defs")?.as_object_mut()?;
    let reading = parts.get_mut("Reading")?.as_object_mut()?;
    reading.insert("required".into(), json!(["id"]));
    for figure in ["of", "warn", "fail"] {
        let number = reading.get_mut("properties")?.get_mut(figure)?;
        *number = json!({ "anyOf": [number.take(), { "$ref": "#/$defs/Given" }] });
    }
    let source = parts.get_mut("Source")?;
    *source = json!({
        "description": "Where it comes from; without `from`, only what differs from the system's `source`.",
        "anyOf": [source.take(), { "type": "object", "not": { "required": ["from"] } }]
    });
    parts.insert(
        "Given".into(),
        json!({ "type": "string", "description": "A name of `with`.", "pattern": r"^\{[^{}]+\}$" }),
    );
    let system = parts.get_mut("System")?.as_object_mut()?;
    system.insert("required".into(), json!(["id"]));
    let fields = system.get_mut("properties")?.as_object_mut()?;
    let more = json!({
        "template": { "type": "string", "description": "The template that provides the fields it does not set." },
        "pairs": {
            "type": "array", "items": { "type": "string" }, "minItems": 1,
            "description": "One system for each of these pairs; `{pair}` stands for its name."
        },
        "with": { "type": "object", "description": "Values for names in braces; a table named after a pair holds that pair's own." },
        "source": {
            "type": "object",
            "description": "What its readings' sources share; used by those without `from`."
        }
    });
    fields.extend(more.as_object()?.clone());
    let mut template = system.clone();
    template.remove("required");
    template.insert("description".into(), json!("Fields that several systems share."));
    parts.insert("Template".into(), Value::Object(template));
    let templates = json!({
        "type": "object",
        "additionalProperties": { "$ref": "#/$defs/Template" },
        "description": "Systems that are alike, written once."
    });
    schema.get_mut("properties")?.as_object_mut()?.insert("templates".into(), templates);
    Some(())
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
