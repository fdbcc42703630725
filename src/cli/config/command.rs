//! `signalbox config`: where the settings are, what holds and why, and a file to begin with.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Config, ENV, FILE, Kind, SETTINGS, Setting};
use crate::cli::common::usual_state;
use crate::cli::exit::Exit;
use crate::cli::io::{Io, json_for_terminals};
use crate::hygiene::visible;
use crate::runtime::layout;

/// Show your settings, or start a settings file.
#[derive(Args, Clone, Debug)]
pub struct ConfigArgs {
    /// What to do
    #[command(subcommand)]
    pub what: ConfigCommand,
}

/// What to do with the settings.
#[derive(Subcommand, Clone, Debug)]
pub enum ConfigCommand {
    /// Print the file's name
    Path,
    /// Print the settings in force, and where each comes from
    Show {
        /// JSON, version 1
        #[arg(long)]
        json: bool,
    },
    /// Write a file with every setting in it, commented out; an existing file is left as it is
    Init,
}

/// Runs `signalbox config`.
pub fn run(args: &ConfigArgs, config: &Config, io: &mut Io<'_>) -> Exit {
    match (&args.what, &config.file) {
        (ConfigCommand::Show { json }, _) => show(config, *json, io),
        (_, None) => {
            drop(writeln!(io.err, "signalbox: {}", no_file()));
            Exit::Failed
        }
        (ConfigCommand::Path, Some(file)) => {
            drop(writeln!(io.out, "{}", visible(&file.display().to_string())));
            Exit::Ok
        }
        (ConfigCommand::Init, Some(file)) => init(file, io),
    }
}

/// Why there is no file of settings.
fn no_file() -> String {
    match std::env::var_os(ENV) {
        Some(_) => format!("{ENV} is empty, so there is no file of settings: take it away, or name a file by it"),
        None => format!("there is no place for a file of settings: set HOME or XDG_CONFIG_HOME, or name one by {ENV}"),
    }
}

/// A value that holds, and where it comes from.
fn holds(config: &Config, setting: &Setting) -> (String, String) {
    let env = setting.env.and_then(|name| Some((name, std::env::var(name).ok().filter(|v| !v.is_empty())?)));
    if let Some((name, value)) = env {
        return (value, format!("environment, {name}"));
    }
    let chosen = || {
        let state = usual_state(config).filter(|_| setting.name == "theme")?;
        Some((layout::remembered_theme(&state)?, format!("chosen in the console, {}", layout::file(&state).display())))
    };
    if let Some(chosen) = chosen() {
        return chosen;
    }
    match config.get(setting.name) {
        Some(given) => (given.value.clone(), format!("{FILE}:{}", given.line)),
        None => (setting.default.to_owned(), "built in".to_owned()),
    }
}

fn show(config: &Config, json: bool, io: &mut Io<'_>) -> Exit {
    let rows: Vec<_> = SETTINGS.iter().map(|s| (s.name, holds(config, s))).collect();
    let file = config.file.as_deref().map(|f| f.display().to_string()).unwrap_or_default();
    if json {
        let settings: Vec<_> =
            rows.iter().map(|(name, (value, from))| json!({ "name": name, "value": value, "from": from })).collect();
        let faults: Vec<_> = config.faults.iter().map(ToString::to_string).collect();
        let all = json!({
            "version": 1, "file": file, "exists": config.exists, "settings": settings, "faults": faults
        });
        drop(writeln!(io.out, "{}", json_for_terminals(&format!("{all:#}"))));
    } else {
        let head = match (&config.file, config.exists) {
            (None, _) => no_file(),
            (Some(_), true) => file,
            (Some(_), false) => format!("{file}  (not there; `signalbox config init` writes one)"),
        };
        drop(writeln!(io.out, "{}\n", visible(&head)));
        for (name, (value, from)) in &rows {
            drop(writeln!(io.out, "{name:<10} {:<44} {}", visible(value), visible(from)));
        }
        drop(writeln!(io.out, "\nThe command line overrides all of this."));
    }
    for fault in &config.faults {
        drop(writeln!(io.err, "{}", visible(&fault.to_string())));
    }
    if config.faults.is_empty() { Exit::Ok } else { Exit::Usage }
}

/// The file that `config init` writes.
#[must_use]
pub fn template() -> String {
    let mut out = String::from(
        "# Settings of Signalbox. Remove the # to change one; the values are examples.\n\
         # The command line comes first, then the environment, then this file, then the built-in default.\n\
         # `signalbox config show` prints the settings in force, and every fault in this file.\n",
    );
    for s in SETTINGS {
        let relative = if s.kind == Kind::Path { " Relative to this folder; ~/ is your home." } else { "" };
        let env = s.env.map(|e| format!(" Environment: {e}.")).unwrap_or_default();
        let _ =
            write!(out, "\n# {}{relative}{env}\n# Without it: {}.\n# {} = {}\n", s.words, s.default, s.name, s.example);
    }
    out
}

fn init(file: &Path, io: &mut Io<'_>) -> Exit {
    let shown = file.display().to_string();
    let shown = visible(&shown);
    let written = file
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| OpenOptions::new().write(true).create_new(true).open(file))
        .and_then(|mut f| std::io::Write::write_all(&mut f, template().as_bytes()));
    match written {
        Ok(()) => {
            drop(writeln!(io.out, "written to {shown}"));
            Exit::Ok
        }
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            drop(writeln!(io.err, "signalbox: {shown} is there already; it was left as it is"));
            Exit::Failed
        }
        Err(e) => {
            drop(writeln!(io.err, "signalbox: failed to write {shown}: {e}"));
            Exit::Failed
        }
    }
}
