//! The heart of the loop: one ordered queue in front of one model, and the carrying out of effects.
//!
//! Signals come first, then answers of effects and people's requests, then feeds, the clock, and last what lies in the
//! incident folder, where anybody may write. Nothing here waits for the network: every effect runs in its own task and
//! answers through the queue.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::clock::{Clock, boot_id};
use super::keeper::Keeper;
use super::notify::{Alert, Notifier, Timing, Unsent};
use super::owed::Owed;
use super::recorder::Recorder;
use super::signals::Signals;
use super::signer::Signer;
use super::warm::Warm;
use crate::arc::Cluster;
use crate::aws::{Acting, FollowSignIn, Sdk};
use crate::change::{Anchor, Courier};
use crate::effect::{Effect, Publication};
use crate::estate::{Estate, PairName, PersonName};
use crate::event::{Ask, Event, Failure, FailureKind, FlipEnd, FlipOutcome, Heard, LaunchEnd, What};
use crate::feeds::{Feeds, Pace};
use crate::journal::{Boot, Head, Journal};
use crate::model::{Model, Past};
use crate::signing::Folder;
use crate::time::Span;

/// Reports of feeds that may wait. Each feed has one under way at most, so this is never full for long.
const WAITING_REPORTS: usize = 256;
/// Events taken in before the screens are shown again.
const AT_ONCE: usize = 256;

/// Anybody may write into the incident folder. What is found there waits for everything else, and after one was judged
/// the next waits this many times as long as that took.
const RESTS: u32 = 4;
/// How often the incident folder is looked into.
const LOOK: std::time::Duration = std::time::Duration::from_millis(250);
/// A flip ends within this time, whatever the endpoints do. It has room for a first read (2 s), a failing write (1 s),
/// the time until it is certain that it did nothing (17 s: [`STALE`](crate::event::STALE), and a read), a second write
/// and a look at it (2 s).
const FLIP_DEADLINE: std::time::Duration = std::time::Duration::from_secs(22);
/// How long the end waits for what came of a change that is being sent: longer than that can take.
const LAST_OUTCOME: std::time::Duration =
    longer(FLIP_DEADLINE, crate::launch::DEADLINE).saturating_add(Acting::READY).saturating_add(A_LITTLE);
const A_LITTLE: std::time::Duration = std::time::Duration::from_secs(2);

const fn longer(a: std::time::Duration, b: std::time::Duration) -> std::time::Duration {
    if a.as_nanos() > b.as_nanos() { a } else { b }
}

/// How long the end waits for the journal to take what it was asked for.
const LAST_RECORDS: std::time::Duration = std::time::Duration::from_secs(60);
/// How long the end waits for notices that are on their way.
const LAST_NOTICES: std::time::Duration = std::time::Duration::from_secs(3);

/// What an engine is made of.
pub struct Options {
    /// What to watch.
    pub estate: Arc<Estate>,
    /// AWS clients.
    pub sdk: Sdk,
    /// The clock.
    pub clock: Clock,
    /// The folder that holds the journal and the incident folder.
    pub state: PathBuf,
    /// Ask only ARC: for a flip without a screen, which needs nothing else.
    pub only_arc: bool,
    /// How often time goes on, by the engine's clock.
    pub tick: Span,
    /// Why nobody can write here; none if people can.
    pub look_on: Option<String>,
    /// The keys that sign here; none where nobody's do.
    pub signer: Option<Signer>,
}

