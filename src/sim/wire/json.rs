//! JSON as AWS writes it: timestamps as epoch seconds, absent members left out.

use serde_json::{Map, Number, Value};

use super::Tree;
use crate::time::Timestamp;

/// A tree as bytes.
pub(super) fn write(tree: &Tree) -> Vec<u8> {
    value(tree).to_string().into_bytes()
}

fn value(tree: &Tree) -> Value {
    match tree {
        Tree::Text(text) => Value::String(text.clone()),
        Tree::Int(n) => Value::Number((*n).into()),
        Tree::Double(x) => double(*x),
        Tree::Bool(yes) => Value::Bool(*yes),
        Tree::Time(at) => double(epoch_seconds(*at)),
        Tree::List(_, items) => Value::Array(items.iter().map(value).collect()),
        Tree::Map(members) => {
            Value::Object(members.iter().map(|(k, v)| (k.to_string(), value(v))).collect::<Map<_, _>>())
        }
    }
}

/// A number, or the words that AWS uses where JSON has no number.
fn double(x: f64) -> Value {
    let words = if x.is_nan() {
        "NaN"
    } else if x > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    };
    Number::from_f64(x).map_or_else(|| Value::String(words.to_owned()), Value::Number)
}

/// Seconds since 1970, to the millisecond.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this era fit into 53 bits")]
pub(super) fn epoch_seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

/// Bytes as a value; no bytes are an empty structure.
pub(super) fn read(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).map_err(|e| format!("the body is not JSON ({e})"))
}
