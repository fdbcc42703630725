//! Whether cluster endpoints answer: decided here for the sentence, the checks, every screen and every command.

use super::{Mark, Model};
use crate::estate::Region;
use crate::event::{Failure, FailureKind, SourceId};
use crate::record::Since;
use crate::words::{Endpoint, answering};

impl Model {
    /// How a cluster endpoint answers.
    #[must_use]
    pub fn endpoint(&self, endpoint: &Region) -> Endpoint {
        let Some(state) = self.sources.get(&SourceId::Arc(endpoint.clone())) else { return Endpoint::Unheard };
        let age = self.now.since(state.heard);
        match &state.failure {
            Some((Failure { kind: FailureKind::Throttled, why }, since)) => {
                Endpoint::Throttled { why: why.clone(), age: self.now.since(*since) }
            }
            Some((failure, since)) => {
                Endpoint::Fails { kind: failure.kind, why: failure.why.clone(), age: self.now.since(*since) }
            }
            None if self.now.mono > state.due.mono => Endpoint::Old { age },
            None => Endpoint::Answers { took: state.took, age },
        }
    }

    /// All of them, the estate's order.
    pub fn endpoints(&self) -> impl Iterator<Item = (&Region, Endpoint)> {
        self.estate.cluster.endpoints.iter().map(|e| (&e.region, self.endpoint(&e.region)))
    }

    /// Those that answer now.
    #[must_use]
    pub fn endpoints_up(&self) -> usize {
        self.endpoints().filter(|(_, endpoint)| endpoint.answers()).count()
    }

    /// Those that are there, and do not answer because they are asked too often.
    #[must_use]
    pub fn endpoints_throttled(&self) -> usize {
        self.endpoints().filter(|(_, endpoint)| endpoint.is_there() && !endpoint.answers()).count()
    }

    /// Those that are there, whether or not they answer.
    #[must_use]
    pub fn endpoints_there(&self) -> usize {
        self.endpoints().filter(|(_, endpoint)| endpoint.is_there()).count()
    }

    /// How many answer, in words: `4 of 5 answer, 1 is throttled`.
    #[must_use]
    pub fn endpoints_said(&self) -> String {
        answering(self.endpoints_up(), self.endpoints_throttled(), self.estate.cluster.endpoints.len())
    }

    /// Since when no more of them answer than do now: the last that failed did then. None where all answer, and where
    /// one is only overdue.
    #[must_use]
    pub fn endpoints_since(&self) -> Option<Since> {
        let since = |region: &Region| {
            let state = self.sources.get(&SourceId::Arc(region.clone()))?;
            // What never answered was found so.
            Some(Since::new(state.failure.as_ref()?.1, state.last_ok.is_none()))
        };
        let silent = self.endpoints().filter(|(_, endpoint)| !endpoint.answers());
        let all = silent.map(|(region, _)| since(region)).collect::<Option<Vec<_>>>()?;
        all.into_iter().max_by_key(|since| since.at().mono)
    }

    /// The mark of one.
    #[must_use]
    pub fn endpoint_mark(&self, endpoint: &Region) -> Mark {
        match self.endpoint(endpoint) {
            Endpoint::Answers { .. } => Mark::Ok,
            Endpoint::Throttled { .. } => Mark::Warn,
            // It was not asked.
            Endpoint::Fails { kind: FailureKind::NoCredentials, .. } => Mark::Unknown,
            Endpoint::Fails { .. } => Mark::Fail,
            Endpoint::Unheard | Endpoint::Old { .. } => Mark::Unknown,
        }
    }
}
