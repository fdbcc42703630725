//! Choosing a theme: what is under the cursor is shown at once, enter keeps it, esc brings the old one back.

use super::complain;
use crate::ui::screen::{Dialog, Screen};
use crate::ui::{Action, Wish};

pub(super) fn open(screen: &mut Screen) {
    screen.dialog = Some(Dialog::Theme(screen.themes.wanted().to_owned()));
    screen.dialog_scroll = 0;
}

/// Takes an action that means something in the list; none where it did not.
pub(super) fn on_list(screen: &mut Screen, dialog: &Dialog, action: Action) -> Option<Vec<Wish>> {
    let Dialog::Theme(before) = dialog else { return None };
    let (at, last) = (screen.themes.at(), screen.themes.offers().len().saturating_sub(1));
    let page = screen.page.max(1);
    let to = match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => (at + 1).min(last),
        Action::PageUp => at.saturating_sub(page),
        Action::PageDown => (at + page).min(last),
        Action::First => 0,
        Action::Last => last,
        Action::Look => {
            let offer = screen.themes.offers().get(at).filter(|offer| offer.theme.is_ok());
            let Some(name) = offer.map(|offer| offer.name.clone()) else {
                complain(screen, "this theme has faults: fix its file, or choose another");
                return Some(Vec::new());
            };
            screen.dialog = None;
            return Some(vec![Wish::RememberTheme(name)]);
        }
        Action::Back => {
            screen.choose_theme(&before.clone());
            screen.dialog = None;
            return Some(Vec::new());
        }
        _ => return None,
    };
    let first = screen.dialog_scroll.min(to).max((to + 1).saturating_sub(page));
    screen.dialog_scroll = first;
    if let Some(name) = screen.themes.offers().get(to).map(|o| o.name.clone()) {
        screen.choose_theme(&name);
    }
    Some(Vec::new())
}
