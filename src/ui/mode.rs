//! What a screen is of: production, a rehearsal, the past. It must be seen at a glance, by word and by colour.

use serde::{Deserialize, Serialize};

use super::{Role, Screen};
use crate::model::Model;

/// What a screen shows, and so what its keys can do to the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The real thing.
    #[default]
    Production,
    /// The embedded simulator.
    Demo,
    /// The real thing, looked at only.
    ReadOnly,
    /// The real thing as it was: somebody scrubs through the timeline.
    Past,
}

impl Mode {
    /// All modes.
    pub const ALL: [Mode; 4] = [Mode::Production, Mode::Demo, Mode::ReadOnly, Mode::Past];

    /// Its word in the top line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Mode::Production => "PRODUCTION",
            Mode::Demo => "DEMO",
            Mode::ReadOnly => "READ-ONLY",
            Mode::Past => "PAST",
        }
    }

    /// Its word where there is little room.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Mode::Production => "PROD",
            _ => self.word(),
        }
    }

    /// Its colours: of its badge, and of the frames.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Mode::Production => Role::Production,
            Mode::Demo => Role::Demo,
            Mode::ReadOnly => Role::ReadOnly,
            Mode::Past => Role::Past,
        }
    }
}

impl Screen {
    /// What it is of now: a production console that cannot write is read-only, and one that looks back shows the past.
    pub(crate) fn mode(&self, model: &Model) -> Mode {
        match self.setup.mode {
            _ if self.visit.is_some() => Mode::Past,
            Mode::Production if model.read_only.is_some() => Mode::ReadOnly,
            mode => mode,
        }
    }
}
