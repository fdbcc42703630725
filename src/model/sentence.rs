//! The one sentence that says it: what is broken, since when, where traffic goes, whether the other side is ready.

use super::{Mark, Model, Subject, words};
use crate::change::State;
use crate::estate::{Pair, PairName, Reading, Side, System};
use crate::event::Place;
use crate::time::Span;

/// How long it is news that a change did not happen.
const NEWS_FOR: Span = Span::from_mins(10);

/// The sentence, and how bad it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The words.
    pub text: String,
    /// How bad it is.
    pub mark: Mark,
}

impl Model {
    /// The state of a pair in words, for somebody who joined ten seconds ago.
    #[must_use]
    pub fn sentence(&self, pair: &PairName) -> Sentence {
        let Some(p) = self.estate.pair(pair) else {
            return Sentence { text: format!("No pair is called {pair}."), mark: Mark::Unknown };
        };
        if self.newest().is_none() {
            let text = match self.sources.values().filter(|s| s.failure.is_some()).count() {
                0 => "No readings yet: every source is being asked for the first time.".to_owned(),
                n => format!("No source has answered yet, {n} have failed: this console knows nothing of the regions."),
            };
            return Sentence { text, mark: Mark::Unknown };
        }
        let entry = self.entry_side(pair);
        let (news, waits) = (self.news(pair), self.waits(pair));
        // While people act, what they do comes before the list of what is broken.
        let endpoints = self.endpoint_words();
        let brief = news.is_some() || waits.is_some() || endpoints.is_some();
        let sent = news.as_ref().is_some_and(|n| n.sent);
        let mut mark = Mark::Ok;
        let mut sides = Vec::new();
        for side in Side::BOTH {
            if let Some((m, text)) = self.side_words(p, side, entry, brief) {
                mark = mark.max(m);
                sides.push(text);
            }
        }
        let (moved, traffic) = self.traffic_words(p, entry, sent, brief || !sides.is_empty());
        let mut parts = Vec::new();
        if let Some(news) = news {
            mark = mark.max(news.mark);
            parts.push(news.text);
        }
        if let Some((m, text)) = endpoints {
            mark = mark.max(m);
            parts.push(text);
        }
        // Who joins after the move asks first where traffic is now.
        let at = if moved { parts.len() } else { parts.len() + sides.len() };
        parts.extend(sides);
        parts.insert(at, traffic);
        parts.extend(waits);
        Sentence { text: parts.join(" "), mark }
    }

    /// A cluster of which one endpoint answers, or none, is about to be no cluster.
    fn endpoint_words(&self) -> Option<(Mark, String)> {
        let all = self.estate.cluster.endpoints.len();
        match self.endpoints_up() {
            0 => Some((Mark::Fail, format!("NONE of {all} cluster endpoints answers: nothing can be moved."))),
            1 if all > 1 => {
                Some((Mark::Warn, format!("Only 1 of {all} cluster endpoints answers: a move hangs on that one.")))
            }
            _ => None,
        }
    }

