//! Fewer bytes for the same frame, for lines that carry a thousand a second: a look is put on only for what shows it,
//! none twice, and blanks are told by their count.

use std::collections::BTreeSet;

/// Fewer blanks in a row are written as they are.
const FEW: usize = 10;

/// A frame as ratatui wrote it, in fewer bytes. With `erases`, a terminal erases in the colour of the ground (all but GNU
/// screen do).
#[must_use]
pub fn lean(frame: &[u8], erases: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(frame.len());
    let (mut wanted, mut shown) = (Look::default(), Look::default());
    let mut rest = frame;
    while let Some(&byte) = rest.first() {
        if let Some((numbers, last, after)) = sequence(rest) {
            if last == b'm' {
                out.extend_from_slice(wanted.put_on(numbers).as_bytes());
            } else {
                out.extend_from_slice(rest.get(..rest.len() - after.len()).unwrap_or_default());
            }
            rest = after;
            continue;
        }
        if byte == 0x1b {
            let (other, after) = rest.split_at(length(rest));
            out.extend_from_slice(other);
            rest = after;
            continue;
        }
        let blanks = rest.iter().take_while(|b| **b == b' ').count();
        if blanks == 0 {
            out.extend_from_slice(shown.change_to(&wanted).as_bytes());
            let text = rest.iter().take_while(|b| !matches!(**b, b' ' | 0x1b)).count();
            let (text, after) = rest.split_at(text);
            out.extend_from_slice(text);
            rest = after;
            continue;
        }
        out.extend_from_slice(shown.change_for_blank(&wanted).as_bytes());
        rest = rest.get(blanks..).unwrap_or_default();
        if blanks < FEW || !erases || !wanted.is_smooth() {
            out.extend(std::iter::repeat_n(b' ', blanks));
            continue;
        }
        out.extend_from_slice(format!("\x1b[{blanks}X").as_bytes());
        // Erasing moves nothing; where the next thing is a move, it need not.
        if !moves(rest) {
            out.extend_from_slice(format!("\x1b[{blanks}C").as_bytes());
        }
    }
    // The next frame begins with the look that this one was to end with.
    out.extend_from_slice(shown.change_to(&wanted).as_bytes());
    out
}

/// Whether the cursor is moved before anything is written.
fn moves(mut bytes: &[u8]) -> bool {
    while let Some((_, last, after)) = sequence(bytes) {
        match last {
            b'm' => bytes = after,
            last => return last == b'H',
        }
    }
    false
}

/// A sequence at the beginning: its numbers, its last byte, what follows.
fn sequence(bytes: &[u8]) -> Option<(&str, u8, &[u8])> {
    let inside = bytes.strip_prefix(b"\x1b[")?;
    let length = inside.iter().take_while(|b| b.is_ascii_digit() || **b == b';').count();
    let (numbers, after) = inside.split_at(length);
    let (last, after) = after.split_first()?;
    (0x40..=0x7e).contains(last).then_some(())?;
    Some((std::str::from_utf8(numbers).ok()?, *last, after))
}

/// Bytes of any other sequence at the beginning: a mode, or a link with its page.
fn length(bytes: &[u8]) -> usize {
    let ends = |end: fn(&u8) -> bool| bytes.iter().skip(2).position(end).map_or(bytes.len(), |at| at + 3);
    match bytes.get(1) {
        Some(b'[') => ends(|b| (0x40..=0x7e).contains(b)),
        Some(b']') => bytes.windows(2).position(|w| w == b"\x1b\\").map_or(bytes.len(), |at| at + 2),
        _ => bytes.len().min(2),
    }
}

/// How a terminal writes; a colour that is none is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Look {
    text: Option<String>,
    ground: Option<String>,
    /// Bold, dim, and the others, by the numbers that turn them on.
    marks: BTreeSet<u8>,
}

/// What a blank shows as well: lines, and reverse.
const ON_BLANKS: [u8; 5] = [4, 5, 7, 8, 9];

impl Look {
    /// Whether a blank shows the ground and nothing else.
    fn is_smooth(&self) -> bool {
        ON_BLANKS.iter().all(|mark| !self.marks.contains(mark))
    }

    /// Takes in the numbers of a sequence; gives a sequence of those that are not understood.
    fn put_on(&mut self, numbers: &str) -> String {
        let mut all = numbers.split(';');
        let mut others: Vec<String> = Vec::new();
        while let Some(number) = all.next() {
            let n: u8 = number.parse().unwrap_or(0);
            let mut group = vec![number];
            if matches!(n, 38 | 48 | 58) {
                let kind = all.next();
                let more = if kind == Some("2") { 3 } else { 1 };
                group.extend(kind.into_iter().chain(all.by_ref().take(more)));
            }
            let group = group.join(";");
            match n {
                0 => *self = Self { text: Some("39".into()), ground: Some("49".into()), marks: BTreeSet::new() },
                1..=9 => drop(self.marks.insert(n)),
                22 => self.marks.retain(|mark| !matches!(mark, 1 | 2)),
                23..=29 => drop(self.marks.remove(&(n - 20))),
                30..=39 | 90..=97 => self.text = Some(group),
                40..=49 | 100..=107 => self.ground = Some(group),
                // An underline has the colour of its text.
                59 => {}
                _ => others.push(group),
            }
        }
        written(&others)
    }

