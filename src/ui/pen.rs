//! Rows of pieces, and the pen that puts them on the screen. Nothing else writes into the buffer.

use std::borrow::Cow;
use std::cmp::Reverse;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::follow::Target;
use super::text;
use super::theme::{Role, Theme};
use crate::mask::Mask;
use crate::model::Mark;

/// Some text with a meaning.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    text: String,
    role: Role,
    changed: bool,
    faded: bool,
    /// What it is a link to.
    link: Option<String>,
}

/// One line of pieces.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Row {
    pieces: Vec<Piece>,
    selected: bool,
    target: Option<Target>,
    part: Part,
}

/// The place of a thing in a list: what fails before what warns, and both before the rest, which keeps its order.
pub(crate) fn bad_first(mark: Mark) -> Reverse<Mark> {
    Reverse(mark.max(Mark::Unknown))
}

/// What a row is among the rows of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Part {
    /// A line by itself.
    #[default]
    Plain,
    /// The heading of those below.
    Heading,
    /// More of the row above.
    More,
}

impl Row {
    /// An empty row.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A row with one piece.
    pub(crate) fn of(role: Role, text: impl AsRef<str>) -> Self {
        Self::new().add(role, text)
    }

    /// Adds a text.
    #[must_use]
    pub(crate) fn add(mut self, role: Role, text: impl AsRef<str>) -> Self {
        self.push(role, text);
        self
    }

    /// Adds a text.
    pub(crate) fn push(&mut self, role: Role, text: impl AsRef<str>) {
        let text = text::clean(text.as_ref()).into_owned();
        self.pieces.push(Piece { text, role, changed: false, faded: false, link: None });
    }

    /// Adds a text in a column of its own.
    #[must_use]
    pub(crate) fn cell(self, role: Role, text: impl AsRef<str>, columns: usize) -> Self {
        self.add(role, text::left(text.as_ref(), columns))
    }

    /// Adds a text on the right of a column of its own.
    #[must_use]
    pub(crate) fn cell_right(self, role: Role, text: impl AsRef<str>, columns: usize) -> Self {
        self.add(role, text::right(text.as_ref(), columns))
    }

    /// Adds the sign of a mark.
    #[must_use]
    pub(crate) fn mark(self, mark: Mark) -> Self {
        self.add(role_of(mark), mark.sign())
    }

    /// Marks the newest piece as one that has just changed, if it has.
    #[must_use]
    pub(crate) fn changed(mut self, changed: bool) -> Self {
        if let Some(last) = self.pieces.last_mut() {
            last.changed = changed;
        }
        self
    }

    /// Fades the newest piece: it is old.
    #[must_use]
    pub(crate) fn faded(mut self) -> Self {
        if let Some(last) = self.pieces.last_mut() {
            last.faded = true;
        }
        self
    }

    /// Makes the newest piece a link to a page.
    #[must_use]
    pub(crate) fn link(mut self, url: impl Into<String>) -> Self {
        if let Some(last) = self.pieces.last_mut() {
            last.link = Some(url.into());
        }
        self
    }

