//! Dialogs over the view. Each has a head that stays, a body that scrolls, and a foot that stays: the question to the
//! person, and the field for their answer, never scroll away.

mod away;
mod change;
mod draft;
mod launch;
mod session;
mod small;
mod theme;
mod thing;
mod update;

use ratatui::layout::Rect;

use super::pen::{Part, Pen, Row};
use super::screen::{Dialog, Hit, SLIM, Screen};
use super::text;
use super::theme::Role;
use crate::change::Digest;
use crate::model::Model;

pub(crate) use small::leaving;

/// What a dialog shows.
pub(crate) struct Sheet {
    pub(crate) title: Row,
    pub(crate) right: Row,
    pub(crate) frame: Role,
    pub(crate) head: Vec<Row>,
    pub(crate) body: Vec<Row>,
    pub(crate) foot: Vec<Row>,
    /// Lines of the foot that scroll with the body where there is no room for both.
    pub(crate) gives: Vec<std::ops::Range<usize>>,
    /// What the keys do, beneath the foot.
    pub(crate) keys: Row,
    /// Where the cursor is in the foot: line and column.
    pub(crate) caret: Option<(usize, usize)>,
}

impl Sheet {
    fn new(title: impl AsRef<str>) -> Self {
        Self {
            title: Row::of(Role::Title, title),
            right: Row::new(),
            frame: Role::Accent,
            head: Vec::new(),
            body: Vec::new(),
            foot: Vec::new(),
            gives: Vec::new(),
            keys: Row::new(),
            caret: None,
        }
    }

    /// Takes the lines of the foot that can scroll to the beginning of the body, the last ones first.
    fn give_way(&mut self) {
        let mut given = Vec::new();
        for range in std::mem::take(&mut self.gives).into_iter().rev() {
            if let Some((line, _)) = self.caret.as_mut().filter(|(line, _)| *line >= range.end) {
                *line -= range.len();
            }
            given.extend(self.foot.drain(range));
        }
        self.body.splice(0..0, given);
    }

    /// Puts lines above the foot.
    fn say(&mut self, role: Role, lines: &[String], width: usize) {
        let rows: Vec<Row> = lines.iter().map(|l| Row::new().cell(role, format!(" {l}"), width)).collect();
        if let Some((line, _)) = &mut self.caret {
            *line += rows.len();
        }
        self.foot.splice(0..0, rows);
    }
}

/// How far a dialog has been shown on a slow line. What opens is shown in two frames: first what decides, which are its
/// title, its fields and its keys; then the rest.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Opening {
    shown: Option<std::mem::Discriminant<Dialog>>,
    owes: bool,
}

impl Opening {
    /// Whether the rest of a dialog is still to come.
    pub(crate) fn owes(self) -> bool {
        self.owes
    }

    /// As it is where no dialog can be shown: nothing is to come.
    pub(crate) fn unseen(self) -> Self {
        Self { owes: false, ..self }
    }

    /// Takes in which dialog is drawn; whether only its first frame is.
    fn is_first(&mut self, dialog: Option<&Dialog>, slow: bool) -> bool {
        let shown = dialog.map(std::mem::discriminant);
        let opens = shown.is_some() && shown != self.shown;
        *self = Self { shown, owes: slow && opens && !matches!(dialog, Some(Dialog::Theme(_))) };
        self.owes
    }
}

/// The widest that a dialog gets: longer lines are hard to read.
const WIDEST: u16 = 118;

/// In the place of what the next frame has.
const FOLLOWS: &str = "… the rest follows";

/// Lines that the body keeps for scrolling, at least.
const LEAST: usize = 4;

/// The first line that is shown of what scrolls, how many are shown, and how many there are.
pub(crate) type Lines = (usize, usize, usize);

