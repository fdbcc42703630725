//! One check of the preflight that no single system answers for: the cluster's endpoints, a safety rule, the file.

use super::super::{Sheet, heading, paragraph};
use super::named;
use crate::estate::{ControlArn, ControlState, PairName, RuleArn, RuleKind, SafetyRule, Side};
use crate::event::SourceId;
use crate::model::words as say;
use crate::model::{Check, Lever, Mark, Model, Origin, Preflight};
use crate::ui::pen::{Row, role_of};
use crate::ui::screen::Screen;
use crate::ui::theme::Role;
use crate::ui::{controls, levers, readiness, text, words};
use crate::words::{Endpoint, Length, lever};

pub(super) fn sheet(screen: &Screen, model: &Model, origin: &Origin, width: usize) -> Sheet {
    let preflight = readiness::receiving(screen, model);
    let Some(check) = preflight.checks.iter().find(|c| c.origin == *origin) else {
        return gone(model, &preflight, &screen.pair, origin, width);
    };
    let mut sheet = Sheet::new(&check.name);
    sheet.right = Row::of(Role::Muted, "a check of the readiness");
    named(&mut sheet, "group", Role::Text, check.group.title(), width);
    named(&mut sheet, "stands", role_of(check.mark), &format!("{} {}", check.mark.sign(), check.mark.word()), width);
    named(&mut sheet, "figure", Role::Text, &check.figure, width);
    named(&mut sheet, "weight", Role::Text, &weight(&preflight, check), width);
    named(&mut sheet, "why", Role::Text, &why(model, &preflight, &screen.pair, check), width);
    named(&mut sheet, "to pass", Role::Words, &to_pass(model, &preflight, &screen.pair, check), width);
    named(&mut sheet, "source", Role::Muted, &source(model, origin), width);
    match origin {
        Origin::Endpoints => endpoints(&mut sheet, model, width),
        Origin::Rule(arn) => rule(&mut sheet, model, arn, width),
        _ => {}
    }
    sheet
}

/// The traffic moved, and what is checked is the other region.
fn gone(model: &Model, preflight: &Preflight, pair: &PairName, origin: &Origin, width: usize) -> Sheet {
    let mut sheet = Sheet::new("this check is not made any more");
    sheet.frame = Role::Unknown;
    let from = words::origin(model, origin);
    let words = format!(
        "? What is checked now is {}, and nothing there is asked of this: {from}.",
        region(model, pair, preflight.towards)
    );
    sheet.body.extend(paragraph(Role::Unknown, &words, width, 1));
    sheet
}

fn region(model: &Model, pair: &PairName, side: Side) -> String {
    model.estate.pair(pair).map_or_else(String::new, |p| p.region(side).to_string())
}

/// `3.3 of the 100 points: adds 1.7, as a warning counts half`
fn weight(preflight: &Preflight, check: &Check) -> String {
    let share = preflight.share(check);
    let adds = match check.mark {
        Mark::Ok => format!("all {share:.1} are counted"),
        Mark::Warn => format!("{:.1} are counted, because a warning counts half", share / 2.0),
        Mark::Fail => "none is counted, because it fails".to_owned(),
        Mark::Unknown => "none is counted, because it is not known".to_owned(),
    };
    format!("{share:.1} of the 100 points of readiness: {adds}")
}

fn why(model: &Model, preflight: &Preflight, pair: &PairName, check: &Check) -> String {
    let (to, from) = (region(model, pair, preflight.towards), region(model, pair, preflight.towards.other()));
    match &check.origin {
        Origin::Endpoints => {
            "Only these endpoints move routing controls, and one is enough to act. That a write did nothing takes \
                              two others to show. AWS promises three of five."
                .into()
        }
        Origin::Rule(_) => "ARC refuses every move of the controls that this rule locks until it holds.".into(),
        Origin::Unmeasured => format!("Without a figure nobody knows how much data a move from {from} to {to} loses."),
        Origin::AllowedRegions => {
            let all = &model.estate.readiness.allowed_regions;
            let names: Vec<_> = all.iter().map(ToString::to_string).collect();
            format!("The data may only be in these regions: {}.", names.join(", "))
        }
        Origin::Reading(_) | Origin::HealthCheck(_) | Origin::Probe(..) => "–".into(),
    }
}

fn to_pass(model: &Model, preflight: &Preflight, pair: &PairName, check: &Check) -> String {
    let to = region(model, pair, preflight.towards);
    match &check.origin {
        _ if check.mark == Mark::Ok => "it passes".into(),
        Origin::Endpoints => {
            "all endpoints answer: look at what the ones below say, and at the network from here".into()
        }
        Origin::Rule(arn) => {
            let off = model.estate.rule(arn).map(|r| gates(r).iter().filter(|a| !is_on(model, a)).collect::<Vec<_>>());
            let names: Vec<String> = off.unwrap_or_default().into_iter().map(|a| name(model, a)).collect();
            format!("{} must be On", names.join(", "))
        }
        Origin::Unmeasured => {
            let sides = if preflight.towards == Side::Standby { "link" } else { "back" };
            format!("give a system of the pair a reading of the lag in the estate file: `sides = \"{sides}\"`")
        }
        Origin::AllowedRegions => {
            format!("the file's `allowed_regions` must hold {to}, if the data may be there; or another region receives")
        }
        Origin::Reading(_) | Origin::HealthCheck(_) | Origin::Probe(..) => "–".into(),
    }
}

