//! The states of a change, and what each lets people do.

use std::collections::BTreeMap;

use crate::estate::{ControlArn, ControlState, PersonName, Region};
use crate::event::{FlipEnd, Refusal};
use crate::time::{Span, Stamp};

/// The life of a change (`two-person.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for approval.
    Proposed,
    /// Waits for the second key.
    Approved,
    /// The intent is kept; the call is under way.
    Executing,
    /// An endpoint confirmed it; the others are being read.
    Applied {
        /// The endpoint that confirmed.
        endpoint: Region,
    },
    /// Other endpoints show the states asked for.
    Verified {
        /// When traffic was seen to have moved.
        moved: Option<Stamp>,
    },
    /// ARC said no; nothing changed.
    Refused(Refusal),
    /// It did not happen, for this reason.
    NotApplied(NotDone),
    /// Nobody confirmed it; only reading can tell.
    Uncertain,
    /// DRS has taken the launch on, as this job.
    Launching {
        /// `drsjob-…`.
        job: String,
    },
    /// The launch's job is over.
    Launched {
        /// `drsjob-…`.
        job: String,
        /// Servers that were not launched, by name. One is enough for a failure, whatever the job's status says.
        failed: Vec<String>,
    },
    /// Somebody said no.
    Rejected {
        /// Who.
        by: PersonName,
        /// Why.
        reason: String,
    },
    /// The requester took it back.
    Withdrawn,
    /// A window closed.
    Expired(Lapse),
    /// The world moved.
    Void(BTreeMap<ControlArn, ControlState>),
    /// The estate is not the one that it was proposed with; what differs, a line each.
    OtherEstate(Vec<String>),
}

/// Why a change that was sent, or was to be, did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// The journal took longer than the second key's window; nothing was sent.
    TooLate,
    /// No cluster endpoint could be reached; nothing was sent.
    Unreachable,
    /// Nothing was sent to DRS, and why.
    NotSent(String),
    /// Nobody confirmed the launch, and DRS had no job of it when it was asked. If it shows one later, it was launched.
    NoJob,
    /// The endpoint that it was sent to failed, in its own words, and the controls were read in their old states.
    Failed(String),
    /// Nobody confirmed it, and the controls were read in their old states.
    OldStates,
    /// Its controls were read in neither the old nor the new states, late: what came of it is not to be told any more.
    Neither,
    /// It takes several calls, and stopped after some of them: these are in force.
    Partly {
        /// The controls that moved, by name and state.
        moved: Vec<String>,
        /// The controls that did not.
        left: Vec<String>,
        /// How the call ended that was the last to be tried; none where it is in force and no further was sent.
        end: Option<Box<FlipEnd>>,
    },
    /// This endpoint confirmed it, but the controls were read in their old states.
    TakenBack(Region),
}

/// Which window of a change closed, and how long it was. The journal keeps it in these words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lapse {
    /// That for its approvals.
    #[error("not approved within {0:#}")]
    Approval(Span),
    /// That for its second key.
    #[error("the second key was not turned within {0:#} of the approval")]
    SecondKey(Span),
}

impl State {
    /// Whether it can still be approved or run.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, State::Proposed | State::Approved)
    }

    /// Whether its attempts may still be under way: no newer change may start meanwhile.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self, State::Executing | State::Applied { .. } | State::Uncertain)
    }

    /// Whether it is over and nothing came of it: what it was for may be proposed again.
    #[must_use]
    pub fn came_to_nothing(&self) -> bool {
        matches!(
            self,
            State::Refused(_)
                | State::NotApplied(
                    NotDone::TooLate
                        | NotDone::Unreachable
                        | NotDone::NotSent(_)
                        | NotDone::NoJob
                        | NotDone::Failed(_)
                        | NotDone::OldStates
                        | NotDone::Neither
                        | NotDone::TakenBack(_)
                )
                | State::Rejected { .. }
                | State::Withdrawn
                | State::Expired(_)
                | State::Void(_)
                | State::OtherEstate(_)
        )
    }

    /// Whether it was sent, or is about to be.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        matches!(
            self,
            State::Executing
                | State::Applied { .. }
                | State::Verified { .. }
                | State::Refused(_)
                | State::NotApplied(_)
                | State::Uncertain
                | State::Launching { .. }
                | State::Launched { .. }
        )
    }

    /// The state of a change that is no longer open, and what to do about it; follows its name, or `this change`.
    #[must_use]
    pub fn past_words(&self) -> String {
        let word = self.word();
        match self {
            State::Proposed | State::Approved => "is open".to_owned(),
            State::Executing | State::Applied { .. } | State::Uncertain | State::Launching { .. } => {
                format!("is {word} already: it was sent, is not taken back, and runs once")
            }
            State::Verified { .. } | State::Launched { .. } => format!("is {word} already; a change runs once"),
            State::Refused(_) => "was refused by ARC; propose again".to_owned(),
            State::NotApplied(NotDone::Partly { .. }) => {
                "was done in part: propose what is left of it, or its undoing".to_owned()
            }
            State::NotApplied(_) => "was not applied; propose again".to_owned(),
            State::Rejected { by, reason } => format!("is rejected already, by {by}: “{reason}”; propose again"),
            State::Withdrawn | State::Expired(_) | State::Void(_) | State::OtherEstate(_) => {
                format!("is {word} already and can never run; propose again")
            }
        }
    }

    /// One word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            State::Proposed => "proposed",
            State::Approved => "approved",
            State::Executing => "executing",
            State::Applied { .. } => "applied",
            State::Verified { .. } => "verified",
            State::Refused(_) => "refused",
            State::NotApplied(NotDone::Partly { .. }) => "half done",
            State::NotApplied(_) => "not applied",
            State::Uncertain => "uncertain",
            State::Launching { .. } => "launching",
            State::Launched { failed, .. } if failed.is_empty() => "launched",
            State::Launched { .. } => "launch failed",
            State::Rejected { .. } => "rejected",
            State::Withdrawn => "withdrawn",
            State::Expired(_) => "expired",
            State::Void(_) | State::OtherEstate(_) => "void",
        }
    }
}
