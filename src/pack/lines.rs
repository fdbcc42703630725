//! The AWS CLI's own lines. They act on ARC's data plane with nothing of this program in between.

use crate::change::Flip;
use crate::change::batches::{batches, pause};
use crate::estate::{
    ClusterEndpoint, Control, ControlArn, ControlState, Estate, Pair, Probe, Resolver, RoleEntry, RuleKind, SafetyRule,
    Side,
};
use crate::hygiene::shell::word;

/// The endpoint that the commands go to.
const TO: &str =
    "--region \"$ARC_REGION\" --endpoint-url \"$ARC_ENDPOINT\" --cli-connect-timeout 5 --cli-read-timeout 10";

/// Sets where the other lines go, and that the AWS CLI sends nothing again by itself.
pub(super) fn export(endpoint: &ClusterEndpoint) -> String {
    let (region, url) = (word(endpoint.region.as_str()), word(&endpoint.url));
    format!("export AWS_MAX_ATTEMPTS=1 ARC_REGION={region} ARC_ENDPOINT={url}")
}

/// Shows whose credentials are used, asked in a region that is not where most outages are.
pub(super) fn who_am_i(estate: &Estate) -> String {
    let region = estate.pairs.first().map_or("us-east-2", |p| p.standby.as_str());
    format!("aws sts get-caller-identity --region {}", word(region))
}

/// Names the two people in every call that follows, as CloudTrail shows it.
pub(super) const WHO: &str = "export WHO=YOUR-NAME@by-hand-THEIR-NAME";

/// Takes the roles that lead to the cluster's account, first the one that others are taken with, last the one that acts.
/// Nothing where who signs in may act.
pub(super) fn roles(estate: &Estate) -> Vec<String> {
    let Some(account) = estate.cluster.account.as_ref().and_then(|name| estate.account_of(name)) else {
        return Vec::new();
    };
    let mut way: Vec<&RoleEntry> = account.act.as_ref().or(account.role_to_look()).into_iter().collect();
    // A checked estate has no circles; no way is longer than there are accounts.
    while let Some(before) = way.last().and_then(|role| estate.account_of(role.from.as_ref()?)?.role_to_look()) {
        way.push(before);
        if way.len() > estate.accounts.len() {
            break;
        }
    }
    way.iter().rev().enumerate().map(|(i, role)| take(estate, role, i + 1 == way.len())).collect()
}

/// The name of the role that acts.
pub(super) fn acting_role(estate: &Estate) -> &str {
    let account = estate.cluster.account.as_ref().and_then(|name| estate.account_of(name));
    account.and_then(|a| a.act.as_ref().or(a.role_to_look())).map_or("", RoleEntry::short)
}

/// Takes a role, and uses it from then on.
fn take(estate: &Estate, role: &RoleEntry, acts: bool) -> String {
    let region = estate.pairs.first().map_or("us-east-2", |p| p.standby.as_str());
    let external = role.external_id.as_ref().map_or_else(String::new, |id| format!(" --external-id {}", word(id)));
    let identity = if acts { " --source-identity \"$WHO\"" } else { "" };
    // Every shell reads a here-document alike; they split an unquoted word differently.
    format!(
        "read -r KEY SECRET TOKEN <<END\n\
         $(aws sts assume-role --region {} --role-arn {}{external} --role-session-name \"$WHO\"{identity} \
         --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)\nEND\n\
         [ -n \"$TOKEN\" ] && export AWS_ACCESS_KEY_ID=\"$KEY\" AWS_SECRET_ACCESS_KEY=\"$SECRET\" \
         AWS_SESSION_TOKEN=\"$TOKEN\" || {{ unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN; \
         echo 'NOT GIVEN: stop here'; }}",
        word(region),
        word(&role.role)
    )
}

/// Shows the states of a panel's controls.
pub(super) fn list(pair: &Pair) -> String {
    let panel = word(pair.control_panel.as_str());
    format!(
        "aws route53-recovery-cluster list-routing-controls {TO} --control-panel-arn {panel} \
         --query 'RoutingControls[].[RoutingControlName,RoutingControlState]' --output table"
    )
}

