//! Links of the terminal (OSC 8). ratatui knows none, so what is a link is written once more, between the two ends of
//! its link, when it has changed.

use std::io;

use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};

/// The longest URL that is told; terminals stop at about two thousand bytes.
const LONGEST: usize = 2_000;

/// The links that the terminal shows.
#[derive(Default)]
pub(super) struct Links {
    shown: Vec<Link>,
}

#[derive(Clone, PartialEq)]
struct Link {
    url: String,
    cells: Vec<(Position, Cell)>,
}

impl Links {
    /// Nothing is on the screen any more.
    pub(super) fn forget(&mut self) {
        self.shown.clear();
    }

    /// The bytes that make the links of the frame in `buffer` the terminal's: first what is none any more, then what
    /// is new. Nothing if nothing has changed.
    pub(super) fn bytes(&mut self, buffer: &Buffer, links: &[(Rect, String)]) -> io::Result<Vec<u8>> {
        let now: Vec<Link> = links
            .iter()
            .filter(|(_, url)| is_plain(url))
            .map(|(area, url)| Link { url: url.clone(), cells: cells(buffer, area.positions()) })
            .filter(|link| !link.cells.is_empty())
            .collect();
        let mut bytes = Vec::new();
        for gone in self.shown.iter().filter(|link| !now.contains(link)) {
            write(&mut bytes, "", &cells(buffer, gone.cells.iter().map(|(at, _)| *at)))?;
        }
        // What was written over as none any more is a link again.
        let kept: Vec<&Link> = self.shown.iter().filter(|link| now.contains(link)).collect();
        let kept = if bytes.is_empty() { kept } else { Vec::new() };
        for new in now.iter().filter(|link| !kept.contains(link)) {
            write(&mut bytes, &new.url, &new.cells)?;
        }
        self.shown = now;
        Ok(bytes)
    }
}

/// Whether a URL can stand in a terminal's sequence: a page of the web, and nothing that would end the sequence.
fn is_plain(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && url.len() <= LONGEST && url.bytes().all(|b| b.is_ascii_graphic())
}

/// The cells of a stretch. One behind a wide character is covered by it and is not written.
fn cells(buffer: &Buffer, at: impl Iterator<Item = Position>) -> Vec<(Position, Cell)> {
    let mut covered = 0;
    at.filter_map(|at| {
        let cell = buffer.cell(at)?;
        if covered > 0 {
            covered -= 1;
            return None;
        }
        covered = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
        Some((at, cell.clone()))
    })
    .collect()
}

fn write(bytes: &mut Vec<u8>, url: &str, cells: &[(Position, Cell)]) -> io::Result<()> {
    bytes.extend_from_slice(format!("\x1b]8;;{url}\x1b\\").as_bytes());
    CrosstermBackend::new(&mut *bytes).draw(cells.iter().map(|(at, cell)| (at.x, at.y, cell)))?;
    bytes.extend_from_slice(b"\x1b]8;;\x1b\\");
    Ok(())
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    const URL: &str = "https://wiki.example/runbook";

    fn bytes(links: &mut Links, text: &str, at: &[(Rect, &str)]) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 2));
        buffer.set_string(0, 0, text, Style::new());
        let at: Vec<(Rect, String)> = at.iter().map(|(area, url)| (*area, (*url).to_owned())).collect();
        String::from_utf8(links.bytes(&buffer, &at).unwrap()).unwrap()
    }

    #[test]
    fn a_link_is_told_once_and_again_when_it_has_changed() {
        let (here, mut links) = (Rect::new(2, 0, 7, 1), Links::default());
        let first = bytes(&mut links, "a runbook b", &[(here, URL)]);
        let (open, rest) = first.split_once("\x1b\\").unwrap();
        assert_eq!(open, format!("\x1b]8;;{URL}"));
        assert!(
            rest.starts_with("\x1b[1;3H") && rest.contains("runbook") && rest.ends_with("\x1b]8;;\x1b\\"),
            "{rest:?}"
        );
        assert_eq!(bytes(&mut links, "b runbook a", &[(here, URL)]), "");
        assert!(bytes(&mut links, "b RUNBOOK a", &[(here, URL)]).contains("RUNBOOK"));
        // What is none any more is written without.
        let gone = bytes(&mut links, "b RUNBOOK a", &[]);
        assert!(gone.starts_with("\x1b]8;;\x1b\\") && gone.contains("RUNBOOK") && !gone.contains(URL), "{gone:?}");
        assert_eq!(bytes(&mut links, "b RUNBOOK a", &[]), "");
        links.bytes(&Buffer::empty(Rect::new(0, 0, 20, 2)), &[(here, URL.to_owned())]).unwrap();
        links.forget();
        assert!(!bytes(&mut links, "", &[(here, URL)]).is_empty());
    }

    #[test]
    fn a_link_that_could_end_its_sequence_is_none() {
        let here = Rect::new(0, 0, 4, 1);
        for url in ["https://x/\x07", "https://x/\x1b\\", "https://x/ y", "https://é/", "javascript:x", "file:///etc"]
        {
            assert_eq!(bytes(&mut Links::default(), "text", &[(here, url)]), "", "{url:?}");
        }
        assert_eq!(bytes(&mut Links::default(), "text", &[(here, &format!("https://{}", "x".repeat(LONGEST)))]), "");
        // Outside of the screen there is nothing to be one.
        assert_eq!(bytes(&mut Links::default(), "text", &[(Rect::new(40, 0, 4, 1), URL)]), "");
    }

    #[test]
    fn wide_characters_are_written_once() {
        let written = bytes(&mut Links::default(), "日本 x", &[(Rect::new(0, 0, 6, 1), URL)]);
        assert!(written.contains("日") && written.contains("本"), "{written:?}");
        assert_eq!(written.matches('H').count(), 3, "{written:?}");
    }
}
