//! Where a proposal was made: which journal, and what its last line was.
//!
//! It stands in what everybody signs, so the signatures of approvers anchor the journal's chain: who rewrites a line
//! before a proposal makes the proposal, and all that was signed of it, worthless.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Digest;

/// A journal and its last line at a moment. Spelt `0123456789abcdef line 42 <64 hex>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The journal's identity, 16 hexadecimal digits; a copied folder is another journal.
    pub journal: String,
    /// How many lines it had.
    pub line: u64,
    /// The hash of the last one.
    pub head: Digest,
}

impl Default for Anchor {
    fn default() -> Self {
        Self { journal: "0".repeat(16), line: 0, head: Digest::of("") }
    }
}

impl Anchor {
    /// Reads what `Display` gives, and no other spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (journal, word, line, head) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let anchor = Self { journal: journal.to_owned(), line: line.parse().ok()?, head: Digest::from_hex(head)? };
        let hex = journal.len() == 16 && journal.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (hex && word == "line" && anchor.to_string() == text).then_some(anchor)
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {} {}", self.journal, self.line, self.head)
    }
}
