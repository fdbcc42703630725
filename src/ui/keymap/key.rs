//! One key, as keymap files name it and as terminals send it; what no terminal can send is no key.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_width::UnicodeWidthChar;

use crate::fault::nearest;
use crate::hygiene::is_hidden;

/// Keys of a sequence, at most.
pub(super) const LONGEST: usize = 4;

const MODIFIERS: [(&str, KeyModifiers); 3] =
    [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT), ("shift-", KeyModifiers::SHIFT)];

/// Keys with names: in files, and as people read them.
const NAMES: [(&str, KeyCode, &str); 16] = [
    ("space", KeyCode::Char(' '), "space"),
    ("enter", KeyCode::Enter, "enter"),
    ("esc", KeyCode::Esc, "esc"),
    ("tab", KeyCode::Tab, "Tab"),
    ("backtab", KeyCode::BackTab, "Shift-Tab"),
    ("backspace", KeyCode::Backspace, "backspace"),
    ("delete", KeyCode::Delete, "delete"),
    ("insert", KeyCode::Insert, "insert"),
    ("up", KeyCode::Up, "↑"),
    ("down", KeyCode::Down, "↓"),
    ("left", KeyCode::Left, "←"),
    ("right", KeyCode::Right, "→"),
    ("pageup", KeyCode::PageUp, "PgUp"),
    ("pagedown", KeyCode::PageDown, "PgDn"),
    ("home", KeyCode::Home, "Home"),
    ("end", KeyCode::End, "End"),
];

/// What other programs call them.
const ELSEWHERE: [(&str, &str); 12] = [
    ("cr", "enter"),
    ("ret", "enter"),
    ("return", "enter"),
    ("escape", "esc"),
    ("spc", "space"),
    ("del", "delete"),
    ("ins", "insert"),
    ("bs", "backspace"),
    ("pgup", "pageup"),
    ("pgdn", "pagedown"),
    ("prior", "pageup"),
    ("next", "pagedown"),
];

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Key {
    /// A shifted character is the character itself, whatever the terminal says of the shift key.
    pub(crate) fn of(event: KeyEvent) -> Self {
        let mut modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => KeyCode::Char(c.to_ascii_lowercase()),
            code => code,
        };
        if matches!(code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        Self { code, modifiers }
    }

    /// Whether it is esc, which leads out of everything.
    pub(crate) fn is_esc(self) -> bool {
        self.code == KeyCode::Esc
    }

    /// Whether a finger that slips may press it: no ctrl or alt, and no capital.
    pub(super) fn is_unmodified(self) -> bool {
        let capital = matches!(self.code, KeyCode::Char(c) if c.is_uppercase());
        self.modifiers.is_empty() && !capital && self.code != KeyCode::BackTab
    }

    /// Whether a field takes it as text.
    pub(super) fn is_text(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && self.modifiers.is_empty()
    }

    /// As keymap files name it.
    pub(super) fn written(self) -> String {
        let of = |(word, flag): &(&str, KeyModifiers)| {
            if self.modifiers.contains(*flag) { (*word).to_owned() } else { String::new() }
        };
        let name = match self.code {
            KeyCode::F(n) => format!("f{n}"),
            KeyCode::Char(c) if c != ' ' => c.to_string(),
            code => {
                NAMES.iter().find(|(_, c, _)| *c == code).map_or_else(String::new, |(name, _, _)| (*name).to_owned())
            }
        };
        MODIFIERS.iter().map(of).collect::<String>() + &name
    }

    /// As people read it: `Tab`, `f`, `^C`.
    pub(super) fn pretty(self) -> String {
        let name = match self.code {
            KeyCode::F(n) => format!("f{n}"),
            KeyCode::Char(c) if c != ' ' => c.to_string(),
            code => NAMES.iter().find(|(_, c, _)| *c == code).map_or_else(String::new, |(_, _, p)| (*p).to_owned()),
        };
        let mut out = String::new();
        if self.modifiers.contains(KeyModifiers::ALT) {
            out.push_str("Alt-");
        }
        if self.modifiers.contains(KeyModifiers::SHIFT) {
            out.push_str("Shift-");
        }
        match (self.modifiers.contains(KeyModifiers::CONTROL), self.code) {
            (true, KeyCode::Char(c)) if c != ' ' => out.push_str(&format!("^{}", name.to_uppercase())),
            (true, _) => out.push_str(&format!("Ctrl-{name}")),
            (false, _) => out.push_str(&name),
        }
        out
    }
}

