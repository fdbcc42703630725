//! Approvals: OpenSSH signatures over the canonical text (namespace `approval@signalbox`).

use ssh_key::{HashAlg, PublicKey, SshSig};

use super::ChangeText;
use crate::estate::{Estate, PersonName, Role};

/// The namespace that signatures must be made for: `ssh-keygen -Y sign -n approval@signalbox`.
pub const NAMESPACE: &str = "approval@signalbox";

/// A signature that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who signed.
    pub by: PersonName,
    /// SHA-256 fingerprint of the key.
    pub key: String,
}

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// Not an OpenSSH signature.
    #[error("this is no OpenSSH signature ({0}); paste everything from BEGIN to END SSH SIGNATURE")]
    NotASignature(String),
    /// Made for something else.
    #[error("the signature was made for `{0}`, not for `{NAMESPACE}`; sign again with -n {NAMESPACE}")]
    Namespace(String),
    /// Made over something else.
    #[error("the signature is not over this change: another change, an edited one, or an older proposal")]
    OtherText,
    /// Made by a key that the estate does not list.
    #[error("no person of the estate has the key {0}")]
    Stranger(String),
    /// Made by the requester.
    #[error("{0} asked for this change: somebody else must approve it")]
    Requester(PersonName),
    /// The requester is not in the estate (any more), so nobody can be told from them.
    #[error("{0}, who asked for this change, is not in the estate file; propose it again")]
    NoRequester(PersonName),
    /// Made by somebody without the role.
    #[error("{0} does not have the approver role in the estate file")]
    NotAnApprover(PersonName),
}

/// Checks a signature over a change: right namespace, right bytes, a listed key, an approver, not the requester.
///
/// A key that is listed under several names is every one of them: if one of the names is the person who asked
/// for the change ([`same_person`]), the key cannot approve it.
///
/// # Errors
/// The reason why the signature does not count.
pub fn verify(estate: &Estate, change: &ChangeText, armored: &str) -> Result<Approval, ApprovalError> {
    let sig = SshSig::from_pem(armored.trim().as_bytes()).map_err(|e| ApprovalError::NotASignature(e.to_string()))?;
    if sig.namespace() != NAMESPACE {
        return Err(ApprovalError::Namespace(crate::hygiene::visible(sig.namespace()).into_owned()));
    }
    let key = PublicKey::from(sig.public_key().clone());
    key.verify(NAMESPACE, change.canonical().as_bytes(), &sig).map_err(|_| ApprovalError::OtherText)?;
    let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
    let owners: Vec<_> = estate.people.iter().filter(|p| p.keys.iter().any(|k| same_key(k.text(), &key))).collect();
    let Some(owner) = owners.first() else { return Err(ApprovalError::Stranger(fingerprint)) };
    if estate.person(&change.by).is_none() {
        return Err(ApprovalError::NoRequester(change.by.clone()));
    }
    if owners.iter().any(|p| same_person(estate, &p.name, &change.by)) {
        return Err(ApprovalError::Requester(change.by.clone()));
    }
    match owners.iter().find(|p| p.is(Role::Approver)) {
        Some(person) => Ok(Approval { by: person.name.clone(), key: fingerprint }),
        None => Err(ApprovalError::NotAnApprover(owner.name.clone())),
    }
}

/// Whether two names are one person ([`Estate::same_person`]).
#[must_use]
pub fn same_person(estate: &Estate, a: &PersonName, b: &PersonName) -> bool {
    estate.same_person(a, b)
}

/// The SHA-256 fingerprint of a key in `authorized_keys` form; none where it cannot be read.
#[must_use]
pub fn fingerprint(listed: &str) -> Option<String> {
    Some(PublicKey::from_openssh(listed).ok()?.fingerprint(HashAlg::Sha256).to_string())
}

fn same_key(listed: &str, key: &PublicKey) -> bool {
    PublicKey::from_openssh(listed).is_ok_and(|k| k.key_data() == key.key_data())
}
