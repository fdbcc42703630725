//! What is pasted: a signature wherever the person is, or text for the field that is open.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::typing::{typed, typing};
use super::{LONGEST_PASTE, complain};
use crate::event::{Ask, Via};
use crate::model::Model;
use crate::ui::Wish;

use crate::ui::screen::{Dialog, Field, Screen};

/// The end of an OpenSSH signature.
const END: &str = "END SSH SIGNATURE";

/// Sends a signature off once it is whole.
pub(super) fn signature_done(screen: &mut Screen, model: &Model, asked: bool) -> Vec<Wish> {
    let Field::Signature(text) = &screen.field else { return Vec::new() };
    if !text.contains(END) {
        if asked && !text.contains("BEGIN") {
            complain(screen, "this is no signature yet: paste everything from BEGIN to END SSH SIGNATURE");
        }
        return Vec::new();
    }
    let armored = text.clone();
    screen.field = Field::None;
    signature(screen, model, armored)
}

/// A signature that was pasted. It proves itself, but who only looks on hands none in.
fn signature(screen: &mut Screen, model: &Model, armored: String) -> Vec<Wish> {
    let Some(by) = screen.setup.hands.courier(Via::Pasted) else {
        complain(screen, "who only looks on hands in no signatures");
        return Vec::new();
    };
    if model.changes.open().next().is_none() {
        complain(screen, "no change waits for an approval");
        return Vec::new();
    }
    // With a change in front of them a person hands it in for that one: a signature over another approves nothing.
    let of = match &screen.dialog {
        Some(Dialog::Change(digest)) => Some(*digest),
        _ => None,
    };
    vec![Wish::Ask(Ask::Signature { armored, by, of })]
}

pub(super) fn paste(screen: &mut Screen, model: &Model, text: &str) -> Vec<Wish> {
    screen.complaint = None;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.len() > LONGEST_PASTE {
        complain(screen, "that is far too long for a signature");
        return Vec::new();
    }
    if crate::change::paste::paste(&text).is_some() {
        screen.field = Field::None;
        return signature(screen, model, text);
    }
    if text.contains("BEGIN SSH SIGNATURE") {
        complain(screen, "the signature is cut off: paste everything from BEGIN to END SSH SIGNATURE");
        return Vec::new();
    }
    if let Field::Signature(field) = &mut screen.field {
        field.push_str(&text);
        return signature_done(screen, model, false);
    }
    if !typing(screen) {
        return Vec::new();
    }
    // Into a line: what is pasted cannot press enter.
    for c in text.lines().next().unwrap_or_default().chars().filter(|c| !crate::hygiene::is_hidden(*c)) {
        typed(screen, model, KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
    }
    Vec::new()
}
