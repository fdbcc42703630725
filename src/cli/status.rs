//! `signalbox status`: how the estate stands, once.

use std::time::Duration;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::WrapErr as _;
use unicode_width::UnicodeWidthStr;

use super::common::{EstateArgs, engine, pair};
use super::exit::Exit;
use super::io::json_for_terminals;
use super::io::say;
use super::status_json::Status;
use crate::estate::{PairName, Side};
use crate::hygiene::visible;
use crate::model::{Mark, Model, Subject};
use crate::words::{NO_CLUSTER, and_throttled, rto_left, since, t_plus};

/// How long sources are waited for.
const PATIENCE: Duration = Duration::from_secs(8);

/// Shows how the estate stands.
#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// The region pair [default: all].
    #[arg(long, value_name = "PAIR")]
    pair: Option<String>,
    /// Print JSON, version 1; `signalbox schema --of status` prints its schema.
    #[arg(long)]
    json: bool,
}

/// Runs it. Exit code 0 when every pair's active side is well, 8 when something is impaired or somebody
/// else moved routing controls, 6 when nothing answers.
///
/// # Errors
/// When the estate cannot be read.
pub async fn run(args: StatusArgs) -> Result<Exit> {
    let estate = args.estate.load()?;
    let state = args.estate.state(&estate)?;
    let pairs: Vec<PairName> = match &args.pair {
        Some(_) => vec![pair(&estate, args.pair.as_deref())?],
        None => estate.pairs.iter().map(|p| p.name.clone()).collect(),
    };
    let mut engine = engine(estate, state, false, None).await?;
    engine.until(PATIENCE, all_heard).await;
    let model = engine.model();
    if args.json {
        let json = serde_json::to_string_pretty(&Status::of(model, &pairs)).wrap_err("failed to write JSON")?;
        say!("{}", json_for_terminals(&json));
    } else {
        for pair in &pairs {
            say!("{}", pair_lines(model, pair).join("\n"));
        }
    }
    let exit = if model.newest().is_none() {
        Exit::Unreachable
    } else if pairs.iter().any(|p| model.sentence(p).mark == Mark::Fail || model.controls_are_wrong(p)) {
        Exit::Impaired
    } else {
        Exit::Ok
    };
    engine.close().await;
    Ok(exit)
}

/// Whether every source has reported once, well or badly.
pub(super) fn all_heard(model: &Model) -> bool {
    model.all_heard()
}

/// A line an endpoint: whether it answers, how fast and how long ago, why not.
pub(super) fn endpoint_lines(model: &Model) -> Vec<String> {
    model.endpoints().map(|(region, endpoint)| format!("  {region:<16} {}", endpoint.said())).collect()
}

fn pair_lines(model: &Model, pair: &PairName) -> Vec<String> {
    let Some(p) = model.estate.pair(pair) else { return Vec::new() };
    let mut lines = vec![format!("{} · {pair}", model.estate.name), model.sentence(pair).text];
    lines.extend(clock_line(model, pair));
    lines.push(String::new());
    let mut rows = Vec::new();
    for system in model.estate.systems_of(pair) {
        let sides = Side::BOTH.map(|side| (p.region(side).as_str(), Subject::System(system.id.clone(), side)));
        for (place, subject) in sides.into_iter().chain([("replication", Subject::Link(system.id.clone()))]) {
            let standing = model.standing(&subject);
            rows.extend(standing.map(|s| (s, visible(place), visible(&system.name))));
        }
    }
    let places = widest(12, rows.iter().map(|(_, place, _)| place.as_ref()));
    let names = widest(28, rows.iter().map(|(.., name)| name.as_ref()));
    for (s, place, name) in &rows {
        lines.push(format!("{} {} {} {}", s.mark.sign(), padded(place, places), padded(name, names), s.text));
    }
    lines.push(String::new());
    let services = widest(12, model.estate.services_of(pair).map(|s| s.name.as_str()));
    for service in model.estate.services_of(pair) {
        let states: Vec<_> =
            service.controls.iter().map(|c| format!("{} {}", c.name, lever_word(model, &c.arn))).collect();
        let traffic = model.service_traffic(service);
        let to =
            traffic.most().map_or("not known".to_owned(), |(r, _)| format!("{r} ({})", traffic.answers(r).short()));
        let name = padded(service.name.as_str(), services);
        lines.push(format!("{name} {}   dns → {to}", states.join(", ")));
    }
    if model.estate.cluster.is_none() {
        lines.push(format!("cluster: {NO_CLUSTER}"));
    } else {
        lines.push(format!(
            "cluster: {} of {} endpoints answer{}",
            model.endpoints_up(),
            model.estate.cluster.endpoints.len(),
            and_throttled(model.endpoints_throttled())
        ));
        lines.extend(endpoint_lines(model));
    }
    lines.into_iter().map(|l| visible(&l).into_owned()).collect()
}

/// The clock that runs, as every console shows it.
fn clock_line(model: &Model, pair: &PairName) -> Option<String> {
    let incident = model.kept_incident(pair)?;
    let what = if incident.planned { "planned move" } else { "incident" };
    let since = since(incident.started, model.now);
    let clock = incident.lasted(model.now).map_or("T+?".to_owned(), t_plus);
    let left = match incident.rto_left(model.now) {
        None => "how much of the RTO is left is not known: a clock was set".to_owned(),
        Some(left) => rto_left(left),
    };
    Some(format!("{what} {since}: {clock}, {left}"))
}

/// The columns that the widest of some texts takes, and no fewer than these.
fn widest<'a>(least: usize, texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(UnicodeWidthStr::width).fold(least, usize::max)
}

/// A text with as many blanks as make it so wide on a terminal, where some characters take two columns.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

fn lever_word(model: &Model, arn: &crate::estate::ControlArn) -> String {
    crate::words::lever(model.lever(arn), crate::words::Length::Line)
}
