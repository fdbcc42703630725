//! Results of what was sent.

use std::collections::BTreeMap;

use super::state::shown_by;
use super::{Context, Length, Severity};
use crate::change::{ChangeText, Flip, NotDone, batches};
use crate::estate::{ControlArn, ControlState, Region, RuleKind};
use crate::event::{FlipEnd, LaunchEnd, Refusal, RefusalKind};

/// Why nothing is begun after a signal.
#[must_use]
pub fn ended_by_signal() -> &'static str {
    "a signal ended this command before it had done anything; nothing was changed"
}

/// The word that an attempt's end begins with: the same as that of the state it leads to.
#[must_use]
pub fn flip_word(end: &FlipEnd) -> &'static str {
    match end {
        FlipEnd::Applied { .. } => "applied",
        FlipEnd::Refused(_) => "refused",
        FlipEnd::Moved(_) => "void",
        FlipEnd::Denied(_) | FlipEnd::Uncertain => "uncertain",
        FlipEnd::Unreachable | FlipEnd::TooLate => "not applied",
    }
}

/// How an attempt to change routing controls ended.
#[must_use]
pub fn flip_end(end: &FlipEnd, ctx: &Context<'_>, length: Length) -> String {
    let word = flip_word(end);
    match end {
        FlipEnd::Applied { endpoint } if length == Length::Short => format!("{word} through {endpoint}"),
        FlipEnd::Applied { endpoint } => format!("{word}: routing controls changed through {endpoint}"),
        FlipEnd::Refused(refusal) => {
            let refused = refused(refusal, ctx);
            match length {
                Length::Short => refused,
                Length::Line => format!("{refused}, nothing changed: {}", refusal.message),
                Length::Whole => {
                    format!("{refused}, nothing changed: {}. Now: {}", refusal.message, remedy(refusal, ctx))
                }
            }
        }
        FlipEnd::Denied(refusal) => {
            let refused = format!("{word}: {}", refused(refusal, ctx));
            let read = "the controls are being read to see whether it took effect anyway";
            match length {
                Length::Short => refused,
                Length::Line => format!("{refused} ({}); {read}", refusal.message),
                Length::Whole => format!("{refused} ({}); {read}, do not repeat it", refusal.message),
            }
        }
        FlipEnd::Moved(moved) => {
            let found = if moved.is_empty() || length == Length::Short {
                String::new()
            } else {
                format!(" ({})", ctx.found(moved))
            };
            format!("{word}: controls were not in their expected states{found}; nothing was sent")
        }
        FlipEnd::Uncertain if length == Length::Whole => {
            format!("{word}: no endpoint confirmed it; the states are being read, do not repeat it")
        }
        FlipEnd::Uncertain => format!("{word}: no endpoint confirmed it"),
        FlipEnd::Unreachable => format!("{word}: {}", not_done(&NotDone::Unreachable)),
        FlipEnd::TooLate => format!("{word}: {}", not_done(&NotDone::TooLate)),
    }
}

/// `refused by ARC under safety rule failover-allowed`; an endpoint that failed has refused nothing.
pub(super) fn refused(refusal: &Refusal, ctx: &Context<'_>) -> String {
    if refusal.is_failure() {
        return "the endpoint failed to carry it out".to_owned();
    }
    if refusal.kind == RefusalKind::NoCredentials {
        return "not sent: there were no AWS credentials".to_owned();
    }
    let rule = refusal.rule.as_ref().map(|arn| format!(" under safety rule {}", ctx.rule(arn)));
    format!("refused by ARC{}", rule.unwrap_or_default())
}

/// What the operator can do after a refusal, by the name of what refused.
#[must_use]
pub fn remedy(refusal: &Refusal, ctx: &Context<'_>) -> String {
    let rule = refusal.rule.as_ref().and_then(|arn| ctx.estate?.rule(arn));
    let Some((rule, RuleKind::Gating { gating, .. })) = rule.map(|r| (r, &r.kind)) else {
        return kind_remedy(refusal.kind).to_owned();
    };
    let names: Vec<&str> = gating.iter().map(|arn| ctx.control(arn)).collect();
    let state = if rule.inverted { ControlState::Off } else { ControlState::On };
    format!(
        "turn {} {state} first, as a change of its own, and propose again; or propose again with the rule overridden",
        names.join(", ")
    )
}

