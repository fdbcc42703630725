//! The incident folder: changes go out as `<words>.change`, signatures come in as `*.sig`.
//!
//! `ssh-keygen -Y sign -n approval@signalbox -f KEY <words>.change` leaves `<words>.change.sig` next to the change.
//! Anybody who can write to the folder can put anything there. So only a bounded number of small regular files are
//! read, and the gate judges what they hold.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
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

/// Puts a signature next to a change and overwrites no other: `FILE.sig`, or `FILE.2.sig` where another one over the same
/// change is there. What is there of something else gives way to it, under such a name. Gives the file.
pub(crate) fn write_beside(change: &Path, bytes: &[u8], is_other: impl Fn(&str) -> bool) -> Result<PathBuf, SignError> {
    let named = |ending: &str| {
        let mut name = change.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let first = named(".sig");
    let free =
        || (2..MOST_BESIDE).map(|n| named(&format!(".{n}.sig"))).find(|path| std::fs::symlink_metadata(path).is_err());
    let full = || io("write", &first, std::io::Error::other("a hundred signatures are there already"));
    loop {
        let path = match crate::files::read_bounded(&first, crate::files::SIGNATURE) {
            Ok(there) if there == bytes => return Ok(first),
            Ok(there) if is_other(&String::from_utf8_lossy(&there)) => free().ok_or_else(full)?,
            Ok(_) => {
                let aside = free().ok_or_else(full)?;
                let kept = std::fs::hard_link(&first, &aside).or_else(|_| std::fs::copy(&first, &aside).map(drop));
                kept.map_err(|e| io("write", &aside, e))?;
                write_atomically(&first, bytes)?;
                return Ok(first);
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => first.clone(),
            Err(e) => return Err(io("write", &first, e)),
        };
        // Somebody who signs at the same moment may have taken the name.
        match write_new(&path, bytes) {
            Err(SignError::Io { source, .. }) if source.kind() == std::io::ErrorKind::AlreadyExists => {}
            done => return done.map(|()| path),
        }
    }
}

/// Where the signatures are of approvers who signed after the one of a file: `FILE.2.sig` and so on, beside `FILE.sig`.
pub(crate) fn beside(first: &Path) -> Vec<PathBuf> {
    let Some(change) = first.to_str().and_then(|name| name.strip_suffix(".sig")) else { return Vec::new() };
    let others = (2..MOST_BESIDE).map(|n| PathBuf::from(format!("{change}.{n}.sig")));
    others.take_while(|path| path.is_file()).collect()
}

/// Writes a file whole, where none of its name is yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), SignError> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    write_atomically(&part, bytes)?;
    let placed = std::fs::hard_link(&part, path).or_else(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Err(e),
        // A file system without links.
        _ => std::fs::rename(&part, path),
    });
    drop(std::fs::remove_file(&part));
    placed.map_err(|e| io("write", path, e))
}

/// Writes a file next to its place and moves it there, so that nobody reads half of it.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), SignError> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.part"));
    let error = |e| io("write", path, e);
    // A left-over of a crash, or a link that somebody put there, is removed rather than followed.
    match std::fs::remove_file(&beside) {
        Ok(()) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(error(e)),
    }
    let mut file = File::create_new(&beside).map_err(error)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|e| {
        drop(std::fs::remove_file(&beside));
        error(e)
    })
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