/// Where it comes from, and how old that is.
fn source(model: &Model, origin: &Origin) -> String {
    let heard = model.levers.endpoints.values().map(|e| e.heard).max_by_key(|at| at.mono);
    let age = heard.map_or_else(
        || "never heard".to_owned(),
        |at| format!("the newest answer is {} old", say::span(model.now.since(at))),
    );
    match origin {
        Origin::Endpoints => format!("ARC ListRoutingControls of each endpoint, {age}"),
        Origin::Rule(_) => {
            format!("the rule is of the estate file, its controls' states of ARC ListRoutingControls, {age}")
        }
        _ => "the estate file, read when this console opened".into(),
    }
}

/// How each endpoint answered.
fn endpoints(sheet: &mut Sheet, model: &Model, width: usize) {
    let all = &model.estate.cluster.endpoints;
    let aside = Row::of(Role::Muted, model.endpoints_said());
    sheet.body.push(heading("endpoints", aside, width));
    for endpoint in all {
        let mark = model.endpoint_mark(&endpoint.region);
        let answer = model.endpoint(&endpoint.region);
        let Some(state) = model.sources.get(&SourceId::Arc(endpoint.region.clone())) else {
            let row = Row::of(Role::Text, "  ").mark(Mark::Unknown).add(Role::Text, " ");
            sheet.body.push(row.cell(Role::Text, endpoint.region.as_str(), 16).add(Role::Unknown, "not asked yet"));
            continue;
        };
        let ago = |at| format!("{} ago", say::span(model.now.since(at)));
        let said = match answer {
            Endpoint::Answers { took, .. } => format!("answered {} in {}", ago(state.heard), words::millis(took)),
            Endpoint::Throttled { .. } | Endpoint::Fails { .. } | Endpoint::Old { .. } | Endpoint::Unheard => {
                let why = answer.said();
                let last = state
                    .last_ok
                    .map_or_else(|| "it never answered".to_owned(), |at| format!("last answer {}", ago(at)));
                format!("{why}; {last}")
            }
        };
        for (i, line) in text::wrap(&said, width.saturating_sub(22)).into_iter().enumerate() {
            let row = if i == 0 {
                let row = Row::of(Role::Text, "  ").mark(mark).add(Role::Text, " ");
                row.cell(Role::Text, endpoint.region.as_str(), 16)
            } else {
                Row::new().pad_to(20)
            };
            sheet.body.push(row.add(if mark == Mark::Ok { Role::Text } else { role_of(mark) }, line));
        }
    }
}

/// The rule in words, what it says now, and each of its controls.
fn rule(sheet: &mut Sheet, model: &Model, arn: &RuleArn, width: usize) {
    let Some(rule) = model.estate.rule(arn) else { return };
    named(sheet, "rule", Role::Text, &controls::what(model, rule), width);
    if let Some(now) = model.rule_now(rule) {
        let role = match now.allows {
            Some(true) => Role::Ok,
            Some(false) => Role::Warn,
            None => Role::Unknown,
        };
        named(sheet, "says now", role, &now.why, width);
    }
    named(sheet, "ARN", Role::Muted, arn.as_str(), width);
    let (first, second) = match &rule.kind {
        RuleKind::Assertion { controls } => (("controls that it counts", controls), None),
        RuleKind::Gating { gating, target } => {
            (("controls that gate", gating), Some(("controls that it locks", target)))
        }
    };
    for (title, arns) in std::iter::once(first).chain(second) {
        sheet.body.push(heading(title, Row::of(Role::Muted, arns.len().to_string()), width));
        sheet.body.extend(arns.iter().map(|a| control(model, a).cut(width)));
    }
}

fn control(model: &Model, arn: &ControlArn) -> Row {
    let state = match model.levers.get(arn, model.now) {
        Lever::Agreed(state) => {
            let (sign, word, role) = levers::look(state);
            Row::of(role, format!("{sign} {word}"))
        }
        disputed @ Lever::Disagreed { .. } => Row::of(Role::Warn, format!("▲ {}", lever(disputed, Length::Whole))),
        Lever::Unknown => match model.levers.last(arn) {
            Some((state, at)) => {
                let age = say::span(model.now.since(at));
                Row::of(Role::Unknown, format!("? not known now; {state} {age} ago"))
            }
            None => Row::of(Role::Unknown, "? not known"),
        },
    };
    Row::of(Role::Text, "  ").cell(Role::Text, name(model, arn), 34).join(state)
}

fn gates(rule: &SafetyRule) -> &[ControlArn] {
    match &rule.kind {
        RuleKind::Assertion { controls } => controls,
        RuleKind::Gating { gating, .. } => gating,
    }
}

fn is_on(model: &Model, arn: &ControlArn) -> bool {
    model.levers.get(arn, model.now) == Lever::Agreed(ControlState::On)
}

fn name(model: &Model, arn: &ControlArn) -> String {
    model.estate.control(arn).map_or_else(|| arn.to_string(), |c| c.name.clone())
}
