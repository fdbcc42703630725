//! How a change stands.

use super::arrival::Progress;
use super::outcome::{other_estate, refused};
use super::update::begun;
use super::{Arrival, Context, Length, Service, Severity, list, not_done, remedy, span, time_of_day, undone, unproven};
use crate::change::{Change, NotDone, State};
use crate::estate::{Estate, Region};
use crate::event::FlipEnd;
use crate::time::Span;

/// How much a state matters.
#[must_use]
pub fn weight(state: &State) -> Severity {
    match state {
        State::Proposed | State::Approved | State::Executing | State::Applied { .. } | State::Launching { .. } => {
            Severity::Deed
        }
        State::Launched { failed, .. } if !failed.is_empty() => Severity::Bad,
        State::Verified { .. } | State::Launched { .. } => Severity::Good,
        State::Rejected { .. } | State::Withdrawn | State::Expired(_) | State::Void(_) | State::OtherEstate(_) => {
            Severity::Warn
        }
        State::Refused(_) | State::NotApplied(_) | State::Uncertain => Severity::Bad,
    }
}

/// How much a change matters by what is read now: a verified move is good news when its traffic has arrived, and none
/// when its controls were moved again.
#[must_use]
pub fn weight_now(state: &State, arrival: Option<&Arrival>) -> Severity {
    match arrival {
        Some(Arrival::Awaited(_)) => Severity::Deed,
        Some(Arrival::Undone(_)) => Severity::Warn,
        Some(Arrival::Arrived) | None => weight(state),
    }
}

/// How far a change has come, in a list or on a card: a move whose traffic has arrived is beyond *verified*.
#[must_use]
pub fn reached(state: &State, arrival: Option<&Arrival>) -> &'static str {
    match (state, arrival) {
        (_, Some(Arrival::Undone(_))) => "moved again",
        (State::Verified { moved: Some(_) }, _) => "traffic moved",
        (state, _) => state.word(),
    }
}

/// Who showed that it is in force, when that was settled: `us-west-2 and eu-west-1 showed the new states`. What the
/// endpoints show now is another fact.
fn evidence(change: &Change) -> String {
    let wrote = change.outcome.as_ref().and_then(|o| match &o.end {
        FlipEnd::Applied { endpoint } => Some(endpoint),
        _ => None,
    });
    shown_by(&change.shown, wrote)
}

/// Who showed the new states, besides the endpoint that took the write: that one shows what it was told.
pub(super) fn shown_by(shown: &[Region], wrote: Option<&Region>) -> String {
    let others: Vec<_> = shown.iter().filter(|region| Some(*region) != wrote).collect();
    match (others.as_slice(), wrote) {
        ([], Some(one)) if !shown.is_empty() => {
            format!("{one}, which took the write, showed the new states; no other endpoint did")
        }
        ([], _) => "no endpoint is on record that showed the new states".to_owned(),
        ([one], _) => format!("{one} showed the new states"),
        (several, _) => format!("{} showed the new states", list(several)),
    }
}

/// The state of a change that is no longer open, why, and what to do about it; follows its name, or `this change`.
#[must_use]
pub fn past(state: &State) -> String {
    match state {
        State::NotApplied(why @ NotDone::Partly { .. }) => {
            format!("was done in part: {}; propose what is left of it, or its undoing", not_done(why))
        }
        State::NotApplied(why) => format!("was not applied: {}; propose again", not_done(why)),
        state => state.past_words(),
    }
}

/// One phrase that begins with the state's own word, and says what to do next where a command ends with it.
#[must_use]
pub fn ended(change: &Change, estate: &Estate) -> String {
    let ctx = Context::of(estate, Some(change));
    let word = change.state.word();
    match &change.state {
        State::Proposed | State::Approved | State::Withdrawn => word.to_owned(),
        State::Executing if change.of_calls() > 1 => {
            format!("{word}: call {} of {} is being sent to ARC", change.calls + 1, change.of_calls())
        }
        State::Executing => format!("{word}: being sent to {}", Service::of(&change.text.work).name()),
        State::Applied { endpoint } => format!("{word}: {endpoint} confirmed it, the other endpoints are being read"),
        State::Uncertain if change.text.launch().is_some() => format!("{word}: DRS did not confirm it"),
        State::Uncertain if ctx.failed().is_some() => {
            format!("{word}: the endpoint failed to carry it out; reads must still show that nothing changed")
        }
        State::Uncertain => match ctx.denied() {
            Some(refusal) => format!("{word}: {}; reads must still show that nothing changed", refused(refusal, &ctx)),
            None => format!("{word}: no endpoint confirmed it"),
        },
        State::Verified { moved: Some(_) } => format!("{word}: traffic has moved to {}", change.text.receiving),
        State::Verified { moved: None } => format!("{word}: {}", evidence(change)),
        State::Launching { job } => format!("{word}: DRS has taken it on as {job}; the console follows it"),
        State::Launched { job, failed } if failed.is_empty() => format!("{word}: every server of it ({job})"),
        State::Launched { failed, .. } => {
            let n = failed.len();
            format!("{word}: {n} servers were NOT launched, whatever the job's status: {}", failed.join(", "))
        }
        State::Refused(refusal) => format!("{}; nothing changed", refused(refusal, &ctx)),
        // A refusal's own words begin with the word.
        State::NotApplied(why) if not_done(why).starts_with(word) => not_done(why),
        State::NotApplied(why) => format!("{word}: {}", not_done(why)),
        State::Rejected { by, reason } => format!("{word} by {by}: “{reason}”"),
        State::Expired(lapse) => format!("{word}: {lapse}"),
        State::Void(moved) => {
            format!("{word}: somebody moved a control meanwhile ({}); propose again", ctx.found(moved))
        }
        State::OtherEstate(differs) => format!("{word}: {}; propose again", other_estate(differs)),
    }
}

