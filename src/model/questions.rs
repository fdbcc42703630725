//! Questions that the screens ask of what is known. Pure: nothing here changes anything.

use std::collections::BTreeMap;

use super::{Enters, Lever, Mark, Model, Sight, Subject, Traffic};
use crate::change::{Change, Flip, State, Verdict};
use crate::estate::{
    Control, ControlArn, ControlState, Pair, PairName, Region, ResolverName, RuleKind, SafetyRule, Side,
};
use crate::event::SourceId;
use crate::time::{Moment, Span};
use crate::words::Untold;

/// What an endpoint shows of a change's controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The states asked for.
    New,
    /// The states from before.
    Old,
    /// Some of each, or controls missing.
    Mixed,
    /// Nothing that was read since.
    Nothing,
}

/// The window that a change has to get through now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// What is left of it.
    pub left: Span,
    /// How long it is.
    pub whole: Span,
}

impl Model {
    /// Whether every source has reported once, well or badly.
    #[must_use]
    pub fn all_heard(&self) -> bool {
        let heard = |id: &SourceId| self.sources.contains_key(id);
        let arc = self.estate.cluster.endpoints.iter().all(|x| heard(&SourceId::Arc(x.region.clone())));
        arc && self.all_but_arc_heard()
    }

    /// The same of every source but the cluster's endpoints.
    #[must_use]
    pub(crate) fn all_but_arc_heard(&self) -> bool {
        let e = &self.estate;
        let heard = |id: &SourceId| self.sources.contains_key(id);
        e.resolvers.iter().all(|r| heard(&SourceId::Dns(r.name.clone())))
            && e.health_checks.iter().all(|h| heard(&SourceId::Route53(h.id.clone())))
            && e.services
                .iter()
                .all(|s| s.probes.iter().all(|p| heard(&SourceId::Probe(s.name.clone(), p.region.clone()))))
            && e.systems.iter().all(|s| {
                s.readings
                    .iter()
                    .all(|r| r.places().iter().all(|p| self.source_of(s, r, *p).is_none_or(|id| heard(&id))))
            })
    }

    /// How a side of a pair is, in a word or two for its title.
    #[must_use]
    pub fn side_state(&self, pair: &PairName, side: Side) -> (Mark, String) {
        if self.newest().is_none() {
            return (Mark::Unknown, "NOT READ YET".into());
        }
        if self.impaired_since(pair, side).is_some() {
            return (Mark::Fail, "IMPAIRED".into());
        }
        let preflight = self.preflight(pair, side);
        let (score, failed, unknown) = (preflight.score(), preflight.count(Mark::Fail), preflight.count(Mark::Unknown));
        let (serves, seen) = match self.enters(pair) {
            Enters::Seen(there) | Enters::ControlsSay(there, Untold::Unwatched) => (there == side, true),
            Enters::ControlsSay(there, _) => (there == side, false),
            Enters::Unknown(_) => (false, false),
        };
        if serves {
            if !self.control_faults(pair).is_empty() {
                return (Mark::Fail, "CHECK CONTROLS".into());
            }
            let failures = self.troubles(pair, side).len();
            return if failures > 0 {
                (Mark::Warn, format!("{failures} FAILURE{}", if failures == 1 { "" } else { "S" }))
            } else if !self.shaky(pair, side).is_empty() {
                (Mark::Warn, "NOT STEADY".into())
            } else if self.estate.pair(pair).is_none_or(|p| self.sight(p, side) != Sight::Whole) {
                (Mark::Unknown, "PARTLY SEEN".into())
            } else if !seen {
                // Nobody knows whether it has the traffic: that nothing fails there is not that all is well.
                (Mark::Unknown, "NO FAILURE SEEN".into())
            } else {
                (Mark::Ok, "WELL".into())
            };
        }
        if preflight.hinders() {
            (Mark::Warn, format!("NOT READY {score}"))
        } else if failed > 0 {
            (Mark::Warn, format!("READY, {failed} FAILING"))
        } else if unknown * 5 > preflight.checks.len()
            || preflight.with(Mark::Unknown).any(|c| self.is_stopping(c, side))
        {
            (Mark::Unknown, format!("READINESS UNKNOWN {score}"))
        } else {
            (Mark::Ok, format!("READY {score}"))
        }
    }

    /// Whether a side is known to be unable to take the traffic.
    #[must_use]
    pub fn refuses_traffic(&self, pair: &PairName, side: Side) -> bool {
        self.impaired_since(pair, side).is_some() || self.preflight(pair, side).hinders()
    }

    /// The gates of a pair: those in its control panel, by their ARNs.
    pub fn gates_of<'a>(&'a self, pair: &'a Pair) -> impl Iterator<Item = &'a Control> {
        let anywhere = move |g: &Control| self.estate.pairs.iter().any(|p| p.control_panel.holds(&g.arn));
        self.estate.gates.iter().filter(move |g| pair.control_panel.holds(&g.arn) || !anywhere(g))
    }

