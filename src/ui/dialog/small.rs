//! The small dialogs: keys, leaving, a system's readings, a note.

use super::{Sheet, field, heading, hints, paragraph};
use crate::estate::{Reading, Side, Source, SystemId};
use crate::event::Place;
use crate::model::words as say;
use crate::model::{Mark, Model};
use crate::ui::chart::Chart;
use crate::ui::pen::{Row, role_of};
use crate::ui::screen::{MomentForm, Screen};
use crate::ui::theme::Role;
use crate::ui::{Action, Context, text, words};
use crate::words::{LAST_READ, OLD, link};

/// The keys, made from the table of actions and the keymap that is in force.
pub(super) fn help(screen: &Screen, width: usize) -> Sheet {
    let mut sheet = Sheet::new("keys");
    sheet.right =
        Row::of(Role::Muted, format!("keys {}, theme {}", screen.setup.keymap.name(), screen.setup.theme.name()));
    let column = if width >= 96 { width / 2 } else { width };
    let keymap = &screen.setup.keymap;
    let keys = |action: Action| joined(&keymap.keys(action));
    let wide = Action::ALL.iter().map(|a| text::width(&keys(*a))).max().unwrap_or(0).clamp(14, 20);
    let lines = |keys: &str, action: Action| -> Vec<Row> {
        let (role, sign) = if action.dangerous() { (Role::Warn, " ▲") } else { (Role::Text, "") };
        // Two actions may differ only at the end: nothing is cut.
        let words = text::wrap(&format!("{}{sign}", action.words()), column.saturating_sub(wide + 3));
        let row = |(i, words): (usize, &String)| {
            Row::of(Role::Text, " ").cell(Role::Title, if i == 0 { keys } else { "" }, wide + 1).add(role, words)
        };
        words.iter().enumerate().map(row).collect()
    };
    let mut cells: Vec<Row> = Vec::new();
    let mut group = "";
    for action in Action::ALL {
        if action.group() != group {
            if !group.is_empty() {
                cells.push(Row::new());
            }
            group = action.group();
            cells.push(heading(group, Row::new(), column.saturating_sub(2)));
        }
        cells.extend(lines(&keys(*action), *action));
    }
    // What narrower contexts add.
    let mut last = Context::Anywhere;
    let table = keymap.table();
    for bound in table.iter().filter(|b| b.context != Context::Anywhere) {
        let everywhere = table.iter().filter(|b| b.context == Context::Anywhere && b.action == bound.action);
        let known: Vec<&String> = everywhere.flat_map(|b| &b.keys).collect();
        let own: Vec<String> = bound.keys.iter().filter(|k| !known.contains(k)).cloned().collect();
        if own.is_empty() {
            continue;
        }
        if bound.context != last {
            last = bound.context;
            cells.push(Row::new());
            cells.push(heading(format!("only {}", last.words()), Row::new(), column.saturating_sub(2)));
        }
        cells.extend(lines(&joined(&own), bound.action));
    }
    if column == width {
        sheet.body = cells;
    } else {
        // A section is not torn apart: the second column begins with the heading that is nearest to the middle.
        let headings = (1..cells.len()).filter(|i| cells.get(*i).is_some_and(Row::is_heading));
        let at = headings.min_by_key(|i| (*i).max(cells.len() - i)).unwrap_or(cells.len());
        let (left, right) = cells.split_at(at);
        for i in 0..left.len().max(right.len()) {
            let row = left.get(i).cloned().unwrap_or_default().pad_to(column);
            sheet.body.push(row.join(right.get(i).cloned().unwrap_or_default()));
        }
    }
    let danger = "▲ after a key's words: moves traffic. It opens a dialog first, and needs a second person.";
    sheet.foot.extend(paragraph(Role::Muted, danger, width, 0));
    sheet.foot.extend(signs(width));
    sheet
}

/// What the signs in front of a row mean.
fn signs(width: usize) -> Vec<Row> {
    let of = |role: Role, sign: &str, words: &str| {
        Row::of(role, format!(" {sign} ")).add(Role::Muted, format!(" {words}  "))
    };
    let all = [
        of(Role::Ok, Mark::Ok.sign(), "ok"),
        of(Role::Warn, Mark::Warn.sign(), "warning"),
        of(Role::Fail, Mark::Fail.sign(), "failed"),
        of(Role::Unknown, Mark::Unknown.sign(), "not known"),
        of(Role::Muted, OLD, LAST_READ),
        of(Role::Muted, "·", "not read in this region"),
        of(Role::Muted, "…", "more than fits: enter shows all"),
        Row::of(Role::Text, " new ").changed(true).add(Role::Muted, " has just changed"),
    ];
    let mut rows: Vec<Row> = Vec::new();
    for sign in all {
        match rows.last_mut().filter(|row| row.width() + sign.width() <= width) {
            Some(row) => *row = std::mem::take(row).join(sign),
            None => rows.push(sign),
        }
    }
    rows
}

