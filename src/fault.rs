//! What is wrong with a file that a person wrote: where, what, and the nearest that would be right.

use std::fmt::{self, Display};

/// One thing wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file's name as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Fault {
    /// A fault at a byte offset of a file's text. What no screen shows is spelt out in its message.
    pub(crate) fn at(file: &str, text: &str, offset: usize, message: &str) -> Self {
        let (line, column) = position(text, offset);
        Self { file: file.to_owned(), line, column, message: crate::hygiene::visible(message).into_owned() }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", crate::hygiene::visible(&self.file), self.line, self.column, self.message)
    }
}

/// Everything wrong with a file, in the file's order; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// The faults in the file's order, each once.
    pub(crate) fn sorted(mut faults: Vec<Fault>) -> Self {
        faults.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
        faults.dedup();
        Self(faults)
    }
}

/// The text of a file. Anything that is not UTF-8 is reported with its place.
pub(crate) fn text(bytes: Vec<u8>, file: &str) -> Result<String, Faults> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let (before, rest) = error.as_bytes().split_at(at);
        let (before, byte) =
            (std::str::from_utf8(before).unwrap_or_default(), rest.first().copied().unwrap_or_default());
        let message =
            format!("the byte 0x{byte:02X} here, {at} bytes from the start, is no UTF-8: save the file as UTF-8");
        Faults(vec![Fault::at(file, before, at, &message)])
    })
}

/// A message of a library as one line.
pub(crate) fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("; ")
}

/// `; did you mean …?` with the nearest of `names`, if one is near; else all of them, if they are few.
pub(crate) fn nearest(found: &str, names: &[&str]) -> String {
    let near = names
        .iter()
        .map(|n| (strsim::damerau_levenshtein(found, n), n))
        .filter(|(d, n)| *d <= n.len().max(found.len()) / 2)
        .min();
    match near {
        Some((_, n)) => format!("; did you mean `{n}`?"),
        None if (1..=24).contains(&names.len()) => {
            let all: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
            format!("; there {} {}", if names.len() == 1 { "is" } else { "are" }, all.join(", "))
        }
        None => String::new(),
    }
}

/// Line and column, both from 1, of a byte offset.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset.min(text.len())).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    (line, column)
}