/// Reads `g g` or `ctrl-x ctrl-c`; the error says what is wrong with it.
pub(super) fn sequence(text: &str) -> Result<Vec<Key>, String> {
    let no_key = |c: &char| is_hidden(*c) || c.width() == Some(0) || (c.is_whitespace() && *c != ' ');
    if let Some(c) = text.chars().find(no_key) {
        return Err(format!("`{text}` holds U+{:04X}, which no key types by itself", u32::from(c)));
    }
    let words: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
    if words.is_empty() {
        return Err("a key is missing between the quotes; the space bar is `space`".into());
    }
    if words.len() > LONGEST {
        return Err(format!("`{text}` is longer than {LONGEST} keys"));
    }
    let keys = words.into_iter().map(read).collect::<Result<Vec<Key>, String>>()?;
    if keys.len() > 1 && keys.iter().any(|k| k.is_esc()) {
        return Err("`esc` breaks a sequence off, so it cannot stand in one".into());
    }
    Ok(keys)
}

fn read(text: &str) -> Result<Key, String> {
    let (mut name, mut modifiers) = (text, KeyModifiers::NONE);
    while let Some((word, flag)) = MODIFIERS.iter().find(|(w, _)| name.starts_with(w) && name.len() > w.len()) {
        if modifiers.contains(*flag) {
            return Err(format!("`{text}` says `{word}` twice"));
        }
        modifiers |= *flag;
        name = name.get(word.len()..).unwrap_or_default();
    }
    let Some(code) = code(name) else { return Err(no_key(text, name)) };
    can_be_sent(text, code, modifiers)?;
    let code = if code == KeyCode::Tab && modifiers.contains(KeyModifiers::SHIFT) { KeyCode::BackTab } else { code };
    Ok(Key::of(KeyEvent::new(code, modifiers)))
}

fn code(name: &str) -> Option<KeyCode> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return Some(KeyCode::Char(c));
    }
    if let Some((_, code, _)) = NAMES.iter().find(|(n, _, _)| *n == name) {
        return Some(*code);
    }
    let number = name.strip_prefix('f').filter(|n| !n.starts_with(['0', '+']))?;
    number.parse().ok().filter(|n| (1..=12).contains(n)).map(KeyCode::F)
}

/// Many keys are one byte to a terminal, and some bytes begin what other keys send.
fn can_be_sent(text: &str, code: KeyCode, modifiers: KeyModifiers) -> Result<(), String> {
    let has = |flag| modifiers.contains(flag);
    let (ctrl, alt, shift) = (has(KeyModifiers::CONTROL), has(KeyModifiers::ALT), has(KeyModifiers::SHIFT));
    let same = |as_key: &str| Err(format!("terminals send the same for `{text}` as for `{as_key}`; write `{as_key}`"));
    match code {
        KeyCode::Char(' ') if shift => same(&text.replace("shift-", "")),
        KeyCode::Char(c) if shift => {
            Err(format!("`{text}`: write the character that it types, such as `{}`", upper(c)))
        }
        KeyCode::Char('i') if ctrl => same("tab"),
        KeyCode::Char('m') if ctrl => same("enter"),
        KeyCode::Char('[') if ctrl => same("esc"),
        KeyCode::Char(c) if ctrl && c.is_ascii_uppercase() => same(&text.to_lowercase()),
        KeyCode::Char(c) if ctrl && !c.is_ascii_lowercase() && c != ' ' => {
            Err(format!("no terminal sends `{text}`; `ctrl-` goes with a to z, `space`, and keys such as `up` or `f5`"))
        }
        KeyCode::Char('[' | 'O') if alt => Err(format!("`{text}` is how other keys begin on a terminal; take another")),
        KeyCode::Enter | KeyCode::Backspace if ctrl || shift => same(&plain(text, alt)),
        KeyCode::Esc if ctrl || alt || shift => same("esc"),
        KeyCode::Tab if ctrl => same(&plain(text, alt)),
        KeyCode::BackTab if ctrl || shift => same(&plain(text, alt)),
        _ => Ok(()),
    }
}

fn plain(text: &str, alt: bool) -> String {
    let name = text.replace("ctrl-", "").replace("shift-", "").replace("alt-", "");
    if alt { format!("alt-{name}") } else { name }
}

fn upper(c: char) -> char {
    if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { '!' }
}

fn no_key(text: &str, name: &str) -> String {
    let told = if let Some(ours) = translated(text) {
        format!("; did you mean `{ours}`?")
    } else if name.strip_prefix('f').is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit())) {
        "; there are `f1` to `f12`".into()
    } else {
        let names: Vec<&str> = NAMES.iter().map(|(n, _, _)| *n).collect();
        let near = nearest(name, &names);
        let spread = name.chars().count() <= LONGEST && name.chars().all(|c| c.is_ascii_alphanumeric());
        if !near.starts_with("; did you mean") && spread && name == text {
            let keys: Vec<String> = name.chars().map(String::from).collect();
            format!("; a sequence has spaces: `{}`", keys.join(" "))
        } else {
            near
        }
    };
    format!("`{text}` is no key: a key is one character or a name, `ctrl-` or `alt-` may stand before it{told}")
}

