//! What has changed since the last look, one line each, and never the same thing twice: what is in the timeline is not
//! repeated as a state, and if many things change alike, one line names them together.

use std::collections::{BTreeMap, BTreeSet};

use super::Plain;
use super::say::{line, mark as mark_word, severity, standing, with_pair};
use super::summary::lever;
use crate::change::{Change, Digest, State};
use crate::estate::{ControlArn, PairName, Person, Role};
use crate::model::{Entry, Fact, Lever, Mark, Model, Refused, Severity, Step, Subject, words};
use crate::record::Since;
use crate::time::{Span, Stamp};
use crate::words::{Hears, TO_TELL, controls_are, lasted_aloud, step_done, to_approve, to_turn, weight};

/// How long the first readings are waited for before the summary is said.
const FIRST_READINGS: Span = Span::from_secs(5);
/// A sentence that changes again so soon, and is as bad as before, waits: each thing in it has a line of its own.
const SENTENCE_CALM: Span = Span::from_secs(20);
/// Things that change alike are reported one by one up to this many.
const ONE_BY_ONE: usize = 3;
/// Things that a line names.
const MOST_NAMED: usize = 8;
/// What is left of a change's window when it is said.
const REMINDERS: [Span; 3] = [Span::from_secs(120), Span::from_secs(30), Span::from_secs(10)];

/// What was said already.
#[derive(Clone, Debug)]
pub(super) struct Told {
    entries: u64,
    marks: BTreeMap<Subject, Mark>,
    levers: BTreeMap<ControlArn, Lever>,
    changes: BTreeMap<Digest, (State, usize)>,
    /// The smallest reminder of each open change, and in which state.
    reminders: BTreeMap<Digest, (State, Span)>,
    steps: BTreeMap<PairName, (Since, [(bool, bool); 7])>,
    sentences: BTreeMap<PairName, Said>,
    refused: Option<Refused>,
    beat: Stamp,
    /// Whether every source had reported.
    complete: bool,
    /// What was never read yet when the summary was said.
    unread: BTreeSet<Subject>,
}

/// What changes of the same kind have in common: pair, place, and the mark that they got.
type Alike = (Option<PairName>, String, Mark);

/// The sentence of a pair as it was said.
#[derive(Clone, Debug)]
struct Said {
    shape: String,
    mark: Mark,
    at: Stamp,
}

/// A sentence without its figures: those change with every reading.
fn shape(text: &str) -> String {
    // A word that begins with a digit is a figure; `us-east-1` is a name.
    let is_figure = |word: &&str| word.trim_start_matches('(').starts_with(|c: char| c.is_ascii_digit());
    text.split(' ').map(|word| if is_figure(&word) { "#" } else { word }).collect::<Vec<_>>().join(" ")
}

impl Told {
    fn all(model: &Model) -> Self {
        let mut told = Self {
            entries: model.timeline.pushed(),
            marks: BTreeMap::new(),
            levers: BTreeMap::new(),
            changes: BTreeMap::new(),
            reminders: BTreeMap::new(),
            steps: BTreeMap::new(),
            sentences: BTreeMap::new(),
            refused: model.refusals.back().cloned(),
            beat: model.now,
            complete: model.all_heard(),
            unread: BTreeSet::new(),
        };
        let unread =
            model.standings.iter().filter(|(_, s)| s.mark == Mark::Unknown).map(|(subject, _)| subject.clone());
        told.unread = unread.collect();
        // Said to nobody: the summary has just said it all.
        let _ = (told.states(model, &[]), told.controls(model, &[]), told.steps(model), told.sentences(model));
        told.changes = model.changes.all().iter().map(|c| (c.digest, (c.state.clone(), c.approvals.len()))).collect();
        told
    }
}

impl Plain {
    pub(super) fn changed(&mut self, model: &Model) -> Vec<String> {
        let Some(mut told) = self.told.take() else {
            if !model.all_heard() && model.now.since(model.opened) < FIRST_READINGS {
                return Vec::new();
            }
            self.told = Some(Told::all(model));
            return self.summary(model);
        };
        let entries = told.entries(model);
        let mut lines: Vec<String> = Vec::new();
        lines.extend(entry_lines(model, &entries));
        lines.extend(self.refusals(model, &mut told, &entries));
        lines.extend(told.states(model, &entries));
        lines.extend(told.controls(model, &entries));
        lines.extend(self.changes(model, &mut told));
        lines.extend(told.steps(model));
        lines.extend(told.sentences(model));
        if !told.complete && model.all_heard() {
            told.complete = true;
            lines.push(line(model.now.wall, "signalbox", "info", "every source has reported now"));
        }
        lines.extend(told.heartbeat(model, self.setup.heartbeat));
        self.told = Some(told);
        lines
    }

