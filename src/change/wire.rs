//! SSH's wire form, read strictly: lengths must match, nothing may be left over, and a key has one spelling.
//!
//! `ssh-key` reads a nested field past its stated length and accepts compressed points, so one signature or one key
//! could be written in several ways. This reads exactly what OpenSSH would read.

use ssh_key::PublicKey;
use ssh_key::public::{EcdsaPublicKey, KeyData};

/// How the type of a certificate ends.
pub(crate) const CERTIFICATE: &str = "-cert-v01@openssh.com";

/// The first byte of a point that is written in full; OpenSSH takes no other.
const UNCOMPRESSED: u8 = 4;

/// The bytes left to read. At their end, every method gives none.
pub(crate) struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// A length and that many bytes.
    pub(crate) fn string(&mut self) -> Option<&'a [u8]> {
        let n = usize::try_from(self.u32()?).ok()?;
        self.take(n)
    }

    /// A string that is UTF-8.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.string()?).ok()
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.0.len()
    }

    /// Something, when nothing is left over.
    pub(crate) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Writes a length and the bytes.
pub(crate) fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    // Nothing that comes here is near 4 GiB; what were so long would not be read by anybody.
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(bytes);
}

/// The type of a key or certificate: its first string.
pub(crate) fn kind(blob: &[u8]) -> Option<&str> {
    Wire::new(blob).text()
}

/// A plain public key of a kind that is known, in its one spelling.
pub(crate) fn key(blob: &[u8]) -> Option<KeyData> {
    let public = PublicKey::from_bytes(blob).ok()?;
    let key = public.key_data();
    let full = |point: &[u8]| point.first() == Some(&UNCOMPRESSED);
    let plain = match key {
        KeyData::Other(_) => false,
        KeyData::Ecdsa(EcdsaPublicKey::NistP256(point)) => full(point.as_bytes()),
        KeyData::Ecdsa(EcdsaPublicKey::NistP384(point)) => full(point.as_bytes()),
        KeyData::Ecdsa(EcdsaPublicKey::NistP521(point)) => full(point.as_bytes()),
        KeyData::SkEcdsaSha2NistP256(key) => full(key.ec_point().as_bytes()),
        _ => true,
    };
    (plain && public.to_bytes().ok()? == blob).then(|| key.clone())
}
