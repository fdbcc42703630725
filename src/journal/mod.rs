//! The journal: append-only, chained by hashes, flushed before anything is done.
//!
//! One file, `journal.jsonl`, in a folder; one JSON object a line:
//! `{"entry":{"seq":…,"prev":…,"at":…,"boot":…,"record":{…}},"hash":…}`, the hash being SHA-256 of exactly
//! the entry's bytes and `prev` the hash of the line before. Several programs may append to the same journal:
//! each append takes the file's lock, first reads what the others wrote, and an intent is taken once for a
//! change, ever. Stamps and the boot's name come from the caller: nothing here asks a clock.

mod error;
mod kept;
mod line;
mod reader;
mod verify;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::{IntentRefused, JournalError};
pub use kept::{KEPT_CHANGES, KEPT_OTHERS};
pub use line::{Fault, FaultKind, LONGEST_LINE};
pub use verify::{Report, read, verify};

use crate::record::{Kept, Record};
use crate::time::Stamp;
use kept::{Marks, Newest};
use line::Link;
use reader::{Cursor, ReadError, Stop};

/// The journal's file in its folder.
pub const FILE: &str = "journal.jsonl";
/// Records that one `catch_up` gives; the next call gives the next.
pub const MOST_AT_ONCE: usize = 1000;
/// The lock is tried this often, ten milliseconds apart.
const LOCK_TRIES: u32 = 300;

/// The boot of the machine that the monotonic halves of stamps belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Its name: unlike every other boot's of any machine (Linux: `/proc/sys/kernel/random/boot_id`).
    pub id: String,
}

/// What an append gives back.
#[derive(Clone, Debug, PartialEq)]
pub struct Appended {
    /// The record as it stands in the journal, on disk.
    pub kept: Kept,
    /// What other programs wrote before it, oldest first; take it in first.
    pub elsewhere: Vec<Kept>,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    boot: Boot,
    cursor: Cursor,
    marks: Marks,
    torn: Vec<PathBuf>,
    poisoned: bool,
}

