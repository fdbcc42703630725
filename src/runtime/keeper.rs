//! The journal's own thread: appends in the order asked, each flushed before it is answered.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::change::Anchor;
use crate::effect::EffectId;
use crate::event::What;
use crate::journal::{Head, IntentRefused, Journal, JournalError};
use crate::record::Record;
use crate::time::Stamp;

/// How often lines of other programs are looked for.
const LOOK: Duration = Duration::from_millis(500);

/// A record to be kept.
struct Asked {
    id: EffectId,
    record: Record,
    at: Stamp,
    /// The journal's line up to which all was heard when it was decided.
    heard: Head,
}

/// A way to have records kept. Dropping it ends the thread when everything asked for has been kept.
pub struct Keeper {
    queue: Sender<Asked>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread; answers go to `answers`. A journal that was opened to look is followed, and takes nothing.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(journal: Option<Journal>, answers: UnboundedSender<What>) -> std::io::Result<Self> {
        let (queue, asked) = channel();
        let thread =
            std::thread::Builder::new().name("journal".into()).spawn(move || run(journal, &asked, &answers))?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Asks for a record to be kept that was decided when the journal's lines up to `heard` were known.
    pub fn keep(&self, id: EffectId, record: Record, at: Stamp, heard: Head) {
        // The thread outlives every sender, so this cannot fail while it could matter.
        let _ = self.queue.send(Asked { id, record, at, heard });
    }

    /// Waits until everything asked for has been kept.
    pub fn finish(mut self) {
        let thread = self.thread.take();
        drop(self);
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

fn run(journal: Option<Journal>, asked: &Receiver<Asked>, answers: &UnboundedSender<What>) {
    let Some(journal) = journal else {
        while let Ok(Asked { id, .. }) = asked.recv() {
            let _ = answers.send(What::RecordFailed(id, "this console is read-only".into()));
        }
        return;
    };
    let mut desk = Desk { journal, answers, trouble: None, anchored: None };
    let mut looked = Instant::now();
    loop {
        match asked.recv_timeout(LOOK) {
            Ok(asked) => desk.append(asked),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            desk.catch_up();
        }
    }
}

/// The journal, and who hears of it.
struct Desk<'a> {
    journal: Journal,
    answers: &'a UnboundedSender<What>,
    /// Why it could not be read, said once.
    trouble: Option<String>,
    /// The last line that was told of: it changes also where a file was cut, and nothing came after.
    anchored: Option<Anchor>,
}

impl Desk<'_> {
    fn say(&self, what: What) {
        // Nobody listens only where the program ends.
        let _ = self.answers.send(what);
    }

    fn append(&mut self, Asked { id, record, at, heard }: Asked) {
        match self.journal.append_knowing(heard, record, at) {
            Ok(appended) => {
                if !appended.elsewhere.is_empty() {
                    self.say(What::Elsewhere(appended.elsewhere));
                }
                // The line counts as heard when the record has been folded, and not before.
                self.say(if appended.already { What::Already(id) } else { What::Recorded(id) });
                self.anchor();
            }
            Err(error) => {
                // What others wrote is why, more often than not: it is heard first.
                self.catch_up();
                self.say(match error {
                    JournalError::Intent { why: IntentRefused::Overtaken, .. } => What::Overtaken(id),
                    error => match error.was_second() {
                        Some(why) => What::Lost(id, why),
                        None => What::RecordFailed(id, error.to_string()),
                    },
                });
            }
        }
        self.tell();
    }

    fn catch_up(&mut self) {
        match self.journal.catch_up() {
            Ok(elsewhere) => {
                self.trouble = None;
                if !elsewhere.is_empty() {
                    self.say(What::Elsewhere(elsewhere));
                }
                self.anchor();
            }
            Err(error) => {
                let error = format!("other consoles cannot be followed: {error}");
                if self.trouble.as_ref() != Some(&error) {
                    self.say(What::SetAside(vec![error.clone()]));
                    self.trouble = Some(error);
                }
            }
        }
        self.tell();
    }

    /// Says which line is the last, where that is news.
    fn anchor(&mut self) {
        let anchor = super::engine::anchor_of(&self.journal);
        if self.anchored.as_ref() != Some(&anchor) {
            self.anchored = Some(anchor.clone());
            self.say(What::Anchored(anchor));
        }
    }

    fn tell(&mut self) {
        let alarms = self.journal.alarms();
        if !alarms.is_empty() {
            self.say(What::SetAside(alarms));
        }
    }
}
