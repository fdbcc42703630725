//! The keys of the person who sits here, with which the engine has statements signed.
//!
//! A key may need a finger, or an answer to an agent's question, so signing can block for up to a minute. The engine
//! does it in its own thread.

use std::sync::{Arc, Mutex, PoisonError};

use crate::change::{Act, Nonce, Presence, Proven, Statement as _, prove};
use crate::effect::Errand;
use crate::estate::{Estate, KeyRefused, PersonName};
use crate::signing::{Identity, Ring, SignError};
use crate::time::{Stamp, Timestamp};

/// Keys that sign for the people whose they are. Copies ask the same keys, one statement at a time.
#[derive(Clone, Debug)]
pub struct Signer {
    estate: Arc<Estate>,
    ring: Arc<Mutex<Ring>>,
}

impl Signer {
    /// The keys of a ring, as the estate's people have them.
    #[must_use]
    pub fn new(estate: Arc<Estate>, ring: Ring) -> Self {
        Self { estate, ring: Arc::new(Mutex::new(ring)) }
    }

    /// The people whose keys these are, in the keys' order, each once. No key is asked.
    #[must_use]
    pub fn people(&self, at: Timestamp) -> Vec<PersonName> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let mut people = Vec::new();
        for name in ring.identities().iter().flat_map(|i| owners(&self.estate, i, at)) {
            if !people.contains(&name) {
                people.push(name);
            }
        }
        people
    }

    /// Why keys that are here are nobody's now although somebody has them: revoked, ended, a certificate that fails.
    #[must_use]
    pub fn refused(&self, at: Timestamp) -> Vec<String> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let why = |i: &Identity| match i.certificate() {
            None => self.estate.owners(i.key(), at).err().filter(|why| *why != KeyRefused::Unknown),
            Some(c) => {
                let (after, before) = (c.valid_after(), c.valid_before());
                self.estate.owner_by_certificate(c.ca(), c.principals(), after, before, i.key(), at).err()
            }
        };
        ring.identities().iter().filter_map(why).map(|why| why.to_string()).collect()
    }

    /// Has a person's key sign: the armored signature. Blocks until somebody touches the key, or a minute is over.
    ///
    /// # Errors
    /// In words, if none of the keys is theirs, or none of theirs signs.
    pub fn sign(&self, errand: &Errand, at: Timestamp) -> Result<String, String> {
        let Errand { by, act, text } = errand;
        let mine = |i: &Identity| owners(&self.estate, i, at).contains(by);
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.sign_as(&mine, act.namespace(), text.as_bytes()).map_err(|e| match e {
            SignError::NoneMine => format!("none of the keys here is a key of {by}"),
            other => other.to_string(),
        })
    }

    /// Has a person's key answer a challenge: the proof of who sits here.
    ///
    /// # Errors
    /// In words, when it does not.
    pub fn present(&self, by: &PersonName, at: Stamp, nonce: Nonce) -> Result<Proven<Presence>, String> {
        let challenge = Presence { estate: self.estate.name.clone(), at: at.wall, nonce };
        let errand = Errand { by: by.clone(), act: Act::Presence, text: challenge.canonical() };
        let armored = self.sign(&errand, at.wall)?;
        prove(&self.estate, challenge, &armored, at.wall).map_err(|e| e.to_string())
    }
}

/// Whose key or certificate it is, at a time.
#[must_use]
pub fn owners(estate: &Estate, identity: &Identity, at: Timestamp) -> Vec<PersonName> {
    match identity.certificate() {
        None => {
            let owners = estate.owners(identity.key(), at).unwrap_or_default();
            owners.into_iter().map(|p| p.name.clone()).collect()
        }
        Some(c) if !c.is_user() => Vec::new(),
        Some(c) => {
            let (after, before) = (c.valid_after(), c.valid_before());
            let owner = estate.owner_by_certificate(c.ca(), c.principals(), after, before, identity.key(), at);
            owner.into_iter().map(|p| p.name.clone()).collect()
        }
    }
}
