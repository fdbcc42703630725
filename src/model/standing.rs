//! How each thing stands, since when, and what to report when that changes.

use std::collections::BTreeMap;

use super::{Entry, Fact, Model, Severity, words};
use crate::estate::{HealthCheck, HealthCheckId, PairName, Region, Service, ServiceName, Side, System, SystemId};
use crate::event::{Called, CheckStatus, Place, SourceId};
use crate::record::Since;
use crate::time::{Span, Stamp};

/// What nobody read for longer may have changed at any time meanwhile: that it was found so is no beginning.
const UNREAD_FOR: Span = Span::from_mins(1);

/// The state of a thing, as its mark shows it. The order is the order of badness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// ● well.
    Ok,
    /// ? not known: never read, too old, or the source fails.
    Unknown,
    /// ▲ something may go wrong.
    Warn,
    /// ✖ failed.
    Fail,
}

impl Mark {
    /// Its sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Mark::Ok => "●",
            Mark::Unknown => "?",
            Mark::Warn => "▲",
            Mark::Fail => "✖",
        }
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Mark::Ok => "ok",
            Mark::Unknown => "unknown",
            Mark::Warn => "warning",
            Mark::Fail => "failed",
        }
    }
}

/// Things that stand well or badly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A system on one side.
    System(SystemId, Side),
    /// A system's replication.
    Link(SystemId),
    /// A Route 53 health check.
    Check(HealthCheckId),
    /// An application in a region.
    Probe(ServiceName, Region),
    /// A source of readings.
    Source(SourceId),
}

/// How a thing stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Its state.
    pub mark: Mark,
    /// Since when.
    pub since: Since,
    /// When it was known last; none before it was read.
    pub(crate) seen: Option<Stamp>,
    /// Its state in words: `0/12 healthy · 5xx 38.0 %`.
    pub text: String,
    /// The first of these words, where there is room for one figure: `0/12 healthy`.
    pub first: String,
    /// The same without brackets, where it is what was read last and too old to say how things are.
    pub(crate) last: Option<String>,
}

/// A part of what is said of a thing.
struct Said {
    words: String,
    /// It was read last, and is too old to say how things are.
    last: bool,
}

impl Said {
    fn now(words: impl Into<String>) -> Self {
        Self { words: words.into(), last: false }
    }

    /// As a list of figures has it: what is old stands in brackets.
    fn shown(&self) -> String {
        if self.last { format!("({})", self.words) } else { self.words.clone() }
    }
}

impl Model {
    /// How a thing stands; none if it is not watched.
    #[must_use]
    pub fn standing(&self, subject: &Subject) -> Option<&Standing> {
        self.standings.get(subject)
    }

    /// A thing as a sentence names it: `certificates in us-east-1`, `health check api us-east-1`.
    #[must_use]
    pub fn subject_name(&self, subject: &Subject) -> String {
        let system = |id: &SystemId| self.estate.systems.iter().find(|s| &s.id == id);
        match subject {
            Subject::System(id, side) => {
                let Some(system) = system(id) else { return id.to_string() };
                let region = self.estate.pair(&system.pair).map_or("?", |p| p.region(*side).as_str());
                format!("{} in {region}", system.name)
            }
            Subject::Link(id) => format!("{} replication", system(id).map_or(id.as_str(), |s| s.name.as_str())),
            Subject::Check(id) => {
                let check = self.estate.health_checks.iter().find(|c| &c.id == id);
                format!("health check {}", check.map_or(id.as_str(), |c| c.name.as_str()))
            }
            Subject::Probe(service, region) => format!("{service} application in {region}"),
            Subject::Source(id) => self.source_name(id),
        }
    }

    /// All that has failed of a pair, on both sides and between them; of the side that has traffic first.
    #[must_use]
    pub fn failing_of(&self, pair: &PairName) -> Vec<(&Subject, &Standing)> {
        let first = self.enters(pair).side().unwrap_or(Side::Active);
        let mut all: Vec<_> = [first, first.other()].into_iter().flat_map(|side| self.troubles(pair, side)).collect();
        let of_pair = |id: &SystemId| self.estate.systems.iter().any(|s| &s.id == id && &s.pair == pair);
        let links = self.standings.iter().filter(|(subject, _)| matches!(subject, Subject::Link(id) if of_pair(id)));
        all.extend(links.filter(|(_, standing)| standing.mark == Mark::Fail));
        all
    }

