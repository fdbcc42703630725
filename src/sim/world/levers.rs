//! The routing controls: one history of changes that the five endpoints see a moment apart.

use std::collections::BTreeMap;

use crate::estate::{ControlArn, ControlState, Region};
use crate::time::{Span, Timestamp};

use super::dice::{Dice, key};

/// Changes remembered one by one; older ones are folded into the state they led to.
const MOST: usize = 4_096;

/// One control changed at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// The transaction it was part of.
    pub number: u64,
    /// The endpoint that took it; none for a hand of the scenario.
    pub through: Option<Region>,
    /// The control.
    pub control: ControlArn,
    /// Its new state.
    pub state: ControlState,
}

/// The controls' states, now and before.
#[derive(Debug)]
pub struct Levers {
    first: BTreeMap<ControlArn, ControlState>,
    changes: Vec<Change>,
    number: u64,
}

impl Levers {
    pub fn new(first: BTreeMap<ControlArn, ControlState>) -> Self {
        Self { first, changes: Vec::new(), number: 0 }
    }

    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Changes controls in one transaction. A control set to what it is counts as changed, too: ARC does not say
    /// that it would not start a wait period.
    pub fn set(&mut self, at: Timestamp, through: Option<&Region>, entries: &[(ControlArn, ControlState)]) {
        if self.changes.len() + entries.len() > MOST {
            for old in self.changes.drain(..MOST / 2) {
                self.first.insert(old.control, old.state);
            }
        }
        self.number += 1;
        for (control, state) in entries {
            self.changes.push(Change {
                at,
                number: self.number,
                through: through.cloned(),
                control: control.clone(),
                state: *state,
            });
        }
    }

    /// A control's state at a moment, as the cluster holds it; none for an unknown control.
    pub fn state(&self, control: &ControlArn, at: Timestamp) -> Option<ControlState> {
        self.state_delayed(control, at, |_| Span::ZERO)
    }

    /// A control's state where each change arrives after a delay of its own.
    pub fn state_delayed(
        &self,
        control: &ControlArn,
        at: Timestamp,
        delay: impl Fn(&Change) -> Span,
    ) -> Option<ControlState> {
        let first = self.first.get(control)?;
        let arrived = |c: &&Change| &c.control == control && c.at.checked_add(delay(c)).is_ok_and(|t| t <= at);
        Some(self.changes.iter().rev().find(arrived).map_or(*first, |c| c.state))
    }

    /// A control's state as one endpoint of the cluster sees it: the others' changes reach it 50 to 300 ms late.
    pub fn state_at_endpoint(
        &self,
        dice: &Dice,
        control: &ControlArn,
        endpoint: &Region,
        at: Timestamp,
    ) -> Option<ControlState> {
        self.state_delayed(control, at, |c| {
            if c.through.as_ref() == Some(endpoint) {
                Span::ZERO
            } else {
                Span::from_millis(dice.between(50, 300, &[key("replicate"), key(endpoint.as_str()), c.number]))
            }
        })
    }

    /// When any of these controls last changed.
    pub fn last_change<'a>(&self, mut of: impl FnMut(&ControlArn) -> bool + 'a) -> Option<Timestamp> {
        self.changes.iter().rev().find(|c| of(&c.control)).map(|c| c.at)
    }
}
