//! STS: who the caller is. Temporary credentials (`ASIA…`) are those of a role, as AWS gives them out.

use super::{Door, throttling, unavailable};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{Answer, Protocol, Request, Scope, Tree};
use crate::sim::world::Api;

const QUERY: Protocol = Protocol::Query { namespace: "https://sts.amazonaws.com/doc/2011-06-15/" };

/// The role that temporary credentials are of; its path is not in the ARN that STS tells.
pub(super) const ROLE: &str = "AWSReservedSSO_Rehearsal_0123456789abcdef";

/// The ARN of whoever signed a request.
fn caller(scope: &Scope, account: &str) -> String {
    if scope.access_key.starts_with("ASIA") {
        format!("arn:aws:sts::{account}:assumed-role/{ROLE}/rehearsal")
    } else {
        format!("arn:aws:iam::{account}:user/rehearsal")
    }
}

/// Answers a request to a region's STS.
#[must_use]
pub fn answer(request: &Request, world: &SharedWorld, region: &Region) -> Answer {
    let door = Door { protocol: QUERY, api: Api::Sts, signing_name: "sts", throttled: throttling, unavailable };
    let scope = match door.enter(request, world, region) {
        Ok(scope) => scope,
        Err(answer) => return answer,
    };
    let form = request.form();
    match form.get("Action").unwrap_or_default() {
        operation @ "GetCallerIdentity" => {
            let account = world.with(|w| w.estate().account.clone());
            let who = Tree::map()
                .with("UserId", "AIDASIGNALBOXREHEARSE")
                .with("Account", &account)
                .with("Arn", caller(&scope, &account));
            QUERY.success(&request.id, operation, &who).into()
        }
        other => QUERY.unknown_operation(&request.id, other).into(),
    }
}
