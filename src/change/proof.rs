//! The only place that makes proofs: that a person did something, from a verified signature.
//!
//! A [`Proven`] cannot be written down and read back, made from a name, or made by a test: only [`prove`] makes one.
//! The gate takes nothing else, so nothing unsigned can be decided.

use super::Statement;
use super::seal::{self, SealError};
use crate::estate::{Estate, KeyRefused, PersonName};
use crate::time::Timestamp;

/// Proof that the holder of a person's key stated something.
#[derive(Clone, Debug, PartialEq)]
pub struct Proven<S> {
    statement: S,
    people: Vec<PersonName>,
    key: String,
    signature: String,
}

impl<S: Statement> Proven<S> {
    /// What was stated.
    #[must_use]
    pub fn statement(&self) -> &S {
        &self.statement
    }

    /// Everybody whose key it is, never empty; the author alone where the statement names one.
    #[must_use]
    pub fn people(&self) -> &[PersonName] {
        &self.people
    }

    /// SHA-256 fingerprint of the key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The armored signature, in one spelling.
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }
}

/// Why a signature proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The signature itself is not what it should be.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The key is nobody's now.
    #[error("{why} ({key})")]
    Key {
        /// SHA-256 fingerprint.
        key: String,
        /// Why it does not count.
        why: KeyRefused,
    },
    /// The key belongs to somebody other than the person named.
    #[error("it was signed with a key of {owner}, not of {by}; everybody signs with their own")]
    NotTheirs {
        /// Whose key it is.
        owner: PersonName,
        /// Who is named.
        by: PersonName,
    },
    /// A certificate of a machine.
    #[error("the certificate is a host's, not a person's; sign with a user certificate")]
    NotAPerson,
    /// A hardware key that nobody touched.
    #[error(
        "the hardware key was not touched; sign again and touch it (a key made with no-touch-required does not count)"
    )]
    NotTouched,
    /// A hardware key that did not ask for PIN or finger.
    #[error("the hardware key did not verify its owner; the policy wants PIN or finger (`verify-required`)")]
    NotVerified,
}

impl ProofError {
    /// Whether the signature is a true one, only of something else.
    #[must_use]
    pub fn is_other_text(&self) -> bool {
        matches!(self, ProofError::Seal(SealError::OtherText { .. }))
    }
}

/// Verifies a signature over a statement by the estate's people as they are, at a time.
///
/// # Errors
/// Why it proves nothing.
pub fn prove<S: Statement>(
    estate: &Estate,
    statement: S,
    armored: &str,
    at: Timestamp,
) -> Result<Proven<S>, ProofError> {
    let seal = seal::open(armored, S::ACT.namespace(), statement.canonical().as_bytes())?;
    let key = seal.fingerprint().to_owned();
    if seal.is_hardware() {
        if estate.policy.touch_required && !seal.touched() {
            return Err(ProofError::NotTouched);
        }
        if estate.policy.verify_required && !seal.user_verified() {
            return Err(ProofError::NotVerified);
        }
    }
    let refused = |why| ProofError::Key { key: key.clone(), why };
    let owners = match seal.certificate() {
        None => estate.owners(seal.key(), at).map_err(refused)?,
        Some(c) if !c.is_user() => return Err(ProofError::NotAPerson),
        Some(c) => {
            let of =
                estate.owner_by_certificate(c.ca(), c.principals(), c.valid_after(), c.valid_before(), seal.key(), at);
            vec![of.map_err(refused)?]
        }
    };
    let people = match (statement.author(), owners.as_slice()) {
        (Some(author), owners) if owners.iter().any(|p| p.name == *author) => vec![author.clone()],
        (Some(author), [owner, ..]) => {
            return Err(ProofError::NotTheirs { owner: owner.name.clone(), by: author.clone() });
        }
        (_, owners) => owners.iter().map(|p| p.name.clone()).collect(),
    };
    let signature = super::paste(armored).map_or_else(|| armored.trim().to_owned(), |p| p.armored);
    Ok(Proven { statement, people, key, signature })
}
