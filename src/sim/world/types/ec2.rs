//! EC2: instances, images, snapshots, connections, reservations.

use super::Tags;
use crate::estate::Region;
use crate::time::Timestamp;
use std::net::Ipv4Addr;

/// The life of an EC2 instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "EC2's own names")]
pub enum InstanceState {
    Pending,
    Running,
    Stopped,
    Terminated,
}

impl InstanceState {
    /// EC2's code and name.
    #[must_use]
    pub fn as_aws(self) -> (i32, &'static str) {
        match self {
            InstanceState::Pending => (0, "pending"),
            InstanceState::Running => (16, "running"),
            InstanceState::Terminated => (48, "terminated"),
            InstanceState::Stopped => (80, "stopped"),
        }
    }
}

/// What a status check of an instance says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// `ok`
    Ok,
    /// `impaired`
    Impaired,
    /// `initializing`
    Initializing,
}

impl CheckState {
    /// As EC2 writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            CheckState::Ok => "ok",
            CheckState::Impaired => "impaired",
            CheckState::Initializing => "initializing",
        }
    }
}

/// An EC2 instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// `i-` and 17 hex digits.
    pub id: String,
    /// The number of the account that owns it.
    pub owner: String,
    /// Its Name tag (also in `tags`).
    pub name: String,
    /// Its tags.
    pub tags: Tags,
    /// Its state.
    pub state: InstanceState,
    /// The instance status check.
    pub instance_status: CheckState,
    /// The system status check.
    pub system_status: CheckState,
    /// `m6i.xlarge`.
    pub kind: String,
    /// `us-east-1a`.
    pub az: String,
    /// Its address in its VPC.
    pub private_ip: Ipv4Addr,
    /// When it was launched.
    pub launched: Timestamp,
}

/// A machine image owned by the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// `ami-…`.
    pub id: String,
    /// The number of the account that owns it.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Timestamp,
    /// The snapshot behind it.
    pub snapshot_id: String,
}

/// An EBS snapshot owned by the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// `snap-…`.
    pub id: String,
    /// The number of the account that owns it.
    pub owner: String,
    /// Its tags.
    pub tags: Tags,
    /// When it was begun.
    pub started: Timestamp,
    /// Whether it is whole (`completed`) or still `pending`.
    pub completed: bool,
    /// Per cent done, 0 to 100.
    pub progress: u8,
    /// `vol-…`.
    pub volume_id: String,
    /// Size in GiB.
    pub size_gib: i32,
    /// Words.
    pub description: String,
}

/// A tunnel of a VPN connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tunnel {
    /// Its outside address.
    pub outside_ip: Ipv4Addr,
    /// UP or DOWN.
    pub up: bool,
    /// Since when.
    pub since: Timestamp,
    /// EC2's status message.
    pub message: String,
    /// Routes accepted over it.
    pub routes: i32,
}

/// A Site-to-Site VPN connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpn {
    /// `vpn-…`.
    pub id: String,
    /// The number of the account that owns it.
    pub owner: String,
    /// Its tags.
    pub tags: Tags,
    /// `cgw-…`.
    pub customer_gateway_id: String,
    /// `tgw-…`.
    pub transit_gateway_id: String,
    /// Its two tunnels.
    pub tunnels: Vec<Tunnel>,
}

/// A Transit Gateway peering attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peering {
    /// `tgw-attach-…`.
    pub id: String,
    /// The number of the account that owns it.
    pub owner: String,
    /// Its tags.
    pub tags: Tags,
    /// This side's transit gateway.
    pub requester_gateway_id: String,
    /// This side's region.
    pub requester_region: Region,
    /// The other side's transit gateway.
    pub accepter_gateway_id: String,
    /// The other side's region.
    pub accepter_region: Region,
    /// The number of the account that owns the other side's transit gateway.
    pub accepter_owner: String,
    /// `available`; otherwise `failed`.
    pub available: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// An EC2 capacity reservation, active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// `cr-…`.
    pub id: String,
    /// The number of the account that owns it.
    pub owner: String,
    /// Its tags.
    pub tags: Tags,
    /// Instances reserved.
    pub total: i32,
    /// Instances not in use.
    pub available: i32,
    /// `m6i.xlarge`.
    pub kind: String,
    /// `us-east-2a`.
    pub az: String,
    /// When it was made.
    pub created: Timestamp,
}
