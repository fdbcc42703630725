//! The `signalbox` program: parses, runs, says what went wrong, and leaves with a code that tells.
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

/// Says why a command gave up: its own lines stand under the program's name.
fn tell(error: &color_eyre::Report) -> Exit {
    for (i, line) in format!("{error:#}").lines().enumerate() {
        let begins = if i == 0 { "signalbox: " } else { "  " };
        print::complaint(format_args!("{begins}{}", visible(line)));
    }
    Exit::of(error)
}

/// Panics give the terminal back before they are told. They are told without colours: a report with colours in it
/// could not go through the door.
fn install_hooks() -> color_eyre::Result<()> {
    let (panics, errors) = color_eyre::config::HookBuilder::blank().into_hooks();
    errors.install()?;
    std::panic::set_hook(Box::new(move |panic| {
        signalbox::runtime::terminal::restore();
        print::complaint(format_args!("{}", panics.panic_report(panic)));
    }));
    Ok(())
}
