//! An approval at the approver's own console: what they are to sign. What becomes of the signature is judged where every
//! other approval is ([`super::approved`]).

use super::{World, may_approve, missing, shut};
use crate::change::{Consent, Digest, State};
use crate::estate::{PersonName, Role};
use crate::hygiene::visible;

/// What an approver must sign, once they have typed the word code that the requester reads out to them.
///
/// # Errors
/// Why the approval would not count: they may not approve this change, it is not waiting for approval, or the word code
/// is wrong.
pub fn consent(w: &World<'_>, by: &PersonName, digest: &Digest, typed: &str) -> Result<Consent, String> {
    w.may(by, Role::Approver)?;
    let change = w.changes.known(digest).map_err(|why| why.to_string())?;
    may_approve(w.estate, &change.text, std::slice::from_ref(by))?;
    if let Some(why) = shut(w, change) {
        return Err(why);
    }
    if change.state != State::Proposed && missing(w, change).is_empty() {
        return Err(format!("it is {}: it waits for no approval", change.state.word()));
    }
    if change.approvals.iter().any(|a| w.estate.same_person(&a.by, by)) {
        return Err(format!("{by} has approved this change already and counts once"));
    }
    if !digest.is_called(typed) {
        let (typed, asker) = (visible(typed.trim()), &change.text.by);
        return Err(format!("`{typed}` is not its word code: have {asker} read theirs out, and compare"));
    }
    Ok(Consent { change: change.text.canonical(), words: String::new() })
}