    /// What this person asked for and did not get.
    fn refusals(&self, model: &Model, told: &mut Told, entries: &[Entry]) -> Vec<String> {
        let known = told.refused.as_ref().and_then(|r| model.refusals.iter().rposition(|x| x == r));
        let new: Vec<&Refused> = model.refusals.iter().skip(known.map_or(0, |at| at + 1)).collect();
        told.refused = model.refusals.back().cloned();
        new.into_iter()
            .filter(|r| r.by.is_none() || r.by == self.setup.person)
            // The timeline has just said so.
            .filter(|r| !entries.iter().any(|e| e.text.contains(&r.why)))
            .map(|r| line(r.at.wall, "signalbox", "refused", &r.why))
            .collect()
    }

    fn changes(&self, model: &Model, told: &mut Told) -> Vec<String> {
        let mut lines = Vec::new();
        for change in model.changes.all() {
            let now = (change.state.clone(), change.approvals.len());
            if told.changes.get(&change.digest) != Some(&now) {
                told.changes.insert(change.digest, now);
                let who = with_pair(model, Some(&change.text.pair), "change");
                let text = match self.next_step(model, change) {
                    Some(next) => format!("{}. {next}", standing(model, change)),
                    None => standing(model, change),
                };
                lines.push(line(model.now.wall, &who, severity(weight(&change.state)), &text));
            }
            lines.extend(remind(model, change, told));
        }
        let known = |digest: &Digest| model.changes.get(digest).is_some();
        told.changes.retain(|digest, _| known(digest));
        told.reminders.retain(|digest, _| known(digest));
        lines
    }

    /// What the person in front of this console can do about a change now.
    pub(super) fn next_step(&self, model: &Model, change: &Change) -> Option<String> {
        let mine = self.is_mine(change);
        let approver = self.setup.hands.approver.is_some();
        match &change.state {
            State::Proposed => {
                let command = self.setup.approve.ours(change).join(" ");
                let demo = self.setup.approve.second_person.is_some() && self.setup.hands.operator.is_some();
                let may = |p: &&Person| p.is(Role::Approver) && !model.estate.same_person(&p.name, &change.text.by);
                let of: Vec<String> = model.estate.people.iter().filter(may).map(|p| p.name.to_string()).collect();
                let hears = match (mine, approver) {
                    (true, _) => Hears::Asker(&of),
                    (false, true) => Hears::Approver,
                    (false, false) => Hears::Other,
                };
                Some(to_approve(hears, &command, demo))
            }
            State::Approved if mine => Some(to_turn(change.text.receiving.as_str())),
            State::Verified { moved: Some(_) } if self.setup.hands.operator.is_some() => Some(TO_TELL.into()),
            _ => None,
        }
    }
}

/// The timeline's new lines. Of many that say the same of different things, one line names the things.
fn entry_lines(model: &Model, entries: &[Entry]) -> Vec<String> {
    let parts = |e: &Entry| Some((e.short.clone(), e.rest.clone()?));
    let mut alike: BTreeMap<(&Option<PairName>, &str, Severity, String), Vec<String>> = BTreeMap::new();
    for (e, (head, tail)) in entries.iter().filter_map(|e| Some((e, parts(e)?))) {
        alike.entry((&e.pair, &e.source, e.severity, tail)).or_default().push(head);
    }
    let mut lines = Vec::new();
    for e in entries {
        let who = with_pair(model, e.pair.as_ref(), &e.source);
        let key = parts(e).map(|(_, tail)| (&e.pair, e.source.as_str(), e.severity, tail));
        let many = key.as_ref().filter(|key| alike.get(key).is_none_or(|heads| heads.len() > ONE_BY_ONE));
        match many {
            None => lines.push(line(e.at.wall, &who, severity(e.severity), &e.text)),
            // Told where the first of them stands.
            Some(key) => {
                if let Some(heads) = alike.remove(key) {
                    let text = format!("{} alike, {}: {}", heads.len(), names(&heads), key.3);
                    lines.push(line(e.at.wall, &who, severity(e.severity), &text));
                }
            }
        }
    }
    lines
}

