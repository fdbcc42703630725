//! `signalbox man`: one page for each command, and pages for what people write: keys, estate files, settings.
//!
//! All of it comes from tables: clap's own, the examples, the actions, the schemas, the settings, the exit codes.

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

use super::docs::{self, Field};
use super::exit::Exit;
use super::io::Io;
use super::{Cli, config, examples};
use crate::hygiene::visible;
use crate::ui::{Action, Keymap};

/// Print or write the man pages
///
/// Without a folder, prints the first page. With one, writes all of them into its folders man1 and man5.
#[derive(Args, Clone, Debug)]
pub struct ManArgs {
    /// The folder for man1 and man5, such as ~/.local/share/man
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// A page: its name, its section, its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its name: `signalbox-status`.
    pub name: String,
    /// 1 for commands, 5 for files.
    pub section: u8,
    /// Its text, as roff.
    pub text: String,
}

/// Runs `signalbox man`.
pub fn run(args: &ManArgs, io: &mut Io<'_>) -> Exit {
    let done = pages().map_err(|e| format!("failed to make the pages: {e}")).and_then(|pages| match &args.dir {
        Some(dir) => write(&pages, dir, io),
        None => {
            drop(write!(io.out, "{}", pages.first().map_or("", |p| p.text.as_str())));
            Ok(())
        }
    });
    match done {
        Ok(()) => Exit::Ok,
        Err(why) => {
            drop(writeln!(io.err, "signalbox: {}", visible(&why)));
            Exit::Failed
        }
    }
}

fn write(pages: &[Page], dir: &Path, io: &mut Io<'_>) -> Result<(), String> {
    for page in pages {
        let folder = dir.join(format!("man{}", page.section));
        let file = folder.join(format!("{}.{}", page.name, page.section));
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&file, &page.text))
            .map_err(|e| format!("failed to write {}: {e}", file.display()))?;
    }
    let shown = dir.display().to_string();
    drop(writeln!(io.out, "{} pages written to {}; `man signalbox` begins", pages.len(), visible(&shown)));
    Ok(())
}

/// All pages, that of the program first.
///
/// # Errors
/// When a page cannot be written into memory, which does not happen.
pub fn pages() -> std::io::Result<Vec<Page>> {
    let mut whole = Cli::command().disable_help_subcommand(true);
    whole.build();
    let mut pages = Vec::new();
    commands(&whole, "", &mut pages)?;
    pages.extend([keys(), estate(), settings()]);
    Ok(pages)
}

fn commands(command: &Command, path: &str, pages: &mut Vec<Page>) -> std::io::Result<()> {
    pages.push(page(command, path)?);
    for sub in command.get_subcommands().filter(|s| !s.is_hide_set()) {
        let path = format!("{path} {}", sub.get_name());
        commands(sub, path.trim_start(), pages)?;
    }
    Ok(())
}

/// A command's page.
fn page(command: &Command, path: &str) -> std::io::Result<Page> {
    let name = ["signalbox", path].join(" ").trim().replace(' ', "-");
    let man = Man::new(command.clone()).title(&name).source(source()).manual(MANUAL);
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    if command.get_arguments().any(|a| !a.is_hide_set()) {
        man.render_options_section(&mut text)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut more = Roff::new();
    let examples = examples::of(path);
    if !examples.is_empty() {
        more.control("SH", ["EXAMPLES"]);
        for (command, words) in examples {
            more.control("TP", []).text([bold(*command)]).text([roman(*words)]);
        }
    }
    if path.is_empty() {
        more.control("SH", ["EXIT STATUS"]);
        for exit in Exit::ALL {
            more.control("TP", []).text([bold(exit.code().to_string())]).text([roman(exit.words())]);
        }
    }
    more.control("SH", ["SEE ALSO"]);
    let mut others = vec!["signalbox(1)", "signalbox-keys(5)", "signalbox-estate(5)", "signalbox-config(5)"];
    others.retain(|other| *other != format!("{name}(1)"));
    more.text([roman(others.join(", "))]);
    // Its preamble is at the top already.
    text.extend(
        more.render().lines().skip_while(|l| !l.starts_with(".SH")).flat_map(|l| [l, "\n"]).collect::<String>().bytes(),
    );
    Ok(Page { name, section: 1, text: String::from_utf8_lossy(&text).into_owned() })
}

/// What stands at the foot of each page.
const MANUAL: &str = "Signalbox";

fn source() -> String {
    format!("signalbox {}", env!("CARGO_PKG_VERSION"))
}

/// A page about a file, up to its first section.
fn about(name: &str, words: &str) -> Roff {
    let mut roff = Roff::new();
    let source = source();
    roff.control("TH", [name.to_uppercase().as_str(), "5", "", source.as_str(), MANUAL]);
    roff.control("SH", ["NAME"]).text([roman(format!("{name} - {words}"))]);
    roff
}

fn keys() -> Page {
    let name = "signalbox-keys";
    let mut roff = about(name, "keys of the console");
    let keymap = Keymap::default();
    roff.control("SH", ["DESCRIPTION"]);
    roff.text([roman(docs::KEYS_ABOUT)]);
    let mut group = "";
    for action in Action::ALL {
        if action.group() != group {
            group = action.group();
            roff.control("SH", [group.to_uppercase().as_str()]);
        }
        roff.control("TP", []);
        roff.text([bold(action.name()), roman("  "), italic(keymap.keys(*action).join("  "))]);
        roff.text([roman(docs::action_words(*action))]);
    }
    roff.control("SH", ["SEE ALSO"]).text([roman("signalbox(1), signalbox-config(5)")]);
    Page { name: name.into(), section: 5, text: roff.render() }
}

fn estate() -> Page {
    let name = "signalbox-estate";
    let mut roff = about(name, "the estate file");
    roff.control("SH", ["DESCRIPTION"]).text([roman(docs::ESTATE_ABOUT)]);
    roff.control("SH", ["FIELDS"]);
    for field in docs::estate_fields() {
        let must = if field.required { ", required" } else { "" };
        roff.control("TP", []);
        roff.text([bold(field.path.as_str()), roman(format!("  ({}{must})", field.kind))]);
        roff.text([roman(with_default(&field))]);
    }
    roff.control("SH", ["SEE ALSO"]).text([roman("signalbox-check(1), signalbox-discover(1), signalbox-doctor(1)")]);
    Page { name: name.into(), section: 5, text: roff.render() }
}

fn with_default(field: &Field) -> String {
    match &field.default {
        Some(default) => format!("{} Without it: {default}.", field.words),
        None => field.words.clone(),
    }
}

fn settings() -> Page {
    let name = "signalbox-config";
    let mut roff = about(name, "the user's settings, config.toml");
    roff.control("SH", ["DESCRIPTION"]).text([roman(docs::CONFIG_ABOUT)]);
    roff.control("SH", ["SETTINGS"]);
    for s in config::SETTINGS {
        roff.control("TP", []).text([bold(s.name), roman(format!(" = {}", s.example))]);
        let env = s.env.map(|e| format!(" Environment: {e}.")).unwrap_or_default();
        roff.text([roman(format!("{} Without it: {}.{env}", s.words, s.default))]);
    }
    roff.control("SH", ["SEE ALSO"]).text([roman("signalbox-config(1), signalbox-keys(5)")]);
    Page { name: name.into(), section: 5, text: roff.render() }
}
