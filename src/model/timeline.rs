//! What happened, newest last, bounded.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::change::Digest;
use crate::estate::PairName;
use crate::time::Stamp;

const MOST_ENTRIES: usize = 2000;

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Stamp,
    /// The pair it belongs to; none for what concerns all.
    pub pair: Option<PairName>,
    /// Who or what says so: `route53`, `alice`, `dns`. Hidden characters already shown as marks.
    pub source: String,
    /// How much it matters.
    pub severity: Severity,
    /// What happened. Hidden characters already shown as marks.
    pub text: String,
    /// The change it belongs to.
    pub change: Option<Digest>,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Something is well again.
    Good,
    /// Somebody did something.
    Deed,
    /// Something may go wrong.
    Warn,
    /// Something is wrong.
    Bad,
    /// A moment that somebody marked for everybody: shown whatever else is left out.
    Moment,
}

impl Severity {
    /// What an entry of it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Severity::Info => "worth knowing",
            Severity::Good => "something is well again",
            Severity::Deed => "somebody did something",
            Severity::Warn => "warning",
            Severity::Bad => "failure",
            Severity::Moment => "a moment that somebody marked",
        }
    }
}

/// The entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    entries: VecDeque<Entry>,
    /// Entries that have been dropped.
    gone: u64,
    /// Moments that were marked later, by the number of the entry that tells of it.
    marked: BTreeMap<u64, Stamp>,
}

impl Timeline {
    /// Adds an entry; the oldest goes when there are too many.
    pub fn push(&mut self, entry: Entry) {
        if self.entries.len() >= MOST_ENTRIES {
            self.entries.pop_front();
            self.marked.remove(&self.gone);
            self.gone += 1;
        }
        self.entries.push_back(entry);
    }

    /// Says that the newest entry tells of an earlier moment.
    pub(crate) fn mark(&mut self, was: Stamp) {
        if let Some(newest) = self.next_number().checked_sub(1) {
            self.marked.insert(newest, was);
        }
    }

    /// The moment that an entry tells of, which is its own unless it was marked later.
    #[must_use]
    pub fn moment(&self, number: u64, entry: &Entry) -> Stamp {
        self.marked.get(&number).copied().unwrap_or(entry.at)
    }

    /// The same entries by the same numbers, each told in another way.
    pub(crate) fn map(&self, told: impl FnMut(&Entry) -> Entry) -> Self {
        Self { entries: self.entries.iter().map(told).collect(), gone: self.gone, marked: self.marked.clone() }
    }

    /// How many there ever were: tells which are new to somebody who looked before.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        self.next_number()
    }

    /// The number that the next entry will have. Numbers count from 0, and an entry keeps its own for ever.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.gone + self.entries.len() as u64
    }

    /// A pair's entries and those that concern all with their numbers, newest first.
    pub fn numbered<'a>(&'a self, pair: &'a PairName) -> impl Iterator<Item = (u64, &'a Entry)> {
        let numbers = (self.gone..self.next_number()).rev();
        let all = numbers.zip(self.entries.iter().rev());
        all.filter(move |(_, e)| e.pair.as_ref().is_none_or(|p| p == pair))
    }

    /// The entry with this number, while it is kept.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(number.checked_sub(self.gone)?).ok()?)
    }

    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }

    /// A pair's entries and those that concern all, newest first.
    pub fn of<'a>(&'a self, pair: &'a PairName) -> impl DoubleEndedIterator<Item = &'a Entry> {
        self.entries.iter().rev().filter(move |e| e.pair.as_ref().is_none_or(|p| p == pair))
    }
}
