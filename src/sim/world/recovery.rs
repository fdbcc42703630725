//! Route 53's accelerated recovery, zone by zone: switched on beforehand, and only some time later on.

use std::collections::BTreeMap;

use crate::time::{Span, Timestamp};

/// How long a zone is being copied, or its copy removed. AWS names no time.
const TAKES: Span = Span::from_mins(2);

/// How a zone's accelerated recovery stands; of one that nobody ever switched on, AWS says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "AWS's own names")]
pub enum AcceleratedRecovery {
    Enabling,
    Enabled,
    Disabling,
    Disabled,
}

impl AcceleratedRecovery {
    /// As Route 53 writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AcceleratedRecovery::Enabling => "ENABLING",
            AcceleratedRecovery::Enabled => "ENABLED",
            AcceleratedRecovery::Disabling => "DISABLING",
            AcceleratedRecovery::Disabled => "DISABLED",
        }
    }
}

/// The zone's last request is still being carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotComplete;

/// The last switch of each zone: which way, and when.
#[derive(Debug, Default)]
pub(super) struct Recoveries(BTreeMap<String, (bool, Timestamp)>);

impl Recoveries {
    pub(super) fn of(&self, zone: &str, now: Timestamp) -> Option<AcceleratedRecovery> {
        let (on, since) = self.0.get(zone)?;
        Some(match (on, now.duration_since(*since) < TAKES) {
            (true, true) => AcceleratedRecovery::Enabling,
            (true, false) => AcceleratedRecovery::Enabled,
            (false, true) => AcceleratedRecovery::Disabling,
            (false, false) => AcceleratedRecovery::Disabled,
        })
    }

    pub(super) fn switch(&mut self, zone: &str, on: bool, now: Timestamp) -> Result<(), NotComplete> {
        match self.of(zone, now) {
            Some(AcceleratedRecovery::Enabling | AcceleratedRecovery::Disabling) => return Err(NotComplete),
            Some(AcceleratedRecovery::Enabled) if on => {}
            Some(AcceleratedRecovery::Disabled) | None if !on => {}
            _ => drop(self.0.insert(zone.to_owned(), (on, now))),
        }
        Ok(())
    }
}