/// Keys side by side; a comma between sequences, so that their ends are seen.
fn joined(keys: &[String]) -> String {
    keys.join(if keys.iter().any(|k| k.contains(' ')) { ", " } else { " " })
}

pub(super) fn quit(screen: &Screen, model: &Model, width: usize) -> Sheet {
    let mut sheet = Sheet::new("leave signalbox?");
    sheet.frame = Role::Warn;
    sheet.body.extend(paragraph(Role::Text, &leaving(screen, model), width, 1));
    sheet.keys = hints(screen, &[(Action::Quit, "leave"), (Action::Back, "stay")], width);
    sheet
}

/// The console was not suspended.
pub(super) fn stays(screen: &Screen, why: &str, width: usize) -> Sheet {
    let mut sheet = Sheet::new("not suspended");
    sheet.frame = Role::Warn;
    let words = format!("This console cannot be suspended here: {why}. Until you go on, your keys do nothing.");
    sheet.body.extend(paragraph(Role::Text, &words, width, 1));
    sheet.keys = hints(screen, &[(Action::Back, "go on"), (Action::Quit, "leave")], width);
    sheet
}

/// What leaving means now.
pub(crate) fn leaving(screen: &Screen, model: &Model) -> String {
    let change = screen.current(model).filter(|c| c.state.is_open() || c.state.is_running());
    match change {
        Some(c) if c.state.is_running() => {
            format!(
                "{} is {}. Leaving does not stop it; the next start reads how it ended.",
                c.digest.words(),
                c.state.word()
            )
        }
        Some(c) => format!("{} is {} and goes on waiting in the journal.", c.digest.words(), c.state.word()),
        None => "A draft that was not proposed is lost.".to_owned(),
    }
}

pub(super) fn note(screen: &Screen, input: &tui_input::Input, width: usize) -> Sheet {
    let mut sheet = Sheet::new("a note for the timeline and the journal");
    let (row, caret) = field("note", input, width, true);
    sheet.caret = Some((0, caret));
    sheet.foot.push(row);
    sheet.keys = hints(screen, &[(Action::Look, "write it"), (Action::Back, "leave")], width);
    sheet
}

pub(super) fn moment(screen: &Screen, form: &MomentForm, width: usize) -> Sheet {
    let mut sheet = Sheet::new("mark a moment for everybody: timeline and journal");
    let (what, what_caret) = field("◆ what", &form.what, width, !form.at_was);
    let (was, was_caret) = field("  when", &form.was, width, form.at_was);
    sheet.caret = Some(if form.at_was { (1, was_caret) } else { (0, what_caret) });
    sheet.foot.extend([what, was]);
    sheet.foot.extend(paragraph(Role::Muted, super::session::MOMENT, width, 1));
    let keys = [(Action::Look, "mark it"), (Action::NextView, "next field"), (Action::Back, "leave")];
    sheet.keys = hints(screen, &keys, width);
    sheet
}

