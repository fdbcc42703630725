//! What a flip looks at: the cluster, the order, and how reads are judged by it.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::time::Instant;

use super::{ArcError, Cluster, Endpoint, States, read};
use crate::effect::FlipOrder;
use crate::estate::{ControlArn, Region};
use crate::event::Attempt;
use crate::time::Span;

/// One flip, as its reads see it.
pub(super) struct Scene<'a> {
    pub(super) cluster: &'a Cluster,
    order: &'a FlipOrder,
    controls: BTreeSet<ControlArn>,
    until: Instant,
}

/// What a read says of the change.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Finding {
    /// All controls are in their *from* states.
    Old,
    /// All controls are in their *to* states.
    New,
    /// Neither.
    Mixed,
}

/// One read of one endpoint.
pub(super) struct Look<'a> {
    pub(super) endpoint: &'a Endpoint,
    /// When the read began: it says nothing about what happened later, and little about what happened just before.
    pub(super) began: Instant,
    pub(super) took: Duration,
    pub(super) answer: Result<States, ArcError>,
}

/// Reads under way.
pub(super) type Looks<'a> = FuturesUnordered<BoxFuture<'a, Look<'a>>>;

impl<'a> Scene<'a> {
    pub(super) fn new(cluster: &'a Cluster, order: &'a FlipOrder, until: Instant) -> Self {
        let controls = order.flips.iter().chain(&order.holds).map(|f| f.arn.clone()).collect();
        Self { cluster, order, controls, until }
    }

    /// Reads an endpoint after a pause.
    pub(super) fn look<'s>(&'s self, endpoint: &'s Endpoint, pause: Duration) -> BoxFuture<'s, Look<'s>> {
        Box::pin(async move {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            let began = Instant::now();
            let answer = self.cluster.ask(endpoint, &self.controls, read::Unknown::Refuse).await;
            Look { endpoint, began, took: began.elapsed(), answer }
        })
    }

    pub(super) fn judge(&self, states: &States) -> Finding {
        let mut flips = self.order.flips.iter();
        if !self.holds(states) {
            return Finding::Mixed;
        }
        if flips.clone().all(|f| states.get(&f.arn) == Some(&f.from)) {
            Finding::Old
        } else if flips.all(|f| states.get(&f.arn) == Some(&f.to)) {
            Finding::New
        } else {
            Finding::Mixed
        }
    }

    /// Whether what earlier calls of the change moved is still so.
    fn holds(&self, states: &States) -> bool {
        self.order.holds.iter().all(|f| states.get(&f.arn) == Some(&f.to))
    }

    /// Whether an endpoint may not have heard of the earlier calls yet: only what they moved is as it was before them.
    pub(super) fn lags(&self, states: &States) -> bool {
        !self.holds(states)
            && self.order.flips.iter().all(|f| states.get(&f.arn) == Some(&f.from))
            && self.order.holds.iter().all(|f| states.contains_key(&f.arn))
    }

    /// The controls that are not in their *from* states, and those that earlier calls moved and that are not so now.
    pub(super) fn not_as_before(&self, states: &States) -> States {
        let moved = self.order.flips.iter().filter_map(|f| {
            let now = *states.get(&f.arn)?;
            (now != f.from).then(|| (f.arn.clone(), now))
        });
        let undone = self.order.holds.iter().filter_map(|f| {
            let now = *states.get(&f.arn)?;
            (now != f.to).then(|| (f.arn.clone(), now))
        });
        moved.chain(undone).collect()
    }

    pub(super) fn until(&self) -> Instant {
        self.until
    }

    pub(super) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// Every endpoint tried, in order, in words.
#[derive(Default)]
pub(super) struct Attempts(pub(super) Vec<Attempt>);

impl Attempts {
    pub(super) fn note(&mut self, endpoint: &Region, took: Duration, said: String) {
        self.0.push(Attempt { endpoint: endpoint.clone(), took: span(took), said });
    }
}

fn span(d: Duration) -> Span {
    Span::try_from(d).unwrap_or(Span::MAX)
}
