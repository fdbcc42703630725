//! From the file's tree to an estate, part by part, so that one misspelt word does not hide the faults behind it.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

use super::super::{Cluster, Estate};
use super::{Check, nearest, one_line};

/// The parts of an estate file.
const PARTS: [&str; 24] = [
    "name",
    "account",
    "accounts",
    "monitoring",
    "route53",
    "policy",
    "poll",
    "readiness",
    "targets",
    "presenter",
    "discover",
    "endpoints",
    "cluster",
    "regions",
    "pairs",
    "services",
    "gates",
    "safety_rules",
    "health_checks",
    "resolvers",
    "systems",
    "people",
    "notify",
    "templates",
];
/// The parts that a file cannot do without.
const NEEDED: [&str; 5] = ["name", "account", "regions", "pairs", "services"];
/// Misspelt fields reported of one element; a file that is no estate at all is not listed to its end.
const MOST: usize = 16;

impl Check<'_> {
    /// The estate with everything in it that could be read. What could not is a fault already.
    pub fn read(&mut self) -> Estate {
        for (key, _) in self.tree {
            if !PARTS.contains(&key.get_ref().as_ref()) {
                let message = format!("no field is called `{}`{}", key.get_ref(), nearest(key.get_ref(), &PARTS));
                self.fault_at(key.span().start, message);
            }
        }
        for part in NEEDED {
            if !self.tree.contains_key(part) {
                self.partial.insert(part);
                self.fault_at(0, format!("`{part}` is missing"));
            }
        }
        self.rule_fields();
        Estate {
            name: self.part("name").unwrap_or_default(),
            account: self.part("account").unwrap_or_default(),
            accounts: self.list("accounts"),
            monitoring: self.part("monitoring"),
            route53: self.part("route53").unwrap_or_default(),
            policy: self.part("policy").unwrap_or_default(),
            poll: self.part("poll").unwrap_or_default(),
            readiness: self.part("readiness").unwrap_or_default(),
            targets: self.part("targets").unwrap_or_default(),
            presenter: self.part("presenter").unwrap_or_default(),
            discover: self.part("discover").unwrap_or_default(),
            endpoints: self.part("endpoints").unwrap_or_default(),
            cluster: self.part("cluster").unwrap_or_else(Cluster::none),
            regions: self.list("regions"),
            pairs: self.list("pairs"),
            services: self.list("services"),
            gates: self.list("gates"),
            safety_rules: self.list("safety_rules"),
            health_checks: self.list("health_checks"),
            resolvers: self.list("resolvers"),
            systems: self.list("systems"),
            people: self.list("people"),
            notify: self.list("notify"),
        }
    }

    fn part<T: DeserializeOwned>(&mut self, part: &'static str) -> Option<T> {
        let value = self.tree.get(part)?;
        let read = self.element(value.clone()).filter(|(_, state)| *state == Read::Whole);
        if read.is_none() {
            self.partial.insert(part);
        }
        read.map(|(read, _)| read)
    }

    pub(super) fn list<T: DeserializeOwned>(&mut self, part: &'static str) -> Vec<T> {
        let Some(value) = self.tree.get(part) else { return Vec::new() };
        let DeValue::Array(array) = value.get_ref() else {
            self.partial.insert(part);
            let message = format!("`{part}` is a list: give each of them a heading `[[{part}]]`");
            self.fault_at(value.span().start, message);
            return Vec::new();
        };
        let mut read = Vec::new();
        for (i, element) in array.iter().enumerate() {
            let found = self.element(element.clone());
            if !matches!(found, Some((_, Read::Whole))) {
                self.partial.insert(part);
            }
            // Also checks the readable parts of a broken system or service, so that all faults are reported in one
            // round.
            let looked_at = |state| match state {
                Read::Whole => true,
                Read::Mended => matches!(part, "systems" | "services"),
                Read::Cut => part == "systems",
            };
            if let Some((element, _)) = found.filter(|(_, state)| looked_at(*state)) {
                read.push(element);
                self.kept.entry(part).or_default().push(i);
            }
        }
        read
    }

    /// One element. An unknown field is a fault, and the rest is read without it. An inner element (a reading, a
    /// control) that cannot be read is a fault too, and the others are still checked. A wrong value is replaced by a
    /// valid one, so that the faults after it are found as well.
    fn element<T: DeserializeOwned>(&mut self, mut value: Spanned<DeValue<'_>>) -> Option<(T, Read)> {
        let mut state = Read::Whole;
        let (mut mended, mut meant) = (Vec::new(), String::new());
        for _ in 0..MOST {
            let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
                Ok(read) if mended.is_empty() => return Some((read, state)),
                Ok(_) => {
                    // Nothing is said of an inner element that holds what was put in here.
                    for at in mended.drain(..) {
                        if drop_inner(&mut value, at) {
                            state = Read::Cut;
                        }
                    }
                    continue;
                }
                Err(error) => error,
            };
            let span = error.span().unwrap_or_else(|| value.span());
            let message = error.message();
            if let Some(field) = quoted(message, "unknown field `") {
                let at = take_out(&mut value, field, &span);
                let nearest = nearest(field, &expected(message));
                self.fault_at(at.unwrap_or(span.start), format!("no field is called `{field}`{nearest}"));
                meant.push_str(&nearest);
                at?;
            } else {
                let written = self.text.get(span.clone()).unwrap_or_default();
                // No name at all: read as a text, so that the fault can list the valid names.
                if message == NO_NAME && put(&mut value, span.start, &DeValue::String(written.to_owned().into())) {
                    continue;
                }
                let (at, said) = readable(message, &value, span.start, written);
                // What was misspelt is not missing as well.
                let misspelt = quoted(message, "missing field `").is_some_and(|f| meant.contains(&format!("`{f}`")));
                if !misspelt {
                    self.fault_at(at, said);
                }
                if stand_in(message).is_some_and(|known| put(&mut value, at, &known)) {
                    state = state.max(Read::Mended);
                    mended.push(at);
                    continue;
                }
                state = Read::Cut;
                if !drop_inner(&mut value, span.start) {
                    return None;
                }
            }
        }
        None
    }

    /// Safety rules are flattened, so serde does not refuse what it does not know.
    fn rule_fields(&mut self) {
        const COMMON: [&str; 8] =
            ["arn", "name", "control_panel", "kind", "test", "threshold", "inverted", "wait_period"];
        let rules = self.tree.get("safety_rules").and_then(|v| v.get_ref().as_array());
        for rule in rules.into_iter().flatten() {
            let DeValue::Table(table) = rule.get_ref() else { continue };
            let of_kind: &[&str] = match table.get("kind").and_then(|k| k.get_ref().as_str()) {
                Some("assertion") => &["controls"],
                Some("gating") => &["gating", "target"],
                _ => continue,
            };
            let names: Vec<&str> = COMMON.iter().chain(of_kind).copied().collect();
            for (key, _) in table {
                if !names.contains(&key.get_ref().as_ref()) {
                    let message = format!("no field is called `{}`{}", key.get_ref(), nearest(key.get_ref(), &names));
                    self.fault_at(key.span().start, message);
                }
            }
        }
    }
}

