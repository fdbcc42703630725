//! Putting a change together: before and after, safety rules, preflight, data loss, the reason.

use super::{Sheet, field, headed, heading, hints, loud, paragraph, slim};
use crate::change::{Draft, Verdict, Wanted};
use crate::estate::Side;
use crate::model::{Check, Group, Lever, Mark, Model, Preflight};
use crate::ui::Action;
use crate::ui::levers::look;
use crate::ui::pen::{Row, bar, role_of};
use crate::ui::screen::{DraftForm, Focus, Screen};
use crate::ui::theme::Role;
use crate::ui::{readiness, text};
use crate::words::{Length, lever};

/// Below this width a control has a line of its own, and few lines are left.
const SMALL: usize = 72;

pub(super) fn sheet(screen: &Screen, model: &Model, width: usize) -> Sheet {
    let Some(form) = &screen.draft else { return Sheet::new("a change") };
    let draft = &form.draft;
    let mut sheet = Sheet::new(&draft.title);
    sheet.right = Row::of(Role::Muted, "nothing happens yet");
    if slim(width) {
        // The frame holds the title; what does not fit there goes below it.
        sheet.right = Row::new();
        sheet.head.push(Row::of(Role::Muted, "nothing happens yet"));
    }
    if text::width(&draft.title) + 30 > width {
        sheet.head.extend(paragraph(Role::Title, &draft.title, width, 0));
    }
    let verdicts = model.predict(draft);
    let refusing: Vec<&Verdict> = verdicts.iter().filter(|v| v.allows == Some(false)).collect();
    match &draft.wanted {
        Wanted::Controls { .. } => {
            let mut flipped = headed("routing controls, before → after", what(draft, model), width);
            flipped.extend(flips(model, form, width));
            let mut weighed = rules_heading(&verdicts, width);
            // Those that allow are counted in the heading: what is to be weighed has the lines.
            for v in verdicts.iter().filter(|v| v.allows != Some(true)) {
                weighed.extend(verdict(v, width));
            }
            if verdicts.is_empty() {
                let words = "  the estate file knows of no rule that looks at these controls; ARC may";
                weighed.push(Row::of(Role::Muted, words));
            }
            let side = screen.the_pair(model).and_then(|p| p.side(&draft.receiving)).unwrap_or(Side::Standby);
            weighed.extend(preflight(&model.preflight(&draft.pair, side), draft.receiving.as_str(), width));
            // Where not all of it is in sight, what speaks against it is.
            sheet.body = if width < SMALL { [weighed, flipped] } else { [flipped, weighed] }.concat();
        }
        Wanted::Launch(launch) => {
            let to = Row::of(Role::Muted, "in ").add(Role::Accent, draft.receiving.as_str());
            sheet.body.extend(headed(launch.kind(), to, width));
            sheet.body.extend(super::launch::servers(launch, width));
            sheet.body.extend(headed(
                "preflight",
                Row::of(Role::Muted, "room there, and what is launched from"),
                width,
            ));
            sheet.body.extend(checks(&model.launch_checks(draft, launch), width));
        }
    }
    if !refusing.is_empty() {
        sheet.foot.extend(overrides(screen, form, &refusing, width));
    }
    let waiting = form.asked.is_some();
    let stops = model.stops(&form.draft);
    if !stops.is_empty() && !waiting {
        let what = match stops.as_slice() {
            [one] => one.clone(),
            all => format!("{} checks speak against it", all.len()),
        };
        let words = format!("✖ {what}: say why to go on anyway, and the approver signs both.");
        let lines = text::wrap_at_most(&words, width.saturating_sub(2), if slim(width) { 5 } else { 2 });
        sheet.gives.push(sheet.foot.len()..sheet.foot.len() + lines.len());
        sheet.foot.extend(lines.into_iter().map(|line| Row::new().cell(Role::Loud, format!(" {line}"), width)));
        let active = form.focus == Focus::Despite;
        let label = if slim(width) { "because" } else { "despite that because" };
        let (row, caret) = field(label, &form.despite, width, active);
        if active {
            sheet.caret = Some((sheet.foot.len(), caret));
        }
        sheet.foot.push(row);
    }
    if matches!(draft.wanted, Wanted::Launch(_)) {
        let active = form.focus == Focus::At && !waiting;
        let label = if slim(width) { "as of" } else { "as of (empty: the latest data)" };
        let (row, caret) = field(label, &form.at, width, active);
        if active {
            sheet.caret = Some((sheet.foot.len(), caret));
        }
        sheet.foot.push(row);
    }
    // The price is in the foot, which does not scroll away; on the smallest screens it is what the body begins with.
    let price = price(&model.loss_of(draft), width);
    sheet.gives.push(sheet.foot.len()..sheet.foot.len() + price.len());
    sheet.foot.extend(price);
    if slim(width) {
        // What is answered for stays next to the answer.
        sheet.foot.push(what(draft, model));
    }
    let active = form.focus == Focus::Reason && !waiting;
    let (row, caret) = field("reason", &form.reason, width, active);
    if active {
        sheet.caret = Some((sheet.foot.len(), caret));
    }
    sheet.foot.push(row);
    if waiting {
        sheet.foot.push(Row::of(Role::Words, "… being frozen and written into the journal"));
        return sheet;
    }
    let rules = if form.focus == Focus::Rules {
        hints(
            screen,
            &[(Action::Mark, "switch the rule"), (Action::NextView, "back to the reason"), (Action::Look, "propose")],
            width,
        )
    } else {
        let row = hints(screen, &[(Action::Look, "propose"), (Action::Back, "close, keeps the draft")], width);
        let tab = format!(" {} ", screen.key(Action::NextView));
        if !stops.is_empty() || matches!(draft.wanted, Wanted::Launch(_)) {
            row.add(Role::Key, tab).add(Role::Muted, " next field  ")
        } else if refusing.is_empty() {
            row
        } else {
            row.add(Role::Key, tab).add(Role::Muted, " override rules  ")
        }
    };
    sheet.keys = rules;
    sheet
}

