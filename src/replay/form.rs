//! The form of a recording: one JSON object a line. The first is the header, each of the others a step.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::time::Stamp;
use crate::ui::{ThemeOffer, Written};

/// The version of the form. It changes when an older program could not make the same screens of it.
pub const VERSION: u32 = 5;

/// The value of `signalbox` in the header.
pub(crate) const KIND: &str = "recording";

/// The first line: what the model is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// What the file is: `recording`.
    pub signalbox: String,
    /// The form's version.
    pub version: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// When the console opened.
    pub opened: Stamp,
    /// The boot that its monotonic clock counted from.
    pub boot: String,
    /// Whether the console could not write, and why.
    pub read_only: Option<String>,
    /// The estate, as an estate file.
    pub estate: String,
}

/// Any other line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line<S = Step> {
    /// Real milliseconds since the recording began.
    pub ms: u64,
    /// What happened then.
    pub step: S,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step<E = Event> {
    /// The model took an event in.
    Event(E),
    /// A person sat down in front of a screen.
    Screen(Box<Written>),
    /// The screen was offered these themes, because a file of them was saved.
    Themes(Vec<ThemeOffer>),
    /// The terminal told whether its ground is light.
    Ground(bool),
    /// The screen took a key, a paste, a click or a new size in.
    Input(crossterm::event::Event),
    /// The same, together with more: pasted as keys, or typed ahead.
    AtOnce(crossterm::event::Event),
    /// The screen was drawn: columns and rows.
    Drawn(u16, u16),
    /// The recording ended, and why.
    End(String),
}

impl Step<Arc<Event>> {
    /// The step with its event lent, to be written.
    pub(crate) fn by_ref(&self) -> Step<&Event> {
        match self {
            Step::Event(event) => Step::Event(event),
            Step::Screen(written) => Step::Screen(written.clone()),
            Step::Themes(offers) => Step::Themes(offers.clone()),
            Step::Ground(light) => Step::Ground(*light),
            Step::Input(input) => Step::Input(input.clone()),
            Step::AtOnce(input) => Step::AtOnce(input.clone()),
            Step::Drawn(columns, rows) => Step::Drawn(*columns, *rows),
            Step::End(why) => Step::End(why.clone()),
        }
    }
}