    /// The worst of some marks.
    pub(crate) fn worst(marks: impl Iterator<Item = Mark>) -> Option<Mark> {
        marks.max()
    }

    /// Judges everything again at the time of the newest event, and says in the timeline what has changed.
    pub(crate) fn restand(&mut self) {
        let estate = self.estate.clone();
        for system in &estate.systems {
            self.stand_system(system);
        }
        for check in &estate.health_checks {
            self.stand_check(check);
        }
        for service in &estate.services {
            for probe in &service.probes {
                self.stand_probe(service, &probe.region);
            }
        }
        let sources: Vec<_> = self.sources.keys().cloned().collect();
        for id in sources {
            self.stand_source(id);
        }
    }

    /// Judges again what one source reports on: with many readings, judging all of them at each report is too much
    /// work.
    pub(crate) fn restand_source(&mut self, source: &SourceId) {
        let (estate, fed) = (self.estate.clone(), self.fed.clone());
        for system in fed.get(source).into_iter().flatten().filter_map(|at| estate.systems.get(*at)) {
            self.stand_system(system);
        }
        match source {
            SourceId::Route53(id) => {
                if let Some(check) = estate.health_checks.iter().find(|c| &c.id == id) {
                    self.stand_check(check);
                }
            }
            SourceId::Probe(name, region) => {
                if let Some(service) = estate.services.iter().find(|s| &s.name == name) {
                    self.stand_probe(service, region);
                }
            }
            _ => {}
        }
        self.stand_source(source.clone());
    }

    /// Which systems, by their place in the file, have readings from each source.
    pub(crate) fn systems_by_source(&self) -> BTreeMap<SourceId, Vec<usize>> {
        let mut fed: BTreeMap<SourceId, Vec<usize>> = BTreeMap::new();
        for (at, system) in self.estate.systems.iter().enumerate() {
            for reading in &system.readings {
                for place in reading.places() {
                    let Some(source) = self.source_of(system, reading, *place) else { continue };
                    let systems = fed.entry(source).or_default();
                    if systems.last() != Some(&at) {
                        systems.push(at);
                    }
                }
            }
        }
        fed
    }

    fn stand_system(&mut self, system: &System) {
        for side in Side::BOTH {
            if let Some((mark, text)) = self.judge_side(system, side) {
                let subject = Subject::System(system.id.clone(), side);
                self.stand(subject, mark, text, Some(&system.pair), "systems");
            }
        }
        if let Some((mark, text)) = self.judge_link(system) {
            self.stand(Subject::Link(system.id.clone()), mark, text, Some(&system.pair), "systems");
        }
    }

    fn stand_check(&mut self, check: &HealthCheck) {
        let (mark, text) = match self.checks.get(&check.id) {
            None => (Mark::Unknown, "not read yet".to_owned()),
            Some(c) if !c.is_fresh(self.now) => {
                (Mark::Unknown, format!("no reading for {}", words::span(self.now.since(c.heard))))
            }
            Some(c) => (check_mark(&c.value), crate::words::check(&c.value)),
        };
        let estate = self.estate.clone();
        let pair = estate.services.iter().find(|s| s.name == check.service).map(|s| &s.pair);
        self.stand(Subject::Check(check.id.clone()), mark, vec![Said::now(text)], pair, "route53");
    }

    fn stand_probe(&mut self, service: &Service, region: &Region) {
        let (mark, text) = self.judge_probe(&service.name, region);
        let subject = Subject::Probe(service.name.clone(), region.clone());
        self.stand(subject.clone(), mark, vec![Said::now(text)], Some(&service.pair), "probe");
        // What fails now and then began with the first of the failures that are counted.
        let first = self.probe_answers(&service.name, region).and_then(super::steady::LastAnswers::unsteady_since);
        let now = self.now;
        let fails_anew = |s: &&mut Standing| s.mark == Mark::Fail && s.since == Since::Began(now);
        if let Some((first, standing)) = first.zip(self.standings.get_mut(&subject).filter(fails_anew)) {
            standing.since = Since::Began(first);
        }
    }

