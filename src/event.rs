//! The vocabulary of what happens: everything that changes what the console knows is one of these.
//!
//! Time, nonces and the person acting arrive inside events, so the same events always give the same model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::change::{Anchor, Approver, Courier, Digest, Draft, Nonce, Operator};
use crate::effect::EffectId;
pub use crate::estate::Place;
use crate::estate::{
    ControlArn, ControlState, HealthCheckId, Pair, PairName, PersonName, Reading, ReadingId, Region, ResolverName,
    RuleArn, ServiceName, Source, SystemId,
};
use crate::record::{Kept, SessionKind, Signed};
use crate::time::{Span, Stamp, Timestamp};

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When the console took it in.
    pub at: Stamp,
    /// What it was.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// Time went on. Comes about once a second.
    Tick,
    /// A feed learnt something, or failed to.
    Heard(Heard),
    /// What asking costs has changed.
    Spending(Spending),
    /// A person asked for something.
    Asked(Ask),
    /// The journal as it stood when the console opened, oldest first.
    Resumed(Vec<Kept>),
    /// What other programs appended to the journal meanwhile.
    Elsewhere(Vec<Kept>),
    /// The journal and its last line, as far as it was read or written.
    Anchored(Anchor),
    /// What was set aside from the journal or is missing, one sentence each: everybody must be told.
    SetAside(Vec<String>),
    /// The journal has a record on disk.
    Recorded(EffectId),
    /// The journal had the same observation already, from another program; nothing was appended.
    Already(EffectId),
    /// The journal does not take an intent: another program ran or closed the change, or it is of another folder.
    Lost(EffectId, String),
    /// The journal has another intent that was not known when this one was decided: it is decided again.
    Overtaken(EffectId),
    /// A person's key signed a statement, or why it did not. The armored signature.
    Signed(EffectId, Result<String, String>),
    /// The journal could not keep a record; for an intent this means that the write must not happen.
    RecordFailed(EffectId, String),
    /// An attempt to change routing controls ended.
    Flipped(EffectId, FlipOutcome),
    /// One endpoint was read back after a change.
    ReadBack(EffectId, ReadBack),
    /// Somebody could not be notified, and the notice was given up.
    NotTold {
        /// Who, without any secret: `webhook hooks.slack.com`.
        whom: String,
        /// Why not.
        why: String,
    },
    /// Somebody asks to be left alone for a while: what they should be told is kept until then.
    ToldLater {
        /// Who, without any secret.
        whom: String,
        /// What they ask for.
        why: String,
    },
    /// Somebody who had asked to wait has been told.
    ToldAtLast {
        /// Who, without any secret.
        whom: String,
    },
    /// This program said something of itself.
    Logged(LogLine),
    /// A report was written, or why not.
    Reported {
        /// Who wanted it.
        by: Option<PersonName>,
        /// Where it is, or what went wrong.
        result: Result<String, String>,
    },
    /// An attempt to launch DRS servers ended.
    LaunchAnswered(EffectId, LaunchEnd),
    /// A signal told this command to end.
    Leave,
    /// How this console's AWS credentials stand has changed.
    SignIn(SignIn),
}

/// How this console's AWS credentials stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Where they come from, in words: `profile prod (role dr)`, `the environment`.
    pub whose: String,
    /// What calls are signed with now; none where there are no credentials.
    pub held: Option<HeldCredentials>,
    /// Why the last try to get or to renew them failed; none where it did not.
    pub failing: Option<SignInFailure>,
}

/// Credentials that calls are signed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldCredentials {
    /// When they end; none where they do not, or do not tell.
    pub until: Option<Timestamp>,
    /// What comes then.
    pub renewal: Renewal,
}

/// What comes when credentials end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// They do not end.
    Endless,
    /// The console renews them, for as long as whoever gives them does.
    Itself,
    /// The console renews them, for as long as somebody's sign-in lasts, which renews itself too; AWS alone knows until
    /// when.
    SignIn,
    /// Nothing renews them beyond this moment, where it is known: then somebody must sign in again.
    Until(Option<Timestamp>),
}

/// Why there are no new credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInFailure {
    /// Since when.
    pub since: Timestamp,
    /// The innermost reason, and what to do.
    pub why: String,
}

