//! Tokens for what the person at a screen may do. Without a token, there is no way to build the events that need one.

use serde::{Deserialize, Serialize};

use crate::estate::{Estate, PersonName, Role};
use crate::event::Via;

/// Somebody who may propose changes and turn second keys here. The token proves nothing: what they do is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Operator {
    name: PersonName,
}

/// Somebody who may approve and reject here. The token proves nothing: what they do is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Approver {
    name: PersonName,
}

impl Operator {
    /// Who it is.
    #[must_use]
    pub fn name(&self) -> &PersonName {
        &self.name
    }
}

impl Approver {
    /// Who it is.
    #[must_use]
    pub fn name(&self) -> &PersonName {
        &self.name
    }
}

/// What the person in front of a screen may do. An observer's hands are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hands {
    /// May propose.
    pub operator: Option<Operator>,
    /// May approve and reject.
    pub approver: Option<Approver>,
}

/// How a signature arrived: from somebody who may write, or from the incident folder. The signature proves itself. This
/// only keeps people who look on from handing one in at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Courier {
    via: Via,
}

impl Courier {
    /// An operator's hand.
    #[must_use]
    pub fn operator(_by: &Operator, via: Via) -> Self {
        Self { via }
    }

    /// The incident folder, which the runtime watches. No screen may say so (`tests/program/house.rs`).
    #[must_use]
    pub fn incident_folder() -> Self {
        Self { via: Via::Folder }
    }

    /// How it came.
    #[must_use]
    pub fn via(&self) -> Via {
        self.via
    }
}

impl Hands {
    /// These hands as a signature's courier; empty ones are none.
    #[must_use]
    pub fn courier(&self, via: Via) -> Option<Courier> {
        (self.operator.is_some() || self.approver.is_some()).then_some(Courier { via })
    }

    /// The hands of a person as the estate's `[[people]]` has them; a stranger's are empty.
    #[must_use]
    pub fn of(estate: &Estate, name: &PersonName) -> Self {
        let may = |role| estate.person(name).is_some_and(|p| p.is(role));
        Self {
            operator: may(Role::Operator).then(|| Operator { name: name.clone() }),
            approver: may(Role::Approver).then(|| Approver { name: name.clone() }),
        }
    }

    /// The hands of somebody who looks on.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }
}
