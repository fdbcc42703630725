//! The fields of a JSON Schema, one by one: what the documentation of estate files and of JSON outputs is made from.

use serde_json::Value;

use crate::time::Span;

/// A field, by its path from the top: `pairs[].controls[].state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its path.
    pub path: String,
    /// What it may be, in words.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it holds without being there, as JSON.
    pub default: Option<String>,
    /// What it means.
    pub words: String,
}

/// The fields of a schema in its own order. Fields below a path in `folded` are left out.
#[must_use]
pub fn fields(schema: &Value, folded: &[&str]) -> Vec<Field> {
    let mut walk = Walk { parts: schema.get("$defs"), folded, inside: Vec::new(), found: Vec::new() };
    walk.object(schema, "");
    walk.found
}

struct Walk<'a> {
    parts: Option<&'a Value>,
    folded: &'a [&'a str],
    /// The parts that are being gone through: a part within itself is named and not gone into again.
    inside: Vec<&'a str>,
    found: Vec<Field>,
}

impl<'a> Walk<'a> {
    /// The fields of a table.
    fn object(&mut self, schema: &'a Value, path: &str) {
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, value) in properties.into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            // The word that tells variants apart is already in their path.
            if value.get("const").is_some_and(Value::is_string) {
                continue;
            }
            self.field(value, &path, required.contains(&name.as_str()));
        }
        if let Some(any) = schema.get("additionalProperties").filter(|v| v.is_object()) {
            self.below(any, &format!("{path}.NAME"));
        }
        // Variants that stand in the table itself.
        self.variants(schema, path);
    }

    fn field(&mut self, value: &'a Value, path: &str, required: bool) {
        let words = self.words(value).unwrap_or_default();
        let kind = self.kind(value);
        let default = value.get("default").filter(|d| !d.is_null() && !d.is_object()).map(|d| {
            // A span is told as people write it.
            let span = d.as_str().filter(|_| kind == "span of time").and_then(|d| d.parse::<Span>().ok());
            span.map_or_else(|| d.to_string(), |span| format!("\"{span:#}\""))
        });
        let field = Field { path: path.to_owned(), kind, required, default, words };
        // Variants may share a field; it is told once. One that only says which of them must be there tells nothing new.
        let said = field.words.is_empty() && self.found.iter().any(|known| known.path == field.path);
        if !said && !self.found.contains(&field) {
            self.found.push(field);
        }
        if !self.folded.contains(&path) {
            self.below(value, path);
        }
    }

    /// What is inside of a value: a table's fields, a list's items, a part's own.
    fn below(&mut self, value: &'a Value, path: &str) {
        if let Some((name, part)) = self.part(value) {
            if !self.inside.contains(&name) {
                self.inside.push(name);
                self.below(part, path);
                self.inside.pop();
            }
            return;
        }
        if let Some(items) = value.get("items") {
            return self.below(items, &format!("{path}[]"));
        }
        self.object(value, path);
    }

    fn variants(&mut self, schema: &'a Value, path: &str) {
        self.tag(schema, path);
        for variant in ["anyOf", "oneOf"].iter().filter_map(|k| schema.get(*k)?.as_array()).flatten() {
            let tag = variant.get("properties").and_then(Value::as_object).into_iter().flatten();
            let tag = tag.filter_map(|(name, v)| Some(format!("{name}={}", v.get("const")?.as_str()?))).next();
            match tag {
                Some(tag) => self.object(variant, &format!("{path}({tag})")),
                None => self.below(variant, path),
            }
        }
    }

    /// The field that tells variants apart, with all its words.
    fn tag(&mut self, schema: &'a Value, path: &str) {
        let all = ["anyOf", "oneOf"].iter().filter_map(|k| schema.get(*k)?.as_array()).flatten();
        let mut words: Vec<(&str, &str)> = Vec::new();
        for properties in all.filter_map(|v| v.get("properties")?.as_object()) {
            let tag = properties.iter().filter_map(|(name, v)| Some((name.as_str(), v.get("const")?.as_str()?)));
            words.extend(tag);
        }
        let Some((name, _)) = words.first().copied() else { return };
        let kinds: Vec<String> = words.iter().map(|(_, word)| format!("`{word}`")).collect();
        let field = Field {
            path: format!("{path}.{name}"),
            kind: kinds.join(", "),
            required: true,
            default: None,
            words: "Which kind it is.".into(),
        };
        if !self.found.contains(&field) {
            self.found.push(field);
        }
    }

    fn part(&self, value: &'a Value) -> Option<(&'a str, &'a Value)> {
        let name = value.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
        Some((name, self.parts?.get(name)?))
    }

    /// Its own words, or those of the part that it is.
    fn words(&self, value: &'a Value) -> Option<String> {
        let own = value.get("description").and_then(Value::as_str);
        let variants = || ["anyOf", "oneOf"].iter().filter_map(|k| value.get(*k)?.as_array()).flatten();
        let words = own
            .map(str::to_owned)
            .or_else(|| self.words(self.part(value)?.1))
            .or_else(|| variants().find_map(|variant| self.words(variant)))?;
        Some(words.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn kind(&self, value: &'a Value) -> String {
        if let Some((name, part)) = self.part(value) {
            return match name {
                "Span" => "span of time".into(),
                "Moment" => "moment".into(),
                _ => self.kind(part),
            };
        }
        if let Some(only) = value.get("const") {
            return format!("`{only}`");
        }
        if let Some(words) = value.get("enum").and_then(Value::as_array) {
            let word = |w: &Value| w.as_str().map_or_else(|| format!("`{w}`"), |w| format!("`{w}`"));
            return words.iter().map(word).collect::<Vec<_>>().join(", ");
        }
        let variants: Vec<&Value> =
            ["anyOf", "oneOf"].iter().filter_map(|k| value.get(*k)?.as_array()).flatten().collect();
        if !variants.is_empty() {
            let mut kinds: Vec<String> = Vec::new();
            for variant in variants {
                let kind = match variant.get("const").and_then(Value::as_str) {
                    Some(word) => format!("`{word}`"),
                    None => self.kind(variant),
                };
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            let or_null = kinds.iter().any(|k| k == "null");
            kinds.retain(|k| k != "null");
            let all = kinds.join(", ");
            return if or_null { format!("{all} or null") } else { all };
        }
        let one = |name: &str| match name {
            "string" => "text",
            "integer" => "whole number",
            "number" => "number",
            "boolean" => "true or false",
            "object" => "table",
            "array" => "list",
            "null" => "null",
            _ => "value",
        };
        match value.get("type") {
            Some(Value::String(name)) if name == "array" => match value.get("items").map(|i| self.kind(i)) {
                Some(kind) => format!("list of {kind}"),
                None => "list".into(),
            },
            Some(Value::String(name)) => one(name).into(),
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).map(one).collect::<Vec<_>>().join(" or ")
            }
            _ => "table".into(),
        }
    }
}
