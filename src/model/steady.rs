//! Applications that fail now and then. An answer between two failures proves nothing: so what was answered lately counts,
//! and not the newest answer alone.

use std::collections::VecDeque;

use super::{Mark, Model, Subject};
use crate::estate::Region;
use crate::estate::{PairName, ServiceName, Side, Tier};
use crate::time::{Span, Stamp};

/// Answers that are looked back on, and for how long at most.
const LOOKS: usize = 10;
const LOOK_BACK: Span = Span::from_mins(3);

/// The last answers of an application, oldest first: when, and whether each was well.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answers(VecDeque<(Stamp, bool)>);

impl Answers {
    /// Takes an answer in, heard at `at`.
    pub(crate) fn hear(&mut self, at: Stamp, well: bool) {
        self.0.push_back((at, well));
        while self.0.len() > LOOKS || self.0.front().is_some_and(|(when, _)| at.since(*when) > LOOK_BACK) {
            self.0.pop_front();
        }
    }

    /// How many of them failed.
    pub(super) fn failed(&self) -> usize {
        self.0.iter().filter(|(_, well)| !well).count()
    }

    /// How many there are.
    pub(super) fn of(&self) -> usize {
        self.0.len()
    }

    /// When the first of them failed, if it failed, answered, and failed again.
    pub(super) fn unsteady_since(&self) -> Option<Stamp> {
        let fell = self.0.iter().zip(self.0.iter().skip(1)).filter(|((_, was), (_, is))| *was && !is).count();
        let began = self.0.front().is_some_and(|(_, well)| !well);
        (fell + usize::from(began) > 1).then(|| self.0.iter().find(|(_, well)| !well).map(|(at, _)| *at))?
    }
}

impl Model {
    /// The last answers of an application in a region; none before the first.
    pub(super) fn answers_of(&self, service: &ServiceName, region: &Region) -> Option<&Answers> {
        self.answered.get(&(service.clone(), region.clone()))
    }

    /// Critical applications of a side that answer now and failed one of their last answers.
    pub(super) fn shaky(&self, pair: &PairName, side: Side) -> Vec<(&Subject, &super::Standing)> {
        let failed = |subject: &Subject| match subject {
            Subject::Probe(service, region) => self.answers_of(service, region).is_some_and(|a| a.failed() > 0),
            _ => false,
        };
        self.standings
            .iter()
            .filter(|(subject, standing)| standing.mark == Mark::Warn && failed(subject))
            .filter(|(subject, _)| self.is_of(subject, pair, side, |tier| tier == Tier::Critical))
            .collect()
    }
}