/// A line that this program writes about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// How bad it is.
    pub level: LogLevel,
    /// What.
    pub text: String,
}

/// How bad a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogLevel {
    /// For whoever wonders.
    Info,
    /// Something did not work, and the program goes on without it.
    Warn,
    /// Something is wrong.
    Error,
}

impl LogLevel {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            LogLevel::Info => "info",
            LogLevel::Warn => "warning",
            LogLevel::Error => "error",
        }
    }
}

/// What a person asked for. The tokens prove that the asker's screen may ask it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Freeze a draft into a change that waits for approval.
    Propose {
        /// The requester.
        by: Operator,
        /// What they want.
        draft: Draft,
        /// 128 random bits, so that no two changes are ever the same.
        nonce: Nonce,
    },
    /// Turn the second key.
    SecondKey {
        /// Who turns it.
        by: Operator,
        /// Of which change.
        change: Digest,
        /// The region that they typed.
        typed: String,
    },
    /// Take a change back.
    Withdraw {
        /// Who takes it back.
        by: Operator,
        /// Which change.
        change: Digest,
    },
    /// Say no to a change.
    Reject {
        /// Who says no.
        by: Approver,
        /// To which change.
        change: Digest,
        /// Why.
        reason: String,
    },
    /// Approve somebody else's change at this console: the approver's own key signs it.
    Approve {
        /// Who approves.
        by: Approver,
        /// Which change.
        change: Digest,
        /// The word code that they typed.
        typed: String,
    },
    /// A signature came in. The gate finds out who made it, and for what.
    Signature {
        /// The armored OpenSSH signature, as it came.
        armored: String,
        /// By whose hand it came.
        by: Courier,
        /// The change that it was handed in for, where one was named: one over another approves nothing.
        #[serde(default)]
        of: Option<Digest>,
    },
    /// Keep that somebody's key answered a challenge.
    Present {
        /// Who.
        by: PersonName,
        /// SHA-256 fingerprint of the key.
        key: String,
        /// What was signed.
        signed: Signed,
    },
    /// Somebody with the change in front of them says that they are reading it.
    Reading {
        /// Who.
        by: Approver,
        /// Which change.
        change: Digest,
    },
    /// A remark for the timeline.
    Note {
        /// Who.
        by: Operator,
        /// About which pair.
        pair: PairName,
        /// The remark.
        text: String,
    },
    /// Mark this moment for everybody: `start of outage`.
    Moment {
        /// Who.
        by: Operator,
        /// Of which pair.
        pair: PairName,
        /// What it is.
        text: String,
        /// When it was, where it was before now.
        #[serde(default)]
        was: Option<Timestamp>,
    },
    /// Give an incident or a drill its name: from now on what happens to the pair is part of it.
    Begin {
        /// Who says so.
        by: Operator,
        /// What begins.
        session: NewSession,
    },
    /// The incident or drill of a pair is over.
    End {
        /// Who says so.
        by: Operator,
        /// Of which pair.
        pair: PairName,
    },
    /// Step 7 is done: people were told.
    Told {
        /// Who told them.
        by: Operator,
        /// About which pair.
        pair: PairName,
    },
}

/// A named incident or drill that somebody begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSession {
    /// The pair.
    pub pair: PairName,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SessionKind,
    /// Who takes part.
    pub participants: Vec<String>,
    /// Since when, where it began before somebody said so.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

/// How a signature came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Pasted into the console.
    Pasted,
    /// Signed by the approver's own key at the approver's own console.
    Console,
    /// Found in the incident folder.
    Folder,
    /// Given on the command line.
    CommandLine,
    /// Made by the demo's throw-away second person.
    DemoPerson,
}

/// What asking CloudWatch costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spending {
    /// Metrics that one round asks for, over all regions.
    pub metrics: u64,
    /// Time between two rounds now.
    pub interval: Span,
    /// Whether it is the pace of an incident.
    pub urgent: bool,
    /// US dollars an hour at this pace.
    pub per_hour: f64,
    /// US dollars of the last hour.
    pub last_hour: f64,
    /// US dollars that an hour may cost.
    pub budget: f64,
    /// Whether the budget makes the pace slower than the file asks for.
    pub stretched: bool,
}

