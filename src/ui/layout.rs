//! The frame around every view: top line, sentence, view, tabs, banner and key hints.

use ratatui::layout::Rect;

use super::finding::filter;
use super::pen::{Pen, Row, bar, role_of};
use super::screen::{Dialog, Hit, SLIM, SMALLEST, Screen, Tape, View};
use super::theme::Role;
use super::{Action, Mode, controls, dialog, lists, next, overview, palette, text, timeline, words};
use crate::estate::{PairName, Side};
use crate::model::words as say;
use crate::model::{Incident, Mark, Model, Step};
use crate::record::SessionKind;
use crate::time::Span;
use crate::words::t_plus;

/// Other pairs that are told of.
const MOST_ELSEWHERE: usize = 2;
/// From this width on, both regions are side by side.
pub(crate) const WIDE: u16 = 110;

/// Draws everything but the dialog.
pub(crate) fn draw(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>) {
    let all = pen.area();
    pen.clear(all);
    screen.panes.begin();
    pen.row(Rect { height: 1, ..all }, &top(screen, model, usize::from(all.width)));
    let mut y = all.y + 1;
    for row in sentence(screen, model, all) {
        pen.row(Rect { y, height: 1, ..all }, &row);
        y += 1;
    }
    // A slim screen's keys take two lines where there are lines.
    let keys = if all.width < SLIM && all.height >= 30 { 2 } else { 1 };
    let mut bottom = all.bottom() - keys;
    let last = Rect { y: bottom, height: keys, ..all };
    if all.height >= 30 {
        bottom -= 1;
        tabs(screen, pen, Rect { y: bottom, height: 1, ..all });
    }
    let banner = banner(screen, model, usize::from(all.width));
    // A banner covers the last lines of the view, so that the rows above it do not move.
    let view = Rect { y, height: bottom.saturating_sub(y), ..all };
    match screen.view {
        View::Overview => overview::draw(screen, model, pen, view),
        View::Controls => controls::draw(screen, model, pen, view),
        View::Timeline => timeline::view(screen, model, pen, view),
        View::Checks | View::Dns | View::Drs | View::Readiness | View::Changes | View::People | View::Log => {
            lists::draw(screen, model, pen, view);
        }
    }
    // After the view, because the filter belongs to it.
    match screen.past_scale() {
        Some(scale) => pen.row(last, &scale.row(usize::from(all.width))),
        None => footer(screen, model, pen, last),
    }
    if screen.dialog.is_none() {
        let height = (banner.len() as u16).min(view.height);
        let area = Rect { y: bottom - height, height, ..all };
        pen.rows(area, &banner);
        // What is below it cannot be clicked.
        screen.hits.retain(|(hit, _)| hit.height > 1 || !hit.intersects(area));
    }
}

/// The one sentence, over as many lines as it may have.
pub(crate) fn sentence(screen: &Screen, model: &Model, all: Rect) -> Vec<Row> {
    let sentence = model.sentence(&screen.pair);
    let most = match all.width {
        180.. => 2,
        100.. => 3,
        // Five where a fourth line would be cut and there are lines to give.
        SLIM.. if all.height >= 24 && screen.dialog.is_none() => 5,
        SLIM.. => 4,
        // Above a dialog it gives way to what is being answered.
        _ if screen.dialog.is_some() => usize::from(all.height / 8),
        _ => usize::from(all.height / 3),
    };
    let role = if sentence.mark == Mark::Ok { Role::Text } else { role_of(sentence.mark) };
    let lines = text::wrap_at_most(&sentence.text, usize::from(all.width).saturating_sub(4), most);
    let sign = |i| if i == 0 { sentence.mark.sign() } else { " " };
    let own = lines
        .iter()
        .enumerate()
        .map(|(i, line)| Row::of(role_of(sentence.mark), format!(" {} ", sign(i))).add(role, line));
    own.chain(elsewhere(screen, model, all)).collect()
}

