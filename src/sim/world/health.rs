//! Route 53 health checks: sixteen checkers, each asking in its own time and turning after equal answers in a row.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::causes::App;
use super::dice::key;
use super::{Check, CheckKind, CheckWatches, Observation, World};
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
        let mut checks: Vec<Check> =
            self.estate.health_checks.iter().map(|check| self.health_check(check, self.now)).collect();
        for control in self.estate.controls() {
            if let Some(id) = &control.health_check {
                checks.push(Check {
                    id: id.to_string(),
                    owner: self.owner_of_check(id.as_str()).to_owned(),
                    name: control.name.clone(),
                    kind: CheckKind::RecoveryControl { control: control.arn.clone() },
                    inverted: false,
                    disabled: false,
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
                    inverted: false,
                    disabled: false,
                });
            }
        }
        checks
    }

    /// A health check of the estate as it was set up at a moment.
    fn health_check(&self, check: &HealthCheck, at: Timestamp) -> Check {
        let set = self.causes.check(check.id.as_str(), at);
        let kind = match set.map(|s| &s.watches) {
            None | Some(CheckWatches::Endpoint) => CheckKind::Endpoint {
                host: self.regional_host(&check.service, &check.region),
                port: 443,
                path: "/healthz".into(),
                interval_secs: INTERVAL_SECS,
                threshold: THRESHOLD,
            },
            Some(CheckWatches::Children { children, needed }) => {
                CheckKind::Calculated { children: children.clone(), threshold: *needed }
            }
            Some(CheckWatches::Alarm { name, ok }) => CheckKind::Alarm { name: name.clone(), ok: *ok },
        };
        let (inverted, disabled) = set.map_or((false, false), |s| (s.inverted, s.disabled));
        let owner = self.owner_of_check(check.id.as_str()).to_owned();
        Check { id: check.id.to_string(), owner, name: check.name.clone(), kind, inverted, disabled }
    }

    /// A health check of the account as it was set up at a moment.
    fn find_check(&self, id: &str, at: Timestamp) -> Option<Check> {
        let own = self.estate.health_checks.iter().find(|c| c.id.as_str() == id);
        own.map(|check| self.health_check(check, at)).or_else(|| self.health_checks().into_iter().find(|c| c.id == id))
    }

    /// What the 16 checkers of an endpoint check saw last, nothing while it is disabled; none for an unknown id, and none
    /// for checks of anything else, which have no checkers.
    #[must_use]
    pub fn health_check_observations(&self, id: &str) -> Option<Vec<Observation>> {
        let check = self.estate.health_checks.iter().find(|c| c.id.as_str() == id)?;
        let set = self.health_check(check, self.now);
        let CheckKind::Endpoint { .. } = set.kind else { return None };
        let checkers = if set.disabled { 0 } else { CHECKERS };
        Some((0..checkers).map(|n| self.observation(check, n)).collect())
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

    /// What Route 53 calls a check at a moment: an endpoint's by its checkers, a recovery control's by its control, a
    /// calculated one by its children, an alarm's by its state; a disabled one healthy; and an inverted one the other way
    /// round. None for an unknown id.
    #[must_use]
    pub fn health_check_healthy(&self, id: &str, at: Timestamp) -> Option<bool> {
        let check = self.find_check(id, at)?;
        let own = match &check.kind {
            _ if check.disabled => true,
            CheckKind::Endpoint { .. } => self.healthy_share(id, at)? > ENOUGH,
            CheckKind::RecoveryControl { control } => self.levers.state(control, at) == Some(ControlState::On),
            CheckKind::Calculated { threshold, .. } => {
                self.healthy_children(id, at)? >= usize::try_from(*threshold).unwrap_or(0)
            }
            CheckKind::Alarm { ok, .. } => *ok,
        };
        Some(own != check.inverted)
    }

    /// How many children of a calculated check are healthy; none while it is disabled, or where it is none.
    pub(super) fn healthy_children(&self, id: &str, at: Timestamp) -> Option<usize> {
        let check = self.find_check(id, at).filter(|c| !c.disabled)?;
        let CheckKind::Calculated { children, .. } = check.kind else { return None };
        Some(children.iter().filter(|c| self.health_check_healthy(c, at) == Some(true)).count())
    }

    /// The share of an endpoint check's checkers that hold it healthy, 0.0 to 1.0; none while it is disabled.
    pub(super) fn healthy_share(&self, id: &str, at: Timestamp) -> Option<f64> {
        let check = self.estate.health_checks.iter().find(|c| c.id.as_str() == id)?;
        let set = self.health_check(check, at);
        if set.disabled || !matches!(set.kind, CheckKind::Endpoint { .. }) {
            return None;
        }
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
