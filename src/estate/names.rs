//! Names of things, each its own type, so that a rule's ARN is never passed where a control's is wanted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a name as it stands.
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.to_owned())
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

names! {
    /// An AWS region, as AWS writes it: `us-east-1`.
    Region;
    /// A region pair of the estate: `east`.
    PairName;
    /// A service of the platform whose traffic a routing control steers: `portal`.
    ServiceName;
    /// A watched system of the estate file: `portal-alb-east`.
    SystemId;
    /// A reading of a system: `healthy`.
    ReadingId;
    /// An ARC cluster's ARN.
    ClusterArn;
    /// An ARC control panel's ARN.
    PanelArn;
    /// An ARC routing control's ARN.
    ControlArn;
    /// An ARC safety rule's ARN.
    RuleArn;
    /// A Route 53 health check's id.
    HealthCheckId;
    /// A person of the estate's `[[people]]`.
    PersonName;
    /// A DNS resolver of the estate's `[[resolvers]]`.
    ResolverName;
}

impl PanelArn {
    /// Whether a routing control is of this panel: its ARN goes on behind the panel's.
    #[must_use]
    pub fn holds(&self, control: &ControlArn) -> bool {
        control.as_str().strip_prefix(self.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}
