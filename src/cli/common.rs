//! What several subcommands ask for: the estate, the state folder, the person, the log.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::{WrapErr as _, eyre};

use super::config::Config;
use super::exit::{Exit, asked};
use super::io::{ask_secret, complain};
use crate::aws::Sdk;
use crate::estate::{Estate, PairName};
use crate::files;
use crate::hygiene::shell;
use crate::journal::JournalError;
use crate::runtime::{Clock, Closed, Engine, Options, Signals, Signer, log};
use crate::time::Span;

/// How long a person's key and the journal usually take at most.
pub(super) const USUALLY: Duration = Duration::from_secs(75);
/// How long a command waits for the journal.
const LONGEST: Duration = Duration::from_secs(290);
/// How long it does so after a signal told it to end.
const AFTER_SIGNAL: Duration = Duration::from_secs(5);

/// Which estate, and where its journal is.
#[derive(Clone, Debug, Args)]
pub struct EstateArgs {
    /// The estate file.
    #[arg(long, value_name = "FILE", env = "SIGNALBOX_ESTATE")]
    pub estate: PathBuf,
    /// The folder with the journal and the incident folder [default: your state folder, by the estate's name].
    #[arg(long, value_name = "DIR", env = "SIGNALBOX_STATE")]
    pub state: Option<PathBuf>,
}

impl EstateArgs {
    /// Reads the estate file.
    pub fn load(&self) -> Result<Arc<Estate>> {
        let name = self.estate.display().to_string();
        let bytes = files::read_bounded(&self.estate, files::ESTATE)
            .wrap_err_with(|| format!("failed to read the estate file {name}"))?;
        let text = crate::fault::text(bytes, &name).wrap_err("failed to understand the estate file")?;
        Ok(Arc::new(Estate::parse(&text, &name).wrap_err("failed to understand the estate file")?))
    }

    /// The flags again that were given, as a shell takes them, each after a blank: the environment says the rest.
    #[must_use]
    pub fn flags(&self) -> String {
        let told = |name: &str, path: &Path| env_path(name).as_deref() == Some(path);
        let estate = Some(("--estate", &self.estate)).filter(|(_, path)| !told("SIGNALBOX_ESTATE", path));
        let state = self.state.as_ref().map(|path| ("--state", path));
        let state = state.filter(|(_, path)| !told("SIGNALBOX_STATE", path));
        let given = estate.into_iter().chain(state);
        given.map(|(flag, path)| format!(" {flag} {}", shell::path(path))).collect()
    }

    /// The state folder.
    pub fn state(&self, estate: &Estate) -> Result<PathBuf> {
        if let Some(state) = &self.state {
            return Ok(state.clone());
        }
        let base = env_path("XDG_STATE_HOME")
            .or_else(|| env_path("HOME").map(|h| h.join(".local/state")))
            .ok_or_else(|| eyre!("failed to find a place for the journal: give one with --state DIR"))?;
        let name: String = estate.name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        Ok(base.join("signalbox").join(name))
    }
}

/// How a command ends that a signal ended before it had begun; none where none came.
pub(super) fn left(engine: &Engine) -> Option<Exit> {
    engine.model().leaving.then(|| {
        complain!("signalbox: {}", crate::words::ended_by_signal());
        Exit::Refused
    })
}

/// The folder of the user's own settings and themes: `$XDG_CONFIG_HOME/signalbox` or `~/.config/signalbox`.
pub fn config_folder() -> Option<PathBuf> {
    let base = env_path("XDG_CONFIG_HOME").or_else(|| env_path("HOME").map(|h| h.join(".config")))?;
    Some(base.join("signalbox"))
}

pub(super) fn env_path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from)
}

/// AWS clients with this machine's credentials. Where these take an MFA code, it is asked for at the terminal, now:
/// later there is a screen on it.
pub async fn sdk(estate: &Estate) -> Sdk {
    Sdk::load_asking(estate, Arc::new(ask_secret)).await
}

/// Opens an engine without a screen. Without anybody's keys it looks on, and writes nothing.
pub async fn engine(estate: Arc<Estate>, state: PathBuf, only_arc: bool, signer: Option<Signer>) -> Result<Engine> {
    let sdk = sdk(&estate).await;
    // Whoever waits for answers waits for ARC's, and not for a sign-in: that has its own time.
    sdk.signed_in().await;
    let tick = Span::from_millis(50);
    let look_on = signer.is_none().then(|| "this command only looks".to_owned());
    let options = Options { estate, sdk, clock: Clock::real(), state, only_arc, tick, look_on, signer };
    let engine = Engine::open(options).wrap_err("failed to start")?;
    engine.alarms().iter().for_each(|alarm| complain!("signalbox: {}", crate::hygiene::visible(alarm)));
    Ok(engine)
}

