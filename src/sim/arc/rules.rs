//! Safety rules, truly evaluated: what the cluster decides before it carries out a transaction.
//!
//! Written from AWS's documents alone; the console predicts the same with code of its own.

use crate::estate::{ControlArn, ControlState, RuleArn, RuleKind, RuleTest, SafetyRule};
use crate::time::{Span, Timestamp};

/// One control to be set in a transaction.
pub type Entry = (ControlArn, ControlState);

/// Why a transaction is refused: one rule, the first that objects.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An assertion would not hold afterwards.
    #[error("the assertion rule {name} ({rule}) would not hold after this change")]
    Assertion {
        /// The rule.
        rule: RuleArn,
        /// Its name.
        name: String,
    },
    /// A gate is closed.
    #[error("the gating rule {name} ({rule}) does not allow its target routing controls to change")]
    Gate {
        /// The rule.
        rule: RuleArn,
        /// Its name.
        name: String,
    },
    /// A wait period has not run out.
    #[error("the safety rule {name} ({rule}) is within its wait period after the last change; {left_ms} ms are left")]
    Wait {
        /// The rule.
        rule: RuleArn,
        /// Its name.
        name: String,
        /// How much longer.
        left_ms: i128,
    },
}

impl Refusal {
    /// The rule that objects.
    #[must_use]
    pub fn rule(&self) -> &RuleArn {
        match self {
            Refusal::Assertion { rule, .. } | Refusal::Gate { rule, .. } | Refusal::Wait { rule, .. } => rule,
        }
    }
}

/// What the judge needs to know of the world.
pub struct Bench<'a> {
    /// The state of a control before the transaction.
    pub state: &'a dyn Fn(&ControlArn) -> Option<ControlState>,
    /// When any of some controls was last changed.
    pub last_change: &'a dyn Fn(&[ControlArn]) -> Option<Timestamp>,
    /// The moment.
    pub now: Timestamp,
}

/// Judges a transaction by every rule but those overridden. A rule has a say when the transaction touches one of the
/// controls it guards.
///
/// # Errors
/// The first rule that objects.
pub fn judge(
    rules: &[SafetyRule],
    entries: &[Entry],
    overridden: &[RuleArn],
    bench: &Bench<'_>,
) -> Result<(), Refusal> {
    let after = |control: &ControlArn| {
        let set = entries.iter().find(|(c, _)| c == control).map(|(_, s)| *s);
        set.or_else(|| (bench.state)(control))
    };
    for rule in rules.iter().filter(|r| !overridden.contains(&r.arn)) {
        let guarded = match &rule.kind {
            RuleKind::Assertion { controls } => controls,
            RuleKind::Gating { target, .. } => target,
        };
        if !entries.iter().any(|(c, _)| guarded.contains(c)) {
            continue;
        }
        if let Some(left) = waiting(rule, guarded, bench) {
            let (rule, name) = (rule.arn.clone(), rule.name.clone());
            return Err(Refusal::Wait { rule, name, left_ms: left.as_millis().max(1) });
        }
        match &rule.kind {
            RuleKind::Assertion { controls } if !holds(rule, controls, &after) => {
                return Err(Refusal::Assertion { rule: rule.arn.clone(), name: rule.name.clone() });
            }
            // The gate must stand open before: a transaction cannot open its own gate.
            RuleKind::Gating { gating, .. } if !holds(rule, gating, bench.state) => {
                return Err(Refusal::Gate { rule: rule.arn.clone(), name: rule.name.clone() });
            }
            _ => {}
        }
    }
    Ok(())
}

fn waiting(rule: &SafetyRule, guarded: &[ControlArn], bench: &Bench<'_>) -> Option<Span> {
    let last = (bench.last_change)(guarded)?;
    let left = rule.wait_period - bench.now.duration_since(last);
    (left > Span::ZERO).then_some(left)
}

fn holds(rule: &SafetyRule, controls: &[ControlArn], state: &dyn Fn(&ControlArn) -> Option<ControlState>) -> bool {
    let on = controls.iter().filter(|c| state(c) == Some(ControlState::On)).count();
    let holds = match rule.test {
        RuleTest::AtLeast => on >= usize::try_from(rule.threshold).unwrap_or(usize::MAX),
        RuleTest::And => on == controls.len(),
        RuleTest::Or => on > 0,
    };
    holds != rule.inverted
}

/// Every control that a rule names.
pub fn controls(kind: &RuleKind) -> impl Iterator<Item = &ControlArn> {
    let (first, second): (&[ControlArn], &[ControlArn]) = match kind {
        RuleKind::Assertion { controls } => (controls, &[]),
        RuleKind::Gating { gating, target } => (gating, target),
    };
    first.iter().chain(second)
}
