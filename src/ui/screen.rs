//! One person's screen.
use super::{Setup, Wish};
use crate::model::Model;

/// One person's screen; several may draw one model.
pub struct Screen {
    setup: Setup,
}

impl Screen {
    /// A screen that shows the overview.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self { setup }
    }

    /// Takes a key, a paste, a click or a new size in; gives what the person wants done.
    pub fn input(&mut self, _model: &Model, _input: crossterm::event::Event) -> Vec<Wish> {
        Vec::new()
    }

    /// Draws what is known as this person looks at it.
    pub fn draw(&mut self, model: &Model, frame: &mut ratatui::Frame<'_>) {
        let text = model.sentence(&self.setup.pair).text;
        frame.render_widget(ratatui::text::Line::from(text), frame.area());
    }
}
