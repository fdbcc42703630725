//! What the safety rules will say of a change, judged here before anybody is asked to approve it. ARC has
//! the last word: it knows rules that the estate file may not.

use std::collections::BTreeMap;

use super::Flip;
use crate::estate::{ControlArn, ControlState, RuleArn, RuleKind, RuleTest, SafetyRule};

/// A rule's expected answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The rule.
    pub rule: RuleArn,
    /// Its name.
    pub name: String,
    /// Whether it will let the change through; none when a state that it needs is not known.
    pub allows: Option<bool>,
    /// Whether the change overrides it.
    pub overridden: bool,
    /// Why, in words.
    pub why: String,
}

/// Drops overrides that would only blind a rule, and returns them: overrides of rules that would allow the change,
/// whose verdict is unknown, or that the change does not touch, and duplicates.
///
/// Every way to propose uses this, and the gate always does: a signed change overrides the rules that would refuse it,
/// and no others.
pub fn drop_blinding(overrides: &mut Vec<RuleArn>, verdicts: &[Verdict]) -> Vec<RuleArn> {
    let refuses = |rule: &RuleArn| verdicts.iter().any(|v| v.rule == *rule && v.allows == Some(false));
    let mut kept: Vec<RuleArn> = Vec::new();
    let mut dropped = Vec::new();
    for rule in std::mem::take(overrides) {
        let list = if refuses(&rule) && !kept.contains(&rule) { &mut kept } else { &mut dropped };
        list.push(rule);
    }
    *overrides = kept;
    dropped
}

/// The verdicts of the rules that a change touches, in the estate's order.
///
/// An assertion rule is judged on the states after the transaction. A gating rule is judged on its gating controls, for
/// the target controls that the change moves.
#[must_use]
pub fn predict(
    rules: &[SafetyRule],
    now: &BTreeMap<ControlArn, ControlState>,
    flips: &[Flip],
    overrides: &[RuleArn],
) -> Vec<Verdict> {
    let after = |arn: &ControlArn| flips.iter().find(|f| &f.arn == arn).map(|f| f.to).or_else(|| now.get(arn).copied());
    let moves = |arns: &[ControlArn]| flips.iter().any(|f| arns.contains(&f.arn));
    // What changes nothing judges the states as they are.
    let after_it = if flips.iter().any(|f| f.from != f.to) { " after the change" } else { "" };
    rules
        .iter()
        .filter_map(|rule| {
            let (judged, what) = match &rule.kind {
                RuleKind::Assertion { controls } if moves(controls) => (controls, after_it),
                RuleKind::Gating { gating, target } if moves(target) => (gating, " of its gating controls"),
                RuleKind::Assertion { .. } | RuleKind::Gating { .. } => return None,
            };
            let states: Vec<_> = judged.iter().map(after).collect();
            let on = states.iter().filter(|s| **s == Some(ControlState::On)).count();
            let unknown = states.iter().filter(|s| s.is_none()).count();
            let total = states.len();
            let test = |on: usize| {
                let holds = match rule.test {
                    RuleTest::AtLeast => on >= rule.threshold as usize,
                    RuleTest::And => on == total,
                    RuleTest::Or => on > 0,
                };
                holds != rule.inverted
            };
            // With states missing it is known only when every way to fill them gives the same answer.
            let allows = (test(on) == test(on + unknown)).then(|| test(on));
            let wanted = match (rule.test, rule.inverted) {
                (RuleTest::AtLeast, false) => format!("at least {} On", rule.threshold),
                (RuleTest::AtLeast, true) => format!("fewer than {} On", rule.threshold),
                (RuleTest::And, false) => "all On".to_owned(),
                (RuleTest::And, true) => "not all On".to_owned(),
                (RuleTest::Or, false) => "any On".to_owned(),
                (RuleTest::Or, true) => "none On".to_owned(),
            };
            let unknowns = if unknown > 0 { format!(", {unknown} not known") } else { String::new() };
            Some(Verdict {
                rule: rule.arn.clone(),
                name: rule.name.clone(),
                allows,
                overridden: overrides.contains(&rule.arn),
                why: format!("wants {wanted}; {on} of {total}{what} On{unknowns}"),
            })
        })
        .collect()
}
