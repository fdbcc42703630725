//! What may follow the keys that were pressed: shown while a sequence waits, made from the table of actions.

use ratatui::layout::Rect;

use super::keymap::{Follows, pretty};
use super::keys;
use super::pen::{Pen, Row};
use super::screen::Screen;
use super::text;
use super::theme::Role;

/// Lines before a second column is begun.
const TALL: usize = 8;

/// Draws the panel above the last line, over whatever is there: it goes with the next key.
pub(crate) fn draw(screen: &Screen, pen: &mut Pen<'_>) {
    let all = pen.area();
    if screen.pending.is_empty() {
        return;
    }
    let follows = screen.setup.keymap.follows(keys::context(screen), &screen.pending);
    let cells = cells(&follows);
    let widest = cells.iter().map(Row::width).max().unwrap_or(0);
    let room = usize::from(all.width) - 4;
    let columns = if cells.len() > TALL && 2 * (widest + 2) <= room { 2 } else { 1 };
    let most = usize::from(all.height) - 6;
    let lines = cells.len().div_ceil(columns).clamp(1, most);
    let column = (widest + 2).min(room / columns);
    let mut rows: Vec<Row> = (0..lines)
        .map(|y| {
            (0..columns).fold(Row::new(), |row, x| match cells.get(x * lines + y) {
                Some(cell) => row.pad_to(x * column).join(cell.clone().cut(column)),
                None => row,
            })
        })
        .collect();
    let shown = lines * columns;
    if cells.len() > shown
        && let Some(last) = rows.last_mut()
    {
        *last = Row::of(Role::Muted, format!("… and {} more", cells.len() - shown + columns));
    }
    let title = Row::of(Role::Key, format!(" {} ", pretty(&screen.pending))).add(Role::Title, " then …");
    let note = Row::of(Role::Muted, "esc breaks it off");
    let width = (columns * column).max(title.width() + 4).max(note.width() + 6).min(room) + 4;
    let size = (width as u16, lines as u16 + 2);
    let at = (all.right() - size.0, all.bottom() - 1 - size.1);
    let area = Rect { x: at.0, y: at.1, width: size.0, height: size.1 };
    pen.clear(area);
    let inner = pen.panel(area, &title, &Row::new(), Role::Accent);
    pen.footnote(area, &note);
    pen.rows(Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }, &rows);
}

/// One cell a key: what it does, and whether that moves traffic.
fn cells(follows: &[(String, Follows)]) -> Vec<Row> {
    let wide = follows.iter().map(|(key, _)| text::width(key)).max().unwrap_or(0);
    let cell = |(key, what): &(String, Follows)| {
        let row = Row::of(Role::Title, text::left(key, wide)).add(Role::Text, "  ");
        match what {
            Follows::Act(a) if a.dangerous() => row.add(Role::Warn, a.words()).add(Role::Warn, " ▲"),
            Follows::Act(a) => row.add(Role::Text, a.words()),
            Follows::More(n) => row.add(Role::Muted, format!("… {n} more")),
        }
    };
    let cells: Vec<Row> = follows.iter().map(cell).collect();
    if cells.is_empty() { vec![Row::of(Role::Muted, "nothing follows here")] } else { cells }
}
