//! How the second person signs: with a key file or through ssh-agent, in OpenSSH's own signature format, and
//! how signatures come back through the incident folder.
//!
//! Plain OpenSSH is enough (`ssh-keygen -Y sign -n approval@signalbox`); what is here does the same after
//! showing in plain words what is signed. Whether a signature counts is for `change::verify`, not for here.

mod agent;
mod folder;
mod key;

use std::io;
use std::path::PathBuf;

pub use agent::{Agent, pick};
pub(crate) use folder::write_atomically;
pub use folder::{Folder, Found, LARGEST_SIGNATURE, MOST_SIGNATURES};
pub use key::{SecretKey, make_key, read_public};

use crate::change::NAMESPACE;

/// Why something could not be signed, or a signature not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A file could not be read or written.
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file holds no OpenSSH private key.
    #[error("{} holds no OpenSSH private key ({why}); convert an older one with `ssh-keygen -p -f`", .path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file holds no OpenSSH public key.
    #[error("{} holds no OpenSSH public key ({why}); give a file such as ~/.ssh/id_ed25519.pub", .path.display())]
    NotAPublicKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The key is encrypted and was not unlocked.
    #[error("the key is protected by a passphrase: unlock it, or `ssh-add` it and use --agent")]
    Locked,
    /// The passphrase does not fit.
    #[error("the passphrase does not open the key")]
    Passphrase,
    /// The key lives in hardware; its file only points there.
    #[error("this key lives in hardware: `ssh-add` it and use --agent, or `ssh-keygen -Y sign -n {NAMESPACE}`")]
    Hardware,
    /// The key cannot sign.
    #[error("the key cannot sign ({0}); take an ed25519, ECDSA P-256 or RSA key")]
    CannotSign(String),
    /// No agent was named.
    #[error("no ssh-agent runs here (SSH_AUTH_SOCK is not set); start one, or give --key FILE")]
    NoAgent,
    /// The agent does not answer.
    #[error("the ssh-agent does not answer ({0}); is SSH_AUTH_SOCK still right? or give --key FILE")]
    Agent(String),
    /// The agent would not sign.
    #[error("the ssh-agent did not sign; touch the hardware key when it blinks, or look with `ssh-add -l`")]
    AgentRefused,
    /// The agent does not have the key.
    #[error("the ssh-agent does not have the key {0}; `ssh-add` it first")]
    NotInAgent(String),
    /// The agent has no key that would count.
    #[error("the ssh-agent has no key of an approver of this estate; `ssh-add` yours, or give --key FILE")]
    NoApproverKey,
    /// The agent has several keys that would do.
    #[error("the ssh-agent has several keys that would do: choose one with --key FILE.pub:\n{}", .0.join("\n"))]
    Ambiguous(Vec<String>),
}
