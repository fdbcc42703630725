//! `signalbox completions`: what a shell needs to complete this program's commands and flags.

use clap::Args;
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
    drop(io.out.write_all(&text));
    Exit::Ok
}
