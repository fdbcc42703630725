//! Putting a change together.

use std::collections::BTreeSet;

use tui_input::Input;

use super::complain;
use crate::change::{Draft, DraftError};
use crate::estate::{Region, Side};
use crate::model::{Lever, Model};
use crate::ui::Wish;
use crate::ui::screen::{Dialog, DraftForm, Focus, Screen};

/// A draft of all services, or of what is marked.
pub(super) fn open_draft(screen: &mut Screen, model: &Model, towards: Side) {
    if !may_propose(screen, model) {
        return;
    }
    let Some(pair) = screen.the_pair(model) else { return };
    let receiving = pair.region(towards).clone();
    let made = if screen.marks.is_empty() || towards == Side::Active {
        Draft::towards(&model.estate, &screen.pair, &receiving)
    } else {
        let states = screen.marks.iter().map(|arn| {
            let state = match model.levers.get(arn, model.now) {
                Lever::Agreed(s) => Some(s),
                Lever::Disagreed { .. } | Lever::Unknown => None,
            };
            (arn.clone(), state)
        });
        Draft::of_marks(&model.estate, &screen.pair, states)
    };
    take_up(screen, made);
}

/// A draft of a DRS launch: of the marked servers, or of all of the region that would receive the traffic.
pub(super) fn open_launch(screen: &mut Screen, model: &Model, drill: bool) {
    if !may_propose(screen, model) {
        return;
    }
    let Some(pair) = screen.the_pair(model) else { return };
    let in_pair = |r: &&Region| pair.side(r).is_some();
    let regions: BTreeSet<Region> = screen.servers.iter().map(|(r, _)| r).filter(in_pair).cloned().collect();
    if regions.len() > 1 {
        return complain(screen, "servers of two regions are marked: a launch is of one; u takes all marks off");
    }
    let region = regions.into_iter().next().unwrap_or_else(|| pair.standby.clone());
    let ids: Vec<&str> = screen.servers.iter().filter(|(r, _)| *r == region).map(|(_, id)| id.as_str()).collect();
    let launch = model.launch_of(&region, &ids, drill);
    let made = Draft::launching(&model.estate, &screen.pair, &region, launch);
    take_up(screen, made);
}

fn may_propose(screen: &mut Screen, model: &Model) -> bool {
    if screen.setup.hands.operator.is_none() {
        complain(screen, "who only looks on proposes no changes");
        return false;
    }
    if let Some(why) = &model.read_only {
        let why = format!("this console is read-only: {why}");
        complain(screen, &why);
        return false;
    }
    true
}

fn take_up(screen: &mut Screen, made: Result<Draft, DraftError>) {
    match made {
        Ok(draft) => {
            // A draft for the same controls is taken up again, with what was typed.
            let same = |form: &DraftForm| form.draft.wanted == draft.wanted && form.draft.pair == draft.pair;
            if !screen.draft.as_ref().is_some_and(same) {
                let (reason, despite, focus) = (Input::default(), Input::default(), Focus::Reason);
                screen.draft = Some(DraftForm { draft, reason, despite, focus, rule: None, asked: None });
            }
            screen.dialog = Some(Dialog::Draft);
            screen.dialog_scroll = 0;
        }
        Err(why) => complain(screen, &why.to_string()),
    }
}

/// The rules that would refuse the draft, in the estate's order.
pub(super) fn refusing(screen: &Screen, model: &Model) -> Vec<crate::estate::RuleArn> {
    let Some(form) = &screen.draft else { return Vec::new() };
    model.predict(&form.draft).into_iter().filter(|v| v.allows == Some(false)).map(|v| v.rule).collect()
}

pub(super) fn rule_step(screen: &mut Screen, model: &Model, down: bool) {
    let rules = refusing(screen, model);
    let Some(form) = &mut screen.draft else { return };
    let at = form.rule.as_ref().and_then(|r| rules.iter().position(|x| x == r)).unwrap_or(0);
    let next = if down { (at + 1).min(rules.len().saturating_sub(1)) } else { at.saturating_sub(1) };
    form.rule = rules.get(next).cloned();
}

pub(super) fn propose(screen: &mut Screen, model: &Model) -> Vec<Wish> {
    let refusing = refusing(screen, model);
    let Some(by) = screen.setup.hands.operator.clone() else { return Vec::new() };
    let Some(form) = &mut screen.draft else { return Vec::new() };
    if form.asked.is_some() {
        return Vec::new();
    }
    if form.draft.reason.trim().is_empty() {
        form.focus = Focus::Reason;
        complain(screen, "a change needs a reason: the approver reads it, and so does the report");
        return Vec::new();
    }
    let stops = model.stops(&form.draft);
    if stops.is_empty() {
        form.draft.despite.clear();
    } else if form.draft.despite.trim().is_empty() {
        form.focus = Focus::Despite;
        let first = stops.first().cloned().unwrap_or_default();
        complain(screen, &format!("preflight fails: {first}; say why in spite of that, and the approver signs both"));
        return Vec::new();
    }
    // An override of a rule that would not refuse is none: it would only make the rule blind.
    if let Some(overrides) = form.draft.overrides_mut() {
        overrides.retain(|r| refusing.contains(r));
    }
    form.asked = Some(model.changes.all().iter().map(|c| c.digest).collect::<BTreeSet<_>>());
    form.focus = Focus::Reason;
    vec![Wish::Propose { by, draft: form.draft.clone() }]
}
