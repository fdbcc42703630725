//! The overview below 60 columns, for a phone or a split pane: one thing below the other, most urgent first.
//!
//! The sentence is at the top. Then come one's own next step, the change, the levers, both regions' states, one
//! region's systems and the timeline. If there are few lines, what the cursor is on gets them.

use ratatui::layout::Rect;

use super::pen::{Pen, Row};
use super::screen::{Cursor, Hit, Screen, View};
use super::theme::Role;
use super::{follow, levers, next, overview, owners, panes, regions, text, timeline};
use crate::change::{Change, State};
use crate::model::Model;
use crate::model::words as say;
use crate::words::reached;

/// Lines that the next step may take.
const STEP: usize = 3;
/// From this height on nothing needs to give way.
const TALL: u16 = 40;

/// Draws the overview of a slim screen.
pub(crate) fn draw(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let width = usize::from(area.width);
    let tall = area.height >= TALL;
    let next = next::step(screen, model);
    let mut step = step(&next, width);
    if tall {
        // What comes next is said once.
        step.extend(owners::rows(screen, model, width, !next.asks));
    }
    let digest = screen.current(model).map(|c| c.digest);
    let change = screen.current(model).map(|c| change(screen, model, c, width, tall)).unwrap_or_default();
    let mut left = area.height;
    // As much as is wanted, and at least as much for those below as they need.
    let mut take = |wanted: usize, below: u16| {
        let given = (wanted as u16).min(left.saturating_sub(below));
        left -= given;
        given
    };
    // If there are few lines, what the cursor is on gets them.
    let levers = usize::from(levers::height(screen, model)) + 2;
    let levers = match &screen.cursor {
        Some(Cursor::System(_) | Cursor::There(_)) if !tall => levers.min(3),
        _ => levers,
    };
    let heights = [
        take(step.len(), 3 + 2 + 2),
        take(change.len(), 3 + 2 + 2),
        take(levers, 2 + 2),
        take(2, 2),
        take(usize::from(tall), 2),
    ];
    let timeline = match &screen.cursor {
        Some(Cursor::There(_)) if !tall => left,
        _ if tall => left / 4,
        _ => 2,
    };
    let (usual, most) = (timeline.min(left), left.saturating_sub(3));
    let timeline = screen.panes.give(panes::Pane::Timeline, usual, usual.min(2), most.max(usual)).min(left);
    let mut y = area.y;
    let [step_at, change_at, levers_at, states_at, summary_at] = heights.map(|height| {
        let at = Rect { y, height, ..area };
        y += height;
        at
    });
    let systems_at = Rect { y, height: left - timeline, ..area };
    let timeline_at = Rect { y: systems_at.bottom(), height: timeline, ..area };

    pen.rows(step_at, &step);
    pen.rows(change_at, &change);
    if let Some(digest) = digest.filter(|_| change_at.height > 0) {
        screen.hits.push((change_at, Hit::There(View::Changes, follow::Target::Change(digest))));
    }
    let (title, cluster) = levers::title(model, true);
    let inner = pen.rule(levers_at, &title, &cluster, Role::Border);
    levers::draw(screen, model, pen, inner, true);
    regions::draw_states(screen, model, pen, states_at);
    pen.rows(summary_at, &[overview::summary_row(model, &screen.pair).cut(width)]);
    if systems_at.height > 1 {
        regions::draw_systems(screen, model, pen, systems_at);
    }
    timeline::panel(screen, model, pen, timeline_at);
}

/// The next step over as many lines as it needs.
fn step(step: &next::Step, width: usize) -> Vec<Row> {
    let lines = text::wrap_at_most(&step.words, width.saturating_sub(3), STEP);
    let sign = |i| if i == 0 { "▸ " } else { "  " };
    lines.iter().enumerate().map(|(i, l)| Row::new().cell(step.role, format!(" {}{l}", sign(i)), width)).collect()
}

/// The change: its code, its state with its clock, what is left of its window, and, where there is room, what it is.
fn change(screen: &Screen, model: &Model, change: &Change, width: usize, tall: bool) -> Vec<Row> {
    let here = overview::is_here(screen, &follow::Target::Change(change.digest));
    let since = match change.state {
        State::Verified { moved: Some(at) } => at,
        _ => change.since,
    };
    let since = say::clock(model.now.since(since), true);
    let mut state = Row::of(Role::Title, format!(" {} {since}", reached(&change.state)));
    if let Some(window) = model.window(change) {
        let role = if model.closes_soon(change) { Role::Fail } else { Role::Text };
        state.push(role, format!("  {} left", say::clock(window.left, true)));
    }
    let state = state.add(Role::Muted, format!("  by {}", change.text.by));
    let mut rows = vec![Row::of(Role::Words, format!(" {}", change.digest.words())), state];
    if tall {
        let lines = text::wrap(&change.text.title, width.saturating_sub(2));
        rows.extend(lines.into_iter().map(|line| Row::of(Role::Text, format!(" {line}"))));
    }
    rows.into_iter().map(|row| row.cut(width).selected(here)).collect()
}
