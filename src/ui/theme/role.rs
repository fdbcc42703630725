//! The closed list of meanings that a theme gives a look to, so that a theme can be checked whole.

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident = $name:literal;)+) => {
        /// What something on the screen means; a theme says what that looks like.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
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
    /// The real thing: its badge.
    Production = "production";
    /// The real thing, looked at only: its badge and frames.
    ReadOnly = "read-only";
    /// A drill that runs: its badge and frames.
    Drill = "drill";
    /// A recording: its badge and frames.
    Replay = "replay";
    /// The past: its badge and frames.
    Past = "past";
    /// Names and addresses are masked.
    Presenter = "presenter";
    /// What changed in the last seconds.
    Changed = "changed";
}

impl Role {
    /// The lowest contrast that it can be seen with: text by WCAG 2.2's AA, lines and charts less.
    pub(super) fn contrast(self) -> f64 {
        match self {
            Role::Border | Role::Chart => 3.0,
            _ => 4.5,
        }
    }

    /// Whether it may stand in the row under the cursor, on that row's ground.
    pub(super) fn in_rows(self) -> bool {
        !matches!(self, Role::Border | Role::Chart | Role::Selected | Role::Title | Role::Heading)
    }
}
