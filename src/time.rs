//! When something happened, by both clocks.
//!
//! The wall clock is for people, for AWS's own timestamps and for what was signed. The boot clock measures, so that a
//! clock that is wrong, or is set right meanwhile, widens nothing. If both clocks can tell, both must agree.

/// Writes a span as an estate file does: `10m`, `1h 30m`.
pub(crate) use jiff::fmt::serde::duration::friendly::compact::required as as_written;
pub use jiff::{SignedDuration as Span, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// How a moment of the wall clock is written in JSON.
pub(crate) struct MomentText;

impl JsonSchema for MomentText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "A moment by the wall clock, UTC, RFC 3339."
        })
    }
}

/// How far two clocks may differ that are both called right.
const SKEW: Span = Span::from_mins(2);

/// How far two programs' clocks may differ that write down the same moment.
pub(crate) const SAME_MOMENT: Span = Span::from_secs(5);

/// The age, by this clock, of a moment from another clock. None if it is in the future: then either clock, or the
/// moment, is wrong, and "just now" would be a guess.
#[must_use]
pub fn age(at: Timestamp, now: Timestamp) -> Option<Span> {
    let age = now.duration_since(at);
    (age >= -SKEW).then(|| age.max(Span::ZERO))
}

/// A moment by the wall clock and by the machine's boot clock, which runs on while it sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// Time since this machine booted: survives a restart of the program, not of the machine.
    pub mono: Span,
    /// Wall clock time, UTC.
    pub wall: Timestamp,
}

impl Stamp {
    /// How long after `earlier` this is, by the boot clock. Means something only of two stamps of the same boot:
    /// of records, which may be of several, ask their [`Moment`]s.
    #[must_use]
    pub fn since(&self, earlier: Stamp) -> Span {
        self.mono.saturating_sub(earlier.mono)
    }

    /// How long after `earlier` this is; none if it is before it by more than programs that write at the same time can
    /// explain. Then a clock was set, and nothing is known.
    #[must_use]
    pub fn passed_since(&self, earlier: Stamp) -> Option<Span> {
        let span = self.since(earlier);
        (span >= -SAME_MOMENT).then_some(span.max(Span::ZERO))
    }

    /// The moment that was `span` before this one, by both clocks.
    #[must_use]
    pub fn back(&self, span: Span) -> Stamp {
        Stamp { mono: self.mono.saturating_sub(span), wall: self.wall.checked_sub(span).unwrap_or(self.wall) }
    }

    /// This moment moved by `span` on both clocks.
    #[must_use]
    pub fn plus(&self, span: Span) -> Stamp {
        Stamp { mono: self.mono.saturating_add(span), wall: self.wall.checked_add(span).unwrap_or(self.wall) }
    }
}

/// The furthest back that somebody may say something began.
const LONGEST_AGO: Span = Span::from_hours(7 * 24);

/// The moment meant by somebody who says how long ago it was, or at which time of day: `12`, `12 min`, `1h 5m ago`,
/// `11:09`, `11:09:30Z`. A number alone is minutes; a time of day is UTC, today's, or yesterday's if that is nearer.
///
/// # Errors
/// In words, if it cannot be understood, is in the future, or was more than a week ago.
pub fn moment_of(said: &str, now: Timestamp) -> Result<Timestamp, String> {
    let said = said.trim();
    // Spans may have colons too. Whoever types one here means a time of day: a slip must not become hours ago.
    let at = if said.contains(':') {
        time_of_day(said, now)?
    } else {
        let span = span_ago(said)?;
        now.checked_sub(span).map_err(|_| format!("`{said}` is too long ago"))?
    };
    may_have_been(at, now)?;
    Ok(at)
}

/// A point in time that has passed, as people write it: `2026-12-01T03:10Z`, `11:09`, `12 min`, `1 h 5 min ago`.
///
/// # Errors
/// In words, why it is none.
pub fn point_of(said: &str, now: Timestamp) -> Result<Timestamp, String> {
    let said = said.trim();
    // `1h-ago` is one word for a shell.
    if !said.contains('T') {
        return moment_of(&said.replace("-ago", " ago"), now);
    }
    let at = said.parse().map_err(|_| format!("`{said}` is no time: say 2026-12-01T03:10Z, with the zone"))?;
    if at > now { Err(format!("{at} has not come yet")) } else { Ok(at) }
}

/// `12`, `12 min`, `1h 5m ago`.
fn span_ago(said: &str) -> Result<Span, String> {
    let ago = said.strip_suffix("ago").unwrap_or(said).trim();
    let number = !ago.is_empty() && ago.bytes().all(|b| b.is_ascii_digit());
    // `1109` may be 18 hours in minutes, or a time of day without its colon.
    if number && (ago.len() > 3 || (ago.len() > 1 && ago.starts_with('0'))) {
        return Err(format!("`{said}` may be minutes or a time of day: say {ago} min, or 11:09 (UTC)"));
    }
    let written = if number { format!("{ago} min") } else { ago.to_owned() };
    let days = |span: jiff::Span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours());
    let span = written.parse().and_then(days);
    span.map_err(|_| format!("`{said}` is no moment that has passed: say 12 min, 1 h 5 min, or 11:09 (UTC)"))
}