impl Journal {
    /// Opens the journal of a folder, making both where they are not there yet (0700, 0600), and checks the
    /// whole chain. Gives what a console needs to know of it: the newest changes and remarks, oldest first.
    ///
    /// A last line that a crash tore is moved into `journal.torn-N` ([`Journal::torn`] tells).
    ///
    /// # Errors
    /// [`JournalError::Broken`] names the first bad line; the rest is what the file system says.
    pub fn open(dir: &Path, boot: Boot) -> Result<(Self, Vec<Kept>), JournalError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|e| JournalError::io("make the folder", dir, e))?;
        let path = dir.join(FILE);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .map_err(|e| JournalError::io("open", &path, e))?;
        // The name in the folder must survive a power cut as the lines do.
        File::open(dir).and_then(|d| d.sync_all()).map_err(|e| JournalError::io("flush the folder", dir, e))?;
        let mut journal = Self {
            file,
            path,
            boot,
            cursor: Cursor::default(),
            marks: Marks::default(),
            torn: Vec::new(),
            poisoned: false,
        };
        let mut newest = Newest::default();
        // The long part is read without the lock, so that a running console need not wait for it.
        journal.read_on(usize::MAX, &mut |seq, kept, marks| newest.take(seq, kept, marks))?;
        journal.locked(|j| j.read_to_end(&mut |seq, kept, marks| newest.take(seq, kept, marks)))?;
        Ok((journal, newest.into_records()))
    }

    /// The journal's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Files into which torn lines were moved since this was last asked: worth telling the operator.
    pub fn torn(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.torn)
    }

    /// Appends a record and waits until the disk has it.
    ///
    /// # Errors
    /// [`JournalError::Intent`] when the record is an intent for a change that ran or was closed before, here
    /// or by another program. After any error the record is not in the journal.
    pub fn append(&mut self, record: Record, at: Stamp) -> Result<Appended, JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned { path: self.path.clone() });
        }
        let kept = Kept { at, boot: self.boot.id.clone(), record };
        self.locked(|j| {
            let mut elsewhere = Newest::default();
            j.read_to_end(&mut |seq, kept, marks| elsewhere.take(seq, kept, marks))?;
            if let Record::Intent { change, .. } = &kept.record {
                j.marks.may_run(change).map_err(|why| JournalError::Intent { change: *change, why })?;
            }
            let (line, link) = j
                .cursor
                .link
                .spell(&kept)
                .map_err(|e| JournalError::io("spell a record for", &j.path, std::io::Error::other(e)))?;
            if line.len() > LONGEST_LINE {
                return Err(JournalError::TooLong(line.len()));
            }
            j.write(&line, link)?;
            j.marks.see(&kept.record);
            Ok(Appended { kept, elsewhere: elsewhere.into_records() })
        })
    }

    /// What other programs appended since, oldest first; at most [`MOST_AT_ONCE`] records, the rest next time.
    ///
    /// # Errors
    /// As of [`Journal::open`].
    pub fn catch_up(&mut self) -> Result<Vec<Kept>, JournalError> {
        let mut records = Vec::new();
        self.same_file()?;
        self.read_on(MOST_AT_ONCE, &mut |_, kept, _| records.push(kept))?;
        Ok(records)
    }

    fn write(&mut self, line: &str, link: Link) -> Result<(), JournalError> {
        let done = (&self.file).write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(e) = done {
            // What is half written is taken back, so that the next line does not follow a torn one.
            self.poisoned = self.file.set_len(self.cursor.offset).and_then(|()| self.file.sync_data()).is_err();
            return Err(JournalError::io("write to", &self.path, e));
        }
        self.cursor = Cursor { link, offset: self.cursor.offset + line.len() as u64 };
        Ok(())
    }

    fn locked<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, JournalError>) -> Result<T, JournalError> {
        let mut tries = 0;
        loop {
            match self.file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries < LOCK_TRIES => {
                    tries += 1;
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => return Err(JournalError::Locked { path: self.path.clone() }),
                Err(TryLockError::Error(e)) => return Err(JournalError::io("lock", &self.path, e)),
            }
        }
        let result = self.same_file().and_then(|()| work(self));
        let unlocked = self.file.unlock().map_err(|e| JournalError::io("unlock", &self.path, e));
        match (result, unlocked) {
            (Ok(_), Err(e)) | (Err(e), _) => Err(e),
            (Ok(done), Ok(())) => Ok(done),
        }
    }

    /// The file that the name means must still be the open one, and not shorter than what was read of it: two
    /// programs with two files would each take the same intent.
    fn same_file(&self) -> Result<(), JournalError> {
        let replaced = || JournalError::Replaced { path: self.path.clone() };
        let open = self.file.metadata().map_err(|e| JournalError::io("look at", &self.path, e))?;
        let named = std::fs::metadata(&self.path).map_err(|_| replaced())?;
        let same = (open.dev(), open.ino()) == (named.dev(), named.ino()) && open.len() >= self.cursor.offset;
        if same { Ok(()) } else { Err(replaced()) }
    }

    fn read_on(&mut self, most: usize, take: &mut dyn FnMut(u64, Kept, &Marks)) -> Result<Stop, JournalError> {
        let marks = &mut self.marks;
        let stop = self.cursor.read_on(&self.file, most, &mut |seq, kept| {
            marks.see(&kept.record);
            take(seq, kept, marks);
        });
        stop.map_err(|e| match e {
            ReadError::Io(e) => JournalError::io("read", &self.path, e),
            ReadError::Fault(fault) => JournalError::Broken { path: self.path.clone(), fault },
        })
    }

    /// Reads to the end with the lock held: nobody is writing, so a line without an end is torn.
    fn read_to_end(&mut self, take: &mut dyn FnMut(u64, Kept, &Marks)) -> Result<(), JournalError> {
        let Stop::Tail(tail) = self.read_on(usize::MAX, take)? else { return Ok(()) };
        if let Ok((kept, link)) = self.cursor.link.read(&tail) {
            // Whole but for its newline: what it says was about to happen may have, so it counts.
            (&self.file)
                .write_all(b"\n")
                .and_then(|()| self.file.sync_data())
                .map_err(|e| JournalError::io("write to", &self.path, e))?;
            self.cursor = Cursor { link, offset: self.cursor.offset + tail.len() as u64 + 1 };
            self.marks.see(&kept.record);
            take(link.lines, kept, &self.marks);
            return Ok(());
        }
        self.set_aside(&tail)
    }

    fn set_aside(&mut self, tail: &[u8]) -> Result<(), JournalError> {
        for n in 1..10_000_u32 {
            let path = self.path.with_file_name(format!("journal.torn-{n}"));
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            let mut file = match made {
                Ok(file) => file,
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => continue,
                Err(e) => return Err(JournalError::io("set a torn line aside in", &path, e)),
            };
            file.write_all(tail)
                .and_then(|()| file.sync_all())
                .map_err(|e| JournalError::io("set a torn line aside in", &path, e))?;
            self.file
                .set_len(self.cursor.offset)
                .and_then(|()| self.file.sync_all())
                .map_err(|e| JournalError::io("cut the torn line off", &self.path, e))?;
            self.torn.push(path);
            return Ok(());
        }
        let full = std::io::Error::other("ten thousand torn lines are there already: move them away");
        Err(JournalError::io("set a torn line aside in", &self.path, full))
    }
}
