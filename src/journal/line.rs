//! One line of the journal: an entry, and the hash of exactly the entry's bytes.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::change::Digest;
use crate::estate::LONGEST_BOUND;
use crate::record::{Kept, Record};
use crate::time::Stamp;

/// The longest line, in bytes, that is written or read: of an estate's text each byte may be escaped, and an entry is
/// around it.
pub const LONGEST_LINE: usize = 2 * LONGEST_BOUND + LONGEST_OTHER;
/// The longest line, in bytes, of any other record.
pub const LONGEST_OTHER: usize = 256 * 1024;

/// How long the line of a record may be, in bytes.
fn longest(record: &Record) -> usize {
    if matches!(record, Record::Estate { .. }) { LONGEST_LINE } else { LONGEST_OTHER }
}

/// What is wrong with a journal, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub what: FaultKind,
}

/// Ways in which a line can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not spelt as the journal spells lines.
    NotALine,
    /// Its bytes are not those that its hash was made of.
    Edited,
    /// It does not follow the line before it: something was removed, added or moved.
    NotNext,
    /// It is longer than a line can be.
    TooLong,
    /// A proposal names a line that does not precede it in this journal.
    Astray,
    /// The chain holds, but the record is of no kind that this version knows.
    Unknown(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.what {
            FaultKind::NotALine => f.write_str("not a journal line"),
            FaultKind::Edited => f.write_str("edited after it was written (its hash is another)"),
            FaultKind::NotNext => f.write_str("does not follow the line before it: lines were removed, added or moved"),
            FaultKind::Astray => {
                f.write_str("the proposal was signed on another journal, or lines before it were taken away")
            }
            FaultKind::TooLong => f.write_str("longer than a line of its kind can be"),
            FaultKind::Unknown(why) => {
                write!(f, "a record this version does not know ({})", crate::hygiene::visible(why))
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    seq: u64,
    prev: Digest,
    at: Stamp,
    boot: String,
    record: Box<RawValue>,
}

#[derive(Serialize)]
struct EntryOut<'a> {
    seq: u64,
    prev: &'a Digest,
    at: Stamp,
    boot: &'a str,
    record: &'a Record,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    entry: &'a RawValue,
    hash: Digest,
}

/// The end of a journal's chain: how many lines there are, and the hash of the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The number of the last line; 0 of an empty journal.
    pub line: u64,
    /// Its hash; of an empty journal, that of an empty text.
    pub hash: Digest,
}

impl Default for Head {
    fn default() -> Self {
        Self { line: 0, hash: Digest::of("") }
    }
}

/// Why a record has no line.
#[derive(Debug)]
pub(super) enum Unspelt {
    /// It cannot be written as JSON.
    Form(serde_json::Error),
    /// Its line would have so many bytes.
    TooLong(usize),
}

impl From<serde_json::Error> for Unspelt {
    fn from(e: serde_json::Error) -> Self {
        Self::Form(e)
    }
}

/// A line taken apart.
struct Parts<'a> {
    entry: &'a str,
    hash: Digest,
}

/// The entry of a line, without its newline, and the hash next to it, if both agree.
fn parts(line: &[u8]) -> Result<Parts<'_>, FaultKind> {
    let text = std::str::from_utf8(line).map_err(|_| FaultKind::NotALine)?;
    let parsed: Line<'_> = serde_json::from_str(text).map_err(|_| FaultKind::NotALine)?;
    let (entry, hash) = (parsed.entry.get(), parsed.hash);
    // One spelling only: a line cannot hold anything beyond what is hashed.
    if text != format!("{{\"entry\":{entry},\"hash\":\"{hash}\"}}") {
        return Err(FaultKind::NotALine);
    }
    if Digest::of(entry) == hash { Ok(Parts { entry, hash }) } else { Err(FaultKind::Edited) }
}

/// Whether this, without its newline, was a line of some journal.
pub(super) fn is_whole(line: &[u8]) -> bool {
    parts(line).is_ok()
}

impl Head {
    /// Spells the next line, with its newline, and gives the chain's new end.
    pub(super) fn spell(&self, kept: &Kept) -> Result<(String, Head), Unspelt> {
        let seq = self.line + 1;
        let entry = serde_json::to_string(&EntryOut {
            seq,
            prev: &self.hash,
            at: kept.at,
            boot: &kept.boot,
            record: &kept.record,
        })?;
        let hash = Digest::of(&entry);
        let line = format!("{{\"entry\":{entry},\"hash\":\"{hash}\"}}\n");
        if line.len() > longest(&kept.record) {
            return Err(Unspelt::TooLong(line.len()));
        }
        Ok((line, Head { line: seq, hash }))
    }

    /// Reads the next line, without its newline.
    pub(super) fn read(&self, line: &[u8]) -> Result<(Kept, Head), FaultKind> {
        let seq = self.line + 1;
        let Parts { entry, hash } = parts(line)?;
        let unknown = |e: serde_json::Error| FaultKind::Unknown(e.to_string());
        let entry: Entry = serde_json::from_str(entry).map_err(unknown)?;
        if entry.seq != seq || entry.prev != self.hash {
            return Err(FaultKind::NotNext);
        }
        let record = serde_json::from_str(entry.record.get()).map_err(unknown)?;
        if line.len() >= longest(&record) {
            return Err(FaultKind::TooLong);
        }
        Ok((Kept { at: entry.at, boot: entry.boot, record }, Head { line: seq, hash }))
    }
}
