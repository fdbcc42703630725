//! Looking at a journal without changing it.

use std::path::{Path, PathBuf};

use super::kept::Marks;
use super::line::Fault;
use super::reader::{Cursor, ReadError, Stop};
use super::torn::{SetAside, folder_of, set_aside};
use super::{FILE, JournalError};
use crate::record::Kept;
use crate::time::Stamp;

/// What a look at a whole journal found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The file.
    pub path: PathBuf,
    /// Right lines, up to the first fault.
    pub lines: u64,
    /// Changes they speak of.
    pub changes: u64,
    /// Changes that were run, if the lines that say so are true.
    pub intents: u64,
    /// When the first line was written.
    pub first: Option<Stamp>,
    /// When the last right line was written.
    pub last: Option<Stamp>,
    /// Hash of the last right line: write it down elsewhere, and nobody can rewrite what is before it unseen.
    pub head: String,
    /// Bytes of a last line that was torn, or is being written now.
    pub tail: u64,
    /// Torn ends that lie beside it.
    pub set_aside: Vec<SetAside>,
    /// The first fault.
    pub fault: Option<Fault>,
}

impl Report {
    /// What everybody who reads the journal must be told besides its records, one sentence each: a torn end, and what was
    /// set aside.
    #[must_use]
    pub fn alarms(&self) -> Vec<String> {
        let why = "being written, or torn by a crash; the next console sets it aside";
        let tail = (self.tail > 0).then(|| format!("{} bytes follow the journal's last whole line: {why}", self.tail));
        tail.into_iter().chain(self.set_aside.iter().map(ToString::to_string)).collect()
    }
}

/// Checks a journal's chain. `path` is the file or its folder.
///
/// # Errors
/// When the file cannot be read; faults of the chain are in the report.
pub fn verify(path: &Path) -> Result<Report, JournalError> {
    read(path, &mut |_, _| {})
}

/// Reads a journal in order, up to the first fault, giving each record with its line. Nothing is changed, so this
/// also serves a console that opens a damaged journal to look.
///
/// # Errors
/// As of [`verify`].
pub fn read(path: &Path, take: &mut dyn FnMut(u64, Kept)) -> Result<Report, JournalError> {
    let path = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
    let file = crate::files::open_plain(&path).map_err(|e| JournalError::io("open", &path, e))?;
    let mut cursor = Cursor::default();
    let mut marks = Marks::default();
    let (mut first, mut last) = (None, None);
    let stop = cursor.read_on(&file, usize::MAX, &mut |seq, kept| {
        marks.see(seq, &kept.record);
        first.get_or_insert(kept.at);
        last = Some(kept.at);
        take(seq, kept);
    });
    let length = file.metadata().map_err(|e| JournalError::io("look at", &path, e))?.len();
    let (tail, fault) = match stop {
        Ok(Stop::Tail(_) | Stop::Zeroed) => (length.saturating_sub(cursor.offset), None),
        Ok(Stop::End | Stop::Enough) => (0, None),
        Err(ReadError::Fault(fault)) => (0, Some(fault)),
        Err(ReadError::Io(e)) => return Err(JournalError::io("read", &path, e)),
    };
    let (changes, intents) = marks.counts();
    let head = cursor.head.hash.to_string();
    let set_aside = set_aside(folder_of(&path));
    Ok(Report { path, lines: cursor.head.line, changes, intents, first, last, head, tail, set_aside, fault })
}
