//! Who may look, propose and approve. Identity is a public key.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use ssh_key::PublicKey;

use super::PersonName;
use crate::time::Timestamp;

/// A person of the estate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// How the others call them.
    pub name: PersonName,
    /// What they may do.
    pub roles: Vec<Role>,
    /// The groups that they are in, such as `dba`; the policy's rules ask for approvals by group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Their public keys, each in OpenSSH `authorized_keys` form; with `valid_until`, a key that ends.
    pub keys: Vec<ListedKey>,
    /// The names that identify this person in certificates; without it, their own name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub principals: Vec<String>,
}

impl Person {
    /// Whether the person has a role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether a name in a certificate is this person. Spelling counts: `Alice` is not `alice`.
    #[must_use]
    pub fn is_named(&self, principal: &str) -> bool {
        self.certified().any(|name| name == principal)
    }

    /// The names in certificates that are this person.
    pub fn certified(&self) -> impl Iterator<Item = &str> {
        let own = self.principals.is_empty().then(|| self.name.as_str());
        self.principals.iter().map(String::as_str).chain(own)
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

impl Role {
    /// As an estate file writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Observer => "observer",
            Role::Operator => "operator",
            Role::Approver => "approver",
        }
    }
}

/// Why somebody may not do what a role is for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MayNot {
    /// The estate has nobody of this name.
    #[error("{0} is not in the estate file")]
    Stranger(PersonName),
    /// They are not in this role.
    #[error("{0} does not have the {role} role in the estate file", role = .1.as_str())]
    Lacks(PersonName, Role),
}

impl super::Estate {
    /// The person of this name, if they are in a role.
    ///
    /// # Errors
    /// Why they may not do what it is for.
    pub fn in_role(&self, name: &PersonName, role: Role) -> Result<&Person, MayNot> {
        let person = self.person(name).ok_or_else(|| MayNot::Stranger(name.clone()))?;
        match person.is(role) {
            true => Ok(person),
            false => Err(MayNot::Lacks(name.clone(), role)),
        }
    }
}

/// A key as the estate lists it: a line in `authorized_keys` form, and when it ends, if it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    text: String,
    valid_until: Option<Timestamp>,
}

impl ListedKey {
    /// The line as it is written, with its comment.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The moment from which the key counts no more; none, it does not end.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }

    /// The key itself; none where the line is no key, which no checked estate has.
    #[must_use]
    pub fn public(&self) -> Option<PublicKey> {
        PublicKey::from_openssh(&self.text).ok()
    }

    /// The word for its type: `ssh-ed25519`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text.split_whitespace().next().unwrap_or_default()
    }

    /// The same key, ending at a moment.
    #[must_use]
    pub fn until(self, end: Timestamp) -> Self {
        Self { valid_until: Some(end), ..self }
    }

    /// The same listing with another line in it, as presenter mode shows it.
    #[must_use]
    pub fn rewritten(&self, text: impl Into<String>) -> Self {
        Self { text: text.into(), valid_until: self.valid_until }
    }

    /// Whether the key has ended by then.
    #[must_use]
    pub fn has_ended(&self, at: Timestamp) -> bool {
        self.valid_until.is_some_and(|end| at >= end)
    }
}

impl From<String> for ListedKey {
    fn from(text: String) -> Self {
        Self { text, valid_until: None }
    }
}

impl From<&str> for ListedKey {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Serialize for ListedKey {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Some(end) = &self.valid_until else { return to.serialize_str(&self.text) };
        let mut table = to.serialize_struct("ListedKey", 2)?;
        table.serialize_field("key", &self.text)?;
        table.serialize_field("valid_until", end)?;
        table.end()
    }
}

impl<'de> Deserialize<'de> for ListedKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Listing)
    }
}

/// Reads a key that is a text or a table.
struct Listing;

impl<'de> Visitor<'de> for Listing {
    type Value = ListedKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key in quotes, or { key = \"…\", valid_until = \"2027-01-01T00:00:00Z\" }")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ListedKey, E> {
        Ok(text.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ListedKey, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            key: String,
            #[serde(default, deserialize_with = "moment")]
            valid_until: Option<Timestamp>,
        }
        let Table { key, valid_until } = Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(ListedKey { text: key, valid_until })
    }
}

/// A moment in quotes, or as TOML writes dates.
fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    struct Moment;
    impl<'de> Visitor<'de> for Moment {
        type Value = Timestamp;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a moment such as \"2027-01-01T00:00:00Z\"")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
            text.parse().map_err(|_| E::custom(format!("`{text}` is no moment such as \"2027-01-01T00:00:00Z\"")))
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Timestamp, A::Error> {
            let date = toml::value::Datetime::deserialize(MapAccessDeserializer::new(map))?;
            self.visit_str(&date.to_string())
        }
    }
    from.deserialize_any(Moment).map(Some)
}

impl JsonSchema for ListedKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ListedKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A public key in OpenSSH `authorized_keys` form, or a table with it and its end.",
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": {
                        "key": { "type": "string", "description": "The key in OpenSSH `authorized_keys` form." },
                        "valid_until": {
                            "type": "string",
                            "format": "date-time",
                            "description": "When the key stops counting: `2027-01-01T00:00:00Z`."
                        }
                    },
                    "required": ["key", "valid_until"],
                    "additionalProperties": false
                }
            ]
        })
    }
}
