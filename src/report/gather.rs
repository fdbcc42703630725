//! From the journal's records to a report.

use std::collections::{BTreeMap, BTreeSet};

use super::clock::{Clocks, Passed, Place};
use super::{Achieved, ChangeStory, Deed, Line, Report, Source, StepTime, VERSION};
use crate::change::{ChangeText, Digest, batches};
use crate::estate::{PairName, Tier};
use crate::event::{FlipEnd, FlipOutcome, LaunchEnd};
use crate::hygiene::visible;
use crate::model::{Step, words};
use crate::record::{Figures, Kept, Record, SessionKind};
use crate::time::{Span, Timestamp};
use crate::words::{Context, Length, Severity, result, told};

/// Lines of a timeline in a report; the first ones are kept.
const MOST_LINES: usize = 5_000;

/// A part of the journal that makes a report: a named incident or drill, or one that nobody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The pair.
    pub pair: PairName,
    /// Its name; none where nobody gave one.
    pub name: Option<String>,
    /// What it is.
    pub kind: SessionKind,
    /// Who takes part.
    pub participants: Vec<String>,
    /// The first record of it.
    pub first: usize,
    /// The record after the last one; none while it goes on.
    pub end: Option<usize>,
}

/// All windows of a journal, in the order of their beginnings. Everything that happens while a named one runs belongs
/// to it. Otherwise a window begins with an incident's clock, and ends when people were told, or when the next begins.
/// An incident that gets its name while its clock runs, or is said to have begun earlier, begins then.
#[must_use]
pub fn windows(records: &[Kept]) -> Vec<Window> {
    let mut all: Vec<Window> = Vec::new();
    // Windows that are a part of one that got its name later.
    let mut parts: BTreeSet<usize> = BTreeSet::new();
    let mut open: BTreeMap<PairName, usize> = BTreeMap::new();
    for (i, kept) in records.iter().enumerate() {
        match &kept.record {
            Record::SessionStarted { pair, name, session, participants, since, .. } => {
                let running = open.remove(pair);
                let mut first = i;
                if *session == SessionKind::Incident {
                    let named_before = all.iter().filter(|w| w.pair == *pair && w.name.is_some());
                    let free = named_before.filter_map(|w| w.end).max().unwrap_or(0);
                    let said = since.and_then(|since| records.iter().position(|k| k.at.wall >= since));
                    first = said.map_or(i, |said| said.clamp(free.min(i), i));
                    let unnamed = |(w, window): &(usize, &Window)| {
                        let goes_on =
                            Some(*w) == running || (since.is_some() && window.end.is_some_and(|end| end > first));
                        window.pair == *pair && window.name.is_none() && goes_on
                    };
                    let of_it: Vec<(usize, usize)> =
                        all.iter().enumerate().filter(unnamed).map(|(w, window)| (w, window.first)).collect();
                    first = of_it.iter().map(|(_, first)| *first).fold(first, usize::min);
                    parts.extend(of_it.into_iter().map(|(w, _)| w));
                }
                if let Some(before) = running.and_then(|w| all.get_mut(w)) {
                    before.end.get_or_insert(i);
                }
                let (name, participants) = (Some(name.clone()), participants.clone());
                open.insert(pair.clone(), all.len());
                all.push(Window { pair: pair.clone(), name, kind: *session, participants, first, end: None });
            }
            Record::SessionEnded { pair, .. } => {
                if let Some(w) = open.remove(pair).and_then(|w| all.get_mut(w)) {
                    w.end = Some(i + 1);
                }
            }
            Record::Began { pair, .. } => {
                let running = open.get(pair).and_then(|w| all.get(*w));
                if running.is_some_and(|w| w.name.is_some()) {
                    continue;
                }
                if let Some(before) = open.remove(pair).and_then(|w| all.get_mut(w)) {
                    before.end.get_or_insert(i);
                }
                let kind = SessionKind::Incident;
                open.insert(pair.clone(), all.len());
                all.push(Window {
                    pair: pair.clone(),
                    name: None,
                    kind,
                    participants: Vec::new(),
                    first: i,
                    end: None,
                });
            }
            Record::Step { pair, step: 7, done: true } | Record::Over { pair } => {
                let unnamed = open.get(pair).copied().filter(|w| all.get(*w).is_some_and(|w| w.name.is_none()));
                if let Some(w) = unnamed.and_then(|w| all.get_mut(w)) {
                    w.end = Some(i + 1);
                    open.remove(pair);
                }
            }
            _ => {}
        }
    }
    let whole = all.into_iter().enumerate().filter(|(w, _)| !parts.contains(w));
    whole.map(|(_, window)| window).collect()
}

