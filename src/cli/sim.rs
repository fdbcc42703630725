//! `signalbox sim`: the simulator by itself, for other programs to talk to.

use std::path::PathBuf;

use clap::Args;
use color_eyre::eyre::Context as _;

use super::exit::asked;
use super::io::{put, say};
use super::known::SCENARIOS;
use crate::estate::Estate;
use crate::files;
use crate::hygiene::{shell, visible};
use crate::sim::scenario::{SHIPPED, Scenario};
use crate::sim::{Sim, SimOptions, Temper, dig};
use crate::time::Timestamp;

/// How the simulator treats its callers.
#[derive(Args, Clone, Copy, Debug)]
pub struct TemperArgs {
    /// A simulated AWS that answers at once, publishes metrics as soon as their period ends, never throttles, and whose
    /// DNS answers name the region. AWS does none of that, and neither does the simulator without this.
    #[arg(long)]
    kind: bool,
}

impl TemperArgs {
    pub(super) fn temper(self) -> Temper {
        if self.kind { Temper::Kind } else { Temper::Unkind }
    }
}

/// Run the simulated AWS by itself and print what other programs need to talk to it.
#[derive(Args, Clone, Debug)]
pub struct SimArgs {
    /// A shipped scenario's name, a scenario file, or `list`.
    #[arg(long, default_value = "calm", value_parser = SCENARIOS, hide_possible_values = true)]
    pub scenario: String,
    /// How many times faster than real time.
    #[arg(long, default_value_t = 1.0)]
    pub speed: f64,
    /// The first port [default: the system chooses each].
    #[arg(long)]
    pub port_base: Option<u16>,
    /// How it treats its callers.
    #[command(flatten)]
    pub temper: TemperArgs,
    /// The random seed [default: the scenario's own].
    #[arg(long)]
    pub seed: Option<u64>,
    /// The estate to simulate [default: the reference estate].
    #[arg(long)]
    pub estate: Option<PathBuf>,
    /// A file to write the estate to, with the simulator's endpoints in it.
    #[arg(long)]
    pub write_estate: Option<PathBuf>,
    /// A folder for everything a second terminal needs: estate.toml with the simulator's endpoints, throw-away keys of
    /// alice and bob, and `env`, to source with `. DIR/env`.
    #[arg(long, value_name = "DIR", conflicts_with = "write_estate")]
    pub folder: Option<PathBuf>,
}

/// The reference estate.
const GUIDING_CARE: &str = include_str!("../../assets/guiding-care.toml");

/// Runs until it is told to stop (ctrl-c or SIGTERM).
///
/// # Errors
/// When the estate or the scenario has faults, a port cannot be had, or a file cannot be written.
pub async fn run(args: SimArgs) -> color_eyre::Result<()> {
    let estate = match &args.estate {
        Some(path) => {
            let text =
                files::read_text(path, files::ESTATE).wrap_err_with(|| format!("read estate {}", path.display()))?;
            Estate::parse(&text, &path.display().to_string())?
        }
        None => Estate::parse(GUIDING_CARE, "guiding-care.toml")?,
    };
    if args.scenario == "list" {
        for (name, _) in SHIPPED {
            let about = Scenario::shipped(name, &estate).transpose()?.map(|s| s.about).unwrap_or_default();
            say!("{name:18} {about}");
        }
        return Ok(());
    }
    if !(args.speed.is_finite() && args.speed > 0.0 && args.speed <= 1000.0) {
        return Err(asked("--speed is a number above 0, up to 1000"));
    }
    let scenario = Scenario::load(&args.scenario, &estate)?;
    let mut options = SimOptions::with(estate, scenario);
    (options.seed, options.speed, options.port_base) = (args.seed, args.speed, args.port_base);
    options.temper = args.temper.temper();
    let sim = Sim::start(options).await?;
    let mut served = sim.estate().clone();
    if let Some(folder) = &args.folder {
        std::fs::create_dir_all(folder).wrap_err_with(|| format!("make the folder {}", folder.display()))?;
        super::demo::throw_away_people(&mut served, folder)?;
    }
    let place = match (&args.folder, args.write_estate) {
        (Some(folder), _) => folder.join("estate.toml"),
        (None, Some(place)) => place,
        (None, None) => std::env::temp_dir().join(format!("signalbox-sim-{}.toml", std::process::id())),
    };
    let text = served.to_toml().wrap_err("write the estate as TOML")?;
    std::fs::write(&place, text).wrap_err_with(|| format!("write estate {}", place.display()))?;
    let place = std::path::absolute(&place)?.display().to_string();
    let mut lines = introduction(&sim, &place);
    if let Some(folder) = &args.folder {
        let state = std::path::absolute(folder.join("state"))?.display().to_string();
        lines.push_str(&export("SIGNALBOX_STATE", &state));
        let env = folder.join("env");
        std::fs::write(&env, &lines).wrap_err_with(|| format!("write {}", env.display()))?;
    }
    put!("{lines}# ready; ctrl-c stops it\n");
    narrate(&sim).await
}

fn introduction(sim: &Sim, place: &str) -> String {
    let scenario = sim.scenario();
    let mut out =
        format!("# {}. {}\n# estate file: {}\n", visible(&scenario.title), visible(&scenario.about), visible(place));
    for resolver in &sim.estate().resolvers {
        let name = sim.estate().services.iter().find_map(|s| s.dns.first()).map_or("", String::as_str);
        out.push_str(&format!(
            "# resolver {}: dig {} {}\n",
            visible(resolver.name.as_str()),
            dig(resolver.address),
            shell::word(name)
        ));
    }
    out.push_str("unset AWS_PROFILE AWS_SESSION_TOKEN\n");
    for (name, value) in sim.exports() {
        out.push_str(&export(&name, &value));
    }
    out.push_str(&export("SIGNALBOX_ESTATE", place));
    out
}

/// A line that a shell sources and that scripts read: the value is in quotes, except for invisible characters.
fn export(name: &str, value: &str) -> String {
    let word = shell::word(value);
    let quoted = if word.starts_with("$'") { word } else { format!("'{}'", value.replace('\'', r"'\''")) };
    format!("export {name}={quoted}\n")
}

/// Says what happens when it happens, until told to stop.
async fn narrate(sim: &Sim) -> color_eyre::Result<()> {
    let mut stop = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let clock = sim.clock();
    let mut coming: Vec<(Timestamp, String)> = sim.world().with(|w| {
        let told = w.causes().iter().filter(|c| !c.say.is_empty());
        told.map(|c| (c.from, c.say.clone())).collect()
    });
    coming.sort();
    for (at, words) in coming {
        let left = clock.real_duration(at.duration_since(clock.now()));
        tokio::select! {
            () = tokio::time::sleep(left) => say!("# {} {}", at.strftime("%H:%M:%S"), visible(&words)),
            _ = stop.recv() => return Ok(()),
            done = tokio::signal::ctrl_c() => return Ok(done?),
        }
    }
    tokio::select! {
        _ = stop.recv() => Ok(()),
        done = tokio::signal::ctrl_c() => Ok(done?),
    }
}
