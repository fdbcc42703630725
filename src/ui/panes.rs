//! How a person has arranged the panes: what differs from how the screen arranges itself, so that it holds at any size.

use serde::{Deserialize, Serialize};

/// What is remembered between two uses of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// Lines that the overview's timeline has more than by itself; fewer where it is negative.
    pub timeline_lines: i16,
    /// Columns that the overview's lag has more than by itself; fewer where it is negative.
    pub lag_columns: i16,
}

/// The panes as they were drawn last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Panes {
    pub(crate) layout: Layout,
    /// How many lines the timeline could have less, and more, than by itself; none where it was not drawn.
    timeline: Option<(i16, i16)>,
    /// The same of the lag's columns.
    lag: Option<(i16, i16)>,
    /// The first line shown of the overview's timeline, of the rules, of the endpoints.
    pub(crate) events: usize,
    pub(crate) rules: usize,
    pub(crate) endpoints: usize,
}

/// A pane that can be given more room, or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    Timeline,
    Lag,
}

impl Panes {
    /// Nothing is drawn yet.
    pub(crate) fn begin(&mut self) {
        (self.timeline, self.lag) = (None, None);
    }

    /// What a pane gets that would have `usual` by itself, and may have from `least` to `most`.
    pub(crate) fn give(&mut self, pane: Pane, usual: u16, least: u16, most: u16) -> u16 {
        let most = most.max(least);
        let usual = usual.clamp(least, most);
        let differs = |to: u16| i16::try_from(i32::from(to) - i32::from(usual)).unwrap_or(0);
        let bounds = (differs(least), differs(most));
        let wanted = match pane {
            Pane::Timeline => {
                self.timeline = Some(bounds);
                self.layout.timeline_lines
            }
            Pane::Lag => {
                self.lag = Some(bounds);
                self.layout.lag_columns
            }
        };
        usual.saturating_add_signed(wanted.clamp(bounds.0, bounds.1))
    }

    /// What a pane would differ by after it got `by` more; none where it was not drawn, the same where there is no more.
    pub(crate) fn after(&self, pane: Pane, by: i16) -> Option<(i16, i16)> {
        let (bounds, now) = match pane {
            Pane::Timeline => (self.timeline?, self.layout.timeline_lines),
            Pane::Lag => (self.lag?, self.layout.lag_columns),
        };
        let now = now.clamp(bounds.0, bounds.1);
        Some((now, now.saturating_add(by).clamp(bounds.0, bounds.1)))
    }

    /// Gives a pane more, or less; whether that changed anything.
    pub(crate) fn resize(&mut self, pane: Pane, by: i16) -> bool {
        let Some((now, next)) = self.after(pane, by) else { return false };
        match pane {
            Pane::Timeline => self.layout.timeline_lines = next,
            Pane::Lag => self.layout.lag_columns = next,
        }
        now != next
    }
}
