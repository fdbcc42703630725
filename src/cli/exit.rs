//! Exit codes: what a script can tell apart.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It did what it was asked.
    Ok = 0,
    /// Something went wrong that no other code speaks of: a file, the disk, the network of another service.
    Failed = 1,
    /// It was asked wrongly: arguments, or a file that is not what was wanted (clap's own code as well).
    Usage = 2,
    /// The two-person rule or ARC said no: nothing was changed.
    Refused = 3,
    /// The change's time is over: nothing was changed.
    Expired = 4,
    /// It may or may not have happened: read the controls before anything else.
    Uncertain = 5,
    /// No cluster endpoint could be reached: nothing was sent.
    Unreachable = 6,
    /// Approvals are missing: nothing was changed.
    NotApproved = 7,
    /// `status`: something of the estate is impaired or not known.
    Impaired = 8,
    /// The journal is damaged, or would not take the record: nothing was changed.
    Journal = 9,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
