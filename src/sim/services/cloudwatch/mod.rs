//! CloudWatch, in the three protocols its model lists: rpc-v2-CBOR (the Rust SDK), JSON 1.0 (boto3 and the
//! CLI) and query (older ones).

mod alarms;
mod data;
mod metrics;

use super::{Door, throttling, told, unavailable};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{Answer, Args, Fault, Input, Protocol, Request, Tree, Wrong};
use crate::sim::world::{Api, Spot};

const SERVICE: &str = "GraniteServiceVersion20100801";
const QUERY: Protocol = Protocol::Query { namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/" };

/// Answers a request to a region's CloudWatch.
#[must_use]
pub fn answer(request: &Request, world: &SharedWorld, region: &Region) -> Answer {
    let (protocol, operation) = spoken(request);
    let door = Door { protocol, api: Api::Cloudwatch, signing_name: "monitoring", throttled: throttling, unavailable };
    let caller = match door.enter(request, world, region) {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let account = caller.account.as_str();
    let done = match operation.as_str() {
        "GetMetricData" => run(request, protocol, |args| data::get_metric_data(args, world, region, account)),
        "ListMetrics" => run(request, protocol, |args| metrics::list_metrics(args, world, region, account)),
        "DescribeAlarms" => {
            run(request, protocol, |args| alarms::describe_alarms(args, world, Spot { owner: account, region }))
        }
        other => return protocol.unknown_operation(&request.id, other).into(),
    };
    door.ended(&caller, world, region, &operation, done.as_ref().err());
    match done {
        Ok(tree) => protocol.success(&request.id, &operation, &told(tree, world, region, Api::Cloudwatch)).into(),
        Err(fault) => protocol.failure(&request.id, &fault).into(),
    }
}

/// The protocol that a request is written in, and the operation it asks for.
fn spoken(request: &Request) -> (Protocol, String) {
    if let ["service", SERVICE, "operation", operation] = request.segments().as_slice() {
        (Protocol::Cbor, (*operation).to_owned())
    } else if let Some(operation) = request.target(SERVICE) {
        (Protocol::Json, operation.to_owned())
    } else {
        (QUERY, request.form().get("Action").unwrap_or_default().to_owned())
    }
}

fn run(
    request: &Request,
    protocol: Protocol,
    operation: impl FnOnce(&Args<'_>) -> Result<Tree, Refusal>,
) -> Result<Tree, Fault> {
    let go = || {
        let input = match protocol {
            Protocol::Cbor => Input::cbor(&request.body)?,
            Protocol::Json => Input::json(&request.body)?,
            _ => Input::form(&request.form()),
        };
        operation(&input.args()?)
    };
    go().map_err(|refusal| match refusal {
        Refusal::Wrong(wrong) if wrong.unreadable => Fault::new(400, "SerializationException", wrong.why),
        Refusal::Wrong(wrong) => Fault::new(400, "ValidationError", wrong.why),
        Refusal::Fault(fault) => fault,
    })
}

/// Why an operation is refused.
enum Refusal {
    /// A member breaks a rule of the model.
    Wrong(Wrong),
    /// An error of its own.
    Fault(Fault),
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        Refusal::Wrong(wrong)
    }
}

/// A rule broken that is not one member's.
fn invalid(why: impl Into<String>) -> Refusal {
    Refusal::Wrong(Wrong::new("", why))
}

fn invalid_next_token() -> Refusal {
    Refusal::Fault(
        Fault::new(400, "InvalidNextToken", "The next token specified is invalid.").query_as("InvalidNextToken"),
    )
}

/// Dimensions as every operation writes them.
fn dimensions(of: &std::collections::BTreeMap<String, String>) -> Tree {
    Tree::list("member", of.iter().map(|(name, value)| Tree::map().with("Name", name).with("Value", value)))
}
