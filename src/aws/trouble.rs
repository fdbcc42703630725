//! What went wrong with a call, sorted by what it means to us rather than by the layer that noticed.
//!
//! For a write, one question matters most: may it have happened anyway?

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::bounded::TooLong;
use super::clock;
use super::trust::Untrusted;
use crate::time::Timestamp;

/// Longest text that is taken over from an answer, in bytes.
const LONGEST: usize = 1000;

/// Bytes of an answer that are shown where it could not be read.
const BEGINNING: usize = 60;

/// What an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No connection came about: nothing was sent.
    Connect,
    /// No whole answer in time.
    Timeout,
    /// The connection broke before the answer was whole.
    Lost,
    /// Credentials that are refused, or permissions that are missing.
    Denied,
    /// There is nothing to sign with: nothing was sent.
    NoCredentials,
    /// This machine's clock is wrong.
    Clock,
    /// Asked too often.
    Throttled,
    /// This endpoint is out of service for now (`EndpointTemporarilyUnavailableException`).
    Unavailable,
    /// The service failed in itself: any other 5xx.
    Internal,
    /// `ConflictException`.
    Conflict,
    /// The request itself is wrong.
    Validation,
    /// It names something that does not exist.
    NotFound,
    /// Too much at once (`ServiceLimitExceededException`).
    LimitExceeded,
    /// The answer made no sense.
    Garbled,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What it means.
    pub kind: Kind,
    /// The service's error code, where it gave one.
    pub code: Option<String>,
    /// In words: the service's own message where it gave one.
    pub message: String,
    /// Whether the request may have been carried out anyway.
    pub maybe_done: bool,
    /// After how long the service wants to be asked again, where it throttled and said so.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) if !self.message.is_empty() => write!(f, "{code}: {}", self.message),
            Some(code) => f.write_str(code),
            None => f.write_str(&self.message),
        }
    }
}

impl Error for Trouble {}

impl Trouble {
    /// No whole answer within `deadline`.
    #[must_use]
    pub fn timeout(deadline: Duration) -> Self {
        Self::said(Kind::Timeout, format!("no answer within {}", seconds(deadline)))
    }

    /// Something of our own finding.
    #[must_use]
    pub fn said(kind: Kind, message: impl Into<String>) -> Self {
        let maybe_done = matches!(kind, Kind::Timeout | Kind::Lost | Kind::Internal | Kind::Garbled);
        Self { kind, code: None, message: message.into(), maybe_done, retry_after: None }
    }
}

impl From<&CredentialsError> for Trouble {
    fn from(why: &CredentialsError) -> Self {
        let message = clip(&format!("no AWS credentials: {}", innermost(why)), LONGEST);
        Self { kind: Kind::NoCredentials, code: None, message, maybe_done: false, retry_after: None }
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Trouble
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        if let Some(why) = find::<CredentialsError>(&error) {
            return Self::from(why);
        }
        if let Some(why) = find::<Untrusted>(&error) {
            let message = clip(&why.to_string(), LONGEST);
            return Self { kind: Kind::Connect, code: None, message, maybe_done: false, retry_after: None };
        }
        if let Some(too_long) = find::<TooLong>(&error) {
            return Self::said(Kind::Garbled, too_long.to_string());
        }
        match &error {
            SdkError::ServiceError(service) => {
                let (status, code) = (service.raw().status().as_u16(), service.err().code());
                if status < 400 && code.is_none() {
                    return unread(service.raw(), service.err());
                }
                of_answer(status, code, service.err().message(), service.raw())
            }
            SdkError::ResponseError(response) => {
                let status = response.raw().status().as_u16();
                if status >= 400 {
                    of_answer(status, None, None, response.raw())
                } else if let Some(broken) = lost_body(&error) {
                    Self::said(Kind::Lost, clip(&format!("the answer broke off: {broken}"), LONGEST))
                } else {
                    unread(response.raw(), &error)
                }
            }
            SdkError::TimeoutError(_) => Self::said(Kind::Timeout, clip(&innermost(&error), LONGEST)),
            SdkError::DispatchFailure(failure) => of_dispatch(failure.as_connector_error(), &error),
            SdkError::ConstructionFailure(_) => Self {
                kind: Kind::Validation,
                code: None,
                message: clip(&format!("request not made: {}", innermost(&error)), LONGEST),
                maybe_done: false,
                retry_after: None,
            },
            _ => Self::said(Kind::Garbled, clip(&innermost(&error), LONGEST)),
        }
    }
}