/// The last window of this name or with this change (word code or the beginning of its digest); the last of all
/// where neither is asked for.
#[must_use]
pub fn find(records: &[Kept], wanted: Option<&str>) -> Option<Window> {
    let all = windows(records);
    let Some(wanted) = wanted else {
        return all.into_iter().next_back().or_else(|| alone(records, |_| true));
    };
    let holds = |w: &Window| {
        let changes = records_of(records, w).filter_map(|(_, k)| k.record.change());
        w.name.as_deref() == Some(wanted)
            || changes
                .into_iter()
                .any(|d| d.words() == wanted || (wanted.len() >= 6 && d.to_string().starts_with(wanted)))
    };
    let is_wanted = |d: Digest| d.words() == wanted || (wanted.len() >= 6 && d.to_string().starts_with(wanted));
    all.into_iter().rev().find(holds).or_else(|| alone(records, is_wanted))
}

/// The last change that is wanted, as a window of its own: a launch, say, for which no clock ran.
fn alone(records: &[Kept], wanted: impl Fn(Digest) -> bool) -> Option<Window> {
    let proposed = |kept: &Kept| match &kept.record {
        Record::Proposed { change, text, .. } if wanted(*change) => Some((*change, ChangeText::parse(text).ok()?.pair)),
        _ => None,
    };
    let (first, (change, pair)) = records.iter().enumerate().rev().find_map(|(i, kept)| Some((i, proposed(kept)?)))?;
    let last = records.iter().rposition(|kept| kept.record.change() == Some(change)).unwrap_or(first);
    let (kind, end) = (SessionKind::Incident, Some(last + 1));
    Some(Window { pair, name: None, kind, participants: Vec::new(), first, end })
}

/// The records of a window's pair, and those of no pair, each with its place in the journal.
fn records_of<'a>(records: &'a [Kept], window: &'a Window) -> impl Iterator<Item = (usize, &'a Kept)> {
    let end = window.end.unwrap_or(records.len()).min(records.len());
    // A change of another pair that was proposed before the window is not told in it either.
    let mut pairs: BTreeMap<Digest, PairName> = BTreeMap::new();
    for kept in records.iter().take(end) {
        if let Record::Proposed { change, text, .. } = &kept.record
            && let Ok(text) = ChangeText::parse(text)
        {
            pairs.insert(*change, text.pair);
        }
    }
    let inside = records.get(window.first..end).unwrap_or_default().iter();
    (window.first..).zip(inside).filter(move |(_, kept)| match pair_of(&kept.record) {
        Some(pair) => pair == &window.pair,
        None => match kept.record.change() {
            Some(change) => pairs.get(&change) == Some(&window.pair),
            None => true,
        },
    })
}

fn pair_of(record: &Record) -> Option<&PairName> {
    match record {
        Record::Step { pair, .. }
        | Record::Began { pair, .. }
        | Record::Impaired { pair, .. }
        | Record::Recovered { pair, .. }
        | Record::Over { pair }
        | Record::SessionStarted { pair, .. }
        | Record::SessionEnded { pair, .. }
        | Record::Moment { pair, .. } => Some(pair),
        Record::Seen { pair, .. } => pair.as_ref(),
        _ => None,
    }
}

