//! The first screen: both regions side by side, the levers, health checks, DNS, the timeline.

use ratatui::layout::Rect;

use super::follow::Target;
use super::layout::WIDE;
use super::panes::Pane;
use super::pen::{Pen, Row, role_of};
use super::screen::{Cursor, Hit, SLIM, Screen, View};
use super::theme::Role;
use super::{levers, owners, regions, slim, text, timeline, words};
use crate::estate::PairName;
use crate::model::{Flow, Mark, Model, Subject};
use crate::words::{
    Length, check_apart, check_figure, check_lags, checks_lag, checks_out_of_reach, dns_leads_astray,
    services as services_words,
};

/// Draws the overview.
pub(crate) fn draw(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    match area.width {
        WIDE.. => wide(screen, model, pen, area),
        SLIM.. => narrow(screen, model, pen, area),
        _ => slim::draw(screen, model, pen, area),
    }
}

fn wide(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, all: Rect) {
    let owners = owners::row(screen, model, usize::from(all.width));
    let area = Rect { height: all.height.saturating_sub(u16::from(owners.is_some())), ..all };
    let checks = checks_rows(model, &screen.pair, 40).len() as u16;
    let wanted = (levers::height(screen, model) + 3).max((checks + 2).min(text::share(area.height, 30)));
    let levers_height = wanted.clamp(4, (area.height / 3).max(4));
    let spare = area.height.saturating_sub(levers_height);
    let timeline_height = if area.height < 30 { 4 } else { (area.height / 6).clamp(6, 14) };
    // Rows that would stay empty go to the timeline.
    let most = spare.saturating_sub(timeline_height);
    let systems_height = (regions::height(screen, model, most.saturating_sub(2)) + 2).clamp(5.min(most), most);
    let usual = spare.saturating_sub(systems_height);
    let timeline_height = screen.panes.give(Pane::Timeline, usual, usual.min(3), spare.saturating_sub(8));
    let systems_height = spare.saturating_sub(timeline_height);
    let systems = Rect { height: systems_height, ..area };
    let middle = Rect { y: systems.bottom(), height: levers_height, ..area };
    let bottom = Rect { y: all.bottom().saturating_sub(timeline_height), height: timeline_height, ..area };
    if let Some(owners) = &owners {
        pen.row(Rect { y: middle.bottom(), height: 1, ..area }, owners);
    }
    regions::draw(screen, model, pen, systems);

    let levers_width = text::share(area.width, 41).clamp(58, 100).min(text::share(area.width, 60));
    let rest = area.width - levers_width;
    let checks_width = text::share(rest, 44).clamp(28, 60).min(rest);
    let left = Rect { width: levers_width, ..middle };
    let checks = Rect { x: left.right(), width: checks_width, ..middle };
    let dns = Rect { x: checks.right(), width: rest - checks_width, ..middle };
    let (title, cluster) = levers::title(model, area.width);
    let inner = pen.panel(left, &title, &cluster, Role::Border);
    let inner = Rect { width: inner.width.saturating_sub(1), ..inner };
    levers::draw(screen, model, pen, inner, true);
    let rows = checks_rows(model, &screen.pair, usize::from(checks.width) - 3);
    let lag = model.estate.health_checks.iter().any(|c| model.check_lags(c));
    let note = match model.checks_out_of_reach() {
        Some(_) => Row::of(Role::Unknown, checks_out_of_reach(Length::Short)),
        None if lag => Row::of(Role::Warn, check_lags(Length::Line)),
        None => Row::new(),
    };
    list(screen, pen, checks, ("health checks", View::Checks, note), &rows);
    let rows = dns_rows(model, &screen.pair, usize::from(dns.width).saturating_sub(3));
    let note = if leads_astray(model, &screen.pair) { Row::of(Role::Warn, dns_leads_astray()) } else { Row::new() };
    list(screen, pen, dns, ("dns", View::Dns, note), &rows);
    timeline::panel(screen, model, pen, bottom);
}

/// A panel of rows, which another view shows whole; the frame says how many more there are.
fn list(
    screen: &mut Screen,
    pen: &mut Pen<'_>,
    area: Rect,
    (title, view, note): (&str, View, Row),
    rows: &[(Mark, Row)],
) {
    let room = usize::from(area.height.saturating_sub(2));
    let hidden = if rows.len() > room { rows.len() - room } else { 0 };
    let gap = if note.width() > 0 && hidden > 0 { "  " } else { "" };
    let right = if hidden > 0 { note.add(Role::Muted, format!("{gap}{hidden} more")) } else { note };
    let inner = pen.panel(area, &Row::of(Role::Title, title), &right, Role::Border);
    // Where not all fit, the bad ones are shown; among themselves they keep their order.
    let mut shown: Vec<usize> = (0..rows.len()).collect();
    shown.sort_by_key(|i| rows.get(*i).map(|(m, _)| std::cmp::Reverse(*m)));
    shown.truncate(room);
    shown.sort_unstable();
    for (y, (_, row)) in (inner.top()..inner.bottom()).zip(shown.iter().filter_map(|i| rows.get(*i))) {
        let line = Rect { y, height: 1, ..inner };
        let here = row.target().is_some_and(|target| is_here(screen, target));
        pen.row(line, &row.clone().selected(here));
        screen.hits.extend(row.target().map(|target| (line, Hit::There(view, target.clone()))));
    }
}