/// How far the traffic of a verified move is, and what is missing to the proof that it has arrived: `: 28 of 32 DNS …`.
fn lacking(change: &Change, arrival: Option<&Arrival>) -> (Progress, String) {
    let missing = match arrival {
        Some(Arrival::Awaited(missing)) => missing.as_slice(),
        Some(Arrival::Undone(_) | Arrival::Arrived) | None => &[],
    };
    let words = unproven(missing, &change.text.receiving, Length::Line);
    (Progress::of(missing), words.map_or_else(String::new, |words| format!(": {words}")))
}

/// A change's state in a sentence, for everybody, by what is read now. `left` is what its window still has.
#[must_use]
pub fn standing(change: &Change, estate: &Estate, left: Option<Span>, arrival: Option<&Arrival>) -> String {
    let ctx = Context::of(estate, Some(change));
    let name = change.digest.words();
    let text = &change.text;
    let needs = change.needed(estate);
    match &change.state {
        State::Proposed if change.approvals.is_empty() => format!(
            "change {name} by {} waits for {needs} {}: {}{}, because “{}”. Data: {}",
            text.by,
            if needs == 1 { "approval" } else { "approvals" },
            text.title,
            super::context::size(text),
            text.reason,
            text.loss
        ),
        State::Proposed => format!("change {name} has {} of {needs} approvals", change.met(estate)),
        State::Approved => {
            let who: Vec<_> = change.approvals.iter().map(|a| &a.by).collect();
            let left = left.map(|left| format!(" within {}", span(left))).unwrap_or_default();
            format!("change {name} is approved by {}; {} must turn the second key{left}", list(&who), text.by)
        }
        State::Executing => format!("change {name} is being sent to {}", Service::of(&text.work).name()),
        State::Launching { job } => format!("change {name} was taken on by DRS as {job}"),
        State::Launched { job, failed } if failed.is_empty() => {
            format!("change {name} is done: every server of it was launched ({job})")
        }
        State::Launched { job, failed } => {
            format!("change {name} FAILED for {}, although {job} is completed", failed.join(", "))
        }
        State::Applied { endpoint } => {
            format!("change {name} was taken by ARC's endpoint {endpoint}; the other endpoints are being read")
        }
        State::Verified { .. } if !text.moves_traffic() => {
            format!("change {name} is done: {}. No traffic moves by it", evidence(change))
        }
        State::Verified { .. } if let Some(Arrival::Undone(names)) = arrival => {
            format!("change {name} is not in force any more: {}", undone(names))
        }
        State::Verified { moved: None } => {
            let (progress, missing) = lacking(change, arrival);
            format!("change {name} is verified: {}. {}{missing}", evidence(change), begun(progress.said()))
        }
        State::Verified { moved: Some(_) } => format!("change {name} is done: traffic has moved to {}", text.receiving),
        State::Refused(refusal) => {
            let now = remedy(refusal, &ctx);
            format!("change {name} was {}, nothing changed: {}. Now: {now}", refused(refusal, &ctx), refusal.message)
        }
        State::NotApplied(why @ NotDone::Partly { .. }) => format!("change {name} is HALF done: {}", not_done(why)),
        State::NotApplied(why) => format!("change {name} was not carried out: {}", not_done(why)),
        State::Uncertain if text.launch().is_some() => {
            format!("whether change {name} happened is NOT known: DRS is asked for its job, and nothing is repeated")
        }
        State::Uncertain => {
            format!("whether change {name} happened is NOT known: the states are being read, and nothing is repeated")
        }
        State::Rejected { by, reason } => format!("change {name} was rejected by {by}: “{reason}”"),
        State::Withdrawn => format!("change {name} was withdrawn by {}", text.by),
        State::Expired(lapse) => format!("change {name} expired: {lapse}"),
        State::OtherEstate(differs) => format!("change {name} is void: {}", other_estate(differs)),
        State::Void(moved) => {
            format!("change {name} is void, because controls were moved meanwhile: {}", ctx.found(moved))
        }
    }
}

