//! Elastic Disaster Recovery: source servers, recovery snapshots and instances, jobs, and starting a recovery.
//!
//! Timestamps are text here. `lagDuration` is an ISO 8601 duration on source servers and a moment on
//! recovery instances: so says the model.

mod jobs;
mod servers;

use super::{Door, not_allowed, told, unavailable};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{
    Answer, Args, Fault, Input, Method, Page, Protocol, Reply, Request, RequestId, Token, Tree, Wrong,
};
use crate::sim::world::{Api, Caller, DrsAnswer, DrsCall, Job, Permission, SourceServer};

/// Answers a request to a region's DRS.
#[must_use]
pub fn answer(request: &Request, world: &SharedWorld, region: &Region) -> Answer {
    let protocol = Protocol::RestJson;
    let door = Door { protocol, api: Api::Drs, signing_name: "drs", throttled, unavailable };
    let caller = match door.enter(request, world, region) {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let desk = Desk { world, region, caller: &caller };
    let segments = request.segments();
    let operation = match (request.method, segments.as_slice()) {
        (Method::Post, [operation]) => *operation,
        _ => "",
    };
    let call: fn(&Args<'_>, Desk<'_>) -> Result<Tree, Fault> = match operation {
        "DescribeSourceServers" => servers::describe_source_servers,
        "DescribeRecoveryInstances" => servers::describe_recovery_instances,
        "DescribeRecoverySnapshots" => servers::describe_recovery_snapshots,
        "DescribeJobs" => jobs::describe_jobs,
        "DescribeJobLogItems" => jobs::describe_job_log_items,
        "StartRecovery" => jobs::start_recovery,
        _ => return protocol.unknown_operation(&request.id, &segments.join("/")).into(),
    };
    let input = Input::json(&request.body);
    let carry_out = || {
        let done = input.as_ref().map_err(|w| w.clone().into()).and_then(|i| call(&i.args()?, desk));
        door.ended(&caller, world, region, operation, done.as_ref().err());
        done
    };
    let named = DrsCall::ALL.into_iter().find(|c| c.as_str() == operation);
    if let Some((answer, done)) = named.and_then(|c| world.with(|w| w.drs_call(region, c))) {
        // Whatever comes of it is not told.
        let _ = done.then(carry_out);
        let first = input.as_ref().is_ok_and(|i| i.args().is_ok_and(|a| !a.has("nextToken")));
        if let Some(spoilt) = spoilt(answer, first, operation, &request.id) {
            return spoilt;
        }
    }
    match carry_out() {
        Ok(tree) => {
            let status = if operation == "StartRecovery" { 202 } else { 200 };
            protocol.success(&request.id, operation, &told(tree, world, region, Api::Drs)).status(status).into()
        }
        Err(fault) => protocol.failure(&request.id, &fault).into(),
    }
}

/// What is answered instead of the truth; none where the truth is.
fn spoilt(answer: DrsAnswer, first: bool, operation: &str, id: &RequestId) -> Option<Answer> {
    let protocol = Protocol::RestJson;
    let empty = || {
        let next = Token { offset: 0, as_of: 0 }.write(operation);
        let page = Tree::map().with("items", Vec::<Tree>::new()).with("nextToken", next);
        protocol.success(id, operation, &page).into()
    };
    let fault = match answer {
        DrsAnswer::Hang => return Some(Answer::Hang),
        DrsAnswer::Refuse => return Some(Answer::Close),
        DrsAnswer::Garbled => return Some(Reply::portal().into()),
        DrsAnswer::EmptyPage => return first.then(empty),
        DrsAnswer::NoEnd => return Some(empty()),
        DrsAnswer::Throttle => throttled(),
        DrsAnswer::Unavailable => unavailable(),
        DrsAnswer::Internal => Fault::new(500, "InternalServerException", "An unexpected error occurred"),
        DrsAnswer::Conflict => Fault::new(409, "ConflictException", "The resource is in use"),
        DrsAnswer::Quota => Fault::new(402, "ServiceQuotaExceededException", "The quota is used up"),
    };
    Some(protocol.failure(id, &fault).into())
}

fn throttled() -> Fault {
    Fault::new(429, "ThrottlingException", "Rate exceeded")
        .with("serviceCode", "drs")
        .with("quotaCode", "L-B827C881")
        .header("retry-after", "1")
}

/// Who asks, and where.
#[derive(Clone, Copy)]
struct Desk<'a> {
    world: &'a SharedWorld,
    region: &'a Region,
    caller: &'a Caller,
}

impl Desk<'_> {
    /// Whether whoever calls has a permission.
    fn allowed(self, permission: Permission) -> Result<(), Fault> {
        let acts = matches!(permission, Permission::StartRecovery | Permission::TagResource);
        let account = &self.caller.account;
        if self.world.with(|w| w.may(permission) && (!acts || w.may_act(self.caller, account))) {
            return Ok(());
        }
        let on = format!("arn:aws:drs:{}:{account}:*", self.region);
        Err(Fault::new(403, "AccessDeniedException", not_allowed(self.caller, permission.action(), &on)))
    }

    /// The source servers of the caller's account.
    fn source_servers(self) -> Vec<SourceServer> {
        let all = self.world.with(|w| w.source_servers(self.region));
        all.into_iter().filter(|s| s.owner == self.caller.account).collect()
    }

    /// The jobs of the caller's account.
    fn jobs(self) -> Vec<Job> {
        let all = self.world.with(|w| w.jobs(self.region));
        all.into_iter().filter(|j| j.owner == self.caller.account).collect()
    }
}

impl From<Wrong> for Fault {
    /// DRS's `ValidationException`.
    fn from(wrong: Wrong) -> Self {
        let reason = if wrong.unreadable { "cannotParse" } else { "fieldValidationFailed" };
        let fault = Fault::new(400, "ValidationException", wrong.why.clone()).with("reason", reason);
        if wrong.field.is_empty() {
            return fault;
        }
        let field = Tree::map().with("name", wrong.field).with("message", wrong.why);
        fault.with("fieldList", vec![field])
    }
}

/// A page of `items`, written by `tree`.
fn page<T>(args: &Args<'_>, items: Vec<T>, operation: &str, tree: impl Fn(&T) -> Tree) -> Result<Tree, Fault> {
    let size = args.int("maxResults", 1..=i64::from(i32::MAX))?.unwrap_or(200).min(1000);
    let size = usize::try_from(size).unwrap_or(200);
    let token = args.text("nextToken")?;
    let page = Page::of(items, size, token, operation)
        .ok_or_else(|| args.wrong("nextToken", "was not given out by this operation"))?;
    Ok(Tree::map().with("items", page.items.iter().map(tree).collect::<Vec<_>>()).with_some("nextToken", page.next))
}

/// Whether a text is an id of this kind: a prefix and 17 letters or digits.
fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.len() == 17 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}
