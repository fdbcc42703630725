//! Who may look, propose and approve. Identity is a public key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PersonName;

/// A person of the estate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// How the others call them.
    pub name: PersonName,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Their public keys, each in OpenSSH `authorized_keys` form.
    pub keys: Vec<String>,
}

impl Person {
    /// Whether the person has a role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks on.
    Observer,
    /// Proposes changes and turns the second key.
    Operator,
    /// Approves or rejects other people's changes.
    Approver,
}
