//! What is wrong with a file that a person wrote: where, what, and the nearest that would be right.

use std::cell::OnceCell;
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
    pub(crate) fn at(file: &str, lines: &Lines<'_>, offset: usize, message: &str) -> Self {
        let (line, column) = lines.place(offset);
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
        Faults(vec![Fault::at(file, &Lines::of(before), at, &message)])
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

/// The lines of a text: where its bytes stand. They are counted once, when they are first asked, so that a file with a
/// hundred thousand faults takes no longer than one with a few.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    counted: OnceCell<Counted>,
}

#[derive(Debug)]
struct Counted {
    /// The offset at which each line starts.
    starts: Vec<usize>,
    /// The characters before each block of [`BLOCK`] bytes.
    before: Vec<usize>,
}

/// Bytes whose characters are counted again for each question: a file may be one line.
const BLOCK: usize = 1024;

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self { text, counted: OnceCell::new() }
    }

    /// Line and column, both from 1, of a byte offset.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let counted = self.counted.get_or_init(|| Counted::of(self.text.as_bytes()));
        let offset = offset.min(self.text.len());
        let line = counted.starts.partition_point(|start| *start <= offset);
        let start = counted.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        (line, self.before(counted, offset) - self.before(counted, start) + 1)
    }

    /// The characters that begin before a byte offset.
    fn before(&self, counted: &Counted, offset: usize) -> usize {
        let block = offset / BLOCK;
        let within = self.text.as_bytes().get(block * BLOCK..offset).unwrap_or_default();
        counted.before.get(block).copied().unwrap_or_default() + characters(within)
    }
}

impl Counted {
    fn of(text: &[u8]) -> Self {
        let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        let mut count = 0;
        let sums = text.chunks(BLOCK).map(|block| {
            count += characters(block);
            count
        });
        Self { starts, before: std::iter::once(0).chain(sums).collect() }
    }
}

/// The characters that begin among some bytes of a text.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_counted_as_by_hand() {
        let text = format!("a\n\n{}é{}\nend of it", "ü→x".repeat(700), "y".repeat(2000));
        let lines = Lines::of(&text);
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let line = text[..at].matches('\n').count() + 1;
            let column = text[..at].rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
            assert_eq!(lines.place(at), (line, column), "{at}");
        }
        assert_eq!(lines.place(usize::MAX), lines.place(text.len()));
        assert_eq!(Lines::of("").place(7), (1, 1));
    }
}
