//! Which journal this is: a copy of a folder is another journal.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use crate::change::Digest;

/// Digits of an identity.
const DIGITS: usize = 16;

/// 16 hexadecimal digits made of the machine and of the file's place in its file system. A copy has another place; a
/// file that is moved within its file system, and a console that is restarted, have the same.
///
/// A machine without a known id counts as every other such machine; there the place alone tells.
pub(super) fn of(file: &Metadata) -> String {
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let whole = format!("signalbox journal\nmachine {}\nfile {} {}\n", machine.trim(), file.dev(), file.ino());
    Digest::of(&whole).to_string().chars().take(DIGITS).collect()
}
