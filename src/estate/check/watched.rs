//! Checks of the systems with their readings, and of every span of time.

use super::super::{Direction, Estate, Reading, Source, TierTargets, Unit};
use super::Check;
use crate::estate::policy::LONGEST_WINDOW;
use crate::time::Span;

/// No span of time in an estate is longer: sums of a few of them and of any moment stay far from overflowing.
const LONGEST: Span = Span::from_hours(366 * 24);

impl Check<'_> {
    pub fn watched(&mut self, e: &Estate) {
        self.unique("systems", "id", "system", e.systems.iter().map(|s| s.id.as_str()));
        let pairs = self.names("pairs", "name");
        for (i, system) in e.systems.iter().enumerate() {
            let path = format!("systems.{i}");
            self.known(&format!("{path}.pair"), "pair", system.pair.as_str(), &pairs);
            let readings = format!("{path}.readings");
            self.unique(&readings, "id", "reading", system.readings.iter().map(|r| r.id.as_str()));
            if system.readings.is_empty() && self.whole("systems") {
                self.fault(&path, format!("system `{}` has no readings", system.id));
            }
            if system.name.trim().is_empty() {
                self.fault(&format!("{path}.name"), "a system needs a name");
            }
            if let Some(runbook) = &system.runbook {
                self.url(&format!("{path}.runbook"), runbook);
            }
            for (j, reading) in system.readings.iter().enumerate() {
                self.reading(&format!("{readings}.{j}"), reading);
            }
        }
        self.spans(e);
        self.readiness(e);
    }

    fn readiness(&mut self, e: &Estate) {
        let w = &e.readiness.weights;
        let weights = [
            ("readiness", w.readiness),
            ("health_checks", w.health_checks),
            ("capacity", w.capacity),
            ("security", w.security),
            ("data", w.data),
        ];
        for (group, weight) in weights {
            if !weight.is_finite() || weight < 0.0 {
                self.fault(&format!("readiness.weights.{group}"), format!("a weight is 0 or more; this is {weight}"));
            }
        }
        if weights.iter().all(|(_, weight)| *weight == 0.0) {
            self.fault("readiness.weights", "no group counts: give at least one a weight above 0");
        }
        let regions = self.names("regions", "name");
        for (i, region) in e.readiness.allowed_regions.iter().enumerate() {
            self.known(&format!("readiness.allowed_regions.{i}"), "region", region.as_str(), &regions);
        }
    }

    fn reading(&mut self, path: &str, reading: &Reading) {
        for (field, figure) in [("warn", reading.warn), ("fail", reading.fail), ("of", reading.of)] {
            let Some(figure) = figure else { continue };
            let at = format!("{path}.{field}");
            if !figure.is_finite() {
                self.fault(&at, format!("`{field}` is no number"));
            } else if field == "of" && figure <= 0.0 {
                self.fault(&at, format!("`of` is how many there should be; {figure} is too few"));
            } else if reading.unit == Unit::Percent && !(0.0..=100.0).contains(&figure) {
                self.fault(&at, format!("a share is between 0 and 100 per cent; `{field}` is {figure}"));
            } else if reading.unit == Unit::YesNo && !(0.0..=1.0).contains(&figure) {
                self.fault(&at, format!("a yes is 1 and a no is 0; `{field}` is {figure}"));
            }
        }
        if let (Some(warn), Some(fail)) = (reading.warn, reading.fail) {
            let (wrong, side, bad) = match reading.bad {
                Direction::Above => (warn > fail, "below", "high"),
                Direction::Below => (warn < fail, "above", "low"),
            };
            if wrong {
                let message =
                    format!("`warn` is {warn} and `fail` {fail}; where {bad} figures are bad, `warn` is {side} `fail`");
                self.fault(&format!("{path}.warn"), message);
            }
        }
        if reading.missing.is_some() && !matches!(reading.source, Source::Cloudwatch { .. }) {
            let message = "`missing` says what it means that CloudWatch has no data; this reading comes from elsewhere";
            self.fault(&format!("{path}.missing"), message);
        }
        self.source(&format!("{path}.source"), &reading.source);
    }

    fn source(&mut self, path: &str, source: &Source) {
        match source {
            Source::Cloudwatch { namespace, metric, period, dimensions, percent_of, .. } => {
                let named =
                    [("namespace", Some(namespace)), ("metric", Some(metric)), ("percent_of", percent_of.as_ref())];
                for (field, name) in named {
                    if name.is_some_and(|n| n.trim().is_empty()) {
                        self.fault(&format!("{path}.{field}"), format!("`{field}` is empty"));
                    }
                }
                let secs = period.as_secs();
                let takes =
                    period.subsec_nanos() == 0 && secs > 0 && (secs % 60 == 0 || matches!(secs, 1 | 5 | 10 | 20 | 30));
                if !takes {
                    let message = "CloudWatch takes periods of 1, 5, 10, 20 or 30 seconds or of whole minutes";
                    self.fault(&format!("{path}.period"), message);
                }
                self.not_for_ever(&format!("{path}.period"), *period);
                if dimensions.len() > 30 {
                    self.fault(&format!("{path}.dimensions"), "a CloudWatch metric has 30 dimensions at most");
                }
            }
            Source::Ec2Instances { tag, .. } | Source::Ec2ImageAge { tag, .. } | Source::Ec2SnapshotAge { tag, .. } => {
                if tag.trim().is_empty() {
                    self.fault(&format!("{path}.tag"), "`tag` is empty");
                }
            }
            Source::CloudwatchAlarms { .. }
            | Source::DrsReplicating
            | Source::DrsLag
            | Source::DrsSnapshotAge
            | Source::Ec2VpnTunnels
            | Source::Ec2TransitGatewayPeerings
            | Source::Ec2CapacityReservations => {}
        }
    }

    fn spans(&mut self, e: &Estate) {
        let spans = [
            ("policy.proposal_expires", e.policy.proposal_expires),
            ("policy.second_key_within", e.policy.second_key_within),
            ("poll.arc", e.poll.arc),
            ("poll.cloudwatch", e.poll.cloudwatch),
            ("poll.route53", e.poll.route53),
            ("poll.drs", e.poll.drs),
            ("poll.ec2", e.poll.ec2),
            ("poll.dns", e.poll.dns),
            ("poll.http", e.poll.http),
        ];
        for (path, span) in spans {
            self.longer_than_nothing(path, span);
            if !path.starts_with("policy.") {
                self.not_for_ever(path, span);
            } else if span > LONGEST_WINDOW {
                let field = path.trim_start_matches("policy.");
                let message =
                    format!("`{field}` is an hour at most: the world must still be the one in which it was approved");
                self.fault(path, message);
            }
        }
        if e.poll.calm_slower == 0 {
            self.fault("poll.calm_slower", "`calm_slower` is 1 or more: how many times less often in calm");
        }
        let prices = [
            ("dollars_per_hour", e.poll.dollars_per_hour),
            ("dollars_per_thousand_metrics", e.poll.dollars_per_thousand_metrics),
        ];
        for (field, dollars) in prices {
            if !dollars.is_finite() || dollars < 0.0 {
                self.fault(&format!("poll.{field}"), format!("`{field}` is 0 or more; this is {dollars}"));
            }
        }
        for (name, targets) in [("rto", &e.targets.rto), ("rpo", &e.targets.rpo)] {
            let TierTargets { critical, important, standard } = targets;
            for (tier, span) in [("critical", critical), ("important", important), ("standard", standard)] {
                let path = format!("targets.{name}.{tier}");
                self.longer_than_nothing(&path, *span);
                self.not_for_ever(&path, *span);
            }
            if critical > important || important > standard {
                let message = format!("`{name}` must not grow shorter from critical to important to standard");
                self.fault(&format!("targets.{name}"), message);
            }
        }
    }

    fn longer_than_nothing(&mut self, path: &str, span: Span) {
        if span <= Span::ZERO {
            let field = path.rsplit('.').next().unwrap_or(path).to_owned();
            self.fault(path, format!("`{field}` must be longer than zero"));
        }
    }

    pub(super) fn not_for_ever(&mut self, path: &str, span: Span) {
        if span > LONGEST {
            let field = path.rsplit('.').next().unwrap_or(path).to_owned();
            self.fault(path, format!("`{field}` is a year at most"));
        }
    }
}