/// The TOML reader's message when it wants a name and finds something else.
const NO_NAME: &str = "wanted string or table";

/// How much of an element could be read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Read {
    /// All of it.
    Whole,
    /// All of it, a value that is not taken read as another.
    Mended,
    /// Without an inner element.
    Cut,
}

/// The word after `before` up to the next backquote.
fn quoted<'m>(message: &'m str, before: &str) -> Option<&'m str> {
    let (_, rest) = message.split_once(before)?;
    rest.split('`').next()
}

/// The names that serde's message would have taken.
fn expected(message: &str) -> Vec<&str> {
    let list = message.split_once("expected ").map_or("", |(_, list)| list);
    list.split('`').skip(1).step_by(2).collect()
}

/// serde's message in words for somebody who edits the file, and its place. In tagged tables serde knows only the
/// table, so a variant is found by its text. `written` is the text at that place.
fn readable(message: &str, value: &Spanned<DeValue<'_>>, start: usize, written: &str) -> (usize, String) {
    if let Some(word) = quoted(message, "unknown variant `") {
        let names = expected(message);
        let at = find_text(value, word, start).unwrap_or(start);
        return (at, format!("`{word}` is not known here{}", nearest(word, &names)));
    }
    if let Some(field) = quoted(message, "missing field `") {
        return (start, format!("`{field}` is missing"));
    }
    // A span of time in a tagged table: the table is all that serde knows, the value is looked for.
    if message.contains("duration")
        && let Some((at, written)) = find_number(value, start)
    {
        return (
            at,
            format!("{written} is no span of time such as \"30s\" or \"1h 30m\": write it in quotes, with its unit"),
        );
    }
    let short = written.len() <= 80 && !written.contains('\n');
    let written = if short { written } else { "this" };
    for (theirs, ours) in [
        ("duration", "span of time such as \"30s\" or \"1h 30m\""),
        ("socket address", "address and port such as \"8.8.8.8:53\""),
    ] {
        if message.contains(theirs) {
            return (start, format!("{written} is no {ours}"));
        }
    }
    let message = one_line(message)
        .replace("expected f64", "expected a number")
        .replace("expected a sequence", "expected a list");
    (start, message.replace("expected u32", "expected a whole number from 0 up"))
}