/// Opens an engine that must be able to write: a damaged journal ends the command before anything is asked, and from then
/// on a signal ends only what has not begun.
pub async fn open_to_write(
    estate: Arc<Estate>,
    state: PathBuf,
    only_arc: bool,
    signer: Option<Signer>,
) -> Result<std::result::Result<Engine, Exit>> {
    let signals = Signals::new().wrap_err("failed to listen for signals")?;
    let mut engine = match engine(estate, state, only_arc, signer).await {
        Ok(engine) => engine,
        Err(error) if error.chain().any(|e| e.is::<JournalError>()) => {
            complain!("signalbox: {}; nothing was changed", crate::hygiene::visible(&format!("{error:#}")));
            return Ok(Err(Exit::Journal));
        }
        Err(error) => return Err(error),
    };
    engine.heed(signals);
    let Some(why) = engine.model().read_only.clone() else { return Ok(Ok(engine)) };
    engine.close().await;
    complain!("signalbox: {}; nothing was changed", crate::hygiene::visible(&why));
    Ok(Err(Exit::Journal))
}

/// Ends an engine, and says what went wrong on the way: who was not told, what of the journal was set aside.
pub async fn close(engine: Engine) {
    tell(&engine.close().await);
}

/// Says what went wrong while an engine was closed.
pub fn tell(closed: &Closed) {
    closed.all().for_each(|trouble| complain!("signalbox: {}", crate::hygiene::visible(trouble)));
}

/// The journal that is meant when none is named: the state folder of environment or settings, or of their estate.
pub fn usual_state(settings: &Config) -> Option<PathBuf> {
    let of = |env: &str, name: &str| env_path(env).or_else(|| settings.get(name).map(|g| PathBuf::from(&g.value)));
    of("SIGNALBOX_STATE", "state").or_else(|| {
        let args = EstateArgs { estate: of("SIGNALBOX_ESTATE", "estate")?, state: None };
        args.load().and_then(|estate| args.state(&estate)).ok()
    })
}

/// The pair asked for, or the file's first.
pub fn pair(estate: &Estate, given: Option<&str>) -> Result<PairName> {
    let names: Vec<_> = estate.pairs.iter().map(|p| p.name.as_str()).collect();
    match given {
        Some(name) => estate
            .pair(&PairName::from(name))
            .map(|p| p.name.clone())
            .ok_or_else(|| asked(format!("failed to find pair `{name}`; the estate has {}", names.join(", ")))),
        None => estate.pairs.first().map(|p| p.name.clone()).ok_or_else(|| eyre!("the estate has no region pair")),
    }
}

/// Writes the program's own log to a file in the state folder, never to the terminal. If there can be no file, as on a
/// read-only disk, only the screen shows the log: that must not keep anybody from looking.
pub fn log_to(state: &Path) -> (Option<tracing_appender::non_blocking::WorkerGuard>, log::Lines) {
    use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
    use tracing_subscriber::util::SubscriberInitExt as _;

    let file = log::DayFile::open(state);
    let none = file.as_ref().err().map(ToString::to_string);
    let (writer, guard) = file.ok().map(tracing_appender::non_blocking).unzip();
    let filter = tracing_subscriber::EnvFilter::try_from_env("SIGNALBOX_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,signalbox=info"));
    let (to_screen, lines) = log::layer();
    let to_file = writer.map(|writer| {
        // What the layer itself cannot write it would tell the terminal, and panic where that has gone.
        tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false).log_internal_errors(false)
    });
    let both = tracing_subscriber::Layer::and_then(to_file, to_screen).with_filter(filter);
    let _ = tracing_subscriber::registry().with(both).try_init();
    if let Some(why) = none {
        tracing::warn!(folder = %state.display(), why, "no log is written: only this screen shows it");
    }
    (guard, lines)
}

/// Waits until every key and the journal have answered: what a command says at its end, and its exit code, must not be
/// overtaken by what it still had to be told. A key may take its time, until a signal ends the wait. The journal may take
/// minutes, and a moment after a signal.
///
/// # Errors
/// How the command ends that gives up on the journal; that is said.
pub(super) async fn answered(engine: &mut Engine) -> std::result::Result<(), Exit> {
    let begun = Instant::now();
    loop {
        engine.until(USUALLY, |m| !m.is_busy() || m.leaving).await;
        if engine.model().leaving {
            engine.until(AFTER_SIGNAL, |m| !m.is_busy()).await;
        }
        let model = engine.model();
        if !model.is_busy() {
            return Ok(());
        } else if model.leaving || (model.waits_for_the_journal() && begun.elapsed() > LONGEST) {
            complain!("signalbox: {}", crate::words::journal_silent());
            return Err(Exit::Journal);
        }
        complain!("signalbox: still waiting: a key, or the disk of the journal, has not answered");
    }
}
