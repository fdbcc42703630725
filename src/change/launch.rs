//! What DRS shall launch, and from when.

use serde::{Deserialize, Serialize};

use crate::estate::Region;
use crate::time::Timestamp;

/// Source servers that DRS shall launch in the receiving region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// Whether it is a drill (`isDrill`, always said): a drill leaves replication and production alone.
    pub drill: bool,
    /// The servers, in the order in which they are sent.
    pub servers: Vec<LaunchServer>,
    /// No server is launched from what is younger than this; none for the latest of each.
    #[serde(default)]
    pub at: Option<Timestamp>,
}

/// One source server of a launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchServer {
    /// `s-…` (`sourceServerID`).
    pub id: String,
    /// Its name when it was asked for.
    pub name: String,
    /// What it is launched from, where the launch is from a point in time; else from its latest data.
    #[serde(default)]
    pub point: Option<Point>,
}

/// A recovery snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// `pit-…` (`recoverySnapshotID`).
    pub id: String,
    /// When it was taken.
    pub taken: Timestamp,
}

impl Point {
    /// A recovery snapshot, if that is the id of one: `pit-` and 17 letters or digits.
    #[must_use]
    pub fn new(id: &str, taken: Timestamp) -> Option<Self> {
        let rest = id.strip_prefix("pit-")?;
        let is_id = rest.len() == 17 && rest.bytes().all(|b| b.is_ascii_alphanumeric());
        is_id.then(|| Self { id: id.to_owned(), taken })
    }
}

impl Launch {
    /// What it is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.drill { "drill launch" } else { "recovery" }
    }

    /// What it does in a region, in words.
    #[must_use]
    pub fn title(&self, region: &Region) -> String {
        let of = match self.servers.as_slice() {
            [one] => one.name.clone(),
            all => format!("{} servers", all.len()),
        };
        let at = self.at.map_or_else(String::new, |at| format!(" as of {at}"));
        format!("DRS {} of {of} in {region}{at}", self.kind())
    }

    /// The same, from the latest data.
    #[must_use]
    pub fn of_latest(&self) -> Self {
        let servers = self.servers.iter().map(|s| LaunchServer { point: None, ..s.clone() });
        Self { servers: servers.collect(), at: None, drill: self.drill }
    }
}
