//! The theme files of the person in front of the screen, read again when one of them is saved.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;

use super::shelf;
use crate::ui::{Depth, Theme, ThemeOffer};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);
/// Files that are offered; a folder of more is no folder of themes.
const MOST_FILES: usize = 64;

/// Where themes are read.
#[derive(Clone, Debug, Default)]
pub struct ThemeFiles {
    /// The folder of the person's own themes.
    pub folder: Option<PathBuf>,
    /// A file that was named when the program was started.
    pub file: Option<PathBuf>,
    /// The colours that the terminal has.
    pub depth: Depth,
}

/// Tells one state of the files from another.
type Stamps = Vec<(PathBuf, Option<SystemTime>, u64)>;

impl ThemeFiles {
    /// Everything that can be chosen: the shipped themes, the person's own, the file that was named. One of their own
    /// takes the place of a shipped one of the same name.
    #[must_use]
    pub fn read(&self) -> Vec<ThemeOffer> {
        let mut offers: Vec<ThemeOffer> = Theme::names()
            .filter_map(|name| {
                let theme = Theme::builtin(name)?.at(self.depth);
                Some(ThemeOffer { name: name.to_owned(), own: false, theme: Ok(theme) })
            })
            .collect();
        for (path, ..) in self.stamps() {
            let name = match &self.file {
                Some(file) if *file == path => path.display().to_string(),
                _ => path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(),
            };
            let offer = ThemeOffer { name, own: true, theme: shelf::read(&path) }.at(self.depth);
            match offers.iter_mut().find(|o| o.name == offer.name) {
                Some(shipped) => *shipped = offer,
                None => offers.push(offer),
            }
        }
        offers
    }

    fn stamps(&self) -> Stamps {
        let folder = self.folder.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
        let files = folder.filter_map(|entry| Some(entry.ok()?.path()));
        let mut files: Vec<PathBuf> = files.filter(|f| f.extension().is_some_and(|e| e == "toml")).collect();
        files.sort();
        files.truncate(MOST_FILES);
        files.extend(self.file.clone());
        let stamp = |file: PathBuf| {
            let about = std::fs::metadata(&file).ok();
            let (at, length) = about.map_or((None, 0), |m| (m.modified().ok(), m.len()));
            (file, at, length)
        };
        files.into_iter().map(stamp).collect()
    }
}

/// Checks the files once a second, and sends the new list when one has changed. A folder that hangs holds up nothing
/// else.
pub(super) fn watch(files: ThemeFiles) -> mpsc::Receiver<Vec<ThemeOffer>> {
    let (send, receive) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut known: Option<Stamps> = None;
        let mut every = tokio::time::interval(EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let (before, files) = (known.take(), files.clone());
            let look = move || {
                let now = files.stamps();
                // The first look counts as a change: a file may have been saved since the screen was dressed.
                let changed = before.as_ref() != Some(&now);
                (changed.then(|| files.read()), now)
            };
            let Ok((offers, now)) = tokio::task::spawn_blocking(look).await else { return };
            known = Some(now);
            if let Some(offers) = offers
                && send.send(offers).await.is_err()
            {
                return;
            }
            if send.is_closed() {
                return;
            }
        }
    });
    receive
}