    /// What is wrong on a side, or that the standby is ready; none for a healthy active side.
    fn side_words(&self, p: &Pair, side: Side, entry: Option<Side>, brief: bool) -> Option<(Mark, String)> {
        let region = p.region(side);
        let has_traffic = entry == Some(side);
        if let Some(since) = self.impaired_since(&p.name, side) {
            let failures = self.failures(&p.name, side);
            let worst = if has_traffic { Mark::Fail } else { Mark::Warn };
            if brief {
                let (n, at) = (failures.len(), words::time_of_day(since.wall));
                let failures = if n == 1 { "failure" } else { "failures" };
                return Some((worst, format!("{region} is impaired since {at} ({n} {failures}).")));
            }
            let mut what: Vec<String> = Vec::new();
            for (subject, standing) in &failures {
                let words = self.failure_words(subject, &standing.text);
                if what.len() < 2 && !what.contains(&words) {
                    what.push(words);
                }
            }
            let more = failures.len().saturating_sub(what.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let text =
                format!("{region} is impaired since {}: {}{more}.", words::time_of_day(since.wall), what.join(", "));
            return Some((worst, text));
        }
        if has_traffic {
            let failed = self.failures(&p.name, side);
            if let Some((subject, standing)) = failed.first() {
                let what = self.failure_words(subject, &standing.text);
                return Some((
                    Mark::Warn,
                    format!("{region} has one failure since {}: {what}.", words::time_of_day(standing.since.wall)),
                ));
            }
            let blind = self.blind_sources(region.as_str());
            return (blind > 0).then(|| {
                (Mark::Unknown, format!("{region} is only partly seen: {blind} of its sources do not answer."))
            });
        }
        let preflight = self.preflight(&p.name, side);
        let score = preflight.score();
        let failed = preflight.count(Mark::Fail);
        let unknown = preflight.count(Mark::Unknown);
        let warned = preflight.count(Mark::Warn);
        // The first of them in words: a number of checks tells nobody what to do.
        let first = |mark| preflight.with(mark).next().map(super::Check::words).unwrap_or_default();
        let more = |n: usize| if n > 1 { format!(" and {} more", n - 1) } else { String::new() };
        Some(if failed > 0 {
            (Mark::Warn, format!("{region} is not ready ({score}): {}{}.", first(Mark::Fail), more(failed)))
        } else if unknown * 5 > preflight.checks.len() {
            (
                Mark::Unknown,
                format!("Whether {region} is ready is not known ({score}): {unknown} checks have no reading."),
            )
        } else if warned > 0 && !brief {
            (Mark::Ok, format!("{region} is ready ({score}); to watch: {}{}.", first(Mark::Warn), more(warned)))
        } else {
            (Mark::Ok, format!("{region} is ready ({score})."))
        })
    }

    /// The limit that the first failing reading of a system on a side is past: the one that its text begins with.
    fn failed_limit(&self, system: &System, side: Side) -> Option<String> {
        let failed = |r: &&Reading| self.judge(system, r, Place::from(side)).mark == Mark::Fail;
        words::limit(self.side_readings(system, side).find(failed)?, Mark::Fail)
    }

    fn failure_words(&self, subject: &Subject, text: &str) -> String {
        match subject {
            Subject::System(id, side) => {
                let system = self.estate.systems.iter().find(|s| &s.id == id);
                let name = system.map_or(id.as_str(), |s| s.name.as_str());
                let limit =
                    system.and_then(|s| self.failed_limit(s, *side)).map_or_else(String::new, |l| format!(", {l}"));
                format!("{name} {}{limit}", text.split(" · ").next().unwrap_or_default())
            }
            Subject::Check(id) => {
                let name =
                    self.estate.health_checks.iter().find(|c| &c.id == id).map_or(id.as_str(), |c| c.name.as_str());
                format!("health check {name} {}", text.split(' ').next().unwrap_or_default())
            }
            Subject::Probe(service, _) => format!("{service} {text}"),
            Subject::Link(_) | Subject::Source(_) => text.to_owned(),
        }
    }

    /// Sources of a region that fail now.
    fn blind_sources(&self, region: &str) -> usize {
        use crate::event::SourceId;
        self.sources
            .iter()
            .filter(|(id, s)| {
                let of = match id {
                    SourceId::Cloudwatch(r) | SourceId::Drs(r) | SourceId::Ec2(r) => r.as_str(),
                    _ => return false,
                };
                of == region && s.failure.is_some()
            })
            .count()
    }

    /// Where traffic enters; and whether a change moved it there. `sent` says that a change is on its way, so that what
    /// was read before it proves nothing; `more`, that the sentence says more than this.
    fn traffic_words(&self, p: &Pair, entry: Option<Side>, sent: bool, more: bool) -> (bool, String) {
        let traffic = self.pair_traffic(&p.name);
        let known: usize = traffic.to.values().sum();
        let Some(side) = entry else {
            return (false, "Where traffic enters is not known.".to_owned());
        };
        let region = p.region(side);
        let there = traffic.to.get(region).copied().unwrap_or(0);
        if known > 0 && there < known {
            let to = self.levers_side(&p.name).unwrap_or(side);
            let target = p.region(to);
            let n = traffic.to.get(target).copied().unwrap_or(0);
            return (true, format!("Traffic is moving to {target}: {n} of {known} DNS answers lead there."));
        }
        if sent {
            return (false, format!("DNS answers last led to {region}."));
        }
        let impaired = self.impaired_since(&p.name, side).is_some();
        let moved = self.changes.all().iter().rev().find_map(|c| match c.state {
            State::Verified { moved: Some(at) } if c.text.pair == p.name && &c.text.receiving == region => Some(at),
            _ => None,
        });
        let well = !impaired && self.failures(&p.name, side).is_empty();
        match (moved, impaired) {
            (Some(at), _) if self.levers_side(&p.name) == Some(side) => {
                let well = if well { "; it is well there" } else { "" };
                (true, format!("Traffic moved to {region} at {}{well}.", words::time_of_day(at.wall)))
            }
            (_, true) => (false, format!("Traffic still enters {region}.")),
            (_, false) if more && well => (false, format!("Traffic enters {region}, which is well.")),
            (_, false) => (false, format!("Traffic enters {region}.")),
        }
    }

    /// What came of the newest change of a pair, or may be coming of it, while that is news.
    fn news(&self, pair: &PairName) -> Option<News> {
        let c = self.changes.running().filter(|c| c.text.pair == *pair);
        let c = c.or_else(|| self.changes.all().iter().rev().find(|c| c.text.pair == *pair))?;
        let words = c.digest.words();
        let lately = self.now.since(c.since) < NEWS_FOR;
        let (mark, sent, text) = match &c.state {
            State::Executing if c.text.launch().is_some() => {
                (Mark::Ok, false, format!("{words} is being sent to DRS."))
            }
            State::Executing => (Mark::Ok, true, format!("{words} is being sent to ARC.")),
            State::Applied { .. } => {
                (Mark::Ok, true, format!("ARC has taken {words}; the other endpoints are being read."))
            }
            State::Uncertain => {
                let sent = c.text.launch().is_none();
                let read = if sent { "its controls are being read" } else { "DRS is being asked for its job" };
                (Mark::Warn, sent, format!("Whether {words} happened is NOT known: {read}."))
            }
            State::Refused(_) if lately => (Mark::Warn, false, format!("ARC REFUSED {words}: nothing changed.")),
            State::NotApplied(_) if lately => (Mark::Warn, false, format!("{words} was NOT applied: nothing changed.")),
            _ => return None,
        };
        Some(News { mark, sent, text })
    }

    /// The change of a pair that waits for somebody.
    fn waits(&self, pair: &PairName) -> Option<String> {
        let c = self.changes.all().iter().rev().find(|c| c.state.is_open() && c.text.pair == *pair)?;
        let (words, by) = (c.digest.words(), &c.text.by);
        Some(match c.state {
            State::Approved => format!("{words} is approved; {by} must turn the second key."),
            _ => format!("{by} proposes {words}; it waits for somebody else's approval."),
        })
    }
}

/// What came of a change.
struct News {
    mark: Mark,
    /// Whether it may be changing routing controls at this moment.
    sent: bool,
    text: String,
}
