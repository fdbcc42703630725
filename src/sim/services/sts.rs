//! STS: who the caller is.

use super::{Door, throttling, unavailable};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{Answer, Protocol, Request, Tree};
use crate::sim::world::Api;

const QUERY: Protocol = Protocol::Query { namespace: "https://sts.amazonaws.com/doc/2011-06-15/" };

/// Answers a request to a region's STS.
#[must_use]
pub fn answer(request: &Request, world: &SharedWorld, region: &Region) -> Answer {
    let door = Door { protocol: QUERY, api: Api::Sts, signing_name: "sts", throttled: throttling, unavailable };
    if let Err(answer) = door.enter(request, world, region) {
        return answer;
    }
    let form = request.form();
    match form.get("Action").unwrap_or_default() {
        operation @ "GetCallerIdentity" => {
            let account = world.with(|w| w.estate().account.clone());
            let who = Tree::map()
                .with("UserId", "AIDASIGNALBOXREHEARSE")
                .with("Account", &account)
                .with("Arn", format!("arn:aws:iam::{account}:user/rehearsal"));
            QUERY.success(&request.id, operation, &who).into()
        }
        other => QUERY.unknown_operation(&request.id, other).into(),
    }
}
