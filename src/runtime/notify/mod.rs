//! Notifies people away from the screen: webhooks, commands, and this terminal's own bell.
//!
//! Each webhook and command has its own task and a short queue. The loop only puts notices into queues that have room,
//! and never waits: neither one that hangs, nor a thousand notices at once, can hold up a flip or another notice.

mod alert;
mod later;
mod outbox;
mod way;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, UnboundedSender, error::TrySendError};
use tokio::task::JoinSet;

pub use alert::{Alert, BELL, sequence};
use outbox::{Claim, Outbox};
use way::{Failed, Stop, Way};

use crate::change::Digest;
use crate::effect::Notice;
use crate::estate::{Estate, Notify, Occasion, Template};
use crate::event::What;
use crate::time::{Span, Timestamp};

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
    /// How often it is looked for notices that other programs kept.
    pub collect: Duration,
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
            collect: Duration::from_secs(5),
        }
    }
}

/// A notice that waits to be sent.
struct Parcel {
    number: u64,
    notice: Notice,
    since: Instant,
}

/// What one webhook or command is to be told: taken, and neither sent nor given up.
#[derive(Default)]
struct Hand {
    /// By number, each with its file where another program kept it.
    open: BTreeMap<u64, (Notice, Option<Claim>)>,
    /// Until then they asked not to be told.
    rests_until: Option<Timestamp>,
}

type Hands = Arc<Mutex<Hand>>;

fn with<T>(hands: &Hands, work: impl FnOnce(&mut Hand) -> T) -> T {
    work(&mut hands.lock().unwrap_or_else(PoisonError::into_inner))
}

/// What was not sent when a program ended, a sentence each.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unsent {
    /// It is lost.
    pub lost: Vec<String>,
    /// It is kept, and the next program sends it.
    pub kept: Vec<String>,
}

impl Unsent {
    /// Whether all was sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lost.is_empty() && self.kept.is_empty()
    }
}

/// One webhook or command.
struct Sink {
    on: Vec<Occasion>,
    name: String,
    /// By which it is known in the state folder.
    key: Digest,
    queue: mpsc::Sender<Parcel>,
    hands: Hands,
    complaints: Complaints,
}

