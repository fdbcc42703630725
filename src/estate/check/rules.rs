//! Checks of the safety rules against the controls that they count.

use super::super::{ControlArn, Estate, RuleKind, RuleTest, SafetyRule};
use super::routing::Kind;
use super::{Check, nearest};

impl<'a> Check<'a> {
    pub fn rules(&mut self, e: &Estate) {
        self.unique("safety_rules", "name", "safety rule", e.safety_rules.iter().map(|r| r.name.as_str()));
        let arns = e.safety_rules.iter().enumerate();
        self.no_doubles(
            "safety rule has the ARN",
            arns.map(|(i, r)| (format!("safety_rules.{i}.arn"), r.arn.as_str())),
        );
        let controls = self.control_arns();
        for (i, rule) in e.safety_rules.iter().enumerate() {
            let path = format!("safety_rules.{i}");
            self.arn(e, &format!("{path}.arn"), rule.arn.as_str(), Kind::Rule);
            self.arn(e, &format!("{path}.control_panel"), rule.control_panel.as_str(), Kind::Panel);
            if !rule.arn.as_str().starts_with(&format!("{}/", rule.control_panel)) {
                let message = format!("rule `{}` has an ARN of another control panel than its own", rule.name);
                self.fault(&format!("{path}.arn"), message);
            }
            match &rule.kind {
                RuleKind::Assertion { controls: list } => {
                    self.listed(&path, "controls", rule, list, &controls);
                    self.counted(&path, rule, list.len());
                }
                RuleKind::Gating { gating, target } => {
                    self.listed(&path, "gating", rule, gating, &controls);
                    self.listed(&path, "target", rule, target, &controls);
                    self.counted(&path, rule, gating.len());
                }
            }
            if rule.wait_period.is_negative() {
                self.fault(&format!("{path}.wait_period"), "a wait period cannot be negative");
            }
            self.not_for_ever(&format!("{path}.wait_period"), rule.wait_period);
        }
    }

    /// The ARNs of all controls in the file, whether their service could be read or not.
    fn control_arns(&self) -> Vec<&'a str> {
        let services = self.tree.get("services").and_then(|v| v.get_ref().as_array());
        let of_services = services
            .into_iter()
            .flatten()
            .filter_map(|s| s.get_ref().get("controls")?.get_ref().as_array())
            .flatten()
            .filter_map(|c| c.get_ref().get("arn")?.get_ref().as_str());
        of_services.chain(self.names("gates", "arn")).collect()
    }

    fn listed(&mut self, path: &str, field: &str, rule: &SafetyRule, list: &[ControlArn], controls: &[&str]) {
        if list.is_empty() {
            self.fault(&format!("{path}.{field}"), format!("rule `{}` lists no controls in `{field}`", rule.name));
        }
        let panel = format!("{}/", rule.control_panel);
        for (j, arn) in list.iter().enumerate() {
            let at = format!("{path}.{field}.{j}");
            if !controls.contains(&arn.as_str()) {
                let near = nearest(arn.as_str(), controls);
                self.fault(&at, format!("no routing control has the ARN `{arn}`{near}"));
            } else if !arn.as_str().starts_with(&panel) {
                let message = format!("rule `{}` lists a control of another control panel: `{arn}`", rule.name);
                self.fault(&at, message);
            }
            if list.iter().take(j).any(|earlier| earlier == arn) {
                self.fault(&at, format!("rule `{}` lists the control `{arn}` twice", rule.name));
            }
        }
    }

    fn counted(&mut self, path: &str, rule: &SafetyRule, controls: usize) {
        let path = format!("{path}.threshold");
        match (rule.test, usize::try_from(rule.threshold).unwrap_or(usize::MAX)) {
            (RuleTest::AtLeast, 0) => {
                self.fault(&path, format!("rule `{}` asks for at least 0 controls: write how many", rule.name));
            }
            (RuleTest::AtLeast, threshold) if threshold > controls => {
                let message = format!("rule `{}` asks for at least {threshold} of {controls} controls", rule.name);
                self.fault(&path, message);
            }
            _ => {}
        }
    }
}
