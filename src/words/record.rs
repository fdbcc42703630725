//! A record as a line: of the timeline, the report, and the journal itself.

use super::context::size;
use super::outcome::{flip_weight, half_done, launch_weight, other_estate, voided};
use super::{Context, Length, Severity, flip_end, launch_end, launched, list, settled, time_of_day, who_moved};
use crate::change::ChangeText;
use crate::estate::{PairName, PersonName};
use crate::event::{FlipEnd, Via};
use crate::record::{Figures, Record, Tried};
use crate::time::Timestamp;

/// A record in words. Hidden characters are in it as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Who did it, or what says so: `alice`, `drs`.
    pub who: String,
    /// How much it matters.
    pub severity: Severity,
    /// What happened: follows `who`, with a colon if `who` did not do it.
    pub text: String,
    /// Whether `who` did it, so that the two make one sentence.
    pub deed: bool,
}

impl Told {
    fn deed(who: &impl ToString, text: String) -> Self {
        Self { who: who.to_string(), severity: Severity::Deed, text, deed: true }
    }

    fn says(who: &impl ToString, severity: Severity, text: String) -> Self {
        Self { who: who.to_string(), severity, text, deed: false }
    }

    fn ours(severity: Severity, text: String) -> Self {
        Self::says(&"signalbox", severity, text)
    }

    /// All of it as one sentence: `alice proposes …`, `arc: … applied: …`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let colon = if self.deed { "" } else { ":" };
        format!("{}{colon} {}", self.who, self.text)
    }
}

/// Whose name a refusal has. Most are made before anything is signed, and anybody's agent can list anybody's public key.
fn in_name(by: &PersonName) -> String {
    format!("requested as {by}")
}

/// What somebody tried to do, in words that fit behind "refused to".
#[must_use]
pub fn tried(what: &Tried) -> &str {
    match what {
        Tried::Propose => "propose a change",
        Tried::Approve => "approve a change",
        Tried::Reject => "reject a change",
        Tried::Withdraw => "withdraw a change",
        Tried::SecondKey => "run a change",
        Tried::Presence => "say who sits here",
        Tried::ProveKey => "prove a key",
        Tried::OpenConsole => "open a console",
        Tried::Begin => "begin an incident or a drill",
        Tried::End => "end an incident or a drill",
        Tried::Moment => "mark a moment",
        Tried::Note => "write a note",
        Tried::Told => "keep that people were told",
        Tried::Said(words) => words,
    }
}