impl Report {
    /// The report of a window.
    #[must_use]
    pub fn of(records: &[Kept], window: &Window, journal: Source) -> Self {
        let clocks = Clocks::of(records);
        let mut g = Gathering::default();
        let told: BTreeSet<Digest> = records_of(records, window).filter_map(|(_, k)| k.record.change()).collect();
        // What was proposed before the window, and came to something in it, belongs to it.
        for (i, kept) in records.get(..window.first).unwrap_or_default().iter().enumerate() {
            if matches!(&kept.record, Record::Proposed { change, .. } if told.contains(change)) {
                g.take(&clocks, i, kept);
            }
        }
        for (i, kept) in records_of(records, window) {
            g.take(&clocks, i, kept);
        }
        let estate = records.iter().rev().find_map(|k| match &k.record {
            Record::Opened { estate, .. } => Some(estate.clone()),
            _ => None,
        });
        let began = g.since.unwrap_or(Place::at(window.first));
        let started = clocks.wall(began);
        let ended = window.end.and_then(|end| records.get(end.checked_sub(1)?)).map(|k| k.at.wall);
        let steps = g.step_times(&clocks, began);
        let done = steps.iter().filter(|s| s.done.is_some()).count();
        let automatic = steps.iter().filter(|s| s.done.is_some() && s.automatic).count();
        let passed = |place: Place| clocks.between(began, place);
        // A journal of before the tiers were told apart has only the step, which is the last of them.
        let all = g.done.get(Step::Applications as usize).copied().flatten();
        let back = |tier: Tier| {
            let own = g.back.get(&tier).copied();
            own.or(all.filter(|_| g.back.is_empty() && g.late.is_none())).map(passed)
        };
        let late = g.late.map(passed);
        let figures = g.figures.clone();
        let rto = figures.as_ref().map_or_else(Vec::new, |f| rto(f, back, late, g.found));
        let rpo = figures.as_ref().map_or_else(Vec::new, rpo);
        let missed = rto.iter().chain(&rpo).any(|a| a.met == Some(false));
        let success = g.success(window.end.is_some(), missed);
        let clocks = clocks.notes(window.first, window.end.unwrap_or(records.len()));
        let name = window.name.clone().or_else(|| g.changes.first().map(|(_, c)| c.words.clone()));
        Self {
            version: VERSION,
            estate: estate.unwrap_or_default(),
            pair: window.pair.to_string(),
            name: name.unwrap_or_else(|| "without a name".into()),
            kind: window.kind,
            participants: window.participants.clone(),
            started,
            ended,
            planned: g.planned,
            begun_by: g.begun_by.clone(),
            clock_ran: g.since.is_some(),
            found: g.found,
            success,
            automation_share: (done > 0).then(|| automatic as f64 / done as f64),
            steps,
            rto,
            rpo,
            readiness: figures.as_ref().map(|f| f.score),
            failed_checks: figures.as_ref().map_or_else(Vec::new, |f| f.failed.clone()),
            unknown_checks: figures.map_or_else(Vec::new, |f| f.unknown),
            changes: g.changes.into_iter().map(|(_, c)| c).collect(),
            timeline: g.timeline,
            clocks,
            journal,
        }
    }
}

/// Time to be back: a tier is back when the last of its moved applications answers.
fn rto(figures: &Figures, back: impl Fn(Tier) -> Option<Passed>, late: Option<Passed>, found: bool) -> Vec<Achieved> {
    let one = |tier: &Tier| {
        let target = figures.targets.get(tier)?.rto;
        let back = back(*tier);
        // A failure that nobody saw begin may have begun long before: that a target was met is not known.
        if let (true, Some(Passed::Boot(least) | Passed::Wall(least))) = (found, back) {
            let least_words = words::span(Span::try_from_secs_f64(least).ok()?);
            let of = format!("at least {least_words}: it had failed already when it was read first");
            let met = (least > target).then_some(false);
            return Some(Achieved { tier: *tier, target, achieved: None, met, of });
        }
        if let (None, Some(Passed::Boot(most) | Passed::Wall(most))) = (back, late) {
            let most_words = words::span(Span::try_from_secs_f64(most).ok()?);
            let of = match found {
                false => format!("at most {most_words}: nobody looked before"),
                true => format!("not known: found back {most_words} after the failure was found"),
            };
            let met = (most <= target && !found).then_some(true);
            return Some(Achieved { tier: *tier, target, achieved: None, met, of });
        }
        let until = "until every moved application of this tier answered in the receiving region";
        let of = match back.or(late) {
            Some(Passed::Boot(_)) => until.to_owned(),
            Some(Passed::Wall(_)) => format!("{until}, by the wall clock: there was a restart meanwhile"),
            Some(Passed::Unknown(why)) => format!("unknown: {why}"),
            None => "its applications have not been seen to answer".to_owned(),
        };
        let achieved = back.and_then(Passed::seconds);
        Some(Achieved { tier: *tier, target, achieved, met: achieved.map(|b| b <= target), of })
    };
    figures.tiers.iter().filter_map(one).collect()
}