fn kind_remedy(kind: RefusalKind) -> &'static str {
    match kind {
        RefusalKind::SafetyRule => {
            "change what is asked, wait for the rule's wait period, or propose again with the rule overridden"
        }
        RefusalKind::Conflict => "look at the controls as they are now and propose again",
        RefusalKind::Throttled => "wait a few seconds and propose again",
        RefusalKind::Unavailable => "propose again: the next change may find an endpoint that takes it",
        RefusalKind::AccessDenied => "check the credentials: UpdateRoutingControlState(s) must be allowed",
        RefusalKind::NoCredentials => "sign in to AWS, and propose again",
        RefusalKind::Clock => "set this machine's clock by NTP (`timedatectl set-ntp true`) and propose again",
        RefusalKind::Validation => "check the control ARNs in the estate file",
        RefusalKind::NotFound => "check the control ARNs in the estate file: ARC does not know one of them",
        RefusalKind::LimitExceeded => "propose fewer controls at once",
    }
}

/// The word that an answer to a launch begins with.
#[must_use]
pub fn launch_word(end: &LaunchEnd) -> &'static str {
    match end {
        LaunchEnd::Started { .. } => "launching",
        LaunchEnd::Uncertain { .. } => "uncertain",
        LaunchEnd::NotSent { .. } => "not applied",
    }
}

/// What DRS answered to a launch.
#[must_use]
pub fn launch_end(end: &LaunchEnd, length: Length) -> String {
    let word = launch_word(end);
    match end {
        LaunchEnd::Started { job } => format!("{word}: DRS has taken it on as {job}"),
        LaunchEnd::Uncertain { .. } if length == Length::Short => format!("{word}: DRS did not confirm it"),
        LaunchEnd::Uncertain { why } if length == Length::Line => format!("{word}: DRS did not confirm it ({why})"),
        LaunchEnd::Uncertain { why } => {
            format!("{word}: DRS did not confirm it ({why}); its job is looked for, do not repeat it")
        }
        LaunchEnd::NotSent { why } => format!("{word}: {}", not_done(&NotDone::NotSent(why.clone()))),
    }
}

/// How a call ended, in a few words and without names.
fn short_end(end: &FlipEnd) -> String {
    match end {
        FlipEnd::Refused(refusal) | FlipEnd::Denied(refusal) => refusal.message.clone(),
        end => flip_end(end, &Context::default(), Length::Short),
    }
}

/// Why a change that was sent, or was to be, did not happen.
#[must_use]
pub fn not_done(why: &NotDone) -> String {
    match why {
        NotDone::TooLate => "the journal took longer than the second key's window; nothing was sent".to_owned(),
        NotDone::Unreachable => "no cluster endpoint could be reached; nothing was sent".to_owned(),
        NotDone::NotSent(why) => format!("nothing was sent: {why}"),
        NotDone::NoJob => "DRS was asked again and shows no job of it; if one appears, a console follows it".to_owned(),
        NotDone::Failed(said) => format!(
            "the endpoint failed ({said}), and the controls were read in their old states: it did not happen; another \
             endpoint may take it"
        ),
        NotDone::OldStates => "the controls were read in their old states: it did not happen".to_owned(),
        NotDone::Neither => {
            "the controls are in neither the old nor the new states: somebody moved one, and no read can show \
                             whether it took effect. Look at them, and propose what is needed"
                .to_owned()
        }
        NotDone::Partly { moved, left, end } => {
            let why = end.as_ref().map_or_else(String::new, |end| format!(" ({})", short_end(end)));
            format!("stopped half-way{why}. MOVED: {}. NOT MOVED: {}", moved.join(", "), left.join(", "))
        }
        NotDone::TakenBack(endpoint) => format!(
            "{endpoint} confirmed it, and the controls are in their old states all the same: somebody may have taken \
             it back"
        ),
    }
}

/// That controls were moved by somebody else before a change was sent.
pub(super) fn voided(moved: &BTreeMap<ControlArn, ControlState>, ctx: &Context<'_>) -> String {
    let found = if moved.is_empty() { String::new() } else { format!(" ({})", ctx.found(moved)) };
    format!("void: somebody moved a control{found}; nothing was sent")
}