/// A record in words.
#[must_use]
pub fn told(record: &Record, ctx: &Context<'_>, length: Length) -> Told {
    let (short, whole) = (length == Length::Short, length == Length::Whole);
    let code = record.change().map(|d| d.words()).unwrap_or_default();
    let of = if code.is_empty() { String::new() } else { format!(" ({code})") };
    let in_pair = |pair: &PairName| if whole { format!(" (pair {pair})") } else { String::new() };
    match record {
        Record::Proposed { text, .. } => proposed(text, ctx, length, &code),
        Record::ProposalRefused { by, title, why } => {
            Told::ours(Severity::Warn, format!("proposal refused ({title}), {}: {why}", in_name(by)))
        }
        Record::Approved { by, key, via, words, .. } => {
            let how = if whole { format!(", {}", via_words(*via)) } else { String::new() };
            let with = if short { String::new() } else { format!(" with key {key}{how}{}", quoted(words)) };
            Told::deed(by, format!("approves {code}{with}"))
        }
        Record::ApprovalRefused { via, why, .. } => {
            let how = if whole { format!("{of}, {}", via_words(*via)) } else { String::new() };
            Told::ours(Severity::Warn, format!("a signature does not count{how}: {why}"))
        }
        Record::Refused { by, what, why, .. } => {
            let by = by.as_ref().map(|by| format!(", {}", in_name(by))).unwrap_or_default();
            Told::ours(Severity::Warn, format!("refused to {}{of}{by}: {why}", tried(what)))
        }
        Record::Rejected { by, reason, .. } => Told::deed(by, format!("rejects {code}: “{reason}”")),
        Record::Withdrawn { by, .. } => Told::deed(by, format!("withdraws {code}")),
        Record::SecondKeyRefused { by, why, .. } => {
            Told::ours(Severity::Warn, format!("second key refused for {code}, {}: {why}", in_name(by)))
        }
        Record::Intent { by, .. } => {
            let to = ctx.service().map(|s| format!(" to {}", s.name())).unwrap_or_default();
            let next = if whole { format!(": it is about to be sent{to}") } else { String::new() };
            Told::deed(by, format!("turns the second key of {code}{next}"))
        }
        Record::Expired { .. }
        | Record::Voided { .. }
        | Record::EstateChanged { .. }
        | Record::Outcome { .. }
        | Record::Called { .. }
        | Record::LaunchAnswered { .. }
        | Record::Launched { .. }
        | Record::Settled { .. } => came_of(record, ctx, length, &code),
        Record::TierBack { tier, .. } => {
            let answer = if short { "" } else { ": its applications answer there" };
            let text = format!("the {} tier is back ({code}){answer}", tier.as_str());
            Told::ours(Severity::Good, text)
        }
        Record::TrafficMoved { .. } if short => Told::ours(Severity::Good, format!("traffic has moved ({code})")),
        Record::TrafficMoved { how, .. } => Told::ours(Severity::Good, format!("traffic has moved ({code}): {how}")),
        Record::Figures { figures, .. } => Told::ours(Severity::Info, format!("{code} begins with {}", known(figures))),
        Record::Step { pair, step, done } => {
            let what = if *done { "is done" } else { "begins" };
            Told::ours(Severity::Info, format!("step {step}, {}, {what}{}", super::step(*step), in_pair(pair)))
        }
        Record::Began { pair, since, planned, by, found } => {
            let what = match (by, planned) {
                (Some(by), _) => format!("begun by {by},"),
                (None, true) => "a planned move".to_owned(),
                (None, false) => "a failure".to_owned(),
            };
            let since = time_of_day(*since);
            let before = before(*found);
            Told::ours(Severity::Info, format!("the clock runs: {what} since {before}{since}Z{}", in_pair(pair)))
        }
        Record::Impaired { pair, region, since, found } => {
            let since = super::day(*since) + " " + &time_of_day(*since);
            Told::ours(Severity::Bad, format!("{region} is impaired since {}{since}Z{}", before(*found), in_pair(pair)))
        }
        Record::Recovered { pair, region } => {
            Told::ours(Severity::Good, format!("{region} is well again{}", in_pair(pair)))
        }
        Record::Over { pair } => {
            let what = "the clock stops: nothing fails any more and nothing is under way";
            Told::ours(Severity::Good, format!("{what}{}", in_pair(pair)))
        }
        Record::MovedElsewhere { control, from, to, since, found } => {
            let name = ctx.control(control);
            let who = if short { String::new() } else { format!("; {}", who_moved(control)) };
            // When it moved, and not when that is told: of two such lines the later movement holds.
            let at = ctx.time(*since);
            let text = match found {
                false => {
                    format!("routing control {name} was moved {from} → {to} at {at} by no change of this journal{who}")
                }
                true => format!(
                    "routing control {name} was moved {from} → {to} while no console watched, by no change of this \
                     journal; first seen at {at}{who}"
                ),
            };
            Told::says(&"arc", Severity::Bad, text)
        }
        Record::Controls { states } => {
            let which = if whole { format!(": {}", ctx.found(states)) } else { String::new() };
            Told::says(&"arc", Severity::Info, format!("first reading of {} routing controls{which}", states.len()))
        }
        Record::SessionStarted { pair, name, session, participants, since, by } => {
            let with = if participants.is_empty() { String::new() } else { format!(", with {}", list(participants)) };
            let since = began(*since, ctx);
            Told::deed(by, format!("begins {} {name}{}{since}{with}", session.words(), in_pair(pair)))
        }
        Record::SessionEnded { pair, by } => Told::deed(by, format!("ends it{}", in_pair(pair))),
        Record::Moment { pair, by, text, was } => {
            let was = was.map(|at| format!(" (it was {})", ctx.time(at))).unwrap_or_default();
            Told::says(by, Severity::Moment, format!("{text}{was}{}", in_pair(pair)))
        }
        Record::Seen { pair, source, text } => {
            let pair = pair.as_ref().map(in_pair).unwrap_or_default();
            Told::says(source, Severity::Info, format!("{text}{pair}"))
        }
        Record::Opened { version, estate, by } => {
            let by = by.as_ref().map(|b| format!(" by {b}")).unwrap_or_default();
            let what = if whole { format!(": signalbox {version}, estate {estate}") } else { String::new() };
            Told::ours(Severity::Info, format!("a console opened{by}{what}"))
        }
        Record::Estate { estate, .. } => {
            Told::ours(Severity::Info, format!("proposals from here on are bound to the estate of SHA-256 {estate}"))
        }
        Record::Present { by, key, .. } => Told::says(by, Severity::Info, format!("key {key} answered a challenge")),
    }
}

