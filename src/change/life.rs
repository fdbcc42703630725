//! What is known of every change: the fold of the journal's records.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::batches;
use super::state::{Lapse, NotDone, State};
use super::verified::{Untrue, verified};
use super::{Binding, ChangeText, Digest};
use crate::estate::{ControlArn, ControlState, Estate, Need, PersonName, Region, Tier};
use crate::event::{FlipEnd, FlipOutcome, LaunchEnd};
use crate::record::{Kept, Record};
use crate::time::{Here, Moment, Stamp};

/// How many closed changes are kept in memory; the journal keeps them all.
const KEPT_CLOSED: usize = 100;

/// Estates that are remembered besides the current one. In a journal with more of them, the changes of the oldest have
/// been closed long ago.
const MOST_BINDINGS: usize = 64;

/// Why a change is not among those that a console holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHere {
    /// It was known: it ended long ago, or is of another estate.
    #[error(
        "this change ended long ago or belongs to another estate, and cannot run again. `signalbox journal show` has its \
         outcome; make a new one with `signalbox propose`"
    )]
    Over,
    /// No line of the journal that proves what it says proposed it.
    #[error("this change was not proposed from this journal; propose it again with `signalbox propose`")]
    Never,
}

/// Somebody's approval, as the journal holds it; it was verified when it was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub by: PersonName,
    /// When the journal took it, by this program's clocks.
    pub at: Stamp,
    /// SHA-256 fingerprint of the key.
    pub key: String,
    /// The approver's own words; empty if there are none.
    pub words: String,
    /// The armored signature.
    pub signature: String,
}

/// A change and where it is in its life.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What was proposed.
    pub text: ChangeText,
    /// What approvals are bound to.
    pub digest: Digest,
    /// Whether it is bound to this console's estate. A change of another one was judged by the people that the journal has
    /// for it, and does not run here. But what was sent for it blocks others until its outcome is known.
    pub is_ours: bool,
    /// The requester's armored signature.
    pub signature: String,
    /// When it was proposed, by this program's clocks.
    pub proposed: Stamp,
    /// The same as it was written: for windows, which the journal's clocks decide.
    pub proposed_at: Moment,
    /// Its state.
    pub state: State,
    /// When it came into this state, by this program's clocks.
    pub since: Stamp,
    /// The same as it was written.
    pub since_at: Moment,
    /// By then it had surely come into this state, whatever the clock of the machine that wrote it showed: only what is
    /// read after this tells of it.
    pub surely: Stamp,
    /// Who approved.
    pub approvals: Vec<Approval>,
    /// Who said that they are reading it.
    pub readers: Vec<PersonName>,
    /// What the attempts to run it said; of a change that takes several calls, those of its last.
    pub outcome: Option<FlipOutcome>,
    /// How many of its calls are in force, where it takes several.
    pub calls: usize,
    /// The tiers whose services were seen to answer in the receiving region, and when.
    pub back: BTreeMap<Tier, Stamp>,
    /// Traffic had moved when somebody looked: when it moved nobody saw.
    pub late: bool,
    /// The endpoints that showed the states asked for when it was verified.
    pub shown: Vec<Region>,
}

impl Change {
    /// The states of its controls before the call that was sent last, or is sent next.
    #[must_use]
    pub fn before_call(&self) -> BTreeMap<ControlArn, ControlState> {
        batches::after(self.text.flips(), self.calls)
    }

    /// The states of its controls after that call.
    #[must_use]
    pub fn after_call(&self) -> BTreeMap<ControlArn, ControlState> {
        batches::after(self.text.flips(), self.calls + 1)
    }

    /// How many calls it takes.
    #[must_use]
    pub fn of_calls(&self) -> usize {
        batches::batches(self.text.flips()).len()
    }

    /// That it ended with some of its calls in force and some not; none where none is.
    fn partly(&self, end: Option<&FlipEnd>) -> Option<State> {
        if self.calls == 0 {
            return None;
        }
        let all = batches::batches(self.text.flips());
        let named = |some: &[Vec<super::Flip>]| -> Vec<String> {
            some.iter().flatten().map(|f| format!("{} {}", f.name, f.to)).collect()
        };
        let (moved, left) = all.split_at(self.calls.min(all.len()));
        let (moved, left, end) = (named(moved), named(left), end.cloned().map(Box::new));
        Some(State::NotApplied(NotDone::Partly { moved, left, end }))
    }

