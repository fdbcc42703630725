//! The incident folder: changes go out as `<words>.change`, signatures come in as `*.sig`.
//!
//! `ssh-keygen -Y sign -n approval@signalbox -f KEY <words>.change` leaves `<words>.change.sig` next to the change.
//! Anybody who can write to the folder can put anything there. So only a bounded number of small regular files are
//! read, and the gate judges what they hold.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::SignError;
use crate::change::Digest;
use crate::change::paste::paste;

/// How the name of the requester's signature goes on, behind that of the change.
pub const ASKED: &str = ".asked";
/// How the name of what decides in the estate goes on, behind that of the change.
pub const ESTATE: &str = ".estate";
/// Larger files are no signatures, in bytes.
pub const LARGEST_SIGNATURE: u64 = 16 * 1024;
/// Signature files looked at in one scan: the newest ones.
pub const MOST_SIGNATURES: usize = 256;
/// Signatures that one change may have beside it.
const MOST_BESIDE: usize = 100;
/// Names read of the folder in one scan.
const MOST_NAMES: usize = 10_000;
/// A signature that has no end yet is waited for this many scans before it is reported as it is.
const PATIENCE: u8 = 3;

/// A signature that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// What it holds.
    pub armored: String,
}

/// A watched incident folder.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    seen: BTreeMap<PathBuf, Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    content: Digest,
    /// Scans for which an unfinished file has stayed as it is; none once reported.
    waiting: Option<u8>,
}

impl Folder {
    /// Watches a folder, making it where it is not there yet.
    ///
    /// # Errors
    /// When it can neither be found nor made.
    pub fn open(dir: &Path) -> Result<Self, SignError> {
        std::fs::create_dir_all(dir).map_err(|e| io("make the folder", dir, e))?;
        Ok(Self { dir: dir.to_owned(), seen: BTreeMap::new() })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// The file that a change goes into.
    #[must_use]
    pub fn change_file(&self, digest: &Digest) -> PathBuf {
        self.dir.join(format!("{}.change", digest.words()))
    }

    /// Puts a change's canonical text into the folder, whole or not at all, and gives the file. Next to it go the
    /// requester's signature and the estate's deciding text, so that an approver's program can check both.
    ///
    /// # Errors
    /// The file system's.
    pub fn publish(&self, text: &str, signature: &str, estate: &str) -> Result<PathBuf, SignError> {
        let path = self.change_file(&Digest::of(text));
        let beside = |ending: &str| path.with_extension(format!("change{ending}"));
        write_atomically(&beside(ASKED), signature.as_bytes())?;
        write_atomically(&beside(ESTATE), estate.as_bytes())?;
        write_atomically(&path, text.as_bytes())?;
        Ok(path)
    }

    /// Signatures that came since the last scan, each once; a rewritten file counts as new.
    ///
    /// # Errors
    /// If the folder cannot be read; files in it that cannot be read are skipped.
    pub fn scan(&mut self) -> Result<Vec<Found>, SignError> {
        let entries = std::fs::read_dir(&self.dir).map_err(|e| io("read the folder", &self.dir, e))?;
        let mut files: Vec<(SystemTime, PathBuf)> = entries
            .take(MOST_NAMES)
            .filter_map(Result::ok)
            .filter(|e| Path::new(&e.file_name()).extension().is_some_and(|x| x == "sig"))
            // `metadata` of a directory entry does not follow links.
            .filter_map(|e| e.metadata().ok().filter(std::fs::Metadata::is_file).map(|m| (m, e.path())))
            .filter(|(m, _)| m.len() <= LARGEST_SIGNATURE)
            .map(|(m, path)| (m.modified().unwrap_or(SystemTime::UNIX_EPOCH), path))
            .collect();
        files.sort_by(|a, b| b.cmp(a));
        files.truncate(MOST_SIGNATURES);
        files.reverse();
        let mut found = Vec::new();
        let mut seen = BTreeMap::new();
        for (_, path) in files {
            let Some(armored) = read_regular(&path) else { continue };
            let content = Digest::of(&armored);
            let before = self.seen.get(&path).copied().filter(|s| s.content == content);
            let waiting = match before {
                Some(Seen { waiting: None, .. }) => None,
                // Still being written, perhaps: it is given a little time, then reported as what it is.
                _ if paste(&armored).is_none() => {
                    let waited = before.and_then(|s| s.waiting).map_or(0, |n| n + 1);
                    (waited < PATIENCE).then_some(waited)
                }
                _ => None,
            };
            if waiting.is_none() && before.is_none_or(|s| s.waiting.is_some()) {
                found.push(Found { path: path.clone(), armored });
            }
            seen.insert(path, Seen { content, waiting });
        }
        self.seen = seen;
        Ok(found)
    }
}

/// Puts a signature next to a change, under the first name of `FILE.sig`, `FILE.2.sig`, … that nothing has yet: whatever is
/// there stays, be it a signature, a folder or a link to nowhere. Gives the file.
pub(crate) fn write_beside(change: &Path, bytes: &[u8]) -> Result<PathBuf, SignError> {
    let first = signature_file(change, 1);
    let part = Part::of(&first, bytes).map_err(|e| io("write", &first, e))?;
    for path in (1..MOST_BESIDE).map(|n| signature_file(change, n)) {
        match part.place_new(&path) {
            Ok(()) => return Ok(path),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(io("write", &path, e)),
        }
        if read_regular(&path).is_some_and(|there| there.as_bytes() == bytes) {
            return Ok(path);
        }
    }
    Err(io("write", &first, std::io::Error::other("a hundred signatures are there already")))
}

/// Where the signatures are of approvers who signed after the one of a file: `FILE.2.sig` and so on, beside `FILE.sig`.
pub(crate) fn beside(first: &Path) -> Vec<PathBuf> {
    let Some(change) = first.to_str().and_then(|name| name.strip_suffix(".sig")) else { return Vec::new() };
    let others = (2..MOST_BESIDE).map(|n| signature_file(Path::new(change), n));
    others.filter(|path| path.is_file()).collect()
}

/// The name of a change's first, second … signature.
fn signature_file(change: &Path, n: usize) -> PathBuf {
    let mut name = change.as_os_str().to_owned();
    name.push(if n == 1 { ".sig".to_owned() } else { format!(".{n}.sig") });
    PathBuf::from(name)
}

/// Writes a file next to its place and moves it there, so that nobody reads half of it.
fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), SignError> {
    let part = Part::of(path, bytes).and_then(|part| std::fs::rename(&part.path, path));
    part.map_err(|e| io("write", path, e))
}

