//! The recording of a console: what makes its screens goes into a file, for `signalbox replay`.
//!
//! Its own thread writes, from a queue with a limit. If the disk is so slow that the queue fills up, the recording ends
//! and says so. The loop, and so every flip, never waits for it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use ratatui::layout::Rect;
use serde::Serialize;

use crate::estate::{Estate, Notify};
use crate::event::Event;
use crate::model::Model;
use crate::replay::{Header, Line, Step, VERSION};
use crate::ui::{Screen, ThemeOffer, Written};

/// Steps that may wait for the disk.
const MOST_WAITING: usize = 4096;
/// What they may weigh, in bytes.
const MOST_WEIGHT: usize = 16 * 1024 * 1024;
/// How long the file may lag behind the screen while nothing happens.
const FLUSH: Duration = Duration::from_millis(100);
/// How long the end of the program waits for the disk.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the thread writes.
enum Item {
    /// The first line, and what no line may hold.
    Header(Box<Header>, Vec<String>),
    Step(u64, Step<Arc<Event>>, usize),
}

struct End {
    why: String,
    is_trouble: bool,
}

struct Shared {
    queue: SyncSender<Item>,
    /// What waits, in bytes.
    waiting: Arc<AtomicUsize>,
    ended: Arc<OnceLock<End>>,
    done: Mutex<Receiver<()>>,
    began: Instant,
}

/// A recording that runs. Copies of it write into the same file.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

impl Recorder {
    /// Begins a recording in a new file that only its owner may read.
    ///
    /// # Errors
    /// When the file exists and is not to be overwritten, or cannot be made.
    pub fn create(path: &Path, overwrite: bool) -> io::Result<Self> {
        if overwrite {
            // A new file, not the old one's content replaced: its owner, mode and links are of no concern.
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        let file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        Self::into_writer(file)
    }

    /// Begins a recording that goes somewhere else.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn into_writer(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, items) = sync_channel(MOST_WAITING);
        let (tell, done) = sync_channel(1);
        let waiting = Arc::new(AtomicUsize::new(0));
        let ended = Arc::new(OnceLock::new());
        let began = Instant::now();
        let writer = Writer {
            out: BufWriter::new(out),
            waiting: waiting.clone(),
            ended: ended.clone(),
            began,
            secrets: Vec::new(),
        };
        std::thread::Builder::new().name("recording".into()).spawn(move || {
            writer.run(&items);
            let _ = tell.send(());
        })?;
        let shared = Arc::new(Shared { queue, waiting, ended, done: Mutex::new(done), began });
        Ok(Self { shared })
    }

    /// The model has been made and has taken nothing in yet.
    pub fn begin(&self, model: &Model) {
        // A replay sends no notices, and a webhook's URL lets anyone who knows it write there. A command's arguments
        // may hold such a URL too.
        let mut estate = Estate::clone(&model.estate);
        let secrets = secrets(&estate);
        estate.notify.retain(|notify| notify.webhook.is_none() && notify.command.is_none());
        let estate = match estate.to_toml() {
            Ok(estate) => estate,
            Err(error) => return self.end(&format!("the estate cannot be written: {error}"), true),
        };
        let header = Header {
            signalbox: crate::replay::KIND.to_owned(),
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            opened: model.now,
            boot: model.boot.clone(),
            read_only: model.read_only.clone(),
            estate,
        };
        self.send(Item::Header(Box::new(header), secrets), 0);
    }

    /// The model is about to take an event in.
    pub fn event(&self, event: &Arc<Event>) {
        let weight = event.weight();
        self.step(Step::Event(event.clone()), weight);
    }

    /// A screen has been made.
    pub fn screen(&self, screen: &Screen) {
        self.step(Step::Screen(Box::new(Written::from(screen))), 0);
    }

    /// The screen is about to be offered these themes, because a file of them was saved.
    pub fn themes(&self, offers: &[ThemeOffer]) {
        self.step(Step::Themes(offers.to_vec()), 0);
    }

    /// The screen is about to be told whether the terminal's ground is light.
    pub fn ground(&self, light: bool) {
        self.step(Step::Ground(light), 0);
    }

    /// The screen is about to take an input in.
    pub fn input(&self, input: &crossterm::event::Event) {
        let weight = if let crossterm::event::Event::Paste(text) = input { text.len() } else { 0 };
        self.step(Step::Input(input.clone()), weight);
    }

