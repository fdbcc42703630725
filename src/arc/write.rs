//! The one write of a change.
//!
//! [`Unsent`] is the right to send it. Sending takes it away, and gives it back only with the proof that not a byte
//! has left: then the next endpoint may have it. Whatever else happens leaves [`Gone`], from which nothing can be
//! sent. So there is no second write while a first may have been carried out, whoever edits the rest of this room.

use std::error::Error;
use std::time::Duration;

use aws_sdk_route53recoverycluster::Client;
use aws_sdk_route53recoverycluster::error::SdkError;
use aws_sdk_route53recoverycluster::operation::RequestId;
use aws_sdk_route53recoverycluster::types::{RoutingControlState, UpdateRoutingControlStateEntry};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use tokio::time::Instant;

use super::Endpoint;
use crate::aws::{Kind, Trouble};
use crate::effect::FlipOrder;
use crate::estate::{ControlState, Region};

/// A client that can write. Only this file can use it.
#[derive(Debug)]
pub(super) struct Writer(Client);

impl Writer {
    pub(super) fn new(client: Client) -> Self {
        Self(client)
    }
}

/// The one write of a change, while it is certain that it was not sent. It cannot be copied.
pub(super) struct Unsent {
    entries: Vec<UpdateRoutingControlStateEntry>,
    overrides: Vec<String>,
}

/// What sending came to.
pub(super) enum Sent {
    /// Not a byte left: it may be sent elsewhere.
    Not(Unsent, Trouble),
    /// It left, or may have.
    Gone(Gone),
}

/// A write that was or may have been carried out.
pub(super) struct Gone {
    /// The endpoint that it was sent to.
    pub(super) to: Region,
    /// When it was answered or given up. A read says something of it only if it was begun later.
    pub(super) ended: Instant,
    /// What the endpoint said of it.
    pub(super) answer: Result<(), Trouble>,
}

impl Unsent {
    /// The write of an order. To be made once, where the order is taken on.
    ///
    /// # Errors
    /// When the SDK cannot make the request.
    pub(super) fn of(order: &FlipOrder) -> Result<Self, Trouble> {
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
        Ok(Self { entries, overrides: order.overrides.iter().map(|r| r.as_str().to_owned()).collect() })
    }

    /// Sends it to one endpoint and waits that long for the answer.
    pub(super) async fn send(self, endpoint: &Endpoint, within: Duration) -> Sent {
        let call = endpoint
            .writer
            .0
            .update_routing_control_states()
            .set_update_routing_control_state_entries(Some(self.entries.clone()))
            .set_safety_rules_to_override((!self.overrides.is_empty()).then(|| self.overrides.clone()));
        let answer = match tokio::time::timeout(within, call.send()).await {
            // A captive portal says 200 to everything. AWS numbers its answers.
            Ok(Ok(output)) if output.request_id().is_none() => {
                Err(Trouble::said(Kind::Garbled, "HTTP 200 without a request id: this is not ARC's answer"))
            }
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if never_left(&error) => return Sent::Not(self, Trouble::from(error)),
            Ok(Err(error)) => Err(Trouble::from(error)),
            Err(_) => Err(Trouble::timeout(within)),
        };
        Sent::Gone(Gone { to: endpoint.region.clone(), ended: Instant::now(), answer })
    }
}

/// Whether an error proves that nothing was sent: the request could not be made or signed, or no connection came
/// about. What HTTP itself complains of had a connection, whether the SDK names it or not.
fn never_left<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => true,
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
