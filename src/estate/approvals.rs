//! Who must approve what: rules by kind of change, approvals by group.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::identity::Kin;
use super::{Estate, PersonName, Policy, Role};
use crate::time::Timestamp;

/// What a change is, for the rules of the policy. One change can be of several kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Moves traffic away from where it is on a normal day.
    Failover,
    /// Moves it back.
    Failback,
    /// Sets single routing controls.
    Control,
    /// Overrides a safety rule.
    Override,
    /// Launches recovery instances.
    Launch,
    /// Launches drill instances.
    DrillLaunch,
    /// Sets controls that belong to no region: gates and arming controls.
    Arming,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [ChangeKind; 7] = [
        ChangeKind::Failover,
        ChangeKind::Failback,
        ChangeKind::Control,
        ChangeKind::Override,
        ChangeKind::Launch,
        ChangeKind::DrillLaunch,
        ChangeKind::Arming,
    ];

    /// Its name in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Failover => "failover",
            ChangeKind::Failback => "failback",
            ChangeKind::Control => "control",
            ChangeKind::Override => "override",
            ChangeKind::Launch => "launch",
            ChangeKind::DrillLaunch => "drill-launch",
            ChangeKind::Arming => "arming",
        }
    }
}

/// What changes of some kinds need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRule {
    /// The kinds of change that the rule is for.
    pub kinds: Vec<ChangeKind>,
    /// The approvals that such a change needs: all of them, each from a different person.
    pub approvals: Vec<Need>,
}

/// Approvals that a change needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// The group that they must be in; without it, any approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// How many of them.
    #[serde(default = "one")]
    pub count: u32,
}

fn one() -> u32 {
    1
}

impl Need {
    /// In words: `one of dba`, `two approvers`.
    #[must_use]
    pub fn words(&self) -> String {
        const WORDS: [&str; 13] =
            ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
        let index = usize::try_from(self.count).unwrap_or(usize::MAX);
        let count = WORDS.get(index).map_or_else(|| self.count.to_string(), |word| (*word).to_owned());
        match &self.group {
            Some(group) => format!("{count} of {}", crate::hygiene::visible(group)),
            None if self.count == 1 => format!("{count} approver"),
            None => format!("{count} approvers"),
        }
    }
}

impl Policy {
    /// All approvals needed for a change of these kinds: those of every rule that names one of them, together (the
    /// larger count if two ask the same group). For a kind that no rule names, at least `approvals` people, or
    /// `approvals_for_overrides`. Needs by group come first, needs that anybody can fill last. Never empty: there is
    /// always at least one approval.
    #[must_use]
    pub fn needs(&self, kinds: &BTreeSet<ChangeKind>) -> Vec<Need> {
        let mut counts: BTreeMap<Option<&str>, u32> = BTreeMap::new();
        for rule in self.rules.iter().filter(|rule| rule.kinds.iter().any(|kind| kinds.contains(kind))) {
            let mut own: BTreeMap<Option<&str>, u32> = BTreeMap::new();
            for need in &rule.approvals {
                let count = own.entry(need.group.as_deref()).or_default();
                *count = count.saturating_add(need.count);
            }
            for (group, count) in own {
                let most = counts.entry(group).or_default();
                *most = count.max(*most);
            }
        }
        let ruled = |kind: &ChangeKind| self.rules.iter().any(|rule| rule.kinds.contains(kind));
        let left: BTreeSet<ChangeKind> = kinds.iter().copied().filter(|kind| !ruled(kind)).collect();
        let least = if left.contains(&ChangeKind::Override) {
            self.approvals.max(self.approvals_for_overrides)
        } else if left.is_empty() && !kinds.is_empty() {
            1
        } else {
            self.approvals
        };
        let there = counts.values().fold(0_u32, |sum, count| sum.saturating_add(*count));
        let missing = least.max(1).saturating_sub(there);
        if missing > 0 {
            let anybody = counts.entry(None).or_default();
            *anybody = anybody.saturating_add(missing);
        }
        let need = |(group, count): (Option<&str>, u32)| Need { group: group.map(str::to_owned), count };
        let mut needs: Vec<Need> = counts.into_iter().filter(|(_, count)| *count > 0).map(need).collect();
        needs.sort_by_key(|need| need.group.is_none());
        needs
    }
}

