//! The timeline: the seven steps with their clocks, and what happened, newest first.

use std::borrow::Cow;

use ratatui::layout::Rect;

use super::dialog::paragraph;
use super::finding::filter;
use super::follow::{self, Target};
use super::gather::gathered;
use super::layout::WIDE;
use super::pen::{Part, Pen, Row};
use super::screen::{Hit, SLIM, Screen, Scrolls, View};
use super::text;
use super::theme::Role;
use crate::model::words as say;
use crate::model::{Entry, Incident, Model, Severity, Stands, Step};
use crate::record::Lasted;
use crate::time::Stamp;
use crate::words::{Length, lasted_in_short, no_clock, step_stands};

/// From so many lines on, an entry of a slim screen may have two.
const ROOMY: u16 = 6;

/// The steps in one line: `1 detected ✔ 00:31 ─ 2 preflight … 00:12 ─ 3 approval`; short where it must be.
pub(crate) fn steps(model: &Model, incident: &Incident, width: usize) -> Row {
    let build = |words: bool, clocks: bool| {
        let mut row = Row::new();
        for step in Step::ALL {
            if step != Step::Detected {
                row.push(Role::Border, if words { " ─ " } else { " " });
            }
            let name = if words { format!("{} {}", step.number(), step.word()) } else { step.number().to_string() };
            let took = incident.took(step, model.now).map(|t| lasted_in_short(t, true)).unwrap_or_default();
            row = match incident.stands(step) {
                Stands::Done(_) => row
                    .add(Role::Ok, format!("{name} ✔"))
                    .add(Role::Muted, if clocks { format!(" {took}") } else { String::new() }),
                Stands::NotDone => row.add(Role::Muted, format!("{name} – {took}")),
                Stands::Waits if words => row.add(Role::Words, format!("{name} waits {took}")),
                Stands::Waits | Stands::Runs => row.add(Role::Words, format!("{name} … {took}")),
                Stands::NotYet => row.add(Role::Muted, name),
            };
        }
        row
    };
    let full = build(true, true);
    if full.width() <= width {
        return full;
    }
    let words = build(true, false);
    if words.width() <= width { words } else { build(false, false) }
}

/// Why no clock runs: in as many words as there is room for.
fn no_incident(screen: &Screen, model: &Model, room: usize) -> String {
    let why = model.no_clock(&screen.pair);
    let all = [Length::Whole, Length::Line, Length::Short].map(|length| no_clock(&why, length));
    all.iter().find(|words| text::width(words) <= room).or(all.last()).cloned().unwrap_or_default()
}

/// How the line of an entry is laid out, by the columns that there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Time, sign, source, text.
    Wide,
    /// The same with a narrower source.
    Narrow,
    /// No column for the source: only who did something is named, and the text has the line.
    Slim,
}

impl Form {
    pub(crate) fn of(width: u16) -> Self {
        match width {
            WIDE.. => Form::Wide,
            SLIM.. => Form::Narrow,
            _ => Form::Slim,
        }
    }

    /// In a dialog, which is narrower than its screen.
    pub(crate) fn within(columns: usize) -> Self {
        if super::dialog::slim(columns) { Form::Slim } else { Form::Wide }
    }

    /// Lines of an entry that are shown of it where its end may be left out.
    pub(crate) fn brief(self) -> usize {
        if self == Form::Slim { 3 } else { 1 }
    }

    /// Columns in front of the text.
    fn indent(self) -> usize {
        match self {
            Form::Wide => 27,
            Form::Narrow => 25,
            Form::Slim => 12,
        }
    }
}