    /// The state that the end of its attempts leads to.
    fn came_of(&self, end: &FlipEnd) -> State {
        match end {
            FlipEnd::Applied { endpoint } => State::Applied { endpoint: endpoint.clone() },
            FlipEnd::Denied(_) | FlipEnd::Uncertain => State::Uncertain,
            end if let Some(partly) = self.partly(Some(end)) => partly,
            FlipEnd::Refused(refusal) => State::Refused(refusal.clone()),
            FlipEnd::Moved(moved) => State::Void(moved.clone()),
            FlipEnd::TooLate => State::NotApplied(NotDone::TooLate),
            FlipEnd::Unreachable => State::NotApplied(NotDone::Unreachable),
        }
    }

    /// Whether DRS is at its job, or may have one that it has not shown.
    fn is_launching(&self) -> bool {
        matches!(self.state, State::Launching { .. } | State::NotApplied(NotDone::NoJob))
    }

    /// The approvals that the estate's policy wants for it.
    #[must_use]
    pub fn needs(&self, estate: &Estate) -> Vec<Need> {
        estate.policy.needs(&self.text.kinds(estate))
    }

    /// How many approvals that are.
    #[must_use]
    pub fn needed(&self, estate: &Estate) -> usize {
        self.needs(estate).iter().map(|need| need.count as usize).sum()
    }

    /// Why a signature is no second person's: its key asked for the change or approved it already, be it under two
    /// certificates of two names.
    #[must_use]
    pub fn one_key(&self, armored: &str) -> Option<String> {
        let point = super::seal::point(armored)?;
        let same = |other: &str| super::seal::point(other).is_some_and(|p| p == point);
        if same(&self.signature) {
            return Some(format!("its key is the one that {} asked with: somebody else must approve it", self.text.by));
        }
        let other = self.approvals.iter().find(|a| same(&a.signature))?;
        Some(format!("its key approved this change already, as {}, and counts once", other.by))
    }

    /// How many of them are there: an approval that fills no need counts for none.
    #[must_use]
    pub fn met(&self, estate: &Estate) -> usize {
        let approvers: Vec<&PersonName> = self.approvals.iter().map(|a| &a.by).collect();
        let missing = estate.met(&self.needs(estate), &approvers).err().unwrap_or_default();
        self.needed(estate).saturating_sub(missing.iter().map(|need| need.count as usize).sum())
    }

    /// What is still missing of them, in words: `one approver`; none where all are there.
    #[must_use]
    pub fn missing(&self, estate: &Estate) -> Option<String> {
        let approvers: Vec<&PersonName> = self.approvals.iter().map(|a| &a.by).collect();
        estate.met(&self.needs(estate), &approvers).err().map(|needs| needs_words(&needs))
    }
}

/// Needs in words: `one of dba and one of incident-command`.
#[must_use]
pub fn needs_words(needs: &[Need]) -> String {
    needs.iter().map(Need::words).collect::<Vec<_>>().join(" and ")
}

/// All changes that are known, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    all: Vec<Change>,
    /// Changes that are over but not in `all`: forgotten ones, and ones whose end came before their beginning (in a
    /// journal put together wrongly). 32 bytes each; none of them can come back.
    gone: BTreeSet<Digest>,
    /// Changes that were proven and then forgotten, and those of other estates.
    forgotten: BTreeSet<Digest>,
    /// Signatures that were taken in, the newest last.
    counted: VecDeque<Digest>,
    /// The estates that proposals were bound to, by their digests.
    bindings: BTreeMap<Digest, Binding>,
    /// Their digests, oldest first.
    bound: VecDeque<Digest>,
    /// Estates that the journal has and this console holds no more; 32 bytes each.
    unbound: BTreeSet<Digest>,
    /// By then the last change that was sent surely had its end.
    answered: Option<Stamp>,
}

impl Changes {
    /// All of them, oldest first.
    #[must_use]
    pub fn all(&self) -> &[Change] {
        &self.all
    }

    /// By when the last change that was sent surely had its answer: states that were read before it prove nothing of
    /// now.
    #[must_use]
    pub fn answered(&self) -> Option<Stamp> {
        self.answered
    }

    /// The same changes, each told in another way.
    pub(crate) fn map(&self, told: impl FnMut(&Change) -> Change) -> Self {
        Self { all: self.all.iter().map(told).collect(), ..self.clone() }
    }

