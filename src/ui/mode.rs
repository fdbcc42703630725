//! What a screen is of: production, a rehearsal, the past. It must be seen at a glance, by word and by colour.

use super::Role;

/// What a screen shows, and so what its keys can do to the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The real thing.
    #[default]
    Production,
    /// The embedded simulator.
    Demo,
    /// The real thing, looked at only.
    ReadOnly,
    /// A recording that is played again.
    Replay,
    /// The real thing as it was: somebody scrubs through the timeline.
    Past,
}

impl Mode {
    /// All modes.
    pub const ALL: [Mode; 5] = [Mode::Production, Mode::Demo, Mode::ReadOnly, Mode::Replay, Mode::Past];

    /// Its word in the top line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Mode::Production => "PRODUCTION",
            Mode::Demo => "DEMO",
            Mode::ReadOnly => "READ-ONLY",
            Mode::Replay => "REPLAY",
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
            Mode::Replay => Role::Replay,
            Mode::Past => Role::Past,
        }
    }
}
