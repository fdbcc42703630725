//! Words of commands that people are shown to copy: the name of a file or a drill must never become a second command.
//!
//! Quoting crates (shlex, shell-words) leave control and bidirectional characters as they are. Here they are written as
//! `$'…'`, so that what is shown is what is copied, and the shell gets the exact name.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::is_hidden;

/// A word for any shell of the Bourne family: as it is, escaped with backslashes, or, if it has invisible characters,
/// written as `$'…'`. It is escaped and not quoted, because a long line cannot be continued inside single quotes.
#[must_use]
pub fn word(text: &str) -> String {
    if text.is_empty() {
        return "''".into();
    }
    // The mark of `visible` for what stacks too high would be copied as a mark.
    if text.chars().any(is_hidden) || super::visible(text) != text {
        return spelt(text.as_bytes());
    }
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%,".contains(c);
    // These two mean something at the beginning of a word alone.
    let plain = |i: usize, c: char| plain(c) || (i > 0 && matches!(c, '~' | '='));
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.chars().enumerate() {
        if !plain(i, c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A file's name as a word, byte for byte: no program takes it for an option.
#[must_use]
pub fn path(file: &(impl AsRef<OsStr> + ?Sized)) -> String {
    let bytes = file.as_ref().as_bytes();
    let here: &[u8] = if bytes.starts_with(b"-") { b"./" } else { b"" };
    let bytes = [here, bytes].concat();
    std::str::from_utf8(&bytes).map_or_else(|_| spelt(&bytes), word)
}

/// The words of a command that was put together of [`word`]s: an escaped blank ends none.
#[must_use]
pub fn words(command: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut escaped = false;
    for c in command.chars() {
        let ends = c == ' ' && !escaped;
        escaped = c == '\\' && !escaped;
        match all.last_mut() {
            Some(last) if !ends => last.push(c),
            _ => all.push(String::new()),
        }
    }
    all.retain(|word| !word.is_empty());
    all
}

/// `$'…'` with only printable ASCII in it. A blank is escaped too, because blanks separate words.
fn spelt(bytes: &[u8]) -> String {
    let mut out = String::from("$'");
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => out.extend(['\\', char::from(*byte)]),
            // Interactive shells look for `!` in more places than others.
            b'"'..=b'~' => out.push(char::from(*byte)),
            // Bytes, as not every shell that has `$'…'` knows `\u`.
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out + "'"
}
