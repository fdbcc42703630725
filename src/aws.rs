//! AWS SDK clients as this estate wants them.

use crate::estate::Estate;

/// Where AWS credentials come from.
#[derive(Clone, Debug, Default)]
pub enum Credentials {
    /// The SDK's own chain: environment, profile, SSO, container, instance.
    #[default]
    Default,
    /// These, and nothing on this machine is asked. For a simulator.
    Static {
        /// Access key id.
        key: String,
        /// Secret access key.
        secret: String,
        /// Session token.
        token: Option<String>,
    },
}

/// Builds SDK clients for an estate.
#[derive(Clone, Debug)]
pub struct Sdk {}

impl Sdk {
    /// Loads credentials and settings once.
    pub async fn load(estate: &Estate, credentials: Credentials) -> Self {
        let _ = (estate, credentials);
        Self {}
    }
}
