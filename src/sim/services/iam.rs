//! IAM, as far as it is asked what somebody may do: `SimulatePrincipalPolicy`, and `GetRole` for a role's whole ARN.
//!
//! One endpoint for the whole world, signed for `us-east-1`; it knows who is in the caller's account. It judges by the
//! policies of `docs/two-person-rule.md`, minus what a scenario takes away; a role to look is not allowed to act.

use super::{Door, not_allowed, throttling, told, unavailable};
use crate::estate::{Entry, Region};
use crate::sim::SharedWorld;
use crate::sim::wire::{Answer, Args, Fault, Input, Protocol, Request, Tree, Wrong};
use crate::sim::world::{Api, Caller, Hand, Permission, SIGN_IN_ROLE, World};

const QUERY: Protocol = Protocol::Query { namespace: "https://iam.amazonaws.com/doc/2010-05-08/" };
/// The documents' policies let controls be updated only while this is false.
const OVERRIDES: &str = "route53-recovery-cluster:AllowSafetyRulesOverrides";
/// Where roles of the identity center stand.
const PATH: &str = "/aws-reserved/sso.amazonaws.com/";

/// Answers a request to IAM.
#[must_use]
pub fn answer(request: &Request, world: &SharedWorld, region: &Region) -> Answer {
    let door = Door { protocol: QUERY, api: Api::Iam, signing_name: "iam", throttled: throttling, unavailable };
    let caller = match door.enter(request, world, region) {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let form = request.form();
    let operation = form.get("Action").unwrap_or_default();
    let call: fn(&Args<'_>, &SharedWorld, &Caller) -> Result<Tree, Refusal> = match operation {
        "SimulatePrincipalPolicy" => simulate_principal_policy,
        "GetRole" => get_role,
        other => return QUERY.unknown_operation(&request.id, other).into(),
    };
    let input = Input::form(&form);
    let done = input.args().map_err(Refusal::from).and_then(|args| call(&args, world, &caller));
    door.ended(&caller, world, region, operation, done.as_ref().err().map(|refusal| &refusal.0));
    match done {
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

fn allowed(world: &SharedWorld, caller: &Caller, permission: Permission, on: &str) -> Result<(), Refusal> {
    if world.with(|w| w.may(permission)) {
        return Ok(());
    }
    Err(Refusal(Fault::new(403, "AccessDenied", not_allowed(caller, permission.action(), on))))
}

fn no_such(what: &str) -> Refusal {
    Refusal(Fault::new(404, "NoSuchEntity", format!("{what} cannot be found.")))
}

fn get_role(args: &Args<'_>, world: &SharedWorld, caller: &Caller) -> Result<Tree, Refusal> {
    let name = args.need_text("RoleName", 1..=64)?;
    allowed(world, caller, Permission::GetRole, name)?;
    let principals = world.with(|w| principals(w, &caller.account));
    let found = principals.iter().find(|p| p.name == name && p.id.starts_with("AROA"));
    let found = found.ok_or_else(|| no_such(&format!("The role with name {name}")))?;
    let role = Tree::map()
        .with("Path", &found.path)
        .with("RoleName", name)
        .with("RoleId", &found.id)
        .with("Arn", &found.arn)
        .with("CreateDate", "2026-01-01T00:00:00Z");
    Ok(Tree::map().with("Role", role))
}

/// Somebody whom an account's IAM judges.
struct Principal {
    arn: String,
    name: String,
    path: String,
    id: String,
    hand: Hand,
}

/// Those of an account: what people sign in with, in their own, and the roles that the estate names.
fn principals(world: &World, account: &str) -> Vec<Principal> {
    let signs_in = |what: &str, path: &str, name: &str, id: &str| Principal {
        arn: format!("arn:aws:iam::{account}:{what}{path}{name}"),
        name: name.to_owned(),
        path: path.to_owned(),
        id: id.to_owned(),
        hand: Hand::SignedIn,
    };
    let mut all = Vec::new();
    if account == world.estate().account {
        all.push(signs_in("user", "/", "rehearsal", "AIDASIGNALBOXREHEARSE"));
        all.push(signs_in("role", PATH, SIGN_IN_ROLE, "AROASIGNALBOXREHEARSE"));
    }
    let here = world.estate().accounts.iter().filter(|a| a.id == account);
    let entries = here.flat_map(|a| {
        let look = match &a.look {
            Some(Entry::Role(role)) => Some(role),
            _ => None,
        };
        look.into_iter().chain(&a.act)
    });
    for (_, role, hand) in entries.filter_map(|entry| world.role(&entry.role)) {
        let path = role.role.split_once(":role").map_or("/", |(_, rest)| rest);
        let path = path.strip_suffix(role.short()).unwrap_or(path).to_owned();
        let (arn, name) = (role.role.clone(), role.short().to_owned());
        all.push(Principal { id: world.role_id(&arn), arn, name, path, hand });
    }
    all
}

fn simulate_principal_policy(args: &Args<'_>, world: &SharedWorld, caller: &Caller) -> Result<Tree, Refusal> {
    let who = args.need_text("PolicySourceArn", 20..=2048)?;
    allowed(world, caller, Permission::SimulatePrincipalPolicy, who)?;
    let account = caller.account.clone();
    let judged = world.with(|w| principals(w, &account)).into_iter().find(|p| p.arn == who);
    let judged = judged.ok_or_else(|| no_such(&format!("The entity {who}")))?;
    let judged = Caller { account, hand: judged.hand, arn: judged.arn, ..caller.clone() };
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
    let results =
        actions.iter().map(|action| result(world, &judged, action, &resources, overrides)).collect::<Vec<_>>();
    Ok(Tree::map().with("IsTruncated", false).with("EvaluationResults", results))
}

/// Whether an action changes anything: AWS's names tell. A role to look may take others.
fn acts(action: &str) -> bool {
    let operation = action.split_once(':').map_or(action, |(_, operation)| operation);
    !["Describe", "Get", "List", "Simulate", "AssumeRole"].iter().any(|looks| operation.starts_with(looks))
}

fn may_act(world: &World, who: &Caller, action: &str) -> bool {
    let cluster = action.starts_with("route53-recovery-cluster:");
    world.may_act(who, if cluster { world.owner_of_cluster() } else { &who.account })
}

/// One action of somebody, on each resource.
fn result(world: &SharedWorld, who: &Caller, action: &str, resources: &[&str], overrides: Option<&str>) -> Tree {
    let taken = Permission::ALL.into_iter().find(|p| p.action() == action);
    let conditional = taken == Some(Permission::UpdateRoutingControlStates);
    let fits = !conditional || overrides == Some("false");
    let may = fits && world.with(|w| taken.is_none_or(|p| w.may(p)) && (!acts(action) || may_act(w, who, action)));
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
