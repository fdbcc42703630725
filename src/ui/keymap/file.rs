//! A keymap file, read with every fault in it: where it is, and what would be right.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Context;
use super::key::{self, Key};
use crate::fault::{Fault, Lines, nearest, one_line};
use crate::ui::Action;

const FIELDS: [&str; 3] = ["name", "inherits", "keys"];

/// One line's one sequence.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub(super) context: Context,
    pub(super) action: Action,
    pub(super) keys: Vec<Key>,
    /// The sequence as it is written.
    pub(super) text: String,
    /// How many files away it is: 0 for the file itself.
    pub(super) level: usize,
    /// Where it is in its file.
    pub(super) at: usize,
    /// The same for people: file:line:column.
    pub(super) place: String,
}

/// A keymap file, one by one.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) name: String,
    /// The keymap that it takes everything from which it does not say itself, and where that is said.
    pub(super) inherits: Option<(String, usize)>,
    pub(super) bindings: Vec<Binding>,
    /// The lines that it has, also those that could not be read.
    pub(super) said: BTreeSet<(Context, Action)>,
    /// Actions with a key that could not be read.
    pub(super) misread: BTreeSet<Action>,
    /// Whether something could not be read that may have been anybody's key.
    pub(super) unsure: bool,
}

/// Reads the file; faulty parts are reported and left out.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) lines: Lines<'a>,
    pub(super) file: &'a str,
    pub(super) level: usize,
    pub(super) faults: Vec<Fault>,
}

impl Reader<'_> {
    pub(super) fn fault(&mut self, at: usize, message: &str) {
        self.faults.push(Fault::at(self.file, &self.lines, at, message));
    }

    /// The file; none when it is not even TOML.
    pub(super) fn read(&mut self) -> Option<Written> {
        let (tree, broken) = DeTable::parse_recoverable(self.text);
        for error in &broken {
            self.fault(error.span().map_or(0, |s| s.start), &one_line(error.message()));
        }
        if !broken.is_empty() {
            return None;
        }
        let mut written = Written::default();
        let mut named = false;
        for (key, value) in tree.get_ref() {
            match key.get_ref().as_ref() {
                "name" => {
                    named = true;
                    written.name = self.text_of("name", value).map(|(name, _)| name).unwrap_or_default();
                }
                "inherits" => written.inherits = self.text_of("inherits", value),
                "keys" => match value.get_ref() {
                    DeValue::Table(table) => self.everywhere(table, &mut written),
                    _ => {
                        self.lost(&mut written, value.span().start, "`keys` is a table: `[keys]`, and an action a line")
                    }
                },
                other => {
                    self.fault(key.span().start, &format!("no field is called `{other}`{}", nearest(other, &FIELDS)))
                }
            }
        }
        if !named {
            self.fault(0, "`name` is missing");
        }
        Some(written)
    }

    /// The same, of something that may have been a line for any action.
    fn lost(&mut self, written: &mut Written, at: usize, message: &str) {
        written.unsure = true;
        self.fault(at, message);
    }

    fn text_of(&mut self, field: &str, value: &Spanned<DeValue<'_>>) -> Option<(String, usize)> {
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some((text.to_string(), value.span().start)),
            _ => {
                self.fault(value.span().start, &format!("`{field}` is a text in quotes"));
                None
            }
        }
    }

    fn everywhere(&mut self, table: &DeTable<'_>, written: &mut Written) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let context = Context::ALL.iter().find(|c| c.name() == name && **c != Context::Anywhere);
            match (context, value.get_ref()) {
                (Some(context), DeValue::Table(table)) => self.context(*context, table, written),
                (Some(_), _) => self.lost(
                    written,
                    value.span().start,
                    &format!("`{name}` is a context: it has a table `[keys.{name}]`, and an action a line"),
                ),
                (None, DeValue::Table(_)) => self.no_context(name, key.span().start, written),
                (None, _) => self.line(Context::Anywhere, key, value, written),
            }
        }
    }

    fn no_context(&mut self, name: &str, at: usize, written: &mut Written) {
        let names: Vec<&str> = Context::ALL.iter().map(|c| c.name()).filter(|n| !n.is_empty()).collect();
        let view = format!("{name}-view");
        let near = match names.iter().find(|n| **n == view) {
            Some(view) => format!("; did you mean `[keys.{view}]`?"),
            None => nearest(name, &names),
        };
        self.lost(written, at, &format!("no context is called `{name}`{near}"));
    }

    fn context(&mut self, context: Context, table: &DeTable<'_>, written: &mut Written) {
        for (key, value) in table {
            if matches!(value.get_ref(), DeValue::Table(_)) {
                let name = key.get_ref();
                let message =
                    format!("a context stands in no other: write `[keys.{name}]`, not within {}", context.table());
                self.lost(written, key.span().start, &message);
            } else {
                self.line(context, key, value, written);
            }
        }
    }

    /// An action and its keys.
    fn line(
        &mut self,
        context: Context,
        name: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        written: &mut Written,
    ) {
        let (found, at) = (name.get_ref().as_ref(), value.span().start);
        let Some(action) = Action::ALL.iter().copied().find(|a| a.name() == found) else {
            let names: Vec<&str> = Action::ALL.iter().map(|a| a.name()).collect();
            let near = nearest(found, &names);
            let all = if near.is_empty() { "; the help screen (?) shows what there is" } else { "" };
            return self.lost(written, name.span().start, &format!("no action is called `{found}`{near}{all}"));
        };
        written.said.insert((context, action));
        let DeValue::Array(keys) = value.get_ref() else {
            written.misread.insert(action);
            return self.fault(at, &format!("`{found}` is a list of keys, such as `[\"f5\", \"g g\"]`"));
        };
        if keys.is_empty() {
            written.misread.insert(action);
            return self.fault(at, &format!("`{found}` has an empty list: write a key, or take the line out"));
        }
        for key in keys.iter() {
            let at = key.span().start;
            let DeValue::String(text) = key.get_ref() else {
                written.misread.insert(action);
                self.fault(at, "a key is a text in quotes, such as `\"f\"`");
                continue;
            };
            match key::sequence(text) {
                Ok(keys) => {
                    let (line, column) = self.lines.place(at);
                    written.bindings.push(Binding {
                        context,
                        action,
                        keys,
                        text: text.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" "),
                        level: self.level,
                        at,
                        place: format!("{}:{line}:{column}", self.file),
                    });
                }
                Err(why) => {
                    written.misread.insert(action);
                    self.fault(at, &why);
                }
            }
        }
    }
}