    /// The whole row is under the cursor.
    #[must_use]
    pub(crate) fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// What enter follows from here.
    #[must_use]
    pub(crate) fn to(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// What it is among the rows of a list.
    #[must_use]
    pub(crate) fn part(mut self, part: Part) -> Self {
        self.part = part;
        self
    }

    /// Whether it is a heading.
    pub(crate) fn is_heading(&self) -> bool {
        self.part == Part::Heading
    }

    /// Whether it goes on with the row above.
    pub(crate) fn is_more(&self) -> bool {
        self.part == Part::More
    }

    /// What is written there.
    pub(crate) fn text(&self) -> String {
        self.pieces.iter().map(|p| p.text.as_str()).collect()
    }

    /// What enter follows from here.
    pub(crate) fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// Everything of another row after this one.
    #[must_use]
    pub(crate) fn join(mut self, other: Row) -> Self {
        self.pieces.extend(other.pieces);
        self
    }

    /// Columns that it takes.
    pub(crate) fn width(&self) -> usize {
        self.pieces.iter().map(|p| text::width(&p.text)).sum()
    }

    /// Blank columns up to `column`.
    #[must_use]
    pub(crate) fn pad_to(self, column: usize) -> Self {
        let gap = column.saturating_sub(self.width());
        if gap == 0 { self } else { self.add(Role::Text, " ".repeat(gap)) }
    }

    /// Key hints over as many lines of `columns` columns as they need: a key stays with its words.
    #[must_use]
    pub(crate) fn folded(self, columns: usize) -> Vec<Row> {
        let mut rows = vec![Row::new()];
        let mut hint = Row::new();
        let mut put = |hint: Row| match rows.last_mut() {
            Some(last) if last.width() == 0 || last.width() + hint.clone().trimmed().width() <= columns => {
                last.pieces.extend(hint.pieces);
            }
            _ => rows.push(hint),
        };
        for piece in self.pieces {
            if piece.role == Role::Key && !hint.pieces.is_empty() {
                put(std::mem::take(&mut hint));
            }
            hint.pieces.push(piece);
        }
        put(hint);
        rows.into_iter().map(Row::trimmed).collect()
    }

    /// Without the blanks at its end.
    fn trimmed(mut self) -> Self {
        if let Some(piece) = self.pieces.last_mut() {
            piece.text.truncate(piece.text.trim_end().len());
        }
        self
    }

    /// At most `columns` columns of it, with `…` where something is missing.
    #[must_use]
    pub(crate) fn cut(mut self, columns: usize) -> Self {
        let over = self.width().saturating_sub(columns);
        if over == 0 {
            return self;
        }
        // Blanks at its end are nothing that would be missed.
        if let Some(piece) = self.pieces.last_mut()
            && let kept = piece.text.len().saturating_sub(over)
            && piece.text.get(kept..).is_some_and(|end| end.len() == over && end.bytes().all(|b| b == b' '))
        {
            piece.text.truncate(kept);
            return self;
        }
        let mut left = columns;
        let mut kept = Vec::new();
        let count = self.pieces.len();
        for (i, mut piece) in self.pieces.drain(..).enumerate() {
            let w = text::width(&piece.text);
            let last = i + 1 == count;
            if w < left || (w == left && last) {
                left -= w;
                kept.push(piece);
                continue;
            }
            let text = format!("{}…", text::cut(&piece.text, left.saturating_sub(1)).trim_end_matches('…'));
            piece.text = if left == 0 { String::new() } else { text };
            kept.push(piece);
            break;
        }
        self.pieces = kept;
        self
    }
}

/// The role of a mark's colour.
pub(crate) fn role_of(mark: Mark) -> Role {
    match mark {
        Mark::Ok => Role::Ok,
        Mark::Unknown => Role::Unknown,
        Mark::Warn => Role::Warn,
        Mark::Fail => Role::Fail,
    }
}

/// What draws: a buffer, a theme, and in presenter mode a mask.
pub(crate) struct Pen<'a> {
    buffer: &'a mut Buffer,
    theme: &'a Theme,
    mask: Option<&'a Mask>,
    places: Places,
}

/// What stands where on a frame, beside its text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// What is a link, and to what page. Behind a mask there are none.
    pub(crate) links: Vec<(Rect, String)>,
    /// The insides of panels, those drawn later behind those drawn earlier.
    pub(crate) panes: Vec<Rect>,
}

/// What a panel's frame is drawn with, but for its rules.
const FRAME: [&str; 5] = ["│", "╭", "╮", "╰", "╯"];

impl<'a> Pen<'a> {
    /// A pen for a buffer. With a mask it writes nothing that the mask would hide: what did not come out of the masked
    /// model, such as an id or something typed, is caught here.
    pub(crate) fn new(buffer: &'a mut Buffer, theme: &'a Theme, mask: Option<&'a Mask>) -> Self {
        Self { buffer, theme, mask, places: Places::default() }
    }

    /// The whole screen.
    pub(crate) fn area(&self) -> Rect {
        self.buffer.area
    }

    /// What stands where on what was drawn.
    pub(crate) fn places(self) -> Places {
        self.places
    }

    /// The characters in an area, line by line.
    pub(crate) fn read(&self, area: Rect) -> Vec<Vec<String>> {
        let area = area.intersection(self.buffer.area);
        let cell = |at| self.buffer.cell(at).map_or_else(String::new, |cell| cell.symbol().to_owned());
        area.rows().map(|row| row.positions().map(cell).collect()).collect()
    }

