//! `signalbox completions`: what a shell needs to complete this program's commands and flags.

use std::collections::BTreeSet;

use clap::{Args, Command, ValueHint};
use clap_complete::Shell;

use super::Cli;
use super::exit::Exit;
use super::io::Io;

/// Print a shell's completions
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// Runs `signalbox completions`.
pub fn run(args: &CompletionsArgs, io: &mut Io<'_>) -> Exit {
    // clap's generator panics where its output breaks off: it writes into memory, and we to the pipe.
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "signalbox", &mut text);
    if args.shell == Shell::Bash {
        text = with_files(&String::from_utf8_lossy(&text), &Cli::command()).into_bytes();
    }
    drop(io.out.write_all(&text));
    Exit::Ok
}

/// The bash script. For a command that takes a file, it offers files instead of flags until a flag is begun: if the
/// script offers nothing, bash completes file names.
fn with_files(script: &str, command: &Command) -> String {
    const OFFER: &str = "COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )";
    let mut paths = BTreeSet::new();
    take_files(command, "signalbox", &mut paths);
    let (mut in_arm, mut begun) = (false, false);
    let lines = script.lines().map(|line| {
        let word = line.trim();
        if let Some(arm) = word.strip_suffix(')').filter(|arm| arm.starts_with("signalbox__")) {
            in_arm = paths.contains(&arm.replace("__subcmd__", " ").replace("__", " "));
            begun = false;
        }
        match word {
            _ if !in_arm => line.to_owned(),
            _ if word.starts_with("if [[ ${cur} == -* || ${COMP_CWORD} -eq ") => {
                let indent = line.len() - line.trim_start().len();
                format!("{}if [[ ${{cur}} == -* ]] ; then", " ".repeat(indent))
            }
            OFFER if begun => line.replace(OFFER, "COMPREPLY=()"),
            OFFER => {
                begun = true;
                line.to_owned()
            }
            _ => line.to_owned(),
        }
    });
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// The commands that take a file, by their words.
fn take_files(command: &Command, path: &str, paths: &mut BTreeSet<String>) {
    let takes = |hint| matches!(hint, ValueHint::AnyPath | ValueHint::FilePath);
    if command.get_positionals().any(|arg| takes(arg.get_value_hint())) {
        paths.insert(path.replace('-', " "));
    }
    for sub in command.get_subcommands() {
        take_files(sub, &format!("{path} {}", sub.get_name()), paths);
    }
}
