//! `signalbox demo`: the console on the embedded simulator, with two throw-away people.
//!
//! It is the real console, on an ordinary estate file. Only the endpoints in that file are the simulator's, and the
//! keys of its two people are made here and thrown away.

use std::path::{Path, PathBuf};

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::{WrapErr as _, eyre};

use super::common::log_to;
use super::config::Config;
use super::exit::Exit;
use super::io::say;
use super::known::SCENARIOS;
use super::look::LookArgs;
use super::plain::{self, PlainArgs};
use super::record::RecordArgs;
use super::sim::TemperArgs;
use crate::aws::{Credentials, Sdk};
use crate::change::{ApproveHint, Hands};
use crate::estate::{Estate, PersonName};
use crate::event::Ask;
use crate::runtime::console::SecondPerson;
use crate::runtime::{Clock, Engine, Options, Recorder, Signer};
use crate::signing::Ring;
use crate::sim::{Sim, SimOptions, Temper};
use crate::time::Span;
use crate::ui::{Mode, Screen, Setup};

/// Tries the console on the embedded simulator.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// What goes wrong: a shipped scenario (calm, region-outage, brownout, replication-stall, endpoints-dark,
    /// certificate, log-shipping, oplog, drs-stalled, canary, drift), or a scenario file.
    #[arg(long, value_name = "NAME|FILE", default_value = "region-outage", value_parser = SCENARIOS, hide_possible_values = true)]
    scenario: String,
    /// How many times faster than real time the world and the console's clock run.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    speed: f64,
    /// The estate to play on [default: the shipped guiding-care estate].
    #[arg(long, value_name = "FILE")]
    estate: Option<PathBuf>,
    /// The folder for the demo's estate file, keys and journal [default: a new temporary folder].
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    temper: TemperArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    plain: PlainArgs,
    #[command(flatten)]
    record: RecordArgs,
}

/// Runs the demo.
///
/// # Errors
/// When the simulator or the console cannot start.
pub async fn run(args: DemoArgs, settings: &Config) -> Result<Exit> {
    let plain = args.plain.lines()?;
    let recorder = args.record.begin()?;
    let stage =
        Stage::set(&args.scenario, args.speed, args.temper.temper(), args.estate.as_deref(), args.folder.as_deref())
            .await?;
    let about = stage.about.clone();
    let (_log, lines) = log_to(&stage.folder);
    let mut engine = stage.engine(Span::from_secs(1), args.speed, recorder.clone()).await?;
    engine.listen(lines);
    let alice = PersonName::from(ALICE);
    let approve = ApproveHint {
        program: program(),
        folder: stage.folder.join("incident").display().to_string(),
        key: Some(stage.bob_key.display().to_string()),
        estate: Some(stage.folder.join("estate.toml").display().to_string()),
        second_person: Some(PersonName::from(BOB)),
    };
    let estate = &engine.model().estate;
    let pair = super::common::pair(estate, None)?;
    let (hands, person) = (Hands::of(estate, &alice), Some(alice));
    if let Some(by) = hands.operator.clone() {
        // Whoever looks at the demo reads in its timeline what it plays.
        let pair = pair.clone();
        engine.ask(Ask::Note { by, pair, text: about });
    }
    let second = SecondPerson::read(&stage.bob_key).wrap_err("failed to read the demo's second key")?;
    let ended = if plain {
        let (heartbeat, banner) = (args.plain.heartbeat(), Some("DEMO simulator".to_owned()));
        let setup = plain::setup(person, hands, pair, approve, banner, args.look.presenter(), heartbeat);
        let used = plain::run(&mut engine, setup, Some(second)).await;
        engine.close().await;
        used
    } else {
        let look = args.look.look();
        let (theme, keymap) = (look.theme, look.keymap);
        let screen = Screen::new(Setup { hands, person, pair, theme, keymap, approve, mode: Mode::Demo });
        let (mut screen, desk) = args.look.dress(screen, &stage.folder, settings);
        settings.notice().into_iter().chain(look.notices).for_each(|notice| screen.notice(notice));
        let ended = crate::runtime::console::run(engine, screen, Some(second), desk).await;
        ended.used.wrap_err("failed to use the terminal")
    };
    ended?;
    args.record.tell(recorder.as_ref());
    say!("The demo's estate file, keys and journal are in {}", stage.folder.display());
    Ok(Exit::Ok)
}

/// The runbook of the shipped estate in the demo: AWS's own guide to ARC.
const RUNBOOK: &str = "https://docs.aws.amazon.com/r53recovery/latest/dg/";
/// The demo's requester.
pub(super) const ALICE: &str = "alice";
/// The demo's approver.
pub(super) const BOB: &str = "bob";

