//! The bar over time: where a moment lies between a beginning and an end. Replays and visits to the past have one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen::{Pen, Row};
use super::text;
use super::theme::{Role, Theme};

/// What the bar shows. Parts that do not fit are left out, the last ones first.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    /// What this is: `REPLAY`, `PAST`; and its colours.
    pub(crate) badge: (String, Role),
    /// Where it is, in words.
    pub(crate) place: String,
    /// Where it is: 0 at the beginning, 1 at the end.
    pub(crate) share: f64,
    /// What must be known.
    pub(crate) note: Option<String>,
    /// Keys with what they do.
    pub(crate) hints: Vec<(String, &'static str)>,
}

/// Columns of the track between beginning and end, and where there is little room.
const TRACK: (usize, usize) = (16, 8);
/// From here on there is room.
const WIDE: usize = 110;

impl Scale {
    /// The bar as a row of exactly `width` columns.
    pub(crate) fn row(&self, width: usize) -> Row {
        let (badge, role) = &self.badge;
        let mut row = Row::of(*role, format!(" {badge} ")).add(Role::Title, format!(" {} ", self.place));
        let track = if width >= WIDE { TRACK.0 } else { TRACK.1 };
        if row.width() + track + 2 <= width {
            let at = (self.share.clamp(0.0, 1.0) * (track - 1) as f64).round() as usize;
            let (before, after) = ("━".repeat(at), "─".repeat(track - 1 - at));
            row = row.add(Role::Accent, before).add(Role::Title, "●").add(Role::Muted, after).add(Role::Text, " ");
        }
        if let Some(note) = &self.note {
            let room = width.saturating_sub(row.width() + 2);
            row = row.add(Role::Notice, format!(" {} ", text::cut(note, room))).add(Role::Text, " ");
        }
        for (key, words) in &self.hints {
            let next = row.clone().add(Role::Key, format!(" {key} ")).add(Role::Muted, format!(" {words} "));
            if next.width() > width {
                break;
            }
            row = next;
        }
        row.cut(width).pad_to(width)
    }

    /// Draws the bar. Nothing in it has to be masked: it tells of times.
    pub(crate) fn draw(&self, theme: &Theme, buffer: &mut Buffer, area: Rect) {
        let mut pen = Pen::new(buffer, theme, None);
        pen.clear(area);
        pen.row(area, &self.row(usize::from(area.width)));
    }
}
