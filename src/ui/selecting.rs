//! A stretch of text that is selected with the mouse. It stays within the panel in which it was begun: side by side
//! with it stand other things.

use ratatui::layout::{Position, Rect};

use super::pen::Pen;
use super::screen::{Drag, Screen};
use super::text;
use super::theme::Role;

/// From where to where, and what stands there.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// The panel in which it was begun.
    pane: Rect,
    from: Position,
    to: Position,
    /// What the frame that was drawn last showed in the panel, line by line.
    shown: Vec<Vec<String>>,
}

impl Selection {
    /// One that was begun here.
    pub(crate) fn new(screen: &Screen, from: Position) -> Self {
        let panes = screen.places.panes.iter().rev();
        let pane = panes.copied().find(|pane| pane.contains(from)).unwrap_or(Rect::new(0, 0, u16::MAX, u16::MAX));
        Self { pane, from, to: from, shown: Vec::new() }
    }

    /// Takes it as far as here.
    pub(crate) fn reach(&mut self, to: Position) {
        self.to = to;
    }

    /// The stretch of each line, from the first one on: its line, its first column and the one behind its last.
    fn stretches(&self) -> impl Iterator<Item = (u16, u16, u16)> + use<> {
        let pane = self.pane;
        let within = |at: Position| Position {
            x: at.x.min(pane.right().saturating_sub(1)).max(pane.left()),
            y: at.y.min(pane.bottom().saturating_sub(1)).max(pane.top()),
        };
        let mut ends = [within(self.from), within(self.to)];
        ends.sort_by_key(|at| (at.y, at.x));
        let [first, last] = ends;
        // Of a panel that a smaller window no longer shows, nothing is selected.
        (first.y..=last.y).filter(move |_| !pane.is_empty()).map(move |y| {
            let from = if y == first.y { first.x } else { pane.left() };
            let to = if y == last.y { last.x.saturating_add(1) } else { pane.right() };
            (y, from, to)
        })
    }

    /// The text, without the blanks that fill its lines; none if nothing is in it.
    pub(crate) fn text(&self) -> Option<String> {
        let of = |(y, from, to): (u16, u16, u16)| {
            let line = self.shown.get(usize::from(y.checked_sub(self.pane.y)?))?;
            let column = |x: u16| usize::from(x - self.pane.x).min(line.len());
            Some(words(line.get(column(from)..column(to))?))
        };
        let lines: Vec<String> = self.stretches().map_while(of).collect();
        let text = lines.join("\n");
        let text = text.trim_matches('\n');
        (!text.trim().is_empty()).then(|| text.to_owned())
    }
}

/// The characters of a stretch as a text. Behind a wide character stands a cell of its own, which is no blank.
fn words(cells: &[String]) -> String {
    let mut line = String::new();
    let mut covered = 0;
    for cell in cells {
        if covered > 0 {
            covered -= 1;
            continue;
        }
        line.push_str(cell);
        covered = text::width(cell).saturating_sub(1);
    }
    line.trim_end().to_owned()
}

/// Shows what is selected, and keeps what stands there.
pub(crate) fn draw(screen: &mut Screen, pen: &mut Pen<'_>) {
    let Some(Drag::Text(selection)) = &mut screen.pointer.drag else { return };
    selection.pane = selection.pane.intersection(pen.area());
    selection.shown = pen.read(selection.pane);
    for (y, x, to) in selection.stretches() {
        pen.wash(Rect { x, y, width: to.saturating_sub(x), height: 1 }, Role::Selected);
    }
}