/// What a record says came of its change, without the change's name: `refused by ARC …`. None where it says nothing of
/// that.
#[must_use]
pub fn result(record: &Record, ctx: &Context<'_>) -> Option<String> {
    match record {
        Record::Rejected { by, reason, .. } => Some(format!("rejected by {by}: “{reason}”")),
        Record::Withdrawn { .. } => Some("withdrawn".to_owned()),
        record => outcome(record, ctx, Length::Line).map(|(_, text)| text),
    }
}

/// Records that say how a change went: `code outcome`, from whatever carried it out.
fn came_of(record: &Record, ctx: &Context<'_>, length: Length, code: &str) -> Told {
    let (severity, text) = outcome(record, ctx, length).unwrap_or((Severity::Info, String::new()));
    let who = match record {
        Record::LaunchAnswered { .. } | Record::Launched { .. } => "drs",
        Record::Outcome { .. } | Record::Called { .. } | Record::Settled { .. } => {
            ctx.service().map_or("arc", super::Service::source)
        }
        _ => "signalbox",
    };
    Told::says(&who, severity, format!("{code} {text}"))
}

fn outcome(record: &Record, ctx: &Context<'_>, length: Length) -> Option<(Severity, String)> {
    Some(match record {
        Record::Called { call, outcome, .. }
            if *call > 1
                && !matches!(outcome.end, FlipEnd::Applied { .. } | FlipEnd::Denied(_) | FlipEnd::Uncertain) =>
        {
            (Severity::Bad, half_done(ctx, call - 1, Some(&outcome.end)))
        }
        Record::Outcome { outcome, .. } | Record::Called { outcome, .. } => {
            let which = match record {
                Record::Called { call, of, .. } => format!("call {call} of {of} "),
                _ => String::new(),
            };
            let tries: Vec<_> =
                outcome.attempts.iter().map(|a| format!("{} {:#}: {}", a.endpoint, a.took, a.said)).collect();
            let tries = match tries.as_slice() {
                tries if length == Length::Whole && !tries.is_empty() => format!(" [{}]", tries.join("; ")),
                _ => String::new(),
            };
            (flip_weight(&outcome.end), format!("{which}{}{tries}", flip_end(&outcome.end, ctx, length)))
        }
        Record::LaunchAnswered { answer, .. } => (launch_weight(answer), launch_end(answer, length)),
        Record::Launched { job, servers, failed, .. } => {
            let severity = if failed.is_empty() { Severity::Good } else { Severity::Bad };
            (severity, launched(job, *servers, failed, length))
        }
        Record::Settled { done, endpoints, .. } => {
            let severity = if *done { Severity::Good } else { Severity::Bad };
            (severity, settled(*done, endpoints, ctx, length))
        }
        Record::Voided { moved, .. } => (Severity::Warn, voided(moved, ctx)),
        Record::EstateChanged { differs, .. } => (Severity::Warn, format!("void: {}", other_estate(differs))),
        Record::Expired { why, .. } => (Severity::Warn, format!("expired: {why}")),
        _ => return None,
    })
}

fn proposed(text: &str, ctx: &Context<'_>, length: Length, code: &str) -> Told {
    let parsed;
    let change = match ctx.change {
        Some(change) => change,
        None => match ChangeText::parse(text) {
            Ok(read) => {
                parsed = read;
                &parsed
            }
            Err(why) => return Told::ours(Severity::Warn, format!("a proposal that cannot be read ({why})")),
        },
    };
    let what = match length {
        Length::Short => String::new(),
        _ => format!(": {}{}, “{}”", change.title, size(change), change.reason),
    };
    Told::deed(&change.by, format!("proposes {code}{what}"))
}

fn quoted(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(", “{words}”") }
}

/// Since when something is said to run, behind its name; nothing where it began when that was said.
pub(super) fn began(since: Option<Timestamp>, ctx: &Context<'_>) -> String {
    since.map(|at| format!(", since {}", ctx.time(at))).unwrap_or_default()
}

/// Before the time at which something was so already.
fn before(found: bool) -> &'static str {
    if found { "before " } else { "" }
}

/// How a signature came.
fn via_words(via: Via) -> &'static str {
    match via {
        Via::Pasted => "pasted",
        Via::Console => "made at the approver's own console",
        Via::Folder => "found in the incident folder",
        Via::CommandLine => "given on the command line",
        Via::DemoPerson => "made by the demo's second person",
    }
}

fn known(f: &Figures) -> String {
    let lag = f.lags.iter().filter_map(|l| Some((l.seconds?, &l.system))).max_by(|a, b| a.0.total_cmp(&b.0));
    let lag = lag.map_or("no lag known".to_owned(), |(s, system)| format!("{s:.1} s behind at most ({system})"));
    format!("readiness {}, {} failed checks, {lag}", f.score, f.failed.len())
}
