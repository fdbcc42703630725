//! How the console acts on Elastic Disaster Recovery: one `StartRecovery`, once.
//!
//! It is not idempotent, so it is never repeated, by nobody: the clients of [`Acting`] try nothing again. DRS documents no answer
//! that proves that nothing was launched, and a proxy can answer in its place (ADR 6): whatever was sent and is no
//! confirmation is uncertain. Then the job is looked for by the tag that it was asked to carry.

use std::time::Duration;

use aws_sdk_drs::types::StartRecoveryRequestSourceServer;

use crate::aws::{Acting, Deadlines, Kind, Trouble, never_left};
use crate::effect::LaunchOrder;
use crate::event::LaunchEnd;

/// The tag of a job that this program asked for: the change's digest.
pub const TAG: &str = "signalbox-change";

/// DRS takes its time to begin a job of many servers.
const DEADLINES: Deadlines = Deadlines { connect: Duration::from_secs(3), attempt: Duration::from_secs(10) };

/// A launch has its answer within this time, whatever DRS does.
pub(crate) const DEADLINE: Duration = DEADLINES.whole();

/// Asks DRS to launch; `isDrill` is always said. Needs `drs:StartRecovery` and `drs:TagResource`.
pub async fn launch(acting: &Acting, order: &LaunchOrder) -> LaunchEnd {
    let client = acting.drs(&order.site, DEADLINES);
    let mut call = client.start_recovery().is_drill(order.launch.drill).tags(TAG, order.change.to_string());
    for server in &order.launch.servers {
        let from = server.point.as_ref().map(|point| point.id.clone());
        let wanted = StartRecoveryRequestSourceServer::builder().source_server_id(&server.id);
        match wanted.set_recovery_snapshot_id(from).build() {
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
    let unsent = never_left(&error);
    let trouble = Trouble::from(error);
    let why = trouble.to_string();
    match trouble.kind {
        Kind::Connect if unsent => {
            LaunchEnd::NotSent { why: format!("DRS in {} cannot be reached: {why}", order.site) }
        }
        _ if unsent => LaunchEnd::NotSent { why },
        _ => LaunchEnd::Uncertain { why },
    }
}
