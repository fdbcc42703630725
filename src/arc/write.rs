//! The write of a change.
//!
//! [`Unsent`] is the right to send it. Sending takes it away, and gives it back only with proof that not a byte has
//! left; then the next endpoint may have it. Any other result leaves [`Gone`], from which nothing can be sent. One way
//! leads back: an endpoint answered the [`First`] with an error of its own, or with "try again" ([`Failed`]), and reads have settled that it
//! did nothing ([`Undone`]). From that comes the [`Second`], of which nothing can be proven, so that there is no third.
//! So no write is sent while another may have been carried out, or may still be, however the rest of this room is edited.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_route53recoverycluster::Client;
use aws_sdk_route53recoverycluster::config::Config;
use aws_sdk_route53recoverycluster::error::SdkError;
use aws_sdk_route53recoverycluster::operation::RequestId;
use aws_sdk_route53recoverycluster::operation::update_routing_control_states::UpdateRoutingControlStatesError;
use aws_sdk_route53recoverycluster::types::{RoutingControlState, UpdateRoutingControlStateEntry};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::time::Instant;

use super::error::{failure, refusal_under, rule_in};
use super::read::Reader;
use super::sights::{Sights, Undone};
use super::{Endpoint, Patience};
use crate::aws::{Deadlines, Kind, Sdk, Trouble, never_left};
use crate::effect::FlipOrder;
use crate::estate::{AccountName, ClusterEndpoint, ControlState, Region, RuleArn};
use crate::event::Refusal;

/// A client that can write. Only this file can use it.
#[derive(Debug)]
pub(super) struct Writer {
    client: Client,
    deadlines: Deadlines,
}

/// The two doors of an endpoint. Nobody else makes a client of the cluster, so nobody else can write.
pub(super) fn doors(
    sdk: &Sdk,
    account: Option<&AccountName>,
    endpoint: &ClusterEndpoint,
    patience: Patience,
) -> (Reader, Writer) {
    let client = sdk.arc(account, endpoint, patience.reading());
    (Reader::of(client.clone()), Writer { client, deadlines: patience.writing() })
}

/// What a write asks for, and what signs it.
struct Request {
    entries: Vec<UpdateRoutingControlStateEntry>,
    overrides: Vec<String>,
    signer: SharedCredentialsProvider,
}

/// The first write of a change.
pub(super) struct First;

/// The second, after a first that did nothing.
pub(super) struct Second;

/// Which write of a change it is: one of these two.
pub(super) trait Write: Sized {
    /// What it is called.
    const NAME: &'static str;

    /// The proof that it did nothing and will do nothing, which gives the right to the next.
    type Undone;

    /// What the reads since its end prove of one whose endpoint failed.
    ///
    /// # Errors
    /// What failed, where they prove nothing.
    fn undone(failed: Failed<Self>, sights: &Sights<'_>) -> Result<Self::Undone, Failed<Self>>;

    /// Whether it is worth waiting for that proof.
    const MAY_GO_AGAIN: bool;
}

impl Write for First {
    const NAME: &'static str = "write";
    const MAY_GO_AGAIN: bool = true;
    type Undone = Undone;

    fn undone(failed: Failed<Self>, sights: &Sights<'_>) -> Result<Undone, Failed<Self>> {
        sights.undone(failed)
    }
}

impl Write for Second {
    const NAME: &'static str = "write once more";
    const MAY_GO_AGAIN: bool = false;
    type Undone = Infallible;

