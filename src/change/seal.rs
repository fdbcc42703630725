//! Opens an OpenSSH signature (SSHSIG). Pure; it knows no estate.
//!
//! A [`Seal`] proves that a key signed some bytes in some namespace. Others judge whose key it is and whether it
//! counts.

use ssh_key::public::KeyData;
use ssh_key::{HashAlg, SshSig};

pub use super::certificate::Certificate;
use super::paste;
use super::raw::{self, Flaw};
use super::wire::{self, Wire};
use crate::estate::Point;
use crate::hygiene::visible;

const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;
/// FIDO: somebody touched the key.
const TOUCHED: u8 = 0x01;
/// FIDO: the key knew its person, by PIN or finger.
const VERIFIED: u8 = 0x04;
/// No signature is longer, in bytes: a certificate of the largest keys has some 4,000.
const LONGEST: usize = 64 * 1024;

/// What a signature proves of the key that made it. Only [`open`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    key: KeyData,
    fingerprint: String,
    flags: Option<u8>,
    certificate: Option<Certificate>,
}

impl Seal {
    /// The key that signed; of a certificate, the key that is certified.
    #[must_use]
    pub fn key(&self) -> &KeyData {
        &self.key
    }

    /// The key's fingerprint, `SHA256:…`.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether the key lives in hardware (`sk-ssh-ed25519@openssh.com`, `sk-ecdsa-sha2-nistp256@openssh.com`).
    #[must_use]
    pub fn is_hardware(&self) -> bool {
        self.flags.is_some()
    }

    /// Whether somebody touched the hardware key; true if the key is not a hardware key.
    #[must_use]
    pub fn touched(&self) -> bool {
        self.flags.is_none_or(|f| f & TOUCHED != 0)
    }

    /// Whether the hardware key verified its person, by PIN or finger; false if the key is not a hardware key.
    #[must_use]
    pub fn user_verified(&self) -> bool {
        self.flags.is_some_and(|f| f & VERIFIED != 0)
    }

    /// The certificate that the signature was made with.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }
}

/// Why a signature proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not an OpenSSH signature.
    #[error("this is no OpenSSH signature ({0}); paste everything from BEGIN to END SSH SIGNATURE")]
    NotASignature(String),
    /// Made for something else: the namespace that it was made for, made visible.
    #[error("the signature was made for `{0}`, which is something else; sign again with the right -n")]
    Namespace(String),
    /// Made over something else.
    #[error("the signature by {fingerprint} is not over this text: another text, an edited one, or an older one")]
    OtherText {
        /// The key that is said to have made it.
        fingerprint: String,
    },
    /// Made by a key, or in a way, that proves nothing.
    #[error("{0} proves nothing; sign with an ed25519, ECDSA or hardware key, or RSA of 2048 to 4096 bits")]
    Weak(String),
    /// Made with a certificate that is not valid, or that has restrictions which we cannot enforce.
    #[error("the signature was made with a certificate that does not count: {0}")]
    Certificate(String),
    /// Of a kind that is not known here.
    #[error("{0} is not known here; sign with an ed25519, ECDSA, RSA or hardware key")]
    Unsupported(String),
}

/// Opens a signature over a message: it needs the right form, the right namespace, the right bytes, and a key that is
/// strong enough.
///
/// The signature may have come through chat (see [`paste`](super::paste::paste)).
///
/// # Errors
/// The reason why the signature proves nothing.
pub fn open(armored: &str, namespace: &str, message: &[u8]) -> Result<Seal, SealError> {
    let blob = paste::bytes(armored).map_err(SealError::NotASignature)?;
    let parts = Parts::read(&blob)?;
    if parts.namespace != namespace {
        return Err(SealError::Namespace(visible(parts.namespace).into_owned()));
    }
    let hash = match parts.hash {
        "sha512" => HashAlg::Sha512,
        "sha256" => HashAlg::Sha256,
        other => return Err(SealError::Unsupported(format!("the hash `{}`", visible(other)))),
    };
    let (key, certificate) = signer(parts.key)?;
    let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
    let signed = SshSig::signed_data(namespace, hash, message).map_err(|e| SealError::NotASignature(e.to_string()))?;
    let flags = raw::check(&key, &signed, parts.signature).map_err(|flaw| match flaw {
        Flaw::Weak(what) => SealError::Weak(what),
        Flaw::Unsupported(what) => SealError::Unsupported(what),
        Flaw::Malformed(what) => SealError::NotASignature(what.to_owned()),
        Flaw::Wrong => SealError::OtherText { fingerprint: fingerprint.clone() },
    })?;
    let seal = Seal { key, fingerprint, flags, certificate };
    if seal.certificate().is_some_and(Certificate::verify_required) && !seal.user_verified() {
        return Err(SealError::Certificate("it wants the key's PIN or finger (verify-required)".to_owned()));
    }
    Ok(seal)
}

