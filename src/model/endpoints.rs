//! Whether cluster endpoints answer: decided here for the sentence, the checks, every screen and every command.

use super::{Mark, Model};
use crate::estate::Region;
use crate::event::SourceId;
use crate::words::Endpoint;

impl Model {
    /// How a cluster endpoint answers.
    #[must_use]
    pub fn endpoint(&self, endpoint: &Region) -> Endpoint {
        let Some(state) = self.sources.get(&SourceId::Arc(endpoint.clone())) else { return Endpoint::Unheard };
        let age = self.now.since(state.heard);
        match &state.failure {
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

    /// The mark of one.
    #[must_use]
    pub fn endpoint_mark(&self, endpoint: &Region) -> Mark {
        match self.endpoint(endpoint) {
            Endpoint::Answers { .. } => Mark::Ok,
            Endpoint::Fails { .. } => Mark::Fail,
            Endpoint::Unheard | Endpoint::Old { .. } => Mark::Unknown,
        }
    }
}
