//! Points in time that DRS servers can be launched from, and servers that DRS lists but that are not to be launched.

use serde::{Deserialize, Serialize};

use crate::change::Point;
use crate::estate::Region;
use crate::time::Timestamp;

/// What DRS has of a source server for a point in time (`DescribeRecoverySnapshots`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointed {
    /// The server, `s-…`.
    pub server: String,
    /// What it has.
    pub has: Has,
}

/// The recovery snapshot of a server for a point in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Has {
    /// Its newest that is not younger than that.
    Point(Point),
    /// All that it has are younger; the oldest was taken then.
    Younger(Timestamp),
    /// It has none.
    Nothing,
}

/// A source server that DRS lists in a region, and that does not stand there for one of the pair's other region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApartServer {
    /// `s-…`.
    pub id: String,
    /// Host name or Name tag.
    pub name: String,
    /// Why it does not.
    pub why: Apart,
}

/// Why a source server is none of this direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Apart {
    /// Its replication was reversed and has stopped here; another source server has taken its place, in this region if
    /// that is known (`reversedDirectionSourceServerArn`).
    Reversed(Option<Region>),
    /// Its source is in a region that is not the other one of a pair (`sourceCloudProperties.originRegion`).
    From(Region),
}

impl Apart {
    /// The same in words that follow the server's name.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Apart::Reversed(Some(region)) => format!("its replication was reversed, and goes to {region} now"),
            Apart::Reversed(None) => "its replication was reversed, and goes the other way now".to_owned(),
            Apart::From(region) => format!("its source is in {region}, which is not the other region of a pair"),
        }
    }
}