/// The timeline of the overview.
pub(crate) fn panel(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let (wide, form) = (area.width >= WIDE, Form::of(area.width));
    // Scrolled back, it says how much is newer, and never past the oldest entry.
    let room = usize::from(area.height.saturating_sub(if wide { 2 } else { 1 }));
    let entries = gathered(model.timeline.numbered(&screen.pair));
    screen.panes.events = screen.panes.events.min(entries.len().saturating_sub(room));
    let newer = match screen.panes.events {
        0 => Row::new(),
        n => Row::of(Role::Warn, format!("▲ {n} newer")),
    };
    let mut title = Row::of(Role::Title, "timeline");
    let room = usize::from(area.width).saturating_sub(16 + newer.width());
    match model.shown_incident(&screen.pair) {
        Some(incident) => title = title.add(Role::Border, " ─ ").join(steps(model, incident, room)),
        None => title.push(Role::Muted, format!(" ─ {}", no_incident(screen, model, room))),
    }
    let inner =
        if wide { pen.panel(area, &title, &newer, Role::Border) } else { pen.rule(area, &title, &newer, Role::Border) };
    screen.hits.push((area, Hit::Scroll(Scrolls::Events)));
    screen.hits.push((Rect { height: 1, ..area }, Hit::Split));
    let width = usize::from(inner.width);
    let mut jobs = screen.the_pair(model).map(|p| super::drs::running(model, p, width)).unwrap_or_default();
    // However many jobs run, what has just happened stays in sight.
    jobs.truncate(usize::from(inner.height / 3).max(1));
    pen.rows(inner, &jobs);
    let running = (jobs.len() as u16).min(inner.height);
    let inner = Rect { y: inner.y + running, height: inner.height - running, ..inner };
    let shown: Vec<_> = entries.iter().skip(screen.panes.events).take(usize::from(inner.height)).collect();
    if shown.is_empty() {
        pen.rows(inner, &paragraph(Role::Muted, NOTHING, usize::from(inner.width), 2));
    }
    let mut found = false;
    // Where a line holds little text, it goes on below, as far as there are lines.
    let most = if inner.height >= ROOMY { form.brief() } else { 1 };
    let mut lines = inner.top()..inner.bottom();
    let mut day = say::day(model.now.wall);
    for (number, e) in shown {
        let Some(mut y) = lines.next() else { break };
        let of = say::day(e.at.wall);
        if of != day {
            pen.row(Rect { y, height: 1, ..inner }, &day_row(&of, usize::from(inner.width)));
            let Some(next) = lines.next() else { break };
            (y, day) = (next, of);
        }
        let top = y;
        let target = target(*number, e);
        // Several entries may lead to one change: the cursor is on the newest.
        let here = !found && super::overview::is_here(screen, &target);
        found |= here;
        // What has no line below ends with `…`.
        let most = most.min(lines.len() + 1);
        let mut rows = entry(model, e, usize::from(inner.width), form, most).into_iter();
        if let Some(row) = rows.next() {
            pen.row(Rect { y, height: 1, ..inner }, &row.selected(here));
        }
        for (row, below) in rows.zip(lines.by_ref()) {
            y = below;
            pen.row(Rect { y, height: 1, ..inner }, &row.selected(here));
        }
        let height = y - top + 1;
        screen.hits.push((Rect { y: top, height, ..inner }, Hit::There(View::Timeline, target)));
    }
}

/// What an entry leads to, or that it is one.
fn target(number: u64, entry: &Entry) -> Target {
    entry.change.map_or(Target::Entry(number), Target::Change)
}

/// `── 2026-11-24 ───`: entries beneath it are of that day.
fn day_row(day: &str, width: usize) -> Row {
    let line = "─".repeat(width.saturating_sub(day.len() + 5));
    Row::of(Role::Border, " ── ").add(Role::Muted, day).add(Role::Border, format!(" {line}")).cut(width)
}

/// `18:41:12  alice     proposes: …`, over at most so many lines; the last of them says with `…` that there is more.
pub(crate) fn entry(model: &Model, entry: &Entry, width: usize, form: Form, most: usize) -> Vec<Row> {
    let (sign, role) = look(entry.severity);
    let by_somebody = matches!(entry.severity, Severity::Deed | Severity::Moment);
    let who = if by_somebody { Role::Deed } else { Role::Muted };
    let time = say::time_of_day(entry.at.wall);
    let (row, words) = match form {
        Form::Slim => {
            let row = Row::of(Role::Muted, format!(" {time} ")).add(role, format!("{sign} "));
            (row, if by_somebody { format!("{} {}", entry.source, entry.text) } else { entry.text.clone() })
        }
        Form::Wide | Form::Narrow => {
            let source = if form == Form::Wide { 11 } else { 9 };
            let row = Row::of(Role::Muted, format!(" {time}  ")).add(role, format!("{sign} "));
            (row.cell(who, &entry.source, source).add(Role::Text, " "), entry.text.clone())
        }
    };
    let role = if matches!(entry.severity, Severity::Info) { Role::Text } else { role };
    let room = width.saturating_sub(form.indent()).max(10);
    // What fits, or is cut at the line's end, stays as it is: only what goes on below is broken at its blanks.
    let fits = row.width() + text::width(&words) <= width;
    let lines = match most {
        _ if fits || most == 1 => vec![words],
        _ => text::wrap_at_most(&words, room, most),
    };
    let mut lines = lines.into_iter();
    let first = row.add(role, lines.next().unwrap_or_default()).changed(Screen::is_new(model, entry.at));
    let more = lines.map(|line| Row::new().pad_to(form.indent()).add(Role::Text, line).part(Part::More));
    [first.cut(width)].into_iter().chain(more).collect()
}