/// The running whole: model, feeds, journal, effects.
pub struct Engine {
    model: Model,
    past: Past,
    recorder: Option<Recorder>,
    clock: Clock,
    cluster: Arc<Cluster>,
    sign_in: FollowSignIn,
    warm: Warm,
    /// Whose keys sign here.
    here: Vec<PersonName>,
    feeds: Feeds,
    keeper: Keeper,
    state: PathBuf,
    notifier: Notifier,
    incident: PathBuf,
    heard: mpsc::Receiver<Heard>,
    /// Signatures from the incident folder, one at a time, and until when none is judged.
    found: mpsc::Receiver<String>,
    rested: Instant,
    log: Option<super::log::Lines>,
    answers: UnboundedReceiver<What>,
    answer: UnboundedSender<What>,
    tasks: JoinSet<()>,
    /// Changes on their way into the incident folder: the end waits for them.
    publishing: JoinSet<Option<String>>,
    /// What was to be published and could not be, one sentence each.
    unpublished: Vec<String>,
    tick: tokio::time::Interval,
    alarms: Vec<String>,
    signer: Option<Signer>,
    /// Signals that end what a command has not begun; none where a console listens for them itself.
    signals: Option<Signals>,
}

/// What there is to say when an engine has ended, one sentence each.
#[derive(Debug, Default)]
pub struct Closed {
    /// What went wrong on the way.
    pub trouble: Vec<String>,
    /// Who is told later, by another program.
    pub told_later: Vec<String>,
}

impl Closed {
    /// All of it.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.trouble.iter().chain(&self.told_later)
    }
}

