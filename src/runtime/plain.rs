//! The console without a screen: an engine with lines going out and commands coming in.
//!
//! A thread of its own writes standard output from a bounded queue. A reader that does not read holds up only that
//! thread, and is told later how many lines it missed. Standard input has a thread too, because reading it cannot be
//! cancelled.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};

use super::console::SecondPerson;
use super::engine::Engine;
use super::signals::Signals;
use crate::change::Nonce;
use crate::event::Ask;
use crate::hygiene::print;
use crate::plain::{Act, Plain};

/// Looks for changes are at least this far apart.
const LOOK: Duration = Duration::from_millis(200);
/// Lines that may wait for a reader.
const MOST_LINES: usize = 4000;
/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 8 * 1024;
/// Lines that were typed and wait.
const MOST_TYPED: usize = 64;
/// Lines of a keyboard that come nearer to each other were pasted.
const TOGETHER: Duration = Duration::from_millis(100);
/// How long the end waits for a reader.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Runs the plain console until its person leaves, a signal ends it, or nobody reads it any more.
///
/// # Errors
/// When a thread cannot be started.
pub async fn run(engine: &mut Engine, mut plain: Plain, second: Option<SecondPerson>) -> io::Result<()> {
    engine.watch();
    let mut stop = Signals::new()?;
    let mut out = Output::start()?;
    let mut typed = if io::stdin().is_terminal() { at_a_keyboard(read_lines()?) } else { piped(read_lines()?) };
    let mut reading = true;
    let rings = io::stdout().is_terminal();
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    out.say(plain.greeting(engine.model()));
    let mut dirty = true;
    loop {
        tokio::select! {
            biased;
            () = stop.wait() => break,
            () = out.gone() => break,
            line = typed.recv(), if reading => match line {
                Some(line) => {
                    let acts = match line {
                        Typed::Alone(line) => plain.command(engine.model(), &line),
                        Typed::WithOthers(line) => plain.pasted(engine.model(), &line),
                    };
                    if carry_out(acts, engine, &mut out, second.as_ref()) {
                        break;
                    }
                    dirty = true;
                }
                // Ctrl-D at a keyboard is a farewell; the end of a pipe only ends the commands.
                None if io::stdin().is_terminal() => break,
                None => reading = false,
            },
            _ = looks.tick(), if dirty => {
                out.say(plain.follow(engine.model()));
                dirty = false;
                let bell = engine.alerts().iter().any(|alert| alert.osc.is_none());
                if bell && rings {
                    out.ring();
                }
            }
            () = engine.next() => dirty = true,
        }
    }
    out.say(plain.follow(engine.model()));
    out.finish().await;
    Ok(())
}

/// Does what a typed line wants; true when it wants to end.
fn carry_out(acts: Vec<Act>, engine: &mut Engine, out: &mut Output, second: Option<&SecondPerson>) -> bool {
    for act in acts {
        match act {
            Act::Say(line) => out.say(vec![line]),
            Act::Ask(ask) => engine.ask(ask),
            Act::Propose { by, draft } => match super::random_bits() {
                Some(bits) => engine.ask(Ask::Propose { by, draft, nonce: Nonce(bits) }),
                None => out.say(vec!["The system has no random bits: nothing can be proposed.".into()]),
            },
            Act::ActAsSecond { by, change } => {
                let signed = second.ok_or_else(|| "there is no second person here".to_owned());
                match signed.and_then(|second| second.sign(engine, &by, &change)) {
                    Ok(ask) => engine.ask(ask),
                    Err(why) => out.say(vec![format!("Not signed: {}.", crate::hygiene::visible(&why))]),
                }
            }
            Act::Hurry => engine.hurry_all(),
            Act::Quit => return true,
        }
    }
    false
}

/// A line of standard input.
enum Typed {
    /// Nothing else came with it, or lines come together on purpose.
    Alone(String),
    /// It came together with others: somebody pasted them.
    WithOthers(String),
}

/// A line as it was read.
struct Read {
    text: String,
    /// The next one was there already.
    more: bool,
}

