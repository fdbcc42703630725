//! How a cluster endpoint answers: one fact, which sentence, checks, screens and commands all say.

use super::span;
use crate::event::FailureKind;
use crate::time::Span;

/// How a cluster endpoint answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// It has not been heard yet, well or badly.
    Unheard,
    /// It answered its last poll, which still counts.
    Answers {
        /// How long the answer took.
        took: Span,
        /// How old the answer is.
        age: Span,
    },
    /// Its last poll failed.
    Fails {
        /// The kind of failure.
        kind: FailureKind,
        /// What was asked, and what came back.
        why: String,
        /// For how long it has been failing.
        age: Span,
    },
    /// It answered its last poll, but so long ago that the answer does not count any more.
    Old {
        /// How old the answer is.
        age: Span,
    },
}

impl Endpoint {
    /// Whether it answers now.
    #[must_use]
    pub fn answers(&self) -> bool {
        matches!(self, Endpoint::Answers { .. })
    }

    /// How, to follow its name: `answers in 41 ms, heard 3 s ago`.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Endpoint::Unheard => "no answer yet".to_owned(),
            Endpoint::Answers { took, age } => {
                format!("answers in {:.0} ms, heard {} ago", took.as_millis_f64(), span(*age))
            }
            Endpoint::Fails { why, .. } => why.clone(),
            Endpoint::Old { age } => format!("no report for {}", span(*age)),
        }
    }
}
