//! The keys of a replay and what they do: play, pause, step, speed, go to a time. No clock here: time is handed in.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::player::Player;
use super::tape::Ending;
use super::when::When;
use crate::model::words as say;
use crate::time::Span;
use crate::ui::{Role, Scale};

/// The slowest and the fastest.
const SPEEDS: (f64, f64) = (1.0 / 16.0, 1024.0);
/// What page up and page down go back and forth.
const PAGE: Span = Span::from_mins(1);
/// From here on there is room to say that a frame was drawn anew.
const WIDE: u16 = 110;
/// Frames that are folded at a time on a long way, so that the screen shows how far it is and keys are answered.
const SLICE: usize = 24;
/// The longest time that is typed.
const LONGEST: usize = 40;

/// Whether a replay goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It does.
    On,
    /// Its person leaves.
    Leave,
}

/// A player with its keys.
pub struct Deck {
    player: Player,
    playing: bool,
    speed: f64,
    /// Real milliseconds of the recording that have been played.
    ms: f64,
    /// The frame that it is on its way to.
    way: Option<usize>,
    /// A time that is being typed.
    asked: Option<Input>,
    note: Option<String>,
}

impl Deck {
    /// A deck that stands at the player's frame.
    #[must_use]
    pub fn new(player: Player, speed: f64, playing: bool) -> Self {
        let mut deck = Self { player, playing, speed: 1.0, ms: 0.0, way: None, asked: None, note: None };
        deck.set_speed(speed);
        deck.settle();
        deck
    }

    /// The player.
    #[must_use]
    pub fn player(&self) -> &Player {
        &self.player
    }

