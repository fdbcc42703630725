//! How each of AWS's protocols writes an answer and an error.

use super::{Denial, Fault, Reply, RequestId, Tree, cbor, json, xml};

/// One of AWS's wire protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// JSON 1.0: the operation in `X-Amz-Target`, errors named in the body.
    Json,
    /// REST JSON: the operation in method and path, errors named in a header.
    RestJson,
    /// Smithy RPC v2 with CBOR.
    Cbor,
    /// The query protocol: parameters in a form, XML back.
    Query {
        /// The XML namespace.
        namespace: &'static str,
    },
    /// EC2's own dialect of it.
    Ec2,
    /// REST XML.
    RestXml {
        /// The XML namespace.
        namespace: &'static str,
    },
}

const EC2_NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

impl Protocol {
    /// A success of `operation` (200; a service changes the status where its model says another).
    #[must_use]
    pub fn success(self, id: &RequestId, operation: &str, tree: &Tree) -> Reply {
        let reply = match self {
            Protocol::Json => Reply::new(200, JSON_1_0, json::write(tree)),
            Protocol::RestJson => Reply::new(200, REST_JSON, json::write(tree)),
            Protocol::Cbor => Reply::new(200, CBOR, cbor::write(tree)).header("smithy-protocol", "rpc-v2-cbor"),
            Protocol::Query { namespace } => document(namespace, operation, |out| {
                xml::element(out, &format!("{operation}Result"), tree);
                let metadata = Tree::map().with("RequestId", id.as_str());
                xml::element(out, "ResponseMetadata", &metadata);
            }),
            Protocol::Ec2 => document(EC2_NAMESPACE, operation, |out| {
                xml::element(out, "requestId", &Tree::from(id.as_str()));
                xml::inside(out, tree);
            }),
            Protocol::RestXml { namespace } => document(namespace, operation, |out| xml::inside(out, tree)),
        };
        reply.header("x-amzn-requestid", id.as_str())
    }

    /// An error.
    #[must_use]
    pub fn failure(self, id: &RequestId, fault: &Fault) -> Reply {
        let mut body = Tree::map();
        if matches!(self, Protocol::Json | Protocol::Cbor) {
            body = body.with("__type", fault.code.as_ref());
        }
        body = body.with(fault.more.message_name, fault.message.as_str());
        for (name, value) in &fault.more.members {
            body = body.with(*name, value.clone());
        }
        let mut reply = match self {
            Protocol::Json => Reply::new(fault.status, JSON_1_0, json::write(&body)),
            Protocol::RestJson => {
                Reply::new(fault.status, REST_JSON, json::write(&body)).header("x-amzn-errortype", fault.code.as_ref())
            }
            Protocol::Cbor => {
                Reply::new(fault.status, CBOR, cbor::write(&body)).header("smithy-protocol", "rpc-v2-cbor")
            }
            Protocol::Query { namespace } | Protocol::RestXml { namespace } => {
                let error = Tree::map()
                    .with("Type", if fault.sender() { "Sender" } else { "Receiver" })
                    .with("Code", fault.query_code())
                    .with("Message", fault.message.as_str());
                let mut out = format!("{}<ErrorResponse xmlns=\"{namespace}\">", xml::PROLOGUE);
                xml::element(&mut out, "Error", &error);
                xml::element(&mut out, "RequestId", &Tree::from(id.as_str()));
                out.push_str("</ErrorResponse>");
                Reply::new(fault.status, XML, out)
            }
            Protocol::Ec2 => {
                let error = Tree::map().with("Code", fault.query_code()).with("Message", fault.message.as_str());
                let all = Tree::map().with("Errors", Tree::list("Error", [error])).with("RequestID", id.as_str());
                let mut out = xml::PROLOGUE.to_owned();
                xml::element(&mut out, "Response", &all);
                Reply::new(fault.status, XML, out)
            }
        };
        if let (Protocol::Json | Protocol::Cbor, Some(code)) = (self, fault.more.query_code) {
            // Services that once spoke the query protocol tell its code beside the shape's name.
            let blame = if fault.sender() { "Sender" } else { "Receiver" };
            reply = reply.header("x-amzn-query-error", format!("{code};{blame}"));
        }
        for (name, value) in &fault.more.headers {
            reply = reply.header(name, value);
        }
        reply.header("x-amzn-requestid", id.as_str())
    }

    /// The error for a request that is not let in.
    #[must_use]
    pub fn denial(self, id: &RequestId, denial: &Denial) -> Reply {
        self.failure(id, &denial.fault(self))
    }

    /// The error for an operation that is not there.
    #[must_use]
    pub fn unknown_operation(self, id: &RequestId, operation: &str) -> Reply {
        let message = format!("The operation {operation} is not known here");
        let fault = match self {
            Protocol::Json => Fault::new(400, "UnknownOperationException", message),
            Protocol::RestJson | Protocol::Cbor | Protocol::RestXml { .. } => {
                Fault::new(404, "UnknownOperationException", message)
            }
            Protocol::Query { .. } | Protocol::Ec2 => Fault::new(400, "InvalidAction", message),
        };
        self.failure(id, &fault)
    }
}

const JSON_1_0: &str = "application/x-amz-json-1.0";
const REST_JSON: &str = "application/json";
const CBOR: &str = "application/cbor";
const XML: &str = "text/xml;charset=UTF-8";

fn document(namespace: &str, operation: &str, fill: impl FnOnce(&mut String)) -> Reply {
    let mut out = format!("{}<{operation}Response xmlns=\"{namespace}\">", xml::PROLOGUE);
    fill(&mut out);
    out.push_str(&format!("</{operation}Response>"));
    Reply::new(200, XML, out)
}
