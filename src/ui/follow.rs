//! A list's cursor: it is on a thing, not on a line, and stays on it when lines move.

use ratatui::layout::Rect;

use super::pen::Row;
use super::screen::{Dialog, Hit, Screen, Scrolls, View};
use crate::change::Digest;
use crate::estate::{HealthCheckId, PersonName, Region, ServiceName, SystemId};
use crate::event::SourceId;
use crate::model::{Model, Origin};
use crate::ui::Action;

/// What a row of a list leads to, or what it is if it leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A system's readings.
    System(SystemId),
    /// A change's whole life.
    Change(Digest),
    /// A DRS source server of a region, by its id.
    Server(Region, String),
    /// A DRS job of a region, by its id.
    Job(Region, String),
    /// A Route 53 health check.
    Check(HealthCheckId),
    /// The probe of a service in a region.
    Probe(ServiceName, Region),
    /// A DNS name.
    Name(String),
    /// A check of the preflight that no single system answers for.
    Preflight(Origin),
    /// An entry of the timeline that belongs to no change, by its number: several may have one time.
    Entry(u64),
    /// Somebody.
    Person(PersonName),
    /// Something that is asked for readings.
    Source(SourceId),
}

/// A row that the cursor can be on. Several rows may lead to one thing: they are counted from the last, because lists
/// that grow during reading grow at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Aim {
    pub(crate) target: Target,
    pub(crate) nth: usize,
}

/// A list's cursor, and what it could be on when the list was last drawn, each with its row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Follow {
    picked: Option<Aim>,
    aims: Vec<(usize, Target)>,
    /// The wheel has scrolled: the cursor may be out of sight until a key moves it.
    free: bool,
}

impl Follow {
    /// The row under the cursor; before anybody has moved it, the first row that it can be on.
    fn row(&self) -> Option<usize> {
        let Some(picked) = &self.picked else { return self.aims.first().map(|(row, _)| *row) };
        let same = || self.aims.iter().rev().filter(|(_, t)| *t == picked.target);
        // One of several may be gone: then another that leads to the same thing.
        same().nth(picked.nth).or_else(|| same().next_back()).map(|(row, _)| *row)
    }

    /// A thing by its place among those that were drawn last.
    pub(crate) fn aim(&self, at: usize) -> Option<Aim> {
        let (_, target) = self.aims.get(at)?;
        let nth = self.aims.iter().skip(at + 1).filter(|(_, t)| t == target).count();
        Some(Aim { target: target.clone(), nth })
    }

    /// The thing that a row stands for, by its place among all.
    pub(crate) fn at_row(&self, row: usize) -> Option<usize> {
        self.aims.binary_search_by_key(&row, |(row, _)| *row).ok()
    }

    /// Whether the wheel has scrolled since a key was pressed.
    pub(crate) fn is_free(&self) -> bool {
        self.free
    }

    /// A key was pressed: the cursor is to be seen.
    pub(crate) fn hold(&mut self) {
        self.free = false;
    }
}

/// Takes in what is shown, marks the row under the cursor, and gives the first row to show.
pub(crate) fn settle(screen: &mut Screen, view: View, rows: &mut [Row], room: usize) -> usize {
    let follow = &mut screen.follow[view as usize];
    follow.aims.clear();
    let aims = rows.iter().enumerate().filter(|(_, row)| !row.is_more());
    follow.aims.extend(aims.filter_map(|(i, row)| Some((i, row.target()?.clone()))));
    let (picked, free) = (follow.row(), follow.free);
    // A cursor that nobody moved pulls nothing into sight.
    let moved = follow.picked.is_some();
    let at = &mut screen.scroll[view as usize];
    if let Some(row) = picked {
        if let Some(row) = rows.get_mut(row) {
            *row = std::mem::take(row).selected(true);
        }
        if !free && moved {
            *at = (*at).min(row).max((row + 1).saturating_sub(room));
        }
    }
    *at = (*at).min(rows.len().saturating_sub(room));
    *at
}

