//! Since when something is so, and how long: seen to begin, or no more than a bound.

use crate::time::{Span, Stamp};

/// Since when something is so. What was so already when it was read first began before that, and nobody knows when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// It was seen to begin, or somebody said when it did.
    Began(Stamp),
    /// It was so already when it was read then.
    Before(Stamp),
}

impl Since {
    /// Since then; `found` where it was so already.
    #[must_use]
    pub fn new(at: Stamp, found: bool) -> Self {
        if found { Since::Before(at) } else { Since::Began(at) }
    }

    /// The moment by which it had begun.
    #[must_use]
    pub fn at(&self) -> Stamp {
        match self {
            Since::Began(at) | Since::Before(at) => *at,
        }
    }

    /// Whether it was found so, and began nobody knows when.
    #[must_use]
    pub fn is_found(&self) -> bool {
        matches!(self, Since::Before(_))
    }

    /// How long it had lasted at `until`; none where the clocks contradict each other.
    #[must_use]
    pub fn lasted(&self, until: Stamp) -> Option<Lasted> {
        Some(Lasted { span: until.passed_since(self.at())?, at_least: self.is_found() })
    }
}

/// How long something lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasted {
    /// So long.
    pub span: Span,
    /// It may be longer: nobody saw it begin.
    pub at_least: bool,
}

impl Lasted {
    /// What it leaves of a limit.
    #[must_use]
    pub fn left_of(&self, limit: Span) -> Left {
        Left { span: limit - self.span, at_most: self.at_least }
    }
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// So long; below zero where the limit is past.
    pub span: Span,
    /// It may be less: nobody saw the beginning.
    pub at_most: bool,
}

impl Left {
    /// In whole seconds that, with the whole seconds that have passed, make up the limit: a second that is not over is
    /// left.
    #[must_use]
    pub fn whole(&self) -> Span {
        let seconds = self.span.as_secs();
        let begun = self.span > Span::from_secs(seconds);
        Span::from_secs(seconds + i64::from(begun))
    }
}