/// What other pairs have: nobody takes a quiet pair for a quiet night.
fn elsewhere(screen: &Screen, model: &Model, all: Rect) -> Vec<Row> {
    let others = model.estate.pairs.iter().filter(|p| p.name != screen.pair);
    let busy = others.filter_map(|p| {
        let facts = model.headline(&p.name)?;
        let words = crate::words::elsewhere(&facts, &format!("pair {}", p.name))?;
        let role = if facts.impaired.is_empty() { Role::Warn } else { Role::Fail };
        let key = format!("   {} shows it", screen.key(Action::NextPair));
        Some(Row::of(role, format!(" {words}")).add(Role::Muted, key).cut(usize::from(all.width)))
    });
    busy.take(MOST_ELSEWHERE).collect()
}

/// All that a window below the smallest size shows: what it needs, and the one key that does something there.
pub(crate) fn too_small(screen: &Screen, model: &Model, pen: &mut Pen<'_>) {
    let all = pen.area();
    pen.clear(all);
    let (quit, back) = (screen.key(Action::Quit), screen.key(Action::Back));
    let leaving = match &screen.dialog {
        // It was asked already, and a second key answers.
        Some(Dialog::Quit) => format!("{} {quit} again leaves, {back} stays.", dialog::leaving(screen, model)),
        _ => format!("Keys do nothing here; {quit} leaves."),
    };
    let words = format!(
        "signalbox needs {}×{} characters; this window has {}×{}. Make it larger, or the letters smaller. {leaving}",
        SMALLEST.0, SMALLEST.1, all.width, all.height
    );
    let rows: Vec<Row> =
        text::wrap(&words, usize::from(all.width)).into_iter().map(|l| Row::of(Role::Warn, l)).collect();
    pen.rows(all, &rows);
}

/// The badge that gives the frames their colour; none on a normal day, so that every other day looks unlike it.
pub(crate) fn frame(screen: &Screen, model: &Model) -> Option<Role> {
    let drills = model.sessions.get(&screen.pair).is_some_and(|s| s.kind != SessionKind::Incident);
    match screen.mode(model) {
        Mode::Past => Some(Role::Past),
        _ if drills => Some(Role::Drill),
        Mode::Production => None,
        mode => Some(mode.role()),
    }
}

/// What the screen is of, whether names are masked, and the drill or incident that runs: always in sight.
fn badges(screen: &Screen, model: &Model, wide: bool) -> Row {
    let mode = screen.mode(model);
    let word = match screen.back_by() {
        Some(back) if mode == Mode::Past => format!("{} {} ago", mode.word(), words::short(back)),
        _ if wide => mode.word().to_owned(),
        _ => mode.short().to_owned(),
    };
    let mut row = Row::of(mode.role(), format!(" {word} "));
    if wide && let Some(why) = &model.read_only {
        row.push(mode.role(), format!("{} ", text::cut(why, 24)));
    }
    if screen.tape == Tape::Runs {
        row = row.add(Role::Text, " ").add(Role::Fail, "● REC");
    }
    if screen.presents() {
        row = row.add(Role::Text, " ").add(Role::Presenter, " PRESENTER ");
    }
    row.add(Role::Text, " ")
}

/// The drill or incident that runs, in the colour of its kind; where there is little room by its name alone.
fn session(screen: &Screen, model: &Model, width: usize) -> Row {
    let Some(session) = model.sessions.get(&screen.pair) else { return Row::new() };
    let (word, role) = match session.kind {
        SessionKind::Incident => ("INCIDENT ", Role::Notice),
        SessionKind::Monthly | SessionKind::Quarterly | SessionKind::Yearly => ("DRILL ", Role::Drill),
    };
    let (word, most) = match u16::try_from(width).unwrap_or(u16::MAX) {
        WIDE.. => (word, 24),
        SLIM.. => (word, 12),
        _ => ("", 12),
    };
    Row::of(role, format!(" {word}{} ", text::cut(&session.name, most))).add(Role::Text, " ")
}