/// Draws the open dialog, if there is one; gives which lines of which change were shown.
pub(crate) fn draw(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>) -> Option<(Digest, Lines)> {
    let all = pen.area();
    let width = all.width.saturating_sub(if all.width < 100 { 0 } else { 8 }).min(WIDEST);
    let inner = usize::from(width) - 4;
    let first_frame = screen.opening.is_first(screen.dialog.as_ref(), screen.spares);
    let dialog = screen.dialog.clone()?;
    let mut sheet = match &dialog {
        Dialog::Draft => draft::sheet(screen, model, inner),
        Dialog::Change(digest) => change::sheet(screen, model, digest, inner),
        Dialog::Help => small::help(screen, inner),
        Dialog::Quit => small::quit(screen, model, inner),
        Dialog::System(id) => small::system(screen, model, id, inner),
        Dialog::Thing(target) => thing::sheet(screen, model, target, inner),
        Dialog::Note(input) => small::note(screen, input, inner),
        Dialog::Begin(form) => session::begin(screen, form, inner),
        Dialog::End => session::end(screen, model, inner),
        Dialog::Moment(input) => small::moment(screen, input, inner),
        Dialog::Away => away::sheet(screen, model, inner),
        Dialog::Update => update::sheet(screen, model, inner),
        Dialog::Theme(before) => theme::sheet(screen, before, inner),
        Dialog::Stays { why, .. } => small::stays(screen, why, inner),
    };
    // The sentence stays in sight above the dialog, the freshness below it.
    let top = 1 + super::layout::sentence(screen, model, all).len() as u16;
    let most = all.height - top - 1;
    let said = usize::from(screen.said.is_some());
    let complaint =
        screen.complaint.as_deref().or_else(|| screen.refusal(model)).map(|why| format!("✖ not done: {why}"));
    let complaint = |most| {
        let wrapped = |words: &String| text::wrap_at_most(words, inner.saturating_sub(2), most);
        complaint.as_ref().map(wrapped).unwrap_or_default()
    };
    let signing = screen.signing(model).map(|words| text::wrap_at_most(&words, inner.saturating_sub(2), 3));
    let signing = signing.unwrap_or_default();
    // What must be in sight beside the foot and its fields; then explanations scroll, and then a complaint is shortened.
    let keys = match sheet.keys.width() {
        0 => 0,
        _ if slim(inner) => sheet.keys.clone().folded(inner).len(),
        _ => 1,
    };
    let beside = LEAST.min(sheet.head.len() + sheet.body.len()) + 2 + said + keys + signing.len();
    let room = usize::from(most).saturating_sub(beside);
    let longest = if slim(inner) { 8 } else { 4 };
    if sheet.foot.len() + complaint(longest).len() > room {
        sheet.give_way();
    }
    let longest = room.saturating_sub(sheet.foot.len()).clamp(2, longest);
    sheet.say(Role::Loud, &complaint(longest), inner);
    sheet.say(Role::Notice, &signing, inner);
    // Words that the dialog cuts in two are not read by mistake. The theme's preview is the whole screen.
    if !matches!(dialog, Dialog::Theme(_)) && !screen.spares {
        pen.still(Rect { y: all.y + top, height: most, ..all });
    }
    let lines = |sheet: &Sheet| sheet.head.len() + sheet.body.len() + sheet.foot.len() + 2 + said;
    let closes = matches!(dialog, Dialog::Help | Dialog::System(_) | Dialog::Thing(_));
    let scrolls = lines(&sheet) + usize::from(!closes) > usize::from(most) && !sheet.body.is_empty();
    let scroll = hints(screen, &[(super::Action::Down, "scroll")], inner);
    let room = slim(inner) || sheet.keys.width() + scroll.width() <= inner + 2;
    if scrolls && !closes && room && sheet.keys.width() > 0 {
        sheet.keys = sheet.keys.join(scroll.clone());
    }
    if sheet.keys.width() > 0 {
        let keys = std::mem::take(&mut sheet.keys);
        sheet.foot.extend(if slim(inner) { keys.folded(inner) } else { vec![keys] });
    }
    if let Some(said) = &screen.said {
        let line = format!(" ✔ {said}");
        sheet.foot.push(Row::new().cell(Role::Good, line, inner));
    }
    let wanted = sheet.head.len() + sheet.body.len() + sheet.foot.len() + 2;
    let height = wanted.clamp(5, usize::from(most)) as u16;
    let area = Rect { x: all.x + (all.width - width) / 2, y: all.y + top + (most - height) / 3, width, height };
    if first_frame {
        brief(screen, pen, area, sheet);
        // Nothing of its body was shown.
        return None;
    }
    match dialog {
        // The theme's preview is the whole screen.
        Dialog::Theme(_) => pen.mark_cuts(area),
        _ if screen.spares => pen.mark_cuts(area),
        _ => pen.clear_beside(area),
    }
    let shown = show(screen, pen, area, &sheet);
    if closes {
        // On the frame it takes no line from what is read.
        let close = hints(screen, &[(super::Action::Back, "close")], inner);
        pen.footnote(area, &if scrolls { close.clone().join(scroll) } else { close.clone() });
        let line = Rect { x: area.x + 3, y: area.bottom() - 1, width: close.width() as u16, height: 1 };
        screen.hits.push((line.intersection(area), Hit::Act(super::Action::Back)));
    }
    match dialog {
        Dialog::Change(digest) => Some((digest, shown)),
        _ => None,
    }
}

