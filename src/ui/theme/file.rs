//! A theme file, read with every fault in it: where it is, and what would be right.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;

use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Role;
use crate::fault::{Fault, Lines, nearest, one_line};

const FIELDS: [&str; 4] = ["name", "inherits", "palette", "roles"];
const LOOKS: [&str; 6] = ["fg", "bg", "bold", "dim", "underline", "reverse"];
const MODIFIERS: [(&str, Modifier); 4] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];

/// A colour by its place in the file: of the palette, or one of its own.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) text: String,
    pub(super) at: usize,
}

/// What a role looks like, as written.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    pub(super) fg: Option<Named>,
    pub(super) bg: Option<Named>,
    pub(super) modifiers: Modifier,
    /// Where the role stands.
    pub(super) at: usize,
}

/// A theme file, one by one.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) name: String,
    /// The theme that it takes everything from which it does not say itself.
    pub(super) inherits: Option<Named>,
    pub(super) palette: BTreeMap<String, Color>,
    /// Where each colour of its own palette stands.
    pub(super) colours_at: BTreeMap<String, usize>,
    pub(super) looks: BTreeMap<Role, Look>,
    /// Whether something could not be read that may have been the palette.
    pub(super) unsure: bool,
}

/// Reads the file; faulty parts are reported and left out.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) lines: Lines<'a>,
    pub(super) file: &'a str,
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
                    written.name = self.text_of("name", value).map(|t| t.text).unwrap_or_default();
                }
                "inherits" => written.inherits = self.text_of("inherits", value),
                "palette" => self.palette(value, &mut written),
                "roles" => written.looks = self.looks(value),
                other => {
                    written.unsure |= matches!(value.get_ref(), DeValue::Table(_));
                    self.unknown("field", other, &FIELDS, key.span());
                }
            }
        }
        if !named {
            self.fault(0, "`name` is missing");
        }
        Some(written)
    }

    fn unknown(&mut self, what: &str, found: &str, names: &[&str], span: Range<usize>) {
        self.fault(span.start, &format!("no {what} is called `{found}`{}", nearest(found, names)));
    }

    fn text_of(&mut self, field: &str, value: &Spanned<DeValue<'_>>) -> Option<Named> {
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => {
                Some(Named { text: text.to_string(), at: value.span().start })
            }
            _ => {
                self.fault(value.span().start, &format!("`{field}` is a text in quotes"));
                None
            }
        }
    }

    fn palette(&mut self, value: &Spanned<DeValue<'_>>, written: &mut Written) {
        let DeValue::Table(table) = value.get_ref() else {
            written.unsure = true;
            self.fault(value.span().start, "`palette` is a table: `[palette]`, and a colour a line");
            return;
        };
        for (key, value) in table {
            let name = key.get_ref();
            let text = self.text_of(name, value);
            let found = text.as_ref().and_then(|text| colour(&text.text));
            if let (Some(text), None) = (&text, found) {
                self.fault(text.at, &no_colour(&text.text, ""));
            }
            // Its name is known, whatever it is.
            written.palette.insert(name.to_string(), found.unwrap_or_default());
            written.colours_at.insert(name.to_string(), key.span().start);
        }
    }

    fn looks(&mut self, value: &Spanned<DeValue<'_>>) -> BTreeMap<Role, Look> {
        let mut looks = BTreeMap::new();
        let DeValue::Table(table) = value.get_ref() else {
            self.fault(value.span().start, "`roles` is a table: `[roles]`, and a role a line");
            return looks;
        };
        let names: Vec<&str> = Role::ALL.iter().map(|r| r.name()).collect();
        for (key, value) in table {
            match Role::ALL.iter().find(|r| r.name() == key.get_ref().as_ref()) {
                Some(role) => drop(looks.insert(*role, self.look(key.span().start, value))),
                None => self.unknown("role", key.get_ref(), &names, key.span()),
            }
        }
        looks
    }

    fn look(&mut self, at: usize, value: &Spanned<DeValue<'_>>) -> Look {
        let mut look = Look { at, ..Look::default() };
        let DeValue::Table(table) = value.get_ref() else {
            self.fault(value.span().start, "a role is a table such as `{ fg = \"#d7dae0\", bold = true }`");
            return look;
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match name {
                "fg" => look.fg = self.text_of("fg", value),
                "bg" => look.bg = self.text_of("bg", value),
                _ => match (MODIFIERS.iter().find(|(m, _)| *m == name), value.get_ref()) {
                    (Some((_, modifier)), DeValue::Boolean(on)) => look.modifiers.set(*modifier, *on),
                    (Some(_), _) => self.fault(value.span().start, &format!("`{name}` is true or false")),
                    (None, _) => self.unknown("look", name, &LOOKS, key.span()),
                },
            }
        }
        look
    }
}

/// `#rrggbb`, or a name that every terminal knows.
pub(super) fn colour(text: &str) -> Option<Color> {
    match Color::from_str(text) {
        Ok(Color::Indexed(_)) | Err(_) => None,
        Ok(colour) => Some(colour),
    }
}

pub(super) fn no_colour(found: &str, near: &str) -> String {
    format!("`{found}` is no colour: write #rrggbb, a name of [palette], or a terminal's own such as `red`{near}")
}
