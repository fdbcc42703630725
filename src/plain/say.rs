//! How a line is said: `18:42:01Z pair east, systems, failure: portal ALB in us-east-1 failed: 0/12 healthy`.
//!
//! Always the same order, words instead of signs, one line each: a screen reader reads it, `grep` finds it.

use crate::change::{Change, State};
use crate::estate::PairName;
use crate::hygiene::visible;
use crate::model::{Mark, Model, Severity, words};
use crate::time::Timestamp;

/// The longest line, in characters.
const LONGEST: usize = 2000;

/// A line with its time, who or what says it, and how much it matters in a word.
pub(super) fn line(at: Timestamp, who: &str, word: &str, text: &str) -> String {
    spoken(&format!("{}Z {who}, {word}: {text}", words::time_of_day(at)))
}

/// Who says something, with the pair in front where the estate has several.
pub(super) fn with_pair(model: &Model, pair: Option<&PairName>, who: &str) -> String {
    match pair {
        Some(pair) if model.estate.pairs.len() > 1 => format!("pair {pair}, {who}"),
        _ => who.to_owned(),
    }
}

/// A text as it is read aloud: on one line, nothing hidden, signs as words.
pub(super) fn spoken(text: &str) -> String {
    let text = visible(text)
        .replace(" → ", " to ")
        .replace("  ", " ")
        .replace(" · ", ", ")
        .replace(['“', '”'], "\"")
        .replace("…", "...")
        .replace(" – ", ", ");
    if text.chars().count() <= LONGEST {
        return text;
    }
    format!("{} (cut)", text.chars().take(LONGEST).collect::<String>())
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Good => "good",
        Severity::Deed | Severity::Moment => "action",
        Severity::Warn => "warning",
        Severity::Bad => "failure",
    }
}

/// How much a mark matters, in the words of [`severity`].
pub(super) fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Ok => "good",
        Mark::Unknown => "unknown",
        Mark::Warn => "warning",
        Mark::Fail => "failure",
    }
}

/// How much a change's state matters.
pub(super) fn state(state: &State) -> &'static str {
    match state {
        State::Proposed | State::Approved | State::Executing | State::Applied { .. } | State::Launching { .. } => {
            "action"
        }
        State::Launched { failed, .. } if !failed.is_empty() => "failure",
        State::Verified { .. } | State::Launched { .. } => "good",
        State::Rejected { .. } | State::Withdrawn | State::Expired(_) | State::Void(_) | State::OtherEstate(_) => {
            "warning"
        }
        State::Refused(_) | State::NotApplied(_) | State::Uncertain => "failure",
    }
}

/// A change's state in a sentence, for everybody.
pub(super) fn standing(model: &Model, change: &Change) -> String {
    let name = change.digest.words();
    let text = &change.text;
    let needs = change.needed(&model.estate);
    match &change.state {
        State::Proposed if change.approvals.is_empty() => {
            let size = match text.launch() {
                Some(_) => String::new(),
                None => format!(", {} controls", text.flips().len()),
            };
            format!(
                "change {name} by {} waits for {needs} {}: {}{size}, because “{}”. Data: {}",
                text.by,
                if needs == 1 { "approval" } else { "approvals" },
                text.title,
                text.reason,
                text.loss
            )
        }
        State::Proposed => format!("change {name} has {} of {needs} approvals", change.met(&model.estate)),
        State::Approved => {
            let who: Vec<_> = change.approvals.iter().map(|a| a.by.to_string()).collect();
            let left = model.window(change).map(|w| format!(" within {}", words::span(w.left))).unwrap_or_default();
            format!("change {name} is approved by {}; {} must turn the second key{left}", who.join(" and "), text.by)
        }
        State::Executing if text.launch().is_some() => format!("change {name} is being sent to DRS"),
        State::Executing => format!("change {name} is being sent to ARC"),
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
            format!("change {name} is done: {}. No traffic moves by it", change.shown_words())
        }
        State::Verified { moved: None } => {
            format!("change {name} is verified: {}. Traffic follows", change.shown_words())
        }
        State::Verified { moved: Some(_) } => format!("change {name} is done: traffic has moved to {}", text.receiving),
        State::Refused(r) => {
            format!("change {name} was refused by ARC, nothing changed: {}. Now: {}", r.message, model.remedy(r))
        }
        State::NotApplied(why) => format!("change {name} was not carried out: {why}"),
        State::Uncertain => {
            format!("whether change {name} happened is NOT known: the states are being read, and nothing is repeated")
        }
        State::Rejected { by, reason } => format!("change {name} was rejected by {by}: “{reason}”"),
        State::Withdrawn => format!("change {name} was withdrawn by {}", text.by),
        State::Expired(why) => format!("change {name} expired: {why}"),
        State::OtherEstate(differs) => {
            let what = if differs.is_empty() { String::new() } else { format!(": {}", differs.join("; ")) };
            format!("change {name} is void: the estate is not the one that it was proposed with{what}")
        }
        State::Void(moved) => {
            let moved: Vec<_> = moved
                .iter()
                .map(|(arn, state)| {
                    let name = model.estate.control(arn).map_or_else(|| arn.to_string(), |c| c.name.clone());
                    format!("{name} is {state}")
                })
                .collect();
            format!("change {name} is void, because controls were moved meanwhile: {}", moved.join(", "))
        }
    }
}
