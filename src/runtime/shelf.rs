//! Where themes and keymaps are: shipped, in the user's config folder, or in a named file.
//!
//! One with faults never keeps the console from opening: the built-in one is used, and a banner says so.

use std::path::{Path, PathBuf};

use crate::fault;
use crate::files;
use crate::hygiene::print::complain;
use crate::hygiene::{shell, visible};
use crate::ui::{Keymap, Theme};

/// No theme or keymap is longer, in bytes.
const LONGEST: u64 = 256 * 1024;

/// Something that is shipped, and that people may write themselves.
pub trait Shelved: Sized {
    /// What it is, in words.
    const WHAT: &'static str;
    /// Its folder within the config folder.
    const FOLDER: &'static str;

    /// The names of the shipped ones.
    fn names() -> Vec<&'static str>;
    /// A shipped one.
    fn builtin(name: &str) -> Option<Self>;
    /// Reads one; the error has a fault a line.
    fn read(text: &str, file: &str, beside: &dyn Fn(&str) -> Option<String>) -> Result<Self, String>;
}

impl Shelved for Theme {
    const WHAT: &'static str = "theme";
    const FOLDER: &'static str = "themes";

    fn names() -> Vec<&'static str> {
        Theme::names().collect()
    }

    fn builtin(name: &str) -> Option<Self> {
        Theme::builtin(name)
    }

    fn read(text: &str, file: &str, beside: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        Theme::parse_beside(text, file, beside).map_err(|faults| faults.to_string())
    }
}

impl Shelved for Keymap {
    const WHAT: &'static str = "keymap";
    const FOLDER: &'static str = "keymaps";

    fn names() -> Vec<&'static str> {
        Keymap::names().collect()
    }

    fn builtin(name: &str) -> Option<Self> {
        Keymap::builtin(name)
    }

    fn read(text: &str, file: &str, beside: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        Keymap::parse_beside(text, file, beside).map_err(|faults| faults.to_string())
    }
}

/// Whether a file is meant, and no name.
#[must_use]
pub fn is_file(name: &str) -> bool {
    name.ends_with(".toml") || name.contains('/')
}

/// The one of that name or file. The user's own `dark`, in the config folder, wins over the shipped one.
///
/// # Errors
/// What is wrong with it, a fault a line.
pub fn named<T: Shelved>(name: &str, config: Option<&Path>) -> Result<T, String> {
    let own = config.map(|folder| folder.join(T::FOLDER));
    let file = if is_file(name) {
        Some(PathBuf::from(name))
    } else {
        own.as_ref().map(|folder| folder.join(format!("{name}.toml"))).filter(|file| file.exists())
    };
    match (file, T::builtin(name)) {
        (Some(file), _) => read(&file),
        (None, Some(shipped)) => Ok(shipped),
        (None, None) => {
            let own = own.map_or_else(String::new, |folder| {
                format!(", or a file in {}", visible(&folder.display().to_string()))
            });
            let (name, names) = (visible(name), T::names().join(", "));
            Err(format!("no {} is called `{name}`; there are {names}{own}", T::WHAT))
        }
    }
}

/// The keymap of that name or file, or the built-in one and the reason. All faults are also logged before a screen
/// covers them: the banner has room for the first, and names the command that lists the others.
pub fn keymap_or_builtin(name: &str, config: Option<&Path>, notices: &mut Vec<String>) -> Keymap {
    named(name, config).unwrap_or_else(|faults| {
        faults.lines().for_each(|fault| complain!("{}", visible(fault)));
        let first = faults.lines().next().unwrap_or_default();
        let more = match faults.lines().count() {
            0 | 1 => String::new(),
            n => format!(", and {} more: `signalbox keys {}` tells all", n - 1, shell::path(name)),
        };
        notices.push(format!("the keymap is not used, the built-in one is: {first}{more}"));
        Keymap::default()
    })
}

/// Reads a file; what is wrong with it, a fault a line.
pub(super) fn read<T: Shelved>(file: &Path) -> Result<T, String> {
    understand(&text::<T>(file)?, file)
}

/// Parses a file's text, which may build on a file next to it.
///
/// # Errors
/// What is wrong with it, one fault a line.
pub fn understand<T: Shelved>(text: &str, file: &Path) -> Result<T, String> {
    let beside = |name: &str| {
        // A name, never a way out of the folder.
        let plain = !name.contains(['/', '\\']) && !name.starts_with('.');
        plain.then(|| self::text::<T>(&file.with_file_name(format!("{name}.toml"))).ok()).flatten()
    };
    T::read(text, &file.display().to_string(), &beside)
}

fn text<T: Shelved>(file: &Path) -> Result<String, String> {
    let shown = visible(&file.display().to_string()).into_owned();
    let bytes =
        files::read_bounded(file, LONGEST).map_err(|e| format!("failed to read the {} file {shown}: {e}", T::WHAT))?;
    fault::text(bytes, &shown).map_err(|faults| faults.to_string())
}
