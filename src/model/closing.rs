//! Windows that close soon: the requester and everybody who can approve are warned while there is time.

use super::{Model, Severity};
use crate::change::{Change, Digest, State};
use crate::effect::{Effect, Notice};
use crate::estate::Occasion;
use crate::time::Span;
use crate::words::{closes, span};

/// So long before a proposal can no longer be approved.
const APPROVAL: Span = Span::from_secs(60);
/// So long before the second key can no longer be turned.
const SECOND_KEY: Span = Span::from_secs(20);

/// Which window of a change closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Closing {
    /// That of its approval.
    Approval,
    /// That of its second key.
    SecondKey,
}

impl Model {
    /// The window of a change that is about to close.
    pub(crate) fn closing(&self, change: &Change) -> Option<Closing> {
        let (closing, within) = match change.state {
            State::Proposed => (Closing::Approval, APPROVAL),
            State::Approved => (Closing::SecondKey, SECOND_KEY),
            _ => return None,
        };
        let window = self.window(change)?;
        // A window that is hardly longer is not warned of from its beginning on.
        (window.left <= within.min(window.whole / 2)).then_some(closing)
    }

    /// Whether the window that a change waits in is about to close.
    #[must_use]
    pub fn closes_soon(&self, change: &Change) -> bool {
        self.closing(change).is_some()
    }

    /// Warns once of each window that is about to close: a line of the timeline, and a notice.
    pub(crate) fn follow_closing(&mut self) {
        let closing: Vec<(Digest, Closing)> =
            self.changes.open().filter_map(|c| Some((c.digest, self.closing(c)?))).collect();
        self.closing_told.retain(|(digest, _)| self.changes.get(digest).is_some_and(|c| c.state.is_open()));
        for (digest, closing) in closing {
            if self.closing_told.insert((digest, closing)) {
                self.warn_of(&digest);
            }
        }
    }

    fn warn_of(&mut self, digest: &Digest) {
        let Some(change) = self.changes.get(digest) else { return };
        let left = self.window(change).map(|w| span(w.left)).unwrap_or_default();
        let Some(text) = closes(change, &left) else { return };
        let pair = change.text.pair.clone();
        // It is in no record: each console that watches reports it, and no command does.
        if self.watching && self.wants(Occasion::Closing) {
            let (on, at, who) = (Occasion::Closing, self.now, "signalbox".to_owned());
            let notice =
                Notice { on, at, pair: Some(pair.clone()), change: Some(*digest), who, text: text.clone(), own: true };
            self.out.push(Effect::Notify(notice));
        }
        self.note(Some(pair), "signalbox", Severity::Warn, text);
    }
}
