//! A change's way through its life: asks and answers in, records and effects out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lever, Model, Severity};
use crate::change::gate::{self, World};
use crate::change::{Change, Digest, State, Work};
use crate::effect::{Effect, EffectId, FlipOrder};
use crate::estate::{PairName, PersonName};
use crate::event::{Ask, FlipEnd, FlipOutcome, LaunchEnd, ReadBack, SourceId, Via};
use crate::model::{Fresh, levers::EndpointView};
use crate::record::{Kept, Record};
use crate::time::{Span, Stamp};

/// How long a read-back counts as fresh.
const READ_BACK_FRESH: Span = Span::from_secs(30);
/// A flip ends within seconds; one of another program that has said nothing for so long has no end to wait for.
const SILENT_AFTER: Span = Span::from_secs(30);
/// Refusals kept for the screens of those who were refused.
const MOST_REFUSALS: usize = 16;

/// What an effect's answer is waited for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pending {
    /// The flip waits for its intent to be on disk.
    Intent(Digest),
    /// The change file waits for the proposal to be on disk.
    Publish(Digest, String),
    /// The call is under way.
    Flip(Digest),
    /// DRS is being asked to launch.
    Launch(Digest),
    /// Endpoints that have yet to be read back.
    ReadBack(usize),
}

/// Something that a person asked for and did not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// When.
    pub at: Stamp,
    /// Who asked; none where it came without a name (a signature).
    pub by: Option<PersonName>,
    /// Why not, and what to do.
    pub why: String,
}

