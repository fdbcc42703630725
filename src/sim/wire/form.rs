//! Parameters as the query protocols write them: `Filter.1.Value.2=x`.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Parameters by name; the last of several wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads `a=b&c=d`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let decode = |s: &str| percent_decode_str(&s.replace('+', " ")).decode_utf8_lossy().into_owned();
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// Takes the parameters of another in.
    pub fn extend(&mut self, other: Form) {
        self.0.extend(other.0);
    }

    /// The parameter called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names that are there.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// `name.1`, `name.2` … in the order of their numbers.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&str> {
        let mut found: Vec<(u32, &str)> = self
            .0
            .iter()
            .filter_map(|(key, value)| {
                let number = key.strip_prefix(name)?.strip_prefix('.')?;
                Some((number.parse().ok()?, value.as_str()))
            })
            .collect();
        found.sort_by_key(|(n, _)| *n);
        found.into_iter().map(|(_, value)| value).collect()
    }

    /// EC2's filters: each name with its values.
    #[must_use]
    pub fn filters(&self) -> Vec<(&str, Vec<&str>)> {
        let mut found: Vec<(u32, &str)> = self
            .0
            .iter()
            .filter_map(|(key, value)| {
                let number = key.strip_prefix("Filter.")?.strip_suffix(".Name")?;
                Some((number.parse().ok()?, value.as_str()))
            })
            .collect();
        found.sort_by_key(|(n, _)| *n);
        found.into_iter().map(|(n, name)| (name, self.list(&format!("Filter.{n}.Value")))).collect()
    }

    /// The parameters as nested structures and lists (`X.member.1.Y`), all leaves text.
    #[must_use]
    pub fn nested(&self) -> Value {
        let mut root = Map::new();
        for (name, value) in &self.0 {
            insert(&mut root, name, value);
        }
        fold(Value::Object(root))
    }
}

fn insert(map: &mut Map<String, Value>, name: &str, value: &str) {
    match name.split_once('.') {
        None => {
            map.insert(name.to_owned(), Value::String(value.to_owned()));
        }
        // No model nests deeper, and nobody is to make us recurse without end.
        Some((_, rest)) if rest.matches('.').count() > 32 => {}
        Some((first, rest)) => {
            if let Value::Object(inner) = map.entry(first).or_insert_with(|| Value::Object(Map::new())) {
                insert(inner, rest, value);
            }
        }
    }
}

/// Structures with nothing but a `member` are lists.
fn fold(value: Value) -> Value {
    let Value::Object(mut map) = value else { return value };
    match map.remove("member") {
        Some(Value::Object(items)) if map.is_empty() => {
            let mut items: Vec<(u32, Value)> =
                items.into_iter().filter_map(|(n, item)| Some((n.parse().ok()?, item))).collect();
            items.sort_by_key(|(n, _)| *n);
            Value::Array(items.into_iter().map(|(_, item)| fold(item)).collect())
        }
        member => {
            map.extend(member.map(|m| ("member".to_owned(), m)));
            Value::Object(map.into_iter().map(|(name, value)| (name, fold(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_in_the_order_of_their_numbers() {
        let form = Form::parse("Filter.2.Name=b&Filter.1.Name=tag%3AName&Filter.1.Value.10=z&Filter.1.Value.2=a+b");
        assert_eq!(form.filters(), [("tag:Name", vec!["a b", "z"]), ("b", vec![])]);
    }

    #[test]
    fn members_nest() {
        let form = Form::parse("A.member.1.B.member.1=x&A.member.2.B.member.1=y&Version=1");
        let want = serde_json::json!({"A": [{"B": ["x"]}, {"B": ["y"]}], "Version": "1"});
        assert_eq!(form.nested(), want);
    }
}
