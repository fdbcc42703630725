//! OpenSSH certificates: a key that a certificate authority says something of.

use ssh_key::public::KeyData;

use super::raw::{self, Flaw};
use super::wire::{self, Wire};
use crate::time::Timestamp;

const USER: u32 = 1;
const HOST: u32 = 2;
/// What OpenSSH writes for a certificate without an end.
const FOR_EVER: u64 = u64::MAX;
/// OpenSSH reads no more.
const MOST_PRINCIPALS: usize = 256;

/// An OpenSSH certificate that is whole: its CA's signature was verified, and its critical options are understood.
///
/// The estate and its clock decide whether the CA counts, for whom, and whether the certificate is valid now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    key: KeyData,
    ca: KeyData,
    serial: u64,
    user: bool,
    key_id: String,
    principals: Vec<String>,
    valid_after: Timestamp,
    valid_before: Option<Timestamp>,
    verify_required: bool,
}

impl Certificate {
    /// The key that is certified.
    #[must_use]
    pub fn key(&self) -> &KeyData {
        &self.key
    }

    /// The key of the certificate authority that signed it.
    #[must_use]
    pub fn ca(&self) -> &KeyData {
        &self.ca
    }

    /// Whom it is for. Without any, OpenSSH of old took it to be for everybody; here it must be for nobody.
    #[must_use]
    pub fn principals(&self) -> &[String] {
        &self.principals
    }

    /// From when it is valid, by the wall clock.
    #[must_use]
    pub fn valid_after(&self) -> Timestamp {
        self.valid_after
    }

    /// Until when it is valid, that moment left out; none when it never ends.
    #[must_use]
    pub fn valid_before(&self) -> Option<Timestamp> {
        self.valid_before
    }

    /// What the CA calls it, for people. Not made visible.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The CA's number for it, 0 where the CA does not count.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// Whether it is of a person; else it is of a host.
    #[must_use]
    pub fn is_user(&self) -> bool {
        self.user
    }

    /// Whether its signatures count only when the hardware key knew its person (critical option `verify-required`).
    #[must_use]
    pub fn verify_required(&self) -> bool {
        self.verify_required
    }

    /// Reads a certificate in wire form and verifies its CA's signature; why not, in words.
    pub(crate) fn parse(blob: &[u8]) -> Result<Self, String> {
        let cut = || "it is cut, or longer than it says".to_owned();
        let mut wire = Wire::new(blob);
        let kind = wire.text().ok_or_else(cut)?;
        let _nonce = wire.string().ok_or_else(cut)?;
        let key = certified(kind, &mut wire)?;
        let serial = wire.u64().ok_or_else(cut)?;
        let user = match wire.u32().ok_or_else(cut)? {
            USER => true,
            HOST => false,
            _ => return Err("it is neither of a person nor of a host".to_owned()),
        };
        let key_id = String::from_utf8_lossy(wire.string().ok_or_else(cut)?).into_owned();
        let principals = principals(wire.string().ok_or_else(cut)?)?;
        let valid_after = moment(wire.u64().ok_or_else(cut)?).ok_or("it begins after the year 9999")?;
        let before = wire.u64().ok_or_else(cut)?;
        let valid_before = if before == FOR_EVER { None } else { moment(before) };
        let verify_required = critical(wire.string().ok_or_else(cut)?)?;
        options(wire.string().ok_or_else(cut)?).ok_or_else(cut)?;
        let _reserved = wire.string().ok_or_else(cut)?;
        let ca = wire.string().ok_or_else(cut)?;
        let signed = blob.get(..blob.len() - wire.left()).ok_or_else(cut)?;
        let signature = wire.string().ok_or_else(cut)?;
        wire.end().ok_or_else(cut)?;
        let ca = wire::key(ca).ok_or("its CA's key is of a kind that is not known here")?;
        raw::check(&ca, signed, signature).map_err(|flaw| match flaw {
            Flaw::Weak(what) => format!("its CA signed with {what}"),
            Flaw::Unsupported(what) => format!("its CA made {what}"),
            Flaw::Malformed(what) => format!("of its CA's signature: {what}"),
            Flaw::Wrong => "its CA's signature is not over it: it was edited".to_owned(),
        })?;
        Ok(Self { key, ca, serial, user, key_id, principals, valid_after, valid_before, verify_required })
    }
}

/// The certified key, whatever becomes of the rest of the certificate.
pub(crate) fn certified_key(blob: &[u8]) -> Option<KeyData> {
    let mut wire = Wire::new(blob);
    let kind = wire.text()?;
    wire.string()?;
    certified(kind, &mut wire).ok()
}

/// The fields of a certificate's key are the plain key's own, which all are strings.
fn certified(kind: &str, wire: &mut Wire<'_>) -> Result<KeyData, String> {
    let unknown = || format!("`{}` is not known here", crate::hygiene::visible(kind));
    let stem = kind.strip_suffix(wire::CERTIFICATE).ok_or_else(unknown)?;
    let (plain, fields) = match stem {
        "ssh-ed25519" => (stem.to_owned(), 1),
        "ssh-rsa" | "ecdsa-sha2-nistp256" | "ecdsa-sha2-nistp384" | "ecdsa-sha2-nistp521" => (stem.to_owned(), 2),
        "sk-ssh-ed25519" => (format!("{stem}@openssh.com"), 2),
        "sk-ecdsa-sha2-nistp256" => (format!("{stem}@openssh.com"), 3),
        _ => return Err(unknown()),
    };
    let mut blob = Vec::new();
    wire::put(&mut blob, plain.as_bytes());
    for _ in 0..fields {
        wire::put(&mut blob, wire.string().ok_or("it is cut in its key")?);
    }
    wire::key(&blob).ok_or_else(|| "its key is not of its own form".to_owned())
}

fn principals(list: &[u8]) -> Result<Vec<String>, String> {
    let mut wire = Wire::new(list);
    let mut names = Vec::new();
    while wire.left() > 0 {
        let name = wire.text().filter(|n| !n.contains('\0')).ok_or("whom it is for cannot be read")?;
        if names.len() == MOST_PRINCIPALS {
            return Err(format!("it is for more than {MOST_PRINCIPALS} names"));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// Whether `verify-required` is among the critical options. Any other option makes the certificate invalid, because we
/// cannot enforce it here.
fn critical(list: &[u8]) -> Result<bool, String> {
    let names = options(list).ok_or("its critical options cannot be read")?;
    let mut verify_required = false;
    for name in names {
        match name {
            "verify-required" => verify_required = true,
            "force-command" => return Err("it is for one command only (force-command)".to_owned()),
            "source-address" => return Err("it is for some addresses only (source-address)".to_owned()),
            other => return Err(format!("its critical option `{}` is not known here", crate::hygiene::visible(other))),
        }
    }
    Ok(verify_required)
}

/// The names of a list of options: each has a name and something.
fn options(list: &[u8]) -> Option<Vec<&str>> {
    let mut wire = Wire::new(list);
    let mut names = Vec::new();
    while wire.left() > 0 {
        names.push(wire.text()?);
        wire.string()?;
    }
    Some(names)
}

/// A moment of the wall clock; none after the year 9999.
fn moment(seconds: u64) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}
