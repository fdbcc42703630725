//! Torn ends of a journal: set aside next to it, never lost, and reported until somebody moves them away.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read as _, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::JournalError;
use super::reader::whole_lines;
use crate::files;

const NAME: &str = "journal.torn-";
/// Files that one folder may have; nobody has looked for a long time when there are more.
const MOST: u32 = 10_000;
/// Bytes of them all that are read to count records. Anybody who can write the folder can fill it.
const MOST_READ: u64 = 64 * 1024 * 1024;

/// A torn end next to the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where.
    pub path: PathBuf,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// Records that can be read in it: each was in the journal once, or about to be. None if it was not read to its end.
    pub records: Option<u64>,
}

impl fmt::Display for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = match self.records {
            None => "its records were not counted".to_owned(),
            Some(0) => "no whole record is in it".to_owned(),
            Some(1) => "1 whole record is in it, which counts for nothing".to_owned(),
            Some(n) => format!("{n} whole records are in it, which count for nothing"),
        };
        write!(f, "{}: {} bytes of the journal's torn end were set aside; {records}", self.path.display(), self.bytes)
    }
}

/// The torn ends that lie in a journal's folder, oldest first.
#[must_use]
pub fn set_aside(folder: &Path) -> Vec<SetAside> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let number = |path: &Path| path.file_name()?.to_str()?.strip_prefix(NAME)?.parse::<u32>().ok();
    let mut found: Vec<_> =
        entries.filter_map(|e| e.ok().map(|e| e.path())).filter_map(|p| Some((number(&p)?, p))).collect();
    found.sort();
    let mut left = MOST_READ;
    let look = |path| {
        let seen = look_within(path, left);
        left = left.saturating_sub(seen.bytes);
        seen
    };
    found.into_iter().map(|(_, path)| path).map(look).collect()
}

pub(super) fn look(path: PathBuf) -> SetAside {
    look_within(path, MOST_READ)
}

/// Reads at most so many bytes of it, to count its records.
fn look_within(path: PathBuf, most: u64) -> SetAside {
    let bytes = std::fs::metadata(&path).map_or(0, |m| m.len());
    let read = files::open_plain(&path).and_then(|file| whole_lines(&mut BufReader::new(file.take(most))));
    SetAside { path, bytes, records: read.ok().filter(|_| bytes <= most) }
}

/// Copies everything after `offset` into a file of its own next to the journal, and flushes it and its name.
pub(super) fn copy(journal: &Path, mut file: &File, offset: u64) -> Result<PathBuf, JournalError> {
    const DOING: &str = "set a torn line aside in";
    for n in 1..MOST {
        let path = journal.with_file_name(format!("{NAME}{n}"));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut aside = match made {
            Ok(aside) => aside,
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(e) => return Err(JournalError::io(DOING, &path, e)),
        };
        let copied = file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| io::copy(&mut file, &mut aside))
            .and_then(|_| aside.sync_all())
            .and_then(|()| File::open(folder_of(journal))?.sync_all());
        if let Err(e) = copied {
            // Half a copy counts for nothing; the whole is still in the journal.
            let _ = std::fs::remove_file(&path);
            return Err(JournalError::io(DOING, &path, e));
        }
        return Ok(path);
    }
    let full = io::Error::other("ten thousand torn lines are there already: move them away");
    Err(JournalError::io(DOING, journal, full))
}

/// The folder of a journal's file.
pub(super) fn folder_of(journal: &Path) -> &Path {
    journal.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