/// A report of a feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// Which feed.
    pub source: SourceId,
    /// How long the asking took.
    pub took: Span,
    /// How long this report counts as fresh: the feed's interval, its deadline, and a little.
    pub fresh_for: Span,
    /// What it learnt, or why not.
    pub news: Result<News, Failure>,
}

/// A thing that is asked for readings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SourceId {
    /// One ARC cluster endpoint.
    Arc(Region),
    /// CloudWatch of a region.
    Cloudwatch(Region),
    /// DRS of a region.
    Drs(Region),
    /// EC2 of a region.
    Ec2(Region),
    /// Route 53's status of one health check.
    Route53(HealthCheckId),
    /// One DNS resolver.
    Dns(ResolverName),
    /// The HTTP probe of a service in a region.
    Probe(ServiceName, Region),
}

impl SourceId {
    /// Whether asking it takes AWS credentials.
    #[must_use]
    pub fn is_aws(&self) -> bool {
        match self {
            SourceId::Arc(_) | SourceId::Cloudwatch(_) | SourceId::Drs(_) | SourceId::Ec2(_) | SourceId::Route53(_) => {
                true
            }
            SourceId::Dns(_) | SourceId::Probe(..) => false,
        }
    }

    /// The source that measures a reading in a place of a pair.
    #[must_use]
    pub fn of(reading: &Reading, place: Place, pair: &Pair) -> Self {
        let region = reading.read_in(place, pair).clone();
        match &reading.source {
            Source::Cloudwatch { .. } | Source::CloudwatchAlarms { .. } => SourceId::Cloudwatch(region),
            Source::DrsReplicating | Source::DrsLag | Source::DrsSnapshotAge => SourceId::Drs(region),
            Source::Ec2Instances { .. }
            | Source::Ec2ImageAge { .. }
            | Source::Ec2SnapshotAge { .. }
            | Source::Ec2VpnTunnels
            | Source::Ec2TransitGatewayPeerings
            | Source::Ec2CapacityReservations => SourceId::Ec2(region),
        }
    }
}

/// Why a feed has nothing to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// In words, for the row: what was asked and what came back.
    pub why: String,
}

/// Kinds of failure that mean different things to an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// No answer before the deadline.
    Timeout,
    /// No connection.
    Connect,
    /// Credentials that are refused, or permissions that are missing.
    Denied,
    /// Not asked: there are no AWS credentials to ask with.
    NoCredentials,
    /// This machine's clock is wrong.
    Clock,
    /// Asked too often.
    Throttled,
    /// Not asked: what the estate file lets it cost is spent.
    Budget,
    /// The service said that something is wrong with itself.
    Service,
    /// The answer made no sense.
    Garbled,
}

/// What a failure says of the source that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// It does not answer: it is gone, or the way to it is.
    Silent,
    /// It answers, and refuses whoever asks; or would, for want of credentials.
    Refused,
    /// It is asked less often than it was meant to be, by its own limit or by ours. That says nothing of what it watches:
    /// what is known of that grows old, and no more.
    Held,
    /// It answers, but nothing that can be used.
    Useless,
}

impl FailureKind {
    /// What it says of its source.
    #[must_use]
    pub fn means(self) -> Means {
        match self {
            FailureKind::Timeout | FailureKind::Connect => Means::Silent,
            FailureKind::Denied | FailureKind::NoCredentials | FailureKind::Clock => Means::Refused,
            FailureKind::Throttled | FailureKind::Budget => Means::Held,
            FailureKind::Service | FailureKind::Garbled => Means::Useless,
        }
    }
}

impl Means {
    /// Whether the source tells nothing now, so that what it told before is no knowledge of how things are, however young.
    #[must_use]
    pub fn blinds(self) -> bool {
        match self {
            Means::Silent | Means::Refused | Means::Useless => true,
            Means::Held => false,
        }
    }
}

/// What a feed learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum News {
    /// Figures of systems.
    Readings(Vec<Sample>),
    /// Routing control states as one endpoint has them.
    Controls(BTreeMap<ControlArn, ControlState>),
    /// A health check's checkers.
    Check(CheckStatus),
    /// What a resolver answers, a name each.
    Dns(Vec<DnsAnswer>),
    /// What the application answered.
    Probe(ProbeAnswer),
    /// DRS servers and jobs of a region, and figures made from them.
    Drs {
        /// Source servers.
        servers: Vec<DrsServer>,
        /// Every job that is not over or that carries a change, and the newest of the others, newest first. An error if
        /// the list could not be read to its end, while the servers could.
        jobs: Result<Vec<DrsJob>, Failure>,
        /// Readings that come from DRS.
        samples: Vec<Sample>,
    },
}

