//! What differs between two estates as they are bound, place by place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use ssh_key::{HashAlg, PublicKey};

use crate::hygiene::visible;

/// One thing in which two estates differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Where: `systems.drs-east.readings.lag.fail`. Nothing in it is hidden from a screen.
    pub place: String,
    /// Their value, whole things as JSON; none if they have none.
    pub theirs: Option<String>,
    /// Our value.
    pub ours: Option<String>,
}

/// A text from a longer list of texts is shown by itself.
const SHORT: usize = 40;

pub(super) fn between(theirs: &Value, ours: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(theirs), Some(ours), &mut found);
    found.sort();
    found
}

fn compare(place: &str, theirs: Option<&Value>, ours: Option<&Value>, found: &mut Vec<Difference>) {
    if theirs == ours {
        return;
    }
    let within = match (theirs, ours) {
        (Some(Value::Object(theirs)), Some(Value::Object(ours))) => Some((fields(theirs), fields(ours))),
        (Some(Value::Array(theirs)), Some(Value::Array(ours)))
            if theirs.iter().chain(ours).any(stands_by_itself) || theirs.len() + ours.len() > 2 * SHORT =>
        {
            Some((elements(theirs), elements(ours)))
        }
        _ => None,
    };
    let Some((theirs_within, ours_within)) = within else {
        let (theirs, ours) = (theirs.map(shown), ours.map(shown));
        return found.push(Difference { place: visible(place).into_owned(), theirs, ours });
    };
    let names: BTreeSet<&String> = theirs_within.keys().chain(ours_within.keys()).collect();
    for name in names {
        let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        compare(&place, theirs_within.get(name).copied(), ours_within.get(name).copied(), found);
    }
}

fn fields(table: &Map<String, Value>) -> BTreeMap<String, &Value> {
    table.iter().map(|(name, value)| (name.clone(), value)).collect()
}

/// The elements of a list by what they are called; of several that are called so, by number.
fn elements(list: &[Value]) -> BTreeMap<String, &Value> {
    let mut all: BTreeMap<String, &Value> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for value in list {
        let label = label(value);
        let count = counts.entry(label.clone()).or_default();
        *count += 1;
        // A name that holds such a number itself is another name.
        let mut n = *count;
        let mut numbered = if n == 1 { label.clone() } else { format!("{label}#{n}") };
        while all.contains_key(&numbered) {
            n += 1;
            numbered = format!("{label}#{n}");
        }
        all.insert(numbered, value);
    }
    all
}

fn stands_by_itself(value: &Value) -> bool {
    match value {
        Value::Object(_) | Value::Array(_) => true,
        Value::String(text) => text.len() > SHORT,
        _ => false,
    }
}

/// What a table is called in its list, if it is called anything.
pub(super) fn name(table: &Map<String, Value>) -> Option<&str> {
    ["id", "name", "region", "group", "key"].into_iter().find_map(|field| table.get(field)?.as_str())
}

fn label(value: &Value) -> String {
    match value {
        Value::Object(table) => match (name(table), table.get("kinds").and_then(Value::as_array)) {
            (Some(name), _) => key(name),
            (None, Some(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("+"),
            (None, None) => "anybody".into(),
        },
        Value::String(text) => key(text),
        other => other.to_string(),
    }
}

/// A key by its fingerprint; other texts as they are.
fn key(text: &str) -> String {
    let key = text.contains(' ').then(|| PublicKey::from_openssh(text).ok()).flatten();
    key.map_or_else(|| text.to_owned(), |key| key.fingerprint(HashAlg::Sha256).to_string())
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(list) if !list.iter().any(stands_by_itself) => {
            list.iter().map(shown).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    visible(&text).into_owned()
}
