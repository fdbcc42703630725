//! What a journal does to its file: a few calls, so that a test can have each of them fail.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The calls that change a journal's file, and those that keep others from it. What is given here is the real disk; a test's fails where it likes.
pub trait Disk: fmt::Debug + Send {
    /// Writes at the file's end.
    ///
    /// # Errors
    /// The system's; some of the bytes may have been written.
    fn append(&self, mut file: &File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    /// Waits until the disk has what was written.
    ///
    /// # Errors
    /// The system's error. What was written since the last success may then be lost, although it can still be read, and
    /// asking again would report success.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    /// Takes the lock for one who writes.
    ///
    /// # Errors
    /// That others have it, or that the system has no locks.
    fn lock(&self, file: &File) -> Result<(), TryLockError> {
        file.try_lock()
    }

    /// Takes the lock with others who read.
    ///
    /// # Errors
    /// As of [`Disk::lock`].
    fn lock_shared(&self, file: &File) -> Result<(), TryLockError> {
        file.try_lock_shared()
    }

    /// Cuts the file to a length.
    ///
    /// # Errors
    /// The system's.
    fn cut(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    /// Writes bytes again in place, so that the next [`Disk::sync`] covers them too.
    ///
    /// # Errors
    /// The system's.
    fn rewrite(&self, path: &Path, bytes: &[u8], at: u64) -> io::Result<()> {
        // Not the journal's own handle: that one writes at the end, wherever it is told to.
        OpenOptions::new().write(true).open(path)?.write_all_at(bytes, at)
    }
}

/// The disk as the system has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {}
