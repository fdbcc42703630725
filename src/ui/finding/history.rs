//! Back and forward: the places where a person has been. A place is a pair, a view, and what was open over it. Moving
//! the cursor makes no new place, but its position comes back with the place, and a jump always leaves one.

use std::collections::VecDeque;

use crate::estate::{PairName, Side};
use crate::model::Model;
use crate::ui::follow::{self, Aim, Target};
use crate::ui::screen::{Cursor, Dialog, Field, Screen, View};

/// Places that are remembered.
const MOST: usize = 50;

/// Where somebody looks.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pair: PairName,
    view: View,
    open: Option<Target>,
    side: Side,
    cursor: Option<Cursor>,
    aim: Option<Aim>,
    scroll: usize,
}

impl Place {
    fn of(screen: &Screen) -> Self {
        let open = match &screen.dialog {
            Some(Dialog::System(id)) => Some(Target::System(id.clone())),
            Some(Dialog::Change(digest)) => Some(Target::Change(*digest)),
            Some(Dialog::Thing(thing)) => Some(thing.clone()),
            _ => None,
        };
        Self {
            pair: screen.pair.clone(),
            view: screen.view,
            open,
            side: screen.side,
            cursor: screen.cursor.clone(),
            aim: follow::kept(screen, screen.view).cloned(),
            scroll: screen.scroll[screen.view as usize],
        }
    }

    fn is(&self, other: &Place) -> bool {
        self.pair == other.pair && self.view == other.view && self.open == other.open
    }

    /// Whether the cursor is on the same thing, too.
    fn is_whole(&self, other: &Place) -> bool {
        self.is(other) && self.cursor == other.cursor && self.aim == other.aim
    }

    /// Whether it is still there.
    fn exists(&self, model: &Model) -> bool {
        let open = match &self.open {
            Some(Target::System(id)) => model.estate.systems.iter().any(|s| s.id == *id),
            Some(Target::Change(digest)) => model.changes.get(digest).is_some(),
            _ => true,
        };
        open && model.estate.pair(&self.pair).is_some()
    }

    fn restore(self, screen: &mut Screen) {
        screen.turn_to(&self.pair);
        screen.view = self.view;
        screen.side = self.side;
        screen.cursor = self.cursor;
        follow::pick(screen, self.view, self.aim);
        screen.scroll[self.view as usize] = self.scroll;
        screen.field = Field::None;
        (screen.dialog, screen.dialog_scroll) = (None, 0);
        if let Some(target) = self.open {
            follow::show(screen, target);
        }
    }
}

/// The places before this one and, after going back, those after it.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    back: VecDeque<Place>,
    forward: Vec<Place>,
    here: Option<Place>,
    /// The step that is being made is a jump: it leaves a place, even within one list.
    jumps: bool,
}

impl History {
    /// Whether there is a place before this one.
    pub(crate) fn has_back(&self) -> bool {
        !self.back.is_empty()
    }

    /// Whether somebody went back.
    pub(crate) fn has_forward(&self) -> bool {
        !self.forward.is_empty()
    }
}

/// What comes is a jump.
pub(crate) fn jump(screen: &mut Screen) {
    screen.find.history.jumps = true;
}

/// Takes in where the person looks now.
pub(crate) fn note(screen: &mut Screen) {
    let now = Place::of(screen);
    let history = &mut screen.find.history;
    let jumps = std::mem::take(&mut history.jumps);
    let left = |before: &Place| if jumps { !before.is_whole(&now) } else { !before.is(&now) };
    if let Some(before) = history.here.take().filter(left) {
        if history.back.len() >= MOST {
            history.back.pop_front();
        }
        history.back.push_back(before);
        history.forward.clear();
    }
    history.here = Some(now);
}

/// Goes back, or forward again. What is gone meanwhile is passed over.
pub(crate) fn step(screen: &mut Screen, model: &Model, back: bool) {
    let now = Place::of(screen);
    let history = &mut screen.find.history;
    let next = loop {
        let next = if back { history.back.pop_back() } else { history.forward.pop() };
        match next {
            Some(place) if !place.exists(model) || place.is_whole(&now) => {}
            next => break next,
        }
    };
    let Some(next) = next else { return };
    if back {
        history.forward.push(now);
    } else {
        history.back.push_back(now);
    }
    // Told to the history as the place where one is, so that this step is none of its own.
    history.here = Some(next.clone());
    next.restore(screen);
}
