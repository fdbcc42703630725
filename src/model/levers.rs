//! Routing controls as each cluster endpoint shows them. Endpoints that disagree are shown as disagreeing.

use std::collections::BTreeMap;

use super::{Fresh, Model};
use crate::change::{Change, Flip};
use crate::estate::{ControlArn, ControlState, Region};
pub use crate::event::Lever;
use crate::time::Stamp;

/// The states of all endpoints together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Levers {
    /// By endpoint.
    pub endpoints: BTreeMap<Region, Fresh<EndpointView>>,
    /// When each control was last seen to change its state.
    pub changed: BTreeMap<ControlArn, Stamp>,
}

/// One endpoint's states.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointView {
    /// The states that its newest answer had.
    pub states: BTreeMap<ControlArn, ControlState>,
    /// The states that answers before that had, of controls that the newest one says nothing of.
    pub before: BTreeMap<ControlArn, Fresh<ControlState>>,
    /// When it was last read back, after a change was sent: a poll that was begun before that is older, whenever it ends.
    pub read_back: Option<Stamp>,
}

impl Fresh<EndpointView> {
    /// What the endpoint showed last of a control, and when.
    #[must_use]
    pub fn control(&self, arn: &ControlArn) -> Option<Fresh<ControlState>> {
        let newest = self.value.states.get(arn);
        newest
            .map(|state| Fresh { value: *state, heard: self.heard, due: self.due })
            .or_else(|| self.value.before.get(arn).cloned())
    }

    /// What it showed last of every control, and when.
    pub fn controls(&self) -> impl Iterator<Item = (&ControlArn, Fresh<ControlState>)> {
        let newest = self.value.states.iter();
        let newest = newest.map(|(arn, state)| (arn, Fresh { value: *state, heard: self.heard, due: self.due }));
        newest.chain(self.value.before.iter().map(|(arn, state)| (arn, state.clone())))
    }

    /// Takes in an answer about some controls alone: it says nothing of the others, which keep their age.
    pub(super) fn hear_some(&mut self, states: BTreeMap<ControlArn, ControlState>, heard: Stamp, due: Stamp) {
        let before: BTreeMap<_, _> =
            self.controls().filter(|(arn, _)| !states.contains_key(*arn)).map(|(arn, s)| (arn.clone(), s)).collect();
        // What is heard again counts for no shorter than it did.
        let value = EndpointView { states, before, read_back: Some(heard) };
        *self = Fresh { value, heard, due: self.due.max(due) };
    }
}

impl Levers {
    /// One control now.
    #[must_use]
    pub fn get(&self, arn: &ControlArn, now: Stamp) -> Lever {
        self.among(arn, |shown| shown.is_fresh(now))
    }

    /// One control now, by what was read after a moment alone.
    #[must_use]
    pub fn after(&self, arn: &ControlArn, now: Stamp, since: Stamp) -> Lever {
        self.among(arn, |shown| shown.is_fresh(now) && shown.heard.mono > since.mono)
    }

    fn among(&self, arn: &ControlArn, counts: impl Fn(&Fresh<ControlState>) -> bool) -> Lever {
        let (mut on, mut off) = (0, 0);
        for shown in self.endpoints.values().filter_map(|e| e.control(arn)).filter(|shown| counts(shown)) {
            match shown.value {
                ControlState::On => on += 1,
                ControlState::Off => off += 1,
            }
        }
        match (on, off) {
            (0, 0) => Lever::Unknown,
            (_, 0) => Lever::Agreed(ControlState::On),
            (0, _) => Lever::Agreed(ControlState::Off),
            (on, off) => Lever::Disagreed { on, off },
        }
    }

    /// The controls on whose state the endpoints that answer agree.
    #[must_use]
    pub fn agreed(&self, now: Stamp) -> BTreeMap<ControlArn, ControlState> {
        let mut all: BTreeMap<&ControlArn, Option<ControlState>> = BTreeMap::new();
        for (arn, shown) in self.endpoints.values().flat_map(Fresh::controls) {
            if let Some(state) = shown.get(now) {
                all.entry(arn).and_modify(|s| *s = s.filter(|s| s == state)).or_insert(Some(*state));
            }
        }
        all.into_iter().filter_map(|(arn, state)| state.map(|s| (arn.clone(), s))).collect()
    }

    /// The last state that was known of a control, however old, with when it was heard.
    #[must_use]
    pub fn last(&self, arn: &ControlArn) -> Option<(ControlState, Stamp)> {
        self.endpoints
            .values()
            .filter_map(|e| e.control(arn))
            .map(|shown| (shown.value, shown.heard))
            .max_by_key(|(_, heard)| heard.mono)
    }
}

impl Model {
    /// The change that has been sent and not been read back yet, with what it does to a control.
    #[must_use]
    pub fn sent(&self, arn: &ControlArn) -> Option<(&Change, &Flip)> {
        let change = self.changes.running()?;
        Some((change, change.text.flips().iter().find(|f| f.arn == *arn)?))
    }

    /// One control as it may be shown: what was read of it before a change was sent proves nothing any more.
    #[must_use]
    pub fn lever(&self, arn: &ControlArn) -> Lever {
        match self.sent(arn) {
            Some((change, _)) => self.levers.after(arn, self.now, change.surely),
            None => self.levers.get(arn, self.now),
        }
    }
}
