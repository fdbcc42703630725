//! The only place that makes proofs: that a person did something, from a verified signature.
//!
//! A [`Proven`] cannot be written down and read back, made from a name, or made by a test: only [`prove`] makes one.
//! The gate takes nothing else, so nothing unsigned can be decided.

use super::seal::{self, SealError};
use super::{Change, ChangeText, Changes, Consent, Digest, Statement};
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
    /// What was signed is what no console would have written.
    #[error("{0}: no console writes this, so it was made by hand")]
    Excess(String),
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
    if let Some(why) = statement.excess() {
        return Err(ProofError::Excess(why));
    }
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

/// Closed changes that a signature is held against, to say that they are.
const MOST_CLOSED: usize = 16;

/// A signature that somebody handed in or that was found, and what it proves.
#[derive(Clone, Debug)]
pub struct Handed {
    /// SHA-256 of it, as it came.
    pub signature: Digest,
    /// The change that it approves, and the proof.
    pub proof: Result<(Digest, Proven<Consent>), NotConsent>,
}

/// Why a signature approves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotConsent {
    /// The change that it is over, where that shows.
    pub change: Option<Digest>,
    /// Why.
    pub why: String,
}

impl Handed {
    /// Finds the change that a signature is over, the open ones first, and proves the approval.
    #[must_use]
    pub fn of(estate: &Estate, changes: &Changes, armored: &str, at: Timestamp) -> Self {
        Self { signature: Digest::of(armored.trim()), proof: consent(estate, changes, armored, at) }
    }
}

/// Whether a text has a signature in it that approves a change, whoever made it.
#[must_use]
pub fn covers(change: &ChangeText, read: &str) -> bool {
    let Some(pasted) = super::paste(read) else { return false };
    let text = change.canonical();
    let signs = |text: &str| seal::open(&pasted.armored, super::NAMESPACE, text.as_bytes()).is_ok();
    Consent::words_in(&pasted.before).into_iter().any(|words| {
        let consent = Consent { change: text.clone(), words };
        signs(&consent.canonical()) || consent.spelt_otherwise().any(|other| signs(&other.canonical()))
    })
}

fn consent(
    estate: &Estate,
    changes: &Changes,
    armored: &str,
    at: Timestamp,
) -> Result<(Digest, Proven<Consent>), NotConsent> {
    let before = super::paste(armored).map(|p| p.before).unwrap_or_default();
    let words = Consent::words_in(&before);
    // Anybody may write into the incident folder: whose key it is costs little to ask, and a signature much to verify.
    let known = |key: &ssh_key::public::KeyData| estate.owners(key, at).map(drop);
    if let Some(why) = seal::stranger(armored, super::NAMESPACE, known, |ca| estate.is_authority(ca)) {
        return Err(NotConsent { change: None, why });
    }
    let mut other = None;
    let closed = |c: &&Change| !c.state.is_open();
    let open = changes.all().iter().rev().filter(|c| c.state.is_open());
    for change in open.chain(changes.all().iter().rev().filter(closed).take(MOST_CLOSED)) {
        let mut judged = consented(estate, &change.text, armored, "", at);
        for words in words.iter().filter(|words| !words.is_empty()) {
            if !judged.as_ref().is_err_and(ProofError::is_other_text) {
                break;
            }
            judged = consented(estate, &change.text, armored, words, at);
        }
        match judged {
            Ok(proof) => return Ok((change.digest, proof)),
            // A signature over another change is what all but one change say of any signature.
            Err(e) if e.is_other_text() => other = other.or(Some(e.to_string())),
            Err(e) => return Err(NotConsent { change: Some(change.digest), why: e.to_string() }),
        }
    }
    Err(NotConsent { change: None, why: other.unwrap_or_else(|| "there is no change to approve".into()) })
}

/// The approval given by a signature over a change and these words, however mail or an editor spelt its file
/// ([`Consent::spelt_otherwise`]): it is the same change, and plain OpenSSH signs it as it is.
pub(super) fn consented(
    estate: &Estate,
    text: &ChangeText,
    armored: &str,
    words: &str,
    at: Timestamp,
) -> Result<Proven<Consent>, ProofError> {
    let consent = Consent { change: text.canonical(), words: words.to_owned() };
    let other = match prove(estate, consent.clone(), armored, at) {
        Err(e) if e.is_other_text() => e,
        done => return done,
    };
    for respelt in consent.spelt_otherwise() {
        match prove(estate, respelt, armored, at) {
            Err(e) if e.is_other_text() => {}
            done => {
                return done.map(|Proven { statement, people, key, signature }| Proven {
                    statement: statement.consent,
                    people,
                    key,
                    signature,
                });
            }
        }
    }
    Err(other)
}
