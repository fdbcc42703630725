//! IAM's verdict on permissions that the doctor cannot try: trying a launch or a move would carry it out, and a feed
//! hides one failing call behind others that work.
//!
//! IAM is asked to judge its own policies (`SimulatePrincipalPolicy`), which does nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};

use super::seats::{Accounts, Seat};
use super::{Line, Patient, Verdict};
use crate::aws::pages::{self, Page};
use crate::aws::{Deadlines, Trouble};
use crate::estate::{Estate, Site, Source};

const ACTS: &str = "permissions to act, as IAM judges them";
const READS: &str = "permissions to read, as IAM judges them";
const MOVES: &str = "route53-recovery-cluster:UpdateRoutingControlStates";
const LAUNCHES: &str = "drs:StartRecovery";
/// What else a launch does with the rights of whoever starts it: the dependent actions of `drs:StartRecovery` in AWS's
/// service authorization reference, but for `iam:PassRole`, which only servers with an instance profile need.
const NEEDED_TO_LAUNCH: [&str; 34] = [
    "drs:CreateRecoveryInstanceForDrs",
    "drs:ListTagsForResource",
    "ec2:AttachVolume",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateLaunchTemplate",
    "ec2:CreateLaunchTemplateVersion",
    "ec2:CreateSnapshot",
    "ec2:CreateTags",
    "ec2:CreateVolume",
    "ec2:DeleteLaunchTemplateVersions",
    "ec2:DeleteSnapshot",
    "ec2:DeleteVolume",
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceAttribute",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots",
    "ec2:DescribeSubnets",
    "ec2:DescribeVolumes",
    "ec2:DetachVolume",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyLaunchTemplate",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RunInstances",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
];
/// Source servers of a region that launches are judged on, at most.
const SERVERS: i32 = 100;
/// The policies in the docs allow updating controls only while this is false, so IAM must be told that it is.
const OVERRIDES: &str = "route53-recovery-cluster:AllowSafetyRulesOverrides";
/// Pages of an answer, at most.
const PAGES: usize = 10;
const DEADLINES: Deadlines = Deadlines { connect: Duration::from_secs(2), attempt: Duration::from_secs(4) };

/// An action, and the heading of its line.
struct Wanted {
    group: &'static str,
    action: &'static str,
}

/// What IAM decided, and on which resource it denies.
enum Decision {
    Allowed,
    /// No policy allows it.
    Implicit(Denied),
    /// A policy forbids it.
    Explicit(Denied),
}

struct Denied {
    resource: String,
    /// Conditions of policies that IAM was told nothing of.
    untold: Vec<String>,
}

type Decisions = BTreeMap<String, Decision>;

/// One line for each permission of each identity.
pub(super) async fn lines(patient: &Patient, seats: &[Seat]) -> Vec<Line> {
    let asked = seats.iter().map(|seat| lines_of(patient, seat));
    let mut lines: Vec<Line> = futures::future::join_all(asked).await.into_iter().flatten().collect();
    lines.sort_by_key(|line| [ACTS, READS].iter().position(|group| *group == line.group));
    lines
}

async fn lines_of(patient: &Patient, seat: &Seat) -> Vec<Line> {
    let all = wanted(&patient.estate, seat);
    let count = |group| all.iter().filter(|w| w.group == group).count();
    let groups = [ACTS, READS].into_iter().filter(|group| count(*group) > 0);
    let whole = |group| format!("{}all {}", seat.name, count(group));
    let policies = match &seat.caller {
        Err(why) => return groups.map(|group| Line::skipped(group, whole(group), why)).collect(),
        // IAM judges somebody: who that is, STS has to tell first.
        Ok(None) => {
            let (found, remedy) = ("not tried: the caller is unknown", "first fix what keeps STS from answering");
            let line = |group| Line::other(Verdict::Unknown, group, whole(group), found, remedy);
            return groups.map(line).collect();
        }
        Ok(Some(who)) => Principal::of(who).ok_or_else(|| "it judges users and roles only".to_owned()),
    };
    let asked = match policies {
        Ok(principal) => ask(patient, seat, principal, &all).await.map_err(|trouble| trouble.to_string()),
        Err(why) => Err(why),
    };
    groups.flat_map(|g| group(g, &all, &asked, seat)).collect()
}