    /// The same for what came together with more.
    pub fn at_once(&self, input: &crossterm::event::Event) {
        self.step(Step::AtOnce(input.clone()), 0);
    }

    /// The screen is about to be drawn.
    pub fn drawn(&self, area: Rect) {
        self.step(Step::Drawn(area.width, area.height), 0);
    }

    /// What went wrong, once the recording has ended because of it.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.shared.ended.get().filter(|end| end.is_trouble).map(|end| end.why.as_str())
    }

    /// Ends the recording and waits until it is written, but not long.
    pub fn finish(&self, why: &str) {
        self.end(why, false);
        let done = self.shared.done.lock().unwrap_or_else(PoisonError::into_inner);
        if done.recv_timeout(PATIENCE).is_err() {
            tracing::warn!("the recording's disk is slow: its end is left to chance");
        }
    }

    fn step(&self, step: Step<Arc<Event>>, weight: usize) {
        let ms = u64::try_from(self.shared.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.send(Item::Step(ms, step, weight), weight);
    }

    fn send(&self, item: Item, weight: usize) {
        if self.shared.ended.get().is_some() {
            return;
        }
        let waiting = self.shared.waiting.fetch_add(weight, Ordering::Relaxed) + weight;
        // A single step may be heavier than all that may wait: a journal of many years, at the start.
        let heavy = waiting > MOST_WEIGHT && waiting > weight;
        match if heavy { Err(TrySendError::Full(item)) } else { self.shared.queue.try_send(item) } {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => self.end("the disk was too slow for it", true),
            Err(TrySendError::Disconnected(_)) => self.end("its thread is gone", true),
        }
    }

    fn end(&self, why: &str, is_trouble: bool) {
        let _ = self.shared.ended.set(End { why: why.to_owned(), is_trouble });
        if is_trouble && let Some(why) = self.trouble() {
            tracing::error!(why, "the recording has ended");
        }
    }
}

struct Writer<W: Write> {
    out: BufWriter<W>,
    waiting: Arc<AtomicUsize>,
    ended: Arc<OnceLock<End>>,
    began: Instant,
    secrets: Vec<String>,
}

/// What lets people write to the estate's webhooks, as it would appear in a line: the URLs, those from the environment
/// too, and the parts after their hosts.
fn secrets(estate: &Estate) -> Vec<String> {
    let url = |n: &Notify| match (&n.webhook, &n.webhook_env) {
        (Some(url), _) => Some(url.reveal().to_owned()),
        (None, Some(name)) => std::env::var(name).ok(),
        (None, None) => None,
    };
    let mut all = Vec::new();
    for url in estate.notify.iter().filter_map(url) {
        let behind = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path.to_owned());
        // A short text also appears inside other words.
        all.extend([Some(url), behind.filter(|path| path.len() >= 8)].into_iter().flatten());
    }
    let spelt = |text: String| serde_json::to_string(text.trim()).map(|json| json.trim_matches('"').to_owned());
    all.into_iter().filter_map(|text| spelt(text).ok()).filter(|text| !text.is_empty()).collect()
}

impl<W: Write> Writer<W> {
    fn run(mut self, items: &Receiver<Item>) {
        if let Err(error) = self.write_all(items) {
            let why = format!("its file cannot be written: {error}");
            let _ = self.ended.set(End { why, is_trouble: true });
        }
    }

    fn write_all(&mut self, items: &Receiver<Item>) -> io::Result<()> {
        loop {
            match items.recv_timeout(FLUSH) {
                Ok(Item::Header(header, secrets)) => {
                    self.secrets = secrets;
                    self.line(&header)?;
                }
                Ok(Item::Step(ms, step, weight)) => {
                    self.line(&Line { ms, step: step.by_ref() })?;
                    self.waiting.fetch_sub(weight, Ordering::Relaxed);
                }
                Err(why) => {
                    // Everything that was handed over before the end is written by now.
                    let end = self.ended.get().map(|end| end.why.clone());
                    let gone = (why == RecvTimeoutError::Disconnected).then(|| "nobody records any more".to_owned());
                    if let Some(why) = end.or(gone) {
                        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
                        self.line(&Line { ms, step: Step::<Event>::End(why) })?;
                        return self.out.flush();
                    }
                    self.out.flush()?;
                }
            }
        }
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_string(line)?;
        for secret in &self.secrets {
            if text.contains(secret) {
                text = text.replace(secret, "…");
            }
        }
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")
    }
}
