//! What makes two keys one: the public number behind them.
//!
//! One secret can be listed as a plain key and as a hardware one, compressed or not, or with its sign flipped. Each of
//! these is another text with another fingerprint, and all of them speak for whoever holds the secret.

use ssh_key::public::{EcdsaPublicKey, KeyData};

/// Bit lengths that an RSA key may have: below, it can be broken; above, it takes seconds to check.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// The raw public point (or RSA modulus) behind a key. Two keys are one if it is the same, whatever their types and
/// spellings are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point(Kind);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    /// The y coordinate; without the sign bit, since a key and its negation are one secret.
    Edwards([u8; 32]),
    /// The x coordinate, which is as long as its curve is wide; without the sign, as above.
    Nist(Vec<u8>),
    Rsa(Vec<u8>),
    Dsa(Vec<u8>),
    Opaque(Vec<u8>),
}

impl Point {
    /// The point behind a key.
    #[must_use]
    pub fn of(key: &KeyData) -> Self {
        Self(match key {
            KeyData::Ed25519(key) => Kind::Edwards(edwards(key.0)),
            KeyData::SkEd25519(key) => Kind::Edwards(edwards(key.public_key().0)),
            KeyData::Ecdsa(key) => Kind::Nist(nist(key.as_sec1_bytes())),
            KeyData::SkEcdsaSha2NistP256(key) => Kind::Nist(nist(key.ec_point().as_bytes())),
            KeyData::Rsa(key) => Kind::Rsa(number(key.n.as_bytes())),
            KeyData::Dsa(key) => Kind::Dsa(number(key.y.as_bytes())),
            KeyData::Other(key) => Kind::Opaque(key.as_ref().to_vec()),
            // A kind that this program does not know: the key as it goes over the wire.
            other => Kind::Opaque(ssh_key::PublicKey::from(other.clone()).to_bytes().unwrap_or_default()),
        })
    }
}

/// A y coordinate in its least form: two texts of 32 bytes can be one number modulo 2^255 - 19.
fn edwards(mut y: [u8; 32]) -> [u8; 32] {
    let [first, middle @ .., last] = &mut y;
    *last &= 0x7f;
    if *last == 0x7f && middle.iter().all(|b| *b == 0xff) && *first >= 0xed {
        *first -= 0xed;
        middle.fill(0);
        *last = 0;
    }
    y
}

/// The x coordinate of a SEC1 point.
fn nist(sec1: &[u8]) -> Vec<u8> {
    match sec1 {
        [4, xy @ ..] => xy.get(..xy.len() / 2).unwrap_or_default().to_vec(),
        [_, x @ ..] => x.to_vec(),
        [] => Vec::new(),
    }
}

/// A number's bytes without leading zeros.
fn number(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().skip_while(|b| *b == 0).collect()
}

/// Why no signature by a key proves anything, or none can be checked in time; none for a good key.
pub(super) fn weakness(key: &KeyData) -> Option<String> {
    match key {
        KeyData::Dsa(_) => Some("a DSA key: OpenSSH takes them no more; make one with `ssh-keygen -t ed25519`".into()),
        KeyData::Rsa(rsa) => {
            let n = number(rsa.n.as_bytes());
            let bits = n.len() * 8 - n.first().map_or(0, |b| b.leading_zeros() as usize);
            let e = number(rsa.e.as_bytes());
            if !RSA_BITS.contains(&bits) {
                let (least, most) = RSA_BITS.into_inner();
                let better = "or make one with `ssh-keygen -t ed25519`";
                Some(format!("an RSA key of {bits} bits: it must have {least} to {most}, {better}"))
            } else if n.last().is_none_or(|b| b % 2 == 0) {
                Some("an RSA key that anybody can sign for: its modulus is even".into())
            } else if e.as_slice() <= [1].as_slice() || e.last().is_none_or(|b| b % 2 == 0) {
                Some("an RSA key that anybody can sign for: its exponent is no odd number above 1".into())
            } else {
                None
            }
        }
        KeyData::Ed25519(key) => nobodys(&key.0),
        KeyData::SkEd25519(key) => nobodys(&key.public_key().0),
        KeyData::Ecdsa(key) => off_its_curve(key),
        KeyData::SkEcdsaSha2NistP256(key) => off_its_curve(&EcdsaPublicKey::NistP256(*key.ec_point())),
        _ => None,
    }
}

/// A point that is not on its curve has no secret: whoever lists it can sign for nothing, and finds that out in an
/// incident.
fn off_its_curve(key: &EcdsaPublicKey) -> Option<String> {
    let is_on_it = match key {
        EcdsaPublicKey::NistP256(point) => p256::PublicKey::from_sec1_bytes(point.as_bytes()).is_ok(),
        EcdsaPublicKey::NistP384(point) => p384::PublicKey::from_sec1_bytes(point.as_bytes()).is_ok(),
        EcdsaPublicKey::NistP521(point) => p521::PublicKey::from_sec1_bytes(point.as_bytes()).is_ok(),
    };
    let what = "an ECDSA key that is no point of its curve, so that nobody can sign with it";
    (!is_on_it).then(|| format!("{what}: make one with `ssh-keygen -t ed25519`"))
}

/// Ed25519 has eight points without a secret, that anybody can sign for. Added to a key, each gives another text for which
/// the same secret can sign: one person with two keys that have nothing in common.
fn nobodys(key: &[u8; 32]) -> Option<String> {
    let what = match curve25519_dalek::edwards::CompressedEdwardsY(*key).decompress() {
        None => "that is no point of its curve",
        Some(point) if point.is_small_order() => "that anybody can sign for",
        Some(point) if !point.is_torsion_free() => "that no program makes (a twin of another key)",
        Some(_) => return None,
    };
    Some(format!("an Ed25519 key {what}: make one with `ssh-keygen -t ed25519`"))
}
