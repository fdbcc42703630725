//! Route 53 health checks: sixteen checkers, each asking in its own time and turning after equal answers in a row.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::causes::App;
use super::dice::key;
use super::{Check, CheckKind, Observation, World};
use crate::estate::{ControlState, HealthCheck, Region};
use crate::time::Timestamp;

/// Seconds between two requests of one checker.
pub const INTERVAL_SECS: i32 = 30;
/// Equal answers in a row before a checker turns: with the interval, the estate's sixty seconds of detection.
pub const THRESHOLD: i32 = 2;
/// Checkers of an endpoint check.
pub const CHECKERS: usize = 16;
/// A check is healthy while more than this share of its checkers is.
const ENOUGH: f64 = 0.18;
/// Where the checkers stand, two each.
const REGIONS: [&str; 8] = [
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
];

impl World {
    /// Every Route 53 health check: endpoint checks, those that follow routing controls, and one calculated check a pair
    /// over those of its endpoint checks that are in one account.
    #[must_use]
    pub fn health_checks(&self) -> Vec<Check> {
        let mut checks: Vec<Check> = Vec::new();
        for check in &self.estate.health_checks {
            checks.push(Check {
                id: check.id.to_string(),
                owner: self.owner_of_check(check.id.as_str()).to_owned(),
                name: check.name.clone(),
                kind: CheckKind::Endpoint {
                    host: self.regional_host(&check.service, &check.region),
                    port: 443,
                    path: "/healthz".into(),
                    interval_secs: INTERVAL_SECS,
                    threshold: THRESHOLD,
                },
            });
        }
        for control in self.estate.controls() {
            if let Some(id) = &control.health_check {
                checks.push(Check {
                    id: id.to_string(),
                    owner: self.owner_of_check(id.as_str()).to_owned(),
                    name: control.name.clone(),
                    kind: CheckKind::RecoveryControl { control: control.arn.clone() },
                });
            }
        }
        for pair in &self.estate.pairs {
            let of_pair =
                |c: &&HealthCheck| self.estate.services.iter().any(|s| s.name == c.service && s.pair == pair.name);
            let mut each: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for child in self.estate.health_checks.iter().filter(of_pair) {
                each.entry(self.owner_of_check(child.id.as_str())).or_default().push(child.id.to_string());
            }
            for (owner, children) in each {
                checks.push(Check {
                    id: self.dice.uuid(&[key("calculated") ^ self.salt(owner), key(pair.name.as_str())]),
                    owner: owner.to_owned(),
                    name: format!("{} all endpoints", pair.name),
                    kind: CheckKind::Calculated { threshold: 1, children },
                });
            }
        }
        checks
    }

    /// What the 16 checkers of an endpoint check saw last; none for an unknown id, and none for calculated and
    /// recovery-control checks, which have no checkers.
    #[must_use]
    pub fn health_check_observations(&self, id: &str) -> Option<Vec<Observation>> {
        let check = self.estate.health_checks.iter().find(|c| c.id.as_str() == id)?;
        Some((0..CHECKERS).map(|n| self.observation(check, n)).collect())
    }

    fn observation(&self, check: &HealthCheck, checker: usize) -> Observation {
        let poll = self.last_poll(check, checker, self.now);
        let at = self.poll_time(check, checker, poll);
        let reason =
            match (self.poll_succeeds(check, checker, poll), self.causes.app(&check.service, &check.region, at)) {
                (true, _) => "Success: HTTP Status Code 200, OK".to_owned(),
                (false, App::Dark) => {
                    "Failure: Connection timed out. The endpoint or the internet connection is down, \
                                   or requests are being blocked by your firewall."
                        .to_owned()
                }
                (false, _) => "Failure: HTTP Status Code 503, Service Unavailable".to_owned(),
            };
        Observation {
            region: Region::new(REGIONS[checker / 2 % REGIONS.len()]),
            ip: Ipv4Addr::new(54, 183, 255, 128 + u8::try_from(checker).unwrap_or(0)),
            healthy: self.checker_holds(check, checker, self.now),
            reason,
            checked_at: at,
        }
    }

    /// Whether a check is healthy at a moment: an endpoint's by its checkers, a recovery control's by its control,
    /// a calculated one by its children. None for an unknown id.
    #[must_use]
    pub fn health_check_healthy(&self, id: &str, at: Timestamp) -> Option<bool> {
        if let Some(share) = self.healthy_share(id, at) {
            return Some(share > ENOUGH);
        }
        let control = self.estate.controls().find(|c| c.health_check.as_ref().is_some_and(|h| h.as_str() == id));
        if let Some(control) = control {
            return Some(self.levers.state(&control.arn, at) == Some(ControlState::On));
        }
        self.health_checks().into_iter().find(|c| c.id == id).and_then(|c| match c.kind {
            CheckKind::Calculated { children, threshold } => {
                let healthy = children.iter().filter(|c| self.health_check_healthy(c, at) == Some(true)).count();
                Some(healthy >= usize::try_from(threshold).unwrap_or(1))
            }
            _ => None,
        })
    }

    /// The share of an endpoint check's checkers that hold it healthy, 0.0 to 1.0.
    pub(super) fn healthy_share(&self, id: &str, at: Timestamp) -> Option<f64> {
        let check = self.estate.health_checks.iter().find(|c| c.id.as_str() == id)?;
        let healthy = (0..CHECKERS).filter(|n| self.checker_holds(check, *n, at)).count();
        Some(healthy as f64 / CHECKERS as f64)
    }

    fn phase(&self, check: &HealthCheck, checker: usize) -> i64 {
        self.dice.between(0, i64::from(INTERVAL_SECS) * 1000, &[key("checker"), key(check.id.as_str()), checker as u64])
    }

    fn last_poll(&self, check: &HealthCheck, checker: usize, at: Timestamp) -> i64 {
        (at.as_millisecond() - self.phase(check, checker)).div_euclid(i64::from(INTERVAL_SECS) * 1000)
    }

    fn poll_time(&self, check: &HealthCheck, checker: usize, poll: i64) -> Timestamp {
        let millis = poll * i64::from(INTERVAL_SECS) * 1000 + self.phase(check, checker);
        Timestamp::from_millisecond(millis).unwrap_or(self.now)
    }

    fn poll_succeeds(&self, check: &HealthCheck, checker: usize, poll: i64) -> bool {
        match self.causes.app(&check.service, &check.region, self.poll_time(check, checker, poll)) {
            App::Up => true,
            App::Down | App::Dark => false,
            App::Slow { errors, .. } => {
                self.dice.unit(&[key("poll"), key(check.id.as_str()), checker as u64, poll as u64]) >= errors
            }
        }
    }

    /// What a checker holds: the answer it last got `THRESHOLD` times in a row.
    fn checker_holds(&self, check: &HealthCheck, checker: usize, at: Timestamp) -> bool {
        let last = self.last_poll(check, checker, at);
        let mut run = 0;
        let mut newer = None;
        for poll in (last - 64..=last).rev() {
            let answer = self.poll_succeeds(check, checker, poll);
            run = if newer == Some(answer) { run + 1 } else { 1 };
            newer = Some(answer);
            if run >= THRESHOLD {
                return answer;
            }
        }
        true
    }
}
