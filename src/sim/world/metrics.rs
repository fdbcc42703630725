//! CloudWatch's side of the world: one metric for each reading of the estate, in the region it is read in.

use std::collections::BTreeMap;

use super::causes::App;
use super::dice::key;
use super::figures::{self, Figure, Published};
use super::{CheckKind, Metric, World};
use crate::estate::{Direction, Estate, Layer, Pair, Reading, Region, Service, Side, Sides, Source, System, Unit};
use crate::time::{Span, Timestamp};

/// The only region with Route 53's API and metrics.
pub const ROUTE53_HOME: &str = "us-east-1";
const ROUTE53: &str = "AWS/Route53";
/// At most this many points are made for one question.
const MOST_POINTS: i64 = 5_000;

/// A metric of the world and what stands behind it.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) system: usize,
    /// The readings that read it; the first one gives it its figures.
    pub(super) readings: Vec<usize>,
    side: Side,
    /// The region that it is about.
    pub(super) home: Region,
    figure: Figure,
    /// It is the whole that a reading is a share of, and so has no thresholds.
    is_whole: bool,
}

/// The metrics of each region of each account.
pub(super) type Bindings = BTreeMap<String, BTreeMap<Region, BTreeMap<Metric, Bound>>>;

/// A region of an account, which has a CloudWatch of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot<'a> {
    /// The number of the account.
    pub owner: &'a str,
    /// The region.
    pub region: &'a Region,
}

/// The sides on which a reading is measured.
pub(super) fn sides_of(reading: &Reading) -> &'static [Side] {
    match reading.sides {
        Sides::Each => &Side::BOTH,
        Sides::Active | Sides::Back => &[Side::Active],
        Sides::Standby | Sides::Link => &[Side::Standby],
    }
}

/// `{region}` and `{side}` replaced.
pub(super) fn fill(text: &str, region: &Region, side: Side) -> String {
    let side = match side {
        Side::Active => "active",
        Side::Standby => "standby",
    };
    text.replace("{region}", region.as_str()).replace("{side}", side)
}

pub(super) fn bind(estate: &Estate) -> Bindings {
    let mut bindings = Bindings::new();
    for (s, system) in estate.systems.iter().enumerate() {
        let Some(pair) = estate.pair(&system.pair) else { continue };
        for (r, reading) in system.readings.iter().enumerate() {
            let Source::Cloudwatch { namespace, metric, dimensions, region, percent_of, .. } = &reading.source else {
                continue;
            };
            if namespace == ROUTE53 {
                continue;
            }
            for side in sides_of(reading) {
                let home = pair.region(*side).clone();
                let dimensions: BTreeMap<String, String> =
                    dimensions.iter().map(|(k, v)| (k.clone(), fill(v.on(*side), &home, *side))).collect();
                let read_in = region.clone().unwrap_or_else(|| home.clone());
                let named = |name: &str| Metric {
                    namespace: namespace.clone(),
                    name: name.to_owned(),
                    dimensions: dimensions.clone(),
                };
                let bound = |figure, is_whole| Bound {
                    system: s,
                    readings: vec![r],
                    side: *side,
                    home: home.clone(),
                    figure,
                    is_whole,
                };
                let owner = estate.account_id(system.account(pair, *side).as_ref()).to_owned();
                let here = bindings.entry(owner).or_default().entry(read_in).or_default();
                here.entry(named(metric))
                    .and_modify(|b| {
                        if b.system == s {
                            b.readings.push(r);
                            b.is_whole = false;
                        }
                    })
                    .or_insert_with(|| bound(figures::figure(namespace, metric, reading), percent_of.is_some()));
                if let Some(whole) = percent_of {
                    here.entry(named(whole)).or_insert_with(|| bound(figures::whole(namespace, whole), true));
                }
            }
        }
    }
    bindings
}

/// How a system fares in a region.
#[derive(Clone, Copy, Debug)]
struct Fare {
    /// The share of it that is up.
    up: f64,
    /// The share of requests that fail.
    errors: f64,
    /// Seconds that answers take, where that is out of the ordinary.
    latency: f64,
}

