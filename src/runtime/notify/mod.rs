//! Notifies people away from the screen: webhooks, commands, and this terminal's own bell.
//!
//! Each webhook and command has its own task and a short queue. The loop only puts notices into queues that have room,
//! and never waits: neither one that hangs, nor a thousand notices at once, can hold up a flip or another notice.

mod alert;
mod later;
mod way;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, UnboundedSender, error::TrySendError};
use tokio::task::JoinSet;

pub use alert::{Alert, BELL, sequence};
use way::{Failed, Stop, Way};

use crate::effect::Notice;
use crate::estate::{Estate, Notify, Occasion, Template};
use crate::event::What;

/// Notices that may wait for one webhook or command.
const MOST_WAITING: usize = 64;
/// Alerts that may wait for the terminal.
const MOST_ALERTS: usize = 8;
/// How often the timeline says that somebody is not being notified.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// How long is tried.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Tries of one notice.
    pub tries: u32,
    /// One try.
    pub attempt: Duration,
    /// The pause before the second try; each further one is three times as long.
    pub pause: Duration,
    /// All tries of one notice together.
    pub whole: Duration,
    /// A notice that waited so long for those before it is no news any more. Waiting that was asked for does not count.
    pub stale: Duration,
    /// The longest wait that may be asked for; whoever asks for more is tried again by then.
    pub longest: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            tries: 3,
            attempt: Duration::from_secs(5),
            pause: Duration::from_secs(1),
            whole: Duration::from_secs(20),
            stale: Duration::from_secs(300),
            longest: Duration::from_secs(300),
        }
    }
}

/// A notice that waits to be sent.
struct Parcel {
    notice: Notice,
    since: Instant,
}

/// One webhook or command.
struct Sink {
    on: Vec<Occasion>,
    name: String,
    queue: mpsc::Sender<Parcel>,
    /// Notices that were taken and are neither sent nor given up.
    open: Arc<AtomicUsize>,
    complaints: Complaints,
}

/// Why a notification could not be sent as things are, for checks before there is one.
#[must_use]
pub fn fault(notify: &Notify, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    Way::of(notify, variable).err().map(|failed| failed.why)
}

/// Everybody who is notified.
pub struct Notifier {
    estate: String,
    sinks: Vec<Sink>,
    screen: Vec<Notify>,
    alerts: VecDeque<Alert>,
    tasks: JoinSet<()>,
}

impl Notifier {
    /// Starts a task for each webhook and command of the estate; failures come as events through `answers`.
    #[must_use]
    pub fn start(estate: &Estate, timing: Timing, answers: &UnboundedSender<What>) -> Self {
        let mut notifier = Self {
            estate: estate.name.clone(),
            sinks: Vec::new(),
            screen: Vec::new(),
            alerts: VecDeque::new(),
            tasks: JoinSet::new(),
        };
        for notify in &estate.notify {
            let way = match Way::of(notify, |name| std::env::var(name).ok()) {
                Ok(Some(way)) => way,
                Ok(None) => {
                    notifier.screen.push(notify.clone());
                    continue;
                }
                Err(Failed { whom, why }) => {
                    tracing::warn!(whom, why, "a notification cannot be sent");
                    let _ = answers.send(What::NotTold { whom, why });
                    continue;
                }
            };
            let (queue, parcels) = mpsc::channel(MOST_WAITING);
            let name = way.name();
            let complaints = Complaints::new(&name, answers);
            let open = Arc::new(AtomicUsize::new(0));
            let worker = Worker {
                way,
                template: notify.template.clone(),
                estate: estate.name.clone(),
                timing,
                open: open.clone(),
                rested: None,
                complaints: Complaints::new(&name, answers),
            };
            notifier.tasks.spawn(worker.work(parcels));
            notifier.sinks.push(Sink { on: notify.on.clone(), name, queue, open, complaints });
        }
        notifier
    }

    /// Hands a notice to everybody whom it concerns. Never waits.
    pub fn tell(&mut self, notice: &Notice) {
        for rule in self.screen.iter().filter(|rule| rule.on.contains(&notice.on)) {
            if self.alerts.len() >= MOST_ALERTS {
                self.alerts.pop_front();
            }
            let words = notice.words(&rule.template, &self.estate);
            self.alerts.push_back(Alert { osc: rule.osc, presenting: rule.presenting, words });
        }
        // Another console sends the notices of what happened there.
        if !notice.own {
            return;
        }
        for sink in self.sinks.iter_mut().filter(|sink| sink.on.contains(&notice.on)) {
            let parcel = Parcel { notice: notice.clone(), since: Instant::now() };
            match sink.queue.try_send(parcel) {
                Ok(()) => drop(sink.open.fetch_add(1, Ordering::AcqRel)),
                Err(TrySendError::Full(_)) => {
                    tracing::warn!(whom = sink.name, on = notice.on.name(), "dropped a notice: too many wait");
                    sink.complaints.add(&format!("{MOST_WAITING} notices wait already"));
                }
                Err(TrySendError::Closed(_)) => sink.complaints.add("its task has ended"),
            }
        }
    }

