//! Who can write the journal: whatever somebody can write, they can forge.
//!
//! These are OpenSSH's own rules for `~/.ssh`, applied up to the root: if others can write a folder, they can replace
//! what is in it, however well that is protected itself. In a sticky folder (`/tmp`), nobody can replace what is not
//! theirs.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::here::FOLDER;
use super::{Line, Verdict};

const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;
const ROOT: u32 = 0;

/// Judges the journal's folder for user `me`: one line for each fault, or one line if there is none.
#[must_use]
pub fn guarded(state: &Path, me: u32) -> Vec<Line> {
    let mut lines = Vec::new();
    // Behind a slash or a dot at the end the system follows a link.
    let state = &state.components().collect::<PathBuf>();
    let own = [state.to_owned(), state.join("incident"), state.join(crate::journal::FILE)];
    for path in &own {
        // What is not there yet is made for its owner alone.
        let Ok(found) = std::fs::symlink_metadata(path) else { continue };
        lines.extend(own_faults(path, &found, me));
    }
    for folder in above(state) {
        let Ok(found) = std::fs::symlink_metadata(&folder) else { continue };
        lines.extend(folder_faults(&folder, &found, me));
    }
    for aside in crate::journal::set_aside(state) {
        let verdict = if aside.records != Some(0) { Verdict::Bad } else { Verdict::Warn };
        let remedy = "find out what was lost, then move the file to where you keep evidence";
        lines.push(Line::other(verdict, FOLDER, "torn end", aside.to_string(), remedy));
    }
    if lines.is_empty() {
        lines.push(Line::good(FOLDER, "who may write it", "only you"));
    }
    lines
}

/// Every folder above this one, by the path as it is written and by where its links lead.
fn above(state: &Path) -> Vec<PathBuf> {
    let mut all = BTreeSet::new();
    let written = std::path::absolute(state).ok();
    // The folder may be yet to be made: what is above it is there.
    let led = state.ancestors().skip(1).find_map(|p| p.canonicalize().ok());
    let led = state.canonicalize().ok().or(led.map(|p| p.join("-")));
    for path in written.iter().chain(&led) {
        all.extend(path.ancestors().skip(1).map(Path::to_owned));
    }
    all.into_iter().collect()
}

fn bad(path: &Path, found: String, remedy: String) -> Line {
    Line::other(Verdict::Bad, FOLDER, path.display().to_string(), found, remedy)
}

/// What is wrong with the state folder itself, or with what is in it.
fn own_faults(path: &Path, found: &Metadata, me: u32) -> Vec<Line> {
    let kind = found.file_type();
    if kind.is_symlink() {
        let leads = std::fs::read_link(path).map(|p| format!(" to {}", p.display())).unwrap_or_default();
        let remedy = "name the folder itself, with --state DIR or SIGNALBOX_STATE: a link can be pointed elsewhere";
        return vec![bad(path, format!("is a link{leads}"), remedy.into())];
    }
    let mut lines = Vec::new();
    if !kind.is_dir() && !kind.is_file() {
        lines.push(bad(path, "is neither a folder nor a file".into(), "move it away".into()));
    }
    if kind.is_file() && found.nlink() > 1 {
        let remedy = "find its other names (`find -samefile`) and remove them: what is written there appears here";
        lines.push(bad(path, format!("has {} names", found.nlink()), remedy.into()));
    }
    if found.uid() != me {
        let remedy = match me {
            ROOT => "run signalbox as the user whose folder it is, or give root a folder of its own with --state DIR",
            _ => "give a folder of your own with --state DIR or SIGNALBOX_STATE",
        };
        lines.push(bad(path, format!("belongs to {}, not to you ({})", user(found.uid()), user(me)), remedy.into()));
    }
    if found.mode() & OTHERS_WRITE != 0 {
        lines.push(open_to_others(path, found));
    }
    lines
}

/// What is wrong with a folder above it.
fn folder_faults(folder: &Path, found: &Metadata, me: u32) -> Option<Line> {
    if found.uid() != me && found.uid() != ROOT {
        let what = format!("belongs to {}, who can put another folder in its place", user(found.uid()));
        return Some(bad(folder, what, "give a folder of your own with --state DIR or SIGNALBOX_STATE".into()));
    }
    // A link has no permissions of its own; the folder that it is in has.
    let open = found.is_dir() && found.mode() & OTHERS_WRITE != 0 && found.mode() & STICKY == 0;
    open.then(|| open_to_others(folder, found))
}

fn open_to_others(path: &Path, found: &Metadata) -> Line {
    let who = match found.mode() & OTHERS_WRITE {
        0o020 => "its group",
        0o002 => "everybody",
        _ => "its group and everybody",
    };
    let remedy = "`chmod go-w` it, and look at the journal with `signalbox journal verify` before you rely on it";
    bad(path, format!("may be written by {who} (mode {:o})", found.mode() & 0o7777), remedy.into())
}

fn user(id: u32) -> String {
    if id == ROOT { "root".to_owned() } else { format!("user {id}") }
}