/// The change in one line.
fn what(draft: &Draft, model: &Model) -> Row {
    let words = match &draft.wanted {
        Wanted::Controls { .. } if draft.moves_traffic(&model.estate) => "traffic goes to ",
        Wanted::Controls { .. } => "no traffic moves in ",
        Wanted::Launch(_) => "launched in ",
    };
    Row::of(Role::Muted, words).add(Role::Accent, draft.receiving.as_str())
}

/// What it may cost, above the field in which it is answered for.
fn price(loss: &str, width: usize) -> Vec<Row> {
    const LABEL: usize = 10;
    let role = if loss.starts_with("not known") { Role::Unknown } else { Role::Title };
    let row = |(i, line): (usize, String)| {
        Row::new().cell(Role::Muted, if i == 0 { "data loss" } else { "" }, LABEL).add(role, line)
    };
    let most = if slim(width) { 7 } else { 4 };
    text::wrap_at_most(loss, width.saturating_sub(LABEL), most).into_iter().enumerate().map(row).collect()
}

/// One line a control: name, service, what it is, what it becomes.
fn flips(model: &Model, form: &DraftForm, width: usize) -> Vec<Row> {
    let control_of = |arn| model.estate.control(arn);
    let longest = form
        .draft
        .to()
        .iter()
        .map(|(arn, _)| control_of(arn).map_or(arn.as_str(), |c| c.name.as_str()))
        .map(text::width)
        .max()
        .unwrap_or(10);
    let room = width.saturating_sub(if slim(width) { 19 } else { 34 });
    let name = longest.clamp(10, room.max(10));
    let plain = |arn| matches!(model.levers.get(arn, model.now), Lever::Agreed(_));
    let two = width >= 2 * (name + 19) && form.draft.to().iter().all(|(arn, _)| plain(arn));
    let rows: Vec<Row> = form
        .draft
        .to()
        .iter()
        .flat_map(|(arn, to)| {
            let label = control_of(arn).map_or(arn.as_str(), |c| c.name.as_str());
            let (sign, word, role) = look(*to);
            let row = Row::new();
            let states = match model.levers.get(arn, model.now) {
                Lever::Agreed(now) if now == *to => row.add(Role::Muted, format!("{sign} {word} stays")).faded(),
                Lever::Agreed(now) => {
                    let (s, w, r) = look(now);
                    row.cell(r, format!("{s} {w}"), 6).add(Role::Muted, " → ").cell(role, format!("{sign} {word}"), 6)
                }
                disputed @ Lever::Disagreed { .. } => row
                    .add(Role::Warn, format!("▲ {}", lever(disputed, Length::Line)))
                    .add(Role::Muted, " → ")
                    .add(role, word),
                Lever::Unknown => row.add(Role::Unknown, "? not known").add(Role::Muted, " → ").add(role, word),
            };
            // On a slim screen a name that does not fit has a line of its own: its end tells the regions apart.
            if slim(width) && text::width(label) + 4 + states.width() > width {
                let mut rows = paragraph(Role::Text, label, width, 2);
                rows.push(Row::of(Role::Text, "    ").join(states));
                return rows;
            }
            vec![Row::of(Role::Text, "  ").cell(Role::Text, label, name).add(Role::Text, "  ").join(states)]
        })
        .collect();
    if !two {
        return rows;
    }
    rows.chunks(2)
        .map(|pair| {
            let mut out = pair.first().cloned().unwrap_or_default();
            if let Some(second) = pair.get(1) {
                out = out.pad_to(width / 2).join(second.clone());
            }
            out
        })
        .collect()
}

