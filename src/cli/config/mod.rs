//! The user's settings: `config.toml` in the config folder.
//!
//! A file with faults never stops a console: its valid settings are used, built-in defaults replace the rest, and a
//! banner says so. Commands without a screen report the faults and stop, because nobody would see a banner.

mod command;
mod file;
mod settings;

pub use command::{ConfigArgs, run};
pub use settings::{Kind, SETTINGS, Setting};

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command};

use super::common::{config_folder, env_path};
use crate::fault::{self, Fault, Lines};
use crate::files;
use crate::ui::{Keymap, Theme};

/// The file's name in the config folder.
pub const FILE: &str = "config.toml";
/// Names another file; empty, none.
pub const ENV: &str = "SIGNALBOX_CONFIG";
/// No settings are longer, in bytes.
const LONGEST: u64 = 64 * 1024;

/// A setting that stands in the file.
#[derive(Clone, Debug)]
pub struct Given {
    /// Which.
    pub setting: &'static Setting,
    /// Its value as the flag takes it: paths are whole.
    pub value: String,
    /// The line that it stands in.
    pub line: usize,
}

/// Where relative values of a file are looked for.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The folder of the file.
    pub folder: PathBuf,
    /// The user's home folder.
    pub home: Option<PathBuf>,
}

impl Places {
    /// A path as it is meant.
    fn path(&self, text: &str) -> String {
        let path = match (text.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.folder.join(text),
        };
        path.display().to_string()
    }

    /// The names of what is shipped, and of the files in a folder next to the settings.
    fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = match folder {
            "themes" => Theme::names().map(str::to_owned).collect(),
            _ => Keymap::names().map(str::to_owned).collect(),
        };
        let own = std::fs::read_dir(self.folder.join(folder)).into_iter().flatten().flatten();
        let stem = |path: PathBuf| Some(path.file_name()?.to_str()?.strip_suffix(".toml")?.to_owned());
        names.extend(own.filter_map(|entry| stem(entry.path())).take(200));
        names
    }
}

/// The settings that a file gives, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file, whether it is there or not; none where there is no place for one.
    pub file: Option<PathBuf>,
    /// Whether it is there.
    pub exists: bool,
    /// What it says, as far as that is right.
    pub given: Vec<Given>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

impl Config {
    /// Reads the file of this user's environment.
    #[must_use]
    pub fn of_environment() -> Self {
        let named = std::env::var_os(ENV).map(PathBuf::from);
        let must_exist = named.is_some();
        let file = match named {
            Some(none) if none.as_os_str().is_empty() => None,
            Some(file) => Some(file),
            None => config_folder().map(|folder| folder.join(FILE)),
        };
        file.map_or_else(Self::default, |file| Self::of_file(&file, must_exist, env_path("HOME")))
    }

    /// Reads a file; that it is not there is a fault where it must be.
    #[must_use]
    pub fn of_file(file: &Path, must_exist: bool, home: Option<PathBuf>) -> Self {
        let mut config = Self { file: Some(file.to_owned()), ..Self::default() };
        let shown = file.display().to_string();
        let bytes = match files::read_bounded(file, LONGEST) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !must_exist => return config,
            Err(e) => {
                config.faults = vec![Fault::at(&shown, &Lines::of(""), 0, &format!("failed to read it: {e}"))];
                return config;
            }
        };
        config.exists = true;
        let text = match fault::text(bytes, &shown) {
            Ok(text) => text,
            Err(faults) => return Self { faults: faults.0, ..config },
        };
        let places = Places { folder: file.parent().unwrap_or(Path::new("")).to_owned(), home };
        (config.given, config.faults) = file::read(&text, &shown, &places);
        config
    }

    /// What the file says of a setting.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|g| g.setting.name == name)
    }

    /// Makes the settings the defaults of their flags, in every command that has them. A theme that was chosen in the
    /// console takes precedence over the one in the settings: the console sees to that.
    #[must_use]
    pub fn defaults_in(&self, command: Command) -> Command {
        let own = command.get_arguments().any(|a| a.get_id() == "estate" && has_env(a, "SIGNALBOX_ESTATE"));
        let all_pairs = command.get_name() == "status";
        let mut command = command;
        for given in &self.given {
            let setting = given.setting;
            let Some(arg) = command.get_arguments().find(|a| a.get_id() == setting.flag) else { continue };
            if (setting.own_estate && !own) || (setting.name == "pair" && all_pairs) || setting.name == "theme" {
                continue;
            }
            let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
            let value = match (setting.opposite, given.value.as_str()) {
                (true, "true") => "false".to_owned(),
                (true, _) => "true".to_owned(),
                (false, value) => value.to_owned(),
            };
            // A switch that is off is what it is without a default.
            if is_switch && value == "false" {
                continue;
            }
            command = command.mut_arg(setting.flag, |a| a.default_value(value).required(false));
        }
        command.mut_subcommands(|sub| self.defaults_in(sub))
    }

    /// What a screen says of a file with faults: the first one, and how to see them all.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let first = self.faults.first()?;
        let more = match self.faults.len() {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        Some(format!("settings: {first}{more}; what is built in holds instead: `signalbox config show`"))
    }
}

fn has_env(arg: &Arg, name: &str) -> bool {
    arg.get_env().is_some_and(|env| env == name)
}
