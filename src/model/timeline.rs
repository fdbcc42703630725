//! What happened, newest last, bounded.

use std::collections::{BTreeMap, VecDeque};

use super::Subject;
use crate::change::Digest;
use crate::estate::{ControlArn, PairName, Region, ResolverName};
use crate::hygiene::visible;
use crate::time::Stamp;
pub use crate::words::Severity;

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
    /// It in a few words: `portal ALB in us-east-1 failed`.
    pub short: String,
    /// What the text says behind those words, where the same may be said of many things: `0/12 healthy`.
    pub rest: Option<String>,
    /// The change it belongs to.
    pub change: Option<Digest>,
    /// The entry's facts, for code that needs them without reading prose.
    pub fact: Fact,
}

/// What an entry is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fact {
    /// What its words say.
    #[default]
    Said,
    /// A thing stands in another way than before.
    Stands(Subject),
    /// Endpoints agree on another state of a routing control than before.
    Lever(ControlArn),
    /// A resolver's answer for a name leads to another region than before.
    Answer {
        /// The name.
        name: String,
        /// The resolver.
        resolver: ResolverName,
        /// Where it led.
        was: Region,
        /// Where it leads.
        is: Region,
    },
}

impl Entry {
    /// An entry of nothing but words.
    pub(crate) fn said(at: Stamp, pair: Option<PairName>, source: &str, severity: Severity, text: &str) -> Self {
        let text = visible(text).into_owned();
        let (source, short) = (visible(source).into_owned(), text.clone());
        Self { at, pair, source, severity, text, short, rest: None, change: None, fact: Fact::Said }
    }

    /// The same with a fact behind it: the text is the few words, a joint, and the rest.
    pub(crate) fn telling(self, fact: Fact, joint: &str, rest: &str) -> Self {
        let rest = visible(rest).into_owned();
        Self { text: format!("{}{joint}{rest}", self.short), rest: Some(rest), fact, ..self }
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

    /// How many entries there ever were, so that somebody who looked before can tell which are new.
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
