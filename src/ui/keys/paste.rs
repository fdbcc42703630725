//! What is pasted: a signature wherever the person is, or text for the field that is open.

use tui_input::InputRequest;

use super::typing::{LONGEST_LINE, line, room, taken, typing};
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

/// A pasted signature. It proves itself, but somebody who only looks on cannot hand one in.
fn signature(screen: &mut Screen, model: &Model, armored: String) -> Vec<Wish> {
    let Some(by) = screen.setup.hands.courier(Via::Pasted) else {
        complain(screen, "you only look on, and cannot hand in signatures");
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
    (screen.complaint, screen.said) = (None, None);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let signed = text.contains("BEGIN SSH SIGNATURE");
    if text.len() > LONGEST_PASTE && (signed || matches!(screen.field, Field::Signature(_))) {
        complain(screen, "that is far too long for a signature");
        return Vec::new();
    }
    if text.len() <= LONGEST_PASTE && crate::change::paste::paste(&text).is_some() {
        screen.field = Field::None;
        return signature(screen, model, text);
    }
    if signed {
        complain(screen, "the signature is cut off: paste everything from BEGIN to END SSH SIGNATURE");
        return Vec::new();
    }
    if !typing(screen) {
        // Nothing of it is a key, whatever is written there.
        complain(screen, "text was pasted, but no open field takes it: none of it was used as keys");
        return Vec::new();
    }
    let Some(line) = line(screen) else {
        if let Field::Signature(field) = &mut screen.field {
            field.push_str(&text);
        }
        return signature_done(screen, model, false);
    };
    // Into a line: what is pasted cannot press enter.
    let (pasted, lines) = joined(&text);
    let (count, room) = (pasted.chars().count(), room(line));
    if count > room {
        let left = if room == LONGEST_LINE { String::new() } else { format!(", and {room} are left") };
        let why = format!(
            "the pasted text has {count} characters, this field takes {LONGEST_LINE}{left}: none of it was taken"
        );
        complain(screen, &why);
        return Vec::new();
    }
    for c in pasted.chars() {
        line.handle(InputRequest::InsertChar(c));
    }
    taken(screen, model);
    if lines > 1 {
        screen.said = Some(format!("{lines} lines were joined into one"));
    }
    Vec::new()
}

/// A text as one line, and how many lines it had: blanks for tabs and between lines, nothing that cannot be seen.
fn joined(text: &str) -> (String, usize) {
    let seen = |line: &str| -> String {
        let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
        line.chars().map(blank).filter(|c| !crate::hygiene::is_hidden(*c)).collect()
    };
    let lines: Vec<String> = text.split('\n').map(seen).filter(|line| !line.trim().is_empty()).collect();
    match lines.as_slice() {
        [one] => (one.clone(), 1),
        several => (several.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "), several.len()),
    }
}