    /// Clears an area to the ground.
    pub(crate) fn clear(&mut self, area: Rect) {
        let ground = self.theme.style(Role::Text);
        let area = area.intersection(self.buffer.area);
        self.places.links.retain(|(link, _)| !link.intersects(area));
        for y in area.top()..area.bottom() {
            // A wide character that reaches in from the left would hide the first column.
            if let Some(x) = area.left().checked_sub(1)
                && let Some(cell) = self.buffer.cell_mut((x, y))
                && text::width(cell.symbol()) > 1
            {
                cell.set_symbol(" ");
            }
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(ground);
                }
            }
        }
    }

    /// Puts a role's look over an area, keeping its text.
    pub(crate) fn wash(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, self.theme.style(role));
    }

    /// Puts an area into one quiet colour, keeping its text: it stands behind something.
    pub(crate) fn still(&mut self, area: Rect) {
        let style = self.theme.style(Role::Text).patch(self.theme.style(Role::Muted));
        let area = area.intersection(self.buffer.area);
        // Where no colour says it, dim does.
        let dim = if style.fg.is_none() { Modifier::DIM } else { Modifier::empty() };
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                (cell.fg, cell.bg) = (style.fg.unwrap_or_default(), style.bg.unwrap_or_default());
                cell.modifier = dim;
            }
        }
    }

    /// The columns on both sides of a line of an area, outwards up to a panel's frame or the screen's edge; and whether
    /// they are a panel's rule.
    fn beside(&self, area: Rect, y: u16) -> [(Vec<u16>, bool); 2] {
        let symbol = |x: u16| self.buffer.cell((x, y)).map_or("", |cell| cell.symbol());
        let all = self.buffer.area;
        let outwards: [Vec<u16>; 2] =
            [(all.left()..area.left()).rev().collect(), (area.right()..all.right()).collect()];
        outwards.map(|columns| {
            let frame = columns.iter().position(|x| FRAME.contains(&symbol(*x)));
            let run: Vec<u16> = columns.iter().take(frame.unwrap_or(columns.len())).copied().collect();
            let corner = frame.and_then(|at| columns.get(at)).is_some_and(|x| symbol(*x) != "│");
            let rule = corner || run.iter().any(|x| symbol(*x) == "─");
            (run, rule)
        })
    }

    /// Takes away what an area leaves of the lines that it is about to cover in part: no half sentence stays to be
    /// misread. Up to a panel's frame, or the screen's edge.
    pub(crate) fn clear_beside(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for (run, rule) in self.beside(area, y) {
                for x in run {
                    self.places.links.retain(|(link, _)| !link.contains((x, y).into()));
                    if let Some(cell) = self.buffer.cell_mut((x, y)) {
                        cell.set_symbol(if rule { "─" } else { " " });
                    }
                }
            }
        }
    }

    /// Marks with `…` where an area is about to cut lines, which changes few cells.
    pub(crate) fn mark_cuts(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for (run, _) in self.beside(area, y) {
                let has_words = |x: &u16| {
                    let cell = self.buffer.cell((*x, y));
                    cell.is_some_and(|cell| cell.symbol() != "─" && !cell.symbol().trim().is_empty())
                };
                if let Some(edge) = run.first().filter(|_| run.iter().any(has_words))
                    && let Some(cell) = self.buffer.cell_mut((*edge, y))
                {
                    cell.set_symbol("…");
                }
            }
        }
    }

    /// Puts a row into the first line of an area and keeps to its width.
    pub(crate) fn row(&mut self, area: Rect, row: &Row) {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return;
        }
        let mut x = area.x;
        let ground = self.theme.style(Role::Text);
        for piece in &row.pieces {
            let room = area.right().saturating_sub(x);
            if room == 0 {
                break;
            }
            let mut style = ground.patch(self.theme.style(piece.role));
            if piece.changed {
                style = style.patch(self.theme.style(Role::Changed));
            }
            if piece.faded {
                style = style.add_modifier(Modifier::DIM);
            }
            let text = text::clean(&piece.text);
            let text = match self.mask {
                Some(mask) => masked(mask, text),
                None => text,
            };
            let from = x;
            (x, _) = self.buffer.set_stringn(x, area.y, text, usize::from(room), style);
            if let (Some(url), None) = (&piece.link, self.mask) {
                let area = Rect { x: from, y: area.y, width: x - from, height: 1 };
                self.places.links.push((area, url.clone()));
            }
        }
        if row.selected {
            let line = Rect { height: 1, ..area };
            self.buffer.set_style(line, self.theme.style(Role::Selected));
        }
    }

    /// Puts rows under each other.
    pub(crate) fn rows<'r>(&mut self, area: Rect, rows: impl IntoIterator<Item = &'r Row>) {
        for (y, row) in (area.top()..area.bottom()).zip(rows) {
            self.row(Rect { y, height: 1, ..area }, row);
        }
    }

    /// A framed panel with a title, and one more on the right; gives the area inside.
    pub(crate) fn panel(&mut self, area: Rect, title: &Row, right: &Row, frame: Role) -> Rect {
        let area = area.intersection(self.buffer.area);
        if area.width < 2 || area.height < 2 {
            return Rect { width: 0, height: 0, ..area };
        }
        let style = self.frame(frame);
        for y in area.top() + 1..area.bottom() - 1 {
            self.buffer.set_stringn(area.x, y, "│", 1, style);
            self.buffer.set_stringn(area.right() - 1, y, "│", 1, style);
        }
        self.open_panel(area, title, right, frame)
    }

    /// The same without its sides, for one as wide as the screen on a slow line: they are many bytes, and there is
    /// nothing beside it.
    pub(crate) fn open_panel(&mut self, area: Rect, title: &Row, right: &Row, frame: Role) -> Rect {
        let area = area.intersection(self.buffer.area);
        if area.width < 2 || area.height < 2 {
            return Rect { width: 0, height: 0, ..area };
        }
        let style = self.frame(frame);
        self.line(area.x, area.y, area.width, ("╭", "─", "╮"), style);
        self.line(area.x, area.bottom() - 1, area.width, ("╰", "─", "╯"), style);
        self.title(Rect { x: area.x + 1, width: area.width - 2, ..area }, title, right);
        self.pane(Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 })
    }

    /// A rule with a title, for narrow screens; gives the area beneath.
    pub(crate) fn rule(&mut self, area: Rect, title: &Row, right: &Row, frame: Role) -> Rect {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return area;
        }
        let style = self.frame(frame);
        self.line(area.x, area.y, area.width, ("─", "─", "─"), style);
        self.title(area, title, right);
        self.pane(Rect { y: area.y + 1, height: area.height - 1, ..area })
    }

    fn pane(&mut self, inside: Rect) -> Rect {
        self.places.panes.push(inside);
        inside
    }

    /// A note on the lower frame of a panel.
    pub(crate) fn footnote(&mut self, panel: Rect, note: &Row) {
        if note.width() == 0 || panel.width < 12 || panel.height < 2 {
            return;
        }
        let most = usize::from(panel.width) - 6;
        let row = Row::of(Role::Text, " ").join(note.clone().cut(most)).add(Role::Text, " ");
        let area = Rect { x: panel.x + 2, y: panel.bottom() - 1, width: panel.width - 4, height: 1 };
        self.row(area, &row);
    }

    fn title(&mut self, area: Rect, title: &Row, right: &Row) {
        let most = usize::from(area.width).saturating_sub(2);
        let aside = right.width();
        let aside = if aside > 0 && aside + 4 <= most { aside + 3 } else { 0 };
        if title.width() > 0 {
            let row = Row::of(Role::Text, " ").join(title.clone().cut(most.saturating_sub(aside))).add(Role::Text, " ");
            self.row(area, &row);
        }
        if aside > 0 {
            let row = Row::of(Role::Text, " ").join(right.clone()).add(Role::Text, " ");
            let w = (aside - 1) as u16;
            self.row(Rect { x: area.right() - w.min(area.width) - 1, width: w, ..area }, &row);
        }
    }

    /// The look of a frame. A line is not underlined, and neither is a title only because its frame means a failure.
    fn frame(&self, role: Role) -> Style {
        let mut style = self.theme.style(Role::Text).patch(self.theme.style(role));
        style.add_modifier.remove(Modifier::UNDERLINED);
        style
    }

    fn line(&mut self, x: u16, y: u16, width: u16, (a, b, c): (&str, &str, &str), style: Style) {
        let middle = b.repeat(usize::from(width).saturating_sub(2));
        self.buffer.set_stringn(x, y, format!("{a}{middle}{c}"), usize::from(width), style);
    }
}