/// Why an engine cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journal cannot be used.
    #[error("open the journal: {0}")]
    Journal(#[from] crate::journal::JournalError),
    /// The incident folder cannot be used.
    #[error("open the incident folder: {0}")]
    Folder(#[from] crate::signing::SignError),
    /// A thread cannot be started.
    #[error("start the journal's thread: {0}")]
    Thread(#[from] std::io::Error),
}

impl Engine {
    /// Opens the journal, takes it in, and starts the feeds.
    ///
    /// # Errors
    /// When the journal or the incident folder cannot be used. A journal whose chain is broken opens
    /// read-only instead: an incident must still be seen.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        Self::recorded(options, None)
    }

    /// The same; everything that is taken in is recorded.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn recorded(options: Options, recorder: Option<Recorder>) -> Result<Self, OpenError> {
        let Options { estate, sdk, clock, state, only_arc, tick, look_on, signer } = options;
        let boot = boot_id();
        let mut model = Model::new(estate.clone(), boot.clone(), clock.now()).at_speed(clock.speed());
        if only_arc {
            model = model.of_arc_alone();
        }
        let mut unread = None;
        let open = if look_on.is_some() { Journal::look } else { Journal::open };
        let (mut journal, kept) = match open(&state, Boot { id: boot.clone() }) {
            Ok((journal, kept)) => (Some(journal), kept),
            Err(error) if look_on.is_some() && error.is_missing() => (None, Vec::new()),
            // An incident must still be seen: on a read-only disk, without locks, with a broken journal.
            Err(error) => {
                let look = || Journal::look(&state, Boot { id: boot.clone() }).ok();
                let (journal, kept) = if error.is_damage() || look_on.is_some() { None } else { look() }.unzip();
                unread = look_on.is_some().then(|| format!("the journal is not read: {error}"));
                model.read_only = Some(error.to_string());
                (journal, kept.unwrap_or_default())
            }
        };
        if look_on.is_some() {
            model.read_only = look_on;
        } else if !super::clock::boot_is_known() {
            let why = "the system hides which boot this is, and so how long an approval has waited";
            model.read_only = Some(why.to_owned());
        }
        if let Some(recorder) = &recorder {
            recorder.begin(&model);
        }
        let mut alarms = journal.as_mut().map(Journal::alarms).unwrap_or_default();
        alarms.extend(unread);
        let incident = state.join("incident");
        // A console that looks on takes no signatures, and makes no folder for them.
        let folder = if model.read_only.is_none() { Some(Folder::open(&incident)?) } else { None };
        let anchor = journal.as_ref().map(anchor_of);
        let (answer, answers) = mpsc::unbounded_channel();
        let keeper = Keeper::start(journal, answer.clone())?;
        let notifier = Notifier::start(&estate, Timing::default(), &answer);
        let notifier = if model.read_only.is_none() { notifier.keeping(&state) } else { notifier };
        let cluster = Arc::new(Cluster::new(&estate, &sdk));
        let (tell, heard) = mpsc::channel(WAITING_REPORTS);
        let wall = { move || clock.now().wall };
        let pace = Pace { speed: clock.speed() };
        let watched = if only_arc { Arc::new(arc_alone(&estate)) } else { estate };
        let feeds = crate::feeds::spawn(watched, &sdk, cluster.clone(), pace, Arc::new(wall), tell);
        let mut tick = tokio::time::interval(clock.real_duration(tick));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (find, found) = mpsc::channel(1);
        let mut engine = Self {
            model,
            past: Past::default(),
            recorder,
            clock,
            cluster,
            sign_in: sdk.follow_sign_in(),
            warm: Warm::new(sdk),
            here: signer.as_ref().map(|s| s.people(clock.now().wall)).unwrap_or_default(),
            feeds,
            keeper,
            state,
            notifier,
            incident,
            heard,
            found,
            rested: Instant::now(),
            log: None,
            answers,
            answer,
            tasks: JoinSet::new(),
            publishing: JoinSet::new(),
            unpublished: Vec::new(),
            tick,
            alarms: alarms.clone(),
            signer,
            signals: None,
        };
        if let Some(folder) = folder {
            engine.watch_folder(folder, find);
        }
        if let Some(anchor) = anchor {
            engine.take_in(What::Anchored(anchor));
        }
        engine.take_in(What::Resumed(kept));
        if !alarms.is_empty() {
            engine.take_in(What::SetAside(alarms));
        }
        engine.alarms.extend(engine.model.unproven.iter().cloned());
        Ok(engine)
    }

    /// What is known.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What was known before.
    #[must_use]
    pub fn past(&self) -> &Past {
        &self.past
    }

    /// What is wrong with the journal, as it was when it was opened, one sentence each: what was set aside, and lines that
    /// prove nothing. Programs without a screen print it.
    #[must_use]
    pub fn alarms(&self) -> &[String] {
        &self.alarms
    }

    /// The recording that runs.
    #[must_use]
    pub fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// The clock that stamps events.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Shows what the program says of itself as well.
    pub fn listen(&mut self, lines: super::log::Lines) {
        self.log = Some(lines);
    }

    /// The folder of the journal, and of what else is kept.
    #[must_use]
    pub fn state(&self) -> &Path {
        self.incident.parent().unwrap_or(&self.incident)
    }

    /// Takes in what a person asks for.
    pub fn ask(&mut self, ask: Ask) {
        self.take_in(What::Asked(ask));
    }

    /// Writes the report of a pair's last incident or drill into the state folder.
    pub fn report(
        &mut self,
        by: Option<PersonName>,
        pair: PairName,
        masked: bool,
        tell: UnboundedSender<Result<String, String>>,
    ) {
        let (state, answer) = (self.state.clone(), self.answer.clone());
        let estate = self.model.estate.clone();
        self.tasks.spawn_blocking(move || {
            let result = super::reports::write(&state, &pair, &estate, masked).map(|base| base.display().to_string());
            // Why it failed is the model's to say. A console that has ended needs no answer.
            if let Ok(base) = &result {
                let _ = tell.send(Ok(format!("the report is written: {base}.md, .json and .html")));
            }
            let _ = answer.send(What::Reported { by, result });
        });
    }

    /// From now on a signal does not kill this program: what was not begun ends, and what was sent is waited for.
    pub fn heed(&mut self, signals: Signals) {
        self.signals = Some(signals);
    }

    /// Somebody watches from now on, so notices also report the readings. Not for a command that looks once.
    pub fn watch(&mut self) {
        self.model.watching = true;
    }

    /// What this terminal should show or sound for the person in front of it.
    pub fn alerts(&mut self) -> Vec<Alert> {
        self.notifier.alerts()
    }

    /// Asks every source now.
    pub fn hurry_all(&self) {
        for source in self.model.sources.keys() {
            self.feeds.hurry(source);
        }
    }

    /// Waits until something happens, and takes it in, with whatever else has happened meanwhile.
    /// May be dropped while it waits: nothing is lost.
    pub async fn next(&mut self) {
        let what = tokio::select! {
            biased;
            () = told_to_leave(self.signals.as_mut()) => What::Leave,
            Some(answer) = self.answers.recv() => answer,
            Some(heard) = self.heard.recv() => What::Heard(heard),
            Some(line) = logged(&mut self.log) => What::Logged(line),
            sign_in = self.sign_in.changed() => What::SignIn(sign_in),
            _ = self.tick.tick() => What::Tick,
            Some(armored) = rested(&mut self.found, self.rested) => return self.judge_found(armored),
        };
        self.take_in(what);
        for _ in 0..AT_ONCE {
            if let Ok(answer) = self.answers.try_recv() {
                self.take_in(answer);
            } else if let Ok(heard) = self.heard.try_recv() {
                self.take_in(What::Heard(heard));
            } else {
                break;
            }
        }
        while self.tasks.try_join_next().is_some() {}
    }

    /// Takes in a signature from the incident folder.
    fn judge_found(&mut self, armored: String) {
        let began = Instant::now();
        self.ask(Ask::Signature { armored, by: Courier::incident_folder(), of: None });
        self.rested = Instant::now() + began.elapsed() * RESTS;
    }

    /// Waits until the model shows what is waited for; false when it does not within `limit` of real time, or when a
    /// signal ends the program and nothing is under way.
    pub async fn until(&mut self, limit: std::time::Duration, mut seen: impl FnMut(&Model) -> bool) -> bool {
        let waited = tokio::time::timeout(limit, async {
            while !seen(&self.model) {
                if self.model.may_leave() {
                    return false;
                }
                self.next().await;
            }
            true
        });
        waited.await.unwrap_or_default()
    }

    /// Waits for the result of a change that is being sent, ends the feeds, and waits until the journal has everything,
    /// and a little longer for notices. Gives what there is to say of it.
    pub async fn close(mut self) -> Closed {
        // However this console ends, the result of what it sent must reach the journal: another console can only read
        // the states.
        if !self.until(LAST_OUTCOME, |m| !m.is_sending()).await {
            tracing::warn!("the program ended before it knew what came of a change");
        }
        let Self {
            mut model,
            clock,
            feeds,
            keeper,
            mut notifier,
            mut answers,
            answer,
            recorder,
            mut publishing,
            unpublished,
            incident,
            alarms,
            ..
        } = self;
        feeds.stop().await;
        if let Some(recorder) = recorder {
            let _ = tokio::task::spawn_blocking(move || recorder.finish("the console was closed")).await;
        }
        let mut trouble = unpublished;
        let kept = tokio::task::spawn_blocking(move || keeper.finish());
        if tokio::time::timeout(LAST_RECORDS, kept).await.is_err() {
            trouble.push(crate::words::journal_silent().to_owned());
        }
        // What is told last may publish a change, and what became of that is told after it.
        loop {
            while let Some(done) = publishing.join_next().await {
                trouble.extend(done.ok().flatten());
            }
            let mut heard = false;
            while let Ok(what) = answers.try_recv() {
                heard = true;
                if let What::SetAside(said) = &what {
                    trouble.extend(said.iter().filter(|said| !trouble.contains(said)).cloned().collect::<Vec<_>>());
                }
                for effect in model.update(Event { at: clock.now(), what }) {
                    match effect {
                        Effect::Notify(notice) => notifier.tell(&notice),
                        Effect::Publish(change) => publish(&mut publishing, incident.clone(), answer.clone(), change),
                        // The keeper has ended, and nothing is asked or sent any more.
                        Effect::Record(..)
                        | Effect::Sign(..)
                        | Effect::Flip(..)
                        | Effect::Launch(..)
                        | Effect::FindPoints(..)
                        | Effect::ReadBack(..)
                        | Effect::Hurry(_) => {}
                    }
                }
            }
            if !heard {
                break;
            }
        }
        trouble.extend(model.unproven.iter().filter(|line| !alarms.contains(line)).cloned());
        let Unsent { lost, kept } = notifier.finish(LAST_NOTICES).await;
        trouble.extend(lost);
        Closed { trouble, told_later: kept }
    }

    /// Tells the feeds how urgent things are, and the model what asking costs, once a tick.
    fn pace(&mut self) {
        self.feeds.set_urgent(self.model.is_urgent());
        let spending = self.feeds.spending();
        if self.model.spending != Some(spending) {
            self.take(What::Spending(spending));
        }
    }

    fn take_in(&mut self, what: What) {
        let ticked = matches!(what, What::Tick);
        self.take(what);
        if ticked {
            self.notifier.collect();
            self.pace();
            self.keep_warm();
        }
    }

    /// Keeps the roles to act of open changes, and tells how they stand.
    fn keep_warm(&mut self) {
        self.warm.follow(&self.model, &self.here);
        for sign_in in self.warm.news(&self.model.sign_ins) {
            self.take(What::SignIn(sign_in));
        }
    }

    fn take(&mut self, what: What) {
        let event = Arc::new(Event { at: self.clock.now(), what });
        if let Some(recorder) = &self.recorder {
            recorder.event(&event);
        }
        self.past.keep(&self.model, &event);
        for effect in self.model.update(Event::clone(&event)) {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Record(id, record) => {
                let Anchor { line, head: hash, .. } = self.model.anchor;
                self.keeper.keep(id, record, self.model.now, Head { line, hash });
            }
            Effect::Sign(id, errand) => {
                let (signer, answer, at) = (self.signer.clone(), self.answer.clone(), self.model.now.wall);
                self.tasks.spawn(async move {
                    let nobody = || "nobody's key is here".to_owned();
                    let signing = tokio::task::spawn_blocking(move || signer.ok_or_else(nobody)?.sign(&errand, at));
                    let signed = signing.await.unwrap_or_else(|e| Err(e.to_string()));
                    let _ = answer.send(What::Signed(id, signed));
                });
            }
            Effect::Flip(id, order) => {
                let cluster = self.cluster.clone();
                let acting = self.warm.acting(&self.model, order.change);
                let uncertain = FlipOutcome { end: FlipEnd::Uncertain, attempts: Vec::new() };
                let owed = Owed::new(self.answer.clone(), What::Flipped(id, uncertain));
                self.tasks.spawn(async move {
                    acting.ready().await;
                    owed.pay(What::Flipped(id, cluster.flip(&order, &acting, FLIP_DEADLINE).await));
                });
            }
            Effect::Launch(id, order) => {
                let acting = self.warm.acting(&self.model, order.change);
                let uncertain = LaunchEnd::Uncertain { why: crate::words::unanswered() };
                let owed = Owed::new(self.answer.clone(), What::LaunchAnswered(id, uncertain));
                self.tasks.spawn(async move {
                    acting.ready().await;
                    owed.pay(What::LaunchAnswered(id, crate::launch::launch(&acting, &order).await));
                });
            }
            Effect::FindPoints(id, order) => {
                let sdk = self.warm.looking();
                let lost = Failure { kind: FailureKind::Garbled, why: crate::words::unanswered() };
                let owed = Owed::new(self.answer.clone(), What::Points(id, Err(lost)));
                self.tasks.spawn(async move {
                    let found = crate::feeds::points(&sdk, &order.site, &order.servers, order.at).await;
                    owed.pay(What::Points(id, found));
                });
            }
            Effect::ReadBack(id, controls, skip) => {
                let (cluster, answer) = (self.cluster.clone(), self.answer.clone());
                self.tasks.spawn(async move {
                    let mut reads = cluster.read_back(controls, skip);
                    while let Some(read) = reads.recv().await {
                        let _ = answer.send(What::ReadBack(id, read));
                    }
                });
            }
            Effect::Hurry(source) => self.feeds.hurry(&source),
            Effect::Notify(notice) => self.notifier.tell(&notice),
            Effect::Publish(publication) => {
                while let Some(done) = self.publishing.try_join_next() {
                    self.unpublished.extend(done.ok().flatten());
                }
                publish(&mut self.publishing, self.incident.clone(), self.answer.clone(), publication);
            }
        }
    }

    /// Looks for signatures in the incident folder, several times a second.
    fn watch_folder(&mut self, mut folder: Folder, find: mpsc::Sender<String>) {
        self.tasks.spawn(async move {
            let mut pause = tokio::time::interval(LOOK);
            pause.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut waiting: VecDeque<crate::signing::Found> = VecDeque::new();
            loop {
                // Judged one at a time, the newest first: what somebody has just put there must not wait behind rubbish.
                tokio::select! {
                    biased;
                    _ = pause.tick() => {}
                    room = find.reserve(), if !waiting.is_empty() => {
                        let Ok(room) = room else { return };
                        if let Some(found) = waiting.pop_back() {
                            room.send(found.armored);
                        }
                        continue;
                    }
                }
                let scan = tokio::task::spawn_blocking(move || {
                    let found = folder.scan();
                    (folder, found)
                });
                let Ok((back, found)) = scan.await else { return };
                folder = back;
                let found = match found {
                    Ok(found) => found,
                    Err(error) => {
                        tracing::warn!(%error, "look into the incident folder");
                        continue;
                    }
                };
                waiting.extend(found);
                waiting.drain(..waiting.len().saturating_sub(crate::signing::MOST_SIGNATURES));
            }
        });
    }
}

