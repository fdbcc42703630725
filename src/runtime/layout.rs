//! How somebody left the screen, the panes and the theme: a small file in the state folder, `screen.toml`. Losing it
//! costs nothing, so no fault in it keeps a console from starting.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::shelf;
use crate::files;
use crate::ui::Layout;

const FILE: &str = "screen.toml";
/// A file of ours is far shorter.
const LONGEST: u64 = 4096;
const HEAD: &str =
    "# How the console was left: its panes, where they differ from how they arrange themselves, and its theme.\n";

/// How long the end waits for the disk.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is kept for the next time.
pub(super) enum Choice {
    Layout(Layout),
    Theme(String),
}

/// Keeps choices one after the other, away from the loop: a disk that hangs holds up no key.
pub(super) struct Keeping {
    choices: Sender<Choice>,
    ended: tokio::task::JoinHandle<()>,
}

impl Keeping {
    pub(super) fn start(state: &Path) -> Self {
        let (choices, made) = channel();
        let state = state.to_owned();
        let ended = tokio::task::spawn_blocking(move || {
            for choice in made {
                match choice {
                    Choice::Layout(layout) => remember(&state, &layout),
                    Choice::Theme(name) => remember_theme(&state, &name),
                }
            }
        });
        Self { choices, ended }
    }

    pub(super) fn keep(&self, choice: Choice) {
        // Without the thread, how the screen was left is forgotten, which costs nothing.
        let _ = self.choices.send(choice);
    }

    /// Waits a little until all of them are kept.
    pub(super) async fn finish(self) {
        drop(self.choices);
        if tokio::time::timeout(PATIENCE, self.ended).await.is_err() {
            tracing::warn!("the disk took too long to keep how the screen was left");
        }
    }
}

/// What the file holds.
#[derive(Default, Serialize, Deserialize)]
struct Left {
    /// The theme that was chosen in the console.
    theme: Option<String>,
    #[serde(flatten)]
    layout: Layout,
}

/// The file of a state folder.
#[must_use]
pub fn file(state: &Path) -> PathBuf {
    state.join(FILE)
}

/// The layout of the last time, or the console's own.
#[must_use]
pub fn remembered(state: &Path) -> Layout {
    read(state).layout
}

/// The theme that was chosen the last time, by name or by file.
#[must_use]
pub fn remembered_theme(state: &Path) -> Option<String> {
    read(state).theme
}

/// Keeps a layout for the next time.
pub fn remember(state: &Path, layout: &Layout) {
    write(state, &Left { layout: *layout, ..read(state) });
}

/// Keeps the theme that was chosen for the next time, which may begin in another folder.
pub fn remember_theme(state: &Path, name: &str) {
    let whole = shelf::is_file(name).then(|| std::path::absolute(name).ok()).flatten();
    let theme = whole.map_or_else(|| name.to_owned(), |file| file.display().to_string());
    write(state, &Left { theme: Some(theme), ..read(state) });
}

fn read(state: &Path) -> Left {
    let file = file(state);
    let Ok(text) = files::read_text(&file, LONGEST) else { return Left::default() };
    toml::from_str(&text).unwrap_or_else(|error| {
        tracing::warn!(%error, file = %file.display(), "the screen arranges itself: its file is not understood");
        Left::default()
    })
}

/// Whole or not at all.
fn write(state: &Path, left: &Left) {
    let file = file(state);
    let beside = state.join(format!("{FILE}.new"));
    let kept = toml::to_string(left)
        .map_err(std::io::Error::other)
        .and_then(|text| std::fs::write(&beside, format!("{HEAD}{text}")))
        .and_then(|()| std::fs::rename(&beside, &file));
    if let Err(error) = kept {
        tracing::warn!(%error, file = %file.display(), "keep how the screen was left");
    }
}