/// What the cursor can be on in the panels next to and below the levers, as they were last drawn.
pub(crate) fn cursors(screen: &Screen) -> Vec<Cursor> {
    let mut cursors = Vec::new();
    for (_, hit) in &screen.hits {
        if let Hit::There(_, target) = hit {
            let cursor = Cursor::There(target.clone());
            // Several entries of the timeline may lead to one change.
            if !cursors.contains(&cursor) {
                cursors.push(cursor);
            }
        }
    }
    cursors
}

/// Whether the cursor is on a row of a panel.
pub(crate) fn is_here(screen: &Screen, target: &Target) -> bool {
    matches!(&screen.cursor, Some(Cursor::There(there)) if there == target)
}

/// One row a health check of the pair: `✖ portal us-east-1  3/16  04:02`.
pub(crate) fn checks_rows(model: &Model, pair: &PairName, width: usize) -> Vec<(Mark, Row)> {
    let of_pair = |name| model.estate.services_of(pair).any(|s| &s.name == name);
    let checks = model.estate.health_checks.iter().filter(|c| of_pair(&c.service));
    let longest = checks.map(|c| text::width(&c.name)).max().unwrap_or(0);
    let mut rows = Vec::new();
    for check in model.estate.health_checks.iter().filter(|c| of_pair(&c.service)) {
        let Some(standing) = model.standing(&Subject::Check(check.id.clone())) else { continue };
        let status = model.checks.get(&check.id).map(|c| &c.value);
        let count = status.map(check_figure);
        let fresh = standing.mark != Mark::Unknown;
        // What still calls well what does not answer is no green.
        let lags = model.check_lags(check);
        let mark = model.check_mark(check).unwrap_or(standing.mark);
        // Of what was never heard there is no since.
        let since = match (status, status.and_then(check_apart)) {
            (None, _) => String::new(),
            _ if lags => check_lags(Length::Short).to_owned(),
            (_, Some(apart)) => apart.to_owned(),
            (_, None) => words::since(model, standing),
        };
        // The figures stay near the name: on a wide wall the eye loses the line. Where there is room for one of them, the
        // name goes before the time, because its end is what tells the regions apart.
        let timed = width >= 3 + longest.min(22) + 6 + 7;
        let name = width.saturating_sub(3 + 6 + if timed { 7 } else { 0 }).min(longest + 2);
        let row = Row::of(Role::Text, " ")
            .mark(mark)
            .changed(Screen::is_new(model, standing.since.at()))
            .add(Role::Text, " ")
            .cell(if mark == Mark::Fail { Role::Fail } else { Role::Text }, &check.name, name);
        let role = if fresh { role_of(mark) } else { Role::Muted };
        let row = row.cell_right(role, count.unwrap_or_else(|| "–".into()), 6);
        let row = if fresh { row } else { row.faded() };
        let row = if timed { row.cell_right(if lags { Role::Warn } else { Role::Muted }, since, 7) } else { row };
        rows.push((mark, row.to(Target::Check(check.id.clone()))));
    }
    rows
}

/// Whether all resolvers lead to a region of the pair that has failed, for some name.
fn leads_astray(model: &Model, pair: &PairName) -> bool {
    let names = model.estate.services_of(pair).flat_map(|s| &s.dns);
    names.map(|name| model.name_traffic(name)).any(|traffic| {
        traffic.most().is_some_and(|(region, n)| n == traffic.total() && model.leads_astray(pair, region))
    })
}

/// One row a DNS name of the pair: `portal.guidingcare.com → us-east-1 (4 of 4)`.
pub(super) fn dns_rows(model: &Model, pair: &PairName, width: usize) -> Vec<(Mark, Row)> {
    let names = model.estate.services_of(pair).flat_map(|s| &s.dns).map(|n| text::width(n)).max().unwrap_or(0);
    let mut rows = Vec::new();
    for service in model.estate.services_of(pair) {
        for name in &service.dns {
            let traffic = model.name_traffic(name);
            let total = traffic.total();
            let mark = model.name_mark(pair, name);
            let to = match traffic.most() {
                Some((region, n)) if n == total => {
                    // Where the name has no room, that all agree is said by the mark.
                    let narrow = width < 3 + 16 + 3 + 13;
                    if narrow { region.to_string() } else { format!("{region} {n}/{total}") }
                }
                Some((region, n)) if traffic.to.len() == 1 => format!("{region} {n}/{total}, {} ?", traffic.unknown()),
                Some((region, n)) => format!("{region} {n}/{total}, moving"),
                None => "not known".to_owned(),
            };
            let longest = width.saturating_sub(8).min(text::width(&to).max(9));
            let head = width.saturating_sub(longest + 6).min(names + 1);
            let row = Row::of(Role::Text, " ")
                .mark(mark)
                .add(Role::Text, " ")
                .cell(Role::Text, name, head)
                .add(Role::Muted, " → ")
                .add(if mark == Mark::Ok { Role::Accent } else { role_of(mark) }, to);
            rows.push((mark, row.cut(width).to(Target::Name(name.clone()))));
        }
    }
    rows
}

