//! Routing controls as each cluster endpoint shows them. Endpoints that disagree are shown as disagreeing.

use std::collections::BTreeMap;

use super::{Fresh, Model};
use crate::change::{Change, Flip};
use crate::estate::{ControlArn, ControlState, Region};
pub use crate::event::Lever;
use crate::time::{Span, Stamp};

/// The states of all endpoints together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Levers {
    /// By endpoint.
    pub endpoints: BTreeMap<Region, Fresh<EndpointView>>,
    /// When each control was last seen to change its state.
    pub changed: BTreeMap<ControlArn, Stamp>,
}

/// One endpoint's states.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointView {
    /// The states.
    pub states: BTreeMap<ControlArn, ControlState>,
    /// How long it took to answer.
    pub took: Span,
}

impl Levers {
    /// One control now.
    #[must_use]
    pub fn get(&self, arn: &ControlArn, now: Stamp) -> Lever {
        self.among(arn, |heard| heard.is_fresh(now))
    }

    /// One control now, by what was read after a moment alone.
    #[must_use]
    pub fn after(&self, arn: &ControlArn, now: Stamp, since: Stamp) -> Lever {
        self.among(arn, |heard| heard.is_fresh(now) && heard.heard.mono > since.mono)
    }

    fn among(&self, arn: &ControlArn, counts: impl Fn(&Fresh<EndpointView>) -> bool) -> Lever {
        let (mut on, mut off) = (0, 0);
        for view in self.endpoints.values().filter(|e| counts(e)).map(|e| &e.value) {
            match view.states.get(arn) {
                Some(ControlState::On) => on += 1,
                Some(ControlState::Off) => off += 1,
                None => {}
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
        for view in self.endpoints.values().filter_map(|e| e.get(now)) {
            for (arn, state) in &view.states {
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
            .filter_map(|e| e.value.states.get(arn).map(|s| (*s, e.heard)))
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
