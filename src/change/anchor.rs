//! Where in which journal a proposal was made. This ties the approvers' signatures to everything before it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Digest;

/// Where a proposal was made: which journal, and what its last line was. One line of the canonical text: `journal:
/// 0123456789abcdef line 42 <64 hex>`.
///
/// Whoever signs the text also signs the whole chain up to that line: nobody can rewrite an earlier line without
/// breaking a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The journal's identity, 16 lower-case hexadecimal digits (`Journal::identity`).
    pub journal: String,
    /// How many lines it had.
    pub line: u64,
    /// The hash of the last of them.
    pub head: Digest,
}

/// A journal that nothing was read of.
impl Default for Anchor {
    fn default() -> Self {
        Self { journal: "0".repeat(16), line: 0, head: Digest::of("") }
    }
}

impl Anchor {
    /// The name of its line in a canonical text.
    pub const NAME: &'static str = "journal: ";

    /// Reads the value part, in the one spelling that [`fmt::Display`] gives it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Anchor> {
        let (journal, rest) = text.split_once(" line ")?;
        let (line, head) = rest.split_once(' ')?;
        let anchor = Anchor { journal: journal.to_owned(), line: line.parse().ok()?, head: Digest::from_hex(head)? };
        let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        (journal.len() == 16 && journal.bytes().all(hex) && anchor.to_string() == text).then_some(anchor)
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {} {}", self.journal, self.line, self.head)
    }
}