/// The top line: what this is of, the incident's clocks, who sits here. What matters least gives way first: the
/// program's name, who it is, the estate's name, the time of day. The pair and the clocks always stay.
fn top(screen: &Screen, model: &Model, width: usize) -> Row {
    let (wide, slim) = (width >= usize::from(WIDE), width < usize::from(SLIM));
    let (badges, session) = (badges(screen, model, wide), session(screen, model, width));
    let name = text::cut(&model.estate.name, if wide { 40 } else { 14 });
    let pair = Row::of(Role::Accent, text::cut(screen.pair.as_str(), 16));
    let of = Row::of(Role::Text, format!("{name} · ")).join(pair.clone());
    let branded = |row: Row| Row::of(Role::Title, " signalbox ").join(row);
    let bare = |row: Row| Row::of(Role::Title, " ").join(row);
    let badged = badges.clone().join(session.clone());
    let mut clock = Row::new();
    if let Some(incident) = model.shown_incident(&screen.pair) {
        clock = clocks(model, &screen.pair, incident, width);
    }
    let who = match (&screen.setup.person, &screen.setup.hands.operator, &screen.setup.hands.approver) {
        (None, _, _) => "looking on".to_owned(),
        (Some(p), None, None) => format!("{p} (looks on)"),
        (Some(p), _, _) => p.to_string(),
    };
    let mut right = Row::new();
    right.push(Role::Text, text::cut(&who, 24));
    right.push(Role::Muted, format!("  {}Z ", say::time_of_day(model.now.wall)));
    let time = Row::of(Role::Muted, format!("{}Z ", say::time_of_day(model.now.wall)));
    let whole = if badges.width() + session.width() <= 8 || wide { branded } else { bare };
    let shapes = [
        (whole(badged.clone().join(of.clone())), right),
        (whole(badged.clone().join(of.clone())), time.clone()),
        (bare(badged.clone().join(of)), time.clone()),
        (bare(badged.join(pair.clone())), if slim { Row::new() } else { time }),
    ];
    let fits = |(row, right): &(Row, Row)| row.width() + clock.width() + right.width() + 4 <= width;
    let Some((row, right)) = shapes.into_iter().find(fits) else {
        // Where even that does not fit, it is the name of the incident that is cut.
        let row = bare(badges.join(pair)).add(Role::Text, " ").join(session);
        let gap = width.saturating_sub(clock.width() + 1);
        return row.cut(gap.saturating_sub(1)).pad_to(gap).join(clock);
    };
    let (a, b, c) = (row.width(), clock.width(), right.width());
    let middle = ((width.saturating_sub(b)) / 2).clamp(a + 2, width.saturating_sub(b + c + 2).max(a + 2));
    row.pad_to(middle).join(clock).pad_to(width.saturating_sub(c)).join(right)
}

/// How long an incident lasts, and its RTO: what is left of it, by how much it is past, or that it was met.
fn clocks(model: &Model, pair: &PairName, incident: &Incident, width: usize) -> Row {
    let wide = width >= usize::from(WIDE);
    // A slim screen has no room for hours of the RTO that are none.
    let short = width < usize::from(SLIM);
    // If a clock was set, and nothing else can measure, the line says that nobody knows.
    let lasted = incident.lasted(model.now).map_or("T+?".to_owned(), t_plus);
    let over = incident.ended.is_some();
    let mut clock = Row::of(if over { Role::Muted } else { Role::Title }, lasted);
    let impaired = Side::BOTH.into_iter().any(|side| model.impaired_since(pair, side).is_some());
    // That people were told ends the clock, and not what is broken.
    match (over, impaired) {
        (true, true) if width < 96 => clock.push(Role::Warn, " ▲ still impaired"),
        (true, true) => clock.push(Role::Warn, " ▲ clock ended, still impaired"),
        (true, false) => clock.push(Role::Ok, " ● over"),
        (false, _) => {}
    }
    let Some(left) = incident.rto_left(model.now) else {
        return clock.add(Role::Unknown, "   ? RTO: a clock was set");
    };
    let back = incident.step(Step::Applications).ended.and_then(|_| incident.rto_used(model.now));
    let back = back.map(|used| say::clock(used.span, false));
    // Nobody saw a failure begin that was there at the first reading: what is left of the RTO may be less.
    let (found, whole, left) = (left.at_most, left.whole(), left.span);
    let bound = match (found, left.is_negative()) {
        (false, _) => "",
        (true, true) => "≥",
        (true, false) => "≤",
    };
    let shown = format!("{bound}{}", say::clock(if left.is_negative() { -whole } else { whole }, short));
    if width < 96 {
        return match (left.is_negative(), back) {
            _ if over => clock,
            (true, _) => clock.add(Role::Fail, format!("  RTO past by {shown}")),
            (false, Some(_)) if found => clock.add(Role::Unknown, "  ? RTO"),
            (false, Some(_)) => clock.add(Role::Ok, "  ✔ RTO met"),
            (false, None) => clock.add(rto_role(incident, left), format!("  RTO left {shown}")),
        };
    }
    let clock = clock.add(Role::Text, "   ");
    match (left.is_negative(), back) {
        (true, back) => {
            let words = if back.is_some() { "✖ RTO missed by" } else { "RTO PAST BY" };
            clock.add(Role::Fail, format!("{words} {shown}"))
        }
        (false, Some(back)) if found => {
            clock.add(Role::Unknown, format!("? RTO: at least {back} of {}", say::span(incident.rto)))
        }
        (false, Some(back)) => clock
            .add(Role::Ok, format!("✔ RTO met: {back}"))
            .add(Role::Muted, format!(" of {}", say::span(incident.rto))),
        (false, None) => {
            // The time that is left, as the words say: it shrinks.
            let share = left.as_secs_f64() / incident.rto.as_secs_f64().max(1.0);
            let role = rto_role(incident, left);
            clock.add(role, format!("RTO left {shown} ")).add(role, bar(share, if wide { 10 } else { 6 }))
        }
    }
}