/// Lines of a pipe: however many come together, each was meant.
fn piped(mut lines: mpsc::Receiver<Read>) -> mpsc::Receiver<Typed> {
    let (send, typed) = mpsc::channel(MOST_TYPED);
    tokio::spawn(async move {
        while let Some(line) = lines.recv().await {
            if send.send(Typed::Alone(line.text)).await.is_err() {
                return;
            }
        }
    });
    typed
}

/// Lines of a keyboard. Each waits a moment for a next one: nobody types two so fast.
fn at_a_keyboard(mut lines: mpsc::Receiver<Read>) -> mpsc::Receiver<Typed> {
    let (send, typed) = mpsc::channel(MOST_TYPED);
    tokio::spawn(async move {
        let mut waits = lines.recv().await;
        let mut with_others = false;
        while let Some(line) = waits {
            let next = tokio::time::timeout(TOGETHER, lines.recv()).await;
            let one_more = line.more || matches!(next, Ok(Some(_)));
            let alone = !with_others && !one_more;
            let line = if alone { Typed::Alone(line.text) } else { Typed::WithOthers(line.text) };
            if send.send(line).await.is_err() {
                return;
            }
            with_others = one_more;
            waits = match next {
                Ok(next) => next,
                Err(_) => lines.recv().await,
            };
        }
    });
    typed
}

/// What is typed or piped in, line by line.
fn read_lines() -> io::Result<mpsc::Receiver<Read>> {
    let (send, lines) = mpsc::channel(MOST_TYPED);
    std::thread::Builder::new().name("typed".into()).spawn(move || {
        let mut stdin = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            match stdin.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            // The rest of a line that is far too long is no line of its own.
            let cut = !line.ends_with(b"\n") && line.len() as u64 == LONGEST_LINE;
            if cut && stdin.skip_until(b'\n').is_err() {
                return;
            }
            // A terminal counts whole lines only, and gives one at a time.
            let more = rustix::io::ioctl_fionread(&stdin).is_ok_and(|bytes| bytes > 0);
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if send.blocking_send(Read { text, more }).is_err() {
                return;
            }
        }
    })?;
    Ok(lines)
}

/// What goes out.
enum Sound {
    Text(String),
    Bell,
}

/// Standard output.
struct Output {
    queue: SyncSender<Sound>,
    gone: Arc<Notify>,
    ended: Receiver<()>,
    missed: usize,
}

impl Output {
    fn start() -> io::Result<Self> {
        let (queue, lines) = sync_channel::<Sound>(MOST_LINES);
        let (end, ended) = sync_channel(1);
        let gone = Arc::new(Notify::new());
        let tell = gone.clone();
        std::thread::Builder::new().name("lines".into()).spawn(move || {
            let mut out = print::stdout();
            while let Ok(sound) = lines.recv() {
                let told = match sound {
                    Sound::Text(text) => out.write_all(text.as_bytes()).and_then(|()| out.flush()),
                    Sound::Bell => print::bell(),
                };
                if told.is_err() {
                    break;
                }
            }
            let _ = end.send(());
            // Kept until somebody asks.
            tell.notify_one();
        })?;
        Ok(Self { queue, gone, ended, missed: 0 })
    }

    fn say(&mut self, lines: Vec<String>) {
        for line in lines {
            if self.missed > 0 {
                let missed = format!("({} lines were left out because nobody read them)\n", self.missed);
                if self.queue.try_send(Sound::Text(missed)).is_ok() {
                    self.missed = 0;
                }
            }
            let sound = Sound::Text(format!("{line}\n"));
            if self.missed > 0 || matches!(self.queue.try_send(sound), Err(TrySendError::Full(_))) {
                self.missed += 1;
            }
        }
    }

    fn ring(&self) {
        let _ = self.queue.try_send(Sound::Bell);
    }

    /// Waits until nobody reads any more.
    async fn gone(&self) {
        self.gone.notified().await;
    }

    async fn finish(self) {
        let Self { queue, ended, .. } = self;
        drop(queue);
        let wait = move || matches!(ended.recv_timeout(LAST_LINES), Err(RecvTimeoutError::Timeout));
        if tokio::task::spawn_blocking(wait).await.unwrap_or(false) {
            tracing::warn!("the last lines were not read");
        }
    }
}
