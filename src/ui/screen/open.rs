//! What can be open over a view, with what is being typed there.

use std::collections::BTreeSet;

use tui_input::Input;

use crate::change::{Digest, Draft};
use crate::estate::{RuleArn, SystemId};
use crate::record::SessionKind;
use crate::ui::follow::Target;

/// A dialog over the view.
#[derive(Clone, Debug)]
pub(crate) enum Dialog {
    /// Putting a change together (the form is `Screen::draft`).
    Draft,
    /// Following a change.
    Change(Digest),
    /// The keys.
    Help,
    /// Leaving although a change waits or runs.
    Quit,
    /// A system's readings.
    System(SystemId),
    /// Something else that a row leads to.
    Thing(Target),
    /// A note for the timeline.
    Note(Input),
    /// Giving an incident or a drill its name.
    Begin(BeginForm),
    /// Ending the one that runs.
    End,
    /// A mark in the timeline for this moment, or an earlier one.
    Moment(MomentForm),
    /// A status update, ready to be sent.
    Update,
    /// What changed while this person was away.
    Away,
    /// Choosing a theme; what was chosen before.
    Theme(String),
    /// The program cannot be stopped here: what is typed for a shell that is not there does nothing.
    Stays {
        /// Why not.
        why: String,
        /// What was open before.
        over: Option<Box<Dialog>>,
    },
}

/// A named incident or drill that is being begun.
#[derive(Clone, Debug)]
pub(crate) struct BeginForm {
    pub(crate) kind: SessionKind,
    pub(crate) name: Input,
    /// Who takes part, names with commas between them.
    pub(crate) with: Input,
    /// When it began: how long ago, or a time of day; empty is now.
    pub(crate) since: Input,
    /// Which field the keys go to.
    pub(crate) at: BeginField,
}

/// The fields of a named incident or drill, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BeginField {
    Name,
    With,
    Since,
}

impl BeginForm {
    /// The field that the keys go to.
    pub(crate) fn input(&mut self) -> &mut Input {
        match self.at {
            BeginField::Name => &mut self.name,
            BeginField::With => &mut self.with,
            BeginField::Since => &mut self.since,
        }
    }
}

/// A moment that is being marked for everybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct MomentForm {
    pub(crate) what: Input,
    /// When it was: how long ago, or a time of day; empty is now.
    pub(crate) was: Input,
    /// Whether the keys go to when it was.
    pub(crate) at_was: bool,
}

impl MomentForm {
    /// The field that the keys go to.
    pub(crate) fn input(&mut self) -> &mut Input {
        if self.at_was { &mut self.was } else { &mut self.what }
    }
}

/// Which part of the draft takes the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focus {
    Reason,
    Despite,
    /// The point in time of a launch.
    At,
    Rules,
}

/// A change that is being put together.
#[derive(Clone, Debug)]
pub(crate) struct DraftForm {
    pub(crate) draft: Draft,
    pub(crate) reason: Input,
    /// Why to go on despite failing checks.
    pub(crate) despite: Input,
    /// The point in time that a launch is from, as it is typed; empty for the latest data.
    pub(crate) at: Input,
    pub(crate) focus: Focus,
    /// The rule under the cursor, by its name for ARC.
    pub(crate) rule: Option<RuleArn>,
    /// Changes that were known when it was proposed, while the answer is waited for.
    pub(crate) asked: Option<BTreeSet<Digest>>,
}

/// What is being typed in the dialog that follows a change.
#[derive(Clone, Debug, Default)]
pub(crate) enum Field {
    #[default]
    None,
    /// The receiving region: the second key.
    Region(Input),
    /// The word code: an approver's own key signs the change.
    Code(Input),
    /// A signature, line by line.
    Signature(String),
    /// Why it is rejected.
    Reject(Input),
    /// Withdrawing waits for the key to be pressed again.
    Withdraw,
}