/// A simulator with an estate for it, two people and their keys.
pub(super) struct Stage {
    pub(super) sim: Sim,
    pub(super) estate: Estate,
    pub(super) folder: PathBuf,
    /// What the scenario plays, in words.
    pub(super) about: String,
    pub(super) alice_key: PathBuf,
    pub(super) bob_key: PathBuf,
}

impl Stage {
    /// Starts the simulator and writes estate file and keys.
    pub(super) async fn set(
        scenario: &str,
        speed: f64,
        temper: Temper,
        estate: Option<&Path>,
        folder: Option<&Path>,
    ) -> Result<Self> {
        let shipped = estate.is_none();
        let base = match estate {
            Some(file) => {
                let name = file.display().to_string();
                let text = crate::files::read_text(file, crate::files::ESTATE)
                    .wrap_err_with(|| format!("failed to read {name}"))?;
                Estate::parse(&text, &name).wrap_err("failed to understand the estate file")?
            }
            None => crate::estate::guiding_care().wrap_err("failed to understand the shipped estate")?,
        };
        let folder = match folder {
            Some(folder) => folder.to_owned(),
            None => std::env::temp_dir().join(format!("signalbox-demo-{}", std::process::id())),
        };
        std::fs::create_dir_all(&folder).wrap_err_with(|| format!("failed to make the folder {}", folder.display()))?;
        let options = SimOptions::new(base, scenario)?.speed(speed).temper(temper);
        let about = options.about();
        let sim = Sim::start(options).await.wrap_err("failed to start the simulator")?;
        let mut estate = sim.estate().clone();
        if shipped {
            // So that it is seen where a pair's own would stand.
            estate.pairs.iter_mut().for_each(|pair| pair.runbook = Some(RUNBOOK.to_owned()));
        }
        // Somebody at the other end of a real webhook would take a play for an incident.
        estate.notify.retain(|notify| notify.bell || notify.osc.is_some());
        let (alice, bob) = throw_away_people(&mut estate, &folder)?;
        let file = folder.join("estate.toml");
        std::fs::write(&file, estate.to_toml()?).wrap_err_with(|| format!("failed to write {}", file.display()))?;
        Ok(Self { sim, estate, folder, about, alice_key: alice, bob_key: bob })
    }

    /// The product's own engine on this stage. Its clock runs as fast as the simulated world.
    pub(super) async fn engine(&self, tick: Span, speed: f64, recorder: Option<Recorder>) -> Result<Engine> {
        let estate = std::sync::Arc::new(self.estate.clone());
        let sdk = Sdk::load(&estate, Credentials::dummy()).await;
        let state = self.folder.clone();
        let clock = Clock::running(self.sim.clock().now(), speed);
        // The requester's key signs for them, so that people trying the demo have nothing more to type.
        let ring = Ring::open(Some(&self.alice_key), None).wrap_err("failed to read the requester's key")?;
        let signer = Some(Signer::new(estate.clone(), ring));
        let options = Options { estate, sdk, clock, state, only_arc: false, tick, look_on: None, signer };
        Engine::recorded(options, recorder).wrap_err("failed to start")
    }
}

/// Two people with throw-away keys in this folder, in an estate; their key files.
pub(super) fn throw_away_people(estate: &mut Estate, folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let (alice, bob) = (folder.join(ALICE), folder.join(BOB));
    for (name, file) in [(ALICE, &alice), (BOB, &bob)] {
        let public = throw_away_key(file, name)?;
        if let Some(person) = estate.people.iter_mut().find(|p| p.name.as_str() == name) {
            person.keys = vec![public.into()];
        } else {
            use crate::estate::{Person, Role};
            let roles = vec![Role::Operator, Role::Approver];
            let (name, keys) = (PersonName::from(name), vec![public.into()]);
            estate.people.push(Person { name, roles, groups: Vec::new(), keys, principals: Vec::new() });
        }
    }
    Ok((alice, bob))
}

/// Makes a key of the demo; one that an earlier demo left in a folder of the user's is used again.
fn throw_away_key(file: &Path, name: &str) -> Result<String> {
    let key = if file.exists() {
        crate::signing::SecretKey::read(file).wrap_err("failed to read a throw-away key")?.public().clone()
    } else {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|e| eyre!("failed to get random bytes for a throw-away key: {e}"))?;
        crate::signing::make_key(file, name, &seed).wrap_err("failed to make a throw-away key")?
    };
    key.to_openssh().wrap_err("failed to write a public key")
}

/// How somebody at another terminal calls this program.
fn program() -> String {
    if std::env::var_os("CARGO").is_some() {
        return "cargo run -q --".into();
    }
    std::env::current_exe()
        .map_or_else(|_| "signalbox".into(), |p| crate::hygiene::shell::word(&p.display().to_string()))
}