impl Sink {
    /// Puts a notice into the queue.
    fn take(&mut self, number: u64, notice: &Notice, claim: Option<Claim>) -> Result<(), Option<Claim>> {
        let parcel = Parcel { number, notice: notice.clone(), since: Instant::now() };
        with(&self.hands, |hand| hand.open.insert(number, (notice.clone(), claim)));
        let Err(full) = self.queue.try_send(parcel) else { return Ok(()) };
        if matches!(full, TrySendError::Closed(_)) {
            self.complaints.add("its task has ended");
        }
        Err(with(&self.hands, |hand| hand.open.remove(&number)).and_then(|(_, claim)| claim))
    }
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
    number: u64,
    outbox: Option<Outbox>,
    collect_every: Duration,
    collected: Option<Instant>,
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
            number: 0,
            outbox: None,
            collect_every: timing.collect,
            collected: None,
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
            let (hands, key) = (Hands::default(), way.key(&notify.on));
            let worker = Worker {
                way,
                template: notify.template.clone(),
                estate: estate.name.clone(),
                timing,
                hands: hands.clone(),
                rested: None,
                complaints: Complaints::new(&name, answers),
            };
            notifier.tasks.spawn(worker.work(parcels));
            notifier.sinks.push(Sink { on: notify.on.clone(), name, key, queue, hands, complaints });
        }
        notifier
    }

    /// Keeps what cannot be sent in the state folder, and sends what others kept there.
    #[must_use]
    pub fn keeping(self, state: &Path) -> Self {
        Self { outbox: Some(Outbox::of(state)), ..self }
    }

    /// Takes up what other programs kept; now and then, however often it is called.
    pub fn collect(&mut self) {
        let Some(outbox) = self.outbox.as_ref().filter(|_| !self.sinks.is_empty()) else { return };
        if self.collected.is_some_and(|at| at.elapsed() < self.collect_every) {
            return;
        }
        self.collected = Some(Instant::now());
        for (to, notice, claim) in outbox.claim(Timestamp::now(), |to| self.sinks.iter().any(|sink| sink.key == *to)) {
            self.number += 1;
            if let Some(sink) = self.sinks.iter_mut().find(|sink| sink.key == to) {
                // Where its queue is full, the file is let go and taken up later.
                drop(sink.take(self.number, &notice, Some(claim)));
            }
        }
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
            self.number += 1;
            if sink.take(self.number, notice, None).is_ok() {
                continue;
            }
            let now = Timestamp::now();
            let kept = self.outbox.as_ref().is_some_and(|outbox| outbox.put(sink.key, now, notice).is_ok());
            if !kept {
                tracing::warn!(whom = sink.name, on = notice.on.name(), "dropped a notice: too many wait");
                sink.complaints.add(&format!("{MOST_WAITING} notices wait already"));
            }
        }
    }

    /// What the terminal should show or sound now.
    pub fn alerts(&mut self) -> Vec<Alert> {
        self.alerts.drain(..).collect()
    }

    /// Takes no more notices, and gives those that wait this long to go out. The rest is kept for another program.
    pub async fn finish(self, patience: Duration) -> Unsent {
        let Self { sinks, mut tasks, outbox, .. } = self;
        let open: Vec<_> = sinks.into_iter().map(|sink| (sink.name, sink.key, sink.hands)).collect();
        let all = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, all).await.is_ok() {
            return Unsent::default();
        }
        tracing::warn!("the program ended before all notices were sent");
        tasks.shutdown().await;
        let mut unsent = Unsent::default();
        for (whom, key, hands) in open {
            let (open, rests) = with(&hands, |hand| (std::mem::take(&mut hand.open), hand.rests_until));
            let not_before = rests.unwrap_or_else(Timestamp::now);
            let (mut kept, mut lost) = (0, 0);
            for (notice, claim) in open.into_values() {
                match outbox.as_ref().map(|outbox| outbox.put(key, not_before, &notice)) {
                    Some(Ok(())) => {
                        kept += 1;
                        claim.into_iter().for_each(Claim::done);
                    }
                    // Another program's file stays where it is.
                    _ if claim.is_some() => kept += 1,
                    _ => lost += 1,
                }
            }
            if kept > 0 {
                let what = notices(kept);
                unsent.kept.push(format!(
                    "{whom} was not told yet: {what} kept, and the next console or command that can write sends them"
                ));
            }
            if lost > 0 {
                let what = notices(lost);
                unsent.lost.push(format!("{whom} was not told: the program ended before {what} could be sent"));
            }
        }
        unsent
    }
}

fn notices(n: usize) -> String {
    if n == 1 { "1 notice".to_owned() } else { format!("{n} notices") }
}

/// The task of one webhook or command.
struct Worker {
    way: Way,
    template: Template,
    estate: String,
    timing: Timing,
    hands: Hands,
    /// Until when it last waited because it was asked to.
    rested: Option<Instant>,
    complaints: Complaints,
}

impl Worker {
    async fn work(mut self, mut parcels: mpsc::Receiver<Parcel>) {
        let name = self.way.name();
        while let Some(Parcel { number, notice, since }) = parcels.recv().await {
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
            let claim = with(&self.hands, |hand| hand.open.remove(&number)).and_then(|(_, claim)| claim);
            claim.into_iter().for_each(Claim::done);
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
            let until = Span::try_from(wait).ok().and_then(|wait| Timestamp::now().checked_add(wait).ok());
            with(&self.hands, |hand| hand.rests_until = until);
            tokio::time::sleep(wait).await;
            with(&self.hands, |hand| hand.rests_until = None);
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