impl World {
    /// The metrics that a region's CloudWatch holds, sorted.
    #[must_use]
    pub fn metrics(&self, region: &Region) -> Vec<Metric> {
        self.metrics_of(self.own(region))
    }

    /// The same of a region of an account.
    #[must_use]
    pub fn metrics_of(&self, spot: Spot<'_>) -> Vec<Metric> {
        let Spot { owner, region } = spot;
        let mut metrics: Vec<Metric> = self.bound(spot).into_iter().flat_map(|b| b.keys().cloned()).collect();
        if region.as_str() == ROUTE53_HOME {
            for check in self.health_checks().into_iter().filter(|c| c.owner == owner) {
                let more = match check.kind {
                    CheckKind::Endpoint { .. } => Some("HealthCheckPercentageHealthy"),
                    CheckKind::Calculated { .. } => Some("ChildHealthCheckHealthyCount"),
                    CheckKind::RecoveryControl { .. } | CheckKind::Alarm { .. } => None,
                };
                let names = more.into_iter().chain(["HealthCheckStatus"]);
                metrics.extend(names.map(|name| route53_metric(name, &check.id)));
            }
        }
        for server in self.server_ids(spot) {
            for name in ["Backlog", "LagDuration"] {
                metrics.push(drs_metric(name, &server));
            }
        }
        metrics.sort();
        metrics.dedup();
        metrics
    }

