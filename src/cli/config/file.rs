//! Reads `config.toml`: reports every fault at once, each with its place and the nearest valid value. Valid settings
//! are used whatever else is wrong: a misspelt theme must not cost a console its estate in an incident.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::settings::{Kind, SETTINGS, Setting, setting};
use super::{Given, Places};
use crate::fault::{Fault, Faults, Lines, nearest, one_line};

/// What a file says, and what is wrong with it.
pub(super) fn read(text: &str, file: &str, places: &Places) -> (Vec<Given>, Vec<Fault>) {
    let mut reader = Reader { text, lines: Lines::of(text), file, places, faults: Vec::new() };
    let given = reader.read();
    let faults = if reader.faults.is_empty() { Vec::new() } else { Faults::sorted(reader.faults).0 };
    (given, faults)
}

struct Reader<'a> {
    text: &'a str,
    lines: Lines<'a>,
    file: &'a str,
    places: &'a Places,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, at: usize, message: &str) {
        self.faults.push(Fault::at(self.file, &self.lines, at, message));
    }

    fn read(&mut self) -> Vec<Given> {
        let (tree, broken) = DeTable::parse_recoverable(self.text);
        for error in &broken {
            self.fault(error.span().map_or(0, |s| s.start), &one_line(error.message()));
        }
        // The content of a broken file may not be what was meant.
        if !broken.is_empty() {
            return Vec::new();
        }
        let mut given = Vec::new();
        for (key, value) in tree.get_ref() {
            let Some(setting) = setting(key.get_ref()) else {
                let names: Vec<&str> = SETTINGS.iter().map(|s| s.name).collect();
                let message = format!("no setting is called `{}`{}", key.get_ref(), nearest(key.get_ref(), &names));
                self.fault(key.span().start, &message);
                continue;
            };
            if let Some(value) = self.value(setting, value) {
                given.push(Given { setting, value, line: self.lines.place(key.span().start).0 });
            }
        }
        given
    }

    fn value(&mut self, setting: &Setting, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let (name, at) = (setting.name, value.span().start);
        let text = match (setting.kind, value.get_ref()) {
            (Kind::Flag, DeValue::Boolean(is)) => return Some(is.to_string()),
            (Kind::Flag, _) => {
                self.fault(at, &format!("`{name}` is true or false, without quotes"));
                return None;
            }
            (_, DeValue::String(text)) if !text.trim().is_empty() => text.to_string(),
            // `color = 256` says what it means.
            (Kind::OneOf(_), DeValue::Integer(number)) => number.to_string(),
            _ => {
                self.fault(at, &format!("`{name}` is a text in quotes"));
                return None;
            }
        };
        match setting.kind {
            Kind::Flag | Kind::Name => Some(text),
            Kind::Path => Some(self.places.path(&text)),
            Kind::OneOf(words) if words.contains(&text.as_str()) => Some(text),
            Kind::OneOf(words) => {
                self.fault(at, &format!("`{text}` is no `{name}`{}", nearest(&text, words)));
                None
            }
            Kind::Shelved(folder) => self.shelved(setting, folder, &text, at),
        }
    }

    /// A theme or keymap: there must be one. Whether it is right says who reads it.
    fn shelved(&mut self, setting: &Setting, folder: &str, text: &str, at: usize) -> Option<String> {
        if text.ends_with(".toml") || text.contains('/') {
            let path = self.places.path(text);
            if !Path::new(&path).exists() {
                self.fault(at, &format!("there is no file {path} for `{}`", setting.name));
                return None;
            }
            return Some(path);
        }
        let names = self.places.names(folder);
        if names.iter().any(|name| name == text) {
            return Some(text.to_owned());
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.fault(at, &format!("no {} is called `{text}`{}", folder.trim_end_matches('s'), nearest(text, &names)));
        None
    }
}
