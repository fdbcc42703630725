//! What is wrong with the routing controls as they are, and since when nobody is let in anywhere.

use super::incident::QUIET;
use super::{Lever, Model};
use crate::estate::{ControlArn, ControlState, PairName, RuleKind, Service};
use crate::record::Since;
use crate::time::{Span, Stamp};
use crate::words::Fault;

/// Endpoints follow one another within this time: what they show for longer is so.
const SETTLED: Span = Span::from_secs(5);

/// That all controls of a service of a pair are Off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    since: Since,
    /// When this console saw it first.
    seen: Stamp,
    /// Since when it is so no more.
    gone: Option<Stamp>,
}

impl Model {
    /// What is wrong with the controls of a pair as they are now.
    #[must_use]
    pub fn control_faults(&self, pair: &PairName) -> Vec<Fault> {
        let mut faults = Vec::new();
        let (mut services, mut leads) = (Vec::new(), Vec::new());
        for service in self.closed(pair) {
            services.push(service.name.to_string());
            leads.extend(self.service_traffic(service).most().map(|(region, _)| region.clone()));
        }
        if !services.is_empty() {
            leads.sort();
            leads.dedup();
            faults.push(Fault::Off { services, leads });
        }
        let panel = self.estate.pair(pair).map(|p| &p.control_panel);
        let states = self.levers.agreed(self.now);
        for rule in self.estate.safety_rules.iter().filter(|r| Some(&r.control_panel) == panel) {
            let RuleKind::Assertion { controls } = &rule.kind else { continue };
            let sent = controls.iter().any(|c| self.sent(c).is_some());
            let broken = Self::rule_in(rule, &states).filter(|v| v.allows == Some(false) && !sent);
            faults.extend(broken.map(|v| Fault::Rule { name: v.name, why: v.why }));
        }
        faults
    }

    /// Whether the controls of a pair are as they should not be, or somebody else moved them.
    #[must_use]
    pub fn controls_are_wrong(&self, pair: &PairName) -> bool {
        !self.control_faults(pair).is_empty() || self.moved_of(pair).next().is_some()
    }

    /// The services whose controls are Off in all their regions.
    fn closed<'a>(&'a self, pair: &'a PairName) -> impl Iterator<Item = &'a Service> {
        let off = |arn: &ControlArn| self.lever(arn) == Lever::Agreed(ControlState::Off);
        let services = self.estate.services_of(pair);
        services.filter(move |s| s.controls.len() > 1 && s.controls.iter().all(|c| off(&c.arn)))
    }

    /// Their names.
    pub(super) fn closed_services(&self, pair: &PairName) -> Vec<String> {
        self.closed(pair).map(|s| s.name.to_string()).collect()
    }

    /// Takes note of which pairs have a service whose controls are all Off. What no endpoint shows has not ended.
    pub(crate) fn follow_closed(&mut self) {
        let (estate, now) = (self.estate.clone(), self.now);
        for pair in estate.pairs.iter().map(|p| &p.name) {
            let closed: Vec<&ControlArn> = self.closed(pair).flat_map(|s| s.controls.iter().map(|c| &c.arn)).collect();
            if !closed.is_empty() {
                let since = closed.iter().filter_map(|arn| self.off_since(arn)).max_by_key(|since| since.at().mono);
                // The last of them closed it; where none was seen to move it was found so.
                let since = since.unwrap_or(Since::Before(now));
                let known = self.closed.entry(pair.clone()).or_insert(Closed { since, seen: now, gone: None });
                known.gone = None;
                continue;
            }
            let known = |arn| matches!(self.lever(arn), Lever::Agreed(_));
            let all_known = estate.services_of(pair).all(|s| s.controls.iter().all(|c| known(&c.arn)));
            let Some(before) = self.closed.get_mut(pair).filter(|_| all_known) else { continue };
            if now.since(*before.gone.get_or_insert(now)) >= QUIET {
                self.closed.remove(pair);
            }
        }
    }

    /// Since when a control is Off; none where neither the journal nor this console saw it move.
    fn off_since(&self, control: &ControlArn) -> Option<Since> {
        let moved = self.moved_elsewhere(control).or_else(|| self.strange.get(control));
        let moved = moved.filter(|moved| moved.to == ControlState::Off).map(|m| Since::new(m.since, m.found));
        let seen = || self.levers.changed.get(control).map(|at| Since::Began(*at));
        moved.or_else(seen)
    }

    /// Since when a service of a pair has had all its controls Off, once that is settled.
    pub(crate) fn closed_since(&self, pair: &PairName) -> Option<Since> {
        let settled = |c: &&Closed| c.gone.is_none() && self.now.since(c.seen) >= self.in_life(SETTLED);
        self.closed.get(pair).filter(settled).map(|c| c.since)
    }

    /// Whether a service of a pair has all its controls Off, or had until a moment ago.
    pub(crate) fn was_closed(&self, pair: &PairName) -> bool {
        self.closed.contains_key(pair)
    }

    /// The same faults, as sentences; none where nothing is wrong.
    pub(super) fn fault_words(&self, pair: &PairName) -> Option<String> {
        crate::words::faults(&self.control_faults(pair))
    }
}