    /// The estate that proposals of this digest were bound to, where the journal has it.
    #[must_use]
    pub fn binding(&self, digest: &Digest) -> Option<&Binding> {
        self.bindings.get(digest)
    }

    /// The estates that proposals of the journal were bound to.
    pub(super) fn estates(&self) -> impl Iterator<Item = &Estate> {
        self.bindings.values().map(Binding::estate)
    }

    /// Whether an estate was in the journal, so many estates ago that this console does not hold it any more.
    pub(super) fn is_unbound(&self, digest: &Digest) -> bool {
        self.unbound.contains(digest)
    }

    /// The change with this digest.
    #[must_use]
    pub fn get(&self, digest: &Digest) -> Option<&Change> {
        self.all.iter().find(|c| &c.digest == digest)
    }

    /// The same, for who must have it.
    ///
    /// # Errors
    /// Why it is not there.
    pub fn known(&self, digest: &Digest) -> Result<&Change, NotHere> {
        let why = if self.forgotten.contains(digest) { NotHere::Over } else { NotHere::Never };
        self.get(digest).ok_or(why)
    }

    /// Changes that can still be approved or run, oldest first.
    pub fn open(&self) -> impl Iterator<Item = &Change> {
        self.all.iter().filter(|c| c.state.is_open())
    }

    /// The change of routing controls whose attempts may still be under way, whichever estate it is bound to: the cluster
    /// is the same. What a later change has moved over can be told by no read any more, and blocks nothing.
    #[must_use]
    pub fn running(&self) -> Option<&Change> {
        let verified = |c: &&Change| matches!(c.state, State::Verified { .. });
        let moved = self.all.iter().filter(verified).map(|c| c.surely.mono).max();
        let undecided = |c: &&Change| moved.is_none_or(|moved| c.surely.mono >= moved);
        self.all.iter().filter(|c| c.state.is_running() && c.text.launch().is_none()).find(undecided)
    }

    /// The launch whose attempt may still be under way, whichever estate it is bound to. It does not block a flip.
    #[must_use]
    pub fn launching(&self) -> Option<&Change> {
        self.all.iter().find(|c| c.state.is_running() && c.text.launch().is_some())
    }

    /// The newest change that people should have in front of them: running, open, or closed last.
    #[must_use]
    pub fn current(&self) -> Option<&Change> {
        self.running().or_else(|| self.all.iter().rev().find(|c| c.state.is_open())).or_else(|| self.all.last())
    }

    /// Whether a change was known, and is not told any more, or is another estate's.
    #[must_use]
    pub fn is_forgotten(&self, digest: &Digest) -> bool {
        self.forgotten.contains(digest)
    }

    /// Whether this very signature was counted before: a file that is found again, not another try.
    #[must_use]
    pub fn has_counted(&self, armored: &str) -> bool {
        let armored = super::paste(armored).map_or_else(|| armored.trim().to_owned(), |p| p.armored);
        self.counted.contains(&Digest::of(armored.trim()))
    }

    /// Marks who has a change in front of them. Not kept: it is only for the others to see.
    pub fn reading(&mut self, digest: &Digest, by: &PersonName) -> bool {
        match self.all.iter_mut().find(|c| &c.digest == digest) {
            Some(c) if !c.readers.contains(by) => {
                c.readers.push(by.clone());
                true
            }
            _ => false,
        }
    }

    /// Takes in one record, once it is verified. A record that fits no change, or a state that it cannot follow,
    /// changes nothing: a replayed or doubled line cannot bring a closed change back. `here` is the record's moment by
    /// this program's clocks; the record's own may be another boot's, or another machine's.
    ///
    /// # Errors
    /// Why the record proves nothing. Then it counts for nothing, and people must be told.
    pub fn apply(&mut self, estate: &Estate, binding: &Binding, kept: &Kept, here: Here) -> Result<(), Untrue> {
        let judged = verified(self, estate, binding, kept);
        match &judged {
            Ok(()) => self.fold(estate, binding, kept, here),
            // What came of a second key that is not here: the change may have been sent, and only reads tell.
            Err(Untrue::Unproven(_)) if kept.record.follows_an_intent() && self.is_open(&kept.record) => {
                let change = kept.record.change().and_then(|d| self.all.iter_mut().find(|c| c.digest == d));
                if let Some(c) = change {
                    (c.state, c.since, c.since_at, c.surely) = (State::Uncertain, here.at, kept.moment(), here.surely);
                }
                // How far it came, of several calls: what was read afterwards is held against that.
                if matches!(kept.record, Record::Called { .. }) {
                    self.fold(estate, binding, kept, here);
                }
            }
            // An end that came before its beginning: what it ends never begins.
            Err(Untrue::Unproven(_)) if kept.record.is_an_end() => {
                self.gone.extend(kept.record.change().filter(|d| self.get(d).is_none()));
            }
            Err(Untrue::Foreign) => self.forgotten.extend(kept.record.change()),
            Err(_) => {}
        }
        judged
    }

