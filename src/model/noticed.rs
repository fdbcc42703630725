//! What fails on a side in the order in which people notice it: applications, what else they feel, health checks, the
//! rest, and last the alarms that only tell of the others. Counted as the rows of every screen count it.

use super::{Mark, Model, Standing, Subject};
use crate::estate::{Pair, ServiceName, Side, Source, SystemId};
use crate::record::Since;
use crate::words::{Failing, applications_fail};

/// A part of a sentence: one thing that fails, or all applications that do.
pub(super) struct Noticed {
    pub(super) words: String,
    /// Since when the first of them fails.
    pub(super) since: Since,
}

impl Model {
    /// How soon people notice that a thing fails; the smaller, the sooner.
    pub(super) fn notice_rank(&self, subject: &Subject) -> u8 {
        match subject {
            Subject::Probe(..) => 0,
            Subject::System(id, _) if self.only_tells(id) => 4,
            Subject::System(..) if self.hurts(subject) => 1,
            Subject::Check(_) => 2,
            Subject::System(..) | Subject::Link(_) | Subject::Source(_) => 3,
        }
    }

    /// Whether a system has nothing but alarms: what they tell of fails by itself.
    fn only_tells(&self, id: &SystemId) -> bool {
        let system = self.estate.systems.iter().find(|s| &s.id == id);
        system.is_some_and(|s| s.readings.iter().all(|r| matches!(r.source, Source::CloudwatchAlarms { .. })))
    }

    /// All that fails on a side, critical or not: the first `most` of it in words, the rest counted.
    pub(super) fn noticed(&self, p: &Pair, side: Side, most: usize) -> (Vec<Noticed>, Failing) {
        let region = p.region(side);
        let all = self.troubles(&p.name, side);
        let (mut said, mut left) = (Vec::new(), self.failing_count(p, side));
        let applications: Vec<(&str, &Standing)> = all
            .iter()
            .filter_map(|(subject, standing)| match subject {
                Subject::Probe(service, _) => Some((service.as_str(), *standing)),
                _ => None,
            })
            .collect();
        let flaps = |name: &str| {
            let answers = self.probe_answers(&ServiceName::from(name), region);
            answers.is_some_and(|a| a.unsteady_since().is_some())
        };
        let shaky = applications.iter().all(|(name, _)| flaps(name));
        for (subject, standing) in &all {
            if said.len() == most {
                break;
            }
            let (words, since) = match subject {
                Subject::Probe(..) if left.applications == 0 => continue,
                Subject::Probe(..) => {
                    left.applications = 0;
                    let answers: Vec<_> = applications.iter().map(|(name, s)| (*name, s.text.as_str())).collect();
                    let since = applications.iter().map(|(_, s)| s.since).min_by_key(|since| since.at().mono);
                    (applications_fail(&answers, left.of_applications, shaky), since.unwrap_or(standing.since))
                }
                Subject::Check(_) if left.checks == 0 => continue,
                // Several health checks that fail are one thing to say: they are counted.
                Subject::Check(_) => {
                    let count = Failing { checks: left.checks, of_checks: left.of_checks, ..Failing::default() };
                    let counted = count.said().filter(|_| left.checks > 1);
                    left.checks = 0;
                    (counted.unwrap_or_else(|| self.failure_words(subject, standing, region)), standing.since)
                }
                _ => {
                    (left.systems, left.named) = (left.systems.saturating_sub(1), left.named + 1);
                    (self.failure_words(subject, standing, region), standing.since)
                }
            };
            said.push(Noticed { words, since });
        }
        (said, left)
    }

    /// The same as one text: `5 of 5 applications fail (answers 503); 3 of 4 health checks and 1 system fail`.
    pub(super) fn noticed_words(&self, p: &Pair, side: Side, most: usize) -> Vec<String> {
        let (said, left) = self.noticed(p, side, most);
        said.into_iter().map(|noticed| noticed.words).chain(left.said()).collect()
    }

    /// How many things of each kind fail on a side, and how many there are.
    #[must_use]
    pub fn failing_count(&self, p: &Pair, side: Side) -> Failing {
        let mut count = Failing::default();
        for (subject, standing) in self.standings.iter().filter(|(s, _)| self.is_of(s, &p.name, side, |_| true)) {
            let fails = usize::from(standing.mark == Mark::Fail);
            match subject {
                Subject::Probe(..) => {
                    count.of_applications += 1;
                    count.applications += fails;
                }
                Subject::Check(_) => {
                    count.of_checks += 1;
                    count.checks += fails;
                }
                Subject::System(..) => count.systems += fails,
                Subject::Link(_) | Subject::Source(_) => {}
            }
        }
        count
    }
}
