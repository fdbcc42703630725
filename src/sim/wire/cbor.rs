//! CBOR as rpc-v2-CBOR wants it: read with definite and indefinite lengths, written with definite ones and
//! with floats in eight bytes.

use serde_json::{Map, Number, Value};

use super::Tree;

/// Deeper than this no request of ours goes.
const DEPTH: usize = 32;

/// A tree as bytes.
pub(super) fn write(tree: &Tree) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, tree);
    out
}

fn put(out: &mut Vec<u8>, tree: &Tree) {
    match tree {
        Tree::Text(text) => put_text(out, text),
        Tree::Int(n) if *n < 0 => head(out, 1, n.unsigned_abs() - 1),
        Tree::Int(n) => head(out, 0, n.unsigned_abs()),
        Tree::Double(x) => put_double(out, *x),
        Tree::Bool(yes) => out.push(if *yes { 0xf5 } else { 0xf4 }),
        Tree::Time(at) => {
            head(out, 6, 1);
            put_double(out, super::json::epoch_seconds(*at));
        }
        Tree::List(_, items) => {
            head(out, 4, items.len() as u64);
            items.iter().for_each(|item| put(out, item));
        }
        Tree::Map(members) => {
            head(out, 5, members.len() as u64);
            for (name, value) in members {
                put_text(out, name);
                put(out, value);
            }
        }
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    head(out, 3, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn put_double(out: &mut Vec<u8>, x: f64) {
    out.push(0xfb);
    out.extend_from_slice(&x.to_be_bytes());
}

/// The head of an item: major type and argument, in the fewest bytes.
fn head(out: &mut Vec<u8>, major: u8, n: u64) {
    let major = major << 5;
    let bytes = n.to_be_bytes();
    match n {
        0..=23 => out.push(major | bytes[7]),
        24..=0xff => out.extend_from_slice(&[major | 24, bytes[7]]),
        0x100..=0xffff => out.extend_from_slice(&[major | 25, bytes[6], bytes[7]]),
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend_from_slice(&bytes[4..]);
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&bytes);
        }
    }
}

/// Bytes as the same kind of value that JSON gives; timestamps become epoch seconds.
pub(super) fn read(body: &[u8]) -> Result<Value, String> {
    let value: ciborium::Value = ciborium::de::from_reader_with_recursion_limit(body, DEPTH)
        .map_err(|e| format!("the body is not CBOR ({e})"))?;
    convert(value)
}

fn convert(value: ciborium::Value) -> Result<Value, String> {
    use ciborium::Value as Cbor;
    match value {
        Cbor::Null => Ok(Value::Null),
        Cbor::Bool(yes) => Ok(Value::Bool(yes)),
        Cbor::Text(text) => Ok(Value::String(text)),
        Cbor::Integer(n) => {
            let n = i128::from(n);
            i64::try_from(n).map(|n| Value::Number(n.into())).map_err(|_| format!("{n} does not fit into 64 bits"))
        }
        Cbor::Float(x) => Number::from_f64(x).map(Value::Number).ok_or_else(|| format!("{x} is no number")),
        Cbor::Tag(1, inner) => match convert(*inner)? {
            seconds @ Value::Number(_) => Ok(seconds),
            other => Err(format!("a timestamp holds a number, not {other}")),
        },
        Cbor::Array(items) => items.into_iter().map(convert).collect::<Result<_, _>>().map(Value::Array),
        Cbor::Map(members) => members
            .into_iter()
            .map(|(key, value)| match key {
                Cbor::Text(key) => Ok((key, convert(value)?)),
                other => Err(format!("a key of a structure is text, not {other:?}")),
            })
            .collect::<Result<Map<_, _>, _>>()
            .map(Value::Object),
        other => Err(format!("no member of this service is {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let tree = Tree::map()
            .with("n", 70_000_i64)
            .with("below", -300_i64)
            .with("x", 0.5)
            .with("big", i64::MAX)
            .with("least", i64::MIN)
            .with("at", "2026-01-01T00:00:00.25Z".parse::<jiff::Timestamp>().unwrap())
            .with("list", Tree::list("member", ["a", "ü"]))
            .with("yes", true);
        let back = read(&write(&tree)).unwrap();
        let want = serde_json::json!({"n": 70000, "below": -300, "x": 0.5, "big": i64::MAX, "least": i64::MIN,
            "at": 1_767_225_600.25, "list": ["a", "ü"], "yes": true});
        assert_eq!(back, want);
    }

    #[test]
    fn indefinite_maps_and_lists_are_read() {
        // {_ "a": [_ 1, 2], "t": 1(1.5)}
        let body = [&b"\xbf\x61a\x9f\x01\x02\xff\x61t\xc1\xfb"[..], &1.5_f64.to_be_bytes(), b"\xff"].concat();
        assert_eq!(read(&body).unwrap(), serde_json::json!({"a": [1, 2], "t": 1.5}));
    }

    #[test]
    fn bottomless_nesting_is_refused() {
        assert!(read(&[0x81; 4000]).is_err());
    }
}