/// What `C-x`, `<C-x>`, `^X`, `Ctrl+X` and `<CR>` are called here.
fn translated(text: &str) -> Option<String> {
    let inner = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text);
    let inner = inner.strip_prefix('^').map_or_else(|| inner.to_owned(), |rest| format!("c-{rest}"));
    let mut parts: Vec<&str> = inner.split(['-', '+']).collect();
    let last = parts.pop()?;
    let mut ours = String::new();
    let mut shift = false;
    for part in parts {
        match part.to_lowercase().as_str() {
            "c" | "ctrl" | "control" => ours.push_str("ctrl-"),
            "m" | "a" | "alt" | "meta" => ours.push_str("alt-"),
            "s" | "shift" => shift = true,
            _ => return None,
        }
    }
    let name = last.to_lowercase();
    let name = ELSEWHERE.iter().find(|(n, _)| *n == name).map_or(name.as_str(), |(_, ours)| *ours);
    if last.chars().count() > 1 {
        ours.push_str(if shift { "shift-" } else { "" });
        ours.push_str(name);
    } else if shift {
        ours.push_str(&last.to_uppercase());
    } else {
        ours.push_str(if ours.contains("ctrl-") { name } else { last });
    }
    (ours != text && read(&ours).is_ok()).then_some(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_a_terminal_sends_it() {
        let sent = |code, modifiers| Key::of(KeyEvent::new(code, modifiers));
        let (none, ctrl, alt, shift) =
            (KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::SHIFT);
        let pairs = [
            ("f", sent(KeyCode::Char('f'), none)),
            ("F", sent(KeyCode::Char('F'), shift)),
            ("?", sent(KeyCode::Char('?'), shift)),
            ("-", sent(KeyCode::Char('-'), none)),
            ("alt--", sent(KeyCode::Char('-'), alt)),
            ("alt-F", sent(KeyCode::Char('F'), alt | shift)),
            ("ctrl-x", sent(KeyCode::Char('x'), ctrl)),
            ("ctrl-x", sent(KeyCode::Char('X'), ctrl | shift)),
            ("ctrl-alt-x", sent(KeyCode::Char('x'), ctrl | alt)),
            ("ctrl-space", sent(KeyCode::Char(' '), ctrl)),
            ("shift-tab", sent(KeyCode::BackTab, shift)),
            ("backtab", sent(KeyCode::Tab, shift)),
            ("shift-up", sent(KeyCode::Up, shift)),
            ("f12", sent(KeyCode::F(12), none)),
            ("é", sent(KeyCode::Char('é'), none)),
        ];
        for (text, key) in pairs {
            assert_eq!(sequence(text), Ok(vec![key]), "{text}");
        }
        assert_eq!(sequence(" g  g ").unwrap().len(), 2);
    }

    #[test]
    fn what_no_terminal_sends_is_no_key() {
        for text in [
            "",
            " ",
            "gg",
            "Enter",
            "f0",
            "f13",
            "f+1",
            "ctrl-",
            "ctrl-i",
            "ctrl-m",
            "ctrl-[",
            "ctrl-X",
            "ctrl-1",
            "ctrl-é",
            "ctrl-ctrl-x",
            "shift-a",
            "shift-space",
            "alt-[",
            "alt-O",
            "ctrl-enter",
            "shift-esc",
            "alt-esc",
            "ctrl-tab",
            "shift-backtab",
            "\u{301}",
            "e\u{301}",
            "\u{202e}",
            "\u{a0}",
            "\t",
            "g g g g g",
            "g esc",
            "super-x",
        ] {
            assert!(sequence(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_others_write_is_translated() {
        for (theirs, ours) in [
            ("C-x", "ctrl-x"),
            ("<C-x>", "ctrl-x"),
            ("^X", "ctrl-x"),
            ("Ctrl+X", "ctrl-x"),
            ("M-x", "alt-x"),
            ("C-M-x", "ctrl-alt-x"),
            ("<CR>", "enter"),
            ("<S-Tab>", "shift-tab"),
            ("PgDn", "pagedown"),
            ("S-a", "A"),
        ] {
            let said = sequence(theirs).unwrap_err();
            assert!(said.ends_with(&format!("; did you mean `{ours}`?")), "{theirs}: {said}");
        }
    }
}
