//! What a service says to a request, and what becomes of the connection.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::time::Duration;

use super::Tree;

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is answered at once.
    Reply(Reply),
    /// It is answered after this long.
    Later(Duration, Reply),
    /// It is answered at once, and the answer never ends: what its body is goes on and on.
    Endless(Reply),
    /// It was read and is never answered; the connection stays open until the other side gives up.
    Hang,
    /// The connection is closed without a word.
    Close,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Answer::Reply(reply)
    }
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers, `content-length` and `date` not among them.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer with a body of this type.
    #[must_use]
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }.header("content-type", content_type)
    }

    /// A captive portal's answer, in place of the service's.
    #[must_use]
    pub fn portal() -> Self {
        const PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in to this network</title></head></html>";
        Self::new(200, "text/html; charset=utf-8", PAGE)
    }

    /// What an answer without an end is made of.
    #[must_use]
    pub fn blanks() -> Self {
        Self::new(200, "application/octet-stream", vec![b' '; 64 * 1024])
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((Cow::Borrowed(name), value.into()));
        self
    }

    /// The same with another status code.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// The id that AWS gives to a request: a UUID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A new one.
    #[must_use]
    pub fn fresh() -> Self {
        let hex = format!("{:032x}", rand::random::<u128>());
        let part = |range| hex.get(range).unwrap_or_default();
        Self(format!("{}-{}-4{}-a{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32)))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An error as a service means it; the protocol decides how it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The HTTP status code.
    pub status: u16,
    /// The code, in JSON and CBOR the name of the error's shape: `ConflictException`.
    pub code: Cow<'static, str>,
    /// What went wrong, in words.
    pub message: String,
    /// What only some errors have; boxed to keep results small.
    pub(super) more: Box<More>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct More {
    /// The code in the query protocol, where it differs from the shape's name.
    pub(super) query_code: Option<&'static str>,
    /// How the shape spells its message member.
    pub(super) message_name: &'static str,
    /// Further members of the shape.
    pub(super) members: Vec<(&'static str, Tree)>,
    /// Members of the shape that travel as headers.
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Fault {
    /// An error with no members but its message.
    #[must_use]
    pub fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let more = More { query_code: None, message_name: "message", members: Vec::new(), headers: Vec::new() };
        Self { status, code: code.into(), message: message.into(), more: Box::new(more) }
    }

    /// The same with one more member.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Tree>) -> Self {
        self.more.members.push((name, value.into()));
        self
    }

    /// The same with a member that travels as a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.more.headers.push((name, value.into()));
        self
    }

    /// The same with another code in the query protocol.
    #[must_use]
    pub fn query_as(mut self, code: &'static str) -> Self {
        self.more.query_code = Some(code);
        self
    }

    /// The code in the query protocol.
    #[must_use]
    pub fn query_code(&self) -> &str {
        self.more.query_code.unwrap_or(&self.code)
    }

    /// Whether the sender is to blame: `Sender` rather than `Receiver`.
    #[must_use]
    pub fn sender(&self) -> bool {
        self.status < 500
    }
}
