//! What is kept: the bodies of the journal's lines.
//!
//! The life of a change is the fold of these (`change::Changes::apply`), live and after a restart alike. So a restarted
//! console knows exactly what the one before it knew.

mod once;
mod running;
mod session;
mod since;
mod tried;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::change::{Digest, Nonce};
use crate::estate::{ControlArn, ControlState, PairName, PersonName, Region, Tier};
use crate::event::{FlipOutcome, LaunchEnd, Via};
use crate::time::{Stamp, Timestamp};

pub use running::{FORGOTTEN, Running};
pub use session::{none_runs, still_runs};
pub use since::{Lasted, Left, Since};
pub use tried::Tried;

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
        /// The requester's armored signature over it.
        #[serde(default)]
        signature: String,
    },
    /// What decides in the estate that proposals from here on are bound to. Once for each.
    Estate {
        /// SHA-256 of `text`.
        estate: Digest,
        /// Its canonical text (`change::Binding`).
        text: String,
    },
    /// Somebody's key answered a harmless challenge.
    Present {
        /// Who.
        by: PersonName,
        /// SHA-256 fingerprint of the key.
        key: String,
        /// What was signed.
        signed: Signed,
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
        /// The approver's own words, signed with it; empty where there are none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        words: String,
        /// The armored signature.
        signature: String,
    },
    /// A signature that does not count.
    ApprovalRefused {
        /// The change it was tried on, if known.
        change: Option<Digest>,
        /// How it came.
        via: Via,
        /// Why it does not count.
        why: String,
        /// SHA-256 of the signature as it came: several consoles find one file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Digest>,
    },
    /// Somebody with the approver role said no.
    Rejected {
        /// The change.
        change: Digest,
        /// Who.
        by: PersonName,
        /// Why.
        reason: String,
        /// What was signed.
        #[serde(default)]
        signed: Signed,
    },
    /// The requester took it back.
    Withdrawn {
        /// The change.
        change: Digest,
        /// Who.
        by: PersonName,
        /// What was signed.
        #[serde(default)]
        signed: Signed,
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
    /// The estate is not the one that the change was proposed with.
    EstateChanged {
        /// The change.
        change: Digest,
        /// What differs, a line each.
        differs: Vec<String>,
    },
    /// Something else that was asked for was refused: an unknown name, a change file that was edited, a second run.
    Refused {
        /// The change, if known.
        change: Option<Digest>,
        /// Who asked, by the name they gave or the key they have; none where there is neither.
        by: Option<PersonName>,
        /// What they tried.
        what: Tried,
        /// Why not.
        why: String,
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
        /// The region that was typed.
        #[serde(default = "no_region")]
        region: Region,
        /// What was signed.
        #[serde(default)]
        signed: Signed,
    },
    /// What came of it.
    Outcome {
        /// The change.
        change: Digest,
        /// The verdict and the attempts.
        outcome: FlipOutcome,
    },
    /// What came of one call of a change that takes several. Kept before the next is sent; after a call that was not
    /// confirmed there is no next.
    Called {
        /// The change.
        change: Digest,
        /// Which call, from 1.
        call: usize,
        /// How many calls the change takes.
        of: usize,
        /// The verdict and the attempts.
        outcome: FlipOutcome,
    },
    /// What DRS answered to a launch, or that its job was found later.
    LaunchAnswered {
        /// The change.
        change: Digest,
        /// The answer.
        answer: LaunchEnd,
    },
    /// A launch's job is over.
    Launched {
        /// The change.
        change: Digest,
        /// The job.
        job: String,
        /// Servers asked for.
        servers: u32,
        /// Servers that were not launched, by name.
        failed: Vec<String>,
    },
    /// The states were read back from other endpoints, or an uncertain change was settled by reading.
    Settled {
        /// The change.
        change: Digest,
        /// Whether the states asked for are in force.
        done: bool,
        /// Endpoints that showed it. Of a change that is not in force, those that showed its controls in neither the old nor
        /// the new states; none where they showed the old ones.
        endpoints: Vec<Region>,
    },
    /// All services of one tier that a change moves were seen to answer in its receiving region.
    TierBack {
        /// The change.
        change: Digest,
        /// The tier.
        tier: Tier,
    },
    /// Traffic was seen to have moved.
    TrafficMoved {
        /// The change.
        change: Digest,
        /// How it shows, in words.
        how: String,
        /// Nobody was looking when it moved: it had moved when somebody did.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        late: bool,
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
    /// The clock of an incident began to run: a failure was seen, or a change proposed.
    Began {
        /// The pair.
        pair: PairName,
        /// Since when; a failure began before it was seen. By the wall clock as it was when this was kept, so the
        /// record's own two clocks show how long before the record that was.
        since: Timestamp,
        /// Whether it began with a proposal and not with a failure.
        planned: bool,
        /// Who began it by hand; none where a failure or a proposal began it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonName>,
        /// It was so already when it was read first, at `since`: nobody saw it begin.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        found: bool,
    },
    /// A region became impaired. Every console that reads it says the same *since*.
    Impaired {
        /// The pair.
        pair: PairName,
        /// The region.
        region: Region,
        /// Since when, by the wall clock as it stood when this was kept.
        since: Timestamp,
        /// It was so already when it was read first, at `since`: nobody saw it begin.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        found: bool,
    },
    /// It has been well again for so long that what fails there from now on is another failure.
    Recovered {
        /// The pair.
        pair: PairName,
        /// The region.
        region: Region,
    },
    /// An incident's clock stopped by itself: nothing fails any more, and no change is under way.
    Over {
        /// The pair.
        pair: PairName,
    },
    /// A routing control was moved, and no change of this journal did it.
    MovedElsewhere {
        /// The control.
        control: ControlArn,
        /// Its state before.
        from: ControlState,
        /// Its state since.
        to: ControlState,
        /// When that was seen first, by the wall clock as it stood when this was kept.
        since: Timestamp,
        /// Nobody saw it move: it was found so, and the journal had left it in the state before.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        found: bool,
    },
    /// How routing controls were found that the journal said nothing of before: what they are compared with when a
    /// console opens again.
    Controls {
        /// Their states.
        states: BTreeMap<ControlArn, ControlState>,
    },
    /// Somebody gave an incident or a drill its name. What happens to the pair until it ends is part of it.
    SessionStarted {
        /// The pair.
        pair: PairName,
        /// Its name: `INC-4471`, `2026-Q4`.
        name: String,
        /// What it is.
        session: SessionKind,
        /// Who takes part.
        participants: Vec<String>,
        /// Since when, where it began before somebody said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
        /// Who says so.
        by: PersonName,
    },
    /// An incident or a drill is over.
    SessionEnded {
        /// The pair.
        pair: PairName,
        /// Who says so.
        by: PersonName,
    },
    /// What was known when the second key of a change was turned; kept right before its intent.
    Figures {
        /// The change.
        change: Digest,
        /// What was known.
        figures: Figures,
    },
    /// Somebody marked a moment: `start of outage`.
    Moment {
        /// The pair it belongs to.
        pair: PairName,
        /// Who.
        by: PersonName,
        /// What it is.
        text: String,
        /// When it was, where it was before somebody marked it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Timestamp>,
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

impl Record {
    /// The kind, as it stands in the journal: `approved`.
    #[must_use]
    pub fn kind(&self) -> String {
        let value = serde_json::to_value(self).ok();
        value.as_ref().and_then(|v| v.get("kind")?.as_str()).unwrap_or("record").to_owned()
    }

    /// Whether it is an observation of the world, which is true whether the journal takes it or not. Anything else is
    /// something that somebody wants, and counts once the journal has it.
    #[must_use]
    pub fn is_observed(&self) -> bool {
        matches!(
            self,
            Record::Expired { .. }
                | Record::Voided { .. }
                | Record::EstateChanged { .. }
                | Record::Outcome { .. }
                | Record::Called { .. }
                | Record::LaunchAnswered { .. }
                | Record::Launched { .. }
                | Record::Settled { .. }
                | Record::TierBack { .. }
                | Record::TrafficMoved { .. }
                | Record::Step { .. }
                | Record::Began { .. }
                | Record::Figures { .. }
                | Record::Impaired { .. }
                | Record::Recovered { .. }
                | Record::Over { .. }
                | Record::MovedElsewhere { .. }
                | Record::Controls { .. }
                | Record::Seen { .. }
        )
    }

    /// Whether a change can neither be approved nor run after it.
    pub(crate) fn is_an_end(&self) -> bool {
        matches!(self, Record::Intent { .. }) || self.follows_an_intent() || self.closes()
    }

    /// Whether it tells what came of a change that was sent: none does before the intent of it.
    pub(crate) fn follows_an_intent(&self) -> bool {
        matches!(
            self,
            Record::Called { .. }
                | Record::Outcome { .. }
                | Record::LaunchAnswered { .. }
                | Record::Launched { .. }
                | Record::Settled { .. }
        )
    }

    /// The change that a record is about.
    #[must_use]
    pub fn change(&self) -> Option<Digest> {
        match self {
            Record::Proposed { change, .. }
            | Record::Approved { change, .. }
            | Record::Rejected { change, .. }
            | Record::Withdrawn { change, .. }
            | Record::Expired { change, .. }
            | Record::Voided { change, .. }
            | Record::EstateChanged { change, .. }
            | Record::SecondKeyRefused { change, .. }
            | Record::Intent { change, .. }
            | Record::Outcome { change, .. }
            | Record::Called { change, .. }
            | Record::LaunchAnswered { change, .. }
            | Record::Launched { change, .. }
            | Record::Settled { change, .. }
            | Record::Figures { change, .. }
            | Record::TierBack { change, .. }
            | Record::TrafficMoved { change, .. } => Some(*change),
            Record::ApprovalRefused { change, .. } | Record::Refused { change, .. } => *change,
            Record::Opened { .. }
            | Record::Estate { .. }
            | Record::Present { .. }
            | Record::ProposalRefused { .. }
            | Record::Step { .. }
            | Record::Began { .. }
            | Record::Impaired { .. }
            | Record::Recovered { .. }
            | Record::Over { .. }
            | Record::MovedElsewhere { .. }
            | Record::Controls { .. }
            | Record::SessionStarted { .. }
            | Record::SessionEnded { .. }
            | Record::Moment { .. }
            | Record::Seen { .. } => None,
        }
    }

    /// Whether it ends a change that was not sent. What was sent is taken back by nobody: after an intent such a line
    /// comes too late.
    #[must_use]
    pub fn closes(&self) -> bool {
        matches!(
            self,
            Record::Rejected { .. }
                | Record::Withdrawn { .. }
                | Record::Expired { .. }
                | Record::Voided { .. }
                | Record::EstateChanged { .. }
        )
    }

    /// Whether a person's key signs it.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        matches!(
            self,
            Record::Proposed { .. }
                | Record::Approved { .. }
                | Record::Rejected { .. }
                | Record::Withdrawn { .. }
                | Record::Intent { .. }
                | Record::Present { .. }
        )
    }

    /// Who made it.
    #[must_use]
    pub fn by(&self) -> Option<&PersonName> {
        match self {
            Record::Opened { by, .. } | Record::Refused { by, .. } => by.as_ref(),
            Record::ProposalRefused { by, .. }
            | Record::Approved { by, .. }
            | Record::Rejected { by, .. }
            | Record::Withdrawn { by, .. }
            | Record::SecondKeyRefused { by, .. }
            | Record::Intent { by, .. }
            | Record::Present { by, .. }
            | Record::SessionStarted { by, .. }
            | Record::SessionEnded { by, .. }
            | Record::Moment { by, .. } => Some(by),
            _ => None,
        }
    }
}

/// What a statement adds of its own kind, and the signature over it. Together with the record's own fields, it gives
/// the text that was signed (`change::Statement`). A record of a version that did not sign has none, and proves
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// When it was stated, by the signer's wall clock.
    pub at: Timestamp,
    /// 128 random bits.
    pub nonce: Nonce,
    /// The armored OpenSSH signature.
    pub signature: String,
}

