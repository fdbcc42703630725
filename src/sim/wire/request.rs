//! A request as a service sees it: read to its end, in parts.

use std::collections::BTreeMap;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::{Form, RequestId};

/// An HTTP method that some AWS protocol uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "HTTP's own names")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    /// Something else.
    Other,
}

/// A whole request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The segments of the path, split first and decoded then: an ARN's escaped slashes stay inside it. A
    /// slash at the end gives no segment.
    pub path: Vec<String>,
    /// The query string's parameters.
    pub query: Form,
    /// Headers by lower-case name; the first of several.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Bytes,
    /// The id it is given.
    pub id: RequestId,
}

impl Request {
    /// Takes a request apart.
    pub(super) fn new(parts: &hyper::http::request::Parts, body: Bytes) -> Self {
        let method = match parts.method.as_str() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "PATCH" => Method::Patch,
            "DELETE" => Method::Delete,
            _ => Method::Other,
        };
        let mut headers = BTreeMap::new();
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.entry(name.as_str().to_owned()).or_insert(value);
        }
        Self {
            method,
            path: segments(parts.uri.path()),
            query: Form::parse(parts.uri.query().unwrap_or_default()),
            headers,
            body,
            id: RequestId::fresh(),
        }
    }

    /// The header with this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The path's segments as slices, for matching.
    #[must_use]
    pub fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// The operation that `X-Amz-Target` names behind `service.`, in the JSON protocols.
    #[must_use]
    pub fn target(&self, service: &str) -> Option<&str> {
        self.header("x-amz-target")?.strip_prefix(service)?.strip_prefix('.')
    }

    /// The parameters of the query protocols: the query string's and the body's.
    #[must_use]
    pub fn form(&self) -> Form {
        let mut form = self.query.clone();
        form.extend(Form::parse(&String::from_utf8_lossy(&self.body)));
        form
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|s| !s.is_empty()).map(|s| percent_decode_str(s).decode_utf8_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_arn_is_one_segment() {
        let path = "/controlpanel/arn%3Aaws%3Aroute53-recovery-control%3A%3A1%3Acontrolpanel%2Fab/routingcontrols/";
        let arn = "arn:aws:route53-recovery-control::1:controlpanel/ab";
        assert_eq!(segments(path), ["controlpanel", arn, "routingcontrols"]);
    }
}
