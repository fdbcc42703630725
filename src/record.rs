//! What is kept: the bodies of the journal's lines.
//!
//! The life of a change is the fold of these (`change::Changes::apply`), live and after a restart alike,
//! so that a console that comes back knows exactly what the one before it knew.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::change::Digest;
use crate::estate::{ControlArn, ControlState, PairName, PersonName, Region};
use crate::event::{FlipOutcome, Via};
use crate::time::Stamp;

/// A record as the journal holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// When, by both clocks.
    pub at: Stamp,
    /// The boot of the machine that `at.mono` belongs to.
    pub boot: String,
    /// What.
    pub record: Record,
}

/// One thing worth keeping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// A console or command opened the journal.
    Opened {
        /// The program's version.
        version: String,
        /// The estate's name.
        estate: String,
        /// Who sits in front of it.
        by: Option<PersonName>,
    },
    /// A change was proposed.
    Proposed {
        /// SHA-256 of `text`.
        change: Digest,
        /// The canonical text.
        text: String,
    },
    /// A draft was not let through.
    ProposalRefused {
        /// Who asked.
        by: PersonName,
        /// For what.
        title: String,
        /// Why not.
        why: String,
    },
    /// A valid approval.
    Approved {
        /// The change.
        change: Digest,
        /// The approver.
        by: PersonName,
        /// SHA-256 fingerprint of the key that signed.
        key: String,
        /// How the signature came.
        via: Via,
        /// The armored signature.
        signature: String,
    },
    /// A signature that does not count.
    ApprovalRefused {
        /// The change it was tried on, where that can be told.
        change: Option<Digest>,
        /// How it came.
        via: Via,
        /// Why it does not count.
        why: String,
    },
    /// Somebody with the approver role said no.
    Rejected {
        /// The change.
        change: Digest,
        /// Who.
        by: PersonName,
        /// Why.
        reason: String,
    },
    /// The requester took it back.
    Withdrawn {
        /// The change.
        change: Digest,
        /// Who.
        by: PersonName,
    },
    /// It was too late for it.
    Expired {
        /// The change.
        change: Digest,
        /// Which window closed.
        why: String,
    },
    /// A control was moved by somebody else.
    Voided {
        /// The change.
        change: Digest,
        /// What the controls were found in.
        moved: BTreeMap<ControlArn, ControlState>,
    },
    /// A second key that does not count.
    SecondKeyRefused {
        /// The change.
        change: Digest,
        /// Who turned it.
        by: PersonName,
        /// Why it does not count.
        why: String,
    },
    /// The change is about to be sent. Kept, and flushed, before anything is sent; one for a change, ever.
    Intent {
        /// The change.
        change: Digest,
        /// Who turned the second key.
        by: PersonName,
    },
    /// What came of it.
    Outcome {
        /// The change.
        change: Digest,
        /// The verdict and the attempts.
        outcome: FlipOutcome,
    },
    /// The states were read back from other endpoints, or an uncertain change was settled by reading.
    Settled {
        /// The change.
        change: Digest,
        /// Whether the states asked for are in force.
        done: bool,
        /// Endpoints that showed it.
        endpoints: Vec<Region>,
    },
    /// Traffic was seen to have moved.
    TrafficMoved {
        /// The change.
        change: Digest,
        /// How it shows, in words.
        how: String,
    },
    /// A step of the sequence began or ended.
    Step {
        /// The pair.
        pair: PairName,
        /// 1 to 7.
        step: u8,
        /// Whether it ended.
        done: bool,
    },
    /// A line of the timeline that was observed.
    Seen {
        /// The pair it belongs to, if one.
        pair: Option<PairName>,
        /// Who or what says so: `route53`, `alice`.
        source: String,
        /// What.
        text: String,
    },
}
