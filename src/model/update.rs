//! The one way in: `update(&mut Model, Event) -> Vec<Effect>`.

use std::collections::BTreeMap;

use super::{Drs, Entry, Fresh, Model, Severity, SourceState, levers::EndpointView};
use crate::change::{Untrue, Work};
use crate::effect::Effect;
use crate::estate::{PairName, Region};
use crate::event::{Event, FlipEnd, Heard, LaunchEnd, News, Sample, SourceId, What};
use crate::model::ReadingState;
use crate::model::readings::{forget, remember};
use crate::record::{Kept, Record};
use crate::time::Stamp;

/// Old records told in the timeline after a restart.
const TOLD_AGAIN: usize = 200;
/// Answers kept a resolver and readings kept a report: more than any estate has, less than a flood.
const MOST_ROWS: usize = 20_000;

/// Lines of this program's own log that a screen can show, and how long one may be.
const MOST_LOG: usize = 500;
const LONGEST_LOG: usize = 1000;
/// Lines that prove nothing and are told one by one.
const MOST_UNPROVEN: usize = 20;
/// One thing that several consoles see within this time is one line.
const SAME_WITHIN: crate::time::Span = crate::time::Span::from_secs(30);

impl Model {
    /// Takes an event in; gives what should be done because of it, in order.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        // A queue may hand over an event that was stamped a moment before the one ahead of it.
        self.now = Stamp { mono: self.now.mono.max(event.at.mono), wall: event.at.wall };
        self.follow_clock(event.at);
        match event.what {
            // Only time makes a reading old, and only its own source makes it new.
            What::Tick => {
                self.restand();
                self.follow_impaired();
            }
            What::Heard(heard) => {
                let source = heard.source.clone();
                self.heard(heard);
                self.restand_source(&source);
            }
            What::Spending(spending) => self.spending = Some(spending),
            What::Asked(ask) => self.asked(ask),
            What::Resumed(kept) => self.resumed(&kept),
            What::Elsewhere(kept) => self.elsewhere(&kept),
            What::Anchored(anchor) => self.anchor = anchor,
            What::Recorded(id) => self.recorded(id),
            What::Already(id) => self.already(id),
            What::Lost(id, why) => self.lost(id, &why),
            What::Overtaken(id) => self.overtaken(id),
            What::RecordFailed(id, why) => self.record_failed(id, &why),
            What::Signed(id, answer) => self.signed(id, answer),
            What::SetAside(told) => self.journal_alarms(told),
            What::Flipped(id, outcome) => self.flipped(id, outcome),
            What::ReadBack(id, read) => self.read_back(id, read),
            What::Logged(mut line) => {
                line.text = crate::hygiene::visible(&line.text).chars().take(LONGEST_LOG).collect();
                if self.log.len() >= MOST_LOG {
                    self.log.pop_front();
                }
                self.log.push_back(line);
            }
            What::Reported { result: Ok(place), .. } => {
                let text = format!("the report is written: {place}.md, .json and .html");
                self.note(None, "signalbox", Severity::Info, text);
            }
            What::Reported { by, result: Err(why) } => self.refuse(by.as_ref(), why),
            What::LaunchAnswered(id, answer) => self.launch_answered(id, answer),
            What::NotTold { whom, why } => {
                self.note(None, "notify", Severity::Warn, format!("{whom} was not told: {why}"));
            }
        }
        self.follow_changes();
        self.follow_figures();
        self.follow_steps();
        std::mem::take(&mut self.out)
    }

    fn heard(&mut self, heard: Heard) {
        let now = self.now;
        let due = now.plus(heard.fresh_for);
        let before = self.sources.get(&heard.source);
        let failing_since = before.and_then(|s| s.failure.as_ref().map(|(_, since)| *since));
        let last_ok = before.and_then(|s| s.last_ok);
        let failure = heard.news.as_ref().err().map(|f| {
            let mut f = f.clone();
            f.why = crate::hygiene::visible(&f.why).into_owned();
            (f, failing_since.unwrap_or(now))
        });
        let last_ok = if failure.is_none() { Some(now) } else { last_ok };
        self.sources.insert(heard.source.clone(), SourceState { last_ok, heard: now, due, took: heard.took, failure });
        let Ok(news) = heard.news else { return };
        match (news, heard.source) {
            (News::Readings(samples), _) => self.samples(samples),
            (News::Controls(states), SourceId::Arc(endpoint)) => self.controls(&endpoint, states, heard.took, due),
            (News::Check(status), _) => {
                // Only checks of the estate: what is asked for is bounded, what is answered might not be.
                if status.checkers > 0 && self.estate.health_checks.iter().any(|c| c.id == status.id) {
                    let share = f64::from(status.healthy) / f64::from(status.checkers) * 100.0;
                    let history = self.check_history.entry(status.id.clone()).or_default();
                    remember(history, now, share);
                    forget(history, now);
                }
                self.checks.insert(status.id.clone(), Fresh { value: status, heard: now, due });
            }
            (News::Dns(answers), SourceId::Dns(resolver)) => {
                for answer in answers.into_iter().take(MOST_ROWS) {
                    self.dns_answer(&resolver, answer, due);
                }
            }
            (News::Probe(answer), SourceId::Probe(service, region)) => {
                self.probes.insert((service, region), Fresh { value: answer, heard: now, due });
            }
            (News::Drs { servers, jobs, samples }, SourceId::Drs(region)) => {
                self.drs_jobs(&region, &jobs);
                self.drs.insert(region, Fresh { value: Drs { servers, jobs }, heard: now, due });
                self.samples(samples);
            }
            // A report that its source cannot make is a fault of a feed; it changes nothing.
            _ => {}
        }
    }

    fn samples(&mut self, samples: Vec<Sample>) {
        let now = self.now;
        for sample in samples.into_iter().take(MOST_ROWS) {
            self.readings.entry(sample.key.clone()).or_insert_with(|| ReadingState::unheard(now)).hear(&sample, now);
        }
    }

    fn controls(
        &mut self,
        endpoint: &Region,
        states: BTreeMap<crate::estate::ControlArn, crate::estate::ControlState>,
        took: crate::time::Span,
        due: Stamp,
    ) {
        let now = self.now;
        let before = self.levers.agreed(now);
        let view = EndpointView { states, took };
        self.levers.endpoints.insert(endpoint.clone(), Fresh { value: view, heard: now, due });
        self.levers_changed(&before);
    }

    /// Tells of controls whose agreed state is not what it was.
    pub(crate) fn levers_changed(&mut self, before: &BTreeMap<crate::estate::ControlArn, crate::estate::ControlState>) {
        let now = self.now;
        for (arn, state) in self.levers.agreed(now) {
            let last = self.lever_told.insert(arn.clone(), state).or_else(|| before.get(&arn).copied());
            let Some(last) = last.filter(|l| *l != state) else { continue };
            self.levers.changed.insert(arn.clone(), now);
            let name = self.estate.control(&arn).map_or_else(|| arn.to_string(), |c| c.name.clone());
            let pair = self.estate.service_of_control(&arn).map(|s| s.pair.clone());
            self.note(pair, "arc", Severity::Deed, format!("routing control {name}  {last} → {state}"));
        }
    }

    fn dns_answer(&mut self, resolver: &crate::estate::ResolverName, answer: crate::event::DnsAnswer, due: Stamp) {
        let now = self.now;
        let key = (resolver.clone(), answer.name.clone());
        let was = self.dns.get(&key).and_then(|a| a.value.region.clone());
        if let (Some(was), Some(is)) = (was, answer.region.clone())
            && was != is
        {
            let pair = self.estate.services.iter().find(|s| s.dns.contains(&answer.name)).map(|s| s.pair.clone());
            let text = format!("{} at {resolver}: {was} → {is}", answer.name);
            self.note(pair, "dns", Severity::Info, text);
        }
        if answer.region.is_some() {
            let (estate, led) = (&self.estate, &mut self.dns_led);
            led.extend(estate.services.iter().filter(|s| s.dns.contains(&answer.name)).map(|s| (s.pair.clone(), now)));
        }
        self.dns.insert(key, Fresh { value: answer, heard: now, due });
    }

    fn drs_jobs(&mut self, region: &Region, jobs: &[crate::event::DrsJob]) {
        let before = self.drs.get(region).map(|d| d.value.jobs.clone()).unwrap_or_default();
        let pair = self.estate.pairs.iter().find(|p| p.side(region).is_some()).map(|p| p.name.clone());
        for job in jobs {
            let known = before.iter().find(|j| j.id == job.id).map_or(0, |j| j.log.len());
            if known == 0 && !self.drs.contains_key(region) {
                continue;
            }
            for (_, line) in job.log.iter().skip(known) {
                self.note(pair.clone(), "drs", Severity::Info, format!("{}: {line}", job.id));
            }
        }
    }

    fn resumed(&mut self, kept: &[Kept]) {
        let told = kept.len().saturating_sub(TOLD_AGAIN);
        for (i, k) in kept.iter().enumerate() {
            self.folder_told(k);
            if i < told {
                if let Err(Untrue::Unproven(why)) = self.fold(k) {
                    self.tell_unproven(k, &why);
                }
            } else {
                self.take_in(k);
            }
        }
        let (boot, now) = (self.boot.clone(), self.now);
        self.changes.reopen(&boot, now);
        if self.read_only.is_none() {
            let version = env!("CARGO_PKG_VERSION").to_owned();
            self.keep(Record::Opened { version, estate: self.estate.name.clone(), by: None });
        }
        if let Some(change) = self.changes.running() {
            let (digest, pair) = (change.digest, change.text.pair.clone());
            let text = format!(
                "change {} was under way when the console stopped: uncertain until ARC is read",
                digest.words()
            );
            self.note(Some(pair), "signalbox", Severity::Bad, text);
            self.read_back_change(&digest, None);
        }
    }

    /// Adds a line to the timeline; what went wrong and what is well again is also kept.
    pub(crate) fn note(&mut self, pair: Option<PairName>, source: &str, severity: Severity, text: String) {
        let text = crate::hygiene::visible(&text).into_owned();
        // Several consoles see one thing, and each reads what the others kept of it: one line.
        let seen = |e: &Entry| e.text == text && e.source == source && e.pair == pair;
        let before = |e: &&Entry| self.now.since(e.at) < SAME_WITHIN;
        if self.timeline.entries().iter().rev().take_while(before).any(seen) {
            return;
        }
        let kept = matches!(severity, Severity::Bad | Severity::Good) && source != "journal";
        if kept && self.read_only.is_none() {
            self.effect(None, |id| {
                Effect::Record(id, Record::Seen { pair: pair.clone(), source: source.to_owned(), text: text.clone() })
            });
        }
        let source = crate::hygiene::visible(source).into_owned();
        self.timeline.push(Entry { at: self.now, pair, source, severity, text, change: None });
    }

    /// Tells that a line of the journal counts for nothing.
    pub(crate) fn tell_unproven(&mut self, kept: &Kept, why: &str) {
        let change = kept.record.change();
        let words = change.map(|d| format!(" of {}", d.words())).unwrap_or_default();
        let what = kept.record.kind();
        let text = format!("a line of the journal proves nothing and counts for nothing ({what}{words}): {why}");
        let text = crate::hygiene::visible(&text).into_owned();
        let pair = change.and_then(|d| self.changes.get(&d)).map(|c| c.text.pair.clone());
        if self.unproven.len() >= MOST_UNPROVEN {
            self.unproven.pop_front();
        }
        self.unproven.push_back(text.clone());
        self.timeline.push(Entry {
            at: kept.at,
            pair,
            source: "journal".into(),
            severity: Severity::Bad,
            text,
            change,
        });
    }

    /// Tells a record in the timeline.
    pub(crate) fn tell(&mut self, kept: &Kept) {
        let change = kept.record.change();
        let known = change.and_then(|d| self.changes.get(&d));
        let words = change.map(|d| d.words()).unwrap_or_default();
        let mut pair = known.map(|c| c.text.pair.clone());
        let (source, severity, text) = match &kept.record {
            Record::Proposed { .. } => {
                let Some(c) = known else { return };
                let size = match &c.text.work {
                    Work::Controls { flips, .. } => format!(", {} controls", flips.len()),
                    Work::Launch(_) => String::new(),
                };
                let text = format!("proposes {words}: {}{size}, “{}”", c.text.title, c.text.reason);
                (c.text.by.to_string(), Severity::Deed, text)
            }
            Record::ProposalRefused { by, title, why } => {
                (by.to_string(), Severity::Warn, format!("proposal refused ({title}): {why}"))
            }
            Record::Approved { by, key, words: said, .. } => {
                let said = if said.is_empty() { String::new() } else { format!(", “{said}”") };
                (by.to_string(), Severity::Deed, format!("approves {words} with key {key}{said}"))
            }
            Record::Refused { by, what, why, .. } => {
                let who = by.as_ref().map_or_else(|| "signalbox".to_owned(), ToString::to_string);
                let of = if words.is_empty() { String::new() } else { format!(" ({words})") };
                (who, Severity::Warn, format!("refused to {what}{of}: {why}"))
            }
            Record::EstateChanged { differs, .. } => {
                let what = if differs.is_empty() { String::new() } else { format!(": {}", differs.join("; ")) };
                let text = format!("{words} is void, the estate is not the one that it was proposed with{what}");
                ("signalbox".into(), Severity::Warn, text)
            }
            Record::ApprovalRefused { why, .. } => {
                ("signalbox".into(), Severity::Warn, format!("a signature does not count: {why}"))
            }
            Record::Rejected { by, reason, .. } => {
                (by.to_string(), Severity::Deed, format!("rejects {words}: “{reason}”"))
            }
            Record::Withdrawn { by, .. } => (by.to_string(), Severity::Deed, format!("withdraws {words}")),
            Record::Expired { why, .. } => ("signalbox".into(), Severity::Warn, format!("{words} expired: {why}")),
            Record::Voided { moved, .. } => {
                let moved: Vec<_> = moved.iter().map(|(arn, state)| self.moved_words(arn, *state)).collect();
                ("signalbox".into(), Severity::Warn, format!("{words} is void, somebody moved {}", moved.join(", ")))
            }
            Record::SecondKeyRefused { by, why, .. } => {
                (by.to_string(), Severity::Warn, format!("second key refused for {words}: {why}"))
            }
            Record::Intent { by, .. } => (by.to_string(), Severity::Deed, format!("turns the second key of {words}")),
            Record::Outcome { outcome, .. } => {
                let (severity, text) = self.outcome_words(&outcome.end);
                ("arc".into(), severity, format!("{words}: {text}"))
            }
            Record::LaunchAnswered { answer, .. } => {
                let severity = match answer {
                    LaunchEnd::Started { .. } => Severity::Deed,
                    LaunchEnd::Refused { .. } | LaunchEnd::Uncertain { .. } | LaunchEnd::NotSent { .. } => {
                        Severity::Bad
                    }
                };
                ("drs".into(), severity, format!("{words}: {}", answer.words()))
            }
            Record::Launched { job, servers, failed, .. } => {
                let done = super::drs::launched(*servers, failed);
                let text = format!("{words}: {done} of {servers} servers launched, {job} is over");
                match failed.as_slice() {
                    [] => ("drs".into(), Severity::Good, text),
                    names => ("drs".into(), Severity::Bad, format!("{text}; FAILED: {}", names.join(", "))),
                }
            }
            Record::Settled { done: false, .. } if known.is_some_and(|c| c.text.launch().is_some()) => {
                ("drs".into(), Severity::Warn, format!("{words} did not happen: DRS has no job of it"))
            }
            Record::Settled { done: true, endpoints, .. } => {
                let names: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
                ("arc".into(), Severity::Good, format!("{words} verified, read from {}", names.join(", ")))
            }
            Record::Settled { done: false, .. } => {
                let confirmed = |c: &crate::change::Change| {
                    c.outcome.as_ref().is_some_and(|o| matches!(o.end, FlipEnd::Applied { .. }))
                };
                let what = if known.is_some_and(confirmed) {
                    "was confirmed, and is not in force: the controls are in their old states"
                } else {
                    "did not happen: the controls are not in the states asked for"
                };
                ("arc".into(), Severity::Bad, format!("{words} {what}"))
            }
            Record::TierBack { tier, .. } => {
                let text = format!("the {} tier is back ({words}): its applications answer there", tier.as_str());
                ("signalbox".into(), Severity::Good, text)
            }
            Record::TrafficMoved { how, .. } => {
                ("signalbox".into(), Severity::Good, format!("traffic has moved ({words}): {how}"))
            }
            Record::Seen { pair: of, source, text } => {
                let same = |e: &Entry| e.text == *text && e.source == *source && e.pair == *of;
                let before = |e: &&Entry| kept.at.since(e.at) < SAME_WITHIN;
                if self.timeline.entries().iter().rev().take_while(before).any(same) {
                    return;
                }
                pair.clone_from(of);
                (source.clone(), Severity::Info, text.clone())
            }
            Record::Moment { pair: of, by, text } => {
                pair = Some(of.clone());
                (by.to_string(), Severity::Moment, text.clone())
            }
            Record::SessionStarted { pair: of, name, session, participants, by } => {
                pair = Some(of.clone());
                let with =
                    if participants.is_empty() { String::new() } else { format!(", with {}", participants.join(", ")) };
                (by.to_string(), Severity::Deed, format!("{} {name} begins{with}", session.words()))
            }
            Record::SessionEnded { pair: of, by } => {
                pair = Some(of.clone());
                (by.to_string(), Severity::Deed, "ends it: `signalbox report` tells it".to_owned())
            }
            Record::Opened { .. }
            | Record::Estate { .. }
            | Record::Present { .. }
            | Record::Step { .. }
            | Record::Began { .. }
            | Record::Figures { .. } => return,
        };
        let visible = |s: &str| crate::hygiene::visible(s).into_owned();
        let entry = Entry { at: kept.at, pair, source: visible(&source), severity, text: visible(&text), change };
        self.timeline.push(entry);
    }

    pub(crate) fn moved_words(&self, arn: &crate::estate::ControlArn, state: crate::estate::ControlState) -> String {
        let name = self.estate.control(arn).map_or_else(|| arn.to_string(), |c| c.name.clone());
        format!("{name} to {state}")
    }

    pub(crate) fn outcome_words(&self, end: &FlipEnd) -> (Severity, String) {
        match end {
            FlipEnd::Applied { endpoint } => (Severity::Deed, format!("routing controls changed through {endpoint}")),
            FlipEnd::Refused(r) => {
                let name = |arn| self.estate.rule(arn).map_or_else(|| arn.to_string(), |rule| rule.name.clone());
                let rule = r.rule.as_ref().map(|arn| format!(" by safety rule {}", name(arn))).unwrap_or_default();
                (Severity::Bad, format!("ARC refused{rule}, nothing changed: {}. Now: {}", r.message, self.remedy(r)))
            }
            FlipEnd::Moved(_) => {
                (Severity::Warn, "void: controls were not in their expected states, nothing was sent".into())
            }
            FlipEnd::Uncertain => {
                (Severity::Bad, "uncertain: no endpoint confirmed it; the states are being read".into())
            }
            FlipEnd::TooLate => (
                Severity::Bad,
                "too late: the journal took longer than the second key's window; nothing was sent".into(),
            ),
            FlipEnd::Unreachable => (Severity::Bad, "no cluster endpoint could be reached; nothing was sent".into()),
        }
    }
}