/// One region at a time; the levers and a few lines of the timeline always visible.
fn narrow(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, all: Rect) {
    let owners = owners::row(screen, model, usize::from(all.width)).filter(|_| all.height >= 16);
    let area = Rect { height: all.height.saturating_sub(u16::from(owners.is_some())), ..all };
    let levers_height = levers::height(screen, model) + 1;
    // In the smallest window all levers are worth more than a third system and a second entry.
    let (timeline_height, least) = match area.height {
        30.. => (area.height / 5, 4),
        21.. => (4, 4),
        14.. => (3, 4),
        _ => (2, 3),
    };
    // What fails outside the systems, and where traffic goes, has a line before a further system has one.
    let summary = u16::from(all.height >= 16);
    let levers_height = levers_height.min(area.height.saturating_sub(timeline_height + least));
    let most = area.height.saturating_sub(levers_height + summary + least);
    let timeline_height = screen.panes.give(Pane::Timeline, timeline_height, timeline_height.min(2), most);
    let systems_height = area.height.saturating_sub(levers_height + timeline_height + summary);
    let systems = Rect { height: systems_height, ..area };
    let middle = Rect { y: systems.bottom(), height: levers_height, ..area };
    let line = Rect { y: middle.bottom(), height: summary, ..area };
    let bottom = Rect { y: all.bottom().saturating_sub(timeline_height), height: timeline_height, ..area };
    if let Some(owners) = &owners {
        pen.row(Rect { y: line.bottom(), height: 1, ..area }, owners);
    }
    regions::draw_one(screen, model, pen, systems);
    let (title, cluster) = levers::title(model, area.width);
    // There is no line for the regions above their columns: the title names them, in the columns' order.
    let regions = screen.the_pair(model).map(|p| format!("  {} ↔ {}", p.active, p.standby)).unwrap_or_default();
    let inner = pen.rule(middle, &title.add(Role::Accent, regions), &cluster, Role::Border);
    levers::draw(screen, model, pen, inner, false);
    pen.row(line, &summary_row(model, &screen.pair));
    timeline::panel(screen, model, pen, bottom);
}

/// Health checks and DNS in one line.
fn summary_row(model: &Model, pair: &PairName) -> Row {
    checks_summary(model, pair).add(Role::Text, "  ").join(dns_summary(model, pair))
}

/// How many health checks of a pair are how.
pub(super) fn checks_summary(model: &Model, pair: &PairName) -> Row {
    let rows = checks_rows(model, pair, 40);
    let of_pair = |name| model.estate.services_of(pair).any(|s| &s.name == name);
    let lag = model.estate.health_checks.iter().filter(|c| of_pair(&c.service) && model.check_lags(c)).count();
    let mut row = Row::of(Role::Muted, " checks");
    if model.checks_out_of_reach().is_some() {
        return row.add(Role::Unknown, format!(" {}", checks_out_of_reach(Length::Short)));
    }
    for mark in [Mark::Fail, Mark::Warn, Mark::Unknown, Mark::Ok] {
        let n = rows.iter().filter(|(m, _)| *m == mark).count();
        // Checks that lag warn of nothing themselves: it is they that are not to be believed.
        let n = if mark == Mark::Warn { n.saturating_sub(lag) } else { n };
        if mark == Mark::Warn && lag > 0 {
            row = row.add(role_of(mark), format!(" {} {}", mark.sign(), checks_lag(lag)));
        }
        if n > 0 {
            row = row.add(role_of(mark), format!(" {} {n} {}", mark.sign(), mark.word()));
        }
    }
    row
}

/// Where DNS leads a pair's traffic, with the counts that the sentence has: while a move is on its way, of its answers.
pub(super) fn dns_summary(model: &Model, pair: &PairName) -> Row {
    let row = Row::of(Role::Muted, " dns");
    let Some(p) = model.estate.pair(pair) else { return row };
    if let Flow::Moving { to, answers, services, .. } = model.flow(p) {
        let of = if services.is_empty() { String::new() } else { format!(" of {}", services_words(&services)) };
        let row = row.add(Role::Muted, of).add(Role::Accent, format!(" → {} ", p.region(to)));
        return row.add(Role::Warn, answers.short());
    }
    let traffic = model.pair_traffic(pair);
    match traffic.most() {
        Some((region, _)) => row.add(Role::Accent, format!(" → {region} {}", traffic.answers(region).short())),
        None => row.add(Role::Unknown, " ? not known"),
    }
}
