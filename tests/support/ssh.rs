//! Keys and signatures of the real OpenSSH, and some that are put together by hand.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use ssh_key::sha2::{Digest as _, Sha256, Sha512};

pub const NS: &str = "approval@signalbox";
pub const MESSAGE: &[u8] = b"signalbox change, version 1\ntitle: portal targets gone\n";

/// Kinds of keys that people have, as arguments of `ssh-keygen -t`.
pub const KINDS: [&[&str]; 7] = [
    &["ed25519"],
    &["ecdsa", "-b", "256"],
    &["ecdsa", "-b", "384"],
    &["ecdsa", "-b", "521"],
    &["rsa", "-b", "2048"],
    &["rsa", "-b", "3072"],
    &["rsa", "-b", "4096"],
];

/// Makes a key with ssh-keygen; gives its file.
pub fn keygen(dir: &Path, name: &str, kind: &[&str]) -> PathBuf {
    let file = dir.join(name);
    let mut run = Command::new("ssh-keygen");
    run.args(["-q", "-N", "", "-C", name, "-t"]).args(kind).arg("-f").arg(&file);
    assert!(run.status().unwrap().success(), "{name}");
    file
}

/// Certifies a public key; gives the certificate's file.
pub fn certify(ca: &Path, key: &Path, options: &[&str]) -> PathBuf {
    let mut run = Command::new("ssh-keygen");
    run.args(["-q", "-I", "job 7"]).args(options).arg("-s").arg(ca).arg(key.with_extension("pub"));
    assert!(run.stderr(Stdio::null()).status().unwrap().success(), "{options:?}");
    let mut name = key.as_os_str().to_owned();
    name.push("-cert.pub");
    name.into()
}

/// Signs as people do who have nothing but OpenSSH.
pub fn openssh_sign(key: &Path, namespace: &str, message: &[u8]) -> String {
    let file = key.with_extension("text");
    fs::write(&file, message).unwrap();
    let mut run = Command::new("ssh-keygen");
    run.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(key).arg(&file).env_remove("SSH_AUTH_SOCK");
    assert!(run.stderr(Stdio::null()).status().unwrap().success());
    let sig = key.with_extension("text.sig");
    let armored = fs::read_to_string(&sig).unwrap();
    fs::remove_file(sig).unwrap();
    armored
}

/// The fingerprint that OpenSSH gives a key.
pub fn openssh_fingerprint(key: &Path) -> String {
    let out = Command::new("ssh-keygen").arg("-lf").arg(key).output().unwrap();
    String::from_utf8(out.stdout).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

pub fn s(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    let mut out = u32::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    out.extend(bytes);
    out
}

pub fn join(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.concat()
}

pub fn armor(blob: &[u8]) -> String {
    let base64 = STANDARD.encode(blob);
    let lines: Vec<_> = base64.as_bytes().chunks(70).map(|l| std::str::from_utf8(l).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

pub fn unarmor(armored: &str) -> Vec<u8> {
    let body: String = armored.lines().filter(|l| !l.starts_with('-')).collect();
    STANDARD.decode(body).unwrap()
}

/// What is signed for a message.
pub fn signed(namespace: &str, message: &[u8]) -> Vec<u8> {
    join(&[b"SSHSIG".to_vec(), s(namespace), s(""), s("sha512"), s(Sha512::digest(message))])
}

pub fn sshsig(key: &[u8], namespace: &str, signature: &[u8]) -> Vec<u8> {
    join(&[b"SSHSIG\0\0\0\x01".to_vec(), s(key), s(namespace), s(""), s("sha512"), s(signature)])
}

pub fn ed25519(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn ed25519_public(key: &SigningKey) -> Vec<u8> {
    join(&[s("ssh-ed25519"), s(key.verifying_key().to_bytes())])
}

pub fn ed25519_signature(key: &SigningKey, data: &[u8]) -> Vec<u8> {
    join(&[s("ssh-ed25519"), s(key.sign(data).to_bytes())])
}

pub fn ed25519_sshsig(key: &SigningKey) -> Vec<u8> {
    sshsig(&ed25519_public(key), NS, &ed25519_signature(key, &signed(NS, MESSAGE)))
}

/// What a hardware key really signs.
pub fn touched_data(application: &str, flags: u8, counter: u32, data: &[u8]) -> Vec<u8> {
    let mut out = Sha256::digest(application).to_vec();
    out.push(flags);
    out.extend(counter.to_be_bytes());
    out.extend(Sha256::digest(data));
    out
}

pub fn trailer(flags: u8, counter: u32) -> Vec<u8> {
    let mut out = vec![flags];
    out.extend(counter.to_be_bytes());
    out
}
