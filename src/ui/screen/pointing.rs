//! What was drawn last, and where the mouse can point on it.

use ratatui::layout::{Position, Rect};

use super::{Cursor, SMALLEST, View};
use crate::estate::Side;
use crate::ui::Action;
use crate::ui::follow::Target;
use crate::ui::palette::Choice;
use crate::ui::selecting::Selection;

/// What the frame that was drawn last showed. Keys act on what a person sees, so this decides where they go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Everything; also before the first frame.
    #[default]
    Whole,
    /// Only that the window is too small: nothing that a key could mean.
    TooSmall,
}

impl Sight {
    /// What a window of this size shows.
    pub(crate) fn of(area: Rect) -> Self {
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 { Sight::TooSmall } else { Sight::Whole }
    }
}

/// Something that a mouse can point at.
#[derive(Clone, Debug)]
pub(crate) enum Hit {
    View(View),
    Cursor(Cursor, Option<Side>),
    Side(Side),
    /// A row of a view's list, by its place among the list's things.
    Row(View, usize),
    /// Something that another view shows whole.
    There(View, Target),
    /// A key hint.
    Act(Action),
    /// A row of the palette.
    Choice(Choice),
    /// The frame between the levers and the timeline.
    Split,
    /// What the wheel scrolls.
    Scroll(Scrolls),
}

/// What the wheel scrolls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scrolls {
    /// A view's list; of the overview, the systems.
    List(View),
    /// The overview's timeline.
    Events,
    /// The safety rules.
    Rules,
    /// The cluster's endpoints.
    Endpoints,
}

/// The mouse: whether it is listened to, and what it holds.
#[derive(Clone, Debug)]
pub(crate) struct Pointer {
    pub(crate) on: bool,
    pub(crate) drag: Option<Drag>,
}

/// What is being dragged.
#[derive(Clone, Debug)]
pub(crate) enum Drag {
    /// The frame between two panes, which was last on this line.
    Split(u16),
    /// Nothing yet: the button is down, and has not moved from here.
    Click(Position),
    /// A stretch of text.
    Text(Selection),
}
