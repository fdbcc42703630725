//! Eyes and fingers: a screen drawn into a buffer, a buffer as text, keys pressed.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use signalbox::ui::{Screen, Wish};

use super::Stage;

/// A screen as it is drawn in a window of this size.
pub fn buffer(screen: &mut Screen, stage: &Stage, (width, height): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| screen.draw(&stage.model, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// A picture's lines, a character a cell.
pub fn lines(buffer: &Buffer) -> Vec<String> {
    let line = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..buffer.area.height).map(|y| line(y).trim_end().to_owned()).collect()
}

/// The text of a picture; wide characters once.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let (mut line, mut skip) = (String::new(), 0);
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A key, by a character that stands for it.
pub fn key(c: char) -> Event {
    let code = match c {
        '\n' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        '\u{1b}' => KeyCode::Esc,
        '↓' => KeyCode::Down,
        '↑' => KeyCode::Up,
        '→' => KeyCode::Right,
        '←' => KeyCode::Left,
        '⇟' => KeyCode::PageDown,
        '⇞' => KeyCode::PageUp,
        '⇱' => KeyCode::Home,
        '⇲' => KeyCode::End,
        c => KeyCode::Char(c),
    };
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// Presses keys one after the other.
pub fn press(screen: &mut Screen, stage: &Stage, keys: &str) -> Vec<Wish> {
    keys.chars().flat_map(|c| screen.input(&stage.model, key(c))).collect()
}

/// What the mouse does at a place.
pub fn mouse(screen: &mut Screen, stage: &Stage, kind: MouseEventKind, (x, y): (u16, u16)) -> Vec<Wish> {
    let modifiers = KeyModifiers::NONE;
    screen.input(&stage.model, Event::Mouse(MouseEvent { kind, column: x, row: y, modifiers }))
}

/// A press and its release in one place.
pub fn click(screen: &mut Screen, stage: &Stage, at: (u16, u16)) -> Vec<Wish> {
    mouse(screen, stage, MouseEventKind::Down(MouseButton::Left), at);
    mouse(screen, stage, MouseEventKind::Up(MouseButton::Left), at)
}

/// Where a text stands.
pub fn find(buffer: &Buffer, text: &str) -> Option<(u16, u16)> {
    let wanted: Vec<String> = text.chars().map(String::from).collect();
    for y in 0..buffer.area.height {
        for x in 0..buffer.area.width.saturating_sub(wanted.len() as u16 - 1) {
            if (x..).zip(&wanted).all(|(x, c)| buffer[(x, y)].symbol() == c) {
                return Some((x, y));
            }
        }
    }
    None
}

/// A screen of this size as text.
pub fn shown(screen: &mut Screen, stage: &Stage, size: (u16, u16)) -> String {
    lines(&buffer(screen, stage, size)).join("\n")
}
