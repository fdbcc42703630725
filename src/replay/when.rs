//! A place in a recording, as a person writes it.

use jiff::civil::Time;

use super::player::Player;
use crate::time::{Span, Timestamp};

/// A place in a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A time of day in UTC, as the screens show it.
    Day(Time),
    /// A moment.
    Moment(Timestamp),
    /// So long after the console opened, by its clock.
    After(Span),
    /// The last frame.
    End,
}

/// What is no place in a recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time: write 18:42:07, +4m30s, 2026-11-24T18:42:07Z, or end")]
pub struct WhenError(String);

impl std::str::FromStr for When {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, WhenError> {
        let text = text.trim();
        let wrong = || WhenError(crate::hygiene::visible(text).into_owned());
        if text == "end" {
            return Ok(When::End);
        }
        if let Some(after) = text.strip_prefix('+') {
            // With colons it is a time of day that went wrong, or a span whose minutes may be 61.
            let span = after.parse::<Span>().ok().filter(|_| !after.contains(':')).ok_or_else(wrong)?;
            return Ok(When::After(span.abs()));
        }
        if let Ok(moment) = text.parse() {
            return Ok(When::Moment(moment));
        }
        // jiff would read a whole date here, and drop it.
        let clock = text.strip_suffix('Z').unwrap_or(text);
        let plain = clock.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.')) && clock.contains(':');
        let padded = if clock.find(':') == Some(1) { format!("0{clock}") } else { clock.to_owned() };
        match padded.parse::<Time>() {
            Ok(time) if plain => Ok(When::Day(time)),
            _ => Err(wrong()),
        }
    }
}

impl When {
    /// The frame that was on the screen then: the first for a time before it, the last for one after the end.
    #[must_use]
    pub fn frame(self, player: &Player) -> usize {
        self.moment(player).map_or(player.last().number, |moment| player.at_time(moment).number)
    }

    /// The moment by the console's clock; none for the end.
    #[must_use]
    pub fn moment(self, player: &Player) -> Option<Timestamp> {
        let opened = player.opened();
        Some(match self {
            When::End => return None,
            When::Moment(moment) => moment,
            When::After(span) => opened.checked_add(span).unwrap_or(opened),
            When::Day(time) => {
                // The first time that the clock shows it: a recording may run past midnight.
                let begin = jiff::tz::TimeZone::UTC.to_datetime(opened);
                let of = |date: jiff::civil::Date| jiff::tz::TimeZone::UTC.to_timestamp(date.to_datetime(time)).ok();
                let today = of(begin.date());
                let tomorrow = begin.date().tomorrow().ok().and_then(of);
                let last = player.last().wall;
                match (today, tomorrow) {
                    (Some(today), Some(next)) if today < opened && next <= last => next,
                    (Some(today), _) => today,
                    (None, _) => opened,
                }
            }
        })
    }
}
