//! Notices that were not sent before their program ended: kept in the state folder until another program sends them.
//!
//! One file each. Who sends it holds the file's lock meanwhile, so that no two programs do; a program that dies gives the
//! lock back. No URL is in it: whom it is for is known by a SHA-256.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::change::Digest;
use crate::effect::Notice;
use crate::time::{Span, Timestamp};

/// The folder within the state folder.
const NAME: &str = "notices";
/// Notices that may be kept; nobody has sent any for a long time when there are more.
const MOST: usize = 256;
/// Of one file, in bytes.
const LARGEST: u64 = 64 * 1024;
/// What is older is no news any more, and is not sent.
const OLD: Span = Span::from_hours(24);

/// The folder.
#[derive(Clone, Debug)]
pub(super) struct Outbox(PathBuf);

/// A notice in a file.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Whom it is for.
    to: Digest,
    /// They asked not to be told before.
    not_before: Timestamp,
    notice: Notice,
}

/// A file that no other program sends while this is held.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    // The lock goes with it.
    _file: File,
}

impl Claim {
    /// It was sent, or given up.
    pub(super) fn done(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Outbox {
    pub(super) fn of(state: &Path) -> Self {
        Self(state.join(NAME))
    }

    /// Keeps a notice for another program.
    ///
    /// # Errors
    /// The file system's, or that too many are kept.
    pub(super) fn put(&self, to: Digest, not_before: Timestamp, notice: &Notice) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        if std::fs::read_dir(&self.0)?.take(MOST).count() >= MOST {
            return Err(io::Error::other(format!("{MOST} notices are kept already")));
        }
        let text = serde_json::to_string(&Kept { to, not_before, notice: notice.clone() })?;
        let name = Digest::of(&format!("{to} {text}")).to_string();
        let part = self.0.join(format!("{name}.part"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&part, self.0.join(format!("{name}.json")))
    }

    /// Notices that these people may be told now, oldest first, each held.
    pub(super) fn claim(&self, now: Timestamp, wanted: impl Fn(&Digest) -> bool) -> Vec<(Digest, Notice, Claim)> {
        let Ok(entries) = std::fs::read_dir(&self.0) else { return Vec::new() };
        let names = entries.take(2 * MOST).filter_map(|e| e.ok().map(|e| e.path()));
        let mut found: Vec<_> = names.filter_map(|path| Self::take(path, now, &wanted)).collect();
        found.sort_by_key(|(_, notice, _)| notice.at.wall);
        found
    }

    fn take(path: PathBuf, now: Timestamp, wanted: impl Fn(&Digest) -> bool) -> Option<(Digest, Notice, Claim)> {
        let mut file = crate::files::open_to_write(&path).ok()?;
        file.try_lock().ok()?;
        let mut text = Vec::new();
        (&mut file).take(LARGEST).read_to_end(&mut text).ok()?;
        // Whoever held it before has sent it.
        let about = std::fs::symlink_metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
        let whole = path.extension().is_some_and(|e| e == "json");
        let claim = Claim { path, _file: file };
        if !whole {
            // A program that died while it wrote leaves a part, which must not take the place of a notice for ever.
            let age = about.modified().ok()?.elapsed().unwrap_or_default();
            if age > OLD.unsigned_abs() {
                claim.done();
            }
            return None;
        }
        let Ok(Kept { to, not_before, mut notice }) = serde_json::from_slice(&text) else {
            tracing::warn!(file = %claim.path.display(), "a kept notice cannot be read, and is removed");
            claim.done();
            return None;
        };
        // Anybody who can write the folder may have put it there.
        for said in [&mut notice.who, &mut notice.text] {
            *said = crate::hygiene::visible(said).into_owned();
        }
        if now.duration_since(notice.at.wall) > OLD {
            claim.done();
            return None;
        }
        (wanted(&to) && not_before <= now).then_some((to, notice, claim))
    }
}
