//! The vocabulary of what the model wants done. Only `runtime` carries effects out.

use serde::{Deserialize, Serialize};

use crate::change::{Act, Digest, Flip, Launch};
use crate::estate::{ControlArn, Field, Occasion, PairName, PersonName, Region, RuleArn, Site, Template};
use crate::event::SourceId;
use crate::record::Record;
use crate::time::{Stamp, Timestamp};

/// Names one effect, so that an answer to a superseded one can be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EffectId(pub u64);

/// Something to be done in the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Append to the journal and flush; answered by `Recorded`, `Already` or `RecordFailed`.
    Record(EffectId, Record),
    /// Have a person's key sign; answered by `Signed`.
    Sign(EffectId, Errand),
    /// Change routing controls, one atomic call; answered by `Flipped`. Only given out after its intent was recorded,
    /// and after what came of the call before it.
    Flip(EffectId, FlipOrder),
    /// Read these controls from every endpoint but one; each answers with `ReadBack`.
    ReadBack(EffectId, Vec<ControlArn>, Option<Region>),
    /// Launch DRS servers; answered by `LaunchAnswered`. Only given out after its intent was recorded.
    Launch(EffectId, LaunchOrder),
    /// Ask DRS for the recovery snapshots of a launch from a point in time; answered by `Points`.
    FindPoints(EffectId, PointsOrder),
    /// Ask this source again now.
    Hurry(SourceId),
    /// Put a change into the incident folder for the second person to find.
    Publish(Publication),
    /// Notify people away from the screen. Nothing waits for it.
    Notify(Notice),
}

/// A change as it goes into the incident folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The change.
    pub change: Digest,
    /// Its canonical text.
    pub text: String,
    /// The requester's armored signature.
    pub signature: String,
    /// What decides in the estate that it is bound to.
    pub estate: String,
}

/// A statement that a person's key is to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Whose key.
    pub by: PersonName,
    /// The deed, which gives the namespace.
    pub act: Act,
    /// The exact text.
    pub text: String,
}

/// What people are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub on: Occasion,
    /// When.
    pub at: Stamp,
    /// The pair that it concerns.
    pub pair: Option<PairName>,
    /// The change that it concerns.
    pub change: Option<Digest>,
    /// Who did it, or what says so. Hidden characters already shown as marks, as in `text`.
    pub who: String,
    /// What there is to say of it.
    pub text: String,
    /// Whether it happened at this console. Another console sends the notices of what happened there; here they only
    /// ring.
    pub own: bool,
}

impl Notice {
    /// What a template's field stands for.
    #[must_use]
    pub fn field(&self, field: Field, estate: &str) -> String {
        match field {
            Field::Estate => estate.to_owned(),
            Field::Pair => self.pair.as_ref().map(ToString::to_string).unwrap_or_default(),
            Field::What => self.on.words().to_owned(),
            Field::Words => self.change.map(|d| d.words()).unwrap_or_default(),
            Field::Who => self.who.clone(),
            Field::Text => self.text.clone(),
            Field::At => self.at.wall.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        }
    }

    /// The notice in a template's words.
    #[must_use]
    pub fn words(&self, template: &Template, estate: &str) -> String {
        template.fill(|field| self.field(field, estate))
    }
}

/// What a launch is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchOrder {
    /// The change it belongs to; the job carries it as a tag.
    pub change: Digest,
    /// Whose DRS launches.
    pub site: Site,
    /// What is launched.
    pub launch: Launch,
}

/// What recovery snapshots are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsOrder {
    /// Whose DRS has them.
    pub site: Site,
    /// The servers, `s-…`.
    pub servers: Vec<String>,
    /// None may be younger than this.
    pub at: Timestamp,
}

/// What a flip is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlipOrder {
    /// The change it belongs to.
    pub change: Digest,
    /// The controls, each with the state it must have now and the state it shall get.
    pub flips: Vec<Flip>,
    /// What the calls before this one moved, of a change that takes several: it must still be so.
    #[serde(default)]
    pub holds: Vec<Flip>,
    /// `SafetyRulesToOverride`.
    pub overrides: Vec<RuleArn>,
}