/// Data that may have been lost: the largest lag of each class when the second key was turned. One system with an
/// unknown lag makes the class's figure unknown, unless the known lag is past the target already.
fn rpo(figures: &Figures) -> Vec<Achieved> {
    let one = |tier: Tier| {
        let target = figures.targets.get(&tier)?.rpo;
        let lags: Vec<_> = figures.lags.iter().filter(|l| l.tier == tier).collect();
        if lags.is_empty() {
            let of = "not known: no replication of this class is measured".to_owned();
            return Some(Achieved { tier, target, achieved: None, met: None, of });
        }
        let known = lags.iter().filter_map(|l| Some((l.seconds?, l))).max_by(|a, b| a.0.total_cmp(&b.0));
        let unknown: Vec<&str> = lags.iter().filter(|l| l.seconds.is_none()).map(|l| l.system.as_str()).collect();
        let missed = known.is_some_and(|(s, _)| s > target);
        let achieved = known.map(|(s, _)| s).filter(|_| unknown.is_empty() || missed);
        let of = match (known, unknown.is_empty()) {
            (Some((_, l)), true) => l.system.clone(),
            (Some((s, l)), false) => format!("{} {s:.1} s; not known: {}", l.system, unknown.join(", ")),
            (None, _) => format!("not known: {}", unknown.join(", ")),
        };
        Some(Achieved { tier, target, achieved, met: achieved.map(|a| a <= target), of })
    };
    Tier::ALL.into_iter().filter_map(one).collect()
}

#[derive(Default)]
struct Gathering {
    since: Option<Place>,
    /// It was so already then: nobody saw it begin.
    found: bool,
    planned: bool,
    /// Who began it by hand.
    begun_by: Option<String>,
    done: [Option<Place>; 7],
    /// When all moved services of a tier answered.
    back: BTreeMap<Tier, Place>,
    /// When traffic was found to have moved, and nobody had seen it.
    late: Option<Place>,
    /// When each change was proposed, and when it was approved last.
    proposed: BTreeMap<String, Place>,
    approved: BTreeMap<String, Place>,
    figures: Option<Figures>,
    changes: Vec<(Digest, ChangeStory)>,
    /// What the changes are, and the results of sending them: the words of later records need these.
    texts: BTreeMap<Digest, ChangeText>,
    outcomes: BTreeMap<Digest, FlipOutcome>,
    /// Calls that are in force, of changes that take several.
    calls: BTreeMap<Digest, usize>,
    /// Those of the changes that move no traffic, launches and gates alone, by their digests.
    moveless: BTreeSet<String>,
    timeline: Vec<Line>,
}

impl Gathering {
    /// [`Report::success`] of what was gathered.
    fn success(&self, ended: bool, missed: bool) -> Option<bool> {
        let changes = || self.changes.iter().map(|(_, c)| c);
        if changes().any(|c| c.traffic_moved.is_some()) {
            return Some(!missed);
        }
        let tried = self.since.is_some() || changes().next().is_some();
        if !ended || !tried {
            return None;
        }
        let moveless = |c: &&ChangeStory| self.moveless.contains(&c.digest);
        if changes().any(|c| c.done == Some(true) && !moveless(&c)) {
            // ARC took it, and nobody watched the traffic: that is not known to have stayed.
            return None;
        }
        let ran: Vec<_> = changes().filter(|c| c.second_key.is_some()).collect();
        Some(!ran.is_empty() && ran.iter().all(|c| moveless(c) && c.done == Some(true)))
    }

    fn change(&mut self, digest: &Digest) -> Option<&mut ChangeStory> {
        self.changes.iter_mut().find(|(d, _)| d == digest).map(|(_, c)| c)
    }

    fn say(&mut self, at: Timestamp, source: &str, text: String) {
        if self.timeline.len() < MOST_LINES {
            let shown = |t: &str| visible(t).into_owned();
            self.timeline.push(Line { at, source: shown(source), text: shown(&text) });
        }
    }

