//! The attacker's tool: a journal taken apart, changed, and chained anew.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use signalbox::change::Digest;

/// A line without its place in the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub at: Value,
    pub boot: Value,
    pub record: Value,
}

impl Line {
    pub fn kind(&self) -> &str {
        self.record["kind"].as_str().unwrap()
    }

    /// Another record, written by the same boot at the same moment.
    pub fn saying(&self, record: Value) -> Self {
        Self { record, ..self.clone() }
    }
}

pub fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

pub fn read(path: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let whole: Value = serde_json::from_str(line).unwrap();
        let entry = &whole["entry"];
        Line { at: entry["at"].clone(), boot: entry["boot"].clone(), record: entry["record"].clone() }
    };
    text.lines().map(line).collect()
}

/// Chains the lines and writes them over the journal, which stays the file that it is.
pub fn write(path: &Path, lines: &[Line]) {
    std::fs::write(path, chained(lines)).unwrap();
}

pub fn chained(lines: &[Line]) -> String {
    let mut prev = hash("");
    let mut text = String::new();
    for (i, Line { at, boot, record }) in lines.iter().enumerate() {
        let entry =
            format!("{{\"seq\":{},\"prev\":\"{prev}\",\"at\":{at},\"boot\":{boot},\"record\":{record}}}", i + 1);
        prev = hash(&entry);
        text.push_str(&format!("{{\"entry\":{entry},\"hash\":\"{prev}\"}}\n"));
    }
    text
}

/// The hash of the last of these lines.
pub fn head(lines: &[Line]) -> String {
    let text = chained(lines);
    text.lines().last().map_or_else(
        || hash(""),
        |line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["hash"].as_str().unwrap().to_owned()
        },
    )
}

pub fn kinds(path: &Path) -> Vec<String> {
    read(path).iter().map(|line| line.kind().to_owned()).collect()
}

pub fn place(lines: &[Line], kind: &str) -> usize {
    lines.iter().position(|line| line.kind() == kind).unwrap_or_else(|| panic!("no {kind}"))
}

pub fn approved(change: &Digest, by: &str, key: &str, signature: &str) -> Value {
    json!({ "kind": "approved", "change": change, "by": by, "key": key, "via": "command_line", "signature": signature })
}