/// Which figure, where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReadingKey {
    /// The system.
    pub system: SystemId,
    /// The reading.
    pub reading: ReadingId,
    /// Where.
    pub place: Place,
}

/// What a source that answered said of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// This, in the reading's unit.
    Is(f64),
    /// Nobody called, so there is none; see [`crate::estate::Missing::Ok`].
    Idle(Idle),
    /// It has no data.
    Nothing,
}

/// How [`Said::Idle`] is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Idle {
    /// The only word.
    Idle,
}

impl Said {
    /// Nobody called.
    pub const IDLE: Self = Said::Idle(Idle::Idle);

    /// The figure, if there is one.
    #[must_use]
    pub fn figure(self) -> Option<f64> {
        match self {
            Said::Is(figure) => Some(figure),
            Said::Idle(_) | Said::Nothing => None,
        }
    }
}

impl From<Option<f64>> for Said {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Said::Nothing, Said::Is)
    }
}

/// One measured figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Which figure.
    pub key: ReadingKey,
    /// What the source said.
    pub value: Said,
    /// When it was measured, by the source's clock.
    pub measured: Timestamp,
    /// How long after `measured` it counts as fresh.
    pub fresh_for: Span,
}

/// One control over all endpoints that have answered lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lever {
    /// All of them say the same.
    Agreed(ControlState),
    /// They do not.
    Disagreed {
        /// Endpoints that say On.
        on: usize,
        /// Endpoints that say Off.
        off: usize,
    },
    /// None has answered lately.
    Unknown,
}

/// A health check's status by its checkers (`GetHealthCheckStatus`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStatus {
    /// The check.
    pub id: HealthCheckId,
    /// Checkers that call it healthy.
    pub healthy: u16,
    /// Checkers that answered.
    pub checkers: u16,
    /// The commonest reason of the unhealthy ones.
    pub reason: Option<String>,
}

impl CheckStatus {
    /// Route 53 calls an endpoint healthy when more than 18 % of its checkers do.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        u32::from(self.healthy) * 100 > u32::from(self.checkers) * 18
    }
}

/// A resolver's answer for one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsAnswer {
    /// The name asked.
    pub name: String,
    /// CNAMEs and addresses answered, in order; or why not.
    pub answers: Result<Vec<String>, String>,
    /// Seconds that the resolver will keep it.
    pub ttl: u32,
    /// The region that the answer leads to, if known.
    pub region: Option<Region>,
}

/// What an HTTP probe got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeAnswer {
    /// The status code.
    pub status: u16,
    /// How long the answer took.
    pub took: Span,
}

impl ProbeAnswer {
    /// Whether it says that the application works.
    #[must_use]
    pub fn is_well(&self) -> bool {
        (200..400).contains(&self.status)
    }
}

/// A DRS source server (`DescribeSourceServers`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrsServer {
    /// `s-…`.
    pub id: String,
    /// Host name or Name tag.
    pub name: String,
    /// `dataReplicationState`: `CONTINUOUS` when well.
    pub state: String,
    /// Replication lag.
    pub lag: Option<Span>,
    /// Bytes still to replicate.
    pub backlog: Option<i64>,
    /// Its last launch's status, where it had one.
    pub last_launch: Option<String>,
    /// Newest recovery snapshot.
    pub snapshot: Option<Timestamp>,
}

/// A DRS job (`DescribeJobs`, `DescribeJobLogItems`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrsJob {
    /// `drsjob-…`.
    pub id: String,
    /// `LAUNCH`, `TERMINATE`, …
    pub kind: String,
    /// `START_RECOVERY`, `START_DRILL`, …
    pub initiated_by: String,
    /// PENDING, STARTED or COMPLETED; a COMPLETED job may still have failed servers.
    pub status: String,
    /// Servers and their `launchStatus`.
    pub servers: Vec<(String, String)>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// The change that asked for it, by the tag that this program puts on its jobs.
    #[serde(default)]
    pub change: Option<Digest>,
    /// Log lines, oldest first, as far as they have been read.
    pub log: Vec<(Timestamp, String)>,
    /// Why the log could not be read this time.
    #[serde(default)]
    pub log_failure: Option<Failure>,
}

