//! `signalbox schema`: the estate file's JSON Schema, for editors.

use super::exit::Exit;
use super::io::Io;

/// Prints the schema.
pub fn run(io: &mut Io<'_>) -> Exit {
    match serde_json::to_string_pretty(&crate::estate::schema()).map(|text| writeln!(io.out, "{text}")) {
        Ok(Ok(())) => Exit::Ok,
        Ok(Err(e)) => {
            drop(writeln!(io.err, "signalbox: failed to print the schema: {e}"));
            Exit::Failed
        }
        Err(e) => {
            drop(writeln!(io.err, "signalbox: failed to write the schema as JSON: {e}"));
            Exit::Failed
        }
    }
}
