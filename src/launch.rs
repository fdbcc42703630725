//! How the console acts on Elastic Disaster Recovery: one `StartRecovery`, once.
//!
//! It is not idempotent, so it is never repeated, by nobody: [`Sdk`]'s clients try nothing again. DRS documents no answer
//! that proves that nothing was launched (ADR 6): a refusal is believed only if it comes from before the operation, and
//! whatever else is no confirmation is uncertain. Then the job is looked for by the tag that it was asked to carry.

use std::time::Duration;

use aws_sdk_drs::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_drs::operation::start_recovery::StartRecoveryError;
use aws_sdk_drs::types::StartRecoveryRequestSourceServer;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::aws::{Deadlines, Kind, Sdk, Trouble, never_left};
use crate::effect::LaunchOrder;
use crate::event::LaunchEnd;

/// The tag of a job that this program asked for: the change's digest.
pub const TAG: &str = "signalbox-change";

/// What is asked of whoever calls before a job is begun.
const OWN_ACTIONS: [&str; 2] = ["drs:StartRecovery", "drs:TagResource"];

/// DRS takes its time to begin a job of many servers.
const DEADLINES: Deadlines = Deadlines { connect: Duration::from_secs(3), attempt: Duration::from_secs(10) };

/// A launch has its answer within this time, whatever DRS does.
pub(crate) const DEADLINE: Duration = DEADLINES.whole();

/// Asks DRS to launch; `isDrill` is always said. Needs `drs:StartRecovery` and `drs:TagResource`.
pub async fn launch(sdk: &Sdk, order: &LaunchOrder) -> LaunchEnd {
    let client = sdk.drs(&order.region, DEADLINES);
    let mut call = client.start_recovery().is_drill(order.launch.drill).tags(TAG, order.change.to_string());
    for server in &order.launch.servers {
        match StartRecoveryRequestSourceServer::builder().source_server_id(&server.id).build() {
            Ok(server) => call = call.source_servers(server),
            Err(e) => return LaunchEnd::NotSent { why: format!("{}: {e}", server.id) },
        }
    }
    let error = match call.send().await {
        Ok(answer) => {
            return match answer.job {
                Some(job) => LaunchEnd::Started { job: crate::aws::clip(&job.job_id, 100) },
                None => LaunchEnd::Uncertain { why: "DRS answered without a job".into() },
            };
        }
        Err(error) => error,
    };
    let (unsent, at_the_door) = (never_left(&error), was_at_the_door(&error));
    let trouble = Trouble::from(error);
    let why = trouble.to_string();
    match trouble.kind {
        Kind::Connect if unsent => {
            LaunchEnd::NotSent { why: format!("DRS in {} cannot be reached: {why}", order.region) }
        }
        _ if unsent => LaunchEnd::NotSent { why },
        _ if at_the_door => LaunchEnd::Refused { why },
        _ => LaunchEnd::Uncertain { why },
    }
}

/// Whether AWS said no before the operation was begun. The model of `StartRecovery` has none of these among its own errors:
/// they are common to all of AWS, which asks who calls, whether they may, and whether the request has the right form, before
/// it hands the request on. An account that was not initialized has no servers. A proxy's page has no code.
fn was_at_the_door(error: &SdkError<StartRecoveryError, HttpResponse>) -> bool {
    let SdkError::ServiceError(answer) = error else { return false };
    let (code, message) = (answer.err().code().unwrap_or_default(), answer.err().message().unwrap_or_default());
    match code.strip_suffix("Exception").unwrap_or(code) {
        // DRS launches with the caller's rights: one that it lacks for EC2 may be found out after the job has begun.
        "AccessDenied" => OWN_ACTIONS.iter().any(|action| message.contains(action)),
        "ExpiredToken"
        | "IncompleteSignature"
        | "InvalidClientTokenId"
        | "InvalidSignature"
        | "MissingAuthenticationToken"
        | "OptInRequired"
        | "RequestExpired"
        | "SignatureDoesNotMatch"
        | "UninitializedAccount"
        | "UnrecognizedClient"
        | "Validation" => true,
        _ => false,
    }
}
