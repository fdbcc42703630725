//! Choosing a theme: what is under the cursor is shown at once, enter keeps it, esc brings the old one back.

use super::complain;
use crate::ui::Action;
use crate::ui::screen::{Dialog, Screen};

pub(super) fn open(screen: &mut Screen) {
    screen.dialog = Some(Dialog::Theme(screen.themes.wanted().to_owned()));
    screen.dialog_scroll = 0;
}

/// Takes an action that means something in the list; whether it did.
pub(super) fn on_list(screen: &mut Screen, dialog: &Dialog, action: Action) -> bool {
    let Dialog::Theme(before) = dialog else { return false };
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
            match screen.themes.offers().get(at) {
                Some(offer) if offer.theme.is_ok() => screen.dialog = None,
                _ => complain(screen, "this theme has faults: mend its file, or choose another"),
            }
            return true;
        }
        Action::Back => {
            screen.choose_theme(&before.clone());
            screen.dialog = None;
            return true;
        }
        _ => return false,
    };
    let first = screen.dialog_scroll.min(to).max((to + 1).saturating_sub(page));
    screen.dialog_scroll = first;
    if let Some(name) = screen.themes.offers().get(to).map(|o| o.name.clone()) {
        screen.choose_theme(&name);
    }
    true
}
