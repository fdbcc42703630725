//! Keys of finding and arranging: the palette, the filter, back and forward, panes, the mouse's switch.

use super::act;
use crate::model::Model;
use crate::ui::finding::history;
use crate::ui::palette::{self, Choice, Kind};
use crate::ui::panes::{Layout, Pane};
use crate::ui::screen::Screen;
use crate::ui::{Action, Wish};

/// Keys that mean something to the palette or to the filter's field while it is open; none where they do not.
pub(super) fn on_field(screen: &mut Screen, model: &Model, action: Action) -> Option<Vec<Wish>> {
    if screen.find.palette.is_some() {
        return Some(on_palette(screen, model, action));
    }
    if !screen.find.filtering {
        return None;
    }
    match action {
        Action::Look => screen.find.filtering = false,
        Action::Back => screen.find.clear(screen.view),
        // The list is walked while one types; everything else leaves the field and does what it does.
        Action::Up | Action::Down | Action::PageUp | Action::PageDown => return None,
        _ => {
            screen.find.filtering = false;
            return None;
        }
    }
    Some(Vec::new())
}

fn on_palette(screen: &mut Screen, model: &Model, action: Action) -> Vec<Wish> {
    let page = palette::page(screen);
    match action {
        Action::Up => palette::travel(screen, model, -1),
        Action::Down | Action::NextView => palette::travel(screen, model, 1),
        Action::PageUp => palette::travel(screen, model, -page),
        Action::PageDown => palette::travel(screen, model, page),
        Action::Look => {
            let picked = screen.find.palette.take().and_then(|p| p.picked);
            return picked.map(|choice| choose(screen, model, choice)).unwrap_or_default();
        }
        Action::PreviousView => palette::travel(screen, model, -1),
        _ => screen.find.palette = None,
    }
    Vec::new()
}

/// Does what the palette's row stands for: an action exactly as its key would.
pub(super) fn choose(screen: &mut Screen, model: &Model, choice: Choice) -> Vec<Wish> {
    screen.find.palette = None;
    match choice {
        Choice::Action(action) => act(screen, model, action),
        Choice::Thing(thing) => {
            history::jump(screen);
            palette::go(screen, model, thing);
            Vec::new()
        }
    }
}

/// What these keys do.
pub(super) fn find(screen: &mut Screen, model: &Model, action: Action) -> Vec<Wish> {
    match action {
        Action::Commands => palette::open(screen, model, Kind::Actions),
        Action::Jump => palette::open(screen, model, Kind::Things),
        Action::Filter => screen.find.filtering = true,
        Action::GoBack | Action::GoForward => history::step(screen, model, action == Action::GoBack),
        Action::Mouse => {
            screen.pointer.on = !screen.pointer.on;
            screen.pointer.drag = None;
            let key = screen.setup.keymap.key(Action::Mouse);
            screen.said = Some(if screen.pointer.on {
                format!("the mouse is on: it picks rows, scrolls and drags; {key} leaves it to the terminal")
            } else {
                format!("the mouse is off: the terminal selects text again; {key} turns it on")
            });
            return vec![Wish::Mouse(screen.pointer.on)];
        }
        Action::PaneGrow => return resize(screen, Pane::Timeline, 1),
        Action::PaneShrink => return resize(screen, Pane::Timeline, -1),
        Action::LagWider => return resize(screen, Pane::Lag, 1),
        Action::LagNarrower => return resize(screen, Pane::Lag, -1),
        Action::PaneReset => {
            screen.panes.layout = Layout::default();
            return vec![Wish::Remember(Layout::default())];
        }
        _ => {}
    }
    Vec::new()
}

fn resize(screen: &mut Screen, pane: Pane, by: i16) -> Vec<Wish> {
    if screen.panes.resize(pane, by) { vec![Wish::Remember(screen.panes.layout)] } else { Vec::new() }
}