    fn is_open(&self, record: &Record) -> bool {
        record.change().and_then(|d| self.get(&d)).is_some_and(|c| c.state.is_open())
    }

    fn fold(&mut self, estate: &Estate, binding: &Binding, kept: &Kept, Here { at, surely }: Here) {
        if let Record::Estate { estate: digest, text } = &kept.record {
            if let Ok(binding) = Binding::read(text)
                && self.bindings.insert(*digest, binding).is_none()
            {
                self.bound.push_back(*digest);
            }
            // Of what is open or under way, the people are needed still.
            let needed = |digest: &Digest| {
                let live = |c: &&Change| c.state.is_open() || c.state.is_running() || c.is_launching();
                self.all.iter().filter(live).any(|c| c.text.binding == *digest)
            };
            if self.bound.len() > MOST_BINDINGS
                && let Some(i) = self.bound.iter().position(|digest| digest != &binding.digest() && !needed(digest))
                && let Some(oldest) = self.bound.remove(i)
            {
                self.bindings.remove(&oldest);
                self.unbound.insert(oldest);
            }
            return;
        }
        if let Record::Proposed { change, text, signature } = &kept.record {
            let Ok(parsed) = ChangeText::parse(text) else { return };
            let new = self.get(change).is_none() && !self.gone.contains(change);
            if new {
                self.all.push(Change {
                    is_ours: parsed.binding == binding.digest(),
                    text: parsed,
                    digest: *change,
                    signature: signature.clone(),
                    proposed: at,
                    proposed_at: kept.moment(),
                    state: State::Proposed,
                    since: at,
                    since_at: kept.moment(),
                    surely,
                    approvals: Vec::new(),
                    readers: Vec::new(),
                    outcome: None,
                    calls: 0,
                    back: BTreeMap::new(),
                    late: false,
                    shown: Vec::new(),
                });
                self.trim();
            }
            return;
        }
        if let Record::Approved { change, signature, .. } = &kept.record
            && self.get(change).is_some()
        {
            self.counted.push_back(Digest::of(signature.trim()));
            while self.counted.len() > KEPT_CLOSED * 10 {
                self.counted.pop_front();
            }
        }
        let Some(digest) = kept.record.change() else { return };
        // The estate that the change is bound to says how many approvals are enough, for history as for open changes.
        let bound = self.get(&digest).map(|c| c.text.binding).filter(|bound| *bound != binding.digest());
        let law = match bound {
            None => estate,
            Some(bound) => match self.bindings.get(&bound) {
                Some(binding) => binding.estate(),
                None => return,
            },
        };
        let Some(c) = self.all.iter_mut().find(|c| c.digest == digest) else {
            if kept.record.is_an_end() {
                self.gone.insert(digest);
            }
            return;
        };
        let neither = matches!(&kept.record, Record::Settled { done: false, endpoints, .. } if !endpoints.is_empty());
        let next = match &kept.record {
            Record::Approved { by, key, words, signature, .. } if c.state.is_open() => {
                if c.approvals.iter().any(|a| law.same_person(&a.by, by)) || c.one_key(signature).is_some() {
                    return;
                }
                let (by, key, words, signature) = (by.clone(), key.clone(), words.clone(), signature.clone());
                c.approvals.push(Approval { by, at, key, words, signature });
                if c.missing(law).is_some() {
                    return;
                }
                State::Approved
            }
            Record::Rejected { by, reason, .. } if c.state.is_open() => {
                State::Rejected { by: by.clone(), reason: reason.clone() }
            }
            Record::Withdrawn { .. } if c.state.is_open() => State::Withdrawn,
            Record::Expired { .. } if c.state == State::Approved => {
                State::Expired(Lapse::SecondKey(law.policy.second_key_within))
            }
            Record::Expired { .. } if c.state.is_open() => State::Expired(Lapse::Approval(c.text.window())),
            Record::Voided { moved, .. } if c.state.is_open() => State::Void(moved.clone()),
            Record::EstateChanged { differs, .. } if c.state.is_open() => State::OtherEstate(differs.clone()),
            Record::Intent { .. } if c.state.is_open() => State::Executing,
            // A console that opened meanwhile takes it to be uncertain until its sender says more.
            Record::Outcome { outcome, .. }
                if c.state == State::Executing || (c.state == State::Uncertain && c.outcome.is_none()) =>
            {
                c.outcome = Some(outcome.clone());
                c.came_of(&outcome.end)
            }
            Record::Called { call, of, outcome, .. }
                if (c.state == State::Executing || (c.state == State::Uncertain && c.outcome.is_none()))
                    && *call == c.calls + 1
                    && *of == c.of_calls() =>
            {
                match &outcome.end {
                    FlipEnd::Applied { .. } if call < of => {
                        c.calls += 1;
                        c.state.clone()
                    }
                    end => {
                        c.outcome = Some(outcome.clone());
                        c.came_of(end)
                    }
                }
            }
            Record::LaunchAnswered { answer, .. } => match answer {
                // A job that is there was begun, whatever a list without it seemed to show before.
                LaunchEnd::Started { job } if c.state.is_running() || c.state == State::NotApplied(NotDone::NoJob) => {
                    State::Launching { job: job.clone() }
                }
                LaunchEnd::Uncertain { .. } if c.state.is_running() => State::Uncertain,
                LaunchEnd::NotSent { why } if c.state.is_running() => State::NotApplied(NotDone::NotSent(why.clone())),
                _ => return,
            },
            Record::Launched { job, failed, .. } if matches!(c.state, State::Launching { .. }) => {
                State::Launched { job: job.clone(), failed: failed.clone() }
            }
            Record::Settled { done: true, endpoints, .. } if c.state.is_running() => {
                c.shown.clone_from(endpoints);
                match c.calls + 1 < c.of_calls() {
                    true => {
                        // The call that nobody confirmed is in force, and no further is sent.
                        c.calls += 1;
                        c.partly(None).unwrap_or(State::Uncertain)
                    }
                    false => State::Verified { moved: None },
                }
            }
            Record::Settled { done: false, .. } if c.state.is_running() => match c.outcome.as_ref().map(|o| &o.end) {
                _ if c.text.launch().is_some() => State::NotApplied(NotDone::NoJob),
                _ if neither => State::NotApplied(NotDone::Neither),
                end if let Some(partly) = c.partly(end) => partly,
                Some(FlipEnd::Denied(failed)) if failed.is_failure() => {
                    State::NotApplied(NotDone::Failed(failed.message.clone()))
                }
                Some(FlipEnd::Denied(refusal)) => State::Refused(refusal.clone()),
                Some(FlipEnd::Applied { endpoint }) => State::NotApplied(NotDone::TakenBack(endpoint.clone())),
                _ => State::NotApplied(NotDone::OldStates),
            },
            Record::TierBack { tier, .. } if matches!(c.state, State::Verified { .. }) => {
                c.back.entry(*tier).or_insert(at);
                return;
            }
            Record::TrafficMoved { late, .. } if c.state == (State::Verified { moved: None }) => {
                c.late = *late;
                State::Verified { moved: Some(at) }
            }
            _ => return,
        };
        // When traffic moves, the change stays verified since when it was.
        if !matches!(next, State::Verified { moved: Some(_) }) {
            (c.since, c.since_at, c.surely) = (at, kept.moment(), surely);
        }
        let ends = c.state.is_running()
            && (matches!(kept.record, Record::Outcome { .. } | Record::Called { .. }) || !next.is_running());
        c.state = next;
        if ends && c.text.launch().is_none() {
            self.answered = Some(surely);
        }
    }

    /// After the whole journal was taken in by a console that has just started: what was under way when the one before
    /// stopped is uncertain.
    pub fn reopen(&mut self) {
        // How long ago it was sent is known: what settles it waits from then on, and not anew with every program.
        for c in self.all.iter_mut().filter(|c| c.state.is_running()) {
            c.state = State::Uncertain;
        }
    }

    fn trim(&mut self) {
        while self.all.len() > KEPT_CLOSED {
            match self.all.iter().position(|c| !c.state.is_open() && !c.state.is_running() && !c.is_launching()) {
                Some(i) => {
                    let change = self.all.remove(i);
                    self.gone.insert(change.digest);
                    self.forgotten.insert(change.digest);
                }
                None => return,
            }
        }
    }
}
