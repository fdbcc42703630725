//! The terminal's own ways to call somebody back to it. What is written is cleaned, bounded, and holds no byte
//! that could end the sequence before its end.

use crate::estate::Osc;
use crate::hygiene::visible;

/// What rings a terminal.
pub const BELL: u8 = 0x07;

/// The longest text, in characters.
const LONGEST: usize = 200;
/// Notifications written at once; a burst of them rings once.
const MOST: usize = 3;

/// What the terminal should tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Which way; none for the bell.
    pub osc: Option<Osc>,
    /// Whether it is given also while the screen is being presented.
    pub presenting: bool,
    /// The words.
    pub words: String,
}

/// The bytes for some alerts; `quiet` is a screen that is being presented.
#[must_use]
pub fn sequence(alerts: &[Alert], quiet: bool) -> Vec<u8> {
    let heard: Vec<&Alert> = alerts.iter().filter(|a| a.presenting || !quiet).collect();
    let mut bytes = Vec::new();
    let from = heard.iter().filter(|a| a.osc.is_some()).count().saturating_sub(MOST);
    for alert in heard.iter().filter(|a| a.osc.is_some()).skip(from) {
        let text = clean(&alert.words);
        match alert.osc {
            // Words in front: `9;4;…` is something else to some terminals.
            Some(Osc::Nine) => bytes.extend(format!("\x1b]9;signalbox: {text}\x07").bytes()),
            Some(Osc::SevenSevenSeven) => bytes.extend(format!("\x1b]777;notify;signalbox;{text}\x07").bytes()),
            None => {}
        }
    }
    if heard.iter().any(|a| a.osc.is_none()) {
        bytes.push(BELL);
    }
    bytes
}

/// A text that ends no sequence: nothing hidden, no separator, and no byte that an old terminal takes for its end.
fn clean(text: &str) -> String {
    visible(text)
        .chars()
        .take(LONGEST)
        .map(|c| match c {
            '“' | '”' => '"',
            ';' => ',',
            c if c.encode_utf8(&mut [0; 4]).bytes().any(|b| b == 0x9c) => '?',
            c => c,
        })
        .collect()
}
