//! A change's way through its life: asks and answers in, records and effects out.

use std::collections::BTreeSet;

use super::{Lever, Model};
use crate::change::gate::{self, World};
use crate::change::{Change, Digest, State};
use crate::effect::{Effect, EffectId};
use crate::estate::PersonName;
use crate::event::{FlipEnd, FlipOutcome, LaunchEnd, ReadBack};
use crate::model::{Fresh, levers::EndpointView};
use crate::record::Record;
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
    /// The record is on its way to the journal, since when.
    Kept(Box<Record>, Stamp),
    /// A person's key is asked, since when.
    Deed(super::deeds::Deed, Stamp),
    /// The call is under way.
    Flip(Digest),
    /// DRS is being asked to launch.
    Launch(Digest),
    /// DRS is asked for the snapshots of a launch that somebody proposes from a point in time.
    Points(Box<super::points::Wish>),
    /// Endpoints that have yet to be read back.
    ReadBack(usize),
}

/// Something that a person asked for and did not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// When.
    pub at: Stamp,
    /// The requester; none if it came without a name (a signature).
    pub by: Option<PersonName>,
    /// Why not, and what to do.
    pub why: String,
}

impl Model {
    /// Calls `judge` with the world as the gate sees it.
    pub(crate) fn gate<T>(&self, judge: impl FnOnce(&World<'_>) -> T) -> T {
        self.gate_with(&[], judge)
    }

    /// The same, where failing checks matter.
    pub(crate) fn gate_with<T>(&self, stops: &[String], judge: impl FnOnce(&World<'_>) -> T) -> T {
        let mut states = self.levers.agreed(self.now);
        if let Some(answered) = self.changes.answered() {
            states.retain(|arn, _| self.levers.after(arn, self.now, answered) != Lever::Unknown);
        }
        let drs = self.drs_now();
        judge(&World {
            estate: &self.estate,
            states: &states,
            changes: &self.changes,
            drs,
            stops,
            binding: &self.binding,
            anchor: &self.anchor,
            boot: &self.boot,
            at: self.now,
        })
    }

    pub(crate) fn refuse(&mut self, by: Option<&PersonName>, why: String) {
        if self.refusals.len() >= MOST_REFUSALS {
            // Anybody may fill the incident folder: that pushes out nothing that a person here must be told.
            let oldest = self.refusals.iter().position(|r| r.by.is_none()).unwrap_or_default();
            self.refusals.remove(oldest);
        }
        self.refusals.push_back(Refused { at: self.now, by: by.cloned(), why });
    }

    pub(crate) fn flipped(&mut self, id: EffectId, outcome: FlipOutcome) {
        let Some(Pending::Flip(digest)) = self.pending.remove(&id) else { return };
        let record = self.called(digest, outcome);
        self.keep(record);
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
            let unheard = || Fresh { value: EndpointView::default(), heard: now, due };
            let view = self.levers.endpoints.entry(read.endpoint.clone()).or_insert_with(unheard);
            view.hear_some(states, now, due);
            self.see_old(&read.endpoint);
            self.levers_changed(&before);
        }
    }

    /// Closes what time or the world has closed, settles what reading settles, sees traffic move.
    pub(crate) fn follow_changes(&mut self) {
        // A console with another estate file judges nobody else's changes.
        let ours = |w: &World<'_>| -> Vec<Record> {
            let ours = w.changes.open().filter(|c| c.is_ours);
            ours.filter_map(|c| gate::expired(w, c).or_else(|| gate::voided(w, c))).collect()
        };
        let records = self.gate(ours);
        for record in records {
            self.keep(record);
        }
        self.follow_closing();
        self.follow_calls();
        // Another program's flip whose end never came: that program died, or hangs. Now only reads can show what
        // happened.
        let silent = |c: &&Change| {
            let ours = |p: &Pending| match p {
                Pending::Flip(d) | Pending::Launch(d) => *d == c.digest,
                Pending::Kept(record, _) => record.change() == Some(c.digest),
                Pending::Deed(..) | Pending::Points(_) | Pending::ReadBack(_) => false,
            };
            c.state == State::Executing
                && self.now.since(c.surely) > self.in_life(SILENT_AFTER) + self.longest_pause(c)
                && !self.pending.values().any(ours)
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
        let to_come = |c: &&Change| c.state == State::Verified { moved: None } && c.text.moves_traffic();
        let verified = || self.changes.all().iter().filter(to_come);
        let there = |c: &&Change| self.unproven(c).is_empty();
        // What this program sent, or sees before it has arrived, it sees arrive.
        let seen = |c: &&Change| c.since.wall >= self.opened.wall || self.watched.contains(&c.digest);
        let watched: BTreeSet<Digest> =
            verified().filter(|c| seen(c) || (self.all_heard() && !there(c))).map(|c| c.digest).collect();
        let back: Vec<_> = verified()
            .filter(|c| watched.contains(&c.digest))
            .flat_map(|c| self.tiers_back(c).into_iter().filter(|t| !c.back.contains_key(t)).map(|t| (c.digest, t)))
            .collect();
        let moved: Vec<_> =
            verified().filter(there).map(|c| (c.digest, self.arrival_words(c), !watched.contains(&c.digest))).collect();
        self.watched = watched;
        for (change, tier) in back {
            self.keep(Record::TierBack { change, tier });
        }
        for (change, how, late) in moved {
            let how = if late { format!("when somebody looked {how}") } else { how };
            self.keep(Record::TrafficMoved { change, how, late });
        }
    }

    /// Whether any of a change's controls is now in another state than it was proposed from.
    #[must_use]
    pub fn has_moved(&self, change: &Change) -> bool {
        change.text.flips().iter().any(|f| matches!(self.levers.get(&f.arn, self.now), Lever::Agreed(s) if s != f.from))
    }
}
