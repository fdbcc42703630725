//! Everything in an estate that decides, as a text that is the same for every file with the same meaning.
//!
//! A change is bound to the estate that it was proposed with: people, policy, controls, rules, limits. Whoever
//! approves, and whoever turns the second key, compares. Left out is what only says where to ask, how often, and whom
//! to notify: a console behind a VPC endpoint and one at home bind the same text. **Everything in an estate is bound
//! unless it is in [`LEFT_OUT`]**: a new field is bound before anybody thinks of it.

mod difference;

pub use difference::Difference;

use std::cmp::Ordering;

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::Estate;

/// The first line, with the version of the form.
const HEADER: &str = "signalbox-estate 1\n";
/// No text is longer, in bytes: some ten thousand systems. Whatever holds such a text, a journal's line or a change file,
/// has room for it, and an estate that needs more is faulty where it is read.
pub const LONGEST_BOUND: usize = 4 * 1024 * 1024;

/// What is not bound, by its path in the estate.
const LEFT_OUT: &[(&str, Gap)] = &[
    ("poll", Gap::Default),
    ("presenter", Gap::Default),
    ("discover", Gap::Default),
    ("endpoints", Gap::Default),
    ("notify", Gap::Default),
    ("resolvers", Gap::Default),
    ("cluster.endpoints[].url", Gap::Empty),
    ("regions[].title", Gap::Empty),
    ("pairs[].panel_name", Gap::Default),
    ("pairs[].runbook", Gap::Default),
    ("systems[].runbook", Gap::Default),
    ("services[].probes[].url", Gap::Empty),
];

/// Stand-ins for left-out parts, so that the text can be read back as an estate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// What stands there when a file says nothing.
    Default,
    /// An empty text, where a file must say something.
    Empty,
}

/// Lists whose order means something.
const ORDERED: &[&str] = &["systems[].parts"];
/// Lines in `authorized_keys` form: their comments mean nothing.
const KEYS: &[&str] =
    &["people[].keys[]", "people[].keys[].key", "policy.certificate_authorities[]", "policy.revoked_keys[]"];

/// What decides in an estate: people, policy, readiness, targets, cluster, regions, pairs, services, controls, gates,
/// safety rules, health checks, systems with their readings and limits.
#[derive(Clone, Debug)]
pub struct Bound {
    text: String,
    tree: Value,
    estate: Estate,
}

impl PartialEq for Bound {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Bound {}

impl Estate {
    /// Everything in this estate that decides. Two estates that decide alike give the same text, whatever the order of
    /// their tables, their comments, the spelling of their figures and their addresses.
    #[must_use]
    pub fn bound(&self) -> Bound {
        let tree = tree(self);
        // What an estate cannot be read back from (a figure that is no number) is in no checked estate.
        let estate = read_back(tree.clone()).unwrap_or_else(|_| self.clone());
        Bound { text: written(&tree), tree, estate }
    }

    /// Why no journal could keep what decides in this estate, so that nothing could be proposed; none where it can.
    pub(super) fn exceeds_the_journal(&self) -> Option<String> {
        // The text itself is made only where it may be too long: most consoles never need it.
        let rough = serde_json::to_string(self).map_or(usize::MAX, |json| json.len());
        if rough <= LONGEST_BOUND / 2 {
            return None;
        }
        let length = self.bound().text().len();
        (length > LONGEST_BOUND).then(|| {
            format!(
                "the part of this estate that changes are bound to is {length} bytes long, and a journal keeps at most \
                 {LONGEST_BOUND}: give some of its systems an estate file of their own"
            )
        })
    }
}

impl Bound {
    /// The canonical text: a line with the form's name, then JSON, a line for each thing.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads exactly what [`Bound::text`] gave. It comes from a journal or a change file, where anyone may have written
    /// it: its windows, which are added to moments, are those that a file may have.
    ///
    /// # Errors
    /// Why it is no such text, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST_BOUND {
            return Err(format!("the estate's text is longer than {} MiB", LONGEST_BOUND / 1024 / 1024));
        }
        let json = text.strip_prefix(HEADER).ok_or_else(|| {
            format!(
                "the estate's text does not begin with `{}`: another version wrote it, or it was cut",
                HEADER.trim()
            )
        })?;
        let wrong = |e: serde_json::Error| format!("the estate's text cannot be read: {e}");
        let estate = read_back(serde_json::from_str(json).map_err(wrong)?).map_err(wrong)?;
        let tree = tree(&estate);
        if written(&tree) != text {
            return Err("the estate's text is not as this program writes it: it was edited".into());
        }
        if !estate.policy.has_windows_of_a_file() {
            return Err("the estate's text is no valid estate: a window of its policy is no time up to an hour".into());
        }
        Ok(Self { text: text.to_owned(), tree, estate })
    }

    /// The estate as it is bound: without addresses, in the order of names.
    #[must_use]
    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    /// What differs between this one, theirs, and ours, by place; empty if and only if the texts are the same.
    #[must_use]
    pub fn differences(&self, ours: &Bound) -> Vec<Difference> {
        difference::between(&self.tree, &ours.tree)
    }
}