pub(crate) fn look(severity: Severity) -> (&'static str, Role) {
    match severity {
        Severity::Info => ("·", Role::Muted),
        Severity::Good => ("●", Role::Ok),
        Severity::Deed => ("▸", Role::Deed),
        Severity::Warn => ("▲", Role::Warn),
        Severity::Bad => ("✖", Role::Fail),
        Severity::Moment => ("◆", Role::Words),
    }
}

/// The whole timeline with the steps as bars.
pub(crate) fn view(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut rows = Vec::new();
    let mut title = Row::of(Role::Title, "timeline, newest first");
    match model.shown_incident(&screen.pair) {
        // On a small screen the steps are one line, and the lines go to what happened.
        Some(incident) if area.height < 16 => {
            let room = usize::from(area.width).saturating_sub(40);
            title = Row::of(Role::Title, "timeline ").join(steps(model, incident, room));
        }
        Some(incident) => {
            rows.extend(bars(model, incident, usize::from(area.width) - 2));
            rows.extend(moments(screen, model, incident, usize::from(area.width) - 2));
            rows.extend(super::targets::rows(screen, model, incident, usize::from(area.width) - 2));
        }
        None => {}
    }
    let mut above = if rows.is_empty() { "DRS jobs" } else { "the seven steps" };
    if let Some(pair) = screen.the_pair(model) {
        let jobs = super::drs::running(model, pair, usize::from(area.width) - 2);
        if !rows.is_empty() && !jobs.is_empty() {
            above = "the seven steps, and DRS jobs";
        }
        rows.extend(jobs);
    }
    let head = (rows.len() as u16).saturating_add(2).min(text::share(area.height, 60));
    let (steps_area, area) = if rows.is_empty() {
        (Rect { height: 0, ..area }, area)
    } else {
        (Rect { height: head, ..area }, Rect { y: area.y + head, height: area.height - head, ..area })
    };
    if !rows.is_empty() {
        let inner = pen.panel(steps_area, &Row::of(Role::Title, above), &Row::new(), Role::Border);
        pen.rows(inner, &rows);
    }
    let form = Form::of(area.width);
    let width = usize::from(area.width).saturating_sub(2);
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    let shown = model.timeline.numbered(&screen.pair).filter(|(_, e)| screen.timeline.shows(e));
    // Somebody who filters for one answer, or for DNS alone, wants each of them.
    let each = screen.find.is_filtered(View::Timeline) || screen.timeline.is_only("dns");
    let shown = if each { shown.map(|(n, e)| (n, Cow::Borrowed(e))).collect() } else { gathered(shown) };
    let mut day = say::day(model.now.wall);
    for (number, e) in &shown {
        let number = *number;
        let of = say::day(e.at.wall);
        if of != day {
            rows.push(day_row(&of, width).part(Part::Heading));
            lines.push((number, 0));
            day = of;
        }
        let first_line = lines.iter().rev().take_while(|(n, _)| *n == number).count();
        // Here nothing is cut: a long line goes on below.
        let entry = entry(model, e, width, form, usize::MAX).into_iter().enumerate();
        rows.extend(entry.map(|(i, row)| if i == 0 { row.to(target(number, e)) } else { row }));
        lines.extend((first_line..).take(rows.len() - lines.len()).map(|line| (number, line)));
    }
    let left_out = screen.timeline.left_out(model, &screen.pair);
    if rows.is_empty() {
        let none = match screen.timeline.words() {
            None => NOTHING.to_owned(),
            Some(words) => format!("nothing: it shows {words}, and leaves {left_out} out"),
        };
        rows.extend(paragraph(Role::Muted, &none, width, 2));
    }
    let room = usize::from(area.height.saturating_sub(2));
    screen.page = room.max(1);
    filter::narrow(screen, View::Timeline, &mut rows);
    // A filter picks lines by itself: then there is nothing to stay at.
    let whole = rows.len() == lines.len();
    if whole {
        let at = &mut screen.scroll[View::Timeline as usize];
        *at = screen.timeline.begin(&lines, *at);
    }
    let first = follow::settle(screen, View::Timeline, &mut rows, room);
    let stays = follow::kept(screen, View::Timeline).is_some();
    let newer = if whole { screen.timeline.began(&lines, first, stays) } else { 0 };
    if let Some(words) = screen.timeline.words() {
        title = title.add(Role::Border, " ─ ").add(Role::Notice, format!(" {words}, {left_out} left out "));
    }
    let mut count = Row::new();
    if newer > 0 {
        let key = screen.key(super::Action::Follow);
        count = count.add(Role::Notice, format!(" {newer} newer ↑ ")).add(Role::Key, format!(" {key} "));
        count = count.add(Role::Muted, " follow  ");
    }
    let count = count.join(filter::position(screen, View::Timeline, first, room, rows.len()));
    let inner = pen.panel(area, &title, &count, Role::Border);
    follow::expose(screen, View::Timeline, &rows, first, inner);
    // An entry that goes on out of sight says so.
    let last = (first + room).checked_sub(1).filter(|last| rows.get(last + 1).is_some_and(Row::is_more));
    if let Some(row) = last.and_then(|last| rows.get_mut(last)) {
        *row = std::mem::take(row).cut(width.saturating_sub(2)).add(Role::Muted, " …");
    }
    pen.rows(inner, rows.iter().skip(first));
}

