//! What of the overview's systems is not on the screen: filtered away, or above and below the lines that there is room for.

use super::finding::filter::{self, Found};
use super::pen::{Row, role_of};
use super::regions::Line;
use super::screen::{Screen, View};
use super::theme::Role;
use crate::estate::{Side, System};
use crate::model::{Mark, Model, Subject};

/// What a system is found by: its name and layer, how it is on both sides, its figures.
pub(super) fn haystack(model: &Model, system: &System) -> String {
    let mut text = format!("{} {}", system.name, system.layer.title());
    for side in Side::BOTH {
        if let Some(s) = model.standing(&Subject::System(system.id.clone(), side)) {
            text.push_str(&format!(" {} {}", s.mark.word(), s.text));
        }
    }
    text
}

/// Says how many systems a filter has left.
pub(super) fn count(screen: &mut Screen, model: &Model, lines: &[Line<'_>]) -> Option<Row> {
    let shown = lines.iter().filter(|l| matches!(l, Line::System(_))).count();
    let of = model.estate.systems_of(&screen.pair).count();
    let is_shown = |system: &System| lines.iter().any(|l| matches!(l, Line::System(s) if s.id == system.id));
    let fails = |system: &System| {
        let subject = |side| Subject::System(system.id.clone(), side);
        Side::BOTH.into_iter().any(|side| model.standing(&subject(side)).is_some_and(|s| s.mark == Mark::Fail))
    };
    let failed = model.estate.systems_of(&screen.pair).filter(|s| !is_shown(s) && fails(s)).count();
    let found = screen.find.is_filtered(View::Overview).then_some(Found { shown, of, failed });
    filter::say(screen, View::Overview, found);
    filter::count(screen, View::Overview)
}

/// What is said beside a title, with gaps between.
pub(super) fn beside<const N: usize>(rows: [Option<Row>; N]) -> Row {
    rows.into_iter()
        .flatten()
        .fold(Row::new(), |all, row| if all.width() == 0 { row } else { all.add(Role::Text, "  ").join(row) })
}

/// Systems above and below those that are shown, folded ones too, and how many of them are as bad as the worst:
/// `14 systems below, ✖ 2`; where one region is shown, how many are in the other too: `14 systems below, ▲ 1 in us-east-2`.
pub(super) fn beyond<'m>(
    model: &'m Model,
    lines: &[Line<'m>],
    first: usize,
    room: usize,
    sides: &[Side],
) -> Option<Row> {
    let last = (first + room).min(lines.len());
    let systems = |line: &Line<'m>| match line {
        Line::System(s) => vec![*s],
        Line::Folded(all) => all.clone(),
        Line::Heading(_) | Line::Silence | Line::Applications => Vec::new(),
    };
    let above: Vec<&System> = lines.iter().take(first).flat_map(systems).collect();
    let below: Vec<&System> = lines.iter().skip(last).flat_map(systems).collect();
    let arrows = crate::words::out_of_sight(above.len(), below.len())?;
    let mark_of = |subject| model.standing(&subject).map(|s| s.mark);
    let worst = |s: &System, sides: &[Side]| {
        sides.iter().filter_map(|side| mark_of(Subject::System(s.id.clone(), *side))).max()
    };
    // Where one region is shown, a lag stands on its system's line; beside two regions the lags have a count of their own.
    let lag = |s: &System| mark_of(Subject::Link(s.id.clone())).filter(|_| sides.len() == 1);
    let hidden = || above.iter().chain(&below).copied();
    let marks: Vec<Mark> = hidden().filter_map(|s| worst(s, sides).max(lag(s))).collect();
    let row = Row::of(Role::Muted, arrows);
    let row =
        bad_of(&marks).map_or(row.clone(), |(bad, count)| row.add(role_of(bad), format!(", {} {count}", bad.sign())));
    // Where one region is shown, nothing else on the screen tells of these systems in the other.
    let [side] = sides else { return Some(row) };
    let there: Vec<Mark> = hidden().filter_map(|s| worst(s, &[side.other()])).collect();
    let region = hidden().next().and_then(|s| model.estate.pair(&s.pair)).map(|p| p.region(side.other()));
    let Some(((bad, count), region)) = bad_of(&there).zip(region) else { return Some(row) };
    Some(row.add(role_of(bad), format!(", {} {count} in {region}", bad.sign())))
}

/// The worst of some marks, if that is bad, and how many of them are as bad.
fn bad_of(marks: &[Mark]) -> Option<(Mark, usize)> {
    let bad = marks.iter().copied().max().filter(|mark| *mark >= Mark::Warn)?;
    Some((bad, marks.iter().filter(|mark| **mark == bad).count()))
}
