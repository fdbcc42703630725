//! ECDSA key files whose secret number is short.
//!
//! `ssh-keygen` writes the number without leading zeros, but `ssh-key` 0.6 reads only full-length ones: every fourth
//! P-521 key and every 512th P-256 key is "length invalid". Here the number is padded and read again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ssh_key::PrivateKey;
use zeroize::Zeroizing;

use crate::change::wire::{Wire, put};

const MAGIC: &[u8] = b"openssh-key-v1\0";
const BLOCK: usize = 8;

/// Reads a key file that has no passphrase. None when it is not one with a short number.
pub(super) fn open(text: &str) -> Option<PrivateKey> {
    let body: String = text.lines().filter(|l| !l.starts_with("-----")).flat_map(|l| l.trim().chars()).collect();
    let blob = Zeroizing::new(STANDARD.decode(Zeroizing::new(body).as_bytes()).ok()?);
    let mut wire = Wire::new(&blob);
    (wire.take(MAGIC.len())? == MAGIC).then_some(())?;
    for expected in ["none", "none", ""] {
        (wire.text()? == expected).then_some(())?;
    }
    (wire.u32()? == 1).then_some(())?;
    let public = wire.string()?;
    read(public, wire.string()?)
}

/// Unlocks a key that its passphrase fits. None when it does not fit, or the number is not short.
pub(super) fn unlock(key: &PrivateKey, passphrase: &str) -> Option<PrivateKey> {
    let (secret, iv) = key.kdf().derive_key_and_iv(key.cipher(), passphrase).ok()?;
    let mut section = Zeroizing::new(key.key_data().encrypted()?.to_vec());
    key.cipher().decrypt(&secret, &iv, &mut section, None).ok()?;
    read(&key.public_key().to_bytes().ok()?, &section)
}

fn read(public: &[u8], section: &[u8]) -> Option<PrivateKey> {
    let section = widened(section)?;
    let mut blob = Zeroizing::new(MAGIC.to_vec());
    for field in ["none", "none", ""] {
        put(&mut blob, field.as_bytes());
    }
    blob.extend(1u32.to_be_bytes());
    put(&mut blob, public);
    put(&mut blob, &section);
    PrivateKey::from_bytes(&blob).ok()
}

/// The secret part of a key file with its number in full width.
fn widened(section: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut wire = Wire::new(section);
    let check = wire.take(8)?;
    let kind = wire.string()?;
    let curve = wire.string()?;
    let width = match curve {
        b"nistp256" => 32,
        b"nistp384" => 48,
        b"nistp521" => 66,
        _ => return None,
    };
    let point = wire.string()?;
    let number = wire.string()?;
    let comment = wire.string()?;
    let mut wide = Zeroizing::new(vec![0; width - number.len().min(width)]);
    wide.extend(number);
    let mut out = Zeroizing::new(check.to_vec());
    for field in [kind, curve, point, wide.as_slice(), comment] {
        put(&mut out, field);
    }
    for n in 1u8.. {
        if out.len() % BLOCK == 0 {
            break;
        }
        out.push(n);
    }
    Some(out)
}
