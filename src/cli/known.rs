//! A value with names that are known, which may be another name or a file as well: shells complete what is known.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};

use crate::sim::scenario::SHIPPED;
use crate::ui::{Keymap, Theme};

/// Takes any text; gives these names to completions.
#[derive(Clone)]
pub(super) struct Known(fn() -> Vec<&'static str>);

/// The shipped themes.
pub(super) const THEMES: Known = Known(|| Theme::names().collect());
/// The shipped keymaps.
pub(super) const KEYMAPS: Known = Known(|| Keymap::names().collect());
/// The shipped scenarios.
pub(super) const SCENARIOS: Known = Known(|| SHIPPED.iter().map(|(name, _)| *name).collect());

impl TypedValueParser for Known {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter().map(PossibleValue::new)))
    }
}
