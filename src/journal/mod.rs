//! The journal: append-only, chained by hashes, flushed before anything is done.
//!
//! One file, `journal.jsonl`, in a folder; one JSON object a line:
//! `{"entry":{"seq":…,"prev":…,"at":…,"boot":…,"record":{…}},"hash":…}`. The hash is SHA-256 of exactly the entry's
//! bytes, and `prev` is the hash of the line before. Several programs may append to the same journal. Each append takes
//! the file's lock and first reads what the others wrote. An intent is taken only once for each change, ever. Stamps
//! and the boot's name come from the caller: this code reads no clock.
//!
//! What is read is on disk: a reader holds a shared lock, so it never sees a line that is being written or taken back.
//! A failed write is cut off and written anew, never just flushed again and called kept. What a crash tore is set aside
//! next to the journal, and reported ([`Journal::alarms`]).

mod disk;
mod error;
mod identity;
mod kept;
mod line;
mod once;
mod reader;
mod torn;
mod verify;

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use disk::{Disk, RealDisk};
pub use error::{IntentRefused, JournalError};
pub use kept::{KEPT_CHANGES, KEPT_OTHERS};
pub use line::{Fault, FaultKind, Head, LONGEST_LINE, LONGEST_OTHER};
pub use torn::{SetAside, set_aside};
pub use verify::{Report, read, verify};

use crate::files;
use crate::record::{Kept, Record};
use crate::time::Stamp;
use kept::{Marks, Newest};
use line::Unspelt;
use once::Onces;
use reader::{Cursor, ReadError, Stop};

/// The journal's file in its folder.
pub const FILE: &str = "journal.jsonl";
/// Lines that one `catch_up` reads; the next call reads the next.
pub const MOST_AT_ONCE: usize = 1000;
/// Lines that are read with the lock held while a journal is opened; then others may write for a moment.
const AT_ONCE: usize = 10_000;
/// The lock is tried this often, ten milliseconds apart.
const LOCK_TRIES: u32 = 300;

/// The boot of the machine that the boot halves of stamps belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Its name: unlike every other boot's of any machine (Linux: `/proc/sys/kernel/random/boot_id`).
    pub id: String,
}

/// What an append gives back.
#[derive(Clone, Debug, PartialEq)]
pub struct Appended {
    /// The record as it is in the journal, on disk. If it was there already, the one that says the same.
    pub kept: Kept,
    /// What other programs wrote before it, oldest first; take it in first.
    pub elsewhere: Vec<Kept>,
    /// The journal's last line now.
    pub head: Head,
    /// The same ([`Record::once`]) was in the journal, or it was one refusal too many: nothing was appended.
    pub already: bool,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    boot: Boot,
    identity: String,
    disk: Box<dyn Disk>,
    to_write: bool,
    cursor: Cursor,
    marks: Marks,
    onces: Onces,
    /// What was read and not given to the caller yet.
    news: Newest,
    /// The line up to which the caller has heard all.
    given: Head,
    torn: Vec<PathBuf>,
    alarms: Vec<String>,
    /// A flush failed for everything from this byte on: it can be read, but may not be on disk.
    unsound: Option<u64>,
}

impl Journal {
    /// Opens the journal of a folder, creating both if they are missing (0700, 0600), and checks the whole chain. Gives
    /// what a console needs from it: the newest changes and remarks, oldest first.
    ///
    /// A torn end is moved into `journal.torn-N` and reported ([`Journal::torn`] and [`Journal::alarms`]). If the disk
    /// is too full for that, the journal opens anyway, and says so.
    ///
    /// # Errors
    /// [`JournalError::Broken`] names the first bad line; other errors are the file system's.
    pub fn open(dir: &Path, boot: Boot) -> Result<(Self, Vec<Kept>), JournalError> {
        Self::open_on(dir, boot, Box::new(RealDisk))
    }

