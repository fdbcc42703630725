//! `signalbox schema`: JSON Schemas of what people write and of what scripts read.

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::io::Io;

/// Print a JSON Schema
#[derive(Args, Clone, Debug)]
pub struct SchemaArgs {
    /// What the schema is of
    #[arg(long, value_enum, default_value_t = Of::Estate)]
    pub of: Of,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Of {
    /// The estate file
    Estate,
    /// What `status --json` prints
    Status,
    /// What `report --format json` prints
    Report,
}

impl Of {
    /// All of them, with their names.
    pub const ALL: [(&str, Of); 3] = [("estate", Of::Estate), ("status", Of::Status), ("report", Of::Report)];

    /// The schema (draft 2020-12).
    #[must_use]
    pub fn schema(self) -> schemars::Schema {
        match self {
            Of::Estate => crate::estate::schema(),
            Of::Status => super::status_json::schema(),
            Of::Report => crate::report::schema(),
        }
    }
}

/// Prints the schema.
pub fn run(args: &SchemaArgs, io: &mut Io<'_>) -> Exit {
    match serde_json::to_string_pretty(&args.of.schema()) {
        Ok(text) => {
            drop(writeln!(io.out, "{text}"));
            Exit::Ok
        }
        Err(e) => {
            drop(writeln!(io.err, "signalbox: failed to write the schema as JSON: {e}"));
            Exit::Failed
        }
    }
}
