//! Who asks, and for which region and service the request was signed.
//!
//! Signatures are not verified (there is nobody to hold a secret), but their scope is: AWS refuses a request
//! that was signed for another region or service, and so does the stand-in.

use super::{Fault, Protocol, Request};

/// The scope of a SigV4 signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The access key id.
    pub access_key: String,
    /// The session token that goes with it, of temporary credentials.
    pub token: Option<String>,
    /// The region it is signed for.
    pub region: String,
    /// The service it is signed for.
    pub service: String,
}

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// It is not signed.
    #[error("Missing Authentication Token")]
    Missing,
    /// It is signed in a way that cannot be read.
    #[error("Authorization header requires existence of Credential, SignedHeaders and Signature: {0}")]
    Incomplete(String),
    /// It is signed for another region.
    #[error("Credential should be scoped to a valid region, not '{found}'. This endpoint is in '{wanted}'.")]
    Region {
        /// What it is signed for.
        found: String,
        /// What it should be signed for.
        wanted: String,
    },
    /// It is signed for another service.
    #[error("Credential should be scoped to correct service: '{wanted}', not '{found}'.")]
    Service {
        /// What it is signed for.
        found: String,
        /// What it should be signed for.
        wanted: String,
    },
    /// It was signed too long ago, by the service's clock.
    #[error("Signature expired: {0}")]
    Expired(String),
    /// It was signed for later, by the service's clock.
    #[error("Signature not yet current: {0}")]
    Early(String),
    /// Its session has ended.
    #[error("The security token included in the request is expired")]
    Ended,
    /// Its key is not known, or does not go with its token.
    #[error("The security token included in the request is invalid.")]
    Unknown,
}

impl Scope {
    /// The scope that a request is signed with.
    ///
    /// # Errors
    /// When it is not signed, or in a way that cannot be read.
    pub fn of(request: &Request) -> Result<Self, Denial> {
        let header = request.header("authorization").ok_or(Denial::Missing)?;
        let rest = header
            .strip_prefix("AWS4-HMAC-SHA256")
            .ok_or_else(|| Denial::Incomplete("the algorithm is not AWS4-HMAC-SHA256".into()))?;
        let mut credential = None;
        let (mut signed, mut signature) = (false, false);
        for part in rest.split(',') {
            match part.trim().split_once('=') {
                Some(("Credential", value)) => credential = Some(value),
                Some(("SignedHeaders", _)) => signed = true,
                Some(("Signature", value)) => signature = !value.is_empty(),
                _ => {}
            }
        }
        let Some(credential) = credential.filter(|_| signed && signature) else {
            return Err(Denial::Incomplete("a part of it is not there".into()));
        };
        // An access key has no slash, but be as forgiving as AWS: the last four parts are the scope.
        let parts: Vec<&str> = credential.rsplitn(5, '/').collect();
        match parts.as_slice() {
            ["aws4_request", service, region, _date, key] if !key.is_empty() => {
                let [access_key, region, service] = [key, region, service].map(|part| (*part).to_owned());
                let token = request.header("x-amz-security-token").map(str::to_owned);
                Ok(Self { access_key, token, region, service })
            }
            _ => Err(Denial::Incomplete("the credential is not KEY/DATE/REGION/SERVICE/aws4_request".into())),
        }
    }

    /// The scope of a request, if it is signed for this service in this region.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(request: &Request, service: &str, region: &str) -> Result<Self, Denial> {
        let scope = Self::of(request)?;
        if scope.region != region {
            return Err(Denial::Region { found: scope.region, wanted: region.to_owned() });
        }
        if scope.service != service {
            return Err(Denial::Service { found: scope.service, wanted: service.to_owned() });
        }
        Ok(scope)
    }
}

impl Denial {
    /// The error as a protocol's services send it.
    #[must_use]
    pub fn fault(&self, protocol: Protocol) -> Fault {
        let message = self.to_string();
        match (protocol, self) {
            (Protocol::Ec2, Denial::Expired(_) | Denial::Ended) => {
                Fault::new(400, "RequestExpired", "Request has expired.")
            }
            (Protocol::Ec2, Denial::Early(_) | Denial::Unknown) => {
                Fault::new(401, "AuthFailure", "AWS was not able to validate the provided access credentials")
            }
            (Protocol::Ec2, _) => {
                let message = format!("AWS was not able to validate the provided access credentials. {message}");
                Fault::new(401, "AuthFailure", message)
            }
            (Protocol::Query { .. } | Protocol::RestXml { .. }, Denial::Missing) => {
                Fault::new(403, "MissingAuthenticationToken", message)
            }
            (Protocol::Query { .. } | Protocol::RestXml { .. }, Denial::Incomplete(_)) => {
                Fault::new(400, "IncompleteSignature", message)
            }
            (Protocol::Query { .. } | Protocol::RestXml { .. }, Denial::Ended) => {
                Fault::new(403, "ExpiredToken", message)
            }
            (Protocol::Query { .. } | Protocol::RestXml { .. }, Denial::Unknown) => {
                Fault::new(403, "InvalidClientTokenId", message)
            }
            (Protocol::Query { .. } | Protocol::RestXml { .. }, _) => Fault::new(403, "SignatureDoesNotMatch", message),
            (json, denial) => {
                let status = if json == Protocol::RestJson { 403 } else { 400 };
                let (code, query) = match denial {
                    Denial::Missing => ("MissingAuthenticationTokenException", "MissingAuthenticationToken"),
                    Denial::Incomplete(_) => ("IncompleteSignatureException", "IncompleteSignature"),
                    Denial::Ended => ("ExpiredTokenException", "ExpiredToken"),
                    Denial::Unknown => ("UnrecognizedClientException", "InvalidClientTokenId"),
                    _ => ("InvalidSignatureException", "SignatureDoesNotMatch"),
                };
                Fault::new(status, code, message).query_as(query)
            }
        }
    }
}