fn rto_role(incident: &Incident, left: Span) -> Role {
    let share = left.as_secs_f64() / incident.rto.as_secs_f64().max(1.0);
    if share < 0.25 { Role::Warn } else { Role::Text }
}

fn tabs(screen: &mut Screen, pen: &mut Pen<'_>, line: Rect) {
    let name = |i: usize, view: View, whole: bool| match whole {
        true => format!(" {} {} ", (i + 1) % 10, view.title()),
        false => format!(" {} ", (i + 1) % 10),
    };
    let all = || View::ALL.into_iter().enumerate();
    let width: usize = all().map(|(i, view)| text::width(&name(i, view, true)) + 1).sum();
    // Where not all names fit, each view keeps its number, and the one that is shown its name.
    let fits = width < usize::from(line.width);
    let mut row = Row::of(Role::Text, " ");
    for (i, view) in all() {
        let before = row.width() as u16;
        let name = name(i, view, fits || view == screen.view);
        row.push(if view == screen.view { Role::Key } else { Role::Muted }, name);
        let width = row.width() as u16 - before;
        screen.hits.push((Rect { x: line.x + before, width, ..line }.intersection(line), Hit::View(view)));
        row.push(Role::Text, " ");
    }
    pen.row(line, &row);
}

/// What must be seen whatever the view: a refusal, a complaint, a change that waits for this person.
fn banner(screen: &Screen, model: &Model, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let slim = width < usize::from(SLIM);
    let most = match width {
        _ if slim => 6,
        ..100 => 4,
        _ => 3,
    };
    let mut say = |role: Role, words: String| {
        for line in text::wrap_at_most(&words, width.saturating_sub(4), most) {
            rows.push(Row::new().cell(role, format!("  {line}"), width));
        }
    };
    if let Some(words) = screen.said.as_ref().filter(|_| screen.tells(model)) {
        say(Role::Good, format!("✔ {words}"));
    }
    for notice in &screen.notices {
        say(Role::Notice, format!("▲ {notice}"));
    }
    if !screen.notices.is_empty() {
        say(Role::Notice, format!("{} takes this away", screen.key(Action::Back)));
    }
    let complaint = screen.complaint.as_deref().filter(|_| screen.tells(model));
    if let Some(why) = complaint.or_else(|| screen.refusal(model)) {
        say(Role::Loud, format!("✖ not done: {why}"));
    }
    if let Some(words) = screen.signing(model) {
        say(Role::Notice, words);
    }
    if let Tape::Broken(why) = &screen.tape {
        say(Role::Notice, format!("▲ the recording has ended: {why}"));
    }
    if let Some(fault) = screen.theme_fault() {
        say(Role::Notice, format!("▲ {fault}"));
    }
    if screen.visit.is_none()
        && let Some(news) = screen.away.untouched(model)
    {
        say(Role::Notice, format!("▲ {news}. {} tells", screen.key(Action::Away)));
    }
    // A slim overview has a line of its own for that.
    if !(slim && screen.view == View::Overview)
        && let Some((role, words)) = next::urgent(screen, model)
    {
        say(role, words);
    }
    rows
}