    fn undone(failed: Failed<Self>, _: &Sights<'_>) -> Result<Infallible, Failed<Self>> {
        Err(failed)
    }
}

/// The write of a change, while it is certain that none is under way. It cannot be copied.
pub(super) struct Unsent<W> {
    request: Box<Request>,
    which: PhantomData<W>,
}

/// What sending came to.
pub(super) enum Sent<W> {
    /// Not a byte left: it may be sent elsewhere.
    Not(Unsent<W>, Trouble),
    /// It left, or may have.
    Gone(Gone<W>),
}

/// A write that was or may have been carried out.
pub(super) struct Gone<W> {
    /// The endpoint that it was sent to.
    pub(super) to: Region,
    /// When it was answered or given up. A read says something of it only if it was begun later.
    pub(super) ended: Instant,
    /// What the endpoint said of it.
    pub(super) answer: Answer<W>,
}

/// What an endpoint answered to a write. Only reads show whether it is true.
pub(super) enum Answer<W> {
    /// It is carried out.
    Done,
    /// ARC does not want it.
    Refused(Refusal),
    /// The endpoint failed, or is to be asked again.
    Failed(Failed<W>),
    /// No whole answer from ARC: what was sent may still be carried out.
    Unclear(Trouble),
}

/// A write that was answered, whole, with an error of the endpoint's own: done or not, nothing of it is under way.
pub(super) struct Failed<W> {
    trouble: Trouble,
    request: Box<Request>,
    which: PhantomData<W>,
}

impl<W> Failed<W> {
    /// How a change ends that nobody would carry out.
    pub(super) fn refusal(&self) -> Refusal {
        failure(&self.trouble)
    }
}

impl<W> Answer<W> {
    /// In words.
    pub(super) fn words(&self) -> String {
        match self {
            Answer::Done => "confirmed".to_owned(),
            Answer::Refused(refusal) => refusal.message.clone(),
            Answer::Failed(Failed { trouble, .. }) | Answer::Unclear(trouble) => trouble.to_string(),
        }
    }
}

impl Unsent<First> {
    /// The write of an order. To be made once, where the order is taken on.
    ///
    /// # Errors
    /// When the SDK cannot make the request.
    pub(super) fn of(order: &FlipOrder, signer: SharedCredentialsProvider) -> Result<Self, Trouble> {
        let entries = order.flips.iter().map(|f| {
            UpdateRoutingControlStateEntry::builder()
                .routing_control_arn(f.arn.as_str())
                .routing_control_state(match f.to {
                    ControlState::On => RoutingControlState::On,
                    ControlState::Off => RoutingControlState::Off,
                })
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>();
        let entries = entries.map_err(|e| Trouble::said(Kind::Validation, e.to_string()))?;
        let overrides = order.overrides.iter().map(|r| r.as_str().to_owned()).collect();
        Ok(Self { request: Box::new(Request { entries, overrides, signer }), which: PhantomData })
    }
}

impl Unsent<Second> {
    /// The write once more, after a first that did nothing.
    pub(super) fn once_more(undone: Undone) -> Self {
        Self { request: undone.into_failed().request, which: PhantomData }
    }
}

impl<W> Unsent<W> {
    /// Sends it to one endpoint and waits that long for the answer.
    pub(super) async fn send(self, endpoint: &Endpoint, within: Duration) -> Sent<W> {
        let Request { entries, overrides, signer } = &*self.request;
        let Writer { client, deadlines } = &endpoint.writer;
        let call = client
            .update_routing_control_states()
            .set_update_routing_control_state_entries(Some(entries.clone()))
            .set_safety_rules_to_override((!overrides.is_empty()).then(|| overrides.clone()))
            .customize()
            .interceptor(Whole)
            .config_override(Config::builder().timeout_config(deadlines.config()).credentials_provider(signer.clone()));
        let answer = match tokio::time::timeout(within, call.send()).await {
            // A captive portal says 200 to everything. AWS numbers its answers.
            Ok(Ok(output)) if output.request_id().is_none() => {
                let said = "HTTP 200 without a request id: this is not ARC's answer";
                Answer::Unclear(Trouble::said(Kind::Garbled, said))
            }
            Ok(Ok(_)) => Answer::Done,
            Ok(Err(error)) if never_left(&error) => return Sent::Not(self, Trouble::from(error)),
            Ok(Err(error)) => {
                let failed = is_the_endpoints_own(&error);
                let conflicts_with = rule_of(&error);
                let trouble = Trouble::from(error);
                let rule = rule_in(&trouble.message).or(conflicts_with);
                match refusal_under(&trouble, rule) {
                    // A safety rule's refusal is one under every name.
                    Some(refusal) if !failed || refusal.rule.is_some() => Answer::Refused(refusal),
                    _ if failed => {
                        let Self { request, which } = self;
                        Answer::Failed(Failed { trouble, request, which })
                    }
                    _ => Answer::Unclear(trouble),
                }
            }
            Err(_) => Answer::Unclear(Trouble::timeout(within)),
        };
        Sent::Gone(Gone { to: endpoint.region.clone(), ended: Instant::now(), answer })
    }
}

/// A yes of ARC's is an empty object, or nothing. The SDK asks for neither, and takes any bytes for a yes.
#[derive(Debug)]
struct Whole;

impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "a yes is whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let body = response.body().bytes().unwrap_or_default();
        let object = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>;
        if !response.status().is_success() || body.is_empty() || object(body).is_ok_and(|o| o.is_empty()) {
            return Ok(());
        }
        Err("the answer to the write is not one of ARC's".into())
    }
}

/// The safety rule that a conflict is with, where ARC names it beside its message.
fn rule_of(error: &SdkError<UpdateRoutingControlStatesError, HttpResponse>) -> Option<RuleArn> {
    let SdkError::ServiceError(answer) = error else { return None };
    let UpdateRoutingControlStatesError::ConflictException(conflict) = answer.err() else { return None };
    rule_in(conflict.resource_id())
}

/// Whether ARC's endpoint itself answered that it cannot do this now: the SDK read the whole answer and found ARC's own
/// error name in it. A proxy's page, or half an answer, does not count. A conflict counts: "Try again" is all that ARC's
/// documents say of one. With a safety rule's name it is a refusal.
fn is_the_endpoints_own(error: &SdkError<UpdateRoutingControlStatesError, HttpResponse>) -> bool {
    let SdkError::ServiceError(answer) = error else { return false };
    let error = answer.err();
    error.is_endpoint_temporarily_unavailable_exception()
        || error.is_internal_server_exception()
        || error.is_throttling_exception()
        || error.is_conflict_exception()
}
