//! The fold of a recording: the model, its past and the screen at any of its frames.

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::form::Step;
use super::shelf::Shelf;
use super::tape::{Ending, Kind, Tape, TapeError};
use crate::event::Event;
use crate::model::{Model, Past};
use crate::time::Timestamp;
use crate::ui::{self, Depth, Input, Seat, Theme, Written};

/// Columns and rows that a frame may have: what a broken file says is not believed.
const LARGEST: (u16, u16) = (1000, 500);

/// A frame of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number, from 0.
    pub number: usize,
    /// Real milliseconds since the recording began.
    pub ms: u64,
    /// The console's time then.
    pub wall: Timestamp,
}

/// The state at some place of a recording. Its wishes and requests go no further.
#[derive(Clone)]
struct World {
    model: Model,
    past: Past,
    seat: Option<Seat>,
}

impl World {
    fn event(&mut self, event: Event) {
        let event = Arc::new(event);
        self.past.keep(&self.model, &event);
        // What was done about it was done then.
        drop(self.model.update(Arc::unwrap_or_clone(event)));
    }

    fn draw(&mut self, columns: u16, rows: u16) -> Option<Buffer> {
        let (model, past, seat) = (&self.model, &self.past, self.seat.as_mut()?);
        let size = (columns.min(LARGEST.0), rows.min(LARGEST.1));
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).ok()?;
        terminal.draw(|frame| seat.draw(model, past, frame)).ok()?;
        Some(terminal.backend().buffer().clone())
    }
}

/// Plays a recording, forwards and backwards.
pub struct Player {
    tape: Tape,
    frames: Vec<usize>,
    /// The frame that is shown.
    at: usize,
    /// Steps that made `world`.
    steps: usize,
    world: World,
    picture: Buffer,
    shelf: Shelf<World>,
    depth: Depth,
    /// Whether presenter mode is on, whatever it was when it was recorded.
    masks: bool,
    trouble: Option<String>,
}

impl Player {
    /// A player that shows the recording's first frame, in as many colours as the terminal has; in presenter mode if it
    /// was on, or always if asked.
    ///
    /// # Errors
    /// If nothing was drawn in the recording.
    pub fn new(tape: Tape, depth: Depth, masks: bool) -> Result<Self, TapeError> {
        let places = tape.places().iter().enumerate();
        let frames: Vec<usize> = places.filter(|(_, p)| p.kind == Kind::Frame).map(|(i, _)| i).collect();
        let header = tape.header();
        let mut model = Model::new(tape.estate().clone(), header.boot.clone(), header.opened);
        model.read_only.clone_from(&header.read_only);
        let world = World { model, past: Past::default(), seat: None };
        let shelf = Shelf::of(world.clone());
        let nothing =
            TapeError::Nothing { file: tape.name().to_owned(), line: tape.steps() + 1, ending: tape.ending().clone() };
        let picture = Buffer::default();
        let mut player = Self { tape, frames, at: 0, steps: 0, world, picture, shelf, depth, masks, trouble: None };
        if player.frames.is_empty() || !player.show(0) {
            return Err(nothing);
        }
        Ok(player)
    }