/// Some names, and how many more.
fn names(all: &[String]) -> String {
    let named = all.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(MOST_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn remind(model: &Model, change: &Change, told: &mut Told) -> Option<String> {
    let window = model.window(change)?;
    let due = REMINDERS.into_iter().filter(|r| window.left <= *r && *r < window.whole).min()?;
    let last = told.reminders.get(&change.digest).filter(|(state, _)| *state == change.state).map(|(_, r)| *r);
    if last.is_some_and(|last| last <= due) || window.left <= Span::ZERO {
        return None;
    }
    told.reminders.insert(change.digest, (change.state.clone(), due));
    let what = if change.state == State::Approved { "to turn its second key" } else { "to approve it" };
    let text = format!("change {}: {} left {what}", change.digest.words(), words::span(window.left));
    let who = with_pair(model, Some(&change.text.pair), "change");
    Some(line(model.now.wall, &who, "warning", &text))
}

impl Told {
    fn entries(&mut self, model: &Model) -> Vec<Entry> {
        let new = usize::try_from(model.timeline.pushed() - self.entries).unwrap_or(usize::MAX);
        self.entries = model.timeline.pushed();
        let all = model.timeline.entries();
        all.iter().skip(all.len().saturating_sub(new)).cloned().collect()
    }

    /// Systems, checks, applications and sources whose state changed without the timeline saying so.
    fn states(&mut self, model: &Model, entries: &[Entry]) -> Vec<String> {
        let mut alike: BTreeMap<Alike, Vec<(String, String)>> = BTreeMap::new();
        for (subject, standing) in &model.standings {
            let before = self.marks.insert(subject.clone(), standing.mark);
            let first = before.is_none() || (before != Some(standing.mark) && self.unread.remove(subject));
            // What was never read is no loss, and what is well when it is read first is no news.
            if before == Some(standing.mark)
                || (before.is_none() && standing.mark == Mark::Unknown)
                || (first && standing.mark == Mark::Ok)
            {
                continue;
            }
            let Some(named) = Named::of(model, subject) else { continue };
            if entries.iter().any(|e| e.fact == Fact::Stands(subject.clone())) {
                continue;
            }
            alike
                .entry((named.pair, named.place, standing.mark))
                .or_default()
                .push((named.name, standing.text.clone()));
        }
        let mut lines = Vec::new();
        for ((pair, place, mark), things) in alike {
            let who = with_pair(model, pair.as_ref(), "systems");
            let is = |one: bool| match (mark, one) {
                // Not "again": what was not known before need not have been bad.
                (Mark::Ok, true) => "is ok now",
                (Mark::Ok, false) => "are ok now",
                (Mark::Unknown, true) => "is not known",
                (Mark::Unknown, false) => "are not known",
                (Mark::Warn, true) => "is in warning",
                (Mark::Warn, false) => "are in warning",
                (Mark::Fail, true) => "has failed",
                (Mark::Fail, false) => "have failed",
            };
            let mut say = |text: String| lines.push(line(model.now.wall, &who, mark_word(mark), &text));
            if things.len() <= ONE_BY_ONE {
                for (name, text) in things {
                    let place = if place.is_empty() { String::new() } else { format!(" {place}") };
                    say(format!("{name}{place} {}: {text}", is(true)));
                }
            } else {
                let named: Vec<_> = things.iter().map(|(name, _)| name.clone()).collect();
                let first = things.first().map(|(_, text)| text.clone()).unwrap_or_default();
                let place = if place.is_empty() { String::new() } else { format!(" {place}") };
                let (n, is, one) = (things.len(), is(false), named.first().cloned().unwrap_or_default());
                say(format!("{n} of what is watched{place} {is}: {}. Of {one}: {first}", names(&named)));
            }
        }
        lines
    }

    /// Controls whose state is lost, disputed, or known again; the timeline reports moves.
    fn controls(&mut self, model: &Model, entries: &[Entry]) -> Vec<String> {
        let mut alike: BTreeMap<(String, bool), Vec<String>> = BTreeMap::new();
        let flips = model.changes.running().map(|c| c.text.flips()).unwrap_or_default();
        for control in model.estate.controls() {
            let is = model.levers.get(&control.arn, model.now);
            let disputed = matches!(is, Lever::Disagreed { .. });
            // While a change runs its endpoints follow one after another, which the change's own lines say.
            if disputed && flips.iter().any(|f| f.arn == control.arn) {
                continue;
            }
            let before = self.levers.insert(control.arn.clone(), is);
            // How many things say what changes from poll to poll.
            let same = before == Some(is) || (disputed && matches!(before, Some(Lever::Disagreed { .. })));
            if same || entries.iter().any(|e| e.fact == Fact::Lever(control.arn.clone())) {
                continue;
            }
            alike.entry((lever(is), matches!(is, Lever::Agreed(_)))).or_default().push(control.name.clone());
        }
        let mut lines = Vec::new();
        for ((state, agreed), controls) in alike {
            let word = if agreed { "info" } else { "warning" };
            let text = controls_are(&names(&controls), controls.len() == 1, &state);
            lines.push(line(model.now.wall, "arc", word, &text));
        }
        lines
    }

    fn steps(&mut self, model: &Model) -> Vec<String> {
        let mut lines = Vec::new();
        let known = |pair: &PairName, seen: &Self| seen.steps.contains_key(pair);
        let told: Vec<_> = model.incidents.iter().filter(|(pair, i)| i.ended.is_none() || known(pair, self)).collect();
        for (pair, incident) in told {
            let now = Step::ALL.map(|s| (incident.step(s).began.is_some(), incident.step(s).ended.is_some()));
            let before = self.steps.insert(pair.clone(), (incident.started, now));
            let before = before.filter(|(started, _)| *started == incident.started).map(|(_, steps)| steps);
            let steps = Step::ALL.into_iter().zip(before.unwrap_or_default()).zip(now);
            for ((step, (_, ended)), (_, ends)) in steps {
                if ends && !ended {
                    let took = incident.took(step, model.now);
                    let took = took.map(lasted_aloud);
                    let who = with_pair(model, Some(pair), "sequence");
                    let text = step_done(step.number(), took.as_deref());
                    lines.push(line(model.now.wall, &who, "good", &text));
                }
            }
        }
        lines
    }

    fn sentences(&mut self, model: &Model) -> Vec<String> {
        let mut lines = Vec::new();
        for pair in &model.estate.pairs {
            let sentence = model.sentence(&pair.name);
            let now = Said { shape: shape(&sentence.text), mark: sentence.mark, at: model.now };
            let say = self.sentences.get(&pair.name).is_none_or(|said| {
                let calm = model.now.since(said.at) >= SENTENCE_CALM;
                said.mark != now.mark || (said.shape != now.shape && calm)
            });
            if say {
                self.sentences.insert(pair.name.clone(), now);
                let who = with_pair(model, Some(&pair.name), "now");
                lines.push(line(model.now.wall, &who, mark_word(sentence.mark), &sentence.text));
            }
        }
        lines
    }

    fn heartbeat(&mut self, model: &Model, every: Option<Span>) -> Vec<String> {
        if every.is_none_or(|every| model.now.since(self.beat) < every) {
            return Vec::new();
        }
        self.beat = model.now;
        let age = model
            .newest()
            .map_or("there is no reading".to_owned(), |age| format!("the newest reading is {} old", words::span(age)));
        let mut lines = vec![line(model.now.wall, "signalbox", "heartbeat", &format!("still watching; {age}"))];
        for pair in &model.estate.pairs {
            let sentence = model.sentence(&pair.name);
            let who = with_pair(model, Some(&pair.name), "now");
            lines.push(line(model.now.wall, &who, mark_word(sentence.mark), &sentence.text));
        }
        lines
    }
}

/// What a thing is called, where it is, and the words with which the timeline begins when it tells of it.
struct Named {
    pair: Option<PairName>,
    name: String,
    place: String,
}

impl Named {
    fn of(model: &Model, subject: &Subject) -> Option<Self> {
        let system = |id| model.estate.systems.iter().find(|s| &s.id == id);
        Some(match subject {
            Subject::System(id, side) => {
                let system = system(id)?;
                let region = model.estate.pair(&system.pair)?.region(*side);
                let place = format!("in {region}");
                Self { pair: Some(system.pair.clone()), name: system.name.clone(), place }
            }
            Subject::Link(id) => {
                let system = system(id)?;
                let name = format!("{} replication", system.name);
                Self { pair: Some(system.pair.clone()), name, place: String::new() }
            }
            Subject::Check(id) => {
                let check = model.estate.health_checks.iter().find(|c| &c.id == id)?;
                let name = format!("health check {}", check.name);
                let pair = model.estate.services.iter().find(|s| s.name == check.service).map(|s| s.pair.clone());
                Self { pair, name, place: String::new() }
            }
            Subject::Probe(service, region) => {
                let name = format!("{service} application");
                let place = format!("in {region}");
                let pair = model.estate.services.iter().find(|s| &s.name == service).map(|s| s.pair.clone());
                Self { pair, name, place }
            }
            Subject::Source(id) => {
                let name = model.source_name(id);
                Self { pair: None, name, place: String::new() }
            }
        })
    }
}
