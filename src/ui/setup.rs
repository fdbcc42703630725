//! A screen as a recording holds it when it begins: whole, so that a replay needs no theme file, keymap or estate file.

use serde::{Deserialize, Serialize};

use super::themes::Themes;
use super::{Depth, Keymap, Layout, Mode, Screen, Setup, Theme};
use crate::change::{ApproveHint, Hands};
use crate::estate::{Estate, PairName, PersonName};
use crate::fault::Faults;

/// A screen at its beginning, written out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Written {
    person: Option<PersonName>,
    operator: bool,
    approver: bool,
    pair: PairName,
    theme: Theme,
    themes: Themes,
    /// A keymap file's text.
    keymap: String,
    approve: ApproveHint,
    mode: Mode,
    presenter: bool,
    layout: Layout,
    mouse: bool,
    notices: Vec<String>,
}

impl From<&Screen> for Written {
    fn from(screen: &Screen) -> Self {
        let setup = &screen.setup;
        Self {
            person: setup.person.clone(),
            operator: setup.hands.operator.is_some(),
            approver: setup.hands.approver.is_some(),
            pair: setup.pair.clone(),
            theme: setup.theme.clone(),
            themes: screen.themes.clone(),
            keymap: setup.keymap.text(),
            approve: setup.approve.clone(),
            mode: setup.mode,
            presenter: screen.presents(),
            layout: screen.panes.layout,
            mouse: screen.pointer.on,
            notices: screen.notices.clone(),
        }
    }
}

impl Written {
    /// The screen again, in as many colours as there are. Hands hold what the estate's people may do, and never more
    /// than they held then. A keymap of another program's actions may not be understood here: the built-in one then,
    /// and what is wrong with it.
    #[must_use]
    pub fn read(self, estate: &Estate, depth: Depth) -> (Screen, Option<Faults>) {
        let hands = self.person.as_ref().map_or_else(Hands::empty, |name| Hands::of(estate, name));
        let hands = Hands {
            operator: hands.operator.filter(|_| self.operator),
            approver: hands.approver.filter(|_| self.approver),
        };
        let (keymap, trouble) = match Keymap::recorded(&self.keymap, "the recording's keymap") {
            Ok(keymap) => (keymap, None),
            Err(error) => (Keymap::default(), Some(error)),
        };
        let as_is = depth == Depth::True;
        let mut screen = Screen::new(Setup {
            person: self.person,
            hands,
            pair: self.pair,
            theme: if as_is { self.theme } else { self.theme.at(depth) },
            keymap,
            approve: self.approve,
            mode: self.mode,
        });
        screen.themes = if as_is { self.themes } else { self.themes.at_depth(depth) };
        screen.present(self.presenter);
        self.notices.into_iter().for_each(|notice| screen.notice(notice));
        (screen.arranged(self.layout).with_mouse(self.mouse), trouble)
    }
}
