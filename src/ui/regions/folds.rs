//! Which lines the table has, and which systems are folded away where not all of them fit.

use super::is_here;
use crate::estate::{Layer, Side, System, Tier};
use crate::model::{Mark, Model};
use crate::ui::finding::filter::Words;
use crate::ui::hidden::haystack;
use crate::ui::screen::{Cursor, Screen, View};

/// A line of the table.
pub(crate) enum Line<'m> {
    /// A layer's name.
    Heading(Layer),
    /// A system.
    System(&'m System),
    /// Systems of a layer that are folded away.
    Folded(Vec<&'m System>),
    /// That a region failed, or that its sources stopped answering.
    Silence,
    /// What the applications answer, where not all are well: what people feel belongs to no system's line.
    Applications,
}

/// The lines of a pair. Within a layer what has failed comes first. Only systems that neither fail nor warn are folded
/// away, and never the one under the cursor.
pub(crate) fn lines<'m>(screen: &Screen, model: &'m Model, room: usize) -> Vec<Line<'m>> {
    let Some(words) = Words::of(screen, View::Overview) else { return folded(screen, model, room) };
    // What was looked for is shown, however little it matters.
    let mut lines = build(screen, model, true, false);
    lines.retain(|line| match line {
        Line::System(s) => words.are_in(&haystack(model, s)),
        Line::Heading(_) | Line::Folded(_) => true,
        Line::Silence | Line::Applications => false,
    });
    let mut next = lines.iter().skip(1).map(|l| matches!(l, Line::System(_))).collect::<Vec<_>>().into_iter();
    lines.retain(|line| {
        let system_follows = next.next().unwrap_or(false);
        matches!(line, Line::System(_)) || system_follows
    });
    lines
}

fn folded<'m>(screen: &Screen, model: &'m Model, room: usize) -> Vec<Line<'m>> {
    let mut lines = fitted(screen, model, room);
    if lines.len() > room {
        lift(model, &mut lines);
    }
    lines
}

/// Where not all lines are on the screen, layers in which something has failed come before the others.
fn lift(model: &Model, lines: &mut Vec<Line<'_>>) {
    let layer = |line: &Line<'_>| match line {
        Line::Heading(layer) => Some(*layer),
        Line::System(s) => Some(s.layer),
        Line::Folded(all) => all.first().map(|s| s.layer),
        Line::Silence | Line::Applications => None,
    };
    let bad: Vec<Layer> = lines
        .iter()
        .filter(|line| matches!(line, Line::System(s) if model.worst_of(s) == Some(Mark::Fail)))
        .filter_map(layer)
        .collect();
    lines.sort_by_key(|line| layer(line).map(|l| (!bad.contains(&l), l)));
}

fn fitted<'m>(screen: &Screen, model: &'m Model, room: usize) -> Vec<Line<'m>> {
    let all = build(screen, model, true, false);
    if all.len() <= room || screen.unfolded {
        return all;
    }
    let bare = build(screen, model, false, false);
    if bare.len() <= room {
        return bare;
    }
    let folded = build(screen, model, true, true);
    if folded.len() <= room {
        return folded;
    }
    build(screen, model, false, true)
}

fn build<'m>(screen: &Screen, model: &'m Model, headings: bool, fold: bool) -> Vec<Line<'m>> {
    let of_pair = || model.estate.systems.iter().filter(|s| s.pair == screen.pair);
    let mut layers: Vec<Layer> = of_pair().map(|s| s.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    let mut lines = Vec::new();
    if Side::BOTH.into_iter().any(|side| model.silence(&screen.pair, side).is_some()) {
        lines.push(Line::Silence);
    }
    if Side::BOTH.into_iter().any(|side| super::rows::applications_mark(model, &screen.pair, side) >= Some(Mark::Warn))
    {
        lines.push(Line::Applications);
    }
    for layer in layers {
        let mut systems: Vec<&System> = of_pair().filter(|s| s.layer == layer).collect();
        systems.sort_by_cached_key(|s| model.worst_of(s) != Some(Mark::Fail));
        if headings {
            lines.push(Line::Heading(layer));
        }
        let (first, rest): (Vec<_>, Vec<_>) = systems.into_iter().partition(|s| !fold || is_kept(screen, model, s));
        lines.extend(first.into_iter().map(Line::System));
        match rest.as_slice() {
            [] => {}
            // A line that says that one is folded away takes as much room as the one.
            [one] => lines.push(Line::System(one)),
            _ => lines.push(Line::Folded(rest)),
        }
    }
    lines
}

/// Whether a system keeps its line while others are folded away.
fn is_kept(screen: &Screen, model: &Model, system: &System) -> bool {
    system.tier == Tier::Critical || model.worst_of(system) >= Some(Mark::Warn) || is_here(screen, system)
}

/// Lines that the systems take of those that there are. A filter changes nothing: the levers stay where they are.
pub(crate) fn height(screen: &Screen, model: &Model, room: u16) -> u16 {
    folded(screen, model, usize::from(room)).len() as u16
}

/// The systems that the cursor can be on.
pub(crate) fn cursors(screen: &Screen, model: &Model, room: usize) -> Vec<Cursor> {
    lines(screen, model, room)
        .into_iter()
        .filter_map(|l| match l {
            Line::System(s) => Some(Cursor::System(s.id.clone())),
            Line::Heading(_) | Line::Folded(_) | Line::Silence | Line::Applications => None,
        })
        .collect()
}
