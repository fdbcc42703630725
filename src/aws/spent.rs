//! Credentials that AWS calls ended before their time: a session that somebody revoked, or a clock that went wrong where
//! they were given. New ones are got at once, and not after half of an hour that is over already.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::credentials::Held;

/// `ExpiredToken` of the query and XML protocols, `ExpiredTokenException` of the JSON ones.
pub(super) const ENDED: &str = "ExpiredToken";

/// Looks at each answer of a client.
#[derive(Debug)]
pub(super) struct Ends(pub(super) Held);

impl Intercept for Ends {
    fn name(&self) -> &'static str {
        "credentials that have ended are got anew"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if response.status().is_success() {
            return Ok(());
        }
        let named = response.headers().get("x-amzn-errortype").is_some_and(|kind| kind.starts_with(ENDED));
        let body = response.body().bytes().unwrap_or_default();
        if named || body.windows(ENDED.len()).any(|part| part == ENDED.as_bytes()) {
            self.0.spent();
        }
        Ok(())
    }
}