/// Key hints on the left, how fresh everything is on the right of the last line.
fn footer(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let width = usize::from(area.width);
    let right = freshness(model, width);
    let line = Rect { y: area.bottom() - 1, height: 1, ..area };
    let room = width.saturating_sub(right.width() + 2);
    if let Some(row) = filter::footer(screen, room) {
        pen.row(line, &row.cut(room).pad_to(width.saturating_sub(right.width())).join(right));
        if let Some(x) = filter::caret(screen, room) {
            pen.wash(Rect { x: line.x + x, width: 1, ..line }, Role::Key);
        }
        return;
    }
    let mut hints = hint_list(screen, model, width);
    // The last hints, keys and quit, are the ones that are always wanted.
    let mut wanted = hints.split_off(hints.len().saturating_sub(2));
    let length = |hints: &[Hint]| -> usize { 1 + hints.iter().map(hint_width).sum::<usize>() };
    let mut hints = hints.into_iter().peekable();
    for y in area.top()..line.y {
        let mut row = Vec::new();
        while let Some(hint) = hints.next_if(|h| length(&row) + hint_width(h) <= width) {
            row.push(hint);
        }
        hints_row(screen, pen, Rect { y, height: 1, ..area }, &row, Row::new());
    }
    let mut row = Vec::new();
    while let Some(hint) = hints.next_if(|h| length(&row) + length(&wanted) + hint_width(h) <= room + 1) {
        row.push(hint);
    }
    row.append(&mut wanted);
    hints_row(screen, pen, line, &row, right);
}

/// One line of key hints, which can be clicked, and what stands on its right.
fn hints_row(screen: &mut Screen, pen: &mut Pen<'_>, line: Rect, hints: &[Hint], right: Row) {
    let width = usize::from(line.width);
    let mut row = Row::of(Role::Text, " ");
    for (action, key, words) in hints {
        let before = row.width() as u16;
        row = row.add(Role::Key, format!(" {key} "));
        row = if words.is_empty() { row.add(Role::Text, " ") } else { row.add(Role::Muted, format!(" {words}  ")) };
        let hit = Rect { x: line.x + before, width: (row.width() as u16).saturating_sub(before + 1), ..line };
        screen.hits.push((hit.intersection(line), Hit::Act(*action)));
    }
    let room = width.saturating_sub(right.width() + 2);
    pen.row(line, &row.cut(room).pad_to(width.saturating_sub(right.width())).join(right));
}

