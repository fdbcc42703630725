//! The gate: every decision about a change is made here, and comes out as records to keep.
//!
//! Nothing here changes anything. The model keeps what comes out and folds it (`Changes::apply`).

use std::collections::{BTreeMap, BTreeSet};

mod launch;

use super::{
    ApprovalError, Change, ChangeText, Changes, Despite, Digest, Draft, Flip, Nonce, Override, State, Wanted, Work,
    same_person, verify,
};
use crate::estate::{ControlArn, ControlState, Estate, PersonName, Region, Role, RuleArn};
use crate::event::{DrsJob, DrsServer, Via};
use crate::record::Record;
use crate::time::{Span, Stamp};

/// `UpdateRoutingControlStates` takes ten entries at most.
pub const MOST_CONTROLS: usize = 10;
/// Changes that may wait at the same time; more would be confusion, not work.
const MOST_OPEN: usize = 8;
/// Events that were stamped in parallel may come in this far out of order.
const OUT_OF_ORDER: Span = Span::from_secs(5);
/// A reason's length in characters.
const LONGEST_REASON: usize = 400;

/// Failing checks that stand in a change one by one, and how long each may be.
const MOST_CHECKS: usize = 40;
const LONGEST_CHECK: usize = 200;

/// What the gate needs to know of the world to judge.
pub struct World<'a> {
    /// The estate.
    pub estate: &'a Estate,
    /// What the endpoints agree on now; a control that is missing is not known, or disagreed upon.
    pub states: &'a BTreeMap<ControlArn, ControlState>,
    /// The changes so far.
    pub changes: &'a Changes,
    /// What DRS says now, by region; a region that is missing is not known.
    pub drs: BTreeMap<&'a Region, DrsNow<'a>>,
    /// Preflight checks that stop a proposal, in words, unless it says why they are overridden.
    pub stops: &'a [String],
    /// Now.
    pub at: Stamp,
}

/// DRS of a region as it answered a moment ago.
#[derive(Clone, Copy, Debug)]
pub struct DrsNow<'a> {
    /// Its source servers.
    pub servers: &'a [DrsServer],
    /// Its newest jobs.
    pub jobs: &'a [DrsJob],
}

/// Freezes a draft, or says why not.
///
/// # Errors
/// In words, what the requester must mend.
pub fn propose(w: &World<'_>, by: &PersonName, draft: &Draft, loss: &str, nonce: Nonce) -> Result<ChangeText, String> {
    let reason = draft.reason.trim();
    if reason.is_empty() {
        return Err("a change needs a reason: the approver and the report show it".into());
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(format!("the reason is longer than {LONGEST_REASON} characters"));
    }
    if w.changes.open().count() >= MOST_OPEN {
        return Err(format!("{MOST_OPEN} changes are waiting already: withdraw one first"));
    }
    let pair = w.estate.pair(&draft.pair).ok_or_else(|| format!("no pair is called `{}`", draft.pair))?;
    if pair.side(&draft.receiving).is_none() {
        return Err(format!("region {} is not part of pair {}", draft.receiving, draft.pair));
    }
    let work = match &draft.wanted {
        Wanted::Controls { to, overrides } => controls(w, to, overrides)?,
        Wanted::Launch(wanted) => Work::Launch(launch::wanted(w, &draft.receiving, wanted)?),
    };
    let despite = despite(w, draft)?;
    let text = ChangeText {
        estate: w.estate.name.clone(),
        cluster: w.estate.cluster.arn.clone(),
        pair: draft.pair.clone(),
        title: draft.title.clone(),
        receiving: draft.receiving.clone(),
        work,
        despite,
        loss: loss.to_owned(),
        reason: reason.to_owned(),
        by: by.clone(),
        at: whole_seconds(w.at.wall),
        until: whole_seconds(w.at.plus(w.estate.policy.proposal_expires).wall),
        nonce,
    };
    // What is kept and signed is what parsing the canonical text gives: one meaning, one spelling.
    ChangeText::parse(&text.canonical()).map_err(|e| e.to_string())
}

