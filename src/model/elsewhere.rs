//! Routing controls that somebody else moved: a move that no change of this journal made is an alarm, and says where to
//! find out who did it.

use std::collections::BTreeMap;

use super::lifecycle::Pending;
use super::{Lever, Model};
use crate::change::{Digest, NotDone, State, batches};
use crate::estate::{ControlArn, ControlState, Pair, PairName};
use crate::event::AGREE;
use crate::record::{Kept, Record};
use crate::time::{Span, Stamp};
use crate::words::Endpoint;

/// A change of another program is read from the journal within this time of what it does to the controls.
const HEARD_WITHIN: Span = Span::from_secs(5);
/// Where no more answer, those that do must show it for so long.
const ALONE_FOR: Span = Span::from_secs(30);

/// A movement that no change of this journal explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The state before.
    pub from: ControlState,
    /// The state since.
    pub to: ControlState,
    /// When it was seen first.
    pub since: Stamp,
    /// Nobody saw it move: it was found so, and the journal had left it in the state before.
    pub found: bool,
}

impl Model {
    /// Whether a change that is under way may be moving a control.
    fn may_move(&self, control: &ControlArn) -> bool {
        self.changes.running().is_some_and(|c| c.text.flips().iter().any(|f| &f.arn == control))
    }

    /// The state that a control was in last as far as the journal knows; none while a change may be moving it.
    pub(super) fn last_known(&self, control: &ControlArn) -> Option<ControlState> {
        self.left.get(control).copied().filter(|_| !self.may_move(control))
    }

    fn is_explained(&self, control: &ControlArn, state: ControlState) -> bool {
        self.may_move(control) || self.last_known(control) == Some(state)
    }

    /// A control was seen to go from one state to another.
    pub(super) fn control_moved(&mut self, control: &ControlArn, moved: Elsewhere) {
        if self.is_explained(control, moved.to) {
            self.strange.remove(control);
        } else {
            self.strange.insert(control.clone(), moved);
        }
    }

    /// How many endpoints show a control in a state now.
    fn showing(&self, control: &ControlArn, state: ControlState) -> usize {
        let shown = self.levers.endpoints.values().filter_map(|e| e.control(control));
        shown.filter(|shown| shown.get(self.now) == Some(&state)).count()
    }

    /// Whether all endpoints have been heard, well or badly.
    fn endpoints_heard(&self) -> bool {
        self.endpoints().all(|(_, endpoint)| endpoint != Endpoint::Unheard)
    }

    /// Says to the journal how controls are that it knows nothing of. Only who watches says it: a command looks once.
    fn keep_found(&mut self) {
        let under_way = |p: &Pending| matches!(p, Pending::Kept(r, _) if matches!(**r, Record::Controls { .. }));
        if !self.watching || !self.endpoints_heard() || self.pending.values().any(under_way) {
            return;
        }
        let agree = AGREE.min(self.estate.cluster.endpoints.len());
        let found = |arn: &ControlArn| match self.levers.get(arn, self.now) {
            Lever::Agreed(state) if self.showing(arn, state) >= agree => Some((arn.clone(), state)),
            _ => None,
        };
        let new = |arn: &&ControlArn| !self.left.contains_key(*arn) && !self.may_move(arn);
        let all = self.estate.controls().map(|c| &c.arn);
        let states: BTreeMap<_, _> = all.filter(new).filter_map(found).collect();
        if !states.is_empty() {
            self.keep(Record::Controls { states });
        }
    }

