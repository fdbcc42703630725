//! The vocabulary of what happens: everything that changes what the console knows is one of these.
//!
//! Time, nonces and the person acting arrive inside events, so the same events always give the same model.

mod check;
mod heard;
mod outcome;
mod points;
mod sign_in;

use serde::{Deserialize, Serialize};

use crate::change::{Anchor, Approver, Courier, Digest, Draft, Nonce, Operator};
use crate::effect::EffectId;
pub use crate::estate::Place;
use crate::estate::{ControlState, PairName, PersonName};
use crate::record::{Kept, SessionKind, Signed};
use crate::time::{Stamp, Timestamp};
pub use check::*;
pub use heard::*;
pub use outcome::*;
pub use points::*;
pub use sign_in::*;

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When the console took it in.
    pub at: Stamp,
    /// What it was.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// Time went on. Comes about once a second.
    Tick,
    /// A feed learnt something, or failed to.
    Heard(Heard),
    /// What asking costs has changed.
    Spending(Spending),
    /// A person asked for something.
    Asked(Ask),
    /// The journal as it stood when the console opened, oldest first.
    Resumed(Vec<Kept>),
    /// What other programs appended to the journal meanwhile.
    Elsewhere(Vec<Kept>),
    /// The journal and its last line, as far as it was read or written.
    Anchored(Anchor),
    /// What was set aside from the journal or is missing, one sentence each: everybody must be told.
    SetAside(Vec<String>),
    /// The journal has a record on disk.
    Recorded(EffectId),
    /// The journal had the same observation already, from another program; nothing was appended.
    Already(EffectId),
    /// The journal does not take an intent: another program ran or closed the change, or it is of another folder.
    Lost(EffectId, String),
    /// The journal has another intent that was not known when this one was decided: it is decided again.
    Overtaken(EffectId),
    /// A person's key signed a statement, or why it did not. The armored signature.
    Signed(EffectId, Result<String, String>),
    /// The journal could not keep a record; for an intent this means that the write must not happen.
    RecordFailed(EffectId, String),
    /// An attempt to change routing controls ended.
    Flipped(EffectId, FlipOutcome),
    /// One endpoint was read back after a change.
    ReadBack(EffectId, ReadBack),
    /// Somebody could not be notified, and the notice was given up.
    NotTold {
        /// Who, without any secret: `webhook hooks.slack.com`.
        whom: String,
        /// Why not.
        why: String,
    },
    /// Somebody asks to be left alone for a while: what they should be told is kept until then.
    ToldLater {
        /// Who, without any secret.
        whom: String,
        /// What they ask for.
        why: String,
    },
    /// Somebody who had asked to wait has been told.
    ToldAtLast {
        /// Who, without any secret.
        whom: String,
    },
    /// This program said something of itself.
    Logged(LogLine),
    /// A report was written, or why not.
    Reported {
        /// Who wanted it.
        by: Option<PersonName>,
        /// Where it is, or what went wrong.
        result: Result<String, String>,
    },
    /// An attempt to launch DRS servers ended.
    LaunchAnswered(EffectId, LaunchEnd),
    /// What DRS has of the servers of a launch for its point in time, or why that is not known.
    Points(EffectId, Result<Vec<Pointed>, Failure>),
    /// A signal told this command to end.
    Leave,
    /// How this console's AWS credentials stand has changed.
    SignIn(SignIn),
}

/// A line that this program writes about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// How bad it is.
    pub level: LogLevel,
    /// What.
    pub text: String,
}

/// How bad a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogLevel {
    /// For whoever wonders.
    Info,
    /// Something did not work, and the program goes on without it.
    Warn,
    /// Something is wrong.
    Error,
}

impl LogLevel {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            LogLevel::Info => "info",
            LogLevel::Warn => "warning",
            LogLevel::Error => "error",
        }
    }
}

/// What a person asked for. The tokens prove that the asker's screen may ask it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Freeze a draft into a change that waits for approval.
    Propose {
        /// The requester.
        by: Operator,
        /// What they want.
        draft: Draft,
        /// 128 random bits, so that no two changes are ever the same.
        nonce: Nonce,
    },
    /// Turn the second key.
    SecondKey {
        /// Who turns it.
        by: Operator,
        /// Of which change.
        change: Digest,
        /// The region that they typed.
        typed: String,
    },
    /// Take a change back.
    Withdraw {
        /// Who takes it back.
        by: Operator,
        /// Which change.
        change: Digest,
    },
    /// Say no to a change.
    Reject {
        /// Who says no.
        by: Approver,
        /// To which change.
        change: Digest,
        /// Why.
        reason: String,
    },
    /// Approve somebody else's change at this console: the approver's own key signs it.
    Approve {
        /// Who approves.
        by: Approver,
        /// Which change.
        change: Digest,
        /// The word code that they typed.
        typed: String,
    },
    /// A signature came in. The gate finds out who made it, and for what.
    Signature {
        /// The armored OpenSSH signature, as it came.
        armored: String,
        /// By whose hand it came.
        by: Courier,
        /// The change that it was handed in for, where one was named: one over another approves nothing.
        #[serde(default)]
        of: Option<Digest>,
    },
    /// Keep that somebody's key answered a challenge.
    Present {
        /// Who.
        by: PersonName,
        /// SHA-256 fingerprint of the key.
        key: String,
        /// What was signed.
        signed: Signed,
    },
    /// Somebody with the change in front of them says that they are reading it.
    Reading {
        /// Who.
        by: Approver,
        /// Which change.
        change: Digest,
    },
    /// A remark for the timeline.
    Note {
        /// Who.
        by: Operator,
        /// About which pair.
        pair: PairName,
        /// The remark.
        text: String,
    },
    /// Mark this moment for everybody: `start of outage`.
    Moment {
        /// Who.
        by: Operator,
        /// Of which pair.
        pair: PairName,
        /// What it is.
        text: String,
        /// When it was, where it was before now.
        #[serde(default)]
        was: Option<Timestamp>,
    },
    /// Give an incident or a drill its name: from now on what happens to the pair is part of it.
    Begin {
        /// Who says so.
        by: Operator,
        /// What begins.
        session: NewSession,
    },
    /// The incident or drill of a pair is over.
    End {
        /// Who says so.
        by: Operator,
        /// Of which pair.
        pair: PairName,
    },
    /// Step 7 is done: people were told.
    Told {
        /// Who told them.
        by: Operator,
        /// About which pair.
        pair: PairName,
    },
}

/// A named incident or drill that somebody begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSession {
    /// The pair.
    pub pair: PairName,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SessionKind,
    /// Who takes part.
    pub participants: Vec<String>,
    /// Since when, where it began before somebody said so.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

/// How a signature came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Pasted into the console.
    Pasted,
    /// Signed by the approver's own key at the approver's own console.
    Console,
    /// Found in the incident folder.
    Folder,
    /// Given on the command line.
    CommandLine,
    /// Made by the demo's throw-away second person.
    DemoPerson,
}

/// One control over all endpoints that have answered lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lever {
    /// All of them say the same.
    Agreed(ControlState),
    /// They do not.
    Disagreed {
        /// Endpoints that say On.
        on: usize,
        /// Endpoints that say Off.
        off: usize,
    },
    /// None has answered lately.
    Unknown,
}
