//! What went wrong, from when until when: besides the levers, the only thing that changes the world.
//!
//! Everything else asks "what held at that moment". So the past can be queried like the present, and the world is the
//! same however often it is looked at.

use crate::estate::{AccountName, ReadingId, Region, ResolverName, ServiceName, Side, SystemId};
use crate::sim::scenario::{EndpointAnswer, ResolverAnswer, What};
use crate::time::{Span, Timestamp};

use super::{Api, CheckSetting, DrsAnswer, DrsCall, Permission, ROUTE53_HOME, Reach};

/// At most this many causes are kept: more than any scenario has, less than a runaway test could make.
const MOST: usize = 1_000;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// From when.
    pub from: Timestamp,
    /// Until when; none while it goes on.
    pub until: Option<Timestamp>,
    /// In words.
    pub say: String,
    /// What.
    pub what: What,
}

impl Cause {
    fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|u| at < u)
    }
}

/// How an application answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum App {
    /// 200.
    Up,
    /// Late, and this share (0.0 to 1.0) with 503.
    Slow {
        /// The share that fails.
        errors: f64,
        /// How late.
        latency: Span,
    },
    /// 503.
    Down,
    /// Not at all.
    Dark,
}

/// Everything that happened.
#[derive(Debug, Default)]
pub struct Causes(Vec<Cause>);

impl Causes {
    pub fn add(&mut self, cause: Cause) {
        if self.0.len() < MOST {
            self.0.push(cause);
        }
    }

    pub fn all(&self) -> &[Cause] {
        &self.0
    }

    /// Ends whatever holds at `now`.
    pub fn end_all(&mut self, now: Timestamp) {
        for cause in self.0.iter_mut().filter(|c| c.holds(now)) {
            cause.until = Some(now);
        }
    }

    fn at(&self, at: Timestamp) -> impl Iterator<Item = &Cause> {
        self.0.iter().filter(move |c| c.holds(at))
    }

    /// Whether a region as a whole is failed.
    pub fn region_down(&self, region: &Region, at: Timestamp) -> bool {
        self.at(at).any(|c| matches!(&c.what, What::RegionDown { region: r, .. } if r == region))
    }

    /// Whether a failed region's own APIs are gone, too.
    pub fn region_dark(&self, region: &Region, at: Timestamp) -> bool {
        self.at(at).any(|c| match &c.what {
            What::RegionDown { region: r, apis_after } => {
                r == region && c.from.checked_add(*apis_after).is_ok_and(|t| t <= at)
            }
            _ => false,
        })
    }

    pub fn reach(&self, region: &Region, api: Api, at: Timestamp) -> Reach {
        let named = self.at(at).find_map(|c| match &c.what {
            What::ApiFails { api: a, region: r, answer } if *a == api && (r == region || api == Api::Route53) => {
                Some(*answer)
            }
            _ => None,
        });
        match named {
            Some(answer) => answer,
            // Route 53's API is in one region for all: its servers and its checkers are everywhere.
            None if api == Api::Route53 && self.region_dark(&Region::new(ROUTE53_HOME), at) => Reach::Hang,
            None if api != Api::Route53 && self.region_dark(region, at) => Reach::Hang,
            None => Reach::Ok,
        }
    }

    /// How a health check is set up now; none for a plain check of an endpoint. What was said last holds.
    pub fn check(&self, id: &str, at: Timestamp) -> Option<&CheckSetting> {
        let set = self.at(at).filter_map(|c| match &c.what {
            What::HealthCheckSet { check, set } if check.as_str() == id => Some((c.from, set)),
            _ => None,
        });
        set.max_by_key(|(from, _)| *from).map(|(_, set)| set)
    }

    /// What becomes of one operation of a region's DRS, and whether it is carried out all the same; none where it works.
    pub fn drs_call(&self, region: &Region, call: DrsCall, at: Timestamp) -> Option<(DrsAnswer, bool)> {
        self.at(at).find_map(|c| match &c.what {
            What::DrsCallFails { call: failing, region: r, answer, done } if *failing == call && r == region => {
                Some((*answer, *done))
            }
            _ => None,
        })
    }

    /// How many source servers of a region's DRS replicate the other way now.
    pub fn reversed(&self, region: &Region, at: Timestamp) -> usize {
        let reversed = self.at(at).filter_map(|c| match &c.what {
            What::DrsReversed { region: r, servers } if r == region => Some(*servers),
            _ => None,
        });
        reversed.max().unwrap_or(0)
    }

    /// Whether whoever calls has a permission.
    pub fn may(&self, permission: Permission, at: Timestamp) -> bool {
        !self.at(at).any(|c| matches!(&c.what, What::PermissionDenied { permission: p } if *p == permission))
    }

    /// Whether STS gives nobody a role of an account.
    pub fn role_refused(&self, account: &AccountName, act: bool, at: Timestamp) -> bool {
        self.at(at).any(|c| matches!(&c.what, What::RoleRefused { account: a, act: r } if a == account && *r == act))
    }

