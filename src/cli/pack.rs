//! `signalbox pack`: the page for the day on which no console starts.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::io::Io;
use crate::estate::Estate;
use crate::files;
use crate::hygiene::visible;
use crate::pack::{Page, html, markdown};

/// Write the page for the day on which no console starts.
///
/// People, the cluster's endpoints, and the AWS CLI's own lines that move each pair and undo it. Print it or keep it
/// offline, and make it again whenever the estate file changes. Nothing is asked of AWS.
#[derive(Args, Clone, Debug)]
pub struct PackArgs {
    /// The estate file
    #[arg(long, value_name = "FILE", env = "SIGNALBOX_ESTATE")]
    estate: PathBuf,
    /// The format
    #[arg(long, value_enum, default_value_t = Format::Md)]
    format: Format,
    /// A runbook to add, word by word: a text file
    #[arg(long, value_name = "FILE")]
    runbook: Option<PathBuf>,
    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How the page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Markdown
    Md,
    /// One page of HTML that needs nothing else
    Html,
}

/// Runs `signalbox pack`: 0 when the page is written, 2 when the estate file has faults, 1 when a file cannot be read or
/// written.
pub fn run(args: &PackArgs, io: &mut Io<'_>) -> Exit {
    match page(args, io) {
        Err((exit, why)) => {
            why.lines().for_each(|line| drop(writeln!(io.err, "signalbox: {}", visible(line))));
            exit
        }
        Ok(page) => {
            let text = match args.format {
                Format::Md => markdown(&page),
                Format::Html => html(&page),
            };
            let Some(file) = &args.output else {
                drop(write!(io.out, "{text}"));
                return Exit::Ok;
            };
            let name = file.display().to_string();
            // Written beside it first: half a page is worth less than the one before.
            let beside = file.with_extension("new");
            let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, file));
            if let Err(e) = written.inspect_err(|_| drop(std::fs::remove_file(&beside))) {
                drop(writeln!(io.err, "signalbox: failed to write {}: {e}", visible(&name)));
                return Exit::Failed;
            }
            drop(writeln!(io.out, "written to {}", visible(&name)));
            Exit::Ok
        }
    }
}

fn page(args: &PackArgs, io: &Io<'_>) -> Result<Page, (Exit, String)> {
    let read = |file: &Path, what: &str| {
        let name = file.display().to_string();
        let text = files::read_text(file, files::ESTATE);
        text.map(|text| (text, name.clone()))
            .map_err(|e| (Exit::Failed, format!("failed to read the {what} {name}: {e}")))
    };
    let (text, name) = read(&args.estate, "estate file")?;
    let estate = Estate::parse(&text, &name).map_err(|faults| (Exit::Usage, faults.to_string()))?;
    let runbook = args.runbook.as_deref().map(|file| read(file, "runbook")).transpose()?;
    Ok(Page::of(&estate, (io.now)(), runbook.as_ref().map(|(text, _)| text.as_str())))
}