/// A failure below HTTP. Only an error that never had a connection proves that nothing was sent.
fn of_dispatch(connector: Option<&ConnectorError>, error: &(dyn Error + 'static)) -> Trouble {
    let words = clip(&innermost(error), LONGEST);
    let Some(connector) = connector else { return Trouble::said(Kind::Lost, words) };
    if connector.connection_metadata().is_none() {
        let message = if connector.is_timeout() { "no connection in time".to_owned() } else { words };
        return Trouble { kind: Kind::Connect, code: None, message, maybe_done: false, retry_after: None };
    }
    if connector.is_timeout() { Trouble::said(Kind::Timeout, words) } else { Trouble::said(Kind::Lost, words) }
}

/// An answer that is an error, by its code and else by its status.
fn of_answer(status: u16, code: Option<&str>, message: Option<&str>, raw: &HttpResponse) -> Trouble {
    if let Some(why) = code.and_then(|code| clock::fault(code, message, raw, Timestamp::now())) {
        return Trouble::said(Kind::Clock, why);
    }
    let kind = match code.map(|c| c.strip_suffix("Exception").unwrap_or(c)) {
        Some(
            "AccessDenied"
            | "UnauthorizedOperation"
            | "UnrecognizedClient"
            | "InvalidClientTokenId"
            | "SignatureDoesNotMatch"
            | "InvalidSignature"
            | "IncompleteSignature"
            | "ExpiredToken"
            | "RequestExpired"
            | "AuthFailure"
            | "MissingAuthenticationToken"
            | "OptInRequired",
        ) => Kind::Denied,
        Some(
            "Throttling"
            | "ThrottledException"
            | "TooManyRequests"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "SlowDown"
            | "PriorRequestNotComplete",
        ) => Kind::Throttled,
        Some("Conflict") => Kind::Conflict,
        Some("Validation") => Kind::Validation,
        Some("ResourceNotFound" | "NoSuchHealthCheck") => Kind::NotFound,
        Some("ServiceLimitExceeded") => Kind::LimitExceeded,
        Some("EndpointTemporarilyUnavailable") => Kind::Unavailable,
        Some("InternalServer") => Kind::Internal,
        _ => match status {
            401 | 403 => Kind::Denied,
            402 => Kind::LimitExceeded,
            404 => Kind::NotFound,
            409 => Kind::Conflict,
            429 => Kind::Throttled,
            500.. => Kind::Internal,
            400.. => Kind::Validation,
            _ => Kind::Garbled,
        },
    };
    let message = match message {
        Some(text) => clip(text, LONGEST),
        None if code.is_some() => String::new(),
        None => format!("{}, which names no error of AWS's", looks(raw)),
    };
    let retry_after = if kind == Kind::Throttled { again(raw) } else { None };
    Trouble { code: code.map(|c| clip(c, 100)), message, retry_after, ..Trouble::said(kind, "") }
}

/// When a service that throttles wants to be asked again: it says so in a header, or in its answer.
fn again(raw: &HttpResponse) -> Option<Duration> {
    let header = raw.headers().get("retry-after").and_then(|said| said.trim().parse().ok());
    let body = || {
        let body: serde_json::Value = serde_json::from_slice(raw.body().bytes()?).ok()?;
        body.get("retryAfterSeconds")?.as_u64()
    };
    header.or_else(body).map(Duration::from_secs)
}

/// An answer that says that all is well, in words that cannot be read.
fn unread(raw: &HttpResponse, why: &(dyn Error + 'static)) -> Trouble {
    let text = format!("the answer cannot be read: {}; it is {}", innermost(why), looks(raw));
    Trouble::said(Kind::Garbled, clip(&text, LONGEST))
}

/// What an answer looks like: its status, its declared type, its beginning.
fn looks(raw: &HttpResponse) -> String {
    let mut text = format!("HTTP {}", raw.status().as_u16());
    if let Some(kind) = raw.headers().get("content-type") {
        text = format!("{text}, {}", clip(kind, 60));
    }
    let Some(body) = raw.body().bytes() else { return text };
    let begins = body.get(..BEGINNING).unwrap_or(body).utf8_chunks().next().map(|c| c.valid()).unwrap_or_default();
    // Binary data helps nobody.
    match begins.split_whitespace().collect::<Vec<_>>().join(" ") {
        _ if body.is_empty() => text + ", empty",
        begins if begins.is_empty() => format!("{text}, {} bytes", body.len()),
        begins => format!("{text}, and begins \u{201c}{begins}\u{201d}"),
    }
}

/// A body that ended early, as against one that could not be understood.
fn lost_body(error: &(dyn Error + 'static)) -> Option<String> {
    let io = find::<std::io::Error>(error).map(ToString::to_string);
    io.or_else(|| {
        let mut next = Some(error);
        while let Some(e) = next {
            let text = e.to_string();
            if text.contains("error reading a body") || text.contains("end of file") || text.contains("IncompleteBody")
            {
                return Some(innermost(error));
            }
            next = e.source();
        }
        None
    })
}

/// Whether an error proves that nothing was sent: the request could not be made or signed, or there was no connection.
/// An error from HTTP itself had a connection, whether the SDK names it or not.
pub(crate) fn never_left<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => true,
        error if find::<CredentialsError>(error).is_some() => true,
        SdkError::DispatchFailure(failure) => failure
            .as_connector_error()
            .is_some_and(|connector| connector.connection_metadata().is_none() && !speaks_http(connector)),
        _ => false,
    }
}

fn speaks_http(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(e) = next {
        if e.is::<hyper::Error>() {
            return true;
        }
        next = e.source();
    }
    false
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(e) = next {
        if let Some(found) = e.downcast_ref::<E>() {
            return Some(found);
        }
        next = e.source();
    }
    None
}

/// Why the SDK got no credentials: the cause at the bottom.
pub(super) fn of_credentials(error: &CredentialsError) -> String {
    reason(error)
}

/// The cause at the bottom; what the system says of a file, with the words of who wanted to read it.
pub(super) fn reason(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        if next.is::<std::io::Error>() {
            return format!("{last}: {next}");
        }
        last = next;
    }
    last.to_string()
}

/// The cause at the bottom: what the layers above wrap is what a person wants to read.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

/// At most `longest` bytes of a text from outside, cut between characters.
#[must_use]
pub fn clip(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let mut end = longest;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}

fn seconds(d: Duration) -> String {
    if d.subsec_millis() == 0 { format!("{} s", d.as_secs()) } else { format!("{:.1} s", d.as_secs_f64()) }
}