/// Puts a change into the incident folder, in a thread of its own.
fn publish(to: &mut JoinSet<Option<String>>, incident: PathBuf, answer: UnboundedSender<What>, change: Publication) {
    to.spawn_blocking(move || {
        let Publication { text, signature, estate, .. } = change;
        let put = Folder::open(&incident).and_then(|folder| folder.publish(&text, &signature, &estate));
        // People who wait for the file to be found there must learn that it cannot be.
        let said = put.err().map(|error| format!("the change is not in the incident folder: {error}"))?;
        let _ = answer.send(What::SetAside(vec![said.clone()]));
        Some(said)
    });
}

/// The journal and its last line.
pub(super) fn anchor_of(journal: &Journal) -> Anchor {
    let head = journal.head();
    Anchor { journal: journal.identity(), line: head.line, head: head.hash }
}

/// The next signature from the incident folder, not before `until`.
async fn rested(found: &mut mpsc::Receiver<String>, until: Instant) -> Option<String> {
    tokio::time::sleep_until(until).await;
    found.recv().await
}

/// Until a signal comes; for ever where none is listened for.
async fn told_to_leave(signals: Option<&mut Signals>) {
    match signals {
        Some(signals) => signals.wait().await,
        None => std::future::pending().await,
    }
}

/// The next line of the log; none for ever where nobody listens.
async fn logged(lines: &mut Option<super::log::Lines>) -> Option<crate::event::LogLine> {
    match lines {
        Some(lines) => lines.recv().await,
        None => None,
    }
}

/// The estate with nothing to watch but its cluster.
fn arc_alone(estate: &Estate) -> Estate {
    let mut estate = estate.clone();
    estate.systems.clear();
    estate.health_checks.clear();
    estate.resolvers.clear();
    for service in &mut estate.services {
        service.probes.clear();
    }
    estate
}
