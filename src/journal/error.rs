//! What can be wrong with a journal, and what the operator can do about it.

use std::io;
use std::path::{Path, PathBuf};

use super::line::Fault;
use crate::change::Digest;

/// Why the journal could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The chain is broken: the console may look, but not write.
    #[error("{} is damaged: {fault}; nothing can be written until it is mended or moved away (look with `signalbox journal verify {}`)", .path.display(), crate::hygiene::shell::path(.path))]
    Broken {
        /// The journal.
        path: PathBuf,
        /// The first fault.
        fault: Fault,
    },
    /// The file is not the one that was opened any more.
    #[error("{} was replaced or cut while it was open; restart signalbox after looking with `signalbox journal verify`", .path.display())]
    Replaced {
        /// The journal.
        path: PathBuf,
    },
    /// Another program has kept the lock for too long.
    #[error("another program holds {} locked; end the signalbox that hangs, then try again", .path.display())]
    Locked {
        /// The journal.
        path: PathBuf,
    },
    /// No space is left.
    #[error("no space is left for {}: free some, nothing was written", .path.display())]
    Full {
        /// The journal.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {doing} {}: permission denied; the journal's folder must belong to you and be writable", .path.display())]
    Denied {
        /// What was tried.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
    },
    /// Another failure of the disk or the file system.
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The intent must not be kept, so the write must not happen; or an approval or an end, so that it does not count.
    #[error("change {}: {why}", .change.words())]
    Intent {
        /// The change.
        change: Digest,
        /// Why not.
        why: IntentRefused,
    },
    /// Another program was first: what runs already does not begin, and what is over does not end.
    #[error("{0}")]
    Session(String),
    /// A proposal is bound to an estate that the journal does not have.
    #[error(
        "the journal does not have the estate that the proposal is bound to; start signalbox again, and propose again"
    )]
    Unbound,
    /// The record is longer than a line may be.
    #[error("a record of {0} bytes is longer than the journal takes")]
    TooLong(usize),
    /// A write failed and could not be taken back: until the disk works, nobody knows whether the record is kept. The
    /// next append or read mends the file; what it finds there counts.
    #[error("a write to {} failed and could not be taken back ({source}): whether the record is kept shows when the disk works again", .path.display())]
    Unsettled {
        /// The journal.
        path: PathBuf,
        /// Why the write failed.
        source: io::Error,
    },
    /// A proposal names another journal than this, or a line that this one does not have.
    #[error("the proposal was signed on another journal than {}, or on lines that are not in it; propose again", .path.display())]
    Astray {
        /// The journal.
        path: PathBuf,
    },
    /// This journal was opened to look.
    #[error("this console is read-only")]
    ReadOnly,
}

/// Why the journal does not take an intent, an approval or an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntentRefused {
    /// It was tried before, here or in another program, or a line says so.
    #[error("the journal says that it was run, here or by another signalbox; a change runs once")]
    Used,
    /// Another program closed it.
    #[error("it was {0} meanwhile")]
    Closed(&'static str),
    /// Its proposal never reached the disk.
    #[error("its proposal is not in the journal; propose again")]
    NotProposed,
    /// It was proposed in another folder, or in a copy of it: there it may have run.
    #[error("it was proposed in another folder or a copy of it; propose it here")]
    OtherJournal,
    /// Its approval never reached the disk.
    #[error("its approval is not in the journal; propose again")]
    NotApproved,
    /// Another intent was written since the one who decided looked: it must be decided again.
    #[error("another change was sent meanwhile; look at what it did, and turn the second key again")]
    Overtaken,
}

impl JournalError {
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Denied { doing, path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Io { doing, path, source },
        }
    }

    /// Why a record comes too late, where another program was first; none of other errors.
    #[must_use]
    pub fn was_second(&self) -> Option<String> {
        match self {
            Self::Intent { why, .. } => Some(why.to_string()),
            Self::Session(why) => Some(why.clone()),
            _ => None,
        }
    }

    /// Whether there is no journal yet.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Whether the journal is damaged, so that the console must open read-only.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::Replaced { .. })
    }
}
