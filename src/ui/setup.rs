//! A screen's setup as a recording holds it: whole, so that a replay needs no theme file, keymap or estate file.

use serde::{Deserialize, Serialize};

use super::{ApproveHint, Keymap, Setup, Theme};
use crate::change::Hands;
use crate::estate::{Estate, PairName, PersonName};
use crate::fault::Faults;

/// A setup, written out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Written {
    person: Option<PersonName>,
    operator: bool,
    approver: bool,
    pair: PairName,
    theme: Theme,
    /// A keymap file's text.
    keymap: String,
    approve: ApproveHint,
    banner: Option<String>,
}

impl From<&Setup> for Written {
    fn from(setup: &Setup) -> Self {
        Self {
            person: setup.person.clone(),
            operator: setup.hands.operator.is_some(),
            approver: setup.hands.approver.is_some(),
            pair: setup.pair.clone(),
            theme: setup.theme.clone(),
            keymap: setup.keymap.text(),
            approve: setup.approve.clone(),
            banner: setup.banner.clone(),
        }
    }
}

impl Written {
    /// The setup again. Hands hold what the estate's people may do, and never more than they held then. A keymap of
    /// another program's actions may not be understood here: the built-in one then, and what is wrong with it.
    #[must_use]
    pub fn read(self, estate: &Estate) -> (Setup, Option<Faults>) {
        let hands = self.person.as_ref().map_or_else(Hands::empty, |name| Hands::of(estate, name));
        let hands = Hands {
            operator: hands.operator.filter(|_| self.operator),
            approver: hands.approver.filter(|_| self.approver),
        };
        let (keymap, trouble) = match Keymap::recorded(&self.keymap, "the recording's keymap") {
            Ok(keymap) => (keymap, None),
            Err(error) => (Keymap::default(), Some(error)),
        };
        let setup = Setup {
            person: self.person,
            hands,
            pair: self.pair,
            theme: self.theme,
            keymap,
            approve: self.approve,
            banner: self.banner,
        };
        (setup, trouble)
    }
}
