//! Signing through ssh-agent, hardware keys included.

use std::borrow::Cow;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use ssh_agent_client_rs::{Client, Error, Identity};
use ssh_key::{HashAlg, LineEnding, PublicKey, SshSig};

use super::SignError;
use crate::change::{NAMESPACE, same_person};
use crate::estate::{Estate, PersonName, Role};

/// An agent may wait for a finger on a hardware key, but not for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to an ssh-agent.
pub struct Agent {
    client: Client,
}

impl Agent {
    /// Connects to the agent behind a socket (the caller's `SSH_AUTH_SOCK`).
    ///
    /// # Errors
    /// When no agent is named or none answers there.
    pub fn connect(socket: Option<&Path>) -> Result<Self, SignError> {
        let socket = socket.filter(|s| !s.as_os_str().is_empty()).ok_or(SignError::NoAgent)?;
        let stream = UnixStream::connect(socket).map_err(|e| SignError::Agent(e.to_string()))?;
        stream
            .set_read_timeout(Some(PATIENCE))
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
            .map_err(|e| SignError::Agent(e.to_string()))?;
        Ok(Self { client: Client::with_read_write(Box::new(stream)) })
    }

    /// The public keys that the agent can sign with; certificates are left out.
    ///
    /// # Errors
    /// When the agent does not answer as one.
    pub fn keys(&mut self) -> Result<Vec<PublicKey>, SignError> {
        let all = self.client.list_all_identities().map_err(said)?;
        let plain = all.into_iter().filter_map(|i| match i {
            Identity::PublicKey(key) => Some(Cow::into_owned(*key)),
            Identity::Certificate(_) => None,
        });
        Ok(plain.collect())
    }

    /// Signs a change's canonical text as an approval: the armored OpenSSH signature.
    ///
    /// # Errors
    /// When the agent refuses or does not answer within a minute.
    pub fn approve(&mut self, key: &PublicKey, text: &str) -> Result<String, SignError> {
        let cannot = |e: ssh_key::Error| SignError::CannotSign(e.to_string());
        let data = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, text.as_bytes()).map_err(cannot)?;
        let signature = self.client.sign(key.clone(), &data).map_err(said)?;
        SshSig::new(key.key_data().clone(), NAMESPACE, HashAlg::Sha512, signature)
            .and_then(|sig| sig.to_pem(LineEnding::LF))
            .map_err(cannot)
    }
}

fn said(error: Error) -> SignError {
    match error {
        Error::RemoteFailure => SignError::AgentRefused,
        Error::AgentCommunicationError(e) => SignError::Agent(e.to_string()),
        other => SignError::Agent(other.to_string()),
    }
}

/// Chooses which of an agent's keys signs: the wanted one; else the one of an approver of the estate who is not the
/// requester; else, with no estate to ask, the only one there is.
///
/// # Errors
/// When none fits, or several do.
pub fn pick(
    keys: &[PublicKey],
    wanted: Option<&PublicKey>,
    estate: Option<(&Estate, &PersonName)>,
) -> Result<PublicKey, SignError> {
    if let Some(wanted) = wanted {
        let found = keys.iter().find(|k| k.key_data() == wanted.key_data());
        return found.cloned().ok_or_else(|| SignError::NotInAgent(wanted.fingerprint(HashAlg::Sha256).to_string()));
    }
    let fit: Vec<(&PublicKey, Option<&PersonName>)> = match estate {
        None => keys.iter().map(|k| (k, None)).collect(),
        Some((estate, requester)) => {
            let owner = |key: &PublicKey| {
                estate
                    .people
                    .iter()
                    .filter(|p| p.is(Role::Approver) && !same_person(estate, &p.name, requester))
                    .find(|p| p.keys.iter().any(|k| is(k.text(), key)))
            };
            keys.iter().filter_map(|k| owner(k).map(|p| (k, Some(&p.name)))).collect()
        }
    };
    match fit.as_slice() {
        [] => Err(SignError::NoApproverKey),
        [(key, _)] => Ok((*key).clone()),
        // Two keys of one person do equally well.
        [(key, Some(name)), rest @ ..] if rest.iter().all(|(_, other)| *other == Some(*name)) => Ok((*key).clone()),
        several => Err(SignError::Ambiguous(
            several
                .iter()
                .map(|(k, name)| {
                    let name = name.map(|n| format!("  ({n})")).unwrap_or_default();
                    let comment = crate::hygiene::visible(k.comment()).into_owned();
                    format!("  {}  {comment}{name}", k.fingerprint(HashAlg::Sha256))
                })
                .collect(),
        )),
    }
}

fn is(listed: &str, key: &PublicKey) -> bool {
    PublicKey::from_openssh(listed).is_ok_and(|k| k.key_data() == key.key_data())
}