    fn take(&mut self, clocks: &Clocks<'_>, index: usize, kept: &Kept) {
        let (at, place) = (kept.at.wall, Place::at(index));
        if let Record::Proposed { change, text, .. } = &kept.record {
            self.proposed.insert(change.to_string(), place);
            self.propose(at, *change, text);
        }
        self.tell(at, &kept.record);
        match &kept.record {
            Record::Began { since, planned, by, found, .. } if self.since.is_none() => {
                self.found = *found;
                self.planned = *planned;
                self.begun_by = by.as_ref().map(ToString::to_string);
                self.since = Some(clocks.told(index, *since));
            }
            Record::SessionStarted { session: SessionKind::Incident, since: Some(since), .. } => {
                let said = clocks.told(index, *since);
                let before = |since: &Place| clocks.wall(*since) <= clocks.wall(said);
                let earlier = self.since.filter(before);
                self.found &= earlier.is_some();
                self.since = Some(earlier.unwrap_or(said));
            }
            Record::Step { step, done: true, .. } => {
                if let Some(slot) = usize::from(*step).checked_sub(1).and_then(|i| self.done.get_mut(i)) {
                    slot.get_or_insert(place);
                }
            }
            Record::Figures { figures, .. } => self.figures = Some(figures.clone()),
            Record::Approved { change, by, key, .. } => {
                self.approved.insert(change.to_string(), place);
                let deed = Deed { by: by.to_string(), at, key: Some(key.clone()) };
                self.change(change).into_iter().for_each(|c| c.approvals.push(deed.clone()));
            }
            Record::Intent { change, by, .. } => {
                let deed = Deed { by: by.to_string(), at, key: None };
                self.change(change).into_iter().for_each(|c| c.second_key = Some(deed.clone()));
            }
            Record::TierBack { tier, .. } => {
                self.back.entry(*tier).or_insert(place);
            }
            Record::TrafficMoved { change, late, .. } => {
                if *late {
                    self.late.get_or_insert(place);
                }
                // Where no incident's clock ran, the move itself says that names lead there and applications answer.
                for step in [Step::Dns, Step::Applications] {
                    if let Some(done) = self.done.get_mut(step as usize) {
                        done.get_or_insert(place);
                    }
                }
                self.change(change).into_iter().for_each(|c| c.traffic_moved = Some(at));
            }
            Record::Outcome { change, outcome } => {
                self.outcomes.insert(*change, outcome.clone());
                self.came_of_it(at, &kept.record);
            }
            Record::Called { change, call, of, outcome } => {
                let goes_on = call < of && matches!(outcome.end, FlipEnd::Applied { .. });
                if goes_on {
                    self.calls.insert(*change, *call);
                } else {
                    self.outcomes.insert(*change, outcome.clone());
                    self.came_of_it(at, &kept.record);
                }
            }
            record => self.came_of_it(at, record),
        }
    }

