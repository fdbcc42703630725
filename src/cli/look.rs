//! How a screen looks and is used: theme and keymap by name or file, and the colours that the terminal has.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::common::config_folder;
use super::config::Config;
use super::io::complain;
use super::known::{KEYMAPS, THEMES};
use crate::hygiene::visible;
use crate::runtime::clipboard::Clipboard;
use crate::runtime::console::Desk;
use crate::runtime::terminal::Abilities;
use crate::runtime::themes::ThemeFiles;
use crate::runtime::{layout, shelf};
use crate::ui::{Depth, Keymap, Screen, Theme};

/// The look of a screen.
#[derive(Clone, Debug, Args)]
pub struct LookArgs {
    /// A shipped theme, one from the config folder, or a theme file [default: the one chosen in the console, else the
    /// one in the settings, else light or dark to match the terminal] [shipped: dark, light, high-contrast, colour-blind-safe, monochrome, projector].
    #[arg(long, value_name = "NAME|FILE", env = "SIGNALBOX_THEME", value_parser = THEMES, hide_possible_values = true)]
    theme: Option<String>,
    /// A shipped keymap, one from the config folder, or a keymap file [shipped: default, vim, emacs].
    #[arg(long, value_name = "NAME|FILE", env = "SIGNALBOX_KEYS", default_value = "default", value_parser = KEYMAPS, hide_possible_values = true)]
    keys: String,
    /// How many colours to use; auto follows NO_COLOR, COLORTERM and TERM.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
    /// Leave the mouse to the terminal; a key in the console turns it on.
    #[arg(long)]
    no_mouse: bool,
    /// Presenter mode: mask accounts, ARNs, hosts, addresses, e-mails and keys in everything shown and copied.
    #[arg(long)]
    presenter: bool,
}

/// How many colours are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// As many as the terminal says it has.
    Auto,
    /// None: bold, dim, underline and reverse instead.
    Never,
    /// The terminal's own sixteen.
    #[value(name = "16")]
    Sixteen,
    /// The 256 of xterm.
    #[value(name = "256")]
    Xterm,
    /// 24-bit.
    Always,
}

/// What a screen is made with.
pub struct Look {
    /// The theme that it begins with, in this terminal's colours.
    pub theme: Theme,
    /// The keymap.
    pub keymap: Keymap,
    /// Why a requested keymap is not used. The console opens anyway and shows this.
    pub notices: Vec<String>,
}

impl LookArgs {
    /// Theme and keymap; instead of a keymap with faults the built-in one.
    pub fn look(&self) -> Look {
        let mut notices = Vec::new();
        let keymap = shelf::keymap_or_builtin(&self.keys, config_folder().as_deref(), &mut notices);
        Look { theme: Theme::default().at(self.depth()), keymap, notices }
    }

    /// Gives a screen its themes, the mouse setting, the panes as this state folder has them, and presenter mode; and
    /// gives the runtime what it needs to keep the look up to date. A theme that is missing or has faults stops
    /// nothing: another one is shown, and a banner says what is wrong.
    #[must_use]
    pub fn dress(&self, screen: Screen, state: &Path, settings: &Config) -> (Screen, Desk) {
        let mut screen = screen.arranged(layout::remembered(state)).with_mouse(!self.no_mouse);
        let theme = self.theme(state, settings);
        let file = theme.as_ref().filter(|theme| shelf::is_file(theme)).map(PathBuf::from);
        let folder = config_folder().map(|folder| folder.join("themes"));
        let themes = ThemeFiles { folder, file, depth: self.depth() };
        screen.offer_themes(themes.read());
        if let Some(name) = &theme {
            screen.choose_theme(name);
            // Written down before the screen covers it: the banner has room for the first.
            let faults = screen.theme_faults();
            faults.iter().flat_map(|f| f.lines()).for_each(|fault| complain!("{}", visible(fault)));
        }
        screen.present(self.presenter);
        let tmux = std::env::var_os("TMUX").is_some_and(|v| !v.is_empty());
        let can = abilities();
        let desk = Desk {
            clipboard: match (tmux, can.answers) {
                (true, _) => Clipboard::Tmux,
                (false, true) => Clipboard::Terminal,
                (false, false) => Clipboard::None,
            },
            themes: Some(themes),
            ask_ground: theme.is_none(),
            can,
        };
        (screen, desk)
    }

    /// The theme that is wanted: here and now, else as it was chosen in the console the last time, else ever.
    fn theme(&self, state: &Path, settings: &Config) -> Option<String> {
        let now = self.theme.clone().filter(|theme| !theme.is_empty());
        let ever = || settings.get("theme").map(|given| given.value.clone());
        now.or_else(|| layout::remembered_theme(state)).or_else(ever)
    }

    /// Whether presenter mode is asked for.
    pub fn presenter(&self) -> bool {
        self.presenter
    }

    fn depth(&self) -> Depth {
        match self.color {
            Colour::Auto => depth(),
            Colour::Never => Depth::None,
            Colour::Sixteen => Depth::Sixteen,
            Colour::Xterm => Depth::Xterm,
            Colour::Always => Depth::True,
        }
    }
}

/// What this terminal can do, by what it and its locale are called.
pub(super) fn abilities() -> Abilities {
    let named = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let term = named("TERM").unwrap_or_default();
    // A locale that is not set says nothing of the terminal.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(named).map(|locale| locale.to_lowercase());
    Abilities {
        unicode: locale.is_none_or(|locale| locale.contains("utf-8") || locale.contains("utf8")),
        erases: named("TMUX").is_some() || !(term.starts_with("screen") || named("STY").is_some()),
        titles: !matches!(term.as_str(), "" | "linux" | "dumb"),
        // The Linux console would print the question.
        answers: !matches!(term.as_str(), "" | "linux" | "dumb")
            && io::stdin().is_terminal()
            && io::stdout().is_terminal(),
    }
}

/// How many colours this terminal says that it has.
pub(super) fn depth() -> Depth {
    match supports_color::on(supports_color::Stream::Stdout) {
        Some(level) if level.has_16m => Depth::True,
        Some(level) if level.has_256 => Depth::Xterm,
        Some(_) => Depth::Sixteen,
        // An empty NO_COLOR asks for nothing (no-color.org); the library takes it for a wish.
        None if std::env::var_os("NO_COLOR").is_some_and(|v| v.is_empty()) => depth_by_name(),
        None => Depth::None,
    }
}

/// The same, of the names alone that the terminal gives itself.
fn depth_by_name() -> Depth {
    let named = |name| std::env::var(name).unwrap_or_default();
    let (term, colorterm) = (named("TERM"), named("COLORTERM"));
    if !io::stdout().is_terminal() || term.is_empty() || term == "dumb" {
        Depth::None
    } else if ["truecolor", "24bit"].contains(&colorterm.as_str()) || term.ends_with("direct") {
        Depth::True
    } else if term.contains("256") {
        Depth::Xterm
    } else {
        Depth::Sixteen
    }
}
