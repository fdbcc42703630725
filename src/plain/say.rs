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

/// A change's state in a sentence, for everybody.
pub(super) fn standing(model: &Model, change: &Change) -> String {
    let left = model.window(change).filter(|_| change.state == State::Approved).map(|w| w.left);
    crate::words::standing(change, &model.estate, left, model.arrival(change).as_ref())
}
