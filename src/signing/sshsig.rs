//! Writes OpenSSH signatures. `change::seal` reads them.

use ssh_key::{HashAlg, SshSig};

use super::SignError;
use crate::change::paste::armor;
use crate::change::wire::put;

/// What a key signs to sign a message in a namespace.
pub(super) fn signed_data(namespace: &str, message: &[u8]) -> Result<Vec<u8>, SignError> {
    SshSig::signed_data(namespace, HashAlg::Sha512, message).map_err(|e| SignError::CannotSign(e.to_string()))
}

/// An armored signature of a key (or certificate) and what it made, both in wire form.
pub(super) fn armored(key: &[u8], namespace: &str, signature: &[u8]) -> String {
    let mut blob = b"SSHSIG\0\0\0\x01".to_vec();
    for field in [key, namespace.as_bytes(), b"", b"sha512", signature] {
        put(&mut blob, field);
    }
    armor(&blob)
}
