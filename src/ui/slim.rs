//! The overview below 60 columns, for a phone or a split pane: one thing below the other, most urgent first.
//!
//! The sentence is at the top. Then come one's own next step, the change, the levers, both regions' states, what fails in
//! the other region, health checks and DNS, one region's systems with their lags, and the timeline. If there are few lines, what the cursor is on gets them.

use ratatui::layout::Rect;

use super::pen::{Pen, Row};
use super::screen::{Cursor, Hit, Screen, View};
use super::theme::Role;
use super::{follow, levers, next, overview, owners, panes, regions, text, timeline};
use crate::change::{Change, State};
use crate::estate::HealthCheckId;
use crate::model::words as say;
use crate::model::{Mark, Model, Standing, Subject};
use crate::words::reached;

/// Lines that the next step may take.
const STEP: usize = 4;
/// Lines that what fails elsewhere may take on a tall screen.
const FAILING: usize = 6;
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
    let failing = failing(screen, model, width, if tall { FAILING } else { 2 });
    let summary = summary(screen, model, width, tall);
    let heights = [
        take(step.len(), 3 + 2 + 2),
        take(change.len(), 3 + 2 + 2),
        take(levers, 2 + 2),
        take(2, 2),
        take(failing.len(), 2),
        // Where traffic goes comes before a further line of what happened.
        take(summary.len(), if tall { 2 + 2 } else { 1 }),
    ];
    let timeline = match &screen.cursor {
        Some(Cursor::There(_)) if !tall => left,
        _ if tall => left / 4,
        _ => 2,
    };
    let (usual, most) = (timeline.min(left), left.saturating_sub(3));
    let timeline = screen.panes.give(panes::Pane::Timeline, usual, usual.min(2), most.max(usual)).min(left);
    let mut y = area.y;
    let [step_at, change_at, levers_at, states_at, failing_at, summary_at] = heights.map(|height| {
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
    let (title, cluster) = levers::title(model, area.width);
    let inner = pen.rule(levers_at, &title, &cluster, Role::Border);
    levers::draw(screen, model, pen, inner, true);
    regions::draw_states(screen, model, pen, states_at);
    pen.rows(failing_at, &failing);
    pen.rows(summary_at, &summary);
    if systems_at.height > 1 {
        regions::draw_systems(screen, model, pen, systems_at);
    }
    timeline::panel(screen, model, pen, timeline_at);
}

/// The next step over as many lines as it needs.
fn step(step: &next::Step, width: usize) -> Vec<Row> {
    // A line that ends at the very edge looks as if it were cut.
    let lines = text::wrap_at_most(&step.words, width.saturating_sub(4), STEP);
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
    let mut state =
        Row::of(Role::Title, format!(" {} {since}", reached(&change.state, model.arrival(change).as_ref())));
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
    rows.into_iter().map(|row| row.cut(width.saturating_sub(1)).selected(here)).collect()
}

/// What fails and is not among the systems below: in the other region, and replication. At most so many lines; the last
/// of them counts those that have none.
fn failing(screen: &Screen, model: &Model, width: usize, most: usize) -> Vec<Row> {
    let Some(pair) = screen.the_pair(model) else { return Vec::new() };
    let here = pair.region(screen.side);
    let check_here = |id: &HealthCheckId| model.estate.health_checks.iter().any(|c| &c.id == id && &c.region == here);
    let shown_below = |subject: &Subject| match subject {
        Subject::System(_, side) => *side == screen.side,
        Subject::Probe(_, region) => region == here,
        Subject::Check(id) => check_here(id),
        Subject::Link(_) | Subject::Source(_) => false,
    };
    let failing = model.failing_of(&screen.pair).into_iter().filter(|(subject, _)| !shown_below(subject));
    let row = |(subject, standing): (&Subject, &Standing)| {
        let words = format!(" {}: {}", model.subject_name(subject), standing.first);
        Row::of(Role::Text, " ").mark(standing.mark).add(Role::Fail, words).cut(width.saturating_sub(1))
    };
    let mut rows: Vec<Row> = failing.map(row).collect();
    let more = rows.len().saturating_sub(most);
    if more > 0 {
        rows.truncate(most.saturating_sub(1));
        rows.push(Row::of(Role::Text, " ").mark(Mark::Fail).add(Role::Fail, format!(" {} more fail there", more + 1)));
    }
    rows
}

/// Health checks and where DNS leads: in a line each, in one where there are few lines and it fits.
fn summary(screen: &Screen, model: &Model, width: usize, tall: bool) -> Vec<Row> {
    let (checks, dns) = (overview::checks_summary(model, &screen.pair), overview::dns_summary(model, &screen.pair));
    let whole = checks.clone().add(Role::Text, "  ").join(dns.clone());
    match (tall, whole.width() < width) {
        (false, true) => vec![whole],
        // Where traffic goes before how the checks are: the regions' lines say whether they fail.
        (false, false) => vec![dns.cut(width.saturating_sub(1)), checks.cut(width.saturating_sub(1))],
        (true, _) => [checks, dns].map(|row| row.cut(width.saturating_sub(1))).into(),
    }
}
