//! A key that does nothing says why: the keyboard writes another alphabet, or caps lock is on, or it is no key.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::sequence::context;
use crate::ui::Action;
use crate::ui::keymap::{Key, Step, pretty};
use crate::ui::screen::Screen;

/// Why a key does nothing here, as a fragment.
pub(super) fn why(screen: &Screen, event: KeyEvent) -> String {
    let key = pretty(&[Key::of(event)]);
    let KeyCode::Char(c) = event.code else { return no_key(screen, &key) };
    if let Some(letters) = letters(c) {
        return format!("the keyboard writes {letters} (“{c}”), and the keys here are Latin: switch its layout");
    }
    if c.is_alphabetic() {
        // The other case of it is a key: caps lock, most likely.
        let other = if c.is_uppercase() { c.to_lowercase().next() } else { c.to_uppercase().next() };
        let known = |c: char| {
            let key = Key::of(KeyEvent::new(KeyCode::Char(c), event.modifiers - KeyModifiers::SHIFT));
            screen.setup.keymap.step(context(screen), &[key]) != Step::Nothing
        };
        if let Some(other) = other.filter(|other| known(*other)) {
            let caps = if c.is_uppercase() { " (is caps lock on?)" } else { "" };
            return format!("{key} is no key here, {other} is one{caps}");
        }
    }
    no_key(screen, &key)
}

fn no_key(screen: &Screen, key: &str) -> String {
    format!("{key} is no key here: {} shows the keys", screen.key(Action::Help))
}

/// The alphabet of a letter that is not Latin, or not plain.
fn letters(c: char) -> Option<&'static str> {
    match c {
        '\u{0370}'..='\u{03ff}' | '\u{1f00}'..='\u{1fff}' => Some("Greek letters"),
        '\u{0400}'..='\u{052f}' => Some("Cyrillic letters"),
        '\u{0530}'..='\u{058f}' => Some("Armenian letters"),
        '\u{0590}'..='\u{05ff}' => Some("Hebrew letters"),
        '\u{0600}'..='\u{06ff}' => Some("Arabic letters"),
        '\u{0900}'..='\u{0e7f}' => Some("Indic or Thai letters"),
        '\u{10a0}'..='\u{10ff}' => Some("Georgian letters"),
        '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' => Some("Korean letters"),
        '\u{3040}'..='\u{30ff}' | '\u{ff65}'..='\u{ff9f}' => Some("Japanese letters"),
        '\u{3400}'..='\u{9fff}' => Some("Chinese characters"),
        '\u{3000}' | '\u{ff01}'..='\u{ff5e}' => Some("full-width characters"),
        _ => None,
    }
}
