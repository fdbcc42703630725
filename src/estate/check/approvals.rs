//! Checks the policy's rules: whether people other than the requester can give the approvals that they ask for.

use std::collections::BTreeSet;

use super::super::{ApprovalRule, ChangeKind, Electorate, Estate, Need, Role};
use super::{Check, nearest};

impl Check<'_> {
    /// `known`: the people are known, each as one.
    pub fn approval_rules(&mut self, e: &Estate, known: bool) {
        let mut sound = true;
        for (i, rule) in e.policy.rules.iter().enumerate() {
            sound &= self.approval_rule(e, &format!("policy.rules.{i}"), rule);
        }
        // If a need fails because of a fault that was already reported, it is not reported again.
        if sound && known {
            self.rules_can_be_met(e);
        }
    }

    fn approval_rule(&mut self, e: &Estate, path: &str, rule: &ApprovalRule) -> bool {
        let before = self.faults.len();
        if rule.kinds.is_empty() {
            self.fault(&format!("{path}.kinds"), "the rule is for no kind of change: write for which");
        }
        if rule.approvals.is_empty() {
            let message = "the rule asks for nobody's approval: write `{ count = 1 }` for anybody's";
            self.fault(&format!("{path}.approvals"), message);
        }
        let able = || e.people.iter().filter(|p| p.is(Role::Approver) && e.can_sign(p, None));
        let groups: BTreeSet<&str> = able().flat_map(|p| &p.groups).map(String::as_str).collect();
        let groups: Vec<&str> = groups.into_iter().collect();
        for (j, need) in rule.approvals.iter().enumerate() {
            let path = format!("{path}.approvals.{j}");
            if need.count == 0 {
                self.fault(&format!("{path}.count"), "`count` must be 1 or more: a change always needs an approval");
            }
            if rule.approvals.iter().take(j).any(|earlier| earlier.group == need.group) {
                let message = format!("the rule asks for {} twice: write once how many", whom(need));
                self.fault(&path, message);
            }
            let Some(group) = need.group.as_deref().filter(|_| self.whole("people")) else { continue };
            if groups.contains(&group) {
                continue;
            }
            let message = if e.people.iter().any(|p| p.groups.iter().any(|g| g == group)) {
                format!("nobody of `{group}` can approve: give one of them the approver role and a key")
            } else {
                format!("nobody is in the group `{group}`{}", nearest(group, &groups))
            };
            self.fault(&format!("{path}.group"), message);
        }
        self.faults.len() == before
    }

    /// Checks that each kind of change, and each two together, can be approved for at least one operator by other
    /// people.
    fn rules_can_be_met(&mut self, e: &Estate) {
        let operators = || e.people.iter().filter(|p| p.is(Role::Operator) && e.can_sign(p, None));
        let electorate = Electorate::of(e, None);
        let met = |needs: &[Need]| operators().any(|o| electorate.can_give(needs, &o.name).is_ok());
        // Without rules it is met, or was told.
        let plain = [e.policy.approvals.max(1), e.policy.approvals.max(e.policy.approvals_for_overrides)];
        if operators().next().is_none() || !plain.iter().all(|count| met(&[Need { group: None, count: *count }])) {
            return;
        }
        let mut told: BTreeSet<usize> = BTreeSet::new();
        for (i, rule) in e.policy.rules.iter().enumerate() {
            if !met(&rule.approvals) {
                let message = format!("{}: without the requester, too few people can approve", asked(&rule.approvals));
                self.fault(&format!("policy.rules.{i}"), message);
                told.insert(i);
            }
        }
        for (n, first) in ChangeKind::ALL.into_iter().enumerate() {
            for second in ChangeKind::ALL.into_iter().skip(n) {
                let kinds = BTreeSet::from([first, second]);
                let named = |rule: &ApprovalRule| rule.kinds.iter().any(|kind| kinds.contains(kind));
                let involved: Vec<usize> =
                    e.policy.rules.iter().enumerate().filter(|(_, rule)| named(rule)).map(|(i, _)| i).collect();
                let needs = e.policy.needs(&kinds);
                let Some(last) = involved.last() else { continue };
                if involved.iter().any(|i| told.contains(i)) || met(&needs) {
                    continue;
                }
                let words: BTreeSet<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
                let words = words.into_iter().collect::<Vec<_>>().join(" and ");
                let message = format!(
                    "together, the rules for {words} ask for {}: without the requester, too few people can approve",
                    listed(&needs)
                );
                self.fault(&format!("policy.rules.{last}"), message);
                told.insert(*last);
            }
        }
    }
}

fn whom(need: &Need) -> String {
    need.group.as_ref().map_or_else(|| "anybody".into(), |group| format!("`{group}`"))
}

fn asked(needs: &[Need]) -> String {
    format!("the rule asks for {}", listed(needs))
}

fn listed(needs: &[Need]) -> String {
    needs.iter().map(Need::words).collect::<Vec<_>>().join(" and ")
}