    /// How many frames there are; at least one.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.frames.len()
    }

    /// A frame's place in time; the last for a number past it.
    #[must_use]
    pub fn frame(&self, number: usize) -> Frame {
        let number = number.min(self.frames.len().saturating_sub(1));
        let place = self.frames.get(number).and_then(|step| self.tape.places().get(*step));
        let (ms, wall) = place.map_or((0, self.tape.header().opened.wall), |p| (p.ms, p.wall));
        Frame { number, ms, wall }
    }

    /// The frame that is shown.
    #[must_use]
    pub fn shown(&self) -> Frame {
        self.frame(self.at)
    }

    /// The last frame.
    #[must_use]
    pub fn last(&self) -> Frame {
        self.frame(usize::MAX)
    }

    /// The frame that was on the screen this many real milliseconds after the beginning.
    #[must_use]
    pub fn at_ms(&self, ms: u64) -> Frame {
        let places = self.tape.places();
        let after = self.frames.partition_point(|step| places.get(*step).is_some_and(|p| p.ms <= ms));
        self.frame(after.saturating_sub(1))
    }

    /// The frame that was on the screen at a time of the console's clock.
    #[must_use]
    pub fn at_time(&self, wall: Timestamp) -> Frame {
        let places = self.tape.places();
        let after = self.frames.partition_point(|step| places.get(*step).is_some_and(|p| p.wall <= wall));
        self.frame(after.saturating_sub(1))
    }

    /// The frame from which the fold goes on to another one: the one that is shown, or one that a copy is kept of.
    #[must_use]
    pub fn near(&self, number: usize) -> usize {
        let number = number.min(self.frames.len().saturating_sub(1));
        let target = self.frames.get(number).copied().unwrap_or(0);
        let kept = self.shelf.before(target).map_or(0, |(steps, _)| self.frames.partition_point(|f| *f < steps));
        if self.at <= number { kept.max(self.at) } else { kept }
    }

    /// Shows a frame; false when the file cannot be read any more, and what was shown stays.
    pub fn show(&mut self, number: usize) -> bool {
        let Some(target) = self.frames.get(number).copied() else { return false };
        let (from, copy) = match self.shelf.before(target) {
            Some((steps, copy)) => (steps, copy),
            None => return false,
        };
        // Fold on from where we are, unless we are past it or a copy is nearer.
        if self.steps > target || from > self.steps {
            self.world = copy.clone();
            self.steps = from;
        }
        while self.steps <= target {
            self.shelf.keep(self.steps, &self.world);
            let Some(step) = self.tape.step(self.steps) else { return false };
            self.steps += 1;
            if let Some(picture) = self.take(step) {
                self.picture = picture;
            }
        }
        self.at = number;
        true
    }

    /// The frame as it was seen, in the size that the screen had.
    #[must_use]
    pub fn picture(&self) -> &Buffer {
        &self.picture
    }

    /// The frame as it would have been in another size.
    #[must_use]
    pub fn picture_at(&self, columns: u16, rows: u16) -> Option<Buffer> {
        self.world.clone().draw(columns, rows)
    }

    /// The colours of the screen that is played.
    #[must_use]
    pub fn theme(&self) -> Theme {
        self.world.seat.as_ref().map(|seat| seat.screen().setup().theme.clone()).unwrap_or_default()
    }

    /// What the recording says and this program does not understand.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// How the recording ends.
    #[must_use]
    pub fn ending(&self) -> &Ending {
        self.tape.ending()
    }

    /// When the console opened, by its clock.
    #[must_use]
    pub fn opened(&self) -> Timestamp {
        self.tape.header().opened.wall
    }

    /// What was known at the frame that is shown.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.world.model
    }

    fn input(&mut self, input: Input) {
        let World { model, past, seat } = &mut self.world;
        if let Some(seat) = seat {
            // What this person wished was done, or not, then.
            drop(seat.input(model, past, input));
            if self.masks {
                seat.screen_mut().present(true);
            }
        }
    }

    fn take(&mut self, step: Step) -> Option<Buffer> {
        match step {
            Step::Event(event) => self.world.event(event),
            Step::Screen(written) => self.sit_down(*written),
            Step::Themes(offers) => {
                let depth = self.depth;
                let offers = offers.into_iter().map(|offer| offer.at(depth)).collect();
                if let Some(seat) = &mut self.world.seat {
                    seat.screen_mut().offer_themes(offers);
                }
            }
            Step::Ground(light) => {
                if let Some(seat) = &mut self.world.seat {
                    seat.screen_mut().ground_is(light);
                }
            }
            Step::Input(input) => self.input(Input::ByHand(input)),
            Step::AtOnce(input) => self.input(Input::AtOnce(input)),
            Step::Drawn(columns, rows) => return self.world.draw(columns, rows),
            Step::End(_) => {}
        }
        None
    }

    fn sit_down(&mut self, written: Written) {
        let (mut screen, trouble) = written.read(self.tape.estate(), self.depth);
        self.trouble = trouble.map(|t| format!("{t}; its keys may do something else here"));
        screen.recorded(ui::Tape::Runs);
        if self.masks {
            screen.present(true);
        }
        self.world.seat = Some(Seat::new(screen));
    }
}
