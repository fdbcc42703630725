//! The `signalbox` program: parses, runs, reports what went wrong, and exits with a code that says so.
#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use signalbox::cli::{self, Cli, Exit};
use signalbox::hygiene::{print, visible};

fn main() -> ExitCode {
    let exit = match install_hooks().map(|()| Cli::of_process()) {
        Ok(Ok(cli)) => cli.run().unwrap_or_else(|error| tell(&error)),
        Ok(Err(asked)) => cli::usage::tell(asked),
        Err(error) => tell(&error),
    };
    cli::io::finish(exit).into()
}

/// Says why a command gave up: its own lines are indented under the program's name.
fn tell(error: &color_eyre::Report) -> Exit {
    for (i, line) in format!("{error:#}").lines().enumerate() {
        let begins = if i == 0 { "signalbox: " } else { "  " };
        print::complaint(format_args!("{begins}{}", visible(line)));
    }
    Exit::of(error)
}

/// The report of a panic has no colours, because colours could not pass the print filter.
fn install_hooks() -> color_eyre::Result<()> {
    let (panics, errors) = color_eyre::config::HookBuilder::blank().into_hooks();
    errors.install()?;
    signalbox::runtime::watch_panics(
        move |panic| panics.panic_report(panic).to_string(),
        |report| print::complaint(format_args!("{report}")),
    );
    Ok(())
}
