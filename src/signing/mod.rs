//! How people sign: with a key file or through ssh-agent, in OpenSSH's own signature format, and how signatures come
//! back through the incident folder.
//!
//! Plain OpenSSH is enough (`ssh-keygen -Y sign -n approval@signalbox`). This code does the same, after showing in
//! plain words what is signed. `change` decides whether a signature counts.

mod agent;
mod folder;
mod identity;
mod key;
mod ring;
mod short;
mod sshsig;

use std::io;
use std::path::PathBuf;

pub use agent::Patience;
pub use folder::{ASKED, ESTATE, Folder, Found, LARGEST_SIGNATURE, MOST_SIGNATURES};
pub(crate) use folder::{beside, write_beside};
pub use identity::Identity;
pub use key::{SecretKey, make_key, read_public};
pub use ring::Ring;

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
    /// A private key in an older form.
    #[error("{} is in an older form of key files: `ssh-keygen -p -f` writes it anew; or `ssh-add` it", .0.display())]
    OldKey(PathBuf),
    /// A private key of PuTTY.
    #[error("{} is PuTTY's own: `puttygen -O private-openssh-new -o NEW` writes one to sign with", .0.display())]
    PuttyKey(PathBuf),
    /// Others may read the private key.
    #[error("others may read the private key {} (mode {mode:04o}), so ssh would not use it either: `chmod 600` it", .path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key is encrypted and was not unlocked.
    #[error("the key is protected by a passphrase: unlock it, or `ssh-add` it and use --agent")]
    Locked,
    /// The passphrase does not fit.
    #[error("the passphrase does not open the key")]
    Passphrase,
    /// The key lives in hardware; its file only points there.
    #[error("this key lives in hardware: `ssh-add` it and use --agent, or sign with `ssh-keygen -Y sign`")]
    Hardware,
    /// The key cannot sign, or what it made was no good.
    #[error("the key cannot sign: {0}")]
    CannotSign(String),
    /// No agent was named.
    #[error("no ssh-agent runs here (SSH_AUTH_SOCK is not set); start one, or give --key FILE")]
    NoAgent,
    /// The agent does not answer, or not as one.
    #[error("the ssh-agent at {} does not answer: {why}; is SSH_AUTH_SOCK still right? or give --key FILE", .socket.display())]
    Agent {
        /// Where it should be.
        socket: PathBuf,
        /// What happened.
        why: String,
    },
    /// The agent would not sign.
    #[error("the ssh-agent did not sign; touch the hardware key when it blinks, or look with `ssh-add -l`")]
    AgentRefused,
    /// The agent has no key that can be used here; so many that cannot.
    #[error("the ssh-agent has no key to sign with{}; `ssh-add` yours (a locked agent shows none: `ssh-add -X`), or give --key FILE", besides(*.0))]
    AgentEmpty(usize),
    /// The agent does not have the key.
    #[error("the ssh-agent does not have the key {0}; `ssh-add` it first")]
    NotInAgent(String),
    /// No key of those here was wanted.
    #[error("none of the keys here is one that counts for this; `ssh-add` yours, or give --key FILE")]
    NoneMine,
    /// The agent has no key that would count.
    #[error("the ssh-agent has no key of an approver of this estate; `ssh-add` yours, or give --key FILE")]
    NoApproverKey,
    /// The agent has several keys that would do.
    #[error("the ssh-agent has several keys that would do: choose one with --key FILE.pub:\n{}", .0.join("\n"))]
    Ambiguous(Vec<String>),
}

/// What stands beside no keys.
fn besides(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" ({others} of kinds that are not known here)") }
}
