//! What a file is meant to be, so that one command can check them all: its contents decide, else its folder.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::runtime::shelf::Shelved;
use crate::ui::{Keymap, Theme};

/// What a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Estate,
    Theme,
    Keymap,
}

impl Kind {
    /// No two kinds have a table of the same name. A file without any lies in the folder of its kind, or names what it
    /// builds on; an estate builds on nothing.
    pub(super) fn of(text: &str, file: &Path) -> Self {
        let (tree, _) = DeTable::parse_recoverable(text);
        let value = |name: &str| tree.get_ref().iter().find(|(key, _)| key.get_ref() == name).map(|(_, v)| v.get_ref());
        let folder = std::path::absolute(file).ok();
        let folder = folder.as_deref().and_then(Path::parent).and_then(Path::file_name);
        if value("roles").or_else(|| value("palette")).is_some() {
            Kind::Theme
        } else if value("keys").is_some() {
            Kind::Keymap
        } else if folder.is_some_and(|folder| folder == Theme::FOLDER) {
            Kind::Theme
        } else if folder.is_some_and(|folder| folder == Keymap::FOLDER) {
            Kind::Keymap
        } else {
            match value("inherits") {
                Some(DeValue::String(name)) if Keymap::names().any(|n| n == name) => Kind::Keymap,
                Some(_) => Kind::Theme,
                None => Kind::Estate,
            }
        }
    }

    /// What that is, in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Kind::Estate => "an estate",
            Kind::Theme => "a theme",
            Kind::Keymap => "a keymap",
        }
    }
}
