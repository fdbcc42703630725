//! The terminal's title: the state in a few words, for whoever looks at a row of tabs.

use super::{Mode, Screen, text};
use crate::hygiene::visible;
use crate::model::Model;
use crate::words::headline;

/// Columns that the pair's name may take, which comes from outside.
const PAIR: usize = 60;
/// Columns of a title, at most.
const LONGEST: usize = 120;

impl Screen {
    /// The title: what is known now, whatever moment this screen looks at. Free of hidden characters, and masked in
    /// presenter mode.
    #[must_use]
    pub fn title(&mut self, model: &Model) -> String {
        let Some(facts) = model.headline(&self.pair) else { return "signalbox".to_owned() };
        let mask = self.veil(model).map(|veil| veil.mask(model));
        let masked = |text: &str| mask.as_ref().map_or_else(|| text.to_owned(), |mask| mask.text(text).into_owned());
        // Masked before it is cut: half a name may no longer look like what must be masked.
        let pair = text::cut(&masked(&visible(self.pair.as_str())), PAIR);
        let title = masked(&visible(&headline(&facts, &pair)));
        let demo = if self.setup.mode == Mode::Demo { "DEMO " } else { "" };
        text::cut(&format!("{demo}{title}"), LONGEST)
    }
}