    /// The data points of a metric with exactly these dimensions, oldest first, one a complete period that begins in
    /// `from..to`; none where there is no data. `statistic` as CloudWatch writes it. Of very many points the oldest
    /// are left out.
    #[must_use]
    pub fn metric_data(
        &self,
        region: &Region,
        metric: &Metric,
        statistic: &str,
        period_secs: i64,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<(Timestamp, f64)> {
        self.metric_data_of(self.own(region), metric, statistic, period_secs, (from, to))
    }

    /// The same of a region of an account.
    #[must_use]
    pub fn metric_data_of(
        &self,
        spot: Spot<'_>,
        metric: &Metric,
        statistic: &str,
        period_secs: i64,
        (from, to): (Timestamp, Timestamp),
    ) -> Vec<(Timestamp, f64)> {
        let check = (metric.namespace == ROUTE53).then(|| metric.dimensions.get("HealthCheckId")).flatten();
        if check.is_some_and(|id| self.owner_of_check(id) != spot.owner) {
            return Vec::new();
        }
        let period = period_secs.max(1);
        let late = self.temper.late(key(&metric.namespace) ^ key(&metric.name)).as_secs();
        let last = ((self.now.as_second() - late).div_euclid(period) - 1).min((to.as_second() - 1).div_euclid(period));
        let first = (from.as_second() + period - 1).div_euclid(period).max(last - MOST_POINTS + 1);
        let mut points = Vec::new();
        for n in first..=last {
            let (Ok(begin), Ok(end)) = (Timestamp::from_second(n * period), Timestamp::from_second((n + 1) * period))
            else {
                continue;
            };
            points.extend(self.point(spot, metric, statistic, period, end).map(|v| (begin, v)));
        }
        points
    }

    /// The metrics of the readings that are measured there.
    pub(super) fn bound(&self, spot: Spot<'_>) -> Option<&BTreeMap<Metric, Bound>> {
        self.bindings.get(spot.owner)?.get(spot.region)
    }

    pub(super) fn point(
        &self,
        spot: Spot<'_>,
        metric: &Metric,
        statistic: &str,
        period: i64,
        at: Timestamp,
    ) -> Option<f64> {
        let region = spot.region;
        if self.causes.region_dark(region, at) {
            return None;
        }
        let minutes = period as f64 / 60.0;
        if metric.namespace == ROUTE53 {
            return self
                .route53_point(region, metric, at)
                .map(|v| if statistic == "SampleCount" { minutes } else { v });
        }
        let Some(bound) = self.bound(spot).and_then(|b| b.get(metric)) else {
            return self.drs_point(spot, metric, at);
        };
        let value = self.value(bound, metric, at)?;
        let there = match figures::published(&metric.namespace, &metric.name) {
            Published::Always => true,
            Published::WhenCalled => self.requests(bound, 1.0, 0.0, at) > 0.0,
            Published::WhenCounted => value.round() > 0.0,
        };
        if !there {
            return None;
        }
        let countable = matches!(bound.figure, Figure::Requests(_) | Figure::Errors(_));
        Some(match statistic {
            "SampleCount" if matches!(bound.figure, Figure::Requests(_)) => (value * minutes).round(),
            "SampleCount" => minutes,
            "Sum" if countable => (value * minutes).round(),
            "Average" | "Minimum" | "Maximum" if matches!(bound.figure, Figure::Errors(_)) => {
                self.fare(bound, at).errors
            }
            "Average" | "Minimum" | "Maximum" if matches!(bound.figure, Figure::Requests(_)) => 1.0,
            "Minimum" if matches!(bound.figure, Figure::Level(_) | Figure::Latency(_)) => value * 0.9,
            "Maximum" if matches!(bound.figure, Figure::Latency(_)) => value * 1.3,
            _ => value,
        })
    }

    fn route53_point(&self, region: &Region, metric: &Metric, at: Timestamp) -> Option<f64> {
        let id = metric.dimensions.get("HealthCheckId").filter(|_| metric.dimensions.len() == 1)?;
        if region.as_str() != ROUTE53_HOME {
            return None;
        }
        match metric.name.as_str() {
            "HealthCheckStatus" => self.health_check_healthy(id, at).map(|h| if h { 1.0 } else { 0.0 }),
            "HealthCheckPercentageHealthy" => self.healthy_share(id, at).map(|s| s * 100.0),
            "ChildHealthCheckHealthyCount" => self.healthy_children(id, at).map(|n| n as f64),
            _ => None,
        }
    }

    fn drs_point(&self, spot: Spot<'_>, metric: &Metric, at: Timestamp) -> Option<f64> {
        let id = metric.dimensions.get("SourceServerID").filter(|_| metric.dimensions.len() == 1)?;
        let (lag, backlog) = self.server_lag(spot, id, at)?;
        match (metric.namespace.as_str(), metric.name.as_str()) {
            ("AWS/DRS", "LagDuration") => Some(lag.as_secs_f64()),
            ("AWS/DRS", "Backlog") => Some(backlog as f64),
            _ => None,
        }
    }

    /// What a metric is at a moment: figures of requests a minute, others as they stand.
    fn value(&self, bound: &Bound, metric: &Metric, at: Timestamp) -> Option<f64> {
        let system = self.estate.systems.get(bound.system)?;
        let pair = self.estate.pair(&system.pair)?;
        let reading = system.readings.get(*bound.readings.first()?)?;
        let from_script = !metric.namespace.starts_with("AWS/");
        if from_script && reading.sides != Sides::Link && self.causes.region_dark(&bound.home, at) {
            return None;
        }
        if reading.sides == Sides::Back {
            let unit = figures::per_second(&metric.name, reading.unit);
            let wander = self.dice.wander(at.as_millisecond(), 97_000, key(pair.name.as_str()));
            // What is behind at first is the same for all; then each is as far behind as is usual for it.
            let usual = figures::calm(reading, (1.5 + wander) * unit, wander);
            let behind = self.behind_the_other_way(pair, at)? * unit + usual;
            return self.causes.reading(&system.id, &reading.id, bound.side, at, behind);
        }
        let natural = self.natural(bound, system, pair, reading, metric, at);
        // Nobody counts half a thing, however steadily a scenario lets it grow.
        let whole = |v: f64| if reading.unit == Unit::Count { v.round() } else { v };
        let value = bound.readings.iter().try_fold(natural, |value, r| match system.readings.get(*r) {
            Some(r) if !bound.is_whole || matches!(bound.figure, Figure::Errors(_)) => {
                self.causes.reading(&system.id, &r.id, bound.side, at, value)
            }
            _ => Some(value),
        });
        value.map(whole)
    }

    fn natural(
        &self,
        bound: &Bound,
        system: &System,
        pair: &Pair,
        reading: &Reading,
        metric: &Metric,
        at: Timestamp,
    ) -> f64 {
        // Errors are a share of the same requests that are counted beside them.
        let counted = matches!(bound.figure, Figure::Requests(_) | Figure::Errors(_));
        let drawn = if counted { "requests" } else { metric.name.as_str() };
        let question = key(system.id.as_str()) ^ key(drawn).rotate_left(17) ^ key(bound.home.as_str()).rotate_left(31);
        let calm = |value: f64, jitter: f64| if bound.is_whole { value } else { figures::calm(reading, value, jitter) };
        let jitter = |at: Timestamp| self.dice.wander(at.as_millisecond(), 97_000, question);
        let fare = self.fare(bound, at);
        let of = reading.of.unwrap_or(4.0);
        match bound.figure {
            Figure::Targets => self.targets_up(bound, calm(of, 0.0), question, at),
            Figure::TargetsGone => (of - self.targets_up(bound, of, question, at)).max(0.0),
            Figure::Fixed(n) if n < 10.0 => calm(of * n, 0.0),
            Figure::Fixed(n) => calm(n, 0.0),
            Figure::Requests(n) => self.requests(bound, n, jitter(at), at),
            Figure::Errors(n) => {
                let stray = if bound.is_whole { 0.000_2 } else { 0.0 };
                self.requests(bound, n, jitter(at), at) * (fare.errors + stray).min(1.0)
            }
            Figure::Latency(seconds) => {
                let unit = if reading.unit == Unit::Milliseconds { 1_000.0 } else { 1.0 };
                calm(seconds * unit * (1.0 + 0.2 * jitter(at)), jitter(at))
                    .max(fare.latency * unit * (1.0 + 0.1 * jitter(at)))
            }
            Figure::Lag(seconds) => {
                let (behind, usual) = self.causes.behind(&system.id, pair.region(bound.side.other()), at);
                let unit = figures::per_second(&metric.name, reading.unit);
                let j = jitter(usual);
                calm(seconds * unit * (1.0 + 0.5 * j), j) + behind * unit
            }
            Figure::Age(every) => {
                let (behind, usual) = self.causes.behind(&system.id, pair.region(bound.side.other()), at);
                let unit = figures::per_second(&metric.name, reading.unit);
                let phase = self.dice.unit(&[question]) * every;
                let since = (usual.as_millisecond() as f64 / 1_000.0 - phase).rem_euclid(every);
                (since + at.duration_since(usual).as_secs_f64() + behind) * unit
            }
            Figure::Works if reading.sides == Sides::Link || reading.meaning == crate::estate::Meaning::Lag => {
                let broken = self.causes.stalled(&system.id, at) || self.causes.region_down(&pair.active, at);
                if broken { 0.0 } else { 1.0 }
            }
            Figure::Works => {
                if fare.up > 0.5 {
                    1.0
                } else {
                    0.0
                }
            }
            Figure::Broken => {
                if fare.up > 0.5 {
                    0.0
                } else {
                    1.0
                }
            }
            Figure::Quiet => (fare.errors * 6.0).floor(),
            Figure::Percent => calm(100.0, 0.0) * (1.0 - fare.errors),
            Figure::Level(n) => {
                let usual = calm(n * (1.0 + 0.15 * jitter(at)), jitter(at));
                match reading.bad {
                    Direction::Above => usual * (1.0 + 5.0 * fare.errors),
                    Direction::Below => usual * fare.up,
                }
            }
        }
    }

    /// Seconds that the region which traffic has left is behind the one that it moved to, more than is usual. Replication is turned round
    /// half a minute after the move and then catches up; none while there is nothing to replicate, or nowhere.
    fn behind_the_other_way(&self, pair: &Pair, at: Timestamp) -> Option<f64> {
        const TURNED_AFTER: i64 = 30;
        const CAUGHT_UP_AFTER: i64 = 120;
        const STEP: i64 = 5;
        if self.causes.region_down(&pair.active, at) {
            return None;
        }
        let service = self.estate.services_of(&pair.name).next()?;
        let there = |ago: i64| {
            let when = at.checked_sub(Span::from_secs(ago)).unwrap_or(at);
            self.traffic_share(service, &pair.standby, when) > 0.5
        };
        let since = (0..=CAUGHT_UP_AFTER).step_by(STEP as usize).take_while(|ago| there(*ago)).last()?;
        let running = since.checked_sub(TURNED_AFTER).filter(|s| *s >= 0)?;
        Some((CAUGHT_UP_AFTER - TURNED_AFTER - running).max(0) as f64 * 4.0)
    }

    /// Targets still up: each drops, and comes back, in its own time, 5 to 25 seconds after the cause.
    fn targets_up(&self, bound: &Bound, of: f64, question: u64, at: Timestamp) -> f64 {
        let asked = of.clamp(1.0, 40.0).round();
        let up = (0..asked as u64).filter(|n| {
            let delay = Span::from_millis(self.dice.between(5_000, 25_000, &[question, *n, 1]));
            let when = at.checked_sub(delay).unwrap_or(at);
            self.dice.unit(&[question, *n, 2]) < self.fare(bound, when).up
        });
        (up.count() as f64 / asked * of).round()
    }

    /// Requests a minute that arrive: the day's tide, a little chance, and where the clients are sent.
    fn requests(&self, bound: &Bound, mean: f64, jitter: f64, at: Timestamp) -> f64 {
        let hour = at.as_second().rem_euclid(86_400) as f64 / 3_600.0;
        let tide = 1.0 + 0.35 * ((hour - 14.0) / 24.0 * std::f64::consts::TAU).cos();
        let services = self.services_behind(bound.system);
        let share = if services.is_empty() {
            1.0
        } else {
            let shares = services.iter().map(|s| self.traffic_share(s, &bound.home, at));
            shares.sum::<f64>() / services.len() as f64
        };
        mean * tide * (1.0 + 0.06 * jitter) * share
    }

    /// The services whose fate a system shares: those that it is named after; else the database service for the
    /// database layer; else all services of its pair for load balancers.
    fn services_behind(&self, system: usize) -> Vec<&Service> {
        let Some(system) = self.estate.systems.get(system) else { return Vec::new() };
        let text = format!("{} {}", system.id, system.name).to_ascii_lowercase();
        let of_pair: Vec<&Service> = self.estate.services_of(&system.pair).collect();
        let named: Vec<&Service> = of_pair.iter().copied().filter(|s| text.contains(s.name.as_str())).collect();
        match system.layer {
            _ if !named.is_empty() => named,
            Layer::Database => of_pair.into_iter().filter(|s| s.name.as_str() == "database").collect(),
            Layer::LoadBalancing => of_pair,
            _ => Vec::new(),
        }
    }

    fn fare(&self, bound: &Bound, at: Timestamp) -> Fare {
        if self.causes.region_down(&bound.home, at) {
            return Fare { up: 0.0, errors: 1.0, latency: 5.0 };
        }
        let services = self.services_behind(bound.system);
        let mut fare = Fare { up: 1.0, errors: 0.0, latency: 0.0 };
        let part = 1.0 / services.len().max(1) as f64;
        for service in services {
            match self.causes.app(&service.name, &bound.home, at) {
                App::Up => {}
                App::Slow { errors, latency } => {
                    fare.up -= part * errors * 0.5;
                    fare.errors += part * errors;
                    fare.latency = fare.latency.max(latency.as_secs_f64());
                }
                App::Down | App::Dark => {
                    fare.up -= part;
                    fare.errors += part;
                    fare.latency = fare.latency.max(5.0);
                }
            }
        }
        Fare { up: fare.up.clamp(0.0, 1.0), errors: fare.errors.clamp(0.0, 1.0), latency: fare.latency }
    }
}

fn route53_metric(name: &str, check: &str) -> Metric {
    Metric {
        namespace: ROUTE53.into(),
        name: name.into(),
        dimensions: [("HealthCheckId".to_owned(), check.to_owned())].into(),
    }
}

fn drs_metric(name: &str, server: &str) -> Metric {
    Metric {
        namespace: "AWS/DRS".into(),
        name: name.into(),
        dimensions: [("SourceServerID".to_owned(), server.to_owned())].into(),
    }
}
