//! Key files: reading them, signing with them, and making throw-away ones for the demo.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey};

use super::SignError;
use crate::change::NAMESPACE;

/// No key file is longer.
const LONGEST_FILE: u64 = 64 * 1024;

/// A private key. Its secret is wiped from memory when it goes.
#[derive(Clone, Debug)]
pub struct SecretKey(PrivateKey);

impl SecretKey {
    /// Reads an OpenSSH private key file. It may still be locked.
    ///
    /// # Errors
    /// When the file cannot be read or is no OpenSSH private key.
    pub fn read(path: &Path) -> Result<Self, SignError> {
        let text = read_text(path)?;
        PrivateKey::from_openssh(&text)
            .map(Self)
            .map_err(|e| SignError::NotAKey { path: path.to_owned(), why: e.to_string() })
    }

    /// Whether it wants a passphrase before it signs.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.0.is_encrypted()
    }

    /// Opens a locked key.
    ///
    /// # Errors
    /// When the passphrase is not the key's.
    pub fn unlock(&self, passphrase: &str) -> Result<Self, SignError> {
        self.0.decrypt(passphrase).map(Self).map_err(|_| SignError::Passphrase)
    }

    /// Its public half; known of locked keys too.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        self.0.public_key()
    }

    /// Signs a change's canonical text as an approval: the armored OpenSSH signature.
    ///
    /// # Errors
    /// When the key is locked, lives in hardware, or is of a kind that cannot sign.
    pub fn approve(&self, text: &str) -> Result<String, SignError> {
        if self.is_locked() {
            return Err(SignError::Locked);
        }
        if matches!(self.0.key_data(), KeypairData::SkEd25519(_) | KeypairData::SkEcdsaSha2NistP256(_)) {
            return Err(SignError::Hardware);
        }
        self.0
            .sign(NAMESPACE, HashAlg::Sha512, text.as_bytes())
            .and_then(|sig| sig.to_pem(LineEnding::LF))
            .map_err(|e| SignError::CannotSign(e.to_string()))
    }
}

/// Reads a public key file (`id_ed25519.pub`).
///
/// # Errors
/// When the file cannot be read or is no OpenSSH public key.
pub fn read_public(path: &Path) -> Result<PublicKey, SignError> {
    let text = read_text(path)?;
    PublicKey::from_openssh(text.trim())
        .map_err(|e| SignError::NotAPublicKey { path: path.to_owned(), why: e.to_string() })
}

/// Makes an ed25519 key out of 32 random bytes: the private half at `path` (0600, never overwriting), the public
/// half beside it with `.pub`. For the demo's people; without a passphrase.
///
/// # Errors
/// When a file is there already or cannot be written.
pub fn make_key(path: &Path, comment: &str, seed: &[u8; 32]) -> Result<PublicKey, SignError> {
    let pair = Ed25519Keypair::from_seed(seed);
    let key = PrivateKey::new(KeypairData::Ed25519(pair), comment).map_err(|e| SignError::CannotSign(e.to_string()))?;
    let secret = key.to_openssh(LineEnding::LF).map_err(|e| SignError::CannotSign(e.to_string()))?;
    let public = key.public_key().to_openssh().map_err(|e| SignError::CannotSign(e.to_string()))?;
    write_new(path, secret.as_bytes(), 0o600)?;
    write_new(&beside(path, ".pub"), format!("{public}\n").as_bytes(), 0o644)?;
    Ok(key.public_key().clone())
}

/// The path with something added to its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), SignError> {
    let error = |source| SignError::Io { doing: "write", path: path.to_owned(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(error)?;
    file.write_all(bytes).map_err(error)
}

fn read_text(path: &Path) -> Result<String, SignError> {
    let error = |source| SignError::Io { doing: "read", path: path.to_owned(), source };
    crate::files::read_text(path, LONGEST_FILE).map_err(error)
}