/// The controls that have to move.
fn controls(w: &World<'_>, to: &[(ControlArn, ControlState)], overridden: &[RuleArn]) -> Result<Work, String> {
    let mut flips = Vec::new();
    let mut seen = BTreeSet::new();
    for (arn, to) in to {
        let control = w.estate.control(arn).ok_or_else(|| format!("the estate has no routing control {arn}"))?;
        if !seen.insert(arn) {
            return Err(format!("{} stands in the change twice", control.name));
        }
        let from = *w.states.get(arn).ok_or_else(|| {
            format!("the state of {} is not known now: no cluster endpoint answers, or they disagree", control.name)
        })?;
        if from != *to {
            flips.push(Flip { arn: arn.clone(), name: control.name.clone(), from, to: *to });
        }
    }
    if flips.is_empty() {
        return Err("every control is in the state asked for already: there is nothing to change".into());
    }
    if flips.len() > MOST_CONTROLS {
        return Err(format!(
            "ARC changes {MOST_CONTROLS} controls at most in one call, this change has {}",
            flips.len()
        ));
    }
    let mut overrides = Vec::new();
    for arn in overridden {
        let rule = w.estate.rule(arn).ok_or_else(|| format!("the estate has no safety rule {arn}"))?;
        overrides.push(Override { arn: arn.clone(), name: rule.name.clone() });
    }
    Ok(Work::Controls { flips, overrides })
}

