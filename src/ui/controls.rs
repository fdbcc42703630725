//! The controls view: all levers of the pair, the safety rules and what they say, the endpoints one by one.

use ratatui::layout::Rect;

use super::dialog::{heading, lines_shown, paragraph};
use super::finding::filter::{self, Found, Words};
use super::pen::{Pen, Row, bad_first, role_of};
use super::screen::{Hit, Screen, Scrolls, View};
use super::theme::Role;
use super::{Action, levers, text, words};
use crate::estate::{Control, ControlArn, ControlState, Region, RuleKind, RuleTest, SafetyRule};
use crate::event::SourceId;
use crate::model::{Lever, Mark, Model, words as say};
use crate::time::Stamp;
use crate::words::link::ARC;
use crate::words::{DISPUTED, Endpoint, NO_CLUSTER};

/// Draws the view.
pub(crate) fn draw(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let wide = area.width >= super::layout::WIDE;
    let wanted = levers::height(screen, model) + 3;
    let levers_height = wanted.min(area.height / 2).max(4);
    let top = Rect { height: levers_height, ..area };
    let rest = Rect { y: top.bottom(), height: area.height - levers_height, ..area };
    let panel = screen.the_pair(model).map(|p| p.panel_name.clone()).unwrap_or_default();
    let (title, cluster) = levers::title(model, area.width);
    let title =
        if panel.is_empty() { title } else { title.add(Role::Muted, "  panel ").add(Role::Muted, panel).link(ARC) };
    let inner = pen.panel(top, &title, &cluster, Role::Border);
    levers::draw(screen, model, pen, inner, true);
    let (left, right) = if wide {
        let half = area.width / 2;
        (Rect { width: half, ..rest }, Rect { x: rest.x + half, width: rest.width - half, ..rest })
    } else {
        let high = (rest.height / 2).max(3).min(rest.height);
        (Rect { height: high, ..rest }, Rect { y: rest.y + high, height: rest.height - high, ..rest })
    };
    let mut sift = Sift { words: Words::of(screen, View::Controls), found: Found { shown: 0, of: 0, failed: 0 } };
    let shown = screen.lever_cursors(model).len();
    sift.found = Found { shown, of: usize::from(levers::height(screen, model)), failed: 0 };
    let rules = rules(screen, model, &mut sift, usize::from(left.width).saturating_sub(4));
    let endpoints = endpoints(screen, model, &mut sift, usize::from(right.width).saturating_sub(4));
    filter::say(screen, View::Controls, sift.words.is_some().then_some(sift.found));
    screen.panes.rules = scrolling(screen, pen, left, ("safety rules", Scrolls::Rules), &rules);
    screen.panes.endpoints = scrolling(screen, pen, right, ("cluster endpoints", Scrolls::Endpoints), &endpoints);
}

/// What the filter leaves: the levers, the rules, and each endpoint's state of each control.
struct Sift {
    words: Option<Words>,
    found: Found,
}

impl Sift {
    /// Whether a thing is shown, by all that its rows say.
    fn leaves(&mut self, text: &str) -> bool {
        let shown = self.words.as_ref().is_none_or(|words| words.are_in(text));
        self.found.of += 1;
        self.found.shown += usize::from(shown);
        shown
    }
}

/// Rows that may be more than there is room for; gives the first one shown.
fn scrolling(
    screen: &mut Screen,
    pen: &mut Pen<'_>,
    area: Rect,
    (title, what): (&str, Scrolls),
    rows: &[Row],
) -> usize {
    let room = usize::from(area.height.saturating_sub(2));
    let wanted = if what == Scrolls::Rules { screen.panes.rules } else { screen.panes.endpoints };
    let first = wanted.min(rows.len().saturating_sub(room));
    let below = rows.len().saturating_sub(first + room);
    let keys = format!("{} {}", screen.setup.keymap.key(Action::PageUp), screen.setup.keymap.key(Action::PageDown));
    let right = match (first, below) {
        (0, 0) => Row::new(),
        _ => Row::of(Role::Muted, format!("{}  {keys}", lines_shown(first, room, rows.len()))),
    };
    let inner = pen.panel(area, &Row::of(Role::Title, title), &right, Role::Border);
    screen.hits.push((area, Hit::Scroll(what)));
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    screen.page = room.max(1);
    pen.rows(inner, rows.iter().skip(first));
    first
}

