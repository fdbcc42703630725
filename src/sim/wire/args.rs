//! Reading a request's members by the model's types, whatever the protocol they came in.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::Value;

use super::{Form, cbor, json};
use crate::time::Timestamp;

/// A member that is not as the model wants it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Wrong {
    /// The member, with its path: `MetricDataQueries[0].Id`; empty for the whole body.
    pub field: String,
    /// What is wrong, as a sentence that names the member.
    pub why: String,
    /// Whether the body could not be read as what it should be, rather than breaking a rule of the model.
    pub unreadable: bool,
}

impl Wrong {
    /// A member that breaks a rule.
    #[must_use]
    pub fn new(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into(), unreadable: false }
    }

    fn unreadable(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into(), unreadable: true }
    }
}

/// A request's input, read but not yet looked into.
#[derive(Clone, Debug)]
pub struct Input {
    value: Value,
    /// The query protocol writes everything as text.
    loose: bool,
}

impl Input {
    /// From a JSON body.
    ///
    /// # Errors
    /// When the body is not JSON.
    pub fn json(body: &[u8]) -> Result<Self, Wrong> {
        let value = json::read(body).map_err(|why| Wrong::unreadable("", why))?;
        Ok(Self { value, loose: false })
    }

    /// From a CBOR body.
    ///
    /// # Errors
    /// When the body is not CBOR, or holds what no model has.
    pub fn cbor(body: &[u8]) -> Result<Self, Wrong> {
        let value = cbor::read(body).map_err(|why| Wrong::unreadable("", why))?;
        Ok(Self { value, loose: false })
    }

    /// From the query protocol's parameters.
    #[must_use]
    pub fn form(form: &Form) -> Self {
        Self { value: form.nested(), loose: true }
    }

    /// The members.
    ///
    /// # Errors
    /// When the body is no structure.
    pub fn args(&self) -> Result<Args<'_>, Wrong> {
        Args::new(&self.value, String::new(), self.loose)
    }
}

/// The members of a structure.
#[derive(Clone, Debug)]
pub struct Args<'a> {
    value: &'a Value,
    path: String,
    loose: bool,
}

impl<'a> Args<'a> {
    fn new(value: &'a Value, path: String, loose: bool) -> Result<Self, Wrong> {
        if value.is_object() {
            Ok(Self { value, path, loose })
        } else {
            let why = format!("{} is not a structure", if path.is_empty() { "the body" } else { &path });
            Err(Wrong::unreadable(path, why))
        }
    }

    /// The full path of a member.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A rule that a member breaks: `why` follows the member's path.
    #[must_use]
    pub fn wrong(&self, name: &str, why: &str) -> Wrong {
        let path = self.path(name);
        let why = format!("{path} {why}");
        Wrong::new(path, why)
    }

    fn mistyped(&self, name: &str, model: &str) -> Wrong {
        let path = self.path(name);
        let why = format!("{path} is not {model}");
        Wrong::unreadable(path, why)
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.value.get(name).filter(|v| !v.is_null())
    }

    /// Whether the member is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A text member.
    ///
    /// # Errors
    /// When it is no text.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, Wrong> {
        self.get(name).map(|v| v.as_str().ok_or_else(|| self.mistyped(name, "text"))).transpose()
    }

    /// A text member that must be there, between these many characters long.
    ///
    /// # Errors
    /// When it is not there, no text, too short or too long.
    pub fn need_text(&self, name: &str, length: RangeInclusive<usize>) -> Result<&'a str, Wrong> {
        let text = self.text(name)?.ok_or_else(|| self.wrong(name, "is required"))?;
        if length.contains(&text.chars().count()) {
            Ok(text)
        } else {
            Err(self.wrong(name, &format!("must be between {} and {} characters long", length.start(), length.end())))
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// When it is none, or not within `range`.
    pub fn int(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, Wrong> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let n = match value {
            Value::String(text) if self.loose => text.parse().ok(),
            other => other.as_i64(),
        };
        let n = n.ok_or_else(|| self.mistyped(name, "a whole number"))?;
        if range.contains(&n) {
            Ok(Some(n))
        } else {
            Err(self.wrong(name, &format!("must be between {} and {}", range.start(), range.end())))
        }
    }

    /// A yes or no.
    ///
    /// # Errors
    /// When it is neither.
    pub fn bool(&self, name: &str) -> Result<Option<bool>, Wrong> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let yes = match value {
            Value::String(text) if self.loose => text.parse().ok(),
            other => other.as_bool(),
        };
        yes.map(Some).ok_or_else(|| self.mistyped(name, "a boolean"))
    }

    /// A moment: epoch seconds, or ISO 8601 text where the protocol writes everything as text.
    ///
    /// # Errors
    /// When it is neither, or out of all bounds.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Wrong> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let at = match value {
            Value::String(text) => text.parse().ok(),
            #[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 saturates, and is then refused")]
            other => other.as_f64().and_then(|s| Timestamp::from_millisecond((s * 1000.0).round() as i64).ok()),
        };
        at.map(Some).ok_or_else(|| self.mistyped(name, "a timestamp"))
    }

    /// A structure.
    ///
    /// # Errors
    /// When it is none.
    pub fn args(&self, name: &str) -> Result<Option<Args<'a>>, Wrong> {
        self.get(name).map(|v| Args::new(v, self.path(name), self.loose)).transpose()
    }

    fn items(&self, name: &str, most: usize) -> Result<&'a [Value], Wrong> {
        let Some(value) = self.get(name) else { return Ok(&[]) };
        let items = match value {
            Value::Array(items) => items.as_slice(),
            // The query protocol writes an empty list as `Name=`.
            Value::String(text) if self.loose && text.is_empty() => &[],
            _ => return Err(self.mistyped(name, "a list")),
        };
        if items.len() > most {
            return Err(self.wrong(name, &format!("holds {} items, {most} at most are allowed", items.len())));
        }
        Ok(items)
    }

    /// A list of structures; empty where the member is not there.
    ///
    /// # Errors
    /// When it is none, or longer than `most`.
    pub fn list(&self, name: &str, most: usize) -> Result<Vec<Args<'a>>, Wrong> {
        let items = self.items(name, most)?.iter().enumerate();
        items.map(|(i, v)| Args::new(v, format!("{}[{i}]", self.path(name)), self.loose)).collect()
    }

    /// A list of texts; empty where the member is not there.
    ///
    /// # Errors
    /// When it is none, or longer than `most`.
    pub fn texts(&self, name: &str, most: usize) -> Result<Vec<&'a str>, Wrong> {
        let texts = self.items(name, most)?.iter().map(Value::as_str);
        texts.collect::<Option<_>>().ok_or_else(|| self.mistyped(name, "a list of texts"))
    }

    /// A map of texts; empty where the member is not there.
    ///
    /// # Errors
    /// When it is none.
    pub fn text_map(&self, name: &str) -> Result<BTreeMap<String, String>, Wrong> {
        let Some(value) = self.get(name) else { return Ok(BTreeMap::new()) };
        let members = value.as_object().into_iter().flatten();
        let map = members.map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect::<Option<_>>();
        map.filter(|_| value.is_object()).ok_or_else(|| self.mistyped(name, "a map of texts"))
    }
}
