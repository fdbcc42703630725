//! The `signalbox` program: parses, runs, says what went wrong, and leaves with a code that tells.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(error) = install_hooks() {
        eprintln!("signalbox: {error}");
        return ExitCode::FAILURE;
    }
    let cli = match signalbox::cli::Cli::of_process() {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match cli.run() {
        Ok(exit) => exit.into(),
        Err(error) => {
            let text = format!("{error:#}");
            for (i, line) in text.lines().enumerate() {
                let line = signalbox::hygiene::visible(line);
                eprintln!("{}{line}", if i == 0 { "signalbox: " } else { "  " });
            }
            signalbox::cli::Exit::of(&error).into()
        }
    }
}

/// Panics give the terminal back before they are told.
fn install_hooks() -> color_eyre::Result<()> {
    color_eyre::install()?;
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        signalbox::runtime::terminal::restore();
        tell(panic);
    }));
    Ok(())
}
