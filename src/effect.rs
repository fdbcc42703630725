//! The vocabulary of what the model wants done. Only `runtime` carries effects out.

use serde::{Deserialize, Serialize};

use crate::change::{Digest, Flip, Launch};
use crate::estate::{ControlArn, Region, RuleArn};
use crate::event::SourceId;
use crate::record::Record;

/// Names one effect, so that an answer to a superseded one can be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EffectId(pub u64);

/// Something to be done in the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Append to the journal and flush; answered by `Recorded` or `RecordFailed`.
    Record(EffectId, Record),
    /// Change routing controls, one atomic call; answered by `Flipped`. Only given out after its intent was recorded.
    Flip(EffectId, FlipOrder),
    /// Read these controls from every endpoint but one; each answers with `ReadBack`.
    ReadBack(EffectId, Vec<ControlArn>, Option<Region>),
    /// Launch DRS servers; answered by `LaunchAnswered`. Only given out after its intent was recorded.
    Launch(EffectId, LaunchOrder),
    /// Ask this source again now.
    Hurry(SourceId),
    /// Put the change's canonical text into the incident folder for the second person to find.
    Publish(Digest, String),
}

/// What a launch is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchOrder {
    /// The change it belongs to; the job carries it as a tag.
    pub change: Digest,
    /// The region whose DRS launches.
    pub region: Region,
    /// What is launched.
    pub launch: Launch,
}

/// What a flip is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlipOrder {
    /// The change it belongs to.
    pub change: Digest,
    /// The controls, each with the state it must have now and the state it shall get.
    pub flips: Vec<Flip>,
    /// `SafetyRulesToOverride`.
    pub overrides: Vec<RuleArn>,
}
