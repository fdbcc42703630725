//! The themes that a person can choose from, and the chosen one.
//!
//! A theme whose file has faults is in the list, but cannot be chosen. One that gets faults while it is in use stays as
//! it was, and a banner says what is wrong.

use serde::{Deserialize, Serialize};

use super::screen::Screen;
use super::{Depth, Theme};

/// A theme that can be chosen, or why not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThemeOffer {
    /// What it is called: its file's name without the ending, or the path that was asked for.
    pub name: String,
    /// Whether it is the user's own.
    pub own: bool,
    /// The theme; or the faults of its file, a line each.
    pub theme: Result<Theme, String>,
}

/// What can be chosen and what is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Themes {
    offers: Vec<ThemeOffer>,
    wanted: String,
    /// Whether somebody chose it; then the terminal's background changes nothing.
    chosen: bool,
}

impl ThemeOffer {
    /// The same with as many colours as there are.
    #[must_use]
    pub fn at(self, depth: Depth) -> Self {
        Self { theme: self.theme.map(|theme| theme.at(depth)), ..self }
    }
}

impl Themes {
    /// The shipped ones.
    pub(crate) fn new(wanted: &str) -> Self {
        let shipped = |name: &str| Some(ThemeOffer { name: name.into(), own: false, theme: Ok(Theme::builtin(name)?) });
        Self { offers: Theme::names().filter_map(shipped).collect(), wanted: wanted.to_owned(), chosen: false }
    }

    /// What can be chosen.
    pub(crate) fn offers(&self) -> &[ThemeOffer] {
        &self.offers
    }

    /// The same with as many colours as there are.
    pub(crate) fn at_depth(mut self, depth: Depth) -> Self {
        self.offers = self.offers.into_iter().map(|offer| offer.at(depth)).collect();
        self
    }

    /// The place of the chosen one in the list.
    pub(crate) fn at(&self) -> usize {
        self.offers.iter().position(|o| o.name == self.wanted).unwrap_or(0)
    }

    /// The name of the chosen one.
    pub(crate) fn wanted(&self) -> &str {
        &self.wanted
    }
}

impl Screen {
    /// Offers these themes from now on; the chosen one is shown as it is now, unless it has faults.
    pub fn offer_themes(&mut self, offers: Vec<ThemeOffer>) {
        self.themes.offers = offers;
        self.show_wanted();
    }

    /// Chooses a theme by name. One with faults stays chosen, and is shown once they are mended.
    pub fn choose_theme(&mut self, name: &str) {
        self.themes.wanted = name.to_owned();
        self.themes.chosen = true;
        self.show_wanted();
    }

    /// What the terminal says of its ground: a light one gets the light theme, where nobody has chosen another.
    pub fn ground_is(&mut self, light: bool) {
        if !self.themes.chosen {
            self.themes.wanted = if light { "light" } else { "dark" }.to_owned();
            self.show_wanted();
        }
    }

    fn show_wanted(&mut self) {
        let wanted = self.themes.offers.iter().find(|o| o.name == self.themes.wanted);
        if let Some(ThemeOffer { theme: Ok(theme), .. }) = wanted {
            self.setup.theme = theme.clone();
        }
    }

    /// All that is wrong with the theme that was chosen, a line each.
    #[must_use]
    pub fn theme_faults(&self) -> Option<String> {
        match self.themes.offers.iter().find(|o| o.name == self.themes.wanted) {
            Some(ThemeOffer { theme: Err(faults), .. }) => Some(faults.clone()),
            _ => self.theme_fault(),
        }
    }

    /// What is wrong with the theme that was chosen, in a line.
    pub(crate) fn theme_fault(&self) -> Option<String> {
        let (wanted, shown) = (&self.themes.wanted, self.setup.theme.name());
        match self.themes.offers.iter().find(|o| &o.name == wanted) {
            Some(ThemeOffer { theme: Ok(_), .. }) => None,
            Some(ThemeOffer { theme: Err(faults), .. }) => {
                let more = faults.lines().count().saturating_sub(1);
                let more = match more {
                    0 => String::new(),
                    more => format!(", and {more} more: `signalbox check FILE` tells all"),
                };
                let first = faults.lines().next().unwrap_or_default();
                Some(format!("the theme `{wanted}` is not taken, `{shown}` stays: {first}{more}"))
            }
            None => Some(format!("no theme is called `{wanted}`; `{shown}` is shown")),
        }
    }
}
