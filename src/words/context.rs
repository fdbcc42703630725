//! What words need besides the fact itself: names, and the change that a record is about.

use std::collections::BTreeMap;

use crate::change::{Change, ChangeText, Work};
use crate::estate::{ControlArn, ControlState, Estate, Region, RuleArn};
use crate::event::{FlipEnd, FlipOutcome, Refusal};
use crate::time::Timestamp;

/// What surrounds a fact. What is missing is left out of the words; nothing is guessed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// Names of controls and rules; without it those that the change has, or ARNs.
    pub estate: Option<&'a Estate>,
    /// The change that the fact is about.
    pub change: Option<&'a ChangeText>,
    /// What its attempts came to, where they are over.
    pub outcome: Option<&'a FlipOutcome>,
    /// How many of its calls were in force before the last, where it takes several.
    pub calls: usize,
    /// When the fact was kept: a time of that day is said without its day.
    pub kept: Option<Timestamp>,
}

impl<'a> Context<'a> {
    /// For a change of an estate, where it is known.
    #[must_use]
    pub fn of(estate: &'a Estate, change: Option<&'a Change>) -> Self {
        let outcome = change.and_then(|c| c.outcome.as_ref());
        let calls = change.map_or(0, |c| c.calls);
        Self { estate: Some(estate), change: change.map(|c| &c.text), outcome, calls, kept: None }
    }

    /// The same, for a fact that was kept then.
    #[must_use]
    pub fn kept_at(self, at: Timestamp) -> Self {
        Self { kept: Some(at), ..self }
    }

    /// A time in a fact: `18:42:07Z`, with its day if that is another day, or unknown.
    pub(super) fn time(&self, at: Timestamp) -> String {
        match self.kept {
            Some(kept) => super::moment(at, kept) + "Z",
            None => super::day(at) + " " + &super::time_of_day(at) + "Z",
        }
    }

    /// Who carries the change out; none if the change is unknown.
    #[must_use]
    pub fn service(&self) -> Option<Service> {
        self.change.map(|c| Service::of(&c.work))
    }

    /// The endpoint that confirmed the change.
    pub(super) fn confirmed(&self) -> Option<&'a Region> {
        match &self.outcome?.end {
            FlipEnd::Applied { endpoint } => Some(endpoint),
            _ => None,
        }
    }

    /// What ARC said to a change that it did not want.
    pub(super) fn denied(&self) -> Option<&'a Refusal> {
        match &self.outcome?.end {
            FlipEnd::Denied(refusal) => Some(refusal).filter(|refusal| !refusal.is_failure()),
            _ => None,
        }
    }

    /// What its endpoint said that failed to carry the change out.
    pub(super) fn failed(&self) -> Option<&'a str> {
        match &self.outcome?.end {
            FlipEnd::Denied(refusal) => Some(refusal.message.as_str()).filter(|_| refusal.is_failure()),
            _ => None,
        }
    }

    /// What a control is called.
    pub(super) fn control(&self, arn: &'a ControlArn) -> &'a str {
        let known = self.estate.and_then(|e| e.control(arn)).map(|c| c.name.as_str());
        let flips = self.change.map(ChangeText::flips).unwrap_or_default();
        let own = || flips.iter().find(|f| f.arn == *arn).map(|f| f.name.as_str());
        known.or_else(own).unwrap_or_else(|| arn.as_str())
    }

    /// What a safety rule is called.
    pub(super) fn rule(&self, arn: &'a RuleArn) -> &'a str {
        self.estate.and_then(|e| e.rule(arn)).map_or_else(|| arn.as_str(), |r| r.name.as_str())
    }

    /// Controls with the states they were found in: `portal-us-east-1 is On`.
    pub(super) fn found(&self, moved: &'a BTreeMap<ControlArn, ControlState>) -> String {
        let each: Vec<_> = moved.iter().map(|(arn, state)| format!("{} is {state}", self.control(arn))).collect();
        each.join(", ")
    }
}

/// What carries a change out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Routing controls.
    Arc,
    /// Launches.
    Drs,
}

impl Service {
    /// Which one a change is for.
    #[must_use]
    pub fn of(work: &Work) -> Self {
        match work {
            Work::Controls { .. } => Service::Arc,
            Work::Launch(_) => Service::Drs,
        }
    }

    /// As it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Service::Arc => "ARC",
            Service::Drs => "DRS",
        }
    }

    /// As the source of a line.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Service::Arc => "arc",
            Service::Drs => "drs",
        }
    }
}

/// How large a change is, behind its title: `, 10 controls`. A launch's title names its servers.
pub(super) fn size(text: &ChangeText) -> String {
    match &text.work {
        Work::Controls { flips, .. } => {
            format!(", {} control{}", flips.len(), if flips.len() == 1 { "" } else { "s" })
        }
        Work::Launch(_) => String::new(),
    }
}
