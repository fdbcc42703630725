//! How a cluster endpoint answers: one fact, which sentence, checks, screens and commands all say.

use super::span;
use crate::estate::Region;
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
    /// It is there, and does not say more: it is asked too often, by this console or by somebody else.
    Throttled {
        /// What was asked, and what came back.
        why: String,
        /// For how long it has been so.
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
    /// Whether it answers now what it is asked.
    #[must_use]
    pub fn answers(&self) -> bool {
        matches!(self, Endpoint::Answers { .. })
    }

    /// Whether it is there: it answers, or would if it were asked less often.
    #[must_use]
    pub fn is_there(&self) -> bool {
        matches!(self, Endpoint::Answers { .. } | Endpoint::Throttled { .. })
    }

    /// How, to follow its name: `answers in 41 ms, heard 3 s ago`.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Endpoint::Unheard => "no answer yet".to_owned(),
            Endpoint::Answers { took, age } => {
                format!("answers in {:.0} ms, heard {} ago", took.as_millis_f64(), span(*age))
            }
            Endpoint::Throttled { why, .. } => format!("is throttled: {why}"),
            Endpoint::Fails { why, .. } => why.clone(),
            Endpoint::Old { age } => format!("no report for {}", span(*age)),
        }
    }
}

/// How many endpoints answer: `4 of 5 answer, 1 is throttled`.
#[must_use]
pub fn answering(up: usize, throttled: usize, all: usize) -> String {
    format!("{up} of {all} answer{}", and_throttled(throttled))
}

/// To follow how many answer: `, 1 is throttled`; nothing where none is.
#[must_use]
pub fn and_throttled(throttled: usize) -> String {
    match throttled {
        0 => String::new(),
        n => format!(", {n} {} throttled", are(n)),
    }
}

fn are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

/// That no endpoint answers, while some are there.
#[must_use]
pub fn throttled_endpoints(throttled: usize, all: usize) -> String {
    let gone = match all - throttled {
        0 => String::new(),
        1 => ", and 1 does not answer".to_owned(),
        n => format!(", and {n} do not answer"),
    };
    let are = are(throttled);
    format!(
        "ARC throttles this console: {throttled} of {all} cluster endpoints {are} throttled{gone}. It asks again by \
         itself, and a move waits until one answers."
    )
}

/// That no endpoint answers, and since when: `since 18:43:15Z`.
#[must_use]
pub fn no_endpoint(all: usize, since: Option<&str>) -> String {
    let answers = answered(since);
    format!("NONE of {all} ARC cluster endpoints {answers}: no move is possible now.")
}

/// That only one does.
#[must_use]
pub fn one_endpoint(one: &Region, all: usize, since: Option<&str>) -> String {
    let answers = answered(since);
    format!("Only 1 of {all} ARC cluster endpoints {answers} ({one}): it alone can take a change.")
}

fn answered(since: Option<&str>) -> String {
    since.map_or_else(|| "answers".to_owned(), |at| format!("has answered {at}"))
}