/// Asks a resolver.
pub(super) fn dig(name: &str, resolver: &Resolver) -> String {
    // A wildcard answers for any name below it.
    let name = name.strip_prefix("*.").map_or_else(|| name.to_owned(), |below| format!("any.{below}"));
    format!("dig +noall +answer @{} -p {} {}", resolver.address.ip(), resolver.address.port(), word(&name))
}

/// Asks an application.
pub(super) fn fetch(probe: &Probe) -> String {
    format!(
        "curl --silent --show-error --output /dev/null --max-time 10 --write-out '%{{http_code}}\\n' {}",
        word(&probe.url)
    )
}

/// What moves a pair.
pub(super) struct Move {
    /// What lets it move, where safety rules ask for it.
    pub(super) gates: Vec<String>,
    /// What locks it again.
    pub(super) locks: Vec<String>,
    /// The change, in calls that ARC takes: what lets traffic in comes first.
    pub(super) batches: Vec<String>,
    /// The names of the controls that it sets On.
    pub(super) on: Vec<String>,
    /// The names of the controls that it sets Off.
    pub(super) off: Vec<String>,
}

impl Move {
    /// All traffic of a pair to one side, none to the other.
    pub(super) fn of(estate: &Estate, pair: &Pair, to: Side) -> Self {
        let at = |side: Side| -> Vec<&Control> {
            let region = pair.region(side);
            estate.services_of(&pair.name).filter_map(|s| s.control(region)).collect()
        };
        let (into, out_of) = (at(to), at(to.other()));
        let on = into.iter().map(|c| flip(&c.arn, &c.name, ControlState::On));
        let all: Vec<Flip> = on.chain(out_of.iter().map(|c| flip(&c.arn, &c.name, ControlState::Off))).collect();
        let moved = |arn: &ControlArn| all.iter().any(|f| f.arn == *arn);
        let mut gates: Vec<(&ControlArn, ControlState)> = Vec::new();
        for SafetyRule { kind, inverted, .. } in &estate.safety_rules {
            let RuleKind::Gating { gating, target } = kind else { continue };
            if target.iter().any(moved) {
                let state = if *inverted { ControlState::Off } else { ControlState::On };
                gates.extend(gating.iter().map(|arn| (arn, state)));
            }
        }
        gates.sort();
        gates.dedup();
        let gate = |(arn, state): &(&ControlArn, ControlState)| flip(arn, arn.as_str(), *state);
        let gates: Vec<Flip> = gates.iter().map(gate).collect();
        let locks: Vec<Flip> = gates.iter().map(|f| flip(&f.arn, &f.name, f.to.flipped())).collect();
        let names = |of: &[&Control]| of.iter().map(|c| c.name.clone()).collect();
        let moves = if into.is_empty() { Vec::new() } else { all.clone() };
        let lines = |flips: &[Flip]| calls(&estate.safety_rules, flips);
        Self {
            gates: lines(&gates),
            locks: lines(&locks),
            batches: lines(&moves),
            on: names(&into),
            off: names(&out_of),
        }
    }

    /// How many calls move it.
    pub(super) fn calls(&self) -> usize {
        self.batches.iter().filter(|line| line.starts_with("aws ")).count()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }
}

fn flip(arn: &ControlArn, name: &str, to: ControlState) -> Flip {
    Flip { arn: arn.clone(), name: name.to_owned(), from: to.flipped(), to }
}

/// The calls of a change as the console sends them, in its order, with the pauses that safety rules want between them.
fn calls(rules: &[SafetyRule], flips: &[Flip]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut before: Vec<Flip> = Vec::new();
    for batch in batches(flips).iter().filter(|batch| !batch.is_empty()) {
        let wait = pause(rules, &before, batch).as_secs();
        if wait > 0 {
            lines.push(format!("sleep {wait}"));
        }
        lines.push(call(batch));
        before.extend_from_slice(batch);
    }
    lines
}

fn call(batch: &[Flip]) -> String {
    let entry = |f: &Flip| word(&format!("RoutingControlArn={},RoutingControlState={}", f.arn, f.to));
    let entries: Vec<String> = batch.iter().map(entry).collect();
    format!(
        "aws route53-recovery-cluster update-routing-control-states {TO} --update-routing-control-state-entries \\\n  {}",
        entries.join(" \\\n  ")
    )
}
