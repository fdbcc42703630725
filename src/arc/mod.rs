//! How the console acts: the routing controls' data plane, five endpoints, one write at a time.
//!
//! Only this room and `launch` write to AWS. Reading is here too, because every write is judged by reads. The feeds
//! poll through it, so a flip finds its connections already open. What reads has a [`read::Reader`], which has no way to
//! write; only `write` makes clients.

mod after;
mod error;
mod flip;
mod read;
mod scene;
mod sights;
mod write;

pub use error::{ArcError, rule_in};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc;

use crate::aws::{Acting, Deadlines, Sdk, Trouble};
use crate::effect::FlipOrder;
use crate::estate::{AccountName, ControlArn, ControlState, Estate, Region};
use crate::event::{FlipOutcome, ReadBack, STALE};

/// States by control.
pub type States = BTreeMap<ControlArn, ControlState>;

/// How long an endpoint is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a whole read. Longer than for a write, because a cold connection over an ocean needs four round
    /// trips, and because waiting for one endpoint holds up no other.
    pub read: Duration,
    /// For one write. The connection is open by then: it carried the read before.
    pub write: Duration,
    /// How stale a read may be: old states that are read sooner after a write prove nothing. See [`STALE`].
    pub stale: Duration,
    /// How long new states are looked for after a write that nobody confirmed, before the model goes on looking.
    pub look: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(2),
            write: Duration::from_secs(1),
            stale: STALE.unsigned_abs(),
            look: Duration::from_secs(1),
        }
    }
}

impl Patience {
    /// Connecting always gives up before the request does: what was never sent must be known as that.
    fn reading(self) -> Deadlines {
        Deadlines { connect: self.read * 3 / 4, attempt: self.read }
    }

    fn writing(self) -> Deadlines {
        Deadlines { connect: self.write * 7 / 10, attempt: self.write }
    }
}

/// One endpoint, with a door for reading and one for writing. Behind both is one client, under other deadlines: they
/// share their connections, and what reads have taught the SDK of AWS's clock holds for the write.
#[derive(Debug)]
struct Endpoint {
    region: Region,
    reader: read::Reader,
    writer: write::Writer,
}

/// The cluster's endpoints, and the turn to write.
#[derive(Debug)]
pub struct Cluster {
    endpoints: Vec<Endpoint>,
    /// The account that it is asked and acted on in.
    account: Option<AccountName>,
    /// Every routing control of the estate.
    controls: BTreeSet<ControlArn>,
    patience: Patience,
    /// Held while a change is carried out: a newer one starts when the older one's attempts are over.
    turn: tokio::sync::Mutex<()>,
}

impl Cluster {
    /// Clients for each endpoint, each signing for its own region. Connects to nothing yet.
    #[must_use]
    pub fn new(estate: &Estate, sdk: &Sdk) -> Self {
        Self::with(estate, sdk, Patience::default())
    }

    /// The same with deadlines of one's own.
    #[must_use]
    pub fn with(estate: &Estate, sdk: &Sdk, patience: Patience) -> Self {
        let account = estate.cluster.account.clone();
        let endpoints = estate.cluster.endpoints.iter().map(|e| {
            let (reader, writer) = write::doors(sdk, account.as_ref(), e, patience);
            Endpoint { region: e.region.clone(), reader, writer }
        });
        let controls = estate.controls().map(|c| c.arn.clone()).collect();
        let endpoints = endpoints.collect();
        Self { endpoints, account, controls, patience, turn: tokio::sync::Mutex::new(()) }
    }

    /// How long its endpoints are waited for.
    #[must_use]
    pub fn patience(&self) -> Patience {
        self.patience
    }

    async fn ask(
        &self,
        endpoint: &Endpoint,
        controls: &BTreeSet<ControlArn>,
        unknown: read::Unknown,
    ) -> Result<States, ArcError> {
        let read = self.patience.read;
        match tokio::time::timeout(read, read::states(endpoint, controls, unknown)).await {
            Ok(answer) => answer.map_err(|t| ArcError::new(&endpoint.region, t)),
            Err(_) => Err(ArcError::new(&endpoint.region, Trouble::timeout(read))),
        }
    }

    /// The endpoints' regions, in the estate's order.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Region> {
        self.endpoints.iter().map(|e| e.region.clone()).collect()
    }

    /// The estate's controls as one endpoint has them (`ListRoutingControls`, and `GetRoutingControlState`
    /// for what the list leaves out). A control that the endpoint does not know is left out of the answer.
    ///
    /// # Errors
    /// When the endpoint gives no answer in time.
    pub async fn read(&self, endpoint: &Region) -> Result<States, ArcError> {
        let Some(e) = self.endpoints.iter().find(|e| &e.region == endpoint) else {
            return Err(ArcError::no_such_endpoint(endpoint));
        };
        self.ask(e, &self.controls, read::Unknown::LeaveOut).await
    }

    /// The estate's controls as every endpoint has them, all asked at once; in the order of their answers.
    pub async fn read_all(&self) -> Vec<(Region, Result<States, ArcError>)> {
        let asked = self
            .endpoints
            .iter()
            .map(|e| async move { (e.region.clone(), self.ask(e, &self.controls, read::Unknown::LeaveOut).await) });
        asked.collect::<FuturesUnordered<_>>().collect().await
    }

    /// Carries out a change with the roles that were taken for it: one atomic `UpdateRoutingControlStates`. It goes to another endpoint only if it certainly
    /// was not sent, or, once, if it certainly did nothing. Ends within `deadline`. A second write comes later than
    /// [`Patience::stale`] after the first; a refusal is not waited for: the end says what was answered, and that reads
    /// must settle it.
    ///
    /// Dropping the future ends the attempt that is under way; whether it happened is then unknown.
    pub async fn flip(&self, order: &FlipOrder, acting: &Acting, deadline: Duration) -> FlipOutcome {
        flip::run(self, order, acting, deadline).await
    }

    /// Reads these controls from every endpoint but `skip`, all at once; each answer comes as soon as it is
    /// there. The reading stops when the receiver is dropped. Needs a tokio runtime.
    #[must_use]
    pub fn read_back(self: &Arc<Self>, controls: Vec<ControlArn>, skip: Option<Region>) -> mpsc::Receiver<ReadBack> {
        let (tx, rx) = mpsc::channel(self.endpoints.len().max(1));
        let cluster = Arc::clone(self);
        let controls: BTreeSet<ControlArn> = controls.into_iter().collect();
        tokio::spawn(async move {
            let asked = cluster.endpoints.iter().filter(|e| Some(&e.region) != skip.as_ref());
            let mut answers: FuturesUnordered<_> = asked
                .map(|e| async {
                    let states = cluster.ask(e, &controls, read::Unknown::Refuse).await;
                    ReadBack { endpoint: e.region.clone(), states: states.map_err(|e| e.trouble.to_string()) }
                })
                .collect();
            loop {
                tokio::select! {
                    () = tx.closed() => return,
                    answer = answers.next() => match answer {
                        Some(answer) => if tx.send(answer).await.is_err() { return },
                        None => return,
                    },
                }
            }
        });
        rx
    }
}
