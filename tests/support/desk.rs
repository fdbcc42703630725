//! A console in this process: a stage, a person's seat in front of it, and the recording that the runtime would make.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::panic, reason = "each test file uses its part")]

use std::sync::Arc;

use crossterm::event::Event;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use signalbox::change::Nonce;
use signalbox::event::{Ask, What};
use signalbox::model::{Model, Past};
use signalbox::runtime::Recorder;
use signalbox::ui::{Screen, Seat, Setup, Tape, ThemeOffer, Wish};

pub use crate::support::eye::{key as press, text};
use crate::support::{Stage, start};

pub struct Desk {
    pub stage: Stage,
    /// The stage's model again, folded from its events one by one, so that a past and a recording go with it.
    pub model: Model,
    pub past: Past,
    pub seat: Seat,
    pub size: (u16, u16),
    pub recorder: Option<Recorder>,
    /// Every frame that was drawn.
    pub seen: Vec<Buffer>,
    taken: usize,
}

impl Desk {
    /// Somebody sits down in front of a stage whose past the console has seen from its beginning.
    pub fn new(stage: Stage, setup: Setup, recorder: Option<Recorder>) -> Self {
        let model = Model::new(stage.model.estate.clone(), "boot", start());
        let mut screen = Screen::new(setup);
        if let Some(recorder) = &recorder {
            recorder.begin(&model);
            recorder.screen(&screen);
            screen.recorded(Tape::Runs);
        }
        let seat = Seat::new(screen);
        let (past, seen) = (Past::default(), Vec::new());
        let mut desk = Self { stage, model, past, seat, size: (150, 44), recorder, seen, taken: 0 };
        desk.catch_up();
        desk
    }

    /// Takes in what the stage has taken in meanwhile.
    pub fn catch_up(&mut self) {
        for event in self.stage.events.iter().skip(self.taken) {
            let event = Arc::new(event.clone());
            if let Some(recorder) = &self.recorder {
                recorder.event(&event);
            }
            self.past.keep(&self.model, &event);
            drop(self.model.update(signalbox::event::Event::clone(&event)));
        }
        self.taken = self.stage.events.len();
        assert_eq!(self.model, self.stage.model, "the same events give the same model");
    }

    /// The stage goes on.
    pub fn on(&mut self, stage: impl FnOnce(&mut Stage)) {
        stage(&mut self.stage);
        self.catch_up();
    }

    pub fn draw(&mut self) -> String {
        let (columns, rows) = self.size;
        if let Some(recorder) = &self.recorder {
            recorder.drawn(Rect::new(0, 0, columns, rows));
        }
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| self.seat.draw(&self.model, &self.past, frame)).unwrap();
        let buffer = terminal.backend().buffer().clone();
        let text = text(&buffer);
        self.seen.push(buffer);
        text
    }

    /// The person's theme files were saved, and offer this.
    pub fn themes(&mut self, offers: Vec<ThemeOffer>) {
        if let Some(recorder) = &self.recorder {
            recorder.themes(&offers);
        }
        self.seat.screen_mut().offer_themes(offers);
    }

    /// The terminal tells whether its ground is light.
    pub fn ground(&mut self, light: bool) {
        if let Some(recorder) = &self.recorder {
            recorder.ground(light);
        }
        self.seat.screen_mut().ground_is(light);
    }

    pub fn input(&mut self, input: Event) -> Vec<Wish> {
        if let Some(recorder) = &self.recorder {
            recorder.input(&input);
        }
        self.seat.input(&self.model, &self.past, input)
    }

    /// Types, and draws after each key; gives what was wished on the way.
    pub fn type_in(&mut self, keys: &str) -> Vec<Wish> {
        let mut wishes = Vec::new();
        for c in keys.chars() {
            wishes.extend(self.input(press(c)));
            self.draw();
        }
        wishes
    }

    /// Types, and does what is wished as the runtime does.
    pub fn act(&mut self, keys: &str) {
        for wish in self.type_in(keys) {
            self.fulfil(wish);
        }
    }

    pub fn fulfil(&mut self, wish: Wish) {
        match wish {
            Wish::Ask(ask) => self.on(|stage| stage.feed(What::Asked(ask))),
            Wish::Propose { by, draft } => self.on(|stage| {
                stage.feed(What::Asked(Ask::Propose { by, draft, nonce: Nonce(u128::MAX - 7) }));
                stage.last = stage.model.changes.all().last().map(|c| c.digest);
            }),
            Wish::ActAsSecond { .. } => self.on(Stage::approve),
            _ => {}
        }
        self.draw();
    }
}