impl Estate {
    /// Whether these people together meet the needs. One person under several names counts once, and each person fills
    /// one need only. People who are not listed, or are not approvers, count for nothing.
    ///
    /// # Errors
    /// What is still missing.
    pub fn met(&self, needs: &[Need], approvers: &[&PersonName]) -> Result<(), Vec<Need>> {
        let kin = Kin::of(self);
        let mut persons: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for (i, person) in self.people.iter().enumerate() {
            if person.is(Role::Approver) && approvers.contains(&&person.name) {
                let groups = person.groups.iter().map(String::as_str);
                persons.entry(kin.person(i)).or_default().extend(groups);
            }
        }
        let missing = missing(needs, &persons.into_values().collect::<Vec<_>>());
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }
}

/// Those who may approve and can sign, each person once: whom a change can be put to.
pub struct Electorate<'e> {
    kin: Kin,
    persons: BTreeMap<usize, BTreeSet<&'e str>>,
}

impl<'e> Electorate<'e> {
    /// Those of an estate. With a time, a key that has ended by then is no way to sign.
    #[must_use]
    pub fn of(estate: &'e Estate, at: Option<Timestamp>) -> Self {
        let kin = Kin::of(estate);
        let mut persons: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for (i, person) in estate.people.iter().enumerate() {
            if person.is(Role::Approver) && estate.can_sign(person, at) {
                persons.entry(kin.person(i)).or_default().extend(person.groups.iter().map(String::as_str));
            }
        }
        Self { kin, persons }
    }

    /// How many there are besides the requester.
    #[must_use]
    pub fn besides(&self, by: &PersonName) -> usize {
        self.others(by).len()
    }

    /// Whether everybody except the requester could together meet the needs.
    ///
    /// # Errors
    /// What nobody could give.
    pub fn can_give(&self, needs: &[Need], by: &PersonName) -> Result<(), Vec<Need>> {
        let missing = missing(needs, &self.others(by));
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }

    fn others(&self, by: &PersonName) -> Vec<BTreeSet<&'e str>> {
        let by = self.kin.called(by);
        self.persons.iter().filter(|(person, _)| !by.contains(person)).map(|(_, groups)| groups.clone()).collect()
    }
}

/// What is missing when each person, given by their groups, fills at most one need: as little as possible, and any
/// approver rather than one from a group. When a need takes a person from another need, that one moves on if it can.
/// The cost grows with people times needs, not with the number of combinations.
fn missing(needs: &[Need], persons: &[BTreeSet<&str>]) -> Vec<Need> {
    let mut order: Vec<usize> = (0..needs.len()).collect();
    order.sort_by_key(|n| needs.get(*n).is_some_and(|need| need.group.is_none()));
    let mut desks = Desks { needs, persons, at: vec![None; persons.len()] };
    let mut missing = Vec::new();
    for n in order {
        let Some(need) = needs.get(n) else { continue };
        let there = (0..need.count).take_while(|_| desks.seat(n, &mut vec![false; persons.len()])).count();
        let count = need.count.saturating_sub(u32::try_from(there).unwrap_or(u32::MAX));
        if count > 0 {
            missing.push(Need { group: need.group.clone(), count });
        }
    }
    missing
}

/// Who fills which need so far.
struct Desks<'a> {
    needs: &'a [Need],
    persons: &'a [BTreeSet<&'a str>],
    at: Vec<Option<usize>>,
}

impl Desks<'_> {
    /// Finds one more person for a need; whether there is one. Nobody is asked twice.
    fn seat(&mut self, need: usize, asked: &mut Vec<bool>) -> bool {
        let Some(wanted) = self.needs.get(need).map(|need| need.group.as_deref()) else { return false };
        for (p, groups) in self.persons.iter().enumerate() {
            if wanted.is_some_and(|group| !groups.contains(group)) {
                continue;
            }
            match asked.get_mut(p) {
                Some(asked) if !*asked => *asked = true,
                _ => continue,
            }
            let free = match self.at.get(p).copied().flatten() {
                Some(other) => other != need && self.seat(other, asked),
                None => true,
            };
            if free {
                if let Some(at) = self.at.get_mut(p) {
                    *at = Some(need);
                }
                return true;
            }
        }
        false
    }
}
