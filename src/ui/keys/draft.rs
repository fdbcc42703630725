//! Putting a change together.

use std::collections::BTreeSet;

use tui_input::Input;

use super::complain;
use crate::change::{Change, Draft, Wanted, Work, drop_blinding};
use crate::estate::{ControlArn, ControlState, Region, Side};
use crate::model::{Lever, Model};
use crate::ui::palette::stops_proposal;
use crate::ui::screen::{Dialog, DraftForm, Focus, Screen};
use crate::ui::{Action, Wish};

/// Whether this person may propose anything here.
pub(in crate::ui) fn may_propose(screen: &Screen, model: &Model) -> Result<(), String> {
    if screen.setup.hands.operator.is_none() {
        return Err("you only look on, and cannot propose changes".into());
    }
    match &model.read_only {
        Some(why) => Err(format!("this console is read-only: {why}")),
        None => Ok(()),
    }
}

/// A draft of all services, or of the marked controls.
pub(in crate::ui) fn made(screen: &Screen, model: &Model, towards: Side) -> Result<Draft, String> {
    may_propose(screen, model)?;
    let pair = screen.the_pair(model).ok_or("the pair is gone")?;
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
    let made = made.map_err(|why| why.to_string())?;
    let Wanted::Controls { to, .. } = &made.wanted else { return Ok(made) };
    if to.iter().all(|(arn, state)| model.levers.get(arn, model.now) == Lever::Agreed(*state)) {
        return Err(crate::words::no_change(&made.title));
    }
    Ok(made)
}

pub(super) fn open_draft(screen: &mut Screen, model: &Model, towards: Side) {
    let made = made(screen, model, towards);
    take_up(screen, made);
}

/// A draft of a DRS launch: of the marked servers, or of all of the region that would receive the traffic.
pub(super) fn open_launch(screen: &mut Screen, model: &Model, drill: bool) {
    if let Err(why) = may_propose(screen, model) {
        return complain(screen, &why);
    }
    let Some(pair) = screen.the_pair(model) else { return };
    let in_pair = |r: &&Region| pair.side(r).is_some();
    let regions: BTreeSet<Region> = screen.servers.iter().map(|(r, _)| r).filter(in_pair).cloned().collect();
    if regions.len() > 1 {
        return complain(screen, "servers of two regions are marked, but a launch is for one; u clears all marks");
    }
    let region = regions.into_iter().next().unwrap_or_else(|| pair.standby.clone());
    let ids: Vec<&str> = screen.servers.iter().filter(|(r, _)| *r == region).map(|(_, id)| id.as_str()).collect();
    let launch = model.launch_of(&region, &ids, drill);
    let made = Draft::launching(&model.estate, &screen.pair, &region, launch);
    take_up(screen, made.map_err(|why| why.to_string()));
}

/// A new draft from a change that failed, for the same controls or servers: it is edited in place, and not put together
/// anew.
pub(in crate::ui) fn again(screen: &Screen, model: &Model, change: &Change, action: Action) -> Result<Draft, String> {
    may_propose(screen, model)?;
    let text = &change.text;
    if !change.state.came_to_nothing() {
        return Err("only a change that came to nothing is proposed again from here".into());
    }
    let pair = model.estate.pair(&text.pair).ok_or("the pair is gone")?;
    let right = match &text.work {
        Work::Launch(launch) if launch.drill => Action::LaunchDrill,
        Work::Launch(_) => Action::Recover,
        Work::Controls { .. } if pair.side(&text.receiving) == Some(Side::Active) => Action::FailBack,
        Work::Controls { .. } => Action::FailOver,
    };
    if action != right {
        return Err(format!("{} proposes this one again", screen.key(right)));
    }
    let flips = match &text.work {
        Work::Launch(launch) => {
            let made = Draft::launching(&model.estate, &text.pair, &text.receiving, launch.of_latest());
            return made.map_err(|why| why.to_string());
        }
        Work::Controls { flips, .. } => flips,
    };
    let whole = Draft::towards(&model.estate, &text.pair, &text.receiving).map_err(|why| why.to_string())?;
    let same = |(arn, to): &(ControlArn, ControlState)| flips.iter().any(|f| f.arn == *arn && f.to == *to);
    if whole.to().len() == flips.len() && whole.to().iter().all(same) {
        return Ok(whole);
    }
    let marks = flips.iter().map(|f| (f.arn.clone(), Some(f.from)));
    Draft::of_marks(&model.estate, &text.pair, marks).map_err(|why| why.to_string())
}

/// Opens the draft of a change that failed, with its reasons.
pub(super) fn open_again(screen: &mut Screen, model: &Model, change: &Change, action: Action) {
    let made = again(screen, model, change, action);
    take_up(screen, made);
    let Some(form) = screen.draft.as_mut() else { return };
    if form.reason.value().is_empty() {
        form.reason = Input::new(change.text.reason.clone());
        form.draft.reason = change.text.reason.clone();
    }
    if let Some(at) = change.text.launch().and_then(|launch| launch.at).filter(|_| form.at.value().is_empty()) {
        form.at = Input::new(at.to_string());
    }
    if let Some(despite) = change.text.despite.as_ref().filter(|_| form.despite.value().is_empty()) {
        form.despite = Input::new(despite.reason.clone());
        form.draft.despite = despite.reason.clone();
    }
}

fn take_up(screen: &mut Screen, made: Result<Draft, String>) {
    match made {
        Ok(draft) => {
            // A draft for the same controls is taken up again, with what was typed.
            let same = |form: &DraftForm| form.draft.wanted == draft.wanted && form.draft.pair == draft.pair;
            if !screen.draft.as_ref().is_some_and(same) {
                let (reason, despite, at, focus) =
                    (Input::default(), Input::default(), Input::default(), Focus::Reason);
                screen.draft = Some(DraftForm { draft, reason, despite, at, focus, rule: None, asked: None });
            }
            screen.dialog = Some(Dialog::Draft);
            screen.dialog_scroll = 0;
        }
        Err(why) => complain(screen, &why),
    }
}

/// The rules that would refuse the draft, in the estate's order.
pub(in crate::ui) fn refusing(screen: &Screen, model: &Model) -> Vec<crate::estate::RuleArn> {
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
    let stop = stops_proposal(screen, model);
    let Some(by) = screen.setup.hands.operator.clone() else { return Vec::new() };
    let Some(form) = &mut screen.draft else { return Vec::new() };
    if form.asked.is_some() {
        return Vec::new();
    }
    if let Some((field, why)) = stop {
        form.focus = field;
        complain(screen, &why);
        return Vec::new();
    }
    if model.stops(&form.draft).is_empty() {
        form.draft.despite.clear();
    }
    let verdicts = model.predict(&form.draft);
    form.draft.overrides_mut().into_iter().for_each(|o| drop(drop_blinding(o, &verdicts)));
    let mut draft = form.draft.clone();
    if !form.at.value().trim().is_empty() && matches!(draft.wanted, Wanted::Launch(_)) {
        match crate::time::point_of(form.at.value(), model.now.wall) {
            Ok(at) => draft = draft.as_of(at),
            Err(why) => {
                form.focus = Focus::At;
                complain(screen, &why);
                return Vec::new();
            }
        }
    }
    form.asked = Some(model.changes.all().iter().map(|c| c.digest).collect::<BTreeSet<_>>());
    form.focus = Focus::Reason;
    vec![Wish::Propose { by, draft }]
}
