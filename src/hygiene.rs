//! Text hygiene: the only way for outside text to reach a screen, a file or a signature.
//!
//! ratatui filters C0 and C1 controls, but not bidirectional overrides and zero-width characters, and it never sees
//! window titles or what is printed after it has ended. Anything that a person could not see, or would see in the wrong
//! place, is shown as a mark: `‹U+202E›`.

mod fold;
pub mod print;
pub mod shell;

pub use fold::{hang, one_line};

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar as _;

/// How many combining characters one cell may have; more would paint over the lines above and below.
const MOST_STACKED: usize = 4;

/// Whether a character is one that a reader could not see, that depends on the reader's own font, or that changes how
/// others are shown: Unicode's control, format and private-use characters, line and paragraph separators,
/// default-ignorable characters, noncharacters, and the few with a blank glyph that is not a space.
///
/// Variation selectors are among them: hiding something in a signed text matters more than the look of an emoji.
/// Characters that Unicode has not assigned yet are shown as they are, because every later Unicode assigns some.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffc}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
        // Formats with a look of their own: they reach over the digits or letters that follow.
        || matches!(c,
            '\u{0600}'..='\u{0605}' | '\u{06dd}' | '\u{070f}' | '\u{0890}' | '\u{0891}' | '\u{08e2}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}')
        // Blank, and no space: the empty braille cell, the musical null notehead, the Khitan filler.
        || matches!(c, '\u{2800}' | '\u{1d159}' | '\u{16fe4}')
        // Private use; after them noncharacters.
        || matches!(c,
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{fffff}' | '\u{100000}'..='\u{10ffff}'
            | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Whether a text is nothing but ASCII that prints: most of what is shown, known without looking anything up.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// Text as a page of HTML may hold it.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The text with a visible mark for every hidden character, and for every combining character that has no letter below
/// it or is stacked higher than [`MOST_STACKED`]. Borrowed if there is nothing to do; doing it twice changes nothing.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let mut cell = Cell::default();
    if is_plain(text) || text.chars().all(|c| cell.takes(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut cell = Cell::default();
    text.chars().for_each(|c| cell.show(c, &mut out));
    Cow::Owned(out)
}

/// A character's mark.
fn mark(c: char) -> String {
    format!("‹U+{:04X}›", u32::from(c))
}

/// The cell that the last character was shown in.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    /// Whether a combining character has a base: a line over a blank is just a line.
    carries: bool,
    stacked: usize,
}

impl Cell {
    /// Takes in the next character; false if a mark must replace it.
    fn takes(&mut self, c: char) -> bool {
        let combines = !is_hidden(c) && c.width() == Some(0);
        let fits = if combines { self.carries && self.stacked < MOST_STACKED } else { !is_hidden(c) };
        *self = match (combines, fits) {
            (true, true) => Self { stacked: self.stacked + 1, ..*self },
            // A mark can carry.
            (_, false) => Self { carries: true, stacked: 0 },
            (false, true) => Self { carries: !c.is_whitespace(), stacked: 0 },
        };
        fits
    }

    fn show(&mut self, c: char, out: &mut String) {
        if self.takes(c) { out.push(c) } else { out.push_str(&mark(c)) }
    }
}
