//! Exit codes: what a script can tell apart. The codes, `docs/exit-codes.md` and the man page come from one table.

use std::process::ExitCode;

use color_eyre::eyre::Report;

use crate::change::DraftError;
use crate::fault::Faults;
use crate::replay::TapeError;
use crate::sim::scenario::LoadError;

macro_rules! exits {
    ($($exit:ident = $code:literal, $words:literal;)+) => {
        /// How a command ended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Exit { $(#[doc = $words] $exit = $code,)+ }

        impl Exit {
            /// All of them, by their codes.
            pub const ALL: &[Exit] = &[$(Exit::$exit,)+];

            /// What it means.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Exit::$exit => $words,)+ }
            }
        }
    };
}

exits! {
    Ok = 0, "done";
    Failed = 1, "something else went wrong: a file, the disk; `rehearse`: traffic did not move";
    Usage = 2, "wrong usage: bad arguments, or a file of the wrong kind";
    Refused = 3, "refused, by the two-person rule or by ARC, or ended by a signal before it began: nothing was changed";
    Expired = 4, "expired: nothing was changed";
    Uncertain = 5, "uncertain: it may or may not have happened; read the controls before anything else";
    Unreachable = 6, "no cluster endpoint could be reached, or for a launch DRS could not: nothing was sent";
    NotApproved = 7, "approvals are missing: nothing was changed";
    Impaired = 8, "`status`: something is impaired, or routing controls were moved by somebody else; `doctor`: something is bad; `drills`: one is overdue; `discover`: something could not be read; `flip --wait`: a server was not launched";
    Journal = 9, "the journal is damaged, or would not take the record: nothing was changed";
    Overtaken = 10, "`withdraw`, `reject`: too late, the change was run; its outcome is printed";
    Partly = 11, "half done: the change takes several calls, and a later one was refused or could not be sent; which controls moved and which did not is printed";
}

impl Exit {
    /// How a command ended that gave up for this reason.
    #[must_use]
    pub fn of(error: &Report) -> Self {
        let usage = |e: &(dyn std::error::Error + 'static)| {
            let tape = e.downcast_ref::<TapeError>();
            e.is::<Asked>()
                || e.is::<DraftError>()
                || e.is::<Faults>()
                || e.is::<LoadError>()
                || tape.is_some_and(|e| !matches!(e, TapeError::Io { .. }))
        };
        if error.chain().any(usage) { Exit::Usage } else { Exit::Failed }
    }

    /// The code itself.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// Asked wrongly: what a person has to ask otherwise, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Asked(String);

/// An error that ends a command as asked wrongly.
pub(super) fn asked(words: impl Into<String>) -> Report {
    Report::new(Asked(words.into()))
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
