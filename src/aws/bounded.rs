//! The only way in for answers. Each is read whole, up to a bound that no honest answer reaches, and cleaned of single
//! items that would spoil all of it.
//!
//! The SDK reads everything it is sent into memory, to the end. A server that is broken, or is not AWS's, could send
//! gigabytes for as long as a request may take. So every client of [`super::Sdk`], including those that fetch
//! credentials, puts this client in front of the one that talks HTTP.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use hyper::body::{Body, Frame};

use super::mend::mend;

/// How long an answer may be, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit(usize);

impl Limit {
    /// For answers about one thing, or about at most a cluster's 300 routing controls (some 150 kB), and for
    /// credentials.
    pub(super) const FEW: Self = Self(2 << 20);
    /// Of a page of a list. The feeds ask for pages of which the fullest, fifty DRS jobs of two hundred servers each, is
    /// half of it.
    pub(super) const LISTS: Self = Self(8 << 20);
}

/// An answer was longer than its limit, and was not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong(Limit);

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limit(bytes) = self.0;
        write!(f, "the answer is larger than {} MiB, which AWS's never is: the rest was not read", bytes >> 20)
    }
}

impl std::error::Error for TooLong {}

/// A client whose answers end.
#[derive(Debug)]
pub(super) struct Bounded {
    inner: SharedHttpClient,
    limit: Limit,
}

impl Bounded {
    /// That client, with answers of at most so many bytes.
    pub(super) fn of(inner: SharedHttpClient, limit: Limit) -> SharedHttpClient {
        SharedHttpClient::new(Self { inner, limit })
    }
}

impl HttpClient for Bounded {
    fn http_connector(&self, settings: &HttpConnectorSettings, with: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, with);
        SharedHttpConnector::new(Connector { inner, limit: self.limit })
    }

    fn validate_base_client_config(&self, with: &RuntimeComponentsBuilder, bag: &ConfigBag) -> Result<(), BoxError> {
        HttpClient::validate_base_client_config(&self.inner, with, bag)
    }

    fn validate_final_config(&self, with: &RuntimeComponents, bag: &ConfigBag) -> Result<(), BoxError> {
        HttpClient::validate_final_config(&self.inner, with, bag)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    limit: Limit,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, limit) = (self.inner.call(request), self.limit);
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            Ok(answer.map(|body| SdkBody::from_body_1_x(Whole { body, limit, read: Vec::new(), given: false })))
        })
    }
}

/// A body given in one piece, once all of it is there. Its errors stay errors of the body, not of the connection: only
/// this tells a write that was sent from one that was not.
struct Whole {
    body: SdkBody,
    limit: Limit,
    read: Vec<u8>,
    given: bool,
}

impl Whole {
    /// Ends the reading; what was read goes with it.
    fn refuse(&mut self, why: impl Into<BoxError>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        (self.given, self.read, self.body) = (true, Vec::new(), SdkBody::taken());
        Poll::Ready(Some(Err(why.into())))
    }
}

impl Body for Whole {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let whole = &mut *self;
        let (Limit(most), too_long) = (whole.limit, TooLong(whole.limit));
        if whole.given {
            return Poll::Ready(None);
        }
        if usize::try_from(Body::size_hint(&whole.body).lower()).unwrap_or(usize::MAX) > most {
            return whole.refuse(too_long);
        }
        loop {
            match ready!(Pin::new(&mut whole.body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let Ok(bytes) = frame.into_data() else { continue };
                    if bytes.len() > most - whole.read.len() {
                        return whole.refuse(too_long);
                    }
                    whole.read.extend_from_slice(&bytes);
                }
                Some(Err(why)) => return whole.refuse(why),
                None => {
                    whole.given = true;
                    return Poll::Ready(Some(Ok(Frame::data(mend(std::mem::take(&mut whole.read))))));
                }
            }
        }
    }
}
