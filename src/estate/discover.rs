//! The file's settings for `signalbox discover --refresh`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a refresh leaves alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Discover {
    /// Ids of systems and health checks that `discover --refresh` must not add, because somebody removed them on
    /// purpose.
    pub ignore: Vec<String>,
}

impl Discover {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ignore.is_empty()
    }
}
