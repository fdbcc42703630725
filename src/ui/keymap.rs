//! Keys: which key does what, read from a keymap file.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::Deserialize;

use super::Action;

const DEFAULT: &str = include_str!("../../keymaps/default.toml");

/// A key as keymap files name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Why a keymap is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// Not TOML, or not in a keymap's form.
    #[error("{file}: {why}")]
    File {
        /// The file.
        file: String,
        /// What is wrong, with the line.
        why: String,
    },
    /// An action that does not exist.
    #[error("{file}: no action is called `{found}`; the nearest is `{nearest}`")]
    UnknownAction {
        /// The file.
        file: String,
        /// What stands there.
        found: String,
        /// What may have been meant.
        nearest: &'static str,
    },
    /// A key that does not exist.
    #[error("{file}: `{found}` of `{action}` is no key; write a character or a name such as `ctrl-f` or `pageup`")]
    UnknownKey {
        /// The file.
        file: String,
        /// The action.
        action: &'static str,
        /// What stands there.
        found: String,
    },
    /// One key for two actions.
    #[error("{file}: `{key}` is bound to both `{one}` and `{other}`")]
    Clash {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// One action.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// An action without a key.
    #[error("{file}: `{action}` has no key")]
    NoKey {
        /// The file.
        file: String,
        /// The action.
        action: &'static str,
    },
}

/// Which key does what.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: Vec<(Key, Action, String)>,
    /// What it was read from.
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: BTreeMap<String, Vec<String>>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::parse(DEFAULT, "keymaps/default.toml").unwrap_or(Self { bindings: Vec::new(), text: String::new() })
    }
}

impl Keymap {
    /// Reads a keymap file; every action must have a key, and every key one action.
    ///
    /// # Errors
    /// The first thing that is wrong, with both sides of a clash.
    pub fn parse(text: &str, file: &str) -> Result<Self, KeymapError> {
        let file = file.to_owned();
        let parsed: File =
            toml::from_str(text).map_err(|e| KeymapError::File { file: file.clone(), why: e.to_string() })?;
        let mut bindings: Vec<(Key, Action, String)> = Vec::new();
        for (name, keys) in parsed.keys {
            let Some(action) = Action::ALL.iter().copied().find(|a| a.name() == name) else {
                let nearest = nearest(&name, Action::ALL.iter().map(|a| a.name()));
                return Err(KeymapError::UnknownAction { file, found: name, nearest });
            };
            for text in keys {
                let Some(key) = read_key(&text) else {
                    return Err(KeymapError::UnknownKey { file, action: action.name(), found: text });
                };
                if let Some((_, other, _)) = bindings.iter().find(|(k, _, _)| *k == key) {
                    let (one, other) = (other.name(), action.name());
                    return Err(KeymapError::Clash { file, key: text, one, other });
                }
                bindings.push((key, action, text));
            }
        }
        match Action::ALL.iter().find(|a| !bindings.iter().any(|(_, b, _)| b == *a)) {
            Some(action) => Err(KeymapError::NoKey { file, action: action.name() }),
            None => Ok(Self { bindings, text: text.to_owned() }),
        }
    }

    /// The file that it was read from, whole.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a key does.
    #[must_use]
    pub fn action(&self, event: KeyEvent) -> Option<Action> {
        let key = Key::of(event);
        self.bindings.iter().find(|(k, _, _)| *k == key).map(|(_, a, _)| *a)
    }

    /// The first key of an action, as people read it: `Tab`, `f`, `^C`.
    #[must_use]
    pub fn key(&self, action: Action) -> String {
        self.keys(action).into_iter().next().unwrap_or_default()
    }

    /// All keys of an action, as people read them.
    #[must_use]
    pub fn keys(&self, action: Action) -> Vec<String> {
        self.bindings.iter().filter(|(_, a, _)| *a == action).map(|(_, _, text)| pretty(text)).collect()
    }
}

impl Key {
    /// A shifted character is the character itself, whatever the terminal says of the shift key.
    fn of(event: KeyEvent) -> Self {
        let mut modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        if matches!(code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        Self { code, modifiers }
    }
}

fn read_key(text: &str) -> Option<Key> {
    let (modifiers, name) = match text.split_once('-') {
        Some(("ctrl", rest)) => (KeyModifiers::CONTROL, rest),
        Some(("alt", rest)) => (KeyModifiers::ALT, rest),
        _ => (KeyModifiers::NONE, text),
    };
    let mut chars = name.chars();
    let code = match (chars.next(), chars.next()) {
        (Some(c), None) => KeyCode::Char(c),
        _ => match name {
            "space" => KeyCode::Char(' '),
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "tab" => KeyCode::Tab,
            "backtab" => KeyCode::BackTab,
            "backspace" => KeyCode::Backspace,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "pageup" => KeyCode::PageUp,
            "pagedown" => KeyCode::PageDown,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            "delete" => KeyCode::Delete,
            _ => KeyCode::F(name.strip_prefix('f')?.parse().ok().filter(|n| (1..=12).contains(n))?),
        },
    };
    Some(Key { code, modifiers })
}

fn pretty(text: &str) -> String {
    match text {
        "up" => "↑".into(),
        "down" => "↓".into(),
        "left" => "←".into(),
        "right" => "→".into(),
        "pageup" => "PgUp".into(),
        "pagedown" => "PgDn".into(),
        "backtab" => "Shift-Tab".into(),
        "tab" => "Tab".into(),
        "home" => "Home".into(),
        "end" => "End".into(),
        _ => match text.strip_prefix("ctrl-") {
            Some(rest) => format!("^{}", rest.to_uppercase()),
            None => text.to_owned(),
        },
    }
}

/// The name that is most like what was found.
fn nearest(found: &str, names: impl Iterator<Item = &'static str>) -> &'static str {
    names.min_by_key(|n| strsim::damerau_levenshtein(found, n)).unwrap_or_default()
}