/// What a state means for people looking at the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The state and what it means.
    pub head: String,
    /// What belongs to it, a line each.
    pub details: Vec<String>,
    /// What can be done now.
    pub now: Option<String>,
}

/// What a state means by what is read now; none while it waits for people, because its clock says more.
#[must_use]
pub fn verdict(change: &Change, estate: &Estate, arrival: Option<&Arrival>) -> Option<Verdict> {
    let ctx = Context::of(estate, Some(change));
    let word = change.state.word().to_uppercase();
    let (mut details, mut now) = (Vec::new(), None);
    let head = match &change.state {
        State::Proposed | State::Approved => return None,
        State::Executing => {
            let to = Service::of(&change.text.work).name();
            format!("The call to {to} is under way. Whatever happens to this screen, the journal knows of it.")
        }
        State::Applied { endpoint } => format!("{endpoint} confirmed it. The other endpoints are being read back."),
        State::Verified { .. } if !change.text.moves_traffic() => {
            format!("DONE: {}. No traffic moves by it.", evidence(change))
        }
        State::Verified { moved } if let Some(Arrival::Undone(names)) = arrival => {
            let before = moved.map_or_else(
                || format!("It was verified: {}.", evidence(change)),
                |at| format!("Its traffic had moved to {} at {}Z.", change.text.receiving, time_of_day(at.wall)),
            );
            details.push(before);
            format!("NOT IN FORCE ANY MORE: {}.", undone(names))
        }
        State::Verified { moved: None } => {
            details.push(format!("Read back: {}.", evidence(change)));
            let (progress, missing) = lacking(change, arrival);
            format!("CONTROLS VERIFIED, {}{missing}.", progress.headline())
        }
        State::Verified { moved: Some(_) } if change.late => format!(
            "TRAFFIC HAS MOVED to {}: it was there when somebody looked. When it moved nobody saw.",
            change.text.receiving
        ),
        State::Verified { moved: Some(at) } => {
            // A clock that was set meanwhile measures nothing.
            let took = at.passed_since(change.proposed);
            let took = took.map_or_else(String::new, |took| format!(", {} after it was proposed", span(took)));
            format!("TRAFFIC HAS MOVED to {} at {}Z{took}.", change.text.receiving, time_of_day(at.wall))
        }
        State::Launching { job } => {
            format!("DRS has taken it on as {job}. Its servers are followed below, one by one.")
        }
        State::Launched { job, failed } if failed.is_empty() => {
            format!("{word}: every server of it runs in {} ({job}).", change.text.receiving)
        }
        State::Launched { job, failed } => {
            let names = failed.join(", ");
            format!("{word} for {}: {names}. {job} is COMPLETED all the same.", failed.len())
        }
        State::Uncertain if change.text.launch().is_some() => format!(
            "{word}. DRS did not confirm the launch: it may or may not have begun. Do not propose another one. Its job \
             is looked for by its tag; this line changes when it is found, or surely is not there."
        ),
        State::Uncertain if ctx.denied().is_some() => {
            let refusal = ctx.denied();
            details.extend(refusal.map(|refusal| format!("ARC says: {}", refusal.message)));
            let by = refusal.map(|refusal| refused(refusal, &ctx)).unwrap_or_default();
            format!(
                "{word}. The change was {by}. A refusal does not prove that nothing changed. The controls are read again \
                 and again; this line changes when the reads can no longer be stale. Do not propose another change."
            )
        }
        State::Uncertain if let Some(said) = ctx.failed() => {
            details.push(format!("the endpoint says: {said}"));
            format!(
                "{word}. The endpoint failed to carry the change out. A failure does not prove that nothing changed. The \
                 controls are read again and again; this line changes when the reads can no longer be stale. Do not \
                 propose another change."
            )
        }
        State::Uncertain => format!(
            "{word}. No endpoint confirmed the change: it may or may not have happened. Do not propose another one. The \
             states are being read again and again; this line changes when they are known."
        ),
        State::Refused(refusal) => {
            let by = refusal.rule.as_ref().map(|arn| format!(" under safety rule “{}”", ctx.rule(arn)));
            details.push(format!("ARC says: {}", refusal.message));
            now = Some(remedy(refusal, &ctx));
            format!("REFUSED BY ARC{}. Nothing was changed.", by.unwrap_or_default())
        }
        State::NotApplied(why) => format!("{word}: {}", not_done(why)),
        State::Rejected { by, reason } => format!("{by} rejected it: “{reason}”. It can never run."),
        State::Withdrawn => "Withdrawn. It can never run.".to_owned(),
        State::Expired(lapse) => format!("Expired: {lapse}. It can never run; propose it again."),
        State::OtherEstate(differs) => {
            details.clone_from(differs);
            format!("Void: {}. Nothing was sent; propose it again.", other_estate(&[]))
        }
        State::Void(moved) => format!(
            "Void: somebody moved a control meanwhile ({}). Nothing was sent; look again and propose anew.",
            ctx.found(moved)
        ),
    };
    Some(Verdict { head, details, now })
}
