//! A recording as an asciinema file (version 2 of its form): a header, then what a terminal would have been sent.

use std::io::{self, Write};

use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::json;

use super::player::Player;

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (narrow, low) = crate::ui::SMALLEST;
        let text_is = crate::hygiene::visible(text);
        let wrong = || format!("`{text_is}` is no size: write 80x24 ({narrow}x{low} to 500x200)");
        let (columns, rows) = text.split_once(['x', 'X', '×']).ok_or_else(wrong)?;
        let size =
            (columns.trim().parse::<u16>().map_err(|_| wrong())?, rows.trim().parse::<u16>().map_err(|_| wrong())?);
        match size {
            (columns @ ..=500, rows @ ..=200) if columns >= narrow && rows >= low => Ok(Self { columns, rows }),
            _ => Err(wrong()),
        }
    }
}

/// Writes a recording's frames, `speed` times as fast as they came, in their own size or drawn for another. Gives how
/// many frames were written: those that changed nothing are left out.
///
/// # Errors
/// If `out` takes no more, or the recording cannot be read.
pub fn cast(player: &mut Player, size: Option<Size>, speed: f64, out: &mut dyn Write) -> io::Result<usize> {
    let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
    let mut shown: Option<Buffer> = None;
    let mut frames = 0;
    for number in 0..player.frames() {
        if !player.show(number) {
            return Err(io::Error::other("the recording has changed while it was read"));
        }
        let anew = size.and_then(|s| player.picture_at(s.columns, s.rows));
        let next = anew.as_ref().unwrap_or(player.picture());
        let seconds = player.shown().ms as f64 / 1000.0 / speed;
        let area = next.area;
        let bytes = match &shown {
            None => {
                header(player, area, out)?;
                let mut bytes = b"\x1b[?25l\x1b[2J".to_vec();
                paint(&Buffer::empty(area), next, &mut bytes)?;
                bytes
            }
            Some(last) if last.area != area => {
                line(&json!([seconds, "r", format!("{}x{}", area.width, area.height)]), out)?;
                let mut bytes = b"\x1b[0m\x1b[2J".to_vec();
                paint(&Buffer::empty(area), next, &mut bytes)?;
                bytes
            }
            Some(last) => {
                let mut bytes = Vec::new();
                paint(last, next, &mut bytes)?;
                bytes
            }
        };
        if !bytes.is_empty() {
            line(&json!([seconds, "o", String::from_utf8_lossy(&bytes)]), out)?;
            frames += 1;
            shown = Some(next.clone());
        }
    }
    out.flush()?;
    Ok(frames)
}

fn header(player: &Player, area: Rect, out: &mut dyn Write) -> io::Result<()> {
    let header = json!({
        "version": 2,
        "width": area.width,
        "height": area.height,
        "timestamp": player.opened().as_second(),
        "title": format!("signalbox: {}", crate::hygiene::visible(&player.model().estate.name)),
        "env": { "TERM": "xterm-256color" },
    });
    line(&header, out)
}

fn line(value: &serde_json::Value, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{value}")
}

/// The bytes that turn one picture into the next; empty if they are the same.
fn paint(last: &Buffer, next: &Buffer, bytes: &mut Vec<u8>) -> io::Result<()> {
    let changed = last.diff(next);
    if changed.is_empty() {
        return Ok(());
    }
    CrosstermBackend::new(bytes).draw(changed.into_iter())
}