/// The first frame of a dialog on a slow line: its foot where it will be, and above that its title. Lines and colours that
/// only please are left to the next frame.
fn brief(screen: &mut Screen, pen: &mut Pen<'_>, area: Rect, sheet: Sheet) {
    let foot = (sheet.foot.len() as u16).min(area.height.saturating_sub(4));
    let height = foot + 4;
    let area = Rect { y: area.bottom() - height, height, ..area };
    pen.clear(area);
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    let line = |y: u16| Rect { y: inner.y + y, height: 1, ..inner };
    pen.row(line(0), &sheet.title.cut(usize::from(inner.width)));
    pen.row(line(1), &Row::of(Role::Muted, FOLLOWS));
    for (y, row) in (2..).zip(sheet.foot.iter().take(usize::from(foot))) {
        pen.row(line(y), &row.clone().cut(usize::from(inner.width)));
    }
    screen.page = 1;
}

fn show(screen: &mut Screen, pen: &mut Pen<'_>, area: Rect, sheet: &Sheet) -> Lines {
    pen.clear(area);
    let mut right = sheet.right.clone();
    let inside = usize::from(area.height.saturating_sub(2));
    // On a small screen the head gives way before the foot does, and scrolls with the body: the foot is where one acts.
    let foot = sheet.foot.len().min(inside);
    let head = sheet.head.len().min((inside - foot).saturating_sub(LEAST));
    let body: Vec<&Row> = sheet.head.iter().skip(head).chain(&sheet.body).collect();
    let room = inside - foot - head;
    let last = body.len().saturating_sub(room);
    screen.dialog_scroll = screen.dialog_scroll.min(last);
    let first = screen.dialog_scroll;
    if last > 0 {
        if right.width() > 0 {
            right = right.add(Role::Text, "  ");
        }
        right = right.add(Role::Title, lines_shown(first, room, body.len()));
    }
    let frame = if screen.spares && area.width == pen.area().width {
        pen.open_panel(area, &sheet.title, &right, sheet.frame)
    } else {
        pen.panel(area, &sheet.title, &right, sheet.frame)
    };
    let inner = Rect { x: frame.x + 1, width: frame.width.saturating_sub(2), ..frame };
    let line = |y: usize| Rect { y: inner.y + y as u16, height: 1, ..inner };
    for (y, row) in sheet.head.iter().take(head).enumerate() {
        pen.row(line(y), &row.clone().cut(usize::from(inner.width)));
    }
    for (y, row) in body.iter().skip(first).take(room).enumerate() {
        pen.row(line(head + y), &(*row).clone().cut(usize::from(inner.width)));
    }
    let start =
        if sheet.head.len() + sheet.body.len() + foot <= inside { head + body.len().min(room) } else { head + room };
    for (y, row) in sheet.foot.iter().take(foot).enumerate() {
        pen.row(line(start + y), &row.clone().cut(usize::from(inner.width)));
    }
    if let Some((y, x)) = sheet.caret
        && y < foot
    {
        let x = inner.x + (x as u16).min(inner.width.saturating_sub(1));
        pen.wash(Rect { x, y: inner.y + (start + y) as u16, width: 1, height: 1 }, Role::Key);
    }
    screen.page = room.max(1);
    (first, room, body.len())
}