/// Failing checks stop a proposal, unless somebody says why not: the approver then signs both.
fn despite(w: &World<'_>, draft: &Draft) -> Result<Option<Despite>, String> {
    let Some(first) = w.stops.first() else { return Ok(None) };
    let reason = draft.despite.trim();
    let others = match w.stops.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    if reason.is_empty() {
        let do_that = "mend that, or override it with a reason, which the approver signs";
        return Err(format!("preflight fails: {first}{others}; {do_that}"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(format!("the reason for the override is longer than {LONGEST_REASON} characters"));
    }
    let mut checks: Vec<String> =
        w.stops.iter().take(MOST_CHECKS).map(|c| c.chars().take(LONGEST_CHECK).collect()).collect();
    if w.stops.len() > MOST_CHECKS {
        checks.push(format!("and {} more", w.stops.len() - MOST_CHECKS));
    }
    Ok(Some(Despite { checks, reason: reason.to_owned() }))
}

/// People read these times aloud; the windows are measured elsewhere.
fn whole_seconds(at: crate::time::Timestamp) -> crate::time::Timestamp {
    crate::time::Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Judges a signature: an approval of the one open change that it was made over, or a refusal.
#[must_use]
pub fn signature(w: &World<'_>, armored: &str, via: Via) -> Record {
    let mut why = None;
    for change in w.changes.all().iter().rev() {
        let error = match verify(w.estate, &change.text, armored) {
            Ok(approval) => match closed(w, change) {
                Some(closed) => {
                    return Record::ApprovalRefused { change: Some(change.digest), via, why: closed };
                }
                None if too_late(w, change) => {
                    let why = format!("not approved within {:#}", w.estate.policy.proposal_expires);
                    return Record::ApprovalRefused { change: Some(change.digest), via, why };
                }
                None if change.approvals.iter().any(|(who, _, _)| same_person(w.estate, who, &approval.by)) => {
                    let why = format!("{} has approved this change already and counts once", approval.by);
                    return Record::ApprovalRefused { change: Some(change.digest), via, why };
                }
                None => {
                    return Record::Approved {
                        change: change.digest,
                        by: approval.by,
                        key: approval.key,
                        via,
                        signature: armored.trim().to_owned(),
                    };
                }
            },
            Err(error) => error,
        };
        // A signature over another change is what all but one change say of any signature.
        if error != ApprovalError::OtherText {
            why = Some((Some(change.digest), error.to_string()));
            break;
        }
        why.get_or_insert((None, error.to_string()));
    }
    let (change, why) = why.unwrap_or((None, "there is no change to approve".into()));
    Record::ApprovalRefused { change, via, why }
}

/// Whether a change takes no approval any more. A change that is approved waits for its second key only; a further
/// approval must not open that window again for ever.
fn too_late(w: &World<'_>, change: &Change) -> bool {
    !within(w.at.since(change.proposed), w.estate.policy.proposal_expires)
}

/// Whether a time that has passed is inside a window. A time well before the window's beginning was taken by
/// another clock: nothing can be told from it, so it is outside.
fn within(passed: Span, window: Span) -> bool {
    passed >= -OUT_OF_ORDER && passed <= window
}

/// Approvals that count now: by people who are approvers, not the requester, and not each other.
fn counted<'a>(w: &World<'_>, change: &'a Change) -> Vec<&'a PersonName> {
    let mut people: Vec<&PersonName> = Vec::new();
    for (by, _, _) in &change.approvals {
        let approver = w.estate.person(by).is_some_and(|p| p.is(Role::Approver));
        let new = !people.iter().any(|p| same_person(w.estate, p, by));
        if approver && new && !same_person(w.estate, by, &change.text.by) {
            people.push(by);
        }
    }
    people
}

/// Why a change can be neither approved nor run; none while it can.
fn closed(w: &World<'_>, change: &Change) -> Option<String> {
    if let Some(record) = expired(w, change)
        && let Record::Expired { why, .. } = record
    {
        return Some(why);
    }
    (!change.state.is_open()).then(|| format!("this change is {} and can never run", change.state.word()))
}

/// The record that closes a change whose window is over.
#[must_use]
pub fn expired(w: &World<'_>, change: &Change) -> Option<Record> {
    let policy = &w.estate.policy;
    let why = match change.state {
        State::Proposed if too_late(w, change) => {
            format!("not approved within {:#}", policy.proposal_expires)
        }
        State::Approved if !within(w.at.since(change.since), policy.second_key_within) => {
            format!("the second key was not turned within {:#} of the approval", policy.second_key_within)
        }
        _ => return None,
    };
    Some(Record::Expired { change: change.digest, why })
}

/// The record that closes a change whose controls somebody else has moved.
#[must_use]
pub fn voided(w: &World<'_>, change: &Change) -> Option<Record> {
    if !change.state.is_open() {
        return None;
    }
    let moved: BTreeMap<_, _> = change
        .text
        .flips()
        .iter()
        .filter_map(|f| w.states.get(&f.arn).filter(|now| **now != f.from).map(|now| (f.arn.clone(), *now)))
        .collect();
    (!moved.is_empty()).then_some(Record::Voided { change: change.digest, moved })
}

/// Judges the second key: the intent to run the change, or why not.
#[must_use]
pub fn second_key(w: &World<'_>, by: &PersonName, digest: &Digest, typed: &str) -> Record {
    let refuse = |why: String| Record::SecondKeyRefused { change: *digest, by: by.clone(), why };
    let Some(change) = w.changes.get(digest) else { return refuse("no such change".into()) };
    if *by != change.text.by {
        return refuse(format!("only {}, who asked for it, turns the second key", change.text.by));
    }
    if change.state == State::Proposed && expired(w, change).is_none() {
        return refuse(format!("{} of {} approvals are there", change.approvals.len(), change.needs(w.estate)));
    }
    if let Some(why) = closed(w, change) {
        return refuse(why);
    }
    let (there, needed) = (counted(w, change).len(), change.needs(w.estate));
    if there < needed {
        return refuse(format!("{there} of {needed} approvals count"));
    }
    if typed.trim() != change.text.receiving.as_str() {
        return refuse(format!("`{}` is not the receiving region's name", crate::hygiene::visible(typed.trim())));
    }
    let stands = match &change.text.work {
        Work::Controls { flips, .. } => still(w, flips),
        Work::Launch(launch) => launch::still(w, &change.text.receiving, launch),
    };
    if let Err(why) = stands {
        return refuse(why);
    }
    Record::Intent { change: *digest, by: by.clone() }
}

/// Whether the controls are as they were when the change was proposed, and no other change is under way.
fn still(w: &World<'_>, flips: &[Flip]) -> Result<(), String> {
    if let Some(running) = w.changes.running() {
        let (words, state) = (running.digest.words(), running.state.word());
        return Err(format!("{words} is {state}: its attempts must be over first"));
    }
    for flip in flips {
        match w.states.get(&flip.arn) {
            Some(now) if *now == flip.from => {}
            Some(now) => return Err(format!("{} is {now} now, not {}", flip.name, flip.from)),
            None => return Err(format!("the state of {} is not known now, or endpoints disagree", flip.name)),
        }
    }
    Ok(())
}

/// Judges a rejection.
///
/// # Errors
/// Why it does not count.
pub fn reject(w: &World<'_>, by: &PersonName, digest: &Digest, reason: &str) -> Result<Record, String> {
    let change = w.changes.get(digest).ok_or("no such change")?;
    if reason.trim().is_empty() {
        return Err("a rejection needs a reason".into());
    }
    match closed(w, change) {
        Some(why) => Err(why),
        None => Ok(Record::Rejected { change: *digest, by: by.clone(), reason: reason.trim().to_owned() }),
    }
}

/// Judges a withdrawal.
///
/// # Errors
/// Why it does not count.
pub fn withdraw(w: &World<'_>, by: &PersonName, digest: &Digest) -> Result<Record, String> {
    let change = w.changes.get(digest).ok_or("no such change")?;
    if *by != change.text.by {
        return Err(format!("only {}, who asked for it, can withdraw it", change.text.by));
    }
    match closed(w, change) {
        Some(why) => Err(why),
        None => Ok(Record::Withdrawn { change: *digest, by: by.clone() }),
    }
}
