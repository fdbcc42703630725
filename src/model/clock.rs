//! What is said when the wall clock is set, and when the journal was mended.

use super::{Model, Severity, words};
use crate::time::{Span, Stamp};

/// A wall clock that jumps by more than this was set, and not only kept right.
const SET: Span = Span::from_secs(2);

/// How far the wall clock is ahead of the boot clock.
pub(super) fn lead(at: Stamp) -> Span {
    let epoch = at.wall.as_duration();
    epoch.saturating_sub(at.mono)
}

impl Model {
    /// Says when the wall clock was set between the event before and this one. A rehearsal's and a replay's stamps move
    /// both clocks together, so nothing is said there.
    pub(crate) fn follow_clock(&mut self, at: Stamp) {
        let before = std::mem::replace(&mut self.clock_lead, lead(at));
        let by = self.clock_lead.saturating_sub(before);
        if by.abs() <= SET {
            return;
        }
        let way = if by.is_negative() { "back" } else { "forward" };
        let text = format!(
            "the wall clock was set {way} by {}: windows and durations go by the boot clock",
            words::span(by.abs())
        );
        self.note(None, "clock", Severity::Bad, text);
    }

    /// Says what of the journal was set aside or is gone: as a notice, and in the timeline.
    pub(crate) fn journal_alarms(&mut self, told: Vec<String>) {
        for text in told {
            self.refuse(None, text.clone());
            self.note(None, "journal", Severity::Bad, text);
        }
    }
}
