//! Fewer bytes for the same frame, for lines that carry a thousand a second: no colour twice, and blanks by their count.

use std::collections::BTreeSet;

/// Fewer blanks in a row are written as they are.
const FEW: usize = 10;

/// A frame as ratatui wrote it, in fewer bytes. With `erases`, a terminal erases in the colour of the ground (all but GNU
/// screen do).
pub(super) fn lean(frame: &[u8], erases: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(frame.len());
    let mut look = Look::default();
    let mut rest = frame;
    while let Some(&byte) = rest.first() {
        if let Some((numbers, last, after)) = sequence(rest) {
            if last == b'm' {
                out.extend_from_slice(look.put_on(numbers).as_bytes());
            } else {
                out.extend_from_slice(rest.get(..rest.len() - after.len()).unwrap_or_default());
            }
            rest = after;
            continue;
        }
        let blanks = rest.iter().take_while(|b| **b == b' ').count();
        if blanks < FEW || !erases || !look.is_smooth() {
            let run = blanks.max(1);
            out.extend_from_slice(rest.get(..run).unwrap_or(&[byte]));
            rest = rest.get(run..).unwrap_or_default();
            continue;
        }
        rest = rest.get(blanks..).unwrap_or_default();
        out.extend_from_slice(format!("\x1b[{blanks}X").as_bytes());
        // Erasing moves nothing; where the next thing is a move, it need not.
        if sequence(rest).is_none_or(|(_, last, _)| last != b'H') {
            out.extend_from_slice(format!("\x1b[{blanks}C").as_bytes());
        }
    }
    out
}

/// A sequence at the beginning: its numbers, its last byte, what follows.
fn sequence(bytes: &[u8]) -> Option<(&str, u8, &[u8])> {
    let inside = bytes.strip_prefix(b"\x1b[")?;
    let length = inside.iter().take_while(|b| b.is_ascii_digit() || **b == b';').count();
    let (numbers, after) = inside.split_at(length);
    let (last, after) = after.split_first()?;
    Some((std::str::from_utf8(numbers).ok()?, *last, after))
}

/// The look that the terminal writes with now; none is not known.
#[derive(Default)]
struct Look {
    text: Option<String>,
    ground: Option<String>,
    /// What a blank shows as well: lines, and reverse.
    marks: BTreeSet<u8>,
}

impl Look {
    fn is_smooth(&self) -> bool {
        self.marks.is_empty()
    }

    /// Takes in the numbers of a sequence; gives the sequence of those that change something.
    fn put_on(&mut self, numbers: &str) -> String {
        let mut all = numbers.split(';');
        let mut kept: Vec<String> = Vec::new();
        while let Some(number) = all.next() {
            let n: u8 = number.parse().unwrap_or(0);
            let mut group = vec![number];
            if matches!(n, 38 | 48 | 58) {
                let kind = all.next();
                let more = if kind == Some("2") { 3 } else { 1 };
                group.extend(kind.into_iter().chain(all.by_ref().take(more)));
            }
            let group = group.join(";");
            let slot = match n {
                0 => {
                    *self = Self { text: Some("39".into()), ground: Some("49".into()), marks: BTreeSet::new() };
                    None
                }
                30..=39 | 90..=97 => Some(&mut self.text),
                40..=49 | 100..=107 => Some(&mut self.ground),
                _ => {
                    match n {
                        4 | 5 | 7 | 8 | 9 => drop(self.marks.insert(n)),
                        24 | 25 | 27 | 28 | 29 => drop(self.marks.remove(&(n - 20))),
                        _ => {}
                    }
                    None
                }
            };
            match slot {
                Some(slot) if slot.as_deref() == Some(group.as_str()) => {}
                Some(slot) => {
                    *slot = Some(group.clone());
                    kept.push(group);
                }
                None => kept.push(group),
            }
        }
        if kept.is_empty() { String::new() } else { format!("\x1b[{}m", kept.join(";")) }
    }
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