    /// The same on another disk: a test's, which fails.
    ///
    /// # Errors
    /// As of [`Journal::open`].
    pub fn open_on(dir: &Path, boot: Boot, disk: Box<dyn Disk>) -> Result<(Self, Vec<Kept>), JournalError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|e| JournalError::io("make the folder", dir, e))?;
        let path = dir.join(FILE);
        let file = files::open_to_append(&path, 0o600).map_err(|e| JournalError::io("open", &path, e))?;
        // The name in the folder must survive a power cut as the lines do.
        File::open(dir).and_then(|d| d.sync_all()).map_err(|e| JournalError::io("flush the folder", dir, e))?;
        let mut journal = Self::of(file, path, boot, disk, true)?;
        journal.read_all()?;
        match journal.locked(Self::settle) {
            Ok(()) => {}
            Err(e) if e.is_damage() || matches!(e, JournalError::Locked { .. }) => return Err(e),
            // An incident must still be seen. Nothing can be kept now; each append tries again.
            Err(e) => journal.alarms.push(format!("nothing can be kept now: {e}")),
        }
        let kept = journal.give();
        Ok((journal, kept))
    }

    /// Opens a journal only to look: nothing is created, mended or written, and [`Journal::append`] accepts nothing.
    ///
    /// # Errors
    /// As for [`Journal::open`]; [`JournalError::is_missing`] if there is no journal yet.
    pub fn look(dir: &Path, boot: Boot) -> Result<(Self, Vec<Kept>), JournalError> {
        Self::look_on(dir, boot, Box::new(RealDisk))
    }

    /// The same on another disk: a test's, which has no locks. Looking needs none: a line that is being written is not
    /// a whole line yet, and one that is taken back is seen to be gone.
    ///
    /// # Errors
    /// As for [`Journal::look`].
    pub fn look_on(dir: &Path, boot: Boot, disk: Box<dyn Disk>) -> Result<(Self, Vec<Kept>), JournalError> {
        let path = dir.join(FILE);
        let file = files::open_plain(&path).map_err(|e| JournalError::io("open", &path, e))?;
        let mut journal = Self::of(file, path, boot, disk, false)?;
        if !matches!(journal.read_all()?, Stop::End) {
            let why = "being written, or torn by a crash: a console that may write sets it aside";
            journal.alarms.push(format!("{} does not end with a whole line ({why})", journal.path.display()));
        }
        let kept = journal.give();
        Ok((journal, kept))
    }

    fn of(file: File, path: PathBuf, boot: Boot, disk: Box<dyn Disk>, to_write: bool) -> Result<Self, JournalError> {
        let place = file.metadata().map_err(|e| JournalError::io("look at", &path, e))?;
        Ok(Self {
            file,
            path,
            boot,
            identity: identity::of(&place),
            disk,
            to_write,
            cursor: Cursor::default(),
            marks: Marks::default(),
            onces: Onces::default(),
            news: Newest::default(),
            given: Head::default(),
            torn: Vec::new(),
            alarms: Vec::new(),
            unsound: None,
        })
    }

    /// The journal's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last line that was read or written here.
    #[must_use]
    pub fn head(&self) -> Head {
        self.cursor.head
    }

    /// Which journal this is, 16 hexadecimal digits made of the machine and the file's place: a copied folder is
    /// another journal, in which nothing runs that was proposed here.
    #[must_use]
    pub fn identity(&self) -> String {
        self.identity.clone()
    }

    /// Files into which torn lines were moved since this was last asked.
    pub fn torn(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.torn)
    }

    /// What everybody must be told since this was last asked, one sentence each: what was set aside, what is missing,
    /// why nothing can be kept.
    pub fn alarms(&mut self) -> Vec<String> {
        std::mem::take(&mut self.alarms)
    }

    /// Appends a record and waits until the disk has it. What is in the journal already ([`Record::once`]) is not appended
    /// again, and of refusals a minute takes a few: whether by one program or by twenty.
    ///
    /// # Errors
    /// [`JournalError::Intent`] if the record is an intent for a change that ran or was closed before, here or by
    /// another program, or an end of one that the caller does not know to be over, or what people do with one that was
    /// not proposed in this journal; [`JournalError::Session`] if an incident or a drill runs already;
    /// [`JournalError::Unbound`] if a proposal's estate is not in the journal. After any error the record is not in the
    /// journal, except after [`JournalError::Unsettled`], when nobody knows yet. What other programs wrote is given next
    /// time.
    pub fn append(&mut self, record: Record, at: Stamp) -> Result<Appended, JournalError> {
        self.append_knowing(self.given, record, at)
    }

    /// The same for a decision that was made knowing the lines up to `heard`, which may be fewer than were given out, or
    /// lines that somebody cut off since: then nothing counts as heard.
    ///
    /// # Errors
    /// As for [`Journal::append`]. An intent is refused if there is another one after `heard`: two changes that were
    /// decided side by side are not both sent.
    pub fn append_knowing(&mut self, heard: Head, record: Record, at: Stamp) -> Result<Appended, JournalError> {
        if !self.to_write {
            return Err(JournalError::ReadOnly);
        }
        let kept = Kept { at, boot: self.boot.id.clone(), record };
        let already = self.locked(|j| {
            j.settle()?;
            if j.onces.has(&kept) {
                return Ok(true);
            }
            j.marks.may_follow(&kept.record)?;
            // After a cut a decision is made again, by the lines that there are now.
            let heard = if j.cursor.hash_of(heard.line) == Some(heard.hash) { heard.line } else { 0 };
            if let Some(change) = kept.record.change() {
                let (marks, identity) = (&j.marks, &j.identity);
                let judged = match &kept.record {
                    Record::Intent { .. } => marks.may_run(&change, identity, heard),
                    Record::Approved { .. } => marks.may_approve(&change, identity),
                    record if record.closes() => marks.may_end(&change, identity, heard, record.is_observed()),
                    _ => Ok(()),
                };
                judged.map_err(|why| JournalError::Intent { change, why })?;
            }
            let here = kept.record.anchor().is_none_or(|anchor| anchor.journal == j.identity);
            if !here || !j.cursor.takes(&kept.record) {
                return Err(JournalError::Astray { path: j.path.clone() });
            }
            j.write(&kept)?;
            Ok(false)
        })?;
        let elsewhere = self.give();
        Ok(Appended { kept, elsewhere, head: self.cursor.head, already })
    }

    /// What other programs appended since, oldest first: of [`MOST_AT_ONCE`] lines, the rest next time. Nothing
    /// while another program writes.
    ///
    /// # Errors
    /// As of [`Journal::open`].
    pub fn catch_up(&mut self) -> Result<Vec<Kept>, JournalError> {
        match self.disk.lock_shared(&self.file) {
            Err(TryLockError::Error(_)) if !self.to_write => self.read_on(MOST_AT_ONCE).map(drop)?,
            Ok(()) => self.holding(|j| j.read_on(MOST_AT_ONCE).map(drop))?,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(e)) => return Err(JournalError::io("lock", &self.path, e)),
        }
        if self.unsound.is_some() {
            self.locked(Self::settle)?;
        }
        Ok(self.give())
    }

    /// What the caller has not heard yet.
    fn give(&mut self) -> Vec<Kept> {
        self.given = self.cursor.head;
        std::mem::take(&mut self.news).into_records()
    }

    /// Writes the next line and waits for the disk; what fails is cut off again.
    fn write(&mut self, kept: &Kept) -> Result<(), JournalError> {
        let (line, head) = self.cursor.head.spell(kept).map_err(|e| match e {
            Unspelt::Form(e) => JournalError::io("spell a record for", &self.path, std::io::Error::other(e)),
            Unspelt::TooLong(length) => JournalError::TooLong(length),
        })?;
        let before = self.cursor.offset;
        let done = self.disk.append(&self.file, line.as_bytes()).and_then(|()| self.disk.sync(&self.file));
        if let Err(source) = done {
            return Err(match self.disk.cut(&self.file, before).and_then(|()| self.disk.sync(&self.file)) {
                Ok(()) => JournalError::io("write to", &self.path, source),
                Err(_) => {
                    self.unsound.get_or_insert(before);
                    JournalError::Unsettled { path: self.path.clone(), source }
                }
            });
        }
        self.cursor.step(head, line.len() as u64);
        self.marks.see(head.line, &kept.record);
        self.onces.see(kept);
        Ok(())
    }

    /// Does the work with the lock held alone.
    fn locked<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, JournalError>) -> Result<T, JournalError> {
        self.wait_for(|j| j.disk.lock(&j.file))?;
        self.holding(work)
    }

    fn wait_for(&self, lock: fn(&Self) -> Result<(), TryLockError>) -> Result<(), JournalError> {
        for _ in 0..LOCK_TRIES {
            match lock(self) {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
                Err(TryLockError::Error(e)) => return Err(JournalError::io("lock", &self.path, e)),
            }
        }
        Err(JournalError::Locked { path: self.path.clone() })
    }

    /// Does the work and gives the lock back, which is held in one way or the other.
    fn holding<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, JournalError>) -> Result<T, JournalError> {
        let result = self.same_file().and_then(|()| work(self));
        match (result, self.file.unlock()) {
            (Err(e), _) => Err(e),
            // What was done stays done: a lock that remains makes others wait, and they say so.
            (Ok(done), _) => Ok(done),
        }
    }

    /// The file that the name means must still be the open one: two programs with two files would each take the same
    /// intent.
    fn same_file(&self) -> Result<(), JournalError> {
        let open = self.file.metadata().map_err(|e| JournalError::io("look at", &self.path, e))?;
        let named = std::fs::metadata(&self.path).ok();
        let same = named.is_some_and(|named| (open.dev(), open.ino()) == (named.dev(), named.ino()));
        if same { Ok(()) } else { Err(JournalError::Replaced { path: self.path.clone() }) }
    }

    /// Reads everything, part by part, so that others need not wait long.
    fn read_all(&mut self) -> Result<Stop, JournalError> {
        loop {
            let stop = match self.wait_for(|j| j.disk.lock_shared(&j.file)) {
                Ok(()) => self.holding(|j| j.read_on(AT_ONCE))?,
                // Where there are no locks nobody can keep others from a line, but everybody can read it.
                Err(JournalError::Io { .. }) if !self.to_write => self.read_on(AT_ONCE)?,
                Err(error) => return Err(error),
            };
            if !matches!(stop, Stop::Enough) {
                return Ok(stop);
            }
        }
    }

    /// Reads on, with the lock held in one way or the other.
    fn read_on(&mut self, most: usize) -> Result<Stop, JournalError> {
        let length = self.file.metadata().map_err(|e| JournalError::io("look at", &self.path, e))?.len();
        if length < self.cursor.offset {
            return self.read_again(None);
        }
        let Self { file, cursor, marks, onces, news, .. } = self;
        let stop = cursor.read_on(file, most, &mut |seq, kept| {
            marks.see(seq, &kept.record);
            onces.see(&kept);
            news.take(seq, kept, marks);
        });
        match stop {
            Ok(stop) => Ok(stop),
            Err(ReadError::Io(e)) => Err(JournalError::io("read", &self.path, e)),
            Err(ReadError::Fault(fault)) => self.read_again(Some(fault)),
        }
    }

    /// The file does not continue as it was read: a program whose disk failed took a line back, or somebody cut the
    /// file. If the rest is the beginning of what was read, this continues from there and says what is missing; nothing
    /// that was over comes back.
    fn read_again(&mut self, fault: Option<Fault>) -> Result<Stop, JournalError> {
        let failed = |path: &Path, e| match e {
            ReadError::Io(e) => JournalError::io("read", path, e),
            ReadError::Fault(fault) => JournalError::Broken { path: path.to_owned(), fault },
        };
        let mut whole = Cursor::default();
        whole.read_on(&self.file, usize::MAX, &mut |_, _| {}).map_err(|e| failed(&self.path, e))?;
        let common = match (self.cursor.common(&whole), fault) {
            (Some(line), None) => line,
            (Some(line), Some(_)) if line < self.cursor.head.line => line,
            (_, Some(fault)) => return Err(JournalError::Broken { path: self.path.clone(), fault }),
            (None, None) => return Err(JournalError::Replaced { path: self.path.clone() }),
        };
        let (mut cursor, mut marks, mut onces) = (Cursor::default(), Marks::default(), Onces::default());
        let news = &mut self.news;
        let most = usize::try_from(common).unwrap_or(usize::MAX);
        let read = cursor.read_on(&self.file, most, &mut |seq, kept| {
            marks.see(seq, &kept.record);
            onces.see(&kept);
        });
        read.map_err(|e| failed(&self.path, e))?;
        marks.know_as(&self.marks);
        let read = cursor.read_on(&self.file, usize::MAX, &mut |seq, kept| {
            marks.see(seq, &kept.record);
            onces.see(&kept);
            news.take(seq, kept, &marks);
        });
        let stop = read.map_err(|e| failed(&self.path, e))?;
        let gone = self.cursor.head.line.saturating_sub(common);
        if gone > 0 {
            let lines = if gone == 1 { "1 line".to_owned() } else { format!("{gone} lines") };
            let why = "it was cut, or the disk failed; what they said is still shown here, but counts for nothing";
            self.alarms.push(format!("{lines} that had been read are gone from {}: {why}", self.path.display()));
        }
        (self.cursor, self.marks, self.onces) = (cursor, marks, onces);
        Ok(stop)
    }

    /// Reads to the end with the lock held alone: nobody is writing, so a line without an end is torn. And what a
    /// failed flush left open is settled.
    fn settle(&mut self) -> Result<(), JournalError> {
        match self.read_on(usize::MAX)? {
            Stop::End | Stop::Enough => {}
            Stop::Zeroed => self.set_aside()?,
            Stop::Tail(tail) => match self.cursor.read(&tail) {
                Ok((kept, head)) => self.finish(kept, head, tail.len() as u64)?,
                Err(_) => self.set_aside()?,
            },
        }
        self.flush_again()
    }

    /// A line is whole but for its newline: what it says was about to happen may have, so it counts.
    fn finish(&mut self, kept: Kept, head: Head, length: u64) -> Result<(), JournalError> {
        let from = self.cursor.offset;
        let done = self.disk.append(&self.file, b"\n").and_then(|()| self.disk.sync(&self.file));
        if let Err(e) = done {
            self.unsound.get_or_insert(from);
            return Err(JournalError::io("write to", &self.path, e));
        }
        self.cursor.step(head, length + 1);
        self.marks.see(head.line, &kept.record);
        self.onces.see(&kept);
        self.news.take(head.line, kept, &self.marks);
        Ok(())
    }

    fn set_aside(&mut self) -> Result<(), JournalError> {
        let aside = torn::copy(&self.path, &self.file, self.cursor.offset)?;
        self.disk
            .cut(&self.file, self.cursor.offset)
            .and_then(|()| self.disk.sync(&self.file))
            .map_err(|e| JournalError::io("cut the torn line off", &self.path, e))?;
        self.alarms.push(torn::look(aside.clone()).to_string());
        self.torn.push(aside);
        Ok(())
    }

    /// After a failed flush, the system may believe that the disk has data that it lacks. So those bytes are written
    /// again in place, and flushed.
    fn flush_again(&mut self) -> Result<(), JournalError> {
        let Some(from) = self.unsound else { return Ok(()) };
        let length = usize::try_from(self.cursor.offset.saturating_sub(from)).unwrap_or_default();
        let mut bytes = vec![0; length];
        self.file
            .read_exact_at(&mut bytes, from)
            .and_then(|()| self.disk.rewrite(&self.path, &bytes, from))
            .and_then(|()| self.disk.sync(&self.file))
            .map_err(|e| JournalError::io("write to", &self.path, e))?;
        self.unsound = None;
        Ok(())
    }
}
