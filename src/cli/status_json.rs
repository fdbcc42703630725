//! What `signalbox status --json` prints: the types that write it also make its JSON Schema and `docs/status.md`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::estate::{ControlArn, ControlState, Pair, PairName, Region, ServiceName, Side, System, SystemId};
use crate::event::SourceId;
use crate::model::{Enters, Lever, Mark, Model, Standing, Subject, words};
use crate::time::Timestamp;
use crate::words::Endpoint;

/// The version: counted up when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

/// How an estate stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Status {
    /// The version.
    #[schemars(
        extend("const" = VERSION),
        description = "1; a field's meaning does not change within a version, fields may be added"
    )]
    pub version: u32,
    /// The estate's name.
    pub estate: String,
    /// When it was looked at.
    #[schemars(with = "crate::time::MomentText")]
    pub at: Timestamp,
    /// The pairs asked for.
    pub pairs: Vec<PairStatus>,
}

/// How a pair of regions stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PairStatus {
    /// The pair.
    pub pair: PairName,
    /// The sentence in the console's second line.
    pub sentence: String,
    /// The mark of that sentence.
    pub state: State,
    /// The incident or planned move whose clock runs; null if none does.
    pub incident: Option<IncidentStatus>,
    /// The region that most resolvers lead to; null when not known.
    pub traffic_enters: Option<Region>,
    /// 0 to 100 for the side without traffic; unknown checks count nothing.
    pub readiness: u8,
    /// What asking CloudWatch costs; null before it is known.
    pub polling: Option<Polling>,
    /// What the resolvers answer.
    pub dns: Dns,
    /// The routing controls of the pair's services.
    pub controls: Vec<ControlStatus>,
    /// The cluster's endpoints.
    pub endpoints: Vec<EndpointStatus>,
    /// The systems: each side by itself, and the replication between them.
    pub systems: Vec<SystemStatus>,
    /// Age of the oldest report of any source, in seconds; null before there is one.
    pub oldest_source_seconds: Option<i64>,
    /// Age of the newest report, in words; null before there is one.
    pub newest: Option<String>,
}

/// The clock of an incident or of a planned move, as the journal has it: one that no journal
/// holds is told of nobody.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct IncidentStatus {
    /// When it began.
    #[schemars(with = "crate::time::MomentText")]
    pub since: Timestamp,
    /// Whether it was so already when it was read first, at `since`: then it began before, nobody knows when, `seconds`
    /// are the least and `rto_left_seconds` the most.
    pub found: bool,
    /// Whether it began with a proposal and not with a failure.
    pub planned: bool,
    /// Seconds since then; null if a clock was set, so that nobody knows.
    pub seconds: Option<f64>,
    /// Seconds left of the tightest RTO, below zero when it has passed; null if unknown.
    pub rto_left_seconds: Option<f64>,
}

/// A mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Well.
    Ok,
    /// Never read, too old, or the source fails.
    Unknown,
    /// Something may go wrong.
    Warning,
    /// Failed.
    Failed,
}

impl From<Mark> for State {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Ok => State::Ok,
            Mark::Unknown => State::Unknown,
            Mark::Warn => State::Warning,
            Mark::Fail => State::Failed,
        }
    }
}

/// What asking CloudWatch costs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Polling {
    /// Metrics that one round asks for.
    pub metrics: u64,
    /// Seconds between two rounds now.
    pub interval_seconds: f64,
    /// Whether this is the pace of an incident.
    pub urgent: bool,
    /// US dollars an hour at this pace.
    pub dollars_per_hour: f64,
    /// US dollars spent in the last hour.
    pub dollars_last_hour: f64,
    /// US dollars that an hour may cost.
    pub budget: f64,
    /// Whether the budget slows it below what the estate file asks for.
    pub stretched: bool,
}

/// What the resolvers answer, over all names of the pair's services.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Dns {
    /// Answers by the region that they lead to.
    pub to: BTreeMap<Region, usize>,
    /// Answers that are old, missing, or lead to no known region.
    pub unknown: usize,
}

/// A routing control.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ControlStatus {
    /// The service that it steers.
    pub service: ServiceName,
    /// Its name in ARC.
    pub name: String,
    /// Its ARN.
    pub arn: ControlArn,
    /// Its region.
    pub region: Option<Region>,
    /// Its state, as the endpoints that answer agree on it.
    pub state: LeverState,
}

/// What is known of a routing control's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub enum LeverState {
    /// Traffic may flow.
    On,
    /// It may not.
    Off,
    /// The endpoints show different states.
    #[serde(rename = "disagreed")]
    Disagreed,
    /// No endpoint shows it.
    #[serde(rename = "unknown")]
    Unknown,
}

impl From<Lever> for LeverState {
    fn from(lever: Lever) -> Self {
        match lever {
            Lever::Agreed(ControlState::On) => LeverState::On,
            Lever::Agreed(ControlState::Off) => LeverState::Off,
            Lever::Disagreed { .. } => LeverState::Disagreed,
            Lever::Unknown => LeverState::Unknown,
        }
    }
}

/// An endpoint of the ARC cluster.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EndpointStatus {
    /// Its region.
    pub region: Region,
    /// Whether it answered when it was last asked, and that answer still counts.
    pub answers: bool,
    /// Whether it is there and does not answer because it is asked too often.
    pub throttled: bool,
    /// Why not; null if it answers or was not asked.
    pub why: Option<String>,
    /// How long the last request took; null if it was not asked.
    pub milliseconds: Option<f64>,
    /// Seconds since the last request ended; null if it was not asked.
    pub age_seconds: Option<f64>,
}

