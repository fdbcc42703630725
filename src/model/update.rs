//! The one way in: `update(&mut Model, Event) -> Vec<Effect>`.

use std::collections::BTreeMap;

use super::{Drs, Elsewhere, Entry, Fact, Fresh, Model, Severity, SourceState, levers::EndpointView};
use crate::change::Untrue;
use crate::effect::Effect;
use crate::estate::{PairName, Region};
use crate::event::{DrsJob, Event, Failure, Heard, News, Sample, SourceId, What};
use crate::model::ReadingState;
use crate::model::readings::{forget, remember};
use crate::model::traffic::Given;
use crate::record::{Kept, Record};
use crate::time::Stamp;
use crate::words::{Context, Length, told};

/// Old records told in the timeline after a restart.
const TOLD_AGAIN: usize = 200;
/// Answers kept a resolver and readings kept a report: more than any estate has, less than a flood.
const MOST_ROWS: usize = 20_000;

/// Lines of this program's own log that a screen can show, and how long one may be.
const MOST_LOG: usize = 500;
const LONGEST_LOG: usize = 1000;
/// Lines that prove nothing and are reported one by one.
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
                self.follow_closed();
                self.follow_impaired();
            }
            What::Heard(heard) => {
                let source = heard.source.clone();
                self.heard(heard);
                self.restand_source(&source);
                if matches!(source, SourceId::Arc(_)) {
                    self.follow_closed();
                }
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
            What::Points(id, found) => self.points_found(id, found),
            What::NotTold { whom, why } => {
                self.note(None, "notify", Severity::Warn, format!("{whom} was not told: {why}"));
            }
            What::ToldLater { whom, why } => {
                self.note(None, "notify", Severity::Warn, format!("{whom} {why}: notices are kept for it"));
            }
            What::Leave => self.leave(),
            What::SignIn(sign_in) => self.sign_in(sign_in),
            What::ToldAtLast { whom } => {
                self.note(None, "notify", Severity::Info, format!("{whom} takes notices again: what was kept is sent"));
            }
        }
        self.follow_regions();
        self.follow_controls();
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
        if let SourceId::Probe(service, region) = &heard.source {
            let well = matches!(&heard.news, Ok(News::Probe(answer)) if answer.is_well());
            self.answered.entry((service.clone(), region.clone())).or_default().hear(now, well);
        }
        let Ok(news) = heard.news else { return };
        match (news, heard.source) {
            (News::Readings(samples), _) => self.samples(samples),
            (News::Controls(states), SourceId::Arc(endpoint)) => {
                let began = now.back(self.in_life(heard.took));
                self.controls(&endpoint, states, began, due);
            }
            (News::Check(status), _) => {
                // Only checks of the estate: what is asked for is bounded, what is answered might not be.
                let own = self.estate.health_checks.iter().any(|c| c.id == status.id);
                if let Some(share) = status.share().filter(|_| own) {
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
            (News::Drs { servers, apart, jobs, samples }, SourceId::Drs(region)) => {
                let began = now.back(self.in_life(heard.took));
                let jobs = self.drs_jobs(&region, jobs, began, due);
                self.drs.insert(region, Fresh { value: Drs { servers, apart, jobs }, heard: now, due });
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
        began: Stamp,
        due: Stamp,
    ) {
        let now = self.now;
        let before = self.levers.agreed(now);
        let read_back = self.levers.endpoints.get(endpoint).and_then(|view| view.value.read_back);
        if read_back.is_some_and(|at| at.mono > began.mono) {
            return;
        }
        let view = EndpointView { states, before: BTreeMap::new(), read_back };
        self.levers.endpoints.insert(endpoint.clone(), Fresh { value: view, heard: now, due });
        self.see_old(endpoint);
        self.levers_changed(&before);
    }

    /// Reports controls whose agreed state has changed.
    pub(crate) fn levers_changed(&mut self, before: &BTreeMap<crate::estate::ControlArn, crate::estate::ControlState>) {
        let now = self.now;
        for (arn, state) in self.levers.agreed(now) {
            let seen = self.lever_told.insert(arn.clone(), state).or_else(|| before.get(&arn).copied());
            // What was moved while no console was open shows against what the journal knows.
            let last = seen.or_else(|| self.last_known(&arn));
            let Some(last) = last.filter(|l| *l != state) else { continue };
            self.levers.changed.insert(arn.clone(), now);
            self.control_moved(&arn, Elsewhere { from: last, to: state, since: now, found: seen.is_none() });
            let name = self.estate.control(&arn).map_or_else(|| arn.to_string(), |c| c.name.clone());
            let pair = self.estate.service_of_control(&arn).map(|s| s.pair.clone());
            let entry = Entry::said(now, pair, "arc", Severity::Deed, &format!("routing control {name}"));
            self.note_entry(entry.telling(Fact::Lever(arn), "  ", &format!("{last} → {state}")));
        }
    }

    fn dns_answer(&mut self, resolver: &crate::estate::ResolverName, answer: crate::event::DnsAnswer, due: Stamp) {
        let now = self.now;
        let key = (resolver.clone(), answer.name.clone());
        let was = self.dns.get(&key).and_then(|a| a.value.leads.region().cloned());
        if let (Some(was), Some(is)) = (was, answer.leads.region().cloned())
            && was != is
        {
            let pair = self.estate.services.iter().find(|s| s.dns.contains(&answer.name)).map(|s| s.pair.clone());
            let short = format!("{} at {resolver}", answer.name);
            let (leads, name) = (format!("{was} → {is}"), answer.name.clone());
            let fact = Fact::Answer { name, resolver: resolver.clone(), was, is };
            self.note_entry(Entry::said(now, pair, "dns", Severity::Info, &short).telling(fact, ": ", &leads));
        }
        if answer.leads.region().is_some() {
            let (estate, led) = (&self.estate, &mut self.dns_led);
            led.extend(estate.services.iter().filter(|s| s.dns.contains(&answer.name)).map(|s| (s.pair.clone(), now)));
        }
        if let Some(given) = Given::of(&answer, now) {
            self.dns_given.insert(key.clone(), given);
        }
        self.dns.insert(key, Fresh { value: answer, heard: now, due });
    }

    /// The jobs of a region after a report of them that was begun then; new lines of their logs are told.
    fn drs_jobs(
        &mut self,
        region: &Region,
        told: Result<Vec<DrsJob>, Failure>,
        began: Stamp,
        due: Stamp,
    ) -> super::drs::Jobs {
        let mut jobs = self.drs.get(region).map(|d| d.value.jobs.clone()).unwrap_or_default();
        if let (Ok(told), Some(before)) = (&told, jobs.last()) {
            let pair = self.estate.pairs.iter().find(|p| p.side(region).is_some()).map(|p| p.name.clone());
            for job in told {
                let known = before.iter().find(|j| j.id == job.id).map_or(0, |j| j.log.len());
                for (_, line) in job.log.iter().skip(known) {
                    let entry = Entry::said(self.now, pair.clone(), "drs", Severity::Info, &job.id);
                    self.note_entry(entry.telling(Fact::Said, ": ", line));
                }
            }
        }
        jobs.hear(told, began, due);
        jobs
    }

    fn resumed(&mut self, kept: &[Kept]) {
        let told = kept.len().saturating_sub(TOLD_AGAIN);
        for (i, k) in kept.iter().enumerate() {
            if i < told {
                match self.fold(k) {
                    Ok(news) => {
                        self.follow_session(k);
                        self.follow_news(k, news);
                    }
                    Err(Untrue::Unproven(why)) => self.tell_unproven(k, &why),
                    Err(Untrue::Foreign | Untrue::Older) => {}
                }
            } else {
                self.take_in(k);
            }
        }
        self.forget_impaired();
        self.changes.reopen();
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
        self.note_entry(Entry::said(self.now, pair, source, severity, &text));
    }

    /// The same of an entry that is more than words.
    pub(crate) fn note_entry(&mut self, entry: Entry) {
        let Entry { text, source, pair, severity, .. } = &entry;
        // Several consoles see one thing, and each reads what the others kept of it: one line.
        let seen = |e: &Entry| e.text == *text && e.source == *source && e.pair == *pair;
        let before = |e: &&Entry| self.now.since(e.at) < SAME_WITHIN;
        if self.timeline.entries().iter().rev().take_while(before).any(seen) {
            return;
        }
        let kept = matches!(severity, Severity::Bad | Severity::Good) && source != "journal";
        if kept && self.read_only.is_none() {
            self.effect(None, |id| {
                Effect::Record(id, Record::Seen { pair: pair.clone(), source: source.clone(), text: text.clone() })
            });
        }
        self.timeline.push(entry);
    }

    /// Reports that a journal line counts for nothing.
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
        self.timeline
            .push(Entry { change, ..Entry::said(self.here(&kept.moment()), pair, "journal", Severity::Bad, &text) });
    }

    /// Tells a record in the timeline.
    pub(crate) fn tell(&mut self, kept: &Kept) {
        let change = kept.record.change();
        let known = change.and_then(|d| self.changes.get(&d));
        let pair = match &kept.record {
            // What nobody did and nobody waits for; steps and clocks are shown by themselves.
            Record::Opened { .. }
            | Record::Estate { .. }
            | Record::Present { .. }
            | Record::Step { .. }
            | Record::Began { .. }
            | Record::Impaired { .. }
            | Record::Recovered { .. }
            | Record::Over { .. }
            | Record::Controls { .. }
            | Record::Figures { .. } => return,
            Record::Proposed { .. } if known.is_none() => return,
            Record::Seen { pair, source, text } => {
                let same = |e: &Entry| e.text == *text && e.source == *source && e.pair == *pair;
                let before = |e: &&Entry| kept.at.since(e.at) < SAME_WITHIN;
                if self.timeline.entries().iter().rev().take_while(before).any(same) {
                    return;
                }
                pair.clone()
            }
            Record::Moment { pair, .. } | Record::SessionStarted { pair, .. } | Record::SessionEnded { pair, .. } => {
                Some(pair.clone())
            }
            Record::MovedElsewhere { control, .. } => self.pair_of_control(control).cloned(),
            _ => known.map(|c| c.text.pair.clone()),
        };
        let ctx = Context::of(&self.estate, known).kept_at(kept.at.wall);
        let told_in = |length| told(&kept.record, &ctx, length);
        let (line, short) = (told_in(Length::Line), told_in(Length::Short).text);
        let short = crate::hygiene::visible(&short).into_owned();
        let entry = Entry::said(self.here(&kept.moment()), pair, &line.who, line.severity, &line.text);
        self.timeline.push(Entry { change, short, ..entry });
        if let Record::Moment { was: Some(was), .. } = &kept.record {
            self.timeline.mark(self.told_in(kept, *was));
        }
    }
}
