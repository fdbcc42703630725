//! The keys that can sign here: of a key file, or of the ssh-agent.

use std::path::{Path, PathBuf};

use ssh_key::HashAlg;
use ssh_key::public::KeyData;

use super::agent::{Agent, Listed, Patience};
use super::identity::{Identity, plain_first};
use super::key::{KeyFile, SecretKey, beside, read_key_file};
use super::{SignError, sshsig};
use crate::change::seal;

/// The keys that can sign here, each to be asked only when something is signed.
#[derive(Debug)]
pub struct Ring {
    source: Source,
    held: Vec<Identity>,
    others: usize,
}

#[derive(Debug)]
enum Source {
    File(Box<SecretKey>),
    Agent(Agent),
}

impl Ring {
    /// The keys of `file` (`--key`: a private key, or the public half of a key or certificate of the agent's) or,
    /// without one, of the agent behind the socket `agent` (`SSH_AUTH_SOCK`). A private key in a file signs alone; one
    /// that lives in hardware is asked for by way of the agent. An agent without keys gives a ring without keys.
    ///
    /// # Errors
    /// When the file is no key that can sign, others may read it, or no agent answers where one is needed.
    pub fn open(file: Option<&Path>, agent: Option<&Path>) -> Result<Self, SignError> {
        Self::open_within(file, agent, Patience::default())
    }

    /// As [`Ring::open`], with another patience with the agent.
    ///
    /// # Errors
    /// As [`Ring::open`].
    pub fn open_within(file: Option<&Path>, agent: Option<&Path>, patience: Patience) -> Result<Self, SignError> {
        let Some(path) = file else {
            let agent = Agent::at(agent, patience)?;
            let Listed { keys, others } = agent.list()?;
            return Ok(Self { source: Source::Agent(agent), held: plain_first(keys), others });
        };
        match read_key_file(path)? {
            KeyFile::Secret(key) if key.is_hardware() => {
                let wanted = Identity::of(key.public().key_data().clone(), key.public().comment().to_owned());
                let wanted = wanted.ok_or(SignError::Hardware)?;
                Self::of_agent(&wanted, agent, patience).map_err(|_| SignError::Hardware)
            }
            KeyFile::Secret(key) => {
                let comment = key.public().comment().to_owned();
                let plain = Identity::of(key.public().key_data().clone(), comment)
                    .ok_or_else(|| SignError::CannotSign(key.public().algorithm().to_string()))?;
                let held = std::iter::once(plain.clone()).chain(certificate_beside(path, &plain)).collect();
                Ok(Self { source: Source::File(Box::new(key)), held, others: 0 })
            }
            KeyFile::Public(wanted) => Self::of_agent(&wanted, agent, patience),
        }
    }

    /// The agent's key of a public half; named by its certificate, where that is what was given.
    fn of_agent(wanted: &Identity, agent: Option<&Path>, patience: Patience) -> Result<Self, SignError> {
        let agent = Agent::at(agent, patience)?;
        let Listed { keys, others } = agent.list()?;
        let mut held: Vec<_> = plain_first(keys).into_iter().filter(|i| i.key() == wanted.key()).collect();
        if wanted.certificate().is_some() {
            held = held.iter().map(|i| i.under(wanted)).collect();
        }
        if held.is_empty() {
            return Err(SignError::NotInAgent(wanted.key().fingerprint(HashAlg::Sha256).to_string()));
        }
        Ok(Self { source: Source::Agent(agent), held, others })
    }

    /// The keys, each once, in the agent's order; of certificates the certified key.
    #[must_use]
    pub fn keys(&self) -> Vec<&KeyData> {
        let mut keys: Vec<&KeyData> = Vec::new();
        for identity in &self.held {
            if keys.last() != Some(&identity.key()) {
                keys.push(identity.key());
            }
        }
        keys
    }

    /// The keys with their certificates and comments: plain keys first, then certificates of the same key.
    #[must_use]
    pub fn identities(&self) -> &[Identity] {
        &self.held
    }

    /// How many keys the agent has that cannot be read here, as far as its list could be read.
    #[must_use]
    pub fn others(&self) -> usize {
        self.others
    }

    /// Whether an ssh-agent signs, so that a dialog may come up and a hardware key may blink.
    #[must_use]
    pub fn is_of_agent(&self) -> bool {
        matches!(self.source, Source::Agent(_))
    }

    /// Whether the key file wants its passphrase before it signs.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(&self.source, Source::File(key) if key.is_locked())
    }

    /// Opens a locked key file; nothing happens to others.
    ///
    /// # Errors
    /// When the passphrase is not the key's.
    pub fn unlock(&mut self, passphrase: &str) -> Result<(), SignError> {
        if let Source::File(key) = &mut self.source
            && key.is_locked()
        {
            **key = key.unlock(passphrase)?;
        }
        Ok(())
    }

    /// Signs with the first of the keys that `mine` takes; when that one cannot or the agent refuses it, with the
    /// next. Gives the armored signature, which was opened once to see that it is good.
    ///
    /// # Errors
    /// When there is none, the key is locked, the agent does not answer, or none of them signed.
    pub fn sign(
        &mut self,
        mine: &dyn Fn(&KeyData) -> bool,
        namespace: &str,
        message: &[u8],
    ) -> Result<String, SignError> {
        self.sign_as(&|identity| mine(identity.key()), namespace, message)
    }

    /// As [`Ring::sign`], choosing among keys and certificates.
    ///
    /// # Errors
    /// As [`Ring::sign`].
    pub fn sign_as(
        &mut self,
        mine: &dyn Fn(&Identity) -> bool,
        namespace: &str,
        message: &[u8],
    ) -> Result<String, SignError> {
        let mut last = if self.held.is_empty() { SignError::AgentEmpty(self.others) } else { SignError::NoneMine };
        for identity in self.held.iter().filter(|i| mine(i)) {
            match self.sign_with(identity, namespace, message) {
                Err(refused @ (SignError::AgentRefused | SignError::CannotSign(_))) => last = refused,
                done => return done,
            }
        }
        Err(last)
    }

    fn sign_with(&self, identity: &Identity, namespace: &str, message: &[u8]) -> Result<String, SignError> {
        let data = sshsig::signed_data(namespace, message)?;
        let signature = match &self.source {
            Source::File(key) => key.raw(&data)?,
            Source::Agent(agent) => agent.sign(identity.asked(), identity.key().is_rsa(), &data)?,
        };
        let armored = sshsig::armored(identity.shown(), namespace, &signature);
        seal::open(&armored, namespace, message).map_err(|e| SignError::CannotSign(e.to_string()))?;
        Ok(armored)
    }
}

/// The certificate that lies beside a private key, where ssh looks for it too.
fn certificate_beside(path: &Path, plain: &Identity) -> Option<Identity> {
    let beside: PathBuf = beside(path, "-cert.pub");
    match read_key_file(&beside) {
        Ok(KeyFile::Public(found)) if found.certificate().is_some() && found.key() == plain.key() => Some(found),
        _ => None,
    }
}
