//! What a change is to this person, and what came of what they asked for.

use super::Screen;
use crate::change::Change;
use crate::model::Model;
use crate::time::Span;

/// How long a refusal stays in front of the person whom it concerns.
const REFUSAL_SHOWN: Span = Span::from_secs(15);
/// How long a banner tells what came of a key, where no other key follows.
const TOLD_FOR: Span = Span::from_mins(1);
/// How long something counts as just changed.
const JUST_NOW: Span = Span::from_secs(3);

impl Screen {
    /// Whether this person asked for a change.
    pub(crate) fn is_mine(&self, change: &Change) -> bool {
        self.setup.hands.operator.as_ref().is_some_and(|o| *o.name() == change.text.by)
    }

    /// Whether this person turns its second key.
    pub(crate) fn may_turn(&self, change: &Change) -> bool {
        self.is_mine(change)
    }

    /// Whether this person's approval of a change counts already.
    pub(crate) fn has_approved(&self, model: &Model, change: &Change) -> bool {
        let me = self.setup.person.as_ref();
        me.is_some_and(|me| change.approvals.iter().any(|a| model.estate.same_person(&a.by, me)))
    }

    /// What this person asked for and did not get, while it is new.
    pub(crate) fn refusal<'m>(&self, model: &'m Model) -> Option<&'m str> {
        let refused = model.refusals.iter().rev().find(|r| match &r.by {
            Some(by) => Some(by) == self.setup.person.as_ref(),
            None => true,
        })?;
        // Whoever has tried again since waits for that answer; whoever has turned to something else has read it.
        let over = self.tried.is_some_and(|at| refused.at.mono < at.mono);
        (!over && model.now.since(refused.at) <= REFUSAL_SHOWN).then_some(refused.why.as_str())
    }

    /// Whether a banner still tells what came of this person's last key: on a wall nobody presses another.
    pub(crate) fn tells(&self, model: &Model) -> bool {
        self.told.is_none_or(|told| model.now.since(told) <= TOLD_FOR)
    }

    /// What this person's key is being asked for, while it is waited for.
    pub(crate) fn signing(&self, model: &Model) -> Option<String> {
        let act = model.signing(self.setup.person.as_ref()?)?;
        Some(format!("▸ your key signs {}: touch it if it blinks, or answer your ssh-agent", act.words()))
    }

    /// Whether something that happened at `at` has just happened.
    pub(crate) fn is_new(model: &Model, at: crate::time::Stamp) -> bool {
        model.now.since(at) <= JUST_NOW && at.since(model.opened) > JUST_NOW
    }

    /// The change that this pair's people should have in front of them.
    pub(crate) fn current<'m>(&self, model: &'m Model) -> Option<&'m Change> {
        let of = |c: &&Change| c.text.pair == self.pair;
        let all = model.changes.all();
        model
            .changes
            .running()
            .filter(of)
            .or_else(|| all.iter().rev().filter(of).find(|c| c.state.is_open()))
            .or_else(|| all.iter().rev().find(of))
    }
}
