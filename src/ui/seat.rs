//! A screen and the moment that it shows: now, or one in the past.
//!
//! It works the same live and in a replay: what is drawn is a function of the model, its past, and the screen.

use std::sync::Arc;

use super::{Input, Screen, Wish};
use crate::model::{Model, Past};

/// A screen with what it shows while it looks at the past.
#[derive(Clone)]
pub struct Seat {
    screen: Screen,
    glimpse: Option<Arc<Model>>,
}

impl Seat {
    /// A screen that shows the present.
    #[must_use]
    pub fn new(screen: Screen) -> Self {
        Self { screen, glimpse: None }
    }

    /// The screen.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The screen.
    pub fn screen_mut(&mut self) -> &mut Screen {
        &mut self.screen
    }

    /// Whether it shows an earlier moment.
    #[must_use]
    pub fn is_past(&self) -> bool {
        self.glimpse.is_some()
    }

    /// Takes an input in; gives what the person wants done beside looking elsewhere in time.
    pub fn input(&mut self, live: &Model, past: &Past, input: impl Into<Input>) -> Vec<Wish> {
        self.remember(live, past);
        let mut wishes = self.screen.input(self.glimpse.as_deref().unwrap_or(live), input);
        wishes.retain(|wish| match wish {
            Wish::Past(at) => {
                self.glimpse = past.at(*at).map(Arc::new);
                false
            }
            Wish::Live => {
                self.glimpse = None;
                false
            }
            _ => true,
        });
        if self.glimpse.is_none() {
            self.screen.come_back();
        }
        wishes
    }

    /// Draws what this person looks at.
    pub fn draw(&mut self, live: &Model, past: &Past, frame: &mut ratatui::Frame<'_>) {
        self.remember(live, past);
        self.screen.draw(self.glimpse.as_deref().unwrap_or(live), frame);
    }

    fn remember(&mut self, live: &Model, past: &Past) {
        if let Some(oldest) = past.oldest() {
            self.screen.remembers(oldest, live);
        }
    }
}
