//! What somebody tried and was refused.

use serde::{Deserialize, Serialize};

use crate::change::Act;

/// What somebody tried to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tried {
    /// Propose a change.
    Propose,
    /// Approve one.
    Approve,
    /// Reject one.
    Reject,
    /// Take their own back.
    Withdraw,
    /// Turn a second key.
    SecondKey,
    /// Say who sits here.
    Presence,
    /// Prove that a key works.
    ProveKey,
    /// Open a console.
    OpenConsole,
    /// Begin a named incident or a drill.
    Begin,
    /// End one.
    End,
    /// Mark a moment.
    Moment,
    /// Write a note.
    Note,
    /// Have kept that people were told.
    Told,
    /// What a version before these names kept, in words that fit behind "refused to".
    #[serde(untagged)]
    Said(String),
}

impl From<Act> for Tried {
    fn from(act: Act) -> Self {
        match act {
            Act::Propose => Tried::Propose,
            Act::Approve => Tried::Approve,
            Act::Reject => Tried::Reject,
            Act::Withdraw => Tried::Withdraw,
            Act::SecondKey => Tried::SecondKey,
            Act::Presence => Tried::Presence,
        }
    }
}
