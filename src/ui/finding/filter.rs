//! `/`: only the rows that match what is typed, in their own order.
//!
//! A row must contain every word typed, in any order and case. The match is not fuzzy: a row of a hundred columns has
//! almost any five letters in some order. The view always says how many rows are hidden, and how to see them again.

use crate::model::Mark;
use crate::ui::Action;
use crate::ui::dialog::{field, lines_shown};
use crate::ui::pen::Row;
use crate::ui::screen::{Screen, View};
use crate::ui::theme::Role;

/// How many things a filter left, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) shown: usize,
    pub(crate) of: usize,
    /// How many of those that it hides are marked as failed.
    pub(crate) failed: usize,
}

/// What a row must contain.
pub(crate) struct Words(Vec<String>);

impl Words {
    /// The words that a view's rows must match; none where nothing was typed.
    pub(crate) fn of(screen: &Screen, view: View) -> Option<Self> {
        let typed = screen.find.filter(view).value().to_lowercase();
        let words: Vec<String> = typed.split_whitespace().map(str::to_owned).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// Whether a text has them all.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().all(|word| text.contains(word.as_str()))
    }
}

/// Keeps what a filter left, to be said.
pub(crate) fn say(screen: &mut Screen, view: View, found: Option<Found>) {
    screen.find.found[view as usize] = found;
}

/// Removes the rows that do not match. Continuation lines go with their row. A heading, and what is said below it about
/// the whole, stays while one of its rows does.
pub(crate) fn narrow(screen: &mut Screen, view: View, rows: &mut Vec<Row>) {
    let Some(words) = Words::of(screen, view) else { return say(screen, view, None) };
    // Of each row the thing that it belongs to, of each thing whether it matches.
    let mut things: Vec<(usize, String)> = Vec::new();
    let mut places: Vec<(usize, Option<usize>)> = Vec::new();
    let mut section = 0;
    for row in rows.iter() {
        if row.is_heading() {
            section += 1;
        }
        let own = if row.is_more() {
            places.last().and_then(|(_, thing)| *thing)
        } else if row.target().is_some() {
            things.push((section, String::new()));
            Some(things.len() - 1)
        } else {
            None
        };
        if let Some((_, text)) = own.and_then(|i| things.get_mut(i)) {
            text.push_str(&row.text());
            text.push('\n');
        }
        places.push((section, own));
    }
    let matching: Vec<bool> = things.iter().map(|(_, text)| words.are_in(text)).collect();
    let mut alive = vec![false; section + 1];
    for ((section, _), matches) in things.iter().zip(&matching) {
        if let Some(alive) = alive.get_mut(*section) {
            *alive |= matches;
        }
    }
    let hidden = things.iter().zip(&matching).filter(|(_, matches)| !**matches);
    let failed = hidden.filter(|((_, text), _)| text.contains(Mark::Fail.sign())).count();
    let found = Found { shown: matching.iter().filter(|m| **m).count(), of: things.len(), failed };
    let mut places = places.into_iter();
    rows.retain(|row| match places.next() {
        Some((_, Some(thing))) => matching.get(thing).copied().unwrap_or(false),
        Some((section, None)) => alive.get(section).copied().unwrap_or(false) && !row.text().trim().is_empty(),
        None => false,
    });
    if found.shown == 0 {
        *rows = vec![nothing(screen, view)];
    }
    say(screen, view, Some(found));
}

/// Shown if no row matches.
pub(crate) fn nothing(screen: &Screen, view: View) -> Row {
    let typed = screen.find.filter(view).value().trim();
    if typed.is_empty() {
        return Row::of(Role::Muted, "the estate file has nothing here");
    }
    Row::of(Role::Muted, format!("no row matches “{typed}”"))
}

/// What a filter left, in words: `3 of 40 shown`. Loud enough that nobody takes the rest for all.
pub(crate) fn count(screen: &Screen, view: View) -> Option<Row> {
    let found = screen.find.found[view as usize]?;
    let row = Row::of(Role::Warn, format!("{} of {} shown", found.shown, found.of));
    Some(if found.failed == 0 {
        row
    } else {
        row.add(Role::Fail, format!(" ({} {} hidden)", Mark::Fail.sign(), found.failed))
    })
}

/// Which rows of a list are shown: of all, or of those that match.
pub(crate) fn position(screen: &Screen, view: View, first: usize, room: usize, rows: usize) -> Row {
    if let Some(count) = count(screen, view) {
        return count.add(Role::Warn, format!(": “{}”", screen.find.filter(view).value().trim()));
    }
    if rows <= room {
        return Row::new();
    }
    Row::of(Role::Muted, lines_shown(first, room, rows))
}

/// The left of the footer while a filter is typed or in force.
pub(crate) fn footer(screen: &Screen, room: usize) -> Option<Row> {
    let view = screen.view;
    if screen.find.filtering {
        let input = screen.find.filter(view);
        let (typed, _) = field(" /", input, columns(screen, room), true);
        let row = typed.add(Role::Text, " ").join(left(screen));
        let key = format!(" {} ", screen.setup.keymap.key(Action::Look));
        let whole = row.clone().add(Role::Key, key).add(Role::Muted, " keeps it  ");
        return Some(if whole.width() <= room { whole } else { row });
    }
    if screen.dialog.is_some() || !screen.find.is_filtered(view) {
        return None;
    }
    let typed = crate::ui::text::cut(screen.find.filter(view).value().trim(), 24);
    Some(Row::of(Role::Title, format!(" / {typed}  ")).join(left(screen)))
}

/// How many rows there are, and the key that shows all of them.
fn left(screen: &Screen) -> Row {
    let key = format!(" {} ", screen.setup.keymap.key(Action::Back));
    let row = count(screen, screen.view).unwrap_or_default().add(Role::Text, "  ");
    row.add(Role::Key, key).add(Role::Muted, " shows all  ")
}

/// Columns of the field: text next to it is not cut to make room for it.
fn columns(screen: &Screen, room: usize) -> usize {
    let beside = left(screen).width() + 1;
    (room / 3).clamp(8, 40).min((room + 2).saturating_sub(beside)).max(8)
}

/// The column of the caret in the footer, while a filter is typed.
pub(crate) fn caret(screen: &Screen, room: usize) -> Option<u16> {
    let input = screen.find.filter(screen.view);
    let (_, caret) = field(" /", input, columns(screen, room), true);
    screen.find.filtering.then_some(caret as u16)
}
