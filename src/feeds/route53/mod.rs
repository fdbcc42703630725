//! Route 53's health checks of one account: how each is set up, and what is seen of what it watches.
//!
//! An account has five calls a second of Route 53's API, which everybody shares who uses it: all calls take turns. How the
//! checks are set up is one list for all of them, read at the start and then once in [`SETUP`] rounds. Where it cannot be
//! read, what was read before holds, and is told to be old.

mod checkers;
mod metric;
mod setup;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_route53::Client;
use tokio::sync::Mutex;

use self::metric::Metrics;
use self::setup::{Setup, Watched};
use super::failure::failure;
use super::{Budget, Clock};
use crate::aws::Trouble;
use crate::aws::turn::Turns;
use crate::estate::HealthCheckId;
use crate::event::{CheckStatus, Failure, Means, News, Sense, Settings, Watches};
use crate::time::Timestamp;

/// How checks are set up is read again after so many rounds; where it could not be read, after one.
const SETUP: usize = 10;
/// Pages of a hundred checks that are read to find the estate's.
const PAGES: usize = 20;

/// What is remembered of the list between two rounds.
#[derive(Default)]
struct Known {
    /// As it was read last, and when; none where it never was.
    read: Option<(BTreeMap<HealthCheckId, Setup>, Timestamp)>,
    /// Why it could not be read the last time.
    trouble: Option<String>,
    /// Checks that were asked for since it was tried; none before that.
    asked: Option<usize>,
}

/// The health checks of one account.
pub(super) struct Feed {
    client: Client,
    metrics: Metrics,
    turns: Turns,
    clock: Clock,
    /// The estate's checks in this account.
    ids: BTreeSet<HealthCheckId>,
    known: Mutex<Known>,
}

impl Feed {
    /// `cloudwatch` is that of us-east-1 in the checks' account: only there are Route 53's metrics.
    pub(super) fn new(
        client: Client,
        cloudwatch: aws_sdk_cloudwatch::Client,
        ids: BTreeSet<HealthCheckId>,
        (turns, clock, budget): (Turns, Clock, Arc<Budget>),
    ) -> Self {
        Self { client, metrics: Metrics::new(cloudwatch, budget), turns, clock, ids, known: Mutex::default() }
    }

    /// Asks for one check, by the clock of the world that is watched.
    pub(super) async fn ask(self: Arc<Self>, id: HealthCheckId) -> Result<News, Failure> {
        let (setup, settings) = self.setup(&id).await?;
        let watches = match setup.watched {
            // Nobody looks at what it watches.
            _ if setup.disabled => Watches::Nothing,
            Watched::Endpoint => Watches::Endpoint(self.checkers(&id).await?),
            Watched::Children { of, needed } => {
                let (called, healthy) = self.metrics.called_of_children(&id, (self.clock)()).await?;
                Watches::Children { healthy, of, needed, called }
            }
            Watched::Alarm(alarm) => {
                let called = self.metrics.called(&id, (self.clock)()).await?;
                Watches::Alarm { alarm, called }
            }
            Watched::Control => Watches::Control { called: self.metrics.called(&id, (self.clock)()).await? },
        };
        let sense = if setup.inverted { Sense::Inverted } else { Sense::Straight };
        Ok(News::Check(CheckStatus { id, watches, sense, settings }))
    }

    /// How a check is set up, and how well that is known. One of which it was never read is asked for like the plain
    /// check of an endpoint that most are. Whoever comes meanwhile waits for the list.
    async fn setup(&self, id: &HealthCheckId) -> Result<(Setup, Settings), Failure> {
        let mut known = self.known.lock().await;
        let rounds = if known.trouble.is_some() { 1 } else { SETUP };
        if known.asked.is_none_or(|asked| asked >= rounds * self.ids.len()) {
            known.asked = Some(0);
            match self.read().await {
                Ok(setups) => (known.read, known.trouble) = (Some((setups, (self.clock)())), None),
                Err(trouble) => {
                    let failed = failure(&trouble, "Route 53 ListHealthChecks");
                    tracing::warn!(%trouble, "how health checks are set up cannot be read");
                    known.trouble = Some(failed.why.clone());
                    // Who does not answer that does not answer the rest either, and this one has waited for it.
                    if failed.kind.means() == Means::Silent {
                        return Err(failed);
                    }
                }
            }
        }
        known.asked = known.asked.map(|asked| asked + 1);
        let why = || known.trouble.clone().unwrap_or_else(|| "Route 53 ListHealthChecks does not have it".to_owned());
        let found = known.read.as_ref().and_then(|(setups, read)| Some((setups.get(id)?.clone(), *read)));
        Ok(match (found, &known.trouble) {
            (Some((setup, _)), None) => (setup, Settings::Known),
            (Some((setup, read)), Some(why)) => (setup, Settings::Old { read, why: why.clone() }),
            (None, _) => (Setup::plain(), Settings::Unread { why: why() }),
        })
    }

    /// How the estate's checks are set up, as far as the list has them.
    async fn read(&self) -> Result<BTreeMap<HealthCheckId, Setup>, Trouble> {
        let (mut found, mut marker) = (BTreeMap::new(), None);
        for _ in 0..PAGES {
            self.turns.mine().await;
            let page = self.client.list_health_checks().set_marker(marker.take()).send().await?;
            for check in page.health_checks() {
                let id = HealthCheckId::new(check.id());
                if let (true, Some(config)) = (self.ids.contains(&id), check.health_check_config()) {
                    found.insert(id, Setup::of(config));
                }
            }
            marker = page.next_marker().filter(|_| page.is_truncated()).map(str::to_owned);
            if marker.is_none() || found.len() == self.ids.len() {
                break;
            }
        }
        Ok(found)
    }

    async fn checkers(&self, id: &HealthCheckId) -> Result<crate::event::Checkers, Failure> {
        self.turns.mine().await;
        let now = (self.clock)();
        let answer = self.client.get_health_check_status().health_check_id(id.as_str()).send().await;
        let answer = answer.map_err(|e| failure(&Trouble::from(e), "Route 53 GetHealthCheckStatus"))?;
        Ok(checkers::counted(answer.health_check_observations(), now))
    }
}
