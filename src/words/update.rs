//! A status update for people who are elsewhere: lines that can be sent as they are.

use super::{at_least, began, clock, lasted, list, span, standing, time_of_day, unjudged};
use crate::change::{Change, State};
use crate::estate::{Estate, PairName, PersonName};
use crate::record::{Lasted, Since};
use crate::time::{Span, Stamp};

/// How soon people hear again while something goes on.
const NEXT: Span = Span::from_mins(15);

/// What a status update tells.
#[derive(Clone, Debug)]
pub struct Update<'a> {
    /// The estate that it is of.
    pub estate: &'a Estate,
    /// The pair.
    pub pair: &'a PairName,
    /// Who says so; none who looks on without a name.
    pub who: Option<&'a PersonName>,
    /// Now.
    pub at: Stamp,
    /// Whether all of it happens in a simulator.
    pub demo: bool,
    /// The named incident or drill that runs, in words.
    pub session: Option<String>,
    /// The sentence of the pair.
    pub sentence: String,
    /// The change that people wait for, and what is left of its window.
    pub change: Option<(&'a Change, Option<Span>)>,
    /// The clock of the incident.
    pub clock: Option<Clock>,
    /// Whether something goes on that people will ask about again.
    pub goes_on: bool,
}

/// The clock of an incident, and its RTO. A span is none where the clocks contradict each other.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// When it began.
    pub began: Since,
    /// How long it has lasted.
    pub lasted: Option<Lasted>,
    /// The tightest RTO of the pair's services.
    pub rto: Span,
    /// How much of it is used.
    pub used: Option<Lasted>,
    /// Whether applications answer again, so that it counts no more.
    pub back: bool,
    /// Whether it is over.
    pub over: bool,
}

impl Update<'_> {
    /// The lines; each is a sentence or several, so that they can stand in one line too.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let demo = if self.demo { "DEMO, not real. " } else { "" };
        let session = self.session.as_ref().map(|s| format!(", {s}")).unwrap_or_default();
        let (at, name, pair) = (time_of_day(self.at.wall), &self.estate.name, self.pair);
        let mut lines = vec![format!("{demo}Status at {at}Z, {name}, pair {pair}{session}."), self.sentence.clone()];
        lines.extend(self.change.map(|(change, left)| of_change(change, self.estate, left)));
        lines.push(self.clock.map_or_else(|| "No incident clock runs.".to_owned(), |c| c.words(self.at)));
        let who = self.who.map(|who| format!("From {who}.")).unwrap_or_default();
        let next = self.next().map(|next| format!("Next update by {next}.")).unwrap_or_default();
        lines.extend(Some(format!("{who} {next}").trim().to_owned()).filter(|line| !line.is_empty()));
        lines
    }

    /// By when people hear again, where something goes on: `18:57Z`.
    #[must_use]
    pub fn next(&self) -> Option<String> {
        let next = self.at.wall.checked_add(NEXT).ok().filter(|_| self.goes_on)?;
        Some(format!("{}Z", next.strftime("%H:%M")))
    }

    /// What the timeline keeps of it.
    #[must_use]
    pub fn sent(&self) -> String {
        let next = self.next().map(|next| format!("; the next one is due by {next}")).unwrap_or_default();
        format!("a status update was sent{next}")
    }
}

impl Clock {
    fn words(self, now: Stamp) -> String {
        let began = began(self.began, now);
        let at = if self.began.is_found() { "" } else { "at " };
        let clock_set = "how long is not known, because a clock was set";
        let how_long = match (self.lasted, self.over) {
            (None, _) => clock_set.to_owned(),
            (Some(long), false) => format!("{} ago", lasted(long, false)),
            (Some(long), true) => format!("and lasted {}", lasted(long, false)),
        };
        let rto = match self.used {
            None => "not known".to_owned(),
            Some(used) => {
                let (left, whole) = (self.rto - used.span, span(self.rto));
                let (least, most) = (at_least(used.at_least), if used.at_least { "at most " } else { "" });
                match (left.is_negative(), self.back) {
                    (true, true) => format!("missed by {least}{}", clock(-left, false)),
                    (true, false) => format!("past by {least}{}", clock(-left, false)),
                    (false, true) if used.at_least => format!("{} of {whole}", unjudged(used.span)),
                    (false, true) => format!("met, {} of {whole}", clock(used.span, false)),
                    (false, false) => format!("{most}{} of {whole} left", clock(left, false)),
                }
            }
        };
        format!("It began {at}{began}, {how_long}. RTO: {rto}.")
    }
}

/// What the sentence of the pair does not say of a change: its people, its window, and the data that it may lose.
fn of_change(change: &Change, estate: &Estate, left: Option<Span>) -> String {
    let (name, by, loss) = (change.digest.words(), &change.text.by, &change.text.loss);
    let left = left.map(|left| format!(", {} left", span(left))).unwrap_or_default();
    let who: Vec<_> = change.approvals.iter().map(|a| &a.by).collect();
    let said = match &change.state {
        State::Proposed => {
            let (met, needs) = (change.met(estate), change.needed(estate));
            format!("proposed by {by}, “{}”, has {met} of {needs} approvals{left}", change.text.reason)
        }
        State::Approved => format!("approved by {}, waits for {by}'s second key{left}", list(&who)),
        State::Executing | State::Applied { .. } | State::Verified { .. } if change.text.moves_traffic() => {
            format!("proposed by {by}, approved by {}", list(&who))
        }
        _ => {
            return full_stop(begun(&standing(change, estate, None, None)));
        }
    };
    format!("Change {name}: {said}. Data loss as judged when it was proposed: {}", full_stop(loss.clone()))
}

/// The beginning of a sentence.
pub(super) fn begun(text: &str) -> String {
    let mut all = text.chars();
    all.next().map(|first| first.to_uppercase().chain(all).collect()).unwrap_or_default()
}

fn full_stop(text: String) -> String {
    if text.ends_with(['.', '”', '!', '?']) { text } else { format!("{text}.") }
}
