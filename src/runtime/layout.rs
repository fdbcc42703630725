//! How somebody left the panes: a small file in the state folder, `screen.toml`. Losing it costs nothing, so nothing that
//! is wrong with it keeps a console from starting.

use std::path::Path;

use crate::ui::Layout;

const FILE: &str = "screen.toml";
/// A file of ours is far shorter.
const LONGEST: u64 = 4096;
const HEAD: &str = "# How the console's panes were left: what they differ by from how they arrange themselves.\n";

/// The layout of the last time, or the console's own.
#[must_use]
pub fn remembered(state: &Path) -> Layout {
    let file = state.join(FILE);
    let long = std::fs::metadata(&file).is_ok_and(|m| m.len() > LONGEST);
    let Some(text) = std::fs::read_to_string(&file).ok().filter(|_| !long) else { return Layout::default() };
    toml::from_str(&text).unwrap_or_else(|error| {
        tracing::warn!(%error, file = %file.display(), "the panes arrange themselves: their file is not understood");
        Layout::default()
    })
}

/// Keeps a layout for the next time: whole or not at all.
pub fn remember(state: &Path, layout: &Layout) {
    let file = state.join(FILE);
    let beside = state.join(format!("{FILE}.new"));
    let kept = toml::to_string(layout)
        .map_err(std::io::Error::other)
        .and_then(|text| std::fs::write(&beside, format!("{HEAD}{text}")))
        .and_then(|()| std::fs::rename(&beside, &file));
    if let Err(error) = kept {
        tracing::warn!(%error, file = %file.display(), "keep the panes' layout");
    }
}
