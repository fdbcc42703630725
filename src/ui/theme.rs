//! Themes: what each meaning looks like. A closed list of roles, so that a theme can be checked whole.

use std::collections::BTreeMap;
use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

const DARK: &str = include_str!("../../themes/dark.toml");
const HIGH_CONTRAST: &str = include_str!("../../themes/high-contrast.toml");
const MONOCHROME: &str = include_str!("../../themes/monochrome.toml");

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident = $name:literal;)+) => {
        /// What something on the screen means; a theme says what that looks like.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Role { $($(#[$doc])* $role,)+ }

        impl Role {
            /// All roles.
            pub const ALL: &[Role] = &[$(Role::$role,)+];

            /// Its name in theme files.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Role::$role => $name,)+ }
            }
        }
    };
}

roles! {
    /// Plain text, and the ground of the whole screen.
    Text = "text";
    /// Of less weight: labels, old values.
    Muted = "muted";
    /// Titles of panels and dialogs.
    Title = "title";
    /// Frames.
    Border = "border";
    /// Headings inside of panels.
    Heading = "heading";
    /// Well.
    Ok = "ok";
    /// Something may go wrong.
    Warn = "warn";
    /// Failed.
    Fail = "fail";
    /// Not known.
    Unknown = "unknown";
    /// A lever that is On.
    On = "on";
    /// A lever that is Off.
    Off = "off";
    /// Names that matter: regions, chosen tabs.
    Accent = "accent";
    /// The row under the cursor.
    Selected = "selected";
    /// What people did.
    Deed = "deed";
    /// Charts.
    Chart = "chart";
    /// A key to press.
    Key = "key";
    /// A field to type in.
    Field = "field";
    /// The word code of a change.
    Words = "words";
    /// What nobody may overlook.
    Loud = "loud";
    /// A banner that wants attention.
    Notice = "notice";
    /// A banner of success.
    Good = "good";
    /// What exists in the demo only.
    Demo = "demo";
    /// What changed in the last seconds.
    Changed = "changed";
}

/// Why a theme file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// Not TOML, or a field that themes do not have.
    #[error("{file}: {why}")]
    File {
        /// The file.
        file: String,
        /// What is wrong, with the line.
        why: String,
    },
    /// A role that does not exist.
    #[error("{file}: no role is called `{found}`; the nearest is `{nearest}`")]
    UnknownRole {
        /// The file.
        file: String,
        /// What stands there.
        found: String,
        /// What may have been meant.
        nearest: &'static str,
    },
    /// A role that the file leaves out.
    #[error("{file}: the role `{role}` is missing")]
    MissingRole {
        /// The file.
        file: String,
        /// The role.
        role: &'static str,
    },
    /// Not a colour.
    #[error("{file}: `{found}` of role `{role}` is no colour; write #rrggbb or a name such as `red`")]
    Colour {
        /// The file.
        file: String,
        /// The role.
        role: String,
        /// What stands there.
        found: String,
    },
}

/// What every meaning looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    name: String,
    styles: BTreeMap<Role, Style>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    roles: BTreeMap<String, Entry>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Entry {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    dim: bool,
    underline: bool,
    reverse: bool,
}

impl Default for Theme {
    fn default() -> Self {
        Self::builtin("dark").unwrap_or_else(|| Self { name: "plain".into(), styles: BTreeMap::new() })
    }
}

impl Theme {
    /// The names of the shipped themes.
    pub const BUILTIN: [&str; 3] = ["dark", "high-contrast", "monochrome"];

    /// A shipped theme.
    #[must_use]
    pub fn builtin(name: &str) -> Option<Self> {
        let text = match name {
            "dark" => DARK,
            "high-contrast" => HIGH_CONTRAST,
            "monochrome" => MONOCHROME,
            _ => return None,
        };
        Self::parse(text, &format!("themes/{name}.toml")).ok()
    }

    /// Reads a theme file; every role must be in it.
    ///
    /// # Errors
    /// The first thing that is wrong, with the file's name.
    pub fn parse(text: &str, file: &str) -> Result<Self, ThemeError> {
        let file = file.to_owned();
        let parsed: File =
            toml::from_str(text).map_err(|e| ThemeError::File { file: file.clone(), why: e.to_string() })?;
        let mut styles = BTreeMap::new();
        for (name, entry) in parsed.roles {
            let Some(role) = Role::ALL.iter().copied().find(|r| r.name() == name) else {
                let nearest = nearest(&name, Role::ALL.iter().map(|r| r.name()));
                return Err(ThemeError::UnknownRole { file, found: name, nearest });
            };
            let colour = |text: Option<String>| match text {
                None => Ok(None),
                Some(text) => Color::from_str(&text).map(Some).map_err(|_| ThemeError::Colour {
                    file: file.clone(),
                    role: name.clone(),
                    found: text,
                }),
            };
            let mut style = Style { fg: colour(entry.fg)?, bg: colour(entry.bg)?, ..Style::default() };
            for (wanted, modifier) in [
                (entry.bold, Modifier::BOLD),
                (entry.dim, Modifier::DIM),
                (entry.underline, Modifier::UNDERLINED),
                (entry.reverse, Modifier::REVERSED),
            ] {
                if wanted {
                    style = style.add_modifier(modifier);
                }
            }
            styles.insert(role, style);
        }
        if let Some(role) = Role::ALL.iter().find(|r| !styles.contains_key(r)) {
            return Err(ThemeError::MissingRole { file, role: role.name() });
        }
        Ok(Self { name: parsed.name, styles })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a meaning looks like.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

/// The name that is most like what was found.
pub(crate) fn nearest(found: &str, names: impl Iterator<Item = &'static str>) -> &'static str {
    names.min_by_key(|n| strsim::damerau_levenshtein(found, n)).unwrap_or_default()
}