impl Model {
    /// Calls `judge` with the world as the gate sees it.
    fn gate<T>(&self, judge: impl FnOnce(&World<'_>) -> T) -> T {
        self.gate_with(&[], judge)
    }

    /// The same, where failing checks matter.
    fn gate_with<T>(&self, stops: &[String], judge: impl FnOnce(&World<'_>) -> T) -> T {
        let states = self.levers.agreed(self.now);
        let drs = self.drs_now();
        judge(&World { estate: &self.estate, states: &states, drs, changes: &self.changes, stops, at: self.now })
    }

    pub(crate) fn effect(&mut self, pending: Option<Pending>, make: impl FnOnce(EffectId) -> Effect) {
        let id = EffectId(self.next_effect);
        self.next_effect += 1;
        if let Some(pending) = pending {
            self.pending.insert(id, pending);
        }
        self.out.push(make(id));
    }

    /// Takes a record in and asks for it to be kept.
    pub(crate) fn keep(&mut self, record: Record) {
        let pending = match &record {
            Record::Intent { change, .. } => Some(Pending::Intent(*change)),
            Record::Proposed { change, text } => Some(Pending::Publish(*change, text.clone())),
            _ => None,
        };
        let kept = Kept { at: self.now, boot: self.boot.clone(), record: record.clone() };
        let notice = self.take_in_telling(&kept);
        self.tell_when_kept(notice);
        self.effect(pending, |id| Effect::Record(id, record));
    }

    /// Folds a record, and tells it in the timeline.
    pub(crate) fn take_in(&mut self, kept: &Kept) {
        self.changes.apply(&self.estate.clone(), kept);
        self.follow_session(kept);
        self.tell(kept);
    }

    pub(crate) fn refuse(&mut self, by: Option<&PersonName>, why: String) {
        if self.refusals.len() >= MOST_REFUSALS {
            self.refusals.pop_front();
        }
        self.refusals.push_back(Refused { at: self.now, by: by.cloned(), why });
    }

    pub(crate) fn asked(&mut self, ask: Ask) {
        if let Some(why) = self.read_only.clone() {
            let by = ask.who().cloned();
            self.refuse(by.as_ref(), format!("this console is read-only: {why}"));
            return;
        }
        match ask {
            Ask::Propose { by, draft, nonce } => {
                let loss = self.loss_of(&draft);
                let stops = self.stops(&draft);
                match self.gate_with(&stops, |w| gate::propose(w, by.name(), &draft, &loss, nonce)) {
                    Ok(text) => {
                        let canonical = text.canonical();
                        self.keep(Record::Proposed { change: Digest::of(&canonical), text: canonical });
                    }
                    Err(why) => {
                        self.refuse(Some(by.name()), why.clone());
                        self.keep(Record::ProposalRefused { by: by.name().clone(), title: draft.title, why });
                    }
                }
            }
            Ask::SecondKey { by, change, typed } => {
                let record = self.gate(|w| gate::second_key(w, by.name(), &change, &typed));
                if let Record::SecondKeyRefused { why, .. } = &record {
                    self.refuse(Some(by.name()), why.clone());
                }
                if let Record::Intent { change, .. } = &record
                    && let Some(figures) = self.figures(change)
                {
                    // What nobody can find out afterwards. The flip waits for its intent only.
                    self.keep(Record::Figures { change: *change, figures });
                }
                self.keep(record);
            }
            Ask::Withdraw { by, change } => match self.gate(|w| gate::withdraw(w, by.name(), &change)) {
                Ok(record) => self.keep(record),
                Err(why) => self.refuse(Some(by.name()), why),
            },
            Ask::Reject { by, change, reason } => match self.gate(|w| gate::reject(w, by.name(), &change, &reason)) {
                Ok(record) => self.keep(record),
                Err(why) => self.refuse(Some(by.name()), why),
            },
            // A folder is read again after a restart; what was counted before is no news.
            Ask::Signature { armored, by } if by.via() == Via::Folder && self.changes.has_counted(&armored) => {}
            Ask::Signature { armored, by } => {
                let via = by.via();
                let record = self.gate(|w| gate::signature(w, &armored, via));
                if let Record::ApprovalRefused { why, .. } = &record {
                    self.refuse(None, format!("the signature does not count: {why}"));
                }
                self.keep(record);
            }
            Ask::Reading { by, change } => {
                if self.changes.reading(&change, by.name())
                    && let Some(pair) = self.changes.get(&change).map(|c| c.text.pair.clone())
                {
                    let text = format!("is reading change {}", change.words());
                    self.note(Some(pair), by.name().as_str(), Severity::Info, text);
                }
            }
            Ask::Note { by, pair, text } => {
                self.keep(Record::Seen { pair: Some(pair), source: by.name().to_string(), text });
            }
            Ask::Moment { by, pair, text } => self.keep(Record::Moment { pair, by: by.name().clone(), text }),
            Ask::Told { by, pair } => self.told(&by, &pair),
            Ask::Begin { by, session } => self.begin(&by, session),
            Ask::End { by, pair } => self.end(&by, &pair),
        }
    }

    fn told(&mut self, by: &crate::change::Operator, pair: &PairName) {
        let now = self.now;
        if let Some(incident) = self.incidents.get_mut(pair).filter(|i| i.ended.is_none()) {
            let clock = &mut incident.steps[super::Step::Told as usize];
            clock.began.get_or_insert(now);
            clock.ended = Some(now);
            incident.ended = Some(now);
            self.keep(Record::Step { pair: pair.clone(), step: 7, done: true });
            let text = "people were told".to_owned();
            self.keep(Record::Seen { pair: Some(pair.clone()), source: by.name().to_string(), text });
        } else {
            self.refuse(Some(by.name()), "nothing is going on that people could be told of".into());
        }
    }

    pub(crate) fn recorded(&mut self, id: EffectId) {
        match self.pending.remove(&id) {
            Some(Pending::Intent(digest)) => {
                let Some(change) = self.changes.get(&digest).filter(|c| c.state == State::Executing) else { return };
                // A disk that hung for minutes must not move traffic minutes after somebody turned the key.
                if self.now.since(change.since) > self.estate.policy.second_key_within {
                    self.keep(match change.text.work {
                        Work::Controls { .. } => {
                            let outcome = FlipOutcome { end: FlipEnd::TooLate, attempts: Vec::new() };
                            Record::Outcome { change: digest, outcome }
                        }
                        Work::Launch(_) => {
                            let why = "the journal took longer than the second key's window".to_owned();
                            Record::LaunchAnswered { change: digest, answer: LaunchEnd::NotSent { why } }
                        }
                    });
                    return;
                }
                if let Some(launch) = change.text.launch().cloned() {
                    let region = change.text.receiving.clone();
                    return self.send_launch(digest, region, launch);
                }
                let order = FlipOrder {
                    change: digest,
                    flips: change.text.flips().to_vec(),
                    overrides: change.text.overrides().iter().map(|o| o.arn.clone()).collect(),
                };
                self.effect(Some(Pending::Flip(digest)), |id| Effect::Flip(id, order));
            }
            Some(Pending::Publish(digest, text)) => self.out.push(Effect::Publish(digest, text)),
            _ => {}
        }
    }

    pub(crate) fn record_failed(&mut self, id: EffectId, why: &str) {
        let pending = self.pending.remove(&id);
        if let Some(Pending::Intent(digest) | Pending::Publish(digest, _)) = pending {
            let why = format!("the journal did not take it ({why}); nothing was sent");
            self.changes.not_sent(&digest, why, self.now);
        }
        // A console that looks on keeps nothing of what it sees: that is no fault.
        if self.read_only.is_some() {
            return;
        }
        let text = format!("the journal could not keep a record: {why}");
        self.refuse(None, text.clone());
        self.note(None, "journal", Severity::Bad, text);
    }

    pub(crate) fn flipped(&mut self, id: EffectId, outcome: FlipOutcome) {
        let Some(Pending::Flip(digest)) = self.pending.remove(&id) else { return };
        self.keep(Record::Outcome { change: digest, outcome });
        if self.changes.get(&digest).is_some_and(|c| c.state.is_running()) {
            self.read_back_change(&digest, None);
            // What follows a flip is what everybody waits for: ask now, not at the next turn.
            let resolvers = self.estate.resolvers.iter().map(|r| SourceId::Dns(r.name.clone()));
            let endpoints = self.estate.cluster.endpoints.iter().map(|e| SourceId::Arc(e.region.clone()));
            self.out.extend(endpoints.chain(resolvers).map(Effect::Hurry).collect::<Vec<_>>());
        }
    }

    /// Asks every endpoint but `skip` for the states of a change's controls.
    pub(crate) fn read_back_change(&mut self, digest: &Digest, skip: Option<crate::estate::Region>) {
        let Some(change) = self.changes.get(digest) else { return };
        let controls: Vec<_> = change.text.flips().iter().map(|f| f.arn.clone()).collect();
        self.read_back_at = self.now;
        let left = self.estate.cluster.endpoints.iter().filter(|e| Some(&e.region) != skip.as_ref()).count();
        self.effect(Some(Pending::ReadBack(left)), |id| Effect::ReadBack(id, controls, skip));
    }

    pub(crate) fn read_back(&mut self, id: EffectId, read: ReadBack) {
        let Some(Pending::ReadBack(left)) = self.pending.get_mut(&id) else { return };
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.pending.remove(&id);
        }
        if let Ok(states) = read.states {
            let now = self.now;
            let before = self.levers.agreed(now);
            let due = now.plus(READ_BACK_FRESH);
            let view = self.levers.endpoints.entry(read.endpoint).or_insert_with(|| Fresh {
                value: EndpointView { states: BTreeMap::new(), took: Span::ZERO },
                heard: now,
                due,
            });
            view.value.states.extend(states);
            view.heard = now;
            view.due = view.due.max(due);
            self.levers_changed(&before);
        }
    }

    /// Closes what time or the world has closed, settles what reading settles, sees traffic move.
    pub(crate) fn follow_changes(&mut self) {
        let records: Vec<Record> = self
            .gate(|w| w.changes.open().filter_map(|c| gate::expired(w, c).or_else(|| gate::voided(w, c))).collect());
        for record in records {
            self.keep(record);
        }
        // Another program's flip whose end never came: it died, or hangs. Only reading can tell now.
        let silent = |c: &&Change| {
            let ours =
                |p: &Pending| matches!(p, Pending::Intent(d) | Pending::Flip(d) | Pending::Launch(d) if *d == c.digest);
            c.state == State::Executing && self.now.since(c.since) > SILENT_AFTER && !self.pending.values().any(ours)
        };
        let flip = self.changes.running().filter(silent).map(|c| c.digest);
        let launch = self.changes.launching().filter(silent).map(|c| c.digest);
        if let Some(change) = flip {
            let outcome = FlipOutcome { end: FlipEnd::Uncertain, attempts: Vec::new() };
            self.keep(Record::Outcome { change, outcome });
        }
        if let Some(change) = launch {
            let why = "the program that asked for it said nothing more".to_owned();
            self.keep(Record::LaunchAnswered { change, answer: LaunchEnd::Uncertain { why } });
        }
        self.follow_launches();
        if let Some((record, again)) = self.changes.running().and_then(|c| self.settle(c).map(|r| (r, c.digest))) {
            match record {
                Some(record) => self.keep(record),
                None => self.read_back_change(&again, None),
            }
        }
        let verified = || self.changes.all().iter().filter(|c| c.state == State::Verified { moved: None });
        let there = |c: &&Change| self.dns_moved(c) && self.applications_answer(c);
        // What this program sent, or sees before it has arrived, it sees arrive.
        let seen = |c: &&Change| c.since.wall >= self.opened.wall || self.watched.contains(&c.digest);
        let watched: BTreeSet<Digest> =
            verified().filter(|c| seen(c) || (self.all_heard() && !there(c))).map(|c| c.digest).collect();
        let back: Vec<_> = verified()
            .filter(|c| watched.contains(&c.digest))
            .flat_map(|c| self.tiers_back(c).into_iter().filter(|t| !c.back.contains_key(t)).map(|t| (c.digest, t)))
            .collect();
        let moved: Vec<_> = verified()
            .filter(there)
            .map(|c| (c.digest, self.change_traffic(c).total(), !watched.contains(&c.digest)))
            .collect();
        self.watched = watched;
        for (change, tier) in back {
            self.keep(Record::TierBack { change, tier });
        }
        for (change, answers, late) in moved {
            let when = if late { "when somebody looked " } else { "" };
            let how = format!("{when}all {answers} DNS answers lead there and its applications answer");
            self.keep(Record::TrafficMoved { change, how, late });
        }
    }

    /// Whether any of a change's controls is now in another state than it was proposed from.
    #[must_use]
    pub fn has_moved(&self, change: &Change) -> bool {
        change.text.flips().iter().any(|f| matches!(self.levers.get(&f.arn, self.now), Lever::Agreed(s) if s != f.from))
    }
}

impl Ask {
    /// Who asks; none for a signature, whose maker is found by its key.
    #[must_use]
    pub fn who(&self) -> Option<&PersonName> {
        match self {
            Ask::Propose { by, .. }
            | Ask::SecondKey { by, .. }
            | Ask::Withdraw { by, .. }
            | Ask::Note { by, .. }
            | Ask::Moment { by, .. }
            | Ask::Told { by, .. }
            | Ask::Begin { by, .. }
            | Ask::End { by, .. } => Some(by.name()),
            Ask::Reject { by, .. } | Ask::Reading { by, .. } => Some(by.name()),
            Ask::Signature { .. } => None,
        }
    }
}
