//! What an operator wants, before it is frozen: which controls, to which states, and why.

use serde::{Deserialize, Serialize};

use super::Launch;
use crate::estate::{ControlArn, ControlState, Estate, PairName, Region, RuleArn};
use crate::time::Timestamp;

/// A change that is being put together. Lives on one screen; nothing is bound to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The pair.
    pub pair: PairName,
    /// What it is, in words: `fail over pair east to us-east-2`.
    pub title: String,
    /// The region that will receive the traffic, or launch servers: the second key is its name.
    pub receiving: Region,
    /// What is to be done.
    pub wanted: Wanted,
    /// Why.
    pub reason: String,
    /// Why to go on despite failing preflight checks; empty if none fail.
    #[serde(default)]
    pub despite: String,
}

/// What a draft wants done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// Routing controls in other states.
    Controls {
        /// The controls with the states they shall get, in the order in which they are shown and sent.
        to: Vec<(ControlArn, ControlState)>,
        /// Safety rules to override.
        overrides: Vec<RuleArn>,
    },
    /// Recovery instances of DRS source servers.
    Launch(Launch),
}

/// Why a draft cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// The pair is not in the estate.
    #[error("no pair is called `{0}`")]
    NoPair(PairName),
    /// The region is on no side of the pair.
    #[error("region {0} is not part of pair {1}")]
    NotInPair(Region, PairName),
    /// Marked controls bring no region on and take none off.
    #[error("nothing is marked: mark a routing control with space, or choose fail over")]
    Nothing,
    /// DRS has no server to launch.
    #[error("DRS has no source server in {0} that could be launched, or has not answered yet")]
    NoServers(Region),
    /// The estate has no routing controls.
    #[error("this estate has no ARC cluster: nothing can be moved from here")]
    NoCluster,
    /// The states of the controls are not known.
    #[error("the state of {0} is not known now: no cluster endpoint answers, or they disagree")]
    Unknown(String),
}

impl Draft {
    /// The controls with the states they shall get; none for a launch.
    #[must_use]
    pub fn to(&self) -> &[(ControlArn, ControlState)] {
        match &self.wanted {
            Wanted::Controls { to, .. } => to,
            Wanted::Launch(_) => &[],
        }
    }

    /// Whether any of its controls steers traffic.
    #[must_use]
    pub fn moves_traffic(&self, estate: &Estate) -> bool {
        self.to().iter().any(|(arn, _)| estate.service_of_control(arn).is_some())
    }

    /// Whether it launches this source server.
    #[must_use]
    pub fn launches(&self, id: &str) -> bool {
        matches!(&self.wanted, Wanted::Launch(l) if l.servers.iter().any(|s| s.id == id))
    }

    /// The safety rules to override, to be changed; none for a launch.
    pub fn overrides_mut(&mut self) -> Option<&mut Vec<RuleArn>> {
        match &mut self.wanted {
            Wanted::Controls { overrides, .. } => Some(overrides),
            Wanted::Launch(_) => None,
        }
    }

    /// The safety rules to override.
    #[must_use]
    pub fn overrides(&self) -> &[RuleArn] {
        match &self.wanted {
            Wanted::Controls { overrides, .. } => overrides,
            Wanted::Launch(_) => &[],
        }
    }

    /// A launch of DRS source servers in a region of a pair.
    ///
    /// # Errors
    /// When the pair or the region is not the estate's, or there is no server.
    pub fn launching(estate: &Estate, pair: &PairName, region: &Region, launch: Launch) -> Result<Self, DraftError> {
        let p = estate.pair(pair).ok_or_else(|| DraftError::NoPair(pair.clone()))?;
        if p.side(region).is_none() {
            return Err(DraftError::NotInPair(region.clone(), pair.clone()));
        }
        if launch.servers.is_empty() {
            return Err(DraftError::NoServers(region.clone()));
        }
        let title = launch.title(region);
        Ok(Self {
            pair: pair.clone(),
            title,
            receiving: region.clone(),
            wanted: Wanted::Launch(launch),
            reason: String::new(),
            despite: String::new(),
        })
    }

    /// The same launch from a point in time, not yet with the snapshots that it begins from; a move of controls stays as it
    /// is.
    #[must_use]
    pub fn as_of(mut self, at: Timestamp) -> Self {
        if let Wanted::Launch(launch) = &mut self.wanted {
            launch.at = Some(at);
            self.title = launch.title(&self.receiving);
        }
        self
    }

    /// All services of a pair towards `receiving`: its controls On, the other region's Off.
    ///
    /// # Errors
    /// When the pair or the region is not the estate's.
    pub fn towards(estate: &Estate, pair: &PairName, receiving: &Region) -> Result<Self, DraftError> {
        let p = estate.pair(pair).ok_or_else(|| DraftError::NoPair(pair.clone()))?;
        let side = p.side(receiving).ok_or_else(|| DraftError::NotInPair(receiving.clone(), pair.clone()))?;
        if estate.cluster.is_none() {
            return Err(DraftError::NoCluster);
        }
        let leaving = p.region(side.other());
        let mut to = Vec::new();
        for service in estate.services_of(pair) {
            for (region, state) in [(leaving, ControlState::Off), (receiving, ControlState::On)] {
                if let Some(control) = service.control(region) {
                    to.push((control.arn.clone(), state));
                }
            }
        }
        let verb = if side == crate::estate::Side::Standby { "fail over" } else { "fail back" };
        Ok(Self {
            pair: pair.clone(),
            title: move_title(verb, pair, receiving),
            receiving: receiving.clone(),
            wanted: Wanted::Controls { to, overrides: Vec::new() },
            reason: String::new(),
            despite: String::new(),
        })
    }

    /// Marked controls, each set to the state that it is not in now. The receiving region is the one whose controls go
    /// On; if none does, it is the other region of the pair.
    ///
    /// # Errors
    /// If nothing is marked or a state is unknown.
    pub fn of_marks(
        estate: &Estate,
        pair: &PairName,
        marks: impl IntoIterator<Item = (ControlArn, Option<ControlState>)>,
    ) -> Result<Self, DraftError> {
        let p = estate.pair(pair).ok_or_else(|| DraftError::NoPair(pair.clone()))?;
        let mut to = Vec::new();
        let mut names = Vec::new();
        let (mut on, mut off) = (None, None);
        for (arn, now) in marks {
            let control = estate.control(&arn);
            let name = control.map_or_else(|| arn.to_string(), |c| c.name.clone());
            let state = now.ok_or_else(|| DraftError::Unknown(name.clone()))?.flipped();
            if let Some(region) = control.and_then(|c| c.region.clone()) {
                match state {
                    ControlState::On => on = Some(region),
                    ControlState::Off => off = Some(region),
                }
            }
            names.push(format!("{name} {state}"));
            to.push((arn, state));
        }
        if to.is_empty() {
            return Err(DraftError::Nothing);
        }
        let receiving = on.unwrap_or_else(|| match off.and_then(|r| p.side(&r)) {
            Some(side) => p.region(side.other()).clone(),
            None => p.active.clone(),
        });
        let title = format!("set {}", names.join(", "));
        let (reason, despite) = (String::new(), String::new());
        let wanted = Wanted::Controls { to, overrides: Vec::new() };
        Ok(Self { pair: pair.clone(), title, receiving, wanted, reason, despite })
    }
}

/// What a move of a pair is called.
fn move_title(verb: &str, pair: &PairName, receiving: &Region) -> String {
    format!("{verb} pair {pair} to {receiving}")
}
