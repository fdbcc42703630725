//! IAM's verdict on permissions that the doctor cannot try: trying a launch or a move would carry it out, and a feed
//! hides one failing call behind others that work.
//!
//! IAM is asked to judge its own policies (`SimulatePrincipalPolicy`), which does nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};

use super::account::Caller;
use super::{Line, Patient, Verdict};
use crate::aws::pages::{self, Page};
use crate::aws::{Deadlines, Trouble};
use crate::estate::{Estate, Site, Source};

const ACTS: &str = "permissions to act, as IAM judges them";
const READS: &str = "permissions to read, as IAM judges them";
const MOVES: &str = "route53-recovery-cluster:UpdateRoutingControlStates";
const LAUNCHES: &str = "drs:StartRecovery";
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

/// One line for each permission of the caller.
pub(super) async fn lines(patient: &Patient, caller: &Caller) -> Vec<Line> {
    let moves = Wanted { group: ACTS, action: MOVES };
    let others = wanted(&patient.estate);
    let all: Vec<&Wanted> = std::iter::once(&moves).chain(&others).collect();
    let controls: Vec<String> = patient.estate.controls().map(|c| c.arn.to_string()).collect();
    let count = |group| format!("all {}", all.iter().filter(|w| w.group == group).count());
    let policies = match caller {
        Err(why) => return [ACTS, READS].map(|group| Line::skipped(group, count(group), why)).into(),
        // IAM judges somebody: who that is, STS has to tell first.
        Ok(None) => {
            let (found, remedy) = ("not tried: the caller is unknown", "first fix what keeps STS from answering");
            let line = |group| Line::other(Verdict::Unknown, group, count(group), found, remedy);
            return [ACTS, READS].map(line).into();
        }
        Ok(Some(who)) => Principal::of(who).ok_or_else(|| "it judges users and roles only".to_owned()),
    };
    let asked = match policies {
        Ok(principal) => ask(patient, principal, &others, &controls).await.map_err(|trouble| trouble.to_string()),
        Err(why) => Err(why),
    };
    [ACTS, READS].into_iter().flat_map(|g| group(g, &all, &asked)).collect()
}

/// The actions besides the one on routing controls, in the order of their lines.
fn wanted(estate: &Estate) -> Vec<Wanted> {
    let reads = |of: fn(&Source) -> bool| estate.systems.iter().flat_map(|s| &s.readings).any(|r| of(&r.source));
    let drs = reads(|s| matches!(s, Source::DrsReplicating | Source::DrsLag | Source::DrsSnapshotAge));
    let instances = reads(|s| matches!(s, Source::Ec2Instances { .. }));
    let all = [
        (ACTS, LAUNCHES, drs),
        (ACTS, "drs:TagResource", drs),
        (READS, "route53-recovery-cluster:GetRoutingControlState", true),
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
    all.into_iter().filter(|(.., used)| *used).map(|(group, action, _)| Wanted { group, action }).collect()
}

/// The lines of one heading. The remedy is given once for all lines that share it: one policy to change, one command to
/// run.
fn group(group: &'static str, all: &[&Wanted], asked: &Result<Decisions, String>) -> Vec<Line> {
    let here = || all.iter().filter(|w| w.group == group).map(|w| w.action);
    let judged = |action: &str| asked.as_ref().ok().and_then(|decisions| decisions.get(action));
    let denied = here().filter(|a| matches!(judged(a), Some(Decision::Implicit(_) | Decision::Explicit(_))));
    let give = format!(
        "give this identity {}: docs/two-person-rule.md has the policies",
        denied.collect::<Vec<_>>().join(", ")
    );
    let open: Vec<&str> = here().filter(|a| judged(a).is_none()).collect();
    let by_hand = format!(
        "allow iam:SimulatePrincipalPolicy, or ask as somebody who may: `aws iam simulate-principal-policy \
         --policy-source-arn ROLE --action-names {}`; a drill tells as well",
        open.join(" ")
    );
    let line = |action: &str| match judged(action) {
        Some(Decision::Allowed) => Line::good(group, action, "IAM allows it"),
        Some(Decision::Implicit(d)) => Line::other(Verdict::Bad, group, action, d.words("no policy allows it"), &give),
        Some(Decision::Explicit(d)) => Line::other(Verdict::Bad, group, action, d.words("a policy forbids it"), &give),
        None => {
            let found = match asked {
                Ok(_) => "not tried: IAM does not judge it".to_owned(),
                Err(why) => format!("not tried: IAM cannot be asked ({why})"),
            };
            Line::other(Verdict::Unknown, group, action, found, &by_hand)
        }
    };
    here().map(line).collect()
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
    mut principal: Principal,
    wanted: &[Wanted],
    controls: &[String],
) -> Result<Decisions, Trouble> {
    let client = patient.sdk.iam(None, DEADLINES);
    let mut decisions = match judge(&client, &principal.arn, &[MOVES.to_owned()], controls).await {
        // A role with a path, as those of the identity center are: only IAM knows it.
        Err(trouble) if trouble.code.as_deref() == Some("NoSuchEntity") => {
            let Some(role) = principal.role.take() else { return Err(trouble) };
            let found = client.get_role().role_name(role).send().await?;
            principal.arn = found.role.map(|r| r.arn).unwrap_or_default();
            judge(&client, &principal.arn, &[MOVES.to_owned()], controls).await?
        }
        other => other?,
    };
    let (launches, others): (Vec<_>, Vec<_>) =
        wanted.iter().map(|w| w.action.to_owned()).partition(|action| action == LAUNCHES);
    decisions.extend(judge(&client, &principal.arn, &others, &[]).await?);
    if !launches.is_empty() {
        decisions.extend(judge(&client, &principal.arn, &launches, &servers(patient).await).await?);
    }
    Ok(decisions)
}

/// The source servers that a launch may start, since a policy may name them; none where they cannot be read, which has a
/// line of its own.
async fn servers(patient: &Patient) -> Vec<String> {
    let mut arns = Vec::new();
    let regions: BTreeSet<_> = patient.estate.pairs.iter().map(|p| &p.standby).collect();
    for region in regions {
        let call = patient
            .sdk
            .drs(&Site::from(region.clone()), DEADLINES)
            .describe_source_servers()
            .max_results(SERVERS)
            .send()
            .await;
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