    /// A source itself. A probe's silence is the application's, and told as that.
    fn stand_source(&mut self, id: SourceId) {
        if matches!(id, SourceId::Probe(..)) {
            return;
        }
        let (mark, text) = match (self.source_trouble(&id), self.failing(&id)) {
            (Some(why), Some(kind)) if !kind.means().blinds() => (Mark::Warn, why),
            (Some(why), _) => (Mark::Unknown, why),
            (None, _) => (Mark::Ok, "answers".to_owned()),
        };
        self.stand(Subject::Source(id), mark, vec![Said::now(text)], None, "feeds");
    }

    /// A system on one side: the worst of its readings there, and its first three figures.
    fn judge_side(&self, system: &System, side: Side) -> Option<(Mark, Vec<Said>)> {
        let mut said = Vec::new();
        for reading in self.side_readings(system, side) {
            let judged = self.judge(system, reading, Place::from(side));
            let text = match (judged.value, judged.why) {
                (Some(v), why) => Said { words: words::reading(reading, v), last: why.is_some() },
                (None, None) if judged.idle => Said::now(words::idle(reading)),
                (None, why) => Said::now(why.unwrap_or_default()),
            };
            said.push((judged.mark, text));
        }
        let mark = Self::worst(said.iter().map(|(m, _)| *m))?;
        // What is wrong comes first: a sentence quotes the beginning.
        said.sort_by_key(|(m, _)| std::cmp::Reverse(*m));
        let mut texts: Vec<_> = said.into_iter().map(|(_, text)| text).filter(|t| !t.words.is_empty()).collect();
        texts.dedup_by(|a, b| a.shown() == b.shown());
        texts.truncate(3);
        Some((mark, texts))
    }

    fn judge_link(&self, system: &System) -> Option<(Mark, Vec<Said>)> {
        let judged: Vec<_> = self.link_readings(system).map(|r| (r, self.judge(system, r, Place::Link))).collect();
        let mark = Self::worst(judged.iter().map(|(_, j)| j.mark))?;
        let texts: Vec<_> = judged
            .iter()
            .filter_map(|(r, j)| match (j.value, &j.why) {
                (Some(v), why) => Some(Said { words: words::reading(r, v), last: why.is_some() }),
                (None, None) if j.idle => Some(Said::now(words::idle(r))),
                (None, why) => why.clone().map(Said::now),
            })
            .take(2)
            .collect();
        Some((mark, texts))
    }

    /// An application: an answer that says so, or no answer at all, is a failure; no probe yet is unknown.
    /// One that answers between failures has failed, and one that failed a moment ago is not well yet.
    fn judge_probe(&self, service: &ServiceName, region: &Region) -> (Mark, String) {
        let (mark, text) = self.judge_answer(service, region);
        let Some(answers) = self.probe_answers(service, region).filter(|_| mark != Mark::Unknown) else {
            return (mark, text);
        };
        let (failed, of) = (answers.failed(), answers.of());
        match mark {
            _ if answers.unsteady_since().is_some() => {
                (Mark::Fail, format!("{}, {text}", crate::words::now_and_then(failed, of)))
            }
            Mark::Ok if failed > 0 => (Mark::Warn, format!("{text}, {}", crate::words::lately(failed, of))),
            mark => (mark, text),
        }
    }

    /// The newest answer of an application alone.
    fn judge_answer(&self, service: &ServiceName, region: &Region) -> (Mark, String) {
        let source = SourceId::Probe(service.clone(), region.clone());
        let Some(state) = self.sources.get(&source) else { return (Mark::Unknown, "not probed yet".into()) };
        if self.now.mono > state.due.mono {
            return (Mark::Unknown, format!("no probe for {}", words::span(self.now.since(state.heard))));
        }
        if let Some((failure, _)) = &state.failure {
            return (Mark::Fail, failure.why.clone());
        }
        match self.probes.get(&(service.clone(), region.clone())).and_then(|p| p.get(self.now)) {
            Some(p) if p.is_well() => (Mark::Ok, format!("answers {} in {}", p.status, words::within(p.took))),
            Some(p) => (Mark::Fail, format!("answers {}", p.status)),
            None => (Mark::Unknown, "not probed yet".into()),
        }
    }

