//! How a screen looks: the theme by name or file, and the colours that the terminal has.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use color_eyre::Result;
use color_eyre::eyre::{WrapErr as _, eyre};

use super::common::config_folder;
use crate::ui::{Depth, Theme};

/// The look of a screen.
#[derive(Clone, Debug, Args)]
pub struct LookArgs {
    /// A shipped theme, a theme of the config folder, or a theme file
    /// [shipped: dark, light, high-contrast, colour-blind-safe, monochrome, projector].
    #[arg(long, value_name = "NAME|FILE", env = "SIGNALBOX_THEME", default_value = "dark")]
    theme: String,
    /// How many colours; auto asks NO_COLOR, COLORTERM and TERM.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
}

/// How many colours are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// As the terminal says.
    #[default]
    Auto,
    /// None.
    Never,
    /// Sixteen.
    #[value(name = "16")]
    Sixteen,
    /// 256.
    #[value(name = "256")]
    Xterm,
    /// 24 bits.
    Always,
}

impl LookArgs {
    /// The theme in this terminal's colours.
    ///
    /// # Errors
    /// When there is no such theme, or it has faults.
    pub fn theme(&self) -> Result<Theme> {
        Ok(named(&self.theme)?.at(self.depth()))
    }

    fn depth(&self) -> Depth {
        match self.color {
            Colour::Never => Depth::None,
            Colour::Sixteen => Depth::Sixteen,
            Colour::Xterm => Depth::Xterm,
            Colour::Always => Depth::True,
            Colour::Auto => depth(),
        }
    }
}

/// How many colours this terminal says that it has.
pub(super) fn depth() -> Depth {
    match supports_color::on(supports_color::Stream::Stdout) {
        Some(level) if level.has_16m => Depth::True,
        Some(level) if level.has_256 => Depth::Xterm,
        Some(_) => Depth::Sixteen,
        None => Depth::None,
    }
}

/// A theme: of the user's config folder, shipped, or in a file. The user's own `dark` wins over the shipped one.
fn named(name: &str) -> Result<Theme> {
    let own = config_folder().map(|folder| folder.join("themes"));
    let file = if name.ends_with(".toml") || name.contains('/') {
        Some(PathBuf::from(name))
    } else {
        own.map(|folder| folder.join(format!("{name}.toml"))).filter(|file| file.exists())
    };
    match (file, Theme::builtin(name)) {
        (Some(file), _) => read(&file),
        (None, Some(theme)) => Ok(theme),
        (None, None) => {
            let names: Vec<&str> = Theme::names().collect();
            let own =
                config_folder().map_or_else(String::new, |f| format!(", or a file in {}", f.join("themes").display()));
            Err(eyre!("failed to find a theme called `{name}`; there are {}{own}", names.join(", ")))
        }
    }
}

fn read(file: &Path) -> Result<Theme> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).wrap_err_with(|| format!("failed to read the theme file {shown}"))?;
    let beside = |name: &str| {
        // A name, never a way out of the folder.
        let plain = !name.contains(['/', '\\']) && !name.starts_with('.');
        let file = file.with_file_name(format!("{name}.toml"));
        plain.then(|| std::fs::read_to_string(file).ok()).flatten()
    };
    Theme::parse_beside(&text, &shown, beside).wrap_err("failed to understand the theme file")
}