fn rules_heading(verdicts: &[Verdict], width: usize) -> Vec<Row> {
    let count = |f: fn(&Verdict) -> bool| verdicts.iter().filter(|v| f(v)).count();
    let (pass, fail, unknown) =
        (count(|v| v.allows == Some(true)), count(|v| v.allows == Some(false)), count(|v| v.allows.is_none()));
    let mut aside = Row::of(Role::Ok, format!("● {pass} allow"));
    if fail > 0 {
        aside.push(Role::Fail, format!("  ✖ {fail} would refuse"));
    }
    if unknown > 0 {
        aside.push(Role::Unknown, format!("  ? {unknown} not known"));
    }
    let predicted = "predicted here; ARC has the last word";
    if slim(width) {
        let mut rows = headed("safety rules", aside, width);
        rows.extend(paragraph(Role::Muted, predicted, width, 2));
        return rows;
    }
    vec![heading("safety rules", aside.add(Role::Muted, format!("   {predicted}")), width)]
}

/// A rule's expected answer and why.
pub(crate) fn verdict(v: &Verdict, width: usize) -> Vec<Row> {
    let (mark, word) = match (v.allows, v.overridden) {
        (Some(true), _) => (Mark::Ok, "allows"),
        (Some(false), true) => (Mark::Fail, "OVERRIDDEN"),
        (Some(false), false) => (Mark::Fail, "WOULD REFUSE"),
        (None, true) => (Mark::Unknown, "OVERRIDDEN"),
        (None, false) => (Mark::Unknown, "not known"),
    };
    if slim(width) {
        let row = Row::of(Role::Text, "  ").mark(mark).add(Role::Text, " ");
        let mut rows = vec![row.add(if v.overridden { Role::Loud } else { role_of(mark) }, word)];
        rows.extend(paragraph(Role::Text, &v.name, width, 4));
        rows.extend(paragraph(Role::Muted, &v.why, width, 4));
        return rows;
    }
    let name = (width / 3).clamp(16, 34);
    let row = Row::of(Role::Text, "  ")
        .mark(mark)
        .add(Role::Text, " ")
        .cell(Role::Text, &v.name, name)
        .add(Role::Text, " ")
        .cell(if v.overridden { Role::Loud } else { role_of(mark) }, word, 12)
        .add(Role::Text, "  ");
    let room = width.saturating_sub(row.width());
    if mark == Mark::Ok || text::width(&v.why) <= room {
        return vec![row.add(Role::Muted, &v.why)];
    }
    let mut rows = vec![row];
    rows.extend(paragraph(Role::Muted, &v.why, width, 6));
    rows
}

