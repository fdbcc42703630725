//! What was known: earlier models, from the events that made them.
//!
//! The past is kept in chapters. A chapter begins with a copy of the model and holds the events that followed, so
//! finding a moment means folding at most one chapter. When all chapters together weigh too much, the oldest goes; the
//! rest still begins with a whole model.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Model;
use crate::event::Event;
use crate::time::Stamp;

/// Events of a chapter, at most: what one look back has to fold.
const MOST_EVENTS: usize = 400;
/// A chapter holds at least this many, whatever they weigh, so that models are not copied all the time.
const LEAST_EVENTS: usize = 64;

/// What the past may weigh, in bytes.
pub const MOST: usize = 64 * 1024 * 1024;

/// A model, and the events that came after it.
#[derive(Clone, Debug)]
struct Chapter {
    start: Arc<Model>,
    events: Vec<Arc<Event>>,
    /// What the model at its start weighs.
    model: usize,
    weight: usize,
}

impl Chapter {
    fn of(model: &Model) -> Self {
        let weight = model.weight();
        Self { start: Arc::new(model.clone()), events: Vec::new(), model: weight, weight }
    }

    /// Models and events share the room evenly.
    fn is_full(&self) -> bool {
        let events = self.events.len();
        events >= MOST_EVENTS || (events >= LEAST_EVENTS && self.weight >= 2 * self.model)
    }
}

/// The past of one model, as far back as there is room. A copy of it shares its chapters.
#[derive(Clone, Debug)]
pub struct Past {
    chapters: VecDeque<Arc<Chapter>>,
    weight: usize,
    most: usize,
}

impl Default for Past {
    fn default() -> Self {
        Self::within(MOST)
    }
}

impl Past {
    /// A past that weighs `most` bytes, or one chapter where that is more.
    #[must_use]
    pub fn within(most: usize) -> Self {
        Self { chapters: VecDeque::new(), weight: 0, most }
    }

    /// Keeps an event that `model` is about to take in.
    pub fn keep(&mut self, model: &Model, event: &Arc<Event>) {
        if self.chapters.back().is_none_or(|c| c.is_full()) {
            let chapter = Chapter::of(model);
            self.weight += chapter.weight;
            self.chapters.push_back(Arc::new(chapter));
        }
        if let Some(last) = self.chapters.back_mut() {
            let weight = event.weight();
            // A chapter that is looked at elsewhere is copied, which copies no event and no model.
            let last = Arc::make_mut(last);
            last.events.push(event.clone());
            last.weight += weight;
            self.weight += weight;
        }
        while self.weight > self.most && self.chapters.len() > 1 {
            if let Some(gone) = self.chapters.pop_front() {
                self.weight -= gone.weight;
            }
        }
    }

    /// How far back it goes; none before the first event.
    #[must_use]
    pub fn oldest(&self) -> Option<Stamp> {
        self.chapters.front().map(|c| c.start.now)
    }

    /// What was known at a moment: everything taken in until then. The oldest that is left for a moment before it.
    #[must_use]
    pub fn at(&self, when: Stamp) -> Option<Model> {
        let after = self.chapters.partition_point(|c| c.start.now.mono <= when.mono);
        let chapter = self.chapters.get(after.saturating_sub(1))?;
        let mut model = Model::clone(&chapter.start);
        for event in chapter.events.iter().take_while(|e| e.at.mono <= when.mono) {
            // What the model wants done was done then.
            drop(model.update(Event::clone(event)));
        }
        Some(model)
    }

    /// About how many bytes it keeps.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.weight
    }
}
