//! Whether a change belongs to the approver's own estate, and whether the requester really asked for it.

use super::{Exit, Stop};
use crate::change::{Binding, ChangeText, prove};
use crate::cli::change_file::ChangeFile;
use crate::estate::Estate;
use crate::time::Timestamp;

/// What is known about the requester.
pub(super) enum Asked {
    /// Their key signed it: its fingerprint.
    Proven(String),
    /// There is no signature, or nobody could be asked whose it is.
    Unproven(String),
}

impl Asked {
    pub(super) fn words(&self, change: &ChangeText) -> String {
        match self {
            Asked::Proven(key) => format!("{}, signed with {key}", change.by),
            Asked::Unproven(why) => format!("{}, NOT PROVEN: {why}", change.by),
        }
    }
}

/// Whether the requester's key signed the change.
///
/// # Errors
/// When a signature came with it that is not the requester's.
pub(super) fn asked(file: &ChangeFile, estate: Option<&Estate>, at: Timestamp) -> Result<Asked, Stop> {
    let Some(signature) = file.signature.as_deref().filter(|s| !s.trim().is_empty()) else {
        return Ok(Asked::Unproven("their signature did not come with it; the console checks it".into()));
    };
    let Some(estate) = estate else {
        return Ok(Asked::Unproven("give --estate to see whose key signed it".into()));
    };
    let no = |why: String| Stop(Exit::Refused, format!("{} did not ask for this: {why}", file.text.by));
    let proof = prove(estate, file.text.clone(), signature, at).map_err(|why| no(why.to_string()))?;
    Ok(Asked::Proven(proof.key().to_owned()))
}

/// Whether the change is of this estate, and its controls and rules are what it calls them.
pub(super) fn estate(file: &ChangeFile, estate: &Estate, ours: &Binding) -> Result<(), Stop> {
    let change = &file.text;
    let mut wrong = change.misfits(estate);
    if change.window() > estate.policy.proposal_expires + crate::time::Span::from_secs(1) {
        let longest = estate.policy.proposal_expires;
        wrong.push(format!("it may wait {:#} for its approval, and your policy allows {longest:#}", change.window()));
    }
    if change.binding != ours.digest() {
        wrong.extend(differences(file, ours));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Stop(Exit::Refused, format!("the change does not fit your estate file:\n  {}", wrong.join("\n  "))))
}

/// What differs between the estate that the change is bound to and the approver's own, line by line.
fn differences(file: &ChangeFile, ours: &Binding) -> Vec<String> {
    let theirs = file.estate.as_deref().and_then(|text| Binding::read(text).ok());
    match theirs.filter(|theirs| theirs.digest() == file.text.binding) {
        Some(theirs) => {
            theirs.differences(ours).into_iter().map(|line| format!("their estate is not yours: {line}")).collect()
        }
        None => vec![
            "it is bound to another estate file than yours (its SHA-256 differs); ask for the file, or compare the two"
                .to_owned(),
        ],
    }
}
