//! Finding things: the palette, the filters of the lists, and the way back.

pub(crate) mod filter;
pub(crate) mod history;

use tui_input::Input;

use super::palette::Palette;
use super::screen::View;
use filter::Found;
use history::History;

/// What a person is looking for, and where they have looked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finding {
    /// The palette, while it is open.
    pub(crate) palette: Option<Palette>,
    /// What each view's rows must match.
    filters: [Input; View::ALL.len()],
    /// Characters go into the filter of the view.
    pub(crate) filtering: bool,
    /// What each filter left when its view was drawn last.
    found: [Option<Found>; View::ALL.len()],
    pub(crate) history: History,
}

impl Finding {
    /// What the rows of a view must match.
    pub(crate) fn filter(&self, view: View) -> &Input {
        &self.filters[view as usize]
    }

    /// The same, to be typed into.
    pub(crate) fn filter_mut(&mut self, view: View) -> &mut Input {
        &mut self.filters[view as usize]
    }

    /// Everything that is being typed here.
    pub(crate) fn inputs(&mut self) -> impl Iterator<Item = &mut Input> {
        self.filters.iter_mut().chain(self.palette.as_mut().map(|p| &mut p.input))
    }

    /// Whether some rows of a view may be hidden.
    pub(crate) fn is_filtered(&self, view: View) -> bool {
        !self.filter(view).value().trim().is_empty()
    }

    /// Shows all rows of a view.
    pub(crate) fn clear(&mut self, view: View) {
        self.filters[view as usize] = Input::default();
        self.found[view as usize] = None;
        self.filtering = false;
    }
}
