//! Key files: reading them, signing with them, and making throw-away ones for the demo.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rsa::pkcs1v15::SigningKey;
use rsa::rand_core::OsRng;
use rsa::signature::{RandomizedSigner as _, SignatureEncoding as _, Signer as _};
use rsa::{BigUint, RsaPrivateKey};
use ssh_key::private::{Ed25519Keypair, KeypairData, RsaKeypair};
use ssh_key::sha2::Sha512;
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey, Signature};

use super::identity::Identity;
use super::{SignError, short, sshsig};
use crate::change::NAMESPACE;

/// No key file is longer, in bytes.
const LONGEST_FILE: u64 = 64 * 1024;
const OPENSSH: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";

/// What a key file holds.
pub(super) enum KeyFile {
    /// A private key.
    Secret(SecretKey),
    /// A public key or a certificate.
    Public(Identity),
}

/// Reads a file that `--key` may name; its content shows which half it is.
pub(super) fn read_key_file(path: &Path) -> Result<KeyFile, SignError> {
    let text = read_text(path)?;
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if !start.starts_with("-----BEGIN") && !start.starts_with("PuTTY-") {
        let public = Identity::from_line(start.trim_end());
        return public.map(KeyFile::Public).map_err(|why| not_public(path, why));
    }
    SecretKey::parse(path, start).map(KeyFile::Secret)
}

/// A private key. Its secret is wiped from memory when it goes.
#[derive(Clone, Debug)]
pub struct SecretKey(PrivateKey);

impl SecretKey {
    /// Reads an OpenSSH private key file. It may still be locked.
    ///
    /// # Errors
    /// When the file cannot be read, is no OpenSSH private key, or others may read it too.
    pub fn read(path: &Path) -> Result<Self, SignError> {
        let text = read_text(path)?;
        Self::parse(path, text.trim_start_matches('\u{feff}').trim_start())
    }

    fn parse(path: &Path, text: &str) -> Result<Self, SignError> {
        private(path)?;
        let not = |why: String| SignError::NotAKey { path: path.to_owned(), why };
        if text.starts_with("PuTTY-") {
            return Err(SignError::PuttyKey(path.to_owned()));
        }
        if text.starts_with("-----BEGIN SSH2") {
            return Err(not("it is a public key of another program".to_owned()));
        }
        if text.starts_with("-----BEGIN") && !text.starts_with(OPENSSH) {
            return Err(SignError::OldKey(path.to_owned()));
        }
        let key = PrivateKey::from_openssh(text.trim_end());
        key.or_else(|e| short::open(text).ok_or(e)).map(Self).map_err(|e| not(e.to_string()))
    }

    /// Whether it wants a passphrase before it signs.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.0.is_encrypted()
    }

    /// Whether the file only points to a key that lives in hardware.
    #[must_use]
    pub fn is_hardware(&self) -> bool {
        matches!(self.public().algorithm(), Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256)
    }

    /// Opens a locked key.
    ///
    /// # Errors
    /// When the passphrase is not the key's.
    pub fn unlock(&self, passphrase: &str) -> Result<Self, SignError> {
        let open = self.0.decrypt(passphrase).ok().or_else(|| short::unlock(&self.0, passphrase));
        open.map(Self).ok_or(SignError::Passphrase)
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
        self.sign(NAMESPACE, text.as_bytes())
    }

    /// Signs a message in a namespace: the armored OpenSSH signature.
    ///
    /// # Errors
    /// When the key is locked, lives in hardware, or is of a kind that cannot sign.
    pub fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, SignError> {
        let signature = self.raw(&sshsig::signed_data(namespace, message)?)?;
        let public = self.public().to_bytes().map_err(cannot)?;
        Ok(sshsig::armored(&public, namespace, &signature))
    }

    /// The signature over some bytes, in wire form.
    pub(super) fn raw(&self, data: &[u8]) -> Result<Vec<u8>, SignError> {
        if self.is_locked() {
            return Err(SignError::Locked);
        }
        if self.is_hardware() {
            return Err(SignError::Hardware);
        }
        let signature = match self.0.key_data() {
            KeypairData::Rsa(pair) => rsa_signature(pair, data)?,
            _ => self.0.try_sign(data).map_err(cannot)?,
        };
        Vec::try_from(signature).map_err(cannot)
    }
}

fn cannot(e: impl std::fmt::Display) -> SignError {
    SignError::CannotSign(e.to_string())
}

/// `ssh-key` 0.6 takes the prime p twice and so signs with no RSA key; the key is put together here instead.
fn rsa_signature(pair: &RsaKeypair, data: &[u8]) -> Result<Signature, SignError> {
    let number = |mpint| BigUint::try_from(mpint).map_err(cannot);
    let primes = vec![number(&pair.private.p)?, number(&pair.private.q)?];
    let (n, e, d) = (number(&pair.public.n)?, number(&pair.public.e)?, number(&pair.private.d)?);
    let key = RsaPrivateKey::from_components(n, e, d, primes).map_err(cannot)?;
    // With randomness the secret is blinded while it is used; the signature is the same.
    let made = SigningKey::<Sha512>::new(key).try_sign_with_rng(&mut OsRng, data).map_err(cannot)?;
    Signature::new(Algorithm::Rsa { hash: Some(HashAlg::Sha512) }, made.to_vec()).map_err(cannot)
}

/// Reads a public key file (`id_ed25519.pub`).
///
/// # Errors
/// When the file cannot be read or is no OpenSSH public key.
pub fn read_public(path: &Path) -> Result<PublicKey, SignError> {
    let text = read_text(path)?;
    PublicKey::from_openssh(text.trim()).map_err(|e| not_public(path, &e.to_string()))
}

fn not_public(path: &Path, why: &str) -> SignError {
    SignError::NotAPublicKey { path: path.to_owned(), why: why.to_owned() }
}

/// Refuses a person's own private key that others may read, as ssh does.
fn private(path: &Path) -> Result<(), SignError> {
    let found =
        std::fs::metadata(path).map_err(|source| SignError::Io { doing: "read", path: path.to_owned(), source })?;
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 && found.uid() == rustix::process::getuid().as_raw() {
        return Err(SignError::Exposed { path: path.to_owned(), mode });
    }
    Ok(())
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
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
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
    let bytes = crate::files::read_bounded(path, LONGEST_FILE).map_err(error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
