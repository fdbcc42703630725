//! Which source servers of a region stand there for servers of a pair's other region.
//!
//! `DescribeSourceServers` lists all that were ever set up to replicate into the region, of every origin. After a
//! failover, `ReverseReplication` makes a source server in the other region for the way back (`replicationDirection`
//! FAILBACK there), and the one here stops: it is no copy of anything that runs.

use std::collections::BTreeSet;

use aws_sdk_drs::types::{DataReplicationState, ReplicationDirection, SourceServer};

use crate::estate::Region;
use crate::event::Apart;

/// Why a source server is none of this direction; none for one that is. `others` are the regions that form a pair with
/// this one.
pub(super) fn apart(server: &SourceServer, others: &BTreeSet<Region>) -> Option<Apart> {
    let state = server.data_replication_info.as_ref().and_then(|info| info.data_replication_state.as_ref());
    let stands = matches!(state, None | Some(DataReplicationState::Stopped | DataReplicationState::Disconnected));
    // A server whose replication was reversed twice replicates here again, and has its counterpart's ARN all the same.
    if let Some(arn) = server.reversed_direction_source_server_arn.as_deref().filter(|_| stands) {
        return Some(Apart::Reversed(region_of(arn)));
    }
    // One on its way back comes from where it was launched, whatever its origin.
    if server.replication_direction == Some(ReplicationDirection::Failback) {
        return None;
    }
    let origin = server.source_cloud_properties.as_ref().and_then(|cloud| cloud.origin_region.as_deref());
    origin.map(Region::new).filter(|origin| !others.contains(origin)).map(Apart::From)
}

/// `us-east-1` of `arn:aws:drs:us-east-1:111122223333:source-server/s-…`.
fn region_of(arn: &str) -> Option<Region> {
    arn.split(':').nth(3).filter(|region| !region.is_empty() && region.len() <= 32).map(Region::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_drs::types::{DataReplicationInfo, SourceCloudProperties};

    const BACK: &str = "arn:aws:drs:us-east-1:111122223333:source-server/s-0123456789abcdef0";

    fn server(
        state: DataReplicationState,
        reversed: Option<&str>,
        way: ReplicationDirection,
        origin: Option<&str>,
    ) -> Option<Apart> {
        let info = DataReplicationInfo::builder().data_replication_state(state).build();
        let cloud = origin.map(|region| SourceCloudProperties::builder().origin_region(region).build());
        let server = SourceServer::builder().data_replication_info(info).replication_direction(way);
        let server = server.set_reversed_direction_source_server_arn(reversed.map(str::to_owned));
        apart(&server.set_source_cloud_properties(cloud).build(), &BTreeSet::from([Region::new("us-east-1")]))
    }

    #[test]
    fn only_servers_of_this_direction_stand_for_one_of_the_other_region() {
        use DataReplicationState::{Continuous, Disconnected, Stopped};
        use ReplicationDirection::{Failback, Failover};
        let east = || Some(Apart::Reversed(Some(Region::new("us-east-1"))));
        assert_eq!(server(Continuous, None, Failover, Some("us-east-1")), None);
        // Servers from outside of AWS have no origin.
        assert_eq!(server(Continuous, None, Failover, None), None);
        // One that fell silent and was not reversed is a failure of this direction.
        assert_eq!(server(Disconnected, None, Failover, Some("us-east-1")), None);
        assert_eq!(server(Stopped, Some(BACK), Failover, Some("us-east-1")), east());
        assert_eq!(server(Disconnected, Some(BACK), Failover, Some("us-east-1")), east());
        // Protected again after a failback.
        assert_eq!(server(Continuous, Some(BACK), Failover, Some("us-east-1")), None);
        assert_eq!(server(Continuous, None, Failback, Some("us-east-2")), None);
        assert_eq!(server(Stopped, Some(BACK), Failback, Some("us-east-2")), east());
        // In one region, between its zones; and from a third one.
        for origin in ["us-east-2", "eu-west-1"] {
            assert_eq!(server(Continuous, None, Failover, Some(origin)), Some(Apart::From(Region::new(origin))));
        }
    }
}