/// The point of the key that a signature names, also inside of a certificate. What it signed was verified elsewhere.
pub(super) fn point(armored: &str) -> Option<Point> {
    let blob = paste::bytes(armored).ok()?;
    let (key, _) = Parts::read(&blob).and_then(|parts| signer(parts.key)).ok()?;
    Some(Point::of(&key))
}

/// Why a signature cannot count, whatever it is over: it is not a signature, its plain key belongs to nobody, or its
/// certificate is of a CA that counts for nobody. Nothing is verified, so this costs little.
pub(super) fn stranger<E: std::fmt::Display>(
    armored: &str,
    namespace: &str,
    known: impl Fn(&KeyData) -> Result<(), E>,
    is_authority: impl Fn(&KeyData) -> bool,
) -> Option<String> {
    let read = || {
        let blob = paste::bytes(armored).map_err(SealError::NotASignature)?;
        let parts = Parts::read(&blob)?;
        if parts.namespace != namespace {
            return Err(SealError::Namespace(visible(parts.namespace).into_owned()));
        }
        signer(parts.key)
    };
    match read() {
        Err(why) => Some(why.to_string()),
        // A key with a certificate may be listed by itself as well.
        Ok((key, Some(certificate))) if !is_authority(certificate.ca()) => {
            known(&key).err().map(|_| "no CA of the estate signed its certificate".to_owned())
        }
        Ok((_, Some(_))) => None,
        Ok((key, None)) => known(&key).err().map(|why| format!("{why} ({})", key.fingerprint(HashAlg::Sha256))),
    }
}

/// The fields of a signature.
struct Parts<'a> {
    key: &'a [u8],
    namespace: &'a str,
    hash: &'a str,
    signature: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(blob: &'a [u8]) -> Result<Self, SealError> {
        let not = |why: &str| SealError::NotASignature(why.to_owned());
        let cut = || not("it is cut, or a character of it was changed");
        if blob.len() > LONGEST {
            return Err(not("it is far too long"));
        }
        let mut wire = Wire::new(blob);
        if wire.take(MAGIC.len()) != Some(MAGIC) {
            return Err(cut());
        }
        let version = wire.u32().ok_or_else(cut)?;
        if version != VERSION {
            return Err(SealError::Unsupported(format!("version {version} of signatures")));
        }
        let key = wire.string().ok_or_else(cut)?;
        let namespace = wire.text().ok_or_else(cut)?;
        // Not covered by the signature, and empty in every one there is.
        if !wire.string().ok_or_else(cut)?.is_empty() {
            return Err(not("its reserved field is not empty"));
        }
        let hash = wire.text().ok_or_else(cut)?;
        let signature = wire.string().ok_or_else(cut)?;
        wire.end().ok_or_else(cut)?;
        Ok(Self { key, namespace, hash, signature })
    }
}

/// The key that signed, and its certificate.
fn signer(blob: &[u8]) -> Result<(KeyData, Option<Certificate>), SealError> {
    let kind = wire::kind(blob).ok_or_else(|| SealError::NotASignature("its key cannot be read".to_owned()))?;
    if kind.ends_with(wire::CERTIFICATE) {
        let certificate = Certificate::parse(blob).map_err(SealError::Certificate)?;
        return Ok((certificate.key().clone(), Some(certificate)));
    }
    match wire::key(blob) {
        Some(key) => Ok((key, None)),
        None if is_known(kind) => Err(SealError::NotASignature("its key is not of its own form".to_owned())),
        None => Err(SealError::Unsupported(format!("a key of kind `{}`", visible(kind)))),
    }
}

fn is_known(kind: &str) -> bool {
    use ssh_key::Algorithm::{Other, Rsa};
    !matches!(ssh_key::Algorithm::new(kind), Ok(Other(_) | Rsa { hash: Some(_) }) | Err(_))
}
