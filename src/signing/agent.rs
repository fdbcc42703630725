//! Talks to an ssh-agent: asks which keys it has, and has one of them sign.
//!
//! It uses two messages of draft-miller-ssh-agent, each over its own connection, so that a late answer to a request
//! that was given up is never taken for the next one's. The existing crates reject a whole list for one key that they
//! cannot read (ML-DSA, webauthn, a comment that is not UTF-8). An agent's answers are bounded in length and time.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use super::SignError;
use super::identity::Identity;
use crate::change::wire::{Wire, put};

const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
/// The agent's failure, and what it was called in other protocols that some agents still answer in.
const FAILURES: [u8; 3] = [5, 30, 102];
/// Asks for SHA-512 of an RSA key; without it an agent signs with SHA-1.
const RSA_SHA2_512: u32 = 4;

/// Of longer answers the beginning is read, in bytes. OpenSSH's own agent stops at a quarter of it.
const LONGEST: u64 = 1024 * 1024;
/// Of longer lists the first are read.
const MOST_KEYS: usize = 1000;

/// How long an agent is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// To take a connection, and to say which keys it has; it may ask its person to unlock it first.
    pub answer: Duration,
    /// To sign: a finger on a hardware key, a dialog.
    pub touch: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { answer: Duration::from_secs(10), touch: Duration::from_secs(60) }
    }
}

/// The keys that an agent listed.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Those that can be used here, in the agent's order.
    pub(super) keys: Vec<Identity>,
    /// How many others there are, as far as the list could be read.
    pub(super) others: usize,
}

/// An ssh-agent, by its socket.
#[derive(Clone, Debug)]
pub(super) struct Agent {
    socket: PathBuf,
    patience: Patience,
}

impl Agent {
    pub(super) fn at(socket: Option<&Path>, patience: Patience) -> Result<Self, SignError> {
        let socket = socket.filter(|s| !s.as_os_str().is_empty()).ok_or(SignError::NoAgent)?;
        Ok(Self { socket: socket.to_owned(), patience })
    }

    pub(super) fn list(&self) -> Result<Listed, SignError> {
        let answer = self.ask(&[REQUEST_IDENTITIES], self.patience.answer)?;
        match answer.split_first() {
            Some((&IDENTITIES_ANSWER, list)) => Ok(listed(list)),
            Some((kind, _)) if FAILURES.contains(kind) => Err(self.says("it does not tell which keys it has")),
            _ => Err(self.says("it does not speak as an ssh-agent does")),
        }
    }

    /// The signature in wire form that the agent makes over some bytes with the key that it calls by these.
    pub(super) fn sign(&self, key: &[u8], rsa: bool, data: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut request = vec![SIGN_REQUEST];
        put(&mut request, key);
        put(&mut request, data);
        request.extend(if rsa { RSA_SHA2_512 } else { 0 }.to_be_bytes());
        let answer = self.ask(&request, self.patience.touch)?;
        match answer.split_first() {
            Some((&SIGN_RESPONSE, rest)) => {
                let mut wire = Wire::new(rest);
                wire.string().map(<[u8]>::to_vec).ok_or_else(|| self.says("its signature is cut"))
            }
            Some((kind, _)) if FAILURES.contains(kind) => Err(SignError::AgentRefused),
            _ => Err(self.says("it does not speak as an ssh-agent does")),
        }
    }

    /// Sends a message; the answer, or the beginning of one that is too long or was cut.
    fn ask(&self, message: &[u8], patience: Duration) -> Result<Vec<u8>, SignError> {
        let mut stream = self.connect()?;
        let mut framed = Vec::new();
        put(&mut framed, message);
        stream
            .set_write_timeout(Some(self.patience.answer))
            .and_then(|()| stream.write_all(&framed))
            .map_err(|e| self.failed(&e, self.patience.answer))?;
        let mut left = Until { stream, end: Instant::now() + patience };
        let mut length = [0; 4];
        left.read_exact(&mut length).map_err(|e| self.failed(&e, patience))?;
        let length = u64::from(u32::from_be_bytes(length)).min(LONGEST);
        let mut answer = Vec::new();
        left.take(length).read_to_end(&mut answer).map_err(|e| self.failed(&e, patience))?;
        Ok(answer)
    }

    fn connect(&self) -> Result<UnixStream, SignError> {
        let failed = |e: io::Error| self.failed(&e, self.patience.answer);
        match std::fs::metadata(&self.socket) {
            Ok(found) if !found.file_type().is_socket() => return Err(self.says("this is a file, not a socket")),
            Ok(_) => {}
            Err(e) => return Err(failed(e)),
        }
        // An agent that takes no connection any more would be waited for without end by the standard library.
        let open = || -> rustix::io::Result<UnixStream> {
            let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::empty(), None)?;
            rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
            set_socket_timeout(&socket, Timeout::Send, Some(self.patience.answer))?;
            connect(&socket, &SocketAddrUnix::new(&self.socket)?)?;
            Ok(UnixStream::from(socket))
        };
        open().map_err(|e| failed(e.into()))
    }

    fn failed(&self, error: &io::Error, patience: Duration) -> SignError {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                self.says(&format!("not a word within {} s", patience.as_secs_f32()))
            }
            ErrorKind::UnexpectedEof => self.says("it hung up"),
            ErrorKind::NotFound => self.says("there is nothing"),
            ErrorKind::ConnectionRefused => self.says("nobody listens there"),
            _ => self.says(&error.to_string()),
        }
    }

    fn says(&self, what: &str) -> SignError {
        SignError::Agent { socket: self.socket.clone(), why: what.to_owned() }
    }
}

/// A stream that is read until a moment, however slowly its bytes drop in.
struct Until {
    stream: UnixStream,
    end: Instant,
}

impl Read for Until {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(into)
    }
}

/// Reads a list of keys; of one that was cut, what is there.
fn listed(list: &[u8]) -> Listed {
    let mut wire = Wire::new(list);
    let count = wire.u32().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let mut out = Listed::default();
    for _ in 0..count.min(MOST_KEYS) {
        let Some((blob, comment)) = wire.string().zip(wire.string()) else {
            out.others += 1;
            break;
        };
        match Identity::read(blob, comment) {
            Some(key) => out.keys.push(key),
            None => out.others += 1,
        }
    }
    out
}
