//! A signature as it came through chat, mail or a terminal.
//!
//! Lines may be indented, quoted, rewrapped or joined, dashes made pretty, and words added before and after. All of
//! that is dropped. What is left between the marks is base64, and the signature itself decides whether it is whole.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The marks without their dashes and spaces, which do not survive every way.
const BEGIN: &str = "BEGINSSHSIGNATURE";
const END: &str = "ENDSSHSIGNATURE";
/// Columns of base64 in a line, as `ssh-keygen` writes them.
const COLUMNS: usize = 70;
/// `>` as programs write it that make HTML of what is typed.
const QUOTES_AS_HTML: [&str; 2] = ["&gt;", "&#62;"];

/// A signature taken out of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// The signature as `ssh-keygen` would write it: marks, lines of 70 columns, LF. Perhaps none, when opened.
    pub armored: String,
    /// The lines before it, without quote marks, fences and blank lines: words of the person who sent it. Not
    /// signed, and not made visible.
    pub before: String,
}

/// Takes the first signature out of a text: the part between a BEGIN and the next END.
///
/// None if there is no such pair with base64 between.
#[must_use]
pub fn paste(text: &str) -> Option<Pasted> {
    let text = &*without_colours(text);
    let (body, at) = body(text)?;
    Some(Pasted { armored: marked(&body), before: words(text.get(..at).unwrap_or_default()) })
}

/// The bytes as an armored signature.
pub(crate) fn armor(signature: &[u8]) -> String {
    marked(&STANDARD.encode(signature))
}

/// The bytes of the first signature in a text; why not, in words.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let (body, _) =
        body(&without_colours(text)).ok_or("there is no BEGIN and END SSH SIGNATURE with something between")?;
    STANDARD.decode(body).map_err(|e| e.to_string())
}

fn marked(base64: &str) -> String {
    let mut out = String::from("-----BEGIN SSH SIGNATURE-----\n");
    for (n, c) in base64.chars().enumerate() {
        if n > 0 && n % COLUMNS == 0 {
            out.push('\n');
        }
        out.push(c);
    }
    out + "\n-----END SSH SIGNATURE-----\n"
}

/// A text without the colours of the terminal that it was copied from (ECMA-48, 8.3.117).
fn without_colours(text: &str) -> Cow<'_, str> {
    const BEGINS: &str = "\u{1b}[";
    if !text.contains(BEGINS) {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split(BEGINS);
    let first = pieces.next().unwrap_or_default().to_owned();
    let ends = |c: char| matches!(c, '@'..='~');
    Cow::Owned(pieces.fold(first, |all, piece| all + piece.split_once(ends).map_or("", |(_, rest)| rest)))
}

/// The base64 of the first signature, and where its BEGIN starts in the text.
fn body(text: &str) -> Option<(String, usize)> {
    // Only what base64 is made of is kept, with the place of each character. The marks are made of the same.
    let mut kept = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(quote) = QUOTES_AS_HTML.iter().find(|q| rest.starts_with(**q)) {
            rest = &rest[quote.len()..];
            continue;
        }
        if c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=') {
            kept.push(c);
            places.push(text.len() - rest.len());
        }
        rest = &rest[c.len_utf8()..];
    }
    let begins: Vec<usize> = kept.match_indices(BEGIN).map(|(at, _)| at).collect();
    let mut from = 0;
    for (end, _) in kept.match_indices(END) {
        // A BEGIN without its END, as of a paste that was cut and done again, is passed over.
        let begin = begins.partition_point(|b| b + BEGIN.len() < end).checked_sub(1).and_then(|n| begins.get(n));
        if let Some(&begin) = begin.filter(|b| **b >= from) {
            let body = kept.get(begin + BEGIN.len()..end)?;
            return Some((body.to_owned(), *places.get(begin)?));
        }
        from = end;
    }
    None
}

/// Somebody's own lines, without what chat and mail add around them.
fn words(before: &str) -> String {
    let around = |c: char| c.is_whitespace() || matches!(c, '>' | '|' | '│' | '`') || is_unseen(c);
    let dash = |c: char| matches!(c, '-' | '‐'..='―' | '−');
    let before = before.trim_end_matches(|c| around(c) || dash(c));
    let before = QUOTES_AS_HTML.iter().fold(before.to_owned(), |text, quote| text.replace(quote, ">"));
    let quote = |c: char| around(c) && c != '`';
    let own = before.lines().filter(|line| !line.trim_start_matches(quote).starts_with("```"));
    let seen = own.map(|line| line.chars().filter(|c| !is_unseen(*c)).collect::<String>());
    let lines = seen.map(|line| line.trim_matches(around).to_owned()).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}')
}
