//! A scenario: what goes wrong, when, in words that a user can write.
//!
//! A scenario file is read against an estate, so that `region = "active"` means that estate's own region and
//! a system misspelt is found before anything starts.

mod read;

pub use crate::estate::{Fault, Faults};
pub use read::FIELDS as SHAPES;

use super::wire::Skew;
use super::world::{Api, CheckSetting, DrsAnswer, DrsCall, Permission, Reach};
use crate::estate::{
    AccountName, ControlArn, ControlState, Estate, HealthCheckId, ReadingId, Region, ResolverName, ServiceName, Side,
    SystemId,
};
use crate::time::Span;

/// No scenario is longer, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// A scenario, read against an estate.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// A few words.
    pub title: String,
    /// A sentence that says what happens and what it is good for.
    pub about: String,
    /// What chance depends on; the same seed gives the same world.
    pub seed: u64,
    /// What happens, in the file's order.
    pub happenings: Vec<Happening>,
}

/// Something that happens at its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// When, from the start.
    pub at: Span,
    /// How long; none lasts to the end.
    pub lasts: Option<Span>,
    /// In words, for the log.
    pub say: String,
    /// What.
    pub what: What,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A whole region fails: applications at once, its own APIs and its ARC endpoint `apis_after` later.
    RegionDown {
        /// The region.
        region: Region,
        /// How long its APIs live on.
        apis_after: Span,
    },
    /// Services fail in a region, which itself lives.
    ServiceDown {
        /// The services.
        services: Vec<ServiceName>,
        /// The region.
        region: Region,
    },
    /// Services answer late and often wrong in a region.
    ServiceSlow {
        /// The services.
        services: Vec<ServiceName>,
        /// The region.
        region: Region,
        /// Share of requests that fail, 0.0 to 1.0.
        errors: f64,
        /// How late answers are.
        latency: Span,
    },
    /// A reading stands at a figure.
    ReadingSet {
        /// The reading.
        reading: Pick,
        /// The figure, in the reading's unit.
        value: f64,
    },
    /// A reading grows steadily from what it is.
    ReadingGrow {
        /// The reading.
        reading: Pick,
        /// By how much.
        by: f64,
        /// In what time.
        every: Span,
    },
    /// Readings have no data any more.
    ReadingStop {
        /// The readings.
        reading: Pick,
    },
    /// Asynchronous replicas stop receiving.
    ReplicationStall {
        /// The systems.
        systems: Vec<SystemId>,
    },
    /// ARC cluster endpoints misbehave.
    Endpoints {
        /// The endpoints' regions.
        endpoints: Vec<Region>,
        /// How.
        answer: EndpointAnswer,
    },
    /// An API misbehaves in a region.
    ApiFails {
        /// The API.
        api: Api,
        /// The region.
        region: Region,
        /// How.
        answer: Reach,
    },
    /// One operation of a region's DRS misbehaves, while the others work.
    DrsCallFails {
        /// The operation.
        call: DrsCall,
        /// The region.
        region: Region,
        /// What it answers.
        answer: DrsAnswer,
        /// Whether it is carried out all the same.
        done: bool,
    },
    /// The replication of source servers that DRS lists in a region is reversed: those stop, and others begin in the
    /// region that they came from.
    DrsReversed {
        /// The region that they replicated into.
        region: Region,
        /// How many of them, the last in DRS's order.
        servers: usize,
    },
    /// Whoever calls lacks a permission.
    PermissionDenied {
        /// The permission.
        permission: Permission,
    },
    /// STS gives nobody a role of an account any more.
    RoleRefused {
        /// The account.
        account: AccountName,
        /// Whether it is the role to act; else that to look.
        act: bool,
    },
    /// All sessions that STS has given end.
    SessionsEnd,
    /// A DNS resolver is silent.
    ResolverSilent {
        /// The resolver.
        resolver: ResolverName,
    },
    /// A DNS resolver answers otherwise than plainly.
    ResolverAnswers {
        /// The resolver.
        resolver: ResolverName,
        /// How.
        answer: ResolverAnswer,
    },
    /// A Route 53 health check of the estate is set up otherwise than as a plain check of its application.
    HealthCheckSet {
        /// The check.
        check: HealthCheckId,
        /// How.
        set: CheckSetting,
    },
    /// Somebody else changes a routing control, unasked.
    ControlSet {
        /// The control.
        control: ControlArn,
        /// To what.
        state: ControlState,
    },
}

/// Which readings are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The system.
    pub system: SystemId,
    /// The reading; none means all of the system.
    pub reading: Option<ReadingId>,
    /// The side; none means both.
    pub side: Option<Side>,
}