    /// Whether time is to be handed in.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.playing || self.way.is_some()
    }

    /// How many times faster than it happened.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Goes to a place; one that is outside of the recording is said to be.
    pub fn go(&mut self, when: When) {
        let frame = when.frame(&self.player);
        self.show(frame);
        let (opened, last) = (self.player.opened(), self.player.last().wall);
        self.note = match when.moment(&self.player) {
            Some(at) if at < opened => {
                Some(format!("it begins at {}Z: this is its first frame", say::time_of_day(opened)))
            }
            Some(at) if at > last => Some(format!("it ends at {}Z: this is its last frame", say::time_of_day(last))),
            _ => None,
        };
    }

    /// Real time has passed; true when another frame is shown.
    pub fn passed(&mut self, time: std::time::Duration) -> bool {
        if let Some(way) = self.way {
            self.go_on(way);
            return true;
        }
        if !self.playing {
            return false;
        }
        self.ms += time.as_secs_f64() * 1000.0 * self.speed;
        let (before, last) = (self.player.shown().number, self.player.last());
        let now = self.player.at_ms(self.ms as u64).number;
        if now != before {
            self.try_show(now);
        }
        if self.ms >= last.ms as f64 {
            self.ms = last.ms as f64;
            self.playing = false;
        }
        now != before || !self.playing
    }

    /// Takes a key in.
    pub fn input(&mut self, input: &Event) -> Next {
        match input {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.key(*key),
            _ => Next::On,
        }
    }

    fn key(&mut self, key: KeyEvent) -> Next {
        self.note = None;
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if control && matches!(key.code, KeyCode::Char('c' | 'd')) {
            return Next::Leave;
        }
        if self.asked.is_some() {
            self.type_time(key);
            return Next::On;
        }
        let here = self.player.shown();
        let far = |by: Span| here.wall.checked_add(by).unwrap_or(here.wall);
        match key.code {
            KeyCode::Char('q') | KeyCode::Esc => return Next::Leave,
            KeyCode::Char(' ') => {
                // At the end there is only the beginning.
                if !self.playing && here == self.player.last() {
                    self.show(0);
                }
                self.playing = !self.playing;
            }
            KeyCode::Char('.' | 'l') | KeyCode::Right => self.pause_at(here.number.saturating_add(1)),
            KeyCode::Char(',' | 'h') | KeyCode::Left => self.pause_at(here.number.saturating_sub(1)),
            KeyCode::PageDown => self.show(self.player.at_time(far(PAGE)).number.max(here.number)),
            KeyCode::PageUp => self.show(self.player.at_time(far(-PAGE)).number),
            KeyCode::Home => self.show(0),
            KeyCode::End => self.show(self.player.last().number),
            KeyCode::Char('+' | '=') => self.set_speed(self.speed * 2.0),
            KeyCode::Char('-') => self.set_speed(self.speed / 2.0),
            KeyCode::Char('g') => self.asked = Some(Input::default()),
            _ => {}
        }
        Next::On
    }

    fn type_time(&mut self, key: KeyEvent) {
        let Some(input) = &mut self.asked else { return };
        match key.code {
            KeyCode::Esc => self.asked = None,
            KeyCode::Enter => {
                let text = input.value().to_owned();
                match text.parse::<When>() {
                    // What was mistyped stays, to be mended.
                    Err(error) if !text.trim().is_empty() => self.note = Some(error.to_string()),
                    Err(_) => self.asked = None,
                    Ok(when) => {
                        self.asked = None;
                        self.go(when);
                    }
                }
            }
            KeyCode::Char(_) if input.value().chars().count() >= LONGEST => {}
            _ => drop(input.handle_event(&Event::Key(key))),
        }
    }

    fn pause_at(&mut self, frame: usize) {
        self.playing = false;
        self.show(frame.min(self.player.last().number));
    }

    fn show(&mut self, frame: usize) {
        self.way = Some(frame);
        self.go_on(frame);
    }

    /// A part of the way to a frame, or all of it where it is near.
    fn go_on(&mut self, way: usize) {
        let next = self.player.near(way).saturating_add(SLICE);
        if next < way {
            self.try_show(next);
        } else {
            self.way = None;
            self.try_show(way);
        }
        self.settle();
    }

    fn try_show(&mut self, frame: usize) {
        if !self.player.show(frame) {
            (self.playing, self.way) = (false, None);
            self.note = Some("the file has changed, and cannot be read there any more".into());
        }
    }

    fn settle(&mut self) {
        self.ms = self.player.shown().ms as f64;
    }

    fn set_speed(&mut self, speed: f64) {
        self.speed = if speed.is_finite() { speed.clamp(SPEEDS.0, SPEEDS.1) } else { 1.0 };
    }

    /// Draws the frame, and the bar in the last line. A frame that has not enough room is drawn anew for what there is.
    pub fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let seen = self.player.picture().area;
        let buffer = frame.buffer_mut();
        let fits = seen.width <= area.width && seen.height <= area.height;
        let anew = if fits { None } else { self.player.picture_at(area.width, area.height) };
        let picture = anew.as_ref().unwrap_or(self.player.picture());
        for y in 0..picture.area.height.min(area.height) {
            for x in 0..picture.area.width.min(area.width) {
                if let (Some(to), Some(from)) = (buffer.cell_mut((area.x + x, area.y + y)), picture.cell((x, y))) {
                    *to = from.clone();
                }
            }
        }
        if area.height > 0 {
            let line = Rect { y: area.bottom() - 1, height: 1, ..area };
            self.scale(anew.is_some() && area.width >= WIDE).draw(&self.player.theme(), buffer, line);
        }
    }

    fn scale(&self, anew: bool) -> Scale {
        let (here, last) = (self.player.shown(), self.player.last());
        let clock = |ms: u64| say::clock(Span::from_millis(i64::try_from(ms).unwrap_or(i64::MAX)), true);
        let state = if self.playing { "▶" } else { "‖" };
        let speed = if (self.speed - 1.0).abs() < f64::EPSILON { String::new() } else { format!(" {}×", self.speed) };
        let time = say::time_of_day(here.wall);
        let place = match &self.asked {
            Some(input) => format!("go to: {}▏", input.value()),
            None if self.way.is_some() => format!("… {time}Z  {} of {}", clock(here.ms), clock(last.ms)),
            None => format!("{state}{speed} {time}Z  {} of {}", clock(here.ms), clock(last.ms)),
        };
        let at_end = here == last;
        let note = self.note.clone().or_else(|| self.player.trouble().map(str::to_owned)).or_else(|| {
            match self.player.ending() {
                Ending::Whole(why) => at_end.then(|| format!("end: {why}")),
                ending => Some(ending.to_string()),
            }
        });
        let seen = self.player.picture().area;
        let note = note.or_else(|| anew.then(|| format!("was {}×{}", seen.width, seen.height)));
        let hint = |key: &str, words| (key.to_owned(), words);
        let hints = match self.asked {
            Some(_) => vec![hint("18:42:07", "a time"), hint("+4m", "from the start"), hint("end", "the end")],
            None => vec![
                hint("q", "quit"),
                hint("space", if self.playing { "pause" } else { "play" }),
                hint("← →", "step"),
                hint("g", "go to"),
                hint("+ -", "speed"),
                hint("PgUp PgDn", "1 min"),
            ],
        };
        Scale {
            badge: ("REPLAY".into(), Role::Replay),
            place,
            share: here.ms as f64 / (last.ms as f64).max(1.0),
            note,
            hints,
        }
    }
}
