//! How much of a change a person has had in front of them: who approves it here has seen all of it.

use crate::change::Digest;

/// The lines of one change's dialog that were drawn, from the first on and without a gap.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    change: Option<Digest>,
    /// In a window of this width; in another the lines are others.
    columns: u16,
    shown: usize,
    all: usize,
    whole: bool,
}

impl Reading {
    /// Lines `first` to `first + room` of `all` were drawn.
    pub(crate) fn saw(&mut self, change: Digest, columns: u16, (first, room, all): (usize, usize, usize)) {
        let same = self.change == Some(change);
        if !same || self.columns != columns {
            *self = Self { change: Some(change), columns, shown: 0, all, whole: same && self.whole };
        }
        self.all = all;
        if first <= self.shown {
            self.shown = self.shown.max(first + room);
        }
        // What was read whole stays read: the signed text of a change never changes.
        self.whole |= self.shown >= all;
    }

    /// Lines that have not been in sight yet; none where all were.
    pub(crate) fn unread(&self, change: &Digest) -> Option<usize> {
        match self.change == Some(*change) {
            true if self.whole => None,
            true => Some(self.all.saturating_sub(self.shown).max(1)),
            false => Some(1),
        }
    }
}
