//! The sequence that a failover follows: seven steps, recognised from what is observed.

use super::{Mark, Model, Severity, Subject};
use crate::change::State;
use crate::estate::{PairName, Side, Tier};
use crate::record::{Figures, Record};
use crate::time::{Span, Stamp};

/// The steps of a failover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The failure was seen.
    Detected,
    /// Somebody looked and proposed a change.
    Preflight,
    /// It was approved.
    Approval,
    /// Routing controls were changed and read back.
    Routing,
    /// DNS answers follow.
    Dns,
    /// Applications answer in the receiving region.
    Applications,
    /// People were told.
    Told,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Step; 7] =
        [Step::Detected, Step::Preflight, Step::Approval, Step::Routing, Step::Dns, Step::Applications, Step::Told];

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Whether it is done by machines: seen, judged or carried out without a person's hand. Fixed for each step, as
    /// the sequence in the design has it; what a person decides, approves or tells is manual.
    #[must_use]
    pub fn automatic(self) -> bool {
        !matches!(self, Step::Approval | Step::Told)
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Step::Detected => "detected",
            Step::Preflight => "preflight",
            Step::Approval => "approval",
            Step::Routing => "routing",
            Step::Dns => "dns",
            Step::Applications => "applications",
            Step::Told => "told",
        }
    }
}

/// When a step began and ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepClock {
    /// When it began.
    pub began: Option<Stamp>,
    /// When it ended.
    pub ended: Option<Stamp>,
}

impl StepClock {
    /// How long it took, or has taken until now.
    #[must_use]
    pub fn took(&self, now: Stamp) -> Option<Span> {
        self.began.map(|b| self.ended.unwrap_or(now).since(b))
    }
}

/// A failure, or a planned move, from its beginning until people were told.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// When it began.
    pub started: Stamp,
    /// When its last step ended.
    pub ended: Option<Stamp>,
    /// Whether it began with a proposal and not with a failure.
    pub planned: bool,
    /// Its steps' clocks.
    pub steps: [StepClock; 7],
    /// The tightest RTO of the pair's services.
    pub rto: Span,
    /// What was known when the last second key was turned.
    pub figures: Option<Figures>,
}

impl Incident {
    /// A step's clock.
    #[must_use]
    pub fn step(&self, step: Step) -> &StepClock {
        &self.steps[step as usize]
    }

    /// How long it has lasted.
    #[must_use]
    pub fn lasted(&self, now: Stamp) -> Span {
        self.ended.unwrap_or(now).since(self.started)
    }

    /// What is left of the tightest RTO; negative when it is past. The RTO counts until applications answer.
    #[must_use]
    pub fn rto_left(&self, now: Stamp) -> Span {
        let until = self.step(Step::Applications).ended.unwrap_or(now);
        self.rto - until.since(self.started)
    }
}

impl Model {
    /// The things that have failed on a side and are of the critical tier, with since when.
    #[must_use]
    pub fn failures(&self, pair: &PairName, side: Side) -> Vec<(&Subject, &super::Standing)> {
        self.failed(pair, side, |tier| tier == Tier::Critical)
    }

    /// All that has failed on a side; of the critical tier first.
    #[must_use]
    pub fn troubles(&self, pair: &PairName, side: Side) -> Vec<(&Subject, &super::Standing)> {
        let mut all = self.failures(pair, side);
        all.extend(self.failed(pair, side, |tier| tier != Tier::Critical));
        all
    }

    fn failed(&self, pair: &PairName, side: Side, counts: impl Fn(Tier) -> bool) -> Vec<(&Subject, &super::Standing)> {
        let Some(p) = self.estate.pair(pair) else { return Vec::new() };
        let region = p.region(side);
        let service = |name: &crate::estate::ServiceName| {
            self.estate.services.iter().any(|s| &s.name == name && &s.pair == pair && counts(s.tier))
        };
        self.standings
            .iter()
            .filter(|(_, standing)| standing.mark == Mark::Fail)
            .filter(|(subject, _)| match subject {
                Subject::System(id, at) => {
                    *at == side && self.estate.systems.iter().any(|s| &s.id == id && &s.pair == pair && counts(s.tier))
                }
                Subject::Check(id) => {
                    self.estate.health_checks.iter().any(|c| &c.id == id && &c.region == region && service(&c.service))
                }
                Subject::Probe(name, at) => at == region && service(name),
                Subject::Link(_) | Subject::Source(_) => false,
            })
            .collect()
    }

    /// Whether a side is impaired: at least two critical things there have failed.
    #[must_use]
    pub fn impaired_since(&self, pair: &PairName, side: Side) -> Option<Stamp> {
        let failures = self.failures(pair, side);
        let now = failures.iter().map(|(_, s)| s.since).min().filter(|_| failures.len() >= 2)?;
        let at = self.estate.pairs.iter().position(|p| &p.name == pair);
        let before = at.and_then(|at| self.impaired.get(&(at, side)).copied());
        Some(before.filter(|b| b.mono < now.mono).unwrap_or(now))
    }

