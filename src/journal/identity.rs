//! Which journal this is: a copy of a folder is another journal.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use crate::change::Digest;

/// Digits of an identity.
const DIGITS: usize = 16;

/// 16 hexadecimal digits made from the machine, the file's place in its file system, and when it was made there. A copy
/// has another place. File systems give a place that became free to the next file, so that a copy of a file that was
/// removed may get its place; then it was made later. A file that is moved within its file system keeps both, also after
/// a restart of the console.
///
/// All machines without a known id count as one; there, only the file tells. A file system that does not know when a file
/// was made leaves the place alone.
pub(super) fn of(file: &Metadata) -> String {
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let born = file.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let born = born.map_or_else(String::new, |at| format!("born {}\n", at.as_nanos()));
    let whole = format!("signalbox journal\nmachine {}\nfile {} {}\n{born}", machine.trim(), file.dev(), file.ino());
    Digest::of(&whole).to_string().chars().take(DIGITS).collect()
}