    /// The window of an open change: for its approval, or for the second key.
    #[must_use]
    pub fn window(&self, change: &Change) -> Option<Window> {
        let policy = &self.estate.policy;
        let (from, whole, before) = match change.state {
            State::Proposed => (&change.proposed_at, change.text.window(), Span::ZERO),
            State::Approved => (&change.since_at, policy.second_key_within, change.text.window()),
            _ => return None,
        };
        // The earlier of what the boot clock and the wall clock leave, as the gate has it.
        let now = Moment { stamp: self.now, boot: self.boot.clone() };
        let passed = now.since(from);
        let signed = self.now.wall.duration_since(change.text.at) - before;
        let passed = passed.by_boot.unwrap_or(passed.by_wall).max(passed.by_wall).max(signed);
        Some(Window { left: (whole - passed).max(Span::ZERO), whole })
    }

    /// What each resolver answers for the names that a change moves, the estate's order.
    #[must_use]
    pub fn resolver_shares(&self, change: &Change) -> Vec<(&ResolverName, Traffic)> {
        let names: Vec<&String> = self.received(change).flat_map(|s| &s.dns).collect();
        let of = |resolver: &ResolverName| {
            let mut traffic = Traffic::default();
            for name in &names {
                self.count(&mut traffic, resolver, name);
            }
            traffic
        };
        self.estate.resolvers.iter().map(|r| (&r.name, of(&r.name))).collect()
    }

    /// What an endpoint shows of a change's controls since the change came into its state.
    #[must_use]
    pub fn shown_by(&self, change: &Change, endpoint: &Region) -> Shown {
        let Some(view) = self.levers.endpoints.get(endpoint) else { return Shown::Nothing };
        let running = change.state.is_running();
        let now = |arn: &ControlArn| {
            let shown = view.control(arn).filter(|shown| !running || shown.heard.mono > change.surely.mono)?;
            shown.get(self.now).copied()
        };
        let shown: Vec<(&Flip, Option<ControlState>)> = change.text.flips().iter().map(|f| (f, now(&f.arn))).collect();
        if shown.iter().all(|(_, state)| state.is_none()) {
            return Shown::Nothing;
        }
        let all = |want: fn(&Flip) -> ControlState| shown.iter().all(|(f, state)| *state == Some(want(f)));
        if all(|f| f.to) {
            Shown::New
        } else if all(|f| f.from) {
            Shown::Old
        } else {
            Shown::Mixed
        }
    }

    /// What a safety rule says of the states as they are.
    #[must_use]
    pub fn rule_now(&self, rule: &SafetyRule) -> Option<Verdict> {
        Self::rule_in(rule, &self.levers.agreed(self.now))
    }

    /// Whether the rules that a gate opens let the controls behind it move now; none where that is not known, or where no
    /// rule asks for the gate.
    #[must_use]
    pub fn gate_opens(&self, gate: &ControlArn) -> Option<bool> {
        let asks = |r: &&SafetyRule| matches!(&r.kind, RuleKind::Gating { gating, .. } if gating.contains(gate));
        let allows: Vec<_> = self
            .estate
            .safety_rules
            .iter()
            .filter(asks)
            .map(|rule| self.rule_now(rule).and_then(|verdict| verdict.allows))
            .collect();
        match allows.contains(&Some(false)) {
            true => Some(false),
            false => (!allows.is_empty() && !allows.contains(&None)).then_some(true),
        }
    }

    /// The same of these states.
    pub(super) fn rule_in(rule: &SafetyRule, now: &BTreeMap<ControlArn, ControlState>) -> Option<Verdict> {
        // A flip that changes nothing makes the rule look at the states as they are.
        let touched = match &rule.kind {
            RuleKind::Assertion { controls } => controls.iter().find(|c| now.contains_key(*c)).or(controls.first()),
            RuleKind::Gating { target, .. } => target.first(),
        }?;
        let Some(state) = now.get(touched).copied().or(match rule.kind {
            RuleKind::Gating { .. } => Some(ControlState::On),
            RuleKind::Assertion { .. } => None,
        }) else {
            return Some(Verdict {
                rule: rule.arn.clone(),
                name: rule.name.clone(),
                allows: None,
                overridden: false,
                why: "no state is known".into(),
            });
        };
        let still = Flip { arn: touched.clone(), name: String::new(), from: state, to: state };
        crate::change::predict(std::slice::from_ref(rule), now, &[still], &[]).into_iter().next()
    }

    /// Controls on which the endpoints that answer disagree.
    #[must_use]
    pub fn disagreements(&self) -> Vec<&ControlArn> {
        self.estate
            .controls()
            .map(|c| &c.arn)
            .filter(|arn| matches!(self.levers.get(arn, self.now), Lever::Disagreed { .. }))
            .collect()
    }

    /// The mark of a system on a side; none where it is not watched there.
    #[must_use]
    pub fn system_mark(&self, system: &crate::estate::System, side: Side) -> Option<Mark> {
        self.standing(&Subject::System(system.id.clone(), side)).map(|s| s.mark)
    }
}