impl Pick {
    /// Whether a reading is meant.
    #[must_use]
    pub fn takes(&self, system: &SystemId, reading: &ReadingId, side: Side) -> bool {
        &self.system == system
            && self.reading.as_ref().is_none_or(|r| r == reading)
            && self.side.is_none_or(|s| s == side)
    }
}

/// How an ARC cluster endpoint misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointAnswer {
    /// Takes the request and never answers.
    Hang,
    /// Takes the request, carries it out, and never answers.
    HangAfter,
    /// Closes the connection.
    Refuse,
    /// `EndpointTemporarilyUnavailableException`, 503.
    Unavailable,
    /// `InternalServerException`, 500.
    Internal,
    /// `ThrottlingException`, 429.
    Throttle,
    /// Reads as ever; a change gets a `ConflictException` that names no safety rule, and is not carried out.
    Conflict,
    /// Answers, late.
    Slow(Span),
    /// 200, and a page of somebody else: a proxy's, a captive portal's.
    Garbled,
    /// 200, and a body that never ends.
    Endless,
    /// Answers, with nothing in any list.
    Empty,
    /// Answers by a clock that is not the caller's.
    Clock(Skew),
}

/// How a DNS resolver answers otherwise than plainly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolverAnswer {
    /// Names have IPv6 addresses only.
    OnlyIpv6,
    /// `SERVFAIL` to every question for IPv6 addresses.
    Ipv6Fails,
    /// `FORMERR` to every question with EDNS.
    RefusesEdns,
    /// No answer to a question with EDNS.
    IgnoresEdns,
    /// Over UDP only that the answer is cut off; all of it over TCP.
    Truncates,
    /// Two of a large load balancer's addresses, other ones each time, and no CNAME before them.
    Rotates,
    /// `SERVFAIL` to every question for a load balancer's own name.
    BalancersFail,
    /// The same address for every name, as where one accelerator stands before both regions.
    OneForAll,
}

/// The shipped scenarios: name and text.
pub const SHIPPED: [(&str, &str); 11] = [
    ("calm", include_str!("../../assets/scenarios/calm.toml")),
    ("region-outage", include_str!("../../assets/scenarios/region-outage.toml")),
    ("brownout", include_str!("../../assets/scenarios/brownout.toml")),
    ("replication-stall", include_str!("../../assets/scenarios/replication-stall.toml")),
    ("endpoints-dark", include_str!("../../assets/scenarios/endpoints-dark.toml")),
    ("drift", include_str!("../../assets/scenarios/drift.toml")),
    ("canary", include_str!("../../assets/scenarios/canary.toml")),
    ("drs-stalled", include_str!("../../assets/scenarios/drs-stalled.toml")),
    ("oplog", include_str!("../../assets/scenarios/oplog.toml")),
    ("log-shipping", include_str!("../../assets/scenarios/log-shipping.toml")),
    ("certificate", include_str!("../../assets/scenarios/certificate.toml")),
];

impl Scenario {
    /// Reads a scenario from TOML text against an estate. `file` is the name that faults are reported under.
    ///
    /// # Errors
    /// All faults found, each with file, line and column.
    pub fn parse(text: &str, file: &str, estate: &Estate) -> Result<Self, Faults> {
        read::parse(text, file, estate)
    }

    /// The shipped scenario of this name; none when there is no such.
    ///
    /// # Errors
    /// When it asks for something the estate has not got.
    pub fn shipped(name: &str, estate: &Estate) -> Option<Result<Self, Faults>> {
        let (name, text) = SHIPPED.iter().find(|(n, _)| *n == name)?;
        Some(Self::parse(text, &format!("{name}.toml"), estate))
    }

    /// A shipped scenario by name, or one from a file.
    ///
    /// # Errors
    /// When it is neither, or the file has faults.
    pub fn load(name_or_file: &str, estate: &Estate) -> Result<Self, LoadError> {
        if let Some(shipped) = Self::shipped(name_or_file, estate) {
            return Ok(shipped?);
        }
        let text = crate::files::read_text(name_or_file.as_ref(), LONGEST).map_err(|error| LoadError::NoSuch {
            name: name_or_file.to_owned(),
            shipped: SHIPPED.map(|(n, _)| n).join(", "),
            error,
        })?;
        Ok(Self::parse(&text, name_or_file, estate)?)
    }
}

/// Why a scenario could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Neither shipped nor a file.
    #[error("read scenario `{name}`: {error}; the shipped ones are {shipped}")]
    NoSuch {
        /// What was asked for.
        name: String,
        /// The shipped names.
        shipped: String,
        /// Why the file could not be read.
        error: std::io::Error,
    },
    /// The file has faults.
    #[error(transparent)]
    Faults(#[from] Faults),
}
