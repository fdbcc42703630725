//! How kind the simulator is. AWS is not: it is far away, its metrics come late, it counts how often it is asked, and its
//! DNS answers name no region.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::SimClock;
use super::wire::{Answer, Handler};
use super::world::Api;
use crate::estate::Region;
use crate::time::{Span, Timestamp};

/// How the simulator treats its callers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Temper {
    /// It answers at once, knows every metric at the end of its period, and counts nothing; its names are CNAMEs of names
    /// that have the region in them.
    #[default]
    Kind,
    /// It is as far away, as late and as sparing as AWS, and its names are aliases: answers are addresses alone.
    Unkind,
}

/// Round trips in milliseconds, from a laptop near us-east-1, as published measurements between regions have them.
const AWAY: [(&str, u64); 9] = [
    ("us-east-1", 8),
    ("us-east-2", 16),
    ("ca-central-1", 20),
    ("us-west-1", 62),
    ("us-west-2", 68),
    ("eu-west-1", 75),
    ("eu-central-1", 92),
    ("ap-northeast-1", 155),
    ("ap-southeast-2", 200),
];
/// Of a region that the table does not have.
const SOMEWHERE: u64 = 130;

/// Milliseconds that a service itself takes.
fn takes(api: Option<Api>) -> u64 {
    match api {
        None => 12,
        Some(Api::Cloudwatch) => 60,
        Some(Api::Ec2) => 90,
        Some(Api::Drs) => 140,
        Some(_) => 40,
    }
}

/// Calls a second that an account may make of a service, in a region or in all: Route 53's by its developer guide,
/// CloudWatch's `GetMetricData` by Service Quotas. DRS and EC2 document none that is a number for all calls.
fn quota(api: Api) -> Option<usize> {
    match api {
        Api::Route53 => Some(5),
        Api::Cloudwatch => Some(50),
        _ => None,
    }
}

/// One change in so many gets a "try again" from ARC.
const CONFLICTS: u64 = 7;

/// Who called when, for what is counted.
#[derive(Debug, Default)]
pub(super) struct Counts(BTreeMap<(String, Api, Region), VecDeque<Timestamp>>);

impl Counts {
    /// Counts a call; false where it is one too many in this second.
    pub(super) fn allow(&mut self, account: &str, api: Api, region: &Region, now: Timestamp) -> bool {
        let Some(most) = quota(api) else { return true };
        let calls = self.0.entry((account.to_owned(), api, region.clone())).or_default();
        while calls.front().is_some_and(|at| now.duration_since(*at) >= Span::from_secs(1)) {
            calls.pop_front();
        }
        let allowed = calls.len() < most;
        if allowed {
            calls.push_back(now);
        }
        allowed
    }
}

impl Temper {
    /// How long after the end of its period a metric is published: one minute to three, the same for a metric always.
    #[must_use]
    pub fn late(self, dice: u64) -> Span {
        match self {
            Temper::Kind => Span::ZERO,
            Temper::Unkind => Span::from_secs(i64::try_from(60 + dice % 121).unwrap_or(60)),
        }
    }

    /// Whether the zones' records are aliases, so that answers are addresses alone.
    pub(super) fn aliases(self) -> bool {
        self == Temper::Unkind
    }

    /// Whether the cluster has a conflict with the change that is asked of it as this one, counted from 1.
    pub(super) fn conflicts(self, nth: u64) -> bool {
        self == Temper::Unkind && nth.is_multiple_of(CONFLICTS)
    }

    /// A handler as far away as its region is, in the time of the world; `None` for the data plane of ARC.
    pub(super) fn at_a_distance(self, handler: Handler, clock: SimClock, region: &Region, api: Option<Api>) -> Handler {
        if self == Temper::Kind {
            return handler;
        }
        let away = AWAY.iter().find(|(name, _)| *name == region.as_str()).map_or(SOMEWHERE, |(_, ms)| *ms);
        let usual = away + takes(api);
        let asked = AtomicU64::new(0);
        Arc::new(move |request| {
            // Some calls take half as long again: which ones is the same in every run.
            let nth = asked.fetch_add(1, Ordering::Relaxed);
            let late = usual + usual * (nth.wrapping_mul(7) % 5) / 8;
            let late = clock.real_duration(Span::from_millis(i64::try_from(late).unwrap_or_default()));
            match handler(request) {
                Answer::Reply(reply) => Answer::Later(late, reply),
                Answer::Later(more, reply) => Answer::Later(late + more, reply),
                other => other,
            }
        })
    }
}