/// Where a list's things are on the screen, so that a click finds them: `rows` are drawn into `area` from `first` on.
pub(crate) fn expose(screen: &mut Screen, view: View, rows: &[Row], first: usize, area: Rect) {
    screen.hits.push((area, Hit::Scroll(Scrolls::List(view))));
    let follow = &screen.follow[view as usize];
    for (y, row) in (area.top()..area.bottom()).zip(first..rows.len()) {
        // What goes on with a row belongs to its thing.
        let own = (0..=row).rev().find(|i| rows.get(*i).is_some_and(|r| !r.is_more()));
        if let Some(at) = own.and_then(|row| follow.at_row(row)) {
            screen.hits.push((Rect { y, height: 1, ..area }, Hit::Row(view, at)));
        }
    }
}

/// Moves the cursor of a list, or scrolls it where nothing in it can be followed.
pub(crate) fn travel(screen: &mut Screen, view: View, action: Action, page: usize) {
    let follow = &mut screen.follow[view as usize];
    follow.free = false;
    let at = &mut screen.scroll[view as usize];
    let row = follow.row();
    let aims: Vec<usize> = follow.aims.iter().map(|(row, _)| *row).collect();
    let here = row.unwrap_or(*at);
    let after = |least: usize| aims.iter().position(|r| *r >= least);
    let before = |most: usize| aims.iter().rposition(|r| *r <= most);
    let last = aims.len().checked_sub(1);
    let next = match action {
        Action::Down => after(here + usize::from(row.is_some())).or(last),
        Action::Up => here.checked_sub(1).and_then(before),
        Action::PageDown => after(here + page).or(last),
        Action::PageUp => before(here.saturating_sub(page)),
        Action::First => None,
        _ => last,
    };
    match (next, action) {
        (Some(next), _) => {
            follow.picked = follow.aim(next);
            // Lines below the last thing are shown with it.
            if Some(next) == last {
                *at = usize::MAX / 2;
            }
        }
        // Lines above the first thing are shown again.
        (None, Action::First | Action::Up | Action::PageUp) => {
            follow.picked = None;
            *at = match action {
                Action::First => 0,
                Action::PageUp => at.saturating_sub(page),
                _ => at.saturating_sub(1),
            };
        }
        (None, Action::Last) => *at = usize::MAX / 2,
        (None, Action::PageDown) => *at = at.saturating_add(page),
        (None, _) => *at = at.saturating_add(1),
    }
}

/// Scrolls a list and leaves its cursor where it is.
pub(crate) fn scroll(screen: &mut Screen, view: View, lines: isize) {
    screen.follow[view as usize].free = true;
    let at = &mut screen.scroll[view as usize];
    *at = at.saturating_add_signed(lines);
}

/// Puts the cursor of a list somewhere, or nowhere.
pub(crate) fn pick(screen: &mut Screen, view: View, aim: Option<Aim>) {
    let follow = &mut screen.follow[view as usize];
    follow.picked = aim;
    follow.free = false;
}

/// What a list's cursor is on, even while a filter hides it.
pub(crate) fn kept(screen: &Screen, view: View) -> Option<&Aim> {
    screen.follow[view as usize].picked.as_ref()
}

/// What the view's cursor is on.
pub(crate) fn picked(screen: &Screen) -> Option<&Target> {
    let follow = &screen.follow[screen.view as usize];
    let at = follow.at_row(follow.row()?)?;
    follow.aims.get(at).map(|(_, target)| target)
}

/// Whether the row under the view's cursor leads anywhere.
pub(crate) fn leads(screen: &Screen, model: &Model) -> bool {
    picked(screen).is_some_and(|target| is_there(model, target))
}

/// Whether there is something to show of a target.
pub(crate) fn is_there(model: &Model, target: &Target) -> bool {
    match target {
        Target::Change(digest) => model.changes.get(digest).is_some(),
        _ => true,
    }
}

/// Opens what the cursor of the view stands on; whether there was anything to open.
pub(crate) fn open(screen: &mut Screen, model: &Model) -> bool {
    match picked(screen).cloned() {
        Some(target) if is_there(model, &target) => {
            show(screen, target);
            true
        }
        _ => false,
    }
}

/// Shows what a row leads to.
pub(crate) fn show(screen: &mut Screen, target: Target) {
    screen.dialog = Some(match target {
        Target::Change(digest) => return screen.open_change(digest),
        Target::System(id) => Dialog::System(id),
        thing => Dialog::Thing(thing),
    });
    screen.dialog_scroll = 0;
}
