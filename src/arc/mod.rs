//! How we act: five endpoints, one write at a time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::aws::Sdk;
use crate::effect::FlipOrder;
use crate::estate::{ControlArn, ControlState, Estate, Region};
use crate::event::{FlipEnd, FlipOutcome, ReadBack};

/// States by control.
pub type States = BTreeMap<ControlArn, ControlState>;

/// Why an endpoint has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ArcError {
    /// In words.
    pub message: String,
}

/// The cluster's endpoints.
#[derive(Debug)]
pub struct Cluster {}

impl Cluster {
    /// One client an endpoint, each signing for its own region.
    #[must_use]
    pub fn new(estate: &Estate, sdk: &Sdk) -> Self {
        let _ = (estate, sdk);
        Self {}
    }

    /// The endpoints' regions, in the estate's order.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Region> {
        Vec::new()
    }

    /// The estate's controls as one endpoint has them.
    ///
    /// # Errors
    /// When the endpoint gives no answer.
    pub async fn read(&self, endpoint: &Region) -> Result<States, ArcError> {
        let _ = endpoint;
        Err(ArcError { message: String::new() })
    }

    /// The estate's controls as every endpoint has them, all asked at once.
    pub async fn read_all(&self) -> Vec<(Region, Result<States, ArcError>)> {
        Vec::new()
    }

    /// Carries a change out: one atomic call. Ends within `deadline`, give or take nothing.
    pub async fn flip(&self, order: &FlipOrder, deadline: Duration) -> FlipOutcome {
        let _ = (order, deadline);
        FlipOutcome { end: FlipEnd::Unreachable, attempts: Vec::new() }
    }

    /// Reads these controls from every endpoint but `skip`; each answer comes as soon as it is there.
    pub fn read_back(
        self: &Arc<Self>,
        controls: Vec<ControlArn>,
        skip: Option<Region>,
    ) -> tokio::sync::mpsc::Receiver<ReadBack> {
        let _ = (controls, skip);
        tokio::sync::mpsc::channel(8).1
    }
}