/// What an identity needs, in the order of the lines.
fn wanted(estate: &Estate, seat: &Seat) -> Vec<Wanted> {
    let readings = |of: fn(&Source) -> bool, accounts: &Accounts| {
        estate.systems.iter().filter_map(|s| Some((s, estate.pair(&s.pair)?))).any(|(system, pair)| {
            system.readings.iter().filter(|r| of(&r.source)).any(|reading| {
                reading.places().iter().any(|p| accounts.contains(&estate.asked(system, reading, *p, pair).account))
            })
        })
    };
    let reads = |of| readings(of, &seat.looks);
    let is_drs = |s: &Source| matches!(s, Source::DrsReplicating | Source::DrsLag | Source::DrsSnapshotAge);
    let (drs, launches) = (reads(is_drs), launches_in(estate, seat));
    let instances = reads(|s| matches!(s, Source::Ec2Instances { .. }));
    let checks = estate.health_checks.iter().any(|check| seat.looks.contains(&estate.account_of_check(check)));
    let cluster = !estate.cluster.is_none();
    let (looks, moves) = (seat.looks.contains(&estate.cluster.account), seat.acts.contains(&estate.cluster.account));
    let all = [(ACTS, MOVES, cluster && moves), (ACTS, LAUNCHES, launches), (ACTS, "drs:TagResource", launches)];
    let needed = NEEDED_TO_LAUNCH.iter().map(|action| (ACTS, *action, launches));
    let rest = [
        (READS, "route53-recovery-cluster:GetRoutingControlState", cluster && looks),
        // What it does not read it takes from before, or for plain: no source fails by it.
        (READS, "route53:ListHealthChecks", checks),
        (READS, "drs:DescribeJobs", drs),
        (READS, "drs:DescribeJobLogItems", drs),
        (READS, "drs:DescribeRecoverySnapshots", reads(|s| matches!(s, Source::DrsSnapshotAge))),
        (READS, "ec2:DescribeInstanceStatus", instances),
        (READS, "ec2:DescribeInstances", instances),
        (READS, "ec2:DescribeImages", reads(|s| matches!(s, Source::Ec2ImageAge { .. }))),
        (READS, "ec2:DescribeSnapshots", reads(|s| matches!(s, Source::Ec2SnapshotAge { .. }))),
        (READS, "ec2:DescribeVpnConnections", reads(|s| matches!(s, Source::Ec2VpnTunnels))),
        (
            READS,
            "ec2:DescribeTransitGatewayPeeringAttachments",
            reads(|s| matches!(s, Source::Ec2TransitGatewayPeerings)),
        ),
        (READS, "ec2:DescribeCapacityReservations", reads(|s| matches!(s, Source::Ec2CapacityReservations))),
    ];
    let all = all.into_iter().chain(needed).chain(rest);
    all.filter(|(.., used)| *used).map(|(group, action, _)| Wanted { group, action }).collect()
}

/// Whether servers are launched in one of the accounts that somebody acts in.
fn launches_in(estate: &Estate, seat: &Seat) -> bool {
    launch_sites(estate).iter().any(|site| seat.acts.contains(&site.account))
}

/// The regions that DRS launches servers in: those of which its replication is read.
fn launch_sites(estate: &Estate) -> BTreeSet<Site> {
    let readings = estate.systems.iter().filter_map(|s| Some((s, estate.pair(&s.pair)?)));
    let places = readings.flat_map(|(system, pair)| {
        let drs = system.readings.iter().filter(|r| matches!(r.source, Source::DrsReplicating));
        drs.flat_map(move |r| r.places().iter().map(move |p| system.measured(r, *p, pair)))
    });
    places.collect()
}

