//! Whether a change is of an estate: its cluster, its controls under their names, its rules, its pair and regions.

use super::{ChangeText, Flip};
use crate::estate::{ControlState, Estate};
use crate::hygiene::one_line;

impl ChangeText {
    /// What of it does not fit an estate, in words; empty where all does. What a requester writes by hand is held
    /// against the same as what the gate freezes.
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
                None => wrong.push(format!("`{}` ({}) is no routing control of your file", f.name, f.arn)),
                Some(c) if one_line(&c.name) != f.name => {
                    wrong.push(format!("what it calls `{}` is `{}` in your file ({})", f.name, c.name, f.arn));
                }
                Some(_) => wrong.extend(self.misplaced(f, estate)),
            }
        }
        for o in self.overrides() {
            match estate.rule(&o.arn) {
                None => wrong.push(format!("`{}` ({}) is no safety rule of your file", o.name, o.arn)),
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
        let on = |f: &&Flip| f.to == ControlState::On;
        let region = |f: &Flip| estate.control(&f.arn).and_then(|c| c.region.clone());
        let mut goes = self.flips().iter().filter(on).filter_map(region).peekable();
        if goes.peek().is_some() && !goes.any(|r| r == self.receiving) {
            wrong.push(format!("it names {} as receiving, and no control goes On there", self.receiving));
        }
        wrong
    }

    /// A control that steers a service of another pair than the change names.
    fn misplaced(&self, flip: &Flip, estate: &Estate) -> Option<String> {
        let service = estate.service_of_control(&flip.arn)?;
        (service.pair != self.pair)
            .then(|| format!("`{}` is of pair `{}`, and the change names pair `{}`", flip.name, service.pair, self.pair))
    }
}