impl Default for Signed {
    fn default() -> Self {
        Self { at: Timestamp::UNIX_EPOCH, nonce: Nonce(0), signature: String::new() }
    }
}

fn no_region() -> Region {
    Region::from("")
}

/// What a named incident or drill is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// No drill.
    Incident,
    /// The monthly test of a component.
    Monthly,
    /// The quarterly full failover.
    Quarterly,
    /// The yearly full validation.
    Yearly,
}

impl SessionKind {
    /// The drills.
    pub const DRILLS: [SessionKind; 3] = [SessionKind::Monthly, SessionKind::Quarterly, SessionKind::Yearly];

    /// All of them.
    pub const ALL: [SessionKind; 4] =
        [SessionKind::Incident, SessionKind::Monthly, SessionKind::Quarterly, SessionKind::Yearly];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            SessionKind::Incident => "incident",
            SessionKind::Monthly => "monthly component drill",
            SessionKind::Quarterly => "quarterly failover drill",
            SessionKind::Yearly => "yearly validation drill",
        }
    }
}

/// What was known of a move when it was made: all that a report needs and cannot find out afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The targets for each tier, seconds: time to be back, and data that may be lost.
    pub targets: BTreeMap<Tier, TierTarget>,
    /// The tiers of the services that move.
    pub tiers: Vec<Tier>,
    /// The replication lags towards the receiving region.
    pub lags: Vec<LagFigure>,
    /// The readiness score of the receiving region, 0 to 100.
    pub score: u8,
    /// Preflight checks that failed, in words.
    pub failed: Vec<String>,
    /// Preflight checks without a fresh reading, in words.
    pub unknown: Vec<String>,
}

/// A tier's targets, seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TierTarget {
    /// Time to be back.
    pub rto: f64,
    /// Data that may be lost.
    pub rpo: f64,
}

/// How far behind a system was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LagFigure {
    /// The system's name.
    pub system: String,
    /// Its tier, which is its data class.
    pub tier: Tier,
    /// Seconds behind; none where nobody knew.
    pub seconds: Option<f64>,
    /// Why nobody knew.
    pub why: Option<String>,
}
