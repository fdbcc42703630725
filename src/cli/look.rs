//! How a screen looks: the theme by name or file, and the colours that the terminal has.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::common::config_folder;
use crate::runtime::clipboard::Clipboard;
use crate::runtime::console::Desk;
use crate::runtime::themes::ThemeFiles;
use crate::ui::{Depth, Screen, Theme};

/// The look of a screen.
#[derive(Clone, Debug, Args)]
pub struct LookArgs {
    /// A shipped theme, a theme of the config folder, or a theme file [default: light or dark, as the terminal is]
    /// [shipped: dark, light, high-contrast, colour-blind-safe, monochrome, projector].
    #[arg(long, value_name = "NAME|FILE", env = "SIGNALBOX_THEME")]
    theme: Option<String>,
    /// How many colours; auto asks NO_COLOR, COLORTERM and TERM.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
    /// Presenter mode: mask accounts, ARNs, hosts, addresses, e-mails and keys in all that is shown and copied.
    #[arg(long)]
    presenter: bool,
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
    /// The theme that a screen begins with.
    #[must_use]
    pub fn theme(&self) -> Theme {
        Theme::default().at(self.depth())
    }

    /// Gives a screen its look; and the runtime what it needs to keep it up. A theme that is not there or has faults
    /// stops nothing: another one is shown, and a banner says what is wrong.
    #[must_use]
    pub fn dress(&self, screen: &mut Screen) -> Desk {
        let file = self.theme.as_ref().filter(|t| t.ends_with(".toml") || t.contains('/')).map(PathBuf::from);
        let folder = config_folder().map(|folder| folder.join("themes"));
        let themes = ThemeFiles { folder, file, depth: self.depth() };
        screen.offer_themes(themes.read());
        if let Some(name) = &self.theme {
            screen.choose_theme(name);
        }
        screen.present(self.presenter);
        let tmux = std::env::var_os("TMUX").is_some_and(|v| !v.is_empty());
        // The Linux console would print the question.
        let tells = std::env::var("TERM").is_ok_and(|t| !t.is_empty() && t != "linux" && t != "dumb");
        Desk {
            clipboard: if tmux { Clipboard::Tmux } else { Clipboard::Terminal },
            themes: Some(themes),
            ask_ground: self.theme.is_none() && tells && io::stdin().is_terminal() && io::stdout().is_terminal(),
        }
    }

    fn depth(&self) -> Depth {
        match self.color {
            Colour::Never => Depth::None,
            Colour::Sixteen => Depth::Sixteen,
            Colour::Xterm => Depth::Xterm,
            Colour::Always => Depth::True,
            Colour::Auto => match supports_color::on(supports_color::Stream::Stdout) {
                Some(level) if level.has_16m => Depth::True,
                Some(level) if level.has_256 => Depth::Xterm,
                Some(_) => Depth::Sixteen,
                None => Depth::None,
            },
        }
    }
}
