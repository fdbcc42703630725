//! What came of the newest change, or may be coming of it, as a sentence of its pair; and whom an open one waits for.

use super::not_done;
use crate::change::{Change, NotDone, State};
use crate::estate::Estate;

/// A change by what it does, as a name and not as an order: its code alone means nothing to a reader.
fn quoted(c: &Change) -> String {
    format!("\"{}\" ({})", c.text.title, c.digest.words())
}

/// What came of a change; none where nothing did, or where other words say it. `at` is when it came into its state:
/// `18:42:07Z`.
#[must_use]
pub fn news(change: &Change, estate: &Estate, at: &str) -> Option<String> {
    let (what, launch) = (quoted(change), change.text.launch().is_some());
    Some(match &change.state {
        State::Executing if launch => format!("Being sent to DRS: {what}."),
        State::Executing => format!("Being sent to ARC: {what}."),
        State::Applied { .. } => format!("Taken by ARC, being read back: {what}."),
        State::Uncertain => {
            let read = if launch { "DRS is being asked for its job" } else { "its controls are being read" };
            format!("NOT known whether it happened: {what}; {read}, do not repeat it.")
        }
        State::Refused(refusal) => {
            let rule = estate.safety_rules.iter().find(|r| Some(&r.arn) == refusal.rule.as_ref());
            let why = rule.map_or_else(String::new, |r| format!("safety rule {} forbids ", r.name));
            format!("REFUSED by ARC at {at}: {why}{what}. Nothing was changed.")
        }
        State::NotApplied(why @ NotDone::Partly { .. }) => format!("HALF done: {what}; {}.", not_done(why)),
        State::NotApplied(why) => format!("NOT done: {what}; {}.", not_done(why)),
        State::Expired(_) | State::Void(_) | State::OtherEstate(_) | State::Rejected { .. } | State::Withdrawn => {
            format!("{} at {at}, nothing was sent: {what}.", change.state.word().to_uppercase())
        }
        State::Proposed
        | State::Approved
        | State::Verified { .. }
        | State::Launching { .. }
        | State::Launched { .. } => return None,
    })
}

/// Whom an open change waits for; none where it is not open.
#[must_use]
pub fn waits(change: &Change) -> Option<String> {
    let (what, by) = (quoted(change), &change.text.by);
    match change.state {
        State::Approved => Some(format!("Approved, not sent yet: {what}; {by} must turn the second key.")),
        State::Proposed => Some(format!("{by} proposes {what}. Not sent yet: someone other than {by} must approve.")),
        _ => None,
    }
}