/// Whether somebody may say now that something was at a moment: it has passed, and not more than a week ago.
///
/// # Errors
/// In words, why not.
pub fn may_have_been(at: Timestamp, now: Timestamp) -> Result<(), String> {
    match now.duration_since(at) {
        ahead if ahead.is_negative() => Err("that moment has not come yet".into()),
        ago if ago > LONGEST_AGO => Err("that is more than a week ago".into()),
        _ => Ok(()),
    }
}

/// `11:09` or `11:09:30`, UTC: today's, or yesterday's if that is nearer.
fn time_of_day(said: &str, now: Timestamp) -> Result<Timestamp, String> {
    const DAY: i64 = 24 * 60 * 60;
    let wrong = |what: &str| format!("`{said}` is no time of day: {what}");
    let unlike = || wrong("say 11:09 or 11:09:30 (UTC), or how long ago, such as 1 h 5 min");
    let clock = said.strip_suffix(['Z', 'z']).unwrap_or(said).trim();
    let (hours, rest) = clock.split_once(':').ok_or_else(unlike)?;
    let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "00"));
    let part = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        let digits = lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<i64>().ok().filter(|_| digits).ok_or_else(unlike)
    };
    let (hours, minutes, seconds) = (part(hours, 1..=2)?, part(minutes, 2..=2)?, part(seconds, 2..=2)?);
    for (number, most, what) in [(hours, 23, "hours"), (minutes, 59, "minutes"), (seconds, 59, "seconds")] {
        if number > most {
            return Err(wrong(&format!("its {what} are {number}, and {most} at most")));
        }
    }
    let time = hours * 3600 + minutes * 60 + seconds;
    let midnight = now.as_second() - now.as_second().rem_euclid(DAY);
    let at = |second: i64| Timestamp::from_second(second).map_err(|_| unlike());
    let today = at(midnight + time)?;
    // Shortly after midnight, 23:50 was yesterday. At noon it is still to come, and nobody means yesterday's.
    let late = today.duration_since(now) < Span::from_secs(DAY / 2);
    if today <= now || late { Ok(today) } else { at(midnight + time - DAY) }
}

/// A stamp, and the boot that its boot clock counts from: what a record has. Two of them can be compared even if they
/// are from different boots or machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Both clocks.
    pub stamp: Stamp,
    /// The boot of the machine that `stamp.mono` belongs to.
    pub boot: String,
}

/// A [`Moment`] by the clocks of the program that hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Here {
    /// When it was.
    pub at: Stamp,
    /// By then it surely had been, whatever the clock of the machine that wrote it showed. What is read after this was
    /// read after it.
    pub surely: Stamp,
}

/// How much time lies between two moments. Either is below zero where the later moment is the earlier one by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// By the boot clock; none where the moments are of different boots.
    pub by_boot: Option<Span>,
    /// By the wall clock, which may have been set meanwhile.
    pub by_wall: Span,
}

impl Moment {
    /// This moment by the clocks of a program that hears of it at `now`, in `boot`. One of another boot, or of a clock
    /// that counts otherwise, is only known by the wall clock, and two machines' wall clocks may differ.
    #[must_use]
    pub fn here(&self, boot: &str, now: Stamp) -> Here {
        let ahead = self.stamp.mono > now.mono.saturating_add(SAME_MOMENT);
        if self.boot == boot && !ahead {
            return Here { at: self.stamp, surely: self.stamp };
        }
        // Below zero where a clock was set: then nothing that is measured from it is known.
        let ago = now.wall.duration_since(self.stamp.wall);
        let surely = ago.saturating_sub(SKEW).max(Span::ZERO);
        let back = |ago: Span| now.mono.saturating_sub(ago);
        Here {
            at: Stamp { mono: back(ago), wall: self.stamp.wall },
            surely: Stamp { mono: back(surely), wall: self.stamp.wall },
        }
    }

    /// How long after `earlier` this is.
    #[must_use]
    pub fn since(&self, earlier: &Moment) -> Passed {
        let same = self.boot == earlier.boot;
        Passed {
            by_boot: same.then(|| self.stamp.since(earlier.stamp)),
            by_wall: self.stamp.wall.duration_since(earlier.stamp.wall),
        }
    }

    /// Whether this is at most `window` after `earlier`, by every clock that can tell: both within one boot, only the
    /// wall clock across two. A moment more than `slack` before `earlier` came from another clock and tells nothing: it
    /// is outside.
    #[must_use]
    pub fn within(&self, earlier: &Moment, window: Span, slack: Span) -> bool {
        let inside = |passed: Span| passed >= -slack && passed <= window;
        let passed = self.since(earlier);
        inside(passed.by_wall) && passed.by_boot.is_none_or(inside)
    }
}