    /// Opens, moves on and closes incidents by what is known now.
    pub(crate) fn follow_steps(&mut self) {
        let estate = self.estate.clone();
        for pair in estate.pairs.iter().map(|p| &p.name) {
            self.open_incident(pair);
            let now = self.now;
            let Some(mut incident) = self.incidents.get(pair).filter(|i| i.ended.is_none()).cloned() else { continue };
            let before = incident.clone();
            let change =
                self.changes.all().iter().rev().find(|c| {
                    &c.text.pair == pair && c.text.moves_traffic() && c.proposed.mono >= incident.started.mono
                });
            let mut end = |step: Step, done: bool, at: Stamp| {
                let clock = &mut incident.steps[step as usize];
                if clock.began.is_none() {
                    clock.began = Some(at);
                }
                if done && clock.ended.is_none() {
                    clock.ended = Some(at);
                }
            };
            if let Some(change) = change {
                end(Step::Preflight, true, change.proposed);
                let approved = !matches!(
                    change.state,
                    State::Proposed | State::Rejected { .. } | State::Withdrawn | State::Expired(_) | State::Void(_)
                );
                let approved_at = change.approvals.last().map_or(now, |a| a.at);
                end(Step::Approval, approved, if approved { approved_at } else { change.proposed });
                if approved {
                    let verified = matches!(change.state, State::Verified { .. });
                    end(Step::Routing, verified, if verified { change.since } else { approved_at });
                    if verified {
                        let dns = self.dns_moved(change);
                        end(Step::Dns, dns, now);
                        let there = dns && self.applications_answer(change);
                        end(Step::Applications, there, now);
                        if there {
                            end(Step::Told, false, now);
                        }
                    }
                }
            }
            for step in Step::ALL {
                let (old, new) = (before.step(step), incident.step(step));
                if old.ended.is_none() && new.ended.is_some() {
                    self.keep(Record::Step { pair: pair.clone(), step: step.number(), done: true });
                } else if old.began.is_none() && new.began.is_some() {
                    self.keep(Record::Step { pair: pair.clone(), step: step.number(), done: false });
                }
            }
            self.incidents.insert(pair.clone(), incident);
        }
    }

    /// Starts the clock of a pair's incident since when somebody says that it began; one that runs is set back to that.
    pub(crate) fn start_clock(&mut self, pair: &PairName, since: Stamp) {
        if let Some(running) = self.incidents.get_mut(pair).filter(|i| i.ended.is_none()) {
            running.started = running.started.min(since);
            return;
        }
        let mut steps = [StepClock::default(); 7];
        // Somebody saw it: that is step 1.
        steps[0] = StepClock { began: Some(since), ended: Some(self.now) };
        steps[1] = StepClock { began: Some(self.now), ended: None };
        let rto = self.tightest_rto(pair);
        let incident = Incident { started: since, ended: None, planned: false, steps, rto, figures: None };
        self.incidents.insert(pair.clone(), incident);
    }

    /// Stops the clock of a pair's incident, because somebody says that it is over.
    pub(crate) fn stop_clock(&mut self, pair: &PairName, at: Stamp) {
        if let Some(running) = self.incidents.get_mut(pair) {
            running.ended.get_or_insert(at);
        }
    }

    /// The tightest RTO of a pair's services.
    fn tightest_rto(&self, pair: &PairName) -> Span {
        let targets = self.estate.services_of(pair).map(|s| self.estate.targets.rto.of(s.tier));
        targets.min().unwrap_or(Span::from_hours(1))
    }

    fn open_incident(&mut self, pair: &PairName) {
        let running = self.incidents.get(pair).is_some_and(|i| i.ended.is_none());
        if running {
            return;
        }
        let after = self.incidents.get(pair).and_then(|i| i.ended);
        let is_new = |at: Stamp| after.is_none_or(|ended| at.mono > ended.mono);
        let rto = self.tightest_rto(pair);
        let entry = self.entry_side(pair);
        let failed = entry.and_then(|side| self.impaired_since(pair, side)).filter(|at| is_new(*at));
        let proposed = self
            .changes
            .open()
            .filter(|c| &c.text.pair == pair && c.text.moves_traffic())
            .map(|c| c.proposed)
            .find(|at| is_new(*at));
        let mut steps = [StepClock::default(); 7];
        let (started, planned) = match (failed, proposed) {
            (Some(at), proposed) if proposed.is_none_or(|p| at.mono <= p.mono) => {
                steps[0] = StepClock { began: Some(at), ended: Some(self.now) };
                steps[1] = StepClock { began: Some(self.now), ended: None };
                (at, false)
            }
            (_, Some(at)) => (at, true),
            _ => return,
        };
        self.incidents.insert(pair.clone(), Incident { started, ended: None, planned, steps, rto, figures: None });
        self.keep(Record::Began { pair: pair.clone(), since: started.wall, planned });
        if !planned && let Some(region) = entry.and_then(|s| self.estate.pair(pair).map(|p| p.region(s).clone())) {
            self.keep(Record::Step { pair: pair.clone(), step: 1, done: true });
            self.note(
                Some(pair.clone()),
                "signalbox",
                Severity::Bad,
                format!("{region} is impaired and has traffic: the clock runs"),
            );
        }
    }
}
