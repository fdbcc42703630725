//! Documentation made from the program's own tables: checked in, and compared by `tests/pure/generated.rs`, which also
//! writes it anew (`UPDATE_GENERATED=1`).

mod fields;
mod metrics;

pub use fields::{Field, fields};

use std::fmt::Write as _;

use super::config::SETTINGS;
use super::exit::Exit;
use super::schema::Of;
use super::{Cli, examples};
use crate::ui::{Action, Keymap};

/// What is said above the keys.
pub const KEYS_ABOUT: &str = "Every action has a name, which keymap files, the command palette and this list use. The keys are those of the \
    default keymap. Actions marked \u{25b2} can move traffic: they open a dialog first, and need a second person.";
/// What is said above the fields of an estate file.
pub const ESTATE_ABOUT: &str = "The estate file says what to watch, which routing controls there are, and who may do what. It is TOML, and it \
    holds everything that the console needs in an incident. `signalbox check` reports every fault with its line, \
    `signalbox schema` prints a JSON Schema for editors, and `signalbox discover` writes a first file from an \
    account.";
/// What is said above the settings.
pub const CONFIG_ABOUT: &str = "The file is $XDG_CONFIG_HOME/signalbox/config.toml, else ~/.config/signalbox/config.toml. SIGNALBOX_CONFIG names \
    another file; if it is empty, no file is read. Each setting is the default of the flag with the same meaning: \
    the command line comes first, then the environment, then this file, then the built-in default. Unknown names and \
    values of the wrong kind are faults, each reported with its place. A console opens anyway: it uses what is right \
    in the file, and a banner names the first fault. Other commands report all of them and stop with exit code 2.";

/// The mark of a file that is made here.
const MADE: &str =
    "<!-- Made from the program's own tables: do not edit; UPDATE_GENERATED=1 cargo test --test pure generated -->";

/// What an action does, with the mark of what moves traffic.
#[must_use]
pub fn action_words(action: Action) -> String {
    if action.dangerous() { format!("\u{25b2} {}", action.words()) } else { action.words().to_owned() }
}

/// The fields of an estate file.
#[must_use]
pub fn estate_fields() -> Vec<Field> {
    fields(crate::estate::schema().as_value(), &["templates"])
}

/// Whole files, by their paths in the repository.
///
/// # Errors
/// When a schema cannot be written as JSON, which does not happen.
pub fn files() -> Result<Vec<(String, String)>, serde_json::Error> {
    let mut files = vec![
        ("docs/keys.md".to_owned(), keys_page()),
        ("docs/config.md".to_owned(), config_page()),
        ("docs/commands.md".to_owned(), commands_page()),
        ("docs/exit-codes.md".to_owned(), exit_page()),
        ("docs/metrics.md".to_owned(), metrics::page()),
        ("docs/status.md".to_owned(), json_page(Of::Status, "status", "signalbox status --json")),
        ("docs/report.md".to_owned(), json_page(Of::Report, "report", "signalbox report --format json")),
    ];
    for (name, of) in Of::ALL {
        files.push((format!("docs/schema/{name}.json"), serde_json::to_string_pretty(&of.schema())? + "\n"));
    }
    Ok(files)
}

/// The generated parts of hand-written files, by file and name: the text between `<!-- made: NAME -->` and `<!-- made:
/// end -->`.
#[must_use]
pub fn sections() -> Vec<(&'static str, &'static str, String)> {
    vec![("docs/estate-file.md", "fields", field_table(&estate_fields(), true))]
}

/// Text in a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// A key in a table's cell: between backticks, whatever it is.
fn key(key: &str) -> String {
    match key {
        "`" => "`` ` ``".into(),
        "|" => "`\\|`".into(),
        _ => format!("`{key}`"),
    }
}

fn keys_of(action: Action, keymap: &Keymap) -> String {
    keymap.keys(action).iter().map(|k| key(k)).collect::<Vec<_>>().join(" ")
}

fn keys_page() -> String {
    let keymap = Keymap::default();
    let mut out = format!(
        "{MADE}\n\n# Keys\n\n{KEYS_ABOUT}\n\n[Themes and keymaps](themes-and-keymaps.md) explains how to change them.\n"
    );
    let mut group = "";
    for action in Action::ALL {
        if action.group() != group {
            group = action.group();
            let _ = write!(out, "\n## {}\n\n| action | keys | what it does |\n|---|---|---|\n", capital(group));
        }
        let (name, keys) = (action.name(), keys_of(*action, &keymap));
        let _ = writeln!(out, "| `{name}` | {keys} | {} |", cell(&action_words(*action)));
    }
    out.push_str(MOUSE);
    out
}

/// What is no key: the mouse, links, and what comes faster than keys are pressed.
const MOUSE: &str = "
## The mouse