/// The lines of one heading. The remedy is given once for all lines that share it: one policy to change, one command to
/// run.
fn group(group: &'static str, all: &[Wanted], asked: &Result<Decisions, String>, seat: &Seat) -> Vec<Line> {
    let here = || all.iter().filter(|w| w.group == group).map(|w| w.action);
    let judged = |action: &str| asked.as_ref().ok().and_then(|decisions| decisions.get(action));
    let denied = here().filter(|a| matches!(judged(a), Some(Decision::Implicit(_) | Decision::Explicit(_))));
    let give = format!(
        "give {} {}: docs/two-person-rule.md has the policies",
        if seat.name.is_empty() { "this identity" } else { seat.name.trim_end_matches(": ") },
        denied.collect::<Vec<_>>().join(", ")
    );
    let open: Vec<&str> = here().filter(|a| judged(a).is_none()).collect();
    let by_hand = format!(
        "allow iam:SimulatePrincipalPolicy, or ask as somebody who may: `aws iam simulate-principal-policy \
         --policy-source-arn ROLE --action-names {}`; a drill tells as well",
        open.join(" ")
    );
    let what = |action: &str| format!("{}{action}", seat.name);
    let bad = |action: &str, found: String| Line::other(Verdict::Bad, group, what(action), found, &give);
    let line = |action: &str| match judged(action) {
        Some(Decision::Allowed) => Line::good(group, what(action), "IAM allows it"),
        Some(Decision::Implicit(d)) => bad(action, d.words("no policy allows it")),
        Some(Decision::Explicit(d)) => bad(action, d.words("a policy forbids it")),
        None => {
            let found = match asked {
                Ok(_) => "not tried: IAM does not judge it".to_owned(),
                Err(why) => format!("not tried: IAM cannot be asked ({why})"),
            };
            Line::other(Verdict::Unknown, group, what(action), found, &by_hand)
        }
    };
    // What a launch needs besides is many lines, of which only those matter that are not as they should be.
    let besides = |action: &&str| group == ACTS && NEEDED_TO_LAUNCH.contains(action);
    let alike = |action: &str| matches!(judged(action), Some(Decision::Allowed) | None);
    let (many, lines): (Vec<_>, Vec<_>) = here().partition(|a| besides(a) && alike(a));
    let mut lines: Vec<Line> = lines.into_iter().map(line).collect();
    for allowed in [true, false] {
        let alike: Vec<&str> = many.iter().copied().filter(|a| judged(a).is_some() == allowed).collect();
        if let Some(first) = alike.first() {
            let what = what(&format!("{} more that a launch needs", alike.len()));
            lines.push(Line { what, ..line(first) });
        }
    }
    lines
}

impl Denied {
    fn words(&self, why: &str) -> String {
        let on = if self.resource == "*" { String::new() } else { format!(" on {}", self.resource) };
        let untold = match self.untold.as_slice() {
            [] => String::new(),
            keys => format!("; it was not told about {}", keys.join(", ")),
        };
        format!("IAM denies it{on}: {why}{untold}")
    }
}

/// Whose policies are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Principal {
    /// As IAM writes a user or a role.
    arn: String,
    /// The role's name, where it was assumed: STS leaves a role's path out.
    role: Option<String>,
}