    /// What the terminal should show or sound now.
    pub fn alerts(&mut self) -> Vec<Alert> {
        self.alerts.drain(..).collect()
    }

    /// Takes no more notices, and gives those that wait this long to go out. Who was not told then, a sentence each.
    pub async fn finish(self, patience: Duration) -> Vec<String> {
        let Self { sinks, mut tasks, .. } = self;
        let open: Vec<_> = sinks.into_iter().map(|sink| (sink.name, sink.open)).collect();
        let all = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, all).await.is_ok() {
            return Vec::new();
        }
        tracing::warn!("the program ended before all notices were sent");
        let left = open.into_iter().map(|(whom, open)| (whom, open.load(Ordering::Acquire)));
        left.filter(|(_, open)| *open > 0).map(|(whom, open)| not_sent(&whom, open)).collect()
    }
}

fn not_sent(whom: &str, open: usize) -> String {
    let what = if open == 1 { "1 notice".to_owned() } else { format!("{open} notices") };
    format!("{whom} was not told: the program ended before {what} could be sent")
}

/// The task of one webhook or command.
struct Worker {
    way: Way,
    template: Template,
    estate: String,
    timing: Timing,
    open: Arc<AtomicUsize>,
    /// Until when it last waited because it was asked to.
    rested: Option<Instant>,
    complaints: Complaints,
}

impl Worker {
    async fn work(mut self, mut parcels: mpsc::Receiver<Parcel>) {
        let name = self.way.name();
        while let Some(Parcel { notice, since }) = parcels.recv().await {
            let on = notice.on.name();
            let waiting = self.rested.map_or(since, |rested| rested.max(since)).elapsed();
            let sent = if waiting > self.timing.stale {
                Err("it waited too long behind others".to_owned())
            } else {
                self.deliver(&notice).await
            };
            match sent {
                Ok(tries) => {
                    tracing::info!(whom = name, on, tries, "told");
                    self.complaints.end_of_wait();
                }
                Err(why) => {
                    tracing::warn!(whom = name, on, why, "gave up telling");
                    self.complaints.add(&format!("“{on}”: {why}"));
                }
            }
            self.open.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Delivers one notice, and waits as often as it is asked to: those behind it wait as well, and go out in order.
    async fn deliver(&mut self, notice: &Notice) -> Result<u32, String> {
        let Timing { whole, longest, pause, .. } = self.timing;
        let mut unasked = pause;
        let mut tried = 0;
        loop {
            let sent = self.way.deliver(notice, &self.template, &self.estate, self.timing);
            let wait = match tokio::time::timeout(whole, sent).await {
                Ok(Ok(tries)) => return Ok(tried + tries),
                Ok(Err(Stop::Failed(why))) => return Err(why),
                Ok(Err(Stop::Later(tries, wait))) => {
                    tried += tries;
                    wait
                }
                Err(_) => return Err("no success in time".into()),
            };
            let why = match wait {
                Some(wait) => format!("asks to wait {} s", wait.as_secs_f64().ceil()),
                None => "is asked too often (429)".to_owned(),
            };
            let wait = wait.unwrap_or(unasked).min(longest);
            unasked = (unasked * 3).min(longest);
            tracing::info!(whom = self.way.name(), why, seconds = wait.as_secs_f64(), "waits to tell");
            self.complaints.wait(&why);
            tokio::time::sleep(wait).await;
            self.rested = Some(Instant::now());
        }
    }
}

/// What the timeline says of failures: the first at once, then one line a minute with how many more there were.
struct Complaints {
    whom: String,
    answers: UnboundedSender<What>,
    said: Option<Instant>,
    more: u64,
    /// When it last was said that somebody asks to wait, and whether that has ended since.
    waits: Option<(Instant, bool)>,
}

impl Complaints {
    fn new(whom: &str, answers: &UnboundedSender<What>) -> Self {
        Self { whom: whom.to_owned(), answers: answers.clone(), said: None, more: 0, waits: None }
    }

    fn add(&mut self, why: &str) {
        if self.said.is_some_and(|at| at.elapsed() < COMPLAIN_EVERY) {
            self.more += 1;
            return;
        }
        let why = if self.more > 0 { format!("{why}; and {} more since", self.more) } else { why.to_owned() };
        self.more = 0;
        self.said = Some(Instant::now());
        let _ = self.answers.send(What::NotTold { whom: self.whom.clone(), why });
    }

    /// Says that somebody asks to wait: once until they have been told, and no more than once a minute.
    fn wait(&mut self, why: &str) {
        if self.waits.is_some_and(|(at, over)| !over || at.elapsed() < COMPLAIN_EVERY) {
            return;
        }
        self.waits = Some((Instant::now(), false));
        let _ = self.answers.send(What::ToldLater { whom: self.whom.clone(), why: why.to_owned() });
    }

    /// Says that somebody who had asked to wait has been told.
    fn end_of_wait(&mut self) {
        if let Some((_, over)) = self.waits.as_mut().filter(|(_, over)| !over) {
            *over = true;
            let _ = self.answers.send(What::ToldAtLast { whom: self.whom.clone() });
        }
    }
}
