//! Keys of every kind that a person can have, and what they sign: put together by hand, without the code under test.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey as RsaSigner;
use rsa::sha2::Sha512;
use rsa::signature::SignatureEncoding as _;
use rsa::traits::PublicKeyParts as _;

use crate::ssh;

use ssh::{ed25519, ed25519_public, ed25519_signature, join, s};

/// What hardware keys of these tests are for.
const APPLICATION: &str = "ssh:";
/// 2026-11-24T18:38:00Z, when every life begins.
pub const START: u64 = 1_795_545_480;
/// The CA of the policy, and one that nobody named.
pub const CA: u8 = 40;
pub const ROGUE: u8 = 41;

const USER: u32 = 1;
const HOST: u32 = 2;

/// A key, and the way in which it signs.
pub enum How {
    Plain(u8),
    P256(u8),
    Rsa,
    Hardware { seed: u8, flags: u8 },
    Certified { seed: u8, ca: u8, kind: u32, names: &'static [&'static str], until: u64 },
}

/// The voices of these tests. Up to 20 and in [`of`]'s table they mean something; any other is a plain key of its own.
pub fn of(n: u8) -> How {
    let certified = |seed, ca, kind, names, until| How::Certified { seed, ca, kind, names, until };
    match n {
        4 => How::P256(4),
        9 => How::Hardware { seed: 9, flags: 1 },
        // The secret of key 1 as a hardware key, which its holder can make of it.
        10 => How::Hardware { seed: 1, flags: 1 },
        11 => How::Rsa,
        12 => certified(12, CA, USER, &["frank"], START + 90_000),
        13 => certified(12, ROGUE, USER, &["frank"], START + 90_000),
        14 => certified(14, CA, USER, &["frank"], START + 300),
        16 => certified(16, CA, HOST, &["frank"], START + 90_000),
        17 => How::Hardware { seed: 9, flags: 0 },
        18 => certified(18, CA, USER, &["bob", "carol"], START + 90_000),
        19 => How::Hardware { seed: 9, flags: 5 },
        20 => certified(3, CA, USER, &["frank"], START + 90_000),
        n => How::Plain(n),
    }
}

/// The public key that signs, in wire form; of a certificate, the plain key.
pub fn public(n: u8) -> Vec<u8> {
    match of(n) {
        How::Plain(seed) | How::Certified { seed, .. } => ed25519_public(&ed25519(seed)),
        How::P256(seed) => {
            let point = p256(seed).verifying_key().to_encoded_point(false);
            join(&[s("ecdsa-sha2-nistp256"), s("nistp256"), s(point.as_bytes())])
        }
        How::Rsa => join(&[s("ssh-rsa"), number(&RSA.e().to_bytes_be()), number(&RSA.n().to_bytes_be())]),
        How::Hardware { seed, .. } => {
            join(&[s("sk-ssh-ed25519@openssh.com"), s(ed25519(seed).verifying_key().to_bytes()), s(APPLICATION)])
        }
    }
}

/// The key as an estate lists it.
pub fn line(n: u8) -> String {
    let kind = match of(n) {
        How::Plain(_) | How::Certified { .. } => "ssh-ed25519",
        How::P256(_) => "ecdsa-sha2-nistp256",
        How::Rsa => "ssh-rsa",
        How::Hardware { .. } => "sk-ssh-ed25519@openssh.com",
    };
    format!("{kind} {}", STANDARD.encode(public(n)))
}

/// The key's fingerprint, as OpenSSH tells it.
pub fn fingerprint(n: u8) -> String {
    let key = ssh_key::PublicKey::from_openssh(&line(n)).unwrap();
    key.fingerprint(ssh_key::HashAlg::Sha256).to_string()
}

/// What the voice signs: an armored signature, as `ssh-keygen -Y sign` makes it.
pub fn sign(n: u8, namespace: &str, text: &str) -> String {
    let data = ssh::signed(namespace, text.as_bytes());
    let (shown, signature) = match of(n) {
        How::Plain(seed) => (public(n), ed25519_signature(&ed25519(seed), &data)),
        How::P256(seed) => {
            let made: p256::ecdsa::Signature = p256(seed).sign(&data);
            let (r, t) = made.split_bytes();
            (public(n), join(&[s("ecdsa-sha2-nistp256"), s(join(&[number(&r), number(&t)]))]))
        }
        How::Rsa => {
            let made = RsaSigner::<Sha512>::new(RSA.clone()).sign(&data).to_vec();
            (public(n), join(&[s("rsa-sha2-512"), s(made)]))
        }
        How::Hardware { seed, flags } => {
            let touched = ssh::touched_data(APPLICATION, flags, 77, &data);
            let made = ed25519_dalek::Signer::sign(&ed25519(seed), &touched).to_bytes();
            (public(n), join(&[s("sk-ssh-ed25519@openssh.com"), s(made), ssh::trailer(flags, 77)]))
        }
        How::Certified { seed, ca, kind, names, until } => {
            (certificate(seed, ca, kind, names, until), ed25519_signature(&ed25519(seed), &data))
        }
    };
    ssh::armor(&ssh::sshsig(&shown, namespace, &signature))
}

fn certificate(seed: u8, ca: u8, kind: u32, names: &[&str], until: u64) -> Vec<u8> {
    let names: Vec<Vec<u8>> = names.iter().map(s).collect();
    let mut blob = join(&[
        s("ssh-ed25519-cert-v01@openssh.com"),
        s([7; 32]),
        s(ed25519(seed).verifying_key().to_bytes()),
        7u64.to_be_bytes().to_vec(),
        kind.to_be_bytes().to_vec(),
        s("job 7"),
        s(join(&names)),
        (START - 3_600).to_be_bytes().to_vec(),
        until.to_be_bytes().to_vec(),
        s(""),
        s(""),
        s(""),
        s(ed25519_public(&ed25519(ca))),
    ]);
    let signature = ed25519_signature(&ed25519(ca), &blob);
    blob.extend(s(signature));
    blob
}

/// A number as SSH writes it.
fn number(bytes: &[u8]) -> Vec<u8> {
    let bare: Vec<u8> = bytes.iter().copied().skip_while(|b| *b == 0).collect();
    let sign = if bare.first().is_some_and(|b| *b >= 0x80) { vec![0] } else { Vec::new() };
    s(join(&[sign, bare]))
}

fn p256(seed: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap()
}

/// Slow to make: one for all tests.
static RSA: LazyLock<RsaPrivateKey> = LazyLock::new(|| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap());