/// The estate as a tree in its canonical form.
fn tree(estate: &Estate) -> Value {
    let mut estate = estate.clone();
    // How somebody looks decides nothing, but where that acts, or takes what acts.
    let acting = estate.looks_that_act();
    for account in estate.accounts.iter_mut().filter(|a| !acting.contains(&a.name)) {
        account.look = None;
    }
    let mut tree = serde_json::to_value(estate).unwrap_or_default();
    settle(&mut tree, &mut String::new());
    tree
}

/// Takes out what is left out, orders what has no order, and rids keys of their comments.
fn settle(value: &mut Value, path: &mut String) {
    let end = path.len();
    match value {
        Value::Object(table) => {
            table.retain(|name, inner| {
                path.truncate(end);
                if end > 0 {
                    path.push('.');
                }
                path.push_str(name);
                let bound = !LEFT_OUT.iter().any(|(left_out, _)| left_out == path);
                if bound {
                    settle(inner, path);
                }
                bound
            });
            table.sort_keys();
        }
        Value::Array(list) => {
            path.push_str("[]");
            let inner = path.len();
            for value in list.iter_mut() {
                settle(value, path);
                path.truncate(inner);
            }
            path.truncate(end);
            if !ORDERED.contains(&path.as_str()) {
                list.sort_by(order);
            }
        }
        Value::String(text) if KEYS.contains(&path.as_str()) => *text = without_comment(text),
        _ => {}
    }
    path.truncate(end);
}

/// A key's type and base64; a fingerprint as it is.
fn without_comment(line: &str) -> String {
    line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// An order of all values, by what things are called first.
fn order(a: &Value, b: &Value) -> Ordering {
    fn rank(value: &Value) -> u8 {
        match value {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Number(_) => 2,
            Value::String(_) => 3,
            Value::Array(_) => 4,
            Value::Object(_) => 5,
        }
    }
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.to_string().cmp(&b.to_string()),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => by_each(a.iter().map(|v| ("", v)), b.iter().map(|v| ("", v))),
        (Value::Object(a), Value::Object(b)) => {
            let name = |table: &Map<String, Value>| difference::name(table).map(str::to_owned);
            name(a)
                .cmp(&name(b))
                .then_with(|| by_each(a.iter().map(|(k, v)| (k.as_str(), v)), b.iter().map(|(k, v)| (k.as_str(), v))))
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

fn by_each<'v>(
    mut a: impl Iterator<Item = (&'v str, &'v Value)>,
    mut b: impl Iterator<Item = (&'v str, &'v Value)>,
) -> Ordering {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some((key_a, a)), Some((key_b, b))) => match key_a.cmp(key_b).then_with(|| order(a, b)) {
                Ordering::Equal => {}
                other => return other,
            },
        }
    }
}

/// The text of a tree: JSON, a line for each element of the estate's lists.
fn written(tree: &Value) -> String {
    let mut text = String::from(HEADER);
    text.push('{');
    for (i, (name, value)) in tree.as_object().into_iter().flatten().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        text.push_str(&Value::from(name.as_str()).to_string());
        text.push(':');
        match value {
            Value::Array(list) if list.iter().any(Value::is_object) => {
                for (i, element) in list.iter().enumerate() {
                    text.push_str(if i == 0 { "[\n" } else { ",\n" });
                    text.push_str(&element.to_string());
                }
                text.push_str("\n]");
            }
            other => text.push_str(&other.to_string()),
        }
    }
    text.push_str("\n}\n");
    text
}

/// The estate of a tree, with what was left out as [`LEFT_OUT`] says.
fn read_back(mut tree: Value) -> Result<Estate, serde_json::Error> {
    for (path, _) in LEFT_OUT.iter().filter(|(_, gap)| *gap == Gap::Empty) {
        fill(&mut tree, path);
    }
    Estate::deserialize(tree)
}

/// Puts an empty text at a path.
fn fill(value: &mut Value, path: &str) {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some(table) = value.as_object_mut() else { return };
    if rest.is_empty() {
        table.insert(first.to_owned(), Value::from(""));
        return;
    }
    match (first.strip_suffix("[]"), table.get_mut(first.trim_end_matches("[]"))) {
        (Some(_), Some(Value::Array(list))) => list.iter_mut().for_each(|inner| fill(inner, rest)),
        (None, Some(inner)) => fill(inner, rest),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path that matches nothing would leave nothing out, and a misspelt one would bind what should be left out.
    #[test]
    fn what_is_left_out_is_there() {
        let files = [
            include_str!("../../assets/guiding-care.toml"),
            include_str!("../../tests/estate/valid/every-part.toml"),
            include_str!("../../tests/estate/valid/notify.toml"),
        ];
        let estates = files.map(|file| serde_json::to_value(Estate::parse(file, "f").unwrap()).unwrap());
        for path in LEFT_OUT.iter().map(|(path, _)| *path).chain(ORDERED.iter().copied()) {
            let mut at: Vec<&Value> = estates.iter().collect();
            for part in path.split('.') {
                let name = part.trim_end_matches("[]");
                at = at.into_iter().filter_map(|v| v.get(name)).collect();
                if part.ends_with("[]") {
                    at = at.into_iter().filter_map(Value::as_array).flatten().collect();
                }
            }
            assert!(!at.is_empty(), "{path}");
        }
    }
}
