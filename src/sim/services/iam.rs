//! IAM, as far as it is asked what somebody may do: `SimulatePrincipalPolicy`, and `GetRole` for a role's whole ARN.
//!
//! One endpoint for the whole world, signed for `us-east-1`. It judges by the policies of `docs/two-person-rule.md`,
//! minus what a scenario takes away.

use super::sts::ROLE;
use super::{Door, throttling, told, unavailable};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{Answer, Args, Fault, Input, Protocol, Request, Tree, Wrong};
use crate::sim::world::{Api, Permission};

const QUERY: Protocol = Protocol::Query { namespace: "https://iam.amazonaws.com/doc/2010-05-08/" };
/// The documents' policies let controls be updated only while this is false.
const OVERRIDES: &str = "route53-recovery-cluster:AllowSafetyRulesOverrides";
/// Where roles of the identity center stand.
const PATH: &str = "/aws-reserved/sso.amazonaws.com/";

/// Answers a request to IAM.
#[must_use]
pub fn answer(request: &Request, world: &SharedWorld, region: &Region) -> Answer {
    let door = Door { protocol: QUERY, api: Api::Iam, signing_name: "iam", throttled: throttling, unavailable };
    if let Err(answer) = door.enter(request, world, region) {
        return answer;
    }
    let form = request.form();
    let operation = form.get("Action").unwrap_or_default();
    let call: fn(&Args<'_>, &SharedWorld) -> Result<Tree, Refusal> = match operation {
        "SimulatePrincipalPolicy" => simulate_principal_policy,
        "GetRole" => get_role,
        other => return QUERY.unknown_operation(&request.id, other).into(),
    };
    let input = Input::form(&form);
    match input.args().map_err(Refusal::from).and_then(|args| call(&args, world)) {
        Ok(tree) => QUERY.success(&request.id, operation, &told(tree, world, region, Api::Iam)).into(),
        Err(Refusal(fault)) => QUERY.failure(&request.id, &fault).into(),
    }
}

/// An error as IAM sends it.
struct Refusal(Fault);

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        Refusal(Fault::new(400, "ValidationError", wrong.why))
    }
}

fn allowed(world: &SharedWorld, permission: Permission, on: &str) -> Result<(), Refusal> {
    if world.with(|w| w.may(permission)) {
        return Ok(());
    }
    let message = format!("User is not authorized to perform: {} on resource: {on}", permission.action());
    Err(Refusal(Fault::new(403, "AccessDenied", message)))
}

fn no_such(what: &str) -> Refusal {
    Refusal(Fault::new(404, "NoSuchEntity", format!("{what} cannot be found.")))
}

fn get_role(args: &Args<'_>, world: &SharedWorld) -> Result<Tree, Refusal> {
    let name = args.need_text("RoleName", 1..=64)?;
    allowed(world, Permission::GetRole, name)?;
    if name != ROLE {
        return Err(no_such(&format!("The role with name {name}")));
    }
    let account = world.with(|w| w.estate().account.clone());
    let role = Tree::map()
        .with("Path", PATH)
        .with("RoleName", name)
        .with("RoleId", "AROASIGNALBOXREHEARSE")
        .with("Arn", format!("arn:aws:iam::{account}:role{PATH}{name}"))
        .with("CreateDate", "2026-01-01T00:00:00Z");
    Ok(Tree::map().with("Role", role))
}

fn simulate_principal_policy(args: &Args<'_>, world: &SharedWorld) -> Result<Tree, Refusal> {
    let who = args.need_text("PolicySourceArn", 20..=2048)?;
    allowed(world, Permission::SimulatePrincipalPolicy, who)?;
    let account = world.with(|w| w.estate().account.clone());
    let known = [format!("arn:aws:iam::{account}:user/rehearsal"), format!("arn:aws:iam::{account}:role{PATH}{ROLE}")];
    if !known.iter().any(|k| k == who) {
        return Err(no_such(&format!("The entity {who}")));
    }
    let actions = args.texts("ActionNames", 1000)?;
    if actions.is_empty() {
        return Err(args.wrong("ActionNames", "must hold at least 1 item").into());
    }
    let resources = args.texts("ResourceArns", 1000)?;
    let mut overrides = None;
    for entry in args.list("ContextEntries", 1000)? {
        if entry.text("ContextKeyName")? == Some(OVERRIDES) {
            overrides = entry.texts("ContextKeyValues", 100)?.first().copied();
        }
    }
    let results = actions.iter().map(|action| result(world, action, &resources, overrides)).collect::<Vec<_>>();
    Ok(Tree::map().with("IsTruncated", false).with("EvaluationResults", results))
}

/// One action, on each resource.
fn result(world: &SharedWorld, action: &str, resources: &[&str], overrides: Option<&str>) -> Tree {
    let taken = Permission::ALL.into_iter().find(|p| p.action() == action);
    let conditional = taken == Some(Permission::UpdateRoutingControlStates);
    let fits = !conditional || overrides == Some("false");
    let may = fits && taken.is_none_or(|permission| world.with(|w| w.may(permission)));
    let decision = if may { "allowed" } else { "implicitDeny" };
    let missing: &[&str] = if conditional && overrides.is_none() { &[OVERRIDES] } else { &[] };
    let tree = Tree::map()
        .with("EvalActionName", action)
        .with("EvalResourceName", resources.first().copied().unwrap_or("*"))
        .with("EvalDecision", decision)
        .with("MatchedStatements", Vec::<Tree>::new())
        .with("MissingContextValues", missing.to_vec());
    let each = |resource: &&str| Tree::map().with("EvalResourceName", *resource).with("EvalResourceDecision", decision);
    match resources {
        [] | [_] => tree,
        several => tree.with("ResourceSpecificResults", several.iter().map(each).collect::<Vec<_>>()),
    }
}