/// The loud part: each rule that would be broken, with a switch of its own.
fn overrides(screen: &Screen, form: &DraftForm, refusing: &[&Verdict], width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let on = refusing.iter().filter(|v| v.overridden).count();
    let focused = form.focus == Focus::Rules;
    if on == 0 && !focused {
        let key = screen.key(Action::Override);
        let words = format!(
            "✖ {} safety rule{} would refuse this. {key} opens the switches that override them.",
            refusing.len(),
            if refusing.len() == 1 { "" } else { "s" }
        );
        rows.extend(loud(Role::Notice, &words, width));
        return rows;
    }
    let words = format!("OVERRIDING SAFETY RULES: {on} of {} switched on. The approver sees each.", refusing.len());
    rows.extend(loud(Role::Loud, &words, width));
    for v in refusing {
        let here = focused && form.rule.as_ref().or(refusing.first().map(|v| &v.rule)) == Some(&v.rule);
        let pointer = if here { "▸" } else { " " };
        let (role, switch) = if v.overridden { (Role::Loud, " OVERRIDE ") } else { (Role::Muted, " respect  ") };
        let row = Row::of(Role::Accent, format!(" {pointer} ")).add(role, switch);
        if slim(width) {
            rows.push(row.pad_to(width).selected(here && !v.overridden));
            rows.extend(paragraph(Role::Text, &v.name, width, 4));
            continue;
        }
        let row = row.add(Role::Text, format!("  {}  ", v.name)).add(Role::Muted, &v.why);
        rows.push(row.cut(width).pad_to(width).selected(here && !v.overridden));
    }
    rows
}

/// What fails, warns or is not known is spelt out; what passes is counted in one line.
pub(crate) fn preflight(p: &Preflight, region: &str, width: usize) -> Vec<Row> {
    let score = p.score();
    let mut aside = Row::of(Role::Muted, format!("of {region}  "));
    aside.push(Role::Title, format!("score {score} "));
    if !slim(width) {
        aside.push(Role::Chart, bar(f64::from(score) / 100.0, 10));
    }
    let mut rows = headed("preflight", aside, width);
    rows.extend(checks(&p.checks, width));
    rows
}

fn checks(all: &[Check], width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for c in all.iter().filter(|c| c.mark != Mark::Ok) {
        let row = Row::of(Role::Text, "  ").mark(c.mark).add(Role::Text, format!(" {}  ", c.name));
        if slim(width) && row.width() + text::width(&c.figure) > width {
            rows.push(row.cut(width));
            rows.extend(paragraph(Role::Muted, &c.figure, width, 4));
            continue;
        }
        rows.push(row.add(Role::Muted, &c.figure).cut(width));
    }
    let passed = |group: Group| all.iter().filter(|c| c.group == group && c.mark == Mark::Ok).count();
    let groups = Group::ALL.into_iter().map(|g| (g, passed(g))).filter(|(_, n)| *n > 0);
    let words: Vec<String> = groups.map(|(g, n)| format!("{} {n}", readiness::group(g))).collect();
    if !words.is_empty() {
        let lines = text::wrap(&words.join(", "), width.saturating_sub(10)).into_iter().enumerate();
        rows.extend(lines.map(|(i, line)| {
            let row = Row::of(Role::Text, "  ").add(Role::Ok, if i == 0 { "● pass: " } else { "        " });
            row.add(Role::Muted, line)
        }));
    }
    rows
}
