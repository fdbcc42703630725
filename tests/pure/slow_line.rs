//! A line that carries 1,200 bytes a second shows what decides in a dialog within one.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::support;

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use signalbox::runtime::lean::lean;
use signalbox::ui::{Depth, Screen};
use support::eye::press;
use support::{Stage, setup};

/// What the line carries in a second.
const SECOND: usize = 1_200;

#[derive(Clone, Default)]
struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Sheet {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A terminal of 256 colours on a slow line: what each frame writes, and what is to be seen.
struct Line {
    terminal: Terminal<CrosstermBackend<Sheet>>,
    sheet: Sheet,
    seen: vt100::Parser,
}

impl Line {
    fn new((width, height): (u16, u16)) -> Self {
        crossterm::style::force_color_output(true);
        let sheet = Sheet::default();
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, width, height)) };
        let terminal = Terminal::with_options(CrosstermBackend::new(sheet.clone()), options).unwrap();
        let size = |n| std::num::NonZeroU16::new(n).unwrap();
        Self { terminal, sheet, seen: vt100::Parser::new(size(height), size(width), 0) }
    }

    /// Draws a frame; gives its bytes.
    fn draw(&mut self, screen: &mut Screen, stage: &Stage) -> usize {
        self.terminal.draw(|frame| screen.draw(&stage.model, frame)).unwrap();
        let bytes = lean(&self.sheet.take(), true);
        self.seen.process(&bytes);
        bytes.len()
    }

    fn text(&self) -> String {
        self.seen.screen().contents()
    }
}

#[test]
fn a_dialog_shows_what_decides_within_a_second_and_the_rest_after_it() {
    for size in [(80, 24), (45, 80), (150, 44)] {
        for (stage, key, decides) in [
            (Stage::outage(), "f", "reason"),
            (Stage::until("proposed"), "c", "fail over pair east"),
            (Stage::outage(), "n", "note"),
            (Stage::outage(), "i", "incident"),
        ] {
            let mut setup = setup(&stage, "alice", "dark");
            setup.theme = setup.theme.at(Depth::Xterm);
            let mut screen = Screen::new(setup);
            screen.spare(true);
            let mut line = Line::new(size);
            line.draw(&mut screen, &stage);
            assert!(!screen.owes(), "nothing has opened");
            press(&mut screen, &stage, key);
            let first = line.draw(&mut screen, &stage);
            let shown = line.text();
            assert!(first < SECOND, "{size:?} {key}: {first} bytes: {shown}");
            assert!(shown.contains("… the rest follows") && shown.contains(decides), "{size:?} {key}: {shown}");
            assert!(screen.owes(), "the rest is to come");
            let rest = line.draw(&mut screen, &stage);
            let shown = line.text();
            assert!(rest > 0 && !shown.contains("the rest follows") && !screen.owes(), "{size:?} {key}: {shown}");
            // What is typed is small, and nothing is owed for it.
            if key == "c" {
                continue;
            }
            press(&mut screen, &stage, "x");
            assert!(line.draw(&mut screen, &stage) < SECOND / 4 && !screen.owes(), "{size:?} {key}");
        }
    }
}

#[test]
fn where_the_line_is_fast_a_dialog_opens_whole() {
    let stage = Stage::outage();
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    let mut line = Line::new((80, 24));
    line.draw(&mut screen, &stage);
    press(&mut screen, &stage, "f");
    line.draw(&mut screen, &stage);
    assert!(!line.text().contains("the rest follows") && !screen.owes());
}