/// Where nothing is shown.
const NOTHING: &str = "nothing has happened to this pair since this console opened";

/// How a step went, behind its bar; none where it has not begun.
fn went(model: &Model, incident: &Incident, step: Step) -> Option<(Role, String)> {
    Some(match incident.stands(step) {
        Stands::NotYet => return None,
        Stands::Done(end) => (Role::Ok, format!("  ✔ at {}", say::moment(end.wall, model.now.wall))),
        Stands::NotDone => (Role::Muted, format!("  – {}", step_stands(step.number(), Stands::NotDone))),
        stands => (Role::Words, format!("  … {}", step_stands(step.number(), stands))),
    })
}

/// Columns of a step's bar. What is behind it is longer where a step ended on another day.
fn track(model: &Model, incident: &Incident, width: usize) -> usize {
    let behind = Step::ALL.into_iter().filter_map(|step| went(model, incident, step)).map(|(_, w)| text::width(&w));
    width.saturating_sub(17 + 10 + behind.max().unwrap_or(0).max(22)).clamp(8, 160)
}

/// The column of a time on the scale of the bars.
fn column(model: &Model, incident: &Incident, track: usize, at: Stamp) -> usize {
    let whole = incident.lasted(model.now).map_or(1.0, |lasted| lasted.span.as_secs_f64().max(1.0));
    let share = at.since(incident.started.at()).as_secs_f64() / whole;
    ((share.clamp(0.0, 1.0)) * track as f64).round() as usize
}

/// The moments that somebody marked, on the scale of the bars; none where there are none.
fn moments(screen: &Screen, model: &Model, incident: &Incident, width: usize) -> Option<Row> {
    let track = track(model, incident, width);
    let (from, to) = (incident.started.at(), incident.ended.unwrap_or(model.now));
    let moment = |(n, e): (u64, &Entry)| (model.timeline.moment(n, e), e.text.clone());
    let all = model.timeline.numbered(&screen.pair).filter(|(_, e)| e.severity == Severity::Moment).map(moment);
    let during = all.filter(|(at, _)| (from.mono..=to.mono).contains(&at.mono));
    let mut line = vec![' '; track];
    let mut last = None;
    for (at, text) in during {
        if let Some(cell) = line.get_mut(column(model, incident, track, at).min(track - 1)) {
            *cell = '◆';
        }
        last = last.or(Some((at, text)));
    }
    let (at, text) = last?;
    let row = Row::new().cell(Role::Text, "   moments", 17).add(Role::Words, line.into_iter().collect::<String>());
    let since = lasted_in_short(Lasted { span: at.since(from), at_least: incident.started.is_found() }, true);
    Some(row.cell_right(Role::Muted, since, 10).add(Role::Words, format!("  ◆ {text}")).cut(width))
}

/// One bar a step, on one scale from the beginning to now.
fn bars(model: &Model, incident: &Incident, width: usize) -> Vec<Row> {
    let track = track(model, incident, width);
    let column = |at: Stamp| column(model, incident, track, at);
    Step::ALL
        .into_iter()
        .map(|step| {
            let clock = incident.step(step);
            let name = format!(" {} {}", step.number(), step.word());
            let row = Row::new().cell(Role::Text, name, 17);
            let Some(began) = clock.began else {
                return row.add(Role::Muted, "·".repeat(track)).cell_right(Role::Muted, "–", 10);
            };
            let (a, b) = (column(began), column(clock.ended.or(incident.ended).unwrap_or(model.now)));
            let b = b.max(a + 1).min(track.max(a + 1));
            let a = a.min(track.saturating_sub(1));
            let length = (b - a).clamp(1, track - a);
            let (role, state) = went(model, incident, step).unwrap_or((Role::Muted, String::new()));
            let took = incident.took(step, model.now).map(|t| lasted_in_short(t, true)).unwrap_or_default();
            row.add(Role::Muted, "·".repeat(a))
                .add(role, "█".repeat(length))
                .add(Role::Muted, "·".repeat(track - a - length))
                .cell_right(Role::Title, took, 10)
                .add(role, state)
                .cut(width)
        })
        .collect()
}