impl Principal {
    /// From the ARN that STS gives; none for callers that IAM does not judge, such as the account's root.
    fn of(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (prefix, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (account, resource) = (parts.nth(1)?, parts.next()?);
        let (kind, rest) = resource.split_once('/')?;
        match (prefix, service, kind) {
            ("arn", "iam", "user" | "role") => Some(Self { arn: arn.to_owned(), role: None }),
            ("arn", "sts", "assumed-role") => {
                let role = rest.split('/').next()?;
                let arn = format!("arn:{partition}:iam::{account}:role/{role}");
                Some(Self { arn, role: Some(role.to_owned()) })
            }
            _ => None,
        }
    }
}

async fn ask(
    patient: &Patient,
    seat: &Seat,
    mut principal: Principal,
    wanted: &[Wanted],
) -> Result<Decisions, Trouble> {
    let client = seat.iam(patient, DEADLINES);
    let controls: Vec<String> = patient.estate.controls().map(|c| c.arn.to_string()).collect();
    let of =
        |f: fn(&str) -> bool| wanted.iter().map(|w| w.action).filter(|a| f(a)).map(str::to_owned).collect::<Vec<_>>();
    let (moves, launches) = (of(|a| a == MOVES), of(|a| a == LAUNCHES));
    let others = of(|a| a != MOVES && a != LAUNCHES);
    let parts = [(moves, controls), (others, Vec::new()), (launches, servers(patient, seat).await)];
    let mut decisions = Decisions::new();
    for (actions, resources) in parts.into_iter().filter(|(actions, _)| !actions.is_empty()) {
        let judged = match judge(&client, &principal.arn, &actions, &resources).await {
            // A role with a path, as those of the identity center are: only IAM knows it.
            Err(trouble) if trouble.code.as_deref() == Some("NoSuchEntity") => {
                let Some(role) = principal.role.take() else { return Err(trouble) };
                let found = client.get_role().role_name(role).send().await?;
                principal.arn = found.role.map(|r| r.arn).unwrap_or_default();
                judge(&client, &principal.arn, &actions, &resources).await?
            }
            other => other?,
        };
        decisions.extend(judged);
    }
    Ok(decisions)
}

/// The source servers that a launch may start, since a policy may name them; none where they cannot be read, which has a
/// line of its own.
async fn servers(patient: &Patient, seat: &Seat) -> Vec<String> {
    let mut arns = Vec::new();
    for site in launch_sites(&patient.estate).iter().filter(|site| seat.acts.contains(&site.account)) {
        let call = patient.sdk.drs(site, DEADLINES).describe_source_servers().max_results(SERVERS).send().await;
        let servers = call.map(|page| page.items.unwrap_or_default()).unwrap_or_default();
        arns.extend(servers.into_iter().filter_map(|s| s.arn));
    }
    arns
}

/// `SimulatePrincipalPolicy` of actions on resources; without resources, on `*`.
async fn judge(
    client: &aws_sdk_iam::Client,
    principal: &str,
    actions: &[String],
    resources: &[String],
) -> Result<Decisions, Trouble> {
    let overrides = ContextEntry::builder()
        .context_key_name(OVERRIDES)
        .context_key_type(ContextKeyTypeEnum::Boolean)
        .context_key_values("false")
        .build();
    let overrides = &overrides;
    let results = pages::all(PAGES, "decisions", |marker| async move {
        let call = client.simulate_principal_policy().policy_source_arn(principal).context_entries(overrides.clone());
        let call = call.set_action_names(Some(actions.to_vec()));
        let call = call.set_resource_arns(Some(resources.to_vec()).filter(|r| !r.is_empty()));
        let page = call.set_marker(marker).send().await?;
        Ok(Page::of(page.evaluation_results.unwrap_or_default(), page.marker.filter(|_| page.is_truncated)))
    });
    let mut decisions = Decisions::new();
    results.await?.iter().for_each(|result| take(&mut decisions, result));
    Ok(decisions)
}

/// Takes one result in: what is denied on one resource is denied.
fn take(decisions: &mut Decisions, result: &EvaluationResult) {
    let own = (result.eval_resource_name().unwrap_or("*"), result.eval_decision());
    let each = result.resource_specific_results().iter();
    let each = each.map(|r| (r.eval_resource_name(), r.eval_resource_decision()));
    for (resource, decision) in std::iter::once(own).chain(each) {
        let untold = result.missing_context_values().to_vec();
        let denied = Denied { resource: crate::aws::clip(resource, 200), untold };
        let decision = match decision {
            PolicyEvaluationDecisionType::Allowed => Decision::Allowed,
            PolicyEvaluationDecisionType::ExplicitDeny => Decision::Explicit(denied),
            _ => Decision::Implicit(denied),
        };
        let known = decisions.entry(result.eval_action_name().to_owned()).or_insert(Decision::Allowed);
        if matches!(known, Decision::Allowed) {
            *known = decision;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assumed_role_is_judged_as_the_role() {
        let of = |arn| Principal::of(arn).map(|p| p.arn);
        assert_eq!(
            of("arn:aws-us-gov:sts::111122223333:assumed-role/box/alice@example.com").as_deref(),
            Some("arn:aws-us-gov:iam::111122223333:role/box")
        );
        let user = "arn:aws:iam::111122223333:user/people/alice";
        assert_eq!(of(user).as_deref(), Some(user));
        for nobody in ["arn:aws:iam::111122223333:root", "arn:aws:sts::111122223333:federated-user/alice", "?", ""] {
            assert_eq!(of(nobody), None, "{nobody}");
        }
    }
}
