//! Names of things, each its own type, so that a rule's ARN is never passed where a control's is wanted.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The text of a name. Copies share it: the same few hundred names are in every reading, every event and every
/// remembered model.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Text(Arc<str>);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(text.into()))
    }
}

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        String::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        String::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(Text);

        impl $name {
            /// Wraps a name as it stands.
            pub fn new(name: impl Into<String>) -> Self {
                Self(Text(name.into().into()))
            }
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self.as_str(), f)
            }
        }
        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(Text(name.into()))
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }
    )+};
}

names! {
    /// An AWS region, as AWS writes it: `us-east-1`.
    Region;
    /// An AWS account of the estate's `[[accounts]]`: `network`.
    AccountName;
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