/// Every reading of a system: value, limit, age, where it comes from, the last quarter of an hour.
pub(super) fn system(screen: &Screen, model: &Model, id: &SystemId, width: usize) -> Sheet {
    let Some(system) = model.estate.systems.iter().find(|s| &s.id == id) else { return Sheet::new("no such system") };
    let mut sheet = Sheet::new(&system.name);
    sheet.right = Row::of(Role::Muted, format!("{}, {:?} tier", system.layer.title(), system.tier).to_lowercase());
    let Some(pair) = screen.the_pair(model) else { return sheet };
    let blocks = [
        (Place::Active, pair.active.to_string()),
        (Place::Link, format!("replication {} → {}", pair.active, pair.standby)),
        (Place::Standby, pair.standby.to_string()),
        (Place::Back, format!("replication {} → {}, after a failover", pair.standby, pair.active)),
    ];
    for (place, name) in blocks {
        let readings: Vec<&Reading> = system.readings.iter().filter(|r| r.places().contains(&place)).collect();
        if readings.is_empty() {
            continue;
        }
        let part = system.parts.as_ref().and_then(|p| p.get(place.own()? as usize));
        let aside = Row::of(Role::Muted, part.map(|p| format!("usually {p}")).unwrap_or_default());
        sheet.body.push(heading(name, aside, width));
        for reading in readings {
            let judged = model.judge(system, reading, place);
            let state = model.readings.get(&Model::key(system, reading, place));
            let value = match judged.value {
                Some(v) => say::reading(reading, v),
                None if judged.idle => say::idle(reading),
                None => "–".to_owned(),
            };
            let row = Row::of(Role::Text, "  ").mark(judged.mark).add(Role::Text, " ");
            let row = match judged.mark {
                Mark::Unknown => row.cell(Role::Muted, format!("({value})"), 28).faded(),
                Mark::Ok => row.cell(Role::Text, value, 28),
                mark => row.cell(role_of(mark), value, 28),
            };
            let age = judged.age.map(|a| format!("{} old", words::short(a))).unwrap_or_default();
            let limits = limits(reading);
            sheet.body.push(row.cell(Role::Muted, age, 10).add(Role::Muted, limits).cut(width));
            let region = model.source_of(system, reading, place).map(|s| format!(", in {}", model.source_name(&s)));
            let from = format!("{}{}", source_words(&reading.source, place.side()), region.unwrap_or_default());
            let page = link::measured(&model.estate, (system, reading), place, pair);
            let from = paragraph(Role::Muted, &place.fill(&from, pair), width, 4).into_iter();
            sheet.body.extend(from.map(|row| row.link(&page)));
            if let Some(state) = state.filter(|s| !s.history.is_empty()) {
                let chart = Chart { reading, state, pair: &system.pair };
                sheet.body.extend(chart.rows(model, width.min(120), 4));
            }
            if let Some(why) = judged.why {
                sheet.body.extend(paragraph(Role::Unknown, &format!("? {why}"), width, 6));
            }
        }
    }
    if let Some(url) = &system.runbook {
        let lines = paragraph(Role::Accent, url, width.saturating_sub(9), 0).into_iter().map(|row| row.link(url));
        sheet.body.extend(lines.map(|row| Row::of(Role::Muted, " runbook ").join(row)));
    }
    sheet.body.push(Row::new());
    for side in Side::BOTH {
        let subject = crate::model::Subject::System(system.id.clone(), side);
        if let Some(s) = model.standing(&subject) {
            let words = format!("{} {} {}", s.mark.sign(), s.mark.word(), crate::words::since(s.since, model.now));
            sheet.body.push(Row::of(Role::Muted, format!(" {:<12}", pair.region(side))).add(role_of(s.mark), words));
        }
    }
    sheet
}

/// Past what it is a warning, and past what a failure.
fn limits(reading: &Reading) -> String {
    let of = |mark, word: &str| say::limit(reading, mark).map(|l| format!("{word} {l}"));
    let both: Vec<String> = [of(Mark::Warn, "warns"), of(Mark::Fail, "fails")].into_iter().flatten().collect();
    if both.is_empty() { "no threshold".into() } else { both.join(", ") }
}

fn source_words(source: &Source, side: Side) -> String {
    match source {
        Source::Cloudwatch { namespace, metric, statistic, period, dimensions, percent_of, .. } => {
            let of = percent_of.as_ref().map(|of| format!(" as a share of {of}")).unwrap_or_default();
            let by: Vec<String> = dimensions.iter().map(|(k, v)| format!("{k}={}", v.on(side))).collect();
            let by = if by.is_empty() { String::new() } else { format!(", {}", by.join(" ")) };
            let (statistic, period) = (statistic.as_str(), say::span(*period));
            format!("CloudWatch {namespace} {metric}{of}, {statistic} over {period}{by}")
        }
        Source::CloudwatchAlarms { prefix } if prefix.is_empty() => "CloudWatch DescribeAlarms".into(),
        Source::CloudwatchAlarms { prefix } => format!("CloudWatch DescribeAlarms, names {prefix}…"),
        Source::DrsReplicating | Source::DrsLag => "DRS DescribeSourceServers".into(),
        Source::DrsSnapshotAge => "DRS DescribeRecoverySnapshots".into(),
        Source::Ec2Instances { tag, value } => format!("EC2 DescribeInstances, tag {tag} = {value}"),
        Source::Ec2ImageAge { tag, value } => format!("EC2 DescribeImages, tag {tag} = {value}"),
        Source::Ec2SnapshotAge { tag, value } => format!("EC2 DescribeSnapshots, tag {tag} = {value}"),
        Source::Ec2VpnTunnels => "EC2 DescribeVpnConnections".into(),
        Source::Ec2TransitGatewayPeerings => "EC2 DescribeTransitGatewayPeeringAttachments".into(),
        Source::Ec2CapacityReservations => "EC2 DescribeCapacityReservations".into(),
    }
}