    /// `said` in words, what matters most first.
    fn stand(&mut self, subject: Subject, mark: Mark, said: Vec<Said>, pair: Option<&PairName>, source: &str) {
        let visible = |text: &str| crate::hygiene::visible(text).into_owned();
        let shown: Vec<String> = said.iter().map(|t| visible(&t.shown())).collect();
        let last = said.first().filter(|t| t.last).map(|t| visible(&t.words));
        let text = shown.join(" · ");
        let now = self.now;
        let before = self.standings.get(&subject).map(|s| (s.mark, s.seen));
        let unread = self.in_life(UNREAD_FOR);
        let is_known = mark != Mark::Unknown;
        let (is_source, failing) = match &subject {
            Subject::Source(id) => (true, self.failing(id).map(|kind| format!(" {}", crate::words::failing(kind, 1)))),
            _ => (false, None),
        };
        match before {
            Some((was, _)) if was == mark => {
                if let Some(s) = self.standings.get_mut(&subject) {
                    (s.text, s.first, s.last) = (text, shown.into_iter().next().unwrap_or_default(), last);
                    s.seen = if is_known { Some(now) } else { s.seen };
                }
                return;
            }
            _ => {}
        }
        let was = before.map(|(m, _)| m);
        let line = match (was, mark) {
            (_, Mark::Unknown | Mark::Warn) if is_source => failing.as_deref().map(|failing| (Severity::Warn, failing)),
            (Some(Mark::Unknown | Mark::Warn), Mark::Ok) if is_source => Some((Severity::Good, " answers again")),
            (_, Mark::Fail) => Some((Severity::Bad, " failed")),
            (Some(Mark::Fail), Mark::Ok) => Some((Severity::Good, " is well again")),
            // It was told as better only.
            (Some(Mark::Warn), Mark::Ok) if matches!(subject, Subject::Probe(..)) => {
                Some((Severity::Good, " is well again"))
            }
            (Some(Mark::Fail), Mark::Warn) => Some((Severity::Warn, " is better")),
            (Some(Mark::Ok | Mark::Unknown) | None, Mark::Warn) => Some((Severity::Warn, "")),
            _ => None,
        };
        if let Some((severity, became)) = line.filter(|_| !self.is_told(&subject, (was, mark))) {
            self.telling(&subject, mark);
            let fact = Fact::Stands(subject.clone());
            let what = self.subject_name(&subject);
            let entry = Entry::said(now, pair.cloned(), source, severity, &format!("{what}{became}"));
            // A source that answers has nothing more to say.
            let entry = match (is_source, mark) {
                (true, Mark::Ok) => Entry { fact, ..entry },
                _ => entry.telling(fact, ": ", &text),
            };
            self.note_entry(entry);
        }
        let first = shown.into_iter().next().unwrap_or_default();
        let seen = before.and_then(|(_, seen)| seen);
        let found = is_known && seen.is_none_or(|seen| now.since(seen) > unread);
        let (since, seen) = (Since::new(now, found), if is_known { Some(now) } else { seen });
        self.standings.insert(subject, Standing { mark, since, seen, text, first, last });
    }
}

/// How what a health check watches stands. Well is only what is seen to be well, and what Route 53 takes as that: it may
/// call healthy what nobody looks at, and an inverted check turns what is well into what it answers no name with.
fn check_mark(status: &CheckStatus) -> Mark {
    let whole = status.share().is_none_or(|share| share >= 100.0);
    match (status.seen(), status.called()) {
        (Called::Unhealthy, _) => Mark::Fail,
        (Called::Healthy, Called::Healthy) if whole => Mark::Ok,
        (Called::Healthy, _) | (Called::Unknown, Called::Unhealthy) => Mark::Warn,
        // Nobody has looked: that is no failure, and no health.
        (Called::Unknown, Called::Healthy | Called::Unknown) => Mark::Unknown,
    }
}