/// That the estate is another one than a change was proposed with, and in what.
pub(super) fn other_estate(differs: &[String]) -> String {
    let what = if differs.is_empty() { String::new() } else { format!(": {}", differs.join("; ")) };
    format!("the estate is not the one that it was proposed with{what}")
}

/// The word for what reading settled: that of the state it leads to.
#[must_use]
pub fn settled_word(done: bool, ctx: &Context<'_>) -> &'static str {
    match (done, ctx.denied()) {
        (true, _) => "verified",
        (false, Some(_)) => "refused",
        (false, None) => "not applied",
    }
}

/// That some of a change's calls are in force and the rest is not.
pub(super) fn half_done(ctx: &Context<'_>, in_force: usize, end: Option<&FlipEnd>) -> String {
    let all = batches::batches(ctx.change.map(ChangeText::flips).unwrap_or_default());
    let (moved, left) = all.split_at(in_force.min(all.len()));
    let named = |some: &[Vec<Flip>]| some.iter().flatten().map(|f| format!("{} {}", f.name, f.to)).collect();
    let end = end.cloned().map(Box::new);
    format!("half done: {}", not_done(&NotDone::Partly { moved: named(moved), left: named(left), end }))
}

/// What reading settled.
#[must_use]
pub fn settled(done: bool, endpoints: &[Region], ctx: &Context<'_>, length: Length) -> String {
    let word = settled_word(done, ctx);
    let flips = ctx.change.map(ChangeText::flips).unwrap_or_default();
    let all = batches::batches(flips);
    let in_force = ctx.calls + usize::from(done);
    if all.len() > 1 && in_force > 0 && in_force < all.len() && (done || endpoints.is_empty()) {
        return half_done(ctx, in_force, ctx.outcome.map(|o| &o.end).filter(|_| !done));
    }
    let launch = ctx.change.is_some_and(|c| c.launch().is_some());
    match (done, ctx.confirmed()) {
        _ if length == Length::Short => word.to_owned(),
        (true, _) if launch => format!("{word}: DRS has its job"),
        (true, wrote) => format!("{word}: {}", shown_by(endpoints, wrote)),
        (false, _) if launch => format!("{word}: {}", not_done(&NotDone::NoJob)),
        (false, _) if !endpoints.is_empty() => format!("{word}: {}", not_done(&NotDone::Neither)),
        (false, Some(endpoint)) => format!("{word}: {}", not_done(&NotDone::TakenBack(endpoint.clone()))),
        (false, None) if ctx.denied().is_some() => {
            let by = ctx.denied().map(|refusal| refused(refusal, ctx)).unwrap_or_default();
            format!("{by}: {}", not_done(&NotDone::OldStates))
        }
        (false, None) if let Some(said) = ctx.failed() => {
            format!("{word}: {}", not_done(&NotDone::Failed(said.to_owned())))
        }
        (false, None) if ctx.change.is_none() => format!("{word}: it did not happen"),
        (false, None) => format!("{word}: {}", not_done(&NotDone::OldStates)),
    }
}

/// The end of a launch's job. One server that was not launched is enough for a failure, whatever the job's status says.
#[must_use]
pub fn launched(job: &str, servers: u32, failed: &[String], length: Length) -> String {
    let done = (servers as usize).saturating_sub(failed.len());
    let text = match failed {
        [] => format!("launched: {done} of {servers} servers"),
        _ => format!("launch failed: {done} of {servers} servers launched"),
    };
    match (length, failed) {
        (Length::Short, _) => text,
        (_, []) => format!("{text}, {job} is over"),
        (_, failed) => format!("{text}, {job} is over; FAILED: {}", failed.join(", ")),
    }
}

/// How much an attempt's end matters.
pub(super) fn flip_weight(end: &FlipEnd) -> Severity {
    match end {
        FlipEnd::Applied { .. } => Severity::Deed,
        FlipEnd::Moved(_) => Severity::Warn,
        FlipEnd::Refused(_) | FlipEnd::Denied(_) | FlipEnd::Uncertain | FlipEnd::Unreachable | FlipEnd::TooLate => {
            Severity::Bad
        }
    }
}

/// How much an answer to a launch matters.
pub(super) fn launch_weight(end: &LaunchEnd) -> Severity {
    match end {
        LaunchEnd::Started { .. } => Severity::Deed,
        LaunchEnd::Uncertain { .. } | LaunchEnd::NotSent { .. } => Severity::Bad,
    }
}
