//! Which journal this is: a copy of a folder is another journal.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use crate::change::Digest;

/// Digits of an identity.
const DIGITS: usize = 16;

/// 16 hexadecimal digits made from the machine and the file's place in its file system. A copy has another place. A
/// file that is moved within its file system keeps its place, also after a restart of the console.
///
/// All machines without a known id count as one; there, only the place tells files apart.
pub(super) fn of(file: &Metadata) -> String {
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let whole = format!("signalbox journal\nmachine {}\nfile {} {}\n", machine.trim(), file.dev(), file.ino());
    Digest::of(&whole).to_string().chars().take(DIGITS).collect()
}
