//! How the console learns: one task for each source, with its own interval and deadline, so that none holds up another.
//!
//! A source is asked again once its last answer, or its deadline, has passed: there is never more than one request to a
//! source under way. Every report says how long it stays fresh, in the time of the watched world. So a source that
//! falls silent is noticed without any further event.

mod budget;
mod cloudwatch;
mod dns;
mod drs;
mod ec2;
mod failure;
mod http;
mod pace;
mod plan;
mod route53;

pub use budget::Budget;
pub use drs::points;
pub use pace::Pace;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::failure::NoNews;
use self::plan::Plan;
use crate::arc::Cluster;
use crate::aws::{Sdk, Trouble};
use crate::estate::{ControlArn, Estate};
use crate::event::{FailureKind, Heard, News, SourceId, Spending};
use crate::time::{Span, Timestamp};

/// What time it is in the world that is watched; a simulated one may run faster than life.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The running feeds. They stop when this is dropped.
pub struct Feeds {
    tasks: JoinSet<()>,
    hurries: BTreeMap<SourceId, Arc<Notify>>,
    budget: Arc<Budget>,
    urgent: watch::Sender<bool>,
    clock: Clock,
}

impl Feeds {
    /// Asks a source again as soon as its request under way is over, without waiting for its interval.
    /// A source that the estate does not have is ignored.
    pub fn hurry(&self, source: &SourceId) {
        if let Some(hurry) = self.hurries.get(source) {
            hurry.notify_one();
        }
    }

    /// Asks CloudWatch at the pace of an incident, or of calm.
    pub fn set_urgent(&self, urgent: bool) {
        self.urgent.send_if_modified(|is| std::mem::replace(is, urgent) != urgent);
    }

    /// What asking costs now.
    #[must_use]
    pub fn spending(&self) -> Spending {
        self.budget.spending(*self.urgent.borrow(), (self.clock)())
    }

    /// The sources that are asked.
    pub fn sources(&self) -> impl Iterator<Item = &SourceId> {
        self.hurries.keys()
    }

    /// Stops all of them and waits until they have.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

/// Starts one task for each source of the estate; their reports go to `tx`. A full channel holds the feeds
/// up, never the other way round. Needs a tokio runtime.
#[must_use]
pub fn spawn(
    estate: Arc<Estate>,
    sdk: &Sdk,
    cluster: Arc<Cluster>,
    pace: Pace,
    clock: Clock,
    tx: mpsc::Sender<Heard>,
) -> Feeds {
    let budget = Arc::new(Budget::of(&estate));
    let (urgent, pacing) = watch::channel(false);
    let plans = plan::of(&estate, sdk, &cluster, pace, &clock, &budget);
    let mut feeds = Feeds { tasks: JoinSet::new(), hurries: BTreeMap::new(), budget: budget.clone(), urgent, clock };
    for plan in plans {
        let hurry = Arc::new(Notify::new());
        if feeds.hurries.insert(plan.source.clone(), Arc::clone(&hurry)).is_some() {
            tracing::warn!(source = ?plan.source, "the estate file has this source twice: the second is not asked");
            continue;
        }
        let interval = Interval { own: plan.interval, metrics: plan.metrics, budget: budget.clone() };
        let sdk = plan.source.is_aws().then(|| sdk.clone());
        let asked = ask_for_ever(plan, interval, pacing.clone(), pace, hurry, tx.clone());
        feeds.tasks.spawn(async move {
            // Getting the first credentials may take seconds, which no request should be blamed for.
            if let Some(sdk) = sdk {
                sdk.signed_in().await;
            }
            asked.await;
        });
    }
    feeds
}

/// How long a source is left alone: the file's interval, or what its cost allows.
struct Interval {
    own: Span,
    metrics: u64,
    budget: Arc<Budget>,
}

impl Interval {
    fn now(&self, urgent: bool) -> Span {
        if self.metrics > 0 { self.budget.interval(urgent) } else { self.own }
    }

    /// For how long an answer must count: until the next one at the slower pace.
    fn longest(&self) -> Span {
        if self.metrics > 0 { self.budget.longest() } else { self.own }
    }
}

/// Asks one source for as long as somebody listens.
async fn ask_for_ever(
    plan: Plan,
    interval: Interval,
    mut urgent: watch::Receiver<bool>,
    pace: Pace,
    hurry: Arc<Notify>,
    tx: mpsc::Sender<Heard>,
) {
    let mut throttled = 0;
    let mut next = Instant::now() + plan.first_after;
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = hurry.notified() => {}
            // From calm to haste: what costs money was left alone for longer.
            Ok(()) = urgent.changed(), if interval.metrics > 0 => {
                if !*urgent.borrow_and_update() {
                    continue;
                }
            }
            () = tx.closed() => return,
        }
        let began = Instant::now();
        let answer = match tokio::time::timeout(plan.deadline, (plan.ask)()).await {
            Ok(answer) => answer,
            Err(_) => Err(NoNews::of(&Trouble::timeout(plan.deadline), &plan.asked)),
        };
        let (news, again) = match answer {
            Ok(news) => (Ok(news), None),
            Err(NoNews { failure, again }) => (Err(failure), again),
        };
        throttled = match &news {
            Err(f) if f.kind == FailureKind::Throttled => throttled + 1,
            _ => 0,
        };
        let wait = pace.wait(interval.now(*urgent.borrow()), throttled, plan.deadline);
        let again = pace.again(again);
        let fresh_for = pace.wait(interval.longest(), throttled, plan.deadline).fresh_for;
        let fresh_for = fresh_for.saturating_add(pace.world(again));
        // Counted from the start of the request: a slow answer does not make the next one late.
        next = (began + wait.real).max(Instant::now() + again);
        let took = Span::try_from(began.elapsed()).unwrap_or(Span::MAX);
        let heard = Heard { source: plan.source.clone(), took, fresh_for, news };
        if tx.send(heard).await.is_err() {
            return;
        }
        // However often somebody asks to hurry.
        tokio::time::sleep(pace::LEAST).await;
    }
}

/// A poll of one cluster endpoint.
async fn controls(cluster: &Cluster, region: &crate::estate::Region) -> Result<News, NoNews> {
    let read = cluster.read(region).await;
    read.map(News::Controls).map_err(|e| NoNews::of(&e.trouble, &format!("routing controls at {}", e.endpoint)))
}

/// The ids of health checks that follow a routing control: Route 53 has no observations of these.
fn recovery_checks(estate: &Estate) -> impl Iterator<Item = (&ControlArn, &crate::estate::HealthCheckId)> {
    estate.controls().filter_map(|c| Some((&c.arn, c.health_check.as_ref()?)))
}
