//! Whether a raw SSH signature was made by a key over some bytes, as strictly as OpenSSH or more so.

use ed25519_dalek::{Signature as Ed25519, Verifier as _, VerifyingKey};
use ssh_key::public::{Ed25519PublicKey, KeyData};
use ssh_key::sha2::{Digest as _, Sha256};
use ssh_key::{Algorithm, Signature};

use super::wire::Wire;

const SMALLEST_RSA: usize = 2048;
const LARGEST_RSA: usize = 4096;

/// Why a raw signature proves nothing.
pub(super) enum Flaw {
    /// Anybody could make it, or nearly.
    Weak(String),
    /// Of a kind that is not known here.
    Unsupported(String),
    /// Not of its own form.
    Malformed(&'static str),
    /// Made by another key, or over other bytes.
    Wrong,
}

/// Whether a key lives in hardware.
pub(super) fn is_hardware(key: &KeyData) -> bool {
    matches!(key, KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_))
}

/// Refuses keys that prove nothing, whatever they sign.
pub(super) fn strength(key: &KeyData) -> Result<(), Flaw> {
    match key {
        KeyData::Dsa(_) => Err(Flaw::Weak("a DSA key".to_owned())),
        KeyData::Rsa(rsa) => {
            let n = rsa.n.as_positive_bytes().ok_or(Flaw::Malformed("its RSA key is negative"))?;
            let e = rsa.e.as_positive_bytes().unwrap_or_default();
            let bits = n.first().map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
            if !(SMALLEST_RSA..=LARGEST_RSA).contains(&bits) {
                return Err(Flaw::Weak(format!("an RSA key of {bits} bits")));
            }
            if n.last().is_none_or(|last| last % 2 == 0) {
                return Err(Flaw::Weak("an RSA key with an even modulus".to_owned()));
            }
            // With exponent 1 everything is a signature.
            if matches!(e, [] | [1]) || e.last().is_some_and(|last| last % 2 == 0) {
                return Err(Flaw::Weak("an RSA key with a bad exponent".to_owned()));
            }
            Ok(())
        }
        KeyData::Ed25519(key) => point(key).map(drop),
        KeyData::SkEd25519(key) => point(key.public_key()).map(drop),
        _ => Ok(()),
    }
}

fn point(key: &Ed25519PublicKey) -> Result<VerifyingKey, Flaw> {
    let key = VerifyingKey::from_bytes(&key.0).map_err(|_| Flaw::Malformed("its key is no point of the curve"))?;
    if key.is_weak() {
        return Err(Flaw::Weak("an ed25519 key of small order, for which anybody can sign".to_owned()));
    }
    // A point with a part of small order is another text for a secret that has a key already.
    if !key.to_edwards().is_torsion_free() {
        return Err(Flaw::Weak("an ed25519 key that no program makes: a twin of another key".to_owned()));
    }
    Ok(key)
}

/// Checks a signature in wire form; gives the flags that a FIDO key signed with, none for other keys.
pub(super) fn check(key: &KeyData, message: &[u8], blob: &[u8]) -> Result<Option<u8>, Flaw> {
    const CUT: Flaw = Flaw::Malformed("the signature in it is cut, or longer than it says");
    strength(key)?;
    let mut wire = Wire::new(blob);
    let name = wire.text().ok_or(CUT)?;
    made_by(key, name)?;
    let data = wire.string().ok_or(CUT)?;
    let mut trailer = None;
    if is_hardware(key) {
        let mut flags_and_counter = [0; 5];
        flags_and_counter.copy_from_slice(wire.take(5).ok_or(CUT)?);
        trailer = Some(flags_and_counter);
    }
    wire.end().ok_or(CUT)?;
    match (key, trailer) {
        (KeyData::Ed25519(key), _) => ed25519(key, message, data)?,
        (KeyData::SkEd25519(sk), Some(trailer)) => {
            let mut signed = Sha256::digest(sk.application()).to_vec();
            signed.extend(trailer);
            signed.extend(Sha256::digest(message));
            ed25519(sk.public_key(), &signed, data)?;
        }
        _ => {
            let mut whole = padded(key, data);
            whole.extend(trailer.into_iter().flatten());
            let algorithm = Algorithm::new(name).map_err(|_| CUT)?;
            let signature = Signature::new(algorithm, whole).map_err(|_| CUT)?;
            key.verify(message, &signature).map_err(|_| Flaw::Wrong)?;
        }
    }
    Ok(trailer.map(|[flags, ..]| flags))
}

/// Whether a signature of this name is what a key of this kind makes.
fn made_by(key: &KeyData, name: &str) -> Result<(), Flaw> {
    let algorithm = key.algorithm();
    match (key, name) {
        (KeyData::Rsa(_), "rsa-sha2-256" | "rsa-sha2-512") => Ok(()),
        (KeyData::Rsa(_), "ssh-rsa") => Err(Flaw::Weak("an RSA signature with SHA-1".to_owned())),
        _ if algorithm.as_str() == name => Ok(()),
        _ if matches!(Algorithm::new(name), Ok(Algorithm::Other(_)) | Err(_)) => {
            Err(Flaw::Unsupported(format!("a signature of kind `{}`", crate::hygiene::visible(name))))
        }
        _ => Err(Flaw::Malformed("the key in it is of another kind than the signature")),
    }
}

/// Neither keys nor signatures of small order, no second spelling of the same signature.
fn ed25519(key: &Ed25519PublicKey, message: &[u8], data: &[u8]) -> Result<(), Flaw> {
    let signature = Ed25519::from_slice(data).map_err(|_| Flaw::Malformed("an ed25519 signature has 64 bytes"))?;
    point(key)?.verify_strict(message, &signature).map_err(|_| Flaw::Wrong)
}

/// Some agents leave out an RSA signature's leading zeros; OpenSSH puts them back, and so is done here.
fn padded(key: &KeyData, data: &[u8]) -> Vec<u8> {
    let length = key.rsa().and_then(|k| k.n.as_positive_bytes()).map_or(0, <[u8]>::len);
    let mut whole = vec![0; length.saturating_sub(data.len())];
    whole.extend(data);
    whole
}