/// Each rule: what it wants, and its verdict on the states as they are and on what is marked or drafted.
fn rules(screen: &Screen, model: &Model, sift: &mut Sift, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let panel = screen.the_pair(model).map(|p| &p.control_panel);
    let draft = screen.draft.as_ref().map(|d| model.predict(&d.draft)).unwrap_or_default();
    let mut of_panel: Vec<_> = model.estate.safety_rules.iter().filter(|r| Some(&r.control_panel) == panel).collect();
    let is_broken = |rule: &SafetyRule| model.rule_now(rule).is_some_and(|v| v.allows == Some(false));
    of_panel.sort_by_key(|rule| !is_broken(rule));
    let none = of_panel.is_empty();
    for rule in of_panel {
        let wants = what(model, rule);
        if !sift.leaves(&format!("{} {wants}", rule.name)) {
            continue;
        }
        let now = model.rule_now(rule);
        let (mark, word) = match now.as_ref().map(|v| v.allows) {
            Some(Some(true)) => (Mark::Ok, "holds now"),
            Some(Some(false)) => {
                (Mark::Fail, if matches!(rule.kind, RuleKind::Gating { .. }) { "locks now" } else { "broken now" })
            }
            _ => (Mark::Unknown, "not known"),
        };
        let row = Row::new()
            .mark(mark)
            .add(Role::Text, " ")
            .cell(Role::Title, &rule.name, (width / 2).clamp(14, 36))
            .add(Role::Text, " ")
            .cell(role_of(mark), word, 11);
        rows.push(row);
        rows.extend(paragraph(Role::Muted, &wants, width, 2));
        if let Some(v) = draft.iter().find(|v| v.rule == rule.arn) {
            let (role, word) = match (v.allows, v.overridden) {
                (Some(true), _) => (Role::Ok, "● would allow the draft"),
                (Some(false), true) => (Role::Loud, "✖ would refuse the draft, which overrides it"),
                (Some(false), false) => (Role::Fail, "✖ would refuse the draft"),
                (None, _) => (Role::Unknown, "? not known for the draft"),
            };
            rows.push(Row::of(Role::Text, "  ").add(role, word));
        }
    }
    if rows.is_empty() && !none {
        rows.push(filter::nothing(screen, View::Controls));
    }
    if none {
        rows.push(Row::of(Role::Muted, "the estate file knows of no safety rule for this panel"));
    }
    rows
}

/// What a rule wants, how many of its controls are On now, and its wait period.
pub(super) fn what(model: &Model, rule: &SafetyRule) -> String {
    let wait = words::short(rule.wait_period);
    let judged = match &rule.kind {
        RuleKind::Assertion { controls } => controls,
        RuleKind::Gating { gating, .. } => gating,
    };
    let on = judged.iter().filter(|a| model.levers.get(a, model.now) == Lever::Agreed(ControlState::On)).count();
    let now = format!("{on} of {} On now", judged.len());
    let test = match (rule.test, rule.inverted) {
        (RuleTest::AtLeast, false) => format!("at least {} On of", rule.threshold),
        (RuleTest::AtLeast, true) => format!("fewer than {} On of", rule.threshold),
        (RuleTest::And, false) => "all On of".to_owned(),
        (RuleTest::And, true) => "not all On of".to_owned(),
        (RuleTest::Or, false) => "any On of".to_owned(),
        (RuleTest::Or, true) => "none On of".to_owned(),
    };
    let names = |arns: &[crate::estate::ControlArn]| {
        let all: Vec<_> =
            arns.iter().map(|a| model.estate.control(a).map_or_else(|| a.to_string(), |c| c.name.clone())).collect();
        if all.len() > 4 {
            format!("{} controls ({}, …)", all.len(), all.first().cloned().unwrap_or_default())
        } else {
            all.join(", ")
        }
    };
    match &rule.kind {
        RuleKind::Assertion { controls } => format!("{test} {}: {now}. Wait period {wait}", names(controls)),
        RuleKind::Gating { gating, target } => {
            format!("unlocks {} controls while {test} {}: {now}. Wait period {wait}", target.len(), names(gating))
        }
    }
}