/// A system on one side, or its replication.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SystemStatus {
    /// Its name in the estate file.
    pub id: SystemId,
    /// Its title.
    pub name: String,
    /// Its region; null for the replication between the regions.
    pub region: Option<Region>,
    /// How it stands.
    pub state: State,
    /// Why, with the figures.
    pub text: String,
    /// Since when it has been in this state.
    #[schemars(with = "crate::time::MomentText")]
    pub since: Timestamp,
    /// Whether it was so already when it was read first, at `since`: then it began before, nobody knows when.
    pub found: bool,
}

/// The JSON Schema (draft 2020-12) of the whole.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Status>()
}

impl Status {
    /// How these pairs stand.
    #[must_use]
    pub fn of(model: &Model, pairs: &[PairName]) -> Self {
        let pairs = pairs.iter().filter_map(|name| Some(PairStatus::of(model, model.estate.pair(name)?))).collect();
        Self { version: VERSION, estate: model.estate.name.clone(), at: model.now.wall, pairs }
    }
}

impl PairStatus {
    fn of(model: &Model, pair: &Pair) -> Self {
        let name = &pair.name;
        let sentence = model.sentence(name);
        let (enters, receiving) = match model.enters(name) {
            Enters::Seen(side) => (Some(side), side.other()),
            Enters::ControlsSay(side, _) => (None, side.other()),
            Enters::Unknown(_) => (None, Side::Standby),
        };
        let traffic = model.pair_traffic(name);
        Self {
            pair: name.clone(),
            sentence: sentence.text,
            state: sentence.mark.into(),
            incident: model.kept_incident(name).map(|i| IncidentStatus {
                since: i.started.at().wall,
                found: i.started.is_found(),
                planned: i.planned,
                seconds: i.lasted(model.now).map(|s| rounded(s.span.as_secs_f64())),
                rto_left_seconds: i.rto_left(model.now).map(|s| rounded(s.span.as_secs_f64())),
            }),
            traffic_enters: enters.map(|side| pair.region(side).clone()),
            readiness: model.preflight(name, receiving).score(),
            polling: model.spending.map(|s| Polling {
                metrics: s.metrics,
                interval_seconds: rounded(s.interval.as_secs_f64()),
                urgent: s.urgent,
                dollars_per_hour: rounded(s.per_hour),
                dollars_last_hour: rounded(s.last_hour),
                budget: rounded(s.budget),
                stretched: s.stretched,
            }),
            dns: Dns { unknown: traffic.unknown(), to: traffic.to },
            controls: controls(model, name),
            endpoints: endpoints(model),
            systems: model.estate.systems_of(name).flat_map(|system| sides(model, pair, system)).collect(),
            oldest_source_seconds: model.sources.values().map(|s| model.now.since(s.heard).as_secs()).max(),
            newest: model.newest().map(words::span),
        }
    }
}

fn controls(model: &Model, pair: &PairName) -> Vec<ControlStatus> {
    let all = model.estate.services_of(pair).flat_map(|s| s.controls.iter().map(move |c| (s, c)));
    all.map(|(service, c)| ControlStatus {
        service: service.name.clone(),
        name: c.name.clone(),
        arn: c.arn.clone(),
        region: c.region.clone(),
        state: model.lever(&c.arn).into(),
    })
    .collect()
}

fn endpoints(model: &Model) -> Vec<EndpointStatus> {
    let one = |(region, endpoint): (&Region, Endpoint)| {
        let source = model.sources.get(&SourceId::Arc(region.clone()));
        EndpointStatus {
            region: region.clone(),
            answers: endpoint.answers(),
            throttled: endpoint.is_there() && !endpoint.answers(),
            why: match &endpoint {
                Endpoint::Throttled { .. } | Endpoint::Fails { .. } | Endpoint::Old { .. } => Some(endpoint.said()),
                Endpoint::Answers { .. } | Endpoint::Unheard => None,
            },
            milliseconds: source.map(|s| rounded(s.took.as_millis_f64())),
            age_seconds: source.map(|s| rounded(model.now.since(s.heard).as_secs_f64())),
        }
    };
    model.endpoints().map(one).collect()
}

/// Six digits: the rest is the noise of binary fractions, such as 0.30000000000000004.
fn rounded(figure: f64) -> f64 {
    format!("{figure:.5e}").parse().unwrap_or(figure)
}

/// A system's two sides, then its replication; what has no standing is left out.
fn sides(model: &Model, pair: &Pair, system: &System) -> Vec<SystemStatus> {
    let told = |region: Option<Region>, s: &Standing| SystemStatus {
        id: system.id.clone(),
        name: system.name.clone(),
        region,
        state: s.mark.into(),
        text: s.text.clone(),
        since: s.since.at().wall,
        found: s.since.is_found(),
    };
    let side = |side: Side| {
        let standing = model.standing(&Subject::System(system.id.clone(), side))?;
        Some(told(Some(pair.region(side).clone()), standing))
    };
    let link = model.standing(&Subject::Link(system.id.clone())).map(|s| told(None, s));
    Side::BOTH.into_iter().filter_map(side).chain(link).collect()
}