/// Removes the innermost list element at an offset; whether there was one.
fn drop_inner(value: &mut Spanned<DeValue<'_>>, offset: usize) -> bool {
    match value.get_mut() {
        DeValue::Array(array) => {
            if array.iter_mut().any(|v| drop_inner(v, offset)) {
                return true;
            }
            let whole = std::mem::replace(array, DeArray::new());
            let before = whole.len();
            whole.into_iter().filter(|v| !holds(v, offset)).for_each(|v| array.push(v));
            array.len() < before
        }
        DeValue::Table(table) => table.iter_mut().any(|(_, v)| drop_inner(v, offset)),
        _ => false,
    }
}

/// Whether an offset is in a value. A table with a heading of its own goes on after it: its fields are asked, too.
fn holds(value: &Spanned<DeValue<'_>>, offset: usize) -> bool {
    value.span().contains(&offset)
        || match value.get_ref() {
            DeValue::Array(array) => array.iter().any(|v| holds(v, offset)),
            DeValue::Table(table) => table.iter().any(|(k, v)| k.span().contains(&offset) || holds(v, offset)),
            _ => false,
        }
}

fn find_text(value: &Spanned<DeValue<'_>>, word: &str, from: usize) -> Option<usize> {
    let at = value.span().start;
    match value.get_ref() {
        DeValue::String(text) => (at >= from && text == word).then_some(at),
        DeValue::Array(array) => array.iter().find_map(|v| find_text(v, word, from)),
        DeValue::Table(table) => {
            let mut found: Vec<usize> = table.iter().filter_map(|(_, v)| find_text(v, word, from)).collect();
            found.sort_unstable();
            found.first().copied()
        }
        _ => None,
    }
}

/// The number written where a span of time was meant, in the table that begins there: `period`, `wait_period`.
fn find_number(value: &Spanned<DeValue<'_>>, from: usize) -> Option<(usize, String)> {
    match value.get_ref() {
        DeValue::Array(array) => array.iter().find_map(|v| find_number(v, from)),
        DeValue::Table(table) if value.span().start == from => {
            let (_, number) = table.iter().find(|(k, _)| k.get_ref() == "period")?;
            let DeValue::Integer(written) = number.get_ref() else { return None };
            Some((number.span().start, written.as_str().to_owned()))
        }
        DeValue::Table(table) => table.iter().find_map(|(_, v)| find_number(v, from)),
        _ => None,
    }
}

/// A value that serde would have taken.
fn stand_in(message: &str) -> Option<DeValue<'static>> {
    let text = |text: &str| DeValue::String(text.to_owned().into());
    if message.starts_with("unknown variant") {
        return expected(message).first().map(|known| text(known));
    }
    if message.contains("duration") {
        return Some(text("1m"));
    }
    let number = ["expected f64", "expected u32"].iter().any(|wanted| message.contains(wanted));
    number.then(|| DeValue::parse("1").ok().map(Spanned::into_inner))?
}

/// Replaces a plain value with another; whether there was one.
fn put<'a>(value: &mut Spanned<DeValue<'a>>, at: usize, other: &DeValue<'a>) -> bool {
    let here = value.span().start == at;
    match value.get_mut() {
        DeValue::Array(array) => array.iter_mut().any(|v| put(v, at, other)),
        DeValue::Table(table) => table.iter_mut().any(|(_, v)| put(v, at, other)),
        plain => {
            if here {
                *plain = other.clone();
            }
            here
        }
    }
}

/// Takes the misspelt field out of the table that serde complains of; where it stood.
fn take_out(value: &mut Spanned<DeValue<'_>>, field: &str, span: &std::ops::Range<usize>) -> Option<usize> {
    match value.get_mut() {
        DeValue::Array(array) => array.iter_mut().find_map(|v| take_out(v, field, span)),
        DeValue::Table(table) => {
            let inner = |t: &mut DeTable<'_>| t.iter_mut().find_map(|(_, v)| take_out(v, field, span));
            let key = table.iter().map(|(k, _)| k).find(|k| k.get_ref() == field).map(Spanned::span);
            match key {
                // In a tagged table serde knows only the table's span, else the key's.
                Some(key) if key.start >= span.start && key.start < span.end.max(span.start + 1) => {
                    table.remove(field);
                    Some(key.start)
                }
                _ => inner(table),
            }
        }
        _ => None,
    }
}
