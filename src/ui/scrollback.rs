//! Reading back in the timeline while it grows: what is left out, and which line stays at the top.

use std::collections::BTreeSet;

use super::follow::{self, Target};
use super::screen::{Screen, View};
use crate::estate::PairName;
use crate::model::{Entry, Model, Severity};
use crate::time::Stamp;

/// What this person leaves out of the timeline, and where they read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scrollback {
    /// Only what this source says.
    source: Option<String>,
    /// Only what matters at least so much.
    least: Option<Severity>,
    /// The line at the top while somebody reads back: an entry's number, and the line of it.
    anchor: Option<(u64, usize)>,
    /// The first row that was shown last.
    first: usize,
}

/// Severities that the filter goes through: each shows itself and what is worse.
const LEAST: [Option<Severity>; 4] = [None, Some(Severity::Deed), Some(Severity::Warn), Some(Severity::Bad)];

impl Scrollback {
    /// Whether an entry is shown. A moment that somebody marked always is.
    pub(crate) fn shows(&self, entry: &Entry) -> bool {
        let said = self.source.as_ref().is_none_or(|s| *s == entry.source);
        said && self.least.is_none_or(|least| entry.severity >= least) || entry.severity == Severity::Moment
    }

    /// Whether only this source's lines are shown.
    pub(crate) fn is_only(&self, source: &str) -> bool {
        self.source.as_deref() == Some(source)
    }

    /// How many of a pair's entries are left out.
    pub(crate) fn left_out(&self, model: &Model, pair: &PairName) -> usize {
        model.timeline.of(pair).filter(|e| !self.shows(e)).count()
    }

    /// What is shown, in words; none if everything is.
    pub(crate) fn words(&self) -> Option<String> {
        let least = self.least.map(|least| match least {
            Severity::Bad => "failures",
            Severity::Warn => "warnings and failures",
            _ => "deeds, warnings and failures",
        });
        match (least, &self.source) {
            (None, None) => None,
            (Some(least), None) => Some(format!("only {least}")),
            (None, Some(source)) => Some(format!("only {source}")),
            (Some(least), Some(source)) => Some(format!("only {least} of {source}")),
        }
    }

    /// The next source that has said something, in the order of the alphabet, or the one before; past the ends, all of
    /// them.
    pub(crate) fn turn_source(&mut self, model: &Model, pair: &PairName, on: bool) {
        let said: BTreeSet<&str> = model.timeline.of(pair).map(|e| e.source.as_str()).collect();
        let next = match (self.source.as_deref(), on) {
            (None, true) => said.first(),
            (None, false) => said.last(),
            (Some(now), true) => said.iter().find(|s| **s > now),
            (Some(now), false) => said.iter().rev().find(|s| **s < now),
        };
        self.source = next.map(|s| (*s).to_owned());
        self.follow();
    }

    /// The next severity; after the last, all of them.
    pub(crate) fn next_severity(&mut self) {
        let at = LEAST.iter().position(|l| *l == self.least).unwrap_or(0);
        self.least = LEAST.get(at + 1).copied().flatten();
        self.follow();
    }

    /// Shows the newest lines again, and follows them.
    pub(crate) fn follow(&mut self) {
        self.anchor = None;
        self.first = 0;
    }

    /// The row at which to begin, before the cursor has its say. `lines` are the rows' entries, newest first, and
    /// `wanted` is where this person has moved to since the last time.
    pub(crate) fn begin(&self, lines: &[(u64, usize)], wanted: usize) -> usize {
        let Some(anchor) = self.anchor.filter(|_| wanted > 0 || self.first == 0) else { return wanted };
        // An entry that is gone or left out: the next older one.
        let row = lines.iter().position(|line| *line == anchor || line.0 < anchor.0).unwrap_or(lines.len());
        if wanted >= self.first {
            row.saturating_add(wanted - self.first)
        } else {
            row.saturating_sub(self.first - wanted)
        }
    }

    /// Remembers the row at which it began; gives how many entries are newer than what is shown.
    pub(crate) fn began(&mut self, lines: &[(u64, usize)], first: usize, stays: bool) -> usize {
        self.first = first;
        self.anchor = lines.get(first).copied().filter(|_| first > 0 || stays);
        let numbers = lines.iter().take(first).map(|(number, _)| *number);
        let newer: BTreeSet<u64> = numbers.filter(|n| self.anchor.is_some_and(|(top, _)| *n > top)).collect();
        newer.len()
    }
}

impl Screen {
    /// The time of the line under the cursor of the timeline; where nobody has moved it, of the line at the top while
    /// this person reads back.
    pub(crate) fn read_back_to(&self, model: &Model) -> Option<Stamp> {
        if let Some(entry) = self.entry_at(model) {
            return Some(entry.at);
        }
        let (number, _) = self.timeline.anchor.filter(|_| self.view == View::Timeline)?;
        model.timeline.numbered(&self.pair).find(|(n, _)| *n == number).map(|(_, e)| e.at)
    }

    /// The entry that the cursor of the timeline was put on.
    fn entry_at<'m>(&'m self, model: &'m Model) -> Option<&'m Entry> {
        let aim = follow::kept(self, View::Timeline).filter(|_| self.view == View::Timeline)?;
        match &aim.target {
            Target::Entry(number) => model.timeline.get(*number),
            // Its lines are counted from the oldest.
            Target::Change(digest) => {
                let of = |e: &&Entry| e.change.as_ref() == Some(digest) && self.timeline.shows(e);
                let lines: Vec<&Entry> = model.timeline.of(&self.pair).filter(of).collect();
                lines.into_iter().rev().nth(aim.nth)
            }
            _ => None,
        }
    }
}
