//! The cursor of a list: it stands on a thing that enter follows, not on a line, and stays there when lines move.

use super::pen::Row;
use super::screen::{Dialog, Screen, View};
use crate::change::Digest;
use crate::estate::{HealthCheckId, Region, ServiceName, SystemId};
use crate::event::SourceId;
use crate::model::Model;
use crate::ui::Action;

/// What a row of a list leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A system's readings.
    System(SystemId),
    /// A change's whole life.
    Change(Digest),
    /// A DRS source server of a region, by its id.
    Server(Region, String),
    /// A Route 53 health check.
    Check(HealthCheckId),
    /// The HTTP probe of a service in a region.
    Probe(ServiceName, Region),
    /// A DNS name.
    Name(String),
    /// A thing that is asked for readings.
    Source(SourceId),
}

/// A list's cursor, and what it could stand on when the list was drawn last: each with its row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Follow {
    /// The thing, and which of its stops: a system has one in each group of the readiness list.
    picked: Option<(Target, usize)>,
    aims: Vec<(usize, Target)>,
}

impl Follow {
    /// The row under the cursor.
    fn row(&self) -> Option<usize> {
        let (picked, nth) = self.picked.as_ref()?;
        let mut stops = self.aims.iter().filter(|(_, t)| t == picked);
        let first = stops.clone().next();
        stops.nth(*nth).or(first).map(|(row, _)| *row)
    }
}

/// Takes in what is shown, marks the row under the cursor, and gives the first row to show.
pub(crate) fn settle(screen: &mut Screen, view: View, rows: &mut [Row], room: usize) -> usize {
    let follow = &mut screen.follow[view as usize];
    follow.aims.clear();
    let aims = rows.iter().enumerate().filter_map(|(i, row)| Some((i, row.target()?.clone())));
    for (row, target) in aims {
        // A thing that stands on several lines is one stop.
        if follow.aims.last().is_none_or(|(_, last)| *last != target) {
            follow.aims.push((row, target));
        }
    }
    let picked = follow.row();
    let at = &mut screen.scroll[view as usize];
    if let Some(row) = picked {
        if let Some(row) = rows.get_mut(row) {
            *row = std::mem::take(row).selected(true);
        }
        *at = (*at).min(row).max((row + 1).saturating_sub(room));
    }
    *at = (*at).min(rows.len().saturating_sub(room));
    *at
}

/// Moves the cursor of a list, or scrolls it where nothing in it can be followed.
pub(crate) fn travel(screen: &mut Screen, view: View, action: Action, page: usize) {
    let follow = &mut screen.follow[view as usize];
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
            follow.picked = follow.aims.get(next).map(|(_, target)| {
                let before = follow.aims.iter().take(next).filter(|(_, t)| t == target);
                (target.clone(), before.count())
            });
            // What stands below the last thing is shown with it.
            if Some(next) == last {
                *at = usize::MAX / 2;
            }
        }
        // What stands above the first thing is shown again.
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

/// What the cursor of the view stands on.
pub(crate) fn picked(screen: &Screen) -> Option<&Target> {
    let follow = &screen.follow[screen.view as usize];
    follow.picked.as_ref().filter(|_| follow.row().is_some()).map(|(target, _)| target)
}

/// Opens what the cursor of the view stands on; whether it stands on anything.
pub(crate) fn open(screen: &mut Screen, model: &Model) -> bool {
    let Some(target) = picked(screen).cloned() else { return false };
    match target {
        Target::System(id) => {
            screen.dialog = Some(Dialog::System(id));
            screen.dialog_scroll = 0;
        }
        Target::Change(digest) => {
            if model.changes.get(&digest).is_none() {
                return false;
            }
            screen.open_change(digest);
        }
        thing => {
            screen.dialog = Some(Dialog::Thing(thing));
            screen.dialog_scroll = 0;
        }
    }
    true
}
