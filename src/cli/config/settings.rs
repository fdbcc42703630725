//! The one table of settings: what `config.toml` may hold, which flag each entry is the default of, and what it means.
//!
//! A setting is the default of the flag with the same meaning, in every command that has that flag. So the command line
//! comes first, then the environment, then the file, then the built-in default, and no command needs to know about the
//! file. A new flag that wants a setting needs one line here and nothing else.

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file or folder: taken from the settings' own folder where it is relative; `~/` is the home folder.
    Path,
    /// A name.
    Name,
    /// The name of something shipped, the name of a file in this folder next to the settings, or a path.
    Shelved(&'static str),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// true or false.
    Flag,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name in the file.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// The flag whose default it is, by its name within this program.
    pub flag: &'static str,
    /// Whether the flag says the opposite: `mouse` and `--no-mouse`.
    pub opposite: bool,
    /// Whether only commands on the user's own estate take it: the demo has an estate of its own.
    pub own_estate: bool,
    /// The environment variable that comes before it.
    pub env: Option<&'static str>,
    /// What holds without it, in words.
    pub default: &'static str,
    /// A value, as an example.
    pub example: &'static str,
    /// What it is, in words.
    pub words: &'static str,
}

/// The words of `--color`.
pub(super) const COLOURS: &[&str] = &["auto", "never", "16", "256", "always"];

/// All settings, in the order of `config show`.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "estate",
        kind: Kind::Path,
        flag: "estate",
        opposite: false,
        own_estate: true,
        env: Some("SIGNALBOX_ESTATE"),
        default: "nothing: give --estate",
        example: "\"estate.toml\"",
        words: "The estate file.",
    },
    Setting {
        name: "state",
        kind: Kind::Path,
        flag: "state",
        opposite: false,
        own_estate: true,
        env: Some("SIGNALBOX_STATE"),
        default: "$XDG_STATE_HOME/signalbox/ESTATE",
        example: "\"~/incidents\"",
        words: "The folder of the journal and of the incident folder.",
    },
    Setting {
        name: "as",
        kind: Kind::Name,
        flag: "who",
        opposite: false,
        own_estate: true,
        env: None,
        default: "the person whose key is here",
        example: "\"alice\"",
        words: "Who you are, among the people whose keys you have.",
    },
    Setting {
        name: "key",
        kind: Kind::Path,
        flag: "key",
        opposite: false,
        own_estate: true,
        env: Some("SIGNALBOX_KEY"),
        default: "the ssh-agent's keys",
        example: "\"~/.ssh/id_ed25519\"",
        words: "The private key that signs for you, or the .pub of a key in the ssh-agent.",
    },
    Setting {
        name: "pair",
        kind: Kind::Name,
        flag: "pair",
        opposite: false,
        own_estate: true,
        env: None,
        default: "the first of the estate",
        example: "\"east\"",
        words: "The region pair that the console opens on, and that commands act on. `status` shows all.",
    },
    Setting {
        name: "theme",
        kind: Kind::Shelved("themes"),
        flag: "theme",
        opposite: false,
        own_estate: false,
        env: Some("SIGNALBOX_THEME"),
        default: "light or dark, to match the terminal",
        example: "\"high-contrast\"",
        words: "The theme: a shipped one, one from the folder themes beside this file, or a file. One chosen in the console comes first.",
    },
    Setting {
        name: "color",
        kind: Kind::OneOf(COLOURS),
        flag: "color",
        opposite: false,
        own_estate: false,
        env: None,
        default: "auto: NO_COLOR, COLORTERM and TERM decide",
        example: "\"256\"",
        words: "How many colours: auto, never, 16, 256 or always.",
    },
    Setting {
        name: "keys",
        kind: Kind::Shelved("keymaps"),
        flag: "keys",
        opposite: false,
        own_estate: false,
        env: Some("SIGNALBOX_KEYS"),
        default: "default",
        example: "\"vim\"",
        words: "The keymap: a shipped one, one from the folder keymaps beside this file, or a file.",
    },
    Setting {
        name: "mouse",
        kind: Kind::Flag,
        flag: "no_mouse",
        opposite: true,
        own_estate: false,
        env: None,
        default: "true",
        example: "false",
        words: "Whether the console takes the mouse; a key turns it on or off.",
    },
    Setting {
        name: "presenter",
        kind: Kind::Flag,
        flag: "presenter",
        opposite: false,
        own_estate: false,
        env: None,
        default: "false",
        example: "true",
        words: "Whether the console starts in presenter mode; a key turns it on or off.",
    },
    Setting {
        name: "plain",
        kind: Kind::Flag,
        flag: "plain",
        opposite: false,
        own_estate: false,
        env: None,
        default: "false",
        example: "true",
        words: "Whether the console prints lines instead of a screen, for screen readers.",
    },
];

/// The setting of a name.
#[must_use]
pub fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|s| s.name == name)
}
