//! CloudWatch's alarms: one for each reading that has a threshold.

use super::{Alarm, AlarmState, Spot, World};
use crate::estate::{Direction, Region, Sides, Source};
use crate::time::Timestamp;

impl World {
    /// The region's CloudWatch alarms that are wanted, by name: one a reading with a threshold that it fails past.
    #[must_use]
    pub fn alarms(&self, region: &Region, wanted: impl Fn(&str, AlarmState) -> bool) -> Vec<Alarm> {
        self.alarms_of(self.own(region), wanted)
    }

    /// The same of a region of an account.
    #[must_use]
    pub fn alarms_of(&self, spot: Spot<'_>, wanted: impl Fn(&str, AlarmState) -> bool) -> Vec<Alarm> {
        let mut alarms: Vec<Alarm> = Vec::new();
        let Spot { owner, region } = spot;
        for (metric, bound) in self.bound(spot).into_iter().flatten() {
            let Some(system) = self.estate.systems.get(bound.system) else { continue };
            for reading in bound.readings.iter().filter_map(|r| system.readings.get(*r)) {
                let Source::Cloudwatch { statistic, period, percent_of: None, .. } = &reading.source else { continue };
                let Some(threshold) = reading.fail.filter(|_| reading.sides != Sides::Back) else { continue };
                // Named by their tier first, as the estate's own alarms are.
                let name = format!("{}-{}-{}-{}", system.tier.as_str(), system.id, reading.id, bound.home);
                let period_secs = period.as_secs().max(1);
                let below = reading.bad == Direction::Below;
                let state = |at| match self.point(spot, metric, statistic.as_str(), period_secs, at) {
                    None => (AlarmState::InsufficientData, None),
                    Some(v) if (below && v < threshold) || (!below && v > threshold) => (AlarmState::Alarm, Some(v)),
                    Some(v) => (AlarmState::Ok, Some(v)),
                };
                let last = self.now.as_second().div_euclid(period_secs);
                let time = |n: i64| Timestamp::from_second(n * period_secs).unwrap_or(self.now);
                let (now_state, value) = state(time(last));
                if !wanted(&name, now_state) {
                    continue;
                }
                let mut since = last;
                while since > last - 60 && state(time(since - 1)).0 == now_state {
                    since -= 1;
                }
                let reason = match value {
                    None => "Insufficient Data: 1 datapoint was unknown.".to_owned(),
                    Some(v) => {
                        let crossed = if now_state == AlarmState::Alarm { "was" } else { "was not" };
                        let way = if below { "less than" } else { "greater than" };
                        format!("Threshold Crossed: 1 datapoint [{v}] {crossed} {way} the threshold ({threshold}).")
                    }
                };
                alarms.push(Alarm {
                    arn: format!("arn:aws:cloudwatch:{region}:{owner}:alarm:{name}"),
                    name,
                    state: now_state,
                    reason,
                    since: time(since),
                    metric: metric.clone(),
                    statistic: statistic.as_str().to_owned(),
                    period_secs,
                    threshold,
                    below,
                });
            }
        }
        alarms.sort_by(|a, b| a.name.cmp(&b.name));
        alarms.dedup_by(|a, b| a.name == b.name);
        alarms
    }
}
