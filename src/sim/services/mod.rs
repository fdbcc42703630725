//! AWS's services in front of the world, but for the two of ARC: each a function from a request to an answer.
//!
//! What they answer follows botocore's models and AWS's documents. No code of the product's feeds is used.

pub mod cloudwatch;
pub mod drs;
pub mod ec2;
pub mod iam;
pub mod route53;
pub mod sts;

use std::sync::Arc;

use super::wire::{Answer, Denial, Fault, Handler, Protocol, Reply, Request, Scope, Tree};
use super::world::{Api, Caller, Reach};
use super::{SharedWorld, Temper};
use crate::estate::Region;
use crate::time::Timestamp;

/// A service that has a listener a region, or one for the world (Route 53, IAM).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "AWS's own names")]
pub enum Service {
    Cloudwatch,
    Ec2,
    Drs,
    Route53,
    Iam,
    Sts,
}

impl Service {
    /// The service in front of this world, as a listener carries it. Route 53 and IAM take `us-east-1`, the
    /// region that requests to them are signed for.
    #[must_use]
    pub fn handler(self, world: SharedWorld, region: Region) -> Handler {
        let answer = match self {
            Service::Cloudwatch => cloudwatch::answer,
            Service::Ec2 => ec2::answer,
            Service::Drs => drs::answer,
            Service::Route53 => route53::answer,
            Service::Iam => iam::answer,
            Service::Sts => sts::answer,
        };
        let api = self.api();
        Arc::new(move |request| {
            let reach = world.with(|w| w.reach(&region, api));
            reach.dated(answer(request, &world, &region))
        })
    }

    /// The same, as far away as its region is.
    pub(in crate::sim) fn listened(self, world: &SharedWorld, region: &Region, temper: Temper) -> Handler {
        temper.at_a_distance(self.handler(world.clone(), region.clone()), world.clock(), region, Some(self.api()))
    }

    fn api(self) -> Api {
        match self {
            Service::Cloudwatch => Api::Cloudwatch,
            Service::Ec2 => Api::Ec2,
            Service::Drs => Api::Drs,
            Service::Route53 => Api::Route53,
            Service::Iam => Api::Iam,
            Service::Sts => Api::Sts,
        }
    }
}

/// What stands before a service: whether it can be reached, and whether the caller is let in.
struct Door {
    protocol: Protocol,
    api: Api,
    /// The name that requests are signed for.
    signing_name: &'static str,
    throttled: fn() -> Fault,
    unavailable: fn() -> Fault,
}

impl Door {
    /// Lets the request in, with who calls, or says what becomes of it.
    fn enter(&self, request: &Request, world: &SharedWorld, region: &Region) -> Result<Caller, Answer> {
        match world.with(|w| w.reach(region, self.api)) {
            Reach::Ok | Reach::Empty | Reach::LeapSecond => {}
            Reach::Clock(skew) => {
                skew.check(request).map_err(|denial| self.protocol.denial(&request.id, &denial))?;
            }
            Reach::Hang => return Err(Answer::Hang),
            Reach::Refuse => return Err(Answer::Close),
            Reach::Garbled => return Err(Reply::portal().into()),
            Reach::Endless => return Err(Answer::Endless(Reply::blanks())),
            Reach::Unavailable => return Err(self.protocol.failure(&request.id, &(self.unavailable)()).into()),
            Reach::Throttle => return Err(self.protocol.failure(&request.id, &(self.throttled)()).into()),
        }
        let caller = caller(request, world, self.signing_name, region)
            .map_err(|denial| Answer::from(self.protocol.denial(&request.id, &denial)))?;
        if !world.with(|w| w.allows(&caller.account, self.api, region)) {
            return Err(self.protocol.failure(&request.id, &(self.throttled)()).into());
        }
        Ok(caller)
    }

    /// Remembers how a call ended.
    fn ended(&self, caller: &Caller, world: &SharedWorld, region: &Region, operation: &str, fault: Option<&Fault>) {
        let error = fault.map(Fault::query_code);
        world.with(|w| w.called(caller, self.api, region, operation, error));
    }
}

/// Who calls: whose signature it is, for this service in this region, and by a session that goes on.
pub(in crate::sim) fn caller(
    request: &Request,
    world: &SharedWorld,
    signing_name: &str,
    region: &Region,
) -> Result<Caller, Denial> {
    let scope = Scope::check(request, signing_name, region.as_str())?;
    world.with(|w| w.caller(&scope.access_key, scope.token.as_deref(), Timestamp::now()))
}

/// What AWS says to somebody whose own policies do not allow what is asked for.
pub(in crate::sim) fn not_allowed(caller: &Caller, action: &str, on: &str) -> String {
    let who = &caller.arn;
    format!(
        "User: {who} is not authorized to perform: {action} on resource: {on} because no identity-based policy allows \
         the {action} action"
    )
}

/// What of a success is told, as the API is now.
pub(in crate::sim) fn told(tree: Tree, world: &SharedWorld, region: &Region, api: Api) -> Tree {
    match world.with(|w| w.reach(region, api)) {
        Reach::Empty => tree.emptied(),
        // CloudWatch counts seconds, and has no sixtieth.
        Reach::LeapSecond if api != Api::Cloudwatch => tree.in_leap_seconds(),
        _ => tree,
    }
}

/// The throttling error of CloudWatch, Route 53 and STS.
fn throttling() -> Fault {
    Fault::new(400, "Throttling", "Rate exceeded")
}

/// The 503 that every service may send.
fn unavailable() -> Fault {
    Fault::new(503, "ServiceUnavailable", "Service is unable to handle the request")
}
