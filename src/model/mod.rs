//! What is known: the fold of the events. Pure: no network, no clock, no randomness.
//!
//! `update` takes in an event and says what to do. Everything else here answers questions of a screen, a report or the
//! gate about what is known.

mod arrival;
mod calls;
mod clock;
mod closing;
mod deeds;
pub mod drs;
pub mod elsewhere;
mod endpoints;
mod enters;
mod failover;
mod faults;
mod flow;
mod headline;
mod impaired;
pub mod incident;
mod keeping;
pub mod levers;
mod lifecycle;
mod masked;
mod no_clock;
mod noticed;
mod notices;
mod owners;
pub mod past;
mod points;
pub mod preflight;
mod questions;
pub mod readings;
mod sentence;
pub mod session;
mod settle;
mod sight;
mod signed_in;
mod silence;
pub mod standing;
mod standstill;
mod status;
mod steady;
pub mod timeline;
pub mod traffic;
mod update;
mod weight;
mod well;
pub mod words;

pub(crate) use closing::Closing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::change::{Anchor, Binding, Changes, Digest};
use crate::effect::{Effect, EffectId};
use crate::estate::{
    ControlArn, ControlState, Estate, HealthCheckId, PairName, PersonName, Region, ResolverName, ServiceName, Side,
};
use crate::event::{
    ApartServer, CheckStatus, DnsAnswer, DrsServer, Failure, LogLine, ProbeAnswer, ReadingKey, SignIn, SignInFor,
    SourceId, Spending,
};
use crate::record::Record;
use crate::time::{Span, Stamp, Timestamp};

pub use crate::words::{Fault, Stands};
pub use elsewhere::Elsewhere;
pub use enters::Enters;
pub use flow::Flow;
pub use incident::{Incident, Step};
pub use levers::{Lever, Levers};
pub use lifecycle::Refused;
pub use masked::Veil;
pub use past::Past;
pub use preflight::{Check, Group, Origin, Part, Preflight};
pub use questions::{Shown, Window};
pub use readings::{Judged, ReadingState};
pub use sentence::Sentence;
pub use session::Session;
pub use sight::Sight;
pub use silence::Silence;
pub use standing::{Mark, Standing, Subject};
pub use timeline::{Entry, Fact, Severity, Timeline};
pub use traffic::Traffic;
pub use well::Unseen;

/// Something heard, with its age and when it stops counting as fresh.
#[derive(Clone, Debug, PartialEq)]
pub struct Fresh<T> {
    /// What was heard last.
    pub value: T,
    /// When.
    pub heard: Stamp,
    /// From then on it is old.
    pub due: Stamp,
}

impl<T> Fresh<T> {
    /// Whether it still counts.
    #[must_use]
    pub fn is_fresh(&self, now: Stamp) -> bool {
        now.mono <= self.due.mono
    }

    /// The value while it counts.
    #[must_use]
    pub fn get(&self, now: Stamp) -> Option<&T> {
        self.is_fresh(now).then_some(&self.value)
    }
}

/// How a source is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceState {
    /// The last good answer.
    pub last_ok: Option<Stamp>,
    /// The last report, good or bad.
    pub heard: Stamp,
    /// From then on even the last report is old.
    pub due: Stamp,
    /// How long the last asking took.
    pub took: Span,
    /// Why the last asking failed, and since when it has been failing.
    pub failure: Option<(Failure, Stamp)>,
}

/// DRS as one region has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drs {
    /// Source servers that stand for one of the other region.
    pub servers: Vec<DrsServer>,
    /// What else DRS lists there: neither counted nor launched.
    pub apart: Vec<ApartServer>,
    /// Jobs, which are read apart from the servers.
    pub jobs: drs::Jobs,
}

/// When somebody last proved that their key works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSigned {
    /// When, at the latest, by what was signed.
    pub at: Timestamp,
    /// SHA-256 fingerprint of the key, where the record tells it.
    pub key: Option<String>,
}