/// Whether a dialog of this width is a slim screen's: there nothing that is signed or asked is cut, it is wrapped.
pub(crate) fn slim(width: usize) -> bool {
    width + 4 < usize::from(SLIM)
}

/// Words in a colour of their own over as many lines as they need.
pub(crate) fn loud(role: Role, words: &str, width: usize) -> Vec<Row> {
    let lines = text::wrap(words, width.saturating_sub(2));
    lines.into_iter().map(|line| Row::new().cell(role, format!(" {line} "), width)).collect()
}

/// A heading whose aside goes below it if it does not fit next to it.
pub(crate) fn headed(words: impl AsRef<str>, aside: Row, width: usize) -> Vec<Row> {
    if text::width(words.as_ref()) + aside.width() + 4 <= width {
        return vec![heading(words, aside, width)];
    }
    let row = Row::of(Role::Accent, "▌").add(Role::Heading, words.as_ref());
    let gap = width.saturating_sub(row.width() + 1);
    let row = row.add(Role::Border, format!(" {}", "─".repeat(gap))).part(Part::Heading);
    vec![row, Row::of(Role::Text, "  ").join(aside)]
}

/// Which lines are shown of how many: `1–17 of 25`. One form for every list and dialog, so that `▲` is a warning only.
pub(crate) fn lines_shown(first: usize, room: usize, all: usize) -> String {
    format!("{}–{} of {all}", (first + 1).min(all), (first + room).min(all))
}

/// A heading with a rule behind it.
pub(crate) fn heading(words: impl AsRef<str>, aside: Row, width: usize) -> Row {
    let row = Row::of(Role::Accent, "▌").add(Role::Heading, words.as_ref()).add(Role::Text, "   ").join(aside);
    let gap = width.saturating_sub(row.width() + 1);
    row.add(Role::Border, format!(" {}", "─".repeat(gap))).part(Part::Heading)
}

/// Words over as many lines as they need.
pub(crate) fn paragraph(role: Role, words: &str, width: usize, indent: usize) -> Vec<Row> {
    let pad = " ".repeat(indent);
    text::wrap(words, width.saturating_sub(indent))
        .into_iter()
        .map(|l| Row::of(Role::Text, &pad).add(role, l))
        .collect()
}

/// Key hints for a dialog's last line: those that fit whole, the first ones first. On a slim screen all of them.
pub(crate) fn hints(screen: &Screen, hints: &[(super::Action, &str)], width: usize) -> Row {
    let mut row = Row::new();
    for (action, words) in hints {
        let key = screen.key(*action);
        let next = row.clone().add(Role::Key, format!(" {key} ")).add(Role::Muted, format!(" {words}  "));
        // A slim screen folds them.
        if next.width() <= width + 2 || slim(width) {
            row = next;
        }
    }
    row
}

/// A field with what was typed, and the column of its caret.
pub(crate) fn field(label: &str, input: &tui_input::Input, width: usize, active: bool) -> (Row, usize) {
    let head = text::width(label) + 1;
    let room = width.saturating_sub(head + 2).max(4);
    let scroll = input.visual_scroll(room);
    let value = text::clean(input.value()).into_owned();
    let shown = skip_columns(&value, scroll);
    let caret = head + 1 + input.visual_cursor().saturating_sub(scroll).min(room);
    let row = Row::of(if active { Role::Title } else { Role::Muted }, format!("{label} "))
        .add(Role::Field, format!(" {} ", text::left(&shown, room)));
    (row, caret)
}

fn skip_columns(value: &str, columns: usize) -> String {
    let mut used = 0;
    value
        .chars()
        .skip_while(|c| {
            let skip = used < columns;
            used += text::width(&c.to_string());
            skip
        })
        .collect()
}
