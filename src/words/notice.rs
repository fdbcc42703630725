//! What a notice says about a record, after the occasion and the word code, which the notice adds itself.

use super::context::size;
use super::outcome::{other_estate, voided};
use super::record::began;
use super::{Context, Length, flip_end, launch_end, launched, settled, span};
use crate::change::{Change, State};
use crate::estate::Estate;
use crate::record::Record;

/// What a notice says about a record to people elsewhere; none if there is nothing to notify. `change` is its state
/// with the record.
#[must_use]
pub fn notice(record: &Record, estate: &Estate, change: Option<&Change>) -> Option<String> {
    match record {
        Record::SessionStarted { name, session, participants, since, .. } => {
            let with = if participants.is_empty() { String::new() } else { format!(", {}", participants.join(", ")) };
            let since = began(*since, &Context::of(estate, change));
            Some(format!("{} {name}{since}{with}", session.words()))
        }
        Record::SessionEnded { .. } => Some("it is over".to_owned()),
        Record::ApprovalRefused { why, .. } => Some(why.clone()),
        Record::MovedElsewhere { .. } => Some(super::told(record, &Context::of(estate, change), Length::Line).text),
        record => of_change(record, estate, change?),
    }
}

/// What is left of the window that a change waits in, for the people who can still use it. `left` as it is shown there.
/// None where it waits for nobody.
#[must_use]
pub fn closes(change: &Change, left: &str) -> Option<String> {
    let (code, by) = (change.digest.words(), &change.text.by);
    match change.state {
        State::Proposed => Some(format!("{left} left to approve {code}, which {by} asks for")),
        State::Approved => Some(format!("{left} left for {by} to turn the second key of {code}")),
        _ => None,
    }
}

fn of_change(record: &Record, estate: &Estate, change: &Change) -> Option<String> {
    let (ctx, whole) = (Context::of(estate, Some(change)), Length::Whole);
    let (title, policy) = (&change.text.title, &estate.policy);
    let needs = change.needed(estate);
    let text = match record {
        Record::Proposed { .. } => {
            let needed = if needs == 1 { "approval is needed" } else { "approvals are needed" };
            let within = span(policy.proposal_expires);
            return Some(format!(
                "{title}{}, “{}”; {needs} {needed} within {within}",
                size(&change.text),
                change.text.reason
            ));
        }
        Record::Approved { .. } if change.state == State::Approved => {
            let within = span(policy.second_key_within);
            return Some(format!("{title}; {} turns the second key within {within}", change.text.by));
        }
        Record::Approved { .. } => return Some(format!("{title}; {} of {needs} approvals", change.met(estate))),
        Record::Rejected { reason, .. } => return Some(format!("{title}, “{reason}”")),
        Record::Withdrawn { .. } => return Some(title.clone()),
        Record::Expired { why, .. } => format!("expired: {why}"),
        Record::Voided { moved, .. } => voided(moved, &ctx),
        Record::EstateChanged { differs, .. } => format!("void: {}", other_estate(differs)),
        Record::Intent { .. } => {
            format!("it is being sent to {}", super::Service::of(&change.text.work).name())
        }
        Record::Called { .. } if change.state.has_begun() && !change.state.is_running() => super::ended(change, estate),
        Record::Called { call, of, outcome, .. } => {
            format!("call {call} of {of} {}", flip_end(&outcome.end, &ctx, whole))
        }
        Record::Outcome { outcome, .. } => flip_end(&outcome.end, &ctx, whole),
        Record::LaunchAnswered { answer, .. } => launch_end(answer, whole),
        Record::Launched { job, servers, failed, .. } => launched(job, *servers, failed, whole),
        Record::Settled { done, endpoints, .. } => {
            let follows = if *done && change.text.moves_traffic() { "; traffic follows" } else { "" };
            format!("{}{follows}", settled(*done, endpoints, &ctx, whole))
        }
        Record::TrafficMoved { how, .. } => how.clone(),
        _ => return None,
    };
    Some(format!("{title}: {text}"))
}