    /// The sequence that makes another look of it; none where it is that already.
    fn change_to(&mut self, wanted: &Look) -> String {
        let mut numbers: Vec<String> = Vec::new();
        let gone: Vec<u8> = self.marks.difference(&wanted.marks).copied().collect();
        let plain = |colour: &Option<String>, none: &str| colour.as_deref() == Some(none);
        if wanted.marks.is_empty() && plain(&wanted.text, "39") && plain(&wanted.ground, "49") {
            if *self != *wanted {
                numbers.push("0".into());
            }
            self.clone_from(wanted);
            return written(&numbers);
        }
        for mark in gone {
            // One number turns bold and dim off.
            let off = if mark <= 2 { 22 } else { mark + 20 };
            self.marks.remove(&mark);
            if mark <= 2 {
                self.marks.retain(|mark| *mark > 2);
            }
            numbers.push(off.to_string());
        }
        numbers.extend(wanted.marks.difference(&self.marks).map(u8::to_string));
        for (shown, wanted) in [(&self.text, &wanted.text), (&self.ground, &wanted.ground)] {
            numbers.extend(wanted.clone().filter(|_| shown != wanted));
        }
        self.clone_from(wanted);
        written(&numbers)
    }

    /// The same for a blank: the colour of its text is seen by nobody, nor whether it is bold.
    fn change_for_blank(&mut self, wanted: &Look) -> String {
        if !wanted.is_smooth() || !self.is_smooth() {
            return self.change_to(wanted);
        }
        let ground = wanted.ground.clone().filter(|_| self.ground != wanted.ground);
        self.ground.clone_from(&wanted.ground);
        written(ground.as_slice())
    }
}

fn written(numbers: &[String]) -> String {
    if numbers.is_empty() { String::new() } else { format!("\x1b[{}m", numbers.join(";")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::backend::CrosstermBackend;
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Modifier, Style};

    #[test]
    fn the_same_screen_in_fewer_bytes() {
        crossterm::style::force_color_output(true);
        let mut bytes = Vec::new();
        let options = ratatui::TerminalOptions { viewport: ratatui::Viewport::Fixed(Rect::new(0, 0, 80, 24)) };
        let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut bytes), options).unwrap();
        for round in 0..3_u8 {
            terminal
                .draw(|frame| {
                    let buffer = frame.buffer_mut();
                    buffer.set_style(buffer.area, Style::new().bg(Color::Rgb(20, 20, round * 40)));
                    for y in 0..24_u16 {
                        let colour = Color::Indexed((y as u8 + round) * 7);
                        let mut style = Style::new().fg(colour);
                        if y % 5 == 0 {
                            style = style.add_modifier(Modifier::UNDERLINED | Modifier::BOLD);
                        }
                        let gap = usize::from(y) * 2;
                        buffer.set_string(3, y, format!("é{}ende{round}", " ".repeat(gap)), style);
                        buffer.set_string(70, y, "           ", Style::new().add_modifier(Modifier::REVERSED));
                    }
                })
                .unwrap();
        }
        drop(terminal);
        let fewer = lean(&bytes, true);
        assert!(fewer.len() * 3 < bytes.len() * 2, "{} of {}", fewer.len(), bytes.len());
        let shown = |bytes: &[u8]| {
            let size = |n| std::num::NonZeroU16::new(n).unwrap();
            let mut parser = vt100::Parser::new(size(24), size(80), 0);
            parser.process(bytes);
            let cell = |y, x| {
                parser.screen().cell(y, x).map(|c| {
                    let text = if c.contents().is_empty() { " " } else { c.contents() };
                    (text.to_owned(), c.fgcolor(), c.bgcolor(), c.underline(), c.inverse(), c.bold())
                })
            };
            (0..24).flat_map(|y| (0..80).map(move |x| (y, x))).map(|(y, x)| cell(y, x)).collect::<Vec<_>>()
        };
        // The text's colour of a blank is seen by nobody.
        let plain = |cells: Vec<_>| -> Vec<_> {
            cells
                .into_iter()
                .map(|c: Option<(String, vt100::Color, vt100::Color, bool, bool, bool)>| {
                    let (text, fg, bg, underline, inverse, bold) = c.unwrap();
                    let seen = text != " " || underline || inverse;
                    (text, seen.then_some(fg), bg, underline, inverse, seen && bold)
                })
                .collect()
        };
        assert_eq!(plain(shown(&fewer)), plain(shown(&bytes)));
        assert_eq!(plain(shown(&lean(&bytes, false))), plain(shown(&bytes)));
    }
}
