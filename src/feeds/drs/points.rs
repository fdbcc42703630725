//! The recovery snapshots that a launch from a point in time begins from.

use std::time::Duration;

use aws_sdk_drs::Client;
use aws_sdk_drs::types::{DescribeRecoverySnapshotsRequestFilters, RecoverySnapshot, RecoverySnapshotsOrder};
use futures::{StreamExt as _, TryStreamExt as _};

use super::super::failure::{failure, listed};
use crate::aws::{Deadlines, Kind, Sdk, Trouble};
use crate::change::Point;
use crate::estate::Site;
use crate::event::{Failure, Has, Pointed};
use crate::time::Timestamp;

/// Servers that are asked about at once.
const AT_ONCE: usize = 8;
const DEADLINES: Deadlines = Deadlines { connect: Duration::from_secs(2), attempt: Duration::from_secs(5) };
/// Real time for all of them: some four hundred calls of 280 ms.
const DEADLINE: Duration = Duration::from_secs(30);

/// Asks for each server's newest recovery snapshot that is not younger than a point in time, and for its oldest where it
/// has none (`DescribeRecoverySnapshots`). In the order that was asked for.
///
/// # Errors
/// If one of them cannot be read: then nobody knows which servers have one.
pub async fn points(sdk: &Sdk, site: &Site, servers: &[String], at: Timestamp) -> Result<Vec<Pointed>, Failure> {
    let asked = format!("DRS recovery snapshots in {site}");
    let client = sdk.drs(site, DEADLINES);
    let each = servers.iter().cloned().map(|server| {
        let client = client.clone();
        async move {
            let has = has(&client, &server, at).await?;
            Ok(Pointed { server, has })
        }
    });
    let all = futures::stream::iter(each).buffered(AT_ONCE).try_collect();
    let all = tokio::time::timeout(DEADLINE, all).await.unwrap_or_else(|_| Err(Trouble::timeout(DEADLINE)));
    all.map_err(|trouble| failure(&trouble, &asked))
}

async fn has(client: &Client, server: &str, at: Timestamp) -> Result<Has, Trouble> {
    let call = || client.describe_recovery_snapshots().source_server_id(server);
    let until =
        DescribeRecoverySnapshotsRequestFilters::builder().to_date_time(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    let page = call().filters(until.build()).order(RecoverySnapshotsOrder::Desc).max_results(10).send().await?;
    let found = listed(page.items, "items")?.iter().map(point).collect::<Result<Vec<_>, _>>()?;
    // Whatever the filter goes by, what is launched must not be younger than was asked for.
    if let Some(newest) = found.into_iter().filter(|p| p.taken <= at).max_by_key(|p| p.taken) {
        return Ok(Has::Point(newest));
    }
    let page = call().order(RecoverySnapshotsOrder::Asc).max_results(10).send().await?;
    let found = listed(page.items, "items")?.iter().map(point).collect::<Result<Vec<_>, _>>()?;
    Ok(found.into_iter().map(|p| p.taken).min().map_or(Has::Nothing, Has::Younger))
}

fn point(snapshot: &RecoverySnapshot) -> Result<Point, Trouble> {
    // What it holds is as old as it was expected to be taken, and taken it was a little later.
    let taken = snapshot.timestamp.as_deref().unwrap_or(&snapshot.expected_timestamp).parse();
    let taken = taken.map_err(|_| Trouble::said(Kind::Garbled, "a recovery snapshot without its time"))?;
    Point::new(&snapshot.snapshot_id, taken)
        .ok_or_else(|| Trouble::said(Kind::Garbled, format!("`{}` is no id of a snapshot", snapshot.snapshot_id)))
}