/// Everything that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// What should be there.
    pub estate: Arc<Estate>,
    /// What decides in it, and its digest.
    pub binding: Binding,
    /// The journal and its last line, as far as it was read.
    pub anchor: Anchor,
    /// The boot that the monotonic clock counts from.
    pub boot: String,
    /// The time of the newest event.
    pub now: Stamp,
    /// When the console opened.
    pub opened: Stamp,
    /// How the AWS credentials stand; none before that was told, or where there are none to stand.
    pub sign_ins: BTreeMap<SignInFor, SignIn>,
    /// How each source is doing.
    pub sources: BTreeMap<SourceId, SourceState>,
    /// Figures of systems.
    pub readings: BTreeMap<ReadingKey, ReadingState>,
    /// Routing controls, endpoint by endpoint.
    pub levers: Levers,
    /// Health checks.
    pub checks: BTreeMap<HealthCheckId, Fresh<CheckStatus>>,
    /// The share of each health check's checkers that called it healthy, percent, over a quarter of an hour.
    pub check_history: BTreeMap<HealthCheckId, VecDeque<(Stamp, f64)>>,
    /// What each resolver answers, name by name.
    pub dns: BTreeMap<(ResolverName, String), Fresh<DnsAnswer>>,
    /// HTTP probes.
    pub probes: BTreeMap<(ServiceName, Region), Fresh<ProbeAnswer>>,
    /// Whether each application answered well, the last few times.
    pub(crate) answered: BTreeMap<(ServiceName, Region), steady::LastAnswers>,
    /// DRS by region.
    pub drs: BTreeMap<Region, Fresh<Drs>>,
    /// How each thing stands, and since when.
    pub standings: BTreeMap<Subject, Standing>,
    /// What happened.
    pub timeline: Timeline,
    /// Changes.
    pub changes: Changes,
    /// Who proved last when that their key works.
    pub proofs: BTreeMap<PersonName, LastSigned>,
    /// Lines of the journal that prove nothing, in words, the newest last; bounded.
    pub unproven: VecDeque<String>,
    /// When the journal last did not take a record.
    pub journal_failed: Option<Stamp>,
    /// The incident of each pair: the one that runs, or the last.
    pub incidents: BTreeMap<PairName, Incident>,
    /// The named incident or drill of each pair that runs.
    pub sessions: BTreeMap<PairName, Session>,
    /// What asking CloudWatch costs; none before it was first told.
    pub spending: Option<Spending>,
    /// Whether writes are impossible here, and why.
    pub read_only: Option<String>,
    /// What this program said of itself, oldest first; bounded.
    pub log: VecDeque<LogLine>,
    /// What people asked for and did not get, newest last; bounded.
    pub refusals: VecDeque<Refused>,
    /// Whether a signal told this command to end: nothing is begun any more.
    pub leaving: bool,
    /// Whether somebody watches here over time: then notices also report the readings.
    pub watching: bool,
    /// The systems, by their place in the estate, that each source has readings of.
    pub(crate) fed: Arc<BTreeMap<SourceId, Vec<usize>>>,
    /// Sides that are impaired, by their pair's place in the file, with since when.
    pub(crate) impaired: BTreeMap<(usize, Side), impaired::Impairment>,
    /// Clocks that somebody began by hand, until the journal has their beginning.
    pub(crate) clock_wanted: BTreeMap<PairName, Stamp>,
    /// Controls that somebody else moved, as the journal has it.
    pub(crate) elsewhere: BTreeMap<ControlArn, Elsewhere>,
    /// Pairs with a service whose controls are all Off, or were until a moment ago.
    pub(crate) closed: BTreeMap<PairName, faults::Closed>,
    /// Endpoints that have shown the old states of a change that is open or under way: the new ones are news of them.
    pub(crate) old_shown: BTreeMap<Digest, BTreeSet<Region>>,
    /// Changes that this program has sent.
    pub(crate) sent_here: BTreeSet<Digest>,
    /// How many calls of each this program has sent: none is sent twice.
    pub(crate) calls_sent: BTreeMap<Digest, usize>,
    /// How the journal last left each control: found so, moved by a change of its own, or by somebody else.
    pub(crate) left: BTreeMap<ControlArn, ControlState>,
    /// Movements that nothing explains yet.
    pub(crate) strange: BTreeMap<ControlArn, Elsewhere>,
    /// Observations that the journal did not take, and its last line then: asked again once it has another.
    pub(crate) vain: Vec<(Record, u64)>,
    /// The last answer with addresses of each resolver, name by name.
    pub(crate) dns_given: BTreeMap<(ResolverName, String), traffic::Given>,
    /// When an answer of DNS last led to a region, pair by pair.
    pub(crate) dns_led: BTreeMap<PairName, Stamp>,
    pub(crate) lever_told: BTreeMap<ControlArn, ControlState>,
    /// Changes whose traffic this program has seen on its way.
    pub(crate) watched: BTreeSet<Digest>,
    pub(crate) read_back_at: Stamp,
    /// How far the wall clock is ahead of the boot clock.
    pub(crate) clock_lead: Span,
    pub(crate) drs_asked_at: Stamp,
    pub(crate) out: Vec<Effect>,
    pub(crate) pending: BTreeMap<EffectId, lifecycle::Pending>,
    pub(crate) next_effect: u64,
    /// How many times faster than life the clock runs: a rehearsal's. The network does not.
    pub(crate) speed: f64,
    /// Only ARC is asked here: nothing else will be heard.
    pub(crate) only_arc: bool,
    /// Changes whose second key was turned, and when, until what was known at it is kept.
    pub(crate) figures_due: BTreeMap<Digest, Stamp>,
    /// Windows that people were warned of before they close.
    pub(crate) closing_told: BTreeSet<(Digest, closing::Closing)>,
    /// Sides that people were told are impaired.
    pub(crate) impaired_told: BTreeSet<(PairName, Side)>,
}

