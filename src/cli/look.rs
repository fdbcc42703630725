//! How a screen looks and is used: theme and keymap by name or file, and the colours that the terminal has.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::shelf;
use crate::ui::{Depth, Keymap, Screen, Theme};

/// The look of a screen.
#[derive(Clone, Debug, Args)]
pub struct LookArgs {
    /// A shipped theme, a theme of the config folder, or a theme file
    /// [shipped: dark, light, high-contrast, colour-blind-safe, monochrome, projector].
    #[arg(long, value_name = "NAME|FILE", env = "SIGNALBOX_THEME", default_value = "dark")]
    theme: String,
    /// A shipped keymap, a keymap of the config folder, or a keymap file [shipped: default, vim, emacs].
    #[arg(long, value_name = "NAME|FILE", env = "SIGNALBOX_KEYS", default_value = "default")]
    keys: String,
    /// How many colours; auto asks NO_COLOR, COLORTERM and TERM.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
    /// Leave the mouse to the terminal; a key of the console switches it on.
    #[arg(long)]
    no_mouse: bool,
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

/// What a screen looks like, and which key does what on it.
pub struct Look {
    /// The theme in this terminal's colours.
    pub theme: Theme,
    /// The keymap.
    pub keymap: Keymap,
    /// What is wrong with one that was asked for and is not used: to be shown, the console opens all the same.
    pub notices: Vec<String>,
}

impl LookArgs {
    /// Theme and keymap; instead of one with faults the built-in one.
    pub fn look(&self) -> Look {
        let mut notices = Vec::new();
        let theme: Theme = shelf::or_builtin(&self.theme, &mut notices);
        let keymap = shelf::or_builtin(&self.keys, &mut notices);
        Look { theme: theme.at(self.depth()), keymap, notices }
    }

    /// A screen with the mouse as it was asked for, and the panes as they were left in this state folder.
    #[must_use]
    pub fn arrange(&self, screen: Screen, state: &Path) -> Screen {
        screen.arranged(crate::runtime::layout::remembered(state)).with_mouse(!self.no_mouse)
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
