//! `--record FILE`: what several commands have in common.

use std::path::PathBuf;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::{Report, eyre};

use super::io::complain;
use crate::hygiene::{shell, visible};
use crate::runtime::Recorder;

/// A recording of what a command shows.
#[derive(Clone, Debug, Args)]
pub struct RecordArgs {
    /// Record the session, for `signalbox replay FILE`.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// With --record: overwrite an existing file.
    #[arg(long, requires = "record")]
    force: bool,
}

impl RecordArgs {
    /// Begins the recording that is wanted.
    ///
    /// # Errors
    /// When the file exists already, or cannot be made.
    pub fn begin(&self) -> Result<Option<Recorder>> {
        let Some(path) = &self.record else { return Ok(None) };
        let name = path.display();
        let failed = |error: std::io::Error| -> Report {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                eyre!("failed to record: {name} exists already; give another name, or --force to overwrite it")
            } else {
                eyre!("failed to record to {name}: {error}")
            }
        };
        Recorder::create(path, self.force).map(Some).map_err(failed)
    }

    /// Says where the recording is, and what went wrong with it.
    pub fn tell(&self, recorder: Option<&Recorder>) {
        let (Some(path), Some(recorder)) = (&self.record, recorder) else { return };
        let name = path.display().to_string();
        match recorder.trouble() {
            Some(why) => complain!(
                "signalbox: the recording ended early, {}; it replays to there: {}",
                visible(why),
                visible(&name)
            ),
            None => complain!("The recording: signalbox replay {}", shell::path(path)),
        }
    }
}