impl Model {
    /// A console that has just opened and knows nothing yet. `boot` names the boot that stamps count from.
    #[must_use]
    pub fn new(estate: Arc<Estate>, boot: impl Into<String>, at: Stamp) -> Self {
        let mut model = Self {
            binding: Binding::of_shared(&estate),
            anchor: Anchor::default(),
            estate,
            boot: boot.into(),
            now: at,
            opened: at,
            sign_ins: BTreeMap::new(),
            sources: BTreeMap::new(),
            readings: BTreeMap::new(),
            levers: Levers::default(),
            checks: BTreeMap::new(),
            check_history: BTreeMap::new(),
            dns: BTreeMap::new(),
            probes: BTreeMap::new(),
            answered: BTreeMap::new(),
            drs: BTreeMap::new(),
            standings: BTreeMap::new(),
            timeline: Timeline::default(),
            changes: Changes::default(),
            proofs: BTreeMap::new(),
            unproven: VecDeque::new(),
            journal_failed: None,
            incidents: BTreeMap::new(),
            sessions: BTreeMap::new(),
            spending: None,
            read_only: None,
            log: VecDeque::new(),
            refusals: VecDeque::new(),
            leaving: false,
            watching: false,
            fed: Arc::default(),
            impaired: BTreeMap::new(),
            clock_wanted: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
            closed: BTreeMap::new(),
            old_shown: BTreeMap::new(),
            sent_here: BTreeSet::new(),
            calls_sent: BTreeMap::new(),
            left: BTreeMap::new(),
            strange: BTreeMap::new(),
            vain: Vec::new(),
            dns_given: BTreeMap::new(),
            dns_led: BTreeMap::new(),
            lever_told: BTreeMap::new(),
            watched: BTreeSet::new(),
            read_back_at: at,
            clock_lead: clock::lead(at),
            drs_asked_at: at,
            out: Vec::new(),
            pending: BTreeMap::new(),
            next_effect: 1,
            speed: 1.0,
            only_arc: false,
            figures_due: BTreeMap::new(),
            closing_told: BTreeSet::new(),
            impaired_told: BTreeSet::new(),
        };
        model.fed = Arc::new(model.systems_by_source());
        model.restand();
        model
    }

    /// A console whose clock runs so many times faster than life.
    #[must_use]
    pub fn at_speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// A span of life, in which networks answer or do not, by this console's clock.
    pub(crate) fn in_life(&self, span: Span) -> Span {
        Span::try_from_secs_f64(span.as_secs_f64() * self.speed).unwrap_or(span)
    }

    /// A console that asks ARC alone.
    #[must_use]
    pub fn of_arc_alone(mut self) -> Self {
        self.only_arc = true;
        self
    }

    /// The failure of a source that is failing now or overdue, in words for a row.
    #[must_use]
    pub fn source_trouble(&self, source: &SourceId) -> Option<String> {
        let state = self.sources.get(source)?;
        match &state.failure {
            Some((failure, _)) => Some(failure.why.clone()),
            None if self.now.mono > state.due.mono => {
                Some(format!("no report for {}", words::span(self.now.since(state.heard))))
            }
            None => None,
        }
    }

    /// What a source is called; a health check by its name.
    #[must_use]
    pub fn source_name(&self, source: &SourceId) -> String {
        match source {
            SourceId::Route53(id) => match self.estate.health_checks.iter().find(|c| &c.id == id) {
                Some(check) => format!("Route 53 check {}", check.name),
                None => words::source(source),
            },
            _ => words::source(source),
        }
    }

    /// The systems that a source has readings of.
    pub fn fed_by(&self, source: &SourceId) -> impl Iterator<Item = &crate::estate::System> {
        let fed = self.fed.get(source).map(Vec::as_slice).unwrap_or_default();
        fed.iter().filter_map(|i| self.estate.systems.get(*i))
    }

    /// Whether something is going on that wants fresh figures: an incident or a drill, a change, a region in trouble.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        let incident = self.incidents.values().any(|i| i.ended.is_none());
        let change = self.changes.running().is_some()
            || self.changes.launching().is_some()
            || self.changes.open().next().is_some();
        let fails = |pair, side| !self.failures(pair, side).is_empty();
        let trouble = self.estate.pairs.iter().any(|p| match self.enters(&p.name) {
            Enters::Seen(side) | Enters::ControlsSay(side, _) => fails(&p.name, side),
            Enters::Unknown(_) => Side::BOTH.into_iter().any(|side| fails(&p.name, side)),
        });
        incident || change || trouble || !self.sessions.is_empty()
    }

    /// The newest good answer of any source, as an age; none before the first.
    #[must_use]
    pub fn newest(&self) -> Option<Span> {
        self.sources.values().filter_map(|s| s.last_ok).max().map(|at| self.now.since(at))
    }
}