    /// Says to the journal which movements nothing explains, when what explains them would have been heard.
    pub(crate) fn follow_controls(&mut self) {
        self.keep_found();
        let agree = AGREE.min(self.estate.cluster.endpoints.len());
        let (up, heard) = (self.endpoints_up(), self.endpoints_heard());
        for (control, moved) in self.strange.clone() {
            let gone = matches!(self.levers.get(&control, self.now), Lever::Agreed(state) if state != moved.to);
            if gone || self.is_explained(&control, moved.to) {
                self.strange.remove(&control);
                continue;
            }
            let (shown, lasts) = (self.showing(&control, moved.to), self.now.since(moved.since));
            let alone = heard && shown > 0 && shown >= up && lasts >= self.in_life(ALONE_FOR);
            if (shown >= agree || alone) && lasts >= self.in_life(HEARD_WITHIN) {
                let Elsewhere { from, to, since, found } = moved;
                let since = self.as_told(since);
                self.keep(Record::MovedElsewhere { control, from, to, since, found });
            }
        }
    }

    /// Takes in what a record says of controls.
    pub(crate) fn follow_control_records(&mut self, kept: &Kept) {
        let (control, from, to, since, found) = match &kept.record {
            Record::Controls { states } => {
                for (control, state) in states {
                    self.left.entry(control.clone()).or_insert(*state);
                }
                return;
            }
            Record::MovedElsewhere { control, from, to, since, found } => (control, from, to, since, found),
            _ => return,
        };
        self.left.insert(control.clone(), *to);
        self.strange.remove(control);
        // Once it is moved back, all is as it was: only the fact that it happened is left to report.
        if self.elsewhere.get(control).is_some_and(|before| before.from == *to) {
            self.elsewhere.remove(control);
        } else {
            let since = self.told_in(kept, *since);
            self.elsewhere.insert(control.clone(), Elsewhere { from: *from, to: *to, since, found: *found });
        }
    }

    /// A change is in force: what it moved is as it left it, whoever moved it before.
    pub(super) fn left_by(&mut self, change: &Digest) {
        let Some(change) = self.changes.get(change) else { return };
        let moved = match change.state {
            State::Verified { .. } => change.text.flips().to_vec(),
            State::NotApplied(NotDone::Partly { .. }) => {
                batches::batches(change.text.flips()).into_iter().take(change.calls).flatten().collect()
            }
            _ => return,
        };
        for flip in moved {
            self.left.insert(flip.arn.clone(), flip.to);
            self.elsewhere.remove(&flip.arn);
        }
    }

    /// A record that somebody else moved a control, while it is as they left it and no change of this journal is moving
    /// it, or has since.
    #[must_use]
    pub fn moved_elsewhere(&self, control: &ControlArn) -> Option<&Elsewhere> {
        let moved = self.elsewhere.get(control)?;
        let stands = !matches!(self.levers.get(control, self.now), Lever::Agreed(state) if state != moved.to);
        (stands && !self.may_move(control)).then_some(moved)
    }

    /// The pair whose traffic a control steers, or lets be steered.
    #[must_use]
    pub fn pair_of_control(&self, control: &ControlArn) -> Option<&PairName> {
        let gates = |p: &&Pair| self.gates_of(p).any(|gate| &gate.arn == control);
        let service = self.estate.service_of_control(control).map(|s| &s.pair);
        service.or_else(|| self.estate.pairs.iter().find(gates).map(|p| &p.name))
    }

    /// The controls of a pair that somebody else moved.
    pub(super) fn moved_of<'a>(&'a self, pair: &'a PairName) -> impl Iterator<Item = (&'a ControlArn, &'a Elsewhere)> {
        let all = self.elsewhere.keys().filter(move |c| self.pair_of_control(c) == Some(pair));
        all.filter_map(|control| Some((control, self.moved_elsewhere(control)?)))
    }

    /// That somebody else moved controls of a pair, as a sentence; none where nobody did.
    pub(super) fn elsewhere_words(&self, pair: &PairName) -> Option<String> {
        let moved: Vec<_> = self.moved_of(pair).collect();
        let (control, first) = moved.first()?;
        let name = self.estate.control(control).map_or(control.as_str(), |c| c.name.as_str());
        let since = self.time(first.since);
        let when = if first.found { format!("found so at {since}") } else { format!("since {since}") };
        Some(crate::words::elsewhere_moved(name, (first.from, first.to), &when, moved.len()))
    }
}
