//! One line of the journal: an entry, and the hash of exactly the entry's bytes.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::change::Digest;
use crate::record::{Kept, Record};
use crate::time::Stamp;

/// The longest line, in bytes, that is written or read.
pub const LONGEST_LINE: usize = 256 * 1024;

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
            FaultKind::TooLong => write!(f, "longer than {LONGEST_LINE} bytes"),
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

/// The end of the chain so far: how many lines there are, and the last one's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub lines: u64,
    pub hash: Digest,
}

impl Default for Link {
    fn default() -> Self {
        Self { lines: 0, hash: Digest::of("") }
    }
}

impl Link {
    /// Spells the next line, with its newline, and gives the chain's new end.
    pub(super) fn spell(&self, kept: &Kept) -> Result<(String, Link), serde_json::Error> {
        let seq = self.lines + 1;
        let entry = serde_json::to_string(&EntryOut {
            seq,
            prev: &self.hash,
            at: kept.at,
            boot: &kept.boot,
            record: &kept.record,
        })?;
        let hash = Digest::of(&entry);
        Ok((format!("{{\"entry\":{entry},\"hash\":\"{hash}\"}}\n"), Link { lines: seq, hash }))
    }

    /// Reads the next line, without its newline.
    pub(super) fn read(&self, line: &[u8]) -> Result<(Kept, Link), Fault> {
        let seq = self.lines + 1;
        let fault = |what| Fault { line: seq, what };
        let text = std::str::from_utf8(line).map_err(|_| fault(FaultKind::NotALine))?;
        let parsed: Line<'_> = serde_json::from_str(text).map_err(|_| fault(FaultKind::NotALine))?;
        let entry = parsed.entry.get();
        // One spelling: nothing can stand in a line beside what is hashed.
        if text != format!("{{\"entry\":{entry},\"hash\":\"{}\"}}", parsed.hash) {
            return Err(fault(FaultKind::NotALine));
        }
        let hash = Digest::of(entry);
        if hash != parsed.hash {
            return Err(fault(FaultKind::Edited));
        }
        let entry: Entry = serde_json::from_str(entry).map_err(|e| fault(FaultKind::Unknown(e.to_string())))?;
        if entry.seq != seq || entry.prev != self.hash {
            return Err(fault(FaultKind::NotNext));
        }
        let record = serde_json::from_str(entry.record.get()).map_err(|e| fault(FaultKind::Unknown(e.to_string())))?;
        Ok((Kept { at: entry.at, boot: entry.boot, record }, Link { lines: seq, hash }))
    }
}