/// A text behind a mask, in as many columns as it had, so that what stands behind it stays where it is.
fn masked<'t>(mask: &Mask, text: Cow<'t, str>) -> Cow<'t, str> {
    match mask.text(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(shown) => Cow::Owned(text::left(&shown, text::width(&text))),
    }
}

/// A bar of parts, each with its share and its role, on the remainder of the whole. Every part that is not zero is
/// visible.
pub(crate) fn parts(parts: &[(f64, Role)], columns: usize) -> Row {
    let mut row = Row::of(Role::Chart, "▕");
    let mut left = columns;
    for (share, role) in parts.iter().filter(|(share, _)| *share > 0.0) {
        let filled = ((share.min(1.0) * columns as f64).round() as usize).max(1).min(left);
        row.push(*role, "█".repeat(filled));
        left -= filled;
    }
    row.add(Role::Chart, format!("{}▏", "░".repeat(left)))
}

/// A bar of `columns` columns filled to `share` (0 to 1); full only where nothing is missing.
pub(crate) fn bar(share: f64, columns: usize) -> String {
    if columns == 0 {
        return String::new();
    }
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let most = if share < 1.0 { columns.saturating_sub(1) } else { columns };
    let filled = ((share * columns as f64).round() as usize).min(most);
    format!("▕{}{}▏", "█".repeat(filled), "░".repeat(columns.saturating_sub(filled)))
}
