//! Reading control states from one endpoint.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_route53recoverycluster::Client;
use aws_sdk_route53recoverycluster::types::RoutingControlState;
use futures::StreamExt;

use super::{Endpoint, States};
use crate::aws::pages::{self, Page};
use crate::aws::{Kind, Trouble};
use crate::estate::{ControlArn, ControlState};

/// Controls on one page; ARC gives at most this many.
const PAGE: i32 = 1000;
/// Pages that one list may have: a cluster holds 300 controls.
const PAGES: usize = 10;
/// Single states that are asked for at once, where a list leaves controls out.
const SINGLES: usize = 5;

/// A client of one endpoint that only reads: it has no other ways, and does not give its client away.
#[derive(Debug)]
pub(super) struct Reader {
    client: Client,
    /// Whether the endpoint has refused to list all controls, and lists those of a panel.
    by_panel: AtomicBool,
}

impl Reader {
    pub(super) fn of(client: Client) -> Self {
        Self { client, by_panel: AtomicBool::new(false) }
    }
}

/// What to do about a control that the endpoint does not know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// Leave it out of the answer.
    LeaveOut,
    /// Give no answer at all.
    Refuse,
}

/// The states of `wanted`, all of them or none.
pub(super) async fn states(
    endpoint: &Endpoint,
    wanted: &BTreeSet<ControlArn>,
    unknown: Unknown,
) -> Result<States, Trouble> {
    let mut found = listed(endpoint, wanted).await?;
    let missing: Vec<ControlArn> = wanted.iter().filter(|arn| !found.contains_key(*arn)).cloned().collect();
    let mut singles = futures::stream::iter(missing).map(|arn| single(endpoint, arn)).buffer_unordered(SINGLES);
    while let Some((arn, state)) = singles.next().await {
        match state {
            Ok(state) => drop(found.insert(arn, state)),
            Err(trouble) if trouble.kind == Kind::NotFound && unknown == Unknown::LeaveOut => {
                tracing::warn!(endpoint = %endpoint.region, control = %arn, "this control is not in the cluster");
            }
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(found)
}

/// What lists show of `wanted`: one of all controls, or one for each panel where the endpoint refuses that. A policy may
/// allow panels alone.
async fn listed(endpoint: &Endpoint, wanted: &BTreeSet<ControlArn>) -> Result<States, Trouble> {
    if !endpoint.reader.by_panel.load(Ordering::Relaxed) {
        match list(endpoint, None, wanted).await {
            Err(trouble) if is_refused(&trouble) => {}
            answer => return answer,
        }
    }
    let mut found = States::new();
    let panels: BTreeSet<&str> = wanted.iter().filter_map(|arn| panel_of(arn)).collect();
    for panel in panels {
        found.extend(list(endpoint, Some(panel), wanted).await?);
    }
    endpoint.reader.by_panel.store(true, Ordering::Relaxed);
    Ok(found)
}

/// Whether it is this question that ARC does not take, and not whoever asks.
fn is_refused(trouble: &Trouble) -> bool {
    match trouble.kind {
        Kind::Validation => true,
        Kind::Denied => trouble.code.as_deref().is_some_and(|code| code.starts_with("AccessDenied")),
        _ => false,
    }
}

/// `ListRoutingControls` of one panel or of all, all pages.
async fn list(endpoint: &Endpoint, panel: Option<&str>, wanted: &BTreeSet<ControlArn>) -> Result<States, Trouble> {
    let listed = pages::all(PAGES, panel.unwrap_or("all controls"), |token| async move {
        let call = endpoint.reader.client.list_routing_controls().max_results(PAGE);
        let page = call.set_control_panel_arn(panel.map(str::to_owned)).set_next_token(token).send().await?;
        // The estate's own name, and no further copy of it: these are kept for as long as the past is.
        let known = page.routing_controls.into_iter().filter_map(|control| {
            let (arn, state) = (control.routing_control_arn?, control.routing_control_state?);
            Some((wanted.get(arn.as_str())?.clone(), of_arc(&state)?))
        });
        Ok(Page::of(known.collect(), page.next_token))
    });
    Ok(listed.await?.into_iter().collect())
}

/// `GetRoutingControlState`.
async fn single(endpoint: &Endpoint, arn: ControlArn) -> (ControlArn, Result<ControlState, Trouble>) {
    let answer = endpoint.reader.client.get_routing_control_state().routing_control_arn(arn.as_str()).send().await;
    let state = answer.map_err(Trouble::from).and_then(|got| {
        let state = of_arc(&got.routing_control_state);
        state.ok_or_else(|| Trouble::said(Kind::Garbled, "a routing control is neither On nor Off"))
    });
    (arn, state)
}

fn of_arc(state: &RoutingControlState) -> Option<ControlState> {
    match state {
        RoutingControlState::On => Some(ControlState::On),
        RoutingControlState::Off => Some(ControlState::Off),
        _ => None,
    }
}

/// The panel that a control's ARN names.
fn panel_of(arn: &ControlArn) -> Option<&str> {
    arn.as_str().split_once("/routingcontrol/").map(|(panel, _)| panel)
}