    /// What a record's words need besides the record.
    fn context(&self, record: &Record) -> Context<'_> {
        let digest = record.change();
        let change = digest.and_then(|d| self.texts.get(&d));
        let calls = digest.and_then(|d| self.calls.get(&d)).copied().unwrap_or_default();
        Context { change, outcome: digest.and_then(|d| self.outcomes.get(&d)), calls, ..Context::default() }
    }

    /// A line of the timeline; none for records that only this program needs, or that came too late for a change.
    fn tell(&mut self, at: Timestamp, record: &Record) {
        let quiet = matches!(
            record,
            Record::Step { done: false, .. }
                | Record::Estate { .. }
                | Record::Present { .. }
                | Record::Figures { .. }
                | Record::Refused { .. }
        );
        if quiet || self.is_too_late(record) {
            return;
        }
        let told = told(record, &self.context(record).kept_at(at), Length::Line);
        let mark = if told.severity == Severity::Moment { "◆ " } else { "" };
        self.say(at, &told.who, format!("{mark}{}", told.text));
    }

    /// Whether a record would close a change that was sent already.
    fn is_too_late(&mut self, record: &Record) -> bool {
        let sent = |c: &mut ChangeStory| c.second_key.is_some();
        record.closes() && record.change().is_some_and(|change| self.change(&change).is_some_and(sent))
    }

    fn propose(&mut self, at: Timestamp, change: Digest, text: &str) {
        let Ok(text) = ChangeText::parse(text) else { return };
        if !text.moves_traffic() {
            self.moveless.insert(change.to_string());
        }
        let story = ChangeStory {
            words: change.words(),
            digest: change.to_string(),
            title: visible(&text.title).into_owned(),
            reason: visible(&text.reason).into_owned(),
            receiving: text.receiving.to_string(),
            loss: visible(&text.loss).into_owned(),
            overrides: text.overrides().iter().map(|o| visible(&o.name).into_owned()).collect(),
            despite: text.despite.clone(),
            proposed: Deed { by: text.by.to_string(), at, key: None },
            approvals: Vec::new(),
            second_key: None,
            result: "nothing came of it yet".into(),
            settled: None,
            done: None,
            traffic_moved: None,
        };
        self.changes.push((change, story));
        self.texts.insert(change, text);
    }

    /// Whether a change takes more calls than are in force once the one that was sent last is.
    fn is_partly(&self, change: &Digest) -> bool {
        let of = self.texts.get(change).map_or(1, |text| batches::batches(text.flips()).len());
        self.calls.get(change).copied().unwrap_or_default() + 1 < of
    }

    /// Records that say how a change went.
    fn came_of_it(&mut self, at: Timestamp, record: &Record) {
        let Some(change) = record.change().filter(|_| !self.is_too_late(record)) else { return };
        let settled = match record {
            Record::LaunchAnswered { answer, .. } => matches!(answer, LaunchEnd::NotSent { .. }),
            Record::Outcome { outcome, .. } | Record::Called { outcome, .. } => {
                !matches!(outcome.end, FlipEnd::Applied { .. } | FlipEnd::Denied(_) | FlipEnd::Uncertain)
            }
            Record::Launched { .. } | Record::Settled { .. } => true,
            record if record.closes() => true,
            _ => return,
        };
        let done = match record {
            Record::Launched { failed, servers, .. } => Some(failed.is_empty() && *servers > 0),
            Record::Settled { done, .. } => Some(*done && !self.is_partly(&change)),
            _ => settled.then_some(false),
        };
        let Some(result) = result(record, &self.context(record)) else { return };
        let result = visible(&result).into_owned();
        if let Some(c) = self.change(&change) {
            (c.result, c.done) = (result, done);
            if settled {
                c.settled = Some(at);
            }
        }
    }

    fn step_times(&self, clocks: &Clocks<'_>, began: Place) -> Vec<StepTime> {
        let mut before = began;
        // Who proposed and who approved is in the journal to the second; a step is kept when a program sees it, which
        // may be long after where no console runs.
        let moves = |c: &&ChangeStory| !self.moveless.contains(&c.digest);
        let mut changes = self.changes.iter().map(|(_, c)| c).filter(moves);
        let change = changes.clone().find(|c| c.second_key.is_some()).or_else(|| changes.next());
        let deed = |step: Step| match step {
            Step::Preflight => self.proposed.get(&change?.digest).copied(),
            Step::Approval => self.approved.get(&change?.digest).copied(),
            _ => None,
        };
        let one = |step: Step| {
            let done = self.done.get(step as usize).copied().flatten();
            let done = done.map(|seen| deed(step).filter(|at| at.is_before(&seen)).unwrap_or(seen));
            let (after, took) = (done.map(|d| clocks.between(began, d)), done.map(|d| clocks.between(before, d)));
            before = done.filter(|d| before.is_before(d)).unwrap_or(before);
            // A planned move begins with somebody's decision, not with something that was seen.
            let decided = self.planned || self.begun_by.is_some();
            let automatic = step.automatic() && !(decided && step == Step::Detected);
            StepTime {
                step: step.number(),
                name: step.word(),
                automatic,
                done: done.map(|d| clocks.wall(d)),
                after: after.and_then(Passed::seconds),
                took: took.and_then(Passed::seconds),
                unknown: after.and_then(Passed::unknown).or(took.and_then(Passed::unknown)),
            }
        };
        Step::ALL.into_iter().map(one).collect()
    }
}
