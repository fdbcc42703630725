//! Whether a change is of an estate: its cluster, its controls under their names, its rules, its pair and regions.

use std::collections::{BTreeMap, BTreeSet};

use super::batches::{MOST_CONTROLS, predict_all};
use super::{ChangeText, Draft, Flip, Override, Work};
use crate::estate::{ControlArn, ControlState, Estate};
use crate::hygiene::one_line;

/// What a change that moves no traffic says of the data that may be lost.
pub const NO_LOSS: &str = "none: no traffic moves";

impl ChangeText {
    /// The parts of a change that do not fit an estate, in words; empty if all of it fits. A change that a requester
    /// wrote by hand is checked in the same way as one that the gate froze.
    #[must_use]
    pub fn misfits(&self, estate: &Estate) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.estate != one_line(&estate.name) {
            wrong.push(format!("it is of estate `{}`, your file is of `{}`", self.estate, estate.name));
        }
        if self.cluster != estate.cluster.arn {
            wrong.push(format!("its cluster is {}, your file's is {}", self.cluster, estate.cluster.arn));
        }
        for f in self.flips() {
            match estate.control(&f.arn) {
                None => wrong.push(format!("`{}` ({}) is not a routing control in your file", f.name, f.arn)),
                Some(c) if one_line(&c.name) != f.name => {
                    wrong.push(format!("what it calls `{}` is `{}` in your file ({})", f.name, c.name, f.arn));
                }
                Some(_) => wrong.extend(self.misplaced(f, estate)),
            }
        }
        for o in self.overrides() {
            match estate.rule(&o.arn) {
                None => wrong.push(format!("`{}` ({}) is not a safety rule in your file", o.name, o.arn)),
                Some(r) if one_line(&r.name) != o.name => {
                    wrong.push(format!("the rule it calls `{}` is `{}` in your file ({})", o.name, r.name, o.arn));
                }
                Some(_) => {}
            }
        }
        match estate.pair(&self.pair) {
            Some(pair) if pair.side(&self.receiving).is_some() => {}
            _ => wrong.push(format!("region {} is not of pair `{}` in your file", self.receiving, self.pair)),
        }
        wrong.extend(self.misshapen(estate));
        if !self.titles(estate).contains(&self.title) {
            wrong.push(format!("its title says `{}`, but it does `{}`", self.title, self.own_title()));
        }
        let recovers = self.launch().is_some_and(|launch| !launch.drill);
        if (self.moves_traffic() || recovers) && self.loss.trim_start().to_lowercase().starts_with("none") {
            wrong.push("it says that no data can be lost, but this change can lose data".to_owned());
        }
        wrong.extend(self.blinds(estate, &BTreeMap::new()));
        wrong
    }

    /// An override of a rule that would not refuse it, as far as these states tell: it would only make the rule blind.
    pub(super) fn blinds(&self, estate: &Estate, now: &BTreeMap<ControlArn, ControlState>) -> Option<String> {
        let overridden: Vec<_> = self.overrides().iter().map(|o| o.arn.clone()).collect();
        let verdicts = predict_all(&estate.safety_rules, now, self.flips(), &overridden);
        let needless = |o: &&Override| verdicts.iter().find(|v| v.rule == o.arn).is_none_or(|v| v.allows == Some(true));
        let first = self.overrides().iter().find(needless)?;
        Some(format!("it overrides safety rule `{}`, which would not refuse it", first.name))
    }

    /// A title that says more than it does, as far as these states tell: that it moves a pair, and a service stays behind.
    pub(super) fn leaves_behind(&self, estate: &Estate, now: &BTreeMap<ControlArn, ControlState>) -> Option<String> {
        let whole =
            Draft::towards(estate, &self.pair, &self.receiving).ok().filter(|draft| draft.title == self.title)?;
        let moved = |arn: &ControlArn| self.flips().iter().find(|f| f.arn == *arn).map(|f| f.to);
        let after = |arn: &ControlArn| moved(arn).or_else(|| now.get(arn).copied());
        let (arn, _) = whole.to().iter().find(|(arn, to)| after(arn).is_some_and(|after| after != *to))?;
        let name = estate.control(arn).map_or_else(|| arn.to_string(), |c| c.name.clone());
        Some(format!("its title says `{}`, but `{name}` would not move", self.title))
    }

    /// Controls that do nothing, appear twice or are too many; and traffic that goes elsewhere than the text says.
    fn misshapen(&self, estate: &Estate) -> Option<String> {
        if let Work::Launch(_) = &self.work {
            return None;
        }
        let flips = self.flips();
        let once: BTreeSet<_> = flips.iter().map(|f| &f.arn).collect();
        if flips.is_empty() || flips.len() > MOST_CONTROLS || once.len() < flips.len() {
            return Some(format!("it has {} controls: 1 to {MOST_CONTROLS} are one change, each once", flips.len()));
        }
        if let Some(idle) = flips.iter().find(|f| f.from == f.to) {
            return Some(format!("`{}` would stay {}: only what changes is part of a change", idle.name, idle.to));
        }
        let steers = flips.iter().find(|f| estate.service_of_control(&f.arn).is_some());
        match (steers, self.moves_traffic()) {
            (Some(f), false) => {
                return Some(format!("it says that no traffic moves, and `{}` steers traffic", f.name));
            }
            (None, true) => {
                let to = &self.receiving;
                return Some(format!("it says that traffic goes to {to}, and none of its controls steers any"));
            }
            _ => {}
        }
        let towards = |f: &Flip| {
            let region = estate.control(&f.arn)?.region.as_ref()?;
            let pair = estate.pair(&estate.service_of_control(&f.arn)?.pair)?;
            Some(match f.to {
                ControlState::On => region,
                ControlState::Off => pair.region(pair.side(region)?.other()),
            })
        };
        let other = flips.iter().find_map(|f| towards(f).filter(|r| **r != self.receiving).map(|r| (f, r)));
        other.map(|(f, region)| {
            let name = &self.receiving;
            format!(
                "it names {name} as receiving, and `{}` {} sends traffic to {region}: propose them apart",
                f.name, f.to
            )
        })
    }

    /// A control that steers a service of another pair than the change names, or is a gate in another pair's panel.
    fn misplaced(&self, flip: &Flip, estate: &Estate) -> Option<String> {
        let of = match estate.service_of_control(&flip.arn) {
            Some(service) => &service.pair,
            None if estate.pair(&self.pair)?.control_panel.holds(&flip.arn) => return None,
            None => &estate.pairs.iter().find(|p| p.control_panel.holds(&flip.arn))?.name,
        };
        (*of != self.pair)
            .then(|| format!("`{}` is of pair `{of}`, and the change names pair `{}`", flip.name, self.pair))
    }
}
