//! What follows `ESC [`: keys with modifiers, the mouse, the focus. Anything else is an answer, not a key.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// The meaning of a whole sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sequence {
    /// Something that a person did.
    Event(Event),
    /// A paste begins.
    Paste,
    /// The terminal's ground is light, or dark (mode 2031).
    Light(bool),
    /// An answer, or nothing that is known.
    Nothing,
}

/// What kitty's keyboard protocol calls a key that is let go.
const RELEASED: &str = "3";

/// Reads a sequence: the part between `ESC [` and its last byte, and that byte.
pub(super) fn sequence(parameters: &[u8], last: u8) -> Sequence {
    let Ok(text) = std::str::from_utf8(parameters) else { return Sequence::Nothing };
    match (text, last) {
        ("?997;1", b'n') => return Sequence::Light(false),
        ("?997;2", b'n') => return Sequence::Light(true),
        ("200", b'~') => return Sequence::Paste,
        ("", b'I') => return Sequence::Event(Event::FocusGained),
        ("", b'O') => return Sequence::Event(Event::FocusLost),
        _ => {}
    }
    if let Some(mouse) = text.strip_prefix('<').filter(|_| matches!(last, b'M' | b'm')) {
        return numbers(mouse).and_then(|n| sgr(&n, last == b'm')).map_or(Sequence::Nothing, Sequence::Event);
    }
    // `ESC [ [ A` is F1 on the Linux console.
    if text == "[" {
        let key = matches!(last, b'A'..=b'E').then(|| KeyCode::F(last - b'A' + 1));
        return key.map_or(Sequence::Nothing, |code| plain(code, KeyModifiers::NONE));
    }
    let Some(numbers) = numbers(text) else { return Sequence::Nothing };
    // A terminal of the kitty protocol tells of a key that was let go, too. It was pressed before.
    if text.split(';').nth(1).and_then(|modifiers| modifiers.split(':').nth(1)) == Some(RELEASED) {
        return Sequence::Nothing;
    }
    if last == b'M' {
        return rxvt(&numbers).map_or(Sequence::Nothing, Sequence::Event);
    }
    key(&numbers, last).map_or(Sequence::Nothing, Sequence::Event)
}

/// The three bytes behind `ESC [ M`.
pub(super) fn old_mouse(bytes: [u8; 3]) -> Option<Event> {
    let [button, column, row] = bytes.map(|b| u16::from(b.saturating_sub(32)));
    mouse(button, column, row)
}

fn plain(code: KeyCode, modifiers: KeyModifiers) -> Sequence {
    Sequence::Event(Event::Key(KeyEvent::new(code, modifiers)))
}

/// Numbers with `;` between; of one with `:` in it the first. None for anything that is no number.
fn numbers(text: &str) -> Option<Vec<u32>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let number = |part: &str| {
        let first = part.split(':').next().unwrap_or_default();
        if first.is_empty() { Some(0) } else { first.parse().ok() }
    };
    text.split(';').map(number).collect()
}

fn key(numbers: &[u32], last: u8) -> Option<Event> {
    let first = numbers.first().copied().unwrap_or(0);
    let code = match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'Z' => KeyCode::BackTab,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        // With numbers it is the cursor's position: an answer.
        b'R' if numbers.is_empty() => KeyCode::F(3),
        b'S' => KeyCode::F(4),
        b'u' => match char::from_u32(first)? {
            '\x1b' => KeyCode::Esc,
            '\r' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '\x7f' => KeyCode::Backspace,
            c if c.is_control() => return None,
            // Keys that write nothing, such as shift alone.
            '\u{e000}'..='\u{f8ff}' => return None,
            c => KeyCode::Char(c),
        },
        b'~' => match first {
            1 | 7 => KeyCode::Home,
            2 => KeyCode::Insert,
            3 => KeyCode::Delete,
            4 | 8 => KeyCode::End,
            5 => KeyCode::PageUp,
            6 => KeyCode::PageDown,
            n @ 11..=15 => KeyCode::F(u8::try_from(n - 10).ok()?),
            n @ 17..=21 => KeyCode::F(u8::try_from(n - 11).ok()?),
            n @ 23..=26 => KeyCode::F(u8::try_from(n - 12).ok()?),
            _ => return None,
        },
        _ => return None,
    };
    // One more than a bit for each.
    let bits = numbers.get(1).copied().unwrap_or(1).saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)] {
        modifiers.set(modifier, bits & bit != 0);
    }
    let code = if code == KeyCode::Tab && modifiers.contains(KeyModifiers::SHIFT) { KeyCode::BackTab } else { code };
    if code == KeyCode::BackTab {
        modifiers |= KeyModifiers::SHIFT;
    }
    Some(Event::Key(KeyEvent::new_with_kind(code, modifiers, KeyEventKind::Press)))
}

fn sgr(numbers: &[u32], released: bool) -> Option<Event> {
    let [button, column, row] = numbers else { return None };
    let small = |n: &u32| u16::try_from(*n).ok();
    let mut event = mouse(small(button)?, small(column)?, small(row)?)?;
    if let Event::Mouse(MouseEvent { kind, .. }) = &mut event
        && released
        && let MouseEventKind::Down(button) = *kind
    {
        *kind = MouseEventKind::Up(button);
    }
    Some(event)
}

fn rxvt(numbers: &[u32]) -> Option<Event> {
    let [button, column, row] = numbers else { return None };
    let small = |n: &u32| u16::try_from(*n).ok();
    mouse(small(button)?.checked_sub(32)?, small(column)?, small(row)?)
}

fn mouse(bits: u16, column: u16, row: u16) -> Option<Event> {
    let moves = bits & 32 != 0;
    let button = match bits & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (bits & 0xc0, button, moves) {
        (0, Some(button), false) => MouseEventKind::Down(button),
        (0, Some(button), true) => MouseEventKind::Drag(button),
        (0, None, false) => MouseEventKind::Up(MouseButton::Left),
        (0, None, true) => MouseEventKind::Moved,
        (64, _, false) => match bits & 3 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::ScrollDown,
            2 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        },
        _ => return None,
    };
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)] {
        modifiers.set(modifier, bits & bit != 0);
    }
    Some(Event::Mouse(MouseEvent { kind, column: column.saturating_sub(1), row: row.saturating_sub(1), modifiers }))
}
