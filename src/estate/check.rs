//! Reads the file and checks what serde cannot: names that point at nothing, duplicates, malformed ARNs.
//!
//! It finds every fault, not only the first. Each says where it is and what would be right, so that somebody who adapts
//! the file to their account needs one round, not twenty.

mod accounts;
mod approvals;
mod expand;
mod notify;
mod people;
mod read;
mod routing;
mod rules;
mod shapes;
mod watched;

use std::collections::{BTreeMap, BTreeSet};

use toml::de::{DeTable, DeValue};

use super::{Account, Estate};
use crate::fault::{Fault, Faults, Lines, nearest, one_line};

pub(super) fn parse(text: &str, file: &str) -> Result<Estate, Faults> {
    let (tree, broken) = DeTable::parse_recoverable(text);
    let mut check = Check::of(text, file, tree.get_ref());
    if !broken.is_empty() {
        // Faults inside what a misplaced bracket swallowed would not be real ones.
        for error in broken {
            check.fault_at(error.span().map_or(0, |s| s.start), one_line(error.message()));
        }
        return Err(check.faults());
    }
    check.texts();
    let (tree, wrong) = expand::expanded(check.tree);
    let mut check = Check { tree: &tree, ..check };
    for (offset, message) in wrong {
        check.fault_at(offset, message);
    }
    let estate = check.read();
    check.accounts(&estate);
    check.routing(&estate);
    check.rules(&estate);
    check.watched(&estate);
    check.people(&estate);
    check.notify(&estate);
    if check.faults.is_empty()
        && let Some(why) = estate.exceeds_the_journal()
    {
        check.fault_at(0, why);
    }
    if check.faults.is_empty() { Ok(estate) } else { Err(check.faults()) }
}

/// The accounts of a file, whatever else is in it.
pub(super) fn accounts(text: &str, file: &str) -> Result<Vec<Account>, Faults> {
    let (tree, broken) = DeTable::parse_recoverable(text);
    let mut check = Check::of(text, file, tree.get_ref());
    for error in broken {
        check.fault_at(error.span().map_or(0, |s| s.start), one_line(error.message()));
    }
    let accounts = check.list("accounts");
    check.each_account(&accounts);
    if accounts.is_empty() && check.faults.is_empty() {
        check.fault_at(0, "there is no [[accounts]] in it".to_owned());
    }
    if check.faults.is_empty() { Ok(accounts) } else { Err(check.faults()) }
}

/// A check under way: the file's text and tree, and what was found so far.
struct Check<'a> {
    text: &'a str,
    lines: Lines<'a>,
    file: &'a str,
    tree: &'a DeTable<'a>,
    /// For each list of the file, the place in that list of each element that could be read.
    kept: BTreeMap<&'static str, Vec<usize>>,
    /// Parts of the file of which something could not be read: nothing is said to be missing from them.
    partial: BTreeSet<&'static str>,
    faults: Vec<Fault>,
}

impl<'a> Check<'a> {
    fn of(text: &'a str, file: &'a str, tree: &'a DeTable<'a>) -> Self {
        let (kept, partial) = (BTreeMap::new(), BTreeSet::new());
        Self { text, lines: Lines::of(text), file, tree, kept, partial, faults: Vec::new() }
    }

    /// A fault of the value at a dotted path through the estate, such as `services.0.controls.1.arn`.
    fn fault(&mut self, path: &str, message: impl Into<String>) {
        let offset = self.offset(path);
        self.fault_at(offset, message.into());
    }

    fn fault_at(&mut self, offset: usize, message: String) {
        let (line, column) = self.lines.place(offset);
        let message = shapes::shown(&message);
        self.faults.push(Fault { file: self.file.to_owned(), line, column, message });
    }

    fn faults(self) -> Faults {
        Faults::sorted(self.faults)
    }

    /// Whether everything of a part of the file could be read.
    fn whole(&self, part: &str) -> bool {
        !self.partial.contains(part)
    }

    fn offset(&self, path: &str) -> usize {
        let mut parts: Vec<String> = path.split('.').map(str::to_owned).collect();
        if let [list, index, ..] = parts.as_mut_slice()
            && let Some(kept) = self.kept.get(list.as_str())
            && let Some(at) = index.parse::<usize>().ok().and_then(|i| kept.get(i))
        {
            *index = at.to_string();
        }
        locate(self.tree, &parts).unwrap_or(0)
    }

    fn line(&self, path: &str) -> usize {
        self.lines.place(self.offset(path)).0
    }

    /// The texts at `field` in every element of a list of the file, readable elements or not.
    fn names(&self, list: &str, field: &str) -> Vec<&'a str> {
        let elements = self.tree.get(list).and_then(|v| v.get_ref().as_array());
        elements.into_iter().flatten().filter_map(|e| e.get_ref().get(field)?.get_ref().as_str()).collect()
    }

    fn known(&mut self, path: &str, what: &str, found: &str, names: &[&str]) {
        if !names.contains(&found) {
            self.fault(path, format!("no {what} is called `{found}`{}", nearest(found, names)));
        }
    }

    fn unique<'n>(&mut self, list: &str, field: &str, what: &str, names: impl Iterator<Item = &'n str>) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (i, name) in names.enumerate() {
            let path = format!("{list}.{i}.{field}");
            if name.trim().is_empty() {
                self.fault(&path, format!("a {what} needs a name"));
            } else if let Some(first) = seen.get(name) {
                let line = self.line(&format!("{list}.{first}.{field}"));
                self.fault(&path, format!("a second {what} is called `{name}`; the first is on line {line}"));
            } else {
                seen.insert(name, i);
            }
        }
    }

    /// Texts with characters that can make a screen show something else than what is there.
    fn texts(&mut self) {
        let tree = self.tree;
        let mut found = Vec::new();
        for (key, value) in tree {
            unseen(self.text, key.get_ref(), key.span(), &mut found);
            unseen_in(self.text, value, &mut found);
        }
        for (offset, message) in found {
            self.fault_at(offset, message);
        }
    }
}

fn unseen_in(file: &str, value: &toml::Spanned<DeValue<'_>>, found: &mut Vec<(usize, String)>) {
    match value.get_ref() {
        DeValue::String(text) => unseen(file, text, value.span(), found),
        DeValue::Array(array) => array.iter().for_each(|v| unseen_in(file, v, found)),
        DeValue::Table(table) => {
            for (key, value) in table {
                unseen(file, key.get_ref(), key.span(), found);
                unseen_in(file, value, found);
            }
        }
        _ => {}
    }
}

fn unseen(file: &str, text: &str, span: std::ops::Range<usize>, found: &mut Vec<(usize, String)>) {
    if let Some(c) = text.chars().find(|c| shapes::unseen(*c)) {
        // Where it stands itself, unless it is written as an escape.
        let inside = file.get(span.clone()).and_then(|written| written.find(c)).unwrap_or(0);
        let message = format!("a text holds the character U+{:04X}, which no screen shows; take it out", u32::from(c));
        found.push((span.start + inside, message));
    }
}

/// The byte offset of the value at a path, or of the last part of it that is in the file.
fn locate(table: &DeTable<'_>, path: &[String]) -> Option<usize> {
    let (first, rest) = path.split_first()?;
    let mut value = table.get(first.as_str())?;
    let mut at = value.span().start;
    for part in rest {
        let next = match value.get_ref() {
            DeValue::Table(t) => t.get(part.as_str()),
            DeValue::Array(a) => part.parse::<usize>().ok().and_then(|i| a.get(i)),
            _ => None,
        };
        let Some(next) = next else { break };
        value = next;
        at = value.span().start;
    }
    Some(at)
}
