//! A key that signs here, plain or with a certificate.

use std::collections::HashMap;

use ssh_key::PublicKey;
use ssh_key::public::KeyData;

use crate::change::seal::Certificate;
use crate::change::{certified_key, wire};

/// A key that can be asked to sign, of an agent or of a file.
#[derive(Clone, Debug)]
pub struct Identity {
    key: KeyData,
    certificate: Option<Certificate>,
    comment: String,
    asked: Vec<u8>,
    shown: Vec<u8>,
}

impl Identity {
    /// The key; of a certificate, the key that is certified.
    #[must_use]
    pub fn key(&self) -> &KeyData {
        &self.key
    }

    /// The certificate that its signatures carry.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// What its owner calls it. Not made visible.
    #[must_use]
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// By which bytes an agent knows it.
    pub(super) fn asked(&self) -> &[u8] {
        &self.asked
    }

    /// Which key or certificate its signatures name.
    pub(super) fn shown(&self) -> &[u8] {
        &self.shown
    }

    /// A key or certificate in wire form. None for kinds that cannot sign here. A certificate that proves nothing
    /// still has a key, which signs as itself.
    pub(super) fn read(blob: &[u8], comment: &[u8]) -> Option<Self> {
        let comment = String::from_utf8_lossy(comment).into_owned();
        let kind = wire::kind(blob)?;
        if kind.ends_with(wire::CERTIFICATE) {
            return match Certificate::parse(blob) {
                Ok(certificate) => {
                    let key = certificate.key().clone();
                    let blob = blob.to_vec();
                    Some(Self { key, certificate: Some(certificate), comment, asked: blob.clone(), shown: blob })
                }
                Err(_) => {
                    let mut plain = Self::of(certified_key(blob)?, comment)?;
                    plain.asked = blob.to_vec();
                    Some(plain)
                }
            };
        }
        Self::of(wire::key(blob)?, comment)
    }

    /// A plain key; none for DSA.
    pub(super) fn of(key: KeyData, comment: String) -> Option<Self> {
        if matches!(key, KeyData::Dsa(_) | KeyData::Other(_)) {
            return None;
        }
        let blob = PublicKey::from(key.clone()).to_bytes().ok()?;
        Some(Self { key, certificate: None, comment, asked: blob.clone(), shown: blob })
    }

    /// A certificate whose key is another identity's: that one signs, this one is named.
    pub(super) fn under(&self, certificate: &Self) -> Self {
        Self { asked: self.asked.clone(), ..certificate.clone() }
    }

    /// A line of a `.pub` file.
    pub(super) fn from_line(line: &str) -> Result<Self, &'static str> {
        use base64::Engine as _;
        let mut words = line.split_whitespace();
        let (kind, blob) = words.next().zip(words.next()).ok_or("it has no kind and no key")?;
        let blob = base64::engine::general_purpose::STANDARD.decode(blob).map_err(|_| "its key is no base64")?;
        if wire::kind(&blob) != Some(kind) {
            return Err("its key is of another kind than it says");
        }
        let comment = words.collect::<Vec<_>>().join(" ");
        Self::read(&blob, comment.as_bytes()).ok_or("its key is of a kind that cannot sign here")
    }
}

/// The keys in their order, each before its certificates.
pub(super) fn plain_first(mut all: Vec<Identity>) -> Vec<Identity> {
    let mut rank: HashMap<KeyData, usize> = HashMap::new();
    for identity in &all {
        let next = rank.len();
        rank.entry(identity.key.clone()).or_insert(next);
    }
    all.sort_by_key(|i| (rank.get(&i.key).copied(), i.certificate.is_some(), i.asked != i.shown));
    all
}