/// How an attempt to launch DRS servers ended (`StartRecovery`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum LaunchEnd {
    /// DRS has taken it on.
    Started {
        /// `drsjob-…`.
        job: String,
    },
    /// It was sent, and DRS did not say that it has begun: no answer proves that it has not. The job is looked for by
    /// its tag.
    #[serde(alias = "refused")]
    Uncertain {
        /// What happened, or what DRS answered.
        why: String,
    },
    /// Nothing was sent.
    NotSent {
        /// Why.
        why: String,
    },
}

/// How an attempt to change routing controls ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlipOutcome {
    /// The verdict.
    pub end: FlipEnd,
    /// Every endpoint tried, in order.
    pub attempts: Vec<Attempt>,
}

/// How old the states may be that a read of the cluster shows: ARC documents that it propagates a change, and no time for
/// it, and what is in between may keep an answer. Old states that are read sooner after a write prove nothing.
pub const STALE: Span = Span::from_secs(15);

/// Endpoints that must agree on what the controls are: one alone may be behind the others, or ahead.
pub const AGREE: usize = 2;

/// The verdict on a flip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlipEnd {
    /// An endpoint confirmed it, or a read showed it done.
    Applied {
        /// The endpoint.
        endpoint: Region,
    },
    /// Nobody let it be sent; nothing was.
    Refused(Refusal),
    /// It was sent, and ARC said no or "try again" twice, or its endpoint failed ([`Refusal::is_failure`]). That proves nothing: what said so
    /// may have done it first. Reads settle it.
    Denied(Refusal),
    /// The controls were not in their *from* states any more; nothing was written.
    Moved(BTreeMap<ControlArn, ControlState>),
    /// A write may or may not have happened: no endpoint confirmed it.
    Uncertain,
    /// No endpoint could be reached; nothing was sent.
    Unreachable,
    /// The journal took so long to keep the intent that the second key's window was over; nothing was sent.
    TooLate,
}

/// One try at one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The endpoint.
    pub endpoint: Region,
    /// How long it took.
    pub took: Span,
    /// What came of it, in words.
    pub said: String,
}

/// Why ARC said no, or failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The kind.
    pub kind: RefusalKind,
    /// The safety rule that its message names.
    pub rule: Option<RuleArn>,
    /// ARC's own message.
    pub message: String,
}

impl Refusal {
    /// Whether it is none: an endpoint failed, and nobody at ARC said no.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.kind == RefusalKind::Unavailable
    }

    /// Whether every endpoint would say the same in a moment: what is asked for is wrong, or who asks may not.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self.kind {
            RefusalKind::Throttled | RefusalKind::Unavailable => false,
            RefusalKind::SafetyRule
            | RefusalKind::Conflict
            | RefusalKind::AccessDenied
            | RefusalKind::NoCredentials
            | RefusalKind::Clock
            | RefusalKind::Validation
            | RefusalKind::NotFound
            | RefusalKind::LimitExceeded => true,
        }
    }
}

/// Kinds of refusal (`route53-recovery-cluster` errors), told apart because each wants something else done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalKind {
    /// A safety rule would be broken, or its wait period runs.
    SafetyRule,
    /// `ConflictException` that names no rule: "try again". It was, and the next endpoint said the same, or there was none.
    Conflict,
    /// `ThrottlingException` at every endpoint.
    Throttled,
    /// No refusal: the endpoints that were written to failed (`EndpointTemporarilyUnavailableException`,
    /// `InternalServerException`).
    Unavailable,
    /// `AccessDeniedException`.
    AccessDenied,
    /// Nobody was asked: there was nothing to sign with.
    NoCredentials,
    /// AWS does not take what this machine's clock signs.
    Clock,
    /// `ValidationException`.
    Validation,
    /// `ResourceNotFoundException`.
    NotFound,
    /// `ServiceLimitExceededException`.
    LimitExceeded,
}

/// What one endpoint showed after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadBack {
    /// The endpoint.
    pub endpoint: Region,
    /// The states, or why there are none.
    pub states: Result<BTreeMap<ControlArn, ControlState>, String>,
}
