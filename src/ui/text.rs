//! The only way for text to reach the screen: hygiene, widths, cutting and wrapping.
//!
//! Outside text (names, tags, reasons, errors) is made visible here, and can neither leave its cells nor change its
//! neighbours. Everything is measured in terminal columns, not in characters.

use std::borrow::Cow;

use crate::hygiene::is_plain;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// So many per cent of a terminal's columns or lines, however many it has.
#[must_use]
pub fn share(of: u16, percent: u16) -> u16 {
    u16::try_from(u32::from(of) * u32::from(percent) / 100).unwrap_or(of)
}

/// Characters that one cell may stack; more would paint over the lines above and below.
const MOST_STACKED: usize = 4;

/// Text as it may be shown: nothing hidden, and no tall stacks of marks.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let visible = crate::hygiene::visible(text);
    if visible.is_ascii() || visible.graphemes(true).all(|g| g.chars().count() <= MOST_STACKED && columns(g) > 0) {
        return visible;
    }
    let mut out = String::with_capacity(visible.len());
    for g in visible.graphemes(true) {
        if columns(g) == 0 {
            // A combining mark without a letter below it.
            out.extend(g.chars().map(|c| format!("‹U+{:04X}›", u32::from(c))));
        } else if g.chars().count() > MOST_STACKED {
            out.extend(g.chars().take(1));
            out.push_str("‹…›");
        } else {
            out.push_str(g);
        }
    }
    Cow::Owned(out)
}

fn columns(text: &str) -> usize {
    text.width()
}

/// Columns that a text takes once it is clean.
pub(crate) fn width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    clean(text).graphemes(true).map(columns).sum()
}

/// The text cut to `most` columns, with `…` where something is missing.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if is_plain(text) {
        return match text.get(..most.saturating_sub(1)).filter(|_| text.len() > most) {
            None => text.to_owned(),
            Some(_) if most == 0 => String::new(),
            Some(start) => format!("{start}…"),
        };
    }
    let text = clean(text);
    if text.graphemes(true).map(columns).sum::<usize>() <= most {
        return text.into_owned();
    }
    if most == 0 {
        return String::new();
    }
    let mut out = String::new();
    let mut used = 0;
    for g in text.graphemes(true) {
        let w = columns(g);
        if used + w > most - 1 {
            break;
        }
        used += w;
        out.push_str(g);
    }
    out.push('…');
    out
}

/// The text in exactly `columns` columns, on the left.
pub(crate) fn left(text: &str, columns: usize) -> String {
    let mut out = cut(text, columns);
    let used = width(&out);
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(used)));
    out
}

/// The text in exactly `columns` columns, on the right.
pub(crate) fn right(text: &str, columns: usize) -> String {
    let cut = cut(text, columns);
    let used = width(&cut);
    format!("{}{cut}", " ".repeat(columns.saturating_sub(used)))
}

/// The text in lines of at most `most` columns, broken at spaces where that is possible.
pub(crate) fn wrap(text: &str, most: usize) -> Vec<String> {
    let most = most.max(1);
    let text = clean(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_word_bounds_by_space() {
        let w = width(word);
        let gap = usize::from(!line.is_empty());
        if used + gap + w <= most {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            used += gap + w;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for g in word.graphemes(true) {
            let w = columns(g);
            if used + w > most && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push_str(g);
            used += w;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// At most `rows` lines; the last says with `…` that there is more.
pub(crate) fn wrap_at_most(text: &str, most: usize, rows: usize) -> Vec<String> {
    let mut lines = wrap(text, most);
    if lines.len() > rows {
        lines.truncate(rows);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} …"), most);
            if !last.ends_with('…') {
                last.push('…');
            }
        }
    }
    lines
}

trait Words {
    fn split_word_bounds_by_space(&self) -> impl Iterator<Item = &str>;
}

impl Words for Cow<'_, str> {
    fn split_word_bounds_by_space(&self) -> impl Iterator<Item = &str> {
        self.split(' ').filter(|w| !w.is_empty())
    }
}
