//! Text that must keep its place: on one line, or on lines that are indented under their label.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{is_plain, visible};

/// Columns that a value has at least, whatever the terminal: below that nothing could be read.
const NARROWEST: usize = 8;

/// The text on one line, for what is frozen and signed: hidden characters become marks, every run of white space (line
/// breaks, tabs, no-break and ideographic spaces) becomes one blank, and the ends have none. So nobody can draw lines
/// or columns on somebody else's screen. Borrowed if there is nothing to do; doing it twice changes nothing.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    let folded = is_plain(text) && !text.contains("  ") && text.trim() == text;
    if folded {
        return Cow::Borrowed(text);
    }
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if joined == text { visible(text) } else { Cow::Owned(visible(&joined).into_owned()) }
}

/// A value on lines after its label: the first as it is, every other one after `label_width` blanks, so that none
/// begins at the left edge and looks like a label. No line, the label before the first included, is wider than
/// `columns`, as far as that leaves a value 8 columns. Whole words move to the next line; a longer word is broken. The
/// text is folded as by [`one_line`].
#[must_use]
pub fn hang(label_width: usize, columns: usize, text: &str) -> Vec<String> {
    let room = columns.saturating_sub(label_width).max(NARROWEST);
    let text = one_line(text);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let gap = if line.is_empty() { "" } else { " " };
        if widest(&line) + gap.len() + widest(word) <= room {
            line.push_str(gap);
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.graphemes(true) {
            if !line.is_empty() && widest(&line) + widest(letter) > room {
                lines.push(std::mem::take(&mut line));
            }
            // A cluster of some scripts is wider than any column: it is broken into its characters.
            if widest(letter) <= room {
                line.push_str(letter);
                continue;
            }
            for c in letter.chars() {
                if widest(&line) + widest(c.encode_utf8(&mut [0; 4])) > room {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(c);
            }
        }
    }
    lines.push(line);
    let indent = " ".repeat(label_width);
    lines.into_iter().enumerate().map(|(i, line)| if i == 0 { line } else { format!("{indent}{line}") }).collect()
}

/// The columns that a text may take on any terminal: the widest count, one character at a time. Terminals differ about
/// flags, skin tones, ligatures, and letters that some fonts draw wide.
fn widest(text: &str) -> usize {
    let one = |c: char| match c {
        // Half a flag: drawn as a letter in a box where the flag is not known.
        '\u{1f1e6}'..='\u{1f1ff}' => 2,
        c => c.width_cjk().unwrap_or(0),
    };
    text.chars().map(one).sum::<usize>().max(text.width())
}