A click picks a row, a tab or a key's hint; a second click on the same row looks closer. The wheel scrolls what is
under it. Drag the frame above the timeline to resize the two panes. Drag over text to select it, within one pane; letting
go copies it to the clipboard. `M` leaves the mouse to the terminal, whose own selection works again.

## Links

The pair's runbook, and in the dialog of a thing its page in the AWS console, are links of the terminal (OSC 8). Open them
as your terminal opens its other links: most take ctrl-click, those on macOS command-click, some with shift as well while
the console has the mouse. Presenter mode shows no links.

## Keys that come at once

Keys that come faster than a hand presses them are pasted, or were typed ahead over a slow line. They may look around and
fill in a field. Everything else (opening a draft, marking, proposing, approving, the second key, an incident, leaving)
needs a key that is pressed by hand, with nothing around it; the console says so and keeps what was typed.

`^Z` suspends to the shell. Where there is none to go back to, as in `tmux new signalbox`, a dialog says so, and takes
every key until `esc`: an `fg` that is typed then does nothing.
";

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn field_table(fields: &[Field], mark_required: bool) -> String {
    let mut out = String::from("| field | what it may be | meaning |\n|---|---|---|\n");
    for f in fields {
        let default = f.default.as_ref().map(|d| format!(" Without it: `{d}`.")).unwrap_or_default();
        let path = if f.required && mark_required { format!("**`{}`**", f.path) } else { format!("`{}`", f.path) };
        let _ = writeln!(out, "| {path} | {} | {}{} |", cell(&f.kind), cell(&f.words), cell(&default));
    }
    out
}

fn json_page(of: Of, name: &str, command: &str) -> String {
    let schema = of.schema();
    format!(
        "{MADE}\n\n# `{command}`, version 1\n\nThe JSON Schema is [schema/{name}.json](schema/{name}.json), printed by \
         `signalbox schema --of {name}`. Within a version, no field disappears or changes its meaning; fields may be \
         added. Every field is always present unless its table says otherwise. An unknown value is null, never \
         zero.\n\n{}",
        field_table(&fields(schema.as_value(), &[]), false)
    )
}

fn config_page() -> String {
    let mut out = format!(
        "{MADE}\n\n# Settings\n\n{CONFIG_ABOUT}\n\n`signalbox config path` prints the file's name, `signalbox config \
         init` writes one with every setting in it, and `signalbox config show` prints the settings in force and \
         where each comes from.\n\n\
         | setting | what it is | environment | without it | example |\n|---|---|---|---|---|\n"
    );
    for s in SETTINGS {
        let env = s.env.map(|e| format!("`{e}`")).unwrap_or_default();
        let _ = writeln!(
            out,
            "| `{0}` | {1} | {env} | {2} | `{0} = {3}` |",
            s.name,
            cell(s.words),
            cell(s.default),
            s.example
        );
    }
    out
}

fn exit_table() -> String {
    let mut out = String::from("| exit code | meaning |\n|---|---|\n");
    for exit in Exit::ALL {
        let _ = writeln!(out, "| {} | {} |", exit.code(), cell(exit.words()));
    }
    out
}

fn exit_page() -> String {
    format!(
        "{MADE}\n\n# Exit codes\n\nExit codes are the same for every command. A script can tell *nothing was \
         changed* (3, 4, 6, 7, 9) from *it may have happened* (5) and *some of it has* (11).\n\n{}\nSignals (INT, TERM, HUP, QUIT): a command \
         that acts ends with 3 if nothing has begun. Once a change is being sent, it waits for the outcome (about a \
         minute at most, for each call of a change that takes several; two for a launch), records and prints it, and ends with its code. While a command still asks for a passphrase or a region's \
         name, a signal kills it as usual (128 and its number): nothing was changed.\n",
        exit_table()
    )
}

fn commands_table() -> String {
    let mut out = String::from("| command | what it does |\n|---|---|\n");
    for sub in Cli::command().get_subcommands() {
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(out, "| `signalbox {}` | {} |", sub.get_name(), cell(about.trim_end_matches('.')));
    }
    out
}

fn commands_page() -> String {
    let mut out = format!(
        "{MADE}\n\n# Commands\n\n{}\n`signalbox COMMAND --help` lists a command's flags, and `signalbox man DIR` \
         writes the man pages. See also [exit codes](exit-codes.md).\n",
        commands_table()
    );
    for sub in Cli::command().get_subcommands() {
        let name = sub.get_name();
        let nested = sub.get_subcommands().map(|s| format!("{name} {}", s.get_name()));
        let lines: Vec<_> = if sub.has_subcommands() { nested.collect() } else { vec![name.to_owned()] };
        let _ = write!(out, "\n## {name}\n\n```text\n");
        for (command, words) in lines.iter().flat_map(|path| examples::of(path)) {
            let _ = writeln!(out, "# {words}\n{command}");
        }
        out.push_str("```\n");
    }
    out
}
