//! The calls in which a change is sent. ARC takes ten controls in one, so a larger change goes in several, one after the
//! other, each judged by the safety rules on its own.
//!
//! What lets traffic in comes first: at no moment is there less to lead traffic to than before. Which calls there are
//! depends on the change's text alone, so that every console, and one that starts later, means the same by the second.

use std::collections::BTreeMap;

use super::{Flip, Verdict, predict};
use crate::estate::{ControlArn, ControlState, Estate, RuleArn, RuleKind, SafetyRule};
use crate::time::Span;

/// `UpdateRoutingControlStates` takes ten entries at most.
pub const MOST_IN_A_CALL: usize = 10;
/// Controls of one change: a cluster holds no more.
pub const MOST_CONTROLS: usize = 300;
/// What clocks of ARC and of this machine may differ by while a wait period runs.
const MARGIN: Span = Span::from_secs(1);

/// The calls of a change, in the order in which they are sent. One call takes the controls as they stand in the text.
#[must_use]
pub fn batches(flips: &[Flip]) -> Vec<Vec<Flip>> {
    if flips.len() <= MOST_IN_A_CALL {
        return vec![flips.to_vec()];
    }
    let of = |state: ControlState| -> Vec<Flip> { flips.iter().filter(|f| f.to == state).cloned().collect() };
    let (on, off) = (of(ControlState::On), of(ControlState::Off));
    on.chunks(MOST_IN_A_CALL).chain(off.chunks(MOST_IN_A_CALL)).map(<[Flip]>::to_vec).collect()
}

/// The states that a change's controls have when so many of its calls are in force and no more.
#[must_use]
pub fn after(flips: &[Flip], calls: usize) -> BTreeMap<ControlArn, ControlState> {
    let all = batches(flips);
    let state = |(i, batch): (usize, &Vec<Flip>)| -> Vec<(ControlArn, ControlState)> {
        batch.iter().map(|f| (f.arn.clone(), if i < calls { f.to } else { f.from })).collect()
    };
    all.iter().enumerate().flat_map(state).collect()
}

/// The overrides that a call needs: those of rules that judge one of its controls.
#[must_use]
pub fn overrides_of(estate: &Estate, batch: &[Flip], overrides: &[RuleArn]) -> Vec<RuleArn> {
    let judges = |arn: &&RuleArn| estate.rule(arn).is_none_or(|rule| touches(rule, batch));
    overrides.iter().filter(judges).cloned().collect()
}

/// Whether a rule judges a call that moves these.
fn touches(rule: &SafetyRule, batch: &[Flip]) -> bool {
    let (RuleKind::Assertion { controls: judged } | RuleKind::Gating { target: judged, .. }) = &rule.kind;
    batch.iter().any(|f| judged.contains(&f.arn))
}

/// How long after the calls before it a call is sent: a rule refuses what comes within its wait period after a change of
/// its controls.
#[must_use]
pub fn pause(rules: &[SafetyRule], before: &[Flip], batch: &[Flip]) -> Span {
    let of_both = rules.iter().filter(|rule| touches(rule, before) && touches(rule, batch));
    of_both.map(|rule| rule.wait_period.saturating_add(MARGIN)).max().unwrap_or(Span::ZERO)
}

/// The verdicts of the rules that a change touches, over all its calls: of each rule the worst, with the call that it is
/// about where there are several.
#[must_use]
pub fn predict_all(
    rules: &[SafetyRule],
    now: &BTreeMap<ControlArn, ControlState>,
    flips: &[Flip],
    overrides: &[RuleArn],
) -> Vec<Verdict> {
    let calls = batches(flips);
    if calls.len() == 1 {
        return predict(rules, now, flips, overrides);
    }
    let mut states = now.clone();
    let mut worst: Vec<Verdict> = Vec::new();
    for (i, call) in calls.iter().enumerate() {
        for verdict in predict(rules, &states, call, overrides) {
            let verdict = Verdict { why: format!("call {} of {}: {}", i + 1, calls.len(), verdict.why), ..verdict };
            let grave = |v: &Verdict| match v.allows {
                Some(false) => 2,
                None => 1,
                Some(true) => 0,
            };
            match worst.iter_mut().find(|v| v.rule == verdict.rule) {
                Some(known) if grave(known) >= grave(&verdict) => {}
                Some(known) => *known = verdict,
                None => worst.push(verdict),
            }
        }
        states.extend(call.iter().map(|f| (f.arn.clone(), f.to)));
    }
    let place = |v: &Verdict| rules.iter().position(|r| r.arn == v.rule);
    worst.sort_by_key(place);
    worst
}

/// Why a change of several calls would stop half-way: a rule would refuse one of them, or nobody can tell. One call is for
/// ARC to judge: it moves all or nothing.
#[must_use]
pub fn stops_half_way(
    rules: &[SafetyRule],
    now: &BTreeMap<ControlArn, ControlState>,
    flips: &[Flip],
    overrides: &[RuleArn],
) -> Option<String> {
    if flips.len() <= MOST_IN_A_CALL {
        return None;
    }
    let verdicts = predict_all(rules, now, flips, overrides);
    let first = verdicts.iter().find(|v| !v.overridden && v.allows != Some(true))?;
    let does = if first.allows == Some(false) { "would refuse part of it" } else { "may refuse part of it" };
    Some(format!("safety rule {} {does} and leave the rest half done ({})", first.name, first.why))
}
