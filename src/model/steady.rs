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
pub(crate) struct LastAnswers {
    last: VecDeque<(Stamp, bool)>,
    /// How many had failed by what the timeline last told; none where it told no count.
    told: Option<usize>,
}

impl LastAnswers {
    /// Takes an answer in, heard at `at`.
    pub(crate) fn hear(&mut self, at: Stamp, well: bool) {
        self.last.push_back((at, well));
        while self.last.len() > LOOKS || self.last.front().is_some_and(|(when, _)| at.since(*when) > LOOK_BACK) {
            self.last.pop_front();
        }
    }

    /// How many of them failed.
    pub(super) fn failed(&self) -> usize {
        self.last.iter().filter(|(_, well)| !well).count()
    }

    /// How many failed, where that is said of an application that stands so.
    fn count(&self, mark: Mark) -> Option<usize> {
        match mark {
            Mark::Warn => Some(self.failed()),
            Mark::Fail => self.unsteady_since().map(|_| self.failed()),
            Mark::Ok | Mark::Unknown => None,
        }
    }

    /// How many there are.
    pub(super) fn of(&self) -> usize {
        self.last.len()
    }

    /// When the first of them failed, if it failed, answered, and failed again.
    pub(super) fn unsteady_since(&self) -> Option<Stamp> {
        let fell = self.last.iter().zip(self.last.iter().skip(1)).filter(|((_, was), (_, is))| *was && !is).count();
        let began = self.last.front().is_some_and(|(_, well)| !well);
        (fell + usize::from(began) > 1).then(|| self.last.iter().find(|(_, well)| !well).map(|(at, _)| *at))?
    }
}

impl Model {
    /// The last answers of an application in a region; none before the first.
    pub(super) fn probe_answers(&self, service: &ServiceName, region: &Region) -> Option<&LastAnswers> {
        self.answered.get(&(service.clone(), region.clone()))
    }

    /// Whether the timeline has already told of as many failures of an application, which only went from failing to
    /// answering, or back.
    pub(super) fn is_told(&self, subject: &Subject, (was, mark): (Option<Mark>, Mark)) -> bool {
        let Subject::Probe(service, region) = subject else { return false };
        let swings = matches!((was, mark), (Some(Mark::Fail), Mark::Warn) | (Some(Mark::Warn), Mark::Fail));
        let answers = self.probe_answers(service, region).filter(|_| swings);
        answers.is_some_and(|a| a.told.is_some() && a.told == a.count(mark))
    }

    /// Keeps how many failures of an application the timeline tells of.
    pub(super) fn telling(&mut self, subject: &Subject, mark: Mark) {
        let Subject::Probe(service, region) = subject else { return };
        if let Some(answers) = self.answered.get_mut(&(service.clone(), region.clone())) {
            answers.told = answers.count(mark);
        }
    }

    /// Critical applications of a side that answer now and failed one of their last answers.
    pub(super) fn shaky(&self, pair: &PairName, side: Side) -> Vec<(&Subject, &super::Standing)> {
        let failed = |subject: &Subject| match subject {
            Subject::Probe(service, region) => self.probe_answers(service, region).is_some_and(|a| a.failed() > 0),
            _ => false,
        };
        self.standings
            .iter()
            .filter(|(subject, standing)| standing.mark == Mark::Warn && failed(subject))
            .filter(|(subject, _)| self.is_of(subject, pair, side, |tier| tier == Tier::Critical))
            .collect()
    }
}