    /// Whether a session that began at `began` was ended before its time.
    pub fn sessions_ended(&self, began: Timestamp, at: Timestamp) -> bool {
        self.0.iter().any(|c| c.what == What::SessionsEnd && began <= c.from && c.from <= at)
    }

    pub fn endpoint(&self, region: &Region, at: Timestamp) -> Option<EndpointAnswer> {
        let named = self.at(at).find_map(|c| match &c.what {
            What::Endpoints { endpoints, answer } if endpoints.contains(region) => Some(*answer),
            _ => None,
        });
        named.or_else(|| self.region_dark(region, at).then_some(EndpointAnswer::Hang))
    }

    pub fn resolver_silent(&self, resolver: &ResolverName, at: Timestamp) -> bool {
        self.at(at).any(|c| matches!(&c.what, What::ResolverSilent { resolver: r } if r == resolver))
    }

    pub fn resolver(&self, resolver: &ResolverName, at: Timestamp) -> Option<ResolverAnswer> {
        self.at(at).find_map(|c| match &c.what {
            What::ResolverAnswers { resolver: r, answer } if r == resolver => Some(*answer),
            _ => None,
        })
    }

    /// How a service's application answers in a region.
    pub fn app(&self, service: &ServiceName, region: &Region, at: Timestamp) -> App {
        if self.region_dark(region, at) {
            return App::Dark;
        }
        if self.region_down(region, at) {
            return App::Down;
        }
        let mut app = App::Up;
        for cause in self.at(at) {
            match &cause.what {
                What::ServiceDown { services, region: r } if r == region && services.contains(service) => {
                    return App::Down;
                }
                What::ServiceSlow { services, region: r, errors, latency }
                    if r == region && services.contains(service) =>
                {
                    app = App::Slow { errors: *errors, latency: *latency };
                }
                _ => {}
            }
        }
        app
    }

    /// A figure that a scenario gives a reading, given what it would be; none when its data stopped.
    pub fn reading(
        &self,
        system: &SystemId,
        reading: &ReadingId,
        side: Side,
        at: Timestamp,
        natural: f64,
    ) -> Option<f64> {
        let mut value = natural;
        for cause in self.at(at) {
            match &cause.what {
                What::ReadingStop { reading: pick } if pick.takes(system, reading, side) => return None,
                What::ReadingSet { reading: pick, value: set } if pick.takes(system, reading, side) => value = *set,
                What::ReadingGrow { reading: pick, by, every } if pick.takes(system, reading, side) => {
                    value += by * at.duration_since(cause.from).as_secs_f64() / every.as_secs_f64();
                }
                _ => {}
            }
        }
        Some(value)
    }

    /// Since when a scenario has given a reading a figure of its own.
    pub fn set_since(&self, system: &SystemId, reading: &ReadingId, side: Side, at: Timestamp) -> Option<Timestamp> {
        let sets = |c: &&Cause| matches!(&c.what, What::ReadingSet { reading: p, .. } | What::ReadingGrow { reading: p, .. } if p.takes(system, reading, side));
        self.at(at).filter(sets).map(|c| c.from).min()
    }

    /// How many seconds a copy made for `system` from `source` is behind at `at`, over its usual lag, and the
    /// moment its usual lag is to be read at: the last one before its source fell silent.
    pub fn behind(&self, system: &SystemId, source: &Region, at: Timestamp) -> (f64, Timestamp) {
        /// Seconds caught up in one second once the link is back.
        const DRAIN: f64 = 6.0;
        let stalls = |c: &Cause| matches!(&c.what, What::ReplicationStall { systems } if systems.contains(system));
        let silences = |c: &Cause| matches!(&c.what, What::RegionDown { region, .. } if region == source);
        let mut edges: Vec<Timestamp> = Vec::new();
        for cause in self.0.iter().filter(|c| c.from <= at && (stalls(c) || silences(c))) {
            edges.push(cause.from);
            edges.extend(cause.until.filter(|u| *u < at));
        }
        edges.sort();
        edges.push(at);
        let (mut behind, mut frozen) = (0.0_f64, at);
        for pair in edges.windows(2) {
            let [from, to] = pair else { continue };
            let seconds = to.duration_since(*from).as_secs_f64();
            if self.at(*from).any(silences) {
                frozen = frozen.min(*from);
            } else if self.at(*from).any(stalls) {
                frozen = at;
                behind += seconds;
            } else {
                frozen = at;
                behind = (behind - seconds * DRAIN).max(0.0);
            }
        }
        (behind, frozen)
    }

    /// Whether the replication of a system is stalled.
    pub fn stalled(&self, system: &SystemId, at: Timestamp) -> bool {
        self.at(at).any(|c| matches!(&c.what, What::ReplicationStall { systems } if systems.contains(system)))
    }
}