/// A whole file that waits beside its place; it goes when it has been placed.
struct Part {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Part {
    /// Writes it under a name that is no other program's.
    fn of(file: &Path, bytes: &[u8]) -> std::io::Result<Self> {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let named = |n| file.with_file_name(format!(".{name}.{}.{n}.part", std::process::id()));
        // What a crash left has a name of its own, and a link that somebody put there is never followed.
        let mut tries = (0..MOST_BESIDE).map(named).map(|path| (File::create_new(&path), path));
        let (open, path) = tries
            .find(|(open, _)| !open.as_ref().is_err_and(|e| e.kind() == ErrorKind::AlreadyExists))
            .ok_or_else(|| std::io::Error::other("a hundred files that others began are there already"))?;
        let mut open = open?;
        let part = Self { path, bytes: bytes.to_vec() };
        open.write_all(bytes).and_then(|()| open.sync_all())?;
        Ok(part)
    }

    /// Gives it a name that nothing has yet.
    fn place_new(&self, path: &Path) -> std::io::Result<()> {
        std::fs::hard_link(&self.path, path).or_else(|e| match e.kind() {
            ErrorKind::AlreadyExists => Err(e),
            // A file system without links: half of it may be read, which a console waits for to be whole.
            _ => {
                let mut file = File::create_new(path)?;
                let written = file.write_all(&self.bytes).and_then(|()| file.sync_all());
                written.inspect_err(|_| drop(std::fs::remove_file(path)))
            }
        })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already where it was moved.
        drop(std::fs::remove_file(&self.path));
    }
}

/// The content of a small regular file that is still the one its name meant a moment ago.
fn read_regular(path: &Path) -> Option<String> {
    let named = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let file = crate::files::open_plain(path).ok()?;
    let open = file.metadata().ok()?;
    if (open.dev(), open.ino()) != (named.dev(), named.ino()) {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LARGEST_SIGNATURE + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= LARGEST_SIGNATURE).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

fn io(doing: &'static str, path: &Path, source: std::io::Error) -> SignError {
    SignError::Io { doing, path: path.to_owned(), source }
}