/// A key hint: what it does, its key, its words.
type Hint = (Action, String, &'static str);

/// The keys that matter on a slim screen, in few words, most wanted first.
fn slim_hints(screen: &Screen, model: &Model) -> Vec<Hint> {
    if screen.dialog.is_some() {
        return Vec::new();
    }
    let can = |action: Action| palette::availability(screen, model, action).is_ok();
    let offered = [
        (Action::Told, told_is_due(screen, model), "tell"),
        (Action::Approve, true, "approve"),
        (Action::ActAsSecond, true, "be the second"),
        (Action::Change, true, "change"),
        (Action::FailOver, screen.marks.is_empty(), "fail over"),
        (Action::FailOver, !screen.marks.is_empty(), "change marked"),
        (Action::FailBack, true, "fail back"),
        (Action::Begin, true, if model.sessions.contains_key(&screen.pair) { "end it" } else { "incident" }),
        (Action::Checks, true, "checks"),
        (Action::RightRegion, true, "region"),
        (Action::Look, true, "look"),
        (Action::Timeline, true, "timeline"),
    ];
    let offered = offered.into_iter().filter(|(action, wanted, _)| *wanted && can(*action));
    let ends = [(Action::Help, true, ""), (Action::Quit, true, "")];
    offered.chain(ends).map(|(action, _, words)| (action, screen.key(action), words)).collect()
}

/// What the keys do here, most wanted first.
fn hint_list(screen: &Screen, model: &Model, width: usize) -> Vec<Hint> {
    if width < usize::from(SLIM) {
        return slim_hints(screen, model);
    }
    let acts = screen.setup.hands.operator.is_some();
    let mut hints = Vec::new();
    let mut hint = |action: Action, words: &'static str| hints.push((action, screen.key(action), words));
    match (&screen.dialog, screen.view) {
        // A dialog says by itself what its keys do.
        (Some(_), _) => {}
        (None, view) => {
            let levers = matches!(view, View::Overview | View::Controls);
            // What cannot be done now is not offered: nothing is proposed while a change waits or runs.
            let busy = screen.current(model).is_some_and(|c| c.state.is_open() || c.state.is_running());
            let can = |action: Action| palette::availability(screen, model, action).is_ok();
            let acts_here = acts && levers && model.read_only.is_none();
            // What waits for this person comes first, so that it is there at 80 columns too.
            if acts && told_is_due(screen, model) {
                hint(Action::Told, "tell people");
            }
            if screen.current(model).is_some() {
                hint(Action::Change, "change");
            }
            if acts_here {
                if !busy && can(Action::FailOver) {
                    hint(Action::FailOver, if screen.marks.is_empty() { "fail over" } else { "change marked" });
                }
                if can(Action::Mark) {
                    hint(Action::Mark, "mark");
                }
                if !busy && can(Action::FailBack) && width >= usize::from(WIDE) {
                    hint(Action::FailBack, "fail back");
                }
            }
            if view == View::Overview {
                if width < usize::from(WIDE) {
                    hint(Action::RightRegion, "region");
                }
                hint(Action::Look, "look");
                hint(Action::Fold, if screen.unfolded { "fold" } else { "all systems" });
            }
            if view == View::Drs && acts && model.read_only.is_none() {
                hint(Action::Mark, "mark");
                hint(Action::LaunchDrill, "launch a drill");
                hint(Action::Recover, "recover");
            }
            if view == View::Timeline {
                hint(Action::TimelineSource, "source");
                hint(Action::TimelineSeverity, "severity");
                hint(Action::Past, "back in time");
            }
            if view != View::Controls {
                hint(Action::Filter, "filter");
            }
            hint(Action::Commands, "commands");
            if model.estate.pairs.len() > 1 {
                hint(Action::NextPair, "pair");
            }
            if acts {
                hint(Action::Note, "note");
            }
            hint(Action::NextView, "view");
            if !screen.pointer.on {
                hint(Action::Mouse, "mouse is off");
            }
            hint(Action::Help, "keys");
            hint(Action::Quit, "quit");
        }
    }
    hints
}

fn hint_width((_, key, words): &Hint) -> usize {
    text::width(key) + if words.is_empty() { 3 } else { text::width(words) + 5 }
}

/// Whether the pair's incident waits for people to be told.
pub(crate) fn told_is_due(screen: &Screen, model: &Model) -> bool {
    use crate::model::Step;
    model
        .incidents
        .get(&screen.pair)
        .is_some_and(|i| i.step(Step::Told).began.is_some() && i.step(Step::Told).ended.is_none())
}

fn freshness(model: &Model, width: usize) -> Row {
    let failing = model.sources_lost();
    let slim = width < usize::from(SLIM);
    let mut row = Row::new();
    if failing > 0 {
        let words = if width >= 110 {
            format!(
                "? {failing} source{} fail{}  ",
                if failing == 1 { "" } else { "s" },
                if failing == 1 { "s" } else { "" }
            )
        } else {
            format!("? {failing} fail ")
        };
        row.push(Role::Unknown, words);
    }
    match model.newest() {
        None if slim => row.add(Role::Unknown, "? nothing yet "),
        None => row.add(Role::Unknown, "? nothing heard yet "),
        Some(age) if age.as_secs() >= 30 => {
            let words = if slim { "silent for" } else { "nothing heard for" };
            row.add(Role::Unknown, format!("? {words} {} ", words::short(age)))
        }
        // Something answers every few seconds: only silence is news, and a calm screen stays still.
        Some(age) if age.as_secs() >= 10 => {
            let words = if slim { "newest" } else { "newest answer" };
            row.add(Role::Warn, "▲ ").add(Role::Muted, format!("{words} {} old ", words::short(age)))
        }
        Some(_) if slim => row.add(Role::Ok, "● "),
        Some(_) => row.add(Role::Ok, "● ").add(Role::Muted, "streaming "),
    }
}
