//! The data that a move would lose, and how the safety rules are expected to judge it.

use super::super::{Mark, Model, Subject, words};
use super::{Check, Origin};
use crate::change::{Draft, Launch, Wanted};
use crate::estate::{ControlState, Meaning, PairName, Reading, Region, Side, System, Unit};
use crate::event::{Place, SourceId};
use crate::time::Span;

impl Model {
    /// The readings that measure replication towards a side, each with its system and place.
    pub fn replication_towards<'a>(
        &'a self,
        pair: &'a PairName,
        towards: Side,
    ) -> impl Iterator<Item = (&'a System, &'a Reading, Place)> {
        let place = Place::towards(towards);
        self.estate.systems_of(pair).flat_map(move |system| {
            let readings =
                system.readings.iter().filter(move |r| r.places().contains(&place) && r.meaning == Meaning::Lag);
            readings.map(move |r| (system, r, place))
        })
    }

    /// The lag of a reading of replication, in seconds; none where its unit is no time.
    #[must_use]
    pub fn lag_of(reading: &Reading, value: f64) -> Option<Span> {
        let seconds = match reading.unit {
            Unit::Seconds => value,
            Unit::Milliseconds => value / 1000.0,
            _ => return None,
        };
        Span::try_from_secs_f64(seconds).ok()
    }

    /// What a draft may lose, in words.
    #[must_use]
    pub fn loss_of(&self, draft: &Draft) -> String {
        match &draft.wanted {
            Wanted::Controls { .. } if !draft.moves_traffic(&self.estate) => crate::change::NO_LOSS.into(),
            Wanted::Controls { .. } => self.data_loss(&draft.pair, &draft.receiving),
            Wanted::Launch(l) if l.drill => "none: a drill leaves replication and production as they are".into(),
            Wanted::Launch(Launch { at: Some(at), .. }) => {
                format!("all that was written on these servers after {at}, or after the snapshot of each before that")
            }
            Wanted::Launch(_) => {
                let behind = self.drs.get(&draft.receiving).and_then(|d| d.get(self.now));
                let asked = |s: &&crate::event::DrsServer| draft.launches(&s.id);
                let lag = behind.and_then(|d| d.servers.iter().filter(asked).filter_map(|s| s.lag).max());
                match lag {
                    Some(lag) => format!("up to {} of writes on these servers", words::span(lag)),
                    None => "not known: DRS tells no lag of these servers".into(),
                }
            }
        }
    }

    /// What a move of traffic to `receiving` may lose, in words that an approver can weigh.
    #[must_use]
    pub fn data_loss(&self, pair: &PairName, receiving: &Region) -> String {
        let Some(p) = self.estate.pair(pair) else { return "not known".into() };
        let towards = p.side(receiving).unwrap_or(Side::Standby);
        let mut worst: Option<(Span, &str)> = None;
        // What was known last of a system with no reading now: the most of its lags.
        let mut unknown: Vec<(&str, Option<Span>)> = Vec::new();
        let mut measured = false;
        for (system, reading, place) in self.replication_towards(pair, towards) {
            measured = true;
            let judged = self.judge(system, reading, place);
            let lag = judged.value.and_then(|v| Self::lag_of(reading, v));
            match (lag, judged.mark) {
                (Some(lag), mark) if mark != Mark::Unknown => {
                    if worst.is_none_or(|(w, _)| lag > w) {
                        worst = Some((lag, &system.name));
                    }
                }
                (None, mark) if mark != Mark::Unknown => {}
                (lag, _) => match unknown.iter_mut().find(|(name, _)| *name == system.name) {
                    Some((_, last)) => *last = lag.max(*last),
                    None => unknown.push((&system.name, lag)),
                },
            }
        }
        if !measured {
            let from = p.region(towards.other());
            return format!("not known: nothing measures replication from {from} to {receiving}");
        }
        let last = unknown.iter().filter_map(|(name, last)| Some(((*last)?, *name))).max();
        let mut text = match (worst, last) {
            // The greatest that is known leads, and when it was known.
            (Some((lag, name)), Some((before, of))) if before > lag => format!(
                "up to {} of writes would be lost ({of}, last known); read now: up to {} ({name})",
                words::span(before),
                words::span(lag)
            ),
            (Some((lag, name)), _) => format!("up to {} of writes would be lost ({name})", words::span(lag)),
            (None, _) => "not known: no replication lag is being read".to_owned(),
        };
        if !unknown.is_empty() {
            let of = |(name, last): &(&str, Option<Span>)| match last {
                Some(lag) => format!("{name} (last known {})", words::span(*lag)),
                None => (*name).to_owned(),
            };
            let unknown: Vec<String> = unknown.iter().map(of).collect();
            let lead = if worst.is_some() { "; not known: " } else { "; " };
            text.push_str(&format!("{lead}{}", unknown.join(", ")));
        }
        text
    }

    /// The preflight checks that stop a draft unless it says why not, in words. ARC's own checks, its endpoints and its
    /// gates, do not: ARC has the last word on them, and rules have an override of their own. A draft that sends no
    /// traffic anywhere is not stopped, except for a launch, which needs room and something to launch from.
    #[must_use]
    pub fn stops(&self, draft: &Draft) -> Vec<String> {
        let brings_traffic = |(arn, to): &(crate::estate::ControlArn, ControlState)| {
            *to == ControlState::On && self.estate.service_of_control(arn).is_some()
        };
        let Some(towards) = self.estate.pair(&draft.pair).and_then(|p| p.side(&draft.receiving)) else {
            return Vec::new();
        };
        let checks = match &draft.wanted {
            Wanted::Launch(launch) => self.launch_checks(draft, launch),
            Wanted::Controls { to, .. } if to.iter().any(brings_traffic) => self.preflight(&draft.pair, towards).checks,
            Wanted::Controls { .. } => return Vec::new(),
        };
        let unread = checks.iter().filter(|c| self.is_unread(&c.origin)).count();
        // Who proposes before the first answers came in has looked at nothing: that is no pass.
        let unread = (unread > 0).then(|| format!("{unread} of {} checks have not been read yet", checks.len()));
        let stopping = checks.iter().filter(|c| self.is_stopping(c, towards));
        unread.into_iter().chain(stopping.map(Check::words)).collect()
    }

    /// Whether a check stops a move towards a side.
    pub(crate) fn is_stopping(&self, check: &Check, towards: Side) -> bool {
        // Nothing forces a failback: that the replication back has caught up must be known.
        let returns = match &check.origin {
            Origin::Endpoints | Origin::Rule(_) => return false,
            Origin::Reading(key) => key.place == Place::Back,
            origin => *origin == Origin::Unmeasured && towards == Side::Active,
        };
        match check.mark {
            Mark::Fail => true,
            // A probe tells of the same application.
            Mark::Unknown if self.is_told_by_a_probe(&check.origin) => false,
            Mark::Unknown => self.estate.readiness.unknown_stops || returns,
            Mark::Ok | Mark::Warn => false,
        }
    }

    fn is_told_by_a_probe(&self, origin: &Origin) -> bool {
        matches!(origin, Origin::HealthCheck(id) if self.is_spoken_for(&Subject::Check(id.clone())))
    }

    /// Whether the source of a check's figure has not answered once yet, well or badly.
    fn is_unread(&self, origin: &Origin) -> bool {
        let source = match origin {
            Origin::Reading(key) if self.readings.contains_key(key) => None,
            Origin::Reading(key) => {
                let system = self.estate.systems.iter().find(|s| s.id == key.system);
                let reading = system.and_then(|s| s.readings.iter().find(|r| r.id == key.reading));
                system.zip(reading).and_then(|(s, r)| self.source_of(s, r, key.place))
            }
            Origin::HealthCheck(id) => Some(SourceId::Route53(id.clone())),
            Origin::Probe(service, region) => Some(SourceId::Probe(service.clone(), region.clone())),
            Origin::Endpoints | Origin::Rule(_) | Origin::Unmeasured | Origin::AllowedRegions => None,
        };
        source.is_some_and(|source| !self.sources.contains_key(&source))
    }

    /// How the safety rules are expected to judge a draft.
    #[must_use]
    pub fn predict(&self, draft: &Draft) -> Vec<crate::change::Verdict> {
        let now = self.levers.agreed(self.now);
        let flips: Vec<_> = draft
            .to()
            .iter()
            .filter_map(|(arn, to)| {
                let from = now.get(arn).copied().unwrap_or(to.flipped());
                (from != *to).then(|| crate::change::Flip {
                    arn: arn.clone(),
                    name: self.estate.control(arn).map_or_else(|| arn.to_string(), |c| c.name.clone()),
                    from,
                    to: *to,
                })
            })
            .collect();
        crate::change::batches::predict_all(&self.estate.safety_rules, &now, &flips, draft.overrides())
    }
}