/// The endpoints one by one, whatever the filter says, then what each says of every control.
fn endpoints(screen: &Screen, model: &Model, sift: &mut Sift, width: usize) -> Vec<Row> {
    if model.estate.cluster.is_none() {
        return paragraph(Role::Muted, NO_CLUSTER, width, 1);
    }
    let mut rows = Vec::new();
    let mut all: Vec<_> = model.endpoints().map(|(region, e)| (model.endpoint_mark(region), region, e)).collect();
    all.sort_by_key(|(mark, ..)| bad_first(*mark));
    for (mark, region, endpoint) in all {
        let (word, detail) = match &endpoint {
            Endpoint::Unheard => ("not asked yet", String::new()),
            Endpoint::Answers { took, .. } => ("answers", format!("in {}", say::within(*took))),
            Endpoint::Throttled { why, age } => ("throttled", format!("for {}: {why}", words::short(*age))),
            Endpoint::Fails { why, age, .. } => ("fails", format!("for {}: {why}", words::short(*age))),
            Endpoint::Old { .. } => ("old", String::new()),
        };
        let state = model.sources.get(&SourceId::Arc(region.clone()));
        let last = match state.and_then(|s| s.last_ok) {
            _ if endpoint.answers() => String::new(),
            Some(at) => format!("last answer {} ago", words::short(model.now.since(at))),
            None => "never answered".to_owned(),
        };
        let row = Row::new().mark(mark).add(Role::Text, " ").cell(Role::Text, region.as_str(), 16).cell(
            role_of(mark),
            word,
            14,
        );
        let row = if last.is_empty() { row } else { row.cell(Role::Muted, last, 22) };
        let beside = detail.is_empty() || row.width() + text::width(&detail) <= width;
        let row = if beside { row.add(Role::Muted, &detail) } else { row };
        rows.push(row.cut(width));
        if !beside {
            rows.extend(paragraph(Role::Muted, &detail, width, 2));
        }
    }
    let disagree = model.disagreements();
    rows.push(Row::new());
    let sent = model.changes.running().filter(|c| c.text.flips().iter().any(|f| model.sent(&f.arn).is_some()));
    let unread = sent.is_some_and(|c| c.text.flips().iter().any(|f| model.lever(&f.arn) == Lever::Unknown));
    let aside = if unread {
        Row::of(Role::Unknown, "? read before the change was sent")
    } else if disagree.is_empty() {
        Row::of(Role::Ok, "● those that answer agree")
    } else {
        Row::of(Role::Warn, format!("▲ {} controls are {DISPUTED}", disagree.len()))
    };
    rows.push(heading("what each says", aside, width));
    let columns: Vec<_> = model.estate.cluster.endpoints.iter().map(|e| &e.region).collect();
    let Some(pair) = screen.the_pair(model) else { return rows };
    let services = model.estate.services_of(&pair.name).flat_map(|s| &s.controls);
    let mut controls: Vec<&Control> = services.chain(model.gates_of(pair)).collect();
    controls.sort_by_key(|control| !disagree.contains(&&control.arn));
    let longest = controls.iter().map(|c| text::width(&c.name)).max().unwrap_or(0).min(40);
    // Regions by their names where there is room for them and the controls' names, else as in the ids of their zones.
    let column = columns.iter().map(|r| text::width(r.as_str()) + 1).max().unwrap_or(10);
    let whole = longest + 1 + column * columns.len() <= width;
    let column = if whole { column } else { 8.min(width.saturating_sub(20) / columns.len().max(1)).max(5) };
    let name = width.saturating_sub(column * columns.len() + 1).clamp(8, 40);
    let mut head = Row::new().cell(Role::Muted, "", name);
    for region in &columns {
        let title = if whole { region.to_string() } else { zone_prefix(region) };
        head = head.add(Role::Text, " ").cell(Role::Muted, title, column - 1);
    }
    rows.push(head);
    for control in controls {
        let service = model.estate.service_of_control(&control.arn).map_or("", |s| s.name.as_str());
        if !sift.leaves(&format!("{} {service}", control.name)) {
            continue;
        }
        let odd = disagree.contains(&&control.arn);
        let mut row = Row::new().cell(if odd { Role::Warn } else { Role::Text }, &control.name, name);
        for region in &columns {
            let view = model.levers.endpoints.get(*region);
            let cell = match view.and_then(|v| v.control(&control.arn)) {
                Some(shown) if shown.is_fresh(model.now) && !is_behind(model, &control.arn, shown.heard) => {
                    let (sign, word, role) = levers::look(shown.value);
                    Row::of(if odd { Role::Warn } else { role }, format!("{sign} {word}"))
                }
                Some(shown) => Row::of(Role::Muted, format!("?({})", levers::look(shown.value).1)).faded(),
                None => Row::of(Role::Unknown, "?"),
            };
            row = row.add(Role::Text, " ").join(cell.cut(column - 1).pad_to(column - 1));
        }
        rows.push(row);
    }
    rows
}

/// A region as in the ids of its zones: `ap-northeast-1` is `apne1` (AWS RAM, "Availability Zone IDs").
fn zone_prefix(region: &Region) -> String {
    let short = |part: &str| match part {
        "gov" => "g".to_owned(),
        "northeast" => "ne".to_owned(),
        "northwest" => "nw".to_owned(),
        "southeast" => "se".to_owned(),
        "southwest" => "sw".to_owned(),
        "north" | "south" | "east" | "west" | "central" => part.chars().take(1).collect(),
        part => part.to_owned(),
    };
    region.as_str().split('-').map(short).collect()
}

/// Whether a control was read before a change of it was sent.
fn is_behind(model: &Model, arn: &ControlArn, heard: Stamp) -> bool {
    model.sent(arn).is_some_and(|(change, _)| heard.mono <= change.surely.mono)
}
